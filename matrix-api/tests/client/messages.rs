//! What errors say, word for word: `tests/messages` has a line for each. With `BLESS=1` the lines
//! are written instead of compared.

use std::{env, fs, path::Path, time::Duration};

use matrix_api::{
    Client, Error, RetryPolicy,
    client_server::{CreateRoom, GetRoomEvents, GetTokenOwner, SendMessage},
    json,
};
use tokio::net::TcpListener;

use crate::{
    calls::{Download, builder},
    server::{Server, Step, json, with},
};

/// Compares, and checks what every text must be.
fn check(name: &str, error: &Error, hosts: &[&str]) {
    let mut text = error.to_string();
    assert!(text.chars().count() <= 160, "{name}: {text}");
    assert!(!text.contains(char::is_control) && !text.contains("canary"), "{name}: {text}");
    assert_eq!(format!("{error:?}"), format!("{:?}({text})", error.kind()));
    for host in hosts {
        text = text.replace(host, "https://matrix.example.org");
    }
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/messages").join(format!("{name}.txt"));
    if env::var_os("BLESS").is_some() {
        fs::write(&path, text + "\n").unwrap();
        return;
    }
    let expected = fs::read_to_string(&path).unwrap_or_default();
    assert_eq!(text, expected.trim_end(), "{name}");
}

fn create() -> CreateRoom {
    CreateRoom::new().name("canary")
}

fn say() -> SendMessage {
    SendMessage::new("!room:example.org", "m.room.message", json!({"body": "canary"}))
}

fn page() -> GetRoomEvents {
    GetRoomEvents::new("!room:example.org", matrix_api::client_server::get_room_events::Direction::Backward)
}

async fn asked(step: Step, request: &str) -> (Error, String) {
    let script = (0..4).map(|_| match &step {
        Step::Answer(bytes) => Step::Answer(bytes.clone()),
        Step::Cut(bytes) => Step::Cut(bytes.clone()),
        _ => Step::Silence,
    });
    let server = Server::start(script).await;
    let policy = RetryPolicy::default().cap(Duration::ZERO);
    let client = builder(&server.url).retry(policy).json_limit(1000).build().await.unwrap();
    let error = match request {
        "create" => client.send(create()).await.map(drop),
        "say" => client.send(say()).await.map(drop),
        "page" => client.send(page()).await.map(drop),
        "who" => client.send(GetTokenOwner::new()).await.map(drop),
        "download" => client.send(Download).await.map(drop),
        other => panic!("{other}"),
    };
    (error.unwrap_err(), server.url.clone())
}

#[tokio::test(start_paused = true)]
async fn answers() {
    let half = || Step::Cut(b"HTTP/1.1 200 OK\r\nContent-Length: 900\r\n\r\n{\"room_id".to_vec());
    let elsewhere = || with(302, &[("Location", "https://evil.example.org/canary")], "");
    let inner =
        r#"{"errcode":"M_LIMIT_EXCEEDED","error":"{\"errcode\":\"M_FORBIDDEN\",\"error\":\"You are banned\"}"}"#;
    let uiaa = r#"{"flows":[{"stages":["m.login.password"]}],"params":{},"session":"canary"}"#;
    let gone = r#"{"errcode":"M_UNKNOWN_TOKEN","error":"Token is not active","soft_logout":false}"#;
    let soft = r#"{"errcode":"M_UNKNOWN_TOKEN","error":"Token is not active","soft_logout":true}"#;
    let forbidden = r#"{"errcode":"M_FORBIDDEN","error":"User @me:example.org not in room !room:example.org"}"#;
    let rows = [
        ("reset-of-an-unsafe-write", Step::Cut(Vec::new()), "create"),
        ("reset-of-a-safe-write", Step::Cut(Vec::new()), "say"),
        ("silence-after-an-unsafe-write", Step::Silence, "create"),
        ("silence-after-a-read", Step::Silence, "page"),
        ("answer-cut-short", half(), "create"),
        ("redirect-elsewhere", elsewhere(), "create"),
        ("redirect-for-ever", with(302, &[("Location", "/again")], ""), "page"),
        ("answer-too-large", with(200, &[], &" ".repeat(1001)), "page"),
        ("forbidden", json(403, forbidden), "say"),
        ("not-found", json(404, r#"{"errcode":"M_NOT_FOUND","error":"Unknown room"}"#), "page"),
        ("limited-for-too-long", with(429, &[("Retry-After", "1000000000")], "{}"), "create"),
        ("interactive-authentication", json(401, uiaa), "create"),
        ("page-of-a-proxy", with(502, &[], "<html>canary</html>"), "say"),
        ("refusal-without-a-word", with(500, &[], ""), "create"),
        ("error-within-an-error", json(400, inner), "say"),
        ("session-ended", json(401, gone), "who"),
        ("soft-logout", json(401, soft), "who"),
        ("success-with-text", with(200, &[], "no healthy upstream, canary"), "page"),
        ("success-of-another-shape", json(200, r#"{"room_id":["canary"]}"#), "create"),
    ];
    for (name, step, request) in rows {
        let (error, host) = asked(step, request).await;
        check(name, &error, &[&host]);
    }
}

#[tokio::test]
async fn nothing_was_sent() {
    let nowhere = {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        format!("http://{}", listener.local_addr().unwrap())
    };
    let policy = RetryPolicy::default().cap(Duration::ZERO);
    let client = builder(&nowhere).retry(policy).build().await.unwrap();
    check("connection-refused", &client.send(create()).await.unwrap_err(), &[&nowhere]);

    let error = client.send(SendMessage::new("kitchen", "m.room.message", json!({}))).await.unwrap_err();
    check("no-room-id", &error, &[]);

    let error = Client::builder().base_url("http://example.org").build().await.unwrap_err();
    check("plain-http", &error, &[]);

    let anonymous = Client::builder().base_url("https://example.org").build().await.unwrap();
    check("not-logged-in", &anonymous.send(GetTokenOwner::new()).await.unwrap_err(), &[]);

    let answer = r#"{"user_id":"@you:evil.org","device_id":"D","access_token":"canary"}"#;
    let server = Server::start([json(200, answer)]).await;
    let client = Client::builder().base_url(&server.url).build().await.unwrap();
    let error = client.login_password("@me:example.org", "canary").await.unwrap_err();
    check("somebody-elses-login", &error, &[]);
}

#[test]
fn there_is_a_text_for_each() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/messages");
    assert_eq!(fs::read_dir(folder).unwrap().count(), 24);
}
