//! Lists that come in pages, item by item.

use std::{
    collections::HashSet,
    fmt,
    future::{Future, poll_fn},
    pin::Pin,
    task::{Context, Poll, ready},
    vec,
};

use futures_core::Stream;

use crate::{Error, PageToken, Result};

/// The items of a list that a server hands out in pages.
///
/// A page is asked for when somebody waits for an item and the page before is used up; nothing happens in the
/// background. The stream ends with the last page, and with one that names a page that was asked for already. An error
/// is the last item: [`position`](Self::position) tells where another stream can go on.
///
/// The future of [`next`](Self::next) may be dropped at any time; the page that it waited for is not lost.
#[must_use = "nothing is asked before `next`"]
pub struct ItemStream<T> {
    fetch: Fetch<T>,
    /// The page that is waited for. It lives on when a future of `next` is dropped.
    work: Option<PageFuture<T>>,
    items: vec::IntoIter<T>,
    /// Where the page begins that is asked for next, or that failed.
    position: Option<PageToken>,
    seen: HashSet<PageToken>,
    left: usize,
    total: Option<i64>,
    /// How many empty pages have come one after the other.
    empty: u64,
    /// How many may, and what is said after them. Without it the first one is the end.
    patience: Option<(u64, TooMany)>,
    ended: bool,
}

/// Asks for the page that begins there; `None` is where the caller's request begins.
type Fetch<T> = Box<dyn Fn(Option<PageToken>) -> PageFuture<T> + Send + Sync>;
/// Makes the error of too many empty pages, the last of which named this place.
type TooMany = Box<dyn Fn(Option<PageToken>) -> Error + Send + Sync>;
type PageFuture<T> = Pin<Box<dyn Future<Output = Result<Page<T>>> + Send>>;

/// One page of a list.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Page<T> {
    /// What is on it.
    pub items: Vec<T>,

    /// Where the next page begins, if the server says that there is one.
    pub next: Option<PageToken>,

    /// How many items all pages have, if the server says so.
    pub total: Option<i64>,
}

impl<T> Page<T> {
    pub(crate) fn new(items: Vec<T>, next: Option<PageToken>, total: Option<i64>) -> Self {
        Self { items, next, total }
    }
}

impl<T> ItemStream<T> {
    pub(crate) fn new<F>(
        start: Option<PageToken>,
        fetch: impl Fn(Option<PageToken>) -> F + Send + Sync + 'static,
    ) -> Self
    where
        F: Future<Output = Result<Page<T>>> + Send + 'static,
    {
        Self {
            fetch: Box::new(move |at| Box::pin(fetch(at))),
            work: None,
            items: Vec::new().into_iter(),
            seen: start.iter().cloned().collect(),
            position: start,
            left: usize::MAX,
            total: None,
            empty: 0,
            patience: None,
            ended: false,
        }
    }

    /// Goes on after an empty page that names another one, but not after so many in a row: a server must not keep
    /// anybody waiting for ever. Without it such a page is the end.
    #[cfg(feature = "client-server")]
    pub(crate) fn through_empty(
        mut self,
        most: u64,
        too_many: impl Fn(Option<PageToken>) -> Error + Send + Sync + 'static,
    ) -> Self {
        self.patience = Some((most, Box::new(too_many)));
        self
    }

    /// Ends after so many items, and asks for no page beyond them. How many come in a page is the request's `limit`.
    pub fn max_items(mut self, most: usize) -> Self {
        self.left = most;
        self
    }

    /// The next item.
    pub async fn next(&mut self) -> Option<Result<T>> {
        poll_fn(|context| self.poll(context)).await
    }

    /// All that are left, in one list.
    ///
    /// # Errors
    ///
    /// The first failure; what came before it is dropped.
    pub async fn collect(mut self) -> Result<Vec<T>> {
        let mut all = Vec::new();
        while let Some(item) = self.next().await {
            all.push(item?);
        }
        Ok(all)
    }

    /// Where the page begins that is asked for next, or that could not be had: a `from` for another stream. `None` is
    /// the beginning.
    #[must_use]
    pub fn position(&self) -> Option<&PageToken> {
        self.position.as_ref()
    }

    /// How many items there are in all pages, once a page has come and if the server counts them.
    #[must_use]
    pub fn total(&self) -> Option<i64> {
        self.total
    }

    fn poll(&mut self, context: &mut Context<'_>) -> Poll<Option<Result<T>>> {
        loop {
            if self.left == 0 {
                return Poll::Ready(None);
            }
            if let Some(item) = self.items.next() {
                self.left -= 1;
                return Poll::Ready(Some(Ok(item)));
            }
            if self.ended {
                return Poll::Ready(None);
            }
            if let Some((_, too_many)) = self.patience.as_ref().filter(|(most, _)| self.empty >= *most) {
                self.ended = true;
                return Poll::Ready(Some(Err(too_many(self.position.clone()))));
            }
            let work = self.work.get_or_insert_with(|| (self.fetch)(self.position.clone()));
            let page = ready!(work.as_mut().poll(context));
            self.work = None;
            match page {
                Ok(page) => self.turn(page),
                Err(error) => {
                    self.ended = true;
                    return Poll::Ready(Some(Err(error)));
                }
            }
        }
    }

    /// Takes up a page.
    fn turn(&mut self, page: Page<T>) {
        self.total = page.total.or(self.total);
        self.empty = if page.items.is_empty() { self.empty + 1 } else { 0 };
        let go_on = self.empty == 0 || self.patience.is_some();
        self.items = page.items.into_iter();
        match page.next {
            Some(next) if go_on && self.seen.insert(next.clone()) => self.position = Some(next),
            _ => self.ended = true,
        }
    }
}

/// Nothing in it is pinned.
impl<T> Unpin for ItemStream<T> {}

impl<T> Stream for ItemStream<T> {
    type Item = Result<T>;

    fn poll_next(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.get_mut().poll(context)
    }
}

impl<T> fmt::Debug for ItemStream<T> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("ItemStream")
            .field("position", &self.position)
            .field("ended", &self.ended)
            .finish_non_exhaustive()
    }
}
