//! Events sent, redacted and looked up.

use std::time::{Duration, SystemTime};

use matrix_api::client_server::get_event_by_timestamp::Direction;
use matrix_api::client_server::get_room_state_with_key::Format;
use matrix_api::client_server::{
    GetEventByTimestamp, GetOneRoomEvent, GetRoomState, GetRoomStateWithKey, RedactEvent, SendMessage,
    SetRoomStateWithKey,
};
use matrix_api::{ErrorCode, UnixMillis, json};
use matrix_api_tests::live::{Account, Live};
use serde_json::Value;

use crate::look;

#[tokio::test]
async fn send_and_read() {
    let live = Live::new("events::send_and_read");
    let (alice, bob) = (live.login(Account::Alice).await, live.login(Account::Bob).await);
    let room = live.room(&alice).await;
    let content = json!({"msgtype": "m.text", "body": "50 % of a/b? #1 & ü", "org.example.more": [1, {"deep": null}]});
    // A type of one's own, with what a path must escape.
    let send = SendMessage::new(&room, "org.example/a b?%ü", &content).txn_id("once");
    let event = alice.send(&send).await.unwrap().event_id;
    // The same id from the same device is the same event.
    assert_eq!(alice.send(&send).await.unwrap().event_id, event);
    let again = alice.send(SendMessage::new(&room, "org.example/a b?%ü", &content)).await.unwrap().event_id;
    assert_ne!(again, event);

    let read = alice.send(GetOneRoomEvent::new(&room, &event)).await.unwrap().event;
    assert_eq!(look::id(&read), event);
    assert_eq!(look::kind(&read), "org.example/a b?%ü");
    assert_eq!(look::content(&read), content);
    assert_eq!(look::field(&read, "sender"), look::me(&alice).await.as_str());
    assert_eq!(look::field(&read, "room_id"), room.as_str());
    assert_eq!(look::field(&read, "unsigned")["transaction_id"], "once");
    look::refused(alice.send(GetOneRoomEvent::new(&room, "$never")).await, 404, ErrorCode::NotFound);
    look::refused(bob.send(GetOneRoomEvent::new(&room, &event)).await, 404, ErrorCode::NotFound);
    look::refused(bob.send(SendMessage::new(&room, "m.room.message", &content)).await, 403, ErrorCode::Forbidden);
}

#[tokio::test]
async fn redact() {
    let live = Live::new("events::redact");
    let (alice, bob) = (live.login(Account::Alice).await, live.login(Account::Bob).await);
    let room = live.shared_room(&alice, &bob).await;
    let event = live.text(&alice, &room, "oops").await;
    look::refused(bob.send(RedactEvent::new(&room, &event)).await, 403, ErrorCode::Forbidden);
    let redact = RedactEvent::new(&room, &event).reason("a slip").txn_id("slip");
    let redaction = alice.send(&redact).await.unwrap().event_id.unwrap();
    assert_eq!(alice.send(&redact).await.unwrap().event_id, Some(redaction.clone()));

    let read = alice.send(GetOneRoomEvent::new(&room, &event)).await.unwrap().event;
    assert_eq!(look::content(&read), json!({}));
    let why = &look::field(&read, "unsigned")["redacted_because"];
    assert_eq!((&why["event_id"], &why["content"]["reason"]), (&json!(redaction), &json!("a slip")));
}

#[tokio::test]
async fn state() {
    let live = Live::new("events::state");
    let alice = live.login(Account::Alice).await;
    let me = look::me(&alice).await;
    let room = live.room(&alice).await;
    let topic = SetRoomStateWithKey::new(&room, "m.room.topic", "", json!({"topic": "weather"}));
    let set = alice.send(&topic).await.unwrap().event_id;
    // State that is already so makes no new event.
    assert_eq!(alice.send(&topic).await.unwrap().event_id, set);

    let ask = GetRoomStateWithKey::new(&room, "m.room.topic", "");
    assert_eq!(alice.send(&ask).await.unwrap().content.field::<String>("topic").unwrap().as_deref(), Some("weather"));
    assert_eq!(
        alice.send(ask.clone().format(Format::Content)).await.unwrap().content.field::<Value>("sender").unwrap(),
        None
    );
    let whole = alice.send(ask.format(Format::Event)).await.unwrap().content;
    assert_eq!((look::id(&whole), look::kind(&whole).as_str()), (set, "m.room.topic"));
    assert_eq!(look::field(&whole, "sender"), me.as_str());
    assert_eq!(look::field(&whole, "state_key"), "");
    assert_eq!(look::content(&whole)["topic"], "weather");
    look::refused(alice.send(GetRoomStateWithKey::new(&room, "m.room.avatar", "")).await, 404, ErrorCode::NotFound);
}

#[tokio::test]
async fn state_with_keys() {
    let live = Live::new("events::state_with_keys");
    let alice = live.login(Account::Alice).await;
    let room = live.room(&alice).await;
    let key = "a/b c?#%41ü";
    let set = SetRoomStateWithKey::new(&room, "org.example.shelf", key, json!({"books": 2}));
    let set = alice.send(set).await.unwrap().event_id;
    let ask = GetRoomStateWithKey::new(&room, "org.example.shelf", key);
    assert_eq!(alice.send(&ask).await.unwrap().content.decode::<Value>().unwrap(), json!({"books": 2}));
    let whole = alice.send(ask.format("event")).await.unwrap().content;
    assert_eq!(look::field(&whole, "state_key"), key);

    let all = alice.send(GetRoomState::new(&room)).await.unwrap().events;
    let mine: Vec<_> = all.iter().filter(|event| look::kind(event) == "org.example.shelf").collect();
    assert_eq!(mine.len(), 1);
    assert_eq!((look::id(mine[0]), look::field(mine[0], "state_key")), (set, json!(key)));
    assert_eq!(all.iter().filter(|event| look::kind(event) == "m.room.create").count(), 1);
    let other = SetRoomStateWithKey::new(&room, "org.example.shelf", "@else:localhost", json!({}));
    look::refused(alice.send(other).await, 403, ErrorCode::Forbidden);
}

#[tokio::test]
async fn by_timestamp() {
    let live = Live::new("events::by_timestamp");
    let alice = live.login(Account::Alice).await;
    let room = live.room(&alice).await;
    let event = live.text(&alice, &room, "now").await;
    let sent = alice.send(GetOneRoomEvent::new(&room, &event)).await.unwrap().event;
    let sent = look::field(&sent, "origin_server_ts").as_u64().unwrap();
    let ask = GetEventByTimestamp::new(&room, later(), Direction::Backward);
    let found = alice.send(ask).await.unwrap();
    assert_eq!(found.event_id, event);
    assert_eq!(found.origin_server_ts, UnixMillis::from(SystemTime::UNIX_EPOCH + Duration::from_millis(sent)));
    let ask = GetEventByTimestamp::new(&room, SystemTime::UNIX_EPOCH, "f");
    let first = alice.send(ask).await.unwrap();
    let first = alice.send(GetOneRoomEvent::new(&room, first.event_id)).await.unwrap().event;
    assert_eq!(look::kind(&first), "m.room.create");
    let ask = GetEventByTimestamp::new(&room, later(), Direction::Forward);
    look::refused(alice.send(ask).await, 404, ErrorCode::NotFound);
}

/// An hour from now.
fn later() -> SystemTime {
    SystemTime::now() + Duration::from_secs(3600)
}
