//! The envelope of `/sync`: a body becomes a response with its events unread.

use std::time::Duration;

use bytes::Bytes;
use http::{HeaderMap, StatusCode};
use matrix_api::client_server::SyncEventsResponse;
use serde::de::IgnoredAny;

use crate::inputs::generate;
use crate::measure::{Cost, cost};

/// The inputs: name, whether it is a snapshot, bytes.
pub(crate) const SIZES: [(&str, bool, usize); 3] =
    [("100 KB", false, 100_000), ("10 MB", true, 10_000_000), ("100 MB", true, 100_000_000)];

/// Who reads, the one that all others are compared with first.
pub(crate) const METHODS: &[&str] = &[
    #[cfg(feature = "ruma")]
    "ruma",
    "matrix-api",
    "serde_json, skipping",
];

const SEED: u64 = 7;

/// Measures one reader on one input.
pub(crate) fn measure(method: &str, size: &str, time: Duration) -> (usize, Cost) {
    let &(_, initial, bytes) = SIZES.iter().find(|(name, ..)| *name == size).expect("a size of the list");
    let body = Bytes::from(generate(initial, bytes, SEED, true));
    let length = body.len();
    let cost = match method {
        "matrix-api" => cost(time, || {
            matrix_api::request::decode::<SyncEventsResponse>(StatusCode::OK, &HeaderMap::new(), body.clone())
                .expect("the body is a sync")
        }),
        "serde_json, skipping" => {
            cost(time, || serde_json::from_slice::<IgnoredAny>(&body).expect("the body is JSON"))
        }
        #[cfg(feature = "ruma")]
        "ruma" => {
            use ruma::api::{IncomingResponseExt as _, client::sync::sync_events::v3::Response};
            cost(time, || Response::try_from_http_response(http::Response::new(&body[..])).expect("the body is a sync"))
        }
        _ => panic!("nobody is called {method}"),
    };
    (length, cost)
}
