//! When to look into the queue again after a batch: those who were told of it come back in a trickle, and a sync that
//! doesn't wait for them has the most of them wait for the next one.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

/// So long after the last batch was resolved, it is written what is there. Awaited tasks that have a processor to run on are
/// back by then.
const LINGER_MAX: Duration = Duration::from_micros(50);

/// What the journal thread knows of those who commit.
#[derive(Debug, Default)]
pub(super) struct Linger {
    /// How many are expected to be back, and when they were told.
    told: Option<(usize, Instant)>,
    /// Whether somebody came back soon after the last time.
    worthwhile: bool,
}

impl Linger {
    /// So many have been told, or were queued before.
    pub(super) fn resolved(&mut self, expected: usize) {
        self.told = Some((expected, Instant::now()));
    }

    /// Waits a moment, as long as fewer are back than were told. Who commits alone is found as soon as it is back.
    pub(super) fn wait_for_more(&mut self, queued: &AtomicUsize) {
        let Some((expected, since)) = self.told else { return };
        if !self.worthwhile || expected <= 1 {
            return;
        }
        while queued.load(Ordering::Acquire) < expected && since.elapsed() < LINGER_MAX {
            std::thread::yield_now();
        }
        if queued.load(Ordering::Acquire) == 0 {
            self.worthwhile = false;
        }
    }

    /// There was something in the queue.
    pub(super) fn found(&mut self) {
        if let Some((_, since)) = self.told {
            self.worthwhile = since.elapsed() < 4 * LINGER_MAX;
        }
    }
}
