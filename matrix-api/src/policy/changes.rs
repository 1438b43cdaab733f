use std::{
    collections::VecDeque,
    fmt,
    future::poll_fn,
    pin::Pin,
    task::{Context, Poll, ready},
};

use futures_core::Stream;

use super::{PolicyChange, PolicyList};
use crate::{Result, SyncStream};

/// The changes of a [`PolicyList`], one by one: see [`PolicyList::changes`].
///
/// It lives and ends as the sync does: it waits where that waits, and an error is the last item. The future of
/// [`next`](Self::next) may be dropped at any time.
#[must_use = "nothing is asked before `next`"]
pub struct PolicyChanges {
    list: PolicyList,
    sync: SyncStream,
    waiting: VecDeque<PolicyChange>,
}

impl PolicyChanges {
    pub(super) fn new(list: PolicyList, sync: SyncStream) -> Self {
        Self { list, sync, waiting: VecDeque::new() }
    }

    /// The next change.
    pub async fn next(&mut self) -> Option<Result<PolicyChange>> {
        poll_fn(|context| self.poll(context)).await
    }

    fn poll(&mut self, context: &mut Context<'_>) -> Poll<Option<Result<PolicyChange>>> {
        loop {
            if let Some(change) = self.waiting.pop_front() {
                return Poll::Ready(Some(Ok(change)));
            }
            match ready!(Pin::new(&mut self.sync).poll_next(context)) {
                Some(Ok(batch)) => self.waiting.extend(self.list.feed(&batch)),
                Some(Err(error)) => return Poll::Ready(Some(Err(error))),
                None => return Poll::Ready(None),
            }
        }
    }
}

impl Stream for PolicyChanges {
    type Item = Result<PolicyChange>;

    fn poll_next(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.get_mut().poll(context)
    }
}

impl fmt::Debug for PolicyChanges {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("PolicyChanges").field("list", &self.list).finish_non_exhaustive()
    }
}
