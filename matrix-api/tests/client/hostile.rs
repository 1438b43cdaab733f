//! Servers that are broken, slow, or mean it.

use std::{
    future::Future,
    pin::pin,
    task::{Context, Poll, Waker},
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use matrix_api::{
    BaseUrl, Client, Error, ErrorKind, RetryPolicy, Session, TxnId,
    client_server::{GetRoomStateWithKey, GetWellknown},
    error::{Limit, TransportKind},
    request::encode,
    service::ServerName,
};
use tokio::time::Instant;

use crate::{
    calls::{Download, GetThing, MakeThing, PollThing, PutThing, Thing, builder, client},
    server::{Server, Step, body, header, json, with},
};

fn found() -> Step {
    json(200, r#"{"name":"a"}"#)
}

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

#[test]
fn size_and_depth_overflow_nothing() {
    use matrix_api::{
        Response,
        client_server::{GetRoomEventsResponse, SyncEventsResponse},
    };
    let start = std::time::Instant::now();
    let deep = "[".repeat(1_000_000);
    for body in [deep.clone(), format!(r#"{{"start":"a","chunk":{deep}"#), format!("{{\"x\":{deep}")] {
        assert!(GetRoomEventsResponse::from_json(body.as_bytes()).is_err());
    }
    let closed = format!(r#"{{"start":"a","chunk":[{deep}{}]}}"#, "]".repeat(1_000_000));
    assert_eq!(GetRoomEventsResponse::from_json(closed.as_bytes()).unwrap().chunk.len(), 1);
    let long = format!(r#"{{"start":"{}","chunk":[]}}"#, "x".repeat(64 * 1024 * 1024));
    assert_eq!(GetRoomEventsResponse::from_json(long.as_bytes()).unwrap().start.len(), 64 * 1024 * 1024);
    let keys: String = (0..1_000_000).map(|key| format!(r#""{key}":1,"#)).collect();
    let wide = format!(r#"{{{keys}"next_batch":"s"}}"#);
    assert_eq!(SyncEventsResponse::from_json(wide.as_bytes()).unwrap().next_batch, "s");
    assert!(start.elapsed() < Duration::from_secs(20), "{:?}", start.elapsed());
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

#[tokio::test]
async fn a_body_goes_to_nobody_else() {
    let other = Server::start([]).await;
    for status in [301, 302, 303, 307, 308] {
        let location = format!("{}/login", other.url);
        let server = Server::start([with(status, &[("Location", &location)], "")]).await;
        let client = client(&server.url).await;
        let error = client.login_password("@me:example.org", "password-canary").await.unwrap_err();
        assert_eq!(kind(&error), TransportKind::Redirect);
        assert!(body(&server.seen()[0]).contains("password-canary"));
    }
    assert_eq!((other.seen().len(), other.open()), (0, 0));
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

#[tokio::test(start_paused = true)]
async fn every_way_to_ask_for_patience_is_understood() {
    let date = |ahead: u64| {
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs();
        http_date(now + ahead)
    };
    let nested = r#"{"errcode":"M_UNKNOWN","error":"{\"errcode\":\"M_LIMIT_EXCEEDED\",\"error\":\"x\",\"retry_after_ms\":9000}"}"#;
    let header = |value: &str, body: &str| with(429, &[("Retry-After", value)], body);
    for (step, waits) in [
        (header("7", "{}"), 7..=7),
        (header(&date(7), "{}"), 6..=7),
        (json(429, r#"{"errcode":"M_LIMIT_EXCEEDED","retry_after_ms":8000}"#), 8..=8),
        (header("7", r#"{"retry_after_ms":50000}"#), 7..=7),
        (json(429, nested), 9..=9),
        (json(400, nested), 9..=9),
        (header("-1", "{}"), 0..=1),
        (header("soon", "<html>"), 0..=1),
    ] {
        let server = Server::start([step, found()]).await;
        let client = builder(&server.url).retry(RetryPolicy::default()).build().await.unwrap();
        let start = Instant::now();
        client.send(MakeThing::default()).await.unwrap();
        assert!(waits.contains(&start.elapsed().as_secs()), "{:?} is not in {waits:?}", start.elapsed());
    }
    for value in ["1000000000", "99999999999999999999999999", &date(1_000_000)] {
        let server = Server::start([header(value, "{}"), found()]).await;
        let client = builder(&server.url).retry(RetryPolicy::default()).build().await.unwrap();
        let start = Instant::now();
        let error = client.send(GetThing).await.unwrap_err();
        assert!(error.is_rate_limited() && error.retry_after().unwrap() > Duration::from_secs(60));
        assert_eq!((start.elapsed().as_secs(), server.seen().len()), (0, 1));
    }
}

/// As `Sun, 06 Nov 1994 08:49:37 GMT`.
fn http_date(seconds: u64) -> String {
    let (days, rest) = (seconds / 86_400, seconds % 86_400);
    let (mut year, mut day) = (1970, days);
    let leap = |year: u64| year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400));
    while day >= 365 + u64::from(leap(year)) {
        day -= 365 + u64::from(leap(year));
        year += 1;
    }
    let lengths = [31, 28 + u64::from(leap(year)), 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
    let names = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
    let mut month = 0;
    while day >= lengths[month] {
        day -= lengths[month];
        month += 1;
    }
    let (hour, minute, second) = (rest / 3600, rest / 60 % 60, rest % 60);
    format!("Mon, {:02} {} {year} {hour:02}:{minute:02}:{second:02} GMT", day + 1, names[month])
}

// ---- once, and not twice ----

#[tokio::test(start_paused = true)]
async fn an_unsafe_write_is_seen_once() {
    let half = b"HTTP/1.1 200 OK\r\nContent-Length: 12\r\n\r\n{\"name".to_vec();
    let steps = [Step::Cut(Vec::new()), Step::Cut(half), Step::Silence, json(502, "<html>"), json(500, "{}")];
    for step in steps {
        let server = Server::start([step, found(), found()]).await;
        client(&server.url).await.send(MakeThing::default()).await.unwrap_err();
        assert_eq!(server.seen().len(), 1);
    }
}

#[tokio::test(start_paused = true)]
async fn a_message_keeps_its_transaction_through_everything() {
    let server = Server::start([json(502, "<html>"), Step::Cut(Vec::new()), Step::Silence, found()]).await;
    let request = PutThing { room_id: "!r:example.org".into(), txn_id: None };
    client(&server.url).await.send(&request).await.unwrap();
    let seen = server.seen();
    assert_eq!(seen.len(), 4);
    assert!(seen.iter().all(|attempt| *attempt == seen[0]));
}

#[tokio::test]
async fn a_message_keeps_its_transaction_through_a_restart() {
    let server = Server::start([Step::Cut(Vec::new()), found()]).await;
    let before = once(&server.url).await;
    let room = || "!r:example.org".into();
    let error = before.send(PutThing { room_id: room(), txn_id: None }).await.unwrap_err();
    let stored = serde_json::to_string(&before.session().unwrap()).unwrap();
    let txn = error.txn_id().unwrap().to_string();
    drop((before, error));

    let session: Session = serde_json::from_str(&stored).unwrap();
    let after = Client::restore(session).unwrap();
    after.send(PutThing { room_id: room(), txn_id: Some(txn.into()) }).await.unwrap();
    let seen = server.seen();
    assert_eq!(seen[0], seen[1]);
}

// ---- giving up ----

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
async fn a_call_can_be_dropped_at_every_point() {
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

// ---- paths ----

/// A small generator of its own: the same texts in every run.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, most: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % most
    }

    fn text(&mut self) -> String {
        let odd = [
            '/', '\\', '.', '%', '?', '#', '&', '=', ';', ' ', '+', '@', ':', '~', '\u{2028}', 'é', '𝄞', '2', 'e', 'F',
        ];
        let length = self.roll(9);
        let any = |dice: &mut Self| char::from_u32(dice.roll(0x11_0000) as u32).unwrap_or('x');
        (0..length).map(|_| if self.roll(4) == 0 { any(self) } else { odd[self.roll(20) as usize] }).collect()
    }
}

fn decoded(segment: &str) -> String {
    let mut bytes = Vec::new();
    let mut rest = segment.as_bytes();
    while let [first, tail @ ..] = rest {
        if *first == b'%' {
            let hex = std::str::from_utf8(&tail[..2]).unwrap();
            bytes.push(u8::from_str_radix(hex, 16).unwrap());
            rest = &tail[2..];
        } else {
            bytes.push(*first);
            rest = tail;
        }
    }
    String::from_utf8(bytes).unwrap()
}

#[tokio::test]
async fn any_text_is_one_segment_and_comes_back() {
    let server = Server::start((0..400).map(|_| json(200, "{}"))).await;
    let client = client(&server.url).await;
    let base = BaseUrl::parse(&server.url).unwrap();
    let mut dice = Dice(0x2545_F491_4F6C_DD1D);
    let (mut sent, mut refused) = (0, 0);
    while sent < 400 {
        let (kind, key) = (dice.text(), dice.text());
        let request = GetRoomStateWithKey::new("!r:hs", &*kind, &*key);
        let bad = |text: &str| matches!(text, "." | "..") || text.chars().any(char::is_control);
        if kind.is_empty() || bad(&kind) || bad(&key) {
            assert!(encode(&base, &request, &TxnId::new()).is_err(), "{kind:?} {key:?}");
            refused += 1;
            continue;
        }
        client.send(request).await.unwrap();
        sent += 1;
        let line = server.lines().pop().unwrap();
        let path = line.strip_prefix("GET ").unwrap().strip_suffix(" HTTP/1.1").unwrap();
        let segments: Vec<_> = path.split('/').collect();
        assert_eq!(segments[..7], ["", "_matrix", "client", "v3", "rooms", "%21r%3Ahs", "state"], "{path}");
        assert_eq!(segments.len(), 9, "{path}");
        assert_eq!((decoded(segments[7]), decoded(segments[8])), (kind, key), "{path}");
    }
    assert!(refused > 10);
}
