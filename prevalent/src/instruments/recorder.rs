//! With the feature: through the crate `metrics`, to whatever recorder the program has installed before it opened the store.

use std::fmt;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use metrics::{
    Counter, Gauge, Histogram, Unit, counter, describe_counter, describe_gauge, describe_histogram,
    gauge, histogram,
};

use crate::panic::catch;
use crate::stats::Progress;

/// The handles of one store's metrics.
#[derive(Clone)]
pub(crate) struct Instruments {
    // `None` where the recorder panicked when they were made.
    handles: Option<Arc<Handles>>,
}

struct Handles {
    committed_transactions: Counter,
    journal_bytes: Counter,
    batch_transactions: Histogram,
    sync_seconds: Histogram,
    pending_bytes: Gauge,
    snapshots: Counter,
    snapshot_seconds: Histogram,
    snapshot_bytes: Gauge,
    failed_snapshots: Counter,
    voids: Counter,
    rebuilds: Counter,
    failed: Gauge,
    replayed_transactions: Gauge,
    replayed_ratio: Gauge,
}

impl Instruments {
    /// Whether the time that a sync takes is of interest.
    pub(crate) const TIMES_SYNCS: bool = true;

    pub(crate) fn new(store: &Path, model: &'static str) -> Self {
        Instruments { handles: catch(|| Arc::new(Handles::new(store, model))).ok() }
    }

    pub(crate) fn replayed(&self, progress: Progress) {
        self.tell(|handles| {
            handles.replayed_transactions.set(as_float(progress.transactions_done));
            let (done, total) = (progress.bytes_done, progress.bytes_total);
            handles.replayed_ratio.set(if done >= total {
                1.0
            } else {
                as_float(done) / as_float(total)
            });
        });
    }

    pub(crate) fn batch(&self, transactions: u64, bytes: u64) {
        self.tell(|handles| {
            handles.committed_transactions.increment(transactions);
            handles.journal_bytes.increment(bytes);
            handles.batch_transactions.record(as_float(transactions));
        });
    }

    pub(crate) fn synced(&self, took: Duration) {
        self.tell(|handles| handles.sync_seconds.record(took));
    }

    pub(crate) fn pending(&self, bytes: usize) {
        self.tell(|handles| handles.pending_bytes.set(as_float(bytes as u64)));
    }

    pub(crate) fn snapshot(&self, bytes: u64, took: Duration) {
        self.tell(|handles| {
            handles.snapshots.increment(1);
            handles.snapshot_bytes.set(as_float(bytes));
            handles.snapshot_seconds.record(took);
        });
    }

    pub(crate) fn snapshot_failed(&self) {
        self.tell(|handles| handles.failed_snapshots.increment(1));
    }

    pub(crate) fn voided(&self) {
        self.tell(|handles| handles.voids.increment(1));
    }

    pub(crate) fn rebuilt(&self) {
        self.tell(|handles| handles.rebuilds.increment(1));
    }

    pub(crate) fn failed(&self) {
        self.tell(|handles| handles.failed.set(1.0));
    }

    fn tell(&self, what: impl FnOnce(&Handles)) {
        if let Some(handles) = &self.handles {
            let _ = catch(|| what(handles));
        }
    }
}

#[allow(clippy::cast_precision_loss, reason = "a recorder takes nothing else")]
fn as_float(number: u64) -> f64 {
    number as f64
}

impl Handles {
    fn new(store: &Path, model: &'static str) -> Self {
        describe();
        let store = store.display().to_string();
        macro_rules! labelled {
            ($kind:ident, $name:literal) => {
                $kind!($name, "store" => store.clone(), "model" => model)
            };
        }
        let handles = Handles {
            committed_transactions: labelled!(counter, "prevalent_committed_transactions_total"),
            journal_bytes: labelled!(counter, "prevalent_journal_bytes_total"),
            batch_transactions: labelled!(histogram, "prevalent_batch_transactions"),
            sync_seconds: labelled!(histogram, "prevalent_sync_seconds"),
            pending_bytes: labelled!(gauge, "prevalent_pending_bytes"),
            snapshots: labelled!(counter, "prevalent_snapshots_total"),
            snapshot_seconds: labelled!(histogram, "prevalent_snapshot_seconds"),
            snapshot_bytes: labelled!(gauge, "prevalent_snapshot_bytes"),
            failed_snapshots: labelled!(counter, "prevalent_failed_snapshots_total"),
            voids: labelled!(counter, "prevalent_voids_total"),
            rebuilds: labelled!(counter, "prevalent_rebuilds_total"),
            failed: labelled!(gauge, "prevalent_failed"),
            replayed_transactions: labelled!(gauge, "prevalent_replayed_transactions"),
            replayed_ratio: labelled!(gauge, "prevalent_replayed_ratio"),
        };
        handles.failed.set(0.0);
        handles
    }
}

fn describe() {
    describe_counter!(
        "prevalent_committed_transactions_total",
        Unit::Count,
        "transactions written to the journal; with `Always`, durable"
    );
    describe_counter!(
        "prevalent_journal_bytes_total",
        Unit::Bytes,
        "bytes that transactions took in the journal"
    );
    describe_histogram!(
        "prevalent_batch_transactions",
        Unit::Count,
        "transactions that were written by one write"
    );
    describe_histogram!("prevalent_sync_seconds", Unit::Seconds, "how long a sync took");
    describe_gauge!(
        "prevalent_pending_bytes",
        Unit::Bytes,
        "what was ordered and not yet written, when the last batch was done"
    );
    describe_counter!("prevalent_snapshots_total", Unit::Count, "snapshots that were taken");
    describe_histogram!("prevalent_snapshot_seconds", Unit::Seconds, "how long a snapshot took");
    describe_gauge!("prevalent_snapshot_bytes", Unit::Bytes, "the length of the newest snapshot");
    describe_counter!(
        "prevalent_failed_snapshots_total",
        Unit::Count,
        "snapshots that failed; each is tried again"
    );
    describe_counter!(
        "prevalent_voids_total",
        Unit::Count,
        "transactions that panicked, and have no effect"
    );
    describe_counter!(
        "prevalent_rebuilds_total",
        Unit::Count,
        "how often the state was rebuilt after a panic"
    );
    describe_gauge!("prevalent_failed", "1 when the store accepts no more writes");
    describe_gauge!(
        "prevalent_replayed_transactions",
        Unit::Count,
        "transactions that the open has replayed so far"
    );
    describe_gauge!(
        "prevalent_replayed_ratio",
        "how much of the snapshot and the journal the open has read so far, from 0 to 1"
    );
}

impl fmt::Debug for Instruments {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Instruments").finish_non_exhaustive()
    }
}
