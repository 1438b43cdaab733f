use std::time::Duration;

use super::RoomCache;
use crate::{
    Client, IdOr, Result,
    client_server::{
        SyncEvents,
        sync_events::SetPresence,
        types::{EventFilter, RoomEventFilter, SyncFilter, SyncFilterRoom},
    },
    error::Rejected,
};

/// How a sync is to be done: for [`Client::sync_once`] and [`Client::sync_stream`].
///
/// ```
/// use std::time::Duration;
/// use matrix_api::SyncOptions;
///
/// // A bot that answers what is said from now on, and misses nothing even if it was down.
/// let bot = SyncOptions::new().skip_backlog().fill_gaps(10_000);
/// // By a filter that was uploaded with `client.filters().upload("quiet", ..)`.
/// let quiet = SyncOptions::filter("quiet").timeout(Duration::from_secs(60));
/// ```
#[derive(Clone, Debug, Default)]
#[must_use]
pub struct SyncOptions {
    key: String,
    pub(super) timeout: Option<Duration>,
    full_state: bool,
    presence: Option<SetPresence>,
    fresh: bool,
    skip_backlog: bool,
    pub(super) most_filled: usize,
    pub(super) cache: Option<RoomCache>,
}

/// How long the server waits for news unless the options say otherwise.
const POLL: Duration = Duration::from_secs(30);

impl SyncOptions {
    /// Everything that the server has, from where the last sync without a filter left off.
    pub fn new() -> Self {
        Self::default()
    }

    /// What the filter of this name lets through, from where the last sync with it left off. It
    /// must have been uploaded by [`Filters::upload`](crate::Filters::upload), in this session or
    /// in the stored one that this session goes on with.
    ///
    /// Each filter has a position of its own, so that two of them do not take each other's events
    /// away. Only messages to the device come to whoever asks first.
    pub fn filter(name: impl Into<String>) -> Self {
        Self { key: name.into(), ..Self::default() }
    }

    /// How long the server waits for news before it answers without any. For a stream 30 s unless
    /// set; for a single sync it does not wait unless set.
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.timeout = Some(timeout);
        self
    }

    /// Brings the whole state of all rooms, once: with the first batch.
    pub fn full_state(mut self) -> Self {
        self.full_state = true;
        self
    }

    /// How syncing makes the user appear: online, unless set.
    pub fn presence(mut self, presence: impl Into<SetPresence>) -> Self {
        self.presence = Some(presence.into());
        self
    }

    /// Begins anew, as if nothing had been synced before: the first batch is a snapshot of all
    /// rooms. Where the last sync left off is forgotten when that batch is dealt with.
    #[doc(alias = "dry_sync")]
    pub fn fresh(mut self) -> Self {
        self.fresh = true;
        self
    }

    /// If there is no position to go on from, leaves out what was said before now: the first batch
    /// has invitations and account data, but no timeline.
    ///
    /// With a position, nothing is left out: what came in while the program was not running is
    /// what it missed. Together with [`fresh`](Self::fresh) that is left out, too.
    pub fn skip_backlog(mut self) -> Self {
        self.skip_backlog = true;
        self
    }

    /// Fetches what is missing between two batches, up to this many events a room, before a batch
    /// is delivered. 0, as it is unless set, fetches nothing.
    ///
    /// A server cuts the timeline of a room in which a lot has happened
    /// ([`limited`](crate::client_server::types::TimelineBatch::limited)). A timeline that could be
    /// filled is no longer limited; one where even more is missing, or which the server does not
    /// give out, still is.
    pub fn fill_gaps(mut self, most: usize) -> Self {
        self.most_filled = most;
        self
    }

    /// Keeps this cache up to date. It belongs to one sync alone; if that goes on from a stored
    /// position, the first batch brings the whole state of all rooms.
    pub fn cache(mut self, cache: &RoomCache) -> Self {
        self.cache = Some(cache.clone());
        self
    }

    /// The name of the filter, empty for none.
    pub(super) fn key(&self) -> &str {
        &self.key
    }

    /// Where the first sync begins.
    pub(super) fn first_since(&self, client: &Client) -> Option<String> {
        if self.fresh { None } else { client.position(&self.key) }
    }

    /// The server's id of the filter.
    pub(super) fn filter_id(&self, client: &Client) -> Result<Option<String>> {
        if self.key.is_empty() {
            return Ok(None);
        }
        match client.filter_id(&self.key) {
            Some(id) => Ok(Some(id)),
            None => Err(Rejected::new("sync", format!("no filter was uploaded as {:?}", self.key)).into()),
        }
    }

    /// The next request; `first` if this program has not had an answer yet.
    pub(super) fn request(&self, filter: Option<&str>, since: Option<&str>, first: bool) -> SyncEvents {
        let timeout = self.timeout.unwrap_or(POLL).as_millis();
        let mut request = SyncEvents::new();
        request.filter = match filter {
            // The first answer lists everything in any case, so another filter misses nothing.
            _ if self.skip_backlog && since.is_none() => Some(IdOr::inline(self.no_backlog())),
            filter => filter.map(IdOr::id),
        };
        request.since = since.map(str::to_owned);
        let unknown = self.cache.as_ref().is_some_and(|cache| !cache.is_primed());
        request.full_state = ((self.full_state && first) || (unknown && since.is_some())).then_some(true);
        request.set_presence = self.presence.clone();
        // The first answer is never empty, so there is nothing to wait for.
        request.timeout = Some(if since.is_none() { 0 } else { i64::try_from(timeout).unwrap_or(i64::MAX) });
        request
    }

    /// Lets through what is still open now, and nothing of what has happened.
    fn no_backlog(&self) -> SyncFilter {
        let nothing = || RoomEventFilter::new().types(Vec::<String>::new());
        let mut room = SyncFilterRoom::new().timeline(nothing()).ephemeral(nothing());
        if !self.full_state && self.cache.is_none() {
            room = room.state(nothing());
        }
        SyncFilter::new().room(room).presence(EventFilter::new().types(Vec::<String>::new()))
    }
}
