//! Files and their quarantine, as a server administrator sees them.
#![allow(deprecated, reason = "the old ways still have to work")]

use matrix_api::client_server::{CreateContent, GetContentAuthed, SendMessage, UploadContent};
use matrix_api::synapse_admin::get_user_media_statistics::UserMediaOrder;
use matrix_api::synapse_admin::types::{Direction, MediaOrder};
use matrix_api::synapse_admin::*;
use matrix_api::{Client, ErrorCode, MxcUri, RoomId, ServerName, UnixMillis, json};
use matrix_api_tests::live::{Account, Live, unique};

use crate::look;

/// Uploads something that nothing else is equal to, since quarantine goes by content, and gives its media id.
async fn upload(client: &Client, name: &str, length: usize) -> String {
    let mut bytes = unique("content").into_bytes();
    bytes.resize(length, b'.');
    let upload = UploadContent::new(bytes).content_type("text/plain").filename(name);
    let uri = client.send(upload).await.unwrap().content_uri;
    uri.parts().unwrap().1.to_owned()
}

/// A message with a file.
async fn post(client: &Client, room: &RoomId, server: &str, media: &str) {
    let url = MxcUri::from_parts(server, media);
    let content = json!({"msgtype": "m.file", "body": "file", "url": url.as_str()});
    client.send(SendMessage::new(room, "m.room.message", content)).await.unwrap();
}

async fn quarantined_by(admin: &Client, server: &ServerName, media: &str) -> Option<String> {
    admin.send(GetMediaInfo::new(server, media)).await.unwrap().media_info.quarantined_by
}

#[tokio::test]
async fn information() {
    let live = Live::new("admin_media::information");
    let (admin, alice) = (live.login(Account::Admin).await, live.new_user().await);
    let server = ServerName::from(live.server_name());
    let media = upload(&alice, "note.txt", 1234).await;
    let info = admin.send(GetMediaInfo::new(&server, &media)).await.unwrap().media_info;
    assert_eq!((&info.media_id, info.media_origin, info.filesystem_id), (&media, None, None));
    assert_eq!((info.user_id, info.media_type.as_deref()), (Some(look::me(&alice).await), Some("text/plain")));
    assert_eq!((info.media_length, info.upload_name.as_deref()), (Some(1234), Some("note.txt")));
    assert_eq!((info.url_cache, info.quarantined_by, info.last_access_ts), (None, None, None));
    assert_eq!(info.sha256.map(|hash| hash.len()), Some(64));
    // SQLite answers with 0.
    assert_eq!((info.authenticated, info.safe_from_quarantine), (Some(false), Some(false)));
    assert!(info.created_ts > UnixMillis(1_600_000_000_000));
    look::refused(admin.send(GetMediaInfo::new(&server, "none")).await, 404, ErrorCode::NotFound);

    // Announced, and never uploaded.
    let uri = alice.send(CreateContent::new()).await.unwrap().content_uri;
    let info = admin.send(GetMediaInfo::new(&server, uri.parts().unwrap().1)).await.unwrap().media_info;
    assert_eq!((info.media_type, info.media_length, info.sha256), (None, None, None));
}

#[tokio::test]
async fn of_a_user() {
    let live = Live::new("admin_media::of_a_user");
    let (admin, alice) = (live.login(Account::Admin).await, live.new_user().await);
    let me = look::me(&alice).await;
    let small = upload(&alice, "small", 100).await;
    let large = upload(&alice, "large", 3000).await;
    let middle = upload(&alice, "middle", 200).await;
    let ask = || ListUserMedia::new(&me).order_by(MediaOrder::MediaLength).dir(Direction::Backward).limit(2);
    let ids =
        |page: &ListUserMediaResponse| -> Vec<String> { page.media.iter().map(|one| one.media_id.clone()).collect() };
    let first = admin.send(ask()).await.unwrap();
    assert_eq!((ids(&first), first.total), (vec![large.clone(), middle.clone()], 3));
    assert_eq!((first.media[0].user_id.as_ref(), first.media[0].safe_from_quarantine), (Some(&me), false));
    let second = admin.send(ask().from(first.next_token.unwrap())).await.unwrap();
    assert_eq!((ids(&second), second.next_token), (vec![small.clone()], None));

    let usage = GetUserMediaStatistics::new()
        .search_term(me.localpart().unwrap())
        .order_by(UserMediaOrder::MediaCount)
        .from_ts(UnixMillis(1))
        .until_ts(UnixMillis(i64::from(u32::MAX) * 1000));
    let usage = admin.send(usage).await.unwrap();
    let [user] = usage.users.as_slice() else { panic!("{usage:?}") };
    assert_eq!((&user.user_id, user.media_count, user.media_length, usage.total), (&me, 3, Some(3300), 1));
    if !live.delegates_login() {
        assert_eq!(user.displayname.as_deref(), me.localpart());
    }

    let page = DeleteUserMedia::new(&me).order_by(MediaOrder::MediaLength).dir(Direction::Backward).limit(1);
    let gone = admin.send(page).await.unwrap();
    assert_eq!((gone.deleted_media, gone.total), (vec![large], 1));
    let rest = admin.send(DeleteUserMedia::new(&me)).await.unwrap();
    assert_eq!((rest.deleted_media, rest.total), (vec![middle, small], 2));
    assert_eq!(admin.send(ListUserMedia::new(&me)).await.unwrap().total, 0);
    look::refused(admin.send(ListUserMedia::new("@nobody:example.org")).await, 400, ErrorCode::Unknown);
}

#[tokio::test]
async fn delete() {
    let live = Live::new("admin_media::delete");
    let (admin, alice) = (live.login(Account::Admin).await, live.new_user().await);
    let server = ServerName::from(live.server_name());
    let media = upload(&alice, "one", 60).await;
    let gone = admin.send(DeleteMedia::new(&server, &media)).await.unwrap();
    assert_eq!((gone.deleted_media, gone.total), (vec![media.clone()], 1));
    look::refused(admin.send(DeleteMedia::new(&server, &media)).await, 404, ErrorCode::NotFound);
    look::refused(admin.send(DeleteMedia::new("example.org", &media)).await, 400, ErrorCode::Unknown);

    // Larger than what any other test uploads, so that nothing of theirs goes.
    let huge = upload(&alice, "huge", 6_000_000).await;
    let later = UnixMillis(UnixMillis::now().get() + 60_000);
    let gone = admin.send(DeleteMediaByDateOrSize::new(later).size_gt(5_500_000).keep_profiles(true)).await.unwrap();
    assert_eq!((gone.deleted_media, gone.total), (vec![huge], 1));
    let legacy = DeleteMediaByDateOrSizeLegacy::new(&server, later).size_gt(5_500_000);
    assert_eq!(admin.send(legacy).await.unwrap().total, 0);
    look::refused(
        admin.send(DeleteMediaByDateOrSize::new(UnixMillis(1_700_000_000))).await,
        400,
        ErrorCode::InvalidParam,
    );

    // Nothing is from before 1971.
    let purged = admin.send(PurgeRemoteMediaCache::new(UnixMillis(30_000_000_000))).await.unwrap();
    assert_eq!(purged.deleted, 0);
}

#[tokio::test]
async fn of_a_room() {
    let live = Live::new("admin_media::of_a_room");
    let (admin, alice) = (live.login(Account::Admin).await, live.new_user().await);
    let server = ServerName::from(live.server_name());
    let room = live.room(&alice).await;
    let media = upload(&alice, "posted", 60).await;
    post(&alice, &room, server.as_str(), &media).await;
    post(&alice, &room, "example.org", "elsewhere").await;
    let all = admin.send(ListRoomMedia::new(&room)).await.unwrap();
    assert_eq!(all.local, [MxcUri::from_parts(server.as_str(), &media)]);
    assert_eq!(all.remote, [MxcUri::from_parts("example.org", "elsewhere")]);

    assert_eq!(admin.send(QuarantineRoomMedia::new(&room)).await.unwrap().num_quarantined, 1);
    assert_eq!(quarantined_by(&admin, &server, &media).await, Some(look::me(&admin).await.to_string()));
    assert_eq!(admin.send(QuarantineRoomMediaLegacy::new(&room)).await.unwrap().num_quarantined, 1);
    let get = GetContentAuthed::new(&server, &media);
    look::refused(alice.send(get).await, 404, ErrorCode::NotFound);
}

#[tokio::test]
async fn quarantine() {
    let live = Live::new("admin_media::quarantine");
    let (admin, alice) = (live.login(Account::Admin).await, live.new_user().await);
    let server = ServerName::from(live.server_name());
    let (media, safe) = (upload(&alice, "bad", 60).await, upload(&alice, "good", 61).await);
    admin.send(ProtectMedia::new(&safe)).await.unwrap();
    let info = admin.send(GetMediaInfo::new(&server, &safe)).await.unwrap().media_info;
    assert_eq!(info.safe_from_quarantine, Some(true));
    look::refused(admin.send(ProtectMedia::new("none")).await, 404, ErrorCode::Unknown);

    assert_eq!(admin.send(QuarantineUserMedia::new(look::me(&alice).await)).await.unwrap().num_quarantined, 1);
    admin.send(UnquarantineMedia::new(&server, &media)).await.unwrap();
    assert_eq!(quarantined_by(&admin, &server, &media).await, None);
    admin.send(QuarantineMedia::new(&server, &media)).await.unwrap();
    admin.send(QuarantineMedia::new(&server, &safe)).await.unwrap();
    assert!(quarantined_by(&admin, &server, &media).await.is_some());
    assert_eq!(quarantined_by(&admin, &server, &safe).await, None);
    admin.send(UnprotectMedia::new(&safe)).await.unwrap();
    admin.send(QuarantineMedia::new(&server, &safe)).await.unwrap();
    assert!(quarantined_by(&admin, &server, &safe).await.is_some());

    let mut seen = Vec::new();
    let mut page = admin.send(ListQuarantineChanges::new()).await.unwrap();
    while !page.changes.is_empty() {
        seen.extend(page.changes.into_iter().filter(|change| change.media_id == media));
        page = admin.send(ListQuarantineChanges::new().from(page.next_batch)).await.unwrap();
    }
    // SQLite answers with 1 and 0.
    assert_eq!(seen.iter().map(|change| change.quarantined).collect::<Vec<_>>(), [true, false, true]);
    assert!(seen.iter().all(|change| change.origin == server));
    look::refused(admin.send(ListQuarantineChanges::new().from(1_000_000_000)).await, 400, ErrorCode::InvalidParam);
}

/// SQLite has no truth values and Synapse passes on the numbers of some. Of all members that the admin tests see, these
/// and those of `admin_user_data::media` are what PostgreSQL has in another form.
#[tokio::test]
async fn truth_values() {
    let live = Live::new("admin_media::truth_values");
    let (admin, alice) = (live.login(Account::Admin).await, live.new_user().await);
    let server = ServerName::from(live.server_name());
    let media = upload(&alice, "note.txt", 60).await;
    admin.send(QuarantineMedia::new(&server, &media)).await.unwrap();
    let numbers = |members: Vec<String>| -> Vec<String> {
        let told = members.iter().map(|member| format!("{member} should be true or false but is a number"));
        told.filter(|_| !live.is_postgres()).collect()
    };
    let info = admin.send_full(GetMediaInfo::new(&server, &media)).await.unwrap();
    let told: Vec<_> = info.warnings().iter().map(ToString::to_string).collect();
    let members = ["authenticated", "safe_from_quarantine"].map(|name| format!("media_info.{name}"));
    assert_eq!(told, numbers(members.into()));

    let page = admin.send_full(ListQuarantineChanges::new()).await.unwrap();
    let told: Vec<_> = page.warnings().iter().map(ToString::to_string).collect();
    let members = (0..page.value.changes.len()).map(|at| format!("changes[{at}].quarantined"));
    assert_eq!(told, numbers(members.collect()));
    assert!(!page.value.changes.is_empty());
}
