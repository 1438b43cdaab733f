//! Sessions and where they are kept.

use std::{
    fs,
    path::{Path, PathBuf},
    sync::atomic::{AtomicU32, Ordering},
};

use matrix_api::{Client, Error, ErrorKind, FileStore, Session, SessionStore, json};

use crate::server::{Server, body, json};

/// A folder that is removed at the end.
pub(crate) struct Folder(PathBuf);

impl Folder {
    pub(crate) fn new() -> Self {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let name = format!("matrix-api-{}-{}", std::process::id(), COUNT.fetch_add(1, Ordering::Relaxed));
        Self(std::env::temp_dir().join(name))
    }

    pub(crate) fn file(&self) -> PathBuf {
        self.0.join("deep/session.json")
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

pub(crate) fn text(path: &Path) -> String {
    fs::read_to_string(path).unwrap()
}

#[cfg(unix)]
fn mode(path: &Path) -> u32 {
    use std::os::unix::fs::PermissionsExt;
    fs::metadata(path).unwrap().permissions().mode() & 0o777
}

#[tokio::test]
async fn a_file_keeps_the_last_session() {
    let folder = Folder::new();
    let store = FileStore::open(folder.file()).unwrap();
    assert_eq!(store.load().await.unwrap(), None);
    for token in ["a", "b"] {
        let session = Session::new("@me:example.org", "https://example.org").access_token(token).next_batch(token);
        store.save(&session).await.unwrap();
        assert_eq!(store.load().await.unwrap(), Some(session));
    }
    #[cfg(unix)]
    for file in [folder.file(), folder.0.join("deep/session.json.lock")] {
        assert_eq!(mode(&file), 0o600);
    }
    store.clear().await.unwrap();
    assert_eq!(store.load().await.unwrap(), None);
    assert!(!folder.file().exists());
    store.clear().await.unwrap();
}

#[tokio::test]
async fn a_file_has_one_user_at_a_time() {
    let folder = Folder::new();
    let store = FileStore::open(folder.file()).unwrap();
    let error = FileStore::open(folder.file()).unwrap_err();
    assert!(matches!(&error, Error::Store(why) if why.reason().ends_with("session.json is in use by another client")));
    assert!(!error.may_have_been_sent());
    drop(store);
    FileStore::open(folder.file()).unwrap();
}

#[cfg(unix)]
#[tokio::test]
async fn a_careless_file_is_made_private() {
    use std::os::unix::fs::PermissionsExt;
    let folder = Folder::new();
    drop(FileStore::open(folder.file()).unwrap());
    fs::write(folder.file(), r#"{"user_id":"@a:b","base_url":"https://b","access_token":"t"}"#).unwrap();
    fs::set_permissions(folder.file(), fs::Permissions::from_mode(0o644)).unwrap();
    fs::write(folder.0.join("deep/session.json.new"), "half a ses").unwrap();
    let link = folder.0.join("link.json");
    std::os::unix::fs::symlink(folder.file(), &link).unwrap();

    let store = FileStore::open(&link).unwrap();
    assert_eq!(mode(&folder.file()), 0o600);
    assert!(!folder.0.join("deep/session.json.new").exists());
    store.save(&Session::new("@new:b", "https://b")).await.unwrap();
    assert!(text(&folder.file()).contains("@new:b"));
    assert!(fs::symlink_metadata(&link).unwrap().is_symlink());
}

#[tokio::test]
async fn what_is_no_session_is_not_taken_for_one() {
    let folder = Folder::new();
    let store = FileStore::open(folder.file()).unwrap();
    for wrong in ["", "{", "[]", "null", r#"{"user_id":"@a:b","access_token":"canary"}"#, r#"{"access_token":"canary"#]
    {
        fs::write(folder.file(), wrong).unwrap();
        let error = store.load().await.unwrap_err();
        assert!(error.to_string().ends_with("session.json holds no session"), "{error}");
        assert!(!format!("{error:?}").contains("canary"));
        // It is left for somebody to look at.
        assert_eq!(text(&folder.file()), wrong);
    }
}

/// A file that was cut short must not make the program log in as another device and overwrite it.
#[tokio::test]
async fn a_client_is_not_opened_on_half_a_session() {
    let folder = Folder::new();
    let whole = Session::new("@me:example.org", "https://example.org").device_id("D").access_token("canary");
    FileStore::open(folder.file()).unwrap().save(&whole).await.unwrap();
    let whole = text(&folder.file());
    for cut in [0, 1, whole.find("canary").unwrap() + 3, whole.len() - 2] {
        fs::write(folder.file(), &whole[..cut]).unwrap();
        let error = Client::open(folder.file()).await.unwrap_err();
        let Error::Store(why) = &error else { panic!("{error}") };
        assert!(why.reason().ends_with("session.json holds no session"), "{error}");
        assert!(!error.may_have_been_sent() && !format!("{error} {error:?}").contains("can"), "{error:?}");
        assert_eq!(text(&folder.file()), whole[..cut]);
    }
    // The failures have left no lock behind.
    fs::write(folder.file(), &whole).unwrap();
    let stored = FileStore::open(folder.file()).unwrap().load().await.unwrap().unwrap();
    assert_eq!(stored.access_token, Some("canary".into()));
}

#[tokio::test]
async fn a_login_is_stored_and_taken_up_again() {
    let login = json!({
        "user_id": "@me:example.org", "device_id": "D", "access_token": "one",
        "refresh_token": "again", "expires_in_ms": 60_000,
    });
    let server = Server::start([json(200, &login.to_string()), json(200, "{}")]).await;
    let folder = Folder::new();
    let builder = || Client::builder().base_url(&server.url).store(FileStore::open(folder.file()).unwrap());
    let client = builder().build().await.unwrap();
    assert!(!folder.file().exists());
    let session = client.login_password("me", "secret").device_name("Test").await.unwrap();
    assert!(session.expires_at.is_some());
    assert_eq!(session.refresh_token, Some("again".into()));
    // A store is there to keep it, so a refresh token is asked for; the password is nowhere.
    let sent: serde_json::Value = serde_json::from_str(body(&server.seen()[0])).unwrap();
    assert_eq!(sent["refresh_token"], true);
    assert_eq!(sent["initial_device_display_name"], "Test");
    assert!(!text(&folder.file()).contains("secret"));
    drop(client);

    let again = builder().build().await.unwrap();
    assert_eq!(again.session(), Some(session));
    again.logout().await.unwrap();
    assert!(!folder.file().exists());
}

#[tokio::test]
async fn a_given_session_is_stored() {
    let server = Server::start([json(200, r#"{"user_id":"@me:example.org","device_id":"D"}"#)]).await;
    let folder = Folder::new();
    let store = || FileStore::open(folder.file()).unwrap();
    let session = Session::new("@a:b", &server.url).access_token("stored").next_batch("s1");
    drop(Client::builder().session(session.clone()).store(store()).build().await.unwrap());
    assert_eq!(store().load().await.unwrap(), Some(session));
    // A token takes its place once it is known whose it is.
    drop(Client::builder().base_url(&server.url).access_token("t").store(store()).build().await.unwrap());
    let owner = Session::new("@me:example.org", &server.url).device_id("D").access_token("t");
    assert_eq!(store().load().await.unwrap(), Some(owner));
}

#[tokio::test]
async fn nothing_is_kept_of_a_login_that_cannot_be_stored() {
    let login = r#"{"user_id":"@me:example.org","device_id":"D","access_token":"one"}"#;
    let bad = r#"{"user_id":"@me:example.org","device_id":"D","access_token":"o n e"}"#;
    let server = Server::start([json(403, r#"{"errcode":"M_FORBIDDEN"}"#), json(200, bad), json(200, login)]).await;
    let folder = Folder::new();
    let store = FileStore::open(folder.file()).unwrap();
    let client = Client::builder().base_url(&server.url).store(store).build().await.unwrap();
    assert_eq!(client.login_password("me", "wrong").await.unwrap_err().kind(), ErrorKind::Api);
    assert_eq!(client.login_password("me", "right").await.unwrap_err().kind(), ErrorKind::Rejected);
    fs::remove_dir_all(&folder.0).unwrap();
    let error = client.login_password("me", "right").await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Store);
    assert!(std::error::Error::source(&error).is_some());
    assert_eq!(client.session(), None);
}

#[tokio::test]
async fn a_device_that_was_left_is_taken_up_again() {
    let login = r#"{"user_id":"@me:example.org","device_id":"D","access_token":"one"}"#;
    let server = Server::start([json(200, login), json(200, login), json(200, login)]).await;
    let left = Session::new("@me:example.org", &server.url).device_id("D");
    for (user, device) in [("me", Some("D")), ("@me:example.org", Some("D")), ("you", None)] {
        Client::restore(left.clone()).unwrap().login_password(user, "x").await.unwrap();
        let sent: serde_json::Value = serde_json::from_str(body(server.seen().last().unwrap())).unwrap();
        assert_eq!(sent.get("device_id").and_then(|device| device.as_str()), device);
    }
}
