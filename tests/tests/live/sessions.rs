//! How sessions begin, are asked about, go on and end, by way of the helpers.

#[path = "sessions/processes.rs"]
mod processes;
#[path = "sessions/refused.rs"]
mod refused;
#[path = "sessions/short.rs"]
mod short;

use std::path::PathBuf;
use std::time::{Duration, Instant};

use matrix_api::client_server::{ChangePassword, DeactivateAccount, DeleteDevice, GetJoinedRooms};
use matrix_api::synapse_admin::create_or_modify_user::Threepid;
use matrix_api::synapse_admin::{CreateOrModifyUser, DeleteUserDevice, LoginAsUser, types::Medium};
use matrix_api::{Client, Error, ErrorCode, ErrorKind, UiaStep, UnixMillis};
use matrix_api_tests::live::{Account, Live, PASSWORD, unique};
use matrix_api_tests::programs::{example, output};
use matrix_api_tests::store::Memory;

use crate::look;

async fn with_store(live: &Live) -> (Client, Memory) {
    let store = Memory::default();
    (live.builder().store(store.clone()).build().await.unwrap(), store)
}

/// Asks again and again until the server refuses the token, for a minute at most, and gives the refusal.
async fn end_of(client: &Client) -> Error {
    let start = Instant::now();
    loop {
        match client.send(GetJoinedRooms::new()).await {
            Err(error) => return error,
            Ok(_) => assert!(start.elapsed() < Duration::from_secs(60), "the token does not end"),
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
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

/// An administrator gives the account its addresses, so that nobody has to read mail.
#[tokio::test]
async fn addresses_stand_for_a_user() {
    let live = Live::new("sessions::addresses_stand_for_a_user");
    let admin = live.login(Account::Admin).await;
    let user = look::me(&live.new_user().await).await;
    let address = format!("{}@example.org", unique("mail"));
    let addresses = [Threepid::new(Medium::Email, &address), Threepid::new(Medium::Msisdn, "447700900001")];
    admin.send(CreateOrModifyUser::new(&user).threepids(addresses)).await.unwrap();
    let (client, store) = with_store(&live).await;
    let logins = [
        client.login_email(&address, PASSWORD),
        client.login_email(address.to_uppercase(), PASSWORD),
        client.login_phone("GB", "07700 900001", PASSWORD),
        client.login_phone("US", "+44 7700 900001", PASSWORD),
    ];
    for login in logins {
        let session = login.await.unwrap();
        assert_eq!((&session.user_id, store.session()), (&user, Some(session.clone())));
        assert_eq!(client.whoami().await.unwrap().device_id, session.device_id);
        client.logout().await.unwrap();
    }
    look::refused(client.login_email(&address, "wrong").await, 403, ErrorCode::Forbidden);
    look::refused(client.login_phone("GB", "07700 900002", PASSWORD).await, 403, ErrorCode::Forbidden);
    look::refused(client.login_phone("GB", "no number", PASSWORD).await, 400, ErrorCode::InvalidParam);
    assert_eq!((client.session(), store.session()), (None, None));
}

/// An administrator makes a token that ends; the device it was for remains.
#[tokio::test]
async fn a_soft_logout() {
    let live = Live::new("sessions::a_soft_logout");
    let (admin, user) = (live.login(Account::Admin).await, live.new_user().await);
    let session = user.session().unwrap();
    let end = UnixMillis(UnixMillis::now().get() + 5000);
    let token = admin.send(LoginAsUser::new(&session.user_id).valid_until_ms(end)).await.unwrap().access_token;
    let store = Memory::default();
    let mut given = session.clone();
    given.access_token = Some(token);
    let client = live.builder().session(given.clone()).store(store.clone()).build().await.unwrap();
    // Whoever asks whose token it is hears of no device: it is the administrator's doing.
    live.room(&client).await;
    let error = end_of(&client).await;
    assert!(UnixMillis::now() >= end);
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

#[tokio::test]
async fn the_example() {
    let live = Live::new("sessions::the_example");
    let folder = Folder::new();
    let run = || output(example("login").arg(folder.file()).arg("password"));
    let first = run();
    assert!(first.starts_with(&format!("{} on ", live.credentials(Account::Alice).0)), "{first}");
    // The second time it is the same device, without a login.
    assert_eq!(run(), first);
}
