use std::{
    fmt,
    future::{Future, poll_fn},
    pin::Pin,
    task::{Context, Poll, ready},
    time::Duration,
};

use futures_core::Stream;
use tokio::time::Instant;

use super::{
    SyncBatch, SyncOptions, SyncState, SyncWatch,
    backoff::{Backoff, is_fatal},
    gap,
    position::Ticket,
    state::Teller,
};
use crate::{
    Client, Error, Result, RetryPolicy,
    client::exchange::roll,
    client_server::{SyncEvents, SyncEventsResponse},
};

/// Batch after batch of news: see [`Client::sync_stream`].
///
/// Nothing happens in the background. The server is asked while somebody waits for a batch, and
/// the position moves when the next one is waited for; a slow consumer holds the stream up and
/// loses nothing.
///
/// The future of [`next`](Self::next) may be dropped at any time, as `select!` does: what it waited
/// for goes on with the next call, where it was. Dropping the stream gives up everything; what was
/// not dealt with comes again to the next stream.
#[must_use = "nothing is asked before `next`"]
pub struct SyncStream {
    core: Core,
    work: Option<Work>,
}

/// What is under way. It lives on when a future of `next` is dropped.
type Work = Pin<Box<dyn Future<Output = Done> + Send>>;

/// What has come to an end.
enum Done {
    Saved(Result<()>),
    Waited,
    Answered { answer: Box<Result<SyncBatch>>, took: Duration },
}

/// What the stream knows between two pieces of work.
struct Core {
    client: Client,
    options: SyncOptions,
    teller: Teller,
    backoff: Backoff,
    /// Who it is that asks, of those who have been logged in.
    login: u64,
    since: Option<String>,
    first: bool,
    /// The batch that was handed out and not yet counted as dealt with.
    handed_out: Option<Ticket>,
    /// When the server may be asked again.
    until: Option<Instant>,
    dead: bool,
}

impl SyncStream {
    pub(super) fn new(client: Client, options: SyncOptions) -> Self {
        let login = client.positions().login();
        let since = options.first_since(&client);
        let core = Core {
            client,
            options,
            teller: Teller::new(),
            backoff: Backoff::default(),
            login,
            since,
            first: true,
            handed_out: None,
            until: None,
            dead: false,
        };
        Self { core, work: None }
    }

    /// The next batch. By asking for it, the one before counts as dealt with.
    ///
    /// An error is the last item: why the stream has ended. After it there is `None`.
    pub async fn next(&mut self) -> Option<Result<SyncBatch>> {
        poll_fn(|context| self.poll(context)).await
    }

    /// Watches what the stream does.
    #[must_use]
    pub fn watch(&self) -> SyncWatch {
        self.core.teller.watch(self.core.client.renewing())
    }

    fn poll(&mut self, context: &mut Context<'_>) -> Poll<Option<Result<SyncBatch>>> {
        loop {
            if self.work.is_none() {
                self.work = self.core.begin();
            }
            let Some(work) = &mut self.work else { return Poll::Ready(None) };
            let done = ready!(work.as_mut().poll(context));
            self.work = None;
            if let Some(item) = self.core.end(done) {
                return Poll::Ready(Some(item));
            }
        }
    }
}

impl Core {
    /// What is to be done next; `None` if nothing ever will.
    fn begin(&mut self) -> Option<Work> {
        if self.dead {
            return None;
        }
        if let Some(ticket) = self.handed_out.clone() {
            let client = self.client.clone();
            return Some(Box::pin(async move { Done::Saved(client.acknowledge(&ticket).await) }));
        }
        if let Some(until) = self.until {
            return Some(Box::pin(async move {
                tokio::time::sleep_until(until).await;
                Done::Waited
            }));
        }
        let login = self.client.positions().login();
        if login != self.login {
            (self.login, self.first) = (login, true);
            self.since = self.options.first_since(&self.client);
        }
        self.teller.running();
        Some(Box::pin(self.ask()))
    }

    /// Asks the server for the next batch.
    fn ask(&self) -> impl Future<Output = Done> + Send + use<> {
        let (client, options) = (self.client.clone(), self.options.clone());
        let (login, since, first) = (self.login, self.since.clone(), self.first);
        let patient = self.backoff.failures() < PATIENCE;
        async move {
            let start = Instant::now();
            let answer = Box::new(ask(client, options, login, since, first, patient).await);
            Done::Answered { answer, took: start.elapsed() }
        }
    }

    /// Takes in what has come to an end. What it returns is for the consumer.
    fn end(&mut self, done: Done) -> Option<Result<SyncBatch>> {
        match done {
            Done::Saved(outcome) => {
                self.handed_out = None;
                self.teller.saved(outcome.err());
                None
            }
            Done::Waited => {
                self.until = None;
                None
            }
            Done::Answered { answer, took } => match *answer {
                Ok(batch) => Some(Ok(self.hand_out(batch, took))),
                Err(error) if is_fatal(&error) => Some(Err(self.die(error))),
                Err(error) => {
                    self.back_off(error);
                    None
                }
            },
        }
    }

    fn hand_out(&mut self, batch: SyncBatch, took: Duration) -> SyncBatch {
        let stays = self.since.as_deref() == Some(&*batch.next_batch);
        let early = !self.first && took < SHORT && (stays || is_empty(&batch));
        let wait = self.backoff.answered(early, roll());
        self.until = (!wait.is_zero()).then(|| Instant::now() + wait);
        self.since = Some(batch.next_batch.clone());
        self.first = false;
        self.handed_out = Some(batch.ticket().clone());
        batch
    }

    fn back_off(&mut self, error: Error) {
        let until = Instant::now() + self.backoff.failed(error.retry_after(), roll());
        self.until = Some(until);
        let failures = self.backoff.failures();
        self.teller.tell(SyncState::BackingOff { until: until.into_std(), failures, error });
    }

    fn die(&mut self, error: Error) -> Error {
        self.dead = true;
        self.teller.tell(SyncState::Dead { error: error.clone() });
        error
    }
}

/// An answer without news that took less than this did not wait for any.
const SHORT: Duration = Duration::from_millis(500);

/// After so many failures in a row, gaps are left as they are.
const PATIENCE: u32 = 3;

async fn ask(
    client: Client,
    options: SyncOptions,
    login: u64,
    since: Option<String>,
    first: bool,
    patient: bool,
) -> Result<SyncBatch> {
    let filter = options.filter_id(&client)?;
    let request: SyncEvents = options.request(filter.as_deref(), since.as_deref(), first);
    // One attempt: the stream does the waiting, so that it can be watched.
    let mut response = client.call(request).retry(RetryPolicy::none()).send().await?;
    client.take_in(&options, since.as_deref(), &response);
    if let Some(since) = &since {
        gap::fill(&client, &options, &mut response, since, patient).await?;
    }
    let ticket = client.positions().delivered(login, options.key(), &response.next_batch);
    Ok(SyncBatch::new(client, response, since, ticket))
}

/// Whether an answer brings nothing but a new position.
fn is_empty(response: &SyncEventsResponse) -> bool {
    let no_rooms = response.rooms.as_ref().is_none_or(|rooms| {
        rooms.join.is_empty() && rooms.invite.is_empty() && rooms.knock.is_empty() && rooms.leave.is_empty()
    });
    let no_lists = response.device_lists.as_ref().is_none_or(|list| list.changed.is_empty() && list.left.is_empty());
    no_rooms
        && no_lists
        && response.presence.as_ref().is_none_or(|presence| presence.events.is_empty())
        && response.account_data.as_ref().is_none_or(|data| data.events.is_empty())
        && response.to_device.as_ref().is_none_or(|messages| messages.events.is_empty())
}

impl Stream for SyncStream {
    type Item = Result<SyncBatch>;

    fn poll_next(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.get_mut().poll(context)
    }
}

impl fmt::Debug for SyncStream {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("SyncStream")
            .field("since", &self.core.since)
            .field("state", &self.watch().state())
            .finish_non_exhaustive()
    }
}
