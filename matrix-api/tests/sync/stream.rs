//! The stream: it neither dies nor spins, and loses nothing.

use std::{
    future::Future,
    pin::pin,
    task::{Context, Poll, Waker},
    time::Duration,
};

use matrix_api::{ErrorCode, ErrorKind, SyncBatch, SyncOptions, SyncState, SyncStream};
use tokio::time::{Instant, advance, timeout};

use crate::script::{Script, Step, news, nothing, query, refused};

fn at(batch: Option<matrix_api::Result<SyncBatch>>) -> String {
    batch.expect("the stream has not ended").expect("no error").next_batch.clone()
}

async fn stream(script: &Script) -> SyncStream {
    script.client().await.sync_stream(SyncOptions::new())
}

fn page() -> Step {
    Step::Answer(502, "<html>Bad Gateway</html>".to_owned())
}

#[tokio::test(start_paused = true)]
async fn ten_minutes_of_502_are_few_requests_from_the_same_position() {
    let script = Script::new([news("s1")]);
    let mut stream = stream(&script).await;
    assert_eq!(at(stream.next().await), "s1");
    script.then((0..1000).map(|_| page()));
    assert!(timeout(Duration::from_secs(600), stream.next()).await.is_err());
    let asked = script.since();
    assert!((15..=41).contains(&asked.len()), "{} requests", asked.len() - 1);
    assert!(asked[1..].iter().all(|since| since.as_deref() == Some("s1")));
}

#[tokio::test(start_paused = true)]
async fn what_it_does_can_be_watched() {
    let script = Script::new([page(), page(), Step::Unreachable, news("s1"), refused(401, "M_UNKNOWN_TOKEN")]);
    let mut stream = stream(&script).await;
    let mut watch = stream.watch();
    assert!(matches!(watch.state(), SyncState::Running));
    let watcher = tokio::spawn(async move {
        let mut told = Vec::new();
        while let Some(state) = watch.changed().await {
            told.push(match state {
                SyncState::Running => "running".to_owned(),
                SyncState::BackingOff { failures, error, until } => {
                    assert!(until > Instant::now().into_std());
                    format!("{failures} {:?}", error.kind())
                }
                SyncState::Dead { error } => format!("dead {:?}", error.kind()),
                other => panic!("{other:?}"),
            });
        }
        told
    });
    assert_eq!(at(stream.next().await), "s1");
    assert!(matches!(stream.watch().state(), SyncState::Running));
    tokio::task::yield_now().await;
    assert_eq!(stream.next().await.unwrap().unwrap_err().kind(), ErrorKind::SessionEnded);
    tokio::task::yield_now().await;
    drop(stream);
    let told = watcher.await.unwrap();
    // Changes in one breath are told as one.
    assert_eq!(told, ["1 Api", "2 Api", "running", "3 Transport", "running", "dead SessionEnded"]);
}

#[tokio::test(start_paused = true)]
async fn the_end_of_the_login_ends_it_once_with_the_reason() {
    for (status, code, kind) in [
        (401, "M_UNKNOWN_TOKEN", ErrorKind::SessionEnded),
        (401, "M_MISSING_TOKEN", ErrorKind::Api),
        (403, "M_USER_DEACTIVATED", ErrorKind::Api),
        (403, "M_FORBIDDEN", ErrorKind::Api),
        (400, "M_INVALID_PARAM", ErrorKind::Api),
    ] {
        let script = Script::new([refused(status, code), news("never")]);
        let mut stream = stream(&script).await;
        let error = stream.next().await.unwrap().unwrap_err();
        assert_eq!((error.kind(), error.errcode().map(ErrorCode::to_string)), (kind, Some(code.to_owned())));
        for _ in 0..3 {
            assert!(stream.next().await.is_none());
        }
        assert!(matches!(stream.watch().state(), SyncState::Dead { error } if error.kind() == kind));
        assert_eq!(script.seen().len(), 1);
    }
}

#[tokio::test(start_paused = true)]
async fn what_may_pass_does_not_end_it() {
    let script = Script::new([
        page(),
        Step::Answer(200, "no healthy upstream".to_owned()),
        Step::Answer(200, "{}".to_owned()),
        Step::Answer(404, String::new()),
        Step::Answer(401, "<html>who are you".to_owned()),
        Step::Answer(403, "<html>firewall".to_owned()),
        refused(500, "M_UNKNOWN"),
        refused(404, "M_UNRECOGNIZED"),
        refused(401, "M_USER_LOCKED"),
        refused(403, "M_RESOURCE_LIMIT_EXCEEDED"),
        refused(400, "M_LIMIT_EXCEEDED"),
        Step::Unreachable,
        news("s1"),
    ]);
    let mut stream = stream(&script).await;
    assert_eq!(at(stream.next().await), "s1");
    assert_eq!(script.seen().len(), 13);
}

#[tokio::test(start_paused = true)]
async fn a_server_that_asks_for_patience_gets_some() {
    let limited = |seconds| Step::Wait(429, seconds, r#"{"errcode":"M_LIMIT_EXCEEDED"}"#.to_owned());
    let script = Script::new([limited(100), limited(1_000_000_000), news("s1")]);
    let mut stream = stream(&script).await;
    let start = Instant::now();
    assert_eq!(at(stream.next().await), "s1");
    assert_eq!(start.elapsed().as_secs(), 100 + 300);
}

#[tokio::test(start_paused = true)]
async fn failures_are_forgotten_after_an_answer() {
    let script = Script::new([page(), page(), page(), news("s1"), page(), news("s2")]);
    let mut stream = stream(&script).await;
    stream.next().await;
    stream.next().await;
    let times = script.times();
    assert!(times[5] - times[4] <= Duration::from_secs(1));
    assert!(times[3] - times[2] >= Duration::from_secs(2));
}

#[tokio::test(start_paused = true)]
async fn a_slow_consumer_holds_it_up_and_loses_nothing() {
    let script = Script::new([news("s1"), news("s2"), news("s3")]);
    let client = script.client().await;
    let mut stream = client.sync_stream(SyncOptions::new());
    for batch in ["s1", "s2", "s3"] {
        assert_eq!(at(stream.next().await), batch);
        // Nobody asks the server meanwhile, and the position stays until the next batch is wanted.
        advance(Duration::from_secs(3600)).await;
    }
    assert_eq!(script.since(), [None, Some("s1".into()), Some("s2".into())]);
    assert!(script.times().windows(2).all(|two| two[1] - two[0] >= Duration::from_secs(3600)));
    drop(stream);

    // The last batch was not dealt with, as far as anybody knows: it comes again.
    script.then([news("s3")]);
    let mut again = client.sync_stream(SyncOptions::new());
    assert_eq!(at(again.next().await), "s3");
    assert_eq!(script.since()[3].as_deref(), Some("s2"));
}

#[tokio::test(start_paused = true)]
async fn a_batch_can_be_acknowledged_at_once() {
    let script = Script::new([news("s1"), news("s2")]);
    let client = script.client().await;
    let mut stream = client.sync_stream(SyncOptions::new());
    stream.next().await.unwrap().unwrap().acknowledge().await.unwrap();
    drop(stream);
    assert_eq!(at(client.sync_stream(SyncOptions::new()).next().await), "s2");
    assert_eq!(script.since(), [None, Some("s1".into())]);
}

#[tokio::test(start_paused = true)]
async fn a_server_that_does_not_wait_is_not_asked_as_fast_as_it_answers() {
    for answer in [nothing as fn(&str) -> Step, news] {
        let script = Script::new((0..500).map(|_| answer("s1")));
        let mut stream = stream(&script).await;
        let minute = timeout(Duration::from_secs(60), async { while stream.next().await.is_some() {} });
        assert!(minute.await.is_err());
        assert!((12..=40).contains(&script.seen().len()), "{}", script.seen().len());
    }
}

#[tokio::test(start_paused = true)]
async fn news_are_asked_for_without_a_pause() {
    let script = Script::new((0..100).map(|number| news(&format!("s{number}"))));
    let mut stream = stream(&script).await;
    let start = Instant::now();
    for _ in 0..100 {
        stream.next().await.unwrap().unwrap();
    }
    assert_eq!(start.elapsed(), Duration::ZERO);
}

/// Polls a future once.
fn poll_once<F: Future>(future: F) -> Poll<F::Output> {
    pin!(future).poll(&mut Context::from_waker(Waker::noop()))
}

#[tokio::test(start_paused = true)]
async fn next_may_be_dropped_at_every_await() {
    let quarter = Duration::from_secs(30);
    let script = Script::new([
        page(),
        Step::Later(quarter, r#"{"next_batch":"s1"}"#.to_owned()),
        page(),
        Step::Later(quarter, r#"{"next_batch":"s2"}"#.to_owned()),
    ]);
    let mut stream = stream(&script).await;
    let mut batches = Vec::new();
    // A new future for every single poll: nothing is asked twice, and no wait begins anew.
    for _ in 0..2000 {
        if let Poll::Ready(batch) = poll_once(stream.next()) {
            batches.push(at(batch));
            if batches.len() == 2 {
                break;
            }
        }
        advance(Duration::from_millis(50)).await;
    }
    assert_eq!(batches, ["s1", "s2"]);
    assert_eq!(script.since(), [None, None, Some("s1".into()), Some("s1".into())]);
}

#[tokio::test(start_paused = true)]
async fn a_dropped_stream_asks_no_more() {
    let script = Script::new([news("s1"), Step::Silence, news("s2")]);
    let client = script.client().await;
    let mut stream = client.sync_stream(SyncOptions::new());
    stream.next().await.unwrap().unwrap();
    assert!(timeout(Duration::from_secs(5), stream.next()).await.is_err());
    let mut watch = stream.watch();
    drop(stream);
    assert!(watch.changed().await.is_none());
    assert_eq!(script.seen().len(), 2);
    // Asking for the second batch has counted the first one as dealt with.
    assert_eq!(at(client.sync_stream(SyncOptions::new()).next().await), "s2");
    assert_eq!(script.since()[2].as_deref(), Some("s1"));
}

#[tokio::test(start_paused = true)]
async fn it_is_a_stream_for_everybody_elses_combinators() {
    fn is_stream<S: futures_core::Stream<Item = matrix_api::Result<SyncBatch>> + Send + Unpin>(stream: S) -> S {
        stream
    }
    let script = Script::new([news("s1")]);
    let mut stream = is_stream(stream(&script).await);
    let next =
        std::future::poll_fn(|context| futures_core::Stream::poll_next(std::pin::Pin::new(&mut stream), context));
    assert_eq!(at(next.await), "s1");
}

#[tokio::test(start_paused = true)]
async fn the_options_go_along() {
    let script = Script::new([news("s1"), news("s2")]);
    let client = script.client().await;
    let options = SyncOptions::new().timeout(Duration::from_secs(7)).full_state().presence("offline");
    let mut stream = client.sync_stream(options);
    stream.next().await.unwrap().unwrap();
    stream.next().await.unwrap().unwrap();
    let seen = script.seen();
    assert_eq!(seen[0], "/_matrix/client/v3/sync?full_state=true&set_presence=offline&timeout=0");
    assert_eq!(seen[1], "/_matrix/client/v3/sync?since=s1&set_presence=offline&timeout=7000");
}

#[tokio::test(start_paused = true)]
async fn the_backlog_can_be_skipped() {
    let script = Script::new([news("s1"), news("s2")]);
    let client = script.client().await;
    let mut stream = client.sync_stream(SyncOptions::new().skip_backlog());
    stream.next().await.unwrap().unwrap();
    stream.next().await.unwrap().unwrap();
    let seen = script.seen();
    let filter = query(&seen[0], "filter").unwrap();
    assert!(filter.contains("%22timeline%22%3A%7B%22types%22%3A%5B%5D%7D"), "{filter}");
    assert_eq!((query(&seen[1], "filter"), query(&seen[1], "since")), (None, Some("s1".into())));
}

#[tokio::test(start_paused = true)]
async fn a_filter_that_was_not_uploaded_ends_it() {
    let script = Script::new([]);
    let client = script.client().await;
    let mut stream = client.sync_stream(SyncOptions::filter("quiet"));
    let error = stream.next().await.unwrap().unwrap_err();
    assert_eq!(error.to_string(), r#"sync: no filter was uploaded as "quiet""#);
    assert!(stream.next().await.is_none());
    assert!(script.seen().is_empty());
}
