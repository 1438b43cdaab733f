//! How sessions begin, are asked about, go on and end, by way of the helpers.
//!
//! Those whose names begin with `short` say something only on a server whose tokens last for seconds and that asks for
//! a registration token: see `cargo xtask test`.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use matrix_api::client_server::{ChangePassword, DeactivateAccount, DeleteDevice, RegistrationTokenValidity};
use matrix_api::synapse_admin::{
    CreateOrModifyUser, CreateRegistrationToken, DeactivateUser, DeleteUserDevice, LoginAsUser, SuspendUser,
};
use matrix_api::{Client, Error, ErrorCode, ErrorKind, FileStore, Session, SyncOptions, UiaStep, UnixMillis};
use matrix_api_tests::live::{Account, Live, PASSWORD, unique};
use matrix_api_tests::programs::example;
use matrix_api_tests::store::Memory;

use crate::look;

async fn with_store(live: &Live) -> (Client, Memory) {
    let store = Memory::default();
    (live.builder().store(store.clone()).build().await.unwrap(), store)
}

/// Waits until a time has come by the clock that the server has as well.
async fn until(end: UnixMillis) {
    let left = end.get() - UnixMillis::now().get();
    tokio::time::sleep(Duration::from_millis(u64::try_from(left).unwrap_or(0) + 50)).await;
}

#[tokio::test]
async fn questions_are_answered() {
    let live = Live::new("sessions::questions_are_answered");
    let client = live.new_user().await;
    let user = look::me(&client).await;
    let other = live.anonymous().await;
    other.login_password(user.as_str(), PASSWORD).await.unwrap();
    client.uia(DeleteDevice::new(other.device_id().unwrap())).password(PASSWORD).await.unwrap();
    assert_eq!(other.whoami().await.unwrap_err().kind(), ErrorKind::SessionEnded);

    let change = || ChangePassword::new("another password").logout_devices(false);
    let wrong = client.uia(change()).password("not the password").await.unwrap_err();
    assert_eq!((wrong.errcode(), wrong.uiaa().is_some()), (Some(&ErrorCode::Forbidden), true));
    let silent = client.uia(change()).await.unwrap_err();
    assert!(silent.uiaa().is_some() && silent.errcode().is_none(), "{silent}");
    // Step by step.
    let UiaStep::Asked(question) = client.uia(change()).start().await.unwrap() else { panic!("it asks") };
    assert!(question.info().flows().contains(&vec!["m.login.password".to_owned()]));
    let answer = matrix_api::json!({
        "identifier": { "type": "m.id.user", "user": user.as_str() },
        "password": PASSWORD,
    });
    let answer: matrix_api::Object = serde_json::from_value(answer).unwrap();
    let step = question.complete("m.login.password", answer).await.unwrap();
    assert!(matches!(step, UiaStep::Done(_)));
    live.anonymous().await.login_password(user.as_str(), "another password").await.unwrap();

    client.uia(DeactivateAccount::new()).password("another password").await.unwrap();
    assert_eq!(client.whoami().await.unwrap_err().kind(), ErrorKind::SessionEnded);
}

#[tokio::test]
async fn a_question_that_nobody_asked() {
    let live = Live::new("sessions::a_question_that_nobody_asked");
    let client = live.new_user().await;
    let auth = matrix_api::client_server::types::AuthData::new().type_("m.login.password").session("vanished");
    let error = client.uia(DeleteDevice::new("X").auth(auth)).password(PASSWORD).await.unwrap_err();
    assert_eq!((error.kind(), error.status().unwrap().as_u16()), (ErrorKind::Api, 400));
    assert!(error.uiaa().is_none(), "{error}");
}

#[tokio::test]
async fn an_account_is_made() {
    let live = Live::new("sessions::an_account_is_made");
    let (client, store) = with_store(&live).await;
    let name = unique("made");
    let session = client.register(&name, PASSWORD).device_id("FIRST").device_name("First").await.unwrap();
    assert_eq!(session.user_id, format!("@{name}:{}", live.server_name()).as_str());
    assert_eq!((&store.session(), session.refresh_token.is_some()), (&Some(session.clone()), true));
    assert_eq!(client.whoami().await.unwrap().device_id, Some("FIRST".into()));
    let (another, nothing) = with_store(&live).await;
    let taken = another.register(&name, PASSWORD).await;
    look::refused(taken, 400, ErrorCode::UserInUse);
    look::refused(another.register("Not A Name!", PASSWORD).await, 400, ErrorCode::InvalidUsername);
    assert_eq!((another.session(), nothing.session()), (None, None));
    // By the server's own secret.
    let secret = live.registration_secret();
    let made = another.register_user(secret, unique("shared"), PASSWORD).without_login().await.unwrap();
    another.login_password(made.user_id.as_str(), PASSWORD).await.unwrap();
    look::refused(another.register_user("wrong", unique("shared"), PASSWORD).await, 403, ErrorCode::Unknown);
}

/// An administrator makes a token that ends; the device it was for remains.
#[tokio::test]
async fn a_soft_logout() {
    let live = Live::new("sessions::a_soft_logout");
    let (admin, user) = (live.login(Account::Admin).await, live.new_user().await);
    let session = user.session().unwrap();
    let end = UnixMillis(UnixMillis::now().get() + 1500);
    let token = admin.send(LoginAsUser::new(&session.user_id).valid_until_ms(end)).await.unwrap().access_token;
    let store = Memory::default();
    let mut given = session.clone();
    given.access_token = Some(token);
    let client = live.builder().session(given.clone()).store(store.clone()).build().await.unwrap();
    // Whoever asks whose token it is hears of no device: it is the administrator's doing.
    live.room(&client).await;
    until(end).await;
    let error = client.whoami().await.unwrap_err();
    assert!(matches!(&error, Error::SessionEnded(ended) if ended.soft_logout()), "{error}");
    assert_eq!((client.session(), store.session()), (None, Some(given.without_secrets())));
    assert_eq!(client.whoami().await.unwrap_err().kind(), ErrorKind::NotLoggedIn);
    let again = client.login_password(session.user_id.as_str(), PASSWORD).await.unwrap();
    assert_eq!((again.device_id, store.session()), (session.device_id, client.session()));
}

#[tokio::test]
async fn a_hard_logout() {
    let live = Live::new("sessions::a_hard_logout");
    let admin = live.login(Account::Admin).await;
    let user = look::me(&live.new_user().await).await;
    let (client, store) = with_store(&live).await;
    let session = client.login_password(user.as_str(), PASSWORD).await.unwrap();
    admin.send(DeleteUserDevice::new(&user, session.device_id.unwrap())).await.unwrap();
    let error = client.whoami().await.unwrap_err();
    assert!(matches!(&error, Error::SessionEnded(ended) if !ended.soft_logout()), "{error}");
    assert_eq!((client.session(), store.session(), client.user_id()), (None, None, Some(user)));
    // Told once.
    assert_eq!(client.whoami().await.unwrap_err().kind(), ErrorKind::NotLoggedIn);
}

#[tokio::test]
async fn whom_a_server_does_not_let_in() {
    let live = Live::new("sessions::whom_a_server_does_not_let_in");
    let admin = live.login(Account::Admin).await;
    let (client, store) = with_store(&live).await;
    let user = look::me(&live.new_user().await).await;
    look::refused(client.login_password(user.as_str(), "wrong").await, 403, ErrorCode::Forbidden);
    look::refused(client.login_password(unique("nobody"), PASSWORD).await, 403, ErrorCode::Forbidden);
    look::refused(client.login_email("nobody@example.org", PASSWORD).await, 403, ErrorCode::Forbidden);
    look::refused(client.login_token("made up").await, 403, ErrorCode::Forbidden);
    look::refused(client.login_password("@somebody:elsewhere.example.org", PASSWORD).await, 403, ErrorCode::Forbidden);
    let foreign = live.builder::<matrix_api::service::Homeserver>().access_token("syt_of_another_server");
    let error = foreign.store(store.clone()).build().await.unwrap_err();
    assert_eq!((error.kind(), error.errcode()), (ErrorKind::SessionEnded, Some(&ErrorCode::UnknownToken)));

    // A locked account does not get in, and is told so.
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

    // A suspended one may look, and not act.
    let room = live.room(&client).await;
    admin.send(SuspendUser::new(&user, true)).await.unwrap();
    let silenced = client.room(&room).send_text("may I?").await;
    look::refused(silenced, 403, ErrorCode::UserSuspended);
    client.whoami().await.unwrap();
    client.logout().await.unwrap();

    admin.send(DeactivateUser::new(&user)).await.unwrap();
    look::refused(client.login_password(user.as_str(), PASSWORD).await, 403, ErrorCode::Forbidden);
    assert_eq!((client.session(), store.session()), (None, None));
}

/// A user on the server of short tokens, which lets nobody in by itself.
async fn short(live: &Live) -> Option<(Client, Memory, Session)> {
    let (client, store) = with_store(live).await;
    let name = unique("short");
    client.register_user(live.registration_secret(), &name, PASSWORD).without_login().await.unwrap();
    let session = client.login_password(name, PASSWORD).await.unwrap();
    let left = session.expires_at.unwrap().get() - UnixMillis::now().get();
    (left < 10_000).then_some((client, store, session))
}

/// The clock here knows nothing of the end, so that the server has to tell everybody.
#[tokio::test]
async fn short_tokens_are_renewed_once_for_all() {
    let live = Live::new("sessions::short_tokens_are_renewed_once_for_all");
    let Some((_, _, session)) = short(&live).await else { return };
    let end = session.expires_at.unwrap();
    let store = Memory::default();
    let mut blind = session;
    blind.expires_at = None;
    let client = live.builder().session(blind).store(store.clone()).build().await.unwrap();
    client.whoami().await.unwrap();
    until(end).await;
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
async fn short_tokens_do_not_end_a_sync() {
    let live = Live::new("sessions::short_tokens_do_not_end_a_sync");
    let Some((client, store, _)) = short(&live).await else { return };
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
async fn short_tokens_end_softly() {
    let live = Live::new("sessions::short_tokens_end_softly");
    let Some((client, _, session)) = short(&live).await else { return };
    let mut alone = session.clone();
    alone.refresh_token = None;
    let alone = live.builder().session(alone).build().await.unwrap();
    until(session.expires_at.unwrap()).await;
    let error = alone.whoami().await.unwrap_err();
    assert!(matches!(&error, Error::SessionEnded(ended) if ended.soft_logout()), "{error}");
    client.whoami().await.unwrap();
}

#[tokio::test]
async fn short_of_a_registration_token() {
    let live = Live::new("sessions::short_of_a_registration_token");
    let (client, store) = with_store(&live).await;
    let name = unique("token");
    let error = client.register(&name, PASSWORD).await;
    let Err(error) = error else { return };
    assert!(error.uiaa().is_some(), "{error}");
    let admin = live.login(Account::Admin).await;
    let end = UnixMillis(UnixMillis::now().get() + 1500);
    let create = CreateRegistrationToken::new();
    let expiring = admin.send(create.clone().expiry_time(end)).await.unwrap().registration_token.token;
    let good = admin.send(create.uses_allowed(1)).await.unwrap().registration_token.token;
    let valid = async |token: &str| client.send(RegistrationTokenValidity::new(token)).await.unwrap().valid;
    assert!(valid(expiring.expose()).await && valid(good.expose()).await);
    until(end).await;
    assert!(!valid(expiring.expose()).await);
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
    assert!(late.is_err());
}

/// A folder that is removed at the end, and a file in it.
struct Folder(PathBuf);

impl Folder {
    fn new() -> Self {
        Self(std::env::temp_dir().join(unique("matrix-api-sessions")))
    }

    fn file(&self) -> PathBuf {
        self.0.join("session.json")
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

const STORE: &str = "MATRIX_TEST_STORE";

/// What `a_second_process_goes_on` runs in another process.
#[tokio::test]
#[ignore = "another test runs it in a process of its own"]
async fn the_second_process() {
    let path = std::env::var(STORE).expect("the other test says where");
    match FileStore::open(path) {
        Ok(store) => {
            let client = Client::builder().store(store).build().await.unwrap();
            let batch = client.sync_once(SyncOptions::new()).await.unwrap();
            let heard: Vec<_> = batch.messages().filter_map(|message| message.body().map(str::to_owned)).collect();
            let (user, since) = (look::me(&client).await, batch.since().unwrap_or_default());
            println!("\nprocess: {user} {} {since} {heard:?}", client.device_id().unwrap());
        }
        Err(error) => println!("\nprocess: {error}"),
    }
}

/// What the second process says, once it has ended well.
fn second_process(path: &Path) -> String {
    let mut process = Command::new(std::env::current_exe().unwrap());
    process.args(["sessions::the_second_process", "--exact", "--ignored", "--nocapture"]).env(STORE, path);
    let output = process.output().unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(output.status.success(), "{text}");
    text.lines().find_map(|line| line.strip_prefix("process: ")).expect("it says something").to_owned()
}

#[tokio::test]
async fn a_second_process_goes_on() {
    let live = Live::new("sessions::a_second_process_goes_on");
    let (folder, other) = (Folder::new(), live.new_user().await);
    let user = look::me(&live.new_user().await).await;
    let client = live.builder().store(FileStore::open(folder.file()).unwrap()).build().await.unwrap();
    client.login_password(user.as_str(), PASSWORD).await.unwrap();
    let room = live.shared_room(&other, &client).await;
    live.text(&other, &room, "before").await;
    let first = client.sync_once(SyncOptions::new()).await.unwrap();
    // The next call says that the first batch was dealt with.
    drop(client.sync_once(SyncOptions::new()).await.unwrap());
    live.text(&other, &room, "between").await;
    let refused = second_process(&folder.file());
    assert!(refused.ends_with("session.json is in use by another client"), "{refused}");
    let (device, position) = (client.device_id().unwrap(), first.next_batch.clone());
    drop((first, client));
    let said = second_process(&folder.file());
    assert_eq!(said, format!("{user} {device} {position} [\"between\"]"));
}

#[tokio::test]
async fn the_example() {
    let live = Live::new("sessions::the_example");
    let folder = Folder::new();
    let run = || {
        let output = example("login").arg(folder.file()).arg("password").output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap()
    };
    let first = run();
    assert!(first.starts_with(&format!("{} on ", live.credentials(Account::Alice).0)), "{first}");
    // The second time it is the same device, without a login.
    assert_eq!(run(), first);
}
