//! What a determinism check has shown.

use std::time::Duration;

use crate::digest::Digest;
use crate::{Error, Seq};

/// What [`Store::verify`](crate::Store::verify) has shown: the journal gives the state that is in memory.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Verified {
    /// The last transaction that was in the state when it was compared.
    pub seq: Seq,
    /// The digest of the state.
    pub digest: Digest,
    /// The sequence number of the snapshot that the replay began with: what came before it is not proven.
    pub from: Seq,
    /// How many transactions were replayed.
    pub transactions: u64,
    /// Snapshots that are kept to fall back on, and can't be read. The store opens without them.
    pub damaged: Vec<Error>,
    /// How long it took.
    pub duration: Duration,
}
