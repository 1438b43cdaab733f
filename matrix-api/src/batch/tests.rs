use std::{
    sync::atomic::{AtomicUsize, Ordering},
    time::Duration,
};

use super::*;
use crate::{Metadata, Response, service::Homeserver, wire};

#[derive(Clone)]
struct Nap(u64);

struct Woken;

impl Request for Nap {
    type To = Homeserver;
    type Response = Woken;
    const METADATA: &'static Metadata = &Metadata::new("nap", http::Method::POST, "/nap");
}

impl Response for Woken {
    fn read(_: &mut wire::Reply<'_>) -> Result<Self, wire::DecodeError> {
        Ok(Self)
    }
}

/// A batch whose requests take so many seconds, and the most that were under way at the same time.
fn batch(client: Client, seconds: &[u64]) -> (Batch<usize, Nap, u64>, Arc<AtomicUsize>) {
    let (now, most) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
    let highest = most.clone();
    let entries: Vec<_> = seconds.iter().map(|seconds| Nap(*seconds)).enumerate().collect();
    let batch = Batch::new(client, entries, move |Nap(seconds)| {
        let (now, most) = (now.clone(), most.clone());
        async move {
            most.fetch_max(now.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
            tokio::time::sleep(Duration::from_secs(seconds)).await;
            now.fetch_sub(1, Ordering::SeqCst);
            Ok(seconds)
        }
    });
    (batch, highest)
}

#[tokio::test(start_paused = true)]
async fn a_few_at_a_time_and_reported_in_order() {
    let client = Client::builder().base_url("http://localhost:1").build().await.unwrap();
    let start = tokio::time::Instant::now();
    let (some, most) = batch(client.clone(), &[9, 1, 1, 1, 1, 5]);
    let report = some.at_once(2).await;
    assert_eq!(report.succeeded().map(|(_, seconds)| *seconds).collect::<Vec<_>>(), [9, 1, 1, 1, 1, 5]);
    assert_eq!((most.load(Ordering::SeqCst), start.elapsed().as_secs()), (2, 9));
    assert_eq!(report.to_string(), "6 of 6 done");

    let (one, most) = batch(client.clone(), &[1, 1]);
    assert_eq!(one.at_once(0).await.items.len(), 2);
    assert_eq!(most.load(Ordering::SeqCst), 1);
    let (none, _) = batch(client, &[]);
    assert!(none.await.items.is_empty());
}
