use std::time::Duration;

use http::StatusCode;

use super::{Sent, TransportKind};

/// One attempt of a call: how it ended, and what came after.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Attempt {
    /// The status of the answer, if one began.
    pub status: Option<StatusCode>,
    /// How the connection failed, if it did.
    pub failed: Option<TransportKind>,
    /// Whether the server may have seen the request.
    pub sent: Sent,
    /// How long the attempt took.
    pub took: Duration,
    /// How long the client waited before the next one; `None` after the last.
    pub wait: Option<Duration>,
}
