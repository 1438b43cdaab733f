use serde_json::{Value, json};

use crate::{Raw, TimelineEvent};

fn event(json: &Value) -> Raw<TimelineEvent> {
    Raw::from_json(json.to_string()).unwrap()
}

#[test]
fn an_event_tells_of_itself() {
    let event = event(&json!({
        "type": "m.room.member", "state_key": "@a:hs", "sender": "@b:hs", "event_id": "$e", "room_id": "!r",
        "origin_server_ts": 5.0, "redacts": "$old", "content": {"redacts": "$new"},
        "unsigned": {"age": 7, "transaction_id": "t", "redacted_because": {}},
    }));
    assert_eq!((&*event.event_type(), event.state_key().as_deref()), ("m.room.member", Some("@a:hs")));
    assert_eq!((event.sender().unwrap().as_str(), event.event_id().unwrap().as_str()), ("@b:hs", "$e"));
    assert_eq!((event.room_id().unwrap().as_str(), event.origin_server_ts().unwrap().get()), ("!r", 5));
    assert_eq!((event.redacts().unwrap().as_str(), event.is_redacted()), ("$old", true));
    assert_eq!((event.age(), event.transaction_id().as_deref()), (Some(7), Some("t")));
    assert_eq!(event.raw_content().unwrap().json(), r#"{"redacts":"$new"}"#);
}

#[test]
fn nothing_is_refused_for_what_is_missing_or_malformed() {
    for json in [json!([]), json!(null), json!({"type": 5, "sender": [], "unsigned": "x", "origin_server_ts": "y"})] {
        let event = event(&json);
        assert_eq!((&*event.event_type(), event.sender(), event.age()), ("", None, None), "{json}");
        assert_eq!((event.origin_server_ts(), event.is_redacted()), (None, false), "{json}");
    }
}
