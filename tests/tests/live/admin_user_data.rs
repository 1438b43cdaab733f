//! What the server keeps of a user.

use matrix_api::client_server::post_pusher::{PusherData, PusherFormat};
use matrix_api::client_server::{
    CreateContent, InviteUser, LeaveRoom, PostPusher, SetAccountData, SetAccountDataPerRoom, UploadContent,
};
use matrix_api::synapse_admin::list_user_memberships::Membership;
use matrix_api::synapse_admin::list_user_pushers::PusherKind;
use matrix_api::synapse_admin::types::{Direction, MediaOrder};
use matrix_api::synapse_admin::{
    DeleteUserMedia, GetUserAccountData, GetUserCumulativeJoinedRoomCount, GetUserSentInviteCount, ListUserJoinedRooms,
    ListUserMedia, ListUserMemberships, ListUserPushers,
};
use matrix_api::{ErrorCode, UnixMillis, json};
use matrix_api_tests::live::{Account, Live, unique};

use crate::look;

#[tokio::test]
async fn rooms() {
    let live = Live::new("admin_user_data::rooms");
    let (admin, owner, client) = (live.admin().await, live.new_user().await, live.new_user().await);
    let user = look::me(&client).await;
    let start = UnixMillis::now().get() - 60_000;
    let (stays, left, own) =
        (live.shared_room(&owner, &client).await, live.shared_room(&owner, &client).await, live.room(&client).await);
    client.send(LeaveRoom::new(&left)).await.unwrap();
    client.send(InviteUser::new(&own, look::me(&owner).await)).await.unwrap();

    let joined = admin.send(ListUserJoinedRooms::new(&user)).await.unwrap();
    assert_eq!(joined.total, 2);
    assert!(joined.joined_rooms.contains(&stays) && joined.joined_rooms.contains(&own));
    let all = admin.send(ListUserMemberships::new(&user)).await.unwrap().memberships;
    assert_eq!((&all[&stays], &all[&left], all.len()), (&Membership::Join, &Membership::Leave, 3));
    let invited = admin.send(ListUserMemberships::new(look::me(&owner).await)).await.unwrap().memberships;
    assert_eq!(invited[&own], Membership::Invite);

    let joins = async |since: i64| {
        let count = GetUserCumulativeJoinedRoomCount::new(&user, since);
        admin.send(count).await.unwrap().cumulative_joined_room_count
    };
    assert_eq!((joins(start).await, joins(start + 600_000).await), (3, 0));
    let invites = async |since: i64| admin.send(GetUserSentInviteCount::new(&user, since)).await.unwrap().invite_count;
    assert_eq!((invites(start).await, invites(start + 600_000).await), (1, 0));
    // Nobody asks whether the user exists.
    let nobody = format!("@{}:elsewhere.example", unique("nobody"));
    assert_eq!(admin.send(ListUserJoinedRooms::new(nobody.as_str())).await.unwrap().total, 0);
    assert!(admin.send(ListUserMemberships::new(nobody.as_str())).await.unwrap().memberships.is_empty());
}

#[tokio::test]
async fn account_data() {
    let live = Live::new("admin_user_data::account_data");
    let (admin, client) = (live.admin().await, live.new_user().await);
    let (user, room) = (look::me(&client).await, live.room(&client).await);
    client.send(SetAccountData::new(&user, "org.example.tea", json!({"kind": "green"}))).await.unwrap();
    client.send(SetAccountDataPerRoom::new(&user, &room, "org.example.cup", json!({"n": 2}))).await.unwrap();
    let data = admin.send(GetUserAccountData::new(&user)).await.unwrap().account_data;
    assert_eq!(data.global["org.example.tea"].json(), r#"{"kind":"green"}"#);
    assert_eq!(data.rooms[&room]["org.example.cup"].json(), r#"{"n":2}"#);
    let nobody = GetUserAccountData::new(format!("@{}:{}", unique("nobody"), live.server_name()));
    look::refused(admin.send(nobody).await, 404, ErrorCode::NotFound);
}

#[tokio::test]
async fn pushers() {
    let live = Live::new("admin_user_data::pushers");
    let (admin, client) = (live.admin().await, live.new_user().await);
    let user = look::me(&client).await;
    assert_eq!(admin.send(ListUserPushers::new(&user)).await.unwrap().total, 0);
    let data = PusherData::new().url("http://127.0.0.1:9/_matrix/push/v1/notify").format(PusherFormat::EventIdOnly);
    let pusher = PostPusher::new("key", Some("http".to_owned()), "app").app_display_name("App");
    let pusher = pusher.device_display_name("Phone").profile_tag("tag").lang("en").data(data);
    client.send(pusher).await.unwrap();
    let answer = admin.send(ListUserPushers::new(&user)).await.unwrap();
    let [one] = &answer.pushers[..] else { panic!("one pusher, not {answer:?}") };
    assert_eq!((one.pushkey.as_str(), one.app_id.as_str(), &one.kind), ("key", "app", &PusherKind::Http));
    assert_eq!((one.app_display_name.as_str(), one.device_display_name.as_str()), ("App", "Phone"));
    assert_eq!((one.lang.as_deref(), one.profile_tag.as_str(), one.enabled), (Some("en"), "tag", true));
    assert_eq!(one.device_id, client.whoami().await.unwrap().device_id);
    let url = one.data.as_ref().unwrap().field::<String>("url").unwrap();
    assert!(url.unwrap().ends_with("/notify"));
    assert_eq!(answer.total, 1);
}

#[tokio::test]
async fn media() {
    let live = Live::new("admin_user_data::media");
    let (admin, client) = (live.admin().await, live.new_user().await);
    let user = look::me(&client).await;
    let mut ids = Vec::new();
    for (name, size) in [("b.txt", 3), ("a.txt", 2)] {
        let upload = UploadContent::new(vec![b'x'; size]).content_type("text/plain").filename(name);
        let uri = client.send(upload).await.unwrap().content_uri;
        ids.push(uri.parts().unwrap().1.to_owned());
    }
    client.send(CreateContent::new()).await.unwrap();
    let list = ListUserMedia::new(&user).order_by(MediaOrder::MediaLength).dir(Direction::Backward);
    let full = live.login(Account::Admin).await.send_full(&list).await.unwrap();
    let warnings: Vec<_> = full.warnings().iter().map(ToString::to_string).collect();
    // SQLite has no truth values. What it passes on as numbers is read all the same.
    let known: Vec<_> =
        (0..3).map(|at| format!("media[{at}].authenticated should be true or false but is a number")).collect();
    assert_eq!(warnings, if live.is_postgres() { Vec::new() } else { known });
    // Whether what has no length comes first or last is up to the database.
    let (announced, sent): (Vec<_>, Vec<_>) = full.value.media.iter().partition(|one| one.media_length.is_none());
    let ([announced], [first, second]) = (&announced[..], &sent[..]) else { panic!("three, not {full:?}") };
    assert_eq!((&first.media_id, &second.media_id, full.value.total), (&ids[0], &ids[1], 3));
    assert_eq!((first.media_type.as_deref(), first.media_length), (Some("text/plain"), Some(3)));
    assert_eq!((first.upload_name.as_deref(), first.user_id.as_ref()), (Some("b.txt"), Some(&user)));
    assert!(!first.safe_from_quarantine && first.quarantined_by.is_none() && first.url_cache.is_none());
    assert_eq!(first.authenticated, Some(false));
    assert_eq!(first.sha256.as_ref().map(String::len), Some(64));
    assert!(first.created_ts <= UnixMillis::now() && first.last_access_ts.is_none());
    assert_eq!(announced.media_type, None);

    let page = live.login(Account::Admin).await.send(list.limit(2)).await.unwrap();
    assert_eq!((page.media.len(), page.next_token), (2, Some(2.into())));
    let delete = DeleteUserMedia::new(&user).order_by(MediaOrder::CreatedTs).dir(Direction::Forward).limit(1);
    let gone = admin.send(delete).await.unwrap();
    assert_eq!((gone.deleted_media, gone.total), (vec![ids[0].clone()], 1));
    assert_eq!(admin.send(DeleteUserMedia::new(&user)).await.unwrap().total, 2);
    assert_eq!(admin.send(ListUserMedia::new(&user)).await.unwrap().total, 0);
}
