//! Traps in paths.

use std::collections::BTreeMap;

use matrix_api::{
    BaseUrl, Metadata, Place, TxnId,
    client_server::{
        CreateContent, DeletePushRule, GetAdminLockUser, GetAdminSuspendUser, GetConfig, GetEvents, GetOneEvent,
        GetPushRule, GetPushRules, GetPushRulesGlobal, GetRoomKeyBySessionId, GetRoomStateWithKey, GetVersions,
        GetWellknown, GetWellknownPolicy, GetWellknownSupport, GetWhoIs, InviteBy3pid, InviteUser, OPERATIONS,
        PeekEvents, SetAdminLockUser, SetAdminSuspendUser, SetRoomStateWithKey, SetTyping, UploadContent,
        delete_push_rule::Kind, types::Invite3pid,
    },
    json,
    request::encode,
    service::{ServerName, Service},
};

use crate::{
    forms::{refused, sent},
    operation,
};

/// The names of the parameters in a path, in its order.
fn parameters(metadata: &Metadata) -> Vec<&'static str> {
    metadata.path.split('{').skip(1).map(|part| part.split_once('}').unwrap().0).collect()
}

#[test]
fn trap_01_space_in_path_keys() {
    assert_eq!(
        sent(&InviteUser::new("!r:hs", "@u:hs").reason("hi")),
        r#"POST /_matrix/client/v3/rooms/%21r%3Ahs/invite [application/json] {"user_id":"@u:hs","reason":"hi"}"#
    );
    assert_eq!(
        sent(&InviteBy3pid::new("!r:hs", Invite3pid::new("id.hs", "t", "email", "a@b.c"))),
        "POST /_matrix/client/v3/rooms/%21r%3Ahs/invite [application/json] \
         {\"id_server\":\"id.hs\",\"id_access_token\":\"t\",\"medium\":\"email\",\"address\":\"a@b.c\"}"
    );
    assert_eq!(
        sent(&PeekEvents::new("!r:hs").from("s1").timeout(5)),
        "GET /_matrix/client/v3/events?from=s1&timeout=5&room_id=%21r%3Ahs"
    );
    assert_eq!(sent(&GetEvents::new().from("s1").timeout(5)), "GET /_matrix/client/v3/events?from=s1&timeout=5");

    // Nothing is lost by trimming, and nothing is left to trim.
    let mut by_call: BTreeMap<(&str, &str), Vec<&str>> = BTreeMap::new();
    for metadata in OPERATIONS {
        assert!(!metadata.path.contains([' ', '%']), "{}", metadata.id);
        by_call.entry((metadata.method.as_str(), metadata.path)).or_default().push(metadata.id);
    }
    by_call.retain(|_, ids| ids.len() > 1);
    assert_eq!(
        by_call,
        BTreeMap::from([
            (("GET", "/_matrix/client/v3/events"), vec!["getEvents", "peekEvents"]),
            (("POST", "/_matrix/client/v3/rooms/{roomId}/invite"), vec!["inviteBy3PID", "inviteUser"]),
        ])
    );
}

#[test]
fn trap_06_positional_path_arguments() {
    assert_eq!(
        sent(&SetTyping::new("!room:hs", "@user:hs", true).timeout(30_000)),
        "PUT /_matrix/client/v3/rooms/%21room%3Ahs/typing/%40user%3Ahs [application/json] \
         {\"typing\":true,\"timeout\":30000}"
    );
    // Swapped, they are not sent.
    assert_eq!(
        refused(&SetTyping::new("@user:hs", "!room:hs", true)),
        "setTyping: path parameter roomId must start with `!`"
    );
    for metadata in OPERATIONS {
        let fields = metadata.fields.iter().filter(|field| field.place == Place::Path);
        assert_eq!(fields.map(|field| field.name).collect::<Vec<_>>(), parameters(metadata), "{}", metadata.id);
    }
}

#[test]
fn trap_14_path_building() {
    // The base path is not always the client API's version.
    assert_eq!(sent(&GetWhoIs::new("@u:hs")), "GET /_matrix/client/v3/admin/whois/%40u%3Ahs");
    assert_eq!(sent(&GetAdminLockUser::new("@u:hs")), "GET /_matrix/client/v1/admin/lock/%40u%3Ahs");
    assert_eq!(sent(&GetAdminSuspendUser::new("@u:hs")), "GET /_matrix/client/v1/admin/suspend/%40u%3Ahs");
    assert_eq!(
        sent(&SetAdminLockUser::new("@u:hs", true)),
        r#"PUT /_matrix/client/v1/admin/lock/%40u%3Ahs [application/json] {"locked":true}"#
    );
    assert_eq!(
        sent(&SetAdminSuspendUser::new("@u:hs", false)),
        r#"PUT /_matrix/client/v1/admin/suspend/%40u%3Ahs [application/json] {"suspended":false}"#
    );
    assert_eq!(sent(&CreateContent::new()), "POST /_matrix/media/v1/create [application/json] {}");
    assert_eq!(sent(&UploadContent::new("a")), "POST /_matrix/media/v3/upload [application/octet-stream] a");
    assert_eq!(sent(&GetConfig::new()), "GET /_matrix/media/v3/config");
    assert_eq!(sent(&GetVersions::new()), "GET /_matrix/client/versions");

    // The slash at the end is part of the path, and of no other.
    assert_eq!(sent(&GetPushRules::new()), "GET /_matrix/client/v3/pushrules/");
    assert_eq!(sent(&GetPushRulesGlobal::new()), "GET /_matrix/client/v3/pushrules/global/");
    let slashed = OPERATIONS.iter().filter(|metadata| metadata.path.ends_with('/'));
    assert_eq!(slashed.map(|metadata| metadata.id).collect::<Vec<_>>(), ["getPushRules", "getPushRulesGlobal"]);
    for metadata in OPERATIONS {
        assert!(metadata.path.starts_with("/_matrix/") || metadata.path.starts_with("/.well-known/matrix/"));
        assert!(!metadata.path.contains("//"), "{}", metadata.id);
    }
    let below = BaseUrl::parse("https://hs/sub/").unwrap();
    let request = encode(&below, &GetPushRules::new(), &TxnId::new()).unwrap();
    assert_eq!(request.uri(), "https://hs/sub/_matrix/client/v3/pushrules/");
}

#[test]
fn trap_14_path_building_of_odd_values() {
    assert_eq!(
        sent(&SetRoomStateWithKey::new("!r:hs", "m.room.name", "", json!({"name": "n"}))),
        r#"PUT /_matrix/client/v3/rooms/%21r%3Ahs/state/m.room.name/ [application/json] {"name":"n"}"#
    );
    assert_eq!(
        sent(&GetRoomStateWithKey::new("!r:hs", "m.room.name", "")),
        "GET /_matrix/client/v3/rooms/%21r%3Ahs/state/m.room.name/"
    );
    assert_eq!(
        sent(&GetRoomKeyBySessionId::new("!r:hs", "a/b+c=", "1")),
        "GET /_matrix/client/v3/room_keys/keys/%21r%3Ahs/a%2Fb%2Bc%3D?version=1"
    );
    assert_eq!(sent(&GetOneEvent::new("$a/b+c:hs")), "GET /_matrix/client/v3/events/%24a%2Fb%2Bc%3Ahs");
    // A rule's id may begin with a dot, but be none that a proxy takes for a folder.
    assert_eq!(
        sent(&GetPushRule::new("override", ".m.rule.master")),
        "GET /_matrix/client/v3/pushrules/global/override/.m.rule.master"
    );
    let rows = [
        ("..", "must not be `.` or `..`"),
        (".", "must not be `.` or `..`"),
        ("", "must not be empty"),
        ("a\nb", "must not have control characters"),
    ];
    for (rule, reason) in rows {
        assert_eq!(
            refused(&DeletePushRule::new(Kind::Room, rule)),
            format!("deletePushRule: path parameter ruleId {reason}")
        );
    }
    assert_eq!(
        sent(&DeletePushRule::new(Kind::Content, "%2e%2e/ä")),
        "DELETE /_matrix/client/v3/pushrules/global/content/%252e%252e%2F%C3%A4"
    );
    assert_eq!(
        refused(&SetRoomStateWithKey::new("!r:hs", "", "", json!({}))),
        "setRoomStateWithKey: path parameter eventType must not be empty"
    );
}

#[test]
fn trap_14_path_building_on_another_host() {
    // A function that takes these only.
    fn elsewhere<R: matrix_api::Request<To = ServerName>>(request: &R) -> String {
        assert_eq!(R::METADATA.service, ServerName::NAME);
        sent(request)
    }
    assert_eq!(elsewhere(&GetWellknown::new()), "GET /.well-known/matrix/client");
    assert_eq!(elsewhere(&GetWellknownSupport::new()), "GET /.well-known/matrix/support");
    assert_eq!(elsewhere(&GetWellknownPolicy::new()), "GET /.well-known/matrix/policy_server");
    let others = OPERATIONS.iter().filter(|metadata| !metadata.path.starts_with("/.well-known/"));
    assert_eq!(others.filter(|metadata| metadata.service == "homeserver").count(), OPERATIONS.len() - 3);
    assert_eq!(operation("getVersions").service, "homeserver");
}
