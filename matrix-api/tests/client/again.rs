//! What calls share, and what a caller decides.

use std::{
    sync::{
        Arc, Mutex,
        atomic::{AtomicU32, Ordering},
    },
    time::Duration,
};

use matrix_api::{Again, Client, Error, ErrorKind, RetryPolicy, error::Sent, http::StatusCode};
use tokio::time::Instant;

use crate::{
    calls::{GetThing, MakeThing, PollThing, PutThing, builder, client},
    server::{Server, Step, header, json, with},
};

fn found() -> Step {
    json(200, r#"{"name":"a"}"#)
}

fn limited(seconds: u64) -> Step {
    with(429, &[("Retry-After", &seconds.to_string())], r#"{"errcode":"M_LIMIT_EXCEEDED"}"#)
}

async fn patient(url: &str) -> Client {
    builder(url).retry(RetryPolicy::default()).build().await.unwrap()
}

#[tokio::test(start_paused = true)]
async fn a_poll_that_may_not_be_retried_is_slowed_down_even_so() {
    let server = Server::start((0..50).map(|_| json(503, "{}"))).await;
    let policy = RetryPolicy::default().attempts(100).cap(Duration::ZERO);
    let client = builder(&server.url).retry(policy).build().await.unwrap();
    client.send(GetThing).await.unwrap_err();
    assert_eq!(server.seen().len(), 36);
    let policy = || RetryPolicy::default().attempts(100);
    let mut waited = Duration::ZERO;
    for _ in 0..14 {
        let start = Instant::now();
        let error = client.call(PollThing { timeout: 0 }).retry(policy()).send().await.unwrap_err();
        assert_eq!(error.attempts().len(), 1);
        assert!(start.elapsed() <= Duration::from_millis(101));
        waited += start.elapsed();
    }
    assert!(waited > Duration::ZERO);
}

#[tokio::test(start_paused = true)]
async fn after_a_429_every_call_waits() {
    let server = Server::start((0..1).map(|_| limited(30)).chain((0..9).map(|_| found()))).await;
    let client = patient(&server.url).await;
    let first = tokio::spawn({
        let client = client.clone();
        async move { client.send(GetThing).await.unwrap() }
    });
    while server.seen().is_empty() {
        tokio::task::yield_now().await;
    }
    tokio::time::sleep(Duration::from_secs(1)).await;
    let start = Instant::now();
    let others: Vec<_> = (0..5)
        .map(|_| {
            let client = client.clone();
            tokio::spawn(async move { client.send(MakeThing::default()).await.unwrap() })
        })
        .collect();
    // An impatient one is not held back.
    client.call(GetThing).retry(RetryPolicy::none()).send().await.unwrap();
    assert_eq!(start.elapsed().as_secs(), 0);
    assert_eq!(server.seen().len(), 2);
    for other in others {
        other.await.unwrap();
        assert!((29..=30).contains(&start.elapsed().as_secs()), "{:?}", start.elapsed());
    }
    first.await.unwrap();
    assert_eq!(server.seen().len(), 8);
}

#[tokio::test(start_paused = true)]
async fn a_call_as_a_whole_has_an_end() {
    let server = Server::start((0..9).map(|_| Step::Silence)).await;
    let client = builder(&server.url).retry(RetryPolicy::default().attempts(9)).build().await.unwrap();
    let start = Instant::now();
    let error = client.send(GetThing).await.unwrap_err();
    assert_eq!(start.elapsed().as_secs(), 60);
    assert!(error.is_timeout() && error.may_have_been_sent());
    assert_eq!(server.seen().len(), 2 + usize::from(error.attempts().len() > 2));

    // A wait that does not fit is not begun.
    let server = Server::start([limited(50), limited(50)]).await;
    let client = patient(&server.url).await;
    let start = Instant::now();
    let error = client.send(GetThing).await.unwrap_err();
    assert!(error.is_rate_limited());
    assert_eq!((start.elapsed().as_secs(), server.seen().len()), (50, 2));
}

#[tokio::test(start_paused = true)]
async fn one_call_may_have_terms_of_its_own() {
    let server = Server::start([json(503, "{}"), Step::Silence, found(), json(503, "{}"), found()]).await;
    let client = client(&server.url).await;
    client.call(GetThing).retry(RetryPolicy::none()).send().await.unwrap_err();
    let start = Instant::now();
    client.call(GetThing).timeout(Duration::from_secs(2)).header("X-Trace", "7").send().await.unwrap();
    assert_eq!(start.elapsed().as_secs(), 2);
    client.send(GetThing).await.unwrap();
    assert_eq!(server.seen().len(), 5);
    let traces: Vec<_> = server.seen().iter().map(|request| header(request, "x-trace")).collect();
    assert_eq!(traces, [None, Some("7".to_owned()), Some("7".to_owned()), None, None]);

    for (name, value) in [("authorization", "Bearer canary"), ("Host", "x"), ("a b", "c"), ("x", "a\r\nb: c")] {
        let error = client.call(GetThing).header(name, value).send().await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Rejected);
        assert!(!format!("{error:?}").contains("canary"));
    }
    assert_eq!(server.seen().len(), 5);
}

#[tokio::test(start_paused = true)]
async fn every_attempt_is_told() {
    let half = b"HTTP/1.1 200 OK\r\nContent-Length: 12\r\n\r\n{\"name".to_vec();
    let server = Server::start([limited(7), Step::Cut(half), json(404, r#"{"errcode":"M_NOT_FOUND"}"#)]).await;
    let error = patient(&server.url).await.send(GetThing).await.unwrap_err();
    let [first, second, third] = error.attempts() else { panic!("{:?}", error.attempts()) };
    assert_eq!((first.status, first.failed, first.sent), (Some(StatusCode::TOO_MANY_REQUESTS), None, Sent::Yes));
    assert_eq!(first.wait.unwrap().as_secs(), 7);
    assert_eq!((second.status, second.sent), (Some(StatusCode::OK), Sent::Yes));
    assert_eq!(second.failed, Some(matrix_api::error::TransportKind::Interrupted));
    assert!(second.wait.is_some());
    assert_eq!((third.status, third.failed, third.wait), (Some(StatusCode::NOT_FOUND), None, None));
    assert!(error.is_not_found());

    // What one attempt may have done, the last one's failure does not undo.
    let server = Server::start([Step::Silence]).await;
    let client = builder(&server.url).retry(RetryPolicy::default().attempts(2)).build().await.unwrap();
    let call = tokio::spawn(async move { client.send(GetThing).await.unwrap_err() });
    while server.seen().is_empty() {
        tokio::task::yield_now().await;
    }
    server.stop();
    let error = call.await.unwrap();
    assert_eq!(error.attempts().iter().map(|attempt| attempt.sent).collect::<Vec<_>>(), [Sent::Maybe, Sent::No]);
    assert!(error.may_have_been_sent(), "{error}");
}

#[tokio::test]
async fn a_page_instead_of_json_gets_one_more_chance() {
    for page in ["no healthy upstream", "<html><body>busy</body></html>"] {
        let server = Server::start([with(200, &[], page), found()]).await;
        client(&server.url).await.send(GetThing).await.unwrap();
        assert_eq!(server.seen().len(), 2);
        let server = Server::start((0..5).map(|_| with(200, &[], page))).await;
        let error = client(&server.url).await.send(GetThing).await.unwrap_err();
        assert_eq!((error.kind(), server.seen().len(), error.attempts().len()), (ErrorKind::Decode, 2, 2));
        // A write was carried out, whatever came back.
        for request in [0, 1] {
            let server = Server::start((0..5).map(|_| with(200, &[], page))).await;
            let client = client(&server.url).await;
            let error = match request {
                0 => client.send(MakeThing::default()).await.unwrap_err(),
                _ => client.send(PutThing { room_id: "!r:a".into(), txn_id: None }).await.unwrap_err(),
            };
            assert_eq!((error.kind(), server.seen().len()), (ErrorKind::Decode, 1));
            assert!(error.request_was_accepted());
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_caller_decides_what_to_do() {
    let server = Server::start([json(500, "{}"), json(500, "{}"), json(500, "{}"), json(404, "{}")]).await;
    let seen = Arc::new(Mutex::new(Vec::new()));
    let log = seen.clone();
    let client = builder(&server.url)
        .on_failure(move |failure| {
            log.lock().unwrap().push((failure.operation().to_owned(), failure.error.status(), failure.round));
            async move {
                match failure.round {
                    1 => Again::Retry,
                    _ if failure.error.is_not_found() => Again::GiveUp,
                    _ => Again::RetryAfter(Duration::from_secs(100)),
                }
            }
        })
        .build()
        .await
        .unwrap();
    let start = Instant::now();
    let error = client.send(MakeThing::default()).await.unwrap_err();
    assert!(error.is_not_found());
    assert_eq!(start.elapsed().as_secs(), 200);
    let asked: Vec<_> = seen
        .lock()
        .unwrap()
        .iter()
        .map(|(name, status, round)| {
            assert_eq!(name, "makeThing");
            (status.unwrap().as_u16(), *round)
        })
        .collect();
    assert_eq!(asked, [(500, 1), (500, 2), (500, 3), (404, 4)]);
}

#[tokio::test]
async fn every_round_sends_the_same_transaction() {
    let server = Server::start([json(500, "{}"), json(503, "{}"), found()]).await;
    let client = client(&server.url).await;
    let request = PutThing { room_id: "!r:example.org".into(), txn_id: None };
    let again = |_| async { Again::RetryAfter(Duration::ZERO) };
    client.call(&request).on_failure(again).send().await.unwrap();
    let seen = server.seen();
    assert_eq!(seen.len(), 3);
    assert!(seen.iter().all(|attempt| *attempt == seen[0]));
}

#[tokio::test(start_paused = true)]
async fn rounds_come_to_an_end_and_follow_the_server() {
    let server = Server::start((0..200).map(|_| json(500, "{}"))).await;
    let client = client(&server.url).await;
    let error = client.call(GetThing).on_failure(|_| async { Again::RetryAfter(Duration::ZERO) }).send().await;
    assert_eq!(error.unwrap_err().status(), Some(StatusCode::INTERNAL_SERVER_ERROR));
    assert_eq!(server.seen().len(), 101);

    // A server that asks for too much patience is not asked again.
    let server = Server::start([limited(1_000_000_000), found()]).await;
    let client = patient(&server.url).await;
    let start = Instant::now();
    let error = client.call(GetThing).on_failure(|_| async { Again::Retry }).send().await.unwrap_err();
    assert_eq!(error.retry_after(), Some(Duration::from_secs(1_000_000_000)));
    assert_eq!((server.seen().len(), start.elapsed().as_secs()), (1, 0));
}

const GONE: &str = r#"{"errcode":"M_UNKNOWN_TOKEN","error":"gone"}"#;

#[tokio::test]
async fn a_caller_logs_in_again() {
    let login = r#"{"user_id":"@me:example.org","device_id":"D2","access_token":"fresh"}"#;
    let server = Server::start([json(401, GONE), json(200, login), found(), json(401, GONE), json(403, "{}")]).await;
    let asked = Arc::new(AtomicU32::new(0));
    let count = asked.clone();
    let client = builder(&server.url)
        .on_failure(move |failure| {
            count.fetch_add(1, Ordering::SeqCst);
            async move {
                let Error::SessionEnded(_) = failure.error else { return Again::GiveUp };
                // Whether this goes well or not; only a new token is sent.
                let _ = failure.client().login_password("@me:example.org", "secret").await;
                Again::Reauthenticate
            }
        })
        .build()
        .await
        .unwrap();
    client.send(GetThing).await.unwrap();
    // The login fails this time, and that is not asked about.
    let error = client.send(GetThing).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::SessionEnded);
    assert_eq!(asked.load(Ordering::SeqCst), 2);
    let seen = server.seen();
    assert_eq!(seen.len(), 5);
    assert_eq!(header(&seen[0], "authorization").as_deref(), Some("Bearer token-canary"));
    assert_eq!(header(&seen[2], "authorization").as_deref(), Some("Bearer fresh"));
}

#[tokio::test(start_paused = true)]
async fn any_body_can_be_tried_again() {
    let server = Server::start([found(), json(500, "{}"), found(), found()]).await;
    let client = client(&server.url).await;
    let body = || async {
        client.send(GetThing).await?;
        client.send(MakeThing::default()).await
    };
    let made = client.try_again(body, |failure| async move {
        assert_eq!(failure.operation(), "makeThing");
        Again::Retry
    });
    assert_eq!(made.await.unwrap().name, "a");
    assert_eq!(server.seen().len(), 4);

    let server = Server::start([json(500, "{}")]).await;
    let client = builder(&server.url).build().await.unwrap();
    let gone = client.try_again(|| client.send(GetThing), |_| async { Again::GiveUp }).await.unwrap_err();
    assert_eq!(gone.status(), Some(StatusCode::INTERNAL_SERVER_ERROR));
}

#[test]
fn such_calls_move_between_threads() {
    fn send<T: Send>(_: T) {}
    let check = |client: Client| {
        send(client.call(GetThing).on_failure(|_| async { Again::GiveUp }).send());
        send(client.try_again(|| client.send(GetThing), |_| async { Again::GiveUp }));
    };
    let _ = check;
}
