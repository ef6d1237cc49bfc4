//! The disk in a test's hands.

use super::super::{Fault, Operation, OperationKind};
use super::*;

#[test]
fn every_change_is_logged_and_no_read_is() {
    let disk = SimDisk::new();
    let file = disk.create("a").unwrap();
    file.write_at(7, b"hello").unwrap();
    file.sync().unwrap();
    file.read_at(0, &mut [0; 5]).unwrap();
    disk.list().unwrap();
    disk.open("a").unwrap();
    assert!(disk.create("a").is_err());
    disk.rename("a", "b").unwrap();
    disk.sync_dir().unwrap();
    disk.remove("b").unwrap();
    let operation = |kind, file: &str| Operation { kind, file: file.to_owned(), fault: None };
    assert_eq!(
        disk.operations(),
        [
            operation(OperationKind::Create, "a"),
            operation(OperationKind::Write { offset: 7, len: 5 }, "a"),
            operation(OperationKind::Sync, "a"),
            operation(OperationKind::Rename { to: "b".to_owned() }, "a"),
            operation(OperationKind::SyncDir, ""),
            operation(OperationKind::Remove, "b"),
        ]
    );
}

#[test]
fn a_clone_is_the_same_disk() {
    let disk = SimDisk::new();
    let _lock = disk.lock().unwrap();
    disk.clone().create("a").unwrap();
    assert_eq!(disk.file_names(), ["a"]);
    assert!(disk.clone().lock().is_err());
}

#[test]
fn a_disconnected_disk_refuses_everything_but_can_be_looked_at() {
    let (disk, file) = disk_with_file("a");
    let lock = disk.lock().unwrap();
    file.write_at(0, b"hello").unwrap();
    disk.disconnect();
    assert!(file.write_at(0, b"other").is_err());
    assert!(file.read_at(0, &mut [0; 5]).is_err());
    assert!(file.len().is_err());
    assert!(file.sync().is_err());
    assert!(disk.create("b").is_err());
    assert!(disk.open("a").is_err());
    assert!(disk.list().is_err());
    assert!(disk.rename("a", "b").is_err());
    assert!(disk.remove("a").is_err());
    assert!(disk.sync_dir().is_err());
    assert!(disk.lock().is_err());
    drop(lock);
    assert_eq!(disk.file("a").unwrap(), b"hello");
    assert_eq!(disk.operations().len(), 3);
    disk.after_kill().lock().unwrap();
}

#[test]
fn a_killed_process_loses_nothing_yet_but_a_power_cut_still_may() {
    let (disk, file) = disk_with_file("a");
    let _lock = disk.lock().unwrap();
    disk.fail_from(3, Fault::Eio);
    file.write_at(0, b"hello").unwrap();
    let next = disk.after_kill();
    assert_eq!(next.file("a").unwrap(), b"hello");
    next.lock().unwrap();
    assert_eq!(outcomes(&next, "a"), outcomes(&disk, "a"));
    assert_eq!(outcomes(&next, "a").len(), 3);
    next.open("a").unwrap().sync().unwrap();
    assert_eq!(outcomes(&next, "a"), contents([b"hello"]));
    assert_eq!(outcomes(&disk, "a").len(), 3, "it is another disk");
}

#[test]
fn a_deep_clone_is_independent_and_durable() {
    let (disk, file) = disk_with_file("a");
    file.write_at(0, b"hello").unwrap();
    disk.rename("a", "b").unwrap();
    let copy = disk.deep_clone();
    assert_eq!(outcomes(&copy, "b"), contents([b"hello"]));
    copy.remove_file("b");
    assert!(copy.file_names().is_empty());
    assert_eq!(disk.file("b").unwrap(), b"hello");
}

#[test]
fn a_file_put_on_the_disk_is_durable_and_begins_a_new_log() {
    let (disk, file) = disk_with_file("a");
    file.write_at(0, b"hello").unwrap();
    disk.set_file("a", b"damaged".to_vec());
    assert!(disk.operations().is_empty());
    assert_eq!(outcomes(&disk, "a"), contents([b"damaged"]));
    file.write_at(0, b"HELLO").unwrap();
    assert_eq!(disk.file("a").unwrap(), b"damaged", "an open file is the one that it was");
    disk.remove_file("a");
    assert_eq!(outcomes(&disk, "a"), BTreeSet::from([None]));
}

#[test]
fn a_new_file_is_never_taken_for_a_removed_one_that_is_still_open() {
    let disk = SimDisk::new();
    let removed = disk.create("a").unwrap();
    disk.remove("a").unwrap();
    disk.set_file("b", b"hello".to_vec());
    disk.remove_file("b");
    disk.create("c").unwrap().write_at(0, b"hello").unwrap();
    removed.write_at(0, b"x").unwrap();
    assert_eq!(disk.file("c").unwrap(), b"hello");
}

#[test]
fn the_lock_file_outlives_a_killed_process_and_no_power_cut() {
    let disk = SimDisk::new();
    let held = |disk: &SimDisk| {
        let file = disk.lock_file().unwrap().unwrap();
        let mut content = vec![0; usize::try_from(file.len().unwrap()).unwrap()];
        assert_eq!(file.read_at(0, &mut content).unwrap(), content.len());
        content
    };
    assert_eq!(held(&disk), b"");
    disk.lock_file().unwrap().unwrap().write_at(0, b"hello").unwrap();
    disk.lock_file().unwrap().unwrap().write_at(1, b"a").unwrap();
    disk.lock_file().unwrap().unwrap().sync().unwrap();
    assert_eq!(held(&disk), b"hallo");
    assert!(disk.operations().is_empty() && disk.file_names().is_empty());
    let killed = disk.after_kill();
    disk.set_lock_file(b"other".to_vec());
    assert_eq!((held(&disk), held(&killed)), (b"other".to_vec(), b"hallo".to_vec()));
    assert_eq!(held(&killed.image_at(0, 0, Loss::KeepOrDrop)), b"");
    assert_eq!(held(&killed.deep_clone()), b"");
    disk.disconnect();
    assert!(disk.lock_file().is_err());
}
