//! Rooms from their creation to their replacement.

use matrix_api::client_server::create_room::{InitialState, Preset};
use matrix_api::client_server::{
    CreateRoom, ForgetRoom, GetJoinedRooms, GetRoomState, GetRoomStateWithKey, GetRoomSummary, JoinRoom, JoinRoomById,
    LeaveRoom, UpgradeRoom,
};
use matrix_api::{Client, ErrorCode, RoomId, json};
use matrix_api_tests::live::{Account, Live, unique};
use serde_json::Value;

use crate::look;

async fn state(client: &Client, room: &RoomId, kind: &str) -> Value {
    let asked = GetRoomStateWithKey::new(room, kind, "");
    client.send(asked).await.unwrap().content.decode().unwrap()
}

#[tokio::test]
async fn create_with_everything() {
    let live = Live::new("rooms::create_with_everything");
    let (alice, bob) = (live.new_user().await, live.new_user().await);
    let (me, guest) = (look::me(&alice).await, look::me(&bob).await);
    let alias = unique("everything");
    let create = CreateRoom::new()
        .visibility("private")
        .room_alias_name(&alias)
        .name("Everything")
        .topic("All of it")
        .invite([&guest])
        .room_version("11")
        .creation_content(json!({"m.federate": false}))
        .initial_state([InitialState::new("org.example.shelf", json!({"books": 3})).state_key("left")])
        .preset(Preset::TrustedPrivateChat)
        .is_direct(true)
        .power_level_content_override(json!({"events": {"org.example.shelf": 7}}));
    let room = alice.send(create).await.unwrap().room_id;

    assert_eq!(room.server_name(), Some(live.server_name().as_str()));
    let alias = format!("#{alias}:{}", live.server_name());
    assert_eq!(state(&alice, &room, "m.room.name").await, json!({"name": "Everything"}));
    assert_eq!(state(&alice, &room, "m.room.topic").await["topic"], "All of it");
    assert_eq!(state(&alice, &room, "m.room.canonical_alias").await, json!({"alias": alias}));
    assert_eq!(state(&alice, &room, "m.room.create").await, json!({"room_version": "11", "m.federate": false}));
    let levels = state(&alice, &room, "m.room.power_levels").await;
    assert_eq!(levels["events"]["org.example.shelf"], 7);
    assert_eq!(levels["users"], json!({me.as_str(): 100, guest.as_str(): 100}));
    let shelf = alice.send(GetRoomStateWithKey::new(&room, "org.example.shelf", "left")).await.unwrap();
    assert_eq!(shelf.content.decode::<Value>().unwrap(), json!({"books": 3}));
    let invite = alice.send(GetRoomStateWithKey::new(&room, "m.room.member", guest.as_str())).await.unwrap();
    assert_eq!(invite.content.field::<String>("membership").unwrap().as_deref(), Some("invite"));
    assert_eq!(invite.content.field::<bool>("is_direct").unwrap(), Some(true));
}

#[tokio::test]
async fn creation_is_refused() {
    let live = Live::new("rooms::creation_is_refused");
    let alice = live.login(Account::Alice).await;
    let name = unique("taken");
    alice.send(CreateRoom::new().room_alias_name(&name)).await.unwrap();
    look::refused(alice.send(CreateRoom::new().room_alias_name(&name)).await, 400, ErrorCode::RoomInUse);
    let unheard_of = CreateRoom::new().room_version("unheard of");
    look::refused(alice.send(unheard_of).await, 400, ErrorCode::UnsupportedRoomVersion);
}

#[tokio::test]
async fn join_leave_forget() {
    let live = Live::new("rooms::join_leave_forget");
    let (alice, bob) = (live.login(Account::Alice).await, live.new_user().await);
    let alias = unique("door");
    let create = CreateRoom::new().preset("public_chat").room_alias_name(&alias);
    let room = alice.send(create).await.unwrap().room_id;
    let alias = format!("#{alias}:{}", live.server_name());

    assert!(bob.send(GetJoinedRooms::new()).await.unwrap().joined_rooms.is_empty());
    let join = JoinRoomById::new(&room).reason("curious");
    assert_eq!(bob.send(join).await.unwrap().room_id, room);
    assert_eq!(bob.send(GetJoinedRooms::new()).await.unwrap().joined_rooms, [room.as_str()]);
    let member = GetRoomStateWithKey::new(&room, "m.room.member", look::me(&bob).await.as_str());
    let content = bob.send(&member).await.unwrap().content.decode::<Value>().unwrap();
    assert_eq!((&content["membership"], &content["reason"]), (&json!("join"), &json!("curious")));

    // A member cannot forget.
    look::refused(bob.send(ForgetRoom::new(&room)).await, 400, ErrorCode::Unknown);
    bob.send(LeaveRoom::new(&room).reason("seen it")).await.unwrap();
    let content = alice.send(&member).await.unwrap().content.decode::<Value>().unwrap();
    assert_eq!((&content["membership"], &content["reason"]), (&json!("leave"), &json!("seen it")));
    // Who left can still read what was then; who forgot cannot.
    assert!(!bob.send(GetRoomState::new(&room)).await.unwrap().events.is_empty());
    bob.send(ForgetRoom::new(&room)).await.unwrap();
    look::refused(bob.send(GetRoomState::new(&room)).await, 403, ErrorCode::Forbidden);

    let back = JoinRoom::new(alias).via([live.server_name()]).reason("again");
    assert_eq!(bob.send(back).await.unwrap().room_id, room);
    assert_eq!(bob.send(GetJoinedRooms::new()).await.unwrap().joined_rooms, [room.as_str()]);
    bob.send(LeaveRoom::new(&room)).await.unwrap();
    assert_eq!(bob.send(JoinRoom::new(room.as_str())).await.unwrap().room_id, room);
}

#[tokio::test]
async fn join_is_refused() {
    let live = Live::new("rooms::join_is_refused");
    let (alice, bob) = (live.login(Account::Alice).await, live.login(Account::Bob).await);
    let room = live.room(&alice).await;
    look::refused(bob.send(JoinRoomById::new(&room)).await, 403, ErrorCode::Forbidden);
    let nowhere = format!("#{}:{}", unique("nowhere"), live.server_name());
    look::refused(bob.send(JoinRoom::new(nowhere)).await, 404, ErrorCode::NotFound);
}

#[tokio::test]
async fn upgrade() {
    let live = Live::new("rooms::upgrade");
    let (alice, bob) = (live.login(Account::Alice).await, live.new_user().await);
    let guest = look::me(&bob).await;
    let create = CreateRoom::new().preset("public_chat").name("Old walls").room_version("11");
    let old = alice.send(create).await.unwrap().room_id;
    look::refused(bob.send(UpgradeRoom::new(&old, "12")).await, 403, ErrorCode::Forbidden);
    let unheard_of = UpgradeRoom::new(&old, "unheard of");
    look::refused(alice.send(unheard_of).await, 400, ErrorCode::UnsupportedRoomVersion);

    let upgrade = UpgradeRoom::new(&old, "12").additional_creators([guest.as_str()]);
    let new = alice.send(upgrade).await.unwrap().replacement_room;
    assert_ne!(new, old);
    // Rooms of this version are named by a hash alone.
    assert_eq!(new.server_name(), None);
    let tombstone = state(&alice, &old, "m.room.tombstone").await;
    assert_eq!(tombstone["replacement_room"], new.as_str());
    let create = state(&alice, &new, "m.room.create").await;
    assert_eq!(create["room_version"], "12");
    assert_eq!(create["predecessor"]["room_id"], old.as_str());
    assert_eq!(create["additional_creators"], json!([guest.as_str()]));
    let summary = alice.send(GetRoomSummary::new(new.as_str())).await.unwrap();
    assert_eq!(summary.name.as_deref(), Some("Old walls"));
    assert_eq!(summary.room_version.as_deref(), Some("12"));
}
