//! Servers that are broken, slow, or mean it.

use std::time::Duration;

use matrix_api::{
    Client, Error, ErrorKind, RetryPolicy,
    client_server::GetWellknown,
    error::{Limit, TransportKind},
    service::ServerName,
};
use tokio::time::Instant;

use crate::{
    calls::{Download, GetThing, MakeThing, PollThing, Thing, builder, client},
    server::{Server, Step, header, json, with},
};

fn head(fields: &str) -> Vec<u8> {
    format!("HTTP/1.1 200 OK\r\n{fields}\r\n").into_bytes()
}

async fn once(url: &str) -> Client {
    builder(url).retry(RetryPolicy::none()).build().await.unwrap()
}

fn kind(error: &Error) -> TransportKind {
    match error {
        Error::Transport(failed) => failed.kind(),
        other => panic!("{other}"),
    }
}

// ---- sizes ----

#[tokio::test]
async fn an_endless_answer_is_cut_where_the_limit_is() {
    const MIB: usize = 1024 * 1024;
    let chunk = || [b"10000\r\n".to_vec(), vec![b' '; 0x10000], b"\r\n".to_vec()].concat();
    let chunked = || head("Transfer-Encoding: chunked\r\n");
    let bare = || head("Connection: close\r\n");
    for (first, again) in [(chunked(), chunk()), (bare(), vec![b' '; 0x10000])] {
        let server = Server::start([Step::Flood(first, again)]).await;
        let client = builder(&server.url).json_limit(MIB as u64).build().await.unwrap();
        let error = client.send(GetThing).await.unwrap_err();
        let Error::Limit(limit) = &error else { panic!("{error}") };
        assert_eq!((limit.limit(), limit.most()), (Limit::BodyBytes, MIB as u64));
        // Of an answer that is refused, no more than that of an error is kept.
        assert_eq!(error.body().unwrap().len(), MIB / 2);
        while server.open() > 0 {
            tokio::task::yield_now().await;
        }
        // What the system's buffers hold comes on top.
        assert!(server.flooded() < 16 * MIB, "{}", server.flooded());
    }
}

#[tokio::test]
async fn a_well_known_file_is_small() {
    let page = format!(r#"{{"m.homeserver":{{"base_url":"https://a.org"}},"pad":"{}"}}"#, "x".repeat(64 * 1024));
    let server = Server::start([json(200, &page)]).await;
    let client = matrix_api::ClientBuilder::<ServerName>::new().base_url(&server.url).build().await.unwrap();
    let error = client.send(GetWellknown::new()).await.unwrap_err();
    let Error::Limit(limit) = &error else { panic!("{error}") };
    assert_eq!(limit.most(), 64 * 1024);
}

#[tokio::test]
async fn nothing_is_inflated_that_was_not_asked_for() {
    let bomb = || with(200, &[("Content-Encoding", "gzip"), ("Content-Type", "application/json")], "\u{1f}\u{8b}");
    let server = Server::start([bomb(), bomb(), bomb()]).await;
    let client = client(&server.url).await;
    assert_eq!(client.send(GetThing).await.unwrap_err().kind(), ErrorKind::Decode);
    assert_eq!(client.send(Download).await.unwrap().0, "\u{1f}\u{8b}");
    assert_eq!(header(&server.seen()[0], "accept-encoding"), None);
}

#[tokio::test]
async fn a_head_has_an_end() {
    let flood = Step::Flood(b"HTTP/1.1 200 OK\r\n".to_vec(), b"X-More: and more and more\r\n".to_vec());
    let many: String = (0..500).map(|count| format!("X-{count}: 1\r\n")).collect();
    for step in [flood, Step::Answer(head(&many))] {
        let server = Server::start([step]).await;
        let error = once(&server.url).await.send(GetThing).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Transport, "{error}");
        assert!(server.flooded() < 16 * 1024 * 1024);
    }
}

// ---- lies ----

#[tokio::test]
async fn lies_about_the_length_are_noticed() {
    let short = Step::Cut([head("Content-Length: 100\r\n"), br#"{"name":"a"}"#.to_vec()].concat());
    let two = Step::Answer([head("Content-Length: 2\r\nContent-Length: 12\r\n"), b"{}".to_vec()].concat());
    let words = Step::Answer([head("Content-Length: ten\r\n"), b"{}".to_vec()].concat());
    let chunk = Step::Cut([head("Transfer-Encoding: chunked\r\n"), b"zz\r\n{}\r\n0\r\n\r\n".to_vec()].concat());
    for step in [short, two, words, chunk] {
        let server = Server::start([step]).await;
        let error = once(&server.url).await.send(MakeThing::default()).await.unwrap_err();
        assert_eq!(kind(&error), TransportKind::Interrupted, "{error}");
        assert!(error.may_have_been_sent());
        assert_eq!(server.seen().len(), 1);
    }
}

#[tokio::test]
async fn an_answer_to_nothing_is_not_taken_for_the_next() {
    let answer = |name: &str| match json(200, &format!(r#"{{"name":"{name}"}}"#)) {
        Step::Answer(bytes) => bytes,
        _ => unreachable!(),
    };
    let forged = [answer("first"), answer("forged")].concat();
    let server = Server::start([Step::Answer(forged), Step::Answer(answer("second"))]).await;
    let client = client(&server.url).await;
    assert_eq!(client.send(GetThing).await.unwrap(), Thing { name: "first".into() });
    // Time for the rest to arrive on the idle connection.
    for _ in 0..50 {
        tokio::task::yield_now().await;
    }
    assert_eq!(client.send(GetThing).await.unwrap(), Thing { name: "second".into() });
}

#[tokio::test]
async fn the_status_decides_whatever_the_body_says() {
    let server =
        Server::start([json(200, r#"{"name":"a","errcode":"M_FORBIDDEN"}"#), json(403, r#"{"name":"a"}"#)]).await;
    let client = client(&server.url).await;
    client.send(GetThing).await.unwrap();
    assert!(client.send(GetThing).await.unwrap_err().is_forbidden());
}

// ---- time ----

#[tokio::test(start_paused = true)]
async fn a_trickle_has_an_end() {
    let length = || head("Content-Length: 900\r\n");
    let drip = Step::Drip(length(), Duration::from_secs(19), vec![b' '; 900]);
    let server = Server::start([drip]).await;
    let start = Instant::now();
    let error = builder(&server.url).build().await.unwrap().send(GetThing).await.unwrap_err();
    assert!(error.is_timeout(), "{error}");
    assert_eq!(start.elapsed().as_secs(), 60);

    // A head that trickles counts as none.
    let drip = Step::Drip(b"H".to_vec(), Duration::from_secs(5), vec![b'T'; 900]);
    let server = Server::start([drip]).await;
    let start = Instant::now();
    let error = once(&server.url).await.send(GetThing).await.unwrap_err();
    assert!(error.is_timeout(), "{error}");
    assert!(start.elapsed() <= Duration::from_secs(33));

    // A download may take its time, as long as something comes.
    let drip = Step::Drip(head("Content-Length: 20\r\n"), Duration::from_secs(19), vec![b'x'; 20]);
    let server = Server::start([drip]).await;
    let start = Instant::now();
    assert_eq!(once(&server.url).await.send(Download).await.unwrap().0.len(), 20);
    assert_eq!(start.elapsed().as_secs(), 380);
}

#[tokio::test(start_paused = true)]
async fn a_poll_may_begin_its_answer_and_then_wait() {
    let text = br#"{"name":"a"}"#.to_vec();
    let whole = || head("Content-Length: 12\r\n");
    // The head at once, the first byte after 40 s, and then nothing more.
    let first = Step::Drip(whole(), Duration::from_secs(40), vec![text[0]]);
    let server = Server::start([first]).await;
    let client = once(&server.url).await;
    let start = Instant::now();
    let error = client.send(PollThing { timeout: 45_000 }).await.unwrap_err();
    // The first byte was waited for; what never came after it was not.
    assert!(error.is_timeout());
    assert_eq!(start.elapsed().as_secs(), 60);

    let slow = Step::Drip(whole(), Duration::from_secs(3), text);
    let server = Server::start([slow]).await;
    once(&server.url).await.send(PollThing { timeout: 30_000 }).await.unwrap();
}
