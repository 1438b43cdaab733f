use std::time::{Duration, SystemTime, UNIX_EPOCH};

use http::{HeaderValue, header::RETRY_AFTER};

use super::{http_date::http_date, *};
use crate::{json, wire::DecodeError};

const NOW: Duration = Duration::from_secs(784_111_777);

fn now() -> SystemTime {
    UNIX_EPOCH + NOW
}

fn refusal(status: u16, body: &'static str) -> ApiError {
    let status = StatusCode::from_u16(status).unwrap();
    ApiError::read_at(status, &HeaderMap::new(), Bytes::from_static(body.as_bytes()), now())
}

fn call() -> Call {
    let request = http::Request::builder()
        .method(Method::POST)
        .uri("https://example.org/_matrix/x?access_token=canary")
        .extension(TxnId::from("t1"))
        .body(())
        .unwrap();
    Call::new("createRoom", &request)
}

#[test]
fn a_refusal_is_read_from_the_specified_body() {
    let error = refusal(429, r#"{"errcode":"M_LIMIT_EXCEEDED","error":"Slow","retry_after_ms":1500,"who":"me"}"#);
    assert_eq!(error.errcode(), Some(&ErrorCode::LimitExceeded));
    assert_eq!(error.message(), Some("Slow"));
    assert_eq!(error.retry_after(), Some(Duration::from_millis(1500)));
    assert_eq!(error.extra().get("who"), Some(&json!("me")));
    assert_eq!((error.extra().len(), error.body_kind()), (1, BodyKind::Object));
    assert_eq!(error.to_string(), "429 M_LIMIT_EXCEEDED: Slow; try again in 1.5s");
    let error = Error::Api(error.of(call()));
    assert_eq!(error.to_string(), "createRoom: 429 M_LIMIT_EXCEEDED: Slow; try again in 1.5s");
    assert!(error.is_rate_limited() && !error.is_forbidden() && error.may_have_been_sent());
    assert_eq!(error.url(), Some("https://example.org/_matrix/x"));
    assert_eq!(error.method(), Some(&Method::POST));
    assert_eq!(error.txn_id(), Some(&TxnId::from("t1")));
    assert_eq!(error.operation(), Some("createRoom"));
    assert_eq!((error.kind(), error.status().unwrap().as_u16()), (ErrorKind::Api, 429));
}

#[test]
fn whatever_a_proxy_sends_is_typed() {
    let bodies = [
        ("", BodyKind::Empty, ", with an empty body"),
        (" <html>canary</html>", BodyKind::Html, ", with an HTML page instead of JSON"),
        ("upstream", BodyKind::Other, ", with a body that is not JSON"),
        ("[1]", BodyKind::OtherJson, ", with JSON that is no object"),
        ("{}", BodyKind::Object, ""),
    ];
    for (body, kind, text) in bodies {
        let error = refusal(502, body);
        let text = format!("502{text}; try again later, or tell the server's admin");
        assert_eq!((error.body_kind(), error.to_string()), (kind, text));
        assert_eq!(error.errcode(), None);
    }
    let odd = refusal(400, r#"{"errcode":7,"error":{"a":1},"soft_logout":"yes"}"#);
    assert_eq!((odd.errcode(), odd.message(), odd.soft_logout()), (None, None, false));
    assert_eq!(odd.extra().get("errcode"), Some(&json!(7)));
    assert!(Error::Api(refusal(404, "")).is_not_found());
    assert!(!Error::Api(refusal(404, r#"{"errcode":"M_UNRECOGNIZED"}"#)).is_not_found());
    assert!(Error::Api(refusal(504, "")).is_timeout());
}

#[test]
fn an_error_within_an_error_is_unwrapped_once() {
    let text =
        r#"{"errcode":"M_UNKNOWN","error":"{\"errcode\":\"M_LIMIT_EXCEEDED\",\"error\":\"in\",\"retry_after_ms\":7}"}"#;
    let error = refusal(400, text);
    assert_eq!(error.errcode(), Some(&ErrorCode::LimitExceeded));
    assert_eq!((error.message(), error.retry_after()), (Some("in"), Some(Duration::from_millis(7))));
    let error = refusal(400, r#"{"error":{"errcode":"M_FORBIDDEN","error":"no"}}"#);
    assert_eq!((error.errcode(), error.message()), (Some(&ErrorCode::Forbidden), Some("no")));
    let error = refusal(400, r#"{"error":"{not json"}"#);
    assert_eq!(error.message(), Some("{not json"));
}

#[test]
fn a_hint_in_the_header_goes_before_the_body() {
    let hint = |value: &str| {
        let mut headers = HeaderMap::new();
        headers.insert(RETRY_AFTER, HeaderValue::from_str(value).unwrap());
        let body = Bytes::from_static(br#"{"retry_after_ms":1.0}"#);
        ApiError::read_at(StatusCode::TOO_MANY_REQUESTS, &headers, body, now()).retry_after()
    };
    let seconds = |count| Some(Duration::from_secs(count));
    assert_eq!(hint("30"), seconds(30));
    assert_eq!(hint("1000000000"), seconds(1_000_000_000));
    assert_eq!(hint("99999999999999999999999"), seconds(u64::MAX));
    assert_eq!(hint("Sun, 06 Nov 1994 08:50:37 GMT"), seconds(60));
    assert_eq!(hint("Sun, 06 Nov 1994 08:00:00 GMT"), seconds(0));
    assert_eq!(hint("soon"), Some(Duration::from_millis(1)));
    assert_eq!(hint("-5"), Some(Duration::from_millis(1)));
    assert_eq!(refusal(429, r#"{"retry_after_ms":-5}"#).retry_after(), None);
    assert_eq!(refusal(429, r#"{"retry_after_ms":1e300}"#).retry_after(), None);
}

#[test]
fn an_http_date_is_read_to_the_second() {
    let seconds = |text| http_date(text).map(|date| date.duration_since(UNIX_EPOCH).unwrap().as_secs());
    assert_eq!(seconds("Sun, 06 Nov 1994 08:49:37 GMT"), Some(784_111_777));
    assert_eq!(seconds("Thu, 01 Jan 1970 00:00:00 GMT"), Some(0));
    assert_eq!(seconds("Tue, 29 Feb 2000 12:00:00 GMT"), Some(951_825_600));
    assert_eq!(seconds("Fri, 31 Dec 9999 23:59:60 GMT"), Some(253_402_300_800));
    assert_eq!(seconds("Wed, 31 Dec 1969 23:59:59 GMT"), Some(0));
    for text in [
        "",
        "Sun, 06 Nov 1994 08:49:37 UTC",
        "Sun, 6 Nov 1994 08:49:37 GMT",
        "Sun, 29 Feb 1900 08:49:37 GMT",
        "Sun, 31 Apr 2020 08:49:37 GMT",
        "Sun, 00 Apr 2020 08:49:37 GMT",
        "Sun, 01 Foo 2020 08:49:37 GMT",
        "Sun, 01 Apr 2020 24:00:00 GMT",
        "Sun, 06 Nov 1994 08:49:37 GMTé",
    ] {
        assert_eq!(seconds(text), None, "{text}");
    }
}

#[test]
fn flows_are_kept_whole_for_interactive_authentication() {
    let body = r#"{"flows":[{"stages":["m.login.password"]}],"session":"s","params":{}}"#;
    let error = Error::Api(refusal(401, body).of(call()));
    assert_eq!(error.uiaa().unwrap().get("session"), Some(&json!("s")));
    assert_eq!(error.uiaa().unwrap().len(), 3);
    assert_eq!(error.to_string(), "createRoom: 401; complete one of the flows in uiaa()");
    assert!(Error::Api(refusal(403, body)).uiaa().is_none());
}

#[test]
fn each_kind_says_what_failed_and_what_to_do() {
    let gone = refusal(401, r#"{"errcode":"M_UNKNOWN_TOKEN","soft_logout":true}"#).of(call());
    let received = Received { status: StatusCode::OK, headers: HeaderMap::new(), body: Bytes::from_static(b"canary") };
    let transport = |kind, sent| Error::Transport(TransportError::new(call(), kind, sent));
    let errors = [
        (Error::NotLoggedIn(NotLoggedIn::new("sync")), "sync: needs a login; log in or give the client a token"),
        (
            Error::Unsupported(Unsupported::new("sync", "Matrix v1.11", "v1.6")),
            "sync: needs Matrix v1.11, the server has v1.6; nothing was sent",
        ),
        (
            transport(TransportKind::Connect, Sent::No),
            "createRoom: could not connect to https://example.org; nothing was sent, so it can be tried again (not retried)",
        ),
        (
            transport(TransportKind::Interrupted, Sent::Maybe),
            "createRoom: the connection to https://example.org broke after the request was sent; it may have been carried out \
             (not retried)",
        ),
        (
            Error::Limit(LimitError::new(call(), Limit::BodyBytes, 64, Some(received.clone()))),
            "createRoom: the answer is larger than 64 bytes; raise the limit or ask for less",
        ),
        (
            Error::SessionEnded(SessionEnded::new(gone)),
            "createRoom: the session has ended, but its device remains; log in again with the same device id",
        ),
        (
            Error::Decode(DecodeFailure::new(call(), received, DecodeError::unexpected("a.b", "text"))),
            "createRoom: done (200), but the answer is unreadable: a.b should be text",
        ),
        (DecodeError::unexpected("a", "text").into(), "unreadable JSON: a should be text"),
        (crate::UserId::parse("x").unwrap_err().into(), "a user ID must start with `@`"),
    ];
    for (error, text) in errors {
        assert_eq!(error.to_string(), text);
        assert_eq!(format!("{error:?}"), format!("{:?}({text})", error.kind()));
        assert!(text.len() <= 160);
    }
}

#[test]
fn an_error_knows_whether_it_was_sent_and_accepted() {
    let transport = |sent| TransportError::new(call(), TransportKind::Timeout, sent);
    assert!(!Error::Transport(transport(Sent::No)).may_have_been_sent());
    assert!(Error::Transport(transport(Sent::Maybe)).may_have_been_sent());
    assert!(Error::Transport(transport(Sent::Maybe)).is_timeout());
    let cut = Error::Transport(transport(Sent::Maybe).with_status(StatusCode::OK));
    assert!(cut.request_was_accepted() && cut.may_have_been_sent());
    assert!(!Error::Api(refusal(500, "")).request_was_accepted());
    assert!(!Error::from(EncodeError::whole("a", "b")).may_have_been_sent());
    assert!(!Error::from(DecodeError::unexpected("a", "text")).may_have_been_sent());
}

#[test]
fn a_text_is_one_short_line() {
    let long = format!(r#"{{"errcode":"{}","error":"a\nb\u202e{}"}}"#, "M".repeat(99), "é".repeat(300));
    let api = ApiError::read(StatusCode::BAD_REQUEST, &HeaderMap::new(), long.into());
    let text = Error::Api(api.of(call())).to_string();
    assert!(text.chars().count() <= 160 && text.ends_with('…'), "{text}");
    assert!(!text.contains(['\n', '\u{202e}']));
}

#[test]
fn a_cause_is_not_repeated_and_errors_stay_small() {
    let error = TransportError::new(call(), TransportKind::Connect, Sent::No)
        .caused_by(std::io::Error::other("refused"))
        .after(Duration::from_secs(1));
    let error = Error::Transport(error);
    assert!(!error.to_string().contains("refused"));
    assert_eq!(error::Error::source(&error).unwrap().to_string(), "refused");
    assert!(size_of::<Result<()>>() <= 16);
    fn is_portable<T: Send + Sync + 'static>() {}
    is_portable::<Error>();
}
