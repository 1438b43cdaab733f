//! Long polls that wait, ten thousand of them in one process.

use std::time::Duration;

use bytes::Bytes;
use http_body_util::{BodyExt as _, Full};
use hyper_util::rt::TokioExecutor;
use matrix_api::client_server::{GetVersions, SyncEvents};
use tokio::task::JoinHandle;

use crate::loopback::server::Server;
use crate::loopback::{TOKEN, ours};
use crate::measure::{Tally, open_files, resident};
use crate::report::{Goal, Section, cells, table};
use crate::{Effort, child};

pub(crate) const TITLE: &str = "Long polls that wait";

const REQWEST: &str = "reqwest";
const OURS: &str = "matrix-api";
const HYPER: &str = "hyper-util";
const METHODS: [&str; 3] = [REQWEST, OURS, HYPER];

pub(crate) fn one(method: &str, count: &str, _: u64) -> Vec<f64> {
    let count: usize = count.parse().expect("a number");
    open_files(count as u64 + 100);
    let server = Server::start(0);
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    tokio::task::LocalSet::new().block_on(&runtime, wait(method, server.port, count))
}

/// KiB of memory for each, bytes on the heap for each, seconds of CPU while all of them wait for five.
async fn wait(method: &str, port: u16, count: usize) -> Vec<f64> {
    let base = format!("http://127.0.0.1:{port}");
    let url = format!("{base}/_matrix/client/v3/sync?timeout=30000&since=s1");
    let reqwest = reqwest::Client::new();
    let hyper = hyper_util::client::legacy::Client::builder(TokioExecutor::new()).build_http::<Full<Bytes>>();
    let own = ours(&base);
    // What a client makes at its first call is not any poll's.
    reqwest.get(format!("{base}/versions")).send().await.expect("it is answered").bytes().await.expect("a body");
    own.send(GetVersions::new()).await.expect("it is answered");
    let (before, memory) = (Tally::now(), resident());
    let mut polls: Vec<JoinHandle<()>> = Vec::with_capacity(count);
    for number in 0..count {
        polls.push(match method {
            OURS => {
                let own = own.clone();
                tokio::task::spawn_local(async move {
                    let poll = own.send(SyncEvents::new().since("s1").timeout(30_000)).await;
                    drop(poll.expect("it is answered"));
                })
            }
            REQWEST => {
                let poll = reqwest.get(&url).bearer_auth(TOKEN);
                tokio::task::spawn_local(async move {
                    drop(poll.send().await.expect("it is answered").bytes().await.expect("a body"));
                })
            }
            _ => {
                let poll = http::Request::get(&url).header("authorization", format!("Bearer {TOKEN}"));
                let poll = hyper.request(poll.body(Full::new(Bytes::new())).expect("a request"));
                tokio::task::spawn_local(async move {
                    drop(poll.await.expect("it is answered").into_body().collect().await.expect("a body"));
                })
            }
        });
        if number % 200 == 199 {
            // The server's queue of connections is short.
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }
    tokio::time::sleep(Duration::from_secs(3)).await;
    let full = Tally::now();
    tokio::time::sleep(Duration::from_secs(5)).await;
    let idle = Tally::now().since(full).cpu;
    assert!(polls.iter().all(|poll| !poll.is_finished()), "they all wait");
    let each = |amount: f64| amount / count as f64;
    vec![each(resident() - memory), each(full.since(before).live as f64), idle]
}

pub(crate) fn run(effort: Effort) -> Section {
    let count = if effort.rounds == 1 { "1000" } else { "10000" };
    let effort = Effort { rounds: effort.rounds.min(3), ..effort };
    let mut rows = vec![cells(&[&"Client", &"Memory each, KiB", &"Times reqwest", &"Heap each, KiB", &"Idle CPU, %"])];
    let all = child::turns("polls", &METHODS, count, effort);
    let base = all[0][0];
    for (figures, method) in all.iter().zip(METHODS) {
        let &[memory, heap, idle] = &figures[..] else { panic!("three numbers") };
        let (heap, idle) = (format!("{:.1}", heap / 1024.0), format!("{:.3}", idle / 5.0 * 100.0));
        rows.push(cells(&[&method, &format!("{memory:.1}"), &format!("{:.2}", memory / base), &heap, &idle]));
    }
    let body = format!(
        "{count} syncs wait for the server, each on a connection of its own, in one thread. Memory is what the process \
         has, the kernel's sockets are not in it.\n\n{}",
        table(&rows)
    );
    let goals = vec![
        Goal::at_most("memory of a poll over bare reqwest's", 1.1, all[1][0] / base),
        Goal::at_most("heap of a poll over bare reqwest's", 1.1, all[1][1] / all[0][1]),
    ];
    Section { title: TITLE, body, goals }
}
