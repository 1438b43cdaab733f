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
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    /// Counts the logins: the batches of one are nothing to the next.
    login: u64,
    filters: BTreeMap<String, Place>,
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
    login: u64,
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
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The number of the login. To be taken before the server is asked: when it answers, another
    /// login may be there.
    pub(crate) fn login(&self) -> u64 {
        self.lock().login
    }

    /// Begins again, for another login.
    pub(crate) fn clear(&self) {
        let mut state = self.lock();
        *state = State { login: state.login + 1, filters: BTreeMap::new() };
    }

    /// Whether the batch is one of the login that is there now.
    fn is_ours(&self, ticket: &Ticket) -> bool {
        self.login() == ticket.login
    }

    /// Notes that a batch is handed out, which this login has asked for.
    pub(crate) fn delivered(&self, login: u64, key: &str, next_batch: &str) -> Ticket {
        let mut state = self.lock();
        let mut ticket = Ticket { login, key: key.to_owned(), number: 0, next_batch: next_batch.to_owned() };
        if login == state.login {
            let place = state.filters.entry(key.to_owned()).or_default();
            place.last += 1;
            ticket.number = place.last;
        }
        ticket
    }

    /// Lets the next call of `sync_once` count this batch as dealt with.
    pub(crate) fn expect(&self, ticket: &Ticket) {
        if let Some(place) = self.lock().place(ticket) {
            place.pending = Some(ticket.clone());
        }
    }

    fn pending(&self, key: &str) -> Option<Ticket> {
        self.lock().filters.get(key)?.pending.clone()
    }

    /// Counts the batch as dealt with, unless a later one was already or another login has asked
    /// for it. Returns the position that is to be saved, if one is.
    fn advance(&self, ticket: &Ticket) -> Option<String> {
        let mut state = self.lock();
        let place = state.place(ticket)?;
        if ticket.number > place.done {
            place.done = ticket.number;
            place.unsaved = Some(ticket.next_batch.clone());
        }
        if place.pending.as_ref().is_some_and(|pending| pending.number <= place.done) {
            place.pending = None;
        }
        place.unsaved.clone()
    }

    fn saved(&self, ticket: &Ticket, position: &str) {
        if let Some(place) = self.lock().place(ticket) {
            place.unsaved.take_if(|unsaved| unsaved == position);
        }
    }
}

impl State {
    /// The place of a batch, if this login has asked for it.
    fn place(&mut self, ticket: &Ticket) -> Option<&mut Place> {
        self.filters.get_mut(&ticket.key).filter(|_| ticket.login == self.login)
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
        self.remember(|session| {
            // Another login may have come while others changed the session.
            if self.positions().is_ours(ticket) {
                session.set_position(&ticket.key, position.clone());
            }
        })
        .await?;
        self.positions().saved(ticket, &position);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_position_moves_forward_only() {
        let positions = Positions::default();
        let first = positions.delivered(0, "", "s1");
        let second = positions.delivered(0, "", "s2");
        assert_eq!(positions.advance(&second).as_deref(), Some("s2"));
        assert_eq!(positions.advance(&first).as_deref(), Some("s2"), "it is still not saved");
        positions.saved(&second, "s2");
        assert_eq!(positions.advance(&first), None);
    }

    #[test]
    fn what_is_overtaken_while_it_is_saved_is_not_taken_for_saved() {
        let positions = Positions::default();
        let first = positions.delivered(0, "", "s1");
        let second = positions.delivered(0, "", "s2");
        positions.advance(&first);
        positions.advance(&second);
        positions.saved(&first, "s1");
        assert_eq!(positions.advance(&second).as_deref(), Some("s2"));
    }

    #[test]
    fn each_filter_has_its_own() {
        let positions = Positions::default();
        let quiet = positions.delivered(0, "quiet", "q1");
        let all = positions.delivered(0, "", "s1");
        positions.expect(&all);
        assert_eq!(positions.advance(&quiet).as_deref(), Some("q1"));
        assert!(positions.pending("").is_some() && positions.pending("quiet").is_none());
        positions.advance(&all);
        assert!(positions.pending("").is_none());
    }

    #[test]
    fn batches_of_another_login_count_for_nothing() {
        let positions = Positions::default();
        let before = positions.delivered(0, "", "a1");
        positions.expect(&before);
        positions.clear();
        assert!(positions.pending("").is_none());
        // The answer to a question of before the change.
        let late = positions.delivered(0, "", "a2");
        let ours = positions.delivered(positions.login(), "", "b1");
        positions.expect(&late);
        assert!(positions.pending("").is_none());
        assert_eq!((positions.advance(&before), positions.advance(&late)), (None, None));
        assert_eq!(positions.advance(&ours).as_deref(), Some("b1"));
    }
}
