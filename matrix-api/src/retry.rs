//! When a call is tried again. Pure: no clock, no network, no randomness of its own.

use std::time::Duration;

use http::StatusCode;

use crate::{
    Idempotency,
    error::{Sent, TransportKind},
};

/// How often and how patiently a [`Client`](crate::Client) tries a call again.
///
/// What may be repeated at all is not the policy's choice: it follows from the operation. A request
/// that could take effect twice is only repeated when the server has refused it (429) or when it
/// never left this machine.
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
    base: Duration,
    base_limited: Duration,
    cap: Duration,
    longest_hint: Duration,
}

impl Default for RetryPolicy {
    /// 3 attempts; waits grow from 100 ms (from 1 s after a 429) up to 20 s.
    fn default() -> Self {
        Self {
            attempts: 3,
            base: Duration::from_millis(100),
            base_limited: Duration::from_secs(1),
            cap: Duration::from_secs(20),
            longest_hint: Duration::from_secs(60),
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

    /// The upper end of the wait after attempt `made` (1 for the first).
    fn ceiling(&self, made: u32, limited: bool) -> Duration {
        let base = if limited { self.base_limited } else { self.base };
        let doublings = made.saturating_sub(1).min(20);
        base.saturating_mul(1 << doublings).min(self.cap)
    }
}

/// How one attempt ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// The server answered, in full.
    Answered { status: StatusCode, retry_after: Option<Duration> },
    /// It did not.
    Failed { kind: TransportKind, sent: Sent },
}

/// What the loop does next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Next {
    /// The answer is the call's answer, good or bad.
    Done,
    /// Try again after this wait.
    Wait(Duration),
    /// There was no answer and there is to be no other attempt.
    Fail,
}

/// One call's attempts so far.
#[derive(Clone, Debug)]
pub(crate) struct Attempts {
    policy: RetryPolicy,
    idempotency: Idempotency,
    made: u32,
}

impl Attempts {
    pub(crate) fn new(policy: RetryPolicy, idempotency: Idempotency) -> Self {
        Self { policy, idempotency, made: 0 }
    }

    /// Judges the attempt that has just ended. `roll` is a fresh random number; the wait is
    /// drawn from it evenly between nothing and the ceiling, so that clients which failed
    /// together do not come back together.
    pub(crate) fn after(&mut self, outcome: Outcome, roll: u32) -> Next {
        self.made += 1;
        let done = match outcome {
            Outcome::Answered { .. } => Next::Done,
            Outcome::Failed { .. } => Next::Fail,
        };
        if self.made >= self.policy.attempts || !self.may_repeat(outcome) {
            return done;
        }
        match self.wait(outcome, roll) {
            Some(wait) => Next::Wait(wait),
            None => done,
        }
    }

    fn may_repeat(&self, outcome: Outcome) -> bool {
        let always = self.idempotency == Idempotency::Always;
        match outcome {
            Outcome::Answered { status, .. } => match status.as_u16() {
                429 => true,
                502..=504 => always,
                _ => false,
            },
            Outcome::Failed { kind, sent } => mends(kind) && (always || sent == Sent::No),
        }
    }

    /// `None` if the server asks for more patience than the policy has.
    fn wait(&self, outcome: Outcome, roll: u32) -> Option<Duration> {
        let (limited, hint) = match outcome {
            Outcome::Answered { status, retry_after } => (status == StatusCode::TOO_MANY_REQUESTS, retry_after),
            Outcome::Failed { .. } => (false, None),
        };
        let ceiling = self.policy.ceiling(self.made, limited);
        let drawn = ceiling.mul_f64(f64::from(roll) / f64::from(u32::MAX));
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

#[cfg(test)]
mod tests {
    use super::*;

    fn answered(status: u16) -> Outcome {
        Outcome::Answered { status: StatusCode::from_u16(status).unwrap(), retry_after: None }
    }

    fn told(status: u16, seconds: u64) -> Outcome {
        Outcome::Answered {
            status: StatusCode::from_u16(status).unwrap(),
            retry_after: Some(Duration::from_secs(seconds)),
        }
    }

    fn failed(kind: TransportKind, sent: Sent) -> Outcome {
        Outcome::Failed { kind, sent }
    }

    fn first(idempotency: Idempotency, outcome: Outcome) -> Next {
        Attempts::new(RetryPolicy::default(), idempotency).after(outcome, u32::MAX)
    }

    const MS: fn(u64) -> Duration = Duration::from_millis;

    #[test]
    fn what_is_repeated_follows_from_the_operation() {
        use Idempotency::{Always, IfUnsent};
        use Next::{Done, Fail, Wait};
        use Sent::{Maybe, No, Yes};
        use TransportKind::{Connect, Interrupted, Other, Redirect, Timeout, Tls};
        let rows = [
            (answered(200), Done, Done),
            (answered(302), Done, Done),
            (answered(400), Done, Done),
            (answered(401), Done, Done),
            (answered(429), Wait(MS(1000)), Wait(MS(1000))),
            (answered(500), Done, Done),
            (answered(501), Done, Done),
            (answered(502), Wait(MS(100)), Done),
            (answered(503), Wait(MS(100)), Done),
            (answered(504), Wait(MS(100)), Done),
            (failed(Connect, No), Wait(MS(100)), Wait(MS(100))),
            (failed(Timeout, No), Wait(MS(100)), Wait(MS(100))),
            (failed(Timeout, Maybe), Wait(MS(100)), Fail),
            (failed(Interrupted, Maybe), Wait(MS(100)), Fail),
            (failed(Interrupted, Yes), Wait(MS(100)), Fail),
            (failed(Tls, No), Fail, Fail),
            (failed(Redirect, Yes), Fail, Fail),
            (failed(Other, No), Fail, Fail),
        ];
        for (outcome, always, if_unsent) in rows {
            assert_eq!(first(Always, outcome), always, "{outcome:?}, always");
            assert_eq!(first(IfUnsent, outcome), if_unsent, "{outcome:?}, if unsent");
        }
    }

    #[test]
    fn attempts_are_counted() {
        let mut attempts = Attempts::new(RetryPolicy::default(), Idempotency::Always);
        assert_eq!(attempts.after(answered(503), u32::MAX), Next::Wait(MS(100)));
        assert_eq!(attempts.after(answered(503), u32::MAX), Next::Wait(MS(200)));
        assert_eq!(attempts.after(answered(503), u32::MAX), Next::Done);
        assert_eq!(attempts.made, 3);

        let mut once = Attempts::new(RetryPolicy::none(), Idempotency::Always);
        assert_eq!(once.after(failed(TransportKind::Connect, Sent::No), 0), Next::Fail);
    }

    #[test]
    fn waits_are_drawn_below_a_growing_ceiling() {
        let policy = RetryPolicy::default().attempts(u32::MAX);
        let mut attempts = Attempts::new(policy, Idempotency::Always);
        assert_eq!(attempts.after(answered(503), 0), Next::Wait(Duration::ZERO));
        for _ in 0..60 {
            let Next::Wait(wait) = attempts.after(answered(429), u32::MAX) else { panic!("no wait") };
            assert!(wait <= Duration::from_secs(20), "{wait:?}");
        }
        assert_eq!(attempts.after(answered(429), u32::MAX), Next::Wait(MS(20_000)));
    }

    #[test]
    fn the_server_may_ask_for_up_to_a_minute() {
        for idempotency in [Idempotency::Always, Idempotency::IfUnsent] {
            assert_eq!(first(idempotency, told(429, 7)), Next::Wait(MS(7_000)));
            assert_eq!(first(idempotency, told(429, 60)), Next::Wait(MS(60_000)));
            assert_eq!(first(idempotency, told(429, 61)), Next::Done);
            assert_eq!(first(idempotency, told(429, u64::MAX)), Next::Done);
            // A hint below our own backoff does not shorten it.
            assert_eq!(first(idempotency, told(429, 0)), Next::Wait(MS(1000)));
        }
        assert_eq!(first(Idempotency::Always, told(503, 61)), Next::Done);
    }
}
