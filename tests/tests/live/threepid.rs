//! Mail addresses and phone numbers. The mail server and the identity server are neighbours of the homeserver.
#![allow(deprecated, reason = "the old ways still have to work")]

use matrix_api::client_server::delete3pid_from_account::IdServerUnbindResult;
use matrix_api::client_server::get_account3pids::ThreepidMedium;
use matrix_api::client_server::post3pids::ThreePidCreds;
use matrix_api::client_server::types::Invite3pid;
use matrix_api::client_server::unbind3pid_from_account;
use matrix_api::client_server::{
    Add3pid, Bind3pid, Delete3pidFromAccount, GetAccount3pids, GetRoomStateWithKey, InviteBy3pid, Post3pids,
    RequestTokenTo3pidEmail, RequestTokenTo3pidMsisdn, RequestTokenToRegisterEmail, RequestTokenToRegisterMsisdn,
    RequestTokenToResetPasswordEmail, RequestTokenToResetPasswordMsisdn, Unbind3pidFromAccount,
};
use matrix_api::{Client, ErrorCode, UnixMillis};
use matrix_api_tests::live::{Account, Live, unique};

use crate::{uia, web};

const SECRET: &str = "a.client-secret";

fn address() -> String {
    format!("{}@example.org", unique("mail"))
}

/// The one mail that came for an address.
fn mail(live: &Live, address: &str) -> String {
    let mails = web::get(&format!("{}/mail/{address}", live.neighbours()));
    let [mail] = &serde_json::from_str::<Vec<String>>(&mails).unwrap()[..] else { panic!("one mail, not {mails}") };
    mail.clone()
}

/// Does what the mail says.
fn follow(live: &Live, address: &str, stop: &str) {
    let mail = mail(live, address);
    let path = web::between(&mail, &live.base_url(), "\n");
    assert!(path.contains(stop), "{mail}");
    web::get(&format!("{}{}", live.base_url(), path.trim()));
}

/// The id of a session in which the address has shown itself to be the user's.
async fn validated(live: &Live, client: &Client, address: &str) -> String {
    let answer = client.send(RequestTokenTo3pidEmail::new(SECRET, address, 1)).await.unwrap().validation;
    assert_eq!(answer.submit_url, None);
    follow(live, address, "/add_threepid/email/submit_token");
    answer.sid
}

#[tokio::test]
async fn mail_address_comes_and_goes() {
    let live = Live::new("threepid::mail_address_comes_and_goes");
    let client = live.new_user().await;
    assert!(client.send(GetAccount3pids::new()).await.unwrap().threepids.is_empty());
    let address = address();
    let sid = validated(&live, &client, &address).await;
    let add = Add3pid::new(SECRET, sid);
    let refused = client.send(&add).await.unwrap_err();
    client.send(add.auth(uia::answer(&refused, &client))).await.unwrap();

    let [own] = &client.send(GetAccount3pids::new()).await.unwrap().threepids[..] else { panic!("one address") };
    assert_eq!((&own.medium, &own.address), (&ThreepidMedium::Email, &address));
    assert!(own.validated_at <= own.added_at && own.added_at <= UnixMillis::now());
    let again = client.send(RequestTokenTo3pidEmail::new(SECRET, &address, 2)).await.unwrap_err();
    assert_eq!(again.errcode(), Some(&ErrorCode::ThreepidInUse));
    let taken = client.send(RequestTokenToRegisterEmail::new(SECRET, &address, 1)).await.unwrap_err();
    assert_eq!(taken.errcode(), Some(&ErrorCode::ThreepidInUse));

    let gone = client.send(Delete3pidFromAccount::new("email", &address)).await.unwrap();
    assert_eq!(gone.id_server_unbind_result, IdServerUnbindResult::NoSupport);
    assert!(client.send(GetAccount3pids::new()).await.unwrap().threepids.is_empty());
}

#[tokio::test]
async fn the_old_way_to_add() {
    let live = Live::new("threepid::the_old_way_to_add");
    let client = live.new_user().await;
    let address = address();
    let sid = validated(&live, &client, &address).await;
    let old = |sid: &str| Post3pids::new(ThreePidCreds::new(SECRET, live.identity_server(), "token", sid));
    let answer = client.send(old(&sid)).await.unwrap();
    assert_eq!(answer.submit_url, None);
    assert_eq!(client.send(GetAccount3pids::new()).await.unwrap().threepids[0].address, address);
    let refused = client.send(old("unknown")).await.unwrap_err();
    assert_eq!(refused.errcode(), Some(&ErrorCode::ThreepidAuthFailed));
}

#[tokio::test]
async fn forgotten_password() {
    let live = Live::new("threepid::forgotten_password");
    let client = live.new_user().await;
    let address = address();
    let request = RequestTokenToResetPasswordEmail::new("another.secret", &address, 1);
    let unknown = client.send(&request).await.unwrap_err();
    assert_eq!(unknown.errcode(), Some(&ErrorCode::ThreepidNotFound));

    let add = Add3pid::new(SECRET, validated(&live, &client, &address).await);
    let refused = client.send(&add).await.unwrap_err();
    client.send(add.auth(uia::answer(&refused, &client))).await.unwrap();
    assert!(!live.anonymous().await.send(request).await.unwrap().validation.sid.is_empty());
}

#[tokio::test]
async fn before_registration() {
    let live = Live::new("threepid::before_registration");
    let client = live.anonymous().await;
    let address = address();
    let request = RequestTokenToRegisterEmail::new(SECRET, &address, 1);
    let sid = client.send(&request).await.unwrap().validation.sid;
    assert!(mail(&live, &address).contains(&sid));
    // The same attempt: the same session and no second mail.
    assert_eq!(client.send(request).await.unwrap().validation.sid, sid);
    mail(&live, &address);
    let phone = client.send(RequestTokenToRegisterMsisdn::new(SECRET, "AT", "0660 1234567", 1)).await.unwrap();
    assert_eq!(phone.validation.sid, "phone");
}

#[tokio::test]
async fn phone_number() {
    let live = Live::new("threepid::phone_number");
    let client = live.login(Account::Alice).await;
    let answer = client.send(RequestTokenTo3pidMsisdn::new(SECRET, "AT", "0660 1234567", 1)).await.unwrap().validation;
    assert_eq!(answer.sid, "phone");
    let submit = format!("{}/_matrix/client/unstable/add_threepid/msisdn/submit_token", live.base_url());
    assert_eq!(answer.submit_url, Some(submit));
    let wrong = client.send(RequestTokenTo3pidMsisdn::new(SECRET, "AT", "no number", 1)).await.unwrap_err();
    assert_eq!(wrong.status().unwrap(), 400);
    // Synapse resets passwords by mail only.
    let request = RequestTokenToResetPasswordMsisdn::new(SECRET, "AT", "0660 1234567", 1);
    let refused = live.anonymous().await.send(request).await.unwrap_err();
    assert_eq!(refused.errcode(), Some(&ErrorCode::Unrecognized));
}

#[tokio::test]
async fn in_public() {
    let live = Live::new("threepid::in_public");
    let client = live.new_user().await;
    let server = live.identity_server();
    let unbind = Unbind3pidFromAccount::new("email", "bound@localhost");
    let nothing = client.send(&unbind).await.unwrap();
    assert_eq!(nothing.id_server_unbind_result, unbind3pid_from_account::IdServerUnbindResult::NoSupport);
    client.send(Bind3pid::new(SECRET, &server, "token", "sid")).await.unwrap();
    // The homeserver remembers where it was bound.
    let unbound = client.send(&unbind).await.unwrap();
    assert_eq!(unbound.id_server_unbind_result, unbind3pid_from_account::IdServerUnbindResult::Success);
    let again = client.send(unbind.id_server(server)).await.unwrap();
    assert_eq!(again.id_server_unbind_result, unbind3pid_from_account::IdServerUnbindResult::Success);
}

#[tokio::test]
async fn invitation() {
    let live = Live::new("threepid::invitation");
    let client = live.login(Account::Alice).await;
    let room = live.room(&client).await;
    let invite = Invite3pid::new(live.identity_server(), "token", "email", address());
    client.send(InviteBy3pid::new(&room, invite)).await.unwrap();
    // Nobody has the address yet, so the invitation waits under the identity server's token.
    let waiting = GetRoomStateWithKey::new(room, "m.room.third_party_invite", "invited");
    let content = client.send(waiting).await.unwrap().content;
    assert_eq!(content.field::<String>("display_name").unwrap().as_deref(), Some("Some..."));
}
