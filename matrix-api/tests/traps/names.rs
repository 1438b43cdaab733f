//! Traps in names.

use std::{any::TypeId, collections::BTreeSet};

use matrix_api::{client_server::*, json};
use serde_json::Value;

use crate::forms::{read, sent};

/// The types must be as many as there are meanings.
macro_rules! distinct {
    ($($type:ty),*) => {
        let types = [$(TypeId::of::<$type>()),*];
        assert_eq!(BTreeSet::from(types).len(), types.len());
    };
}

#[test]
fn trap_13_names() {
    let ids: BTreeSet<&str> = OPERATIONS.iter().map(|metadata| metadata.id).collect();
    assert_eq!((ids.len(), OPERATIONS.len()), (166, 166));

    // Three filters.
    distinct!(types::SyncFilter, types::RoomEventFilter, types::EventFilter, query_public_rooms::Filter);
    let room = types::SyncFilterRoom::new().timeline(types::RoomEventFilter::new().limit(1).contains_url(true));
    assert_eq!(
        sent(&DefineFilter::new("@u:hs", types::SyncFilter::new().event_fields(["type"]).room(room))),
        "POST /_matrix/client/v3/user/%40u%3Ahs/filter [application/json] \
         {\"event_fields\":[\"type\"],\"room\":{\"timeline\":{\"limit\":1,\"contains_url\":true}}}"
    );
    let criteria = search::RoomEventsCriteria::new("tea").filter(types::RoomEventFilter::new().rooms(["!r:hs"]));
    assert_eq!(
        sent(&Search::new(search::Categories::new().room_events(criteria))),
        "POST /_matrix/client/v3/search [application/json] \
         {\"search_categories\":{\"room_events\":{\"search_term\":\"tea\",\"filter\":{\"rooms\":[\"!r:hs\"]}}}}"
    );
    assert_eq!(
        sent(&QueryPublicRooms::new().filter(query_public_rooms::Filter::new().generic_search_term("tea"))),
        "POST /_matrix/client/v3/publicRooms [application/json] {\"filter\":{\"generic_search_term\":\"tea\"}}"
    );
}

#[test]
fn trap_13_names_of_room_summaries() {
    distinct!(sync_events::JoinedRoomSummary, GetRoomSummaryResponse, types::PublicRoomsChunk);
    let sync: SyncEventsResponse = read(
        r#"{"next_batch":"s","rooms":{"join":{"!r:hs":{"summary":
            {"m.heroes":["@u:hs"],"m.joined_member_count":2,"m.invited_member_count":0}}}}}"#,
    );
    let summary = sync.rooms.unwrap().join["!r:hs"].summary.clone().unwrap();
    assert_eq!(summary.heroes, ["@u:hs"]);
    assert_eq!((summary.joined_member_count, summary.invited_member_count), (Some(2), Some(0)));
    let summary: GetRoomSummaryResponse = read(
        r#"{"room_id":"!r:hs","num_joined_members":2,"world_readable":false,"guest_can_join":true,"membership":"ban"}"#,
    );
    assert_eq!((summary.num_joined_members, summary.guest_can_join), (2, true));
    assert_eq!(summary.membership, Some(get_room_summary::Membership::Ban));
}

#[test]
fn trap_13_names_of_pusher_data() {
    distinct!(get_pushers::PusherData, post_pusher::PusherData);
    let data = post_pusher::PusherData::new().url("https://p/").format("event_id_only");
    assert_eq!(
        sent(&PostPusher::new("k", Some("http".to_owned()), "a").data(data)),
        "POST /_matrix/client/v3/pushers/set [application/json] \
         {\"pushkey\":\"k\",\"kind\":\"http\",\"app_id\":\"a\",\
         \"data\":{\"url\":\"https://p/\",\"format\":\"event_id_only\"}}"
    );
    let pushers: GetPushersResponse = read(
        r#"{"pushers":[{"pushkey":"k","kind":"http","app_id":"a","app_display_name":"A","device_display_name":"D",
            "lang":"en","data":{"url":"https://p/","format":"another"}}]}"#,
    );
    assert_eq!(pushers.pushers[0].data.format.as_deref(), Some("another"));
}

/// One title for two kinds of signatures, of room, of event: each operation keeps its own.
#[test]
fn trap_13_names_of_signatures_and_rooms() {
    let signed: QueryKeysResponse = read(
        r#"{"device_keys":{"@u:hs":{"D":{"user_id":"@u:hs","device_id":"D","algorithms":["a"],"keys":{"ed25519:D":"k"},
            "signatures":{"@u:hs":{"ed25519:D":"s"}},"unsigned":{"device_display_name":"Phone"}}}},
            "master_keys":{"@u:hs":{"user_id":"@u:hs","usage":["master"],"keys":{"ed25519:M":"m"},
            "signatures":{"@u:hs":{"ed25519:D":"s"}}}}}"#,
    );
    let device = &signed.device_keys["@u:hs"]["D"];
    assert_eq!(device.signatures["@u:hs"]["ed25519:D"], "s");
    assert_eq!(device.unsigned.as_ref().unwrap().device_display_name.as_deref(), Some("Phone"));
    let signatures = signed.master_keys["@u:hs"].signatures.as_ref().unwrap();
    assert_eq!(signatures.decode::<Value>().unwrap(), json!({"@u:hs": {"ed25519:D": "s"}}));

    distinct!(initial_sync::Room, get_space_hierarchy::Room, sync_events::JoinedRoom);
    let spaces: GetSpaceHierarchyResponse =
        read(r#"{"rooms":[{"room_id":"!s:hs","num_joined_members":1,"world_readable":true,"guest_can_join":true}]}"#);
    assert_eq!(spaces.rooms[0].room_id, "!s:hs");
}
