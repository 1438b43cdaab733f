//! Transaction ids.

use std::{
    cell::OnceCell,
    fmt::{self, Write as _},
    hash::{BuildHasher, RandomState},
};

use crate::EventId;

/// The id of one sending: a server that sees it twice acts once.
///
/// A request whose id is not set gets a new one each time it is sent, and keeps it through all
/// attempts of that sending.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TxnId(Box<str>);

impl TxnId {
    /// A new id of 128 random bits, written as 32 hexadecimal digits.
    #[must_use]
    pub fn new() -> Self {
        const DIGITS: &[u8; 16] = b"0123456789abcdef";
        let digits = random().map(|byte| [DIGITS[usize::from(byte >> 4)], DIGITS[usize::from(byte & 15)]]);
        Self(std::str::from_utf8(digits.as_flattened()).unwrap_or_default().into())
    }

    /// The id of the answer to an event: the same for the same event and purpose, in every run of a
    /// program. A program that was killed in the middle and answers the event again sends the very
    /// same transaction, and the room gets one answer.
    ///
    /// The purpose tells several answers to one event apart, and answers from everything else that
    /// the program sends.
    ///
    /// A server remembers ids for a while, and for each device apart: Synapse for 24 hours. So the
    /// program has to come back within that time, and on the same device, which it does with a
    /// stored [session](crate::Session).
    ///
    /// ```
    /// use matrix_api::{EventId, TxnId};
    ///
    /// let question = EventId::from("$abc");
    /// assert_eq!(TxnId::derived(&question, "reply"), TxnId::derived(&question, "reply"));
    /// assert_ne!(TxnId::derived(&question, "reply"), TxnId::derived(&question, "log"));
    /// ```
    #[must_use]
    pub fn derived(event: &EventId, purpose: &str) -> Self {
        let mut text = String::with_capacity(purpose.len() + event.as_str().len() + 1);
        readable(&mut text, purpose);
        text.push('.');
        readable(&mut text, event.as_str());
        Self(text.into())
    }

    /// The id as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// What stands in for a transaction id that a request has not got.
pub(crate) enum StandIn<'a> {
    Given(&'a TxnId),
    /// Made when it is asked for: most operations have none.
    #[cfg_attr(not(feature = "client"), allow(dead_code, reason = "only the runtime asks for it"))]
    Fresh(OnceCell<TxnId>),
}

impl StandIn<'_> {
    pub(crate) fn get(&self) -> &TxnId {
        match self {
            Self::Given(txn) => txn,
            Self::Fresh(cell) => cell.get_or_init(TxnId::new),
        }
    }

    /// The id that was used, for one who cannot know it: who gave none, or gave one that was not needed.
    pub(crate) fn note(&self, used: &TxnId) -> Option<TxnId> {
        let known = matches!(self, Self::Given(given) if std::ptr::eq(*given, used));
        (!known).then(|| used.clone())
    }
}

/// Writes a text so that it can be told where it ends, and with nothing that a server could refuse:
/// whatever an event's id consists of, it must be possible to answer it.
fn readable(out: &mut String, text: &str) {
    for byte in text.bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'_' | b'$' | b':' => out.push(byte.into()),
            // Writing to a string cannot fail.
            _ => drop(write!(out, "~{byte:02x}")),
        }
    }
}

fn random() -> [u8; 16] {
    let mut bytes = [0; 16];
    if getrandom::fill(&mut bytes).is_err() {
        // No randomness from the system: the keys of std's hasher are the next best, and an id
        // has to be unique, not secret.
        for half in bytes.chunks_mut(8) {
            let hash = RandomState::new().hash_one(std::time::SystemTime::now());
            half.copy_from_slice(&hash.to_ne_bytes());
        }
    }
    bytes
}

impl Default for TxnId {
    fn default() -> Self {
        Self::new()
    }
}

impl fmt::Display for TxnId {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.pad(&self.0)
    }
}

impl fmt::Debug for TxnId {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.0, out)
    }
}

impl AsRef<str> for TxnId {
    fn as_ref(&self) -> &str {
        &self.0
    }
}

impl From<&str> for TxnId {
    fn from(text: &str) -> Self {
        Self(text.into())
    }
}

impl From<String> for TxnId {
    fn from(text: String) -> Self {
        Self(text.into())
    }
}

impl From<&Self> for TxnId {
    fn from(id: &Self) -> Self {
        id.clone()
    }
}

crate::text_value!(TxnId, |id| id.as_str(), |text| TxnId(text.into()));

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_derived_id_is_the_same_in_every_run() {
        let id = |event: &str, purpose: &str| TxnId::derived(&event.into(), purpose).0.into_string();
        assert_eq!(id("$Rq-_9", "reply"), "reply.$Rq-_9");
        assert_eq!(id("$1:example.org", "m.ok"), "m~2eok.$1:example~2eorg");
        assert_eq!(id("$a/..\0é", ""), ".$a~2f~2e~2e~00~c3~a9");
    }

    #[test]
    fn different_answers_have_different_ids() {
        let pairs = [("$a", "b.$c"), ("$c", "b.$a"), ("$c", "b~2e$a"), ("$a.b", "c"), ("$a", "b.c"), ("$a~2eb", "c")];
        let ids: std::collections::BTreeSet<_> =
            pairs.iter().map(|(event, purpose)| TxnId::derived(&(*event).into(), purpose)).collect();
        assert_eq!(ids.len(), pairs.len());
    }
}
