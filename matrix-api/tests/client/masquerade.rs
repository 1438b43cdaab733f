//! An application service that acts as its users.

use matrix_api::{
    Auth, Client, ErrorKind, Session,
    client_server::{GetMutualRooms, GetTokenOwner, GetVersions, SendMessage},
    http::Method,
    json,
};

use crate::{
    calls::GetThing,
    server::{Server, body, header, json},
};

fn owner() -> crate::server::Step {
    json(200, r#"{"user_id":"@_cat:example.org"}"#)
}

fn service(url: &str) -> Client {
    let session = Session::new("@bot:example.org", url).access_token("as-token");
    Client::restore(session).unwrap()
}

#[tokio::test]
async fn each_request_with_the_token_names_the_user() {
    let done = || json(200, r#"{"name":"a"}"#);
    let server = Server::start([owner(), done(), json(200, r#"{"event_id":"$1"}"#), done(), done(), done()]).await;
    let service = service(&server.url);
    let cat = service.masquerade("@_cat:example.org");
    assert_eq!((cat.user_id(), cat.device_id()), (Some("@_cat:example.org".into()), None));
    assert_eq!(cat.whoami().await.unwrap().user_id, "@_cat:example.org");
    service.send(GetThing).await.unwrap();
    cat.send(SendMessage::new("!r:example.org", "m.x", json!({})).txn_id("t")).await.unwrap();
    cat.request(Method::GET, "/_matrix/x").query("a", "b").send::<serde_json::Value>().await.unwrap();
    let open = cat.request(Method::GET, "/_matrix/x").auth(Auth::None);
    open.send::<serde_json::Value>().await.unwrap();
    cat.masquerade_device("@_dog:example.org", "A B").send(GetThing).await.unwrap();
    let lines = [
        "GET /_matrix/client/v3/account/whoami?user_id=%40_cat%3Aexample.org HTTP/1.1",
        "GET /_matrix/thing HTTP/1.1",
        "PUT /_matrix/client/v3/rooms/%21r%3Aexample.org/send/m.x/t?user_id=%40_cat%3Aexample.org HTTP/1.1",
        "GET /_matrix/x?a=b&user_id=%40_cat%3Aexample.org HTTP/1.1",
        "GET /_matrix/x HTTP/1.1",
        "GET /_matrix/thing?user_id=%40_dog%3Aexample.org&device_id=A%20B HTTP/1.1",
    ];
    assert_eq!(server.lines(), lines);
    let tokens: Vec<_> = server.seen().iter().map(|request| header(request, "authorization")).collect();
    let signed = Some("Bearer as-token".to_owned());
    assert_eq!(tokens, [signed.clone(), signed.clone(), signed.clone(), signed.clone(), None, signed]);
    // Who the service is has not changed.
    assert_eq!(service.user_id(), Some("@bot:example.org".into()));
}

#[tokio::test]
async fn a_plan_shows_whom_it_acts_as() {
    let cat = service("http://localhost:1").masquerade("@_cat:example.org");
    let plan = cat.plan(&GetTokenOwner::new()).unwrap();
    assert_eq!(plan.url(), "http://localhost:1/_matrix/client/v3/account/whoami?user_id=%40_cat%3Aexample.org");
    let stranger = Client::builder().base_url("http://localhost:1").build().await.unwrap();
    // Without a token nobody is acted for.
    let versions = stranger.masquerade("@_cat:example.org").plan(&GetVersions::new()).unwrap();
    assert_eq!(versions.url(), "http://localhost:1/_matrix/client/versions");
}

#[tokio::test]
async fn a_request_that_names_a_user_itself_is_not_sent() {
    let server = Server::start([]).await;
    let cat = service(&server.url).masquerade("@_cat:example.org");
    let error = cat.send(GetMutualRooms::new("@me:example.org")).await.unwrap_err();
    assert_eq!((error.kind(), error.operation()), (ErrorKind::Encode, Some("getMutualRooms")));
    let own = cat.request(Method::GET, "/_matrix/x?device_id=D").send::<serde_json::Value>().await.unwrap_err();
    assert_eq!(own.kind(), ErrorKind::Encode);
    let nobody = service(&server.url).masquerade("cat").send(GetThing).await.unwrap_err();
    assert_eq!(nobody.to_string(), "getThing: query parameter user_id must start with `@`");
    assert!(server.seen().is_empty());
}

#[tokio::test]
async fn a_session_remembers_whom_it_acts_as() {
    let server = Server::start([owner()]).await;
    let cat = service(&server.url).masquerade_device("@_cat:example.org", "BASKET");
    let session = cat.session().unwrap();
    let made = Session::new("@_cat:example.org", &server.url).device_id("BASKET").access_token("as-token");
    assert_eq!(session, made.clone().masquerade());
    assert_ne!(session, made);
    let text = serde_json::to_string(&session).unwrap();
    assert!(text.contains(r#""masquerade":true"#), "{text}");
    let again = Client::restore(serde_json::from_str(&text).unwrap()).unwrap();
    again.whoami().await.unwrap();
    let line = "GET /_matrix/client/v3/account/whoami?user_id=%40_cat%3Aexample.org&device_id=BASKET HTTP/1.1";
    assert_eq!(server.lines(), [line]);
    // What the server says does not take the mask off.
    assert_eq!(again.session(), Some(session));
}

#[tokio::test]
async fn a_user_is_made_with_the_token_of_the_service() {
    let login = r#"{"user_id":"@_cat:example.org","device_id":"D","access_token":"own"}"#;
    let server = Server::start([owner(), json(200, login), json(200, r#"{"name":"a"}"#)]).await;
    let service = service(&server.url);
    assert_eq!(service.register_appservice("_cat").await.unwrap(), "@_cat:example.org");
    let seen = server.seen();
    assert_eq!(server.lines(), ["POST /_matrix/client/v3/register HTTP/1.1"]);
    assert_eq!(header(&seen[0], "authorization").as_deref(), Some("Bearer as-token"));
    let sent: serde_json::Value = serde_json::from_str(body(&seen[0])).unwrap();
    assert_eq!(sent, json!({"type": "m.login.application_service", "username": "_cat", "inhibit_login": true}));
    // With a token of its own the user needs no naming.
    let cat = service.masquerade("@_cat:example.org");
    let session = cat.login_appservice("@_cat:example.org").await.unwrap();
    assert!(!session.masquerade);
    cat.send(GetThing).await.unwrap();
    assert_eq!(server.lines()[2], "GET /_matrix/thing HTTP/1.1");
}
