//! The programs that the README shows off with are as short as it says, and do what they say.
#![cfg(feature = "client")]

#[allow(dead_code)]
#[path = "../examples/own_request.rs"]
mod example;
#[allow(dead_code)]
#[path = "client/server.rs"]
mod server;

use matrix_api::{Client, Session};
use server::{Server, body, header, json};

const SOURCE: &str = include_str!("../examples/own_request.rs");

#[test]
fn it_is_twenty_five_lines() {
    let (_, rest) = SOURCE.split_once("// ---- from here ----\n").unwrap();
    let (code, _) = rest.split_once("// ---- to here ----\n").unwrap();
    assert!(code.contains("impl Request for") && code.contains("impl Response for"));
    assert!(code.lines().count() <= 25, "{}", code.lines().count());
}

/// It runs against a homeserver in `cargo xtask test`.
#[test]
fn the_first_program_is_eight_lines() {
    let program = include_str!("../../tests/first_lines/send/src/main.rs");
    assert!(program.contains("from_env()") && program.contains("send_text("));
    assert!(program.lines().filter(|line| !line.is_empty()).count() <= 8);
    let manifest = include_str!("../../tests/first_lines/send/Cargo.toml");
    let (_, rest) = manifest.split_once("[dependencies]\n").unwrap();
    let names = rest.lines().take_while(|line| !line.is_empty()).map(|line| line.split(' ').next().unwrap());
    assert_eq!(names.collect::<Vec<_>>(), ["matrix-api", "tokio"]);
}

#[tokio::test]
async fn it_shows_what_it_would_send() {
    let client = Client::builder().base_url("https://matrix.example.org").build().await.unwrap();
    assert_eq!(
        example::plan(&client).unwrap().to_string(),
        "POST https://matrix.example.org/org.example/rooms/%21pond%3Aexample.org/fish\n\
         content-type: application/json\nauthorization: Bearer ***\n\n{\"count\":3}\n\nmissing: access token"
    );
}

#[tokio::test]
async fn it_is_sent_as_any_other() {
    let server = Server::start([json(200, r#"{"fish":7}"#), json(403, r#"{"errcode":"M_FORBIDDEN"}"#)]).await;
    let session = Session::new("@me:example.org", &server.url).access_token("the-token");
    let client = Client::restore(session).unwrap();
    assert_eq!(example::feed(&client).await.unwrap(), 7);
    assert_eq!(server.lines(), ["POST /org.example/rooms/%21pond%3Aexample.org/fish HTTP/1.1"]);
    let seen = &server.seen()[0];
    assert_eq!((body(seen), header(seen, "authorization").as_deref()), (r#"{"count":3}"#, Some("Bearer the-token")));
    let error = example::feed(&client).await.unwrap_err();
    assert!(error.is_forbidden());
    assert_eq!(error.operation(), Some("giveFish"));
}
