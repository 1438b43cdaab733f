//! Work that a server does in its own time.

#[cfg(test)]
mod tests;

use std::{
    fmt,
    future::{Future, IntoFuture},
    pin::Pin,
    sync::Arc,
    time::Duration,
};

use tokio::time::{Instant, sleep_until, timeout_at};

use crate::{
    Error, Result,
    error::{JobEnd, JobError},
};

/// A job that a server has taken on.
///
/// The server works at it whether or not somebody waits. Its [`id`](Self::id) can be stored, and another process can
/// take the job up by it. A clone is the same job.
pub struct Job<T> {
    operation: &'static str,
    id: Arc<str>,
    ask: Arc<dyn Fn() -> Asked<T> + Send + Sync>,
}

type Asked<T> = Pin<Box<dyn Future<Output = Result<JobStatus<T>>> + Send>>;

/// How far a job has come.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum JobStatus<T> {
    /// It has not begun.
    Waiting,
    /// It is at work, with what has come of it so far, if the server tells.
    Running(Option<T>),
    /// It is done, and this came of it.
    Done(T),
    /// The server gave up, for this reason in its own words.
    Failed(String),
    /// It was called off.
    Cancelled,
}

impl<T: 'static> Job<T> {
    pub(crate) fn new<F>(
        operation: &'static str,
        id: impl Into<Arc<str>>,
        ask: impl Fn() -> F + Send + Sync + 'static,
    ) -> Self
    where
        F: Future<Output = Result<JobStatus<T>>> + Send + 'static,
    {
        Self { operation, id: id.into(), ask: Arc::new(move || Box::pin(ask())) }
    }

    /// What the server calls the job.
    #[must_use]
    pub fn id(&self) -> &str {
        &self.id
    }

    /// How far it has come.
    ///
    /// # Errors
    ///
    /// The failures of sending; `M_NOT_FOUND` if the server has forgotten the job.
    pub async fn status(&self) -> Result<JobStatus<T>> {
        (self.ask)().await
    }

    /// Waits until it is done: `job.wait().timeout(Duration::from_secs(60)).await?`.
    ///
    /// Dropping the future gives up waiting, not the job.
    pub fn wait(&self) -> JobWait<T> {
        JobWait { job: self.clone(), every: Duration::from_secs(2), timeout: None }
    }

    fn ended(&self, end: JobEnd) -> Error {
        Error::Job(JobError::new(self.operation, &self.id, end))
    }
}

/// Waits for a job: see [`Job::wait`].
#[must_use = "waiting begins with `.await`"]
pub struct JobWait<T> {
    job: Job<T>,
    every: Duration,
    timeout: Option<Duration>,
}

/// The pause after the first look; it doubles up to [`JobWait::every`].
const FIRST_PAUSE: Duration = Duration::from_millis(100);

/// How many looks in a row may fail before the waiting does.
const MISSES: u32 = 5;

impl<T: Send + 'static> JobWait<T> {
    /// The longest pause between two looks; 2 s unless set. The first ones are shorter.
    pub fn every(mut self, pause: Duration) -> Self {
        self.every = pause.max(Duration::from_millis(1));
        self
    }

    /// The most time to wait; without it there is no end. What runs out is the waiting, not the job.
    pub fn timeout(mut self, most: Duration) -> Self {
        self.timeout = Some(most);
        self
    }

    async fn run(self) -> Result<T> {
        let deadline = self.timeout.and_then(|most| Instant::now().checked_add(most));
        let mut pause = FIRST_PAUSE.min(self.every);
        let mut misses = 0;
        loop {
            let look = self.job.status();
            let status = match deadline {
                None => look.await,
                Some(deadline) => timeout_at(deadline, look).await.map_err(|_| self.job.ended(JobEnd::TimedOut))?,
            };
            match status {
                Ok(JobStatus::Done(outcome)) => return Ok(outcome),
                Ok(JobStatus::Failed(reason)) => return Err(self.job.ended(JobEnd::Failed(reason))),
                Ok(JobStatus::Cancelled) => return Err(self.job.ended(JobEnd::Cancelled)),
                Ok(JobStatus::Waiting | JobStatus::Running(_)) => misses = 0,
                Err(error) if misses < MISSES && passes(&error) => misses += 1,
                Err(error) => return Err(error),
            }
            let next = Instant::now() + pause;
            if deadline.is_some_and(|deadline| deadline <= next) {
                sleep_until(deadline.unwrap_or(next)).await;
                return Err(self.job.ended(JobEnd::TimedOut));
            }
            sleep_until(next).await;
            pause = (pause * 2).min(self.every);
        }
    }
}

/// Whether a failed look says nothing of the job: the server is away or busy, and may be back soon.
fn passes(error: &Error) -> bool {
    matches!(error, Error::Transport(_))
        || error.is_rate_limited()
        || error.status().is_some_and(|status| status.is_server_error())
}

impl<T: Send + 'static> IntoFuture for JobWait<T> {
    type Output = Result<T>;
    type IntoFuture = Pin<Box<dyn Future<Output = Result<T>> + Send>>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(self.run())
    }
}

impl<T> Clone for Job<T> {
    fn clone(&self) -> Self {
        Self { operation: self.operation, id: self.id.clone(), ask: self.ask.clone() }
    }
}

impl<T> fmt::Debug for Job<T> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("Job").field("operation", &self.operation).field("id", &self.id).finish_non_exhaustive()
    }
}

impl<T> fmt::Debug for JobWait<T> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("JobWait").field("job", &self.job).field("timeout", &self.timeout).finish_non_exhaustive()
    }
}
