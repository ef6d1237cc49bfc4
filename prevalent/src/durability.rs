//! When a commit counts.

use std::time::Duration;

/// When a commit handle resolves, and what a crash may cost.
///
/// May change from open to open.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Durability {
    /// A handle resolves when its transaction is on stable storage, and no reader sees it before. Concurrent commits share a
    /// sync. Nothing that was acknowledged, or seen, is ever lost.
    #[default]
    Always,
    /// A handle resolves when its transaction is journaled and applied; the journal is synced when its oldest unsynced
    /// transaction has this age. A crash of the machine loses at most what is younger than that, and what one sync takes:
    /// always a suffix of the order. The death of the process alone loses nothing that was acknowledged.
    Every(Duration),
    /// Like [`Every`](Durability::Every), but synced only by [`flush`](crate::Store::flush), a snapshot, a new segment, a
    /// close, and before a panic is told. A crash of the machine loses at most what came after the last of these.
    Manual,
}
