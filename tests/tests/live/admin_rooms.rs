//! Rooms, their history and their end, as a server administrator sees them.

use matrix_api::client_server::{CreateRoom, GetJoinedRooms, GetRoomStateWithKey, JoinRoomById, SetRoomStateWithKey};
use matrix_api::synapse_admin::list_room_messages::EventForm;
use matrix_api::synapse_admin::list_rooms::RoomOrder;
use matrix_api::synapse_admin::types::{Direction, TaskStatus};
use matrix_api::synapse_admin::*;
use matrix_api::{Client, ErrorCode, EventId, RoomAlias, RoomId, RoomOrAlias, ServerName, UnixMillis, json};
use matrix_api_tests::live::{Account, Live, unique};
use serde_json::Value;

use crate::look;

/// A public room with a name that nothing else has, and the name.
async fn named(client: &Client) -> (RoomId, String) {
    let name = unique("named");
    let create = CreateRoom::new().preset("public_chat").room_version("11").name(&name).room_alias_name(&name);
    (client.send(create).await.unwrap().room_id, name)
}

/// Waits for a job of the server; the tests of the helpers wait in the right way.
pub(crate) async fn deleted(admin: &Client, id: &str) -> GetRoomDeleteTaskResponse {
    for _ in 0..600 {
        let task = admin.send(GetRoomDeleteTask::new(id)).await.unwrap();
        if !matches!(task.task.status, TaskStatus::Scheduled | TaskStatus::Active) {
            return task;
        }
        tokio::time::sleep(std::time::Duration::from_millis(100)).await;
    }
    panic!("the room is not deleted after a minute");
}

#[tokio::test]
async fn list_and_details() {
    let live = Live::new("admin_rooms::list_and_details");
    let (admin, alice, bob) = (live.admin().await, live.new_user().await, live.login(Account::Bob).await);
    let (room, name) = named(&alice).await;
    bob.send(JoinRoomById::new(&room)).await.unwrap();
    alice.send(SetRoomStateWithKey::new(&room, "m.room.topic", "", json!({"topic": "Fish"}))).await.unwrap();

    let list = admin.send(ListRooms::new().search_term(&name).order_by(RoomOrder::JoinedMembers)).await.unwrap();
    assert_eq!((list.offset, list.total_rooms, &list.next_batch, &list.prev_batch), (0, 1, &None, &None));
    let [entry] = list.rooms.as_slice() else { panic!("{list:?}") };
    let alias = RoomAlias::from(format!("#{name}:{}", live.server_name()));
    assert_eq!(
        (&entry.room_id, entry.name.as_ref(), entry.canonical_alias.as_ref()),
        (&room, Some(&name), Some(&alias))
    );
    assert_eq!((entry.joined_members, entry.joined_local_members, entry.version.as_deref()), (2, 2, Some("11")));
    assert_eq!((entry.creator.as_ref(), entry.encryption.as_ref()), (Some(&look::me(&alice).await), None));
    // A boolean, whatever the database makes of it; the room is not in the directory, though anybody may join it.
    assert_eq!((entry.federatable, entry.public, entry.join_rules.as_deref()), (true, false, Some("public")));
    assert_eq!((entry.guest_access.as_deref(), entry.history_visibility.as_deref()), (None, Some("shared")));
    assert!(entry.state_events >= 8, "{entry:?}");

    let details = admin.send(GetRoomDetails::new(&room)).await.unwrap();
    assert_eq!((details.topic.as_deref(), details.avatar, details.room_type), (Some("Fish"), None, None));
    assert_eq!((details.joined_members, details.forgotten, details.tombstoned), (Some(2), Some(false), Some(false)));
    assert!(details.joined_local_devices >= 2, "{}", details.joined_local_devices);
    assert_eq!(details.replacement_room, None);

    let members = admin.send(ListRoomMembers::new(&room)).await.unwrap();
    assert_eq!((members.total, members.members.contains(&look::me(&bob).await)), (2, true));
    let state = admin.send(ListRoomState::new(&room).type_("m.room.topic")).await.unwrap();
    assert_eq!(state.state.iter().map(look::content).collect::<Vec<_>>(), [json!({"topic": "Fish"})]);
    let unknown = RoomId::from("!nowhere:example.org");
    look::refused(admin.send(GetRoomDetails::new(&unknown)).await, 404, ErrorCode::NotFound);
    look::refused(alice.send(GetRoomDetails::new(&room)).await, 403, ErrorCode::Forbidden);
}

#[tokio::test]
async fn pages_of_rooms() {
    let live = Live::new("admin_rooms::pages_of_rooms");
    let (admin, alice) = (live.admin().await, live.login(Account::Alice).await);
    let stem = unique("page");
    for number in 0..3 {
        alice.send(CreateRoom::new().name(format!("{stem} {number}"))).await.unwrap();
    }
    let names =
        |page: &ListRoomsResponse| -> Vec<String> { page.rooms.iter().filter_map(|room| room.name.clone()).collect() };
    let ask = || ListRooms::new().search_term(&stem).limit(2).dir(Direction::Forward);
    let first = admin.send(ask()).await.unwrap();
    assert_eq!(names(&first), [format!("{stem} 0"), format!("{stem} 1")]);
    assert_eq!((first.offset, first.total_rooms, &first.prev_batch), (0, 3, &None));
    let second = admin.send(ask().from(first.next_batch.clone().unwrap())).await.unwrap();
    assert_eq!(names(&second), [format!("{stem} 2")]);
    assert_eq!((second.offset, second.next_batch), (2, None));
    let back = admin.send(ask().from(second.prev_batch.unwrap())).await.unwrap();
    assert_eq!(names(&back), names(&first));
    let backwards = admin.send(ListRooms::new().search_term(&stem).dir(Direction::Backward)).await.unwrap();
    assert_eq!(names(&backwards)[0], format!("{stem} 2"));
    look::refused(admin.send(ListRooms::new().search_term("")).await, 400, ErrorCode::InvalidParam);
}

#[tokio::test]
async fn space() {
    let live = Live::new("admin_rooms::space");
    let (admin, alice) = (live.admin().await, live.login(Account::Alice).await);
    let create = CreateRoom::new().name("Space").creation_content(json!({"type": "m.space"}));
    let space = alice.send(create).await.unwrap().room_id;
    let (child, _) = named(&alice).await;
    let link = SetRoomStateWithKey::new(&space, "m.space.child", child.as_str(), json!({"via": [live.server_name()]}));
    alice.send(link).await.unwrap();

    let first = admin.send(GetRoomHierarchy::new(&space).limit(1)).await.unwrap();
    let [top] = first.rooms.as_slice() else { panic!("{first:?}") };
    assert_eq!((&top.room_id, top.room_type.as_deref(), top.num_joined_members), (&space, Some("m.space"), 1));
    assert_eq!((top.world_readable, top.guest_can_join), (false, true));
    assert_eq!(look::field(&top.children_state[0], "state_key"), child.as_str());
    let next = GetRoomHierarchy::new(&space).limit(1).from(first.next_batch.unwrap());
    let second = admin.send(next).await.unwrap();
    assert_eq!(second.rooms.iter().map(|room| &room.room_id).collect::<Vec<_>>(), [&child]);
    assert_eq!(second.rooms[0].join_rule.as_deref(), Some("public"));
    let shallow = admin.send(GetRoomHierarchy::new(&space).max_depth(0)).await.unwrap();
    assert_eq!((shallow.rooms.len(), shallow.next_batch), (1, None));
}

#[tokio::test]
async fn block() {
    let live = Live::new("admin_rooms::block");
    let (admin, alice) = (live.admin().await, live.login(Account::Alice).await);
    let (room, _) = named(&admin).await;
    let free = admin.send(GetRoomBlock::new(&room)).await.unwrap();
    assert_eq!((free.block, free.user_id), (false, None));
    assert!(admin.send(SetRoomBlock::new(&room, true)).await.unwrap().block);
    let blocked = admin.send(GetRoomBlock::new(&room)).await.unwrap();
    assert_eq!((blocked.block, blocked.user_id), (true, Some(look::me(&admin).await)));
    let join = JoinRoomById::new(&room);
    look::refused(alice.send(&join).await, 403, ErrorCode::Unknown);
    assert!(!admin.send(SetRoomBlock::new(&room, false)).await.unwrap().block);
    alice.send(join).await.unwrap();
}

#[tokio::test]
async fn join_and_power() {
    let live = Live::new("admin_rooms::join_and_power");
    let (admin, alice, carol) = (live.admin().await, live.login(Account::Alice).await, live.new_user().await);
    let (room, name) = named(&alice).await;
    let alias = RoomOrAlias::from(format!("#{name}:{}", live.server_name()));
    let me = look::me(&carol).await;
    let join = JoinUserToRoom::new(&alias, &me).server_name([ServerName::from(live.server_name())]);
    assert_eq!(admin.send(join).await.unwrap().room_id, room);
    assert_eq!(carol.send(GetJoinedRooms::new()).await.unwrap().joined_rooms, std::slice::from_ref(&room));
    // Where not anybody may join, the administrator would have to invite.
    let private = live.room(&alice).await;
    look::refused(admin.send(JoinUserToRoom::new(private.as_str(), &me)).await, 403, ErrorCode::Forbidden);

    admin.send(MakeRoomAdmin::new(room.as_str()).user_id(&me)).await.unwrap();
    let levels = alice.send(GetRoomStateWithKey::new(&room, "m.room.power_levels", "")).await.unwrap();
    assert_eq!(levels.content.decode::<Value>().unwrap()["users"][me.as_str()], 100);
    // Without a name it is the administrator, who is invited if need be.
    admin.send(MakeRoomAdmin::new(private.as_str())).await.unwrap();
    let invited = GetRoomStateWithKey::new(&private, "m.room.member", look::me(&admin).await.as_str());
    let invited = alice.send(invited).await.unwrap();
    assert_eq!(invited.content.field::<String>("membership").unwrap().as_deref(), Some("invite"));
}

#[tokio::test]
async fn forward_extremities() {
    let live = Live::new("admin_rooms::forward_extremities");
    let (admin, alice) = (live.admin().await, live.login(Account::Alice).await);
    let room = live.room(&alice).await;
    let last = live.text(&alice, &room, "the end").await;
    let ends = admin.send(ListForwardExtremities::new(room.as_str())).await.unwrap();
    let [end] = ends.results.as_slice() else { panic!("{ends:?}") };
    assert_eq!((ends.count, &end.event_id), (1, &last));
    assert!(end.depth > 5 && end.state_group > 0, "{end:?}");
    assert!(end.received_ts.unwrap() > UnixMillis(1_600_000_000_000), "{end:?}");
    assert_eq!(admin.send(DeleteForwardExtremities::new(room.as_str())).await.unwrap().deleted, 0);
    let nowhere = ListForwardExtremities::new("!nowhere:example.org");
    assert_eq!(admin.send(nowhere).await.unwrap().count, 0);
    let nothing = ListForwardExtremities::new(format!("#{}:{}", unique("nothing"), live.server_name()));
    look::refused(admin.send(nothing).await, 404, ErrorCode::NotFound);
}

#[tokio::test]
async fn history() {
    let live = Live::new("admin_rooms::history");
    let (admin, alice) = (live.admin().await, live.login(Account::Alice).await);
    let room = live.room(&alice).await;
    let mut said = Vec::new();
    for number in 0..4 {
        said.push(live.text(&alice, &room, &format!("number {number}")).await);
    }
    let ask = || ListRoomMessages::new(&room).dir(Direction::Backward).limit(3);
    let first = admin.send(ask()).await.unwrap();
    assert_eq!(look::bodies(&first.chunk), ["number 3", "number 2", "number 1"]);
    let second = admin.send(ask().from(first.end.unwrap())).await.unwrap();
    assert_eq!(look::bodies(&second.chunk), ["number 0"]);
    let raw = admin.send(ask().raw(EventForm::Federation)).await.unwrap();
    assert!(look::field(&raw.chunk[0], "auth_events").is_array(), "{}", raw.chunk[0].json());
    assert_eq!(look::field(&raw.chunk[0], "user_id"), Value::Null);

    let context = admin.send(GetRoomEventContext::new(&room, &said[2]).limit(2)).await.unwrap();
    assert_eq!(look::id(&context.event), said[2]);
    assert_eq!(look::ids(&context.events_before), [said[1].clone()]);
    assert_eq!(look::ids(&context.events_after), [said[3].clone()]);
    assert!(context.state.iter().any(|event| look::kind(event) == "m.room.create"));
    let before = ListRoomMessages::new(&room).dir(Direction::Backward).from(context.start).limit(1);
    assert_eq!(look::ids(&admin.send(before).await.unwrap().chunk), [said[0].clone()]);

    let found =
        admin.send(FindRoomEventByTimestamp::new(&room, UnixMillis::now()).dir(Direction::Backward)).await.unwrap();
    assert_eq!(found.event_id, said[3]);
    let sent = look::field(&first.chunk[0], "origin_server_ts").as_i64().unwrap();
    assert_eq!(found.origin_server_ts, UnixMillis(sent));

    let event = admin.send(FetchEvent::new(&said[0])).await.unwrap().event;
    assert_eq!(event.field::<EventId>("event_id").unwrap(), Some(said[0].clone()));
    assert_eq!(event.field::<Value>("content").unwrap().unwrap()["body"], "number 0");
    assert!(event.field::<Value>("hashes").unwrap().is_some(), "the form that servers use");
    look::refused(admin.send(FetchEvent::new("$nothing")).await, 404, ErrorCode::NotFound);
}

#[tokio::test]
async fn delete() {
    let live = Live::new("admin_rooms::delete");
    let (admin, alice) = (live.admin().await, live.new_user().await);
    let (room, name) = named(&alice).await;
    look::refused(admin.send(ListRoomDeleteTasks::new(&room)).await, 404, ErrorCode::NotFound);
    let delete = DeleteRoom::new(&room)
        .new_room_user_id(look::me(&admin).await)
        .room_name("Gone")
        .message("It is gone.")
        .block(true)
        .purge(true);
    let id = admin.send(delete).await.unwrap().delete_id;
    let task = deleted(&admin, &id).await.task;
    assert_eq!((task.status, &task.delete_id, &task.room_id), (TaskStatus::Complete, &id, &room));
    let result = task.shutdown_room.unwrap();
    assert_eq!(result.kicked_users, [look::me(&alice).await]);
    assert!(result.failed_to_kick_users.is_empty());
    let alias = RoomAlias::from(format!("#{name}:{}", live.server_name()));
    assert_eq!(result.local_aliases, [alias]);
    let new = result.new_room_id.unwrap();
    assert_eq!(alice.send(GetJoinedRooms::new()).await.unwrap().joined_rooms, [new]);

    let tasks = admin.send(ListRoomDeleteTasks::new(&room)).await.unwrap().results;
    assert_eq!(tasks.iter().map(|task| &task.delete_id).collect::<Vec<_>>(), [&id]);
    let all = ListScheduledTasks::new()
        .action_name(["shutdown_and_purge_room"])
        .resource_id(room.as_str())
        .status([TaskStatus::Complete, TaskStatus::Failed]);
    let all = admin.send(all).await.unwrap().scheduled_tasks;
    assert_eq!((all.len(), &all[0].id, all[0].error.as_ref()), (1, &id, None));
    assert_eq!((all[0].resource_id.as_deref(), &all[0].status), (Some(room.as_str()), &TaskStatus::Complete));
    assert!(all[0].timestamp_ms > UnixMillis(1_600_000_000_000));
    assert!(all[0].result.as_ref().unwrap().field::<Value>("kicked_users").unwrap().is_some());
    look::refused(admin.send(GetRoomDetails::new(&room)).await, 404, ErrorCode::NotFound);
    assert!(admin.send(GetRoomBlock::new(&room)).await.unwrap().block);
    look::refused(admin.send(GetRoomDeleteTask::new("none")).await, 404, ErrorCode::NotFound);
}

#[tokio::test]
async fn delete_at_once() {
    let live = Live::new("admin_rooms::delete_at_once");
    let (admin, alice) = (live.admin().await, live.new_user().await);
    let (room, _) = named(&alice).await;
    let gone = admin.send(DeleteRoomSync::new(&room)).await.unwrap();
    assert_eq!(gone.result.kicked_users, [look::me(&alice).await]);
    assert_eq!(gone.result.new_room_id, None);
    look::refused(admin.send(GetRoomDetails::new(&room)).await, 404, ErrorCode::NotFound);
    // A room that is not there counts as deleted.
    let nothing = admin.send(DeleteRoomSync::new("!nowhere:example.org")).await.unwrap();
    assert!(nothing.result.kicked_users.is_empty());
}

#[tokio::test]
async fn purge_history() {
    let live = Live::new("admin_rooms::purge_history");
    let (admin, alice) = (live.admin().await, live.login(Account::Alice).await);
    let room = live.room(&alice).await;
    let old = live.text(&alice, &room, "old").await;
    let new = live.text(&alice, &room, "new").await;
    let purge = PurgeRoomHistory::new(&room).delete_local_events(true).purge_up_to_event_id(&new);
    let id = admin.send(purge).await.unwrap().purge_id;
    purged(&admin, &id).await;
    look::refused(admin.send(FetchEvent::new(&old)).await, 404, ErrorCode::NotFound);
    admin.send(FetchEvent::new(&new)).await.unwrap();

    let newest = live.text(&alice, &room, "newest").await;
    let purge = PurgeRoomHistoryToEvent::new(&room, &newest).delete_local_events(true);
    let id = admin.send(purge).await.unwrap().purge_id;
    purged(&admin, &id).await;
    look::refused(admin.send(FetchEvent::new(&new)).await, 404, ErrorCode::NotFound);
    look::refused(admin.send(PurgeRoomHistory::new(&room)).await, 400, ErrorCode::BadJson);
    look::refused(admin.send(PurgeRoomHistory::new(&room).purge_up_to_ts(1)).await, 404, ErrorCode::NotFound);
}

async fn purged(admin: &Client, id: &str) {
    use matrix_api::synapse_admin::get_purge_history_status::PurgeStatus;
    for _ in 0..600 {
        let job = admin.send(GetPurgeHistoryStatus::new(id)).await.unwrap();
        assert_eq!(job.error, None);
        match job.status {
            PurgeStatus::Complete => return,
            status => assert_eq!(status, PurgeStatus::Active),
        }
        tokio::time::sleep(std::time::Duration::from_millis(100)).await;
    }
    panic!("the history is not purged after a minute");
}
