//! An integration manager that follows a script, and a client that has to make sense of it.
#![cfg(all(feature = "client", feature = "integrations"))]

#[path = "client/server.rs"]
#[allow(dead_code, reason = "the client's own tests need more of it")]
mod server;

use std::error::Error as _;

use matrix_api::{
    Error, ErrorKind, Result,
    error::IntegrationErrorKind::{self, NoContent, NoManager, NotAManager, TermsNotSigned, TokenRefused},
    error::TransportKind,
    integration_manager::{IntegrationManager, OpenidToken},
};
use server::{Server, Step, json, with};

const ACCOUNT: &str = r#"{"user_id":"@alice:example.org","org.example.plan":"free"}"#;
const TERMS: &str = r#"{"policies":{"tos":{"version":"1.0","en":{"name":"Terms","url":"https://m.example/en"},
    "de":{"name":"Bedingungen","url":"https://m.example/de"}}}}"#;
const UNSIGNED: &str = r#"{"errcode":"M_TERMS_NOT_SIGNED","error":"canary"}"#;

fn openid() -> OpenidToken {
    OpenidToken::new("openid-canary", "Bearer", "example.org", 3600)
}

fn page() -> Step {
    with(200, &[("Content-Type", "text/html")], "<html>canary</html>")
}

fn nothing() -> Step {
    with(204, &[], "")
}

/// A manager of this machine with this script, and its client with a token from before.
async fn manager(script: impl IntoIterator<Item = Step>) -> (Server, IntegrationManager) {
    let server = Server::start(script).await;
    let builder = IntegrationManager::builder().allow_private_addresses(true).allow_http(true);
    let manager = builder.token("stored-canary").at(&format!("{}/api/v1/scalar", server.url)).unwrap();
    (server, manager)
}

fn kind<T>(outcome: Result<T>) -> IntegrationErrorKind {
    match outcome {
        Err(Error::Integration(failed)) => failed.kind(),
        Err(error) => panic!("{error}"),
        Ok(_) => panic!("it went well"),
    }
}

/// First line, `Authorization`, and body of every request.
fn asked(server: &Server) -> Vec<String> {
    let short = |request: String| {
        let (head, body) = request.split_once("\r\n\r\n").unwrap();
        let line = head.lines().next().unwrap().trim_end_matches(" HTTP/1.1");
        let token = head.lines().find_map(|line| line.strip_prefix("authorization: ")).unwrap_or("-");
        format!("{line} {token} {body}")
    };
    server.seen().into_iter().map(short).collect()
}

#[tokio::test]
async fn from_the_first_login_to_the_last_logout() {
    let script =
        [json(200, r#"{"token":"manager-canary"}"#), json(200, ACCOUNT), json(200, TERMS), json(200, "{}"), nothing()];
    let (server, manager) = manager(script).await;
    assert_eq!(manager.register(&openid()).await.unwrap().expose(), "manager-canary");
    let account = manager.account().await.unwrap();
    assert_eq!(account.user_id.as_str(), "@alice:example.org");
    assert_eq!(account.extra.get("org.example.plan").unwrap(), "free");
    let terms = manager.terms().await.unwrap();
    let policy = &terms.policies["tos"];
    assert_eq!((policy.name("de"), policy.url("de")), (Some("Bedingungen"), Some("https://m.example/de")));
    assert_eq!((policy.url("fr"), policy.url("version")), (None, None));
    manager.accept(policy.url("en")).await.unwrap();
    manager.logout().await.unwrap();
    assert_eq!(manager.account().await.unwrap_err().kind(), ErrorKind::NotLoggedIn);

    // The API is at the root, whatever path was named.
    let token = r#"{"access_token":"openid-canary","token_type":"Bearer","matrix_server_name":"example.org","expires_in":3600}"#;
    assert_eq!(
        asked(&server),
        [
            &*format!("POST /_matrix/integrations/v1/account/register - {token}"),
            "GET /_matrix/integrations/v1/account Bearer manager-canary ",
            "GET /_matrix/integrations/v1/terms - ",
            r#"POST /_matrix/integrations/v1/terms Bearer manager-canary {"user_accepts":["https://m.example/en"]}"#,
            "POST /_matrix/integrations/v1/account/logout Bearer manager-canary {}",
        ]
    );
}

#[tokio::test]
async fn each_way_to_fail_has_a_kind() {
    let rows = [
        // A page may be a proxy's, so it is asked for twice.
        (vec![page(), page()], NotAManager),
        (vec![json(404, "<html>")], NotAManager),
        (vec![json(401, r#"{"errcode":"M_INVALID_TOKEN"}"#)], TokenRefused),
        (vec![json(401, r#"{"errcode":"M_UNKNOWN","error":"Invalid token"}"#)], TokenRefused),
        (vec![json(401, "")], TokenRefused),
        (vec![json(403, r#"{"errcode":"M_UNKNOWN_TOKEN"}"#)], TokenRefused),
        (vec![json(403, UNSIGNED)], TermsNotSigned),
        (vec![nothing()], NoContent),
    ];
    for (script, expected) in rows {
        let (_, manager) = manager(script).await;
        let error = manager.account().await.unwrap_err();
        let text = format!("{error} {error:?}");
        assert!(text.contains("getIntegrationAccount: ") && !text.contains("canary"), "{text}");
        assert!(error.source().is_some() && error.status().is_some() && error.may_have_been_sent(), "{text}");
        assert_eq!(kind::<()>(Err(error)), expected, "{text}");
    }
    // What is not of a manager's own kind stays what it is everywhere.
    let rows = [
        (json(403, r#"{"errcode":"M_FORBIDDEN"}"#), ErrorKind::Api),
        (json(404, r#"{"errcode":"M_NOT_FOUND"}"#), ErrorKind::Api),
        (json(500, "<html>"), ErrorKind::Api),
        (json(200, r#"{"user":"@alice:example.org"}"#), ErrorKind::Decode),
        (json(200, &format!(r#"{{"user_id":"@a:b","x":"{}"}}"#, "x".repeat(70_000))), ErrorKind::Limit),
    ];
    for (step, expected) in rows {
        let (_, manager) = manager([step]).await;
        assert_eq!(manager.account().await.unwrap_err().kind(), expected);
    }
}

/// Whoever answers, and whether it is a refusal or not.
#[tokio::test]
async fn no_more_is_read_than_64_kib() {
    let long = "x".repeat(70_000);
    let (_, manager) = manager([json(403, &long), json(200, &long)]).await;
    let refusal = manager.account().await.unwrap_err();
    assert_eq!((refusal.kind(), refusal.body().unwrap().len()), (ErrorKind::Api, 64 * 1024));
    let answer = manager.account().await.unwrap_err();
    assert_eq!((answer.kind(), answer.body().map(|body| body.len() <= 64 * 1024)), (ErrorKind::Limit, Some(true)));
}

#[tokio::test]
async fn patience_may_have_no_end() {
    let (server, _) = manager([json(200, TERMS)]).await;
    let builder = IntegrationManager::builder().allow_private_addresses(true).allow_http(true);
    let manager = builder.timeout(std::time::Duration::MAX).at(&server.url).unwrap();
    assert_eq!(manager.terms().await.unwrap().policies.len(), 1);
}

#[tokio::test]
async fn where_nothing_is_due_a_page_is_still_no_answer() {
    let (_, manager) = manager([page(), page(), nothing(), json(403, UNSIGNED), json(401, "{}")]).await;
    assert_eq!(kind(manager.logout().await), NotAManager);
    assert_eq!(kind(manager.accept(["https://m.example/en"]).await), NotAManager);
    manager.accept(["https://m.example/en"]).await.unwrap();
    // The login is over where the manager does not know it, and only there.
    assert_eq!(kind(manager.logout().await), TermsNotSigned);
    manager.logout().await.unwrap();
    assert_eq!(manager.logout().await.unwrap_err().kind(), ErrorKind::NotLoggedIn);
}

#[tokio::test]
async fn the_manager_tells_whose_token_it_is() {
    let register = || json(200, r#"{"token":"visitor-canary"}"#);
    let (server, manager) = manager([register(), json(200, ACCOUNT), json(403, UNSIGNED)]).await;
    assert_eq!(manager.verify(&openid()).await.unwrap().as_str(), "@alice:example.org");
    let asked = asked(&server);
    assert!(asked[0].starts_with("POST /_matrix/integrations/v1/account/register - "), "{asked:?}");
    assert_eq!(
        asked[1..],
        [
            "GET /_matrix/integrations/v1/account Bearer visitor-canary ",
            "POST /_matrix/integrations/v1/account/logout Bearer visitor-canary {}"
        ]
    );
}

#[tokio::test]
async fn what_proves_nothing_is_rejected() {
    let register = || json(200, r#"{"token":"visitor-canary"}"#);
    let other = || json(200, r#"{"user_id":"@alice:evil.example.org"}"#);
    let odd = || json(200, r#"{"user_id":"alice:example.org"}"#);
    let rejected = [vec![json(401, "{}")], vec![register(), other(), nothing()], vec![register(), odd(), nothing()]];
    for script in rejected {
        let (_, manager) = manager(script).await;
        assert_eq!(manager.verify(&openid()).await.unwrap_err().kind(), ErrorKind::Rejected);
    }
    // No verdict.
    let (_, manager) = manager([json(500, "<html>")]).await;
    assert_eq!(manager.verify(&openid()).await.unwrap_err().kind(), ErrorKind::Api);
    let (_, other) = self::manager([register(), json(403, UNSIGNED), nothing()]).await;
    assert_eq!(kind(other.verify(&openid()).await), TermsNotSigned);
}

#[tokio::test]
async fn a_domain_says_where_its_manager_is() {
    let found = |url: &str| {
        json(
            200,
            &format!(
                r#"{{"m.integrations_widget":{{"url":"{url}/element","data":{{"api_url":"{url}/api/v1/scalar"}}}}}}"#
            ),
        )
    };
    let local = || IntegrationManager::builder().allow_private_addresses(true).allow_http(true);
    let ask = async |step: Step| {
        let server = Server::start([step, json(200, TERMS)]).await;
        let outcome = local().discover(server.url.trim_start_matches("http://")).await;
        assert_eq!(server.lines(), ["GET /.well-known/matrix/integrations HTTP/1.1"]);
        outcome
    };
    let server = Server::start([json(200, TERMS)]).await;
    let manager = ask(found(&server.url)).await.unwrap();
    assert_eq!(manager.terms().await.unwrap().policies.len(), 1);
    assert_eq!(server.lines(), ["GET /_matrix/integrations/v1/terms HTTP/1.1"]);

    for nothing in
        [json(200, "{}"), json(200, r#"{"m.integrations_widget":{"url":"x"}}"#), json(404, "<html>"), json(200, "[]")]
    {
        assert_eq!(kind(ask(nothing).await), NoManager);
    }
    assert_eq!(ask(json(500, "")).await.unwrap_err().kind(), ErrorKind::Api);
    for unusable in ["ftp://m.example", "m.example", "https://user@m.example"] {
        assert_eq!(ask(found(unusable)).await.unwrap_err().kind(), ErrorKind::Rejected, "{unusable}");
    }
    for wrong in ["", "a/b", "a@b", "2130706433"] {
        assert_eq!(local().discover(wrong).await.unwrap_err().kind(), ErrorKind::Rejected, "{wrong}");
    }
}

#[tokio::test]
async fn strangers_do_not_send_us_into_our_own_network() {
    let server = Server::start([]).await;
    let port = server.url.rsplit(':').next().unwrap();
    let guarded = || IntegrationManager::builder().allow_http(true);
    // What only resolvers take for an address is no place at all.
    for host in ["2130706433", "127.1", "0x7f.1"] {
        let error = guarded().at(&format!("http://{host}:{port}")).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Rejected, "{host}: {error}");
    }
    for host in ["localhost", "127.0.0.1", "[::1]", "[::ffff:127.0.0.1]"] {
        let error = guarded().at(&format!("http://{host}:{port}")).unwrap().terms().await.unwrap_err();
        let Error::Transport(failed) = &error else { panic!("{host}: {error}") };
        assert_eq!(failed.kind(), TransportKind::Forbidden, "{host}: {error}");
    }
    let error = guarded().discover(&*format!("127.0.0.1:{port}")).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Transport);
    // Nor in the clear.
    let plain = || IntegrationManager::builder().allow_private_addresses(true);
    for url in [server.url.as_str(), "http://m.example"] {
        assert_eq!(plain().at(url).unwrap_err().kind(), ErrorKind::Rejected, "{url}");
    }
    assert!(server.seen().is_empty());
}

#[test]
fn no_token_shows() {
    let builder = IntegrationManager::builder().token("canary");
    assert!(!format!("{builder:?}").contains("canary"));
    let manager = builder.at("https://m.example/x").unwrap();
    assert!(!format!("{manager:?}").contains("canary"));
    assert!(
        !format!("{}", IntegrationManager::builder().token("can\nary").at("https://m.example").unwrap_err())
            .contains("ary")
    );
}
