//! New accounts.
#![allow(deprecated, reason = "the old fields are still sent")]

use matrix_api::client_server::register::Kind;
use matrix_api::client_server::types::AuthData;
use matrix_api::client_server::{CheckUsernameAvailability, GetTokenOwner, Register, RegistrationTokenValidity};
use matrix_api::{Client, ErrorCode, Session, http::Method, json};
use matrix_api_tests::live::{Account, Live, unique};
use serde_json::Value;

use crate::uia;

#[tokio::test]
async fn with_a_stage() {
    let live = Live::new("register::with_a_stage");
    let client = live.anonymous().await;
    let name = unique("new");
    let register = Register::new().username(&name).password("a secret").device_id("FIRST");
    let refused = client.send(&register).await.unwrap_err();
    let auth = AuthData::new().type_("m.login.dummy").session(uia::session(&refused, "m.login.dummy"));
    let answer = client.send(register.clone().auth(auth.clone())).await.unwrap();
    assert_eq!(answer.user_id, format!("@{name}:{}", live.server_name()).as_str());
    assert_eq!(answer.device_id, Some("FIRST".into()));
    assert_eq!(answer.home_server.unwrap(), live.server_name().as_str());
    let session = Session::new(&answer.user_id, live.base_url()).access_token(answer.access_token.unwrap());
    let owner = Client::restore(session).unwrap().whoami().await.unwrap();
    assert_eq!((owner.user_id, owner.device_id), (answer.user_id, Some("FIRST".into())));

    let taken = client.send(register.auth(auth)).await;
    // The session has done its work: it tells again what it made.
    assert!(taken.is_ok_and(|again| again.user_id.localpart() == Some(&name)));
}

#[tokio::test]
async fn without_a_login() {
    let live = Live::new("register::without_a_login");
    let auth = AuthData::new().type_("m.login.dummy");
    let register = Register::new().username(unique("absent")).password("a secret").inhibit_login(true).auth(auth);
    let answer = live.anonymous().await.send(register).await.unwrap();
    assert!(answer.access_token.is_none());
    assert_eq!(answer.device_id, None);
}

#[tokio::test]
async fn with_a_refresh_token() {
    let live = Live::new("register::with_a_refresh_token");
    let auth = AuthData::new().type_("m.login.dummy");
    let register = Register::new().username(unique("fresh")).password("a secret").refresh_token(true).auth(auth);
    let answer = live.anonymous().await.send(register).await.unwrap();
    assert!(answer.refresh_token.is_some());
    assert!((290_000..=300_000).contains(&answer.expires_in_ms.unwrap()));
}

#[tokio::test]
async fn as_a_guest() {
    let live = Live::new("register::as_a_guest");
    let answer = live.anonymous().await.send(Register::new().kind(Kind::Guest)).await.unwrap();
    let session = Session::new(&answer.user_id, live.base_url()).access_token(answer.access_token.unwrap());
    let owner = Client::restore(session).unwrap().send(GetTokenOwner::new()).await.unwrap();
    assert_eq!(owner.user_id, answer.user_id);
    assert_eq!(owner.is_guest, Some(true));
}

#[tokio::test]
async fn names() {
    let live = Live::new("register::names");
    let client = live.anonymous().await;
    let free = client.send(CheckUsernameAvailability::new(unique("free"))).await.unwrap();
    assert_eq!(free.available, Some(true));
    let refused = async |name: &str| {
        let refused = client.send(CheckUsernameAvailability::new(name)).await.unwrap_err();
        assert_eq!(refused.status().unwrap(), 400);
        refused.errcode().cloned()
    };
    let (alice, _) = live.credentials(Account::Alice);
    assert_eq!(refused(alice.localpart().unwrap()).await, Some(ErrorCode::UserInUse));
    assert_eq!(refused("Not A Name!").await, Some(ErrorCode::InvalidUsername));
    assert_eq!(refused("bridged_somebody").await, Some(ErrorCode::Exclusive));
}

#[tokio::test]
async fn tokens() {
    let live = Live::new("register::tokens");
    let admin = live.login(Account::Admin).await;
    let token = unique("token");
    let new = admin.request(Method::POST, "/_synapse/admin/v1/registration_tokens/new");
    let made: Value = new.json(&json!({ "token": token })).send().await.unwrap();
    assert_eq!(made["token"], token);
    let client = live.anonymous().await;
    assert!(client.send(RegistrationTokenValidity::new(token)).await.unwrap().valid);
    assert!(!client.send(RegistrationTokenValidity::new("no such token")).await.unwrap().valid);
}
