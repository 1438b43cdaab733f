//! Requests made up from the specs, for every operation: read as where they arrive, and sent again.

use std::collections::BTreeMap;
use std::path::Path;

use matrix_api::application_service::{QueryUserById, SendTransaction, SendTransactionResponse};
use matrix_api::bytes::Bytes;
use matrix_api::client_server::{GetPushRules, SetTyping, SyncEvents};
use matrix_api::http::{HeaderMap, Method, Request, StatusCode};
use matrix_api::push_gateway::Notify;
use matrix_api::request::{answer, decode, encode, receive};
use matrix_api::synapse_admin::UpdateRegistrationToken;
use matrix_api::wire::{DecodeCategory, IdOr, Patch};
use matrix_api::{BaseUrl, Request as _, TxnId, json};
use matrix_api_codegen::{Call, Content, Model};
use matrix_api_tests::generated::calls::APIS;
use matrix_api_tests::generated::client_server;
use matrix_api_tests::send_back::{Failed, Sent};
use serde_json::Value;

#[test]
fn every_request_arrives_as_it_was_sent() {
    let model = Model::read(&Path::new(env!("CARGO_MANIFEST_DIR")).join("../specs")).unwrap();
    let mut failures = Vec::new();
    for &(api, requests) in APIS {
        let requests: BTreeMap<_, _> = requests.iter().copied().collect();
        let calls = model.calls(api);
        assert!(calls.len() > requests.len(), "{api}: {} samples", calls.len());
        for call in calls {
            match requests[call.operation.as_str()](&request(&call)) {
                Ok(sent) if same(&call, &sent) => {}
                outcome => failures.push(format!("{call:?}\n  {outcome:?}")),
            }
        }
    }
    assert!(failures.is_empty(), "{}:\n{}", failures.len(), failures.join("\n"));
}

fn request(call: &Call) -> Request<Bytes> {
    let body = match &call.content {
        Some(Content::Json(json)) => json.to_string().into(),
        Some(Content::Bytes(bytes)) => Bytes::from(bytes.clone()),
        None => Bytes::new(),
    };
    let mut request = Request::builder().method(call.method).uri(&call.target);
    for (name, value) in &call.headers {
        request = request.header(name, value);
    }
    request.body(body).unwrap()
}

fn same(call: &Call, sent: &Sent) -> bool {
    let body = match &call.content {
        Some(Content::Json(json)) => serde_json::from_slice::<Value>(&sent.body).is_ok_and(|sent| sent == *json),
        Some(Content::Bytes(bytes)) => sent.body == *bytes,
        None => sent.body.is_empty(),
    };
    let headers = call.headers == sent.headers;
    body && headers && sent.method == call.method && parts(&call.target) == parts(&sent.target)
}

/// The path, and the pairs of the query; of JSON in a query the order of members says nothing.
fn parts(target: &str) -> (String, Vec<(String, Value)>) {
    let (path, query) = target.split_once('?').unwrap_or((target, ""));
    let pairs = query.split('&').filter(|pair| !pair.is_empty()).map(|pair| {
        let (name, value) = pair.split_once('=').unwrap();
        let json = value.starts_with("%7B").then(|| serde_json::from_str(&decoded(value)).ok()).flatten();
        (name.to_owned(), json.unwrap_or_else(|| Value::String(value.to_owned())))
    });
    (path.to_owned(), pairs.collect())
}

fn decoded(text: &str) -> String {
    let mut bytes = Vec::new();
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        bytes.push(match byte {
            b'%' => {
                let digits = [rest.next().unwrap(), rest.next().unwrap()];
                u8::from_str_radix(std::str::from_utf8(&digits).unwrap(), 16).unwrap()
            }
            byte => byte,
        });
    }
    String::from_utf8(bytes).unwrap()
}

fn call(method: Method, target: &str, body: &str) -> Request<Bytes> {
    Request::builder().method(method).uri(target).body(Bytes::copy_from_slice(body.as_bytes())).unwrap()
}

/// What a homeserver does to an application service, over both halves: its client side sends, ours reads and answers,
/// its client side reads the answer.
#[test]
fn a_transaction_goes_to_an_application_service_and_its_answer_back() {
    let event = json!({"type": "m.room.message", "event_id": "$e", "content": {"body": "hi"}});
    let events = [matrix_api::Raw::new(&event)];
    let sent = SendTransaction::new(events).extra("de.sorunome.msc2409.to_device", json!([]));
    let base = BaseUrl::parse("https://bridge.example.org").unwrap();
    let http = encode(&base, &sent, &TxnId::from("t/1")).unwrap();
    assert_eq!(http.uri().path(), "/_matrix/app/v1/transactions/t%2F1");

    assert!(SendTransaction::METADATA.matches(http.method(), http.uri().path()));
    assert!(!QueryUserById::METADATA.matches(http.method(), http.uri().path()));
    let read: SendTransaction = receive(&http).unwrap();
    assert_eq!(read.txn_id.as_ref().unwrap().as_str(), "t/1");
    assert_eq!(read.events[0].json(), event.to_string());
    assert_eq!(read.extra.get("de.sorunome.msc2409.to_device"), Some(&json!([])));

    let (head, body) = answer(&SendTransactionResponse::new()).unwrap().into_parts();
    assert_eq!((head.status, &body[..]), (StatusCode::OK, &b"{}"[..]));
    decode::<SendTransactionResponse>(head.status, &head.headers, body).unwrap();
}

#[test]
fn a_bad_event_does_not_cost_a_notification_its_devices() {
    let body = r#"{"notification": {"devices": [{"app_id": "a", "pushkey": "k"}, 7, {"app_id": "b"}], "prio": "odd"}}"#;
    let read: Notify = receive(&call(Method::POST, "/_matrix/push/v1/notify", body)).unwrap();
    let keys: Vec<_> = read.notification.devices.iter().map(|device| device.pushkey.as_str()).collect();
    assert_eq!(keys, ["k"]);
    assert_eq!(read.notification.prio.unwrap().as_str(), "odd");
}

#[test]
fn what_is_wrong_with_a_request_is_named() {
    let typing = |target: &str, body: &str| {
        let error = receive::<SetTyping>(&call(Method::PUT, target, body)).unwrap_err();
        (error.category(), error.path().to_owned(), error.to_string())
    };
    let here = "/_matrix/client/v3/rooms/%21r%3Ahs/typing/%40u%3Ahs";
    let missing = typing(here, "{}");
    assert_eq!((missing.0, missing.1.as_str()), (DecodeCategory::Missing, "typing"));
    let wrong = typing(here, r#"{"typing": "yes"}"#);
    assert_eq!((wrong.0, wrong.1.as_str()), (DecodeCategory::Type, "typing"));
    let elsewhere = typing("/_matrix/client/v3/rooms/%21r%3Ahs/typing", r#"{"typing": true}"#);
    assert_eq!(elsewhere.0, DecodeCategory::Route);
    assert_eq!(elsewhere.2, "the request is for another operation");
    let empty = typing("/_matrix/client/v3/rooms//typing/%40u%3Ahs", r#"{"typing": true}"#);
    assert_eq!(empty.2, "roomId should be a segment that is not empty");
    let bytes = typing("/_matrix/client/v3/rooms/%ff/typing/%40u%3Ahs", r#"{"typing": true}"#);
    assert_eq!(bytes.2, "roomId should be text in UTF-8");

    let sync = |query: &str| receive::<SyncEvents>(&call(Method::GET, &format!("/_matrix/client/v3/sync?{query}"), ""));
    assert_eq!(sync("timeout=soon").unwrap_err().to_string(), "timeout should be a whole number");
    assert_eq!(sync("full_state=1").unwrap_err().to_string(), "full_state should be true or false");
    assert_eq!(sync("filter=%7B").unwrap_err().category(), DecodeCategory::Eof);
    let read = sync("since=a+b&filter=7&timeout=30").unwrap();
    assert_eq!((read.since.unwrap().as_str(), read.filter, read.timeout), ("a b", Some(IdOr::id("7")), Some(30)));

    let other = receive::<GetPushRules>(&call(Method::POST, "/_matrix/client/v3/pushrules/", "")).unwrap_err();
    assert_eq!(other.category(), DecodeCategory::Route);
}

#[test]
fn absent_null_and_set_arrive_as_three_things() {
    let target = "/_synapse/admin/v1/registration_tokens/abc";
    let read = |body: &str| receive::<UpdateRegistrationToken>(&call(Method::PUT, target, body)).unwrap();
    assert_eq!(read(r#"{"uses_allowed": 3}"#).uses_allowed, Patch::Set(3));
    assert_eq!(read(r#"{"uses_allowed": null}"#).uses_allowed, Patch::Null);
    assert_eq!(read("").uses_allowed, Patch::Absent);
    assert_eq!(read("").token.expose(), "abc");
}

#[test]
fn the_token_is_no_field_of_a_lookup() {
    use matrix_api::application_service::QueryUserByProtocol;

    let target = "/_matrix/app/v1/thirdparty/user/irc?nick=al+ice&access_token=hs&nick=other";
    let read: QueryUserByProtocol = receive(&call(Method::GET, target, "")).unwrap();
    let fields: Vec<_> = read.fields.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    assert_eq!(fields, [("nick", "other")]);
}

/// What is sent is not what is read, and the test of every request would see it.
#[test]
fn a_difference_is_seen() {
    let sent = |target: &str| Sent {
        method: "GET".to_owned(),
        target: target.to_owned(),
        headers: BTreeMap::new(),
        body: Bytes::new(),
    };
    let target = "/a?b=%7B%22x%22%3A1%2C%22y%22%3A2%7D&c=d".to_owned();
    let call = Call {
        operation: "op".to_owned(),
        case: "full".to_owned(),
        method: "GET",
        target,
        headers: BTreeMap::new(),
        content: None,
    };
    assert!(same(&call, &sent("/a?b=%7B%22y%22%3A2%2C%22x%22%3A1%7D&c=d")));
    for other in ["/a?b=%7B%22y%22%3A2%7D&c=d", "/a?b=%7B%22x%22%3A1%2C%22y%22%3A2%7D", "/b", "/a?c=d"] {
        assert!(!same(&call, &sent(other)), "{other}");
    }
    let headers = HeaderMap::new();
    assert!(headers.is_empty());
    let failed = client_server::REQUESTS[0].1(&crate::call(Method::GET, "/nowhere", "")).unwrap_err();
    assert!(matches!(failed, Failed::Read(error) if error.category() == DecodeCategory::Route));
}
