//! What clients read before there was a sync. Synapse still answers it.
#![expect(deprecated, reason = "so are these calls")]

use matrix_api::client_server::initial_sync::{RoomMembership, RoomVisibility};
use matrix_api::client_server::room_initial_sync::Membership;
use matrix_api::client_server::{
    CreateRoom, GetEvents, GetOneEvent, InitialSync, LeaveRoom, PeekEvents, RoomInitialSync, SetAccountData,
    SetAccountDataPerRoom,
};
use matrix_api::json;
use matrix_api_tests::live::{Account, Live};

use crate::look;

#[tokio::test]
async fn initial_sync() {
    let live = Live::new("legacy::initial_sync");
    let (alice, bob) = (live.login(Account::Alice).await, live.new_user().await);
    let guest = look::me(&bob).await;
    bob.send(SetAccountData::new(&guest, "org.example.note", json!({"n": 1}))).await.unwrap();
    let joined = live.room(&bob).await;
    bob.send(SetAccountDataPerRoom::new(&guest, &joined, "org.example.note", json!({"n": 2}))).await.unwrap();
    live.text(&bob, &joined, "one").await;
    live.text(&bob, &joined, "two").await;
    let left = live.shared_room(&alice, &bob).await;
    bob.send(LeaveRoom::new(&left)).await.unwrap();
    let invited = alice.send(CreateRoom::new().invite([&guest])).await.unwrap().room_id;

    let now = bob.send(InitialSync::new().limit(1)).await.unwrap();
    assert!(!now.end.is_empty());
    assert!(now.account_data.iter().any(|event| look::kind(event) == "org.example.note"));
    assert_eq!(now.rooms.len(), 2);
    let room = now.rooms.iter().find(|room| room.room_id == joined).unwrap();
    assert_eq!((&room.membership, &room.visibility), (&RoomMembership::Join, &Some(RoomVisibility::Private)));
    let messages = room.messages.as_ref().unwrap();
    assert_eq!(look::bodies(&messages.chunk), ["two"]);
    assert!(messages.start.is_some());
    assert!(room.state.iter().any(|event| look::kind(event) == "m.room.create"));
    assert_eq!(look::content(&room.account_data[0]), json!({"n": 2}));
    let room = now.rooms.iter().find(|room| room.room_id == invited).unwrap();
    assert_eq!(room.membership, RoomMembership::Invite);
    assert_eq!(look::field(room.invite.as_ref().unwrap(), "state_key"), guest.as_str());

    let all = bob.send(InitialSync::new().archived(true)).await.unwrap();
    let room = all.rooms.iter().find(|room| room.room_id == left).unwrap();
    assert_eq!(room.membership, RoomMembership::Leave);
}

#[tokio::test]
async fn room_initial_sync() {
    let live = Live::new("legacy::room_initial_sync");
    let alice = live.login(Account::Alice).await;
    let me = look::me(&alice).await;
    let room = live.room(&alice).await;
    alice.send(SetAccountDataPerRoom::new(&me, &room, "org.example.note", json!({"n": 2}))).await.unwrap();
    live.text(&alice, &room, "hello").await;
    let now = alice.send(RoomInitialSync::new(&room)).await.unwrap();
    assert_eq!((now.room_id, now.membership), (room, Some(Membership::Join)));
    // Synapse has this for all rooms at once only.
    assert_eq!(now.visibility, None);
    let messages = now.messages.unwrap();
    assert_eq!(look::bodies(&messages.chunk), ["hello"]);
    assert!(messages.start.is_some() && !messages.end.is_empty());
    assert!(now.state.iter().any(|event| look::kind(event) == "m.room.create"));
    assert_eq!(look::content(&now.account_data[0]), json!({"n": 2}));
}

#[tokio::test]
async fn events() {
    let live = Live::new("legacy::events");
    let alice = live.new_user().await;
    let room = live.room(&alice).await;
    let mut ask = GetEvents::new().from(alice.send(InitialSync::new()).await.unwrap().end).timeout(1000);
    let sent = live.text(&alice, &room, "news").await;
    for _ in 0..30 {
        let page = alice.send(&ask).await.unwrap();
        assert_eq!(page.start, ask.from);
        if page.chunk.iter().any(|event| look::field(event, "event_id") == sent.as_str()) {
            return;
        }
        ask.from = page.end;
    }
    panic!("the message did not come");
}

#[tokio::test]
async fn peek() {
    let live = Live::new("legacy::peek");
    let (alice, bob) = (live.login(Account::Alice).await, live.new_user().await);
    let visible = matrix_api::client_server::create_room::InitialState::new(
        "m.room.history_visibility",
        json!({"history_visibility": "world_readable"}),
    );
    let create = CreateRoom::new().preset("public_chat").initial_state([visible.state_key("")]);
    let room = alice.send(create).await.unwrap().room_id;
    // Somebody who is not in the room reads along.
    let from = bob.send(RoomInitialSync::new(&room)).await.unwrap().messages.unwrap().end;
    let mut ask = PeekEvents::new(&room).from(from).timeout(1000);
    let sent = live.text(&alice, &room, "for all to see").await;
    for _ in 0..30 {
        let page = bob.send(&ask).await.unwrap();
        assert_eq!(page.start, ask.from);
        if let Some(event) = page.chunk.iter().find(|event| look::field(event, "event_id") == sent.as_str()) {
            assert_eq!(look::field(event, "room_id"), room.as_str());
            return;
        }
        ask.from = page.end;
    }
    panic!("the message did not come");
}

#[tokio::test]
async fn one_event_without_a_room() {
    let live = Live::new("legacy::one_event_without_a_room");
    let alice = live.login(Account::Alice).await;
    let room = live.room(&alice).await;
    let event = live.text(&alice, &room, "hello").await;
    let read = alice.send(GetOneEvent::new(&event)).await.unwrap().event;
    assert_eq!((look::id(&read), look::kind(&read).as_str()), (event, "m.room.message"));
    assert_eq!(look::content(&read)["body"], "hello");
}
