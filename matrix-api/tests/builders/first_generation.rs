//! The object builders of the first generation, each with its JSON: as it was, or corrected where it was wrong.

use std::collections::BTreeMap;

use matrix_api::UserId;
use matrix_api::client_server::types::{EventFilter, RoomEventFilter, SyncFilterRoom, UserIdentifier};
use matrix_api::events::{
    FileMessage, ImageInfo, ImageMessage, RoomMessage, RoomName, RoomPowerLevels, RoomRedaction, RoomServerAcl,
    ThumbnailInfo, room_message::FileInfo, room_power_levels::Notifications,
};
use matrix_api::{EventContent, json};
use serde::Serialize;
use serde_json::Value;

fn written(value: impl Serialize) -> Value {
    serde_json::to_value(value).unwrap()
}

#[test]
fn m_id_user() {
    let user = UserIdentifier::new("m.id.user").extra("user", "anna");
    assert_eq!(written(user), json!({"type": "m.id.user", "user": "anna"}));
}

#[test]
fn m_id_thirdparty() {
    let mail = UserIdentifier::new("m.id.thirdparty").extra("medium", "email").extra("address", "a@hs.example");
    assert_eq!(written(mail), json!({"type": "m.id.thirdparty", "medium": "email", "address": "a@hs.example"}));
}

/// It went out as `m.id.thirdparty`.
#[test]
fn m_id_phonenumber() {
    let phone = UserIdentifier::new("m.id.phone").extra("country", "GB").extra("phone", "7700900000");
    assert_eq!(written(phone), json!({"type": "m.id.phone", "country": "GB", "phone": "7700900000"}));
}

#[test]
fn m_room_redaction() {
    assert_eq!(RoomRedaction::TYPE, "m.room.redaction");
    assert_eq!(written(RoomRedaction::new().reason("typo")), json!({"reason": "typo"}));
}

#[test]
fn m_text_basic() {
    assert_eq!(RoomMessage::TYPE, "m.room.message");
    assert_eq!(written(RoomMessage::text("Hi")), json!({"msgtype": "m.text", "body": "Hi"}));
}

#[test]
fn m_text() {
    assert_eq!(
        written(RoomMessage::html("Hi", "<b>Hi</b>")),
        json!({"msgtype": "m.text", "body": "Hi", "format": "org.matrix.custom.html", "formatted_body": "<b>Hi</b>"})
    );
}

#[test]
fn m_text_reply() {
    assert_eq!(
        written(RoomMessage::html("Hi", "<b>Hi</b>").reply_to("$a")),
        json!({"msgtype": "m.text", "body": "Hi", "format": "org.matrix.custom.html", "formatted_body": "<b>Hi</b>",
            "m.relates_to": {"m.in_reply_to": {"event_id": "$a"}}})
    );
}

#[test]
fn m_room_name() {
    assert_eq!(RoomName::TYPE, "m.room.name");
    assert_eq!(written(RoomName::new("Garden")), json!({"name": "Garden"}));
}

#[test]
fn m_room_power_levels() {
    assert_eq!(written(RoomPowerLevels::new()), json!({}));
    let users: BTreeMap<UserId, i64> = [("@a:hs".into(), 100)].into();
    let levels = RoomPowerLevels::new()
        .ban(50)
        .events([("m.room.name".to_owned(), 60)])
        .events_default(1)
        .invite(2)
        .kick(3)
        .notifications(Notifications::new().room(4))
        .redact(5)
        .state_default(6)
        .users(users)
        .users_default(7);
    assert_eq!(
        written(levels),
        json!({"ban": 50, "events": {"m.room.name": 60}, "events_default": 1, "invite": 2, "kick": 3,
            "notifications": {"room": 4}, "redact": 5, "state_default": 6, "users": {"@a:hs": 100}, "users_default": 7})
    );
}

#[test]
fn image_info() {
    let info = ImageInfo::of(4, 3, "image/png", 99).thumbnail_url("mxc://hs/t").thumbnail_info(thumbnail());
    assert_eq!(
        written(info),
        json!({"h": 3, "w": 4, "mimetype": "image/png", "size": 99, "thumbnail_url": "mxc://hs/t",
            "thumbnail_info": {"h": 1, "w": 2, "mimetype": "image/png", "size": 9}})
    );
}

fn thumbnail() -> ThumbnailInfo {
    ThumbnailInfo::new().h(1).w(2).mimetype("image/png").size(9)
}

#[test]
fn file_info() {
    let info = FileInfo::new().mimetype("text/plain").size(3).thumbnail_url("mxc://hs/t").thumbnail_info(thumbnail());
    let expected = json!({"mimetype": "text/plain", "size": 3, "thumbnail_url": "mxc://hs/t",
        "thumbnail_info": {"h": 1, "w": 2, "mimetype": "image/png", "size": 9}});
    assert_eq!(written(&info), expected);
    // There was no message for it.
    let message = RoomMessage::from(FileMessage::at("a.txt", "mxc://hs/a").info(info));
    assert_eq!(
        written(message),
        json!({"msgtype": "m.file", "body": "a.txt", "filename": "a.txt", "url": "mxc://hs/a", "info": expected})
    );
}

#[test]
fn thumbnail_info() {
    assert_eq!(written(thumbnail()), json!({"h": 1, "w": 2, "mimetype": "image/png", "size": 9}));
}

/// The check that it has a `url` or a `file` never fired; a message without a source cannot be built by `at`.
#[test]
fn m_image() {
    let image = ImageMessage::new("a.png").info(ImageInfo::of(4, 3, "image/png", 99)).url("mxc://hs/a");
    assert_eq!(
        written(RoomMessage::from(image)),
        json!({"msgtype": "m.image", "body": "a.png", "url": "mxc://hs/a",
            "info": {"h": 3, "w": 4, "mimetype": "image/png", "size": 99}})
    );
}

#[test]
fn event_filter() {
    let filter = EventFilter::new().limit(1).not_senders(["@b:hs"]).not_types(["m.*"]).senders(["@a:hs"]).types(["x"]);
    assert_eq!(
        written(filter),
        json!({"limit": 1, "not_senders": ["@b:hs"], "not_types": ["m.*"], "senders": ["@a:hs"], "types": ["x"]})
    );
}

#[test]
fn room_filter() {
    let filter = SyncFilterRoom::new()
        .not_rooms(["!b:hs"])
        .rooms(["!a:hs"])
        .ephemeral(RoomEventFilter::new().not_types(["m.typing"]))
        .include_leave(true)
        .state(RoomEventFilter::new())
        .timeline(RoomEventFilter::new().limit(5))
        .account_data(RoomEventFilter::new());
    assert_eq!(
        written(filter),
        json!({"not_rooms": ["!b:hs"], "rooms": ["!a:hs"], "ephemeral": {"not_types": ["m.typing"]},
            "include_leave": true, "state": {}, "timeline": {"limit": 5}, "account_data": {}})
    );
}

#[test]
fn state_filter() {
    let filter = RoomEventFilter::new()
        .lazy_load_members(true)
        .include_redundant_members(false)
        .not_rooms(["!b:hs"])
        .rooms(["!a:hs"])
        .contains_url(true)
        .types(["m.*"]);
    let expected = json!({"lazy_load_members": true, "include_redundant_members": false, "not_rooms": ["!b:hs"],
        "rooms": ["!a:hs"], "contains_url": true, "types": ["m.*"]});
    assert_eq!(written(filter), expected);
}

/// The same under another name, without what came with Matrix 1.4.
#[test]
fn room_event_filter() {
    let filter = RoomEventFilter::new().lazy_load_members(true).unread_thread_notifications(true).contains_url(false);
    assert_eq!(
        written(filter),
        json!({"lazy_load_members": true, "unread_thread_notifications": true, "contains_url": false})
    );
}

#[test]
fn server_acl() {
    assert_eq!(RoomServerAcl::TYPE, "m.room.server_acl");
    let acl = RoomServerAcl::new().allow(["*"]).allow_ip_literals(false).deny(["bad.example"]);
    assert_eq!(written(acl), json!({"allow": ["*"], "allow_ip_literals": false, "deny": ["bad.example"]}));
}
