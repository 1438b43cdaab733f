use std::time::{Duration, Instant};

use matrix_api::{ErrorKind, Request, RetryPolicy, error::TransportKind};
use tokio::net::TcpListener;

use crate::{
    calls::{Elsewhere, GetThing, MakeThing, PollThing, PutThing, builder, client},
    server::{Server, Step, json, with},
};

fn found() -> Step {
    json(200, r#"{"name":"a"}"#)
}

/// How many requests it took, and whether it went well in the end.
async fn tried<R: Request<To = matrix_api::service::Homeserver>>(request: R, first: Step) -> (usize, bool) {
    let server = Server::start([first, found()]).await;
    let done = client(&server.url).await.send(request).await.is_ok();
    (server.seen().len(), done)
}

#[tokio::test]
async fn what_can_do_no_harm_is_tried_again() {
    let twice = (2, true);
    let once = (1, false);
    for status in [429, 502, 503, 504] {
        assert_eq!(tried(GetThing, json(status, "{}")).await, twice, "{status}");
    }
    for status in [400, 401, 403, 404, 408, 409, 500, 501] {
        assert_eq!(tried(GetThing, json(status, "{}")).await, once, "{status}");
    }
    let half = || b"HTTP/1.1 200 OK\r\nContent-Length: 12\r\n\r\n{\"name".to_vec();
    assert_eq!(tried(GetThing, Step::Cut(Vec::new())).await, twice);
    assert_eq!(tried(GetThing, Step::Cut(b"HTTP/1.1 20".to_vec())).await, twice);
    assert_eq!(tried(GetThing, Step::Cut(half())).await, twice);
}

#[tokio::test]
async fn what_could_happen_twice_is_tried_again_only_after_a_refusal() {
    assert_eq!(tried(MakeThing::default(), json(429, "{}")).await, (2, true));
    for status in [500, 502, 503, 504] {
        assert_eq!(tried(MakeThing::default(), json(status, "{}")).await, (1, false), "{status}");
    }
    let half = b"HTTP/1.1 200 OK\r\nContent-Length: 12\r\n\r\n{\"name".to_vec();
    for bytes in [Vec::new(), b"HTTP/1.1 20".to_vec(), half] {
        let server = Server::start([Step::Cut(bytes.clone()), found()]).await;
        let error = client(&server.url).await.send(MakeThing::default()).await.unwrap_err();
        assert_eq!(server.seen().len(), 1);
        assert_eq!(error.kind(), ErrorKind::Transport);
        assert!(error.may_have_been_sent());
        assert_eq!(error.request_was_accepted(), bytes.len() > 20, "{error}");
    }
}

#[tokio::test]
async fn a_server_that_is_not_there_is_tried_again_by_all() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    drop(listener);
    let client = client(&url).await;
    for error in [client.send(GetThing).await.unwrap_err(), client.send(MakeThing::default()).await.unwrap_err()] {
        let matrix_api::Error::Transport(failed) = &error else { panic!("{error}") };
        assert_eq!(failed.kind(), TransportKind::Connect);
        assert!(!error.may_have_been_sent());
        let cause = std::error::Error::source(&error).unwrap().to_string();
        assert!(cause.contains("refused"), "{cause}");
    }
}

#[cfg(feature = "rustls")]
#[tokio::test]
async fn a_connection_that_cannot_be_secured_is_not_tried_again() {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};

    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("https://{}", listener.local_addr().unwrap());
    let connections = std::sync::Arc::new(std::sync::atomic::AtomicUsize::new(0));
    let count = connections.clone();
    tokio::spawn(async move {
        loop {
            let (mut stream, _) = listener.accept().await.unwrap();
            count.fetch_add(1, std::sync::atomic::Ordering::SeqCst);
            // Read before closing, so that the answer is not lost to a reset.
            stream.read_buf(&mut Vec::new()).await.unwrap();
            stream.write_all(b"HTTP/1.1 400 Speak TLS elsewhere\r\n\r\n").await.unwrap();
        }
    });
    let error = client(&url).await.send(GetThing).await.unwrap_err();
    let matrix_api::Error::Transport(failed) = &error else { panic!("{error}") };
    assert_eq!(failed.kind(), TransportKind::Tls);
    assert!(!error.may_have_been_sent());
    assert_eq!(connections.load(std::sync::atomic::Ordering::SeqCst), 1);
}

#[tokio::test]
async fn the_policy_says_how_often() {
    for (policy, expected) in [
        (RetryPolicy::none(), 1),
        (RetryPolicy::default().cap(Duration::ZERO), 3),
        (RetryPolicy::default().cap(Duration::ZERO).attempts(0), 1),
        (RetryPolicy::default().cap(Duration::ZERO).attempts(4), 4),
    ] {
        let server = Server::start((0..9).map(|_| json(503, "{}"))).await;
        let client = builder(&server.url).retry(policy).build().await.unwrap();
        let error = client.send(GetThing).await.unwrap_err();
        assert_eq!(error.status().unwrap(), 503);
        assert_eq!(server.seen().len(), expected);
    }
}

#[tokio::test]
async fn too_long_a_wait_is_the_callers() {
    let asked = [
        with(429, &[("Retry-After", "61")], "{}"),
        json(429, r#"{"errcode":"M_LIMIT_EXCEEDED","retry_after_ms":61000}"#),
    ];
    for step in asked {
        let server = Server::start([step, found()]).await;
        let start = Instant::now();
        let error = client(&server.url).await.send(GetThing).await.unwrap_err();
        assert!(error.is_rate_limited());
        assert_eq!(error.retry_after(), Some(Duration::from_secs(61)));
        assert_eq!(server.seen().len(), 1);
        assert!(start.elapsed() < Duration::from_secs(30));
    }
}

#[tokio::test(start_paused = true)]
async fn the_servers_wait_is_kept() {
    for (step, seconds) in [
        (with(429, &[("Retry-After", "7")], r#"{"retry_after_ms":1}"#), 7),
        (json(429, r#"{"errcode":"M_LIMIT_EXCEEDED","retry_after_ms":59000}"#), 59),
    ] {
        let server = Server::start([step, found()]).await;
        let start = tokio::time::Instant::now();
        client(&server.url).await.send(MakeThing::default()).await.unwrap();
        assert_eq!(server.seen().len(), 2);
        assert_eq!(start.elapsed().as_secs(), seconds);
    }
}

#[tokio::test]
async fn every_attempt_is_the_same_request() {
    let server = Server::start([json(503, "{}"), Step::Cut(Vec::new()), json(429, "{}"), found()]).await;
    let request = PutThing { room_id: "!r:example.org".into(), txn_id: None };
    let client = client(&server.url).await;
    client.send(&request).await.unwrap();
    let seen = server.seen();
    assert_eq!(seen.len(), 4);
    assert!(seen.iter().all(|attempt| *attempt == seen[0]));
}

#[tokio::test]
async fn a_failure_hands_the_transaction_id_back() {
    let server = Server::start([json(400, "{}"), found(), found()]).await;
    let client = client(&server.url).await;
    let mut request = PutThing { room_id: "!r:example.org".into(), txn_id: None };
    let error = client.send(&request).await.unwrap_err();
    request.txn_id = error.txn_id().cloned();
    client.send(&request).await.unwrap();
    request.txn_id = None;
    client.send(&request).await.unwrap();

    let lines = server.lines();
    assert_eq!(lines[0], lines[1]);
    assert_ne!(lines[1], lines[2]);

    let error = client.send(GetThing).await.unwrap_err();
    assert_eq!(error.txn_id(), None);
}

#[tokio::test(start_paused = true)]
async fn a_long_poll_may_take_its_own_time() {
    let answer = || match found() {
        Step::Answer(bytes) => bytes,
        _ => unreachable!(),
    };
    let server = Server::start([Step::Later(Duration::from_secs(74), answer())]).await;
    let client = builder(&server.url).retry(RetryPolicy::none()).build().await.unwrap();
    client.send(PollThing { timeout: 45_000 }).await.unwrap();
    assert_eq!(server.lines(), ["GET /_matrix/poll?timeout=45000 HTTP/1.1"]);

    for (wait, poll) in [(Duration::from_secs(76), true), (Duration::from_secs(31), false)] {
        let server = Server::start([Step::Later(wait, answer())]).await;
        let client = builder(&server.url).retry(RetryPolicy::none()).build().await.unwrap();
        let error = if poll {
            client.send(PollThing { timeout: 45_000 }).await.unwrap_err()
        } else {
            client.send(GetThing).await.unwrap_err()
        };
        assert!(error.is_timeout(), "{error}");
        assert!(error.may_have_been_sent());
    }
}

#[tokio::test(start_paused = true)]
async fn silence_has_an_end() {
    let half = b"HTTP/1.1 200 OK\r\nContent-Length: 12\r\n\r\n{\"name".to_vec();
    let server = Server::start([Step::Silence, Step::Answer(half), found()]).await;
    let start = tokio::time::Instant::now();
    client(&server.url).await.send(GetThing).await.unwrap();
    assert_eq!(server.seen().len(), 3);
    // 30 s without a head, then 20 s without the rest of a body.
    assert_eq!(start.elapsed().as_secs(), 50);

    let server = Server::start([Step::Silence, with(302, &[("Location", "https://x/")], "")]).await;
    client(&server.url).await.send(Elsewhere).await.unwrap();
    assert_eq!(server.seen().len(), 2);
}
