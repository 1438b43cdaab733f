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

#[global_allocator]
static ALLOCATOR: Counting = Counting;

fn grow(size: usize) {
    COUNT.fetch_add(1, Relaxed);
    LIVE.fetch_add(size as u64, Relaxed);
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
    /// Allocations of one run.
    pub(crate) allocations: u64,
    /// Bytes that its result keeps.
    pub(crate) retained: u64,
}

/// CPU time of this thread: a busy machine moves it little.
fn cpu() -> Duration {
    clock(libc::CLOCK_THREAD_CPUTIME_ID)
}

fn clock(clock: libc::clockid_t) -> Duration {
    let mut time = libc::timespec { tv_sec: 0, tv_nsec: 0 };
    // A valid clock and a valid place for its answer.
    unsafe { libc::clock_gettime(clock, &mut time) };
    Duration::new(time.tv_sec as u64, time.tv_nsec as u32)
}

/// What this process has spent so far, or between two such tallies.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Tally {
    /// Seconds of CPU.
    pub(crate) cpu: f64,
    /// Allocations, from the first tally on.
    pub(crate) allocations: u64,
    /// Bytes allocated and not freed, from the first tally on.
    pub(crate) live: i64,
}

impl Tally {
    /// Switches the counting on, if it is not.
    pub(crate) fn now() -> Self {
        ON.store(true, Relaxed);
        let cpu = clock(libc::CLOCK_PROCESS_CPUTIME_ID).as_secs_f64();
        Self { cpu, allocations: COUNT.load(Relaxed), live: LIVE.load(Relaxed) as i64 }
    }

    pub(crate) fn since(self, before: Self) -> Self {
        let allocations = self.allocations - before.allocations;
        Self { cpu: self.cpu - before.cpu, allocations, live: self.live - before.live }
    }
}

/// Keeps this process on one CPU, counted from 0; on a machine with fewer, anywhere.
pub(crate) fn pin(cpu: usize) {
    // A set without members is a valid one, and the call reads no further than its size.
    unsafe {
        let mut set: libc::cpu_set_t = std::mem::zeroed();
        libc::CPU_SET(cpu, &mut set);
        libc::sched_setaffinity(0, size_of::<libc::cpu_set_t>(), &set);
    }
}

/// KiB of memory that this process has.
pub(crate) fn resident() -> f64 {
    let status = std::fs::read_to_string("/proc/self/status").expect("Linux says so");
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).expect("it is in there");
    line.trim().trim_end_matches(" kB").parse().expect("a number")
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
    counted(runs[runs.len() / 2], work)
}

/// As [`cost`], for work that takes less time than asking for the time does.
pub(crate) fn batch<T>(time: u64, mut work: impl FnMut() -> T) -> Cost {
    const SIZE: u32 = 2000;
    let until = Instant::now() + Duration::from_millis(time);
    let mut batches = Vec::new();
    while batches.len() < 5 || Instant::now() < until {
        let start = cpu();
        for _ in 0..SIZE {
            black_box(work());
        }
        batches.push((cpu() - start).as_secs_f64() * 1e3 / f64::from(SIZE));
    }
    batches.sort_by(f64::total_cmp);
    counted(batches[batches.len() / 2], work)
}

/// One more run, to count in.
fn counted<T>(median: f64, mut work: impl FnMut() -> T) -> Cost {
    COUNT.store(0, Relaxed);
    LIVE.store(0, Relaxed);
    ON.store(true, Relaxed);
    let result = black_box(work());
    ON.store(false, Relaxed);
    let cost = Cost { median, allocations: COUNT.load(Relaxed), retained: LIVE.load(Relaxed) };
    drop(result);
    cost
}

/// Allows this process and its children so many open files, as far as the system does.
pub(crate) fn open_files(count: u64) {
    let mut limit = libc::rlimit { rlim_cur: 0, rlim_max: 0 };
    // A valid resource and a valid place for its limits.
    unsafe {
        libc::getrlimit(libc::RLIMIT_NOFILE, &mut limit);
        limit.rlim_cur = limit.rlim_cur.max(count).min(limit.rlim_max);
        libc::setrlimit(libc::RLIMIT_NOFILE, &limit);
    }
    assert!(limit.rlim_cur >= count, "the system allows {} open files, fewer than {count}", limit.rlim_max);
}

/// Runs a command to a good end. Seconds of CPU, with all that it starts, and on the clock.
pub(crate) fn spent(command: &mut std::process::Command) -> (f64, f64) {
    let (before, start) = (children(), Instant::now());
    let output = command.output().expect("it can be started");
    assert!(output.status.success(), "{command:?}: {}", String::from_utf8_lossy(&output.stderr));
    (children() - before, start.elapsed().as_secs_f64())
}

/// Seconds of CPU of all children that have ended.
fn children() -> f64 {
    // A valid place for the answer.
    let usage = unsafe {
        let mut usage: libc::rusage = std::mem::zeroed();
        libc::getrusage(libc::RUSAGE_CHILDREN, &mut usage);
        usage
    };
    let seconds = |time: libc::timeval| time.tv_sec as f64 + time.tv_usec as f64 / 1e6;
    seconds(usage.ru_utime) + seconds(usage.ru_stime)
}
