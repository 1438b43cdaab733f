//! Short ways to look at what came back.

use matrix_api::{Client, Error, ErrorCode, ErrorKind, EventId, Raw, UserId};
use serde_json::Value;

/// A member of the event itself.
pub(crate) fn field<T>(event: &Raw<T>, name: &str) -> Value {
    event.field(name).expect("an event is an object").unwrap_or(Value::Null)
}

/// The event's type.
pub(crate) fn kind<T>(event: &Raw<T>) -> String {
    field(event, "type").as_str().expect("every event has a type").to_owned()
}

/// The event's content.
pub(crate) fn content<T>(event: &Raw<T>) -> Value {
    field(event, "content")
}

/// The event's id.
pub(crate) fn id<T>(event: &Raw<T>) -> EventId {
    EventId::from(field(event, "event_id").as_str().expect("a room's event has an id"))
}

/// The ids of some events, in their order.
pub(crate) fn ids<T>(events: &[Raw<T>]) -> Vec<EventId> {
    events.iter().map(id).collect()
}

/// The bodies of the messages among some events, in their order.
pub(crate) fn bodies<T>(events: &[Raw<T>]) -> Vec<String> {
    events.iter().filter_map(|event| content(event)["body"].as_str().map(str::to_owned)).collect()
}

/// Who the client is logged in as.
pub(crate) async fn me(client: &Client) -> UserId {
    client.whoami().await.expect("the client is logged in").user_id
}

/// Asserts that the server refused, with this status and this code.
#[track_caller]
pub(crate) fn refused<T: std::fmt::Debug>(answer: Result<T, Error>, status: u16, code: ErrorCode) {
    let error = answer.expect_err("the server must refuse");
    assert_eq!(error.kind(), ErrorKind::Api, "{error}");
    assert_eq!(error.status().map(|status| status.as_u16()), Some(status), "{error}");
    assert_eq!(error.errcode(), Some(&code), "{error}");
}
