//! What everything here waits in.

use shuttle::future::batch_semaphore::{BatchSemaphore, Fairness};
use shuttle::rand::{Rng, thread_rng};

use super::thread::yield_now;
use super::time::Instant;

/// Permits, and who waits for some. Who gets them, of those for whom there are enough, is drawn.
#[derive(Debug)]
pub(super) struct Semaphore(BatchSemaphore);

impl Semaphore {
    pub(super) const fn new(permits: usize) -> Self {
        Semaphore(BatchSemaphore::const_new(permits, Fairness::Unfair))
    }

    pub(super) fn acquire(&self, permits: usize) {
        // It is closed only where the test has failed already: then nothing that comes counts.
        let _ = self.0.acquire_blocking(permits);
    }

    pub(super) fn try_acquire(&self, permits: usize) -> Option<()> {
        self.0.try_acquire(permits).ok()
    }

    /// `None` where the time was over first. Which comes first is drawn, however much time there is: a thread may always be
    /// held up for longer.
    pub(super) fn acquire_until(&self, permits: usize, deadline: Instant) -> Option<()> {
        loop {
            if let Some(()) = self.try_acquire(permits) {
                return Some(());
            }
            if Instant::now() >= deadline {
                return None;
            }
            if thread_rng().gen_ratio(1, 4) {
                Instant::pass(deadline);
            }
            yield_now();
        }
    }

    pub(super) fn release(&self, permits: usize) {
        self.0.release(permits);
    }
}
