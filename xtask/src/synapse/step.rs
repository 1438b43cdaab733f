//! Progress of what takes long.

use std::time::{Duration, Instant};

/// A step at work. Says on the error output how long it has been going on, and at last how long it took.
pub(super) struct Step {
    what: String,
    begun: Instant,
    next: Duration,
}

impl Step {
    /// Begins quietly: what is over in a second needs one line only.
    pub(super) fn begin(what: impl Into<String>) -> Self {
        Self { what: what.into(), begun: Instant::now(), next: Duration::from_secs(1) }
    }

    /// To be called often; prints after one second and then every five.
    pub(super) fn tick(&mut self) {
        let elapsed = self.begun.elapsed();
        if elapsed >= self.next {
            eprintln!("synapse: {} ... {} s", self.what, elapsed.as_secs());
            self.next = elapsed + Duration::from_secs(5);
        }
    }

    /// It is done.
    pub(super) fn done(self) {
        let seconds = self.begun.elapsed().as_secs_f64();
        eprintln!("synapse: {}: done in {seconds:.1} s", self.what);
    }

    /// Since the beginning.
    pub(super) fn elapsed(&self) -> Duration {
        self.begun.elapsed()
    }
}
