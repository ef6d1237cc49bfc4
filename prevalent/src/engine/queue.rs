//! What is ordered and waits to be written.

use std::collections::VecDeque;
use std::sync::Arc;

use super::Milestones;
use super::apply::Panicked;
use crate::commit::{Completer, Resolve};
use crate::error::Error;
use crate::format::BATCH_BYTES_FULL;
use crate::format::batch::BatchBuilder;
use crate::idempotency::Keyed;
use crate::model::Model;

/// Counted for each pending transaction beside its payload: what keeping it takes.
pub(crate) const PENDING_OVERHEAD_BYTES: usize = 256;

/// Transactions in their order, and requests to the journal thread.
pub(crate) struct Queue<M: Model> {
    pub(super) phase: Phase,
    next_seq: u64,
    last_time_us: u64,
    batches: VecDeque<PendingBatch<M>>,
    /// Whether some of what is ordered waits to be applied: what comes next must wait, too.
    unapplied: usize,
    pending_bytes: usize,
    pub(super) durable_seq: u64,
    /// Who waits until a sequence number is durable.
    pub(super) flushes: Vec<(u64, Completer<()>)>,
    /// Who waits for a place in the journal, behind a sequence number.
    pub(super) settles: Vec<(u64, Completer<Milestones>)>,
    /// Who waits for room.
    pub(super) ready: Vec<Completer<()>>,
    pub(super) closers: Vec<Completer<()>>,
    /// The journal thread has left its loop: nothing comes any more.
    pub(super) is_all_written: bool,
    /// The largest transaction that was refused since there was room for all: who waits for room, waits for that much.
    refused_bytes: usize,
    /// Memory of batches that were written, and of their entries, for reuse.
    spare: Spare<u8>,
    spare_entries: Spare<Entry<M>>,
}

/// How far the store's life has come.
#[derive(Clone, Debug)]
pub(super) enum Phase {
    Running,
    /// No more commits; what is queued is still written.
    Closing {
        snapshot: bool,
    },
    Closed(Result<(), Error>),
}

/// Transactions that will be written together.
pub(super) struct PendingBatch<M: Model> {
    pub(super) builder: BatchBuilder,
    /// What is applied when the batch is written. Those before them are applied already.
    pub(super) entries: Vec<Entry<M>>,
    /// The one before the entries has panicked.
    pub(super) panicked: Option<Panicked<M>>,
    /// The last sequence number in it.
    pub(super) last_seq: u64,
    pub(super) bytes: usize,
}

/// A transaction on its way.
pub(super) struct Entry<M: Model> {
    pub(super) time_us: u64,
    pub(super) variant: u32,
    pub(super) tx: M::Tx,
    /// Where it happens at most once.
    pub(super) keyed: Option<Box<Keyed>>,
    pub(super) handle: EngineHandle<M::Reply>,
}

/// The engine's side of a commit. If it is lost on the way, in a panic, nobody waits for ever.
pub(super) struct EngineHandle<Reply> {
    seq: u64,
    slot: Option<Arc<dyn Resolve<Reply>>>,
}

impl<M: Model> Entry<M> {
    pub(super) fn seq(&self) -> u64 {
        self.handle.seq
    }
}

impl<Reply> EngineHandle<Reply> {
    pub(super) fn new(seq: u64, slot: Arc<dyn Resolve<Reply>>) -> Self {
        EngineHandle { seq, slot: Some(slot) }
    }

    pub(super) fn resolve(mut self, result: Result<Reply, Error>) {
        if let Some(slot) = &self.slot {
            slot.resolve(result);
        }
        self.slot = None;
    }
}

impl<Reply> Drop for EngineHandle<Reply> {
    fn drop(&mut self) {
        if let Some(slot) = self.slot.take() {
            slot.resolve(Err(Error::InDoubt { seq: self.seq.into() }));
        }
    }
}

impl<M: Model> Queue<M> {
    pub(super) fn new(next_seq: u64, last_time_us: u64) -> Self {
        Queue {
            phase: Phase::Running,
            next_seq,
            last_time_us,
            batches: VecDeque::new(),
            unapplied: 0,
            pending_bytes: 0,
            durable_seq: next_seq - 1,
            flushes: Vec::new(),
            settles: Vec::new(),
            ready: Vec::new(),
            closers: Vec::new(),
            is_all_written: false,
            refused_bytes: 0,
            spare: Spare::default(),
            spare_entries: Spare::default(),
        }
    }

    pub(super) fn next_seq(&self) -> u64 {
        self.next_seq
    }

    pub(super) fn pending_bytes(&self) -> usize {
        self.pending_bytes
    }

    /// Whether there is room for so many bytes more. Where nothing is pending, there always is.
    pub(super) fn has_room(&self, bytes: usize, limit: usize) -> bool {
        self.pending_bytes == 0 || self.pending_bytes.saturating_add(bytes) <= limit
    }

    /// Notes that there was no room for a transaction of this size.
    pub(super) fn refuse(&mut self, bytes: usize) {
        self.refused_bytes = self.refused_bytes.max(bytes);
    }

    /// Whether there is room for a transaction: for the smallest, or for those that were refused.
    pub(super) fn is_ready(&mut self, limit: usize) -> bool {
        let is_ready = self.has_room(self.refused_bytes.max(PENDING_OVERHEAD_BYTES), limit);
        if is_ready {
            self.refused_bytes = 0;
        }
        is_ready
    }

    /// Gives a transaction its place, its time and its room in a batch.
    pub(super) fn order(
        &mut self,
        tx: Encoded<'_, M>,
        now_us: u64,
        handle: Arc<dyn Resolve<M::Reply>>,
    ) -> u64 {
        let Encoded { variant, entry_id, payload, tx, keyed } = tx;
        let (seq, time_us) = self.journal(entry_id, payload, now_us);
        self.unapplied += 1;
        if let Some(batch) = self.batches.back_mut() {
            let handle = EngineHandle::new(seq, handle);
            batch.entries.push(Entry { time_us, variant, tx, keyed, handle });
        }
        seq
    }

    /// Gives a transaction its place, its time and its room in a batch. Who calls it applies the transaction.
    pub(super) fn journal(&mut self, entry_id: u32, payload: &[u8], now_us: u64) -> (u64, u64) {
        let seq = self.next_seq;
        self.next_seq += 1;
        let time_us = self.last_time_us.max(now_us);
        self.last_time_us = time_us;
        let bytes = payload.len() + PENDING_OVERHEAD_BYTES;
        self.pending_bytes += bytes;

        let full =
            self.batches.back().is_none_or(|batch| batch.builder.body_bytes() >= BATCH_BYTES_FULL);
        if full {
            let builder = BatchBuilder::reusing(self.spare.take(), seq, time_us);
            let entries = self.spare_entries.take();
            self.batches.push_back(PendingBatch {
                builder,
                entries,
                panicked: None,
                last_seq: seq,
                bytes: 0,
            });
        }
        if let Some(batch) = self.batches.back_mut() {
            batch.builder.push_tx(entry_id, time_us, payload);
            batch.bytes += bytes;
            batch.last_seq = seq;
        }
        (seq, time_us)
    }

    /// Whether what is ordered next may be applied at once: nothing waits to be applied before it, and there is so much room
    /// that nobody has to be held up.
    pub(super) fn is_caught_up(&self, bytes: usize, limit: usize) -> bool {
        self.unapplied == 0 && self.pending_bytes + bytes <= limit / 2
    }

    /// What was ordered last, and should have been applied at once, has panicked: what comes next waits until it is void.
    pub(super) fn last_panicked(&mut self, panicked: Panicked<M>) {
        self.unapplied += 1;
        if let Some(batch) = self.batches.back_mut() {
            batch.panicked = Some(panicked);
        }
    }

    /// So many are applied now, or never will be.
    pub(super) fn applied(&mut self, count: usize) {
        self.unapplied -= count;
    }

    /// Whether there is nothing to write but what is applied already, and little of that: it need not be written at once.
    pub(super) fn can_wait(&self) -> bool {
        self.unapplied == 0 && self.pending_bytes < WRITTEN_FROM_BYTES
    }

    /// Whether nobody asks the journal thread for anything else than to commit.
    pub(super) fn wants_only_commits(&self) -> bool {
        matches!(self.phase, Phase::Running) && self.flushes.is_empty() && self.settles.is_empty()
    }

    /// How many transactions wait to be taken.
    pub(super) fn queued(&self) -> usize {
        self.batches.iter().map(|batch| batch.entries.len()).sum()
    }

    pub(super) fn is_empty(&self) -> bool {
        self.batches.is_empty()
    }

    pub(super) fn take_batch(&mut self) -> Option<PendingBatch<M>> {
        self.batches.pop_front()
    }

    /// A batch is pending no longer. Gives back who can be told that there is room.
    pub(super) fn done_with(
        &mut self,
        bytes: usize,
        memory: Vec<u8>,
        limit: usize,
    ) -> Vec<Completer<()>> {
        self.pending_bytes -= bytes;
        self.spare.keep(memory);
        if self.is_ready(limit) { std::mem::take(&mut self.ready) } else { Vec::new() }
    }

    /// The room of entries that were applied, for reuse.
    pub(super) fn keep(&mut self, entries: Vec<Entry<M>>) {
        self.spare_entries.keep(entries);
    }

    /// Whether somebody waits for what is written by now to be durable.
    pub(super) fn wants_sync(&self, written_seq: u64) -> bool {
        self.flushes.iter().any(|(target, _)| *target <= written_seq)
            || self.settles.iter().any(|(target, _)| *target <= written_seq)
    }

    /// Who waited for a sequence number up to `durable_seq`, or lower.
    pub(super) fn flushed(&mut self) -> Vec<Completer<()>> {
        let durable_seq = self.durable_seq;
        self.flushes
            .extract_if(.., |(target, _)| *target <= durable_seq)
            .map(|(_, completer)| completer)
            .collect()
    }
}

/// Vectors that were used, and have room.
struct Spare<T>(Vec<Vec<T>>);

/// So much that is applied already is written at once.
pub(super) const WRITTEN_FROM_BYTES: usize = 1 << 20;

/// Larger ones are given back to the allocator.
const SPARE_BYTES_MAX: usize = 1 << 20;
/// One is being filled, one written, one applied.
const SPARES_MAX: usize = 3;

impl<T> Default for Spare<T> {
    fn default() -> Self {
        Spare(Vec::new())
    }
}

impl<T> Spare<T> {
    fn take(&mut self) -> Vec<T> {
        self.0.pop().unwrap_or_default()
    }

    fn keep(&mut self, mut used: Vec<T>) {
        used.clear();
        if self.0.len() < SPARES_MAX && used.capacity() * size_of::<T>() <= SPARE_BYTES_MAX {
            self.0.push(used);
        }
    }
}

/// A transaction that was encoded, and decoded again.
pub(super) struct Encoded<'a, M: Model> {
    pub(super) variant: u32,
    pub(super) entry_id: u32,
    pub(super) payload: &'a [u8],
    pub(super) tx: M::Tx,
    pub(super) keyed: Option<Box<Keyed>>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_more_memory_is_kept_for_reuse_than_what_is_under_way_needs() {
        let mut spare = Spare::<u64>::default();
        for _ in 0..2 * SPARES_MAX {
            spare.keep(Vec::with_capacity(10));
        }
        assert_eq!(spare.0.len(), SPARES_MAX);
        let mut spare = Spare::<u64>::default();
        spare.keep(Vec::with_capacity(SPARE_BYTES_MAX / size_of::<u64>() + 1));
        assert!(spare.0.is_empty());
    }
}
