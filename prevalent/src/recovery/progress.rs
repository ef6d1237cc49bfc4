//! How far a recovery has come, for who waits for it.

use super::load::Loaded;
use super::survey::Survey;
use crate::panic::catch;
use crate::stats::Progress;

/// Tells the progress of a recovery about once in a megabyte.
pub(super) struct ProgressMeter<'a> {
    progress: Progress,
    told_bytes: u64,
    replayed_bytes: u64,
    on_progress: &'a mut dyn FnMut(Progress),
}

const TELL_EVERY_BYTES: u64 = 1 << 20;

impl<'a> ProgressMeter<'a> {
    pub(super) fn new<M>(
        survey: &Survey,
        loaded: &Loaded<M>,
        on_progress: &'a mut dyn FnMut(Progress),
    ) -> Self {
        let journal_bytes: u64 = survey.segments.iter().map(|segment| segment.end.offset).sum();
        let progress = Progress {
            bytes_done: loaded.snapshot_bytes,
            bytes_total: loaded.snapshot_bytes + journal_bytes,
            transactions_done: 0,
        };
        let mut meter = ProgressMeter { progress, told_bytes: 0, replayed_bytes: 0, on_progress };
        meter.tell();
        meter
    }

    pub(super) fn add(&mut self, bytes: u64, transactions: u64) {
        self.progress.bytes_done += bytes;
        if transactions > 0 {
            self.replayed_bytes += bytes;
        }
        self.progress.transactions_done += transactions;
        if self.progress.bytes_done - self.told_bytes >= TELL_EVERY_BYTES {
            self.tell();
        }
    }

    /// How many transactions were replayed, and how long the batches were that they were in.
    pub(super) fn finish(mut self) -> (u64, u64) {
        self.progress.bytes_done = self.progress.bytes_total;
        self.tell();
        (self.progress.transactions_done, self.replayed_bytes)
    }

    fn tell(&mut self) {
        self.told_bytes = self.progress.bytes_done;
        // The user's code; a panic of it is not worth an open.
        let _ = catch(|| (self.on_progress)(self.progress));
    }
}
