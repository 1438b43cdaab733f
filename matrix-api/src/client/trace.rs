//! What a call tells to `tracing`: names and numbers, never ids, URLs or values.
//!
//! A span `matrix_call` for a call, and inside it a span `matrix_attempt` for each attempt.

#[cfg(feature = "tracing")]
pub(crate) use with::{attempt, call, ended};
#[cfg(not(feature = "tracing"))]
pub(crate) use without::{attempt, call, ended};

#[cfg(feature = "tracing")]
mod with {
    use std::time::Duration;

    use http::Method;
    use tracing::{Instrument, Span, debug_span, field::Empty, info_span, instrument::Instrumented};

    use crate::client::exchange::{CallInfo, Ended, Why};
    use crate::error::Attempt;

    /// Spans the future of a call. A request without a type has no name: its path may hold ids.
    pub(crate) fn call<F: Future>(info: &CallInfo, method: &Method, future: F) -> Instrumented<F> {
        let (operation, path) = info.metadata.map_or(("custom", ""), |metadata| (metadata.id, metadata.path));
        future.instrument(info_span!(
            "matrix_call",
            operation,
            method = method.as_str(),
            path,
            status = Empty,
            error = Empty,
            attempts = Empty,
            elapsed_ms = Empty,
        ))
    }

    /// Tells the span of the call how it ended.
    pub(crate) fn ended(ended: &Ended, took: Duration) {
        let span = Span::current();
        span.record("attempts", ended.attempts.len());
        span.record("elapsed_ms", millis(took));
        match &ended.result {
            Ok(received) => span.record("status", received.status.as_u16()),
            Err(Why::NotLoggedIn) => span.record("error", "not-logged-in"),
            Err(_) => match ended.attempts.last() {
                Some(last) => record(&span, last),
                None => &span,
            },
        };
    }

    /// Spans the future of an attempt, which is described when it is over.
    pub(crate) async fn attempt<T>(number: usize, future: impl Future<Output = (T, Attempt)>) -> (T, Attempt) {
        let span = debug_span!("matrix_attempt", attempt = number, status = Empty, error = Empty, elapsed_ms = Empty);
        let (result, attempt) = future.instrument(span.clone()).await;
        record(&span, &attempt).record("elapsed_ms", millis(attempt.took));
        (result, attempt)
    }

    fn record<'a>(span: &'a Span, attempt: &Attempt) -> &'a Span {
        if let Some(status) = attempt.status {
            span.record("status", status.as_u16());
        }
        if let Some(failed) = attempt.failed {
            span.record("error", failed.as_str());
        }
        span
    }

    fn millis(time: Duration) -> u64 {
        u64::try_from(time.as_millis()).unwrap_or(u64::MAX)
    }
}

#[cfg(not(feature = "tracing"))]
mod without {
    use std::time::Duration;

    use http::Method;

    use crate::client::exchange::{CallInfo, Ended};
    use crate::error::Attempt;

    pub(crate) fn call<F: Future>(_: &CallInfo, _: &Method, future: F) -> F {
        future
    }

    pub(crate) fn ended(_: &Ended, _: Duration) {}

    pub(crate) async fn attempt<T>(_: usize, future: impl Future<Output = (T, Attempt)>) -> (T, Attempt) {
        future.await
    }
}
