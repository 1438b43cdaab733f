//! Whom a server does not let in, or lets do less: each is told so, and nothing is half-stored.

use matrix_api::client_server::{DeactivateAccount, GenerateLoginToken};
use matrix_api::service::Homeserver;
use matrix_api::synapse_admin::{CreateOrModifyUser, DeactivateUser, SuspendUser};
use matrix_api::{Client, ErrorCode, ErrorKind};
use matrix_api_tests::live::{Account, Live, PASSWORD, unique};
use matrix_api_tests::programs::OtherHomeserver;
use matrix_api_tests::store::Memory;

use super::with_store;
use crate::look;

#[tokio::test]
async fn who_is_unknown() {
    let live = Live::new("sessions::refused::who_is_unknown");
    let (client, store) = with_store(&live).await;
    let user = look::me(&live.new_user().await).await;
    look::refused(client.login_password(user.as_str(), "wrong").await, 403, ErrorCode::Forbidden);
    look::refused(client.login_password(unique("nobody"), PASSWORD).await, 403, ErrorCode::Forbidden);
    look::refused(client.login_email("nobody@example.org", PASSWORD).await, 403, ErrorCode::Forbidden);
    look::refused(client.login_token("made up").await, 403, ErrorCode::Forbidden);
    look::refused(client.login_password("@somebody:elsewhere.example.org", PASSWORD).await, 403, ErrorCode::Forbidden);
    assert_eq!((client.session(), store.session(), client.user_id()), (None, None, None));
}

/// What another homeserver gave out is worth nothing here, and is not spoilt by the attempt.
#[tokio::test]
async fn who_has_the_token_of_another_homeserver() {
    let live = Live::new("sessions::refused::who_has_the_token_of_another_homeserver");
    let other = OtherHomeserver::start();
    let there = Client::builder().base_url(&other.base_url).store(Memory::default()).build().await.unwrap();
    let theirs = there.login_password(&other.user, other.password.as_str()).await.unwrap();
    assert!(theirs.refresh_token.is_some() && theirs.user_id == other.user.as_str());
    let login_token = there.uia(GenerateLoginToken::new()).password(other.password.as_str()).await.unwrap().login_token;

    let store = Memory::default();
    let with_token = || {
        let token = theirs.access_token.clone().unwrap();
        live.builder::<Homeserver>().access_token(token).store(store.clone())
    };
    for builder in [with_token(), with_token().user_id(&theirs.user_id)] {
        let error = builder.build().await.unwrap_err();
        assert_eq!((error.kind(), error.errcode()), (ErrorKind::SessionEnded, Some(&ErrorCode::UnknownToken)));
        assert_eq!(store.session(), None);
    }
    // A session that was moved here has a refresh token, which is of no use either.
    let mut moved = theirs.clone();
    moved.base_url = live.base_url();
    let client = live.builder::<Homeserver>().session(moved).store(store.clone()).build().await.unwrap();
    let error = client.whoami().await.unwrap_err();
    assert_eq!((error.kind(), error.errcode()), (ErrorKind::SessionEnded, Some(&ErrorCode::UnknownToken)));
    assert_eq!((client.session(), store.session()), (None, None));

    let (client, store) = with_store(&live).await;
    look::refused(client.login_token(login_token).await, 403, ErrorCode::Forbidden);
    assert_eq!((client.session(), store.session()), (None, None));
    there.whoami().await.unwrap();
    assert_eq!(there.session(), Some(theirs));
}

#[tokio::test]
async fn who_is_locked() {
    let live = Live::new("sessions::refused::who_is_locked");
    let admin = live.login(Account::Admin).await;
    let (client, store) = with_store(&live).await;
    let user = look::me(&live.new_user().await).await;
    admin.send(CreateOrModifyUser::new(&user).locked(true)).await.unwrap();
    look::refused(client.login_password(user.as_str(), PASSWORD).await, 401, ErrorCode::UserLocked);
    admin.send(CreateOrModifyUser::new(&user).locked(false)).await.unwrap();
    assert_eq!((client.session(), store.session(), client.user_id()), (None, None, None));
    // One that is locked later waits, and goes on when it is unlocked.
    let session = client.login_password(user.as_str(), PASSWORD).await.unwrap();
    admin.send(CreateOrModifyUser::new(&user).locked(true)).await.unwrap();
    look::refused(client.whoami().await, 401, ErrorCode::UserLocked);
    admin.send(CreateOrModifyUser::new(&user).locked(false)).await.unwrap();
    client.whoami().await.unwrap();
    assert_eq!((client.session(), store.session()), (Some(session.clone()), Some(session)));
}

#[tokio::test]
async fn who_is_suspended() {
    let live = Live::new("sessions::refused::who_is_suspended");
    let admin = live.login(Account::Admin).await;
    let (client, store) = with_store(&live).await;
    let user = look::me(&live.new_user().await).await;
    client.login_password(user.as_str(), PASSWORD).await.unwrap();
    // They may look, and not act.
    let room = live.room(&client).await;
    admin.send(SuspendUser::new(&user, true)).await.unwrap();
    let silenced = client.room(&room).send_text("may I?").await;
    look::refused(silenced, 403, ErrorCode::UserSuspended);
    client.whoami().await.unwrap();
    // They may come and go as well.
    client.logout().await.unwrap();
    let session = client.login_password(user.as_str(), PASSWORD).await.unwrap();
    assert_eq!(store.session(), Some(session));
}

/// The password has gone with the account; only where none is asked for is the server plain about it.
#[tokio::test]
async fn who_is_deactivated() {
    let live = Live::new("sessions::refused::who_is_deactivated");
    let admin = live.login(Account::Admin).await;
    let (client, store) = with_store(&live).await;
    let (by_admin, by_themselves) = (live.new_user().await, live.new_user().await);
    let token = by_admin.uia(GenerateLoginToken::new()).password(PASSWORD).await.unwrap().login_token;
    admin.send(DeactivateUser::new(look::me(&by_admin).await)).await.unwrap();
    by_themselves.uia(DeactivateAccount::new()).password(PASSWORD).await.unwrap();
    for gone in [&by_admin, &by_themselves] {
        let user = gone.user_id().unwrap();
        assert_eq!(gone.whoami().await.unwrap_err().kind(), ErrorKind::SessionEnded);
        look::refused(client.login_password(user.as_str(), PASSWORD).await, 403, ErrorCode::Forbidden);
    }
    look::refused(client.login_token(token).await, 403, ErrorCode::UserDeactivated);
    assert_eq!((client.session(), store.session()), (None, None));

    let bridge = live.appservice().await;
    let user = bridge.register_appservice(unique("_test_gone")).await.unwrap();
    admin.send(CreateOrModifyUser::new(&user).locked(true)).await.unwrap();
    look::refused(bridge.login_appservice(user.as_str()).await, 401, ErrorCode::UserLocked);
    admin.send(CreateOrModifyUser::new(&user).locked(false)).await.unwrap();
    admin.send(DeactivateUser::new(&user)).await.unwrap();
    look::refused(bridge.login_appservice(user.as_str()).await, 403, ErrorCode::UserDeactivated);
    // The service's own token is as it was.
    bridge.whoami().await.unwrap();
}
