//! What passes: receipts, read markers, typing, presence.

use matrix_api::client_server::get_presence::Presence;
use matrix_api::client_server::post_receipt::ReceiptType;
use matrix_api::client_server::{
    GetAccountDataPerRoom, GetPresence, PostReceipt, SetPresence, SetReadMarker, SetTyping, SyncEvents,
    SyncEventsResponse,
};
use matrix_api::{Client, ErrorCode, RoomId, json};
use matrix_api_tests::live::{Account, Live};
use serde_json::Value;

use crate::look;

/// The contents of the ephemeral events of one type in a room.
fn passing(answer: &SyncEventsResponse, room: &RoomId, kind: &str) -> Vec<Value> {
    let there = answer.rooms.as_ref().and_then(|rooms| rooms.join.get(room));
    let events = there.and_then(|room| room.ephemeral.as_ref()).map_or(&[][..], |all| &all.events);
    events.iter().filter(|event| look::kind(event) == kind).map(look::content).collect()
}

/// A sync of everything that is so since the last one: Synapse answers the very same sync from a cache.
async fn all(client: &Client, since: &mut Option<String>) -> SyncEventsResponse {
    let mut sync = SyncEvents::new().full_state(true);
    sync.since = since.take();
    let answer = client.send(sync).await.unwrap();
    *since = Some(answer.next_batch.clone());
    answer
}

fn unread(answer: &SyncEventsResponse, room: &RoomId) -> Option<i64> {
    answer.rooms.as_ref()?.join.get(room)?.unread_notifications.as_ref()?.notification_count
}

#[tokio::test]
async fn receipts() {
    let live = Live::new("ephemeral::receipts");
    let (alice, bob) = (live.new_user().await, live.new_user().await);
    let guest = look::me(&bob).await;
    let room = live.shared_room(&alice, &bob).await;
    let one = live.text(&alice, &room, "one").await;
    let two = live.text(&alice, &room, "two").await;
    let mut since = None;
    assert_eq!(unread(&all(&bob, &mut since).await, &room), Some(2));
    bob.send(PostReceipt::new(&room, ReceiptType::Read, &one)).await.unwrap();
    assert_eq!(unread(&all(&bob, &mut since).await, &room), Some(1));
    let answer = live.sync_until(&alice, |sync| !passing(sync, &room, "m.receipt").is_empty()).await;
    let seen = &passing(&answer, &room, "m.receipt")[0][one.as_str()]["m.read"][guest.as_str()];
    assert!(seen["ts"].as_i64().is_some_and(|ts| ts > 1_600_000_000_000));

    // A private one is shown to oneself only.
    bob.send(PostReceipt::new(&room, ReceiptType::ReadPrivate, &two).thread_id("main")).await.unwrap();
    let mine = all(&bob, &mut since).await;
    let mine = &passing(&mine, &room, "m.receipt")[0];
    assert_eq!(mine[two.as_str()]["m.read.private"][guest.as_str()]["thread_id"], "main");
    let theirs = alice.send(SyncEvents::new()).await.unwrap();
    assert!(passing(&theirs, &room, "m.receipt").iter().all(|content| content.get(two.as_str()).is_none()));

    bob.send(PostReceipt::new(&room, ReceiptType::FullyRead, &two)).await.unwrap();
    let marker = GetAccountDataPerRoom::new(&guest, &room, "m.fully_read");
    let marker = bob.send(marker).await.unwrap().content;
    assert_eq!(marker.field::<String>("event_id").unwrap().as_deref(), Some(two.as_str()));
    let unheard_of = PostReceipt::new(&room, "org.example.smelled", &two);
    look::refused(bob.send(unheard_of).await, 400, ErrorCode::Unknown);
}

#[tokio::test]
async fn read_markers() {
    let live = Live::new("ephemeral::read_markers");
    let (alice, bob) = (live.new_user().await, live.new_user().await);
    let guest = look::me(&bob).await;
    let room = live.shared_room(&alice, &bob).await;
    let one = live.text(&alice, &room, "one").await;
    let two = live.text(&alice, &room, "two").await;
    let three = live.text(&alice, &room, "three").await;
    bob.send(SetReadMarker::new(&room).fully_read(&one).read(&two).read_private(&three)).await.unwrap();
    let marker = bob.send(GetAccountDataPerRoom::new(&guest, &room, "m.fully_read")).await.unwrap().content;
    assert_eq!(marker.field::<String>("event_id").unwrap().as_deref(), Some(one.as_str()));
    let answer = bob.send(SyncEvents::new()).await.unwrap();
    let receipts = &passing(&answer, &room, "m.receipt")[0];
    assert!(receipts[two.as_str()]["m.read"][guest.as_str()]["ts"].is_i64());
    assert!(receipts[three.as_str()]["m.read.private"][guest.as_str()]["ts"].is_i64());
    assert_eq!(unread(&answer, &room), Some(0));
}

#[tokio::test]
async fn typing() {
    let live = Live::new("ephemeral::typing");
    let (alice, bob) = (live.new_user().await, live.new_user().await);
    let guest = look::me(&bob).await;
    let room = live.shared_room(&alice, &bob).await;
    bob.send(SetTyping::new(&room, &guest, true).timeout(30_000)).await.unwrap();
    let answer = live.sync_until(&alice, |sync| !passing(sync, &room, "m.typing").is_empty()).await;
    assert_eq!(passing(&answer, &room, "m.typing"), [json!({"user_ids": [guest]})]);
    bob.send(SetTyping::new(&room, &guest, false)).await.unwrap();
    let none = json!({"user_ids": []});
    let mut sync = SyncEvents::new().since(answer.next_batch).timeout(1000);
    for _ in 0..30 {
        let answer = alice.send(&sync).await.unwrap();
        if passing(&answer, &room, "m.typing").contains(&none) {
            let other = SetTyping::new(&room, look::me(&alice).await, true);
            look::refused(bob.send(other).await, 400, ErrorCode::Forbidden);
            return;
        }
        sync.since = Some(answer.next_batch);
    }
    panic!("the end of the typing did not come");
}

#[tokio::test]
async fn presence() {
    let live = Live::new("ephemeral::presence");
    let (alice, bob) = (live.new_user().await, live.new_user().await);
    let (host, guest) = (look::me(&alice).await, look::me(&bob).await);
    live.shared_room(&alice, &bob).await;
    alice.send(SetPresence::new(&host, "unavailable").status_msg("at lunch")).await.unwrap();
    let there = bob.send(GetPresence::new(&host)).await.unwrap();
    assert_eq!(there.presence, Presence::Unavailable);
    assert_eq!(there.status_msg.as_deref(), Some("at lunch"));

    alice.send(SetPresence::new(&host, "online")).await.unwrap();
    let there = bob.send(GetPresence::new(&host)).await.unwrap();
    assert_eq!((there.presence, there.status_msg, there.currently_active), (Presence::Online, None, Some(true)));
    assert!(there.last_active_ago.is_some_and(|ago| (0..600_000).contains(&ago)));
    let pushed = |sync: &SyncEventsResponse| {
        let events = sync.presence.as_ref().map_or(&[][..], |all| &all.events);
        events
            .iter()
            .any(|event| look::field(event, "sender") == host.as_str() && look::content(event)["presence"] == "online")
    };
    live.sync_until(&bob, pushed).await;

    alice.send(SetPresence::new(&host, "offline")).await.unwrap();
    assert_eq!(bob.send(GetPresence::new(&host)).await.unwrap().presence, Presence::Offline);
    look::refused(alice.send(SetPresence::new(&guest, "online")).await, 403, ErrorCode::Forbidden);
    let stranger = live.login(Account::Bob).await;
    look::refused(stranger.send(GetPresence::new(&host)).await, 403, ErrorCode::Forbidden);
}
