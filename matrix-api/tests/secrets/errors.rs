//! Errors about secrets, and about what stands beside them.

use matrix_api::{
    BaseUrl, Metadata, Request, Response, Secret, TxnId,
    client_server::*,
    http::Method,
    request::{EncodeError, encode, encode_redacted},
    service::Homeserver,
    wire::{Body, DecodeError, Headers, Path, Query, Reply},
};

use crate::hidden;

fn refused<R: Request>(request: &R) -> EncodeError {
    let base = BaseUrl::parse("https://hs").unwrap();
    let shown = encode_redacted(&base, request, &TxnId::new()).unwrap_err();
    let error = encode(&base, request, &TxnId::new()).unwrap_err();
    for error in [&shown, &error] {
        hidden(&format!("{error} {error:?} {error:#?} {} {}", error.field(), error.reason()));
    }
    assert_eq!(shown, error);
    error
}

#[test]
fn a_refusal_shows_no_secret_that_stands_beside() {
    let auth = || types::AuthData::new().session("canary").extra("password", "canary");
    let error = refused(&DeleteDevice::new("..").auth(auth()));
    assert_eq!(error.to_string(), "deleteDevice: path parameter deviceId must not be `.` or `..`");
    let invite = types::Invite3pid::new("id.hs", "canary", "email", "a@b.c");
    let error = refused(&InviteBy3pid::new("canary", invite));
    assert_eq!(error.to_string(), "inviteBy3PID: path parameter roomId must start with `!`");
    let error = refused(&SendMessage::new("!r:hs", "x", std::collections::BTreeMap::from([((1, 2), "canary")])));
    assert_eq!(error.to_string(), "sendMessage: the body has a map whose keys are not text");
    let error = refused(&Ban::new("!r:hs", "canary").reason("canary"));
    assert_eq!(error.to_string(), "ban: body field user_id must start with `@`");
}

/// A request with a secret in each place, of which one is refused.
#[derive(Default)]
struct Everywhere {
    path: &'static str,
    header: &'static str,
    number: f64,
}

struct Nothing;

impl Response for Nothing {
    fn read(reply: &mut Reply<'_>) -> Result<Self, DecodeError> {
        reply.empty().map(|()| Self)
    }
}

impl Request for Everywhere {
    type To = Homeserver;
    type Response = Nothing;
    const METADATA: &'static Metadata = &Metadata::new("everywhere", Method::POST, "/{secret}/x");

    fn path(&self, path: &mut Path<'_>) {
        path.secret("secret", &Secret::new(self.path));
    }

    fn query(&self, query: &mut Query<'_>) {
        query.secret("secret", &Secret::new("canary"));
        query.secret("number", &Secret::new(self.number));
    }

    fn headers(&self, headers: &mut Headers) {
        headers.set("x-header", self.header);
    }

    fn body(&self, body: &mut Body<'_>) {
        body.secret("secret", &Secret::new("canary"));
        body.set("shown", "tea");
    }
}

#[test]
fn a_secret_that_is_refused_is_not_shown() {
    let fine = || Everywhere { path: "canary", header: "h", number: 1.0 };
    let base = BaseUrl::parse("https://hs").unwrap();
    let sent = encode(&base, &fine(), &TxnId::new()).unwrap();
    assert_eq!(sent.uri(), "https://hs/canary/x?secret=canary&number=1");
    assert_eq!(sent.body().as_ref(), br#"{"secret":"canary","shown":"tea"}"#);
    // What is kept beside the request, for errors, is already without.
    hidden(&format!("{:?}", sent.extensions()));
    let shown = encode_redacted(&base, &fine(), &TxnId::new()).unwrap();
    assert_eq!(shown.uri(), "https://hs/***/x?secret=***&number=***");
    assert_eq!(shown.body().as_ref(), br#"{"secret":"***","shown":"tea"}"#);

    let rows = [
        (Everywhere { path: "canary\n", ..fine() }, "path parameter secret must not have control characters"),
        (Everywhere { path: "", ..fine() }, "path parameter secret must not be empty"),
        (Everywhere { header: "canary\r\nx: canary", ..fine() }, "header x-header must be printable ASCII"),
        (Everywhere { number: f64::NAN, ..fine() }, "query parameter number must be a finite number"),
    ];
    for (request, reason) in rows {
        assert_eq!(refused(&request).to_string(), format!("everywhere: {reason}"));
    }
}

#[test]
fn an_answer_that_cannot_be_read_is_not_shown() {
    let rows = [
        r#"{"user_id":"@u:hs","device_id":"D","access_token":{"canary":"canary"}}"#,
        r#"{"user_id":"@u:hs","device_id":"D","access_token":["canary"]}"#,
        r#"{"user_id":"@u:hs","device_id":"D","access_token":"canary"#,
        r#"{"user_id":"@u:hs","access_token":"canary"}"#,
        r#""canary""#,
        "canary",
        "<html>canary</html>",
    ];
    for json in rows {
        let error = LoginResponse::from_json(json.as_bytes()).unwrap_err();
        hidden(&format!("{error} {error:?} {error:#?} {}", error.path()));
    }
}
