//! Work that can be done in any order, on as many threads as can run at once.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::{panic, thread};

/// What becomes of each, in their order.
pub(crate) fn each<T: Sync, R: Send>(all: &[T], work: impl Fn(&T) -> R + Sync) -> Vec<R> {
    let next = AtomicUsize::new(0);
    let some = || {
        let mut done = Vec::new();
        loop {
            let index = next.fetch_add(1, Ordering::Relaxed);
            match all.get(index) {
                Some(one) => done.push((index, work(one))),
                None => return done,
            }
        }
    };
    let threads = thread::available_parallelism().map_or(1, usize::from).min(all.len());
    let mut done = thread::scope(|scope| {
        let others: Vec<_> = (1..threads).map(|_| scope.spawn(some)).collect();
        let mut done = some();
        for other in others {
            done.extend(other.join().unwrap_or_else(|panic| panic::resume_unwind(panic)));
        }
        done
    });
    done.sort_by_key(|(index, _)| *index);
    done.into_iter().map(|(_, result)| result).collect()
}
