//! Without the feature.
#![allow(clippy::unused_self, reason = "with the feature there is something in it")]

use std::path::Path;
use std::time::Duration;

use crate::stats::Progress;

/// Nothing.
#[derive(Clone, Debug)]
pub(crate) struct Instruments;

impl Instruments {
    /// Whether the time that a sync takes is of interest.
    pub(crate) const TIMES_SYNCS: bool = false;

    pub(crate) fn new(_store: &Path, _model: &'static str) -> Self {
        Instruments
    }

    pub(crate) fn replayed(&self, _progress: Progress) {}
    pub(crate) fn batch(&self, _transactions: u64, _bytes: u64) {}
    pub(crate) fn synced(&self, _took: Duration) {}
    pub(crate) fn pending(&self, _bytes: usize) {}
    pub(crate) fn snapshot(&self, _bytes: u64, _took: Duration) {}
    pub(crate) fn snapshot_failed(&self) {}
    pub(crate) fn voided(&self) {}
    pub(crate) fn rebuilt(&self) {}
    pub(crate) fn failed(&self) {}
}
