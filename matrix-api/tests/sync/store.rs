//! Positions and filters survive the program.

use std::sync::{
    Arc, Mutex,
    atomic::{AtomicBool, Ordering},
};

use matrix_api::{Client, ErrorKind, Filter, Session, SessionStore, StoreFuture, SyncOptions, error::StoreError};

use crate::script::{Script, Step, news, query};

/// A store that can fail.
#[derive(Clone, Default)]
struct Memory {
    session: Arc<Mutex<Option<Session>>>,
    saves: Arc<Mutex<Vec<Option<String>>>>,
    broken: Arc<AtomicBool>,
}

impl SessionStore for Memory {
    fn load(&self) -> StoreFuture<'_, Option<Session>> {
        let session = self.session.lock().unwrap().clone();
        Box::pin(async { Ok(session) })
    }

    fn save<'a>(&'a self, session: &'a Session) -> StoreFuture<'a, ()> {
        Box::pin(async {
            // A store takes its time.
            tokio::task::yield_now().await;
            if self.broken.load(Ordering::SeqCst) {
                return Err(StoreError::new("the disk is full").into());
            }
            self.saves.lock().unwrap().push(session.next_batch.clone());
            *self.session.lock().unwrap() = Some(session.clone());
            Ok(())
        })
    }

    fn clear(&self) -> StoreFuture<'_, ()> {
        *self.session.lock().unwrap() = None;
        Box::pin(async { Ok(()) })
    }
}

impl Memory {
    /// A new run of the program.
    async fn start(&self, script: &Script) -> Client {
        let stored = self.session.lock().unwrap().clone();
        let new = || Session::new("@me:example.org", "http://127.0.0.1:1").access_token("canary");
        let builder = Client::builder().session(stored.unwrap_or_else(new)).store(self.clone());
        builder.middleware(script.clone()).build().await.unwrap()
    }

    fn next_batch(&self) -> Option<String> {
        self.session.lock().unwrap().clone()?.next_batch
    }
}

#[tokio::test(start_paused = true)]
async fn the_position_is_stored_when_a_batch_was_dealt_with_and_no_sooner() {
    let (memory, script) = (Memory::default(), Script::new([news("s1"), news("s2"), news("s2")]));
    let client = memory.start(&script).await;
    let mut stream = client.sync_stream(SyncOptions::new());
    stream.next().await.unwrap().unwrap();
    assert_eq!(memory.next_batch(), None);
    stream.next().await.unwrap().unwrap();
    assert_eq!(memory.next_batch().as_deref(), Some("s1"));
    // Killed in the middle of the second batch.
    drop((stream, client));

    let client = memory.start(&script).await;
    let mut stream = client.sync_stream(SyncOptions::new());
    let again = stream.next().await.unwrap().unwrap();
    assert_eq!((again.since(), again.next_batch.as_str()), (Some("s1"), "s2"));
    again.acknowledge().await.unwrap();
    assert_eq!(memory.next_batch().as_deref(), Some("s2"));
    let saves = memory.saves.lock().unwrap().len();
    again.acknowledge().await.unwrap();
    assert_eq!(memory.saves.lock().unwrap().len(), saves, "it is stored once");
}

#[tokio::test(start_paused = true)]
async fn filters_and_their_positions_are_stored() {
    let (memory, script) = (Memory::default(), Script::new([]));
    script.then([Step::Answer(200, r#"{"filter_id":"7"}"#.to_owned()), news("q1"), news("q2")]);
    let client = memory.start(&script).await;
    client.filters().upload("quiet", Filter::quiet()).await.unwrap();
    client.sync_once(SyncOptions::filter("quiet")).await.unwrap().acknowledge().await.unwrap();

    let client = memory.start(&script).await;
    assert_eq!(client.filters().id("quiet").as_deref(), Some("7"));
    client.sync_once(SyncOptions::filter("quiet")).await.unwrap();
    let last = script.seen().pop().unwrap();
    assert_eq!((query(&last, "filter").as_deref(), query(&last, "since").as_deref()), (Some("7"), Some("q1")));
    assert_eq!(memory.next_batch(), None);
}

#[tokio::test(start_paused = true)]
async fn a_store_that_fails_does_not_stop_the_stream() {
    let (memory, script) = (Memory::default(), Script::new((1..=4).map(|number| news(&format!("s{number}")))));
    let client = memory.start(&script).await;
    let mut stream = client.sync_stream(SyncOptions::new());
    let watch = stream.watch();
    stream.next().await.unwrap().unwrap();
    memory.broken.store(true, Ordering::SeqCst);
    let second = stream.next().await.unwrap().unwrap();
    assert_eq!(watch.unsaved().unwrap().to_string(), "session store: the disk is full");
    assert_eq!(second.acknowledge().await.unwrap_err().kind(), ErrorKind::Store);
    memory.broken.store(false, Ordering::SeqCst);
    stream.next().await.unwrap().unwrap();
    assert!(watch.unsaved().is_none());
    assert_eq!(memory.next_batch().as_deref(), Some("s2"));
    assert_eq!(script.since().len(), 3);
}

#[tokio::test(start_paused = true)]
async fn saving_goes_on_when_next_is_dropped_in_the_middle() {
    let (memory, script) = (Memory::default(), Script::new([news("s1"), news("s2")]));
    let client = memory.start(&script).await;
    let mut stream = client.sync_stream(SyncOptions::new());
    stream.next().await.unwrap().unwrap();
    tokio::select! {
        biased;
        _ = stream.next() => panic!("the store takes its time"),
        () = std::future::ready(()) => {}
    }
    assert_eq!(memory.next_batch(), None);
    assert_eq!(stream.next().await.unwrap().unwrap().next_batch, "s2");
    assert_eq!(memory.next_batch().as_deref(), Some("s1"));
    assert_eq!(script.seen().len(), 2);
}
