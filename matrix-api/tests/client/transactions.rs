//! Which sendings a server takes for one and the same.

use std::collections::BTreeSet;

use matrix_api::{Client, Session, TxnId};

use crate::{
    calls::{PutThing, builder, client},
    server::{Server, json},
};

fn put(txn_id: Option<TxnId>) -> PutThing {
    PutThing { room_id: "!r:example.org".into(), txn_id }
}

/// The last segment of each request's path.
fn transactions(server: &Server) -> Vec<String> {
    let lines = server.lines();
    lines.iter().map(|line| line.split(' ').nth(1).unwrap().rsplit('/').next().unwrap().to_owned()).collect()
}

#[tokio::test]
async fn the_same_value_sent_twice_is_two_events_and_both_are_answered() {
    let server = Server::start([json(200, r#"{"name":"one"}"#), json(200, r#"{"name":"two"}"#)]).await;
    let client = client(&server.url).await;
    let request = put(None);
    let (first, second) = (client.send(&request).await.unwrap(), client.send(&request).await.unwrap());
    assert_eq!((first.name.as_str(), second.name.as_str()), ("one", "two"));
    let ids = transactions(&server);
    assert_ne!(ids[0], ids[1]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn no_two_sendings_have_the_same_id() {
    let server = Server::start((0..400).map(|_| json(200, r#"{"name":"a"}"#))).await;
    // Clones, a client that was restored after a restart, and one that has logged in again on the same device.
    let first = client(&server.url).await;
    let stored = serde_json::to_string(&first.session().unwrap()).unwrap();
    let restored = Client::restore(serde_json::from_str::<Session>(&stored).unwrap()).unwrap();
    let again = builder(&server.url).build().await.unwrap();
    let clients = [first.clone(), first, restored, again];
    let senders: Vec<_> = clients
        .into_iter()
        .map(|client| {
            tokio::spawn(async move {
                for _ in 0..100 {
                    client.send(put(None)).await.unwrap();
                }
            })
        })
        .collect();
    for sender in senders {
        sender.await.unwrap();
    }
    let ids: BTreeSet<_> = transactions(&server).into_iter().collect();
    assert_eq!(ids.len(), 400);
    assert!(ids.iter().all(|id| id.len() == 32 && id.bytes().all(|byte| byte.is_ascii_hexdigit())));
}

#[test]
fn ids_made_on_many_threads_are_all_different() {
    let make = || (0..2000).map(|_| TxnId::new().to_string()).collect::<Vec<_>>();
    let threads: Vec<_> = (0..8).map(|_| std::thread::spawn(make)).collect();
    let ids: BTreeSet<_> = threads.into_iter().flat_map(|thread| thread.join().unwrap()).collect();
    assert_eq!(ids.len(), 8 * 2000);
}

#[tokio::test]
async fn an_id_that_was_set_is_used_for_all_sendings_of_the_value() {
    let server = Server::start((0..2).map(|_| json(200, r#"{"name":"a"}"#))).await;
    let client = client(&server.url).await;
    let request = put(Some("mine".into()));
    client.send(&request).await.unwrap();
    client.send(&request).await.unwrap();
    assert_eq!(transactions(&server), ["mine", "mine"]);
}
