use matrix_api::{Client, ErrorKind, Session, json};
use serde_json::Value;

use crate::{
    calls::client,
    server::{Server, Step, body, header, json},
};

fn logged_in(user: &str) -> Step {
    json(200, &json!({"user_id": user, "device_id": "D", "access_token": "fresh"}).to_string())
}

#[tokio::test]
async fn a_password_becomes_a_session() {
    let server = Server::start([logged_in("@me:example.org"), json(200, r#"{"user_id":"@me:example.org"}"#)]).await;
    let client = Client::builder().base_url(&server.url).build().await.unwrap();
    assert_eq!(client.session(), None);
    let other = client.clone();
    let session = client.login_password("me", "secret").await.unwrap();
    let expected = Session::new("@me:example.org", &server.url).device_id("D").access_token("fresh");
    assert_eq!(session, expected);
    // All clones share the login.
    assert_eq!(other.session(), Some(expected));
    assert_eq!(other.user_id(), Some("@me:example.org".into()));
    assert_eq!(other.device_id(), Some("D".into()));
    other.whoami().await.unwrap();

    let seen = server.seen();
    assert_eq!(server.lines()[0], "POST /_matrix/client/v3/login HTTP/1.1");
    assert_eq!(header(&seen[0], "authorization"), None);
    let sent: Value = serde_json::from_str(body(&seen[0])).unwrap();
    assert_eq!(
        sent,
        json!({
            "type": "m.login.password",
            "identifier": {"type": "m.id.user", "user": "me"},
            "password": "secret",
        })
    );
    assert_eq!(header(&seen[1], "authorization").as_deref(), Some("Bearer fresh"));
}

/// What stands for the user differs, and nothing else.
#[tokio::test]
async fn a_user_goes_by_an_id_a_mail_address_or_a_phone_number() {
    type Login = fn(&Client) -> matrix_api::LoginBuilder;
    let rows: [(Login, &str); 4] = [
        (|client| client.login_password("me", "canary"), r#"{"type":"m.id.user","user":"me"}"#),
        (
            |client| client.login_password("@me:example.org", "canary"),
            r#"{"type":"m.id.user","user":"@me:example.org"}"#,
        ),
        (
            |client| client.login_email("me+matrix@example.org", "canary"),
            r#"{"type":"m.id.thirdparty","address":"me+matrix@example.org","medium":"email"}"#,
        ),
        (
            |client| client.login_phone("GB", "07700 900001", "canary"),
            r#"{"type":"m.id.phone","country":"GB","number":"07700 900001","phone":"07700 900001"}"#,
        ),
    ];
    for (login, identifier) in rows {
        let server = Server::start([logged_in("@me:example.org"), logged_in("@me:example.org")]).await;
        let client = Client::builder().base_url(&server.url).build().await.unwrap();
        login(&client).await.unwrap();
        login(&client).device_id("D").device_name("Test").refresh_token(true).await.unwrap();
        let (bare, full) = (&server.seen()[0], &server.seen()[1]);
        let start = format!(r#"{{"type":"m.login.password","identifier":{identifier},"password":"canary""#);
        assert_eq!(body(bare), format!("{start}}}"));
        let rest = r#","device_id":"D","initial_device_display_name":"Test","refresh_token":true}"#;
        assert_eq!(body(full), start + rest);
        assert!(bare.starts_with("POST /_matrix/client/v3/login HTTP/1.1\r\n"), "{bare}");
        assert!(!format!("{:?} {client:?}", login(&client)).contains("canary"));
    }
}

#[tokio::test]
async fn a_login_as_somebody_else_is_not_kept() {
    let server = Server::start([logged_in("@evil:example.org")]).await;
    let client = Client::builder().base_url(&server.url).build().await.unwrap();
    let error = client.login_password("@me:example.org", "secret").await.unwrap_err();
    assert_eq!(error.to_string(), "login: asked for @me:example.org, but the server logged in @evil:example.org");
    assert_eq!(client.session(), None);
}

#[tokio::test]
async fn a_wrong_password_is_the_servers_word() {
    let server = Server::start([json(403, r#"{"errcode":"M_FORBIDDEN","error":"Invalid password"}"#)]).await;
    let client = Client::builder().base_url(&server.url).build().await.unwrap();
    let error = client.login_password("me", "secret").await.unwrap_err();
    assert!(error.is_forbidden());
    assert_eq!(client.session(), None);
}

#[tokio::test]
async fn a_token_is_asked_for_its_owner() {
    let owner = r#"{"user_id":"@me:example.org","device_id":"D","is_guest":false}"#;
    let server = Server::start([json(200, owner), json(200, owner), json(200, owner)]).await;
    let builder = || Client::builder().base_url(&server.url).access_token("given");
    let client = builder().build().await.unwrap();
    let expected = Session::new("@me:example.org", &server.url).device_id("D").access_token("given");
    assert_eq!(client.session(), Some(expected));
    builder().user_id("@me:example.org").build().await.unwrap();

    let error = builder().user_id("@you:example.org").build().await.unwrap_err();
    assert_eq!(
        error.to_string(),
        "ClientBuilder: the access token is that of @me:example.org, not of @you:example.org"
    );
    let line = "GET /_matrix/client/v3/account/whoami HTTP/1.1";
    assert_eq!(server.lines(), [line, line, line]);

    let server = Server::start([json(401, r#"{"errcode":"M_UNKNOWN_TOKEN","error":"gone"}"#)]).await;
    let error = Client::builder().base_url(&server.url).access_token("given").build().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::SessionEnded);
}

#[tokio::test]
async fn a_session_is_taken_up_without_asking() {
    let server = Server::start([]).await;
    let session = Session::new("@me:example.org", &server.url).device_id("D").access_token("stored");
    let client = Client::restore(session.clone()).unwrap();
    assert_eq!(client.session(), Some(session.clone()));
    let bare = Client::restore(session.without_secrets()).unwrap();
    assert_eq!(bare.session(), None);
    assert_eq!(bare.user_id(), Some("@me:example.org".into()));
    assert!(server.seen().is_empty());
}

#[tokio::test]
async fn logging_out_forgets_the_login() {
    let gone = || json(401, r#"{"errcode":"M_UNKNOWN_TOKEN","error":"gone"}"#);
    for step in [json(200, "{}"), gone()] {
        let server = Server::start([step]).await;
        let client = client(&server.url).await;
        client.logout().await.unwrap();
        assert_eq!(client.session(), None);
        assert_eq!(server.lines(), ["POST /_matrix/client/v3/logout HTTP/1.1"]);
        assert_eq!(client.logout().await.unwrap_err().kind(), ErrorKind::NotLoggedIn);
    }
    let server = Server::start([json(500, "{}")]).await;
    let client = client(&server.url).await;
    client.logout().await.unwrap_err();
    assert!(client.session().is_some());
}
