//! A body put together from its pieces.

use bytes::{Bytes, BytesMut};

/// Pieces of a body; a single one is not copied.
#[derive(Default)]
pub(crate) struct Gathered {
    first: Bytes,
    rest: BytesMut,
}

/// A server's word about the length is believed up to here.
const MOST_RESERVED: u64 = 1024 * 1024;

impl Gathered {
    pub(crate) fn len(&self) -> u64 {
        (self.first.len() + self.rest.len()) as u64
    }

    pub(crate) fn push(&mut self, chunk: Bytes, announced: Option<u64>) {
        if self.first.is_empty() && self.rest.is_empty() {
            self.first = chunk;
            return;
        }
        if !self.first.is_empty() {
            let first = std::mem::take(&mut self.first);
            let announced = announced.unwrap_or(0).min(MOST_RESERVED) as usize;
            self.rest.reserve(announced.max(first.len() + chunk.len()));
            self.rest.extend_from_slice(&first);
        }
        self.rest.extend_from_slice(&chunk);
    }

    pub(crate) fn finish(self) -> Bytes {
        if self.rest.is_empty() { self.first } else { self.rest.freeze() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pieces_are_joined_in_order() {
        let gather = |pieces: &[&'static str], announced| {
            let mut gathered = Gathered::default();
            for piece in pieces {
                gathered.push(Bytes::from_static(piece.as_bytes()), announced);
            }
            gathered.finish()
        };
        assert_eq!(gather(&[], None), "");
        assert_eq!(gather(&["one"], Some(u64::MAX)), "one");
        assert_eq!(gather(&["one", "", "two", "three"], Some(u64::MAX)), "onetwothree");
        assert_eq!(gather(&["", "two"], None), "two");
    }
}
