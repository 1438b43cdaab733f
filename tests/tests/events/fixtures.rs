//! A content or more of each type of event.

use std::collections::{BTreeMap, BTreeSet};

use matrix_api::events::{
    AnyAccountDataContent, AnyEphemeralContent, AnyStateContent, AnyTimelineContent, AnyToDeviceContent, RoomMessage,
};
use matrix_api::{AccountDataEvent, EphemeralEvent, EventKind, Raw, StateEvent, TimelineEvent, ToDeviceEvent};
use matrix_api_tests::generated::events::CONTENTS;
use serde_json::{Value, json};

/// Contents by the type of their event.
pub(crate) fn contents() -> BTreeMap<String, Vec<Value>> {
    serde_json::from_str(include_str!("../../data/event-contents.json")).unwrap()
}

pub(crate) fn event(ty: &str, content: &Value) -> Raw<TimelineEvent> {
    let event = json!({"type": ty, "event_id": "$e", "sender": "@a:hs", "origin_server_ts": 1, "content": content});
    Raw::from_json(event.to_string()).unwrap()
}

/// Equal, but that 3.0 is 3.
pub(crate) fn same(left: &Value, right: &Value) -> bool {
    match (left, right) {
        (Value::Number(left), Value::Number(right)) => left.as_f64() == right.as_f64(),
        (Value::Array(left), Value::Array(right)) => {
            left.len() == right.len() && left.iter().zip(right).all(|(left, right)| same(left, right))
        }
        (Value::Object(left), Value::Object(right)) => {
            left.len() == right.len()
                && left.iter().all(|(key, left)| right.get(key).is_some_and(|right| same(left, right)))
        }
        (left, right) => left == right,
    }
}

#[test]
fn every_type_has_a_fixture_that_comes_back_without_loss() {
    let contents = contents();
    let known: BTreeSet<&str> = CONTENTS.iter().map(|(ty, _)| *ty).collect();
    assert_eq!(known.len(), 66);
    assert_eq!(contents.keys().map(String::as_str).collect::<BTreeSet<_>>(), known);
    for (ty, back) in CONTENTS {
        assert!(!contents[*ty].is_empty(), "{ty}");
        for content in &contents[*ty] {
            let back = back(&event(ty, content)).unwrap_or_else(|error| panic!("{ty} {content}: {error}"));
            assert!(same(&back.json, content), "{ty}\n  {content}\n  {}", back.json);
            assert!(back.strict, "{ty} {content}");
            // What the specification does not name is reported, and nothing else.
            let shapes = back.warnings.iter().filter(|one| one.kind != matrix_api::wire::WarningKind::UnknownValue);
            assert_eq!(shapes.count(), 0, "{ty} {content}: {:?}", back.warnings);
        }
    }
}

#[test]
fn every_content_is_found_where_its_kind_occurs() {
    let contents = contents();
    for (ty, back) in CONTENTS {
        for content in &contents[*ty] {
            let event = event(ty, content);
            let kinds = back(&event).unwrap().kinds;
            assert!(!kinds.is_empty(), "{ty}");
            for kind in [
                EventKind::Message,
                EventKind::State,
                EventKind::Ephemeral,
                EventKind::AccountData,
                EventKind::RoomAccountData,
                EventKind::ToDevice,
            ] {
                let there = kinds.contains(&kind);
                let elsewhere = match kind {
                    EventKind::Message => there || kinds.contains(&EventKind::State),
                    EventKind::AccountData => there || kinds.contains(&EventKind::RoomAccountData),
                    EventKind::RoomAccountData => there || kinds.contains(&EventKind::AccountData),
                    _ => there,
                };
                assert_eq!(is_known(&event, kind), elsewhere, "{ty} as {kind:?}");
            }
        }
    }
}

/// Whether the place that a kind of event comes from knows its content.
fn is_known(event: &Raw<TimelineEvent>, kind: EventKind) -> bool {
    use AnyAccountDataContent as Data;
    let event = event.clone();
    match kind {
        EventKind::Message => match event.content() {
            AnyTimelineContent::Unknown(_) => false,
            AnyTimelineContent::Invalid(invalid) => panic!("{invalid}"),
            _ => true,
        },
        EventKind::State => !matches!(event.cast::<StateEvent>().content(), AnyStateContent::Unknown(_)),
        EventKind::Ephemeral => !matches!(event.cast::<EphemeralEvent>().content(), AnyEphemeralContent::Unknown(_)),
        EventKind::ToDevice => !matches!(event.cast::<ToDeviceEvent>().content(), AnyToDeviceContent::Unknown(_)),
        _ => !matches!(event.cast::<AccountDataEvent>().content(), Data::Unknown(_)),
    }
}

#[test]
fn every_kind_of_message_is_a_variant() {
    let mut kinds = BTreeSet::new();
    for content in &contents()["m.room.message"] {
        let message = event("m.room.message", content).decode::<RoomMessage>().unwrap();
        let msgtype = content.get("msgtype").and_then(Value::as_str).unwrap_or_default();
        assert_eq!(message.msgtype(), msgtype);
        assert_eq!(message.body(), content.get("body").and_then(Value::as_str).unwrap_or_default());
        let other = matches!(message, RoomMessage::Other(_));
        assert_eq!(other, !msgtype.starts_with("m."), "{msgtype}");
        kinds.insert(msgtype.to_owned());
    }
    assert_eq!(kinds.iter().filter(|kind| kind.starts_with("m.")).count(), 10);
}
