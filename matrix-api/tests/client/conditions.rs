//! The conditions of the first generation, and what has become of each: the table in the docs of `error`, row by row.

use matrix_api::{Client, Error, ErrorCode, ErrorKind, StringEnum as _, error::BodyKind};

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

/// Whatever a status comes with, it is an error of the server's, typed, and one short line.
#[tokio::test]
async fn every_status_with_every_kind_of_body_is_typed() {
    let bodies = [
        (r#"{"errcode":"M_X_OWN","error":"because"}"#, BodyKind::Object, Some("M_X_OWN")),
        ("{}", BodyKind::Object, None),
        (r#"{"error":"{\"errcode\":\"M_INNER\",\"error\":\"deep\"}"}"#, BodyKind::Object, Some("M_INNER")),
        (r#"{"errcode":7,"error":["no text"]}"#, BodyKind::Object, None),
        (r#"[{"errcode":"M_X"}]"#, BodyKind::OtherJson, None),
        ("null", BodyKind::OtherJson, None),
        ("<html><h1>Bad Gateway</h1></html>", BodyKind::Html, None),
        ("no healthy upstream", BodyKind::Other, None),
        ("", BodyKind::Empty, None),
    ];
    let statuses = [400, 401, 403, 404, 405, 413, 418, 429, 500, 502, 503, 504, 599];
    let script = statuses.iter().flat_map(|status| bodies.map(|(body, ..)| json(*status, body)));
    let server = Server::start(script.collect::<Vec<_>>()).await;
    let client = client(&server.url).await;
    for status in statuses {
        for (body, kind, code) in bodies {
            let error = refused(&client).await;
            let Error::Api(refusal) = &error else { panic!("{status} {body}: {error}") };
            assert_eq!((refusal.status().as_u16(), refusal.body_kind()), (status, kind), "{body}");
            assert_eq!(error.errcode().map(ErrorCode::as_str), code, "{status} {body}");
            assert_eq!(error.body().unwrap(), body.as_bytes());
            assert_eq!(error.is_not_found(), status == 404 && code.is_none(), "{body}");
            assert_eq!(error.is_forbidden(), status == 403 && code.is_none(), "{body}");
            assert_eq!((error.is_rate_limited(), error.is_timeout()), (status == 429, status == 504));
            let text = error.to_string();
            assert!(text.starts_with(&format!("getThing: {status}")) && text.chars().count() <= 160, "{text}");
            assert!(!text.contains(char::is_control));
        }
    }
}
