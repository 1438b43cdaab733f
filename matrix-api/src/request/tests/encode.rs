use std::collections::BTreeMap;

use http::header::CONTENT_TYPE;

use super::{super::*, operations::*, *};
use crate::{IdOr, MxcUri, Object, Patch, Raw, RoomAlias, Secret, ServerName, TxnId, UnixMillis, UserId, json};

#[test]
fn a_request_is_exactly_these_bytes() {
    let mut ban = Ban::new("!r:example.org", "@u:example.org");
    let url = "https://example.org/_matrix/client/v3/rooms/%21r%3Aexample.org/ban";
    assert_eq!(sent(&ban), format!(r#"POST {url} {{"user_id":"@u:example.org"}}"#));
    ban.reason = Some("\"quoted\"\n".to_owned());
    let body = r#"{"user_id":"@u:example.org","reason":"\"quoted\"\n"}"#;
    assert_eq!(sent(&ban), format!("POST {url} {body}"));
    let request = encode(&base(), &ban, &txn()).unwrap();
    assert_eq!(request.headers().get(CONTENT_TYPE).unwrap(), "application/json");
    assert_eq!(request.headers().len(), 1);
    assert_eq!(request.extensions().get::<TxnId>(), None);
}

#[test]
fn a_sub_path_stays_and_a_reference_is_a_request() {
    let base = BaseUrl::parse("http://localhost:8008/matrix/").unwrap();
    let events = GetRoomEvents { room_id: "!r:x".into(), dir: Direction::Backward, limit: Some(50) };
    let request = encode(&base, &&events, &txn()).unwrap();
    assert_eq!(
        request.uri().to_string(),
        "http://localhost:8008/matrix/_matrix/client/v3/rooms/%21r%3Ax/messages?dir=b&limit=50"
    );
    assert!(request.body().is_empty() && request.headers().is_empty());
}

#[test]
fn a_transaction_id_is_injected_unless_set_and_told_to_who_cannot_know_it() {
    let mut message = SendMessage::new("!r:x", "m.room.message", json!({ "body": "hi" }));
    let url = "https://example.org/_matrix/client/v3/rooms/%21r%3Ax/send/m.room.message";
    assert_eq!(sent(&message), format!(r#"PUT {url}/t1 {{"body":"hi"}}"#));
    message.txn_id = Some("own/1".into());
    assert_eq!(sent(&message), format!(r#"PUT {url}/own%2F1 {{"body":"hi"}}"#));
    let told = |request: &http::Request<Bytes>| request.extensions().get::<TxnId>().unwrap().to_string();
    assert_eq!(told(&encode(&base(), &message, &txn()).unwrap()), "own/1");
    message.txn_id = None;
    assert!(encode(&base(), &message, &txn()).unwrap().extensions().is_empty());
    let in_body = Any { body: |body| body.txn("transaction_id", &None), ..Any::default() };
    assert_eq!(sent(&in_body), r#"PUT https://example.org/a/x {"transaction_id":"t1"}"#);
    assert!(encode(&base(), &in_body, &txn()).unwrap().extensions().is_empty());
    #[cfg(feature = "client")]
    {
        let request = encode_fresh(&base(), &message).unwrap();
        assert!(request.uri().path().ends_with(&told(&request)) && told(&request).len() == 32);
        message.txn_id = Some("own/1".into());
        assert_eq!(told(&encode_fresh(&base(), &message).unwrap()), "own/1");
        let request = encode_fresh(&base(), &in_body).unwrap();
        assert_eq!(request.body(), format!(r#"{{"transaction_id":"{}"}}"#, told(&request)).as_bytes());
    }
}

/// The path that one segment makes, or the reason why there is none.
macro_rules! segment {
    ($value:expr) => {{
        let request = Any { path: |path| path.set("a", $value), ..Any::default() };
        match encode(&base(), &request, &txn()) {
            Ok(request) => request.uri().path().to_owned(),
            Err(error) => error.to_string(),
        }
    }};
}

#[test]
fn a_path_segment_is_encoded_exactly() {
    assert_eq!(segment!("!#@$:/%"), "/a/%21%23%40%24%3A%2F%25");
    assert_eq!(segment!("a b+c&d=e?f"), "/a/a%20b%2Bc%26d%3De%3Ff");
    assert_eq!(segment!("AZaz09-._~"), "/a/AZaz09-._~");
    assert_eq!(segment!("é𝄞"), "/a/%C3%A9%F0%9D%84%9E");
    assert_eq!(segment!("..."), "/a/...");
    assert_eq!(segment!(".m.rule"), "/a/.m.rule");
    assert_eq!(segment!("%2e%2e"), "/a/%252e%252e");
    assert_eq!(segment!(&true), "/a/true");
    assert_eq!(segment!(&-7_i64), "/a/-7");
    assert_eq!(segment!(&UnixMillis(5)), "/a/5");
    assert_eq!(segment!(&Direction::from("new/one")), "/a/new%2Fone");
    assert_eq!(segment!(&RoomAlias::from("#a b:x")), "/a/%23a%20b%3Ax");
}

#[test]
fn a_path_segment_that_leads_elsewhere_is_refused() {
    assert_eq!(segment!(""), "any: path parameter a must not be empty");
    for text in [".", ".."] {
        let dots = "any: path parameter a must not be `.` or `..`";
        assert_eq!(if text == "." { segment!(".") } else { segment!("..") }, dots);
    }
    let control = "any: path parameter a must not have control characters";
    assert_eq!(segment!("a\0"), control);
    assert_eq!(segment!("a\r\nHost: b"), control);
    assert_eq!(segment!("\u{7f}"), control);
    assert_eq!(segment!("\u{85}"), control);
    assert_eq!(segment!(&UserId::from("u:x")), "any: path parameter a must start with `@`");
    assert_eq!(segment!(&UserId::from("")), "any: path parameter a must not be empty");
    assert_eq!(segment!(&f64::NAN), "any: path parameter a must be a finite number");
}

#[test]
fn an_empty_state_key_leaves_the_slash() {
    let empty = Any { path: |path| path.set_or_empty("a", ""), ..Any::default() };
    assert_eq!(sent(&empty), "PUT https://example.org/a/");
    let dots = Any { path: |path| path.set_or_empty("a", ".."), ..Any::default() };
    assert_eq!(refused(&dots), "any: path parameter a must not be `.` or `..`");
}

#[test]
fn a_path_written_out_of_step_is_refused() {
    let none = Any { path: |_| {}, ..Any::default() };
    assert_eq!(refused(&none), "any: path parameter a was not set");
    let wrong = Any { path: |path| path.set("b", "x"), ..Any::default() };
    assert_eq!(refused(&wrong), "any: path parameter b is not the next parameter of the path");
    let twice = Any {
        path: |path| {
            path.set("a", "x");
            path.set("a", "x");
        },
        ..Any::default()
    };
    assert_eq!(refused(&twice), "any: path parameter a is not the next parameter of the path");
}

#[test]
fn a_query_is_encoded_exactly() {
    let request = Any {
        query: |query| {
            query.set("yes", &true);
            query.opt("no", &Some(false));
            query.opt("absent", &None::<bool>);
            query.list("via", &[ServerName::from("a.b"), ServerName::from("c.d:8448")]);
            query.list::<String>("none", &[]);
            query.explode(&crate::Map::from([("k&".to_owned(), "v=+"), ("l".to_owned(), "é #")]));
            query.set("empty", "");
            query.set("half", &1.5);
            query.set("avatar", &MxcUri::from("mxc://x/y"));
        },
        ..Any::default()
    };
    assert_eq!(
        sent(&request),
        "PUT https://example.org/a/x?yes=true&no=false&via=a.b&via=c.d%3A8448\
         &k%26=v%3D%2B&l=%C3%A9%20%23&empty=&half=1.5&avatar=mxc%3A%2F%2Fx%2Fy"
    );
}

#[test]
fn json_in_a_query_is_compact_text() {
    let request = Any {
        query: |query| {
            query.json("a", &json!({ "b": [1, null, "é&"] }));
            query.opt_json("none", &None::<Object>);
            query.opt_id_or_json("c", &Some(IdOr::<Object>::id("f 1")));
            query.opt_id_or_json("d", &Some(IdOr::inline(json!({}))));
            query.opt_id_or_json("e", &None::<IdOr<Object>>);
        },
        ..Any::default()
    };
    assert_eq!(
        sent(&request),
        "PUT https://example.org/a/x?a=%7B%22b%22%3A%5B1%2Cnull%2C%22%C3%A9%26%22%5D%7D\
         &c=f%201&d=%7B%7D"
    );
}

/// The body that a writer makes.
macro_rules! body {
    (|$body:ident| $write:expr) => {{
        let request = Any { body: |$body| $write, ..Any::default() };
        let request = encode(&base(), &request, &txn()).unwrap();
        let content_type = request.headers().get(CONTENT_TYPE).map(|text| text.to_str().unwrap());
        let body = String::from_utf8_lossy(request.body()).into_owned();
        (content_type.unwrap_or("none").to_owned(), body)
    }};
}

fn as_json(text: &str) -> (String, String) {
    ("application/json".to_owned(), text.to_owned())
}

#[test]
fn absent_null_empty_and_false_are_different_bodies() {
    assert_eq!(body!(|_body| {}), ("none".to_owned(), String::new()));
    assert_eq!(body!(|body| body.object()), as_json("{}"));
    assert_eq!(body!(|body| body.opt("a", &None::<bool>)), ("none".to_owned(), String::new()));
    assert_eq!(body!(|body| body.opt("a", &Some(false))), as_json(r#"{"a":false}"#));
    assert_eq!(body!(|body| body.set("a", &None::<bool>)), as_json(r#"{"a":null}"#));
    assert_eq!(body!(|body| body.set("a", &[(); 0])), as_json(r#"{"a":[]}"#));
    assert_eq!(body!(|body| body.set("a", &Object::new())), as_json(r#"{"a":{}}"#));
    assert_eq!(body!(|body| body.patch("a", &Patch::<bool>::Null)), as_json(r#"{"a":null}"#));
    assert_eq!(body!(|body| body.patch("a", &Patch::Set(0_i64))), as_json(r#"{"a":0}"#));
    let absent = body!(|body| {
        body.object();
        body.patch("a", &Patch::<bool>::Absent);
    });
    assert_eq!(absent, as_json("{}"));
}

#[test]
fn a_body_is_an_object_a_value_or_bytes() {
    let members = body!(|body| {
        body.set("a\"", "é");
        body.extra(&Object::from_iter([("x", 1), ("y", 2)]));
    });
    assert_eq!(members, as_json(r#"{"a\"":"é","x":1,"y":2}"#));
    let raw = body!(|body| body.special(&Raw::<Object>::from_json(" {\"a\": 1}\n".into()).unwrap()));
    assert_eq!(raw, as_json(r#"{"a": 1}"#));
    let list = body!(|body| body.special(&[1, 2]));
    assert_eq!(list, as_json("[1,2]"));
    let bytes = body!(|body| body.bytes(&None, &some_bytes()));
    assert_eq!(bytes, ("application/octet-stream".to_owned(), "\0\u{fffd}".to_owned()));
    let png = body!(|body| body.bytes(&Some("image/png".to_owned()), &Bytes::new()));
    assert_eq!(png, ("image/png".to_owned(), String::new()));
}

#[test]
fn a_header_is_set_and_never_injected() {
    let headers = Any {
        headers: |headers| {
            headers.set("Accept-Language", "de");
            headers.opt("X-None", &None::<bool>);
        },
        ..Any::default()
    };
    let request = encode(&base(), &headers, &txn()).unwrap();
    assert_eq!(request.headers().get("accept-language").unwrap(), "de");
    assert_eq!(request.headers().len(), 1);
    let injected = Any { headers: |headers| headers.set("X-A", "a\r\nb: c"), ..Any::default() };
    assert_eq!(refused(&injected), "any: header X-A must be printable ASCII");
    let typed = Any { body: |body| body.bytes(&Some("a\nb".into()), &Bytes::new()), ..Any::default() };
    assert_eq!(refused(&typed), "any: header Content-Type must be printable ASCII");
}

#[test]
fn a_refusal_names_operation_and_field_and_not_the_value() {
    let ban = Ban::new("!r:x", "alice");
    let error = encode(&base(), &ban, &txn()).unwrap_err();
    assert_eq!(error.to_string(), "ban: body field user_id must start with `@`");
    assert_eq!((error.operation(), error.field()), ("ban", "user_id"));
    assert_eq!(error.place(), Some(Place::Body));
    let ban = Ban::new("#alias:x", "@u:x");
    assert_eq!(refused(&ban), "ban: path parameter roomId must start with `!`");
    let nested = Any { body: |body| body.set("map", &BTreeMap::from([(UserId::from("bob"), [1])])), ..Any::default() };
    assert_eq!(refused(&nested), "any: body field map must start with `@`");
    let message = SendMessage::new("!r:x", "t", BTreeMap::from([(vec![1], 1)]));
    assert_eq!(refused(&message), "sendMessage: the body has a map whose keys are not text");
    let long = Any { query: |query| query.set("q", &"x".repeat(70_000)), ..Any::default() };
    assert_eq!(refused(&long), "any: the URL is longer than 65534 bytes");
    let mixed = Any {
        body: |body| {
            body.object();
            body.special("x");
        },
        ..Any::default()
    };
    assert_eq!(refused(&mixed), "any: the body was written in two ways");
}

#[test]
fn a_refusal_inside_a_value_names_the_way_to_it() {
    struct Room(&'static str);
    impl serde::Serialize for Room {
        fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
            struct Rooms(UserId);
            impl serde::Serialize for Rooms {
                fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                    let mut out = crate::wire::write_object(serializer)?;
                    out.set("senders", &[&self.0])?;
                    out.end()
                }
            }
            let mut out = crate::wire::write_object(serializer)?;
            out.set("limit", &1)?;
            out.set("timeline", &Rooms(self.0.into()))?;
            out.end()
        }
    }
    let special = Any { body: |body| body.special(&Room("bob")), ..Any::default() };
    assert_eq!(refused(&special), "any: the body's member timeline.senders must start with `@`");
    let field = Any { body: |body| body.set("room", &Room("bob")), ..Any::default() };
    assert_eq!(refused(&field), "any: body field room.timeline.senders must start with `@`");
    let query = Any { query: |query| query.json("filter", &Room("bob")), ..Any::default() };
    assert_eq!(refused(&query), "any: query parameter filter.timeline.senders must start with `@`");
    // Nothing of it is left for the next refusal.
    assert_eq!(refused(&Ban::new("!r:x", "bob")), "ban: body field user_id must start with `@`");
}

#[test]
fn an_identifier_is_checked_in_requests_only() {
    assert_eq!(serde_json::to_string(&UserId::from("odd")).unwrap(), r#""odd""#);
    assert!(encode(&base(), &Ban::new("!r:x", "odd"), &txn()).is_err());
    assert_eq!(serde_json::to_string(&UserId::from("odd")).unwrap(), r#""odd""#);
}

#[test]
fn secrets_are_sent_and_never_shown() {
    let request = encode(&base(), &Secrets, &txn()).unwrap();
    assert_eq!(
        request.uri().to_string(),
        "https://example.org/s/open/canary/end?token=canary&other=canary&shown=yes\
         &filter=%7B%22nested%22%3A%22canary%22%7D"
    );
    assert_eq!(std::str::from_utf8(request.body()).unwrap(), r#"{"password":"canary","number":7,"list":["canary"]}"#);
    assert_eq!(safe_url(&request), "https://example.org/s/open/***/end");
}

#[test]
fn a_redacted_request_has_stars_for_secrets() {
    struct Lazy;
    impl Request for Lazy {
        type To = crate::service::Homeserver;
        type Response = Nothing;
        const METADATA: &'static Metadata = Secrets::METADATA;

        fn path(&self, path: &mut Path<'_>) {
            Secrets.path(path);
        }

        fn query(&self, query: &mut Query<'_>) {
            query.secret("token", &canary());
            query.json("filter", &BTreeMap::from([("nested", canary())]));
            query.set("shown", "yes");
        }

        fn body(&self, body: &mut Body<'_>) {
            Secrets.body(body);
        }
    }
    let request = encode_redacted(&base(), &Lazy, &txn()).unwrap();
    assert_eq!(
        request.uri().to_string(),
        "https://example.org/s/open/***/end?token=***\
         &filter=%7B%22nested%22%3A%22%2A%2A%2A%22%7D&shown=yes"
    );
    assert_eq!(std::str::from_utf8(request.body()).unwrap(), r#"{"password":"***","number":"***","list":["***"]}"#);
    // The scope ends with the call, and with a refused call.
    assert_eq!(serde_json::to_string(&canary()).unwrap(), r#""canary""#);
    assert!(encode_redacted(&base(), &Ban::new("x", "y"), &txn()).is_err());
    assert_eq!(serde_json::to_string(&canary()).unwrap(), r#""canary""#);
    assert_eq!(format!("{0:?} {0}", Secret::new(5)), "*** ***");
}

#[test]
fn metadata_is_what_was_said() {
    let metadata = Ban::METADATA;
    assert_eq!((metadata.id, metadata.path), ("ban", "/_matrix/client/v3/rooms/{roomId}/ban"));
    assert_eq!((metadata.auth, metadata.idempotency), (Auth::AccessToken, Idempotency::Always));
    assert_eq!(metadata.auth.to_string(), "required");
    assert_eq!(metadata.effect, Effect::Writes);
    assert!(metadata.fields[0].required && !metadata.fields[2].required);
    assert_eq!(Any::METADATA.auth, Auth::None);
}
