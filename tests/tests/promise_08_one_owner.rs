//! Promise 8: one owner.

use std::fs;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};

use prevalent::testing::SimDisk;
use prevalent::{Error, Seq};
use prevalent_tests::models::{Tally, TallyStore};
use prevalent_tests::waiting::until;

/// Where the child has its store; only the child has it set.
const CHILD_DIR: &str = "PREVALENT_TESTS_OWNER_DIR";

#[track_caller]
fn assert_locked(dir: &Path) {
    match TallyStore::open(dir).wait() {
        Err(Error::Locked { dir: named, .. }) => {
            assert_eq!(named.canonicalize().unwrap(), dir.canonicalize().unwrap());
        }
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_second_open_fails_at_once_and_harms_nobody() {
    let dir = tempfile::tempdir().unwrap();
    let store = TallyStore::open(dir.path()).wait().unwrap();
    store.add(1).wait().unwrap();
    assert_locked(dir.path());
    assert_locked(&dir.path().join("."));
    store.add(2).wait().unwrap();
    let text = TallyStore::open(dir.path()).wait().unwrap_err().to_string();
    assert!(text.contains("open already") && text.contains("close it"), "{text}");
}

#[test]
fn a_closed_store_leaves_no_lock_although_handles_live() {
    let dir = tempfile::tempdir().unwrap();
    let store = TallyStore::open(dir.path()).wait().unwrap();
    store.close().wait().unwrap();
    let other = TallyStore::open(dir.path()).wait().unwrap();
    assert_locked(dir.path());
    drop(store);
    assert_locked(dir.path());
    drop(other);
}

#[test]
fn when_the_last_handle_s_drop_has_returned_the_lock_is_free() {
    let dir = tempfile::tempdir().unwrap();
    for round in 0..10 {
        let store = TallyStore::open(dir.path()).wait().unwrap();
        let clone = store.clone();
        store.add(round).detach();
        drop(store);
        assert_locked(dir.path());
        drop(clone);
    }
    let store = TallyStore::open(dir.path()).wait().unwrap();
    assert_eq!(store.read(Tally::clone).numbers, (0..10).collect::<Vec<_>>());
}

#[test]
fn an_open_that_failed_leaves_no_lock() {
    let dir = tempfile::tempdir().unwrap();
    let panics = || -> Tally { panic!("no") };
    TallyStore::builder(dir.path()).initial(panics).open().wait().unwrap_err();
    TallyStore::open(dir.path()).wait().unwrap();
}

#[test]
fn an_open_that_nobody_waits_for_leaves_no_lock() {
    let dir = tempfile::tempdir().unwrap();
    drop(TallyStore::open(dir.path()));
    TallyStore::open(dir.path()).detach();
    until("it can be opened", || TallyStore::open(dir.path()).wait().is_ok());
}

#[test]
fn a_failed_store_leaves_no_lock_when_it_is_closed() {
    let disk = SimDisk::new();
    let store = TallyStore::builder("").on_disk(disk.clone()).open().wait().unwrap();
    store.add(1).wait().unwrap();
    disk.fail_operation(disk.operations().len() + 1, prevalent::testing::Fault::Eio);
    store.add(2).wait().unwrap_err();
    assert!(matches!(
        TallyStore::builder("").on_disk(disk.clone()).open().wait(),
        Err(Error::Locked { .. })
    ));
    store.close().wait().unwrap_err();
    TallyStore::builder("").on_disk(disk).open().wait().unwrap();
}

/// Not a test by itself: what the child process does.
#[test]
fn owner_in_a_child_process() {
    let Some(dir) = std::env::var_os(CHILD_DIR) else { return };
    let store = TallyStore::open(dir).wait().unwrap();
    store.add(store.sum() + 1).wait().unwrap();
    println!("\nopen");
    std::thread::sleep(prevalent_tests::waiting::LIMIT);
}

struct Owner(Child);

impl Owner {
    /// A process that has the store open when this returns.
    fn of(dir: &Path) -> Owner {
        let mut child = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "owner_in_a_child_process", "--nocapture"])
            .env(CHILD_DIR, dir)
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let lines = BufReader::new(child.stdout.take().unwrap()).lines();
        assert!(
            lines.map_while(Result::ok).any(|line| line == "open"),
            "the child did not open it"
        );
        Owner(child)
    }
}

impl Drop for Owner {
    /// With SIGKILL.
    fn drop(&mut self) {
        self.0.kill().unwrap();
        self.0.wait().unwrap();
    }
}

#[test]
fn another_process_is_locked_out_until_the_owner_is_killed_and_what_it_acknowledged_is_there() {
    let dir = tempfile::tempdir().unwrap();
    for round in 1..=2 {
        let owner = Owner::of(dir.path());
        assert_locked(dir.path());
        drop(owner);
        let store = TallyStore::open(dir.path()).wait().unwrap();
        assert_eq!(store.stats().seq, Seq::from(round));
    }
}

#[test]
fn foreign_files_in_the_directory_are_left_alone() {
    let dir = tempfile::tempdir().unwrap();
    let names = [
        "notes.txt",
        "1.journal",
        "00000000000000000001.journal.bak",
        "0000000000000000000x.snapshot",
        "other.tmp",
        ".hidden",
        "clean",
    ];
    for name in names {
        fs::write(dir.path().join(name), name).unwrap();
    }
    fs::create_dir(dir.path().join("folder")).unwrap();
    for _ in 0..3 {
        let store = TallyStore::builder(dir.path()).segment_bytes(1).open().wait().unwrap();
        store.add(1).wait().unwrap();
        store.add(1).wait().unwrap();
        store.snapshot().wait().unwrap();
        store.close().wait().unwrap();
    }
    for name in names {
        assert_eq!(fs::read_to_string(dir.path().join(name)).unwrap(), name);
    }
    assert!(dir.path().join("folder").is_dir());
}

#[test]
fn a_directory_that_is_not_there_is_made_with_those_above_it() {
    let root = tempfile::tempdir().unwrap();
    let dir = root.path().join("a/b/c");
    TallyStore::open(&dir).wait().unwrap().add(1).wait().unwrap();
    assert_eq!(TallyStore::open(&dir).wait().unwrap().sum(), 1);
}

#[test]
fn a_file_in_the_place_of_the_directory_is_an_error_that_names_it() {
    let root = tempfile::tempdir().unwrap();
    let dir = root.path().join("file");
    fs::write(&dir, "").unwrap();
    let error = TallyStore::open(&dir).wait().unwrap_err();
    assert!(matches!(&error, Error::Io { path, .. } if *path == dir), "{error:?}");
}
