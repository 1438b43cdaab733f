//! Rows 13 to 15 and 17: what is sent, and how often.

use std::time::Duration;

use matrix_api::{Client, RetryPolicy, Session};

use super::{found, once};
use crate::{
    calls::{GetThing, MakeThing, PutThing, builder, client},
    server::{Server, Step, json},
};

#[tokio::test(start_paused = true)]
async fn row_13_an_unsafe_write_is_seen_once() {
    let half = b"HTTP/1.1 200 OK\r\nContent-Length: 12\r\n\r\n{\"name".to_vec();
    let steps = [Step::Cut(Vec::new()), Step::Cut(half), Step::Silence, json(502, "<html>"), json(500, "{}")];
    for step in steps {
        let server = Server::start([step, found(), found()]).await;
        client(&server.url).await.send(MakeThing::default()).await.unwrap_err();
        assert_eq!(server.seen().len(), 1);
    }
}

#[tokio::test(start_paused = true)]
async fn row_14_a_message_keeps_its_transaction_through_everything() {
    let server = Server::start([json(502, "<html>"), Step::Cut(Vec::new()), Step::Silence, found()]).await;
    let request = PutThing { room_id: "!r:example.org".into(), txn_id: None };
    client(&server.url).await.send(&request).await.unwrap();
    let seen = server.seen();
    assert_eq!(seen.len(), 4);
    assert!(seen.iter().all(|attempt| *attempt == seen[0]));
}

#[tokio::test]
async fn row_15_a_message_keeps_its_transaction_through_a_restart() {
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

#[tokio::test]
async fn row_17_an_outage_is_not_hammered_for_ever() {
    let script = (0..60).map(|_| json(503, "{}")).chain((0..20).map(|_| found()));
    let server = Server::start(script.chain([json(503, "{}"), found()])).await;
    let policy = RetryPolicy::default().attempts(100).cap(Duration::ZERO);
    let client = builder(&server.url).retry(policy).build().await.unwrap();
    let error = client.send(GetThing).await.unwrap_err();
    // 35 retries, and the budget is gone.
    assert_eq!((server.seen().len(), error.attempts().len()), (36, 36));
    assert_eq!(client.send(GetThing).await.unwrap_err().attempts().len(), 1);
    for _ in 0..23 {
        client.send(GetThing).await.unwrap_err();
    }
    assert_eq!(server.seen().len(), 60);
    // Each success earns a little, until a retry can be paid again.
    for _ in 0..4 {
        client.send(GetThing).await.unwrap();
    }
    for _ in 0..16 {
        client.send(GetThing).await.unwrap();
    }
    client.send(GetThing).await.unwrap();
    assert_eq!(server.seen().len(), 82);
}
