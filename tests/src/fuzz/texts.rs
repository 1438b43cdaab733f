//! Identifiers.

use matrix_api::client_server::{
    GetContentAuthed, GetDevice, GetMembersByRoom, GetOneRoomEvent, GetRoomIdByAlias, GetUserProfile,
};
use matrix_api::request::encode;
use matrix_api::{
    BaseUrl, DeviceId, EventId, MxcUri, Request, RoomAlias, RoomId, RoomOrAlias, ServerName, TxnId, UserId,
};

use super::decoded;

/// The path that a request is sent to, if it may be sent.
fn path<R: Request>(request: &R) -> Option<String> {
    let base = BaseUrl::parse("https://hs").expect("a good URL");
    Some(encode(&base, request, &TxnId::from("t")).ok()?.uri().path().to_owned())
}

/// A text that may be sent as an id is one segment of the path and comes back as it was.
fn sent<R: Request>(text: &str, good: bool, before: &str, after: &str, request: &R) {
    let path = path(request);
    // What is no dot segment is refused by the id's own rules only.
    let sendable = good && !matches!(text, "." | "..");
    assert_eq!(path.is_some(), sendable, "{text:?}");
    if let Some(path) = path {
        let segment = path.strip_prefix(before).and_then(|rest| rest.strip_suffix(after)).expect("the template");
        assert!(!segment.contains('/'), "{path}");
        assert_eq!(decoded(segment), text);
    }
}

/// Any text as every kind of id.
pub(super) fn ids(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else { return };
    let v3 = "/_matrix/client/v3";
    sent(text, RoomId::parse(text).is_ok(), &format!("{v3}/rooms/"), "/members", &GetMembersByRoom::new(text));
    sent(text, UserId::parse(text).is_ok(), &format!("{v3}/profile/"), "", &GetUserProfile::new(text));
    sent(text, RoomAlias::parse(text).is_ok(), &format!("{v3}/directory/room/"), "", &GetRoomIdByAlias::new(text));
    sent(text, DeviceId::parse(text).is_ok(), &format!("{v3}/devices/"), "", &GetDevice::new(text));
    let event = GetOneRoomEvent::new("!r:hs", text);
    sent(text, EventId::parse(text).is_ok(), &format!("{v3}/rooms/%21r%3Ahs/event/"), "", &event);
    either(text);
    for server in [RoomId::from(text).server_name(), UserId::from(text).server_name()].into_iter().flatten() {
        assert!(text.ends_with(server) && !server.is_empty());
    }
    if let Some(local) = UserId::from(text).localpart() {
        assert!(text.starts_with(&format!("@{local}:")));
    }
    assert_eq!(ServerName::from(text).as_str(), text);
}

fn either(text: &str) {
    let either = RoomOrAlias::parse(text).is_ok();
    assert_eq!(either, RoomId::parse(text).is_ok() || RoomAlias::parse(text).is_ok(), "{text:?}");
}

/// Any text as the address of a file.
pub(super) fn mxc(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else { return };
    let uri = MxcUri::from(text);
    assert_eq!(MxcUri::parse(text).is_ok(), uri.parts().is_ok(), "{text:?}");
    let Ok((server, media)) = uri.parts() else { return };
    assert_eq!(MxcUri::from_parts(server, media).as_str(), text);
    assert!(!server.contains(['/', '\\', '?', '#', '@', '%']) && !server.trim_matches('.').is_empty(), "{text}");
    assert!(media.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte)), "{text}");
    let path = path(&GetContentAuthed::new(server, media)).expect("a good address can be sent");
    let segments: Vec<_> = path.split('/').collect();
    assert_eq!(segments.len(), 8, "{path}");
    assert_eq!((decoded(segments[6]).as_str(), decoded(segments[7]).as_str()), (server, media), "{path}");
}
