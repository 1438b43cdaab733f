//! What a call tells to `tracing`: names and numbers, never ids, URLs or values.
//!
//! A span `matrix_call` for a call, and inside it a span `matrix_attempt` for each attempt.

#[cfg(feature = "tracing")]
pub(crate) use with::{attempt, call};
#[cfg(not(feature = "tracing"))]
pub(crate) use without::{attempt, call};

#[cfg(feature = "tracing")]
mod with {
    use std::time::Duration;

    use http::Method;
    use tokio::time::Instant;
    use tracing::{Instrument, Span, debug_span, field::Empty, info_span};

    use crate::client::exchange::{CallInfo, Ended, Why};
    use crate::error::Attempt;

    /// Spans the future of a call. A request without a type has no name: its path may hold ids.
    pub(crate) async fn call(info: &CallInfo, method: &Method, future: impl Future<Output = Ended>) -> Ended {
        let (operation, path) = info.metadata.map_or(("custom", ""), |metadata| (metadata.id, metadata.path));
        let span = info_span!(
            "matrix_call",
            operation,
            method = method.as_str(),
            path,
            status = Empty,
            error = Empty,
            attempts = Empty,
            elapsed_ms = Empty,
        );
        let start = Instant::now();
        let ended = future.instrument(span.clone()).await;
        span.record("attempts", ended.attempts.len());
        span.record("elapsed_ms", millis(start.elapsed()));
        match (&ended.result, ended.attempts.last()) {
            (Ok(received), _) => _ = span.record("status", received.status.as_u16()),
            (Err(Why::NotLoggedIn), _) => _ = span.record("error", "not-logged-in"),
            (Err(_), Some(last)) => record(&span, last),
            (Err(_), None) => {}
        }
        ended
    }

    /// Spans the future of an attempt, which is described when it is over.
    pub(crate) async fn attempt<T>(number: usize, future: impl Future<Output = (T, Attempt)>) -> (T, Attempt) {
        let span = debug_span!("matrix_attempt", attempt = number, status = Empty, error = Empty, elapsed_ms = Empty);
        let (result, attempt) = future.instrument(span.clone()).await;
        record(&span, &attempt);
        span.record("elapsed_ms", millis(attempt.took));
        (result, attempt)
    }

    fn record(span: &Span, attempt: &Attempt) {
        if let Some(status) = attempt.status {
            span.record("status", status.as_u16());
        }
        if let Some(failed) = attempt.failed {
            span.record("error", failed.as_str());
        }
    }

    fn millis(time: Duration) -> u64 {
        u64::try_from(time.as_millis()).unwrap_or(u64::MAX)
    }
}

#[cfg(not(feature = "tracing"))]
mod without {
    use http::Method;

    use crate::client::exchange::{CallInfo, Ended};
    use crate::error::Attempt;

    pub(crate) async fn call(_: &CallInfo, _: &Method, future: impl Future<Output = Ended>) -> Ended {
        future.await
    }

    pub(crate) async fn attempt<T>(_: usize, future: impl Future<Output = (T, Attempt)>) -> (T, Attempt) {
        future.await
    }
}
