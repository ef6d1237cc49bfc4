//! The snapshot thread: when snapshots are taken, and how.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use parking_lot::{Condvar, Mutex};

use super::Shared;
use super::apply::resolve;
use super::thread;
use crate::commit::{Completer, Operation, enlist};
use crate::error::Error;
use crate::format::names;
use crate::model::Model;
use crate::panic::{catch, drop_quietly};
use crate::recovery::State;
use crate::snapshot::{Taken, read};
use crate::stats::SnapshotInfo;

/// Where snapshots are asked for.
pub(crate) struct SnapshotDesk {
    desk: Mutex<Desk>,
    changed: Condvar,
    failed: AtomicU64,
    /// Journal bytes since the last snapshot.
    journal_bytes: AtomicU64,
    /// So many beyond what makes an automatic snapshot are waited for, after one that failed.
    postponed_bytes: AtomicU64,
    automatic_is_due: AtomicBool,
}

#[derive(Default)]
struct Desk {
    requests: Vec<Completer<SnapshotInfo>>,
    automatic: bool,
    stage: Stage,
}

#[derive(Default)]
enum Stage {
    #[default]
    Open,
    /// The store is being closed.
    Stopping {
        final_snapshot: bool,
    },
    Stopped(Result<(), Error>),
}

enum Job {
    Take { requests: Vec<Completer<SnapshotInfo>> },
    Stop { final_snapshot: bool },
}

impl SnapshotDesk {
    /// `journal_bytes`: what the journal has beyond the last snapshot.
    pub(super) fn new(journal_bytes: u64) -> Self {
        SnapshotDesk {
            desk: Mutex::default(),
            changed: Condvar::new(),
            failed: AtomicU64::new(0),
            journal_bytes: AtomicU64::new(journal_bytes),
            postponed_bytes: AtomicU64::new(0),
            automatic_is_due: AtomicBool::new(false),
        }
    }

    pub(super) fn failed(&self) -> u64 {
        self.failed.load(Ordering::Relaxed)
    }

    pub(super) fn journal_grew(&self, bytes: u64) {
        self.journal_bytes.fetch_add(bytes, Ordering::Relaxed);
    }

    /// Asks for a snapshot if there is enough journal for one, and none has been asked for.
    pub(super) fn consider(&self, every_bytes: u64) {
        let enough = every_bytes.saturating_add(self.postponed_bytes.load(Ordering::Relaxed));
        if self.journal_bytes.load(Ordering::Relaxed) >= enough.max(1)
            && !self.automatic_is_due.swap(true, Ordering::Relaxed)
        {
            self.desk.lock().automatic = true;
            self.changed.notify_all();
        }
    }

    fn request(&self, completer: Completer<SnapshotInfo>) {
        let mut desk = self.desk.lock();
        if let Stage::Open = desk.stage {
            enlist(&mut desk.requests, completer, |completer| completer);
            drop(desk);
            self.changed.notify_all();
        } else {
            drop(desk);
            completer.complete(Err(Error::Closed));
        }
    }

    /// Stops the thread, after what it is doing and, if asked for, one more snapshot.
    pub(super) fn finish(&self, final_snapshot: bool) -> Result<(), Error> {
        let mut desk = self.desk.lock();
        if let Stage::Open = desk.stage {
            desk.stage = Stage::Stopping { final_snapshot };
            self.changed.notify_all();
        }
        loop {
            if let Stage::Stopped(result) = &desk.stage {
                return result.clone();
            }
            self.changed.wait(&mut desk);
        }
    }

    fn next_job(&self) -> Job {
        let mut desk = self.desk.lock();
        loop {
            if desk.automatic || !desk.requests.is_empty() {
                desk.automatic = false;
                return Job::Take { requests: std::mem::take(&mut desk.requests) };
            }
            if let Stage::Stopping { final_snapshot } = desk.stage {
                return Job::Stop { final_snapshot };
            }
            self.changed.wait(&mut desk);
        }
    }

    fn stopped(&self, result: Result<(), Error>) {
        self.desk.lock().stage = Stage::Stopped(result);
        self.changed.notify_all();
    }
}

/// What the snapshot thread does.
pub(super) fn run<M: Model>(shared: &Arc<Shared<M>>) {
    thread::work_for(shared.key);
    loop {
        match shared.snapshots.next_job() {
            Job::Take { requests } => {
                let result = shared.take_snapshot();
                for completer in requests {
                    resolve(|| completer.complete(result.clone()));
                }
            }
            Job::Stop { final_snapshot } => {
                let result =
                    if final_snapshot { shared.take_snapshot().map(|_| ()) } else { Ok(()) };
                shared.snapshots.stopped(result);
                return;
            }
        }
    }
}

impl<M: Model> Shared<M> {
    /// Asks for a snapshot of all that is applied by now.
    pub(crate) fn snapshot(&self) -> Operation<SnapshotInfo> {
        thread::forbid_inside_transaction(self.key);
        let (operation, completer) = Operation::new(self.key);
        self.snapshots.request(completer);
        operation
    }

    /// Takes a snapshot, if anything has changed since the last one, and prunes. A failure harms nothing.
    fn take_snapshot(&self) -> Result<SnapshotInfo, Error> {
        let covered_bytes = self.snapshots.journal_bytes.load(Ordering::Relaxed);
        // A panic of the engine's own would leave those waiting who close the store.
        let result =
            catch(|| self.try_snapshot()).unwrap_or_else(|reason| Err(Error::Failed { reason }));
        match &result {
            Ok(_) => {
                self.snapshots.journal_bytes.fetch_sub(covered_bytes, Ordering::Relaxed);
                self.snapshots.postponed_bytes.store(0, Ordering::Relaxed);
                self.prune();
            }
            Err(error) => {
                tracing::warn!(%error, "a snapshot failed; it will be tried again");
                self.snapshots.failed.fetch_add(1, Ordering::Relaxed);
                let every = self.settings.snapshot_every_bytes;
                let a_bit_more = covered_bytes.saturating_add(every / 4 + 1);
                self.snapshots
                    .postponed_bytes
                    .store(a_bit_more.saturating_sub(every), Ordering::Relaxed);
            }
        }
        self.snapshots.automatic_is_due.store(false, Ordering::Relaxed);
        // Enough for another one may have come meanwhile, and nothing may come after it.
        self.snapshots.consider(self.settings.snapshot_every_bytes);
        result
    }

    fn try_snapshot(&self) -> Result<SnapshotInfo, Error> {
        if let Some(error) = self.failure() {
            return Err(error);
        }
        let newest = self.catalog.lock().newest_snapshot();
        let is_new = |state: &State<M>| newest.is_none_or(|newest| newest.header.seq != state.seq);
        let encoded =
            self.state.read_state(self.key, |state| is_new(state).then(|| Taken::encode(state)))?;
        let Some(encoded) = encoded else {
            return newest
                .map(|newest| self.snapshot_info(&newest.header, newest.bytes))
                .ok_or_else(|| Error::Failed { reason: "there is no snapshot".to_owned() });
        };
        let (taken, schema) = (encoded?, self.resolver.schema());
        drop_quietly(taken.check::<M>(schema)?);
        let unnamed = taken.write(&*self.disk, self.store, schema)?;
        let (seq, journal) = (taken.seq, taken.journal);
        drop(taken);
        // It must not overtake the journal.
        self.wait_until_durable(seq)?;
        // Not how far the journal is durable by now: it may be in a later segment, and what comes after the snapshot is
        // in the earlier one.
        let header = unnamed.publish(journal).map_err(|failure| failure.at(&*self.disk))?;

        let bytes = self.read_back(seq)?;
        self.catalog.lock().add_snapshot(header, bytes);
        Ok(self.snapshot_info(&header, bytes))
    }

    /// Blocks until the journal is durable through `seq`.
    fn wait_until_durable(&self, seq: u64) -> Result<(), Error> {
        let (operation, completer) = Operation::new(thread::StoreKey::new());
        let mut queue = self.queue.lock();
        if queue.durable_seq >= seq {
            return Ok(());
        }
        if let Some(error) = self.failure() {
            return Err(error);
        }
        queue.flushes.push((seq, completer));
        drop(queue);
        self.work.notify_one();
        operation.wait()
    }

    /// Reads back what was just written, and checks its checksums: its length. A bad one is removed again.
    fn read_back(&self, seq: u64) -> Result<u64, Error> {
        // A rebuild must not come upon it meanwhile.
        let _files = self.files.lock();
        let error = match read::read(&*self.disk, seq) {
            Ok(file) => return Ok(file.bytes()),
            Err(error) => error,
        };
        let removed = self.disk.remove(&names::snapshot(seq)).and_then(|()| self.disk.sync_dir());
        if let Err(error) = removed {
            tracing::warn!(%error, seq, "a bad snapshot could not be removed");
        }
        Err(error)
    }
}
