//! Logins by OAuth 2.0, where the homeserver leaves them to an authorization server. The test is the user's browser.

use std::thread;
use std::time::Duration;

use matrix_api::synapse_admin::GetUser;
use matrix_api::{Client, Error, ErrorCode, ErrorKind, OAuth, PendingLogin, Session, SyncOptions, UnixMillis};
use matrix_api_tests::live::{Live, unique};
use matrix_api_tests::store::Memory;

use crate::{look, web};

const BACK: &str = "http://127.0.0.1:9/back";

/// The test's own environment, or nothing where the homeserver does logins itself.
fn delegated(test: &'static str) -> Option<Live> {
    Some(Live::new(test)).filter(Live::delegates_login)
}

async fn oauth(live: &Live) -> (Client, OAuth) {
    let client = live.anonymous().await;
    let oauth = client.oauth().await.unwrap();
    (client, oauth)
}

/// Opens a page without keeping the program from going on.
fn visit(url: String) {
    thread::spawn(move || web::visit(&url));
}

/// Logs in with a browser whose user is of this name.
async fn log_in(client: &Client, user: &str) -> Session {
    let login = client.oauth().await.unwrap().login();
    let user = user.to_owned();
    login.browser(move |url| visit(format!("{url}&user={user}"))).await.unwrap()
}

/// The URL at which the browser comes back with a code.
fn agreed(pending: &PendingLogin, user: &str) -> String {
    web::redirect(&format!("{}&user={user}", pending.url()))
}

/// Ends the access token of a device at this moment.
fn expire(live: &Live, client: &Client) {
    let device = client.device_id().unwrap();
    let kind = "application/x-www-form-urlencoded";
    let answer = web::post(&format!("{}/mas/expire", live.neighbours()), kind, &format!("device={device}"));
    assert_eq!(answer, "{}");
}

#[track_caller]
fn refused<T: std::fmt::Debug>(answer: Result<T, Error>, code: &str) -> Error {
    let error = answer.unwrap_err();
    assert!(matches!(&error, Error::Auth(failed) if failed.code() == code), "{error}");
    error
}

#[tokio::test]
async fn a_browser_and_a_code() {
    let Some(live) = delegated("oauth::a_browser_and_a_code") else { return };
    let (store, name) = (Memory::default(), unique("oauth"));
    let client = live.builder().store(store.clone()).build().await.unwrap();
    let session = log_in(&client, &name).await;
    assert_eq!(session.user_id.as_str(), format!("@{name}:{}", live.server_name()));
    assert_eq!(session.oauth.as_ref().unwrap().issuer, format!("{}/mas/", live.neighbours()));
    assert!(session.refresh_token.is_some() && session.expires_at.is_some());
    assert_eq!((store.session(), client.session()), (Some(session.clone()), Some(session.clone())));
    let owner = client.whoami().await.unwrap();
    assert_eq!((owner.user_id, owner.device_id), (session.user_id, session.device_id));
    let room = live.room(&client).await;
    live.text(&client, &room, "logged in").await;
}

#[tokio::test]
async fn a_code_on_another_device() {
    let Some(live) = delegated("oauth::a_code_on_another_device") else { return };
    let (client, oauth) = oauth(&live).await;
    let name = unique("device");
    let user = name.clone();
    let login = oauth.login().device_id("KITCHEN");
    let session = login
        .device_code(move |code| {
            assert!(!code.user_code.is_empty() && code.verification_uri.ends_with("/mas/link"));
            visit(format!("{}&user={user}", code.verification_uri_complete.as_ref().unwrap()));
        })
        .await
        .unwrap();
    assert_eq!(session.device_id.unwrap(), "KITCHEN");
    assert_eq!(look::me(&client).await, format!("@{name}:{}", live.server_name()).as_str());
}

#[tokio::test]
async fn the_server_offers_one_way_only() {
    let Some(live) = delegated("oauth::the_server_offers_one_way_only") else { return };
    let client = live.anonymous().await;
    let name = unique("any");
    let user = name.clone();
    let login = client.login().password("nobody", "needed").device_name("A program");
    let session = login.browser(move |url| visit(format!("{url}&user={user}"))).await.unwrap();
    assert_eq!(session.user_id.localpart(), Some(&*name));
    assert!(session.oauth.is_some());
    // With a password alone there is none.
    let other = live.anonymous().await;
    assert_eq!(other.login().password(&name, "secret").await.unwrap_err().kind(), ErrorKind::Rejected);
    assert_eq!(other.session(), None);
}

#[tokio::test]
async fn the_user_says_no() {
    let Some(live) = delegated("oauth::the_user_says_no") else { return };
    let store = Memory::default();
    let client = live.builder().store(store.clone()).build().await.unwrap();
    let oauth = client.oauth().await.unwrap();
    let login = oauth.login().browser(|url| visit(format!("{url}&user=no&deny=1")));
    refused(login.await, "access_denied");
    let login = oauth.login().device_code(|code| {
        visit(format!("{}&user=no&deny=1", code.verification_uri_complete.as_ref().unwrap()));
    });
    refused(login.await, "access_denied");
    assert_eq!((client.session(), store.session()), (None, None));
}

/// A code is worth nothing to whoever has only seen it, and tells on them.
#[tokio::test]
async fn a_code_counts_once_and_for_one() {
    let Some(live) = delegated("oauth::a_code_counts_once_and_for_one") else { return };
    let (client, oauth) = oauth(&live).await;
    let registered = oauth.login().begin(BACK).await.unwrap();
    let client_id = web::between(registered.url(), "client_id=", "&");
    let begin = async || oauth.login().client_id(&client_id).begin(BACK).await.unwrap();
    let state = |pending: &PendingLogin| web::between(pending.url(), "state=", "&");
    // The code of one login in the answer to another: the verifier is another one.
    let answer_with = |pending: &PendingLogin, back: &str| {
        format!("{BACK}?state={}&code={}", state(pending), web::between(back, "code=", "&"))
    };
    let name = unique("code");
    let (mine, theirs) = (begin().await, begin().await);
    let stolen = agreed(&mine, &name);
    let back = answer_with(&theirs, &stolen);
    refused(theirs.finish(&back).await, "invalid_grant");
    // The attempt has used it up.
    refused(mine.finish(&stolen).await, "invalid_grant");

    // Another program, which is known under another id.
    let (mine, theirs) = (begin().await, oauth.login().begin(BACK).await.unwrap());
    let stolen = agreed(&mine, &name);
    let back = answer_with(&theirs, &stolen);
    refused(theirs.finish(&back).await, "invalid_grant");
    assert_eq!(client.session(), None);

    // That attempt was not the program's own; afterwards the code has been used, and the session ends with a second
    // use.
    mine.finish(&stolen).await.unwrap();
    client.whoami().await.unwrap();
    let theirs = begin().await;
    let back = answer_with(&theirs, &stolen);
    refused(theirs.finish(&back).await, "invalid_grant");
    assert_eq!(client.whoami().await.unwrap_err().kind(), ErrorKind::SessionEnded);
    assert_eq!(client.session(), None);
}

#[tokio::test]
async fn tokens_rotate() {
    let Some(live) = delegated("oauth::tokens_rotate") else { return };
    let store = Memory::default();
    let client = live.builder().store(store.clone()).build().await.unwrap();
    let first = log_in(&client, &unique("rotate")).await;
    expire(&live, &client);
    client.whoami().await.unwrap();
    let second = client.session().unwrap();
    assert!(second.access_token != first.access_token && second.refresh_token != first.refresh_token);
    assert_eq!((&second.user_id, &second.device_id), (&first.user_id, &first.device_id));
    assert_eq!(store.session(), Some(second));

    // Somebody has a copy of the old session. Both end when they use it: nobody knows who is who.
    let copy = live.builder().session(first).build().await.unwrap();
    assert_eq!(copy.whoami().await.unwrap_err().kind(), ErrorKind::SessionEnded);
    assert_eq!(copy.session(), None);
    assert_eq!(client.whoami().await.unwrap_err().kind(), ErrorKind::SessionEnded);
    assert_eq!((client.session(), store.session()), (None, None));
}

#[tokio::test]
async fn a_session_is_revoked() {
    let Some(live) = delegated("oauth::a_session_is_revoked") else { return };
    let store = Memory::default();
    let client = live.builder().store(store.clone()).build().await.unwrap();
    let session = log_in(&client, &unique("revoke")).await;
    client.logout().await.unwrap();
    assert_eq!((client.session(), store.session()), (None, None));
    assert_eq!(client.logout().await.unwrap_err().kind(), ErrorKind::NotLoggedIn);
    // Neither token counts any more.
    let late = live.builder().session(session).build().await.unwrap();
    assert_eq!(late.whoami().await.unwrap_err().kind(), ErrorKind::SessionEnded);
}

#[tokio::test]
async fn an_administrator_asks_for_more() {
    let Some(live) = delegated("oauth::an_administrator_asks_for_more") else { return };
    const SCOPE: &str = "urn:synapse:admin:*";
    let (client, oauth) = oauth(&live).await;
    let session = log_in(&client, "admin").await;
    look::refused(client.send(GetUser::new(&session.user_id)).await, 403, ErrorCode::Forbidden);
    let login = oauth.login().scope(SCOPE).browser(|url| visit(format!("{url}&user=admin")));
    let session = login.await.unwrap();
    assert_eq!(client.send(GetUser::new(&session.user_id)).await.unwrap().user.name, session.user_id);

    let (nobody, oauth) = self::oauth(&live).await;
    let login = oauth.login().scope(SCOPE).browser(|url| visit(format!("{url}&user=mallory")));
    refused(login.await, "invalid_scope");
    assert_eq!(nobody.session(), None);
}

#[tokio::test]
async fn the_account_is_managed_there() {
    let Some(live) = delegated("oauth::the_account_is_managed_there") else { return };
    let (_, oauth) = oauth(&live).await;
    let page = format!("{}/mas/account/", live.neighbours());
    assert_eq!(oauth.account_management_url(None, None).as_ref(), Some(&page));
    let url = oauth.account_management_url(Some("org.matrix.device_delete"), Some("DEVICE"));
    assert_eq!(url, Some(format!("{page}?action=org.matrix.device_delete&device_id=DEVICE")));
    assert_eq!(oauth.account_management_url(Some("org.example.unknown"), None), Some(page));
}

/// Before each batch the token ends, so that the loop itself meets the end, a hundred times.
#[tokio::test]
async fn a_sync_lives_through_a_hundred_refreshes() {
    const REFRESHES: usize = 100;
    let Some(live) = delegated("oauth::a_sync_lives_through_a_hundred_refreshes") else { return };
    let store = Memory::default();
    let client = live.builder().store(store.clone()).build().await.unwrap();
    log_in(&client, &unique("long")).await;
    let alice = live.new_user().await;
    let room = live.shared_room(&alice, &client).await;
    let mut stream = client.sync_stream(SyncOptions::new().skip_backlog());
    stream.next().await.unwrap().unwrap();

    let mut heard = Vec::new();
    for number in 0..REFRESHES {
        // The stream asks only when it is asked, so that no request is under way.
        expire(&live, &client);
        live.text(&alice, &room, &number.to_string()).await;
        while heard.len() == number {
            let batch = stream.next().await.expect("it goes on").expect("it goes well");
            heard.extend(batch.messages_in(&room).filter_map(|message| message.body().map(str::to_owned)));
        }
        assert_eq!(store.session().unwrap().access_token, client.session().unwrap().access_token);
    }
    assert_eq!(heard, (0..REFRESHES).map(|number| number.to_string()).collect::<Vec<_>>());
    // One refresh each time, and no more.
    assert_eq!(store.tokens().len(), 1 + REFRESHES);
}

/// Tokens that end by themselves, by the server's clock. Nothing happens before one has ended, so that a long poll is
/// under way at its end, and the next one needs another token.
#[tokio::test]
async fn a_sync_outlives_tokens_of_five_seconds() {
    let Some(live) = delegated("oauth::a_sync_outlives_tokens_of_five_seconds") else { return };
    let user = unique("seconds");
    let login = live.anonymous().await.oauth().await.unwrap().login();
    let first = login.browser(move |url| visit(format!("{url}&user={user}&lifetime=5"))).await.unwrap();
    let first_end = first.expires_at.unwrap();
    assert!((0..=5000).contains(&(first_end.get() - UnixMillis::now().get())), "{first_end:?}");
    // One client has nothing but the token, the other one does not know when it ends.
    let (mut lone, mut blind) = (first.clone(), first);
    (lone.refresh_token, blind.expires_at) = (None, None);
    let lone = live.builder().session(lone).build().await.unwrap();
    let (store, alice) = (Memory::default(), live.new_user().await);
    let client = live.builder().session(blind).store(store.clone()).build().await.unwrap();
    let room = live.shared_room(&alice, &client).await;
    let mut stream = client.sync_stream(SyncOptions::new().skip_backlog().timeout(Duration::from_secs(20)));
    stream.next().await.unwrap().unwrap();

    let (mut said, mut heard, mut outlived) = (Vec::new(), Vec::new(), 0);
    while store.tokens().len() < 4 || outlived < 2 {
        let end = client.session().unwrap().expires_at.unwrap_or(first_end);
        let text = said.len().to_string();
        said.push(text.clone());
        let speak = async {
            let left = end.get() - UnixMillis::now().get();
            tokio::time::sleep(Duration::from_millis(u64::try_from(left).unwrap_or(0) + 500)).await;
            live.text(&alice, &room, &text).await;
        };
        let listen = async {
            while heard.len() < said.len() {
                let start = UnixMillis::now();
                let batch = stream.next().await.expect("it goes on").expect("it goes well");
                outlived += u32::from(start < end && UnixMillis::now() > end);
                heard.extend(batch.messages_in(&room).filter_map(|message| message.body().map(str::to_owned)));
            }
        };
        let minute = Duration::from_secs(60);
        tokio::time::timeout(minute, async { tokio::join!(speak, listen) }).await.expect("it is heard");
        assert!(said.len() < 20, "{} tokens, {outlived} of them outlived", store.tokens().len());
    }
    assert_eq!(heard, said);
    assert_eq!(store.session().unwrap().access_token, client.session().unwrap().access_token);
    let ended = lone.whoami().await.unwrap_err();
    assert_eq!((ended.kind(), lone.session()), (ErrorKind::SessionEnded, None));
}
