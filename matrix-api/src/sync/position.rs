//! How far a client has synced, filter by filter.
//!
//! The position itself is part of the session; here is which batches were handed out and which of
//! them were dealt with.

use std::{
    collections::BTreeMap,
    sync::{Mutex, MutexGuard, PoisonError},
};

use crate::{Client, Result};

/// The batches that a client has handed out. Shared by all clones.
#[derive(Default)]
pub(crate) struct Positions {
    filters: Mutex<BTreeMap<String, Place>>,
}

/// The batches of one filter.
#[derive(Default)]
struct Place {
    /// The number of the last batch that was handed out.
    last: u64,
    /// The number of the last batch that was dealt with.
    done: u64,
    /// What the next call of `sync_once` counts as dealt with.
    pending: Option<Ticket>,
    /// Where the batch that was dealt with ends, as long as the session does not know it.
    unsaved: Option<String>,
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

    /// Counts the batch as dealt with, unless a later one was already. Returns the position that
    /// is to be saved, if one is.
    fn advance(&self, ticket: &Ticket) -> Option<String> {
        let mut filters = self.lock();
        let place = filters.entry(ticket.key.clone()).or_default();
        if ticket.number > place.done {
            place.done = ticket.number;
            place.unsaved = Some(ticket.next_batch.clone());
        }
        if place.pending.as_ref().is_some_and(|pending| pending.number <= place.done) {
            place.pending = None;
        }
        place.unsaved.clone()
    }

    fn saved(&self, key: &str, position: &str) {
        if let Some(place) = self.lock().get_mut(key) {
            place.unsaved.take_if(|unsaved| unsaved == position);
        }
    }
}

impl Client {
    pub(crate) fn positions(&self) -> &Positions {
        &self.inner.positions
    }

    /// Where the next sync with this filter begins.
    pub(crate) fn position(&self, key: &str) -> Option<String> {
        self.session()?.position(key).map(str::to_owned)
    }

    /// The server's id of an uploaded filter.
    pub(crate) fn filter_id(&self, name: &str) -> Option<String> {
        self.session()?.filters.get(name).cloned()
    }

    pub(crate) async fn keep_filter(&self, name: String, id: String) -> Result<()> {
        self.remember(|session| drop(session.filters.insert(name, id))).await
    }

    /// Counts the last batch of `sync_once` as dealt with.
    pub(crate) async fn acknowledge_pending(&self, key: &str) -> Result<()> {
        match self.positions().pending(key) {
            Some(ticket) => self.acknowledge(&ticket).await,
            None => Ok(()),
        }
    }

    /// Counts a batch as dealt with, and keeps the position.
    pub(crate) async fn acknowledge(&self, ticket: &Ticket) -> Result<()> {
        let Some(position) = self.positions().advance(ticket) else { return Ok(()) };
        self.remember(|session| session.set_position(&ticket.key, position.clone())).await?;
        self.positions().saved(&ticket.key, &position);
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
        assert_eq!(positions.advance(&second).as_deref(), Some("s2"));
        assert_eq!(positions.advance(&first).as_deref(), Some("s2"), "it is still not saved");
        positions.saved("", "s2");
        assert_eq!(positions.advance(&first), None);
    }

    #[test]
    fn what_is_overtaken_while_it_is_saved_is_not_taken_for_saved() {
        let positions = Positions::default();
        let first = positions.delivered("", "s1");
        let second = positions.delivered("", "s2");
        positions.advance(&first);
        positions.advance(&second);
        positions.saved("", "s1");
        assert_eq!(positions.advance(&second).as_deref(), Some("s2"));
    }

    #[test]
    fn each_filter_has_its_own() {
        let positions = Positions::default();
        let quiet = positions.delivered("quiet", "q1");
        let all = positions.delivered("", "s1");
        positions.expect(&all);
        assert_eq!(positions.advance(&quiet).as_deref(), Some("q1"));
        assert!(positions.pending("").is_some() && positions.pending("quiet").is_none());
        positions.advance(&all);
        assert!(positions.pending("").is_none());
    }
}
