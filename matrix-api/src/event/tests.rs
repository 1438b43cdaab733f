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
fn a_head_tells_of_the_content_now_and_before() {
    for before in [
        json!({"unsigned": {"prev_content": {"membership": "invite"}}}),
        json!({"unsigned": {"prev_content": null}, "prev_content": {"membership": "invite"}}),
    ] {
        let mut json = before;
        json["content"] = json!({"membership": "join", "is_direct": 5});
        let event = event(&json);
        let head = event.head();
        assert_eq!(head.content_json(), Some(r#"{"is_direct":5,"membership":"join"}"#));
        let membership = (head.content("membership"), head.content_before("membership"));
        assert_eq!(membership, (Some("join".to_owned()), Some("invite".to_owned())));
        assert_eq!((head.content::<bool>("is_direct"), head.content::<bool>("gone")), (None, None));
    }
}

#[test]
fn nothing_is_refused_for_what_is_missing_or_malformed() {
    for json in [json!([]), json!(null), json!({"type": 5, "sender": [], "unsigned": "x", "origin_server_ts": "y"})] {
        let event = event(&json);
        assert_eq!((&*event.event_type(), event.sender(), event.age()), ("", None, None), "{json}");
        assert_eq!((event.origin_server_ts(), event.is_redacted()), (None, false), "{json}");
    }
}
