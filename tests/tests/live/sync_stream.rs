//! The stream and what stands on it, on a real homeserver.

use std::time::Duration;

use matrix_api::client_server::{CreateRoom, InviteUser, JoinRoomById, SetRoomStateWithKey};
use matrix_api::{Client, ErrorKind, Filter, Message, RoomCache, RoomId, SyncBatch, SyncOptions, SyncStream, json};
use matrix_api_tests::live::Live;

use crate::look;

fn quick() -> SyncOptions {
    SyncOptions::new().timeout(Duration::from_secs(1))
}

/// The next batch that satisfies, within a minute.
async fn until(stream: &mut SyncStream, mut enough: impl FnMut(&SyncBatch) -> bool) -> SyncBatch {
    let wait = async {
        loop {
            let batch = stream.next().await.expect("it goes on").expect("it goes well");
            if enough(&batch) {
                return batch;
            }
        }
    };
    tokio::time::timeout(Duration::from_secs(60), wait).await.expect("it comes within a minute")
}

fn bodies(batch: &SyncBatch, room: &RoomId) -> Vec<String> {
    batch.messages_in(room).filter_map(|message| message.body().map(str::to_owned)).collect()
}

async fn encrypt(client: &Client, room: &RoomId) {
    let content = json!({"algorithm": "m.megolm.v1.aes-sha2"});
    client.send(SetRoomStateWithKey::new(room, "m.room.encryption", "", content)).await.unwrap();
}

#[tokio::test]
async fn it_skips_the_backlog_and_brings_what_comes() {
    let live = Live::new("sync_stream::it_skips_the_backlog_and_brings_what_comes");
    let (alice, bob) = (live.new_user().await, live.new_user().await);
    let room = live.shared_room(&alice, &bob).await;
    live.text(&alice, &room, "before").await;
    let invited = live.room(&alice).await;
    let me = look::me(&bob).await;
    alice.send(InviteUser::new(&invited, &me)).await.unwrap();

    let mut stream = bob.sync_stream(quick().skip_backlog());
    let first = stream.next().await.unwrap().unwrap();
    assert!(first.messages().next().is_none());
    let invites = first.invites(&me);
    assert_eq!(invites.len(), 1, "an invitation is still open, so it is no backlog");
    assert_eq!((invites[0].room_id, invites[0].inviter.clone()), (&invited, alice.user_id()));

    live.text(&alice, &room, "after").await;
    let batch = until(&mut stream, |batch| batch.questions().next().is_some()).await;
    assert_eq!(bodies(&batch, &room), ["after"]);
    let question = batch.questions().next().unwrap();
    let answer = question.reply("yes").await.unwrap();
    // Seen again, in another run.
    let again = bob.sync_once(quick().fresh()).await.unwrap();
    let same = again.questions().find(|message| message.event_id() == question.event_id()).unwrap();
    assert_eq!(same.reply("yes").await.unwrap(), answer);
    assert_ne!(same.reply("and more").await.unwrap(), answer);
    let reaction = same.react("👍").await.unwrap();
    assert_eq!(question.react("👍").await.unwrap(), reaction);
}

#[tokio::test]
async fn a_filter_by_name() {
    let live = Live::new("sync_stream::a_filter_by_name");
    let (alice, bob) = (live.new_user().await, live.new_user().await);
    let room = live.shared_room(&alice, &bob).await;
    bob.filters().upload("quiet", Filter::quiet()).await.unwrap();
    let stored = bob.filters().download("quiet").await.unwrap().unwrap();
    assert_eq!(serde_json::to_value(stored).unwrap(), serde_json::to_value(Filter::quiet()).unwrap());

    let mut quiet = bob.sync_stream(SyncOptions::filter("quiet").timeout(Duration::from_secs(1)));
    let mut all = bob.sync_stream(quick());
    quiet.next().await.unwrap().unwrap();
    all.next().await.unwrap().unwrap();
    live.text(&alice, &room, "for both").await;
    for stream in [&mut quiet, &mut all] {
        until(stream, |batch| bodies(batch, &room) == ["for both"]).await;
    }
    let batch = quiet.next().await.unwrap().unwrap();
    let session = bob.session().unwrap();
    assert_eq!(session.positions["quiet"], batch.since().unwrap());
}

#[tokio::test]
async fn gaps_are_filled() {
    let live = Live::new("sync_stream::gaps_are_filled");
    let (alice, bob) = (live.new_user().await, live.new_user().await);
    let room = live.shared_room(&alice, &bob).await;
    let mut stream = bob.sync_stream(quick().fill_gaps(1000));
    stream.next().await.unwrap().unwrap();
    until(&mut stream, |batch| batch.rooms_with_news().next().is_none()).await;
    // Nobody asks meanwhile, so the server has to cut.
    let said: Vec<_> = (0..45).map(|number| number.to_string()).collect();
    for text in &said {
        live.text(&alice, &room, text).await;
    }
    let batch = until(&mut stream, |batch| !bodies(batch, &room).is_empty()).await;
    assert_eq!(bodies(&batch, &room), said);
    assert!(!batch.is_limited(&room));

    let since = batch.since().unwrap().to_owned();
    let cut = bob.send(matrix_api::client_server::SyncEvents::new().since(since)).await.unwrap();
    assert!(cut.is_limited(&room), "the server alone leaves something out");
}

#[tokio::test]
async fn a_gap_by_hand() {
    let live = Live::new("sync_stream::a_gap_by_hand");
    let (alice, bob) = (live.new_user().await, live.new_user().await);
    let room = live.shared_room(&alice, &bob).await;
    bob.sync_once(quick()).await.unwrap().acknowledge().await.unwrap();
    for number in 0..15 {
        live.text(&alice, &room, &number.to_string()).await;
    }
    let batch = bob.sync_once(quick()).await.unwrap();
    assert_eq!(batch.limited_rooms().collect::<Vec<_>>(), [&room]);
    let missing = batch.fill_gap(&room, 100).await.unwrap();
    let all: Vec<_> = look::bodies(&missing).into_iter().chain(bodies(&batch, &room)).collect();
    let expected: Vec<_> = (0..15).map(|number: i32| number.to_string()).collect();
    assert_eq!(all, expected);
    assert_eq!(look::bodies(&batch.fill_gap(&room, 2).await.unwrap()), ["3", "4"]);
}

#[tokio::test]
async fn an_encrypted_room() {
    let live = Live::new("sync_stream::an_encrypted_room");
    let (alice, bob) = (live.new_user().await, live.new_user().await);
    let room = live.shared_room(&alice, &bob).await;
    let handle = alice.room(&room);
    assert!(!handle.is_encrypted().await.unwrap());
    let mut stream = alice.sync_stream(quick());
    stream.next().await.unwrap().unwrap();
    encrypt(&alice, &room).await;
    until(&mut stream, |batch| batch.of_type(&room, &["m.room.encryption"]).next().is_some()).await;
    assert_eq!(handle.send_text("secret").await.unwrap_err().kind(), ErrorKind::Encrypted);

    // Somebody who has never seen it in a sync learns it from the server.
    let other = bob.room(&room);
    assert_eq!(other.send_text("secret").await.unwrap_err().kind(), ErrorKind::Encrypted);
    let content = json!({"algorithm": "m.megolm.v1.aes-sha2", "ciphertext": "AAAA", "session_id": "s"});
    other.send_event("m.room.encrypted", &content).allow_plaintext().await.unwrap();
    other.send_text("not secret").allow_plaintext().await.unwrap();
    let mut seen = Vec::new();
    until(&mut stream, |batch| {
        seen.extend(batch.messages_in(&room).map(|message| matches!(message, Message::Encrypted(_))));
        seen.len() == 2
    })
    .await;
    assert_eq!(seen, [true, false]);
}

#[tokio::test]
async fn the_cache_knows_what_the_server_knows() {
    let live = Live::new("sync_stream::the_cache_knows_what_the_server_knows");
    let (alice, bob) = (live.new_user().await, live.new_user().await);
    let (me, other) = (look::me(&alice).await, look::me(&bob).await);
    let create = CreateRoom::new().preset("public_chat").name("Kitchen").room_version("11");
    let room = alice.send(create).await.unwrap().room_id;
    bob.send(JoinRoomById::new(&room)).await.unwrap();
    alice.sync_once(quick()).await.unwrap().acknowledge().await.unwrap();

    // It begins in the middle: the first batch brings everything.
    let rooms = RoomCache::new(100);
    let mut stream = alice.sync_stream(quick().cache(&rooms));
    stream.next().await.unwrap().unwrap();
    let known = rooms.room(&room).unwrap();
    assert_eq!((known.name(), known.version(), known.membership()), (Some("Kitchen"), Some("11"), "join"));
    assert_eq!(known.creators(), Some(&[me.clone()][..]));
    assert_eq!((known.power_level(&me), known.power_level(&other)), (Some(100), Some(0)));
    assert_eq!(known.may_send(&other, "m.room.name", true), Some(false));
    assert!(known.encryption().is_none());

    // Across a gap: renamed, encrypted, then so much that the server has to cut.
    alice.send(SetRoomStateWithKey::new(&room, "m.room.name", "", json!({"name": "Cellar"}))).await.unwrap();
    encrypt(&alice, &room).await;
    for number in 0..25 {
        bob.room(&room).send_text(number.to_string()).allow_plaintext().await.unwrap();
    }
    let batch = until(&mut stream, |batch| batch.joined(&room).is_some()).await;
    assert!(batch.is_limited(&room));
    let known = rooms.room(&room).unwrap();
    assert_eq!((known.name(), known.encryption()), (Some("Cellar"), Some("m.megolm.v1.aes-sha2")));
    assert!(rooms.is_complete());
}
