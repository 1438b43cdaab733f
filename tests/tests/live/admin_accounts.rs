//! What a server administrator does to accounts.

use matrix_api::client_server::{GetOneRoomEvent, JoinRoomById, UploadCrossSigningKeys, UploadKeys};
use matrix_api::synapse_admin::deactivate_user::IdServerUnbindResult;
use matrix_api::synapse_admin::get_redact_status::Status;
use matrix_api::synapse_admin::types::ExperimentalFeatures;
use matrix_api::synapse_admin::{
    AllowCrossSigningReplacementWithoutUia, CreateOrModifyUser, DeactivateUser, DeleteUserRatelimit, GetRedactStatus,
    GetUser, GetUserAdminStatus, GetUserExperimentalFeatures, GetUserRatelimit, LoginAsUser, RedactUserEvents,
    ResetUserPassword, SendServerNotice, SendServerNoticeWithTxn, SetUserAdminStatus, SetUserExperimentalFeatures,
    SetUserRatelimit, ShadowBanUser, SuspendUser, UnshadowBanUser,
};
use matrix_api::{Client, ErrorCode, ErrorKind, RoomId, UnixMillis, UserId, json};
use matrix_api_tests::live::{Live, PASSWORD, unique};

use crate::crypto::{Key, cross_signing_key, device_keys};
use crate::look;

#[tokio::test]
async fn suspended() {
    let live = Live::new("admin_accounts::suspended");
    let (admin, client) = (live.admin().await, live.new_user().await);
    let (user, room) = (look::me(&client).await, live.room(&client).await);
    let answer = admin.send(SuspendUser::new(&user, true)).await.unwrap();
    assert_eq!(answer.suspended.into_iter().collect::<Vec<_>>(), [(format!("user_{user}_suspended"), true)]);
    assert_eq!(admin.send(GetUser::new(&user)).await.unwrap().user.suspended, Some(true));
    let refused = client.room(&room).send_text("let me").await.unwrap_err();
    assert_eq!(refused.status().unwrap(), 403);
    assert_eq!(refused.errcode().unwrap().as_str(), "M_USER_SUSPENDED");
    let answer = admin.send(SuspendUser::new(&user, false)).await.unwrap();
    assert!(!answer.suspended[&format!("user_{user}_suspended")]);
    live.text(&client, &room, "thank you").await;
}

#[tokio::test]
async fn shadow_banned() {
    let live = Live::new("admin_accounts::shadow_banned");
    let admin = live.admin().await;
    let user = look::me(&live.new_user().await).await;
    let is_banned = async || admin.send(GetUser::new(&user)).await.unwrap().user.shadow_banned;
    admin.send(ShadowBanUser::new(&user)).await.unwrap();
    assert!(is_banned().await);
    admin.send(UnshadowBanUser::new(&user)).await.unwrap();
    assert!(!is_banned().await);
    let nobody = ShadowBanUser::new(format!("@{}:{}", unique("nobody"), live.server_name()));
    look::refused(admin.send(nobody).await, 404, ErrorCode::Unknown);
}

#[tokio::test]
async fn deactivated_and_back() {
    let live = Live::new("admin_accounts::deactivated_and_back");
    let (admin, client) = (live.admin().await, live.new_user().await);
    let user = look::me(&client).await;
    let gone = admin.send(DeactivateUser::new(&user).erase(true)).await.unwrap();
    assert_eq!(gone.id_server_unbind_result, IdServerUnbindResult::Success);
    let one = admin.send(GetUser::new(&user)).await.unwrap().user;
    assert_eq!((one.deactivated, one.erased, one.displayname), (true, true, None));
    assert_eq!(client.whoami().await.unwrap_err().kind(), ErrorKind::SessionEnded);
    let back = admin.send(CreateOrModifyUser::new(&user).deactivated(false)).await.unwrap().user;
    assert_eq!((back.deactivated, back.erased), (false, false));
}

#[tokio::test]
async fn new_password() {
    let live = Live::new("admin_accounts::new_password");
    let (admin, client) = (live.admin().await, live.new_user().await);
    let user = look::me(&client).await;
    let reset = |word: &str| ResetUserPassword::new(&user, word.to_owned());
    if live.delegates_login() {
        look::refused(admin.send(reset("x")).await, 404, ErrorCode::Unrecognized);
        return;
    }
    admin.send(reset("another long one").logout_devices(false)).await.unwrap();
    assert_eq!(look::me(&client).await, user);
    admin.send(reset("and one more")).await.unwrap();
    assert_eq!(client.whoami().await.unwrap_err().kind(), ErrorKind::SessionEnded);
    let again = live.anonymous().await;
    assert!(again.login_password(user.as_str(), PASSWORD).await.unwrap_err().is_forbidden());
    again.login_password(user.as_str(), "and one more").await.unwrap();
}

#[tokio::test]
async fn administrators() {
    let live = Live::new("admin_accounts::administrators");
    let (admin, client) = (live.admin().await, live.new_user().await);
    let (user, own) = (look::me(&client).await, look::me(&admin).await);
    let status = async |user: &UserId| admin.send(GetUserAdminStatus::new(user)).await.map(|answer| answer.admin);
    if live.delegates_login() {
        look::refused(status(&user).await, 404, ErrorCode::Unrecognized);
        look::refused(admin.send(SetUserAdminStatus::new(&user, true)).await, 404, ErrorCode::Unrecognized);
        return;
    }
    assert_eq!((status(&own).await.unwrap(), status(&user).await.unwrap()), (true, false));
    admin.send(SetUserAdminStatus::new(&user, true)).await.unwrap();
    assert!(status(&user).await.unwrap());
    assert!(client.send(GetUserAdminStatus::new(&own)).await.unwrap().admin);
    admin.send(SetUserAdminStatus::new(&user, false)).await.unwrap();
    assert!(!status(&user).await.unwrap());
    look::refused(admin.send(SetUserAdminStatus::new(&own, false)).await, 400, ErrorCode::Unknown);
}

#[tokio::test]
async fn in_the_place_of_another() {
    let live = Live::new("admin_accounts::in_the_place_of_another");
    let admin = live.admin().await;
    let user = look::me(&live.new_user().await).await;
    let login = LoginAsUser::new(&user).valid_until_ms(UnixMillis::now().get() + 600_000);
    if live.delegates_login() {
        look::refused(admin.send(login).await, 404, ErrorCode::Unrecognized);
        return;
    }
    let token = admin.send(login).await.unwrap().access_token;
    let client = live.builder::<matrix_api::service::Homeserver>().access_token(token).build().await.unwrap();
    let answer = client.whoami().await.unwrap();
    assert_eq!((answer.user_id, answer.device_id), (user, None));
    client.logout().await.unwrap();
    let oneself = LoginAsUser::new(look::me(&admin).await);
    look::refused(admin.send(oneself).await, 400, ErrorCode::Unknown);
}

#[tokio::test]
async fn limits_of_ones_own() {
    let live = Live::new("admin_accounts::limits_of_ones_own");
    let admin = live.admin().await;
    let user = look::me(&live.new_user().await).await;
    let limit = async || {
        let answer = admin.send(GetUserRatelimit::new(&user)).await.unwrap();
        (answer.messages_per_second, answer.burst_count)
    };
    assert_eq!(limit().await, (None, None));
    let set = admin.send(SetUserRatelimit::new(&user).messages_per_second(3).burst_count(20)).await.unwrap();
    assert_eq!((set.messages_per_second, set.burst_count), (3, 20));
    assert_eq!(limit().await, (Some(3), Some(20)));
    let none = admin.send(SetUserRatelimit::new(&user)).await.unwrap();
    assert_eq!((none.messages_per_second, none.burst_count), (0, 0));
    assert_eq!(limit().await, (Some(0), Some(0)));
    admin.send(DeleteUserRatelimit::new(&user)).await.unwrap();
    assert_eq!(limit().await, (None, None));
    let negative = admin.send(SetUserRatelimit::new(&user).burst_count(-1)).await;
    look::refused(negative, 400, ErrorCode::InvalidParam);
}

#[tokio::test]
async fn cross_signing_begun_anew() {
    let live = Live::new("admin_accounts::cross_signing_begun_anew");
    let (admin, client) = (live.admin().await, live.new_user().await);
    let (user, device) = (look::me(&client).await, client.whoami().await.unwrap().device_id.unwrap());
    let allow = AllowCrossSigningReplacementWithoutUia::new(&user);
    look::refused(admin.send(&allow).await, 404, ErrorCode::NotFound);
    let key = Key::of_device(&device);
    client.send(UploadKeys::new().device_keys(device_keys(&user, &device, &key))).await.unwrap();
    let upload = || UploadCrossSigningKeys::new().master_key(cross_signing_key(&user, "master", &Key::new(), &key));
    client.send(upload()).await.unwrap();
    let now = UnixMillis::now().get();
    let until = admin.send(allow).await.unwrap().updatable_without_uia_before_ms.get();
    assert!((now + 500_000..now + 700_000).contains(&until), "{until}");
    let again = client.send(upload()).await;
    // Where the homeserver knows passwords itself, it asks all the same.
    assert_eq!(again.is_ok(), live.delegates_login(), "{again:?}");
}

/// Until the redaction has come to an end, for at most a minute.
async fn redacted(admin: &Client, id: &str) -> matrix_api::synapse_admin::GetRedactStatusResponse {
    for _ in 0..600 {
        let answer = admin.send(GetRedactStatus::new(id)).await.unwrap();
        match answer.status {
            Status::Scheduled | Status::Active => tokio::time::sleep(std::time::Duration::from_millis(100)).await,
            _ => return answer,
        }
    }
    panic!("a minute was not enough");
}

#[tokio::test]
async fn everything_taken_back() {
    let live = Live::new("admin_accounts::everything_taken_back");
    let (admin, alice, client) = (live.admin().await, live.new_user().await, live.new_user().await);
    let user = look::me(&client).await;
    let room = live.shared_room(&alice, &client).await;
    let (first, second) = (live.text(&client, &room, "one").await, live.text(&client, &room, "two").await);
    let kept = live.text(&alice, &room, "three").await;
    let redact = RedactUserEvents::new(&user, [&room]).reason("spam").limit(1).use_admin(false);
    let id = admin.send(redact).await.unwrap().redact_id;
    let answer = redacted(&admin, &id).await;
    assert_eq!((answer.status, answer.error), (Status::Complete, None));
    assert!(answer.failed_redactions.is_empty());
    let body = async |event: &matrix_api::EventId| {
        let event = alice.send(GetOneRoomEvent::new(&room, event)).await.unwrap().event;
        look::content(&event)["body"].as_str().map(str::to_owned)
    };
    // The newest only.
    assert_eq!((body(&first).await.as_deref(), body(&second).await), (Some("one"), None));
    // An empty list stands for every room.
    let everywhere: [RoomId; 0] = [];
    let id = admin.send(RedactUserEvents::new(&user, everywhere)).await.unwrap().redact_id;
    assert_eq!(redacted(&admin, &id).await.status, Status::Complete);
    assert_eq!((body(&first).await, body(&kept).await.as_deref()), (None, Some("three")));
    look::refused(admin.send(GetRedactStatus::new("nothing")).await, 404, ErrorCode::NotFound);
}

#[tokio::test]
async fn experiments_of_one_user() {
    let live = Live::new("admin_accounts::experiments_of_one_user");
    let admin = live.admin().await;
    let user = look::me(&live.new_user().await).await;
    let own = async || admin.send(GetUserExperimentalFeatures::new(&user)).await.unwrap().features;
    let all = |one, other, third| ExperimentalFeatures::new().msc3881(one).msc3575(other).msc4222(third);
    assert_eq!(own().await, all(false, false, false));
    let set = |features| SetUserExperimentalFeatures::new(&user, features);
    admin.send(set(ExperimentalFeatures::new().msc3881(true))).await.unwrap();
    admin.send(set(ExperimentalFeatures::new().msc4222(true))).await.unwrap();
    assert_eq!(own().await, all(true, false, true));
    admin.send(set(ExperimentalFeatures::new().msc3881(false))).await.unwrap();
    assert_eq!(own().await, all(false, false, true));
    let unknown = set(ExperimentalFeatures::new().extra("msc3026", true));
    look::refused(admin.send(unknown).await, 400, ErrorCode::Unknown);
}

#[tokio::test]
async fn notices() {
    let live = Live::new("admin_accounts::notices");
    let (admin, client) = (live.admin().await, live.new_user().await);
    let user = look::me(&client).await;
    let content = |body: &str| json!({"msgtype": "m.text", "body": body});
    let first = admin.send(SendServerNotice::new(&user, content("one"))).await.unwrap().event_id;
    let once = SendServerNoticeWithTxn::new(&user, content("two")).txn_id(unique("txn"));
    let second = admin.send(&once).await.unwrap().event_id;
    assert_eq!(admin.send(&once).await.unwrap().event_id, second);
    assert_ne!(first, second);

    let sync = live.sync_until(&client, |sync| !sync.rooms.as_ref().is_none_or(|rooms| rooms.invite.is_empty())).await;
    let room = sync.rooms.unwrap().invite.into_keys().next().unwrap();
    client.send(JoinRoomById::new(&room)).await.unwrap();
    let event = client.send(GetOneRoomEvent::new(&room, &second)).await.unwrap().event;
    assert_eq!((look::content(&event)["body"].as_str(), look::kind(&event).as_str()), (Some("two"), "m.room.message"));
    let topic = SendServerNotice::new(&user, json!({"topic": "News"})).type_("m.room.topic").state_key("");
    let topic = admin.send(topic).await.unwrap().event_id;
    let event = client.send(GetOneRoomEvent::new(&room, topic)).await.unwrap().event;
    assert_eq!(look::field(&event, "state_key"), "");
    let elsewhere = SendServerNotice::new("@u:elsewhere.example", content("hm"));
    look::refused(admin.send(elsewhere).await, 400, ErrorCode::Unknown);
}
