//! What may be recovered from a disk, and what must be.
//!
//! - It is a prefix of what was submitted: the state as it was after some transaction, times and random numbers included.
//! - It holds all that was promised; a batch is there whole or not at all.
//! - To open it twice, or after a crash in the middle of opening it, gives the same.
//! - An open that fails, fails with an error that is allowed there, and changes no byte.
//! - What was recovered goes on: it takes commits, closes, and opens again with everything.

use std::collections::hash_map::DefaultHasher;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::hash::{Hash, Hasher};

use prevalent::testing::{Loss, SimDisk};
use prevalent::{DroppedTail, Durability, Error};

use crate::ledger::{Ledger, LedgerStore};
use crate::record::{Record, Setup, Submitted};

/// All files of a disk.
#[must_use]
pub fn files(disk: &SimDisk) -> BTreeMap<String, Vec<u8>> {
    disk.file_names()
        .into_iter()
        .filter_map(|name| disk.file(&name).map(|content| (name, content)))
        .collect()
}

fn digest(disk: &SimDisk) -> u64 {
    let mut hasher = DefaultHasher::new();
    files(disk).hash(&mut hasher);
    hasher.finish()
}

/// A number from the environment: how far a longer run goes.
#[must_use]
pub fn knob(name: &str, default: usize) -> usize {
    std::env::var(name).ok().and_then(|value| value.parse().ok()).unwrap_or(default)
}

/// What an open came to, with whatever flags it needed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Recovered {
    /// The sequence number of the state.
    pub seq: u64,
    /// The state.
    pub ledger: Ledger,
    /// The explosions for which there was no void.
    pub voided: BTreeSet<u64>,
    /// Whether it had to be told to drop a suspect tail.
    pub suspect: bool,
    /// What was dropped.
    pub dropped: Option<DroppedTail>,
}

/// Opens what is on `disk`, with the flags that the errors name; an error must have changed nothing.
///
/// # Errors
///
/// That of an open for which there is no flag.
///
/// # Panics
///
/// Where an error changed something.
pub fn open(disk: &SimDisk, setup: &Setup) -> Result<(LedgerStore, Recovered), Error> {
    let mut voided = BTreeSet::new();
    let mut suspect = false;
    let before = files(disk);
    loop {
        let mut builder = setup.builder(disk.clone());
        for &seq in &voided {
            builder = builder.void_on_replay_panic(seq);
        }
        if suspect {
            builder = builder.drop_suspect_tail();
        }
        let error = match builder.open().wait() {
            Ok(store) => {
                let recovered = Recovered {
                    seq: store.stats().seq.into(),
                    ledger: store.read(Clone::clone),
                    voided,
                    suspect,
                    dropped: store.recovery().dropped_tail,
                };
                return Ok((store, recovered));
            }
            Err(error) => error,
        };
        assert!(before == files(disk), "an error changed something: {error}; {disk:?}");
        match error {
            Error::ReplayPanicked { seq, .. } if voided.insert(seq.into()) => {}
            Error::SuspectTail { .. } if !suspect => suspect = true,
            error => return Err(error),
        }
    }
}

/// Judges what crashes leave of a recorded history.
#[derive(Debug)]
pub struct Oracle<'a> {
    record: &'a Record,
    loss: Loss,
    seen: HashMap<u64, Result<Recovered, String>>,
    /// How many images were judged.
    pub images: usize,
    /// How many of them were different from all before.
    pub different: usize,
    /// How many images of crashes during a recovery were judged.
    pub nested: usize,
    nested_every: usize,
    suspect_tails: bool,
}

impl<'a> Oracle<'a> {
    /// For the crashes of this history. Of the different images, one in `nested_every` also crashes while it is recovered.
    #[must_use]
    pub fn new(record: &'a Record, loss: Loss, nested_every: usize) -> Self {
        let seen = HashMap::new();
        Oracle {
            record,
            loss,
            seen,
            images: 0,
            different: 0,
            nested: 0,
            nested_every,
            suspect_tails: loss == Loss::KeepDropOrGarbage || record.garbage,
        }
    }

    /// All images of a crash point.
    ///
    /// # Errors
    ///
    /// Says what is wrong with the first that is wrong.
    pub fn judge_point(&mut self, point: usize) -> Result<(), String> {
        for image in self.record.sim.images_at(point, self.loss) {
            self.judge(&image, point)?;
        }
        Ok(())
    }

    /// An image of a crash at a point.
    ///
    /// # Errors
    ///
    /// Says what is wrong with it.
    pub fn judge(&mut self, image: &SimDisk, point: usize) -> Result<(), String> {
        self.images += 1;
        let told = |what: &str| {
            let operations = self.record.sim.operations();
            let around = &operations[point.saturating_sub(3)..operations.len().min(point + 1)];
            format!("{what}\n{image:?}\nthe operations before the crash: {around:?}")
        };
        let digest = digest(image);
        if !self.seen.contains_key(&digest) {
            self.different += 1;
            let judged = self.judge_closely(image);
            self.seen.insert(digest, judged);
        }
        let recovered = match &self.seen[&digest] {
            Ok(recovered) => recovered,
            Err(what) => return Err(told(what)),
        };
        let floor = self.record.floor(point);
        if recovered.seq < floor {
            return Err(told(&format!(
                "{} was recovered, {floor} had been promised: {recovered:?}",
                recovered.seq
            )));
        }
        let told_voids = self.record.told_voids(point);
        if let Some(seq) = recovered.voided.intersection(&told_voids).next() {
            return Err(told(&format!("{seq} had been told to be void, and was replayed")));
        }
        Ok(())
    }

    fn judge_closely(&mut self, image: &SimDisk) -> Result<Recovered, String> {
        let first = image.deep_clone();
        let (store, recovered) = open(&first, &self.record.setup)
            .map_err(|error| format!("it did not open: {error}"))?;
        let recovery_ends = first.operations().len();
        let report = store.recovery();
        let killed = first.after_kill();
        first.disconnect();
        drop(store);

        self.expect_allowed(&recovered)?;
        if !report.damaged.is_empty() {
            return Err(format!("a crash is said to have damaged {:?}", report.damaged));
        }
        self.expect_same(&killed, &recovered, "a second open")?;
        self.expect_to_go_on(&killed, &recovered)?;

        if self.different.is_multiple_of(self.nested_every) {
            for point in 0..=recovery_ends {
                for nested in first.images_at(point, Loss::KeepOrDrop) {
                    self.nested += 1;
                    self.expect_same(&nested, &recovered, "an open after a crash during recovery")?;
                }
            }
        }
        Ok(recovered)
    }

    fn expect_allowed(&self, recovered: &Recovered) -> Result<(), String> {
        let seq = recovered.seq;
        self.record.check(&recovered.ledger, seq)?;
        if let Some(batch) =
            self.record.batches.iter().find(|(first, last)| (*first..*last).contains(&seq))
        {
            return Err(format!("{seq} was recovered, a part of the batch {batch:?}"));
        }
        if seq >= self.record.failed_from() {
            return Err(format!("{seq} was recovered, and was told to have failed"));
        }
        if recovered.suspect && !self.suspect_tails {
            return Err("a crash that left no garbage left a suspect tail".to_owned());
        }
        if let Some(seq) = recovered
            .voided
            .iter()
            .find(|seq| !matches!(self.record.submitted.get(seq), Some(Submitted::Explode)))
        {
            return Err(format!("the replay of {seq} panicked"));
        }
        Ok(())
    }

    /// Flags may be needed again, as long as the open that was given them did not come to its end.
    fn expect_same(&self, disk: &SimDisk, expected: &Recovered, what: &str) -> Result<(), String> {
        let described = format!("{disk:?}");
        let (store, again) = open(&disk.deep_clone(), &self.record.setup)
            .map_err(|error| format!("{what} failed: {error}; {described}"))?;
        drop(store);
        if (again.seq, &again.ledger) == (expected.seq, &expected.ledger) {
            Ok(())
        } else {
            Err(format!("{what} gave {again:?}, the first {expected:?}; {described}"))
        }
    }

    fn expect_to_go_on(&self, killed: &SimDisk, recovered: &Recovered) -> Result<(), String> {
        let setup = Setup { durability: Durability::Always, ..self.record.setup };
        let disk = killed.deep_clone();
        let failed = |what: &str, error: Error| format!("{what} after a recovery failed: {error}");
        let store =
            setup.builder(disk.clone()).open().wait().map_err(|error| failed("an open", error))?;
        let mut ledger = recovered.ledger.clone();
        for text in ["more", "and more"] {
            let line =
                store.add(text.to_owned()).wait().map_err(|error| failed("a commit", error))?;
            ledger.lines.push(line);
        }
        prevalent::Store::close(&store).wait().map_err(|error| failed("a close", error))?;
        drop(store);
        let store =
            setup.builder(disk.clone()).open().wait().map_err(|error| failed("a reopen", error))?;
        let report = store.recovery();
        if report.dropped_tail.is_some() || !report.damaged.is_empty() {
            return Err(format!("a reopen after a close found damage: {report:?}"));
        }
        if store.read(|found| *found == ledger) {
            Ok(())
        } else {
            Err(format!("a reopen lost something: {:?}", store.read(Clone::clone)))
        }
    }
}
