//! What a user keeps on the server: account data, tags, filters.

use matrix_api::client_server::types::{EventFilter, RoomEventFilter, SyncFilter, SyncFilterRoom, Tag};
use matrix_api::client_server::{
    DefineFilter, DeleteRoomTag, GetAccountData, GetAccountDataPerRoom, GetFilter, GetRoomTags, SetAccountData,
    SetAccountDataPerRoom, SetRoomTag,
};
use matrix_api::{ErrorCode, ErrorKind, json};
use matrix_api_tests::live::{Account, Live};
use serde_json::Value;

use crate::look;

#[tokio::test]
async fn of_the_account() {
    let live = Live::new("account_data::of_the_account");
    let (alice, bob) = (live.new_user().await, live.login(Account::Bob).await);
    let me = look::me(&alice).await;
    let (kind, note) = ("org.example/a note?", json!({"text": "ü", "deep": {"n": [1, null]}}));
    let ask = GetAccountData::new(&me, kind);
    look::refused(alice.send(&ask).await, 404, ErrorCode::NotFound);
    alice.send(SetAccountData::new(&me, kind, &note)).await.unwrap();
    assert_eq!(alice.send(&ask).await.unwrap().content.decode::<Value>().unwrap(), note);
    // The whole content is replaced.
    alice.send(SetAccountData::new(&me, kind, json!({}))).await.unwrap();
    assert_eq!(alice.send(&ask).await.unwrap().content.json(), "{}");
    look::refused(bob.send(&ask).await, 403, ErrorCode::Forbidden);
    let reserved = SetAccountData::new(&me, "m.push_rules", json!({}));
    look::refused(alice.send(reserved).await, 405, ErrorCode::BadJson);
}

#[tokio::test]
async fn of_a_room() {
    let live = Live::new("account_data::of_a_room");
    let alice = live.login(Account::Alice).await;
    let me = look::me(&alice).await;
    let (room, other) = (live.room(&alice).await, live.room(&alice).await);
    let set = SetAccountDataPerRoom::new(&me, &room, "org.example.note", json!({"n": 1}));
    alice.send(set).await.unwrap();
    let read = alice.send(GetAccountDataPerRoom::new(&me, &room, "org.example.note")).await.unwrap();
    assert_eq!(read.content.decode::<Value>().unwrap(), json!({"n": 1}));
    let ask = GetAccountDataPerRoom::new(&me, &other, "org.example.note");
    look::refused(alice.send(ask).await, 404, ErrorCode::NotFound);
    let reserved = SetAccountDataPerRoom::new(&me, &room, "m.fully_read", json!({}));
    look::refused(alice.send(reserved).await, 405, ErrorCode::BadJson);
}

#[tokio::test]
async fn tags() {
    let live = Live::new("account_data::tags");
    let alice = live.login(Account::Alice).await;
    let me = look::me(&alice).await;
    let room = live.room(&alice).await;
    let ask = GetRoomTags::new(&me, &room);
    assert!(alice.send(&ask).await.unwrap().tags.is_empty());
    let favourite = Tag::new().order(0.25);
    alice.send(SetRoomTag::new(&me, &room, "m.favourite", favourite)).await.unwrap();
    alice.send(SetRoomTag::new(&me, &room, "u.a/b ü", Tag::new())).await.unwrap();
    let tags = alice.send(&ask).await.unwrap().tags;
    let orders: Vec<_> = tags.iter().map(|(name, tag)| (name.as_str(), tag.order)).collect();
    assert_eq!(orders, [("m.favourite", Some(0.25)), ("u.a/b ü", None)]);
    alice.send(DeleteRoomTag::new(&me, &room, "u.a/b ü")).await.unwrap();
    assert_eq!(alice.send(&ask).await.unwrap().tags.into_keys().collect::<Vec<_>>(), ["m.favourite"]);
}

#[tokio::test]
async fn filters() {
    let live = Live::new("account_data::filters");
    let alice = live.login(Account::Alice).await;
    let me = look::me(&alice).await;
    let timeline = RoomEventFilter::new().types(["m.room.*"]).not_senders([&me]).limit(7).contains_url(true);
    let state = RoomEventFilter::new().lazy_load_members(true).include_redundant_members(false);
    let room =
        SyncFilterRoom::new().timeline(timeline).state(state).rooms(["!a:b"]).not_rooms(["!c:d"]).include_leave(true);
    let filter = SyncFilter::new()
        .event_fields(["type", "content"])
        .event_format("client")
        .presence(EventFilter::new().senders([&me]).not_types(["*"]))
        .account_data(EventFilter::new().limit(3))
        .room(room);
    let id = alice.send(DefineFilter::new(&me, filter.clone())).await.unwrap().filter_id;
    assert_eq!(alice.send(GetFilter::new(&me, &id)).await.unwrap().filter, filter);
    // The same filter again has the same id.
    assert_eq!(alice.send(DefineFilter::new(&me, filter)).await.unwrap().filter_id, id);
    let empty = alice.send(DefineFilter::new(&me, SyncFilter::new())).await.unwrap().filter_id;
    assert_eq!(alice.send(GetFilter::new(&me, empty)).await.unwrap().filter, SyncFilter::new());
    look::refused(alice.send(GetFilter::new(&me, "4711")).await, 404, ErrorCode::NotFound);
    let odd = DefineFilter::new(&me, SyncFilter::new().event_format("odd"));
    look::refused(alice.send(odd).await, 400, ErrorCode::Unknown);
    // An id that is none is caught before it is sent.
    let nobody = SyncFilter::new().presence(EventFilter::new().senders(["nobody"]));
    let error = alice.send(DefineFilter::new(&me, nobody)).await.unwrap_err();
    assert_eq!((error.kind(), error.operation()), (ErrorKind::Encode, Some("defineFilter")));
}
