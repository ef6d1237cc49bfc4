//! What was told to those who commit, and what must be true of the disk then.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use prevalent::{Commit, Effect, Error, Seq};

use crate::{Ledger, LedgerStore, TakingTurns};

/// Notes what was told, with the moment of it. A clone is the same witness.
#[derive(Clone, Debug)]
pub struct Witness {
    disk: TakingTurns,
    notes: Arc<Mutex<Notes>>,
}

#[derive(Debug, Default)]
struct Notes {
    told: BTreeMap<u32, Told>,
    /// After so many operations on the disk, these numbers could not be lost any more.
    lasting: Vec<(usize, BTreeSet<u32>)>,
    /// After so many operations on the disk, this place was void.
    void: Vec<(usize, Seq)>,
}

/// What became of a transaction.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Told {
    Done(Seq),
    /// It is certainly not there.
    NotDone,
    /// Nobody knows.
    Perhaps,
}

impl Witness {
    /// Of what happens on this disk.
    #[must_use]
    pub fn new(disk: &TakingTurns) -> Self {
        Witness { disk: disk.clone(), notes: Arc::default() }
    }

    /// Waits for the commit that adds this number, and notes what it is told; where that is `Ok`, it is durable.
    ///
    /// # Errors
    ///
    /// What the commit is told.
    ///
    /// # Panics
    ///
    /// If its handle doesn't know its place.
    pub fn committed(&self, number: u32, commit: Commit<usize>) -> Result<Seq, Error> {
        let told = self.told(number, commit);
        if told.is_ok() {
            self.cannot_be_lost([number]);
        }
        told
    }

    /// The same for a store that doesn't wait for the disk.
    ///
    /// # Errors
    ///
    /// What the commit is told.
    ///
    /// # Panics
    ///
    /// If its handle doesn't know its place.
    pub fn told(&self, number: u32, commit: Commit<usize>) -> Result<Seq, Error> {
        let seq = commit.seq();
        self.note(number, seq, commit.wait())
    }

    /// Notes what the commit that adds this number was told.
    ///
    /// # Errors
    ///
    /// The same.
    ///
    /// # Panics
    ///
    /// Without a place, where it is done; and if it was told before.
    pub fn note<R>(
        &self,
        number: u32,
        seq: Option<Seq>,
        result: Result<R, Error>,
    ) -> Result<Seq, Error> {
        let result = result.map(|_| seq.expect("what is done has its place"));
        let told = match &result {
            Ok(seq) => Told::Done(*seq),
            Err(error) if error.effect() == Effect::None => Told::NotDone,
            Err(_) => Told::Perhaps,
        };
        let now = self.disk.now();
        let mut notes = self.notes();
        assert_eq!(notes.told.insert(number, told), None, "{number} was told twice");
        if let Err(Error::TxPanicked { seq, .. }) = &result {
            notes.void.push((now, *seq));
        }
        drop(notes);
        result
    }

    /// From now on, these numbers survive whatever happens.
    pub fn cannot_be_lost(&self, numbers: impl IntoIterator<Item = u32>) {
        let now = self.disk.now();
        self.notes().lasting.push((now, numbers.into_iter().collect()));
    }

    /// Reads the store, where whoever reads must find whole transactions, each in its place, and nothing that could be lost.
    ///
    /// # Panics
    ///
    /// Where it is otherwise.
    pub fn reads_what_lasts(&self, store: &LedgerStore) {
        let numbers = store.read(|ledger| {
            assert_whole(ledger);
            // Nothing is applied while it is read: the figures are those of what is seen.
            let newest = ledger.entries.last().map_or(0, |(seq, _)| *seq);
            assert!(store.stats().seq.get() >= newest, "{:?} {ledger:?}", store.stats());
            ledger.entries.iter().map(|(_, number)| *number).collect::<Vec<_>>()
        });
        self.cannot_be_lost(numbers);
    }

    /// What became of those who were told that they were done.
    fn done(&self) -> BTreeMap<u32, Seq> {
        let notes = self.notes();
        let done = notes.told.iter().filter_map(|(number, told)| match told {
            Told::Done(seq) => Some((*number, *seq)),
            _ => None,
        });
        done.collect()
    }

    /// Crashes the disk at one of the moments at which something could not be lost any more, which is drawn, and opens the store
    /// that is left. What had to be there must be there.
    ///
    /// # Panics
    ///
    /// Where it is otherwise.
    pub fn survives_crashes(&self) {
        let lasting = std::mem::take(&mut self.notes().lasting);
        if lasting.is_empty() {
            return;
        }
        let (moment, _) = lasting[crate::draw(lasting.len())];
        let must_be_there: BTreeSet<u32> = lasting
            .into_iter()
            .filter(|(other, _)| *other <= moment)
            .flat_map(|(_, numbers)| numbers)
            .collect();
        let store = self.open(&self.disk.crashed(moment), moment);
        let there = store.read(numbers);
        let lost: Vec<_> = must_be_there.difference(&there).collect();
        assert!(lost.is_empty(), "{lost:?} lost in a crash after {moment} operations: {there:?}");
        store.read(|ledger| self.agrees_with(ledger, Certainty::OfWhatIsThere));
    }

    /// Opens the store on what is on the disk now: it holds what was told to be done, in its order, and nothing that was told
    /// not to be.
    ///
    /// # Panics
    ///
    /// Where it is otherwise.
    pub fn finds_all(&self, disk: &TakingTurns) {
        let store = self.open(disk, disk.now());
        store.read(|ledger| self.agrees_with(ledger, Certainty::OfAll));
    }

    /// Opens what was left after so many operations. A transaction that panicked, and was not void by then, panics again:
    /// it is given up.
    fn open(&self, disk: &TakingTurns, moment: usize) -> LedgerStore {
        let mut given_up = BTreeSet::new();
        loop {
            let mut builder = disk.builder();
            for seq in &given_up {
                builder = builder.void_on_replay_panic(*seq);
            }
            match builder.open().wait() {
                Err(Error::ReplayPanicked { seq, .. }) if given_up.insert(seq) => {
                    let is_void = |(since, void): &(usize, Seq)| *since <= moment && *void == seq;
                    assert!(!self.notes().void.iter().any(is_void), "the void of {seq} is lost");
                }
                opened => return opened.unwrap_or_else(|error| panic!("{error}")),
            }
        }
    }

    fn agrees_with(&self, ledger: &Ledger, certainty: Certainty) {
        assert_whole(ledger);
        let there: BTreeMap<u32, u64> =
            ledger.entries.iter().map(|(seq, number)| (*number, *seq)).collect();
        assert_eq!(there.len(), ledger.entries.len(), "something is there twice: {ledger:?}");
        for (number, seq) in self.done() {
            match there.get(&number) {
                Some(place) => assert_eq!(*place, seq.get(), "{number} has another place"),
                None => assert!(certainty == Certainty::OfWhatIsThere, "{number} is not there"),
            }
        }
        for (number, told) in &self.notes().told {
            let is_there = there.contains_key(number);
            assert!(*told != Told::NotDone || !is_there, "{number} was told not to be done");
        }
    }

    fn notes(&self) -> MutexGuard<'_, Notes> {
        self.notes.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Of which transactions it is known whether they are there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Certainty {
    OfAll,
    OfWhatIsThere,
}

fn numbers(ledger: &Ledger) -> BTreeSet<u32> {
    ledger.entries.iter().map(|(_, number)| *number).collect()
}

fn assert_whole(ledger: &Ledger) {
    assert_eq!(ledger.begun, ledger.ended, "half of a transaction is seen: {ledger:?}");
    assert!(ledger.entries.is_sorted_by(|a, b| a.0 < b.0), "not in order: {ledger:?}");
}
