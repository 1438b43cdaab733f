//! Row 22: a call whose future is dropped.

use std::{
    future::Future,
    pin::pin,
    task::{Context, Poll, Waker},
    time::Duration,
};

use matrix_api::RetryPolicy;

use super::found;
use crate::{
    calls::{GetThing, builder},
    server::{Server, json, with},
};

/// Polls so often, letting everything else run in between; then the future is dropped.
async fn polled<F: Future>(future: F, times: usize) -> Option<F::Output> {
    let mut future = pin!(future);
    for _ in 0..times {
        if let Poll::Ready(done) = future.as_mut().poll(&mut Context::from_waker(Waker::noop())) {
            return Some(done);
        }
        tokio::task::yield_now().await;
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    None
}

#[tokio::test(start_paused = true)]
async fn row_22_a_call_can_be_dropped_at_every_point() {
    let script = || [json(503, "{}"), with(307, &[("Location", "/x")], ""), with(429, &[("Retry-After", "1")], "{}")];
    let mut dropped = 0;
    for times in 0..5000 {
        let server = Server::start(script().into_iter().chain((0..9).map(|_| found()))).await;
        let client = builder(&server.url).retry(RetryPolicy::default().attempts(9)).build().await.unwrap();
        let done = polled(client.send(GetThing), times).await;
        dropped += usize::from(done.is_none());
        // The client is as good as before.
        client.call(GetThing).retry(RetryPolicy::default().attempts(9)).send().await.unwrap();
        drop(client);
        for _ in 0..1000 {
            if server.open() == 0 {
                break;
            }
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
        assert_eq!(server.open(), 0, "after {times} polls");
        if done.is_some() {
            break;
        }
        assert!(times < 4999, "never done");
    }
    assert!(dropped > 5, "{dropped}");
}

#[tokio::test(start_paused = true)]
async fn row_22_what_a_dropped_call_has_taken_it_gives_back() {
    let before = tokio::runtime::Handle::current().metrics().num_alive_tasks();
    let server = Server::start((0..400).map(|_| json(503, "{}"))).await;
    let policy = || RetryPolicy::default().attempts(100);
    let client = builder(&server.url).retry(policy()).build().await.unwrap();
    // Dropped in the middle of the wait before a retry that has been paid for already.
    for _ in 0..50 {
        let call = client.send(GetThing);
        tokio::pin!(call);
        let seen = server.seen().len();
        while server.seen().len() == seen {
            assert!(tokio::time::timeout(Duration::from_millis(1), &mut call).await.is_err());
        }
    }
    // Fifty retries given up have cost nothing: as many as ever are left.
    let seen = server.seen().len();
    let error = client.call(GetThing).retry(policy().cap(Duration::ZERO)).send().await.unwrap_err();
    let spent = 1 + 500 / 14;
    assert!((spent - 3..=spent).contains(&error.attempts().len()), "{} attempts", error.attempts().len());
    assert_eq!(server.seen().len(), seen + error.attempts().len());
    drop(client);
    server.stop();
    // No task of the client's is left, nor a connection.
    for _ in 0..1000 {
        if tokio::runtime::Handle::current().metrics().num_alive_tasks() == before {
            return;
        }
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    panic!("{} tasks are left", tokio::runtime::Handle::current().metrics().num_alive_tasks() - before);
}
