use std::fmt;

use crate::{Error, Result};

/// What came of each request of a batch, in the order in which they were given.
#[derive(Debug)]
#[non_exhaustive]
pub struct BatchReport<K, T> {
    /// One entry for every key.
    pub items: Vec<BatchItem<K, T>>,
}

/// What came of one request of a batch.
#[derive(Debug)]
#[non_exhaustive]
pub struct BatchItem<K, T> {
    /// The key that it was given.
    pub key: K,

    /// Its response, or why there is none.
    pub outcome: Result<T>,
}

/// How far a batch has come, after each outcome.
#[derive(Debug)]
#[non_exhaustive]
pub struct Progress<'a, K, T> {
    /// How many outcomes there are, failures included.
    pub done: usize,

    /// How many of them are failures.
    pub failed: usize,

    /// How many there will be.
    pub total: usize,

    /// Whose outcome it was.
    pub key: &'a K,

    /// Its response, or why there is none.
    pub outcome: Result<&'a T, &'a Error>,
}

impl<K, T> BatchReport<K, T> {
    /// Whether nothing failed.
    pub fn is_success(&self) -> bool {
        self.failed().next().is_none()
    }

    /// What came of those that did not fail.
    pub fn succeeded(&self) -> impl Iterator<Item = (&K, &T)> {
        self.items.iter().filter_map(|item| Some((&item.key, item.outcome.as_ref().ok()?)))
    }

    /// Why the others failed.
    pub fn failed(&self) -> impl Iterator<Item = (&K, &Error)> {
        self.items.iter().filter_map(|item| Some((&item.key, item.outcome.as_ref().err()?)))
    }

    /// The keys that are left to do: those that failed.
    pub fn into_rest(self) -> Vec<K> {
        self.items.into_iter().filter(|item| item.outcome.is_err()).map(|item| item.key).collect()
    }
}

/// `3 of 4 done`, and a line for each that failed.
impl<K: fmt::Display, T> fmt::Display for BatchReport<K, T> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{} of {} done", self.succeeded().count(), self.items.len())?;
        self.failed().try_for_each(|(key, error)| write!(out, "\n{key}: {error}"))
    }
}
