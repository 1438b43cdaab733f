//! Why there is no answer.

use std::{error::Error as StdError, fmt, io, time::Duration};

use hyper_util::client::legacy;

use super::{Private, connect::Unreachable};
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

    /// No head of an answer came.
    pub(super) fn send(error: legacy::Error) -> Self {
        let unreachable = error.source().and_then(|source| source.downcast_ref::<Unreachable>());
        let (kind, sent) = match unreachable {
            Some(unreachable) => (unreachable.kind, Sent::No),
            None if error.is_connect() => (TransportKind::Connect, Sent::No),
            None if chain(&error).any(is_timeout) => (TransportKind::Timeout, Sent::Maybe),
            None => (TransportKind::Interrupted, Sent::Maybe),
        };
        Self { kind, sent, waited: None, cause: Some(deepest(&error)) }
    }

    /// The answer broke off.
    pub(super) fn read(error: &(dyn StdError + 'static)) -> Self {
        Self { kind: TransportKind::Interrupted, sent: Sent::Yes, waited: None, cause: Some(deepest(error)) }
    }

    /// Before anything is sent.
    pub(super) fn unsent(kind: TransportKind, cause: impl Into<String>) -> Self {
        Self { kind, sent: Sent::No, waited: None, cause: Some(Cause::new(cause)) }
    }
}

/// Why no connection came about.
pub(super) fn unreachable(error: &(dyn StdError + 'static)) -> TransportKind {
    if chain(error).any(is_timeout) {
        TransportKind::Timeout
    } else if chain(error).any(|error| error.is::<Private>()) {
        TransportKind::Forbidden
    } else if chain(error).any(is_invalid) {
        TransportKind::Tls
    } else {
        TransportKind::Connect
    }
}

fn is_timeout(error: &(dyn StdError + 'static)) -> bool {
    error.is::<tokio::time::error::Elapsed>()
        || error.downcast_ref::<io::Error>().is_some_and(|error| error.kind() == io::ErrorKind::TimedOut)
}

/// TLS libraries report a certificate that does not hold, and a peer that does not speak TLS,
/// as invalid data.
fn is_invalid(error: &(dyn StdError + 'static)) -> bool {
    error.downcast_ref::<io::Error>().is_some_and(|error| error.kind() == io::ErrorKind::InvalidData)
}

fn chain<'a>(error: &'a (dyn StdError + 'static)) -> impl Iterator<Item = &'a (dyn StdError + 'static)> {
    std::iter::successors(Some(error), |&error| cause(error))
}

/// An I/O error names as its source not what it wraps, but the source of that.
fn cause<'a>(error: &'a (dyn StdError + 'static)) -> Option<&'a (dyn StdError + 'static)> {
    match error.downcast_ref::<io::Error>().and_then(io::Error::get_ref) {
        Some(wrapped) => Some(wrapped),
        None => error.source(),
    }
}

/// The innermost cause is the one that says something; the outer ones are layers of what the connection is made of.
pub(super) fn deepest(error: &(dyn StdError + 'static)) -> Cause {
    let text = chain(error).last().map(ToString::to_string);
    Cause::new(text.unwrap_or_default())
}
