//! Syncs: whole, from a point, filtered, and waiting.

use std::time::{Duration, Instant};

use matrix_api::client_server::types::{EventFilter, RoomEventFilter, SyncFilter, SyncFilterRoom};
use matrix_api::client_server::{
    DefineFilter, GetPresence, InviteUser, LeaveRoom, SetAccountData, SetRoomStateWithKey, SyncEvents,
    SyncEventsResponse, get_presence, sync_events,
};
use matrix_api::{Client, ErrorCode, IdOr, RoomId, json};
use matrix_api_tests::live::{Account, Live};

use crate::look;

async fn joined(client: &Client, sync: SyncEvents, room: &RoomId) -> sync_events::JoinedRoom {
    take(client.send(sync).await.unwrap(), room).expect("the room is in the sync")
}

fn take(answer: SyncEventsResponse, room: &RoomId) -> Option<sync_events::JoinedRoom> {
    answer.rooms.and_then(|mut rooms| rooms.join.remove(room))
}

fn filter() -> SyncFilter {
    let timeline = RoomEventFilter::new().types(["m.room.message"]).limit(1);
    let nothing = RoomEventFilter::new().types(Vec::<String>::new());
    let room = SyncFilterRoom::new().timeline(timeline).state(nothing.clone()).ephemeral(nothing);
    let none = EventFilter::new().types(Vec::<String>::new());
    SyncFilter::new().presence(none.clone()).account_data(none).room(room)
}

#[tokio::test]
async fn whole_and_incremental() {
    let live = Live::new("sync::whole_and_incremental");
    let (alice, bob) = (live.new_user().await, live.new_user().await);
    let me = look::me(&alice).await;
    let room = live.shared_room(&alice, &bob).await;
    let hello = live.text(&bob, &room, "hello").await;
    alice.send(SetAccountData::new(&me, "org.example.note", json!({"n": 1}))).await.unwrap();

    let mut first = alice.send(SyncEvents::new()).await.unwrap();
    let data = first.account_data.take().unwrap().events;
    let note = data.iter().find(|event| look::kind(event) == "org.example.note").unwrap();
    assert_eq!(look::content(note), json!({"n": 1}));
    assert!(data.iter().any(|event| look::kind(event) == "m.push_rules"));
    assert_eq!(first.device_one_time_keys_count.get("signed_curve25519"), Some(&0));
    assert!(first.device_unused_fallback_key_types.is_empty());
    let since = first.next_batch.clone();
    let there = take(first, &room).unwrap();
    let timeline = there.timeline.unwrap();
    assert_eq!(look::id(timeline.events.last().unwrap()), hello);
    assert!(timeline.prev_batch.is_some());
    let summary = there.summary.unwrap();
    // It is counted only for those who do not load all members.
    assert_eq!((summary.joined_member_count, summary.heroes.len()), (None, 0));
    let unread = there.unread_notifications.unwrap();
    assert_eq!((unread.notification_count, unread.highlight_count), (Some(1), Some(0)));

    let again = live.text(&bob, &room, "again").await;
    let later = alice.send(SyncEvents::new().since(&since)).await.unwrap();
    assert_ne!(later.next_batch, since);
    let timeline = take(later, &room).unwrap().timeline.unwrap();
    assert_eq!(look::ids(&timeline.events), [again]);
    assert_eq!(timeline.limited, Some(false));
}

#[tokio::test]
async fn rooms_in_all_standings() {
    let live = Live::new("sync::rooms_in_all_standings");
    let (alice, bob) = (live.login(Account::Alice).await, live.new_user().await);
    let guest = look::me(&bob).await;
    let (left, invited) = (live.shared_room(&alice, &bob).await, live.room(&alice).await);
    let start = bob.send(SyncEvents::new()).await.unwrap().next_batch;
    bob.send(LeaveRoom::new(&left)).await.unwrap();
    alice.send(InviteUser::new(&invited, &guest)).await.unwrap();

    let now = bob.send(SyncEvents::new().since(&start)).await.unwrap().rooms.unwrap();
    assert!(now.join.is_empty());
    let gone = now.leave[&left].timeline.as_ref().unwrap();
    assert_eq!(look::content(gone.events.last().unwrap())["membership"], "leave");
    let invite = now.invite[&invited].invite_state.as_ref().unwrap();
    assert!(invite.events.iter().any(|event| look::kind(event) == "m.room.create"));

    // A whole sync is silent about rooms that were left, unless it is asked.
    // (Asked in another way than before: the very same sync comes from a cache.)
    let whole = bob.send(SyncEvents::new().timeout(1)).await.unwrap().rooms.unwrap();
    assert!(whole.leave.is_empty() && whole.invite.contains_key(&invited));
    let all = SyncFilter::new().room(SyncFilterRoom::new().include_leave(true));
    let whole = bob.send(SyncEvents::new().filter(IdOr::inline(all))).await.unwrap().rooms.unwrap();
    assert!(whole.leave.contains_key(&left));
}

#[tokio::test]
async fn filters() {
    let live = Live::new("sync::filters");
    let alice = live.new_user().await;
    let me = look::me(&alice).await;
    let room = live.room(&alice).await;
    live.text(&alice, &room, "one").await;
    live.text(&alice, &room, "two").await;
    let id = alice.send(DefineFilter::new(&me, filter())).await.unwrap().filter_id;
    for filter in [IdOr::id(id), IdOr::inline(filter())] {
        let answer = alice.send(SyncEvents::new().filter(filter)).await.unwrap();
        assert!(answer.account_data.as_ref().is_none_or(|data| data.events.is_empty()));
        let there = take(answer, &room).unwrap();
        let timeline = there.timeline.unwrap();
        assert_eq!((look::bodies(&timeline.events), timeline.limited), (vec!["two".to_owned()], Some(true)));
        assert!(there.state.is_none_or(|state| state.events.is_empty()));
    }
    let unknown = SyncEvents::new().filter("4711");
    look::refused(alice.send(unknown).await, 400, ErrorCode::InvalidParam);
}

#[tokio::test]
async fn event_fields_and_lazy_members() {
    let live = Live::new("sync::event_fields_and_lazy_members");
    let (alice, bob) = (live.new_user().await, live.new_user().await);
    let room = live.shared_room(&alice, &bob).await;
    let said = live.text(&alice, &room, "hello").await;
    let timeline = RoomEventFilter::new().types(["m.room.message"]).lazy_load_members(true);
    let state = RoomEventFilter::new().types(["m.room.member"]).lazy_load_members(true);
    let wanted = SyncFilter::new().room(SyncFilterRoom::new().timeline(timeline).state(state));
    let there = joined(&bob, SyncEvents::new().filter(IdOr::inline(wanted.clone())), &room).await;
    assert_eq!(look::ids(&there.timeline.unwrap().events), [said]);
    let summary = there.summary.unwrap();
    assert_eq!((summary.joined_member_count, summary.invited_member_count), (Some(2), Some(0)));
    assert_eq!(summary.heroes, [look::me(&alice).await]);
    let members: Vec<_> = there.state.unwrap().events.iter().map(|one| look::field(one, "state_key")).collect();
    assert!(members.contains(&json!(look::me(&alice).await)), "who spoke is told of");

    let short = wanted.event_fields(["content.body"]);
    let there = joined(&bob, SyncEvents::new().filter(IdOr::inline(short)), &room).await;
    let event = &there.timeline.unwrap().events[0];
    assert_eq!(look::content(event), json!({"body": "hello"}));
    assert_eq!(look::field(event, "sender"), serde_json::Value::Null);
}

#[tokio::test]
async fn full_state() {
    let live = Live::new("sync::full_state");
    let alice = live.new_user().await;
    let room = live.room(&alice).await;
    let since = alice.send(SyncEvents::new()).await.unwrap().next_batch;
    let changes = SyncEvents::new().since(&since);
    assert!(alice.send(changes.clone()).await.unwrap().rooms.is_none_or(|rooms| rooms.join.is_empty()));
    let there = joined(&alice, changes.full_state(true), &room).await;
    let state = there.state.unwrap().events;
    assert_eq!(state.iter().filter(|event| look::kind(event) == "m.room.create").count(), 1);
    assert!(there.timeline.is_none_or(|timeline| timeline.events.is_empty()));
}

#[tokio::test]
async fn state_after() {
    let live = Live::new("sync::state_after");
    let alice = live.new_user().await;
    let room = live.room(&alice).await;
    let since = alice.send(SyncEvents::new()).await.unwrap().next_batch;
    let topic = |topic: &str| SetRoomStateWithKey::new(&room, "m.room.topic", "", json!({"topic": topic}));
    alice.send(topic("first")).await.unwrap();
    let last = alice.send(topic("second")).await.unwrap().event_id;
    let sync = SyncEvents::new().since(since);
    let old = joined(&alice, sync.clone().use_state_after(false), &room).await;
    assert!(old.state_after.is_none());
    assert_eq!(look::id(old.timeline.unwrap().events.last().unwrap()), last);
    // Synapse 1.163 has it under an unstable name only, and answers as if it were not asked for.
    let new = joined(&alice, sync.use_state_after(true), &room).await;
    assert!(new.state.is_some() && new.state_after.is_none());
    assert_eq!(new.timeline.unwrap().events.len(), 2);
}

#[tokio::test]
async fn waits_for_news() {
    let live = Live::new("sync::waits_for_news");
    let (alice, bob) = (live.new_user().await, live.new_user().await);
    let room = live.shared_room(&alice, &bob).await;
    // The presence of both may still be on its way.
    let mut since = alice.send(SyncEvents::new().filter(IdOr::inline(filter()))).await.unwrap().next_batch;
    let quiet = SyncEvents::new().filter(IdOr::inline(filter())).set_presence("offline");
    since = alice.send(quiet.clone().since(since).timeout(0)).await.unwrap().next_batch;
    let start = Instant::now();
    let nothing = alice.send(quiet.clone().since(&since).timeout(400)).await.unwrap();
    assert!(start.elapsed() >= Duration::from_millis(400), "{:?}", start.elapsed());
    assert!(take(nothing, &room).is_none());

    let wait = quiet.since(since).timeout(60_000);
    let (news, said) = tokio::join!(alice.send(wait), live.text(&bob, &room, "news"));
    assert_eq!(look::ids(&take(news.unwrap(), &room).unwrap().timeline.unwrap().events), [said]);
}

#[tokio::test]
async fn presence_of_who_syncs() {
    let live = Live::new("sync::presence_of_who_syncs");
    let alice = live.new_user().await;
    let ask = GetPresence::new(look::me(&alice).await);
    alice.send(SyncEvents::new().set_presence("offline")).await.unwrap();
    assert_eq!(alice.send(&ask).await.unwrap().presence, get_presence::Presence::Offline);
    alice.send(SyncEvents::new().set_presence(sync_events::SetPresence::Unavailable)).await.unwrap();
    assert_eq!(alice.send(&ask).await.unwrap().presence, get_presence::Presence::Unavailable);
    alice.send(SyncEvents::new()).await.unwrap();
    assert_eq!(alice.send(&ask).await.unwrap().presence, get_presence::Presence::Online);
}
