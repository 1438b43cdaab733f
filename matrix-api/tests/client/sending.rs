use std::sync::{Arc, Mutex};

use matrix_api::{
    Auth, Client, ClientBuilder, ErrorKind, Request, RoomId,
    bytes::Bytes,
    http::{Method, StatusCode},
    json, service,
};
use serde_json::Value;

use crate::{
    calls::{Elsewhere, GetThing, MakeThing, PutThing, Thing, builder, client},
    server::{Server, Step, body, header, json, with},
};

fn named(name: &str) -> Step {
    json(200, &format!(r#"{{"name":"{name}"}}"#))
}

/// The lines of a head in the order of the alphabet, the first one first.
fn head(request: &str) -> Vec<String> {
    let mut lines: Vec<String> = request.split("\r\n\r\n").next().unwrap().split("\r\n").map(str::to_owned).collect();
    lines[1..].sort();
    lines
}

#[tokio::test]
async fn a_request_is_these_bytes() {
    let server = Server::start([named("a")]).await;
    let request = PutThing { room_id: RoomId::from("!a/b:example.org"), txn_id: Some("t 1".into()) };
    let client = builder(&format!("{}/sub/path/", server.url)).user_agent("tester/1").build().await.unwrap();
    assert_eq!(client.send(&request).await.unwrap(), Thing { name: "a".into() });

    let seen = server.seen();
    assert_eq!(
        head(&seen[0]),
        [
            "PUT /sub/path/_matrix/rooms/%21a%2Fb%3Aexample.org/t%201 HTTP/1.1".to_owned(),
            "accept: */*".to_owned(),
            "authorization: Bearer token-canary".to_owned(),
            "content-length: 16".to_owned(),
            "content-type: application/json".to_owned(),
            format!("host: {}", server.url.strip_prefix("http://").unwrap()),
            "user-agent: tester/1".to_owned(),
        ]
    );
    assert_eq!(body(&seen[0]), r#"{"body":"hello"}"#);
}

#[tokio::test]
async fn a_read_has_no_body_and_a_write_without_fields_an_empty_object() {
    let server = Server::start([named("a"), named("b")]).await;
    let client = client(&server.url).await;
    client.send(GetThing).await.unwrap();
    client.send(MakeThing::default()).await.unwrap();
    let seen = server.seen();
    assert_eq!(header(&seen[0], "content-length"), None);
    assert_eq!(header(&seen[0], "content-type"), None);
    assert_eq!(body(&seen[0]), "");
    assert_eq!(body(&seen[1]), "{}");
}

#[tokio::test]
async fn a_post_without_a_body_says_so() {
    let server = Server::start([json(200, "{}")]).await;
    let _: Value = client(&server.url).await.request(Method::POST, "/x").send().await.unwrap();
    assert_eq!(header(&server.seen()[0], "content-length").as_deref(), Some("0"));
}

#[tokio::test]
async fn the_token_goes_where_the_operation_wants_it() {
    let server = Server::start([named("a"), with(302, &[("Location", "https://x/")], ""), named("b")]).await;
    let anonymous = Client::builder().base_url(&server.url).build().await.unwrap();
    anonymous.send(MakeThing::default()).await.unwrap();
    client(&server.url).await.send(Elsewhere).await.unwrap();
    client(&server.url).await.send(MakeThing::default()).await.unwrap();
    let tokens: Vec<_> = server.seen().iter().map(|request| header(request, "authorization")).collect();
    assert_eq!(tokens, [None, None, Some("Bearer token-canary".to_owned())]);

    let error = anonymous.send(GetThing).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::NotLoggedIn);
    assert_eq!(error.operation(), Some("getThing"));
    assert!(!error.may_have_been_sent());
    assert_eq!(server.seen().len(), 3);
}

#[tokio::test]
async fn the_full_response_has_everything() {
    let server = Server::start([with(201, &[("X-Extra", "yes")], r#"{"name":"a","more":1}"#)]).await;
    let full = client(&server.url).await.send_full(GetThing).await.unwrap();
    assert_eq!(full.value.name, "a");
    assert_eq!(full.status, StatusCode::CREATED);
    assert_eq!(full.headers["x-extra"], "yes");
    assert_eq!(full.body, r#"{"name":"a","more":1}"#);
    assert_eq!(
        format!("{full:?}"),
        r#"FullResponse { value: Thing { name: "a" }, status: 201, body: "21 bytes", .. }"#
            .replace("\"21 bytes\"", "21 bytes")
    );
}

#[tokio::test]
async fn what_the_server_says_decides_the_error() {
    let cases = [
        (json(404, r#"{"errcode":"M_NOT_FOUND","error":"nope"}"#), ErrorKind::Api),
        (json(401, r#"{"errcode":"M_UNKNOWN_TOKEN","error":"gone"}"#), ErrorKind::SessionEnded),
        (with(403, &[], "<html>"), ErrorKind::Api),
        (with(304, &[], ""), ErrorKind::Api),
        (json(200, "{\"na"), ErrorKind::Decode),
        (json(200, r#"{"name":5}"#), ErrorKind::Decode),
        (json(200, r#"{"errcode":"M_NOT_FOUND"}"#), ErrorKind::Decode),
    ];
    for (step, kind) in cases {
        let server = Server::start([step]).await;
        let error = client(&server.url).await.send(GetThing).await.unwrap_err();
        assert_eq!(error.kind(), kind, "{error}");
        assert_eq!(error.operation(), Some("getThing"));
        assert_eq!(error.url(), Some(&*format!("{}/_matrix/thing", server.url)));
        assert_eq!(error.request_was_accepted(), kind == ErrorKind::Decode, "{error}");
        assert_eq!(server.seen().len(), 1, "{error}");
    }
}

#[tokio::test]
async fn typed_responses_are_observed_once_they_are_read() {
    let server = Server::start([json(503, "{}"), named("a"), json(404, "{}"), json(200, "{}"), named("b")]).await;
    let seen = Arc::new(Mutex::new(Vec::new()));
    let log = seen.clone();
    let client = builder(&server.url)
        .observer(Arc::new(move |observed| {
            log.lock().unwrap().push((observed.operation, observed.service, observed.status));
        }))
        .build()
        .await
        .unwrap();
    client.send(GetThing).await.unwrap();
    client.send(GetThing).await.unwrap_err();
    client.send(GetThing).await.unwrap_err();
    client.clone().send(MakeThing::default()).await.unwrap();
    assert_eq!(*seen.lock().unwrap(), [("getThing", "homeserver", 200), ("makeThing", "homeserver", 200)]);
}

#[tokio::test]
async fn a_request_without_a_type_travels_the_same_way() {
    let server = Server::start([json(503, "{}"), json(200, "[1,2]"), with(200, &[], "raw"), json(200, "{}")]).await;
    let client = client(&format!("{}/sub", server.url)).await;
    let numbers: Vec<u8> = client.request(Method::GET, "/a%2Fb").query("q", "a b").send().await.unwrap();
    assert_eq!(numbers, [1, 2]);
    let bytes = client.request(Method::POST, "/up").body("image/png", &b"abc"[..]).send_bytes().await.unwrap();
    assert_eq!(bytes, Bytes::from_static(b"raw"));
    let full =
        client.request(Method::PUT, "/c").json(&json!({"a": 1})).auth(Auth::None).send_full::<Value>().await.unwrap();
    assert_eq!(full.status, 200);
    assert_eq!(
        server.lines(),
        [
            "GET /sub/a%2Fb?q=a%20b HTTP/1.1",
            "GET /sub/a%2Fb?q=a%20b HTTP/1.1",
            "POST /sub/up HTTP/1.1",
            "PUT /sub/c HTTP/1.1"
        ]
    );
    let seen = server.seen();
    assert_eq!(header(&seen[2], "content-type").as_deref(), Some("image/png"));
    assert_eq!(header(&seen[2], "authorization").as_deref(), Some("Bearer token-canary"));
    assert_eq!(header(&seen[3], "authorization"), None);
    assert_eq!(body(&seen[3]), r#"{"a":1}"#);
}

#[tokio::test]
async fn a_room_sends_text() {
    let plain = json(404, r#"{"errcode":"M_NOT_FOUND"}"#);
    let script = [plain, json(200, r#"{"event_id":"$1"}"#), json(200, r#"{"event_id":"$2"}"#)];
    let server = Server::start(script).await;
    let room = client(&server.url).await.room("!r:example.org");
    assert_eq!(room.send_text("hi \"there\"").await.unwrap().as_str(), "$1");
    assert_eq!(room.send_text("hi \"there\"").await.unwrap().as_str(), "$2");
    let seen = server.seen();
    let content: Value = serde_json::from_str(body(&seen[1])).unwrap();
    assert_eq!(content, json!({"msgtype": "m.text", "body": "hi \"there\""}));

    let ids: Vec<String> = server.lines().iter().skip(1).map(|line| txn_id(line)).collect();
    assert_ne!(ids[0], ids[1]);
    assert!(ids.iter().all(|id| id.len() == 32));
}

fn txn_id(line: &str) -> String {
    let path = line.strip_prefix("PUT /_matrix/client/v3/rooms/%21r%3Aexample.org/send/m.room.message/").unwrap();
    path.strip_suffix(" HTTP/1.1").unwrap().to_owned()
}

#[tokio::test]
async fn the_plan_is_what_is_sent() {
    let server = Server::start([named("a")]).await;
    let client = client(&server.url).await;
    let request = PutThing { room_id: "!r:example.org".into(), txn_id: Some("t".into()) };
    let plan = client.plan(&request).unwrap();
    client.send(&request).await.unwrap();
    let seen = server.seen();
    let path = plan.url().strip_prefix(&server.url).unwrap();
    assert_eq!(server.lines(), [format!("{} {path} HTTP/1.1", plan.method())]);
    assert_eq!(body(&seen[0]).as_bytes(), &plan.body()[..]);
    assert_eq!(plan.operation(), "putThing");
    assert_eq!(plan.missing(), [""; 0]);

    let without = PutThing { room_id: "!r:example.org".into(), txn_id: None };
    let plan = Client::builder().base_url("https://a.org").build().await.unwrap().plan(&without).unwrap();
    assert_eq!(plan.url(), "https://a.org/_matrix/rooms/%21r%3Aexample.org/made-at-send");
    assert_eq!(plan.missing(), ["access token"]);
}

#[tokio::test]
async fn giving_up_closes_the_connection() {
    let server = Server::start([Step::Silence]).await;
    let client = client(&server.url).await;
    let call = tokio::spawn(async move { client.send(GetThing).await });
    while server.seen().is_empty() {
        tokio::task::yield_now().await;
    }
    call.abort();
    assert!(call.await.unwrap_err().is_cancelled());
    server.closed().await;
}

#[tokio::test]
async fn other_services_have_their_own_client() {
    struct Check;
    impl Request for Check {
        type To = service::Identity;
        type Response = Thing;
        const METADATA: &'static matrix_api::Metadata =
            &matrix_api::Metadata::new("check", Method::GET, "/_matrix/identity/v2");
    }
    let server = Server::start([named("a")]).await;
    // The token is taken as it is: only a homeserver is asked whose it is.
    let identity = ClientBuilder::<service::Identity>::new().base_url(&server.url).access_token("other");
    let identity = identity.build().await.unwrap();
    assert_eq!(identity.send(Check).await.unwrap().name, "a");
    assert_eq!(server.lines(), ["GET /_matrix/identity/v2 HTTP/1.1"]);
    assert_eq!(header(&server.seen()[0], "authorization").as_deref(), Some("Bearer other"));
}

#[test]
fn clients_and_calls_move_between_threads() {
    fn send_and_sync<T: Send + Sync + Clone>() {}
    fn send<T: Send>(_: T) {}
    send_and_sync::<Client>();
    send_and_sync::<Client<service::MasAdmin>>();
    let client = Client::builder().base_url("http://localhost").build();
    send(client);
    let check = |client: Client| {
        send(client.send(&GetThing));
        send(client.send_full(GetThing));
        send(client.request(Method::GET, "/").send::<Value>());
        send(client.room("!a:b").send_text("a"));
        send(client.login_password("a", "b"));
        send(client.logout());
        send(client.whoami());
    };
    let _ = check;
    send(Client::from_env());
}
