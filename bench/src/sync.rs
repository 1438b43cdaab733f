//! The envelope of `/sync`: a body becomes a response with its events unread.

use std::time::Duration;

use bytes::Bytes;
use http::{HeaderMap, StatusCode};
use matrix_api::client_server::SyncEventsResponse;
use serde::de::IgnoredAny;

use crate::inputs::generate;
use crate::measure::{Cost, cost};
use crate::plot::{self, Line};
use crate::report::{self, Goal, Section, cells, table};
use crate::{Effort, child, floor};

pub(crate) const TITLE: &str = "The envelope of /sync";

/// The inputs: name, whether it is a snapshot, bytes.
const SIZES: [(&str, bool, usize); 4] =
    [("100 KB", false, 100_000), ("1 MB", true, 1_000_000), ("10 MB", true, 10_000_000), ("100 MB", true, 100_000_000)];

const RUMA: &str = "ruma";
const OURS: &str = "matrix-api";
const FLOOR: &str = "floor: slices by hand";
const SKIP: &str = "floor: serde_json, skipping";
const METHODS: [&str; 4] = [RUMA, OURS, FLOOR, SKIP];

const SEED: u64 = 7;

/// The body of a size.
pub(crate) fn body(size: &str) -> Bytes {
    let &(_, initial, bytes) = SIZES.iter().find(|(name, ..)| *name == size).expect("a size of the list");
    Bytes::from(generate(initial, bytes, SEED, true))
}

/// Reads it as the client does.
pub(crate) fn ours(body: &Bytes) -> SyncEventsResponse {
    matrix_api::request::decode(StatusCode::OK, &HeaderMap::new(), body.clone()).expect("the body is a sync")
}

#[cfg(feature = "peers")]
pub(crate) fn ruma(body: &Bytes) -> ruma::api::client::sync::sync_events::v3::Response {
    use ruma::api::IncomingResponseExt as _;
    let response = http::Response::new(&body[..]);
    ruma::api::client::sync::sync_events::v3::Response::try_from_http_response(response).expect("the body is a sync")
}

pub(crate) fn one(method: &str, size: &str, time: u64) -> Vec<f64> {
    let time = Duration::from_millis(time);
    let body = body(size);
    let cost = match method {
        OURS => cost(time, || ours(&body)),
        FLOOR => cost(time, || floor::sync(&body)),
        SKIP => cost(time, || serde_json::from_slice::<IgnoredAny>(&body).expect("the body is JSON")),
        #[cfg(feature = "peers")]
        RUMA => cost(time, || ruma(&body)),
        _ => panic!("nobody is called {method}"),
    };
    let Cost { median, allocations, retained, .. } = cost;
    vec![median, body.len() as f64, allocations as f64, retained as f64]
}

pub(crate) fn run(effort: Effort) -> Section {
    let mut rows = vec![cells(&[&"Input", &"Reader", &"MB/s", &"Times ruma", &"Allocations", &"Kept beyond the body"])];
    let mut lines = METHODS.map(|name| Line { name, points: Vec::new() });
    let mut goals = Vec::new();
    for (size, ..) in SIZES {
        let all = child::turns("sync", &METHODS, size, effort);
        let time = |at: usize| all[at][0];
        for ((figures, method), line) in all.iter().zip(METHODS).zip(&mut lines) {
            let &[median, bytes, allocations, retained] = &figures[..] else { panic!("four numbers") };
            let rate = bytes / median / 1e3;
            line.points.push((bytes, rate));
            let (rate, times) = (format!("{rate:.0}"), format!("{:.2}", time(0) / median));
            rows.push(cells(&[&size, &method, &rate, &times, &allocations, &format!("{:.2} MB", retained / 1e6)]));
        }
        if size != "1 MB" {
            let least = if size == "100 KB" { 2.0 } else { 2.4 };
            goals.push(Goal::at_least(&format!("{size}, throughput over ruma's"), least, time(0) / time(1)));
            goals.push(Goal::at_least(&format!("{size}, throughput over the floor's"), 0.9, time(2) / time(1)));
            goals.push(Goal::at_most(&format!("{size}, memory kept over ruma's"), 0.125, all[1][3] / all[0][3]));
            goals.push(Goal::at_most(&format!("{size}, allocations over ruma's"), 0.2, all[1][2] / all[0][2]));
        }
    }
    let svg = plot::svg("Reading the envelope of /sync, MB/s by bytes of the body", &lines);
    std::fs::write(report::folder().join("sync.svg"), svg).expect("the file can be written");
    let body = format!(
        "A body in memory becomes a response whose events are not read yet; 100 KB is an incremental sync, the others \
         are snapshots.\nThe floor by hand keeps slices of the body for ids and events, checks no id, forgives \
         nothing and knows only the members that a client needs.\n\n{}\n![Throughput by size](sync.svg)\n",
        table(&rows)
    );
    Section { title: TITLE, body, goals }
}
