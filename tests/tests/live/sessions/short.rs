//! On a server whose tokens last for seconds, and which asks for a registration token: see `cargo xtask test`.

use std::time::{Duration, Instant};

use matrix_api::client_server::RegistrationTokenValidity;
use matrix_api::synapse_admin::CreateRegistrationToken;
use matrix_api::{Client, Error, ErrorCode, ErrorKind, Session, SyncOptions, UnixMillis};
use matrix_api_tests::live::{Account, Live, PASSWORD, unique};
use matrix_api_tests::store::{Memory, Shared};

use super::processes::process;
use super::{Folder, end_of, with_store};
use crate::web;

/// The test's own environment, or nothing on any other server.
fn short(test: &'static str) -> Option<Live> {
    Some(Live::new(test)).filter(Live::has_short_tokens)
}

/// A user, on the server which lets nobody in by itself.
async fn user(live: &Live) -> (Client, Memory, Session) {
    let (client, store) = with_store(live).await;
    let name = unique("short");
    client.register_user(live.registration_secret(), &name, PASSWORD).without_login().await.unwrap();
    let session = client.login_password(name, PASSWORD).await.unwrap();
    let left = session.expires_at.unwrap().get() - UnixMillis::now().get();
    assert!((0..60_000).contains(&left) && session.refresh_token.is_some(), "{left}");
    (client, store, session)
}

/// The same session without what a new token can be had for.
async fn lone(live: &Live, session: &Session) -> Client {
    let mut lone = session.clone();
    (lone.refresh_token, lone.expires_at) = (None, None);
    live.builder().session(lone).build().await.unwrap()
}

/// The clock here knows nothing of the end, so that the server has to tell everybody.
#[tokio::test]
async fn tokens_are_renewed_once_for_all() {
    let Some(live) = short("sessions::short::tokens_are_renewed_once_for_all") else { return };
    let (_, _, session) = user(&live).await;
    let lone = lone(&live, &session).await;
    let store = Memory::default();
    let mut blind = session;
    blind.expires_at = None;
    let client = live.builder().session(blind).store(store.clone()).build().await.unwrap();
    client.whoami().await.unwrap();
    assert_eq!(end_of(&lone).await.kind(), ErrorKind::SessionEnded);
    let calls: Vec<_> = (0..50)
        .map(|_| {
            let client = client.clone();
            tokio::spawn(async move { client.whoami().await })
        })
        .collect();
    for call in calls {
        call.await.unwrap().unwrap();
    }
    assert_eq!(store.tokens().len(), 2);
    assert_eq!(store.session(), client.session());
}

#[tokio::test]
async fn tokens_do_not_end_a_sync() {
    let Some(live) = short("sessions::short::tokens_do_not_end_a_sync") else { return };
    let (client, store, _) = user(&live).await;
    let room = live.room(&client).await;
    let mut stream = client.sync_stream(SyncOptions::new().timeout(Duration::from_millis(500)));
    let (mut said, mut heard) = (Vec::new(), Vec::new());
    while store.tokens().len() < 4 {
        let text = said.len().to_string();
        live.text(&client, &room, &text).await;
        said.push(text);
        while heard.len() < said.len() {
            let batch = stream.next().await.expect("it goes on").expect("it goes well");
            heard.extend(batch.messages_in(&room).filter_map(|message| message.body().map(str::to_owned)));
        }
        stream.next().await.unwrap().unwrap();
    }
    assert_eq!(heard, said);
}

/// Without a refresh token nothing can be done: the device remains.
#[tokio::test]
async fn tokens_end_softly() {
    let Some(live) = short("sessions::short::tokens_end_softly") else { return };
    let (client, store, session) = user(&live).await;
    let lone = lone(&live, &session).await;
    let error = end_of(&lone).await;
    assert!(matches!(&error, Error::SessionEnded(ended) if ended.soft_logout()), "{error}");
    assert_eq!((lone.session(), lone.device_id()), (None, session.device_id.clone()));
    // With one, the session goes on on the same device.
    assert_eq!(client.whoami().await.unwrap().device_id, session.device_id);
    assert_eq!(store.tokens().len(), 2);
}

/// The refresh token of the first process is used up by then: what goes on is the tokens that the other has stored.
#[tokio::test]
async fn another_process_renews_the_tokens() {
    let Some(live) = short("sessions::short::another_process_renews_the_tokens") else { return };
    let folder = Folder::new();
    std::fs::create_dir(&folder.0).unwrap();
    let store = Shared::new(&folder.file());
    let (_, _, mut first) = user(&live).await;
    let lone = lone(&live, &first).await;
    let (url, lines) = web::listen_in(&live.base_url());
    // To this process the first token has no end.
    (first.base_url, first.expires_at) = (url, None);
    let client = Client::builder().session(first.clone()).store(store.clone()).build().await.unwrap();
    client.whoami().await.unwrap();
    end_of(&lone).await;
    let said = process("the_other_process", &folder.file());
    assert_eq!(said, format!("{} {}", first.user_id, first.device_id.as_ref().unwrap()));

    let theirs = store.session().unwrap();
    assert_ne!((&theirs.access_token, &theirs.refresh_token), (&first.access_token, &first.refresh_token));
    assert_eq!(client.session(), Some(first));
    client.whoami().await.unwrap();
    assert_eq!((client.session(), store.session()), (Some(theirs.clone()), Some(theirs)));
    // The first call, the other process, and then the refusal and the same call again: nothing else was asked for.
    let [whoami, refresh] = ["GET /_matrix/client/v3/account/whoami", "POST /_matrix/client/v3/refresh"];
    let calls = [whoami, refresh, whoami, whoami, whoami].map(|call| format!("{call} HTTP/1.1"));
    assert_eq!(*lines.lock().unwrap(), calls);
}

#[tokio::test]
async fn a_registration_token() {
    let Some(live) = short("sessions::short::a_registration_token") else { return };
    let (client, store) = with_store(&live).await;
    let name = unique("token");
    let error = client.register(&name, PASSWORD).await.unwrap_err();
    assert!(error.uiaa().is_some(), "{error}");
    let admin = live.login(Account::Admin).await;
    let end = UnixMillis(UnixMillis::now().get() + 5000);
    let create = CreateRegistrationToken::new();
    let expiring = admin.send(create.clone().expiry_time(end)).await.unwrap().registration_token.token;
    let good = admin.send(create.uses_allowed(1)).await.unwrap().registration_token.token;
    let valid = async |token: &str| client.send(RegistrationTokenValidity::new(token)).await.unwrap().valid;
    assert!(valid(expiring.expose()).await && valid(good.expose()).await);
    let start = Instant::now();
    while valid(expiring.expose()).await {
        assert!(start.elapsed() < Duration::from_secs(60), "the token does not end");
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    for token in [expiring.expose().as_str(), "made up"] {
        let refused = client.register(&name, PASSWORD).registration_token(token).await.unwrap_err();
        assert_eq!((refused.kind(), refused.uiaa().is_some()), (ErrorKind::Api, true), "{refused}");
        assert_eq!(refused.errcode().map(ErrorCode::as_str), Some("M_UNAUTHORIZED"));
    }
    assert_eq!((client.session(), store.session()), (None, None));
    let session = client.register(&name, PASSWORD).registration_token(good.clone()).await.unwrap();
    assert_eq!(store.session(), Some(session));
    // It was good for one.
    let late = live.anonymous().await.register(unique("late"), PASSWORD).registration_token(good).await;
    assert_eq!(late.unwrap_err().errcode().map(ErrorCode::as_str), Some("M_UNAUTHORIZED"));
}
