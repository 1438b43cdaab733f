use std::{fmt, ops::Deref};

use super::position::Ticket;
use crate::{Client, Result, client_server::SyncEventsResponse};

/// What one sync has brought: a [`SyncEventsResponse`], with what it takes to act on it.
#[derive(Clone)]
pub struct SyncBatch {
    client: Client,
    response: SyncEventsResponse,
    since: Option<String>,
    ticket: Ticket,
}

impl SyncBatch {
    pub(super) fn new(client: Client, response: SyncEventsResponse, since: Option<String>, ticket: Ticket) -> Self {
        Self { client, response, since, ticket }
    }

    /// Where it begins: the end of the batch before. `None` if it is a snapshot.
    #[must_use]
    pub fn since(&self) -> Option<&str> {
        self.since.as_deref()
    }

    /// Counts the batch as dealt with, now and not when the next one is asked for. Batches before it
    /// count as well.
    ///
    /// # Errors
    ///
    /// [`Error::Store`](crate::Error::Store) if the position could not be kept. It counts even so,
    /// as long as the program runs.
    pub async fn acknowledge(&self) -> Result<()> {
        self.client.acknowledge(&self.ticket).await
    }

    /// The response alone.
    #[must_use]
    pub fn into_response(self) -> SyncEventsResponse {
        self.response
    }

    pub(super) fn ticket(&self) -> &Ticket {
        &self.ticket
    }
}

impl Deref for SyncBatch {
    type Target = SyncEventsResponse;

    fn deref(&self) -> &SyncEventsResponse {
        &self.response
    }
}

impl fmt::Debug for SyncBatch {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("SyncBatch").field("since", &self.since).field("next_batch", &self.next_batch).finish()
    }
}
