//! Damaged stores, and what is seen of them.

use std::collections::BTreeSet;
use std::fmt::Debug;
use std::fs;
use std::io;
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::super::{Repair, RepairStep, Repaired, repair};
use crate::Error;
use crate::disk::Disk;
use crate::disk::real::LOCK_FILE;
use crate::disk::sim::SimVolume;
use crate::disk::volume::Volume;
use crate::format::names;
use crate::inspect::{NextOpen, StoreFiles};
use crate::recovery::directory::Directory;

/// Whether files are changing places.
pub(super) fn is_guarded(volume: &SimVolume) -> bool {
    let mark = volume.disk.file("store/CLEAN");
    mark.is_some_and(|it| it.starts_with(b"prevalent: a repair"))
}

/// A file in one of the directories.
pub(super) fn at(directory: &str, name: &str) -> String {
    format!("{directory}/{name}")
}

fn path(directory: &str) -> PathBuf {
    Path::new(SimVolume::ROOT).join(directory)
}

/// A store that was written long ago, alone on a file system.
fn golden(name: &str) -> SimVolume {
    let dir = Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/golden/1").join(name);
    let volume = SimVolume::new();
    volume.disk.set_file("store/", Vec::new());
    for entry in fs::read_dir(dir).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_str().unwrap();
        if name != LOCK_FILE {
            volume.disk.set_file(&at("store", name), fs::read(&path).unwrap());
        }
    }
    volume
}

fn flip(volume: &SimVolume, name: &str, offset: usize) {
    let name = at("store", name);
    let mut bytes = volume.disk.file(&name).unwrap();
    bytes[offset] ^= 1;
    volume.disk.set_file(&name, bytes);
}

/// A damaged store, and what its repair comes to.
pub(super) struct Damaged {
    /// The steps of it.
    pub(super) name: &'static str,
    volume: SimVolume,
    /// The contents of all its files.
    pub(super) originals: BTreeSet<Vec<u8>>,
    pub(super) repaired: Seen,
}

/// What is seen of a store that opens.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Seen {
    seq: u64,
    names: Vec<String>,
    /// The checksums of what is in the snapshots.
    states: Vec<(u64, u64)>,
    transactions: Vec<String>,
}

impl Damaged {
    pub(super) fn volume(&self) -> SimVolume {
        self.volume.after_kill()
    }

    fn new(name: &'static str, damaged: SimVolume) -> Self {
        let volume = damaged.after_kill();
        assert_eq!(seen(&volume), None, "{name} opens");
        let originals = contents(&volume);
        let done = apply(&volume, "aside").unwrap();
        let steps: Vec<&str> = done.plan.steps.iter().map(kind).collect();
        assert_eq!(steps.join(", "), name);
        let repaired = seen(&volume).unwrap();
        assert_eq!(repaired.seq, done.plan.seq.get());
        assert!(contents(&volume).is_superset(&originals));
        assert!(plan(&volume).unwrap().steps.is_empty());
        Damaged { name, volume: damaged, originals, repaired }
    }

    /// Whether a new store takes the place of the old one.
    pub(super) fn is_made_anew(&self) -> bool {
        self.name.starts_with("of a snapshot")
    }

    /// Whether what a repair begins the next one ends, to the last step. What was set aside by one that was interrupted may
    /// come back, and the next one doesn't know from where.
    pub(super) fn is_ended_by_the_next(&self) -> bool {
        !self.name.starts_with("set aside")
    }

    /// Shows that nothing is lost, and that the store is the repaired one or refuses to open. Gives what is seen of it.
    pub(super) fn expect_nothing_lost(
        &self,
        volume: &SimVolume,
        moment: &dyn Debug,
    ) -> Option<Seen> {
        let missing = self.originals.difference(&contents(volume)).count();
        assert_eq!(missing, 0, "{}, {moment:?}: originals are lost", self.name);
        let seen = seen(volume);
        // Half of a repair may do for an open, as long as it opens with the same.
        if let Some(seen) = &seen {
            let (repaired, now) = (&self.repaired, seen);
            let is_same = now.seq == repaired.seq && now.transactions == repaired.transactions;
            assert!(is_same, "{}, {moment:?}: {seen:?}", self.name);
        }
        seen
    }

    /// Repairs the store to the end, wherever the repair before was interrupted.
    pub(super) fn expect_repairable(&self, volume: &SimVolume, moment: &dyn Debug) {
        let name = self.name;
        let planned = plan(volume).unwrap_or_else(|error| panic!("{name}, {moment:?}: {error}"));
        let unused = (1..).map(|number| format!("aside {number}"));
        let unused = unused.into_iter().find(|name| !volume.disk.has_file(&at(name, "")));
        let done = apply(volume, &unused.unwrap_or_default());
        let done = done.unwrap_or_else(|error| panic!("{name}, {moment:?}: {error}"));
        assert_eq!(format!("{:?}", done.plan), format!("{planned:?}"), "{name}, {moment:?}");
        assert_eq!(done.plan.seq.get(), self.repaired.seq, "{name}, {moment:?}");
        self.expect_repaired(volume, moment);
        assert!(!volume.disk.has_file("store.being-repaired/"), "{name}, {moment:?}");
    }

    /// Shows that the store is the repaired one, and whole.
    pub(super) fn expect_repaired(&self, volume: &SimVolume, moment: &dyn Debug) {
        let seen = self.expect_nothing_lost(volume, moment);
        assert_eq!(seen.as_ref(), Some(&self.repaired), "{}, {moment:?}", self.name);
        let verified = files(volume).unwrap().verify(|_| {}).unwrap();
        assert!(verified.damaged.is_empty(), "{}, {moment:?}: {verified:?}", self.name);
    }
}

pub(super) fn damaged_snapshot_and_mark() -> Damaged {
    let volume = golden("closed");
    flip(&volume, &names::snapshot(37), 700);
    flip(&volume, names::CLEAN, 50);
    Damaged::new("set aside, set aside", volume)
}

pub(super) fn suspect_tail() -> Damaged {
    Damaged::new("drop the tail", golden("suspect"))
}

pub(super) fn damaged_snapshot_and_suspect_tail() -> Damaged {
    let volume = golden("suspect");
    flip(&volume, &names::snapshot(17), 700);
    Damaged::new("set aside, drop the tail", volume)
}

pub(super) fn damaged_journal_behind_a_snapshot() -> Damaged {
    let volume = golden("closed");
    flip(&volume, &names::segment(2), 600);
    Damaged::new("of a snapshot alone", volume)
}

pub(super) fn damaged_end_of_the_journal() -> Damaged {
    let volume = golden("voids");
    flip(&volume, &names::segment(3), 700);
    Damaged::new("of a snapshot and the journal", volume)
}

/// Stores for whose repair all is done that a repair can do.
pub(super) fn damaged() -> [Damaged; 5] {
    [
        damaged_snapshot_and_mark(),
        suspect_tail(),
        damaged_snapshot_and_suspect_tail(),
        damaged_journal_behind_a_snapshot(),
        damaged_end_of_the_journal(),
    ]
}

/// Tests of each of them.
macro_rules! for_each_damaged_store {
    ($($check:ident: $($store:ident)*;)*) => {
        $(mod $check {
            $(#[test]
            fn $store() {
                super::$check(&super::super::stores::$store());
            })*
        })*
    };
}

pub(super) use for_each_damaged_store;

fn kind(step: &RepairStep) -> &'static str {
    match step {
        RepairStep::SetAside { .. } => "set aside",
        RepairStep::DropTail(_) => "drop the tail",
        RepairStep::MakeAnew { transactions: 0, .. } => "of a snapshot alone",
        RepairStep::MakeAnew { .. } => "of a snapshot and the journal",
        RepairStep::GoOn { .. } => "go on",
    }
}

pub(super) fn to_be_repaired(aside: &str) -> Repair {
    repair(path("store")).aside(path(aside))
}

pub(super) fn apply(volume: &dyn Volume, aside: &str) -> Result<Repaired, Error> {
    to_be_repaired(aside).apply_on(volume)
}

fn plan(volume: &SimVolume) -> Result<super::super::RepairPlan, Error> {
    to_be_repaired("unused").plan_on(volume)
}

pub(super) fn store_of(volume: &dyn Volume) -> Arc<dyn Disk> {
    volume.directory(&path("store")).unwrap()
}

fn files(volume: &SimVolume) -> Result<StoreFiles, Error> {
    StoreFiles::on(store_of(volume))
}

/// The contents of the files in the store's directory, and in those for originals.
pub(super) fn contents(volume: &SimVolume) -> BTreeSet<Vec<u8>> {
    let names = volume.disk.file_names().into_iter();
    let kept = names.filter(|name| name.starts_with("store/") || name.starts_with("aside"));
    kept.filter(|name| !name.ends_with('/')).map(|name| volume.disk.file(&name).unwrap()).collect()
}

/// The store, where the next open would open it.
pub(super) fn seen(volume: &SimVolume) -> Option<Seen> {
    let files = match files(volume) {
        Err(Error::NoStore { .. }) => return None,
        files => files.unwrap(),
    };
    let NextOpen::Opens(opening) = files.next_open().unwrap() else { return None };
    let mut transactions = Vec::new();
    let read = files.transactions().for_each(|tx| {
        transactions.push(format!("{} {} {} {}", tx.seq(), tx.time_us(), tx.name(), tx.bytes()));
        Ok::<_, Error>(ControlFlow::Continue(()))
    });
    // What lies before a snapshot that serves may be damaged.
    if let Err(error) = read {
        transactions.push(error.to_string());
    }
    let mut names = store_of(volume).list().unwrap();
    names.retain(|name| names::FileKind::of(name).is_of_store());
    names.sort();
    let directory = Directory::read(&*store_of(volume)).unwrap();
    let states = directory.snapshot_headers().map(|header| (header.seq, header.body_hash));
    Some(Seen { seq: opening.seq.get(), states: states.collect(), names, transactions })
}

/// All that is on a file system: two that are the same need not be looked at twice.
pub(super) type Everything = Vec<(String, Option<Vec<u8>>)>;

pub(super) fn everything(volume: &SimVolume) -> Everything {
    let names = volume.disk.file_names().into_iter();
    names.map(|name| (name.clone(), volume.disk.file(&name))).collect()
}

/// Whether it is an error of the system, of which the message says where it was.
pub(super) fn is_told(error: &Error) -> bool {
    let Error::Io { path, source, .. } = error else { return false };
    let is_of_system = [4, 5, 28].map(Some).contains(&source.raw_os_error());
    path.starts_with(SimVolume::ROOT) && (is_of_system || source.kind() == io::ErrorKind::WriteZero)
}
