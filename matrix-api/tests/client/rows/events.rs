//! Row 4: events as real rooms have them.

use matrix_api::{Response, client_server::SyncEventsResponse, json, wire::WarningKind};
use serde_json::Value;

use super::paths::Dice;

/// An event that no server would make today, and many rooms hold.
fn event(dice: &mut Dice) -> Value {
    let number = dice.roll(100) as i64;
    let level = [json!(number), json!(number.to_string()), json!(number as f64), json!(format!(" {number} "))];
    let pick = dice.roll(4) as usize;
    let name = dice.text();
    let kinds = ["m.room.member", "m.room.power_levels", "m.room.message", &name];
    let ids = ["$a:hs", "$143273582443PhrSn:example.org", "$Rqnc-F-dvnEYJTyHq_iKxU2bZ1CI92-kuZq3a5lr5Zg", &name];
    let odd = format!("@{name}:hs");
    let senders = ["@a:hs", "@[m]:hs", "@with space:hs", &odd];
    let times = [json!(1), json!(1.0), json!("1"), json!(-1)];
    let (kind, id, level) = (kinds[pick], ids[pick], level[pick].clone());
    let (sender, time) = (senders[dice.roll(4) as usize], times[dice.roll(4) as usize].clone());
    let mut event = json!({
        "type": kind, "event_id": id, "sender": sender, "origin_server_ts": time,
        "content": {"users": {"@a:hs": level}, "body": name, "displayname": null},
    });
    if dice.roll(3) == 0 {
        event["state_key"] = json!(dice.text());
    }
    if dice.roll(3) == 0 {
        let unsigned = [json!(null), json!({"age": 1.5}), json!([])];
        event["unsigned"] = unsigned[dice.roll(3) as usize].clone();
    }
    event
}

#[test]
fn row_04_ten_thousand_events_are_kept_and_the_bad_ones_told() {
    let mut dice = Dice(0x9E37_79B9_7F4A_7C15);
    let bad = [json!(null), json!(7), json!("text"), json!([]), json!(true)];
    let mut places = Vec::new();
    let events: Vec<Value> = (0..10_000)
        .map(|at| match dice.roll(50) {
            0 => {
                places.push(at);
                bad[dice.roll(5) as usize].clone()
            }
            _ => event(&mut dice),
        })
        .collect();
    assert!(places.len() > 100);
    let body = json!({"next_batch": "s", "rooms": {"join": {"!r:hs": {"timeline": {"events": events}}}}}).to_string();
    let sync = SyncEventsResponse::from_json(body.as_bytes()).unwrap();
    let rooms = sync.rooms.unwrap();
    let read = &rooms.join["!r:hs"].timeline.as_ref().unwrap().events;
    assert_eq!(read.len(), 10_000);
    for (at, event) in read.iter().enumerate() {
        // Each is there to the last digit, and those that are none say so one by one.
        assert_eq!(serde_json::from_str::<Value>(event.json()).unwrap(), events[at]);
        assert_eq!(event.field::<String>("type").is_ok(), !places.contains(&at), "{at}: {}", event.json());
    }
    let warnings = SyncEventsResponse::warnings(body.as_bytes());
    let told: Vec<_> = warnings.iter().map(|warning| warning.path.clone()).collect();
    let expected: Vec<_> = places.iter().map(|at| format!("rooms.join[\"!r:hs\"].timeline.events[{at}]")).collect();
    assert_eq!(told, expected);
    assert!(warnings.iter().all(|warning| matches!(warning.kind, WarningKind::Type | WarningKind::Null)));
}
