//! What was said in a room, read page by page or around an event.

use matrix_api::client_server::get_room_events::Direction;
use matrix_api::client_server::types::RoomEventFilter;
use matrix_api::client_server::{GetEventContext, GetRoomEvents, SyncEvents};
use matrix_api::{Client, ErrorCode, EventId, RoomId};
use matrix_api_tests::live::{Account, Live};

use crate::look;

/// A room with the messages `1` to `n`.
async fn counted(live: &Live, client: &Client, n: usize) -> (RoomId, Vec<EventId>) {
    let room = live.room(client).await;
    let mut events = Vec::new();
    for number in 1..=n {
        events.push(live.text(client, &room, &number.to_string()).await);
    }
    (room, events)
}

fn messages() -> RoomEventFilter {
    RoomEventFilter::new().types(["m.room.message"])
}

#[tokio::test]
async fn backward() {
    let live = Live::new("history::backward");
    let alice = live.login(Account::Alice).await;
    let (room, _) = counted(&live, &alice, 5).await;
    let mut ask = GetRoomEvents::new(&room, Direction::Backward).limit(2).filter(messages());
    let mut pages = Vec::new();
    loop {
        let page = alice.send(&ask).await.unwrap();
        assert!(ask.from.is_none() || ask.from == Some(page.start));
        pages.push(look::bodies(&page.chunk));
        ask.from = page.end;
        if ask.from.is_none() {
            break;
        }
    }
    assert_eq!(pages.concat(), ["5", "4", "3", "2", "1"]);
    assert_eq!(pages[0], ["5", "4"]);

    let all = alice.send(GetRoomEvents::new(&room, Direction::Backward).limit(100)).await.unwrap();
    assert_eq!(look::kind(all.chunk.last().unwrap()), "m.room.create");
    let beyond = GetRoomEvents::new(&room, Direction::Backward).from(all.end.unwrap());
    let beyond = alice.send(beyond).await.unwrap();
    assert_eq!((beyond.chunk.len(), beyond.end), (0, None));
    let stranger = live.login(Account::Bob).await;
    let ask = GetRoomEvents::new(&room, Direction::Backward);
    look::refused(stranger.send(ask).await, 403, ErrorCode::Forbidden);
}

#[tokio::test]
async fn forward() {
    let live = Live::new("history::forward");
    let alice = live.new_user().await;
    let (room, _) = counted(&live, &alice, 2).await;
    let here = alice.send(SyncEvents::new()).await.unwrap().next_batch;
    live.text(&alice, &room, "3").await;
    let there = alice.send(SyncEvents::new().since(&here)).await.unwrap().next_batch;
    live.text(&alice, &room, "4").await;
    let ask = GetRoomEvents::new(&room, "f").from(&here).filter(messages());
    let page = alice.send(&ask).await.unwrap();
    assert_eq!(page.start, here);
    assert_eq!(look::bodies(&page.chunk), ["3", "4"]);
    let page = alice.send(ask.to(there)).await.unwrap();
    assert_eq!(look::bodies(&page.chunk), ["3"]);
}

#[tokio::test]
async fn filtered() {
    let live = Live::new("history::filtered");
    let (alice, bob) = (live.login(Account::Alice).await, live.login(Account::Bob).await);
    let room = live.shared_room(&alice, &bob).await;
    live.text(&alice, &room, "from alice").await;
    live.text(&bob, &room, "from bob").await;
    let bob = look::me(&bob).await;
    let only =
        GetRoomEvents::new(&room, Direction::Backward).filter(messages().senders([&bob]).lazy_load_members(true));
    let page = alice.send(only).await.unwrap();
    assert_eq!(look::bodies(&page.chunk), ["from bob"]);
    // The members that the page speaks of come with it.
    assert_eq!(page.state.len(), 1);
    assert_eq!(look::field(&page.state[0], "state_key"), bob.as_str());
    let without = GetRoomEvents::new(&room, Direction::Backward).filter(messages().not_senders([&bob]));
    assert_eq!(look::bodies(&alice.send(without).await.unwrap().chunk), ["from alice"]);
}

#[tokio::test]
async fn context() {
    let live = Live::new("history::context");
    let alice = live.login(Account::Alice).await;
    let (room, events) = counted(&live, &alice, 5).await;
    let around = alice.send(GetEventContext::new(&room, &events[2]).limit(2)).await.unwrap();
    assert_eq!(look::id(around.event.as_ref().unwrap()), events[2]);
    assert_eq!(look::ids(&around.events_before), [events[1].clone()]);
    assert_eq!(look::ids(&around.events_after), [events[3].clone()]);
    assert_eq!(around.state.iter().filter(|event| look::kind(event) == "m.room.create").count(), 1);
    // Both ends go on where the context stops.
    let before = GetRoomEvents::new(&room, Direction::Backward).from(around.start.unwrap()).limit(1);
    assert_eq!(look::bodies(&alice.send(before).await.unwrap().chunk), ["1"]);
    let after = GetRoomEvents::new(&room, Direction::Forward).from(around.end.unwrap());
    assert_eq!(look::bodies(&alice.send(after).await.unwrap().chunk), ["5"]);

    let nobody = messages().not_senders([look::me(&alice).await]);
    let alone = alice.send(GetEventContext::new(&room, &events[2]).limit(10).filter(nobody)).await.unwrap();
    assert_eq!((alone.events_before.len(), alone.events_after.len()), (0, 0));
    look::refused(alice.send(GetEventContext::new(&room, "$never")).await, 404, ErrorCode::NotFound);
}
