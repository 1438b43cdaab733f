//! How long a sync waits before it asks again. Pure: no clock, no randomness of its own.

use std::time::Duration;

use http::StatusCode;

use crate::{Error, ErrorCode};

/// Waits after failures grow up to this: ten minutes of failures are fewer than 40 requests.
const LONGEST: Duration = Duration::from_secs(45);
const FIRST: Duration = Duration::from_secs(1);
/// A server that asks for more patience than this does not get it.
const LONGEST_HINT: Duration = Duration::from_secs(300);

/// Waits after answers that came too soon.
const FIRST_PAUSE: Duration = Duration::from_millis(100);
const LONGEST_PAUSE: Duration = Duration::from_secs(5);

/// What went wrong, or went on too fast, in a row.
#[derive(Debug, Default)]
pub(crate) struct Backoff {
    failures: u32,
    early: u32,
}

impl Backoff {
    /// How many attempts have failed in a row.
    pub(crate) fn failures(&self) -> u32 {
        self.failures
    }

    /// The wait after a failure. `roll` is a fresh random number.
    pub(crate) fn failed(&mut self, hint: Option<Duration>, roll: u32) -> Duration {
        let wait = drawn(FIRST, LONGEST, self.failures, roll);
        self.failures = self.failures.saturating_add(1);
        hint.map_or(wait, |hint| hint.min(LONGEST_HINT).max(wait))
    }

    /// The wait after an answer that said nothing new although the server was to wait for news, or
    /// that leads nowhere: a broken server must not be asked as fast as it answers.
    pub(crate) fn answered(&mut self, early: bool, roll: u32) -> Duration {
        self.failures = 0;
        if !early {
            self.early = 0;
            return Duration::ZERO;
        }
        let wait = drawn(FIRST_PAUSE, LONGEST_PAUSE, self.early, roll);
        self.early = self.early.saturating_add(1);
        wait
    }
}

/// Between half of the ceiling and all of it, so that clients which failed together do not come
/// back together. The ceiling doubles each time.
fn drawn(first: Duration, longest: Duration, before: u32, roll: u32) -> Duration {
    let ceiling = first.saturating_mul(1 << before.min(20)).min(longest);
    ceiling.mul_f64(0.5 + 0.5 * f64::from(roll) / f64::from(u32::MAX))
}

/// Whether asking again cannot help: the login has ended, or the request itself is at fault.
pub(crate) fn is_fatal(error: &Error) -> bool {
    match error {
        Error::Encode(_)
        | Error::NotLoggedIn(_)
        | Error::Unsupported(_)
        | Error::Encrypted(_)
        | Error::Room(_)
        | Error::Limit(_)
        | Error::SessionEnded(_)
        | Error::Rejected(_) => true,
        Error::Api(refused) => {
            let status =
                matches!(refused.status(), StatusCode::BAD_REQUEST | StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN);
            // Without a code it is a proxy that speaks.
            status && !refused.is_rate_limited() && refused.errcode().is_some_and(|code| !may_pass(code))
        }
        _ => false,
    }
}

/// A locked account may be unlocked again, and a full server may get room.
fn may_pass(code: &ErrorCode) -> bool {
    matches!(code, ErrorCode::UserLocked | ErrorCode::ResourceLimitExceeded)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn waits(roll: u32, count: usize) -> Vec<Duration> {
        let mut backoff = Backoff::default();
        (0..count).map(|_| backoff.failed(None, roll)).collect()
    }

    #[test]
    fn ten_minutes_of_failures_are_few_requests() {
        for roll in [0, u32::MAX] {
            let mut left = Duration::from_secs(600);
            let mut requests = 1;
            for wait in waits(roll, 100) {
                let Some(rest) = left.checked_sub(wait) else { break };
                left = rest;
                requests += 1;
            }
            assert!(requests <= 40, "{requests}");
        }
    }

    #[test]
    fn waits_double_and_have_an_end() {
        let seconds: Vec<_> = waits(u32::MAX, 8).iter().map(Duration::as_secs).collect();
        assert_eq!(seconds, [1, 2, 4, 8, 16, 32, 45, 45]);
        let least: Vec<_> = waits(0, 3).iter().map(Duration::as_millis).collect();
        assert_eq!(least, [500, 1000, 2000]);
        let mut backoff = Backoff { failures: u32::MAX, early: u32::MAX };
        assert_eq!(backoff.failed(None, u32::MAX), LONGEST);
        assert_eq!(backoff.answered(true, u32::MAX), LONGEST_PAUSE);
    }

    #[test]
    fn a_server_may_ask_for_more_patience_but_not_for_any() {
        let mut backoff = Backoff::default();
        assert_eq!(backoff.failed(Some(Duration::from_secs(90)), 0).as_secs(), 90);
        assert_eq!(backoff.failed(Some(Duration::from_millis(1)), 0).as_secs(), 1);
        assert_eq!(backoff.failed(Some(Duration::MAX), 0), LONGEST_HINT);
        assert_eq!(backoff.failures(), 3);
    }

    #[test]
    fn an_answer_ends_the_failures() {
        let mut backoff = Backoff::default();
        backoff.failed(None, 0);
        assert_eq!(backoff.answered(false, 0), Duration::ZERO);
        assert_eq!(backoff.failures(), 0);
        assert_eq!(backoff.failed(None, u32::MAX), FIRST);
        let early: Vec<_> = (0..3).map(|_| backoff.answered(true, u32::MAX).as_millis()).collect();
        assert_eq!(early, [100, 200, 400]);
    }
}
