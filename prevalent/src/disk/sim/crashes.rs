//! What crashes may leave, at one point after the other: each operation is gone through once.

use std::fmt;
use std::sync::Arc;

use super::crash::{Crash, Loss};
use super::origin::{CrashImages, Origin};
use super::state::State;
use super::{Inner, SimDisk};

/// What crashes may leave, at one point after the other: see [`SimDisk::crashes`].
pub struct Crashes {
    disk: SimDisk,
    origin: Arc<Origin>,
    /// The disk at the point that was given last, or at the first.
    state: State,
    next: usize,
    end: usize,
    loss: Loss,
}

impl Crashes {
    pub(super) fn new(disk: &SimDisk, inner: &Inner, loss: Loss) -> Self {
        let (origin, state) = (Arc::clone(&inner.origin), inner.start.clone());
        Crashes { disk: disk.clone(), origin, state, next: 0, end: inner.log.len(), loss }
    }
}

impl Iterator for Crashes {
    type Item = (usize, CrashImages);

    fn next(&mut self) -> Option<Self::Item> {
        let point = self.next;
        if point > self.end {
            return None;
        }
        if let Some(operation) = point.checked_sub(1) {
            // There is none where another log was begun.
            let inner = self.disk.inner.lock();
            let (_, effect) = inner.log.get(operation)?;
            // It cannot fail: it was applied once, to the same state.
            let _ = self.state.apply(effect);
        }
        self.next += 1;
        let crash = Arc::new(Crash::new(&self.state, point, self.loss));
        Some((point, CrashImages::new(crash, Arc::clone(&self.origin))))
    }
}

impl fmt::Debug for Crashes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Crashes")
            .field("next", &self.next)
            .field("end", &self.end)
            .finish_non_exhaustive()
    }
}
