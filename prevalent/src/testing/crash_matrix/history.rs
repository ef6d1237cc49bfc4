//! What was done to a store, and what it has promised.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::shadow::{Effect, Outcome};
use crate::disk::sim::{CrashImages, Loss, SimDisk};

/// From this operation on, something is certain of a sequence number.
type Since = (usize, u64);

/// A recorded history.
pub(super) struct History {
    pub(super) sim: SimDisk,
    /// How many operations there were when it ended.
    pub(super) end: usize,
    chapters: Vec<Chapter>,
    promises: Vec<Since>,
    told_voids: Vec<Since>,
    /// What was told of a disk that failed.
    pub(super) errors: Vec<crate::Error>,
}

/// Where a disk has failed, the next open may not find all that was submitted, and gives its numbers again: so there are
/// other transactions from then on.
#[derive(Clone)]
pub(super) struct Chapter {
    /// It counts for crashes after so many operations.
    from: usize,
    /// The state behind each sequence number.
    pub(super) outcomes: Vec<Arc<Outcome>>,
    /// First and last sequence number of what was in one batch.
    pub(super) batches: Vec<(u64, u64)>,
    /// Sequence numbers from here on were told to have failed: they are certainly not durable.
    pub(super) failed_from: u64,
}

impl Chapter {
    pub(super) fn outcome(&self, seq: u64) -> Option<&Arc<Outcome>> {
        usize::try_from(seq).ok().and_then(|seq| self.outcomes.get(seq))
    }

    /// The last sequence number that was given.
    pub(super) fn last(&self) -> u64 {
        self.outcomes.len() as u64 - 1
    }
}

impl History {
    /// One that begins with this state.
    pub(super) fn new(sim: SimDisk, first: Outcome) -> Self {
        let first = Chapter {
            from: 0,
            outcomes: vec![Arc::new(first)],
            batches: Vec::new(),
            failed_from: u64::MAX,
        };
        History {
            sim,
            end: 0,
            chapters: vec![first],
            promises: Vec::new(),
            told_voids: Vec::new(),
            errors: Vec::new(),
        }
    }

    /// What crashes may leave, up to the end.
    pub(super) fn crashes(&self, loss: Loss) -> impl Iterator<Item = (usize, CrashImages)> {
        self.sim.crashes(loss).take(self.end + 1)
    }

    /// The number of operations so far.
    pub(super) fn now(&self) -> usize {
        *self.sim.crash_points().end()
    }

    pub(super) fn chapter(&mut self) -> &mut Chapter {
        // There is one from the start.
        let last = self.chapters.len() - 1;
        &mut self.chapters[last]
    }

    /// What counts for a crash at this point.
    pub(super) fn chapter_at(&self, point: usize) -> &Chapter {
        let later = self.chapters[1..].iter().take_while(|chapter| chapter.from <= point).count();
        &self.chapters[later]
    }

    /// All transactions that were ever submitted, chapter by chapter.
    pub(super) fn chapters(&self) -> &[Chapter] {
        &self.chapters
    }

    /// An open shows a state: it counts from then on, and what it lacks is lost.
    pub(super) fn goes_on_from(&mut self, seq: u64) {
        let from = self.now();
        let mut chapter = self.chapter().clone();
        if chapter.last() > seq || chapter.failed_from != u64::MAX {
            chapter.outcomes.truncate(usize::try_from(seq).map_or(usize::MAX, |seq| seq + 1));
            chapter.batches.retain(|(_, last)| *last <= seq);
            self.chapters.push(Chapter { from, failed_from: u64::MAX, ..chapter });
        }
        self.promise(seq);
        let outcomes = &self.chapter().outcomes;
        let voids = outcomes.iter().zip(0..).filter(|(it, _)| it.effect == Effect::Panicked);
        let voids: Vec<Since> = voids.map(|(_, seq)| (from, seq)).collect();
        self.told_voids.extend(voids);
    }

    /// All up to this sequence number is certain now.
    pub(super) fn promise(&mut self, seq: u64) {
        let now = self.now();
        self.promises.push((now, seq));
    }

    /// This transaction is certainly void now.
    pub(super) fn told_void(&mut self, seq: u64) {
        let now = self.now();
        self.told_voids.push((now, seq));
    }

    /// What must be there after a crash at this point: everything up to this sequence number.
    pub(super) fn floor(&self, point: usize) -> u64 {
        let made = self.promises.iter().filter(|(since, _)| *since <= point);
        made.map(|(_, seq)| *seq).max().unwrap_or(0)
    }

    /// Whether the replay of this transaction may panic: it does, and its void was never told.
    pub(super) fn may_panic(&mut self, seq: u64) -> bool {
        let panics = self.chapter().outcome(seq).is_some_and(|it| it.effect == Effect::Panicked);
        panics && !self.told_voids.iter().any(|(_, told)| *told == seq)
    }

    /// One of these that was told to be void before this point.
    pub(super) fn told_void_among(&self, voided: &BTreeSet<u64>, point: usize) -> Option<u64> {
        let told = self.told_voids.iter().filter(|(since, _)| *since <= point);
        told.map(|(_, seq)| *seq).find(|seq| voided.contains(seq))
    }
}
