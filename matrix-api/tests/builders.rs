//! What people send, byte for byte as JSON.
#![cfg(all(feature = "client-server", feature = "events"))]

#[path = "builders/first_generation.rs"]
mod first_generation;

use matrix_api::events::{
    EncryptedFile, ImageInfo, ImageMessage, Reaction, RoomAvatar, RoomCanonicalAlias, RoomEncryption, RoomGuestAccess,
    RoomHistoryVisibility, RoomJoinRules, RoomMessage, RoomPinnedEvents, RoomPowerLevels, RoomRedaction, RoomServerAcl,
    RoomTombstone, RoomTopic, SpaceChild, SpaceParent, Sticker, TextMessage,
};
use matrix_api::{EventContent, EventId, UserId, escape_html, json};
use serde_json::Value;

fn content(content: impl EventContent) -> Value {
    serde_json::to_value(content).unwrap()
}

#[test]
fn texts() {
    assert_eq!(content(RoomMessage::text("Hi")), json!({"msgtype": "m.text", "body": "Hi"}));
    assert_eq!(content(RoomMessage::notice("Hi")), json!({"msgtype": "m.notice", "body": "Hi"}));
    assert_eq!(content(RoomMessage::emote("waves")), json!({"msgtype": "m.emote", "body": "waves"}));
    for (message, msgtype) in [
        (RoomMessage::html("Hi", "<b>Hi</b>"), "m.text"),
        (RoomMessage::notice_html("Hi", "<b>Hi</b>"), "m.notice"),
        (RoomMessage::emote_html("Hi", "<b>Hi</b>"), "m.emote"),
    ] {
        assert_eq!(message.formatted_body(), Some("<b>Hi</b>"));
        assert_eq!(
            content(message),
            json!({"msgtype": msgtype, "body": "Hi", "format": "org.matrix.custom.html", "formatted_body": "<b>Hi</b>"})
        );
    }
    assert_eq!(
        content(RoomMessage::location("Big Ben", "geo:51.5008,0.1247")),
        json!({"msgtype": "m.location", "body": "Big Ben", "geo_uri": "geo:51.5008,0.1247"})
    );
}

#[test]
fn untrusted_text_is_shown_and_not_run() {
    let name = r#"<img src=x onerror="a()"> & 'co'"#;
    assert_eq!(escape_html(name), "&lt;img src=x onerror=&quot;a()&quot;&gt; &amp; &#39;co&#39;");
    assert_eq!(escape_html("a\0b\u{1b}c\n\tü🌱"), "a\u{fffd}b\u{fffd}c\n\tü🌱");
}

#[test]
fn another_format_is_no_html() {
    let message: RoomMessage = TextMessage::new("x").format("org.example.rtf").formatted_body("{x}").into();
    assert_eq!(message.formatted_body(), None);
}

#[test]
fn replies_threads_and_edits() {
    let text = || RoomMessage::text("Hi");
    assert_eq!(
        content(text().reply_to("$a")),
        json!({"msgtype": "m.text", "body": "Hi", "m.relates_to": {"m.in_reply_to": {"event_id": "$a"}}})
    );
    let thread = |reply: &str, falling_back: bool| {
        json!({"rel_type": "m.thread", "event_id": "$root", "is_falling_back": falling_back,
            "m.in_reply_to": {"event_id": reply}})
    };
    let relation = |message: RoomMessage| content(message)["m.relates_to"].take();
    assert_eq!(relation(text().in_thread("$root", None)), thread("$root", true));
    assert_eq!(relation(text().in_thread("$root", Some(EventId::from("$last")))), thread("$last", true));
    // A reply within a thread, in either order.
    assert_eq!(relation(text().in_thread("$root", None).reply_to("$a")), thread("$a", false));
    assert_eq!(relation(text().reply_to("$a").in_thread("$root", None)), thread("$a", false));
    assert_eq!(
        content(RoomMessage::html("Hi", "<b>Hi</b>").mention(["@a:hs"]).replace("$a")),
        json!({
            "msgtype": "m.text", "body": "* Hi", "format": "org.matrix.custom.html", "formatted_body": "* <b>Hi</b>",
            "m.mentions": {}, "m.relates_to": {"rel_type": "m.replace", "event_id": "$a"},
            "m.new_content": {"msgtype": "m.text", "body": "Hi", "format": "org.matrix.custom.html",
                "formatted_body": "<b>Hi</b>", "m.mentions": {"user_ids": ["@a:hs"]}},
        })
    );
}

#[test]
fn relations_are_told_apart() {
    let reply = RoomMessage::text("x").reply_to("$a");
    let thread = RoomMessage::text("x").in_thread("$root", None);
    let both = thread.clone().reply_to("$a");
    let edit = RoomMessage::text("x").replace("$old");
    let of = |message: &RoomMessage| {
        let relation = message.relates_to().unwrap();
        [relation.replies_to(), relation.thread(), relation.replaces()].map(|id| id.map(|id| id.as_str().to_owned()))
    };
    let some = |id: &str| Some(id.to_owned());
    assert_eq!(of(&reply), [some("$a"), None, None]);
    assert_eq!(of(&thread), [None, some("$root"), None]);
    assert_eq!(of(&both), [some("$a"), some("$root"), None]);
    assert_eq!(of(&edit), [None, None, some("$old")]);
    assert_eq!(edit.replaces().unwrap().as_str(), "$old");
    assert_eq!(edit.new_content().unwrap().body(), "x");
}

#[test]
fn mentions() {
    let message = RoomMessage::text("x").mention(["@a:hs"]).mention([UserId::from("@b:hs")]).mention_room();
    assert_eq!(content(message)["m.mentions"], json!({"user_ids": ["@a:hs", "@b:hs"], "room": true}));
}

#[test]
fn reactions_and_redactions() {
    assert_eq!(
        content(Reaction::to("$a", "👍")),
        json!({"m.relates_to": {"rel_type": "m.annotation", "event_id": "$a", "key": "👍"}})
    );
    assert_eq!(content(RoomRedaction::new().redacts("$a").reason("typo")), json!({"redacts": "$a", "reason": "typo"}));
}

fn encrypted() -> EncryptedFile {
    serde_json::from_value(json!({"url": "mxc://hs/x", "v": "v2", "iv": "aXY", "hashes": {"sha256": "aA"},
        "key": {"kty": "oct", "key_ops": ["encrypt"], "alg": "A256CTR", "k": "aw", "ext": true}}))
    .unwrap()
}

#[test]
fn files_have_one_source() {
    for (message, msgtype) in [
        (RoomMessage::image("a.bin", "mxc://hs/x"), "m.image"),
        (RoomMessage::file("a.bin", "mxc://hs/x"), "m.file"),
        (RoomMessage::audio("a.bin", "mxc://hs/x"), "m.audio"),
        (RoomMessage::video("a.bin", "mxc://hs/x"), "m.video"),
    ] {
        let expected = json!({"msgtype": msgtype, "body": "a.bin", "filename": "a.bin", "url": "mxc://hs/x"});
        assert_eq!(content(message), expected);
    }
    let hidden = content(RoomMessage::file("a.bin", encrypted()));
    assert_eq!((&hidden["url"], &hidden["file"]), (&Value::Null, &serde_json::to_value(encrypted()).unwrap()));
    assert!(!format!("{:?}", encrypted()).contains("\"aw\""), "the key is a secret");
}

#[test]
fn a_picture_with_all_that_is_known() {
    let picture = ImageMessage::at("a.png", "mxc://hs/x").info(ImageInfo::of(4, 3, "image/png", 99)).caption("A rose");
    assert_eq!(
        content(RoomMessage::from(picture)),
        json!({"msgtype": "m.image", "body": "A rose", "filename": "a.png", "url": "mxc://hs/x",
            "info": {"w": 4, "h": 3, "mimetype": "image/png", "size": 99}})
    );
    assert_eq!(content(Sticker::at("Frog", "mxc://hs/f")), json!({"body": "Frog", "info": {}, "url": "mxc://hs/f"}));
}

#[test]
fn state() {
    assert_eq!(content(RoomTopic::new("Seeds")), json!({"topic": "Seeds"}));
    assert_eq!(content(RoomAvatar::new().url("mxc://hs/x")), json!({"url": "mxc://hs/x"}));
    let alias = RoomCanonicalAlias::new().alias("#a:hs").alt_aliases(["#b:hs"]);
    assert_eq!(alias.all().map(|alias| alias.as_str()).collect::<Vec<_>>(), ["#a:hs", "#b:hs"]);
    assert_eq!(content(alias), json!({"alias": "#a:hs", "alt_aliases": ["#b:hs"]}));
    assert_eq!(content(RoomEncryption::megolm()), json!({"algorithm": "m.megolm.v1.aes-sha2"}));
    assert_eq!(content(RoomHistoryVisibility::shared()), json!({"history_visibility": "shared"}));
    assert_eq!(content(RoomGuestAccess::can_join()), json!({"guest_access": "can_join"}));
    assert_eq!(content(RoomGuestAccess::forbidden()), json!({"guest_access": "forbidden"}));
    assert_eq!(content(RoomPinnedEvents::new(["$a", "$b"])), json!({"pinned": ["$a", "$b"]}));
    assert_eq!(content(SpaceChild::new(["hs"]).suggested(true)), json!({"via": ["hs"], "suggested": true}));
    assert_eq!(content(SpaceParent::new(["hs"]).canonical(true)), json!({"via": ["hs"], "canonical": true}));
    assert_eq!(
        content(RoomTombstone::moved_to("!new:hs")),
        json!({"body": "This room has been replaced", "replacement_room": "!new:hs"})
    );
}

#[test]
fn join_rules() {
    assert_eq!(content(RoomJoinRules::public()), json!({"join_rule": "public"}));
    assert_eq!(content(RoomJoinRules::invite()), json!({"join_rule": "invite"}));
    assert_eq!(content(RoomJoinRules::knock()), json!({"join_rule": "knock"}));
    let allow = json!([{"type": "m.room_membership", "room_id": "!a:hs"}]);
    assert_eq!(content(RoomJoinRules::restricted(["!a:hs"])), json!({"join_rule": "restricted", "allow": allow}));
    assert_eq!(
        content(RoomJoinRules::knock_restricted(["!a:hs"])),
        json!({"join_rule": "knock_restricted", "allow": allow})
    );
}

#[test]
fn changing_a_power_level_leaves_the_others() {
    let before = json!({"ban": 60, "users": {"@a:hs": 100}, "users_default": 5, "org.example.x": {"y": 1}});
    let mut levels: RoomPowerLevels = serde_json::from_value(before).unwrap();
    levels.set_user_level("@b:hs", 50);
    assert_eq!(levels.user_level(&UserId::from("@b:hs")), 50);
    assert_eq!(levels.user_level(&UserId::from("@c:hs")), 5);
    assert_eq!((levels.message_level("m.room.message"), levels.state_level("m.room.name")), (0, 50));
    assert_eq!(
        content(levels),
        json!({"ban": 60, "users": {"@a:hs": 100, "@b:hs": 50}, "users_default": 5, "org.example.x": {"y": 1}})
    );
}

#[test]
fn a_server_acl_allows_somebody() {
    assert_eq!(content(RoomServerAcl::all().deny(["bad"])), json!({"allow": ["*"], "deny": ["bad"]}));
}
