//! Coming and going.
#![allow(deprecated, reason = "the old fields are still sent")]

use matrix_api::client_server::types::UserIdentifier;
use matrix_api::client_server::{
    GenerateLoginToken, GetLoginFlows, GetTokenOwner, Login, LoginResponse, Logout, LogoutAll, Refresh,
};
use matrix_api::{Client, ErrorCode, ErrorKind, Secret, Session, UserId};
use matrix_api_tests::live::{Live, PASSWORD};

use crate::uia;

fn password_login(user: &UserId) -> Login {
    let identifier = UserIdentifier::new("m.id.user").extra("user", user.as_str());
    Login::new("m.login.password").identifier(identifier).password(PASSWORD)
}

/// A client that goes on where the answer to a login begins.
async fn continued(live: &Live, user: &UserId, token: &Secret<String>) -> Client {
    let session = Session::new(user, live.base_url()).access_token(token.clone());
    live.builder().session(session).build().await.unwrap()
}

async fn logged_in(live: &Live, answer: &LoginResponse) -> Client {
    continued(live, &answer.user_id, &answer.access_token).await
}

#[tokio::test]
async fn flows() {
    let live = Live::new("login::flows");
    let flows = live.anonymous().await.send(GetLoginFlows::new()).await.unwrap().flows;
    let flow = |name: &str| flows.iter().find(|flow| flow.type_ == name).unwrap();
    assert_eq!(flow("m.login.password").get_login_token, None);
    assert!(flow("m.login.password").identity_providers.is_empty());
    assert_eq!(flow("m.login.token").get_login_token, Some(true));
    let [provider] = flow("m.login.sso").identity_providers.as_slice() else { panic!("one provider is set up") };
    assert_eq!((provider.id.as_str(), provider.name.as_str()), ("cas", "Test CAS"));
    assert_eq!(provider.icon, None);
}

#[tokio::test]
async fn in_and_out() {
    let live = Live::new("login::in_and_out");
    let user = live.new_user().await.user_id().unwrap();
    let anonymous = live.anonymous().await;
    let login = password_login(&user).device_id("LAPTOP").initial_device_display_name("My laptop");
    let answer = anonymous.send(&login).await.unwrap();
    assert_eq!(answer.user_id, user);
    assert_eq!(answer.device_id, "LAPTOP");
    assert_eq!(answer.home_server.as_ref().unwrap(), &live.server_name().as_str());
    assert_eq!(answer.well_known.as_ref().unwrap().homeserver.base_url, format!("{}/", live.base_url()));
    assert!(answer.refresh_token.is_none());
    assert_eq!(answer.expires_in_ms, None);

    let refused = anonymous.send(login.password("not the password")).await.unwrap_err();
    assert_eq!(refused.errcode(), Some(&ErrorCode::Forbidden));

    let client = logged_in(&live, &answer).await;
    let owner = client.send(GetTokenOwner::new()).await.unwrap();
    assert_eq!((owner.user_id, owner.device_id.unwrap()), (user, "LAPTOP".into()));
    assert_eq!(owner.is_guest, Some(false));
    client.send(Logout::new()).await.unwrap();
    let ended = client.send(GetTokenOwner::new()).await.unwrap_err();
    assert_eq!(ended.kind(), ErrorKind::SessionEnded);
    assert_eq!(ended.errcode(), Some(&ErrorCode::UnknownToken));
}

#[tokio::test]
async fn out_everywhere() {
    let live = Live::new("login::out_everywhere");
    let here = live.new_user().await;
    let there = live.anonymous().await;
    there.login_password(here.user_id().unwrap().as_str(), PASSWORD).await.unwrap();
    here.send(LogoutAll::new()).await.unwrap();
    for client in [here, there] {
        let ended = client.send(GetTokenOwner::new()).await.unwrap_err();
        assert_eq!(ended.kind(), ErrorKind::SessionEnded);
    }
}

#[tokio::test]
async fn refresh() {
    let live = Live::new("login::refresh");
    let user = live.new_user().await.user_id().unwrap();
    let anonymous = live.anonymous().await;
    let first = anonymous.send(password_login(&user).refresh_token(true)).await.unwrap();
    // The server's setting: five minutes.
    assert!((290_000..=300_000).contains(&first.expires_in_ms.unwrap()), "{:?}", first.expires_in_ms);

    let old = first.refresh_token.clone().unwrap();
    let second = anonymous.send(Refresh::new(old.clone())).await.unwrap();
    assert!(second.access_token != first.access_token);
    assert!(second.refresh_token.is_some_and(|token| token != old));
    assert!((290_000..=300_000).contains(&second.expires_in_ms.unwrap()));

    let client = continued(&live, &user, &second.access_token).await;
    let owner = client.send(GetTokenOwner::new()).await.unwrap();
    assert_eq!(owner.device_id, Some(first.device_id));
    // The new token was used, so the old refresh token is spent.
    let refused = anonymous.send(Refresh::new(old)).await.unwrap_err();
    assert_eq!(refused.status().unwrap(), 403);
    assert_eq!(refused.errcode(), Some(&ErrorCode::Forbidden));
    let refused = anonymous.send(Refresh::new("never seen")).await.unwrap_err();
    assert_eq!(refused.errcode(), Some(&ErrorCode::UnknownToken));
}

#[tokio::test]
async fn token_for_another_device() {
    let live = Live::new("login::token_for_another_device");
    let client = live.new_user().await;
    let refused = client.send(GenerateLoginToken::new()).await.unwrap_err();
    let token = client.send(GenerateLoginToken::new().auth(uia::answer(&refused, &client))).await.unwrap();
    assert_eq!(token.expires_in_ms, 300_000);

    let login = Login::new("m.login.token").token(token.login_token);
    let answer = live.anonymous().await.send(&login).await.unwrap();
    assert_eq!(Some(&answer.user_id), client.user_id().as_ref());
    assert!(Some(&answer.device_id) != client.device_id().as_ref());
    let refused = live.anonymous().await.send(&login).await.unwrap_err();
    assert_eq!(refused.errcode(), Some(&ErrorCode::Forbidden));
}
