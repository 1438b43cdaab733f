//! The conditions of the first generation, and what has become of each: the table in the docs of `error`, row by row.

use matrix_api::{Client, Error, ErrorCode, ErrorKind, StringEnum as _};

use crate::{
    calls::{GetThing, client},
    server::{Server, json},
};

/// The thirteen, with a status that servers send them with.
const CONDITIONS: [(&str, &str, u16); 13] = [
    ("m-forbidden", "M_FORBIDDEN", 403),
    ("m-unknown-token", "M_UNKNOWN_TOKEN", 401),
    ("m-missing-token", "M_MISSING_TOKEN", 401),
    ("m-bad-json", "M_BAD_JSON", 400),
    ("m-not-json", "M_NOT_JSON", 400),
    ("m-not-found", "M_NOT_FOUND", 404),
    ("m-limit-exceeded", "M_LIMIT_EXCEEDED", 429),
    ("m-unknown", "M_UNKNOWN", 500),
    ("m-unrecognized", "M_UNRECOGNIZED", 405),
    ("m-unauthorized", "M_UNAUTHORIZED", 401),
    ("m-invalid-param", "M_INVALID_PARAM", 400),
    ("m-room-in-use", "M_ROOM_IN_USE", 400),
    ("m-bad-state", "M_BAD_STATE", 403),
];

async fn refused(client: &Client) -> Error {
    client.call(GetThing).retry(matrix_api::RetryPolicy::none()).send().await.unwrap_err()
}

#[tokio::test]
async fn every_condition_is_an_error_with_its_code() {
    let body = |code: &str| format!(r#"{{"errcode":"{code}","error":"because"}}"#);
    for (name, code, status) in CONDITIONS {
        // A client each: after some of them, nothing more would be sent.
        let server = Server::start([json(status, &body(code))]).await;
        let error = refused(&client(&server.url).await).await;
        let found = error.errcode().unwrap();
        assert_eq!((found.as_str(), found.is_known()), (code, true), "{name}");
        assert_eq!((error.status().unwrap().as_u16(), error.message()), (status, Some("because")), "{name}");
        let kind = match code {
            "M_UNKNOWN_TOKEN" => ErrorKind::SessionEnded,
            "M_UNRECOGNIZED" => ErrorKind::Unsupported,
            _ => ErrorKind::Api,
        };
        assert_eq!(error.kind(), kind, "{name}");
        let asked = [error.is_forbidden(), error.is_not_found(), error.is_rate_limited(), error.is_timeout()];
        assert_eq!(asked, [name == "m-forbidden", name == "m-not-found", name == "m-limit-exceeded", false], "{name}");
        assert!(error.may_have_been_sent() && !error.request_was_accepted());
    }
}

#[tokio::test]
async fn a_missing_token_is_noticed_before_anything_is_sent() {
    let server = Server::start([]).await;
    let client = Client::builder().base_url(&server.url).build().await.unwrap();
    assert_eq!(refused(&client).await.kind(), ErrorKind::NotLoggedIn);
    assert!(server.seen().is_empty());
}

#[test]
fn the_table_in_the_docs_has_a_row_for_each() {
    let docs = include_str!("../../src/error.rs");
    let rows = docs.lines().filter_map(|line| line.strip_prefix("//! | `m-")?.split_once('`'));
    let rows: Vec<_> = rows.map(|(name, _)| format!("m-{name}")).collect();
    assert_eq!(rows, CONDITIONS.map(|(name, _, _)| name));
    // And none of the codes is one that this version does not know.
    assert!(CONDITIONS.iter().all(|(_, code, _)| ErrorCode::parse(code).is_known()));
}
