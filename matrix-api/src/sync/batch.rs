use std::{fmt, ops::Deref};

use super::{Message, RoomEvent, position::Ticket};
use crate::{Client, Result, RoomId, client_server::SyncEventsResponse};

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

    /// The client that has synced.
    #[must_use]
    pub fn client(&self) -> &Client {
        &self.client
    }

    /// The new events of all rooms that you are in or have just left, room by room, to be answered.
    /// Those that are not events at all are left out; they are in
    /// [`timeline`](SyncEventsResponse::timeline).
    pub fn events(&self) -> impl Iterator<Item = RoomEvent> + Send + '_ {
        self.rooms_with_news().flat_map(|room| self.events_in(room))
    }

    fn events_in<'a>(&'a self, room: &'a RoomId) -> impl Iterator<Item = RoomEvent> + Send + 'a {
        self.timeline(room).iter().filter_map(move |raw| RoomEvent::read(&self.client, room, raw))
    }

    /// What was said in all rooms, by anybody: encrypted messages, notices and edits included.
    pub fn messages(&self) -> impl Iterator<Item = Message> + Send + '_ {
        self.events().filter_map(Message::of)
    }

    /// What was said in one room; see [`messages`](Self::messages).
    pub fn messages_in<'a>(&'a self, room: &'a RoomId) -> impl Iterator<Item = Message> + Send + 'a {
        self.events_in(room).filter_map(Message::of)
    }

    /// What others have said for somebody to answer: [messages](Self::messages) without your own,
    /// without notices, which bots must not answer, and without edits of what was said before.
    pub fn questions(&self) -> impl Iterator<Item = Message> + Send + '_ {
        self.messages().filter(|message| !message.is_mine() && !message.is_notice() && !message.is_edit())
    }

    pub(super) fn filter_name(&self) -> &str {
        self.ticket.key()
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
