//! A history of a store on a simulated disk, with a record of what was submitted and promised, and when.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::sync::Arc;

use prevalent::testing::{Loss, SimDisk};
use prevalent::{Builder, Durability, Error, SnapshotMethod};

use crate::hooked::{Act, Gate, Hooked, Step};
use crate::ledger::{Ledger, LedgerStore, Line, hush};

/// The knobs of a store.
#[derive(Clone, Copy, Debug)]
pub struct Setup {
    /// When a commit counts.
    pub durability: Durability,
    /// Small, so that a short history has many segments.
    pub segment_bytes: u64,
    /// Small, so that there are not many more sectors to lose.
    pub fill_ahead_bytes: u64,
    /// `u64::MAX` for none of the store's own accord, which makes a history repeat itself operation by operation.
    pub snapshot_every_bytes: u64,
    /// Whether `close` takes a snapshot.
    pub snapshot_on_close: bool,
    /// How snapshots come by the state.
    pub snapshot_method: SnapshotMethod<Ledger>,
    /// How many are kept.
    pub keep_snapshots: usize,
}

impl Setup {
    /// Segments of one to three batches, no snapshots but those that are asked for.
    #[must_use]
    pub fn new(durability: Durability) -> Self {
        let snapshot_every_bytes = u64::MAX;
        Setup {
            durability,
            segment_bytes: 500,
            fill_ahead_bytes: 1000,
            snapshot_every_bytes,
            snapshot_on_close: true,
            snapshot_method: SnapshotMethod::default(),
            keep_snapshots: 2,
        }
    }

    /// A builder with these knobs.
    pub fn builder(&self, disk: impl prevalent::testing::Disk) -> Builder<LedgerStore> {
        let builder = LedgerStore::builder("unused")
            .on_disk(disk)
            .durability(self.durability)
            .segment_bytes(self.segment_bytes)
            .fill_ahead_bytes(self.fill_ahead_bytes)
            .snapshot_every_bytes(self.snapshot_every_bytes)
            .snapshot_method(self.snapshot_method)
            .keep_snapshots(self.keep_snapshots);
        if self.snapshot_on_close { builder } else { builder.no_snapshot_on_close() }
    }
}

/// A transaction as it was submitted.
#[derive(Clone, Debug)]
pub enum Submitted {
    /// `add`: its argument, and its reply where there was one.
    Add(String, Option<Line>),
    /// `explode`: it must never have an effect.
    Explode,
}

/// From this operation on, something is certain.
type Since = (usize, u64);

type Broken = Arc<dyn Fn(&Step<'_>) -> bool + Send + Sync>;

/// What was submitted to a store, and what it promised.
pub struct Record {
    /// The disk that the store is on.
    pub sim: SimDisk,
    /// Where the store's old files go.
    pub archive: Option<SimDisk>,
    /// The store's knobs.
    pub setup: Setup,
    /// Every transaction by its sequence number.
    pub submitted: BTreeMap<u64, Submitted>,
    /// First and last sequence number of transactions that were in one batch.
    pub batches: Vec<(u64, u64)>,
    /// The errors that were told.
    pub errors: Vec<Error>,
    /// How often the store was opened.
    pub opens: usize,
    promises: Vec<Since>,
    told_voids: Vec<Since>,
    /// Sequence numbers from here on are certainly not durable: they were told to have failed.
    failed_from: u64,
    /// What the death of the process alone can't take away, in any mode: what was acknowledged, and written.
    acknowledged: u64,
    /// A crash may have left garbage, and suspect tails with it.
    pub garbage: bool,
    gate: Gate,
    /// What the disk only pretends to do.
    left_out: Option<Broken>,
    lines: usize,
}

impl Record {
    /// Nothing yet.
    #[must_use]
    pub fn new(sim: SimDisk, setup: Setup) -> Self {
        hush();
        Record {
            sim,
            archive: None,
            setup,
            submitted: BTreeMap::new(),
            batches: Vec::new(),
            errors: Vec::new(),
            opens: 0,
            promises: Vec::new(),
            told_voids: Vec::new(),
            failed_from: u64::MAX,
            acknowledged: 0,
            garbage: false,
            gate: Gate::new(),
            left_out: None,
            lines: 0,
        }
    }

    /// From the next open on, the disk leaves out what is chosen here, and says that it was done.
    pub fn leave_out(&mut self, chosen: impl Fn(&Step<'_>) -> bool + Send + Sync + 'static) {
        self.left_out = Some(Arc::new(chosen));
    }

    /// The errors so far don't count any more: what they meant was looked at.
    pub fn forget_errors(&mut self) {
        if !self.errors.is_empty() {
            // The system may have thrown away what it failed to sync.
            self.acknowledged = 0;
        }
        self.errors.clear();
    }

    /// What must be there after a crash at this point: everything up to this sequence number.
    #[must_use]
    pub fn floor(&self, point: usize) -> u64 {
        highest(&self.promises, point)
    }

    /// What can't be there: everything from this sequence number on.
    #[must_use]
    pub fn failed_from(&self) -> u64 {
        self.failed_from
    }

    /// The explosions whose voids are certainly durable.
    #[must_use]
    pub fn told_voids(&self, point: usize) -> BTreeSet<u64> {
        self.told_voids.iter().filter(|(since, _)| *since <= point).map(|(_, seq)| *seq).collect()
    }

    /// The number of operations so far.
    #[must_use]
    pub fn now(&self) -> usize {
        self.sim.operations().len()
    }

    fn promise(&mut self, seq: u64) {
        let now = self.now();
        self.promises.push((now, seq));
    }

    /// The lines that there must be where the state has this sequence number; `None` for what nobody knows of them.
    #[must_use]
    pub fn expected(&self, seq: u64) -> Vec<(u64, &str, Option<&Line>)> {
        let lines = self.submitted.range(..=seq).filter_map(|(&seq, submitted)| match submitted {
            Submitted::Add(text, line) => Some((seq, text.as_str(), line.as_ref())),
            Submitted::Explode => None,
        });
        lines.collect()
    }

    /// Checks that `ledger` is the state at `seq`.
    ///
    /// # Errors
    ///
    /// Says where it isn't.
    pub fn check(&self, ledger: &Ledger, seq: u64) -> Result<(), String> {
        let expected = self.expected(seq);
        if let Some(missing) = (1..=seq).find(|seq| !self.submitted.contains_key(seq)) {
            return Err(format!("the state at {seq}, but {missing} was never submitted"));
        }
        for (index, line) in ledger.lines.iter().enumerate() {
            match expected.get(index) {
                Some((seq, text, known))
                    if line.seq == *seq
                        && line.text == *text
                        && known.is_none_or(|known| known == line) => {}
                other => {
                    return Err(format!("the state at {seq} has {line:?} instead of {other:?}"));
                }
            }
        }
        if ledger.lines.len() == expected.len() {
            Ok(())
        } else {
            Err(format!("the state at {seq} lacks {:?}", &expected[ledger.lines.len()..]))
        }
    }

    /// Opens the store. What it shows is what counts from then on, and can't be lost any more.
    ///
    /// # Errors
    ///
    /// Those of the open, but for explosions, which become void.
    ///
    /// # Panics
    ///
    /// Where it shows something else than was submitted, or less than was promised.
    pub fn open(&mut self) -> Result<LedgerStore, Error> {
        let mut explosions: BTreeSet<u64> = BTreeSet::new();
        let mut suspect = false;
        let store = loop {
            let (gate, left_out) = (self.gate.clone(), self.left_out.clone());
            let disk = Hooked::new(&self.sim, move |step: &Step<'_>| {
                // Only the journal's own thread does these, and only for a batch.
                if step.is_journal() && matches!(step, Step::Create(_) | Step::Write(_)) {
                    gate.pass();
                }
                if left_out.as_ref().is_some_and(|left_out| left_out(step)) {
                    Act::Pretend
                } else {
                    Act::Do
                }
            });
            let mut builder = self.setup.builder(disk);
            if let Some(archive) = &self.archive {
                builder = builder.archive_on_disk(archive.clone());
            }
            if suspect {
                builder = builder.drop_suspect_tail();
            }
            for &seq in &explosions {
                builder = builder.void_on_replay_panic(seq);
            }
            match builder.open().wait() {
                Err(Error::ReplayPanicked { seq, .. }) if explosions.insert(seq.into()) => {}
                Err(Error::SuspectTail { .. }) if self.garbage && !suspect => suspect = true,
                result => break result.inspect_err(|error| self.errors.push(error.clone()))?,
            }
        };
        self.opens += 1;
        let told = self.told_voids(usize::MAX);
        let replayed = explosions.intersection(&told).next();
        assert!(replayed.is_none(), "{replayed:?} had been told to be void; {:?}", self.sim);
        let seq: u64 = store.stats().seq.into();
        let broken = !self.errors.is_empty();
        let acknowledged = if broken { 0 } else { self.acknowledged };
        let floor = self.floor(usize::MAX).max(acknowledged);
        assert!(seq >= floor, "{seq} was recovered, {floor} was promised; {:?}", self.sim);
        assert!(
            seq < self.failed_from,
            "{seq} was recovered, {} was said to have failed; {:?}",
            self.failed_from,
            self.sim
        );
        store.read(|ledger| {
            self.check(ledger, seq).unwrap_or_else(|what| panic!("{what}; {:?}", self.sim));
            for line in &ledger.lines {
                self.submitted
                    .insert(line.seq, Submitted::Add(line.text.clone(), Some(line.clone())));
            }
        });
        // The numbers of what was lost are given again.
        self.submitted.split_off(&(seq + 1));
        self.batches.retain(|(_, last)| *last <= seq);
        self.failed_from = u64::MAX;
        self.promise(seq);
        let now = self.now();
        let voids = self.submitted.iter().filter(|(_, tx)| matches!(tx, Submitted::Explode));
        self.told_voids.extend(voids.map(|(&seq, _)| (now, seq)));
        Ok(store)
    }

    /// Commits a line, and waits.
    pub fn add(&mut self, store: &LedgerStore) {
        let commits = vec![self.submit(store)];
        self.wait(commits);
    }

    /// Commits so many lines in one batch (after one line in a batch of its own), and waits.
    pub fn add_batch(&mut self, store: &LedgerStore, count: usize) {
        self.gate.close();
        let mut commits = vec![self.submit(store)];
        // Where the journal fails at this very moment, nobody comes.
        let held = commits[0].is_some() && self.gate.wait_for_somebody();
        commits.extend((0..count).map(|_| self.submit(store)));
        self.gate.open();
        let seqs = commits[1..].iter().flatten().map(|(seq, _)| *seq);
        if let (true, Some(first), Some(last)) = (held, seqs.clone().min(), seqs.max()) {
            self.batches.push((first, last));
        }
        self.wait(commits);
    }

    /// A transaction that panics, in one batch with a line before it, two behind it, and another one that panics.
    pub fn explode_in_a_batch(&mut self, store: &LedgerStore) {
        self.gate.close();
        let mut commits = vec![self.submit(store)];
        if commits[0].is_some() {
            self.gate.wait_for_somebody();
        }
        commits.push(self.submit(store));
        let first = self.submit_explosion(store);
        commits.push(self.submit(store));
        commits.push(self.submit(store));
        let second = self.submit_explosion(store);
        self.gate.open();
        self.wait(commits);
        for explosion in [first, second].into_iter().flatten() {
            self.wait_for_explosion(explosion);
        }
    }

    /// A transaction that panics.
    pub fn explode(&mut self, store: &LedgerStore) {
        if let Some(explosion) = self.submit_explosion(store) {
            self.wait_for_explosion(explosion);
        }
    }

    fn submit(&mut self, store: &LedgerStore) -> Option<(u64, prevalent::Commit<Line>)> {
        self.lines += 1;
        // Not all of the same length, and some with sectors of zeros.
        let text = match self.lines % 7 {
            3 => format!("{}{}", self.lines, "\0".repeat(1100)),
            5 => format!("{}{}", self.lines, "long".repeat(90)),
            _ => format!("line {}", self.lines),
        };
        let commit = store.add(text.clone());
        let Some(seq) = commit.seq() else {
            self.refused(commit.wait().map(|_| ()));
            return None;
        };
        self.submitted.insert(seq.into(), Submitted::Add(text, None));
        Some((seq.into(), commit))
    }

    fn submit_explosion(&mut self, store: &LedgerStore) -> Option<(u64, prevalent::Commit<()>)> {
        let commit = store.explode();
        let Some(seq) = commit.seq() else {
            self.refused(commit.wait());
            return None;
        };
        self.submitted.insert(seq.into(), Submitted::Explode);
        Some((seq.into(), commit))
    }

    fn refused(&mut self, result: Result<(), Error>) {
        match result {
            Err(error @ (Error::Failed { .. } | Error::Closed)) => self.errors.push(error),
            other => panic!("a commit without a sequence number gave {other:?}"),
        }
    }

    fn wait(&mut self, commits: Vec<Option<(u64, prevalent::Commit<Line>)>>) {
        for (seq, commit) in commits.into_iter().flatten() {
            match commit.wait() {
                Ok(line) => {
                    assert_eq!(line.seq, seq);
                    self.acknowledged = self.acknowledged.max(seq);
                    if let Some(Submitted::Add(_, known)) = self.submitted.get_mut(&seq) {
                        *known = Some(line);
                    }
                    if self.setup.durability == Durability::Always {
                        self.promise(seq);
                    }
                }
                Err(error) => self.broken(seq, error),
            }
        }
    }

    fn wait_for_explosion(&mut self, (seq, commit): (u64, prevalent::Commit<()>)) {
        match commit.wait() {
            Err(Error::TxPanicked { seq: told, .. }) => {
                assert_eq!(u64::from(told), seq);
                // In every mode, its void is durable by now.
                self.promise(seq);
                let now = self.now();
                self.told_voids.push((now, seq));
            }
            Err(error) => self.broken(seq, error),
            Ok(()) => panic!("an explosion succeeded"),
        }
    }

    fn broken(&mut self, seq: u64, error: Error) {
        match &error {
            Error::InDoubt { seq: told, .. } => assert_eq!(u64::from(*told), seq),
            Error::Failed { .. } => self.failed_from = self.failed_from.min(seq),
            other => panic!("a commit on a failing disk gave {other:?}"),
        }
        self.errors.push(error);
    }

    /// Flushes.
    ///
    /// # Panics
    ///
    /// Where it fails with an error that means something else than a failing disk.
    pub fn flush(&mut self, store: &LedgerStore) {
        let target = store.stats().ordered_seq.into();
        match store.flush().wait() {
            Ok(()) => self.promise(target),
            Err(error @ (Error::InDoubt { .. } | Error::Failed { .. })) => self.errors.push(error),
            Err(other) => panic!("a flush gave {other:?}"),
        }
    }

    /// Takes a snapshot.
    ///
    /// # Panics
    ///
    /// Where it fails with an error that means something else than a failing disk.
    pub fn snapshot(&mut self, store: &LedgerStore) {
        match store.snapshot().wait() {
            Ok(info) => self.promise(info.seq.into()),
            Err(
                error @ (Error::Io { .. }
                | Error::Failed { .. }
                | Error::InDoubt { .. }
                | Error::Corrupt { .. }),
            ) => self.errors.push(error),
            Err(other) => panic!("a snapshot gave {other:?}"),
        }
    }

    /// Closes the store.
    ///
    /// # Panics
    ///
    /// Where it fails with an error that means something else than a failing disk.
    pub fn close(&mut self, store: &LedgerStore) {
        let target = store.stats().ordered_seq.into();
        match prevalent::Store::close(store).wait() {
            Ok(()) => self.promise(target),
            Err(error @ (Error::Io { .. } | Error::Failed { .. } | Error::InDoubt { .. })) => {
                self.errors.push(error);
            }
            Err(other) => panic!("a close gave {other:?}"),
        }
    }

    /// The process is killed, and the machine lives: a new history, with what was not synced still open.
    #[must_use]
    pub fn kill(mut self, store: Option<LedgerStore>) -> Record {
        let floor = self.floor(usize::MAX);
        let told_voids = self.told_voids(usize::MAX);
        // Without `Always`, what was acknowledged last may wait to be written, for a millisecond, or until the thread has its turn.
        if store.as_ref().is_some_and(|store| store.stats().pending_bytes > 0) {
            self.acknowledged = 0;
        }
        let sim = self.sim.after_kill();
        self.sim.disconnect();
        drop(store);
        self.promises = vec![(0, floor)];
        self.told_voids = told_voids.into_iter().map(|seq| (0, seq)).collect();
        self.sim = sim;
        self
    }

    /// The machine crashed at this point, and left this: a new history.
    #[must_use]
    pub fn crash(
        mut self,
        store: Option<LedgerStore>,
        point: usize,
        image: SimDisk,
        loss: Loss,
    ) -> Record {
        self.sim.disconnect();
        drop(store);
        self.promises = vec![(0, self.floor(point))];
        self.told_voids = self.told_voids(point).into_iter().map(|seq| (0, seq)).collect();
        self.acknowledged = 0;
        self.garbage |= loss == Loss::KeepDropOrGarbage;
        self.sim = image;
        self
    }

    /// What readers see is what was submitted, as far as it goes.
    ///
    /// # Panics
    ///
    /// Where it isn't.
    pub fn look(&self, store: &LedgerStore) {
        let seq: u64 = store.stats().seq.into();
        let looked = store.try_read(|ledger| self.check(ledger, seq));
        match looked {
            Ok(checked) => checked.unwrap_or_else(|what| panic!("{what}")),
            // After a rebuild that failed there is no state.
            Err(error) => assert!(!self.errors.is_empty(), "{error}"),
        }
    }
}

fn highest(promises: &[Since], point: usize) -> u64 {
    promises.iter().filter(|(since, _)| *since <= point).map(|(_, seq)| *seq).max().unwrap_or(0)
}

impl fmt::Debug for Record {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Record")
            .field("setup", &self.setup)
            .field("submitted", &self.submitted.len())
            .field("sim", &self.sim)
            .finish_non_exhaustive()
    }
}
