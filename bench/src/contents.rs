//! The contents of events as one would write them by hand, generic over what holds a text: borrowed from the
//! body or owned. The difference between the two is what owning costs, and nothing else.

use std::collections::BTreeMap;
use std::hint::black_box;

use matrix_api::{Event, Raw};
use serde::Deserialize;

use crate::floor::Str;

macro_rules! contents {
    ($($name:ident { $($(#[$attribute:meta])* $field:ident: $ty:ty,)* })*) => {$(
        #[derive(Deserialize)]
        #[serde(bound = "S: Deserialize<'de> + Ord")]
        #[allow(dead_code, reason = "what is read is not looked at")]
        pub(crate) struct $name<S: Ord> {
            $($(#[$attribute])* $field: Option<$ty>,)*
        }
    )*};
}

contents! {
    Message {
        msgtype: S, body: S, format: S, formatted_body: S, filename: S, url: S, geo_uri: S, info: Box<Info<S>>,
        #[serde(rename = "m.mentions")] mentions: Mentions<S>,
        #[serde(rename = "m.relates_to")] relates_to: Relation<S>,
        #[serde(rename = "m.new_content")] new_content: Box<Message<S>>,
    }
    Info { mimetype: S, size: i64, w: i64, h: i64, duration: i64, thumbnail_url: S, thumbnail_info: Box<Info<S>>, }
    Mentions { user_ids: Vec<S>, room: bool, }
    Relation {
        rel_type: S, event_id: S, key: S, is_falling_back: bool,
        #[serde(rename = "m.in_reply_to")] in_reply_to: Target<S>,
    }
    Target { event_id: S, }
    Encrypted {
        algorithm: S, sender_key: S, device_id: S, session_id: S, ciphertext: Ciphertext<S>,
        #[serde(rename = "m.relates_to")] relates_to: Relation<S>,
    }
    Cipher { #[serde(rename = "type")] kind: i64, body: S, }
    Reaction { #[serde(rename = "m.relates_to")] relates_to: Relation<S>, }
    Redaction { redacts: S, reason: S, }
    Member {
        membership: S, displayname: S, avatar_url: S, reason: S, is_direct: bool, join_authorised_via_users_server: S,
    }
    Create {
        creator: S, room_version: S, predecessor: Predecessor<S>,
        #[serde(rename = "type")] kind: S, #[serde(rename = "m.federate")] federate: bool,
    }
    Predecessor { room_id: S, event_id: S, }
    PowerLevels {
        ban: i64, kick: i64, redact: i64, invite: i64, events_default: i64, state_default: i64, users_default: i64,
        users: BTreeMap<S, i64>, events: BTreeMap<S, i64>, notifications: BTreeMap<S, i64>,
    }
    JoinRules { join_rule: S, allow: Vec<Allow<S>>, }
    Allow { #[serde(rename = "type")] kind: S, room_id: S, }
    // Names, topics and the like: one text, or two.
    Words {
        name: S, topic: S, alias: S, alt_aliases: Vec<S>, history_visibility: S, guest_access: S, algorithm: S,
        event_id: S, body: S, replacement_room: S, url: S, info: Box<Info<S>>,
    }
    ServerAcl { allow: Vec<S>, deny: Vec<S>, allow_ip_literals: bool, }
    Space { via: Vec<S>, order: S, suggested: bool, canonical: bool, }
    Presence {
        presence: S, status_msg: S, displayname: S, avatar_url: S, last_active_ago: i64, currently_active: bool,
    }
    Typing { user_ids: Vec<S>, }
    Receipt { ts: i64, thread_id: S, }
    Tags { tags: BTreeMap<S, Tag<S>>, }
    Tag { order: f64, name: S, }
    Ignored { ignored_users: BTreeMap<S, Tag<S>>, }
    PushRules { global: BTreeMap<S, Vec<PushRule<S>>>, }
    PushRule {
        rule_id: S, default: bool, enabled: bool, pattern: S, actions: Vec<Action<S>>, conditions: Vec<Condition<S>>,
    }
    Tweak { set_tweak: S, value: Scalar<S>, }
    Condition { kind: S, key: S, pattern: S, is: S, value: Scalar<S>, }
}

#[derive(Deserialize)]
#[serde(untagged, bound = "S: Deserialize<'de> + Ord")]
#[allow(dead_code, reason = "what is read is not looked at")]
pub(crate) enum Ciphertext<S: Ord> {
    Megolm(S),
    Olm(BTreeMap<S, Cipher<S>>),
}

#[derive(Deserialize)]
#[serde(untagged, bound = "S: Deserialize<'de> + Ord")]
#[allow(dead_code, reason = "what is read is not looked at")]
pub(crate) enum Action<S: Ord> {
    Name(S),
    Tweak(Tweak<S>),
}

#[derive(Deserialize)]
#[serde(untagged, bound = "S: Deserialize<'de> + Ord")]
#[allow(dead_code, reason = "what is read is not looked at")]
pub(crate) enum Scalar<S: Ord> {
    Yes(bool),
    Number(f64),
    Text(S),
}

/// Reads the content of an event with its texts borrowed.
pub(crate) fn borrowed<E: Event>(event: &Raw<E>) {
    let head = event.head();
    read::<Str<'_>>(&head.event_type(), head.content_json().unwrap_or_default());
}

/// The same with texts of their own.
pub(crate) fn owned<E: Event>(event: &Raw<E>) {
    let head = event.head();
    read::<String>(&head.event_type(), head.content_json().unwrap_or_default());
}

fn read<'a, S: Deserialize<'a> + Ord>(event_type: &str, content: &'a str) {
    fn one<'a, T: Deserialize<'a>>(content: &'a str) {
        drop(black_box(serde_json::from_str::<T>(content).expect("the content is one of its type")));
    }
    match event_type {
        "m.room.message" => one::<Message<S>>(content),
        "m.room.encrypted" => one::<Encrypted<S>>(content),
        "m.reaction" => one::<Reaction<S>>(content),
        "m.room.redaction" => one::<Redaction<S>>(content),
        "m.room.member" => one::<Member<S>>(content),
        "m.room.create" => one::<Create<S>>(content),
        "m.room.power_levels" => one::<PowerLevels<S>>(content),
        "m.room.join_rules" => one::<JoinRules<S>>(content),
        "m.room.server_acl" => one::<ServerAcl<S>>(content),
        "m.space.child" | "m.space.parent" => one::<Space<S>>(content),
        "m.presence" => one::<Presence<S>>(content),
        "m.typing" => one::<Typing<S>>(content),
        "m.receipt" => one::<BTreeMap<S, BTreeMap<S, BTreeMap<S, Receipt<S>>>>>(content),
        "m.tag" => one::<Tags<S>>(content),
        "m.direct" => one::<BTreeMap<S, Vec<S>>>(content),
        "m.ignored_user_list" => one::<Ignored<S>>(content),
        "m.push_rules" => one::<PushRules<S>>(content),
        _ => one::<Words<S>>(content),
    }
}
