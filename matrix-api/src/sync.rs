//! Sync: what is new for a user, batch after batch.
//!
//! [`Client::sync_stream`](crate::Client::sync_stream) is for programs that keep listening,
//! [`Client::sync_once`](crate::Client::sync_once) for those that look once.
//!
//! Both deliver **at least once**. A batch counts as dealt with when the next one is asked for, or
//! when [`SyncBatch::acknowledge`] says so; only then does the position move, in memory and in the
//! session store. A program that is killed in the middle of a batch gets that batch again. Together
//! with transaction ids that are [derived](crate::TxnId::derived) from the event that is answered,
//! every answer happens exactly once.

mod backoff;
mod batch;
mod cache;
mod event;
mod gap;
mod message;
mod options;
mod position;
mod state;
mod stream;
mod views;

pub use batch::SyncBatch;
pub use cache::{PowerLevels, RoomCache, RoomInfo};
pub use event::RoomEvent;
pub use message::Message;
pub use options::SyncOptions;
pub(crate) use position::Positions;
pub use state::{SyncState, SyncWatch};
pub use stream::SyncStream;
pub use views::{Invite, MemberChange};

#[cfg(feature = "events")]
pub(crate) use cache::{REDACTION, cut};

use crate::{Client, Result, client_server::SyncEventsResponse, room::ENCRYPTION};

impl Client {
    /// Asks once what is new since the last batch that was dealt with.
    ///
    /// The batch of the call before counts as dealt with, unless its filter was another one.
    /// Without [`SyncOptions::timeout`] the server is not asked to wait for news.
    ///
    /// # Errors
    ///
    /// [`Error::Rejected`](crate::Error::Rejected) if no filter was uploaded by the name in the
    /// options, [`Error::Store`](crate::Error::Store) if the position could not be kept, and the
    /// failures of sending.
    pub async fn sync_once(&self, options: SyncOptions) -> Result<SyncBatch> {
        let filter = options.filter_id(self)?;
        self.acknowledge_pending(options.key()).await?;
        let login = self.positions().login();
        let since = options.first_since(self);
        let request = options.request(filter.as_deref(), since.as_deref(), true);
        let request = if options.timeout.is_none() { request.timeout(0) } else { request };
        let mut response = self.send(request).await?;
        self.take_in(&options, since.as_deref(), &response);
        if let Some(since) = &since {
            gap::fill(self, &options, &mut response, since, true).await?;
        }
        let ticket = self.positions().delivered(login, options.key(), &response.next_batch);
        self.positions().expect(&ticket);
        Ok(SyncBatch::new(self.clone(), response, since, ticket))
    }

    /// What is new for the user, for as long as the program runs and the login holds.
    ///
    /// The stream neither dies nor spins. Whatever a server, a proxy or a network does, it waits a
    /// while and asks again from the same position; waits grow up to 45 s and are longer if the
    /// server says so. It ends when asking again cannot help, above all when the login has ended:
    /// the reason comes once, as an error, and nothing after it. What it does at the moment can be
    /// [watched](SyncStream::watch).
    ///
    /// ```no_run
    /// use matrix_api::{Client, SyncOptions};
    ///
    /// # async fn example(client: Client) -> matrix_api::Result<()> {
    /// let mut stream = client.sync_stream(SyncOptions::new());
    /// while let Some(batch) = stream.next().await {
    ///     println!("now at {}", batch?.next_batch);
    /// }
    /// # Ok(())
    /// # }
    /// ```
    pub fn sync_stream(&self, options: SyncOptions) -> SyncStream {
        SyncStream::new(self.clone(), options)
    }

    /// Learns what a response says about rooms.
    fn take_in(&self, options: &SyncOptions, since: Option<&str>, response: &SyncEventsResponse) {
        self.look_for_encryption(response);
        if let Some(cache) = &options.cache {
            cache.feed(self.user_id().as_ref(), since, response);
        }
    }

    /// Somebody may have switched encryption on in a room that was not encrypted before.
    fn look_for_encryption(&self, response: &SyncEventsResponse) {
        let encryption = &self.inner.encryption;
        for (id, room) in response.rooms.iter().flat_map(|rooms| &rooms.join) {
            if !encryption.is_taken_for_plain(id) {
                continue;
            }
            let mut state = [&room.state, &room.state_after].into_iter().flatten().flat_map(|batch| &batch.events);
            let in_state = state.any(|event| event.event_type() == ENCRYPTION);
            if in_state || response.of_type(id, &[ENCRYPTION]).next().is_some() {
                encryption.switched_on(id);
            }
        }
    }
}
