//! Many requests of one kind, a few at a time.

mod report;
#[cfg(test)]
mod tests;

use std::{
    fmt,
    future::{Future, IntoFuture, poll_fn},
    pin::Pin,
    sync::Arc,
    task::Poll,
};

pub use report::{BatchItem, BatchReport, Progress};

use crate::{Client, Plan, Request, Result, service::Service};

/// Many requests of one kind, each with a key that tells them apart in the report.
///
/// A few are under way at the same time. A failure stops nothing: the report has an outcome for every key, in the
/// order in which they were given. Dropping the future starts no more requests and gives up those that are under way.
///
/// ```no_run
/// use matrix_api::{Client, client_server::InviteUser};
///
/// # async fn example(client: Client, friends: Vec<matrix_api::UserId>) -> matrix_api::Result<()> {
/// let invitations = friends.iter().map(|friend| (friend.clone(), InviteUser::new("!party:example.org", friend)));
/// let report = client.batch(invitations).at_once(2).await;
/// println!("{report}");
/// # Ok(())
/// # }
/// ```
#[must_use = "nothing is sent before `.await`"]
pub struct Batch<K, R: Request, T = <R as Request>::Response> {
    client: Client<R::To>,
    entries: Vec<(K, R)>,
    act: Arc<dyn Fn(R) -> Acting<T> + Send + Sync>,
    before: Option<Before<R>>,
    at_once: usize,
    progress: Option<Watcher<K, T>>,
}

pub(crate) type Acting<T> = Pin<Box<dyn Future<Output = Result<T>> + Send>>;
pub(crate) type Watcher<K, T> = Box<dyn FnMut(Progress<'_, K, T>) + Send>;

/// What is sent before each request, to be shown.
type Before<R> = Box<dyn Fn(&Client<<R as Request>::To>, &R) -> Result<Plan> + Send>;

impl<S: Service> Client<S> {
    /// Many requests of one kind, sent a few at a time: see [`Batch`].
    pub fn batch<K, R>(&self, entries: impl IntoIterator<Item = (K, R)>) -> Batch<K, R>
    where
        R: Request<To = S> + Send + Sync + 'static,
        R::Response: Send + 'static,
    {
        let client = self.clone();
        let act = move |request: R| {
            let client = client.clone();
            async move { client.send(request).await }
        };
        Batch::new(self.clone(), entries, act)
    }
}

impl<K, R: Request, T> Batch<K, R, T> {
    pub(crate) fn new<F>(
        client: Client<R::To>,
        entries: impl IntoIterator<Item = (K, R)>,
        act: impl Fn(R) -> F + Send + Sync + 'static,
    ) -> Self
    where
        F: Future<Output = Result<T>> + Send + 'static,
    {
        let act = Arc::new(move |request| Box::pin(act(request)) as Acting<T>);
        Self { client, entries: entries.into_iter().collect(), act, before: None, at_once: 4, progress: None }
    }

    /// Has the plan show what the batch sends before each request.
    #[cfg(feature = "synapse-admin")]
    pub(crate) fn shows_before<B: Request<To = R::To>>(mut self, before: impl Fn(&R) -> B + Send + 'static) -> Self {
        self.before = Some(Box::new(move |client, request| client.plan(&before(request))));
        self
    }

    /// How many requests may be under way at the same time; 4 unless set, and at least 1.
    pub fn at_once(mut self, most: usize) -> Self {
        self.at_once = most.max(1);
        self
    }

    /// Called after each outcome, with the response. Who writes that down can go on after a crash: what is done need
    /// not be done again, and a job of the server's is taken up by its id.
    pub fn on_progress(mut self, watch: impl FnMut(Progress<'_, K, T>) + Send + 'static) -> Self {
        self.progress = Some(Box::new(watch));
        self
    }

    /// What would be sent if all goes well, in order. Without a network.
    ///
    /// # Errors
    ///
    /// [`Error::Encode`](crate::Error::Encode) for the first request that has a value that must not be sent.
    pub fn plan(&self) -> Result<Vec<Plan>> {
        let mut plans = Vec::new();
        for (_, request) in &self.entries {
            plans.extend(self.before.as_ref().map(|before| before(&self.client, request)).transpose()?);
            plans.push(self.client.plan(request)?);
        }
        Ok(plans)
    }

    async fn run(self) -> BatchReport<K, T> {
        let Self { entries, act, at_once, progress, .. } = self;
        drive(entries.into_iter().map(|(key, request)| (key, act(request))), at_once, progress).await
    }
}

/// Does what is to be done, a few things at a time. Each begins when its turn comes.
pub(crate) async fn drive<K, T>(
    entries: impl ExactSizeIterator<Item = (K, Acting<T>)>,
    at_once: usize,
    mut progress: Option<Watcher<K, T>>,
) -> BatchReport<K, T> {
    let total = entries.len();
    let mut outcomes: Vec<Option<BatchItem<K, T>>> = Vec::new();
    outcomes.resize_with(total, || None);
    let mut waiting = entries.enumerate();
    let mut open: Vec<Open<K, T>> = Vec::new();
    let (mut done, mut failed) = (0, 0);
    loop {
        while open.len() < at_once {
            let Some((index, (key, acting))) = waiting.next() else { break };
            open.push(Open { index, key, acting });
        }
        let Some((Open { index, key, .. }, outcome)) = first(&mut open).await else { break };
        done += 1;
        failed += usize::from(outcome.is_err());
        if let Some(watch) = &mut progress {
            watch(Progress { done, failed, total, key: &key, outcome: outcome.as_ref() });
        }
        outcomes[index] = Some(BatchItem { key, outcome });
    }
    BatchReport { items: outcomes.into_iter().flatten().collect() }
}

/// Something under way.
struct Open<K, T> {
    index: usize,
    key: K,
    acting: Acting<T>,
}

/// The first that is done; `None` if there is none.
async fn first<K, T>(open: &mut Vec<Open<K, T>>) -> Option<(Open<K, T>, Result<T>)> {
    poll_fn(|context| {
        if open.is_empty() {
            return Poll::Ready(None);
        }
        for at in 0..open.len() {
            if let Poll::Ready(outcome) = open[at].acting.as_mut().poll(context) {
                return Poll::Ready(Some((open.swap_remove(at), outcome)));
            }
        }
        Poll::Pending
    })
    .await
}

impl<K: Send + 'static, R: Request + Send + 'static, T: Send + 'static> IntoFuture for Batch<K, R, T> {
    type Output = BatchReport<K, T>;
    type IntoFuture = Pin<Box<dyn Future<Output = BatchReport<K, T>> + Send>>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(self.run())
    }
}

impl<K, R: Request, T> fmt::Debug for Batch<K, R, T> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("Batch")
            .field("operation", &R::METADATA.id)
            .field("requests", &self.entries.len())
            .finish_non_exhaustive()
    }
}
