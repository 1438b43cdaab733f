//! What a call tells to `tracing`: names and numbers, never ids, URLs or values.
//!
//! A span `matrix_call` for a call, and inside it a span `matrix_attempt` for each attempt. Both are values beside the
//! future that they stand around: an `async fn` that took the future would hold it twice.

#[cfg(feature = "tracing")]
pub(crate) use with::{AttemptSpan, CallSpan};
#[cfg(not(feature = "tracing"))]
pub(crate) use without::{AttemptSpan, CallSpan};

#[cfg(feature = "tracing")]
mod with {
    use std::time::Duration;

    use http::{Method, StatusCode};
    use tokio::time::Instant;
    use tracing::{Instrument, Span, debug_span, field::Empty, info_span, instrument::Instrumented};

    use crate::ErrorCode;
    use crate::client::exchange::{CallInfo, Ended, Why};
    use crate::error::{Attempt, Received, TransportKind};
    use crate::transport::Broken;

    /// The span of a call.
    pub(crate) struct CallSpan {
        span: Span,
        start: Instant,
    }

    impl CallSpan {
        /// A request without a type has no name: its path may hold ids.
        pub(crate) fn new(info: &CallInfo, method: &Method) -> Self {
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
            Self { span, start: Instant::now() }
        }

        pub(crate) fn around<F: Future>(&self, future: F) -> Instrumented<F> {
            future.instrument(self.span.clone())
        }

        pub(crate) fn end(self, ended: &Ended) {
            let Self { span, start } = self;
            span.record("attempts", ended.attempts.len());
            span.record("elapsed_ms", millis(start.elapsed()));
            match (&ended.result, ended.attempts.last()) {
                (Ok(received), _) => _ = span.record("status", received.status.as_u16()),
                (Err(why), last) => record(&span, last.and_then(|last| last.status), name(why)),
            }
        }
    }

    /// The span of an attempt, which is described when it is over.
    pub(crate) struct AttemptSpan(Span);

    impl AttemptSpan {
        pub(crate) fn new(number: usize) -> Self {
            let span =
                debug_span!("matrix_attempt", attempt = number, status = Empty, error = Empty, elapsed_ms = Empty);
            Self(span)
        }

        pub(crate) fn around<F: Future>(&self, future: F) -> Instrumented<F> {
            future.instrument(self.0.clone())
        }

        pub(crate) fn end(self, attempt: &Attempt, result: &Result<Received, Why>) {
            // A token that is refused may yet be renewed.
            let why = result.as_ref().err().filter(|why| !matches!(why, Why::Refused(_)));
            record(&self.0, attempt.status, why.and_then(name));
            self.0.record("elapsed_ms", millis(attempt.took));
        }
    }

    fn record(span: &Span, status: Option<StatusCode>, error: Option<&'static str>) {
        span.record("status", status.map(|status| status.as_u16()));
        span.record("error", error);
    }

    /// The error in a word. Of a refusal the status says enough.
    fn name(why: &Why) -> Option<&'static str> {
        Some(match why {
            Why::NotLoggedIn => "not-logged-in",
            Why::Fault(fault, _) => fault.kind.as_str(),
            Why::Broken(Broken::Unreadable(_), _) => "file",
            Why::Broken(Broken::TooMany(_), _) | Why::TooLarge { .. } | Why::TooManyRedirects { .. } => "limit",
            Why::Redirected(..) => TransportKind::Redirect.as_str(),
            Why::Refused(refusal) if refusal.errcode() == Some(&ErrorCode::UnknownToken) => "session-ended",
            Why::Refused(_) => return None,
            Why::SessionEnded(_) => "session-ended",
            Why::NoNewToken(_) => "no-new-token",
        })
    }

    fn millis(time: Duration) -> u64 {
        u64::try_from(time.as_millis()).unwrap_or(u64::MAX)
    }
}

#[cfg(not(feature = "tracing"))]
mod without {
    use http::Method;

    use crate::client::exchange::{CallInfo, Ended, Why};
    use crate::error::{Attempt, Received};

    pub(crate) struct CallSpan;

    impl CallSpan {
        pub(crate) fn new(_: &CallInfo, _: &Method) -> Self {
            Self
        }

        pub(crate) fn around<F: Future>(&self, future: F) -> F {
            future
        }

        pub(crate) fn end(self, _: &Ended) {}
    }

    pub(crate) struct AttemptSpan;

    impl AttemptSpan {
        pub(crate) fn new(_: usize) -> Self {
            Self
        }

        pub(crate) fn around<F: Future>(&self, future: F) -> F {
            future
        }

        pub(crate) fn end(self, _: &Attempt, _: &Result<Received, Why>) {}
    }
}
