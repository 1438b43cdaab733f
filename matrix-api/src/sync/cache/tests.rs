use serde_json::json;

use super::*;

const ROOM: &str = "!r:x";

fn me() -> UserId {
    UserId::from("@me:x")
}

fn long(prefix: &str, length: usize) -> String {
    format!("{prefix}{}", "x".repeat(length - prefix.len()))
}

fn sync(value: Value) -> SyncEventsResponse {
    use crate::Response as _;
    SyncEventsResponse::from_json(value.to_string().as_bytes()).unwrap()
}

fn feed(cache: &RoomCache, since: Option<&str>, rooms: Value) {
    cache.feed(Some(&me()), since, &sync(json!({"next_batch": "s", "rooms": rooms})));
}

fn state(kind: &str, content: Value) -> Value {
    json!({"type": kind, "state_key": "", "sender": "@a:x", "event_id": format!("$a-{kind}"), "content": content})
}

fn later(kind: &str, content: Value) -> Value {
    json!({"type": kind, "state_key": "", "sender": "@a:x", "event_id": format!("$b-{kind}"), "content": content})
}

fn joined(state: Vec<Value>, timeline: Vec<Value>) -> Value {
    json!({"join": {ROOM: {"state": {"events": state}, "timeline": {"events": timeline}}}})
}

fn basics() -> Vec<Value> {
    vec![
        state("m.room.create", json!({"room_version": "10", "creator": "@other:x"})),
        state("m.room.name", json!({"name": "Kitchen"})),
        state("m.room.canonical_alias", json!({"alias": "#kitchen:x"})),
        state("m.room.power_levels", json!({"users": {"@a:x": 100, "@me:x": "50"}, "events": {"m.room.name": 60}})),
    ]
}

#[test]
fn what_a_snapshot_says_is_known() {
    let cache = RoomCache::new(10);
    assert!(!cache.is_complete());
    feed(
        &cache,
        None,
        joined(basics(), vec![later("m.room.encryption", json!({"algorithm": "m.megolm.v1.aes-sha2"}))]),
    );
    let room = cache.room(ROOM).unwrap();
    assert_eq!((room.membership(), room.name(), room.version()), ("join", Some("Kitchen"), Some("10")));
    assert_eq!(room.alias().unwrap(), "#kitchen:x");
    assert_eq!(room.encryption(), Some("m.megolm.v1.aes-sha2"));
    assert_eq!(room.creators(), Some(&["@a:x".into()][..]));
    let levels = ["@a:x", "@me:x", "@b:x"].map(|user| room.power_level(&user.into()));
    assert_eq!(levels, [Some(100), Some(50), Some(0)]);
    assert_eq!(room.may_send(&me(), "m.room.message", false), Some(true));
    assert_eq!(room.may_send(&me(), "m.room.name", true), Some(false));
    assert_eq!(room.may_send(&me(), "m.room.topic", true), Some(true));
    assert!(cache.is_complete());
}

#[test]
fn the_levels_of_an_ordinary_room_fit() {
    let types = ["avatar", "canonical_alias", "encryption", "history_visibility", "name", "power_levels", "server_acl"];
    let events: serde_json::Map<_, _> = types.map(|name| (format!("m.room.{name}"), json!(100))).into_iter().collect();
    let users: serde_json::Map<_, _> = (0..8).map(|one| (format!("@moderator{one}:example.org"), json!(50))).collect();
    let cache = RoomCache::new(10);
    let levels = json!({"users": users, "events": events});
    feed(&cache, None, joined(vec![state("m.room.power_levels", levels)], vec![]));
    let room = cache.room(ROOM).unwrap();
    assert_eq!(room.may_send(&me(), "m.room.topic", true), Some(false));
    assert_eq!(room.may_send(&"@moderator7:example.org".into(), "m.room.topic", true), Some(true));
    assert_eq!(room.power_level(&me()), Some(0));
    assert_eq!(room.power_levels().unwrap().needed("m.room.encryption", true), Some(100));
}

#[test]
fn across_a_gap_the_state_before_the_timeline_counts_first() {
    let cache = RoomCache::new(10);
    feed(&cache, None, joined(basics(), vec![]));
    // Renamed in the gap, and once more after it; encryption was switched on in the gap.
    let gap = vec![state("m.room.name", json!({"name": "Cellar"})), state("m.room.encryption", json!({}))];
    let mut rooms = joined(gap, vec![later("m.room.name", json!({"name": "Attic"}))]);
    rooms["join"][ROOM]["timeline"]["limited"] = true.into();
    feed(&cache, Some("s"), rooms);
    let room = cache.room(ROOM).unwrap();
    assert_eq!((room.name(), room.encryption()), (Some("Attic"), Some("")));
    assert_eq!(room.alias().unwrap(), "#kitchen:x");

    let mut rooms = joined(vec![state("m.room.name", json!({"name": "Hall"}))], vec![]);
    rooms["join"][ROOM]["timeline"]["limited"] = true.into();
    feed(&cache, Some("s"), rooms);
    assert_eq!(cache.room(ROOM).unwrap().name(), Some("Hall"));
}

#[test]
fn state_after_the_timeline_counts_alone() {
    let cache = RoomCache::new(10);
    feed(&cache, None, joined(basics(), vec![]));
    let mut rooms = joined(vec![], vec![later("m.room.name", json!({"name": "Loser of a fork"}))]);
    rooms["join"][ROOM]["state_after"] = json!({"events": [state("m.room.name", json!({"name": "Winner"}))]});
    feed(&cache, Some("s"), rooms);
    assert_eq!(cache.room(ROOM).unwrap().name(), Some("Winner"));
}

#[test]
fn what_is_redacted_is_gone_even_where_the_state_is_told_apart() {
    let cache = RoomCache::new(10);
    feed(&cache, None, joined(basics(), vec![]));
    let redaction = json!({"type": "m.room.redaction", "sender": "@a:x", "redacts": "$a-m.room.name", "content": {}});
    let other = later("m.room.canonical_alias", json!({"alias": "#other:x"}));
    let room = json!({"state_after": {"events": []}, "timeline": {"events": [redaction, other]}});
    feed(&cache, Some("s"), json!({"join": {ROOM: room}}));
    let room = cache.room(ROOM).unwrap();
    assert_eq!((room.name(), room.alias().unwrap().as_str()), (None, "#kitchen:x"));
}

#[test]
fn what_is_redacted_is_gone() {
    let cache = RoomCache::new(10);
    feed(&cache, None, joined(basics(), vec![]));
    let redaction = |at_top: bool, target: &str| {
        let (top, content) =
            if at_top { (json!(target), json!({})) } else { (Value::Null, json!({"redacts": target})) };
        json!({"type": "m.room.redaction", "sender": "@a:x", "event_id": "$r", "redacts": top, "content": content})
    };
    feed(&cache, Some("s"), joined(vec![], vec![redaction(true, "$a-m.room.name"), redaction(false, "$other")]));
    let room = cache.room(ROOM).unwrap();
    assert!(room.name().is_none() && room.alias().is_some());
    feed(&cache, Some("s"), joined(vec![], vec![redaction(false, "$a-m.room.canonical_alias")]));
    assert!(cache.room(ROOM).unwrap().alias().is_none());
}

#[test]
fn memberships_come_and_go() {
    let cache = RoomCache::new(10);
    let stripped = json!([
        {"type": "m.room.name", "state_key": "", "sender": "@a:x", "content": {"name": "Party"}},
        {"type": "m.room.member", "state_key": "@me:x", "sender": "@a:x", "content": {"membership": "invite"}},
    ]);
    feed(&cache, None, json!({"invite": {ROOM: {"invite_state": {"events": stripped}}}}));
    let room = cache.room(ROOM).unwrap();
    assert_eq!((room.membership(), room.name(), room.power_level(&me())), ("invite", Some("Party"), None));
    // The name that the invitation told is not that of the room.
    feed(&cache, Some("s"), joined(vec![state("m.room.create", json!({}))], vec![]));
    let room = cache.room(ROOM).unwrap();
    assert_eq!((room.membership(), room.name(), room.version()), ("join", None, Some("1")));
    assert_eq!((room.power_level(&"@a:x".into()), room.power_level(&me())), (Some(100), Some(0)));
    let ban = json!({"type": "m.room.member", "state_key": "@me:x", "content": {"membership": "ban"}});
    feed(&cache, Some("s"), json!({"leave": {ROOM: {"timeline": {"events": [ban]}}, "!unknown:x": {}}}));
    assert_eq!(cache.room(ROOM).unwrap().membership(), "ban");
    assert!(cache.room("!unknown:x").is_none());
}

#[test]
fn creators_of_newer_rooms_may_do_anything() {
    let cache = RoomCache::new(10);
    let create = json!({"room_version": "12", "additional_creators": ["@b:x"]});
    feed(&cache, None, joined(vec![state("m.room.create", create)], vec![]));
    let room = cache.room(ROOM).unwrap();
    let levels = ["@a:x", "@b:x", "@me:x"].map(|user| room.power_level(&user.into()));
    assert_eq!(levels, [Some(i64::MAX), Some(i64::MAX), Some(0)]);
}

#[test]
fn direct_chats_are_known() {
    let cache = RoomCache::new(10);
    let data = json!([{"type": "m.direct", "content": {"@a:x": ["!1:x", "!2:x", 5], "@b:x": "broken"}}]);
    cache.feed(None, None, &sync(json!({"next_batch": "s", "account_data": {"events": data}})));
    assert_eq!(cache.direct_rooms(&"@a:x".into()), ["!1:x".into(), "!2:x".into()] as [RoomId; 2]);
    assert_eq!(cache.direct_with("!2:x").unwrap(), "@a:x");
    assert!(cache.direct_with("!3:x").is_none());
}

#[test]
fn it_is_bounded() {
    let cache = RoomCache::new(2);
    let join = |names: &[&str]| {
        let rooms: serde_json::Map<_, _> = names.iter().map(|name| ((*name).to_owned(), json!({}))).collect();
        json!({"join": rooms})
    };
    feed(&cache, None, join(&["!1:x", "!2:x"]));
    assert!(cache.is_complete());
    feed(&cache, Some("s"), json!({"leave": {"!1:x": {}}}));
    feed(&cache, Some("s"), join(&["!3:x"]));
    assert_eq!(cache.rooms(), ["!2:x".into(), "!3:x".into()] as [RoomId; 2]);
    assert!(cache.is_complete());
    feed(&cache, Some("s"), join(&["!4:x"]));
    assert!(!cache.is_complete() && cache.room("!4:x").is_none());
    feed(&cache, None, join(&["!4:x"]));
    assert!(cache.is_complete() && cache.room("!4:x").is_some());
}

#[test]
fn a_room_takes_less_than_two_kib_whatever_it_says() {
    let me = UserId::from(long("@me:", 255));
    let users: serde_json::Map<_, _> =
        (0..500).map(|number| (long(&format!("@{number}:"), 255), json!(number))).collect();
    let small: serde_json::Map<_, _> = (0..500).map(|number| (format!("@{number}:x"), json!(number))).collect();
    let events: serde_json::Map<_, _> = (0..500).map(|number| (format!("org.example.{number}"), json!(1))).collect();
    for users in [users, small] {
        for creators in [1, 100] {
            let mut own = users.clone();
            own.insert(me.as_str().to_owned(), json!(77));
            let additional: Vec<_> = (1..creators).map(|number| format!("@creator{number}:x")).collect();
            let mut name = later("m.room.name", json!({"name": "ä".repeat(100_000)}));
            name["event_id"] = long("$", 64).into();
            let mut alias = later("m.room.canonical_alias", json!({"alias": long("#", 128)}));
            alias["event_id"] = long("$", 64).into();
            let content = json!({"room_version": "12", "additional_creators": additional});
            let mut create = state("m.room.create", content);
            create["sender"] = long("@", 255).into();
            let algorithm = json!({"algorithm": "x".repeat(10_000)});
            let levels = json!({"users": own, "events": events});
            let all =
                vec![create, name, alias, later("m.room.encryption", algorithm), later("m.room.power_levels", levels)];
            let cache = RoomCache::new(10);
            cache.feed(Some(&me), None, &sync(json!({"next_batch": "s", "rooms": joined(all, vec![])})));
            let room = cache.room(ROOM).unwrap();
            // The longest id as the key, the longest direct chat, and the maps' own share.
            let direct = 2 * (LONGEST_DIRECT + 16) + size_of::<RoomId>() + size_of::<UserId>();
            let size = room.size() + LONGEST_ID + 16 + size_of::<RoomId>() + direct;
            assert!(size < 2048, "{size} bytes");
            assert_eq!(room.power_level(&me), Some(77));
            assert_eq!(room.power_level(&"@nobody:x".into()), None);
            assert_eq!(room.name().unwrap().len(), 128);
            assert!(room.alias().is_some());
        }
    }
    assert!(size_of::<RoomInfo>() < 400);
}
