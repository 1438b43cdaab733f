//! Traps in what is read: fields that a schema lacks, loses, or makes too narrow.

use matrix_api::{Map, Raw, Response, StringEnum, TimelineEvent, UnixMillis, UserId, client_server::*, json};
use serde_json::Value;

use crate::forms::{read, sent};

/// An event with everything that schemas of events tend to lose.
const EVENT: &str = r#"{"type":"m.room.message","event_id":"$e","sender":"@u:hs","origin_server_ts":1,"room_id":"!r:hs","content":{"body":"b"},"unsigned":{"age":4.0,"transaction_id":"t","membership":"join","prev_content":{},"redacted_because":{"type":"m.room.redaction"},"m.relations":{"m.thread":{"count":2}}},"org.example":[null]}"#;

#[test]
fn trap_03_fields_missing_from_schemas() {
    let sync: SyncEventsResponse = read(
        r#"{"next_batch":"s","to_device":{"events":[{"type":"m.dummy","sender":"@u:hs","content":{}}]},
            "device_lists":{"changed":["@a:hs"],"left":["@b:hs"]},
            "device_one_time_keys_count":{"signed_curve25519":50},
            "device_unused_fallback_key_types":["signed_curve25519"],
            "presence":{"events":[{"type":"m.presence","sender":"@p:hs","content":{"presence":"online"}}]}}"#,
    );
    let to_device = &sync.to_device.unwrap().events;
    assert_eq!(to_device[0].json(), r#"{"type":"m.dummy","sender":"@u:hs","content":{}}"#);
    let lists = sync.device_lists.unwrap();
    assert_eq!((lists.changed, lists.left), (vec![UserId::from("@a:hs")], vec![UserId::from("@b:hs")]));
    assert_eq!(sync.device_one_time_keys_count, Map::from([("signed_curve25519".to_owned(), 50)]));
    assert_eq!(sync.device_unused_fallback_key_types, ["signed_curve25519"]);
    let presence = &sync.presence.unwrap().events;
    assert_eq!(presence[0].field::<String>("sender").unwrap().as_deref(), Some("@p:hs"));

    let flows: GetLoginFlowsResponse = read(
        r#"{"flows":[{"type":"m.login.sso","identity_providers":[
            {"id":"oidc","name":"Us","icon":"mxc://hs/i","brand":"us"},{"id":"two","name":"Them"}]},
            {"type":"m.login.token","get_login_token":true}]}"#,
    );
    let [sso, token] = &flows.flows[..] else { panic!("{flows:?}") };
    let names: Vec<_> = sso.identity_providers.iter().map(|provider| (&*provider.id, &*provider.name)).collect();
    assert_eq!(names, [("oidc", "Us"), ("two", "Them")]);
    assert_eq!(sso.identity_providers[0].brand.as_deref(), Some("us"));
    assert_eq!((&*token.type_, token.get_login_token), ("m.login.token", Some(true)));
}

#[test]
fn trap_03_fields_missing_from_schemas_of_keys() {
    use types::{OneTimeKey, OneTimeKeyObject};

    let signatures = Map::from([(UserId::from("@u:hs"), Map::from([("ed25519:D".into(), "sig".into())]))]);
    let key = OneTimeKeyObject::new("k", signatures).fallback(true).extra("org.example", 1);
    let upload = UploadKeys::new().fallback_keys([("signed_curve25519:A".to_owned(), OneTimeKey::Object(key))]);
    assert_eq!(
        sent(&upload),
        "POST /_matrix/client/v3/keys/upload [application/json] \
         {\"fallback_keys\":{\"signed_curve25519:A\":{\"key\":\"k\",\
         \"signatures\":{\"@u:hs\":{\"ed25519:D\":\"sig\"}},\"fallback\":true,\"org.example\":1}}}"
    );

    let claimed: ClaimKeysResponse = read(
        r#"{"one_time_keys":{"@u:hs":{"D":{
            "signed_curve25519:A":{"key":"k","signatures":{"@u:hs":{"ed25519:D":"sig"}},"fallback":true},
            "curve25519:B":"bare"}}}}"#,
    );
    let keys = &claimed.one_time_keys["@u:hs"]["D"];
    let OneTimeKey::Object(signed) = &keys["signed_curve25519:A"] else { panic!("{keys:?}") };
    assert_eq!((&*signed.key, signed.fallback), ("k", Some(true)));
    assert_eq!(signed.signatures.as_ref().unwrap()["@u:hs"]["ed25519:D"], "sig");
    assert!(matches!(&keys["curve25519:B"], OneTimeKey::Text(bare) if bare == "bare"));
}

/// Reads an answer in which `EVENT` stands where the text says `EVENT`.
fn with_event<R: Response>(json: &str) -> R {
    read(&json.replace("EVENT", EVENT))
}

fn is_whole(events: &[Raw<TimelineEvent>]) {
    assert!(!events.is_empty());
    for event in events {
        assert_eq!(event.json(), EVENT);
        let unsigned: Value = event.field("unsigned").unwrap().unwrap();
        assert_eq!(unsigned["m.relations"]["m.thread"]["count"], 2);
        assert_eq!(unsigned["transaction_id"], "t");
    }
}

#[test]
fn trap_04_override_without_type() {
    let messages: GetRoomEventsResponse = with_event(r#"{"start":"a","chunk":[EVENT],"state":[EVENT]}"#);
    is_whole(&messages.chunk);
    is_whole(&messages.state);
    let context: GetEventContextResponse =
        with_event(r#"{"events_before":[EVENT],"event":EVENT,"events_after":[EVENT],"state":[EVENT]}"#);
    for events in [&context.events_before[..], &[context.event.unwrap()], &context.events_after, &context.state] {
        is_whole(events);
    }
    is_whole(&[with_event::<GetOneRoomEventResponse>("EVENT").event]);
    is_whole(&[with_event::<GetOneEventResponse>("EVENT").event]);
    is_whole(&with_event::<GetRoomStateResponse>("[EVENT]").events);
    is_whole(&with_event::<GetMembersByRoomResponse>(r#"{"chunk":[EVENT]}"#).chunk);
    is_whole(&with_event::<GetThreadRootsResponse>(r#"{"chunk":[EVENT]}"#).chunk);
    is_whole(&with_event::<GetRelatingEventsResponse>(r#"{"chunk":[EVENT]}"#).chunk);
    is_whole(&with_event::<GetRelatingEventsWithRelTypeResponse>(r#"{"chunk":[EVENT]}"#).chunk);
    is_whole(&with_event::<GetRelatingEventsWithRelTypeAndEventTypeResponse>(r#"{"chunk":[EVENT]}"#).chunk);
    is_whole(&with_event::<GetEventsResponse>(r#"{"chunk":[EVENT]}"#).chunk);
    is_whole(&with_event::<PeekEventsResponse>(r#"{"chunk":[EVENT]}"#).chunk);
}

#[test]
fn trap_04_override_without_type_deeper_within() {
    let search: SearchResponse = with_event(
        r#"{"search_categories":{"room_events":{"results":[{"rank":0.5,"result":EVENT,
            "context":{"events_before":[EVENT],"events_after":[EVENT]}}],"state":{"!r:hs":[EVENT]}}}}"#,
    );
    let mut found = search.search_categories.room_events.unwrap();
    let result = found.results.remove(0);
    let context = result.context.unwrap();
    for events in [&[result.result.unwrap()][..], &context.events_before, &context.events_after, &found.state["!r:hs"]]
    {
        is_whole(events);
    }

    let initial: InitialSyncResponse = with_event(
        r#"{"end":"s","rooms":[{"room_id":"!r:hs","membership":"join","state":[EVENT],"invite":EVENT,
            "messages":{"end":"e","chunk":[EVENT]}}]}"#,
    );
    let room = &initial.rooms[0];
    is_whole(&room.state);
    is_whole(room.invite.as_slice());
    is_whole(&room.messages.as_ref().unwrap().chunk);
    let room: RoomInitialSyncResponse =
        with_event(r#"{"room_id":"!r:hs","state":[EVENT],"messages":{"end":"e","chunk":[EVENT]}}"#);
    is_whole(&room.state);
    is_whole(&room.messages.unwrap().chunk);
}

#[test]
fn trap_04_override_without_type_in_hierarchies() {
    let spaces: GetSpaceHierarchyResponse = read(
        r##"{"rooms":[{"room_id":"!s:hs","num_joined_members":2,"world_readable":true,"guest_can_join":false,
            "room_type":"m.space","join_rule":"restricted","allowed_room_ids":["!a:hs"],"room_version":"12",
            "encryption":"m.megolm.v1.aes-sha2","name":"S","topic":"T","avatar_url":"mxc://hs/a",
            "canonical_alias":"#s:hs","children_state":[{"type":"m.space.child","state_key":"!c:hs"}]}]}"##,
    );
    let space = &spaces.rooms[0];
    assert_eq!(space.room_id, "!s:hs");
    assert_eq!((space.num_joined_members, space.world_readable, space.guest_can_join), (2, true, false));
    let texts = [&space.room_type, &space.join_rule, &space.room_version, &space.name, &space.topic];
    let expected = ["m.space", "restricted", "12", "S", "T"].map(|text| Some(text.to_owned()));
    assert_eq!(texts.map(Clone::clone), expected);
    assert_eq!(space.allowed_room_ids, ["!a:hs"]);
    assert_eq!(space.canonical_alias.as_ref().unwrap(), &"#s:hs");
    assert_eq!(space.avatar_url.as_ref().unwrap(), &"mxc://hs/a");
    assert_eq!(space.encryption.as_ref().unwrap().as_str(), "m.megolm.v1.aes-sha2");
    assert_eq!(space.children_state[0].field::<String>("state_key").unwrap().as_deref(), Some("!c:hs"));
}

#[test]
fn trap_15_narrow_types() {
    use get_event_by_timestamp::Direction;

    // More milliseconds than 32 bits hold, both ways.
    let late = 1_784_000_000_000;
    assert_eq!(
        sent(&GetEventByTimestamp::new("!r:hs", late, Direction::Backward)),
        "GET /_matrix/client/v1/rooms/%21r%3Ahs/timestamp_to_event?ts=1784000000000&dir=b"
    );
    let found: GetEventByTimestampResponse = read(r#"{"event_id":"$e","origin_server_ts":1784000000000}"#);
    assert_eq!(found.origin_server_ts, UnixMillis::from(late));

    // A value that came later is kept.
    let version: GetRoomKeysVersionResponse =
        read(r#"{"algorithm":"org.example.v2","auth_data":{"public_key":"p"},"count":1,"etag":"0","version":"1"}"#);
    assert!(!version.algorithm.is_known());
    assert_eq!(version.algorithm.as_str(), "org.example.v2");
    let version: GetRoomKeysVersionCurrentResponse = read(
        r#"{"algorithm":"m.megolm_backup.v1.curve25519-aes-sha2","auth_data":{},"count":1,"etag":"0","version":"1"}"#,
    );
    assert!(version.algorithm.is_known());
    let initial: InitialSyncResponse = read(r#"{"end":"s","rooms":[{"room_id":"!r:hs","membership":"knock"}]}"#);
    assert_eq!(initial.rooms[0].membership.as_str(), "knock");
    let room: RoomInitialSyncResponse = read(r#"{"room_id":"!r:hs","membership":"knock"}"#);
    assert_eq!(room.membership.unwrap().as_str(), "knock");
    let metadata: GetAuthMetadataResponse = read(
        r#"{"issuer":"https://a/","authorization_endpoint":"https://a/a","token_endpoint":"https://a/t",
            "revocation_endpoint":"https://a/r","registration_endpoint":"https://a/c",
            "account_management_actions_supported":["org.matrix.profile","org.matrix.later"]}"#,
    );
    let actions = &metadata.account_management_actions_supported;
    assert_eq!(actions.iter().map(StringEnum::is_known).collect::<Vec<_>>(), [true, false]);
    assert_eq!(actions[1].as_str(), "org.matrix.later");
}

/// A number of milliseconds, however it is written; half of one is none.
#[test]
fn trap_15_narrow_types_of_numbers() {
    for (written, expected) in [("420", 420), ("420.0", 420), ("4.2e2", 420), ("1784000000000.0", 1_784_000_000_000)] {
        let presence: GetPresenceResponse = read(&format!(r#"{{"presence":"online","last_active_ago":{written}}}"#));
        assert_eq!(presence.last_active_ago, Some(expected), "{written}");
    }
    let presence: GetPresenceResponse = read(r#"{"presence":"online","last_active_ago":0.5}"#);
    assert_eq!(presence.last_active_ago, None);
}

/// One operation, two shapes: the content, or with `format=event` the event around it.
#[test]
fn trap_15_narrow_types_of_either_shape() {
    use get_room_state_with_key::Format;

    let request = GetRoomStateWithKey::new("!r:hs", "m.room.member", "@u:hs");
    let path = "GET /_matrix/client/v3/rooms/%21r%3Ahs/state/m.room.member/%40u%3Ahs";
    assert_eq!(sent(&request), path);
    assert_eq!(sent(&request.format(Format::Event)), format!("{path}?format=event"));
    for json in [r#"{"membership":"join"}"#, EVENT, "{}"] {
        assert_eq!(read::<GetRoomStateWithKeyResponse>(json).content.json(), json);
    }
    let event = read::<GetRoomStateWithKeyResponse>(EVENT).content;
    assert_eq!(event.field::<Value>("content").unwrap(), Some(json!({"body": "b"})));
}
