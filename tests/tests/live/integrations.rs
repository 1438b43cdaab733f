//! An integration manager that has the homeserver vouch for its users.

use matrix_api::client_server::RequestOpenIdToken;
use matrix_api::error::IntegrationErrorKind::{self, NoManager, NotAManager, TermsNotSigned, TokenRefused};
use matrix_api::integration_manager::{IntegrationManager, IntegrationManagerBuilder, OpenidToken};
use matrix_api::{Error, ErrorKind, Result, UserId};
use matrix_api_tests::live::{Account, Live};
use matrix_api_tests::manager::{Manager, TERMS};

use crate::web;

/// A token of Alice's, and who she is.
async fn token(live: &Live) -> (UserId, OpenidToken) {
    let alice = live.login(Account::Alice).await;
    let user_id = alice.user_id().unwrap();
    let token = alice.send(RequestOpenIdToken::new(&user_id)).await.unwrap().token;
    (user_id, token)
}

fn local() -> IntegrationManagerBuilder {
    IntegrationManager::builder().allow_private_addresses(true).allow_http(true)
}

fn kind<T>(outcome: Result<T>) -> IntegrationErrorKind {
    match outcome {
        Err(Error::Integration(failed)) => failed.kind(),
        Err(error) => panic!("{error}"),
        Ok(_) => panic!("it went well"),
    }
}

#[tokio::test]
async fn from_discovery_to_logout() {
    let live = Live::new("integrations::from_discovery_to_logout");
    let (alice, openid) = token(&live).await;
    let service = Manager::start().await;
    let manager = local().discover(service.url().trim_start_matches("http://")).await.unwrap();
    assert_eq!(manager.client().base_url().as_str(), service.url());
    assert_eq!(manager.account().await.unwrap_err().kind(), ErrorKind::NotLoggedIn);

    let stored = manager.register(&openid).await.unwrap();
    assert_ne!(stored.expose(), openid.access_token.expose());
    assert_eq!(kind(manager.account().await), TermsNotSigned);
    // As Dimension does.
    assert_eq!(kind(manager.logout().await), TermsNotSigned);

    let terms = manager.terms().await.unwrap();
    let policy = &terms.policies["terms_of_service"];
    assert_eq!(
        (policy.version.as_str(), policy.name("en"), policy.url("en")),
        ("1.0", Some("Terms of Service"), Some(TERMS))
    );
    manager.accept(["https://manager.example.org/other"]).await.unwrap();
    assert_eq!(kind(manager.account().await), TermsNotSigned);
    manager.accept(policy.url("en")).await.unwrap();
    assert_eq!(manager.account().await.unwrap().user_id, alice);

    // Another process goes on with the stored token.
    let again = local().token(stored).at(service.url()).unwrap();
    assert_eq!(again.account().await.unwrap().user_id, alice);
    manager.logout().await.unwrap();
    assert_eq!(kind(again.account().await), TokenRefused);
    assert_eq!(service.logins(), 0);
}

#[tokio::test]
async fn whose_token_it_is() {
    let live = Live::new("integrations::whose_token_it_is");
    let (alice, openid) = token(&live).await;
    let service = Manager::start().await;
    let manager = local().at(service.url()).unwrap();
    // The terms stand before that, too.
    assert_eq!(kind(manager.verify(&openid).await), TermsNotSigned);
    manager.register(&openid).await.unwrap();
    manager.accept([TERMS]).await.unwrap();
    let logins = service.logins();
    assert_eq!(manager.verify(&openid).await.unwrap(), alice);
    // The verification has left no login behind, and the manager's own is still there.
    assert_eq!(service.logins(), logins);
    assert_eq!(manager.account().await.unwrap().user_id, alice);

    let made_up = OpenidToken::new("madeup", "Bearer", openid.matrix_server_name.clone(), 3600);
    assert_eq!(kind(manager.register(&made_up).await), TokenRefused);
    assert_eq!(manager.verify(&made_up).await.unwrap_err().kind(), ErrorKind::Rejected);
    // What the homeserver says of a token counts, not what the token says of the homeserver.
    let nobody = OpenidToken::new(openid.access_token.expose().as_str(), "Bearer", "localhost:9", 3600);
    assert_eq!(manager.verify(&nobody).await.unwrap_err().kind(), ErrorKind::Api);
    assert_eq!(manager.account().await.unwrap().user_id, alice);
}

#[tokio::test]
async fn no_manager_at_all() {
    let live = Live::new("integrations::no_manager_at_all");
    let (_, openid) = token(&live).await;
    // A homeserver is no manager, and neither is a web app that has a page for every path.
    let homeserver = live.base_url();
    assert_eq!(kind(local().discover(homeserver.trim_start_matches("http://")).await), NoManager);
    let error = local().at(&homeserver).unwrap().register(&openid).await.unwrap_err();
    assert_eq!((error.kind(), error.status().unwrap().as_u16()), (ErrorKind::Api, 404));
    let page = || b"<!doctype html>".to_vec();
    let app = web::serve(vec![
        ("/_matrix/integrations/v1/account/register", "text/html", page()),
        ("/.well-known/matrix/integrations", "text/html", page()),
    ]);
    assert_eq!(kind(local().discover(app.trim_start_matches("http://")).await), NoManager);
    assert_eq!(kind(local().at(&app).unwrap().register(&openid).await), NotAManager);
}
