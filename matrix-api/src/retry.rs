//! When a call is tried again. Pure: no clock, no network, no randomness of its own.

mod budget;
#[cfg(test)]
mod tests;

use std::time::Duration;

use http::StatusCode;

use crate::{
    Idempotency,
    error::{Sent, TransportKind},
};
pub(crate) use budget::{Budget, Permit};

/// How often and how patiently a [`Client`](crate::Client) tries a call again.
///
/// What may be repeated at all is not the policy's choice: it follows from the operation. A request
/// that could take effect twice is only repeated when the server has refused it (429) or when it
/// never left this machine.
///
/// All calls of a client share a budget: each retry takes from it and each success gives back, so
/// that a server that is down is not hammered. After a 429 they share the wait, too.
///
/// ```
/// use matrix_api::RetryPolicy;
///
/// let patient = RetryPolicy::default().attempts(6);
/// let never = RetryPolicy::none();
/// # assert_ne!(patient, never);
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RetryPolicy {
    attempts: u32,
    /// How many attempts more there are while the server asks to slow down.
    limited_more: u32,
    base: Duration,
    base_limited: Duration,
    cap: Duration,
    longest_hint: Duration,
    total: Duration,
}

impl Default for RetryPolicy {
    /// 3 attempts within 60 s; waits grow from 100 ms (from 1 s after a 429) up to 20 s.
    fn default() -> Self {
        Self {
            attempts: 3,
            limited_more: 0,
            base: Duration::from_millis(100),
            base_limited: Duration::from_secs(1),
            cap: Duration::from_secs(20),
            longest_hint: Duration::from_secs(60),
            total: Duration::from_secs(60),
        }
    }
}

impl RetryPolicy {
    /// One attempt, and every failure goes straight to the caller.
    pub fn none() -> Self {
        Self::default().attempts(1)
    }

    /// How many attempts a call may make in all, the first included. 0 counts as 1.
    #[must_use]
    pub fn attempts(mut self, attempts: u32) -> Self {
        self.attempts = attempts.max(1);
        self
    }

    /// The longest wait between two attempts when the server names none. 20 s unless set.
    #[must_use]
    pub fn cap(mut self, cap: Duration) -> Self {
        self.cap = cap;
        self
    }

    /// The longest wait that is taken from a server's `Retry-After`. A longer one is not slept
    /// but returned to the caller at once. 60 s unless set.
    #[must_use]
    pub fn longest_hint(mut self, longest: Duration) -> Self {
        self.longest_hint = longest;
        self
    }

    /// The most time for a call with all its attempts and waits. 60 s unless set;
    /// `Duration::MAX` is no limit. Long polls and downloads have none, and an upload gets a
    /// second more for every 64 KiB.
    #[must_use]
    pub fn total(mut self, total: Duration) -> Self {
        self.total = total;
        self
    }

    /// How often a call is tried at most.
    #[cfg(feature = "client-server")]
    pub(crate) fn tries(&self) -> u32 {
        self.attempts
    }

    /// The same for a call among many: each 429 that another call has brought about costs this one an attempt, too.
    #[cfg(feature = "client-server")]
    pub(crate) fn among_many(&self) -> Self {
        let limited_more = if self.is_none() { 0 } else { 30 };
        Self { limited_more, total: self.total.max(Duration::from_secs(600)), ..self.clone() }
    }

    /// The most time for a call.
    pub(crate) fn total_time(&self) -> Duration {
        self.total
    }

    /// Whether there are no retries, and so no waiting for other calls' sake either.
    pub(crate) fn is_none(&self) -> bool {
        self.attempts == 1
    }

    /// The wait before round `round` (1 for the first) of a call that the caller wants tried
    /// again; `None` if the server asks for more patience than the policy has.
    pub(crate) fn round(&self, round: u32, hint: Option<Duration>, roll: u32) -> Option<Duration> {
        let wait = drawn(self.ceiling(round, true), roll);
        match hint {
            Some(hint) if hint > self.longest_hint => None,
            hint => Some(hint.unwrap_or_default().max(wait)),
        }
    }

    /// How long a call that finds the client waiting after a 429 stays behind the others.
    pub(crate) fn stagger(&self, roll: u32) -> Duration {
        drawn(self.base_limited.min(self.cap), roll)
    }

    /// The upper end of the wait after attempt `made` (1 for the first).
    fn ceiling(&self, made: u32, limited: bool) -> Duration {
        let base = if limited { self.base_limited } else { self.base };
        let doublings = made.saturating_sub(1).min(20);
        base.saturating_mul(1 << doublings).min(self.cap)
    }
}

/// Drawn evenly between nothing and the ceiling, so that clients which failed together do not
/// come back together.
fn drawn(ceiling: Duration, roll: u32) -> Duration {
    ceiling.mul_f64(f64::from(roll) / f64::from(u32::MAX))
}

/// How one attempt ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// The server answered, in full.
    Answered { status: StatusCode, limited: bool, retry_after: Option<Duration> },
    /// A success whose body is no JSON: a page of something in between.
    Garbled,
    /// The server does not know the token, or no longer.
    TokenRefused,
    /// It did not.
    Failed { kind: TransportKind, sent: Sent },
}

/// What the loop does next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Next {
    /// The attempt's end is the call's end, good or bad.
    Done,
    /// Try again after this wait; `limited` if all calls are to wait.
    Wait { wait: Duration, limited: bool },
    /// Get another token, and if that goes well try again at once.
    Refresh,
}

/// One call's attempts so far.
#[derive(Clone, Debug)]
pub(crate) struct Attempts {
    policy: RetryPolicy,
    idempotency: Idempotency,
    made: u32,
    garbled: bool,
    refreshed: u32,
}

impl Attempts {
    pub(crate) fn new(policy: RetryPolicy, idempotency: Idempotency) -> Self {
        Self { policy, idempotency, made: 0, garbled: false, refreshed: 0 }
    }

    /// Judges the attempt that has just ended. `roll` is a fresh random number, `left` the time
    /// that the call still has.
    pub(crate) fn after(&mut self, outcome: Outcome, roll: u32, left: Duration) -> Next {
        if outcome == Outcome::TokenRefused {
            return self.after_refusal();
        }
        self.made += 1;
        let limited = matches!(outcome, Outcome::Answered { limited: true, .. });
        let most = self.policy.attempts.saturating_add(if limited { self.policy.limited_more } else { 0 });
        if self.made >= most || !self.may_repeat(outcome) {
            return Next::Done;
        }
        self.garbled |= outcome == Outcome::Garbled;
        match self.wait(outcome, limited, roll) {
            Some(wait) if wait < left => Next::Wait { wait, limited },
            _ => Next::Done,
        }
    }

    /// Nothing was done, so it may be sent again whatever it does and however often it was tried.
    /// On a machine under load a token of a few seconds may end again before it arrives.
    fn after_refusal(&mut self) -> Next {
        const MOST: u32 = 3;
        self.refreshed += 1;
        if self.refreshed > MOST { Next::Done } else { Next::Refresh }
    }

    fn may_repeat(&self, outcome: Outcome) -> bool {
        let always = self.idempotency == Idempotency::Always;
        match outcome {
            Outcome::Answered { limited: true, .. } => true,
            Outcome::Answered { status, .. } => always && matches!(status.as_u16(), 502..=504),
            Outcome::Garbled => always && !self.garbled,
            Outcome::TokenRefused => false,
            Outcome::Failed { kind, sent } => mends(kind) && (always || sent == Sent::No),
        }
    }

    /// `None` if the server asks for more patience than the policy has.
    fn wait(&self, outcome: Outcome, limited: bool, roll: u32) -> Option<Duration> {
        let hint = match outcome {
            Outcome::Answered { retry_after, .. } => retry_after,
            Outcome::Garbled | Outcome::TokenRefused | Outcome::Failed { .. } => None,
        };
        let drawn = drawn(self.policy.ceiling(self.made, limited), roll);
        match hint {
            Some(hint) if hint > self.policy.longest_hint => None,
            Some(hint) => Some(hint.max(drawn)),
            None => Some(drawn),
        }
    }
}

/// Whether trying again can help: a certificate that does not hold today fails tomorrow too.
fn mends(kind: TransportKind) -> bool {
    matches!(kind, TransportKind::Connect | TransportKind::Timeout | TransportKind::Interrupted)
}
