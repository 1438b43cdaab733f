//! What is built upon the admin calls: the handle, streams, jobs and batches.

use std::future::IntoFuture;
use std::time::Duration;

use matrix_api::admin::{JobStatus, SynapseAdmin};
use matrix_api::client_server::{GetJoinedRooms, UploadContent};
use matrix_api::synapse_admin::*;
use matrix_api::{Client, ErrorCode, ErrorKind, RoomId, UserId};
use matrix_api_tests::live::{Account, Live, unique};

use crate::look;

const MINUTE: Duration = Duration::from_secs(60);

async fn handle(live: &Live) -> SynapseAdmin {
    live.login(Account::Admin).await.synapse_admin().await.unwrap()
}

async fn is_there(admin: &SynapseAdmin, room: &RoomId) -> bool {
    match admin.send(GetRoomDetails::new(room)).await {
        Ok(_) => true,
        Err(error) => {
            assert!(error.is_not_found(), "{error}");
            false
        }
    }
}

async fn upload(client: &Client, count: usize) {
    for _ in 0..count {
        client.send(UploadContent::new(unique("a file that is like no other"))).await.unwrap();
    }
}

#[tokio::test]
async fn the_handle() {
    let live = Live::new("admin_helpers::the_handle");
    let admin = handle(&live).await;
    assert_eq!(admin.is_delegated(), live.delegates_login());
    assert!(admin.send(GetServerVersion::new()).await.unwrap().server_version.starts_with("1."));
    let error = live.login(Account::Alice).await.synapse_admin().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Rejected);
    let lacking = if live.delegates_login() { "urn:synapse:admin:*" } else { "no server administrator" };
    assert!(error.to_string().contains(lacking), "{error}");
    if live.delegates_login() {
        let error = admin.send(GetUserAdminStatus::new(look::me(admin.client()).await)).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Unsupported, "{error}");
    }
    let error = live.anonymous().await.synapse_admin().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::NotLoggedIn);
}

#[tokio::test]
async fn rooms_are_deleted_in_jobs() {
    let live = Live::new("admin_helpers::rooms_are_deleted_in_jobs");
    let (admin, alice) = (handle(&live).await, live.new_user().await);
    let rooms = [live.room(&alice).await, live.room(&alice).await];
    let cleanup = admin.delete_many(&rooms, DeleteRoom::new);
    assert_eq!(cleanup.plan().unwrap().len(), 2);
    assert!(is_there(&admin, &rooms[0]).await);
    let report = cleanup.await;
    assert!(report.is_success(), "{report}");
    for (room, job) in report.succeeded() {
        // As another process would take it up.
        let result = admin.room_deletion(job.id()).wait().timeout(MINUTE).await.unwrap();
        assert_eq!(result.kicked_users, [look::me(&alice).await]);
        assert!(!is_there(&admin, room).await);
        assert!(matches!(job.status().await.unwrap(), JobStatus::Done(_)));
    }
    let unknown = admin.room_deletion("none").wait().await.unwrap_err();
    assert!(unknown.is_not_found());
}

/// What one has begun and written down, another one finishes: with a login, a client and a batch of its own.
#[tokio::test]
async fn a_clean_up_goes_on_after_a_crash() {
    let live = Live::new("admin_helpers::a_clean_up_goes_on_after_a_crash");
    let alice = live.new_user().await;
    let mut rooms = Vec::new();
    for _ in 0..4 {
        rooms.push(live.room(&alice).await);
    }
    let (journal, mut noted) = tokio::sync::mpsc::unbounded_channel();
    let first = handle(&live).await;
    let batch = first.delete_many(&rooms, DeleteRoom::new).at_once(1).on_progress(move |progress| {
        let _ = journal.send((progress.key.clone(), progress.outcome.unwrap().id().to_owned()));
    });
    let crashed = tokio::spawn(batch.into_future());
    let mut done = vec![noted.recv().await.unwrap()];
    crashed.abort();
    // Unless it was done already.
    let _ = crashed.await;
    drop(first);
    noted.close();
    while let Some(entry) = noted.recv().await {
        done.push(entry);
    }

    let second = handle(&live).await;
    let rest: Vec<_> = rooms.iter().filter(|room| !done.iter().any(|(begun, _)| begun == *room)).collect();
    assert_eq!(rest.len() + done.len(), 4);
    let report = second.delete_many(rest, DeleteRoom::new).await;
    assert!(report.is_success(), "{report}");
    for (room, id) in &done {
        let result = second.room_deletion(id).wait().timeout(MINUTE).await.unwrap();
        assert_eq!(result.kicked_users, [look::me(&alice).await], "{room}");
    }
    for (_, job) in report.succeeded() {
        job.wait().timeout(MINUTE).await.unwrap();
    }
    for room in &rooms {
        assert!(!is_there(&second, room).await, "{room}");
    }
}

#[tokio::test]
async fn history_and_redaction() {
    let live = Live::new("admin_helpers::history_and_redaction");
    let (admin, alice) = (handle(&live).await, live.new_user().await);
    let me = look::me(&alice).await;
    let room = live.room(&alice).await;
    let said = live.text(&alice, &room, "said").await;
    let job = admin.redact_user(RedactUserEvents::new(&me, [&room])).await.unwrap();
    assert!(admin.redaction(job.id()).wait().timeout(MINUTE).await.unwrap().is_empty());
    // The server keeps what it has redacted for a while: how others see it is what has changed.
    let redacted = alice.send(matrix_api::client_server::GetOneRoomEvent::new(&room, &said)).await.unwrap();
    assert_eq!(look::content(&redacted.event), matrix_api::json!({}));

    // In a room of its own: SQLite stumbles over a purge of what was redacted a moment ago.
    let room = live.room(&alice).await;
    let (old, new) = (live.text(&alice, &room, "old").await, live.text(&alice, &room, "new").await);
    let purge = PurgeRoomHistory::new(&room).delete_local_events(true).purge_up_to_event_id(&new);
    let job = admin.purge_history(purge).await.unwrap();
    admin.history_purge(job.id()).wait().timeout(MINUTE).await.unwrap();
    look::refused(admin.send(FetchEvent::new(&old)).await, 404, ErrorCode::NotFound);
    // Whatever another test has queued ends as well.
    admin.background_updates().wait().timeout(MINUTE).await.unwrap();
}

#[tokio::test]
async fn many_users() {
    let live = Live::new("admin_helpers::many_users");
    let admin = handle(&live).await;
    let clients = [live.new_user().await, live.new_user().await];
    let mut users = Vec::new();
    for client in &clients {
        users.push(look::me(client).await);
    }
    let nobody = UserId::from(format!("@{}:{}", unique("nobody"), live.server_name()));
    users.insert(1, nobody.clone());
    let create = matrix_api::client_server::CreateRoom::new().preset("public_chat");
    let room = admin.client().send(create).await.unwrap().room_id;

    let report = admin.join_many(room.as_str(), &users).at_once(2).await;
    assert_eq!(report.failed().map(|(user, _)| user).collect::<Vec<_>>(), [&nobody]);
    assert!(report.failed().all(|(_, error)| error.is_not_found()));
    assert_eq!(clients[0].send(GetJoinedRooms::new()).await.unwrap().joined_rooms, [room]);

    let report = admin.lock_many(&users, true).await;
    assert_eq!(report.succeeded().count(), 2, "{report}");
    assert!(admin.send(GetUser::new(&users[0])).await.unwrap().user.locked == Some(true));
    // Who does not exist was not made.
    look::refused(admin.send(GetUser::new(&nobody)).await, 404, ErrorCode::NotFound);
    assert_eq!(admin.lock_many(&users, false).await.into_rest(), std::slice::from_ref(&nobody));
    assert!(admin.send(GetUser::new(&users[0])).await.unwrap().user.locked == Some(false));

    upload(&clients[0], 3).await;
    let deletion = admin.delete_media_of(&users[0]).page_size(2);
    let plan = deletion.plan().await.unwrap();
    assert_eq!((plan.files.len(), plan.requests.len()), (3, 3));
    // What somebody else deletes meanwhile is gone as well.
    admin.send(DeleteMedia::new(live.server_name(), &plan.files[1].media_id)).await.unwrap();
    upload(&clients[0], 2).await;
    let report = deletion.await;
    assert!(report.is_success() && report.files.items.len() == 4, "{report}");
    assert!(admin.user_media(&users[0]).collect().await.unwrap().is_empty());

    let report = admin.deactivate_many(&users, DeactivateUser::new).await;
    assert_eq!(report.into_rest(), [nobody]);
    assert!(admin.send(GetUser::new(&users[2])).await.unwrap().user.deactivated);
}

#[tokio::test]
async fn registration_by_secret() {
    let live = Live::new("admin_helpers::registration_by_secret");
    let client = live.anonymous().await;
    let name = unique("registered");
    let account = client.register_user(live.registration_secret(), &name, "a long password".to_owned()).admin();
    let account = account.displayname("Röslein").user_type("bot").await;
    if live.delegates_login() {
        return look::refused(account, 404, ErrorCode::Unrecognized);
    }
    let account = account.unwrap();
    assert_eq!(account.user_id.localpart(), Some(name.as_str()));
    let token = account.access_token.unwrap();
    let own = live.builder().access_token(token).build().await.unwrap();
    let admin = Client::synapse_admin(&own).await.unwrap();
    let user = admin.send(GetUser::new(&account.user_id)).await.unwrap().user;
    assert_eq!((user.displayname.as_deref(), user.admin), (Some("Röslein"), true));
    let silent = client.register_user(live.registration_secret(), unique("silent"), "a long password".to_owned());
    assert!(silent.without_login().await.unwrap().access_token.is_none());
    let wrong = client.register_user("wrong".to_owned(), unique("wrong"), "a long password".to_owned()).await;
    look::refused(wrong, 403, ErrorCode::Unknown);
}
