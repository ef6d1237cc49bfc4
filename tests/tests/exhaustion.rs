//! When something runs out: room on the disk, file descriptors, the right to write, memory for what is pending, time.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::ErrorKind;
use std::path::Path;
use std::process::Command;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::thread;
use std::time::Duration;

use prevalent::{Builder, Durability, Effect, Error, Seq, fork};
use prevalent_tests::disk::{Call, Watched};
use prevalent_tests::models::{Tally, TallyStore};
use prevalent_tests::mounts::{FileSystem, Mounted};
use prevalent_tests::waiting::within_limit;

fn builder(dir: &Path) -> Builder<TallyStore> {
    TallyStore::builder(dir).segment_bytes(32 << 10).no_snapshot_on_close()
}

fn files(dir: &Path) -> BTreeMap<String, Vec<u8>> {
    let entries = fs::read_dir(dir).unwrap().map(|entry| entry.unwrap());
    let named = entries.map(|entry| (entry.file_name().into_string().unwrap(), entry.path()));
    named
        .filter(|(name, _)| name != "LOCK")
        .map(|(name, path)| (name, fs::read(path).unwrap()))
        .collect()
}

#[track_caller]
fn assert_full(error: &Error) {
    match error {
        Error::Io { source, .. } => assert_eq!(source.kind(), ErrorKind::StorageFull, "{error}"),
        other => panic!("{other}"),
    }
}

#[test]
fn a_full_file_system_loses_nothing_and_when_there_is_room_again_the_store_goes_on() {
    for (kind, bytes) in [(FileSystem::Tmpfs, 512 << 10), (FileSystem::Ext4, 8 << 20)] {
        let Some(mounted) = Mounted::new(kind, bytes) else { continue };
        let dir = &mounted.path().join("store");
        let ballast = mounted.path().join("ballast");
        fs::write(&ballast, vec![1; 200 << 10]).unwrap();
        let store = builder(dir).open().wait().unwrap();
        let text = "x".repeat(3000);
        let (committed, error) =
            (0..).find_map(|number| Some((number, store.add_length(&text).wait().err()?))).unwrap();
        assert!(matches!(error, Error::InDoubt { .. } | Error::Failed { .. }), "{error}");
        assert!(committed > 20, "{committed}");
        // It is final, whatever becomes of the disk.
        let again = store.add(1).wait().unwrap_err();
        assert!(matches!(again, Error::Failed { .. }) && again.effect() == Effect::None, "{again}");
        assert!(again.to_string().contains("No space left"), "it says why: {again}");
        assert_eq!(store.read(|tally| tally.numbers.len()), committed);
        store.close().wait().unwrap_err();
        drop(store);

        let before = files(dir);
        match builder(dir).open().wait() {
            Ok(store) => assert!(store.read(|tally| tally.numbers.len()) >= committed),
            Err(error) => {
                assert_full(&error);
                assert!(files(dir) == before, "an error changes no byte");
            }
        }
        fs::remove_file(&ballast).unwrap();
        let store = builder(dir).open().wait().unwrap();
        let recovered = store.read(|tally| tally.numbers.len());
        assert!((committed..=committed + 1).contains(&recovered), "{recovered} of {committed}");
        assert_eq!(store.add(1).wait().unwrap(), recovered + 1);
        store.close().wait().unwrap();
    }
}

#[test]
fn without_room_for_a_snapshot_commits_go_on_and_it_is_taken_when_there_is() {
    for kind in [FileSystem::Tmpfs, FileSystem::Ext4] {
        let Some(mounted) = Mounted::new(kind, 8 << 20) else { continue };
        let dir = &mounted.path().join("store");
        let store = builder(dir).durability(Durability::Manual).open().wait().unwrap();
        // A state of some 400 kB.
        for number in 0..200_000 {
            store.add(100 + number % 20).detach();
        }
        store.flush().wait().unwrap();
        let ballast = mounted.path().join("ballast");
        let mut room = 100 << 10;
        let mut hog = File::create(&ballast).unwrap();
        // All but a little.
        while std::io::Write::write_all(&mut hog, &[1; 4096]).is_ok() {}
        drop(hog);
        let len = fs::metadata(&ballast).unwrap().len();
        room = room.min(len);
        File::options().write(true).open(&ballast).unwrap().set_len(len - room).unwrap();

        assert_full(&store.snapshot().wait().unwrap_err());
        let names = fs::read_dir(dir).unwrap().map(|entry| entry.unwrap().file_name());
        let left: Vec<_> = names.filter(|name| name.to_string_lossy().contains(".tmp")).collect();
        assert!(left.is_empty(), "what failed takes no room: {left:?}");
        store.add(1).wait().unwrap();
        store.flush().wait().unwrap();
        fs::remove_file(&ballast).unwrap();
        store.snapshot().wait().unwrap();
        assert_eq!(store.stats().failed_snapshots, 1, "{kind:?}");
    }
}

#[test]
fn on_a_file_system_that_can_only_be_read_an_open_says_so_and_the_past_can_be_read() {
    let Some(mounted) = Mounted::new(FileSystem::Tmpfs, 4 << 20) else { return };
    let dir = &mounted.path().join("store");
    let store = builder(dir).open().wait().unwrap();
    for number in 1..=3 {
        store.add(number).wait().unwrap();
    }
    store.close().wait().unwrap();
    drop(store);
    mounted.remount("ro");
    for dir in [dir, &mounted.path().join("another")] {
        match builder(dir).open().wait().unwrap_err() {
            error @ Error::Io { .. } => {
                let text = error.to_string();
                assert!(
                    text.contains("Read-only") && text.contains(dir.to_str().unwrap()),
                    "{text}"
                );
            }
            other => panic!("{other}"),
        }
    }
    let past = builder(dir).open_at(Seq::from(2)).wait().unwrap();
    assert_eq!(past.sum(), 3);
    let elsewhere = tempfile::tempdir().unwrap();
    let forked = elsewhere.path().join("forked");
    fork(dir).to(&forked).wait().unwrap();
    assert_eq!(builder(&forked).open().wait().unwrap().sum(), 6);
    mounted.remount("rw");
    assert_eq!(builder(dir).open().wait().unwrap().sum(), 6);
}

/// Where a child has its store; only a child has it set.
const CHILD_DIR: &str = "PREVALENT_TESTS_DESCRIPTORS_DIR";

/// Not a test by itself: what a child does that may open no more than a few files.
#[test]
fn without_descriptors_in_a_child_process() {
    let Some(dir) = std::env::var_os(CHILD_DIR) else { return };
    let dir = Path::new(&dir);
    let store = builder(dir).segment_bytes(4096).open().wait().unwrap();
    store.add(0).wait().unwrap();
    let mut hogs = Vec::new();
    while let Ok(hog) = File::open("/dev/null") {
        hogs.push(hog);
    }
    let is_emfile = |error: &Error| matches!(error, Error::Io { source, .. } if source.to_string().contains("Too many open files"));
    // What needs another file fails, and harms nobody.
    let error = store.snapshot().wait().unwrap_err();
    assert!(is_emfile(&error), "{error}");
    let error = TallyStore::open(dir.join("another")).wait().unwrap_err();
    assert!(is_emfile(&error), "{error}");
    let error = builder(dir).open_at(Seq::from(1)).wait().unwrap_err();
    assert!(is_emfile(&error), "{error}");
    // Commits don't, up to the end of the segment.
    let (committed, error) =
        (1..).find_map(|number| Some((number, store.add(number).wait().err()?))).unwrap();
    assert!(committed > 2, "{committed}");
    assert!(matches!(error, Error::Failed { .. }) && error.effect() == Effect::None, "{error}");
    assert!(error.to_string().contains("Too many open files"), "{error}");
    assert_eq!(store.read(|tally| tally.numbers.len() as u64), committed);
    store.close().wait().unwrap_err();
    drop(hogs);
    drop(store);
    let store = builder(dir).open().wait().unwrap();
    assert_eq!(store.read(|tally| tally.numbers.len() as u64), committed, "not one more");
    store.add(committed).wait().unwrap();
    store.close().wait().unwrap();
    println!("\nwell");
}

#[cfg(unix)]
#[test]
fn without_file_descriptors_what_needs_one_fails_and_nothing_is_lost() {
    let root = tempfile::tempdir().unwrap();
    let output = Command::new("sh")
        .args(["-c", "ulimit -n 64; exec \"$@\"", "sh"])
        .arg(std::env::current_exe().unwrap())
        .args(["without_descriptors_in_a_child_process", "--exact", "--nocapture"])
        .env(CHILD_DIR, root.path().join("store"))
        .output()
        .unwrap();
    let told = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success() && told.contains("\nwell"), "{output:?}");
}

#[test]
fn a_store_that_is_closed_under_load_answers_everybody_and_keeps_what_it_promised() {
    let modes =
        [Durability::Always, Durability::Every(Duration::from_millis(5)), Durability::Manual];
    for (durability, pending_bytes) in
        modes.into_iter().flat_map(|mode| [(mode, 64 << 20), (mode, 20_000)])
    {
        within_limit(move || {
            let root = tempfile::tempdir().unwrap();
            let dir = &root.path().join("store");
            let store = builder(dir)
                .durability(durability)
                .pending_bytes(pending_bytes)
                .open()
                .wait()
                .unwrap();
            let (done, closed) = (AtomicU64::new(0), AtomicUsize::new(0));
            thread::scope(|scope| {
                for _ in 0..8 {
                    scope.spawn(|| {
                        loop {
                            let commits: Vec<_> = (0..50).map(|_| store.add(1)).collect();
                            let mut last = None;
                            for commit in commits {
                                match commit.wait() {
                                    Ok(_) => {
                                        assert_ne!(
                                            last,
                                            Some("closed"),
                                            "calls of a task are in order"
                                        );
                                        done.fetch_add(1, Ordering::SeqCst);
                                    }
                                    Err(Error::Overloaded { .. }) => {}
                                    Err(Error::Closed) => last = Some("closed"),
                                    Err(other) => panic!("{other}"),
                                }
                            }
                            if last.is_some() {
                                closed.fetch_add(1, Ordering::SeqCst);
                                return;
                            }
                        }
                    });
                }
                while done.load(Ordering::SeqCst) < 500 {
                    thread::yield_now();
                }
                store.close().wait().unwrap();
            });
            assert_eq!(closed.load(Ordering::SeqCst), 8);
            let there = store.sum();
            assert_eq!(there, done.load(Ordering::SeqCst), "{durability:?}: what was answered");
            drop(store);
            let store = builder(dir).open().wait().unwrap();
            assert!(store.recovery().closed_cleanly);
            assert_eq!(store.sum(), there, "{durability:?}");
        });
    }
}

#[test]
fn a_flood_that_the_disk_does_not_take_stops_at_the_cap() {
    const CAP: usize = 100_000;
    for (durability, call) in [(Durability::Always, Call::Sync), (Durability::Manual, Call::Write)]
    {
        let disk = Watched::new();
        let store = TallyStore::builder("")
            .durability(durability)
            .pending_bytes(CAP)
            .on_disk(disk.clone())
            .open()
            .wait()
            .unwrap();
        store.add(0).wait().unwrap();
        disk.hold(call, ".journal");
        let first = store.add(1);
        disk.wait_until_held();
        let (mut accepted, mut refused) = (vec![first], 0);
        for number in 0..20_000 {
            let commit = store.add(number);
            assert!(store.stats().pending_bytes <= CAP, "{:?}", store.stats());
            if commit.seq().is_some() {
                accepted.push(commit);
            } else {
                assert!(matches!(commit.wait(), Err(Error::Overloaded { .. })));
                refused += 1;
            }
        }
        // Each takes 256 bytes more than its argument, and there is room for so many.
        assert!((350..=400).contains(&accepted.len()), "{}", accepted.len());
        assert_eq!(refused, 20_001 - accepted.len());
        disk.release();
        let count = accepted.len();
        for commit in accepted {
            commit.wait().unwrap();
        }
        assert_eq!(store.read(Tally::clone).numbers.len(), count + 1);
    }
}
