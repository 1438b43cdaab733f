//! Time and memory of one piece of work, on one thread.

use std::alloc::{GlobalAlloc, Layout, System};
use std::hint::black_box;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering::Relaxed};
use std::time::{Duration, Instant};

/// Counts what is allocated while it is switched on.
struct Counting;

static ON: AtomicBool = AtomicBool::new(false);
static COUNT: AtomicU64 = AtomicU64::new(0);
static LIVE: AtomicU64 = AtomicU64::new(0);
static PEAK: AtomicU64 = AtomicU64::new(0);

#[global_allocator]
static ALLOCATOR: Counting = Counting;

fn grow(size: usize) {
    COUNT.fetch_add(1, Relaxed);
    let live = LIVE.fetch_add(size as u64, Relaxed).wrapping_add(size as u64);
    if live as i64 > PEAK.load(Relaxed) as i64 {
        PEAK.store(live, Relaxed);
    }
}

fn shrink(size: usize) {
    LIVE.fetch_sub(size as u64, Relaxed);
}

// The calls go to the system's allocator as they came.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        if ON.load(Relaxed) {
            grow(layout.size());
        }
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        if ON.load(Relaxed) {
            shrink(layout.size());
        }
        unsafe { System.dealloc(pointer, layout) }
    }

    unsafe fn realloc(&self, pointer: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        if ON.load(Relaxed) {
            shrink(layout.size());
            grow(size);
        }
        unsafe { System.realloc(pointer, layout, size) }
    }
}

/// What one piece of work costs.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Cost {
    /// CPU time of this thread in ms, the median of all runs.
    pub(crate) median: f64,
    /// The quickest run.
    pub(crate) least: f64,
    /// Allocations of one run.
    pub(crate) allocations: u64,
    /// Bytes that its result keeps.
    pub(crate) retained: u64,
    /// Bytes that it held at most.
    pub(crate) peak: u64,
}

/// CPU time of this thread: a busy machine moves it little.
fn cpu() -> Duration {
    let mut time = libc::timespec { tv_sec: 0, tv_nsec: 0 };
    // A valid clock and a valid place for its answer.
    unsafe { libc::clock_gettime(libc::CLOCK_THREAD_CPUTIME_ID, &mut time) };
    Duration::new(time.tv_sec as u64, time.tv_nsec as u32)
}

/// Runs the work for about this time, at least five times, and once more to count. What it returns is dropped
/// outside of what is measured.
pub(crate) fn cost<T>(time: Duration, mut work: impl FnMut() -> T) -> Cost {
    drop(work());
    let until = Instant::now() + time;
    let mut runs = Vec::new();
    while runs.len() < 5 || (Instant::now() < until && runs.len() < 5000) {
        let start = cpu();
        let result = black_box(work());
        runs.push((cpu() - start).as_secs_f64() * 1e3);
        drop(result);
    }
    runs.sort_by(f64::total_cmp);
    for counter in [&COUNT, &LIVE, &PEAK] {
        counter.store(0, Relaxed);
    }
    ON.store(true, Relaxed);
    let result = black_box(work());
    ON.store(false, Relaxed);
    let cost = Cost {
        median: runs[runs.len() / 2],
        least: runs[0],
        allocations: COUNT.load(Relaxed),
        retained: LIVE.load(Relaxed),
        peak: PEAK.load(Relaxed),
    };
    drop(result);
    cost
}
