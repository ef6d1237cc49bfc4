//! Repairs that are interrupted.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use super::hands::fault;
use super::{RepairStep, repair};
use crate::Error;
use crate::disk::real::LOCK_FILE;
use crate::format::names;
use crate::inspect::{NextOpen, StoreFiles};

/// A copy of a store that was written long ago, in a directory of its own.
fn store(root: &Path) -> PathBuf {
    let golden = Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/golden/1/closed");
    let dir = root.join("store");
    fs::create_dir(&dir).unwrap();
    for entry in fs::read_dir(golden).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap();
        if name != LOCK_FILE {
            fs::copy(&path, dir.join(name)).unwrap();
        }
    }
    dir
}

fn flip(path: &Path, at: usize) {
    let mut bytes = fs::read(path).unwrap();
    bytes[at] ^= 1;
    fs::write(path, bytes).unwrap();
}

/// All contents that lie in the store's directory or aside, whatever their names.
fn originals(root: &Path) -> BTreeSet<Vec<u8>> {
    let mut found = BTreeSet::new();
    for dir in fs::read_dir(root).unwrap().map(|entry| entry.unwrap().path()) {
        if dir.extension().is_some_and(|it| it == "being-repaired") {
            continue;
        }
        for entry in fs::read_dir(&dir).unwrap() {
            let path = entry.unwrap().path();
            if path.file_name().unwrap() != LOCK_FILE {
                found.insert(fs::read(path).unwrap());
            }
        }
    }
    found
}

/// The last sequence number, where the next open would open.
fn opens(dir: &Path) -> Option<u64> {
    match StoreFiles::at(dir).and_then(|files| files.next_open()).unwrap() {
        NextOpen::Opens(opening) => Some(opening.seq.get()),
        NextOpen::Refuses(_) => None,
    }
}

/// Stops a repair of the store that `damage` makes after each of its changes, and repairs it once more. Gives the number of
/// changes.
fn interrupted_everywhere(damage: impl Fn(&Path), kept: u64) -> usize {
    for changes in 0.. {
        let root = tempfile::tempdir().unwrap();
        let dir = store(root.path());
        damage(&dir);
        assert_eq!(opens(&dir), None);
        let before = originals(root.path());
        fault::after(Some(changes));
        let done = repair(&dir).aside(root.path().join("first")).apply();
        fault::after(None);
        assert!(originals(root.path()).is_superset(&before), "after {changes} changes");
        if let Ok(repaired) = done {
            assert_eq!((opens(&dir), repaired.plan.seq.get()), (Some(kept), kept));
            return changes;
        }
        let opens_now = opens(&dir);
        assert!([None, Some(kept)].contains(&opens_now), "after {changes}: {opens_now:?}");
        let plan = repair(&dir).plan().unwrap();
        assert_eq!(plan.seq.get(), kept, "after {changes} changes");
        let repaired = repair(&dir).aside(root.path().join("second")).apply().unwrap();
        assert_eq!(format!("{:?}", repaired.plan), format!("{plan:?}"));
        assert_eq!(opens(&dir), Some(kept), "after {changes} changes");
        assert!(originals(root.path()).is_superset(&before), "after {changes} changes");
        assert!(!root.path().join("store.being-repaired").exists(), "after {changes} changes");
        let verified = StoreFiles::at(&dir).unwrap().verify(|_| {}).unwrap();
        assert!(verified.damaged.is_empty(), "after {changes}: {:?}", verified.damaged);
        assert!(repair(&dir).plan().unwrap().steps.is_empty());
    }
    0
}

#[test]
fn a_repair_that_is_stopped_anywhere_keeps_the_originals_and_the_next_one_ends_it() {
    let damaged_journal = |dir: &Path| flip(&dir.join(names::segment(2)), 600);
    let root = tempfile::tempdir().unwrap();
    let dir = store(root.path());
    damaged_journal(&dir);
    let plan = repair(&dir).plan().unwrap();
    assert!(matches!(plan.steps[..], [RepairStep::MakeAnew { .. }]), "{plan:?}");
    assert!(interrupted_everywhere(damaged_journal, plan.seq.get()) > 15);
}

#[test]
fn files_that_are_set_aside_are_not_lost_either() {
    let newest = names::snapshot(37);
    let damaged = |dir: &Path| {
        flip(&dir.join(&newest), 700);
        flip(&dir.join(names::CLEAN), 50);
    };
    let root = tempfile::tempdir().unwrap();
    let dir = store(root.path());
    damaged(&dir);
    let plan = repair(&dir).plan().unwrap();
    let is_set_aside = |step: &RepairStep| matches!(step, RepairStep::SetAside { .. });
    assert!(plan.steps.len() == 2 && plan.steps.iter().all(is_set_aside), "{plan:?}");
    assert!(interrupted_everywhere(damaged, plan.seq.get()) > 4);
}

#[test]
fn what_an_interrupted_repair_has_begun_to_write_is_begun_again() {
    let root = tempfile::tempdir().unwrap();
    let dir = store(root.path());
    flip(&dir.join(names::segment(2)), 600);
    let fresh = root.path().join("store.being-repaired");
    fs::create_dir(&fresh).unwrap();
    fs::write(fresh.join(names::segment(1)), "a part").unwrap();
    fs::write(fresh.join(LOCK_FILE), "").unwrap();
    // What is not of a store is nothing that a repair has made.
    fs::write(fresh.join("letter.txt"), "dear").unwrap();
    let refused = repair(&dir).apply();
    assert!(matches!(refused, Err(Error::StoreExists { .. })), "{refused:?}");
    assert_eq!(fs::read_to_string(fresh.join("letter.txt")).unwrap(), "dear");
    fs::remove_file(fresh.join("letter.txt")).unwrap();
    repair(&dir).aside(root.path().join("aside")).apply().unwrap();
    assert!(opens(&dir).is_some() && !fresh.exists());
}

#[test]
fn where_the_new_store_has_gone_nothing_is_moved_any_more() {
    let root = tempfile::tempdir().unwrap();
    let dir = store(root.path());
    flip(&dir.join(names::segment(2)), 600);
    let aside = root.path().join("aside");
    let mut changes = 0;
    // Until the guard is there.
    while !fs::read(dir.join(names::CLEAN)).unwrap().starts_with(b"prevalent: a repair") {
        let _ = fs::remove_dir_all(&aside);
        fault::after(Some(changes));
        assert!(repair(&dir).aside(&aside).apply().is_err());
        fault::after(None);
        changes += 1;
    }
    fs::remove_dir_all(root.path().join("store.being-repaired")).unwrap();
    let before = originals(root.path());
    let error = repair(&dir).apply().unwrap_err();
    assert!(error.to_string().contains(aside.to_str().unwrap()), "{error}");
    assert_eq!(originals(root.path()), before);
}
