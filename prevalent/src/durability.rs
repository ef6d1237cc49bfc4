//! When a commit counts.

use std::time::Duration;

/// When a commit handle resolves, and what a crash may cost.
///
/// May change from open to open.
///
/// ```
/// # use prevalent::prevalent;
/// # #[prevalent] #[derive(Default)] struct Counter { count: u64 }
/// # #[prevalent] impl Counter { #[tx] fn add(&mut self, n: u64) { self.count += n; } }
/// use prevalent::Durability;
/// use std::time::Duration;
///
/// # fn main() -> Result<(), prevalent::Error> {
/// # let dir = tempfile::tempdir().unwrap();
/// let builder = CounterStore::builder(dir.path().join("counter"));
/// let store = builder.durability(Durability::Every(Duration::from_millis(100))).open().wait()?;
/// store.add(1).wait()?; // applied; a crash may take it back
/// store.flush().wait()?; // not any more
/// # store.close().wait() }
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Durability {
    /// A handle resolves when its transaction is on stable storage, and no reader sees it before. Concurrent commits share a
    /// sync. Nothing that was acknowledged, or seen, is ever lost.
    #[default]
    Always,
    /// A handle resolves when its transaction is journaled (it has its place in the journal's buffer) and applied. The buffer
    /// is written a millisecond later at the latest, and the journal is synced when its oldest unsynced transaction has this
    /// age. A crash of the machine loses at most what is younger than that, and what one sync takes: always a suffix of the
    /// order. The death of the process alone loses at most what was not written yet: what is younger than a millisecond, and
    /// than this age.
    ///
    /// Where nothing is in its way, a transaction is applied on the thread that calls: a commit then takes no longer than
    /// the method itself and a lock, and is resolved when it is returned. The thread waits for readers that are in, 50
    /// microseconds at most; after that, and whenever the journal falls behind, the journal's own thread takes over. A
    /// transaction has the stack of the thread that it runs on.
    Every(Duration),
    /// Like [`Every`](Durability::Every), but synced only by [`flush`](crate::Store::flush), a snapshot, a new segment, a
    /// close, and before a panic is told. A crash of the machine loses at most what came after the last of these.
    Manual,
}
