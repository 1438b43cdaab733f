use std::collections::{BTreeMap, HashSet};

use super::*;

fn reason(result: Result<(), IdError>) -> &'static str {
    result.map_or_else(|error| error.reason(), |()| "fine")
}

#[test]
fn an_identifier_is_checked_for_what_every_server_keeps_to() {
    let long = format!("@{}:x", "a".repeat(300));
    let users = [
        ("@alice:example.org", "fine"),
        ("@:example.org", "fine"),
        ("@with space:example.org", "fine"),
        ("@[m]é:example.org:8448", "fine"),
        ("alice", "must start with `@`"),
        ("@alice", "must end with a colon and a server name"),
        ("@alice:", "must end with a colon and a server name"),
        ("", "must not be empty"),
        ("@a\n:x", "must not have control characters"),
        (&long, "must not be longer than 255 bytes"),
    ];
    for (text, expected) in users {
        assert_eq!(reason(UserId::from(text).validate()), expected, "{text}");
        assert_eq!(UserId::parse(text).is_ok(), expected == "fine");
    }
    assert_eq!(reason(RoomId::from("!opaque").validate()), "fine");
    assert_eq!(reason(RoomId::from("!").validate()), "must have something after its first character");
    assert_eq!(reason(EventId::from("$a/+b").validate()), "fine");
    assert_eq!(reason(RoomAlias::from("!a:b").validate()), "must start with `#`");
    assert_eq!(reason(RoomOrAlias::from("!a").validate()), "fine");
    assert_eq!(reason(RoomOrAlias::from("#a:b").validate()), "fine");
    assert_eq!(reason(RoomOrAlias::from("a").validate()), "must start with `!` or `#`");
    assert_eq!(reason(DeviceId::from("any thing").validate()), "fine");
    for server in ["[::1]:80", "[2001:db8::1]", "10.0.0.1", "a", "a.b-c_d:65535", "a.example.org.:1"] {
        assert_eq!(reason(ServerName::from(server).validate()), "fine", "{server}");
    }
    for server in
        ["a/b", ".", "..", "...:80", "a:", "a:b", "a:123456", ":80", "[]", "[::1", "::1", "[::1]x", "[a]", "a@b"]
    {
        assert_eq!(reason(ServerName::from(server).validate()), "must be a host with an optional port", "{server}");
    }
    assert_eq!(UserId::parse("x").unwrap_err().to_string(), "a user ID must start with `@`");
}

#[test]
fn an_mxc_uri_has_two_safe_parts() {
    let uri = MxcUri::parse("mxc://example.org:8448/aB-_9").unwrap();
    assert_eq!(uri.parts(), Ok(("example.org:8448", "aB-_9")));
    assert_eq!(MxcUri::from_parts("a.b", "c"), "mxc://a.b/c");
    for text in ["mxc://a/b/c", "mxc://a/../b", "mxc:///b", "mxc://a/", "http://a/b", "mxc://a/b?c", "mxc://../a"] {
        assert!(MxcUri::from(text).parts().is_err(), "{text}");
        assert!(MxcUri::from(text).validate().is_err(), "{text}");
    }
    assert!(MxcUri::from("").validate().is_ok() && MxcUri::parse("").is_err());
}

#[test]
fn an_identifier_knows_its_parts() {
    let user = UserId::from("@a:b.c:8448");
    assert_eq!((user.localpart(), user.server_name()), (Some("a"), Some("b.c:8448")));
    assert_eq!(UserId::from("odd").localpart(), None);
    assert_eq!(RoomId::from("!opaque").server_name(), None);
    assert_eq!(RoomId::from("!a:b").server_name(), Some("b"));
    assert_eq!(RoomAlias::from("#a:b").server_name(), Some("b"));
    assert_eq!(EventId::from("$a:b").server_name(), Some("b"));
    assert_eq!(RoomOrAlias::from(RoomId::from("!a:b")).server_name(), Some("b"));
    assert_eq!(RoomOrAlias::from(&RoomAlias::from("#a:b")), "#a:b");
}

#[test]
fn an_identifier_is_a_text_for_maps_and_serde() {
    let map = BTreeMap::from([(UserId::from("@a:b"), 1)]);
    assert_eq!(map.get("@a:b"), Some(&1));
    let set = HashSet::from([RoomId::from("!a")]);
    assert!(set.contains("!a"));
    let json = serde_json::to_string(&map).unwrap();
    assert_eq!(json, r#"{"@a:b":1}"#);
    let again: BTreeMap<UserId, i64> = serde_json::from_str(&json).unwrap();
    assert_eq!(again, map);
    let id = RoomId::from(String::from("!a"));
    assert_eq!(format!("{id} {id:?} {}", String::from(id.clone())), r#"!a "!a" !a"#);
    assert_eq!((RoomId::from(&id), "!x:y".parse()), (id, Ok(RoomId::from("!x:y"))));
}
