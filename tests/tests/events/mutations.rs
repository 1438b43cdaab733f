//! Recorded syncs with one thing changed, everywhere.

use std::collections::{BTreeMap, BTreeSet};

use matrix_api::bytes::Bytes;
use matrix_api::client_server::SyncEventsResponse;
use matrix_api::http::{HeaderMap, StatusCode};
use matrix_api::{Event, Raw, Response as _, TimelineEvent, request};
use matrix_api_tests::content_back::ContentBack;
use matrix_api_tests::generated::events::CONTENTS;
use serde_json::{Value, json};

const RECORDED: [&str; 2] =
    [include_str!("../../data/sync/sync-initial.json"), include_str!("../../data/sync/sync-next.json")];

/// One key, changed in one way.
#[derive(Clone, Debug)]
struct Change {
    /// The way to it, as a JSON pointer.
    pointer: String,
    how: How,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum How {
    Drop,
    Null,
    Add,
    /// To a value of another kind.
    Swap,
}

fn changes(json: &Value, at: &str, found: &mut Vec<Change>) {
    match json {
        Value::Object(members) => {
            found.push(Change { pointer: at.to_owned(), how: How::Add });
            for (key, value) in members {
                let pointer = format!("{at}/{}", key.replace('~', "~0").replace('/', "~1"));
                found.extend([How::Drop, How::Null, How::Swap].map(|how| Change { pointer: pointer.clone(), how }));
                changes(value, &pointer, found);
            }
        }
        Value::Array(items) => {
            for (index, value) in items.iter().enumerate() {
                changes(value, &format!("{at}/{index}"), found);
            }
        }
        _ => {}
    }
}

impl Change {
    fn apply(&self, json: &Value) -> Value {
        let mut json = json.clone();
        if self.how == How::Add {
            let object = json.pointer_mut(&self.pointer).and_then(Value::as_object_mut).unwrap();
            object.insert("org.example.added".to_owned(), json!({"a": [null]}));
            return json;
        }
        let (parent, key) = self.pointer.rsplit_once('/').unwrap();
        let key = key.replace("~1", "/").replace("~0", "~");
        let parent = json.pointer_mut(parent).and_then(Value::as_object_mut).unwrap();
        match self.how {
            How::Drop => drop(parent.remove(&key)),
            How::Null => drop(parent.insert(key, Value::Null)),
            _ => {
                let swapped = swap(&parent[&key]);
                parent.insert(key, swapped);
            }
        }
        json
    }
}

fn swap(value: &Value) -> Value {
    match value {
        Value::String(_) => json!({"swapped": 1}),
        Value::Number(_) => json!("swapped"),
        Value::Bool(_) => json!("true"),
        _ => json!(7.5),
    }
}

fn every_change(json: &Value) -> Vec<Change> {
    let mut found = Vec::new();
    changes(json, "", &mut found);
    found
}

fn decode(body: &Value) -> Result<SyncEventsResponse, matrix_api::wire::DecodeError> {
    request::decode(StatusCode::OK, &HeaderMap::new(), Bytes::from(body.to_string()))
}

/// The events of a response with the pointer that each stands at in the body.
fn events(sync: &SyncEventsResponse) -> Vec<Raw<TimelineEvent>> {
    fn all<E: Event>(events: &[Raw<E>], found: &mut Vec<Raw<TimelineEvent>>) {
        found.extend(events.iter().map(|event| event.clone().cast()));
    }
    let mut found = Vec::new();
    let lists = [sync.account_data.as_ref()];
    lists.into_iter().flatten().for_each(|data| all(&data.events, &mut found));
    sync.presence.iter().for_each(|data| all(&data.events, &mut found));
    sync.to_device.iter().for_each(|data| all(&data.events, &mut found));
    let Some(rooms) = &sync.rooms else { return found };
    for room in rooms.join.values() {
        room.timeline.iter().for_each(|part| all(&part.events, &mut found));
        room.state.iter().for_each(|part| all(&part.events, &mut found));
        room.ephemeral.iter().for_each(|part| all(&part.events, &mut found));
        room.account_data.iter().for_each(|part| all(&part.events, &mut found));
    }
    for room in rooms.leave.values() {
        room.timeline.iter().for_each(|part| all(&part.events, &mut found));
        room.state.iter().for_each(|part| all(&part.events, &mut found));
        room.account_data.iter().for_each(|part| all(&part.events, &mut found));
    }
    rooms.invite.values().flat_map(|room| &room.invite_state).for_each(|part| all(&part.events, &mut found));
    found
}

/// The events of a body: all objects in a list called `events`, and where they stand.
fn listed(json: &Value, at: &str, found: &mut Vec<(String, Value)>) {
    let Value::Object(members) = json else { return };
    for (key, value) in members {
        let pointer = format!("{at}/{}", key.replace('~', "~0").replace('/', "~1"));
        match value {
            Value::Array(list) if key == "events" => {
                let one = |(index, event): (usize, &Value)| (format!("{pointer}/{index}"), event.clone());
                found.extend(list.iter().enumerate().map(one));
            }
            value => listed(value, &pointer, found),
        }
    }
}

fn recorded() -> Vec<Value> {
    RECORDED.iter().map(|body| serde_json::from_str(body).unwrap()).collect()
}

#[test]
fn all_recorded_events_are_read() {
    let contents: BTreeMap<&str, ContentBack> = CONTENTS.iter().copied().collect();
    let mut types = BTreeSet::new();
    for body in recorded() {
        let mut there = Vec::new();
        listed(&body, "", &mut there);
        let sync = decode(&body).unwrap();
        let read = events(&sync);
        assert_eq!(read.len(), there.len());
        for event in read {
            let ty = event.event_type().into_owned();
            let Some(back) = contents.get(ty.as_str()) else { continue };
            let content: Value = event.field("content").unwrap().unwrap();
            assert!(super::fixtures::same(&back(&event).unwrap().json, &content), "{ty} {content}");
            types.insert(ty);
        }
    }
    assert!(types.len() > 25, "{types:?}");
}

/// No change takes an event along that is not in the very thing that was changed.
#[test]
fn a_change_costs_no_sibling() {
    for body in recorded() {
        let mut there = Vec::new();
        listed(&body, "", &mut there);
        for change in every_change(&body) {
            let outcome = decode(&change.apply(&body));
            let Ok(sync) = outcome else {
                // The one member that nobody can do without.
                assert_eq!(change.pointer, "/next_batch", "{change:?}");
                continue;
            };
            let read: Vec<Value> =
                events(&sync).iter().map(|event| serde_json::from_str(event.json()).unwrap()).collect();
            for (pointer, event) in &there {
                let siblings = sibling(pointer, &change);
                assert!(!siblings || read.contains(event), "{change:?} lost {event}");
            }
        }
    }
}

/// Whether an event has nothing to do with a change: neither is it changed nor anything that it is in.
fn sibling(event: &str, change: &Change) -> bool {
    let inside = |inner: &str, outer: &str| {
        inner.strip_prefix(outer).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    };
    let changed = match change.how {
        How::Add => return !inside(&change.pointer, event),
        _ => change.pointer.as_str(),
    };
    !inside(changed, event) && !inside(event, changed)
}

/// What had to be forgiven around the events is reported by the name of what was changed.
#[test]
fn a_change_around_events_is_reported_by_name() {
    let warned = |body: &Value| -> BTreeSet<String> {
        let warnings = SyncEventsResponse::warnings(body.to_string().as_bytes());
        warnings.into_iter().map(|warning| warning.path).collect()
    };
    let mut reported = BTreeSet::new();
    for body in recorded() {
        let known = warned(&body);
        let around =
            |change: &Change| matches!(change.how, How::Null | How::Swap) && !change.pointer.contains("/events/");
        for change in every_change(&body).into_iter().filter(around) {
            let key = change.pointer.rsplit('/').next().unwrap().replace("~1", "/").replace("~0", "~");
            let new: Vec<_> = warned(&change.apply(&body)).difference(&known).cloned().collect();
            if !new.is_empty() {
                assert!(new.iter().any(|path| path.contains(&key)), "{change:?}: {new:?}");
                reported.insert(key);
            }
        }
    }
    for key in ["rooms", "join", "timeline", "limited", "prev_batch", "state", "events", "summary", "device_lists"] {
        assert!(reported.contains(key), "{key} is not among {reported:?}");
    }
}

/// Whatever is changed in a content, it is read or it is an error; and what had to be forgiven is reported by name.
#[test]
fn a_change_in_a_content_is_reported_by_name() {
    let contents: BTreeMap<&str, ContentBack> = CONTENTS.iter().copied().collect();
    let (mut forgiven, mut refused, mut read) = (0, 0, 0);
    let fixtures = super::fixtures::contents();
    let made =
        fixtures.iter().flat_map(|(ty, all)| all.iter().map(move |content| json!({"type": ty, "content": content})));
    let mut all: Vec<Value> = made.collect();
    for body in recorded() {
        let mut there = Vec::new();
        listed(&body, "", &mut there);
        all.extend(there.into_iter().map(|(_, event)| event));
    }
    for event in &all {
        let Some(back) = contents.get(event["type"].as_str().unwrap()) else { continue };
        for change in every_change(&json!({"content": event["content"]})) {
            let mut changed = event.clone();
            changed["content"] = change.apply(&json!({"content": event["content"]}))["content"].take();
            if !changed["content"].is_object() {
                continue;
            }
            let raw = Raw::<TimelineEvent>::from_json(changed.to_string()).unwrap();
            let _ = raw.content();
            let key = change.pointer.rsplit('/').next().unwrap().replace("~1", "/").replace("~0", "~");
            let outcome = back(&raw);
            if let (Ok(back), How::Drop | How::Add) = (&outcome, change.how) {
                // What is there stays, and what is not does not come into being.
                let same = super::fixtures::same(&back.json, &changed["content"]);
                assert!(same || !back.strict, "{change:?} of {event}\n  {}", back.json);
            }
            match outcome {
                Ok(back) if back.strict => read += 1,
                Ok(back) => {
                    forgiven += 1;
                    let named = back.warnings.iter().any(|warning| warning.path.contains(&key));
                    assert!(named, "{change:?} of {event}\n  {:?}", back.warnings);
                }
                Err(error) => {
                    refused += 1;
                    assert!(error.error().path().contains(&key), "{change:?} of {event}\n  {error}");
                    assert_eq!(serde_json::from_str::<Value>(error.content().json()).unwrap(), changed["content"]);
                }
            }
        }
    }
    assert!(read > 1000 && forgiven > 500 && refused > 50, "{read} read, {forgiven} forgiven, {refused} refused");
}
