//! Answers that the Synapse of the live tests cannot give.

use matrix_api::{Response, synapse_admin::*};

/// As PostgreSQL makes it give them; SQLite refuses.
#[test]
fn the_largest_rooms() {
    let body = br#"{"rooms":[{"room_id":"!large:b.example","estimated_size":9000000000},{"room_id":"!new","estimated_size":0}]}"#;
    let largest = GetLargestRoomsStatisticsResponse::from_json(body).unwrap();
    let sizes: Vec<_> = largest.rooms.iter().map(|room| (room.room_id.as_str(), room.estimated_size)).collect();
    assert_eq!(sizes, [("!large:b.example", 9_000_000_000), ("!new", 0)]);
}

/// Neither does it share a room with another server.
#[test]
fn the_rooms_of_a_destination() {
    let body = br#"{"rooms":[{"room_id":"!a:b.example","stream_ordering":8326}],"total":2,"next_token":"1"}"#;
    let page = ListDestinationRoomsResponse::from_json(body).unwrap();
    assert_eq!((page.rooms[0].room_id.as_str(), page.rooms[0].stream_ordering), ("!a:b.example", 8326));
    assert_eq!((page.total, page.next_token), (2, Some("1".into())));
}

/// Nor has it a copy of another server's file.
#[test]
fn a_copy_of_another_servers_file() {
    let body = br#"{"media_info":{"media_origin":"b.example","user_id":null,"media_id":"m","media_type":"image/png","media_length":5,
        "upload_name":null,"created_ts":1700000000000,"filesystem_id":"f","url_cache":null,"last_access_ts":1700000000001,
        "quarantined_by":"system","authenticated":1,"safe_from_quarantine":null,"sha256":"00"}}"#;
    let info = GetMediaInfoResponse::from_json(body).unwrap().media_info;
    assert_eq!((info.media_origin, info.user_id), (Some("b.example".into()), None));
    assert_eq!((info.filesystem_id.as_deref(), info.quarantined_by.as_deref()), (Some("f"), Some("system")));
    assert_eq!((info.authenticated, info.safe_from_quarantine), (Some(true), None));
}
