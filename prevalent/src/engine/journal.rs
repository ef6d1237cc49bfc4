//! The journal thread: writes what is queued, makes it durable, has it applied.

use std::sync::Arc;
use std::time::Duration;

use super::Shared;
use super::apply::{Committed, resolve, resolve_all};
use super::linger::Linger;
use super::queue::{Entry, PendingBatch, Phase, Queue};
use crate::clock;
use crate::disk::publish::{Failure, publish};
use crate::durability::Durability;
use crate::error::Error;
use crate::format::batch::BatchBuilder;
use crate::format::header::CleanMark;
use crate::format::names;
use crate::instruments::Instruments;
use crate::journal::writer::{JournalWriter, WriteError};
use crate::model::Model;
use crate::sync::Instant;
use crate::sync::atomic::Ordering;

/// What the journal thread alone has.
pub(super) struct JournalThread<M: Model> {
    pub(super) shared: Arc<Shared<M>>,
    pub(super) writer: JournalWriter,
    /// The last sequence number that was written.
    pub(super) written_seq: u64,
    /// The last sequence number of which something was handed to the disk, successfully or not.
    handed_seq: u64,
    /// Since when something that was written is not synced.
    unsynced_since: Option<Instant>,
    /// Since when something waits to be written, and may.
    buffered_since: Option<Instant>,
    linger: Linger,
}

/// What is applied before it is written is written so soon, or when there is enough of it.
const BUFFERED_MAX: Duration = Duration::from_millis(1);

/// What a batch takes while it is pending.
pub(super) struct Room {
    pub(super) bytes: usize,
    /// Of the batch, for reuse.
    pub(super) memory: Vec<u8>,
}

/// What the thread does next.
#[expect(clippy::large_enum_variant, reason = "there is never more than one")]
enum Job<M: Model> {
    Batch(PendingBatch<M>),
    /// Somebody waits for a flush, or what was written has become old enough.
    Sync,
    Close {
        snapshot: bool,
    },
}

impl<M: Model> JournalThread<M> {
    pub(super) fn new(shared: Arc<Shared<M>>, writer: JournalWriter, written_seq: u64) -> Self {
        JournalThread {
            shared,
            writer,
            written_seq,
            handed_seq: written_seq,
            unsynced_since: None,
            buffered_since: None,
            linger: Linger::default(),
        }
    }

    /// Works until the store is closed, and gives the result of that.
    pub(super) fn run(mut self) -> Result<(), Error> {
        let snapshot = loop {
            match self.next_job() {
                Job::Batch(batch) => self.commit(batch),
                Job::Sync => {
                    let result = self.sync();
                    self.tell_flushes(&result);
                    self.tell_settled(&result);
                }
                Job::Close { snapshot } => break snapshot,
            }
        };
        self.close(snapshot)
    }

    fn next_job(&mut self) -> Job<M> {
        let deadline = self.sync_deadline();
        self.linger.wait_for_more(&self.shared.queued);
        let mut queue = self.shared.queue.lock();
        loop {
            if deadline.is_some_and(|deadline| Instant::now() >= deadline) {
                return Job::Sync;
            }
            // Without this, a flush would never come to its turn behind ever more batches.
            if queue.wants_sync(self.written_seq) {
                return Job::Sync;
            }
            if let Some(until) =
                may_wait(&queue, self.shared.settings.durability, &mut self.buffered_since)
            {
                let until = deadline.map_or(until, |deadline| deadline.min(until));
                self.shared.work.wait_until(&mut queue, until);
                continue;
            }
            if let Some(batch) = queue.take_batch() {
                self.shared.queued.store(queue.queued(), Ordering::Release);
                self.linger.found();
                return Job::Batch(batch);
            }
            if !queue.flushes.is_empty() || !queue.settles.is_empty() {
                return Job::Sync;
            }
            if let Phase::Closing { snapshot } = queue.phase {
                queue.is_all_written = true;
                return Job::Close { snapshot };
            }
            match deadline {
                Some(deadline) => drop(self.shared.work.wait_until(&mut queue, deadline)),
                None => self.shared.work.wait(&mut queue),
            }
        }
    }

    /// When what was written must be synced, in `Every`.
    pub(super) fn sync_deadline(&self) -> Option<Instant> {
        match (self.shared.settings.durability, self.unsynced_since) {
            // An interval too long to be added to the present never ends.
            (Durability::Every(interval), Some(since)) if self.shared.failure().is_none() => {
                since.checked_add(interval)
            }
            _ => None,
        }
    }

    fn commit(&mut self, batch: PendingBatch<M>) {
        let PendingBatch { builder, entries, panicked, last_seq, bytes } = batch;
        let (unapplied, transactions) = (entries.len(), builder.tx_count());
        match self.write(builder, last_seq) {
            Ok(Written { memory, journal_bytes }) => {
                self.shared.instruments.batch(transactions, journal_bytes);
                let mut room = Some(Room { bytes, memory });
                if self.shared.settings.durability != Durability::Always {
                    self.shared.finish(0, room.take());
                }
                let end = self.writer.end();
                let committed =
                    Committed { panicked, entries, room, end, transactions, journal_bytes };
                let queued = self.shared.queued.load(Ordering::Acquire);
                self.apply(committed);
                self.linger.resolved(unapplied + queued);
            }
            Err(error) => {
                let count = entries.len() + usize::from(panicked.is_some());
                self.shared.finish(count, Some(Room { bytes, memory: Vec::new() }));
                if let Some(panicked) = panicked {
                    // Without a void there is no state any more.
                    let (handle, error) = self.make_void(panicked, self.writer.end());
                    resolve(move || handle.resolve(Err(error)));
                }
                resolve_all(entries, |entry| error.of(entry));
                self.shared.snapshots.consider();
            }
        }
    }

    /// Hands a batch to the disk; with `Always`, it is durable then.
    fn write(&mut self, builder: BatchBuilder, last_seq: u64) -> Result<Written, CommitFailure> {
        if let Some(error) = self.shared.failure() {
            return Err(CommitFailure::Certain(error));
        }
        // What is applied may not be written yet.
        let applied_through = self.shared.milestones.lock().applied_seq.min(self.written_seq);
        let first_seq = builder.first_seq();
        match self.writer.make_room(first_seq, applied_through) {
            Ok(None) => {}
            Ok(Some(segment)) => {
                // The segment before it was made durable, too.
                self.made_durable();
                self.shared.catalog.lock().add_segment(
                    segment,
                    first_seq,
                    self.writer.end().offset,
                );
                let store = self.shared.disk.path().display();
                resolve(|| tracing::debug!(%store, segment, "another segment has begun"));
            }
            Err(failure) => return Err(CommitFailure::Certain(self.fail(&failure))),
        }
        let before = self.writer.end().offset;
        self.handed_seq = last_seq;
        let memory = self.writer.append(builder, applied_through).map_err(|error| match error {
            WriteError::Before(failure) => CommitFailure::Certain(self.fail(&failure)),
            WriteError::During(failure) => {
                self.fail(&failure);
                CommitFailure::InDoubt
            }
        })?;
        let journal_bytes = self.journal_grew(before);
        self.written_seq = last_seq;
        if self.shared.settings.durability == Durability::Always {
            self.sync().map_err(|_| CommitFailure::InDoubt)?;
        } else {
            let since = self.buffered_since.take().unwrap_or_else(Instant::now);
            self.unsynced_since.get_or_insert(since);
        }
        Ok(Written { memory, journal_bytes })
    }

    /// The newest segment has become longer than `before`; tells by how much.
    pub(super) fn journal_grew(&self, before: u64) -> u64 {
        let end = self.writer.end();
        self.shared.catalog.lock().set_segment_bytes(end.segment, end.offset);
        self.shared.failed_fills.store(self.writer.failed_fills(), Ordering::Relaxed);
        end.offset - before
    }

    /// Makes all durable that was written. The failure of it is final.
    pub(super) fn sync(&mut self) -> Result<(), Error> {
        if let Some(error) = self.shared.failure() {
            return Err(error);
        }
        let began = times_syncs().then(Instant::now);
        if let Err(failure) = self.writer.sync() {
            return Err(self.fail(&failure));
        }
        self.made_durable();
        if let Some(took) = began.map(|began| began.elapsed()) {
            self.shared.instruments.synced(took);
            let store = self.shared.disk.path().display();
            let seq = self.written_seq;
            resolve(|| tracing::trace!(%store, seq, ?took, "the journal was synced"));
        }
        Ok(())
    }

    fn made_durable(&mut self) {
        self.unsynced_since = None;
        let mut milestones = self.shared.milestones.lock();
        milestones.durable = self.writer.end();
        milestones.durable_seq = self.written_seq;
        drop(milestones);
        self.shared.queue.lock().durable_seq = self.written_seq;
        self.shared.feed.notify();
    }

    /// Tells who waits for a flush; all of them, after a failure.
    fn tell_flushes(&self, result: &Result<(), Error>) {
        let mut queue = self.shared.queue.lock();
        let waiting = match result {
            Ok(()) => queue.flushed().into_iter().map(|completer| (completer, Ok(()))).collect(),
            Err(error) => {
                let told = |target: u64| match error {
                    Error::Failed { .. } if target <= self.handed_seq => {
                        Error::InDoubt { seq: target.into() }
                    }
                    error => error.clone(),
                };
                let waiting = queue.flushes.drain(..);
                waiting
                    .map(|(target, completer)| (completer, Err(told(target))))
                    .collect::<Vec<_>>()
            }
        };
        drop(queue);
        for (completer, result) in waiting {
            resolve(|| completer.complete(result));
        }
    }

    /// Between two jobs, all that is written is applied, or void: tells who waits for such a place; all of them, after a
    /// failure.
    fn tell_settled(&self, result: &Result<(), Error>) {
        let written_seq = self.written_seq;
        let mut queue = self.shared.queue.lock();
        let settled: Vec<_> = queue
            .settles
            .extract_if(.., |(target, _)| result.is_err() || *target <= written_seq)
            .collect();
        drop(queue);
        for (_, completer) in settled {
            let result = result.clone().map(|()| *self.shared.milestones.lock());
            resolve(|| completer.complete(result));
        }
    }

    /// Ends all writing.
    pub(super) fn fail(&self, failure: &Failure) -> Error {
        let path = self.shared.disk.path_of(&failure.file);
        let reason =
            format!("could not {} `{}`: {}", failure.operation, path.display(), failure.source);
        self.shared.fail(&reason);
        Error::Failed { reason }
    }

    /// All that is queued has been written. Makes it durable, takes the last snapshot, marks the end.
    fn close(&mut self, snapshot: bool) -> Result<(), Error> {
        let synced = self.sync();
        self.tell_flushes(&synced);
        let snapshot = self.shared.snapshots.finish(snapshot && synced.is_ok());
        synced?;
        self.mark_clean_end().map_err(|failure| failure.at(&*self.shared.disk))?;
        snapshot
    }

    fn mark_clean_end(&self) -> Result<(), Failure> {
        let mark = CleanMark {
            store: self.shared.store,
            seq: self.written_seq,
            journal: self.writer.end(),
            created_us: clock::now_us(),
        };
        publish(&*self.shared.disk, names::CLEAN, &mark.encode()).map(|_| ())
    }
}

/// Whether anybody wants to know how long a sync takes.
fn times_syncs() -> bool {
    Instruments::TIMES_SYNCS || tracing::enabled!(tracing::Level::TRACE)
}

/// Until when what is queued need not be written: what is applied already waits for more of its kind, since `since`.
fn may_wait<M: Model>(
    queue: &Queue<M>,
    durability: Durability,
    since: &mut Option<Instant>,
) -> Option<Instant> {
    let most = match durability {
        Durability::Always => return None,
        Durability::Every(interval) => BUFFERED_MAX.min(interval),
        Durability::Manual => BUFFERED_MAX,
    };
    if queue.is_empty() || !queue.can_wait() || !queue.wants_only_commits() {
        return None;
    }
    let now = Instant::now();
    let until = *since.get_or_insert(now) + most;
    (now < until).then_some(until)
}

/// A batch that is written.
struct Written {
    /// For reuse.
    memory: Vec<u8>,
    journal_bytes: u64,
}

/// How a batch came to nothing, or perhaps not.
enum CommitFailure {
    /// Nothing of it is on disk.
    Certain(Error),
    InDoubt,
}

impl CommitFailure {
    fn of<M: Model>(&self, entry: &Entry<M>) -> Error {
        match self {
            CommitFailure::Certain(error) => error.clone(),
            CommitFailure::InDoubt => Error::InDoubt { seq: entry.seq().into() },
        }
    }
}

impl<M: Model> Shared<M> {
    /// So many of a batch are applied now, or never will be, and it is pending no more: tells those who wait for room or a
    /// flush.
    pub(super) fn finish(&self, applied: usize, room: Option<Room>) {
        let mut queue = self.queue.lock();
        queue.applied(applied);
        let Some(Room { bytes, memory }) = room else { return };
        let ready = queue.done_with(bytes, memory, self.settings.pending_bytes_max);
        let flushed = queue.flushed();
        let pending = queue.pending_bytes();
        drop(queue);
        self.instruments.pending(pending);
        let failure = self.failure();
        for completer in ready {
            resolve(|| completer.complete(failure.clone().map_or(Ok(()), Err)));
        }
        for completer in flushed {
            resolve(|| completer.complete(Ok(())));
        }
    }

    /// The journal thread has died of a fault of its own. Nobody may wait for it for ever.
    pub(super) fn abandon(&self, reason: &str) -> Error {
        self.fail(reason);
        let failed = Error::Failed { reason: reason.to_owned() };
        let mut queue = self.queue.lock();
        let batches: Vec<_> = std::iter::from_fn(|| queue.take_batch()).collect();
        let flushes = std::mem::take(&mut queue.flushes);
        let settles = std::mem::take(&mut queue.settles);
        drop(queue);
        for (_, completer) in settles {
            resolve(|| completer.complete(Err(failed.clone())));
        }
        for batch in batches {
            resolve_all(batch.entries, |_| failed.clone());
        }
        for (_, completer) in flushes {
            resolve(|| completer.complete(Err(failed.clone())));
        }
        // The snapshot thread may be waiting for it, too.
        self.state.give_up(&failed);
        let _ = self.snapshots.finish(false);
        failed
    }

    /// The lock on the directory is free: tells everybody.
    pub(super) fn finish_close(&self, result: &Result<(), Error>) {
        let mut queue = self.queue.lock();
        queue.phase = Phase::Closed(result.clone());
        let closers = std::mem::take(&mut queue.closers);
        let ready = std::mem::take(&mut queue.ready);
        let settles = std::mem::take(&mut queue.settles);
        drop(queue);
        // They are told that the store is closed.
        resolve(|| drop(settles));
        *self.released.lock() = true;
        self.release.notify_all();
        self.feed.close();
        for completer in ready {
            resolve(|| completer.complete(Err(Error::Closed)));
        }
        for completer in closers {
            resolve(|| completer.complete(result.clone()));
        }
    }
}
