//! How far a client has synced, filter by filter.

use std::{
    collections::BTreeMap,
    sync::{Mutex, MutexGuard, PoisonError},
};

use crate::{Client, Result};

/// Which batches a client has handed out and which of them were dealt with. Shared by all clones.
#[derive(Default)]
pub(crate) struct Positions {
    filters: Mutex<BTreeMap<String, Place>>,
    ids: Mutex<BTreeMap<String, String>>,
}

/// How far one filter has come.
#[derive(Default)]
struct Place {
    /// Where the next batch begins.
    position: Option<String>,
    /// The number of the last batch that was handed out.
    last: u64,
    /// The number of the last batch that was dealt with.
    done: u64,
    /// What the next call of `sync_once` counts as dealt with.
    pending: Option<Ticket>,
    /// Whether the position has moved and the store does not know it yet.
    unsaved: bool,
}

/// A batch that was handed out.
#[derive(Clone, Debug)]
pub(crate) struct Ticket {
    key: String,
    number: u64,
    next_batch: String,
}

impl Ticket {
    /// The name of the filter, empty for none.
    pub(crate) fn key(&self) -> &str {
        &self.key
    }
}

impl Positions {
    fn lock(&self) -> MutexGuard<'_, BTreeMap<String, Place>> {
        self.filters.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn position(&self, key: &str) -> Option<String> {
        self.lock().get(key)?.position.clone()
    }

    /// Notes that a batch is handed out.
    pub(crate) fn delivered(&self, key: &str, next_batch: &str) -> Ticket {
        let mut filters = self.lock();
        let place = filters.entry(key.to_owned()).or_default();
        place.last += 1;
        Ticket { key: key.to_owned(), number: place.last, next_batch: next_batch.to_owned() }
    }

    /// Lets the next call of `sync_once` count this batch as dealt with.
    pub(crate) fn expect(&self, ticket: &Ticket) {
        if let Some(place) = self.lock().get_mut(&ticket.key) {
            place.pending = Some(ticket.clone());
        }
    }

    fn pending(&self, key: &str) -> Option<Ticket> {
        self.lock().get(key)?.pending.clone()
    }

    /// Moves the position to the end of the batch, unless a later one was dealt with already.
    /// Tells whether there is something to save.
    fn advance(&self, ticket: &Ticket) -> bool {
        let mut filters = self.lock();
        let place = filters.entry(ticket.key.clone()).or_default();
        if ticket.number > place.done {
            place.done = ticket.number;
            place.unsaved |= place.position.as_deref() != Some(&ticket.next_batch);
            place.position = Some(ticket.next_batch.clone());
        }
        if place.pending.as_ref().is_some_and(|pending| pending.number <= place.done) {
            place.pending = None;
        }
        place.unsaved
    }
}

impl Client {
    pub(crate) fn positions(&self) -> &Positions {
        &self.inner.positions
    }

    /// Counts the last batch of `sync_once` as dealt with.
    pub(crate) async fn acknowledge_pending(&self, key: &str) -> Result<()> {
        match self.positions().pending(key) {
            Some(ticket) => self.acknowledge(&ticket).await,
            None => Ok(()),
        }
    }

    /// The server's id of an uploaded filter.
    pub(crate) fn filter_id(&self, name: &str) -> Option<String> {
        self.positions().ids.lock().unwrap_or_else(PoisonError::into_inner).get(name).cloned()
    }

    pub(crate) async fn keep_filter(&self, name: String, id: String) -> Result<()> {
        self.positions().ids.lock().unwrap_or_else(PoisonError::into_inner).insert(name, id);
        Ok(())
    }

    /// Counts a batch as dealt with, and keeps the position.
    pub(crate) async fn acknowledge(&self, ticket: &Ticket) -> Result<()> {
        self.positions().advance(ticket);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_position_moves_forward_only() {
        let positions = Positions::default();
        let first = positions.delivered("", "s1");
        let second = positions.delivered("", "s2");
        assert_eq!(positions.position(""), None);
        positions.advance(&second);
        positions.advance(&first);
        assert_eq!(positions.position("").as_deref(), Some("s2"));
        assert!(positions.pending("").is_none());
    }

    #[test]
    fn each_filter_has_its_own() {
        let positions = Positions::default();
        let quiet = positions.delivered("quiet", "q1");
        let all = positions.delivered("", "s1");
        positions.expect(&all);
        positions.advance(&quiet);
        assert_eq!((positions.position("quiet").as_deref(), positions.position("")), (Some("q1"), None));
        assert!(positions.pending("").is_some() && positions.pending("quiet").is_none());
    }
}
