//! Whole calls to a server on the same machine: what a client itself costs.

mod clients;
pub(crate) mod server;

use std::cell::Cell;
use std::rc::Rc;
use std::time::{Duration, Instant};

use crate::measure::{Tally, pin};
use crate::report::{Goal, Section, cells, table};
use crate::{Effort, child};
pub(crate) use clients::{TOKEN, ours};
use server::Server;

pub(crate) const TITLE: &str = "Calls over loopback";

const REQWEST: &str = "reqwest";
const OURS: &str = "matrix-api";
/// With every call over reqwest: the option, not the default.
const OURS_REQWEST: &str = "matrix-api, over reqwest";
const RUMA_REQWEST: &str = "ruma-client + reqwest";
const RUMA_HYPER: &str = "ruma-client + hyper-util";
const HYPER: &str = "hyper-util";
const TCP: &str = "floor: a socket, by hand";
const METHODS: [&str; 7] = [REQWEST, OURS, RUMA_REQWEST, OURS_REQWEST, RUMA_HYPER, HYPER, TCP];

const CONCURRENT: [&str; 2] = ["1", "64"];

pub(crate) fn one(method: &str, concurrent: &str, time: u64) -> Vec<f64> {
    let concurrent: usize = concurrent.parse().expect("a number");
    // One at a time they share a CPU, so that nobody pays for waking another one up.
    let (server, client) = if concurrent == 1 { (0, 0) } else { (0, 1) };
    let server = Server::start(server);
    pin(client);
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    let tasks = tokio::task::LocalSet::new();
    tasks.block_on(&runtime, drive(method, &server, concurrent, Duration::from_millis(time)))
}

/// Calls for that time, after a third of it to warm up. Microseconds of CPU, allocations, calls per second.
async fn drive(method: &str, server: &Server, concurrent: usize, time: Duration) -> Vec<f64> {
    let calls = clients::clients(method, server.port, concurrent).await;
    let warm = Instant::now() + time / 3;
    let end = warm + time;
    let begun = Rc::new(Cell::new(None));
    let count = Rc::new(Cell::new(0_u64));
    let workers = calls.into_iter().enumerate().map(|(worker, mut call)| {
        let (begun, count) = (begun.clone(), count.clone());
        tokio::task::spawn_local(async move {
            for number in (worker as u64) << 32.. {
                let now = Instant::now();
                if now >= end {
                    return;
                }
                if now >= warm && begun.get().is_none() {
                    begun.set(Some((now, Tally::now())));
                    count.set(0);
                }
                assert!(call(number).await > 10);
                count.set(count.get() + 1);
            }
        })
    });
    for worker in workers.collect::<Vec<_>>() {
        worker.await.expect("no call fails");
    }
    let (start, before) = begun.get().expect("it was warm");
    let spent = Tally::now().since(before);
    let calls = count.get() as f64;
    let seconds = start.elapsed().as_secs_f64();
    vec![spent.cpu * 1e6 / calls, spent.allocations as f64 / calls, calls / seconds]
}

pub(crate) fn run(effort: Effort) -> Section {
    let head: [&dyn std::fmt::Display; 6] =
        [&"At once", &"Client", &"CPU, µs a call", &"Times reqwest", &"Allocations a call", &"Calls/s"];
    let mut rows = vec![cells(&head)];
    let mut goals = Vec::new();
    for concurrent in CONCURRENT {
        let all = child::turns("loopback", &METHODS, concurrent, effort);
        let base = all[0][0];
        for (figures, method) in all.iter().zip(METHODS) {
            let &[cpu, allocations, rate] = &figures[..] else { panic!("three numbers") };
            let (cpu, times) = (format!("{cpu:.2}"), format!("{:.2}", cpu / base));
            rows.push(cells(&[
                &concurrent,
                &method,
                &cpu,
                &times,
                &format!("{allocations:.1}"),
                &format!("{rate:.0}"),
            ]));
        }
        goals.push(Goal::at_most(
            &format!("{concurrent} at once, CPU per call over bare reqwest's"),
            1.05,
            all[1][0] / base,
        ));
        goals.push(Goal::at_most(
            &format!("{concurrent} at once, CPU per call over ruma-client + reqwest's"),
            1.0,
            all[1][0] / all[2][0],
        ));
    }
    let body = format!(
        "A message is sent to a server of hyper's in another process, over a connection that is kept, and the answer \
         is read as a type.\nCPU is what the client's process spends, the kernel's part in it; one at a time, client \
         and server share a CPU.\nOurs makes a transaction id of 128 random bits for each call; the others count \
         up.\n\n{}",
        table(&rows)
    );
    Section { title: TITLE, body, goals }
}
