//! The envelope of `/sync` and every event in it: its content as a type.

use std::hint::black_box;
use std::time::Duration;

use matrix_api::client_server::SyncEventsResponse;
use matrix_api::{Event, HasContent, Raw};

use crate::contents::{borrowed, owned};
use crate::measure::{Cost, cost};
use crate::plot::{self, Line};
use crate::report::{self, Goal, Section, cells, table};
use crate::{Effort, child, sync};

pub(crate) const TITLE: &str = "Every event of /sync";

const SIZES: [&str; 4] = ["100 KB", "1 MB", "10 MB", "100 MB"];

const RUMA: &str = "ruma";
const OURS: &str = "matrix-api, contents";
const HEADS: &str = "matrix-api, contents and heads";
/// The contents as one would write them by hand, on top of our envelope.
const BORROWED: &str = "by hand, borrowed contents";
const OWNED: &str = "by hand, owned contents";
const METHODS: [&str; 5] = [RUMA, OURS, HEADS, BORROWED, OWNED];

/// Looks at every event of a sync, in whichever place.
macro_rules! every {
    ($sync:expr, $look:ident) => {
        let sync = $sync;
        sync.account_data.iter().flat_map(|place| &place.events).for_each(|event| $look(event));
        sync.presence.iter().flat_map(|place| &place.events).for_each(|event| $look(event));
        sync.to_device.iter().flat_map(|place| &place.events).for_each(|event| $look(event));
        let Some(rooms) = &sync.rooms else { return };
        for room in rooms.join.values() {
            room.account_data.iter().flat_map(|place| &place.events).for_each(|event| $look(event));
            room.ephemeral.iter().flat_map(|place| &place.events).for_each(|event| $look(event));
            room.state.iter().flat_map(|place| &place.events).for_each(|event| $look(event));
            room.timeline.iter().flat_map(|place| &place.events).for_each(|event| $look(event));
        }
        for room in rooms.leave.values() {
            room.timeline.iter().flat_map(|place| &place.events).for_each(|event| $look(event));
        }
        for room in rooms.invite.values() {
            room.invite_state.iter().flat_map(|place| &place.events).for_each(|event| $look(event));
        }
    };
}

fn contents(sync: &SyncEventsResponse) {
    fn look<E: Event + HasContent>(event: &Raw<E>) {
        black_box(event.content());
    }
    every!(sync, look);
}

fn by_hand_borrowed(sync: &SyncEventsResponse) {
    every!(sync, borrowed);
}

fn by_hand_owned(sync: &SyncEventsResponse) {
    every!(sync, owned);
}

fn heads(sync: &SyncEventsResponse) {
    fn look<E: Event + HasContent>(event: &Raw<E>) {
        let head = event.head();
        black_box((head.event_id(), head.sender(), head.origin_server_ts(), head.state_key(), head.age()));
        black_box(event.content());
    }
    every!(sync, look);
}

#[cfg(feature = "peers")]
fn ruma(sync: &ruma::api::client::sync::sync_events::v3::Response) -> usize {
    use ruma::api::client::sync::sync_events::v3::State;
    let mut failed = 0;
    macro_rules! look {
        ($events:expr) => {
            for event in $events {
                failed += usize::from(black_box(event.deserialize()).is_err());
            }
        };
    }
    look!(&sync.account_data.events);
    look!(&sync.presence.events);
    look!(&sync.to_device.events);
    for room in sync.rooms.join.values() {
        look!(&room.account_data.events);
        look!(&room.ephemeral.events);
        if let State::Before(state) | State::After(state) = &room.state {
            look!(&state.events);
        }
        look!(&room.timeline.events);
    }
    for room in sync.rooms.leave.values() {
        look!(&room.timeline.events);
    }
    for room in sync.rooms.invite.values() {
        look!(&room.invite_state.events);
    }
    failed
}

pub(crate) fn one(method: &str, size: &str, time: u64) -> Vec<f64> {
    let time = Duration::from_millis(time);
    let body = sync::body(size);
    #[cfg_attr(not(feature = "peers"), allow(unused_mut, reason = "only peers refuse events"))]
    let mut failed = 0;
    let cost = match method {
        OURS | HEADS | BORROWED | OWNED => {
            let look = match method {
                OURS => contents,
                HEADS => heads,
                BORROWED => by_hand_borrowed,
                _ => by_hand_owned,
            };
            cost(time, || {
                let sync = sync::ours(&body);
                look(&sync);
                sync
            })
        }
        #[cfg(feature = "peers")]
        RUMA => cost(time, || {
            let sync = sync::ruma(&body);
            failed = ruma(&sync);
            sync
        }),
        _ => panic!("nobody is called {method}"),
    };
    let Cost { median, allocations, .. } = cost;
    vec![median, body.len() as f64, allocations as f64, failed as f64]
}

pub(crate) fn run(effort: Effort) -> Section {
    let mut rows = vec![cells(&[&"Input", &"Reader", &"MB/s", &"Times ruma", &"Allocations", &"Events refused"])];
    let mut lines = METHODS.map(|name| Line { name, points: Vec::new() });
    let mut goals = Vec::new();
    for size in SIZES {
        let all = child::turns("events", &METHODS, size, effort);
        let base = all[0][0];
        for ((figures, method), line) in all.iter().zip(METHODS).zip(&mut lines) {
            let &[median, bytes, allocations, failed] = &figures[..] else { panic!("four numbers") };
            let rate = bytes / median / 1e3;
            line.points.push((bytes, rate));
            rows.push(cells(&[
                &size,
                &method,
                &format!("{rate:.0}"),
                &format!("{:.2}", base / median),
                &allocations,
                &failed,
            ]));
        }
        if size != "1 MB" {
            goals.push(Goal::at_least(
                &format!("{size}, throughput over ruma's, owned contents"),
                2.5,
                base / all[1][0],
            ));
        }
    }
    let svg = plot::svg("Reading /sync and the content of every event, MB/s by bytes of the body", &lines);
    std::fs::write(report::folder().join("events.svg"), svg).expect("the file can be written");
    let body = format!(
        "As before, and the content of every event is read as the type that its event says.\nruma reads an event's \
         head with its content; the second row of ours does so as well, by a second question to the event.\n\
         ![Throughput by size](events.svg)\n\n{}",
        table(&rows)
    );
    Section { title: TITLE, body, goals }
}
