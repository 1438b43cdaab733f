//! What comes back, read.

use std::{fmt, sync::Arc};

use bytes::Bytes;
use http::{HeaderMap, StatusCode};

use crate::{Response, wire::Warning};

/// A response and what came with it.
#[derive(Clone)]
#[non_exhaustive]
pub struct FullResponse<T> {
    /// The response.
    pub value: T,

    /// The HTTP status.
    pub status: StatusCode,

    /// The headers.
    pub headers: HeaderMap,

    /// The body as it came. It may hold secrets, so `Debug` shows its length only.
    pub body: Bytes,
}

impl<T: Response> FullResponse<T> {
    /// What is not as the operation has it, and was read in spite of that: nulls, wrong types,
    /// elements of lists and maps that were left out, unknown values of enums. At most 1000.
    ///
    /// Nothing is looked for until this is called.
    #[must_use]
    pub fn warnings(&self) -> Vec<Warning> {
        T::warnings(&self.body)
    }
}

impl<T: fmt::Debug> fmt::Debug for FullResponse<T> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("FullResponse")
            .field("value", &self.value)
            .field("status", &self.status)
            .field("body", &format_args!("{} bytes", self.body.len()))
            .finish_non_exhaustive()
    }
}

/// Called after each typed response was read.
#[doc(hidden)]
pub type Observer = Arc<dyn Fn(&Observation) + Send + Sync>;

/// A typed response that was read.
#[doc(hidden)]
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Observation {
    pub operation: &'static str,
    pub service: &'static str,
    pub status: u16,
}
