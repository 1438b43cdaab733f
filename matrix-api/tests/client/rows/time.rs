//! Rows 11 and 12: servers that take their time.

use std::time::Duration;

use matrix_api::{Error, error::TransportKind};
use tokio::time::Instant;

use super::once;
use crate::{
    calls::{GetThing, PollThing, builder},
    server::{Server, Step},
};

fn head(fields: &str) -> Vec<u8> {
    format!("HTTP/1.1 200 OK\r\n{fields}\r\n").into_bytes()
}

/// The limit, give or take a tenth.
fn about(seconds: u64, took: Duration) {
    let took = took.as_millis() as u64;
    assert!((seconds * 900..=seconds * 1100).contains(&took), "{took} ms instead of {seconds} s");
}

fn timed_out(error: &Error) {
    let Error::Transport(failed) = error else { panic!("{error}") };
    assert_eq!(failed.kind(), TransportKind::Timeout, "{error}");
    assert!(error.is_timeout());
}

#[tokio::test(start_paused = true)]
async fn row_11_a_server_that_never_answers() {
    let server = Server::start([Step::Silence]).await;
    let start = Instant::now();
    timed_out(&once(&server.url).await.send(GetThing).await.unwrap_err());
    about(30, start.elapsed());
}

#[tokio::test(start_paused = true)]
async fn row_11_a_server_that_sends_a_byte_now_and_then() {
    let drip = Step::Drip(head("Content-Length: 900\r\n"), Duration::from_secs(19), vec![b' '; 900]);
    let server = Server::start([drip]).await;
    let start = Instant::now();
    timed_out(&once(&server.url).await.send(GetThing).await.unwrap_err());
    // Never idle for 20 s, so that only the end of the call as a whole ends it.
    about(60, start.elapsed());
}

#[tokio::test(start_paused = true)]
async fn row_11_a_server_that_stalls_in_the_middle() {
    let half = [head("Content-Length: 12\r\n"), b"{\"name".to_vec()].concat();
    let server = Server::start([Step::Answer(half)]).await;
    let start = Instant::now();
    let error = once(&server.url).await.send(GetThing).await.unwrap_err();
    timed_out(&error);
    assert!(error.request_was_accepted());
    about(20, start.elapsed());
}

/// A listener whose queue is full takes no more connections, and says nothing.
#[cfg(target_os = "linux")]
#[tokio::test(start_paused = true)]
async fn row_11_a_server_that_takes_no_connection() {
    let socket = tokio::net::TcpSocket::new_v4().unwrap();
    socket.bind("127.0.0.1:0".parse().unwrap()).unwrap();
    let listener = socket.listen(0).unwrap();
    let address = listener.local_addr().unwrap();
    let mut held = Vec::new();
    loop {
        let attempt = std::net::TcpStream::connect_timeout(&address, Duration::from_millis(300));
        match attempt {
            Ok(stream) => held.push(stream),
            Err(_) => break,
        }
        assert!(held.len() < 100, "the queue has no end");
    }
    let start = Instant::now();
    let client = builder(&format!("http://{address}")).retry(matrix_api::RetryPolicy::none()).build().await.unwrap();
    let error = client.send(GetThing).await.unwrap_err();
    timed_out(&error);
    assert!(!error.may_have_been_sent());
    about(10, start.elapsed());
}

/// Connected, but never greeted.
#[cfg(feature = "rustls")]
#[tokio::test(start_paused = true)]
async fn row_11_a_server_that_does_not_speak_tls() {
    let server = Server::start([]).await;
    let client = once(&server.url.replace("http:", "https:")).await;
    let start = Instant::now();
    let error = client.send(GetThing).await.unwrap_err();
    timed_out(&error);
    assert!(!error.may_have_been_sent());
    about(10, start.elapsed());
}

#[tokio::test(start_paused = true)]
async fn row_12_a_long_poll_may_be_silent() {
    let answer = [head("Content-Length: 12\r\n"), br#"{"name":"a"}"#.to_vec()].concat();
    // No head for 30 s, and then everything; or the head at once, and the body 30 s later.
    let [whole, body] = [0, answer.len() - 12].map(|from| (answer[..from].to_vec(), answer[from..].to_vec()));
    for (first, rest) in [whole, body] {
        let server = Server::start([Step::Halves(first, Duration::from_secs(30), rest)]).await;
        let start = Instant::now();
        once(&server.url).await.send(PollThing { timeout: 30_000 }).await.unwrap();
        about(30, start.elapsed());
        assert_eq!(server.seen().len(), 1);
    }
}
