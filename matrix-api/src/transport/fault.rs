//! Why there is no answer.

use std::{error::Error as StdError, fmt, time::Duration};

use crate::error::{Sent, TransportKind};

/// Why there is no answer.
#[derive(Debug)]
pub(crate) struct Fault {
    pub(crate) kind: TransportKind,
    pub(crate) sent: Sent,
    /// How long a timeout waited.
    pub(crate) waited: Option<Duration>,
    pub(crate) cause: Option<Cause>,
}

/// The deepest cause in a few words, without any URL: a query may hold secrets.
#[derive(Debug)]
pub(crate) struct Cause(String);

impl Cause {
    pub(crate) fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }
}

impl fmt::Display for Cause {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.0)
    }
}

impl StdError for Cause {}

impl Fault {
    pub(crate) fn timeout(waited: Duration, sent: Sent) -> Self {
        Self { kind: TransportKind::Timeout, sent, waited: Some(waited), cause: None }
    }

    /// Before anything is sent.
    pub(super) fn unsent(kind: TransportKind, cause: impl Into<String>) -> Self {
        Self { kind, sent: Sent::No, waited: None, cause: Some(Cause::new(cause)) }
    }
}
