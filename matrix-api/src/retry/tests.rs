use super::*;

fn status(status: u16, retry_after: Option<Duration>) -> Outcome {
    let limited = status == 429;
    Outcome::Answered { status: StatusCode::from_u16(status).unwrap(), limited, retry_after }
}

fn answered(code: u16) -> Outcome {
    status(code, None)
}

fn told(code: u16, seconds: u64) -> Outcome {
    status(code, Some(Duration::from_secs(seconds)))
}

fn failed(kind: TransportKind, sent: Sent) -> Outcome {
    Outcome::Failed { kind, sent }
}

/// With the longest wait, and all the time in the world.
fn after(attempts: &mut Attempts, outcome: Outcome) -> Next {
    attempts.after(outcome, u32::MAX, Duration::MAX)
}

fn first(idempotency: Idempotency, outcome: Outcome) -> Next {
    after(&mut Attempts::new(RetryPolicy::default(), idempotency), outcome)
}

fn wait(millis: u64) -> Next {
    Next::Wait { wait: Duration::from_millis(millis), limited: false }
}

fn limited(millis: u64) -> Next {
    Next::Wait { wait: Duration::from_millis(millis), limited: true }
}

#[test]
fn what_is_repeated_follows_from_the_operation() {
    use Idempotency::{Always, IfUnsent};
    use Next::Done;
    use Sent::{Maybe, No, Yes};
    use TransportKind::{Connect, Interrupted, Other, Redirect, Timeout, Tls};
    let rows = [
        (answered(200), Done, Done),
        (answered(302), Done, Done),
        (answered(400), Done, Done),
        (answered(401), Done, Done),
        (answered(429), limited(1000), limited(1000)),
        (answered(500), Done, Done),
        (answered(501), Done, Done),
        (answered(502), wait(100), Done),
        (answered(503), wait(100), Done),
        (answered(504), wait(100), Done),
        (Outcome::Garbled, wait(100), Done),
        (failed(Connect, No), wait(100), wait(100)),
        (failed(Timeout, No), wait(100), wait(100)),
        (failed(Timeout, Maybe), wait(100), Done),
        (failed(Interrupted, Maybe), wait(100), Done),
        (failed(Interrupted, Yes), wait(100), Done),
        (failed(Tls, No), Done, Done),
        (failed(Redirect, Yes), Done, Done),
        (failed(Other, No), Done, Done),
    ];
    for (outcome, always, if_unsent) in rows {
        assert_eq!(first(Always, outcome), always, "{outcome:?}, always");
        assert_eq!(first(IfUnsent, outcome), if_unsent, "{outcome:?}, if unsent");
    }
}

#[test]
fn attempts_are_counted() {
    let mut attempts = Attempts::new(RetryPolicy::default(), Idempotency::Always);
    assert_eq!(after(&mut attempts, answered(503)), wait(100));
    assert_eq!(after(&mut attempts, answered(503)), wait(200));
    assert_eq!(after(&mut attempts, answered(503)), Next::Done);
    assert_eq!(attempts.made, 3);

    let mut once = Attempts::new(RetryPolicy::none(), Idempotency::Always);
    assert_eq!(after(&mut once, failed(TransportKind::Connect, Sent::No)), Next::Done);
}

#[test]
fn a_page_instead_of_json_gets_one_more_chance() {
    let mut attempts = Attempts::new(RetryPolicy::default().attempts(9), Idempotency::Always);
    assert_eq!(after(&mut attempts, Outcome::Garbled), wait(100));
    assert_eq!(after(&mut attempts, answered(503)), wait(200));
    assert_eq!(after(&mut attempts, Outcome::Garbled), Next::Done);
}

#[test]
fn waits_are_drawn_below_a_growing_ceiling() {
    let policy = RetryPolicy::default().attempts(u32::MAX);
    let mut attempts = Attempts::new(policy, Idempotency::Always);
    assert_eq!(attempts.after(answered(503), 0, Duration::MAX), wait(0));
    for _ in 0..60 {
        let Next::Wait { wait, .. } = after(&mut attempts, answered(429)) else { panic!("no wait") };
        assert!(wait <= Duration::from_secs(20), "{wait:?}");
    }
    assert_eq!(after(&mut attempts, answered(429)), limited(20_000));
}

#[test]
fn the_server_may_ask_for_up_to_a_minute() {
    for idempotency in [Idempotency::Always, Idempotency::IfUnsent] {
        assert_eq!(first(idempotency, told(429, 7)), limited(7_000));
        assert_eq!(first(idempotency, told(429, 60)), limited(60_000));
        assert_eq!(first(idempotency, told(429, 61)), Next::Done);
        assert_eq!(first(idempotency, told(429, u64::MAX)), Next::Done);
        // A hint below our own backoff does not shorten it.
        assert_eq!(first(idempotency, told(429, 0)), limited(1000));
    }
    assert_eq!(first(Idempotency::Always, told(503, 61)), Next::Done);
}

#[test]
fn no_wait_outlasts_the_call() {
    for (left, expected) in [(100, Next::Done), (101, wait(100))] {
        let mut attempts = Attempts::new(RetryPolicy::default(), Idempotency::Always);
        assert_eq!(attempts.after(answered(503), u32::MAX, Duration::from_millis(left)), expected);
    }
}

#[test]
fn a_round_waits_as_long_as_the_server_asks_but_not_longer_than_a_minute() {
    let policy = RetryPolicy::default();
    let round = |round, hint| policy.round(round, hint, u32::MAX).map(|wait| wait.as_secs());
    assert_eq!([round(1, None), round(2, None), round(9, None)], [Some(1), Some(2), Some(20)]);
    assert_eq!(round(1, Some(Duration::from_secs(60))), Some(60));
    assert_eq!(round(1, Some(Duration::from_secs(61))), None);
    assert_eq!(policy.round(1, None, 0), Some(Duration::ZERO));
}

#[test]
fn the_budget_ends_and_is_earned_again() {
    let budget = Budget::default();
    for _ in 0..35 {
        budget.take(false).unwrap().lose();
    }
    assert_eq!(budget.left(), 10);
    assert!(budget.take(false).is_none());
    // Two of a 429 are left, and what is not lost comes back.
    let (one, two) = (budget.take(true).unwrap(), budget.take(true).unwrap());
    assert!(budget.take(true).is_none());
    drop((one, two));
    assert_eq!(budget.left(), 10);
    for _ in 0..4 {
        budget.refill();
    }
    budget.take(false).unwrap().lose();
    for _ in 0..600 {
        budget.refill();
    }
    assert_eq!(budget.left(), 500);
}

#[tokio::test(start_paused = true)]
async fn the_longest_pause_counts_until_it_is_over() {
    use tokio::time::Instant;
    let budget = Budget::default();
    let start = Instant::now();
    assert_eq!(budget.paused(start), None);
    let later = |seconds| start + Duration::from_secs(seconds);
    budget.pause(later(5));
    budget.pause(later(3));
    assert_eq!(budget.paused(later(4)), Some(later(5)));
    assert_eq!(budget.paused(later(5)), None);
    budget.pause(later(6));
    assert_eq!(budget.paused(start), Some(later(6)));
}
