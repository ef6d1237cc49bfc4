//! What a backup did, for the user.

use crate::{Error, Seq};

/// What [`Store::backup`](crate::Store::backup) did.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct BackupInfo {
    /// The last sequence number in the backup: it can be restored up to here.
    pub seq: Seq,
    /// The sequence number of the oldest snapshot in the backup: it can be restored from here on.
    pub oldest_seq: Seq,
    /// The sequence number of the newest snapshot in the backup: what comes behind it is replayed after a restore.
    pub snapshot_seq: Seq,
    /// Whether it began anew, or went on with what was there.
    pub kind: BackupKind,
    /// How many pieces were copied.
    pub pieces: usize,
    /// How many bytes were copied, without the list of pieces.
    pub bytes: u64,
    /// Newer snapshots of the store that are damaged, and were left out. The backup does without them.
    pub damaged: Vec<Error>,
}

/// Whether a backup was the first one in its place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum BackupKind {
    /// There was none: a snapshot and the journal behind it were copied.
    Full,
    /// What has come since the last one was copied.
    Incremental,
}
