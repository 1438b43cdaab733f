//! The same in many rooms.

use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use matrix_api::{Client, RetryPolicy, Session};
use tokio::time::Instant;

use crate::{
    FORBIDDEN, asked, json, ok,
    server::{self, Server},
    start,
};

#[tokio::test]
async fn an_outcome_for_every_room() {
    let (server, client) = start([ok("{}"), json(403, FORBIDDEN), ok("{}")]).await;
    let seen = Arc::new(std::sync::Mutex::new(Vec::new()));
    let watched = seen.clone();
    let report = client
        .for_each_room(["!a", "!b", "!c"], |room| async move { room.kick("@t:hs").await })
        .at_once(1)
        .on_progress(move |at| watched.lock().unwrap().push((at.key.to_string(), at.done, at.failed, at.total)))
        .await;
    assert_eq!(report.succeeded().map(|(room, ())| room.as_str()).collect::<Vec<_>>(), ["!a", "!c"]);
    assert!(report.failed().next().unwrap().1.is_forbidden());
    let rows =
        [("!a", 1, 0), ("!b", 2, 1), ("!c", 3, 1)].map(|(room, done, failed)| (room.to_owned(), done, failed, 3));
    assert_eq!(*seen.lock().unwrap(), rows);
    assert_eq!(report.into_rest(), ["!b"]);
    assert_eq!(asked(&server)[2], r#"POST /v3/rooms/%21c/kick {"user_id":"@t:hs"}"#);
    assert!(client.for_each_room(Vec::<&str>::new(), |_| async { Ok(()) }).await.is_success());
}

#[tokio::test]
async fn a_few_at_a_time() {
    let (_server, client) = start([]).await;
    let (now, most) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
    let peak = most.clone();
    let rooms: Vec<String> = (0..20).map(|number| format!("!{number}")).collect();
    let report = client.for_each_room(rooms, move |_| {
        let (now, peak) = (now.clone(), peak.clone());
        async move {
            peak.fetch_max(now.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
            tokio::task::yield_now().await;
            now.fetch_sub(1, Ordering::SeqCst);
            Ok(())
        }
    });
    assert!(report.at_once(3).await.is_success());
    assert_eq!(most.load(Ordering::SeqCst), 3);
}

#[tokio::test]
async fn all_wait_when_the_server_says_so() {
    const PAUSE: Duration = Duration::from_millis(600);
    let times = Arc::new(std::sync::Mutex::new(Vec::new()));
    let noted = times.clone();
    let server = Server::answering(move |_| {
        let mut times = noted.lock().unwrap();
        times.push(Instant::now());
        match times.len() {
            1 => server::with(
                429,
                &[("Content-Type", "application/json")],
                r#"{"errcode":"M_LIMIT_EXCEEDED","retry_after_ms":600}"#,
            ),
            _ => ok("{}"),
        }
    })
    .await;
    let session = Session::new("@me:hs", &server.url).access_token("t");
    let client = Client::builder().session(session).retry(RetryPolicy::default()).build().await.unwrap();
    let report =
        client.for_each_room(["!a", "!b", "!c", "!d"], |room| async move { room.leave().await }).at_once(1).await;
    assert!(report.is_success(), "{report}");
    let times = times.lock().unwrap();
    // The first room again, and then the others; none of them before the pause was over.
    assert_eq!(times.len(), 5);
    assert!(times[1] - times[0] >= PAUSE);
}

#[tokio::test]
async fn calls_among_many_are_more_patient() {
    let limited = || json(429, r#"{"errcode":"M_LIMIT_EXCEEDED","retry_after_ms":1}"#);
    let script = (0..8).map(|_| limited()).chain([ok("{}")]).chain((0..3).map(|_| limited()));
    let server = Server::start(script.chain([json(502, "{}"), json(502, "{}"), json(502, "{}")])).await;
    let session = Session::new("@me:hs", &server.url).access_token("t");
    let policy = RetryPolicy::default().cap(Duration::from_millis(5));
    let client = Client::builder().session(session).retry(policy).build().await.unwrap();
    let leave = |client: &Client| client.for_each_room(["!a"], |room| async move { room.leave().await });
    assert!(leave(&client).await.is_success());
    assert_eq!(server.seen().len(), 9);
    // A call by itself is not, and neither is one of many whose server is down.
    assert!(client.room("!a").leave().await.unwrap_err().is_rate_limited());
    assert_eq!(server.seen().len(), 12);
    assert!(!leave(&client).await.is_success());
    assert_eq!(server.seen().len(), 15);
}
