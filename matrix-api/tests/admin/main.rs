//! The handle of a server administrator, against a server that follows a script.
#![cfg(all(feature = "client", feature = "synapse-admin"))]

mod batches;
mod handle;
mod jobs;
mod media;
mod pages;
mod recorded;
mod register;
#[path = "../client/server.rs"]
#[allow(dead_code, reason = "the client's own tests need more of it")]
mod server;

use matrix_api::{Client, RetryPolicy, Session, admin::SynapseAdmin};

use server::{Server, Step, json};

const UNRECOGNIZED: &str = r#"{"errcode":"M_UNRECOGNIZED","error":"Unrecognized request"}"#;

/// A client of an administrator, without retries.
async fn client(server: &Server) -> Client {
    let session = Session::new("@me:example.org", &server.url).access_token("token-canary");
    Client::builder().session(session).retry(RetryPolicy::none()).build().await.unwrap()
}

/// What the server answers while the handle is made.
fn welcome(delegated: bool) -> [Step; 2] {
    let nonce = if delegated { json(404, UNRECOGNIZED) } else { json(200, r#"{"nonce":"n"}"#) };
    [json(200, r#"{"enabled":true}"#), nonce]
}

/// A server that goes on with this script once the handle is made, and the handle.
async fn start(delegated: bool, script: impl IntoIterator<Item = Step>) -> (Server, SynapseAdmin) {
    let server = Server::start(welcome(delegated).into_iter().chain(script)).await;
    let admin = client(&server).await.synapse_admin().await.unwrap();
    (server, admin)
}

/// The first lines of the requests after those that made the handle, without the version of HTTP.
fn lines(server: &Server) -> Vec<String> {
    let lines = server.lines();
    lines[2..].iter().map(|line| line.trim_end_matches(" HTTP/1.1").to_owned()).collect()
}
