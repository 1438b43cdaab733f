//! Where the body of a download waits for its reader.

use std::{
    fmt,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use bytes::Bytes;

use crate::{
    error::Received,
    transport::{Answer, Incoming},
};

/// Takes the body of one successful answer, unread. A clone is the same place.
#[derive(Clone)]
pub(crate) struct Slot {
    limit: u64,
    landed: Arc<Mutex<Option<Landed>>>,
}

/// A body that nobody has read yet.
pub(crate) struct Landed {
    pub(crate) body: Incoming,
    /// The most time between two pieces.
    pub(crate) idle: Duration,
}

impl Slot {
    pub(crate) fn new(limit: u64) -> Self {
        Self { limit, landed: Arc::default() }
    }

    /// What is too much, if the answer says that it is.
    pub(crate) fn excess(&self, answer: &Answer) -> Option<u64> {
        answer.body.announced().is_some_and(|length| length > self.limit).then_some(self.limit)
    }

    /// Leaves the body here; the head goes on alone.
    pub(crate) fn put(&self, answer: Answer, idle: Duration) -> Received {
        let Answer { status, headers, body } = answer;
        *self.landed.lock().unwrap_or_else(PoisonError::into_inner) = Some(Landed { body, idle });
        Received { status, headers, body: Bytes::new() }
    }

    pub(crate) fn take(&self) -> Option<Landed> {
        self.landed.lock().unwrap_or_else(PoisonError::into_inner).take()
    }
}

impl fmt::Debug for Slot {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("Slot").field("limit", &self.limit).finish_non_exhaustive()
    }
}
