//! Row 16: how long a server may ask to wait.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use matrix_api::RetryPolicy;
use tokio::time::Instant;

use super::found;
use crate::{
    calls::{GetThing, MakeThing, builder},
    server::{Server, json, with},
};

#[tokio::test(start_paused = true)]
async fn row_16_every_way_to_ask_for_patience_is_understood() {
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
    let leap = |year: u64| year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
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
