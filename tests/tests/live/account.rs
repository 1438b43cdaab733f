//! One's own account, and what an administrator sees and does.
#![allow(deprecated, reason = "the old fields are still sent")]

use matrix_api::client_server::deactivate_account::IdServerUnbindResult;
use matrix_api::client_server::{
    ChangePassword, DeactivateAccount, GetAdminLockUser, GetAdminSuspendUser, GetCapabilities, GetTokenOwner, GetWhoIs,
    RequestOpenIdToken, SetAdminLockUser, SetAdminSuspendUser,
};
use matrix_api::{Error, ErrorCode, ErrorKind};
use matrix_api_tests::live::{Account, Live, PASSWORD};
use serde_json::Value;

use crate::uia;

#[tokio::test]
async fn capabilities() {
    let live = Live::new("account::capabilities");
    let client = live.login(Account::Alice).await;
    let can = client.send(GetCapabilities::new()).await.unwrap().capabilities;
    assert!(can.change_password.unwrap().enabled);
    assert!(can.set_displayname.unwrap().enabled);
    assert!(can.set_avatar_url.unwrap().enabled);
    assert!(can.threepid_changes.unwrap().enabled);
    assert!(can.get_login_token.unwrap().enabled);
    assert!(can.profile_fields.unwrap().enabled);
    let versions = can.room_versions.unwrap();
    assert_eq!(versions.available[&versions.default].as_ref(), "stable");
}

#[tokio::test]
async fn new_password() {
    let live = Live::new("account::new_password");
    let here = live.new_user().await;
    let user = here.user_id().unwrap();
    let there = live.anonymous().await;
    there.login_password(user.as_str(), PASSWORD).await.unwrap();

    let change = ChangePassword::new("another password").logout_devices(true);
    let refused = here.send(&change).await.unwrap_err();
    here.send(change.auth(uia::answer(&refused, &here))).await.unwrap();
    assert_eq!(here.send(GetTokenOwner::new()).await.unwrap().user_id, user);
    assert_eq!(there.send(GetTokenOwner::new()).await.unwrap_err().kind(), ErrorKind::SessionEnded);
    let again = live.anonymous().await;
    let refused = again.login_password(user.as_str(), PASSWORD).await.unwrap_err();
    assert_eq!(refused.errcode(), Some(&ErrorCode::Forbidden));
    again.login_password(user.as_str(), "another password").await.unwrap();
}

#[tokio::test]
async fn deactivation() {
    let live = Live::new("account::deactivation");
    let client = live.new_user().await;
    let user = client.user_id().unwrap();
    let refused = client.send(DeactivateAccount::new().erase(true)).await.unwrap_err();
    let request = DeactivateAccount::new().erase(true).auth(uia::answer(&refused, &client));
    let answer = client.send(request).await.unwrap();
    // Nothing was bound, so nothing had to be unbound.
    assert_eq!(answer.id_server_unbind_result, IdServerUnbindResult::Success);
    assert_eq!(client.send(GetTokenOwner::new()).await.unwrap_err().kind(), ErrorKind::SessionEnded);
    let refused = live.anonymous().await.login_password(user.as_str(), PASSWORD).await.unwrap_err();
    assert_eq!(refused.errcode(), Some(&ErrorCode::Forbidden));
}

#[tokio::test]
async fn openid_token() {
    let live = Live::new("account::openid_token");
    let client = live.login(Account::Alice).await;
    let user = client.user_id().unwrap();
    let token = client.send(RequestOpenIdToken::new(&user)).await.unwrap().token;
    assert_eq!(token.token_type, "Bearer");
    assert_eq!(token.matrix_server_name, live.server_name().as_str());
    assert_eq!(token.expires_in, 3600);
    // What an integration does with it.
    let who = client.request(matrix_api::http::Method::GET, "/_matrix/federation/v1/openid/userinfo");
    let who = who.auth(matrix_api::Auth::None).query("access_token", token.access_token.expose());
    assert_eq!(who.send::<Value>().await.unwrap()["sub"], user.as_str());

    let refused = client.send(RequestOpenIdToken::new(live.credentials(Account::Bob).0)).await.unwrap_err();
    assert_eq!(refused.errcode(), Some(&ErrorCode::Forbidden));
}

#[tokio::test]
async fn whois() {
    let live = Live::new("account::whois");
    let admin = live.login(Account::Admin).await;
    let client = live.new_user().await;
    let user = client.user_id().unwrap();
    let answer = admin.send(GetWhoIs::new(&user)).await.unwrap();
    assert_eq!(answer.user_id, Some(user));
    assert!(answer.devices.values().all(|device| !device.sessions.is_empty()));
    let refused = client.send(GetWhoIs::new(admin.user_id().unwrap())).await.unwrap_err();
    assert_eq!(refused.errcode(), Some(&ErrorCode::Forbidden));
}

/// The release that is tested has none of them: they are answered by the fallback for unknown paths.
#[tokio::test]
async fn moderation_is_not_there_yet() {
    let live = Live::new("account::moderation_is_not_there_yet");
    let admin = live.login(Account::Admin).await;
    let user = live.new_user().await.user_id().unwrap();
    let unknown = |error: Error| {
        assert_eq!((error.kind(), error.status().unwrap().as_u16()), (ErrorKind::Unsupported, 404));
        assert_eq!(error.errcode(), Some(&ErrorCode::Unrecognized));
    };
    unknown(admin.send(GetAdminLockUser::new(&user)).await.unwrap_err());
    unknown(admin.send(SetAdminLockUser::new(&user, true)).await.unwrap_err());
    unknown(admin.send(GetAdminSuspendUser::new(&user)).await.unwrap_err());
    unknown(admin.send(SetAdminSuspendUser::new(&user, true)).await.unwrap_err());
}
