//! What an open found, for the user.

use std::path::PathBuf;
use std::time::Duration;

use crate::changed_bodies::ChangedBodies;
use crate::{Error, Origin, Seq};

/// What the open of a store found and did: [`Store::recovery`](crate::Store::recovery).
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Recovery {
    /// Whether the store was made by this open.
    pub created: bool,
    /// Whether the store was closed the last time, or its last handle dropped (or it is new). If not, whoever had it was interrupted: what was not
    /// durable then is lost, and where the journal was cut off between two batches, nothing else shows it.
    pub closed_cleanly: bool,
    /// The sequence number of the snapshot that was loaded.
    pub snapshot_seq: Seq,
    /// How many transactions were replayed on it.
    pub transactions: u64,
    /// What was dropped of the journal's end: transactions that a crash had interrupted.
    pub dropped_tail: Option<DroppedTail>,
    /// What is damaged, without this open having needed it: a newer snapshot that was passed over, or what is kept to
    /// fall back on.
    pub damaged: Vec<Error>,
    /// Transactions that were replayed by a method with another body than it had when they were committed: their effect may be
    /// another one. Those that went through an upgrade are not among them. See [`ChangedBodies`](crate::ChangedBodies).
    pub changed_bodies: Vec<Rewritten>,
    /// Transactions whose arguments were written with other types than today's, and were read by the names of fields and
    /// variants, or through an upgrade.
    pub converted: Vec<Rewritten>,
    /// Whether the model in the snapshot was written with other types than today's.
    pub model_converted: bool,
    /// The store that this one was restored, forked or imported from, if it was.
    pub origin: Option<Origin>,
    /// How long it took.
    pub duration: Duration,
}

impl Recovery {
    /// Whether the state is another one, perhaps, than the program had that wrote it.
    pub(crate) fn is_rewritten(&self) -> bool {
        self.model_converted || !self.changed_bodies.is_empty() || !self.converted.is_empty()
    }
}

/// Transactions of one name that were committed by other code, or written with other types, than today's.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Rewritten {
    /// The stable name.
    pub tx: String,
    /// How many there were.
    pub transactions: u64,
    /// The first one's sequence number.
    pub first_seq: Seq,
}

/// The end of the journal that an open has dropped.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct DroppedTail {
    /// The segment. It is left as it is.
    pub file: PathBuf,
    /// Where what was dropped begins, in bytes.
    pub offset: u64,
    /// How long it is, in bytes, up to the last one that is not zero.
    pub bytes: u64,
    /// The sequence number that it would have had, and that the next transaction gets.
    pub next_seq: Seq,
    /// Whether it bore no sign of having been torn, and was dropped because of
    /// [`drop_suspect_tail`](crate::Builder::drop_suspect_tail).
    pub suspect: bool,
}

/// Tells the report to whoever listens to events.
pub(super) fn log(report: &Recovery, changed_bodies: ChangedBodies) {
    if !report.closed_cleanly {
        tracing::warn!(
            transactions = report.transactions,
            "the store was not closed the last time: what was not durable then is lost (with `Durability::Always`, nothing that was acknowledged)"
        );
    }
    if let Some(tail) = &report.dropped_tail {
        tracing::warn!(
            file = %tail.file.display(), offset = tail.offset, bytes = tail.bytes, next_seq = %tail.next_seq,
            suspect = tail.suspect, "the journal's end was dropped: a crash had interrupted it"
        );
    }
    for changed in report.changed_bodies.iter().filter(|_| changed_bodies == ChangedBodies::Warn) {
        tracing::warn!(
            tx = changed.tx, transactions = changed.transactions, first_seq = %changed.first_seq,
            "transactions were replayed by a method with another body than it had when they were committed"
        );
    }
    for error in &report.damaged {
        tracing::warn!(%error, "a file that this open did not need is damaged");
    }
    if report.created {
        tracing::info!("a new store was made");
    } else {
        tracing::info!(
            snapshot_seq = %report.snapshot_seq, transactions = report.transactions, took = ?report.duration,
            "the store was recovered"
        );
    }
}
