//! Transaction ids.

use std::{
    fmt::{self, Write as _},
    hash::{BuildHasher, RandomState},
};

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
        let mut text = String::with_capacity(32);
        for byte in random() {
            // Writing to a string cannot fail.
            let _ = write!(text, "{byte:02x}");
        }
        Self(text.into())
    }

    /// The id as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
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
