//! What all calls of a client share, so that an outage is not hammered.

use std::sync::{
    Mutex, PoisonError,
    atomic::{AtomicU32, Ordering},
};

use tokio::time::Instant;

/// What a client's retries may cost in all, and until when all its calls wait.
pub(crate) struct Budget {
    tokens: AtomicU32,
    pause: Mutex<Option<Instant>>,
}

/// A full bucket: 35 retries in a row without a success.
const FULL: u32 = 500;
const RETRY: u32 = 14;
/// A 429 is a sign of life, so it costs less.
const LIMITED: u32 = 5;
/// What a success without retries gives back.
const SUCCESS: u32 = 1;

impl Default for Budget {
    fn default() -> Self {
        Self { tokens: AtomicU32::new(FULL), pause: Mutex::new(None) }
    }
}

impl Budget {
    /// Pays for a retry; `None` if there is not enough left.
    pub(crate) fn take(&self, limited: bool) -> Option<Permit<'_>> {
        let cost = if limited { LIMITED } else { RETRY };
        let paid = self.tokens.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |tokens| tokens.checked_sub(cost));
        // Lazily: a permit that is made and dropped gives back.
        paid.is_ok().then(|| Permit { budget: self, cost })
    }

    /// A call went well without a retry.
    pub(crate) fn refill(&self) {
        self.give(SUCCESS);
    }

    fn give(&self, count: u32) {
        let fill = |tokens: u32| Some(tokens.saturating_add(count).min(FULL));
        // The closure never declines.
        let _ = self.tokens.fetch_update(Ordering::Relaxed, Ordering::Relaxed, fill);
    }

    /// Lets all calls wait until then.
    pub(crate) fn pause(&self, until: Instant) {
        let mut pause = self.pause.lock().unwrap_or_else(PoisonError::into_inner);
        *pause = (*pause).max(Some(until));
    }

    /// Until when a call has to wait, if it has to.
    pub(crate) fn paused(&self, now: Instant) -> Option<Instant> {
        let mut pause = self.pause.lock().unwrap_or_else(PoisonError::into_inner);
        *pause = pause.filter(|until| *until > now);
        *pause
    }

    #[cfg(test)]
    pub(crate) fn left(&self) -> u32 {
        self.tokens.load(Ordering::Relaxed)
    }
}

/// What a retry has cost. Given back if the retry goes well, or never comes to an end.
pub(crate) struct Permit<'a> {
    budget: &'a Budget,
    cost: u32,
}

impl Permit<'_> {
    /// The retry failed, too: the cost is lost.
    pub(crate) fn lose(mut self) {
        self.cost = 0;
    }
}

impl Drop for Permit<'_> {
    fn drop(&mut self) {
        self.budget.give(self.cost);
    }
}
