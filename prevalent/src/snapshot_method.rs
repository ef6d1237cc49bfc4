//! How a snapshot comes by the state.

use std::fmt;

/// How a snapshot comes by the state while the store goes on: [`Builder::snapshot_method`](crate::Builder::snapshot_method).
///
/// | method | commits wait | memory beside the state, meanwhile | for |
/// |---|---|---|---|
/// | [`rebuilt`](SnapshotMethod::rebuilt) (default) | not at all | a second copy, and its encoding | any model that fits into memory twice |
/// | [`locked`](SnapshotMethod::locked) | while the state is encoded | its encoding | models that are small, or don't fit into memory twice |
/// | [`cloned`](SnapshotMethod::cloned) | while the state is cloned | the clone and its encoding, or that and a second copy | models on persistent collections, which clone in no time |
///
/// Reads never wait for any of them. The last snapshot of a store that is being closed is always `locked`: there are no commits
/// any more that could wait.
///
/// What was encoded is decoded again before it is written: a snapshot that can't be read never gets a name. Of `locked`, where
/// there may be no room for that, the encoding is followed along its type instead; a `Deserialize` that refuses a state
/// which the model can get into is not noticed then before an open, which falls back on the snapshot before.
///
/// ```
/// # use prevalent::prevalent;
/// # #[prevalent] #[derive(Default)] struct Counter { count: u64 }
/// # #[prevalent] impl Counter { #[tx] fn add(&mut self, n: u64) { self.count += n; } }
/// use prevalent::SnapshotMethod;
///
/// # fn main() -> Result<(), prevalent::Error> {
/// # let dir = tempfile::tempdir().unwrap();
/// let builder = CounterStore::builder(dir.path().join("counter"));
/// let store = builder.snapshot_method(SnapshotMethod::locked()).open().wait()?;
/// # store.close().wait() }
/// ```
pub struct SnapshotMethod<M> {
    pub(crate) source: Source<M>,
}

/// Where the state to be written comes from.
pub(crate) enum Source<M> {
    Rebuilt,
    Locked,
    Cloned(fn(&M) -> M),
}

impl<M> SnapshotMethod<M> {
    /// The state is built a second time, from the snapshot before it and the journal, by the code that an open uses. So each
    /// snapshot is a rehearsal of recovery: what can't be replayed is noticed while the journal is still there.
    ///
    /// Where commits come faster than they can be replayed, for so long that the journal beyond the last snapshot is four times
    /// what makes one (and 16 MiB), the next snapshot is taken like a [`locked`](SnapshotMethod::locked) one: the use of the
    /// disk stays bounded. A `tracing` warning tells.
    ///
    /// The transactions run once more on a thread of the engine: what they do beside changing the model (they should do nothing)
    /// happens again.
    #[must_use]
    pub const fn rebuilt() -> Self {
        SnapshotMethod { source: Source::Rebuilt }
    }

    /// The state is encoded as it is, while transactions wait and reads go on. No second copy is ever made.
    #[must_use]
    pub const fn locked() -> Self {
        SnapshotMethod { source: Source::Locked }
    }

    /// The state is cloned while transactions wait, and the clone is encoded.
    #[must_use]
    pub const fn cloned() -> Self
    where
        M: Clone,
    {
        SnapshotMethod { source: Source::Cloned(M::clone) }
    }
}

impl<M> Default for SnapshotMethod<M> {
    fn default() -> Self {
        SnapshotMethod::rebuilt()
    }
}

impl<M> Clone for SnapshotMethod<M> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<M> Copy for SnapshotMethod<M> {}

impl<M> Clone for Source<M> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<M> Copy for Source<M> {}

impl<M> fmt::Debug for SnapshotMethod<M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.source {
            Source::Rebuilt => "rebuilt",
            Source::Locked => "locked",
            Source::Cloned(_) => "cloned",
        })
    }
}
