//! What a caller wants done about a failure.

use std::{fmt, future::Future, pin::Pin, sync::Arc, time::Duration};

use super::{Client, Inner, exchange::roll};
use crate::{
    Error, Result, RetryPolicy,
    service::{Homeserver, Service},
};

/// What is to be done about a call that has failed: the answer to a [`Failure`].
///
/// A call that may already have been carried out is sent again if that is the answer: unlike the
/// client's own retries, this is the caller's decision. The transaction id stays the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Again {
    /// The error goes to the caller.
    GiveUp,
    /// Try again after the wait that the server asks for, or one that grows from 1 s to 20 s. A
    /// server that asks for more than the policy allows gets its way: the error goes to the caller.
    Retry,
    /// Try again after this wait.
    RetryAfter(Duration),
    /// The client has logged in again: try at once with the new token. With the old one the
    /// error goes to the caller, so that a dead token is not sent for ever.
    Reauthenticate,
}

/// A call that has failed for good, as far as the client's own retries go.
#[non_exhaustive]
pub struct Failure<S: Service = Homeserver> {
    /// Why it failed.
    pub error: Error,

    /// How often it was asked about this call, this time included.
    pub round: u32,

    client: Client<S>,
}

impl<S: Service> Failure<S> {
    /// The operation's id; empty if the error arose outside of an operation.
    pub fn operation(&self) -> &str {
        self.error.operation().unwrap_or_default()
    }

    /// The client that made the call, to make others with. Their failures are not asked about.
    pub fn client(&self) -> &Client<S> {
        &self.client
    }
}

impl<S: Service> fmt::Debug for Failure<S> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("Failure").field("error", &self.error).field("round", &self.round).finish_non_exhaustive()
    }
}

type Decision = Pin<Box<dyn Future<Output = Again> + Send>>;

/// A caller's decision, with the service forgotten.
pub(crate) type Hook = Arc<dyn Fn(&Arc<Inner>, Error, u32) -> Decision + Send + Sync>;

pub(crate) fn hook<S: Service, F>(decide: impl Fn(Failure<S>) -> F + Send + Sync + 'static) -> Hook
where
    F: Future<Output = Again> + Send + 'static,
{
    Arc::new(move |inner, error, round| {
        let client = Client::quiet(inner.clone());
        Box::pin(decide(Failure { error, round, client }))
    })
}

/// A decision that is always to try again still comes to an end.
const MOST_ROUNDS: u32 = 100;

/// The rounds that one call, or one body, has been through.
pub(crate) struct Rounds<'a> {
    inner: &'a Inner,
    policy: &'a RetryPolicy,
    made: u32,
    token: u64,
}

impl<'a> Rounds<'a> {
    pub(crate) fn new(inner: &'a Inner, policy: &'a RetryPolicy) -> Self {
        Self { inner, policy, made: 0, token: inner.executor.login.changes() }
    }

    /// The number of the round that has failed; `None` if it was the last.
    pub(crate) fn next(&mut self) -> Option<u32> {
        self.made += 1;
        (self.made <= MOST_ROUNDS).then_some(self.made)
    }

    /// Waits as decided, and tells whether there is to be another round.
    pub(crate) async fn follow(&mut self, again: Again, error: &Error) -> bool {
        let token = self.inner.executor.login.changes();
        let is_new = token != self.token;
        self.token = token;
        let wait = match again {
            Again::GiveUp => return false,
            Again::Reauthenticate => return is_new,
            Again::RetryAfter(wait) => Some(wait),
            Again::Retry => self.policy.round(self.made, error.retry_after(), roll()),
        };
        match wait {
            Some(wait) => {
                tokio::time::sleep(wait).await;
                true
            }
            None => false,
        }
    }
}

impl<S: Service> Client<S> {
    /// Runs a body of yours, again if it fails and `decide` says so: as
    /// [`ClientBuilder::on_failure`](crate::ClientBuilder::on_failure), around more than one call.
    ///
    /// ```no_run
    /// use matrix_api::{Again, Client};
    ///
    /// # async fn example(client: Client) -> matrix_api::Result<()> {
    /// let room = client.room("!kitchen:example.org");
    /// client
    ///     .try_again(
    ///         || async {
    ///             client.whoami().await?;
    ///             room.send_text("Still here.").await
    ///         },
    ///         |failure| async move { if failure.error.is_timeout() { Again::Retry } else { Again::GiveUp } },
    ///     )
    ///     .await?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// The body's last failure.
    pub async fn try_again<T, F, D>(
        &self,
        mut body: impl FnMut() -> F,
        mut decide: impl FnMut(Failure<S>) -> D,
    ) -> Result<T>
    where
        F: Future<Output = Result<T>>,
        D: Future<Output = Again>,
    {
        let mut rounds = Rounds::new(&self.inner, &self.inner.terms.policy);
        loop {
            let error = match body().await {
                Ok(done) => return Ok(done),
                Err(error) => error,
            };
            let Some(round) = rounds.next() else { return Err(error) };
            let client = Self::quiet(self.inner.clone());
            let again = decide(Failure { error: error.clone(), round, client }).await;
            if !rounds.follow(again, &error).await {
                return Err(error);
            }
        }
    }
}
