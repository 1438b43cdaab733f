//! Sends messages through a proxy that breaks connections, while somebody kills the homeserver, and counts what has
//! arrived: `cargo xtask soak`.
//!
//! On the output there is a line `sent N` for each hundred messages that the server has acknowledged, so that whoever
//! kills the homeserver knows when, and at the end a table.

mod count;
mod dice;
mod proxy;

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use matrix_api::client_server::{CreateRoom, SendMessage};
use matrix_api::{Client, EventId, RetryPolicy, RoomId, TxnId, json};

use proxy::Proxy;

type Outcome<T> = Result<T, Box<dyn std::error::Error + Send + Sync>>;

/// How many messages are on their way at once.
const AT_ONCE: usize = 8;

/// What all senders share.
struct Soak {
    client: Client,
    room: RoomId,
    messages: usize,
    next: AtomicUsize,
    /// Message number → the event that the server has acknowledged.
    sent: Mutex<BTreeMap<usize, EventId>>,
    /// Attempts that the client has reported of calls that failed for good.
    failed: AtomicUsize,
    /// Messages that a caller had to send again, with the transaction id that the failure handed back.
    again: AtomicUsize,
}

#[tokio::main]
async fn main() -> Outcome<()> {
    let messages = std::env::args().nth(1).map_or(Ok(10_000), |count| count.parse())?;
    // Set up and counted without the proxy.
    let direct = Client::from_env().await?;
    let room = direct.send(CreateRoom::new().preset("private_chat")).await?.room_id;
    let mut session = direct.session().ok_or("there is a login")?;
    let proxy = Proxy::start(&session.base_url).await?;
    session.base_url = proxy.url();
    let policy = RetryPolicy::default().attempts(5);
    let builder = Client::builder().session(session).retry(policy).request_timeout(Duration::from_secs(15));
    let soak = Arc::new(Soak {
        client: builder.idle_timeout(Duration::from_secs(5)).build().await?,
        room,
        messages,
        next: AtomicUsize::new(0),
        sent: Mutex::default(),
        failed: AtomicUsize::new(0),
        again: AtomicUsize::new(0),
    });
    let start = Instant::now();
    let senders: Vec<_> = (0..AT_ONCE).map(|_| tokio::spawn(send_all(soak.clone()))).collect();
    for sender in senders {
        sender.await??;
    }
    let took = start.elapsed();
    let counted = count::events(&direct, &soak.room).await?;
    report(&soak, &proxy, &counted, took)
}

async fn send_all(soak: Arc<Soak>) -> Outcome<()> {
    loop {
        let number = soak.next.fetch_add(1, Ordering::Relaxed);
        if number >= soak.messages {
            return Ok(());
        }
        let event = soak.send(number).await?;
        let sent = {
            let mut sent = soak.sent.lock().map_err(|_| "a sender has panicked")?;
            sent.insert(number, event);
            sent.len()
        };
        if sent.is_multiple_of(100) {
            println!("sent {sent}");
        }
    }
}

impl Soak {
    /// Sends one message until the server acknowledges it: always as the same transaction.
    async fn send(&self, number: usize) -> Outcome<EventId> {
        let content = json!({"msgtype": "m.text", "body": format!("soak {number}")});
        let mut request = SendMessage::new(&self.room, "m.room.message", content);
        request.txn_id = Some(TxnId::new());
        let patience = Instant::now() + Duration::from_secs(600);
        loop {
            let error = match self.client.send(&request).await {
                Ok(answer) => return Ok(answer.event_id),
                Err(error) => error,
            };
            self.failed.fetch_add(error.attempts().len(), Ordering::Relaxed);
            self.again.fetch_add(1, Ordering::Relaxed);
            // What the server refuses for good would be refused for ever.
            let refused = error.status().is_some_and(|status| status.is_client_error()) && !error.is_rate_limited();
            if refused || Instant::now() > patience || error.txn_id() != request.txn_id.as_ref() {
                return Err(format!("message {number}: {error}").into());
            }
            tokio::time::sleep(Duration::from_millis(200)).await;
        }
    }
}

fn report(soak: &Soak, proxy: &Proxy, counted: &count::Counted, took: Duration) -> Outcome<()> {
    let sent = soak.sent.lock().map_err(|_| "a sender has panicked")?;
    let expected = |number: &usize| format!("soak {number}");
    let lost = (0..soak.messages).filter(|number| !counted.bodies.contains_key(&expected(number))).count();
    let twice = counted.bodies.values().filter(|events| events.len() > 1).count();
    let strange = sent
        .iter()
        .filter(|(number, event)| !counted.bodies.get(&expected(number)).is_some_and(|events| events.contains(*event)));
    let strange = strange.count();
    println!("{:<44} {:>8}", "messages", soak.messages);
    println!("{:<44} {:>8}", "acknowledged", sent.len());
    println!("{:<44} {:>8}", "distinct events in the room", counted.distinct());
    println!("{:<44} {:>8}", "lost", lost);
    println!("{:<44} {:>8}", "twice", twice);
    println!("{:<44} {:>8}", "acknowledged under another id", strange);
    for (fault, count) in proxy.faults() {
        println!("{:<44} {count:>8}", format!("proxy: {fault}"));
    }
    println!("{:<44} {:>8}", "calls that failed and were sent again", soak.again.load(Ordering::Relaxed));
    println!("{:<44} {:>8}", "attempts of those", soak.failed.load(Ordering::Relaxed));
    println!("{:<44} {:>8}", "seconds", took.as_secs());
    let exact = counted.distinct() == soak.messages && sent.len() == soak.messages;
    if exact && lost == 0 && twice == 0 && strange == 0 { Ok(()) } else { Err("messages were lost or doubled".into()) }
}
