//! Lists of the admin API, followed over three pages and more.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use matrix_api::admin::{Paged, SynapseAdmin};
use matrix_api::client_server::{CreateRoom, QueryKeys, ReportEvent, ReportUser, SetProfileField, UploadContent};
use matrix_api::synapse_admin::*;
use matrix_api::{Client, ServerName, UserId, json};
use matrix_api_tests::live::{Account, Live, unique};

use crate::look;

/// An administrator, and how many answers came so far.
async fn counted(live: &Live) -> (SynapseAdmin, Arc<AtomicUsize>) {
    let session = live.login(Account::Admin).await.session().unwrap();
    let answers = Arc::new(AtomicUsize::new(0));
    let count = answers.clone();
    let builder = Client::builder().session(session).observer(Arc::new(move |_| {
        count.fetch_add(1, Ordering::SeqCst);
    }));
    (builder.build().await.unwrap().synapse_admin().await.unwrap(), answers)
}

/// All items of a list whose pages have one each: three, and a page for each of them.
async fn walk<R: Paged>(live: &Live, request: R) -> Vec<R::Item>
where
    R::Response: Send,
{
    let (admin, answers) = counted(live).await;
    let before = answers.load(Ordering::SeqCst);
    let items = admin.pages(request.clone()).collect().await.unwrap();
    let pages = answers.load(Ordering::SeqCst) - before;
    assert_eq!((items.len(), pages), (3, 3), "{}", R::METADATA.id);
    assert_eq!(admin.pages(request).max_items(2).collect().await.unwrap().len(), 2);
    assert_eq!(answers.load(Ordering::SeqCst) - before - pages, 2, "{}", R::METADATA.id);
    items
}

async fn upload(client: &Client) -> String {
    let uri = client.send(UploadContent::new(unique("a file of one page"))).await.unwrap().content_uri;
    uri.as_str().rsplit('/').next().unwrap().to_owned()
}

#[tokio::test]
async fn media() {
    let live = Live::new("admin_pages::media");
    let alice = live.new_user().await;
    let me = look::me(&alice).await;
    let mut files = Vec::new();
    for _ in 0..3 {
        files.push(upload(&alice).await);
    }
    let seen = walk(&live, ListUserMedia::new(&me).limit(1)).await;
    // The newest first.
    files.reverse();
    assert_eq!(seen.into_iter().map(|file| file.media_id).collect::<Vec<_>>(), files);
    let (admin, _) = counted(&live).await;
    let mut stream = admin.user_media(&me);
    assert!(stream.next().await.unwrap().is_ok());
    assert_eq!(stream.total(), Some(3));
}

#[tokio::test]
async fn users() {
    let live = Live::new("admin_pages::users");
    let name = unique("Walker");
    let mut ids = Vec::new();
    for _ in 0..3 {
        let user = live.new_user().await;
        let id = look::me(&user).await;
        user.send(SetProfileField::new(&id, "displayname", json!({ "displayname": name }))).await.unwrap();
        upload(&user).await;
        ids.push(id);
    }
    ids.sort();
    let sorted = |mut ids: Vec<UserId>| {
        ids.sort();
        ids
    };
    let seen = walk(&live, ListUsersV3::new().name(&*name).limit(1)).await;
    assert_eq!(sorted(seen.into_iter().map(|user| user.name).collect()), ids);
    let usage = walk(&live, GetUserMediaStatistics::new().search_term(&*name).limit(1)).await;
    assert_eq!(sorted(usage.into_iter().map(|user| user.user_id).collect()), ids);
    let seen = walk(&live, ListUsers::new().name(&*name).limit(1)).await;
    assert_eq!(sorted(seen.into_iter().map(|user| user.name).collect()), ids);
}

#[tokio::test]
async fn rooms() {
    let live = Live::new("admin_pages::rooms");
    let (alice, name) = (live.new_user().await, unique("corridor"));
    let (mut rooms, mut ids) = (Vec::new(), Vec::new());
    for _ in 0..3 {
        rooms.push(alice.send(CreateRoom::new().name(&*name)).await.unwrap().room_id);
    }
    // The server puts them on the list in its own time.
    let (admin, _) = counted(&live).await;
    for _ in 0..600 {
        let list = ListRooms::new().search_term(&*name);
        if admin.send(list).await.unwrap().total_rooms == 3 {
            break;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    for room in walk(&live, ListRooms::new().search_term(&*name).limit(1)).await {
        ids.push(room.room_id);
    }
    rooms.sort();
    ids.sort();
    assert_eq!(ids, rooms);
}

#[tokio::test]
async fn reports() {
    let live = Live::new("admin_pages::reports");
    let (author, reader) = (live.new_user().await, live.new_user().await);
    let reader_id = look::me(&reader).await;
    let room = live.shared_room(&author, &reader).await;
    let mut events = Vec::new();
    let mut users = Vec::new();
    for number in 0..3 {
        events.push(live.text(&author, &room, &format!("fish {number}")).await);
        reader.send(ReportEvent::new(&room, &events[number]).reason("spam")).await.unwrap();
        users.push(look::me(&live.new_user().await).await);
        reader.send(ReportUser::new(&users[number], "sells fish")).await.unwrap();
    }
    let seen = walk(&live, ListEventReports::new().user_id(reader_id.as_str()).limit(1)).await;
    // The newest first.
    events.reverse();
    users.reverse();
    assert_eq!(seen.into_iter().map(|report| report.event_id).collect::<Vec<_>>(), events);
    let seen = walk(&live, ListUserReports::new().user_id(reader_id.as_str()).limit(1)).await;
    assert_eq!(seen.into_iter().map(|report| report.target_user_id).collect::<Vec<_>>(), users);
}

#[tokio::test]
async fn destinations() {
    let live = Live::new("admin_pages::destinations");
    let alice = live.new_user().await;
    // Nothing listens there, of which the server makes a note.
    let servers = ["127.0.0.1:2", "127.0.0.1:3", "127.0.0.1:4"].map(ServerName::from);
    let one = |server: &ServerName| (UserId::from(format!("@somebody:{server}")), vec![]);
    alice.send(QueryKeys::new(BTreeMap::from_iter(servers.iter().map(one)))).await.unwrap();
    let (admin, _) = counted(&live).await;
    let list = || ListDestinations::new().destination("127.0.0.1:");
    for _ in 0..600 {
        if admin.send(list()).await.unwrap().total == 3 {
            break;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    let mut seen: Vec<_> = walk(&live, list().limit(1)).await.into_iter().map(|entry| entry.destination).collect();
    seen.sort();
    assert_eq!(seen, servers);
}

#[tokio::test]
async fn quarantine_changes() {
    let live = Live::new("admin_pages::quarantine_changes");
    let (admin, _) = counted(&live).await;
    let alice = live.new_user().await;
    let mut old = admin.quarantine_changes();
    while let Some(change) = old.next().await {
        change.unwrap();
    }
    let start = old.position().cloned().unwrap_or_else(|| 0.into());
    // The server puts a hundred on a page.
    let (file, server) = (upload(&alice).await, live.server_name());
    for _ in 0..101 {
        admin.send(QuarantineMedia::new(&server, &file)).await.unwrap();
        admin.send(UnquarantineMedia::new(&server, &file)).await.unwrap();
    }
    let (admin, answers) = counted(&live).await;
    let before = answers.load(Ordering::SeqCst);
    let mut news = admin.pages(ListQuarantineChanges::new().from(&start));
    let mut own = Vec::new();
    while let Some(change) = news.next().await {
        let change = change.unwrap();
        // Others put files into quarantine as well meanwhile.
        if change.media_id == file {
            own.push(change.quarantined);
        }
    }
    assert_eq!(own, [true, false].repeat(101));
    assert!(answers.load(Ordering::SeqCst) - before >= 3);
    // The last page leads to where it began, and nothing new is there.
    let end = news.position().unwrap().clone();
    let more = admin.send(ListQuarantineChanges::new().from(&end)).await.unwrap();
    assert!(more.changes.iter().all(|change| change.media_id != file));
    assert_eq!(
        admin.pages(ListQuarantineChanges::new().from(&start)).max_items(150).collect().await.unwrap().len(),
        150
    );
}
