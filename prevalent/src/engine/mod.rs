//! The engine: what happens between a call and its durable, visible effect.
//!
//! A call encodes its transaction and puts it in the [`queue`], which orders it. The [`journal`] thread takes what is queued
//! as one batch, writes and syncs it, applies it ([`apply`]), and resolves the handles. Between two batches it [`linger`]s.
//! What need not be durable is applied by the call itself, if it can be, and only written by the journal thread. The [`snapshots`] thread takes
//! snapshots and prunes. The [`feed`] thread reads the journal for subscriptions, a thread of [`verify`] for a determinism check,
//! one of [`backup`] for a copy. Whoever recovers a state may have a thread beside it that reads, as long as it does. No
//! other thread touches a file.

mod apply;
mod backup;
mod failure;
pub(crate) mod feed;
mod files;
mod journal;
mod keys;
pub(crate) mod launch;
mod linger;
mod prune;
pub(crate) mod queue;
pub(crate) mod snapshot_desk;
mod snapshots;
pub(crate) mod state;
mod submit;
pub(crate) mod thread;
mod turnstile;
mod verify;
mod voids;

use std::sync::Arc;

use self::feed::Feed;
use self::files::Files;
use self::keys::KeyDesk;
use self::queue::Queue;
use self::snapshot_desk::{SnapshotDesk, SnapshotPolicy};
use self::state::StateCell;
use self::thread::StoreKey;
use self::verify::Verifications;
use self::voids::Voids;
use crate::archive::Archive;
use crate::catalog::Catalog;
use crate::clock;
use crate::disk::Disk;
use crate::durability::Durability;
use crate::error::Error;
use crate::format::record::Secret;
use crate::format::{Position, StoreId, names};
use crate::instruments::Instruments;
use crate::model::Model;
use crate::recovery::report::Recovery;
use crate::resolve::Resolver;
use crate::snapshot_method::SnapshotMethod;
use crate::stats::{SnapshotInfo, Stats};
use crate::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use crate::sync::{Condvar, Mutex, OnceLock};

/// What the handles of a store and its threads share.
pub(crate) struct Shared<M: Model> {
    pub(crate) key: StoreKey,
    pub(crate) disk: Arc<dyn Disk>,
    archive: Option<Archive>,
    /// To read history from: the disk, and the archive where there is one.
    history: Arc<dyn Disk>,
    pub(crate) store: StoreId,
    pub(crate) settings: Settings<M>,
    instruments: Instruments,
    recovery: Recovery,
    /// The id in the session's dictionary, for each of the model's transactions.
    resolver: Arc<Resolver<M>>,
    keys: Arc<KeyDesk<M>>,
    /// What seeds the transactions of this session.
    pub(crate) secret: Secret,
    /// For each variant, the number in the session's dictionary.
    entry_ids: Vec<u32>,
    queue: Mutex<Queue<M>>,
    /// How many transactions the journal thread would find in it: changed with the queue locked, read without.
    queued: AtomicUsize,
    /// Something for the journal thread to do.
    work: Condvar,
    state: StateCell<M>,
    milestones: Mutex<Milestones>,
    catalog: Mutex<Catalog>,
    files: Files,
    snapshots: SnapshotDesk,
    verifications: Verifications,
    feed: Feed<M>,
    voids: Mutex<Voids>,
    /// Held by the backup whose turn it is.
    backing_up: Mutex<()>,
    rebuilds: AtomicU64,
    failed_prunings: AtomicU64,
    failed_fills: AtomicU64,
    /// Why there are no more writes, if there are none.
    failure: OnceLock<String>,
    /// Set when the lock on the directory is free again.
    released: Mutex<bool>,
    release: Condvar,
    /// How many handles there are. (Counted here, and not by an `Arc` around this: each read would go through both.)
    owners: AtomicUsize,
}

/// The knobs that matter while a store is open.
#[derive(Debug)]
pub(crate) struct Settings<M> {
    pub(crate) durability: Durability,
    pub(crate) snapshots: SnapshotPolicy,
    pub(crate) snapshot_method: SnapshotMethod<M>,
    /// A determinism check after so many automatic snapshots.
    pub(crate) verify_every: Option<u64>,
    pub(crate) pending_bytes_max: usize,
}

/// How far the journal thread has come.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Milestones {
    /// A place in the journal through which it is durable, and the last sequence number before it.
    pub(crate) durable: Position,
    pub(crate) durable_seq: u64,
    pub(crate) applied_seq: u64,
}

impl Milestones {
    /// What subscriptions may deliver: durable and applied.
    pub(crate) fn visible_seq(&self) -> u64 {
        self.durable_seq.min(self.applied_seq)
    }
}

impl<M: Model> Shared<M> {
    pub(crate) fn stats(&self) -> Stats {
        thread::forbid_inside_transaction(self.key);
        let (ordered_seq, pending_bytes) = {
            let queue = self.queue.lock();
            (queue.next_seq() - 1, queue.pending_bytes())
        };
        let milestones = *self.milestones.lock();
        let catalog = self.catalog.lock();
        Stats {
            seq: milestones.applied_seq.into(),
            ordered_seq: ordered_seq.into(),
            durable_seq: milestones.durable_seq.into(),
            pending_bytes,
            journal_bytes: catalog.journal_bytes(),
            segments: catalog.segment_count(),
            last_snapshot: catalog
                .newest_snapshot()
                .map(|entry| self.snapshot_info(&entry.header, entry.bytes)),
            failed_snapshots: self.snapshots.failed(),
            failed_prunings: self.failed_prunings.load(Ordering::Relaxed),
            failed_fills: self.failed_fills.load(Ordering::Relaxed),
            last_verification: self.verifications.last(),
            rebuilds: self.rebuilds.load(Ordering::Relaxed),
            rebuilding: self.state.is_rebuilding(),
        }
    }

    fn snapshot_info(
        &self,
        header: &crate::format::header::SnapshotHeader,
        bytes: u64,
    ) -> SnapshotInfo {
        SnapshotInfo {
            seq: header.seq.into(),
            file: self.disk.path_of(&names::snapshot(header.seq)),
            bytes,
            created: clock::from_us(header.created_us),
        }
    }

    /// What the open found.
    pub(crate) fn recovery(&self) -> &Recovery {
        thread::forbid_inside_transaction(self.key);
        &self.recovery
    }

    #[inline]
    pub(crate) fn read<R>(&self, read: impl FnOnce(&M) -> R) -> R {
        thread::forbid_inside_transaction(self.key);
        self.state.read(self.key, read)
    }

    pub(crate) fn try_read<R>(&self, read: impl FnOnce(&M) -> R) -> Result<R, Error> {
        thread::forbid_inside_transaction(self.key);
        self.state.try_read(self.key, read)
    }

    /// Blocks until the store is closed and its lock free.
    fn wait_for_release(&self) {
        let mut released = self.released.lock();
        while !*released {
            self.release.wait(&mut released);
        }
    }
}

/// What each clone of a store's handle holds: when the last one goes, the store is closed.
pub(crate) struct Owner<M: Model> {
    pub(crate) shared: Arc<Shared<M>>,
}

impl<M: Model> Owner<M> {
    pub(crate) fn new(shared: Arc<Shared<M>>) -> Self {
        shared.owners.fetch_add(1, Ordering::Relaxed);
        Owner { shared }
    }
}

impl<M: Model> Clone for Owner<M> {
    fn clone(&self) -> Self {
        Owner::new(self.shared.clone())
    }
}

impl<M: Model> Drop for Owner<M> {
    fn drop(&mut self) {
        if self.shared.owners.fetch_sub(1, Ordering::AcqRel) > 1 {
            return;
        }
        self.shared.begin_shutdown();
        // The engine's own threads finish by themselves; waiting for them there would never end.
        if !thread::works_for(self.shared.key) {
            self.shared.wait_for_release();
        }
    }
}
