//! Where a simulated disk comes from: what to tell when a test fails on it.

use std::fmt;
use std::sync::Arc;

use super::SimDisk;
use super::crash::Crash;
use super::plan::{Plan, plans};

pub(super) enum Origin {
    New,
    Kill { before: Arc<Origin>, point: usize },
    Copy { before: Arc<Origin>, point: usize },
    Crash { before: Arc<Origin>, crash: Arc<Crash>, plan: Plan, which: Which },
}

/// Which image of a crash.
pub(super) enum Which {
    Nth { index: usize, count: usize },
    Seed(u64),
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::New => write!(f, "new"),
            Self::Kill { before, point } => {
                write!(f, "{before} -> killed after {point} operations")
            }
            Self::Copy { before, point } => {
                write!(f, "{before} -> copied after {point} operations")
            }
            Self::Crash { before, crash, plan, which } => {
                write!(f, "{before} -> crashed after {} operations (", crash.point)?;
                match which {
                    Which::Nth { index, count } => write!(f, "image {index} of {count}")?,
                    Which::Seed(seed) => write!(f, "seed {seed}")?,
                }
                write!(f, ", {:?}: ", crash.loss)?;
                crash.describe(plan, f)?;
                write!(f, ")")
            }
        }
    }
}

/// What a crash may leave: see [`SimDisk::images_at`].
pub struct CrashImages {
    before: Arc<Origin>,
    crash: Arc<Crash>,
    plans: std::iter::Enumerate<std::vec::IntoIter<Plan>>,
    count: usize,
}

impl CrashImages {
    pub(super) fn new(crash: Arc<Crash>, before: Arc<Origin>) -> Self {
        let plans = plans(&crash);
        Self { before, crash, count: plans.len(), plans: plans.into_iter().enumerate() }
    }
}

impl Iterator for CrashImages {
    type Item = SimDisk;

    fn next(&mut self) -> Option<SimDisk> {
        let (index, plan) = self.plans.next()?;
        let which = Which::Nth { index, count: self.count };
        Some(SimDisk::crashed(&self.before, &self.crash, plan, which))
    }

    fn nth(&mut self, n: usize) -> Option<SimDisk> {
        // Those before it are not made.
        let skipped = n.checked_sub(1);
        skipped.map_or(Some(()), |last| self.plans.nth(last).map(|_| ()))?;
        self.next()
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        self.plans.size_hint()
    }
}

impl ExactSizeIterator for CrashImages {}

impl fmt::Debug for CrashImages {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CrashImages").field("left", &self.plans.len()).finish_non_exhaustive()
    }
}
