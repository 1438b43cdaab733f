//! A part of a text that other parts share.

use std::sync::Arc;

use bytes::Bytes;

/// A part of a checked text: one JSON value, in UTF-8.
///
/// Half the size of [`Bytes`]: what a sync leaves in memory is mostly these.
#[derive(Clone)]
pub(crate) struct Part {
    whole: Arc<Whole>,
    from: u32,
    /// [`REST`] for all that follows.
    length: u32,
}

enum Whole {
    Text(Bytes),
    /// A value could not be written, for this reason.
    Failed(&'static str),
}

const REST: u32 = u32::MAX;

impl Part {
    /// All of a text.
    pub(crate) fn all(text: Bytes) -> Self {
        Self { whole: Arc::new(Whole::Text(text)), from: 0, length: REST }
    }

    /// Of a value that could not be written.
    pub(crate) fn failed(reason: &'static str) -> Self {
        Self { whole: Arc::new(Whole::Failed(reason)), from: 0, length: REST }
    }

    /// Why the value could not be written, if it could not.
    pub(crate) fn failure(&self) -> Option<&'static str> {
        match *self.whole {
            Whole::Text(_) => None,
            Whole::Failed(reason) => Some(reason),
        }
    }

    fn range(&self, text: &[u8]) -> std::ops::Range<usize> {
        let from = self.from as usize;
        from..if self.length == REST { text.len() } else { from + self.length as usize }
    }

    /// The text; `null` if there is none.
    pub(crate) fn as_bytes(&self) -> &[u8] {
        match &*self.whole {
            Whole::Text(text) => &text[self.range(text)],
            Whole::Failed(_) => b"null",
        }
    }

    /// The same for longer.
    pub(crate) fn to_bytes(&self) -> Bytes {
        match &*self.whole {
            Whole::Text(text) => text.slice(self.range(text)),
            Whole::Failed(_) => Bytes::from_static(b"null"),
        }
    }

    /// A part of this part.
    pub(crate) fn part(&self, from: usize, length: usize) -> Self {
        let start = u32::try_from(self.from as usize + from);
        match (start, u32::try_from(length)) {
            (Ok(from), Ok(length)) if length < REST => Self { whole: self.whole.clone(), from, length },
            // Beyond 4 GiB it is a text of its own, though not a copy.
            _ => Self::all(self.to_bytes().slice(from..from + length)),
        }
    }
}
