//! Buffers that are used again and again: what is written grows in one, and leaves it with just the memory it needs,
//! unless it is large.

use std::cell::RefCell;

use bytes::Bytes;

thread_local! {
    /// More than one where one thing is written amid another.
    static FREE: RefCell<Vec<Vec<u8>>> = const { RefCell::new(Vec::new()) };
}

/// How many are kept: enough for a URL with JSON in it.
const KEPT: usize = 2;
/// How large a buffer is that has to be made.
const SMALLEST: usize = 512;
/// In bytes: a larger one is not kept, and not copied either.
const LARGEST: usize = 16 * 1024;

/// An empty one. At the end of a thread there may be none left to use again.
pub(crate) fn take() -> Vec<u8> {
    let free = FREE.try_with(|free| free.borrow_mut().pop());
    free.ok().flatten().unwrap_or_else(|| Vec::with_capacity(SMALLEST))
}

/// For the next one who writes.
pub(crate) fn give_back(mut buffer: Vec<u8>) {
    if (1..=LARGEST).contains(&buffer.capacity()) {
        // A token may have been written, and this may be kept for as long as the thread.
        buffer.fill(0);
        buffer.clear();
        // Without a place to keep it, it goes.
        let _ = FREE.try_with(|free| {
            let mut free = free.borrow_mut();
            if free.len() < KEPT {
                free.push(buffer);
            }
        });
    }
}

/// What was written.
pub(crate) fn into_bytes(buffer: Vec<u8>) -> Bytes {
    if buffer.capacity() > LARGEST {
        return buffer.into();
    }
    let bytes = Bytes::copy_from_slice(&buffer);
    give_back(buffer);
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;

    fn filled(size: usize) -> Vec<u8> {
        let mut buffer = take();
        buffer.resize(size, b'a');
        buffer
    }

    #[test]
    fn a_buffer_comes_back_empty_unless_it_is_large() {
        let small = filled(10);
        let place = small.as_ptr();
        assert_eq!(into_bytes(small), "a".repeat(10));
        let again = filled(SMALLEST);
        assert_eq!((again.as_ptr(), again.len()), (place, SMALLEST));
        assert_eq!(take(), b"");
        give_back(again);

        let large = filled(LARGEST + 1);
        let place = large.as_ptr();
        assert_eq!(into_bytes(large).as_ptr(), place);
        assert!(FREE.with_borrow(Vec::is_empty));
    }

    #[test]
    fn few_are_kept() {
        let many: Vec<_> = (0..10).map(|_| take()).collect();
        many.into_iter().for_each(give_back);
        assert_eq!(FREE.with_borrow(Vec::len), KEPT);
        give_back(Vec::new());
        assert!(FREE.with_borrow(|free| free.iter().all(|buffer| buffer.capacity() > 0)));
    }
}
