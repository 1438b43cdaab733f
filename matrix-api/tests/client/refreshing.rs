//! Tokens that end, and new ones in their place.

use std::{
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, AtomicU32, Ordering},
    },
    time::Duration,
};

use matrix_api::{
    Client, ClientBuilder, Error, ErrorKind, RetryPolicy, Session, SessionStore, StoreFuture, UnixMillis,
    error::StoreError, json,
};

use tokio::sync::Barrier;

use crate::{
    calls::{GetThing, MakeThing},
    server::{Server, Step, body, header, json},
};

const GONE: &str = r#"{"errcode":"M_UNKNOWN_TOKEN","error":"gone"}"#;
const SOFT: &str = r#"{"errcode":"M_UNKNOWN_TOKEN","error":"gone","soft_logout":true}"#;
const REFRESH: &str = "POST /_matrix/client/v3/refresh HTTP/1.1";
const THING: &str = "GET /_matrix/thing HTTP/1.1";

fn found() -> Step {
    json(200, r#"{"name":"a"}"#)
}

fn bytes(step: Step) -> Vec<u8> {
    match step {
        Step::Answer(bytes) => bytes,
        _ => unreachable!("it is an answer"),
    }
}

fn refreshed(generation: u32) -> Step {
    let answer = json!({
        "access_token": format!("access-{generation}"),
        "refresh_token": format!("refresh-{generation}"),
        "expires_in_ms": 300_000,
    });
    json(200, &answer.to_string())
}

fn session(url: &str) -> Session {
    Session::new("@me:example.org", url).device_id("D").access_token("access-0").refresh_token("refresh-0")
}

fn token(request: &str) -> String {
    header(request, "authorization").unwrap_or_default().replace("Bearer ", "")
}

/// A store in memory that can be looked into, and told to fail.
#[derive(Clone, Default)]
struct Memory(Arc<Inside>);

#[derive(Default)]
struct Inside {
    session: Mutex<Option<Session>>,
    broken: AtomicBool,
    saves: AtomicU32,
}

impl Memory {
    fn session(&self) -> Option<Session> {
        self.0.session.lock().unwrap().clone()
    }

    fn token(&self) -> Option<String> {
        Some(self.session()?.access_token?.into_exposed())
    }

    fn put(&self, session: Option<Session>) {
        *self.0.session.lock().unwrap() = session;
    }

    fn answer<T: Send + 'static>(&self, value: T) -> StoreFuture<'_, T> {
        let broken = self.0.broken.load(Ordering::SeqCst);
        Box::pin(async move { if broken { Err(StoreError::new("out of order").into()) } else { Ok(value) } })
    }
}

impl SessionStore for Memory {
    fn load(&self) -> StoreFuture<'_, Option<Session>> {
        Box::pin(async { Ok(self.session()) })
    }

    fn save<'a>(&'a self, session: &'a Session) -> StoreFuture<'a, ()> {
        self.0.saves.fetch_add(1, Ordering::SeqCst);
        if !self.0.broken.load(Ordering::SeqCst) {
            self.put(Some(session.clone()));
        }
        self.answer(())
    }

    fn clear(&self) -> StoreFuture<'_, ()> {
        self.put(None);
        self.answer(())
    }
}

fn builder(session: Session, store: &Memory) -> ClientBuilder {
    Client::builder().session(session).store(store.clone()).retry(RetryPolicy::none())
}

async fn client(url: &str, store: &Memory) -> Client {
    builder(session(url), store).build().await.unwrap()
}

#[tokio::test]
async fn a_token_that_has_ended_is_replaced_and_the_call_goes_on() {
    let server = Server::start([json(401, SOFT), refreshed(1), found(), json(401, SOFT), refreshed(2), found()]).await;
    let store = Memory::default();
    let client = client(&server.url, &store).await;
    client.send(GetThing).await.unwrap();
    // A write as well, for it was refused.
    client.send(MakeThing::default()).await.unwrap();
    let seen = server.seen();
    let post = "POST /_matrix/thing HTTP/1.1";
    assert_eq!(server.lines(), [THING, REFRESH, THING, post, REFRESH, post]);
    assert_eq!(
        seen.iter().map(|request| token(request)).collect::<Vec<_>>(),
        ["access-0", "", "access-1", "access-1", "", "access-2"]
    );
    assert_eq!(body(&seen[1]), r#"{"refresh_token":"refresh-0"}"#);
    assert_eq!(body(&seen[4]), r#"{"refresh_token":"refresh-1"}"#);
    let stored = store.session().unwrap();
    assert_eq!(Some(&stored), client.session().as_ref());
    assert_eq!(stored.refresh_token, Some("refresh-2".into()));
    let left = stored.expires_at.unwrap().0 - UnixMillis::now().0;
    assert!((200_000..=300_000).contains(&left), "{left}");
}

#[tokio::test]
async fn a_token_that_the_clock_has_ended_is_not_sent() {
    let server = Server::start([refreshed(1), found()]).await;
    let store = Memory::default();
    let mut old = session(&server.url);
    old.expires_at = Some(UnixMillis(UnixMillis::now().0 - 1));
    builder(old.clone(), &store).build().await.unwrap().send(GetThing).await.unwrap();
    assert_eq!(server.lines(), [REFRESH, THING]);
    assert_eq!(token(&server.seen()[1]), "access-1");

    // Nor when there is no other: the end is told as if it had been.
    let server = Server::start([json(403, r#"{"errcode":"M_FORBIDDEN"}"#)]).await;
    old.base_url.clone_from(&server.url);
    let error = builder(old, &store).build().await.unwrap().send(GetThing).await.unwrap_err();
    assert_eq!((error.kind(), error.operation()), (ErrorKind::SessionEnded, Some("getThing")));
    assert_eq!((server.lines(), store.session()), (vec![REFRESH.to_owned()], None));
}

#[tokio::test]
async fn a_refresh_token_that_is_not_replaced_stays() {
    let server = Server::start([json(401, GONE), json(200, r#"{"access_token":"access-1"}"#), found()]).await;
    let store = Memory::default();
    let client = client(&server.url, &store).await;
    client.send(GetThing).await.unwrap();
    let stored = store.session().unwrap();
    assert_eq!((stored.refresh_token, stored.expires_at), (Some("refresh-0".into()), None));
}

#[tokio::test]
async fn a_hard_logout_is_told_once() {
    for answer in [json(401, GONE), json(403, r#"{"errcode":"M_FORBIDDEN"}"#)] {
        let server = Server::start([json(401, GONE), answer]).await;
        let store = Memory::default();
        let client = client(&server.url, &store).await;
        let error = client.send(GetThing).await.unwrap_err();
        assert_eq!((error.kind(), error.operation()), (ErrorKind::SessionEnded, Some("getThing")));
        assert_eq!(store.session(), None);
        // The dead token is not sent again.
        assert_eq!(client.send(GetThing).await.unwrap_err().kind(), ErrorKind::NotLoggedIn);
        assert_eq!((client.session(), client.device_id()), (None, None));
        assert_eq!(client.user_id(), Some("@me:example.org".into()));
        assert_eq!(server.lines(), [THING, REFRESH]);
    }
}

/// Each call hears that its own token was refused; whether there is another one is asked once.
#[tokio::test]
async fn a_hard_logout_of_many_calls_is_asked_about_once() {
    const TASKS: usize = 50;
    let all = Arc::new(Barrier::new(TASKS));
    let server = Server::answering(move |request| match request.starts_with(REFRESH) {
        true => json(401, GONE),
        false => Step::Together(all.clone(), bytes(json(401, GONE))),
    })
    .await;
    let store = Memory::default();
    let client = client(&server.url, &store).await;
    let task = |client: Client| tokio::spawn(async move { client.send(GetThing).await });
    let tasks: Vec<_> = (0..TASKS).map(|_| task(client.clone())).collect();
    for task in tasks {
        assert_eq!(task.await.unwrap().unwrap_err().kind(), ErrorKind::SessionEnded);
    }
    assert_eq!(server.lines().iter().filter(|line| *line == REFRESH).count(), 1);
    assert_eq!((client.session(), store.session()), (None, None));
    assert_eq!(client.send(GetThing).await.unwrap_err().kind(), ErrorKind::NotLoggedIn);
    assert_eq!(server.seen().len(), TASKS + 1);
}

#[tokio::test]
async fn a_soft_logout_leaves_the_device_to_be_taken_up() {
    let login = r#"{"user_id":"@me:example.org","device_id":"D","access_token":"new","refresh_token":"r"}"#;
    let server = Server::start([json(401, SOFT), json(401, GONE), json(200, login), found()]).await;
    let store = Memory::default();
    let mut old = session(&server.url).next_batch("s1");
    old.filters.insert("quiet".to_owned(), "7".to_owned());
    old.positions.insert("quiet".to_owned(), "q1".to_owned());
    let client = builder(old.clone(), &store).build().await.unwrap();
    let error = client.send(GetThing).await.unwrap_err();
    assert!(matches!(&error, Error::SessionEnded(ended) if ended.soft_logout()));
    assert_eq!(store.session(), Some(old.without_secrets()));
    let new = client.login_password("me", "x").await.unwrap();
    // It goes on where the device was.
    assert_eq!(new, old.access_token("new").refresh_token("r"));
    assert_eq!((store.session(), client.session()), (Some(new.clone()), Some(new)));
    let sent: serde_json::Value = serde_json::from_str(body(&server.seen()[2])).unwrap();
    assert_eq!(sent["device_id"], "D");
    client.send(GetThing).await.unwrap();
    assert_eq!(store.token().as_deref(), Some("new"));
}

#[tokio::test]
async fn a_server_that_cannot_be_asked_is_not_the_end() {
    let limited = json(429, r#"{"errcode":"M_LIMIT_EXCEEDED"}"#);
    let broken = [
        (json(502, "<html>"), ErrorKind::Api),
        (limited, ErrorKind::Api),
        (json(401, r#"{"errcode":"M_USER_LOCKED","soft_logout":true}"#), ErrorKind::Api),
        // What has no error code is not the homeserver's word, whatever its status.
        (json(400, "{}"), ErrorKind::Api),
        (json(401, ""), ErrorKind::Api),
        (json(403, "<html>"), ErrorKind::Api),
        (json(403, r#"{"error":"invalid_grant"}"#), ErrorKind::Api),
        (Step::Cut(Vec::new()), ErrorKind::Transport),
        (json(200, "{}"), ErrorKind::Decode),
        (json(200, r#"{"access_token":""}"#), ErrorKind::Rejected),
    ];
    for (step, kind) in broken {
        let server = Server::start([json(401, SOFT), step, json(401, SOFT), refreshed(1), found()]).await;
        let store = Memory::default();
        let client = client(&server.url, &store).await;
        let error = client.send(GetThing).await.unwrap_err();
        assert_eq!((error.kind(), error.operation()), (kind, Some("refresh")), "{error}");
        assert_eq!(store.token().as_deref(), Some("access-0"));
        client.send(GetThing).await.unwrap();
        assert_eq!(store.token().as_deref(), Some("access-1"));
    }
}

#[tokio::test]
async fn tokens_that_could_not_be_stored_are_not_used_and_not_lost() {
    let server = Server::start([json(401, SOFT), refreshed(1), json(401, SOFT), found()]).await;
    let store = Memory::default();
    let client = client(&server.url, &store).await;
    store.0.broken.store(true, Ordering::SeqCst);
    let error = client.send(GetThing).await.unwrap_err();
    assert_eq!(error.to_string(), "session store: out of order");
    assert_eq!(client.session().unwrap().access_token, Some("access-0".into()));
    store.0.broken.store(false, Ordering::SeqCst);
    client.send(GetThing).await.unwrap();
    assert_eq!(server.lines(), [THING, REFRESH, THING, THING]);
    assert_eq!(store.token().as_deref(), Some("access-1"));
}

#[tokio::test]
async fn tokens_that_could_not_be_stored_are_not_the_next_logins() {
    let login = r#"{"user_id":"@you:example.org","device_id":"E","access_token":"new","refresh_token":"refresh-new"}"#;
    for logged_out in [false, true] {
        let logout = logged_out.then(|| json(200, "{}"));
        let steps = [json(401, SOFT), refreshed(1)].into_iter().chain(logout);
        let server = Server::start(steps.chain([json(200, login), json(401, SOFT), refreshed(2), found()])).await;
        let store = Memory::default();
        let client = client(&server.url, &store).await;
        store.0.broken.store(true, Ordering::SeqCst);
        client.send(GetThing).await.unwrap_err();
        store.0.broken.store(false, Ordering::SeqCst);
        if logged_out {
            client.logout().await.unwrap();
        }
        client.login_password("you", "x").await.unwrap();
        client.send(GetThing).await.unwrap();
        let seen = server.seen();
        assert_eq!(body(&seen[seen.len() - 2]), r#"{"refresh_token":"refresh-new"}"#);
        assert_eq!(token(seen.last().unwrap()), "access-2");
    }
}

#[tokio::test]
async fn tokens_that_could_not_be_stored_give_way_to_those_of_another_process() {
    let server =
        Server::start([json(401, SOFT), refreshed(1), json(401, SOFT), json(401, SOFT), refreshed(2), found()]).await;
    let store = Memory::default();
    let client = client(&server.url, &store).await;
    store.0.broken.store(true, Ordering::SeqCst);
    client.send(GetThing).await.unwrap_err();
    store.0.broken.store(false, Ordering::SeqCst);
    store.put(Some(session(&server.url).access_token("theirs").refresh_token("refresh-theirs")));
    client.send(GetThing).await.unwrap();
    assert_eq!(server.lines(), [THING, REFRESH, THING, THING, REFRESH, THING]);
    assert_eq!(body(&server.seen()[4]), r#"{"refresh_token":"refresh-theirs"}"#);
}

#[tokio::test]
async fn another_process_may_have_been_faster() {
    let server = Server::start([json(401, SOFT), found()]).await;
    let store = Memory::default();
    let client = client(&server.url, &store).await;
    store.put(Some(session(&server.url).access_token("theirs").refresh_token("refresh-theirs")));
    client.send(GetThing).await.unwrap();
    assert_eq!(server.lines(), [THING, THING]);
    assert_eq!(token(&server.seen()[1]), "theirs");

    // In between: our refresh token was used up while we were asking.
    let slow = Step::Later(Duration::from_millis(200), bytes(json(401, GONE)));
    let server = Server::start([json(401, SOFT), slow, found()]).await;
    let store = Memory::default();
    let client = self::client(&server.url, &store).await;
    let call = tokio::spawn(async move { client.send(GetThing).await });
    while server.seen().len() < 2 {
        tokio::task::yield_now().await;
    }
    store.put(Some(session(&server.url).access_token("theirs")));
    call.await.unwrap().unwrap();
    assert_eq!(token(&server.seen()[2]), "theirs");
    // Somebody else's session is not taken up.
    let server = Server::start([json(401, GONE), json(401, GONE)]).await;
    let client = self::client(&server.url, &store).await;
    store.put(Some(Session::new("@you:example.org", &server.url).access_token("theirs")));
    assert_eq!(client.send(GetThing).await.unwrap_err().kind(), ErrorKind::SessionEnded);
}

#[tokio::test]
async fn a_caller_who_goes_away_does_not_lose_the_tokens() {
    let server = Server::start([json(401, SOFT), refreshed(1), found()]).await;
    let store = Memory::default();
    let client = client(&server.url, &store).await;
    let call = tokio::spawn({
        let client = client.clone();
        async move { client.send(GetThing).await }
    });
    while server.seen().len() < 2 {
        tokio::task::yield_now().await;
    }
    call.abort();
    while store.token().as_deref() != Some("access-1") {
        tokio::task::yield_now().await;
    }
    client.send(GetThing).await.unwrap();
    assert_eq!(server.lines().iter().filter(|line| *line == REFRESH).count(), 1);
}

#[tokio::test]
async fn a_server_that_takes_no_token_is_left_in_peace() {
    let script = (0..3).flat_map(|round| [json(401, SOFT), refreshed(round)]).chain([json(401, SOFT)]);
    let server = Server::start(script).await;
    let store = Memory::default();
    let error = client(&server.url, &store).await.send(GetThing).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::SessionEnded);
    assert_eq!(server.seen().len(), 7);
}

/// 200 tasks find at once that their token has ended: nobody is told so before all have asked.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_hundred_tasks_make_one_refresh() {
    const TASKS: u32 = 200;
    let store = Memory::default();
    let kept = store.clone();
    let early = Arc::new(AtomicU32::new(0));
    let (count, all) = (early.clone(), Arc::new(Barrier::new(TASKS as usize)));
    let server = Server::answering(move |request| match (request.starts_with(REFRESH), &*token(request)) {
        (true, _) => refreshed(1),
        (false, "access-1") => {
            // New tokens are in the store before anybody uses them.
            if kept.token().as_deref() != Some("access-1") {
                count.fetch_add(1, Ordering::SeqCst);
            }
            found()
        }
        (false, _) => Step::Together(all.clone(), bytes(json(401, SOFT))),
    })
    .await;
    let client = client(&server.url, &store).await;
    let tasks: Vec<_> = (0..TASKS)
        .map(|_| {
            let client = client.clone();
            tokio::spawn(async move { client.send(GetThing).await })
        })
        .collect();
    for task in tasks {
        task.await.unwrap().unwrap();
    }
    let seen = server.seen();
    let with = |wanted: &str| seen.iter().filter(|request| token(request) == wanted).count() as u32;
    // The refresh itself has no token in its head.
    assert_eq!((with("access-0"), with(""), with("access-1")), (TASKS, 1, TASKS));
    assert_eq!(early.load(Ordering::SeqCst), 0);
    // Once for the session that was given, once for the new tokens.
    assert_eq!(store.0.saves.load(Ordering::SeqCst), 2);
}
