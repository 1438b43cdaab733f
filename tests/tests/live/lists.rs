//! Lists through handles, item by item, and what the items are.

use matrix_api::client_server::search::{Categories, OrderBy, RoomEventsCriteria};
use matrix_api::client_server::types::PublicRoomsChunk;
use matrix_api::client_server::{GetPublicRooms, GetRelatingEvents, GetThreadRoots, QueryPublicRooms, Search};
use matrix_api::events::{Reaction, RoomMessage};
use matrix_api::{ItemStream, Raw, Room, TimelineEvent};
use matrix_api_tests::live::{Live, unique};

use crate::look;

async fn all(stream: ItemStream<Raw<TimelineEvent>>) -> Vec<Raw<TimelineEvent>> {
    stream.collect().await.unwrap()
}

fn texts(events: &[Raw<TimelineEvent>]) -> Vec<String> {
    events.iter().map(|event| event.decode::<RoomMessage>().unwrap().body().to_owned()).collect()
}

/// A message, and three replies in its thread.
async fn thread(room: &Room, name: &str) -> matrix_api::EventId {
    let root = room.send_text(name).await.unwrap();
    for number in 1..=3 {
        room.send(RoomMessage::text(format!("{name} {number}")).in_thread(&root, None)).await.unwrap();
    }
    root
}

#[tokio::test]
async fn relations_in_both_directions() {
    let live = Live::new("lists::relations_in_both_directions");
    let owner = live.new_user().await;
    let room = owner.room(live.room(&owner).await);
    let root = thread(&room, "soup").await;
    let liked = room.send(Reaction::to(&root, "👍")).await.unwrap();

    let back = all(room.relations(&root)).await;
    assert_eq!(back.len(), 4);
    assert_eq!(look::id(&back[0]), liked);
    let reaction = back[0].decode::<Reaction>().unwrap();
    assert_eq!(reaction.relates_to.unwrap().key.as_deref(), Some("👍"));
    assert_eq!(texts(&back[1..]), ["soup 3", "soup 2", "soup 1"]);
    assert_eq!(look::content(&back[3])["m.relates_to"]["event_id"], root.as_str());
    let forth = all(room.relations_from_start(&root)).await;
    let mut turned = look::ids(&forth);
    turned.reverse();
    assert_eq!(turned, look::ids(&back));

    assert_eq!(texts(&all(room.relations_of(&root, "m.thread")).await), ["soup 3", "soup 2", "soup 1"]);
    assert_eq!(texts(&all(room.relations_of_from_start(&root, "m.thread")).await), ["soup 1", "soup 2", "soup 3"]);
    assert_eq!(look::ids(&all(room.relations_of(&root, "m.annotation")).await), [liked]);
    assert!(all(room.relations_of(&root, "m.replace")).await.is_empty());

    // A page with one item, again and again, brings the same in both directions.
    for (dir, whole) in [("b", &back), ("f", &forth)] {
        let small = GetRelatingEvents::new(room.id(), &root).dir(dir).limit(1);
        assert_eq!(look::ids(&all(owner.items(small)).await), look::ids(whole), "{dir}");
    }
}

#[tokio::test]
async fn threads() {
    let live = Live::new("lists::threads");
    let owner = live.new_user().await;
    let room = owner.room(live.room(&owner).await);
    let (soup, bread) = (thread(&room, "soup").await, thread(&room, "bread").await);
    room.send(RoomMessage::text("more soup").in_thread(&soup, None)).await.unwrap();
    let roots = all(room.threads()).await;
    assert_eq!(look::ids(&roots), [soup, bread]);
    assert_eq!(texts(&roots), ["soup", "bread"]);
    assert_eq!(texts(&all(owner.items(GetThreadRoots::new(room.id()).limit(1))).await), ["soup", "bread"]);
}

#[tokio::test]
async fn words_that_were_said() {
    let live = Live::new("lists::words_that_were_said");
    let (alice, bob) = (live.new_user().await, live.new_user().await);
    let room = alice.room(live.shared_room(&alice, &bob).await);
    for number in 1..=12 {
        room.send_text(format!("the fox number {number}")).await.unwrap();
    }
    room.send_text("a hedgehog").await.unwrap();
    // More than one page of the server.
    let mut stream = bob.search("fox");
    let first = stream.next().await.unwrap().unwrap();
    assert_eq!(stream.total(), Some(12));
    let mut found = vec![first];
    found.extend(stream.collect().await.unwrap());
    assert_eq!(found.len(), 12);
    let said = |hit: &matrix_api::client_server::search::FoundEvent| {
        let event = hit.result.as_ref().unwrap();
        assert_eq!((event.sender(), event.room_id()), (alice.user_id(), Some(room.id().clone())));
        event.decode::<RoomMessage>().unwrap().body().to_owned()
    };
    let texts: Vec<_> = found.iter().map(said).collect();
    assert_eq!(texts, (1..=12).rev().map(|number| format!("the fox number {number}")).collect::<Vec<_>>());
    // The best first, of which this server has one page.
    let best = RoomEventsCriteria::new("fox").order_by(OrderBy::Rank);
    let best = bob.items(Search::new(Categories::new().room_events(best))).collect().await.unwrap();
    assert!(best.len() >= 10 && best.iter().all(|hit| said(hit).starts_with("the fox number ")));
    assert!(best.is_sorted_by(|one, next| one.rank >= next.rank));
    assert!(bob.search("badger").collect().await.unwrap().is_empty());
}

#[tokio::test]
async fn what_one_was_notified_of() {
    let live = Live::new("lists::what_one_was_notified_of");
    let (alice, bob) = (live.new_user().await, live.new_user().await);
    let room = alice.room(live.shared_room(&alice, &bob).await);
    let me = look::me(&bob).await;
    let plain = room.send_text("a word").await.unwrap();
    let mention = room.send(RoomMessage::text("hey you").mention([&me])).await.unwrap();
    bob.room(room.id()).mark_read(&plain).await.unwrap();
    let all = bob.notifications().collect().await.unwrap();
    let told: Vec<_> = all
        .iter()
        .map(|one| (look::id(&one.event), one.event.decode::<RoomMessage>().unwrap().body().to_owned(), one.read))
        .collect();
    assert_eq!(told, [(mention, "hey you".to_owned(), false), (plain, "a word".to_owned(), true)]);
    assert!(all.iter().all(|one| one.room_id == *room.id() && one.event.sender() == alice.user_id()));
}

#[tokio::test]
async fn rooms_of_the_directory() {
    let live = Live::new("lists::rooms_of_the_directory");
    let alice = live.new_user().await;
    let name = unique("Orchard");
    let mut made = Vec::new();
    for number in 1..=3 {
        let room = alice.create_room().name(format!("{name} {number}")).topic("Apples").public().await.unwrap();
        made.push(room.id().clone());
    }
    made.sort();
    let listed = alice.public_rooms().collect().await.unwrap();
    let mut mine: Vec<_> =
        listed.iter().filter(|room| room.name.as_deref().is_some_and(|one| one.starts_with(&name))).collect();
    mine.sort_by_key(|room| room.room_id.clone());
    assert_eq!(mine.iter().map(|room| room.room_id.clone()).collect::<Vec<_>>(), made);
    assert!(mine.iter().all(|room| room.topic.as_deref() == Some("Apples") && room.num_joined_members == 1));
    // And the other way round, from the page after the first two.
    let first = alice.send(GetPublicRooms::new().limit(2)).await.unwrap().page;
    let third = alice.send(GetPublicRooms::new().limit(1).since(first.next_batch.unwrap())).await.unwrap().page;
    let before = alice.public_rooms_before(third.prev_batch.unwrap()).max_items(2).collect().await.unwrap();
    let ids = |rooms: &[PublicRoomsChunk]| rooms.iter().map(|room| room.room_id.clone()).collect::<Vec<_>>();
    assert_eq!(ids(&before).into_iter().rev().collect::<Vec<_>>(), ids(&first.chunk));
    // Small pages bring the same.
    let paged = alice.items(QueryPublicRooms::new().limit(2)).collect().await.unwrap();
    assert!(made.iter().all(|id| paged.iter().filter(|room| room.room_id == *id).count() == 1));
}
