//! When to look into the queue again after a batch: those who were told of it come back in a trickle, and a sync that
//! doesn't wait for them has the most of them wait for the next one.

use std::time::Duration;

use crate::sync::Instant;
use crate::sync::atomic::{AtomicUsize, Ordering};
use crate::sync::thread::yield_now;

/// So long after the last batch was resolved, whatever is there is written. Awaited tasks that have a processor to run on
/// are back by then.
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
            yield_now();
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

#[cfg(test)]
mod tests {
    use super::*;

    fn lingered(expected: usize, queued: usize, worthwhile: bool) -> (Duration, Linger) {
        let mut linger = Linger { told: None, worthwhile };
        linger.resolved(expected);
        let began = Instant::now();
        linger.wait_for_more(&AtomicUsize::new(queued));
        (began.elapsed(), linger)
    }

    #[test]
    fn those_who_were_told_are_waited_for_but_not_for_long() {
        let (took, linger) = lingered(16, 3, true);
        assert!(took >= LINGER_MAX / 2, "{took:?}");
        assert!(linger.worthwhile);
    }

    #[test]
    fn nobody_waits_for_one_who_commits_alone_or_for_those_who_are_there() {
        for (expected, queued) in [(1, 0), (16, 16), (16, 20)] {
            // Slow for once is possible; always slow is not.
            let quickest = (0..20).map(|_| lingered(expected, queued, true).0).min();
            assert!(quickest < Some(LINGER_MAX / 2), "{expected} {queued} {quickest:?}");
        }
    }

    #[test]
    fn where_nobody_came_back_there_is_no_waiting_until_somebody_does() {
        let (_, mut linger) = lingered(16, 0, true);
        assert!(!linger.worthwhile);
        linger.resolved(16);
        linger.found();
        assert!(linger.worthwhile);
    }
}
