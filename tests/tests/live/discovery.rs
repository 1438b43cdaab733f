//! From the name of a homeserver to where it is, with documents that are right and others.

use matrix_api::error::DiscoveryKind;
use matrix_api::{Client, Error, ErrorCode, json};
use matrix_api_tests::live::{Account, Live, PASSWORD};

use crate::{look, web};

/// A web server whose document leads there.
fn leads_to(url: &str) -> String {
    let document = json!({ "m.homeserver": { "base_url": url } });
    serve(&document.to_string())
}

/// The name of a web server with this document.
fn serve(document: &str) -> String {
    let file = ("/.well-known/matrix/client", "application/json", document.as_bytes().to_vec());
    name(&web::serve(vec![file]))
}

fn name(url: &str) -> String {
    url.replace("http://", "")
}

#[tokio::test]
async fn a_name_leads_to_its_server() {
    let live = Live::new("discovery::a_name_leads_to_its_server");
    let client = Client::discover(live.server_name()).await.unwrap();
    assert_eq!(client.base_url().as_str(), live.base_url());
    if !live.delegates_login() {
        let (user, password) = live.credentials(Account::Alice);
        client.login_password(user.as_str(), password).await.unwrap();
        assert_eq!(client.whoami().await.unwrap().user_id, user);
    }
    // A web server of another name may lead there as well.
    let client = Client::discover(leads_to(&format!("{}/", live.base_url()))).await.unwrap();
    assert_eq!(client.base_url().as_str(), live.base_url());
}

#[tokio::test]
async fn a_document_that_lies_is_found_out() {
    use DiscoveryKind::{BaseUrl, Document, NotAHomeserver};
    let live = Live::new("discovery::a_document_that_lies_is_found_out");
    let rows = [
        // A web server that is none, one that knows nothing at all, nobody, and what nobody may be sent to.
        (leads_to(&live.neighbours()), NotAHomeserver),
        (leads_to(&web::serve(Vec::new())), NotAHomeserver),
        (leads_to("http://127.0.0.1:9"), NotAHomeserver),
        (leads_to("http://matrix.example.org"), BaseUrl),
        (leads_to("not a URL"), BaseUrl),
        (serve(r#"{"m.homeserver":{}}"#), Document),
        (serve(r#"{"m.homeserver":{"base_url":"#), Document),
        // Nothing is published, and there is no homeserver either.
        (name(&live.neighbours()), NotAHomeserver),
    ];
    for (name, kind) in rows {
        let error = Client::discover(&*name).await.unwrap_err();
        let Error::Discovery(failed) = &error else { panic!("{name}: {error}") };
        assert_eq!((failed.kind(), failed.server_name()), (kind, &*name), "{error}");
    }
}

/// The server that it leads to is one, and not that of the name: it lets nobody of the name in.
#[tokio::test]
async fn a_document_of_somebody_elses_server_lets_nobody_in() {
    let live = Live::new("discovery::a_document_of_somebody_elses_server_lets_nobody_in");
    if live.delegates_login() {
        return;
    }
    let own = live.new_user().await.user_id().unwrap();
    let name = leads_to(&live.base_url());
    let client = Client::discover(&*name).await.unwrap();
    let user = format!("@{}:{name}", own.localpart().unwrap());
    look::refused(client.login_password(user, PASSWORD).await, 403, ErrorCode::Forbidden);
    assert_eq!(client.session(), None);
}
