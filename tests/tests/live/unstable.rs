//! Proposals that the homeserver has already.

use std::collections::BTreeMap;

use matrix_api::bytes::Bytes;
use matrix_api::client_server::{CreateRoom, GetRoomEvents, GetRoomStateWithKey, get_room_events::Direction};
use matrix_api::http::Request;
use matrix_api::unstable::types::{SlidingList, SlidingSubscription};
use matrix_api::unstable::{
    Msc3266GetRoomSummary, Msc4140CancelDelayedEvent, Msc4140GetDelayedEvent, Msc4140ListDelayedEvents,
    Msc4140RestartDelayedEvent, Msc4140SendDelayedEvent, Msc4140SendNow, Msc4140SetDelayedState, Msc4186SlidingSync,
    Msc4186SlidingSyncUnderItsNumber,
};
use matrix_api::{ErrorCode, ErrorKind, Handled, Middleware, Onward, Support, json};
use matrix_api_tests::live::{Live, unique};
use serde_json::Value;

use crate::look;

/// Longer than any test takes, so that nothing is sent by itself.
const LATER: i64 = 10 * 60 * 1000;

#[tokio::test]
async fn delayed_events() {
    let live = Live::new("unstable::delayed_events");
    let alice = live.new_user().await;
    assert_eq!(alice.supports::<Msc4140SendDelayedEvent>().await.unwrap(), Support::Yes);
    let room = alice.send(CreateRoom::new()).await.unwrap().room_id;
    let text = |body: &str| json!({"msgtype": "m.text", "body": body});

    let message = Msc4140SendDelayedEvent::new(&room, "m.room.message", LATER, text("now"));
    let message = alice.send(message).await.unwrap().delay_id;
    let state = Msc4140SetDelayedState::new(&room, "org.example.shelf", "", LATER, json!({"books": 3}));
    let state = alice.send(state).await.unwrap().delay_id;

    let waiting = alice.send(Msc4140ListDelayedEvents::new()).await.unwrap().delayed_events;
    let mut ids: Vec<_> = waiting.iter().map(|one| one.delay_id.clone()).collect();
    let mut expected = vec![message.clone(), state.clone()];
    ids.sort();
    expected.sort();
    assert_eq!(ids, expected);

    let before = alice.send(Msc4140GetDelayedEvent::new(&state)).await.unwrap().delayed_event;
    assert_eq!((before.room_id.as_str(), before.type_.as_str()), (room.as_str(), "org.example.shelf"));
    assert_eq!((before.state_key.as_deref(), before.delay_ms), (Some(""), Some(LATER)));
    assert_eq!(before.content.decode::<Value>().unwrap(), json!({"books": 3}));
    alice.send(Msc4140RestartDelayedEvent::new(&state)).await.unwrap();
    let after = alice.send(Msc4140GetDelayedEvent::new(&state)).await.unwrap().delayed_event;
    assert!(after.delayed_since_ts >= before.delayed_since_ts);

    // What is sent now is in the room, and what is cancelled never comes there.
    alice.send(Msc4140SendNow::new(&message)).await.unwrap();
    alice.send(Msc4140CancelDelayedEvent::new(&state)).await.unwrap();
    let events = alice.send(GetRoomEvents::new(&room, Direction::Backward).limit(1)).await.unwrap().chunk;
    assert_eq!(look::bodies(&events), ["now"]);
    look::refused(alice.send(GetRoomStateWithKey::new(&room, "org.example.shelf", "")).await, 404, ErrorCode::NotFound);
    look::refused(alice.send(Msc4140GetDelayedEvent::new(&state)).await, 404, ErrorCode::NotFound);
    assert_eq!(alice.send(Msc4140ListDelayedEvents::new()).await.unwrap().delayed_events.len(), 0);
}

#[tokio::test]
async fn a_window_of_rooms() {
    let live = Live::new("unstable::a_window_of_rooms");
    let alice = live.new_user().await;
    let first = alice.send(CreateRoom::new().name("First")).await.unwrap().room_id;
    let second = alice.send(CreateRoom::new().name("Second")).await.unwrap().room_id;

    let list = SlidingList::new([vec!["m.room.create".to_owned(), String::new()]], 10).ranges([vec![0, 0]]);
    let subscription = SlidingSubscription::new(Vec::<Vec<String>>::new(), 1);
    let request = Msc4186SlidingSync::new()
        .conn_id("test")
        .lists(BTreeMap::from([("newest".to_owned(), list)]))
        .room_subscriptions(BTreeMap::from([(first.to_string(), subscription)]));
    let answer = alice.send(request).await.unwrap();
    assert_eq!(answer.lists["newest"].count, 2);
    assert_eq!(answer.lists["newest"].ops[0].room_ids.as_slice(), std::slice::from_ref(&second));
    let room = &answer.rooms[second.as_str()];
    assert_eq!((room.name.as_deref(), room.initial, room.joined_count), (Some("Second"), Some(true), Some(1)));
    assert_eq!(room.required_state.len(), 1);
    assert!(room.timeline.len() > 1);
    assert_eq!(answer.rooms[first.as_str()].timeline.len(), 1);

    let next = alice.send(Msc4186SlidingSync::new().conn_id("test").pos(&answer.pos)).await.unwrap();
    assert_ne!(next.pos, "");
}

/// Synapse has the proposal and does not say so: with its name in `/versions` the call goes out, and the answer is
/// Synapse's own.
#[tokio::test]
async fn a_preview_of_a_room() {
    let live = Live::new("unstable::a_preview_of_a_room");
    let alice = live.new_user().await;
    let alias = unique("preview");
    let create = CreateRoom::new().preset("public_chat").name("Books").topic("What we read").room_alias_name(&*alias);
    let room = alice.send(create).await.unwrap().room_id;
    let alias = format!("#{alias}:{}", live.server_name());

    let anyone = live.builder().middleware(Named("org.matrix.msc3266")).build().await.unwrap();
    assert_eq!(anyone.supports::<Msc3266GetRoomSummary>().await.unwrap(), Support::Yes);
    for asked in [room.as_str(), &alias] {
        let found = anyone.send(Msc3266GetRoomSummary::new(asked)).await.unwrap();
        assert_eq!((found.room_id, found.num_joined_members), (room.clone(), 1));
        assert_eq!((found.name.as_deref(), found.topic.as_deref()), (Some("Books"), Some("What we read")));
        assert_eq!(found.canonical_alias.unwrap().as_str(), alias);
        assert_eq!((found.join_rule.as_deref(), found.membership), (Some("public"), None));
        assert_eq!((found.world_readable, found.guest_can_join), (Some(false), Some(false)));
        assert_eq!((found.encryption, found.room_type, found.avatar_url), (None, None, None));
        assert!(found.room_version.is_some_and(|version| version.parse().is_ok_and(|version: u32| version >= 10)));
    }
    let missing = anyone.send(Msc3266GetRoomSummary::new(format!("#no-{alias}"))).await;
    look::refused(missing, 404, ErrorCode::NotFound);
}

/// Adds a name to what the server says it has.
struct Named(&'static str);

impl Middleware for Named {
    fn handle<'a>(&'a self, request: Request<Bytes>, next: Onward<'a>) -> Handled<'a> {
        Box::pin(async move {
            let asks = request.uri().path().ends_with("/client/versions");
            let mut answer = next.run(request).await?;
            if asks {
                let mut versions: Value = serde_json::from_slice(answer.body()).expect("it is JSON");
                versions["unstable_features"][self.0] = true.into();
                *answer.body_mut() = versions.to_string().into();
            }
            Ok(answer)
        })
    }
}

/// Synapse serves the first of these without a name for it; the other path it does not have.
#[tokio::test]
async fn what_is_not_named_is_not_sent() {
    let live = Live::new("unstable::what_is_not_named_is_not_sent");
    let alice = live.new_user().await;
    let room = alice.send(CreateRoom::new()).await.unwrap().room_id;
    let refusals = [
        alice.send(Msc3266GetRoomSummary::new(room.as_str())).await.map(drop).unwrap_err(),
        alice.send(Msc4186SlidingSyncUnderItsNumber::new()).await.map(drop).unwrap_err(),
    ];
    for error in refusals {
        assert_eq!((error.kind(), error.status()), (ErrorKind::Unsupported, None), "{error}");
    }
}
