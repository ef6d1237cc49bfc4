//! Figures about a store.

use std::path::PathBuf;
use std::time::SystemTime;

use crate::verified::Verified;
use crate::{Error, Seq};

/// A store's figures at one moment: [`Store::stats`](crate::Store::stats).
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Stats {
    /// The last transaction that is applied: what reads see. Inside a `read`, exactly what this one sees.
    pub seq: Seq,
    /// The last transaction that was ordered.
    pub ordered_seq: Seq,
    /// The last transaction that is durable.
    pub durable_seq: Seq,
    /// What is ordered and not yet written (with `Durability::Always`: not yet resolved), in bytes, with a fixed overhead for
    /// each transaction.
    pub pending_bytes: usize,
    /// The length of the journal, of all segments together, in bytes. The files may be longer: what was filled ahead is not
    /// counted.
    pub journal_bytes: u64,
    /// How many segments there are.
    pub segments: usize,
    /// The newest snapshot.
    pub last_snapshot: Option<SnapshotInfo>,
    /// How many snapshots failed since the store was opened. Each is tried again.
    pub failed_snapshots: u64,
    /// How often old files could not be removed, or not archived, since the store was opened. It is tried again with the
    /// next snapshot; until it succeeds, the store takes more and more of the disk.
    pub failed_prunings: u64,
    /// How often the journal could not be filled ahead, or its next file not made, since the store was opened, for want of room as a rule
    /// ([`Builder::fill_ahead_bytes`](crate::Builder::fill_ahead_bytes)). It is tried again as the journal grows.
    pub failed_fills: u64,
    /// What came of the last determinism check since the store was opened, asked for or not:
    /// [`Store::verify`](crate::Store::verify), [`Builder::verify_every`](crate::Builder::verify_every).
    pub last_verification: Option<Result<Verified, Error>>,
    /// How often the state was rebuilt since the store was opened, because a transaction had panicked.
    pub rebuilds: u64,
    /// Whether it is being rebuilt just now.
    pub rebuilding: bool,
}

/// A snapshot.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct SnapshotInfo {
    /// The last sequence number in it.
    pub seq: Seq,
    /// The file.
    pub file: PathBuf,
    /// The file's length.
    pub bytes: u64,
    /// When it was taken.
    pub created: SystemTime,
}

/// How far a recovery has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Progress {
    /// Bytes of the snapshot and the journal that are done.
    pub bytes_done: u64,
    /// Bytes of the snapshot and the journal in all.
    pub bytes_total: u64,
    /// Transactions that were replayed.
    pub transactions_done: u64,
}
