//! What is in the way of a repair.

use std::fs;
use std::io;
use std::path::Path;
use std::sync::Arc;

use super::super::repair;
use super::stores::{
    Everything, apply, contents, damaged, damaged_end_of_the_journal,
    damaged_journal_behind_a_snapshot, everything, is_guarded, seen, store_of,
};
use crate::Error;
use crate::disk::Disk;
use crate::disk::sim::{Fault, ReadFault, SimVolume};
use crate::disk::volume::Volume;
use crate::format::names;

/// A repair stopped when the guard has been written.
fn stopped_behind_the_guard() -> SimVolume {
    let damaged = damaged_journal_behind_a_snapshot();
    for operations in 0.. {
        let volume = damaged.volume();
        volume.disk.fail_from(operations, Fault::Enospc);
        apply(&volume, "aside").unwrap_err();
        if is_guarded(&volume) {
            return volume.after_kill();
        }
    }
    SimVolume::new()
}

#[test]
fn where_the_new_store_has_gone_nothing_is_moved_any_more() {
    let volume = stopped_behind_the_guard();
    volume.disk.remove_file("store.being-repaired/CLEAN");
    let before = everything(&volume);
    let error = apply(&volume, "aside again").unwrap_err();
    assert!(error.to_string().contains("/simulated/aside`"), "{error}");
    assert_eq!(everything(&volume), before);
}

#[test]
fn the_originals_may_go_when_all_of_them_are_aside() {
    let damaged = damaged_journal_behind_a_snapshot();
    let phase = |volume: &SimVolume| {
        let mark = volume.disk.file("store/CLEAN").unwrap_or_default();
        String::from_utf8_lossy(&mark).contains("moved now: the new store")
    };
    let killed = (0..).map(|operations| {
        let volume = damaged.volume();
        volume.disk.fail_from(operations, Fault::Enospc);
        apply(&volume, "aside").unwrap_err();
        volume.after_kill()
    });
    let volume = killed.into_iter().find(phase).unwrap();
    for name in volume.disk.file_names().iter().filter(|name| name.starts_with("aside/")) {
        volume.disk.remove_file(name);
    }
    apply(&volume, "aside again").unwrap();
    assert_eq!(seen(&volume), Some(damaged.repaired));
}

#[test]
fn where_the_new_store_can_not_be_looked_at_it_has_not_gone() {
    let volume = stopped_behind_the_guard();
    volume.disk.fail_reads("store.being-repaired/CLEAN", ReadFault::Eio);
    let before = everything(&volume);
    assert!(matches!(apply(&volume, "aside again"), Err(Error::Io { .. })));
    assert_eq!(everything(&volume), before);
}

#[test]
fn no_file_is_moved_to_a_name_that_is_taken() {
    for name in ["aside/00000000000000000001.journal", "store/LETTER"] {
        let volume = stopped_behind_the_guard();
        volume.disk.set_file(name, b"dear".to_vec());
        let done = apply(&volume, "aside again");
        assert_eq!(volume.disk.file(name).unwrap(), b"dear");
        assert_eq!(done.is_ok(), name == "store/LETTER");
        let taken = |error: &Error| matches!(error, Error::Io { path, .. } if path.ends_with(name));
        assert!(done.as_ref().err().is_none_or(taken), "{done:?}");
    }
}

#[test]
fn a_place_for_the_originals_that_is_there_already_is_an_error() {
    for damaged in damaged() {
        let volume = damaged.volume();
        volume.disk.set_file("aside/", Vec::new());
        let before = contents(&volume);
        let error = apply(&volume, "aside").unwrap_err();
        assert!(matches!(error, Error::Io { operation: "create", .. }), "{error}");
        assert_eq!(contents(&volume), before);
    }
}

#[test]
fn what_is_not_of_a_store_stays_where_the_new_one_is_made() {
    let damaged = damaged_journal_behind_a_snapshot();
    let (letter, part) = ("store.being-repaired/letter.txt", "store.being-repaired/CLEAN");
    let volume = damaged.volume();
    for (name, text) in [("store.being-repaired/", ""), (letter, "dear"), (part, "a part")] {
        volume.disk.set_file(name, text.into());
    }
    let refused = apply(&volume, "aside");
    assert!(matches!(refused, Err(Error::StoreExists { .. })), "{refused:?}");
    assert_eq!(volume.disk.file(part).unwrap(), b"a part");
    volume.disk.remove_file(part);
    apply(&volume, "aside again").unwrap();
    assert_eq!(volume.disk.file(letter).unwrap(), b"dear");
    damaged.expect_repaired(&volume, &volume);
    volume.disk.remove_file(letter);
    damaged.expect_repairable(&volume, &volume);
}

/// A file system on which a directory is another one.
#[derive(Debug)]
struct Mounted(SimVolume, &'static str);

impl Volume for Mounted {
    fn directory(&self, path: &Path) -> io::Result<Arc<dyn Disk>> {
        self.0.directory(path)
    }

    fn make_directory(&self, path: &Path) -> io::Result<()> {
        self.0.make_directory(path)
    }

    fn remove_directory(&self, path: &Path) -> io::Result<()> {
        self.0.remove_directory(path)
    }

    fn move_file(&self, name: &str, from: &Path, to: &Path) -> io::Result<()> {
        if from.ends_with(self.1) != to.ends_with(self.1) {
            return Err(io::ErrorKind::CrossesDevices.into());
        }
        self.0.move_file(name, from, to)
    }
}

/// The files in the store's directory.
fn in_the_store(volume: &SimVolume) -> Everything {
    let all = everything(volume).into_iter();
    all.filter(|(name, _)| name.starts_with("store/")).collect()
}

#[test]
fn where_a_directory_is_a_file_system_of_its_own_nothing_has_changed() {
    for mounted in ["store", "aside", "store.being-repaired"] {
        for damaged in damaged() {
            let volume = Mounted(damaged.volume(), mounted);
            let before = in_the_store(&volume.0);
            match apply(&volume, "aside") {
                // No file of it is moved.
                Ok(_) => damaged.expect_repaired(&volume.0, &mounted),
                Err(Error::Io { source, .. }) => {
                    assert_eq!(source.kind(), io::ErrorKind::CrossesDevices);
                    assert_eq!(in_the_store(&volume.0), before, "{mounted}, {}", damaged.name);
                    assert_eq!(seen(&volume.0), None);
                    // On one file system, it can be repaired.
                    damaged.expect_repairable(&volume.0, &mounted);
                }
                Err(error) => panic!("{error}"),
            }
        }
    }
}

#[test]
fn files_of_two_stores_are_left_alone() {
    let volume = damaged_journal_behind_a_snapshot().volume();
    let other =
        damaged_end_of_the_journal().volume().disk.file("store/00000000000000000003.journal");
    volume.disk.set_file("store/00000000000000000003.journal", other.unwrap());
    let before = everything(&volume);
    let refused = apply(&volume, "aside");
    assert!(matches!(refused, Err(Error::Corrupt { .. })), "{refused:?}");
    assert_eq!(everything(&volume), before);
}

#[test]
fn a_store_in_use_is_not_repaired() {
    let volume = damaged_journal_behind_a_snapshot().volume();
    let _owner = store_of(&volume).lock().unwrap();
    assert!(matches!(apply(&volume, "aside"), Err(Error::Locked { .. })));
}

#[test]
fn where_there_is_no_store_no_directory_is_made() {
    let volume = SimVolume::new();
    assert!(matches!(apply(&volume, "aside"), Err(Error::NoStore { .. })));
    assert_eq!(volume.disk.operations(), []);
}

#[test]
fn what_can_not_be_read_is_not_taken_for_damage() {
    let damaged = damaged();
    for damaged in &damaged {
        for name in damaged.volume().disk.file_names() {
            let volume = damaged.volume();
            volume.disk.fail_reads(&name, ReadFault::Eio);
            if let Err(error) = apply(&volume, "aside") {
                assert!(matches!(error, Error::Io { .. }), "{name}: {error}");
                volume.disk.heal();
                damaged.expect_nothing_lost(&volume, &name);
                damaged.expect_repairable(&volume.after_kill(), &name);
            }
        }
    }
}

#[test]
fn a_real_directory_is_repaired_too() {
    let golden = Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/golden/1/closed");
    let root = tempfile::tempdir().unwrap();
    let (dir, aside) = (root.path().join("store"), root.path().join("aside"));
    fs::create_dir(&dir).unwrap();
    for entry in fs::read_dir(golden).unwrap() {
        let entry = entry.unwrap();
        fs::copy(entry.path(), dir.join(entry.file_name())).unwrap();
    }
    let damaged = dir.join(names::segment(2));
    let mut bytes = fs::read(&damaged).unwrap();
    bytes[600] ^= 1;
    fs::write(&damaged, &bytes).unwrap();
    let done = repair(&dir).aside(&aside).apply().unwrap();
    assert_eq!(done.aside.as_ref(), Some(&aside));
    assert_eq!(fs::read(aside.join(names::segment(2))).unwrap(), bytes);
    assert!(!root.path().join("store.being-repaired").exists());
    assert!(repair(&dir).plan().unwrap().steps.is_empty());
}
