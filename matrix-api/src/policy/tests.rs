use super::*;
use crate::{Response, TimelineEvent, json};

fn list() -> PolicyList {
    PolicyList { shared: Arc::new(Mutex::new(Shared { rooms: vec!["!p".into()], rules: BTreeMap::new() })) }
}

fn rule(event_type: &str, key: &str, content: serde_json::Value) -> serde_json::Value {
    json!({"type": event_type, "state_key": key, "sender": "@mod:hs", "content": content})
}

fn ban(entity: &str) -> serde_json::Value {
    json!({"entity": entity, "recommendation": "m.ban", "reason": "spam"})
}

/// What a sync does that brings these events in a timeline.
fn fed(list: &PolicyList, room: &str, events: &[serde_json::Value]) -> Vec<(Option<String>, Option<String>)> {
    let sync = json!({"next_batch": "n", "rooms": {"join": {room: {"timeline": {"events": events}}}}});
    let response = SyncEventsResponse::from_json(sync.to_string().as_bytes()).unwrap();
    let entity = |rule: Option<PolicyRule>| rule.map(|rule| rule.entity);
    list.feed(&response).into_iter().map(|change| (entity(change.added), entity(change.removed))).collect()
}

fn some(text: &str) -> Option<String> {
    Some(text.to_owned())
}

#[test]
fn rules_come_change_and_go() {
    let (list, user) = (list(), "m.policy.rule.user");
    let first = rule(user, "1", ban("@a*:hs"));
    assert_eq!(fed(&list, "!p", std::slice::from_ref(&first)), [(some("@a*:hs"), None)]);
    // The same again is no change, and other rooms are none of its business.
    assert_eq!(fed(&list, "!p", std::slice::from_ref(&first)), []);
    assert_eq!(fed(&list, "!q", &[rule(user, "2", ban("@b:hs"))]), []);
    assert_eq!(fed(&list, "!p", &[rule(user, "1", ban("@c:hs"))]), [(some("@c:hs"), some("@a*:hs"))]);
    let (emptied, message) = (rule(user, "1", json!({})), json!({"type": user, "content": ban("@x:hs")}));
    assert_eq!(fed(&list, "!p", &[message, rule("m.room.name", "", json!({"name": "x"}))]), []);
    assert_eq!(fed(&list, "!p", &[emptied]), [(None, some("@c:hs"))]);
    assert!(list.rules().is_empty());
}

#[test]
fn whom_they_are_about() {
    let list = list();
    let rules = [
        rule("m.policy.rule.user", "1", ban("@*:evil.example")),
        rule("m.policy.rule.server", "1", ban("*.EVIL.example")),
        rule(
            "org.matrix.mjolnir.rule.room",
            "1",
            json!({"entity": "!bad", "recommendation": "org.matrix.mjolnir.ban"}),
        ),
        rule(
            "m.policy.rule.user",
            "2",
            json!({"entity": "@ann:hs", "recommendation": "org.example.warn", "reason": 7}),
        ),
        rule("m.policy.rule.user", "3", json!({"entity": "@ben:hs"})),
        rule("m.policy.rule.user", "4", json!({"entity": 4, "recommendation": "m.ban"})),
    ];
    assert_eq!(fed(&list, "!p", &rules).len(), 4);
    let entities = |rules: Vec<PolicyRule>| rules.into_iter().map(|rule| rule.entity).collect::<Vec<_>>();
    assert_eq!(entities(list.about_user(&"@x:evil.example".into())), ["@*:evil.example"]);
    assert_eq!(entities(list.about_user(&"@x:a.evil.example".into())), ["*.EVIL.example"]);
    assert_eq!(entities(list.about_server("a.evil.example")), ["*.EVIL.example"]);
    assert_eq!(entities(list.about_server("A.evil.example:8448")), ["*.EVIL.example"]);
    assert!(list.about_server("evil.example").is_empty() && list.about_user(&"@ben:hs".into()).is_empty());
    assert!(list.about_room("!bad")[0].is_ban() && list.about_room("!good").is_empty());
    let warning = &list.about_user(&"@ann:hs".into())[0];
    assert!(!warning.is_ban());
    assert_eq!((warning.reason.as_str(), warning.sender.as_ref().unwrap().as_str()), ("", "@mod:hs"));
}

#[test]
fn everybody_of_every_server_has_a_server() {
    let list = list();
    fed(&list, "!p", &[rule("m.policy.rule.server", "1", ban("*"))]);
    assert_eq!(list.about_user(&"@ann:hs".into()).len(), 1);
    assert!(list.about_user(&"ann".into()).is_empty() && list.about_user(&"".into()).is_empty());
}

#[test]
fn state_after_a_timeline_goes_before_it() {
    let list = list();
    let (old, new) = (rule("m.policy.rule.user", "1", ban("@old:hs")), rule("m.policy.rule.user", "1", ban("@new:hs")));
    let room = json!({"timeline": {"events": [old]}, "state_after": {"events": [new]}});
    let sync = json!({"next_batch": "n", "rooms": {"join": {"!p": room}}}).to_string();
    let changes = list.feed(&SyncEventsResponse::from_json(sync.as_bytes()).unwrap());
    assert_eq!(changes[0].added.as_ref().unwrap().entity, "@new:hs");
    assert_eq!((changes.len(), changes[0].room.as_str()), (1, "!p"));
}

#[test]
fn a_redaction_counts_even_where_the_state_is_told_apart() {
    let list = list();
    let mut old = rule("m.policy.rule.user", "1", ban("@old:hs"));
    old["event_id"] = json!("$1");
    fed(&list, "!p", &[old.clone()]);
    let redaction = json!({"type": "m.room.redaction", "content": {"redacts": "$1"}});
    let new = rule("m.policy.rule.user", "2", ban("@new:hs"));
    // What else is in the timeline is told by the state.
    let room = json!({"timeline": {"events": [old, redaction]}, "state_after": {"events": [new]}});
    let sync = json!({"next_batch": "n", "rooms": {"join": {"!p": room}}}).to_string();
    let changes = list.feed(&SyncEventsResponse::from_json(sync.as_bytes()).unwrap());
    assert_eq!(changes.len(), 2);
    assert_eq!(changes[0].removed.as_ref().unwrap().entity, "@old:hs");
    assert_eq!(changes[1].added.as_ref().unwrap().entity, "@new:hs");
    assert_eq!(list.rules().len(), 1);
}

#[test]
fn what_is_too_long() {
    let list = list();
    let user = "m.policy.rule.user";
    let with = |entity: usize, recommendation: usize, reason: usize| json!({"entity": "@".repeat(entity), "recommendation": "r".repeat(recommendation), "reason": "é".repeat(reason)});
    assert_eq!(fed(&list, "!p", &[rule(user, "1", with(1025, 1, 1)), rule(user, "2", with(1, 1025, 1))]), []);
    assert_eq!(fed(&list, "!p", &[rule(user, "3", with(1024, 1024, 1000))]).len(), 1);
    let kept = &list.rules()[0];
    assert_eq!((kept.entity.len(), kept.recommendation.len(), kept.reason.len()), (1024, 1024, 1024));
    // One that replaces a rule takes it away.
    assert_eq!(fed(&list, "!p", &[rule(user, "3", with(1025, 1, 1))]), [(None, some(&"@".repeat(1024)))]);
}

#[test]
fn a_redacted_rule_is_gone() {
    let list = list();
    let mut first = rule("m.policy.rule.user", "1", ban("@a:hs"));
    first["event_id"] = json!("$1");
    let redaction = |of: &str| json!({"type": "m.room.redaction", "content": {"redacts": of}});
    fed(&list, "!p", std::slice::from_ref(&first));
    assert_eq!(fed(&list, "!p", &[redaction("$2")]), []);
    assert_eq!(fed(&list, "!p", &[redaction("$1")]), [(None, some("@a:hs"))]);
    // And one that comes emptied already.
    fed(&list, "!p", &[first]);
    assert_eq!(fed(&list, "!p", &[rule("m.policy.rule.user", "1", json!({}))]), [(None, some("@a:hs"))]);
    let event = Raw::<TimelineEvent>::from_json("[]".to_owned()).unwrap();
    assert!(list.lock().apply(&"!p".into(), &event).is_none());
}
