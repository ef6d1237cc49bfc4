//! The handle on an open store.

use std::fmt;
use std::ops::RangeBounds;

use serde::Serialize;

use crate::backup::{BackupInfo, Target};
use crate::commit::{Commit, Operation};
use crate::engine::Owner;
use crate::model::{Model, StoreHandle};
use crate::stats::{SnapshotInfo, Stats};
use crate::subscription::Subscription;
use crate::verified::Verified;
use crate::{Error, Recovery, Seq, StoreId};

/// An open store: the state in memory, the journal on disk.
///
/// The store that `#[prevalent]` generates (`SessionsStore`) derefs to this, and has a method for each transaction and query
/// beside it. Cheap to clone; all clones are the same store. When the last one is dropped, the store flushes, syncs and
/// frees its lock before the drop returns (blocking the thread for that long); [`close`](Store::close) also takes a last
/// snapshot, and tells what failed.
///
/// # Panics
///
/// Every method panics inside a transaction of this very store: a transaction may depend on nothing but the state, its
/// arguments and its `TxContext`. (The panic is then the transaction's own.)
pub struct Store<M: Model> {
    owner: Owner<M>,
}

impl<M: Model> Store<M> {
    pub(crate) fn new(owner: Owner<M>) -> Self {
        Store { owner }
    }

    /// Runs a closure on the state, at once: no transaction is applied meanwhile. Reads may nest. Waits while the state is
    /// being rebuilt after a panic.
    ///
    /// Keep it short: commits wait for it, and new reads behind the commits. So it must not wait for what another thread
    /// reads from the same store.
    ///
    /// ```
    /// # use prevalent::prevalent;
    /// # #[prevalent] #[derive(Default)] struct Counter { count: u64 }
    /// # #[prevalent] impl Counter { #[tx] fn add(&mut self, n: u64) { self.count += n; } }
    /// # fn main() -> Result<(), prevalent::Error> {
    /// # let store = CounterStore::in_memory();
    /// store.add(3).wait()?;
    /// // All of it is from one moment.
    /// let (count, seq) = store.read(|counter| (counter.count, store.stats().seq));
    /// assert_eq!((count, u64::from(seq)), (3, 1));
    /// # Ok(()) }
    /// ```
    ///
    /// # Panics
    ///
    /// Where the state could not be rebuilt after a panic, and there is none to read: [`try_read`](Store::try_read) gives
    /// the error instead. A panic of the closure harms nobody else.
    #[inline]
    pub fn read<R>(&self, read: impl FnOnce(&M) -> R) -> R {
        self.owner.shared.read(read)
    }

    /// Like [`read`](Store::read), but never waits for a rebuild.
    ///
    /// # Errors
    ///
    /// [`Error::Rebuilding`] while the state is being rebuilt; where that failed, the error with which it did.
    pub fn try_read<R>(&self, read: impl FnOnce(&M) -> R) -> Result<R, Error> {
        self.owner.shared.try_read(read)
    }

    /// Submits a transaction as a value. It is ordered when this returns.
    ///
    /// ```
    /// # use prevalent::prevalent;
    /// # #[prevalent] #[derive(Default)] struct Counter { count: u64 }
    /// # #[prevalent] impl Counter { #[tx] fn add(&mut self, n: u64) { self.count += n; } }
    /// # fn main() -> Result<(), prevalent::Error> {
    /// # let store = CounterStore::in_memory();
    /// let commit = store.commit(CounterTx::Add { n: 3 });
    /// let CounterReply::Add(()) = commit.wait()?;
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    ///
    /// The handle resolves at once to [`Error::Encoding`], [`Error::TooLarge`], [`Error::Overloaded`], [`Error::Failed`],
    /// [`Error::KeyReused`] or [`Error::Closed`], with nothing ordered; later to [`Error::TxPanicked`], [`Error::InDoubt`] or [`Error::Failed`].
    #[expect(
        clippy::needless_pass_by_value,
        reason = "a transaction is handed over, however it is stored"
    )]
    pub fn commit(&self, tx: M::Tx) -> Commit<M::Reply> {
        self.submit(&tx, |reply| reply)
    }

    /// All that was ordered before this call is on stable storage when it resolves.
    ///
    /// # Errors
    ///
    /// [`Error::InDoubt`] where the disk fails meanwhile, [`Error::Failed`] where it failed before, [`Error::Closed`].
    pub fn flush(&self) -> Operation<()> {
        self.owner.shared.flush()
    }

    /// Resolves when there is room for a transaction: back-pressure. A hint, not a reservation.
    ///
    /// ```
    /// # use prevalent::prevalent;
    /// # #[prevalent] #[derive(Default)] struct Counter { count: u64 }
    /// # #[prevalent] impl Counter { #[tx] fn add(&mut self, n: u64) { self.count += n; } }
    /// # async fn doc(store: CounterStore) -> Result<(), prevalent::Error> {
    /// loop {
    ///     match store.add(1).await {
    ///         Err(prevalent::Error::Overloaded { .. }) => store.ready().await?,
    ///         result => return result,
    ///     }
    /// }
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// [`Error::Failed`], [`Error::Closed`].
    pub fn ready(&self) -> Operation<()> {
        self.owner.shared.ready()
    }

    /// Takes a snapshot of all that is applied by now. Where the last one is as new, tells of that one. In `Every` and
    /// `Manual`, what is not synced yet is synced first.
    ///
    /// How, and who waits for it, is a knob: [`Builder::snapshot_method`](crate::Builder::snapshot_method).
    ///
    /// # Errors
    ///
    /// [`Error::Io`], [`Error::Encoding`] where the state can't be written so that it can be read, [`Error::ModelPanicked`]
    /// where the model's `Clone` panics ([`SnapshotMethod::cloned`](crate::SnapshotMethod::cloned)), [`Error::Failed`],
    /// [`Error::Closed`]; those of an open, where the state can't be built from the files. A failed snapshot harms nothing.
    pub fn snapshot(&self) -> Operation<SnapshotInfo> {
        self.owner.shared.snapshot()
    }

    /// Whether the journal gives the state that is in memory: the determinism check. It is replayed, from the oldest snapshot
    /// that is kept, into a fresh model, twice; the second time the model is stored and loaded on the way, here and there, as it
    /// would be by an open. The states are compared by their [`Digest`](crate::Digest).
    ///
    /// While the digest of the state in memory is taken, commits wait; reads don't. The replays run on a thread of their own
    /// and need room for a second state and its encoding; meanwhile no old files are removed. In every durability mode, the
    /// journal is made durable first. A `close` doesn't wait for it.
    ///
    /// What came before the oldest snapshot that is kept can't be proven any more: `docs/determinism.md` in the repository
    /// says more, and what to do about a divergence.
    ///
    /// # Errors
    ///
    /// [`Error::Diverged`] where the states differ, with the transaction where it can be found: for that, the journal is
    /// replayed some more times. [`Error::Io`], [`Error::Corrupt`] where the files can't be read; [`Error::Encoding`] where the
    /// state can't be stored; [`Error::Failed`]; [`Error::Closed`], also where the store is closed meanwhile. Whatever
    /// it is, the store goes on.
    ///
    /// ```
    /// # use prevalent::prevalent;
    /// # #[prevalent] #[derive(Default)] struct Counter { count: u64 }
    /// # #[prevalent] impl Counter { #[tx] fn add(&mut self) { self.count += 1; } }
    /// # fn main() -> Result<(), prevalent::Error> {
    /// # let store = CounterStore::in_memory();
    /// store.add().wait()?;
    /// let verified = store.verify().wait()?; // or `.await`
    /// println!("{} transactions give {}", verified.transactions, verified.digest);
    /// # assert_eq!((verified.transactions, u64::from(verified.seq)), (1, 1));
    /// # Ok(()) }
    /// ```
    pub fn verify(&self) -> Operation<Verified> {
        self.owner.shared.verify()
    }

    /// Copies the store to a directory, or to any other [`BackupTarget`](crate::BackupTarget), while it goes on. Of what is
    /// there from an earlier backup of this store, nothing is copied again.
    ///
    /// All that was ordered before this call is in it. Every batch and snapshot is checked on the way, and every piece is read
    /// back. What the backup held before is never touched: where this one fails, or the process ends, that is still
    /// there, whole. One backup of a store is made at a time; others wait for their turn. [`restore`](crate::restore) makes a
    /// store of it again. `docs/backup.md` has more.
    ///
    /// Nothing is pruned while a backup runs. A close of the store ends it.
    ///
    /// # Errors
    ///
    /// [`Error::BackupMismatch`] where something else is there than the beginning of this store's history, with nothing
    /// written; [`Error::Corrupt`] where a file of the store, or the list of an earlier backup, is damaged; [`Error::Io`], of
    /// both sides; [`Error::Failed`]; [`Error::Closed`].
    ///
    /// ```
    /// # use prevalent::prevalent;
    /// # #[prevalent] #[derive(Default)] struct Counter { count: u64 }
    /// # #[prevalent] impl Counter { #[tx] fn add(&mut self) { self.count += 1; } }
    /// # fn main() -> Result<(), prevalent::Error> {
    /// # let dir = tempfile::tempdir().unwrap();
    /// # let (dir, backups, restored) = (dir.path().join("a"), dir.path().join("b"), dir.path().join("c"));
    /// let store = CounterStore::open(&dir).wait()?;
    /// store.add().wait()?;
    /// let done = store.backup(&backups).wait()?;
    /// assert_eq!(u64::from(done.seq), 1);
    ///
    /// prevalent::restore(&backups).to(&restored).wait()?;
    /// assert_eq!(CounterStore::open(&restored).wait()?.read(|counter| counter.count), 1);
    /// # Ok(()) }
    /// ```
    pub fn backup(&self, target: impl Into<Target>) -> Operation<BackupInfo> {
        self.owner.shared.backup(target.into())
    }

    /// What tells this store from all others.
    #[must_use]
    pub fn id(&self) -> StoreId {
        self.owner.shared.store
    }

    /// The store's figures.
    ///
    /// ```
    /// # use prevalent::prevalent;
    /// # #[prevalent] #[derive(Default)] struct Counter { count: u64 }
    /// # #[prevalent] impl Counter { #[tx] fn add(&mut self, n: u64) { self.count += n; } }
    /// # fn main() -> Result<(), prevalent::Error> {
    /// # let store = CounterStore::in_memory();
    /// store.add(3).wait()?;
    /// let stats = store.stats();
    /// assert_eq!(stats.seq, stats.durable_seq);
    /// println!("{} bytes of journal", stats.journal_bytes);
    /// # Ok(()) }
    /// ```
    #[must_use]
    pub fn stats(&self) -> Stats {
        self.owner.shared.stats()
    }

    /// What the open found: worth a line in the log.
    ///
    /// ```
    /// # use prevalent::prevalent;
    /// # #[prevalent] #[derive(Default)] struct Counter { count: u64 }
    /// # #[prevalent] impl Counter { #[tx] fn add(&mut self, n: u64) { self.count += n; } }
    /// # let store = CounterStore::in_memory();
    /// let found = store.recovery();
    /// if !found.closed_cleanly {
    ///     println!("was not closed; {} transactions were replayed", found.transactions);
    /// }
    /// # assert!(found.created);
    /// ```
    #[must_use]
    pub fn recovery(&self) -> Recovery {
        self.owner.shared.recovery().clone()
    }

    /// The transactions from `from` on, inclusive: first those that the journal still has (back to the oldest of the
    /// snapshots that are kept, and further with an archive), then those that come. Where it doesn't go back so far, the first item is
    /// [`Error::Pruned`].
    ///
    /// Who keeps something up to date with the state begins with a read that tells its place, and goes on behind it:
    ///
    /// ```
    /// # use prevalent::prevalent;
    /// # #[prevalent] #[derive(Default)] struct Counter { count: u64 }
    /// # #[prevalent] impl Counter { #[tx] fn add(&mut self) { self.count += 1; } }
    /// # fn main() -> Result<(), prevalent::Error> {
    /// # let store = CounterStore::in_memory();
    /// # store.add().wait()?;
    /// let (count, seq) = store.read(|counter| (counter.count, store.stats().seq));
    /// let events = store.subscribe(u64::from(seq) + 1);
    /// # assert_eq!((count, u64::from(seq)), (1, 1));
    /// # drop(events);
    /// # Ok(()) }
    /// ```
    pub fn subscribe(&self, from: impl Into<Seq>) -> Subscription<M> {
        Subscription::new(self.owner.shared.subscribe(from.into().get()))
    }

    /// The transactions of the past, in order, with their times: those of `range` that are durable and applied by now, voids
    /// left out. The stream ends behind them; [`subscribe`](Store::subscribe) would go on. Without a start it begins with
    /// the oldest that the journal still has.
    ///
    /// # Errors
    ///
    /// In the stream: where the start is no longer in the journal, [`Error::Pruned`]; what can't be read.
    ///
    /// ```
    /// # use prevalent::{Seq, prevalent};
    /// # #[prevalent] #[derive(Default)] struct Counter { count: u64 }
    /// # #[prevalent(tx_derive(Debug))] impl Counter { #[tx] fn add(&mut self, n: u64) { self.count += n; } }
    /// # async fn doc(store: CounterStore) -> Result<(), prevalent::Error> {
    /// let mut past = store.history(Seq::from(1)..);
    /// while let Some(event) = past.next().await {
    ///     let event = event?;
    ///     println!("{} {:?} {:?}", event.seq, event.time, event.tx);
    /// }
    /// # Ok(()) }
    /// ```
    pub fn history(&self, range: impl RangeBounds<Seq>) -> Subscription<M> {
        Subscription::new(self.owner.shared.history(range))
    }

    /// Closes the store through every handle: writes and syncs what was ordered before, takes a last snapshot
    /// ([unless told otherwise](crate::Builder::no_snapshot_on_close)), and frees the lock, whatever fails. It was begun
    /// when this returns. A second `close` gives the first one's result. Afterwards commits give [`Error::Closed`]; reads
    /// serve the state as long as a handle lives.
    ///
    /// # Errors
    ///
    /// What failed on the way: [`Error::Failed`] where the journal did.
    pub fn close(&self) -> Operation<()> {
        self.owner.shared.close()
    }

    /// What the random numbers of this session's transactions are drawn from.
    #[cfg(feature = "testing")]
    pub(crate) fn session_secret(&self) -> [u8; 32] {
        self.owner.shared.secret
    }

    /// Submits a transaction, with the type that its method returns.
    #[doc(hidden)]
    pub fn submit<R: Send + 'static>(&self, tx: &M::Tx, reply: fn(M::Reply) -> R) -> Commit<R> {
        self.owner.shared.submit(tx, reply)
    }

    /// Submits the transaction with this index in [`Model::TRANSACTIONS`], with borrowed arguments: a tuple or a struct that
    /// is encoded like the variant's fields.
    #[doc(hidden)]
    pub fn submit_args<A: Serialize + ?Sized, R: Send + 'static>(
        &self,
        tx: usize,
        args: &A,
        reply: fn(M::Reply) -> R,
    ) -> Commit<R> {
        self.owner.shared.submit_args(tx, args, reply)
    }
}

impl<M: Model> Clone for Store<M> {
    fn clone(&self) -> Self {
        Store { owner: self.owner.clone() }
    }
}

impl<M: Model> fmt::Debug for Store<M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Store")
            .field("model", &M::NAME)
            .field("dir", &self.owner.shared.disk.path())
            .finish_non_exhaustive()
    }
}

impl<M: Model> StoreHandle for Store<M> {
    type Model = M;

    fn from_store(store: Store<M>) -> Self {
        store
    }
}
