//! Promise 7: nothing is repaired silently. (The files themselves are attacked elsewhere; here is what a user sees.)

use std::fs;

use prevalent::Error;
use prevalent::testing::SimDisk;
use prevalent_tests::disk::{journal_bytes, seal_header};
use prevalent_tests::models::{Tally, TallyStore};

fn open(disk: &SimDisk) -> Result<TallyStore, Error> {
    TallyStore::builder("").on_disk(disk.clone()).open().wait()
}

/// A store with two snapshots beside the first one, and something in the journal behind them.
fn with_history() -> SimDisk {
    let disk = SimDisk::new();
    let store =
        TallyStore::builder("").segment_bytes(1).on_disk(disk.clone()).open().wait().unwrap();
    for number in 1..=3 {
        store.add(number).wait().unwrap();
        store.snapshot().wait().unwrap();
    }
    store.add(4).wait().unwrap();
    drop(store);
    disk.deep_clone()
}

fn flip_last_byte(disk: &SimDisk, name: &str) {
    let mut bytes = disk.file(name).unwrap();
    let end = if name.ends_with(".journal") { journal_bytes(&bytes) } else { bytes.len() };
    bytes[end - 1] ^= 1;
    disk.set_file(name, bytes);
}

#[test]
fn a_damaged_segment_stops_the_open_which_names_it_and_no_byte_changes() {
    let disk = with_history();
    let newest = disk.file_names().into_iter().rfind(|name| name.ends_with(".journal")).unwrap();
    flip_last_byte(&disk, &newest);
    let before: Vec<_> = disk.file_names().iter().map(|name| disk.file(name)).collect();
    match open(&disk) {
        Err(Error::Corrupt { file, offset, seq, .. }) => {
            assert!(file.ends_with(&newest), "{file:?}");
            assert!(offset > 0);
            assert!(seq.is_some());
        }
        other => panic!("{other:?}"),
    }
    assert!(disk.operations().is_empty());
    assert_eq!(before, disk.file_names().iter().map(|name| disk.file(name)).collect::<Vec<_>>());
}

#[test]
fn a_missing_segment_stops_the_open() {
    let disk = with_history();
    let newest = disk.file_names().into_iter().rfind(|name| name.ends_with(".journal")).unwrap();
    disk.remove_file(&newest);
    assert!(matches!(open(&disk), Err(Error::Corrupt { .. })));
}

/// Such a file was taken for one that has just been removed: without the newest segment, the store went on from an older end,
/// and with the numbers of transactions that it had acknowledged.
#[cfg(unix)]
#[test]
fn a_file_that_is_a_link_to_nowhere_stops_the_open() {
    let dir = tempfile::tempdir().unwrap();
    let open = || {
        let builder = TallyStore::builder(dir.path()).segment_bytes(1).no_snapshot_on_close();
        builder.open().wait()
    };
    let store = open().unwrap();
    store.add(1).wait().unwrap();
    store.snapshot().wait().unwrap();
    store.add(2).wait().unwrap();
    drop(store);
    fs::remove_file(dir.path().join("CLEAN")).unwrap();
    for name in ["00000000000000000002.journal", "00000000000000000001.snapshot"] {
        let path = dir.path().join(name);
        let elsewhere = tempfile::tempdir().unwrap();
        fs::copy(&path, elsewhere.path().join(name)).unwrap();
        fs::remove_file(&path).unwrap();
        std::os::unix::fs::symlink(elsewhere.path().join(name), &path).unwrap();
        let back = fs::read(&path).unwrap();
        drop(elsewhere);
        match open() {
            Err(Error::Io { path: named, .. }) => assert!(named.ends_with(name), "{named:?}"),
            other => panic!("{other:?}"),
        }
        fs::remove_file(&path).unwrap();
        fs::write(&path, back).unwrap();
    }
    assert_eq!(open().unwrap().read(|tally| tally.numbers.clone()), [1, 2]);
}

#[test]
fn an_unreadable_newest_snapshot_is_reported_and_the_one_before_it_is_used() {
    let disk = with_history();
    let snapshots: Vec<_> =
        disk.file_names().into_iter().filter(|name| name.ends_with(".snapshot")).collect();
    assert_eq!(snapshots.len(), 2);
    flip_last_byte(&disk, &snapshots[1]);
    let store = open(&disk).unwrap();
    assert_eq!(store.read(Tally::clone).numbers, [1, 2, 3, 4]);
    let recovery = store.recovery();
    assert_eq!(u64::from(recovery.snapshot_seq), 2);
    assert_eq!(recovery.transactions, 2);
    match &recovery.damaged[..] {
        [Error::Corrupt { file, .. }] => assert!(file.ends_with(&snapshots[1]), "{file:?}"),
        other => panic!("{other:?}"),
    }
    // It is no snapshot to rely on: the next one replaces it.
    assert_eq!(u64::from(store.stats().last_snapshot.unwrap().seq), 2);
    store.close().wait().unwrap();
    assert!(!disk.file_names().contains(&snapshots[1]));
    let store = open(&disk).unwrap();
    assert!(store.recovery().damaged.is_empty());
    assert_eq!(store.read(Tally::clone).numbers, [1, 2, 3, 4]);
}

#[test]
fn if_no_snapshot_is_readable_the_open_stops() {
    let disk = with_history();
    for name in disk.file_names().into_iter().filter(|name| name.ends_with(".snapshot")) {
        flip_last_byte(&disk, &name);
    }
    assert!(matches!(open(&disk), Err(Error::Corrupt { .. })));
    assert!(disk.operations().is_empty());
}

#[test]
fn a_torn_tail_is_dropped_and_reported() {
    let disk = SimDisk::new();
    let store = open(&disk).unwrap();
    store.add(1).wait().unwrap();
    store.add(2).wait().unwrap();
    let copy = disk.deep_clone();
    let name = "00000000000000000001.journal";
    let mut bytes = copy.file(name).unwrap();
    let whole = journal_bytes(&bytes);
    bytes.truncate(whole - 1);
    copy.set_file(name, bytes);
    let again = open(&copy).unwrap();
    assert_eq!(again.read(Tally::clone).numbers, [1]);
    let dropped = again.recovery().dropped_tail.unwrap();
    assert!(dropped.file.ends_with(name));
    assert_eq!(dropped.offset + dropped.bytes, whole as u64 - 1);
    assert_eq!(u64::from(dropped.next_seq), 2);
    assert!(!dropped.suspect);
    assert_eq!(copy.file(name).unwrap().len(), whole - 1, "recovery never rewrites what it found");
    assert_eq!(again.add(3).seq(), Some(2.into()));
    again.close().wait().unwrap();
    let again = open(&copy).unwrap();
    assert_eq!(again.read(Tally::clone).numbers, [1, 3]);
    assert!(again.recovery().dropped_tail.is_none());
}

#[test]
fn a_suspect_tail_stops_the_open_unless_it_is_told_to_drop_it() {
    let disk = SimDisk::new();
    let store = open(&disk).unwrap();
    store.add(1).wait().unwrap();
    store.add(2).wait().unwrap();
    let copy = disk.deep_clone();
    flip_last_byte(&copy, "00000000000000000001.journal");
    match open(&copy) {
        Err(Error::SuspectTail { seq, offset, .. }) => {
            assert_eq!(u64::from(seq), 2);
            assert!(offset > 0);
        }
        other => panic!("{other:?}"),
    }
    assert!(copy.operations().is_empty());
    let again = TallyStore::builder("").drop_suspect_tail().on_disk(copy).open().wait().unwrap();
    assert_eq!(again.read(Tally::clone).numbers, [1]);
    assert!(again.recovery().dropped_tail.unwrap().suspect);
}

#[test]
fn a_copy_of_the_directory_of_a_quiet_store_opens_like_the_original_after_a_crash() {
    let (original, copy) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let store = TallyStore::open(original.path()).wait().unwrap();
    store.add(1).wait().unwrap();
    store.snapshot().wait().unwrap();
    store.add(2).wait().unwrap();
    for entry in fs::read_dir(original.path()).unwrap() {
        let entry = entry.unwrap();
        fs::copy(entry.path(), copy.path().join(entry.file_name())).unwrap();
    }
    let again = TallyStore::open(copy.path()).wait().unwrap();
    assert_eq!(again.read(Tally::clone).numbers, [1, 2]);
    again.add(3).wait().unwrap();
    store.add(4).wait().unwrap();
}

#[test]
fn what_this_version_can_not_read_is_told_as_such() {
    let disk = with_history();
    let newest = disk.file_names().into_iter().rfind(|name| name.ends_with(".snapshot")).unwrap();
    let mut bytes = disk.file(&newest).unwrap();
    bytes[8] = 0;
    seal_header(&mut bytes);
    disk.set_file(&newest, bytes.clone());
    let older = open(&disk).unwrap_err().to_string();
    assert!(
        older.ends_with(
            "has format version 0, which no release has written: it can't be read any more"
        ),
        "{older}"
    );
    bytes[8] = 9;
    seal_header(&mut bytes);
    disk.set_file(&newest, bytes);
    match open(&disk) {
        Err(Error::UnsupportedFormat { file, found, supported, .. }) => {
            assert!(file.ends_with(&newest));
            assert!(found == 9 && supported < 9);
        }
        other => panic!("{other:?}"),
    }
    assert!(disk.operations().is_empty());
}

#[test]
fn an_open_tells_whether_the_store_was_closed_before() {
    let disk = SimDisk::new();
    let store = open(&disk).unwrap();
    assert!(store.recovery().closed_cleanly, "it is new");
    store.add(1).wait().unwrap();
    let killed = disk.after_kill();
    store.close().wait().unwrap();

    // Nothing is torn: the journal just ends, as it would if more of it had been cut off between two batches.
    let recovery = open(&killed).unwrap().recovery();
    assert!(!recovery.closed_cleanly);
    assert_eq!(recovery.dropped_tail, None);
    assert!(open(&killed).unwrap().recovery().closed_cleanly, "dropping the handle closed it");
    assert!(open(&disk).unwrap().recovery().closed_cleanly);
}

#[test]
fn a_snapshot_that_an_interrupted_pruning_has_left_is_no_damage() {
    let disk = SimDisk::new();
    let store =
        TallyStore::builder("").segment_bytes(1).on_disk(disk.clone()).open().wait().unwrap();
    let mut oldest = None;
    for number in 1..=4 {
        store.add(number).wait().unwrap();
        let snapshot = store.snapshot().wait().unwrap();
        let name = snapshot.file.file_name().unwrap().to_str().unwrap().to_owned();
        oldest = oldest.or_else(|| Some((name.clone(), disk.file(&name).unwrap())));
    }
    drop(store);
    let (name, bytes) = oldest.unwrap();
    assert!(!disk.file_names().contains(&name), "it was pruned, and what it needs of the journal");
    // A crash may bring it back, where the directory could not be synced.
    disk.set_file(&name, bytes);

    let store = open(&disk).unwrap();
    assert!(store.recovery().damaged.is_empty(), "{:?}", store.recovery().damaged);
    assert_eq!(store.read(Tally::clone).numbers, [1, 2, 3, 4]);
    store.add(5).wait().unwrap();
    store.snapshot().wait().unwrap();
    assert!(!disk.file_names().contains(&name), "the next pruning takes it");
}
