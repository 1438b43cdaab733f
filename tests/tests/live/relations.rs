//! Events that speak of other events, threads, and rooms within rooms.

use matrix_api::client_server::get_relating_events::Direction;
use matrix_api::client_server::get_thread_roots::Include;
use matrix_api::client_server::{
    CreateRoom, GetRelatingEvents, GetRelatingEventsWithRelType, GetRelatingEventsWithRelTypeAndEventType,
    GetSpaceHierarchy, GetThreadRoots, SendMessage, SetRoomStateWithKey,
};
use matrix_api::{Client, ErrorCode, EventId, RoomId, json};
use matrix_api_tests::live::{Account, Live};

use crate::look;

async fn reply(client: &Client, room: &RoomId, thread: &EventId, text: &str) -> EventId {
    let relation = json!({"rel_type": "m.thread", "event_id": thread});
    let content = json!({"msgtype": "m.text", "body": text, "m.relates_to": relation});
    client.send(SendMessage::new(room, "m.room.message", content)).await.unwrap().event_id
}

async fn react(client: &Client, room: &RoomId, event: &EventId, key: &str) -> EventId {
    let content = json!({"m.relates_to": {"rel_type": "m.annotation", "event_id": event, "key": key}});
    client.send(SendMessage::new(room, "m.reaction", content)).await.unwrap().event_id
}

#[tokio::test]
async fn relations() {
    let live = Live::new("relations::relations");
    let alice = live.login(Account::Alice).await;
    let room = live.room(&alice).await;
    let root = live.text(&alice, &room, "root").await;
    let first = reply(&alice, &room, &root, "first").await;
    let liked = react(&alice, &room, &root, "👍").await;
    let second = reply(&alice, &room, &root, "second").await;
    let deep = react(&alice, &room, &second, "🎉").await;

    let all = alice.send(GetRelatingEvents::new(&room, &root)).await.unwrap();
    assert_eq!(look::ids(&all.chunk), [second.clone(), liked.clone(), first.clone()]);
    assert_eq!((all.next_batch, all.prev_batch, all.recursion_depth), (None, None, None));
    let oldest = GetRelatingEvents::new(&room, &root).dir(Direction::Forward).limit(1);
    let oldest = alice.send(oldest).await.unwrap();
    assert_eq!(look::ids(&oldest.chunk), [first.as_str()]);
    let rest = GetRelatingEvents::new(&room, &root).dir(Direction::Forward).from(oldest.next_batch.unwrap());
    assert_eq!(look::ids(&alice.send(rest).await.unwrap().chunk), [liked.clone(), second.clone()]);
    let recursed = alice.send(GetRelatingEvents::new(&room, &root).recurse(true)).await.unwrap();
    assert_eq!(look::ids(&recursed.chunk), [deep, second.clone(), liked.clone(), first.clone()]);
    assert_eq!(recursed.recursion_depth, Some(3));

    let thread = GetRelatingEventsWithRelType::new(&room, &root, "m.thread").limit(10);
    assert_eq!(look::ids(&alice.send(thread).await.unwrap().chunk), [second, first]);
    let likes = GetRelatingEventsWithRelTypeAndEventType::new(&room, &root, "m.annotation", "m.reaction");
    let likes = alice.send(likes.dir("b").recurse(false)).await.unwrap().chunk;
    assert_eq!(look::ids(&likes), [liked]);
    assert_eq!(look::content(&likes[0])["m.relates_to"]["key"], "👍");
    let never = GetRelatingEvents::new(&room, "$never");
    look::refused(alice.send(never).await, 404, ErrorCode::Unknown);
    let twice = json!({"m.relates_to": {"rel_type": "m.annotation", "event_id": root, "key": "👍"}});
    let twice = SendMessage::new(&room, "m.reaction", twice);
    look::refused(alice.send(twice).await, 400, ErrorCode::DuplicateAnnotation);
}

#[tokio::test]
async fn threads() {
    let live = Live::new("relations::threads");
    let (alice, bob) = (live.login(Account::Alice).await, live.login(Account::Bob).await);
    let room = live.shared_room(&alice, &bob).await;
    let (one, two) = (live.text(&alice, &room, "one").await, live.text(&alice, &room, "two").await);
    reply(&bob, &room, &one, "in one").await;
    reply(&alice, &room, &two, "in two").await;
    let last = reply(&alice, &room, &two, "in two again").await;

    // The thread with the newest reply comes first.
    let page = alice.send(GetThreadRoots::new(&room).limit(1)).await.unwrap();
    assert_eq!(look::ids(&page.chunk), [two]);
    let bundle = &look::field(&page.chunk[0], "unsigned")["m.relations"]["m.thread"];
    assert_eq!((&bundle["count"], &bundle["latest_event"]["event_id"]), (&json!(2), &json!(last)));
    assert_eq!(bundle["current_user_participated"], true);
    let next = GetThreadRoots::new(&room).limit(1).from(page.next_batch.unwrap());
    assert_eq!(look::ids(&alice.send(next).await.unwrap().chunk), [one.as_str()]);
    let own = bob.send(GetThreadRoots::new(&room).include(Include::Participated)).await.unwrap();
    assert_eq!((look::ids(&own.chunk), own.next_batch), (vec![one], None));
}

#[tokio::test]
async fn hierarchy() {
    let live = Live::new("relations::hierarchy");
    let alice = live.login(Account::Alice).await;
    let space =
        |name: &str| CreateRoom::new().name(name).preset("public_chat").creation_content(json!({"type": "m.space"}));
    let top = alice.send(space("Top")).await.unwrap().room_id;
    let below = alice.send(space("Below")).await.unwrap().room_id;
    let leaf = CreateRoom::new().name("Leaf").topic("green").preset("public_chat").room_version("11");
    let leaf = alice.send(leaf).await.unwrap().room_id;
    let via = [live.server_name()];
    let children = [(&top, &below, "a", true), (&below, &leaf, "b", false)];
    for (parent, child, order, suggested) in children {
        let content = json!({"via": via, "order": order, "suggested": suggested});
        alice.send(SetRoomStateWithKey::new(parent, "m.space.child", child.as_str(), content)).await.unwrap();
    }

    let all = alice.send(GetSpaceHierarchy::new(&top)).await.unwrap();
    assert_eq!(all.next_batch, None);
    let names: Vec<_> = all.rooms.iter().map(|room| room.name.as_deref().unwrap()).collect();
    assert_eq!(names, ["Top", "Below", "Leaf"]);
    let first = &all.rooms[0];
    assert_eq!((&first.room_id, first.room_type.as_deref()), (&top, Some("m.space")));
    let child = &first.children_state[0];
    assert_eq!(look::field(child, "state_key"), below.as_str());
    assert_eq!(look::content(child)["order"], "a");
    let last = &all.rooms[2];
    assert_eq!((&last.room_id, last.topic.as_deref(), last.num_joined_members), (&leaf, Some("green"), 1));
    assert_eq!((last.join_rule.as_deref(), last.room_version.as_deref()), (Some("public"), Some("11")));
    assert!(last.children_state.is_empty() && !last.world_readable && !last.guest_can_join);

    let page = alice.send(GetSpaceHierarchy::new(&top).limit(2)).await.unwrap();
    assert_eq!(page.rooms.len(), 2);
    let rest = GetSpaceHierarchy::new(&top).limit(2).from(page.next_batch.unwrap());
    assert_eq!(alice.send(rest).await.unwrap().rooms[0].room_id, leaf);
    let near = alice.send(GetSpaceHierarchy::new(&top).max_depth(1)).await.unwrap();
    assert_eq!(near.rooms.iter().map(|room| &room.room_id).collect::<Vec<_>>(), [&top, &below]);
    let suggested = alice.send(GetSpaceHierarchy::new(&top).suggested_only(true)).await.unwrap();
    assert_eq!(suggested.rooms.iter().map(|room| &room.room_id).collect::<Vec<_>>(), [&top, &below]);
    let closed = live.room(&alice).await;
    let bob = live.login(Account::Bob).await;
    look::refused(bob.send(GetSpaceHierarchy::new(closed)).await, 403, ErrorCode::Forbidden);
}
