//! Handles of rooms, users and spaces, against a server that follows a script.
#![cfg(all(feature = "client", feature = "client-server"))]

mod calls;
mod create;
mod each;
mod lists;
#[cfg(feature = "events")]
mod power;
#[path = "../client/server.rs"]
#[allow(dead_code, reason = "the client's own tests need more of it")]
mod server;

use matrix_api::{Client, RetryPolicy, Session};

use server::{Server, Step, body, json};

const NOT_FOUND: &str = r#"{"errcode":"M_NOT_FOUND","error":"Nothing here"}"#;
const FORBIDDEN: &str = r#"{"errcode":"M_FORBIDDEN","error":"Not for you"}"#;

/// A client of `@me:hs`, without retries.
async fn client(server: &Server) -> Client {
    let session = Session::new("@me:hs", &server.url).access_token("token-canary");
    Client::builder().session(session).retry(RetryPolicy::none()).build().await.unwrap()
}

/// A server that follows a script, and a client of it.
async fn start(script: impl IntoIterator<Item = Step>) -> (Server, Client) {
    let server = Server::start(script).await;
    let client = client(&server).await;
    (server, client)
}

/// What was asked: method, path and body.
fn asked(server: &Server) -> Vec<String> {
    let one = |request: String| {
        let line = request.lines().next().unwrap().trim_end_matches(" HTTP/1.1").replace("/_matrix/client", "");
        format!("{line} {}", body(&request)).trim_end().to_owned()
    };
    server.seen().into_iter().map(one).collect()
}

fn ok(body: &str) -> Step {
    json(200, body)
}
