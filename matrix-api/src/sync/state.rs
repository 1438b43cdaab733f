use std::{future::poll_fn, pin::pin, task::Poll, time::Instant};

use tokio::sync::watch;

use crate::Error;

/// What a [`SyncStream`](super::SyncStream) does at the moment.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum SyncState {
    /// It asks the server, or waits for you to take the next batch.
    Running,
    /// The last attempt failed; it waits before the next.
    BackingOff {
        /// When it asks again, unless nobody is waiting for a batch then.
        until: Instant,
        /// How many attempts have failed in a row.
        failures: u32,
        /// Why the last one failed.
        error: Error,
    },
    /// It gets a new access token.
    Refreshing,
    /// It has ended, for this reason.
    Dead {
        /// The reason, the same as the stream's last item.
        error: Error,
    },
}

/// Watches a [`SyncStream`](super::SyncStream), also from another task: to raise an alarm, or to
/// show whether a bot is listening.
///
/// ```no_run
/// use matrix_api::{Client, SyncOptions, SyncState};
///
/// # async fn example(client: Client) {
/// let stream = client.sync_stream(SyncOptions::new());
/// let mut watch = stream.watch();
/// tokio::spawn(async move {
///     while let Some(state) = watch.changed().await {
///         if let SyncState::BackingOff { failures: 5.., error, .. } = state {
///             eprintln!("not listening: {error}");
///         }
///     }
/// });
/// # }
/// ```
#[derive(Clone, Debug)]
pub struct SyncWatch {
    receiver: watch::Receiver<Status>,
    /// Whether the client gets new tokens.
    renewing: watch::Receiver<bool>,
}

/// What is told of a stream.
#[derive(Clone, Debug)]
pub(super) struct Status {
    pub(super) state: SyncState,
    pub(super) unsaved: Option<Error>,
}

impl SyncWatch {
    /// What the stream does at the moment.
    #[must_use]
    pub fn state(&self) -> SyncState {
        match &self.receiver.borrow().state {
            SyncState::Running if *self.renewing.borrow() => SyncState::Refreshing,
            state => state.clone(),
        }
    }

    /// Why the session store does not know the position, if the last attempt to save it failed. The
    /// stream goes on, and saves it with the next batch; after a crash now, the batches since then
    /// would come again.
    #[must_use]
    pub fn unsaved(&self) -> Option<Error> {
        self.receiver.borrow().unsaved.clone()
    }

    /// Waits until something has changed since the last call, and tells the new state. `None` once
    /// the stream has been dropped.
    pub async fn changed(&mut self) -> Option<SyncState> {
        {
            let mut stream = pin!(self.receiver.changed());
            let mut renewing = pin!(self.renewing.changed());
            poll_fn(|context| match stream.as_mut().poll(context) {
                Poll::Ready(changed) => Poll::Ready(changed),
                // The client lives as long as the stream.
                Poll::Pending => renewing.as_mut().poll(context),
            })
            .await
            .ok()?;
        }
        Some(self.state())
    }
}

/// The stream's end of it.
#[derive(Debug)]
pub(super) struct Teller {
    sender: watch::Sender<Status>,
}

impl Teller {
    pub(super) fn new() -> Self {
        Self { sender: watch::Sender::new(Status { state: SyncState::Running, unsaved: None }) }
    }

    pub(super) fn watch(&self, renewing: watch::Receiver<bool>) -> SyncWatch {
        SyncWatch { receiver: self.sender.subscribe(), renewing }
    }

    /// It runs; nobody is woken if it did already.
    pub(super) fn running(&self) {
        self.sender.send_if_modified(|status| {
            let changes = !matches!(status.state, SyncState::Running);
            status.state = SyncState::Running;
            changes
        });
    }

    pub(super) fn tell(&self, state: SyncState) {
        self.sender.send_modify(|status| status.state = state);
    }

    pub(super) fn saved(&self, error: Option<Error>) {
        self.sender.send_if_modified(|status| {
            let changes = error.is_some() || status.unsaved.is_some();
            status.unsaved = error;
            changes
        });
    }
}
