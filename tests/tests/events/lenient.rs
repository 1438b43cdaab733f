//! What real rooms send.

use matrix_api::events::{
    AnyTimelineContent, Direct, KeyVerificationStart, PushRules, RoomCreate, RoomHistoryVisibility, RoomMember,
    RoomMessage, RoomName, RoomPinnedEvents, RoomPowerLevels, RoomTopic, SpaceChild, room_member::Membership,
};
use matrix_api::wire::{DecodeCategory, WarningKind};
use matrix_api::{ErrorKind, EventContent, Patch, Raw, TimelineEvent, UserId};
use serde_json::{Value, json};

use crate::fixtures::event;

fn read<C: EventContent>(content: Value) -> C {
    event(C::TYPE, &content).decode().unwrap_or_else(|error| panic!("{content}: {error}"))
}

fn told<C: EventContent>(content: Value) -> Vec<String> {
    event(C::TYPE, &content).warnings::<C>().iter().map(ToString::to_string).collect()
}

#[test]
fn power_levels_may_be_written_as_text_or_with_a_fraction() {
    let content = json!({"ban": "50", "kick": " 7 ", "invite": 1.0, "redact": 2.9, "users": {"@a:hs": "-3", "@b:hs": 5},
        "events": {"m.room.name": 9e0}});
    let levels = read::<RoomPowerLevels>(content.clone());
    assert_eq!((levels.ban, levels.kick, levels.invite, levels.redact), (Some(50), Some(7), Some(1), Some(2)));
    let level = |user: &str| levels.user_level(&UserId::from(user));
    assert_eq!((level("@a:hs"), level("@b:hs"), level("@c:hs")), (-3, 5, 0));
    assert_eq!((levels.state_level("m.room.name"), levels.state_level("m.room.topic")), (9, 50));
    let told = told::<RoomPowerLevels>(content);
    for place in ["content.ban", "content.kick", "content.redact", "content.users[\"@a:hs\"]"] {
        assert!(told.iter().any(|line| line.starts_with(&format!("{place} should be a whole number"))), "{told:?}");
    }
    assert_eq!(told.len(), 6, "{told:?}");
}

#[test]
fn one_bad_entry_does_not_take_the_others_along() {
    let levels = read::<RoomPowerLevels>(json!({"users": {"@a:hs": 100, "@b:hs": null, "@c:hs": "many"}, "ban": []}));
    assert_eq!(levels.users.unwrap().into_iter().collect::<Vec<_>>(), [("@a:hs".into(), 100)]);
    let direct = read::<Direct>(json!({"@a:hs": ["!r"], "@b:hs": "!s", "@c:hs": [5, "!t"]}));
    let rooms: Vec<_> = direct.rooms.iter().map(|(user, rooms)| (user.as_str(), rooms.len())).collect();
    assert_eq!(rooms, [("@a:hs", 1), ("@c:hs", 1)]);
    let pinned = read::<RoomPinnedEvents>(json!({"pinned": ["$a", 5, null, "$b"]})).pinned;
    assert_eq!(pinned.unwrap(), ["$a", "$b"]);
}

#[test]
fn null_is_as_good_as_absent_unless_it_means_something() {
    let member =
        read::<RoomMember>(json!({"membership": "join", "displayname": null, "avatar_url": null, "reason": null}));
    assert_eq!((member.displayname, member.avatar_url, member.reason), (Patch::Null, None, None));
    assert_eq!(read::<RoomName>(json!({"name": null})).name, None);
    assert_eq!(read::<RoomPinnedEvents>(json!({"pinned": null})).pinned, None);
}

#[test]
fn a_list_that_is_absent_comes_back_absent_and_an_empty_one_empty() {
    let start = json!({"method": "m.sas.v1", "from_device": "D", "transaction_id": "t", "hashes": []});
    let rule = json!({"global": {"override": [{"rule_id": ".m.rule.master", "default": true, "enabled": false}]}});
    assert_eq!(back::<KeyVerificationStart>(&start), start);
    assert_eq!(back::<PushRules>(&rule), rule);
    assert_eq!(back::<RoomPinnedEvents>(&json!({})), json!({}));
}

fn back<C: EventContent>(content: &Value) -> Value {
    serde_json::to_value(read::<C>(content.clone())).unwrap()
}

#[test]
fn redacted_contents_are_read() {
    assert_eq!(read::<RoomName>(json!({})).name, None);
    assert_eq!(read::<RoomTopic>(json!({})).topic, None);
    assert_eq!(read::<SpaceChild>(json!({})).via, None);
    assert_eq!(read::<RoomCreate>(json!({})).creator, None);
    assert_eq!(read::<RoomMember>(json!({"membership": "leave"})).membership, Membership::Leave);
    assert_eq!(read::<RoomHistoryVisibility>(json!({"history_visibility": "x"})).history_visibility.as_str(), "x");
    let message = read::<RoomMessage>(json!({}));
    assert!(matches!(message, RoomMessage::Other(_)));
    assert_eq!((message.msgtype(), message.body()), ("", ""));
}

#[test]
fn a_bad_member_is_kept_among_the_unknown_ones() {
    let content = json!({"msgtype": "m.text", "body": "Hi", "m.mentions": "all", "m.relates_to": {"event_id": 5}});
    let message = read::<RoomMessage>(content.clone());
    let RoomMessage::Text(text) = &message else { panic!("{message:?}") };
    assert_eq!((text.body.as_str(), &text.mentions), ("Hi", &None));
    assert_eq!(text.extra.get("m.mentions"), Some(&json!("all")));
    assert_eq!(text.relates_to.as_ref().unwrap().extra.get("event_id"), Some(&json!(5)));
    assert_eq!(serde_json::to_value(&message).unwrap(), content);
    let told = told::<RoomMessage>(content);
    assert_eq!(
        told,
        [
            "content[\"m.mentions\"] should be an object but is a string",
            "content[\"m.relates_to\"].event_id should be a string but is a number"
        ]
    );
}

#[test]
fn a_kind_of_message_that_lacks_what_it_needs_is_one_of_another_kind() {
    let content = json!({"msgtype": "m.location", "body": "Here"});
    let message = read::<RoomMessage>(content.clone());
    assert!(matches!(message, RoomMessage::Other(_)));
    assert_eq!((message.msgtype(), message.body()), ("m.location", "Here"));
    assert_eq!(serde_json::to_value(&message).unwrap(), content);
    assert_eq!(told::<RoomMessage>(content), ["content.geo_uri is missing"]);
}

#[test]
fn a_content_that_cannot_be_read_is_an_error_with_its_json() {
    let bad = event("m.room.member", &json!({"displayname": "A"}));
    let invalid = bad.decode::<RoomMember>().unwrap_err();
    assert_eq!((invalid.event_type(), invalid.content().json()), ("m.room.member", r#"{"displayname":"A"}"#));
    assert_eq!((invalid.error().category(), invalid.error().path()), (DecodeCategory::Missing, "content.membership"));
    let AnyTimelineContent::Invalid(invalid) = bad.content() else { panic!() };
    assert_eq!(invalid.content().json(), r#"{"displayname":"A"}"#);
    assert_eq!(matrix_api::Error::from(invalid).kind(), ErrorKind::Decode);
    for content in [json!([]), json!("text"), json!(null), json!(5)] {
        assert!(event("m.room.message", &content).decode::<RoomMessage>().is_err(), "{content}");
    }
    let bare = Raw::<TimelineEvent>::from_json(r#"{"type": "m.room.message"}"#.to_owned()).unwrap();
    assert_eq!(bare.decode::<RoomMessage>().unwrap_err().error().path(), "content");
    assert!(matches!(bare.content(), AnyTimelineContent::Invalid(_)));
}

#[test]
fn an_event_of_another_type_is_no_content_of_this_one() {
    let topic = event("m.room.topic", &json!({"topic": "x", "name": "y"}));
    let invalid = topic.decode::<RoomName>().unwrap_err();
    assert_eq!((invalid.error().path(), invalid.error().expected()), ("type", Some("m.room.name")));
    assert!(topic.is::<RoomTopic>() && !topic.is::<RoomName>());
    let AnyTimelineContent::Unknown(unknown) = event("org.example.x", &json!({"a": 1})).content() else { panic!() };
    assert_eq!((unknown.event_type.as_str(), unknown.content.json()), ("org.example.x", r#"{"a":1}"#));
}

#[test]
fn unknown_values_are_reported_and_kept() {
    let member = event("m.room.member", &json!({"membership": "org.example.lurk"}));
    assert_eq!(member.decode::<RoomMember>().unwrap().membership.as_str(), "org.example.lurk");
    let warnings = member.warnings::<RoomMember>();
    assert_eq!((warnings[0].path.as_str(), warnings[0].kind), ("content.membership", WarningKind::UnknownValue));
}

#[test]
fn deep_nesting_is_an_error_and_no_stack_overflow() {
    let (mut deep, depth) = (String::new(), 400);
    for _ in 0..depth {
        deep.push_str(r#"{"msgtype":"m.text","body":"x","m.new_content":"#);
    }
    deep.push_str("{}");
    deep.push_str(&"}".repeat(depth));
    let event = format!(r#"{{"type":"m.room.message","content":{deep}}}"#);
    let event = Raw::<TimelineEvent>::from_json(event).unwrap();
    let RoomMessage::Text(message) = event.decode().unwrap() else { panic!() };
    assert!(message.new_content.is_some());
    assert!(matches!(event.content(), AnyTimelineContent::RoomMessage(_)));
    assert_eq!(event.warnings::<RoomMessage>(), []);
}
