//! A homeserver that leaves logins to an authorization server, and one that does not.

use matrix_api::client_server::GetAuthMetadata;
use matrix_api::service::Homeserver;
use matrix_api::synapse_admin::{GetUser, ListUsers, ListUsersV3};
use matrix_api::{ErrorCode, ErrorKind};
use matrix_api_tests::live::{Account, Live};

use crate::look;

#[tokio::test]
async fn where_to_log_in() {
    let live = Live::new("delegated::where_to_log_in");
    let answer = live.anonymous().await.send(GetAuthMetadata::new()).await;
    if !live.delegates_login() {
        let error = answer.unwrap_err();
        assert_eq!((error.kind(), error.errcode()), (ErrorKind::Unsupported, Some(&ErrorCode::Unrecognized)));
        return;
    }
    let metadata = answer.unwrap();
    assert_eq!(metadata.issuer, format!("{}/mas/", live.neighbours()));
    assert_eq!(metadata.token_endpoint, format!("{}/mas/oauth2/token", live.neighbours()));
    assert!(metadata.grant_types_supported.iter().any(|kind| kind == "refresh_token"));
}

/// Who is an administrator is asked of the token, not of the account.
#[tokio::test]
async fn what_a_token_is_good_for() {
    let live = Live::new("delegated::what_a_token_is_good_for");
    let (admin, client) = (live.admin().await, live.new_user().await);
    let (own, user) = (look::me(&admin).await, look::me(&client).await);
    let one = admin.send(GetUser::new(&own)).await.unwrap().user;
    assert_eq!(one.admin, !live.delegates_login());
    look::refused(client.send(GetUser::new(&user)).await, 403, ErrorCode::Forbidden);
    // A client asks at once whose token it was given.
    let made_up = live.builder::<Homeserver>().access_token("made-up".to_owned()).build().await;
    assert_eq!(made_up.err().unwrap().kind(), ErrorKind::SessionEnded);
}

#[tokio::test]
async fn guests() {
    let live = Live::new("delegated::guests");
    let admin = live.login(Account::Admin).await;
    for (second, third) in
        [(ListUsers::new(), ListUsersV3::new()), (ListUsers::new().guests(true), ListUsersV3::new().guests(true))]
    {
        let (second, third) = (admin.send(second.limit(1)).await, admin.send(third.limit(1)).await);
        if live.delegates_login() {
            look::refused(second, 400, ErrorCode::InvalidParam);
            look::refused(third, 400, ErrorCode::InvalidParam);
        } else {
            assert_eq!((second.unwrap().users.len(), third.unwrap().users.len()), (1, 1));
        }
    }
    assert_eq!(admin.send(ListUsersV3::new().guests(false).limit(1)).await.unwrap().users.len(), 1);
}
