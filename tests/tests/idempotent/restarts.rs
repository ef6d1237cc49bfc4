//! Keys are kept with the state: in the journal, in snapshots, through exports.

use prevalent::testing::SimDisk;
use prevalent::{Durability, Error, Key, Seq, SnapshotMethod, export, fork, import, restore};
use prevalent_tests::oracle::files;

use crate::bank::{BankStore, MODES, Receipt, bank, builder, open};

/// Deposits with each of these keys, and what was told.
fn deposits(store: &BankStore, keys: std::ops::Range<u64>) -> Vec<Receipt> {
    keys.map(|key| store.deposit(Key::from(key), 1).wait().unwrap()).collect()
}

#[test]
fn a_replay_remembers() {
    for durability in MODES {
        let disk = SimDisk::new();
        let store = open(disk.clone(), durability);
        let told = deposits(&store, 0..5);
        let refused = store.withdraw(50, "rent", &"rent".into()).wait().unwrap();
        assert!(store.expect(&"panics".into(), 100).wait().is_err());
        let before = bank(&store);
        drop(store);
        for _ in 0..2 {
            let store = open(disk.clone(), durability);
            assert_eq!(deposits(&store, 0..5), told);
            assert_eq!(store.withdraw(50, "rent", &"rent".into()).wait().unwrap(), refused);
            let other = store.deposit("rent".into(), 1).wait();
            assert!(matches!(other, Err(Error::KeyReused { .. })));
            assert_eq!(bank(&store), before);
            assert_eq!(store.stats().ordered_seq, Seq::from(7));
        }
        // What panicked is executed.
        let store = open(disk, durability);
        store.give(100).wait().unwrap();
        store.expect(&"panics".into(), 100).wait().unwrap();
    }
}

#[test]
fn a_snapshot_remembers_however_it_is_taken() {
    let methods = [SnapshotMethod::rebuilt, SnapshotMethod::locked, SnapshotMethod::cloned];
    for method in methods {
        let disk = SimDisk::new();
        let open = || {
            builder(disk.clone(), Durability::Always)
                .snapshot_method(method())
                .open()
                .wait()
                .unwrap()
        };
        let store = open();
        let told = deposits(&store, 0..5);
        store.snapshot().wait().unwrap();
        let more = deposits(&store, 5..8);
        drop(store);
        let store = open();
        assert_eq!(store.recovery().transactions, 3);
        assert_eq!(deposits(&store, 0..5), told);
        assert_eq!(deposits(&store, 5..8), more);
        store.snapshot().wait().unwrap();
        drop(store);
        let store = open();
        assert_eq!(store.recovery().transactions, 0);
        assert_eq!(deposits(&store, 0..5), told);
        assert_eq!(deposits(&store, 5..8), more);
        assert_eq!(bank(&store).executed.len(), 8);
    }
}

#[test]
fn a_rebuild_forgets_nothing_and_what_comes_after_it_is_remembered() {
    let disk = SimDisk::new();
    // Such a snapshot takes what the live state remembers.
    let builder = builder(disk.clone(), Durability::Always);
    let store = builder.snapshot_method(SnapshotMethod::locked()).open().wait().unwrap();
    let told = deposits(&store, 0..3);
    assert!(store.expect(&"panics".into(), 100).wait().is_err());
    assert_eq!(store.stats().rebuilds, 1);
    assert_eq!(deposits(&store, 0..3), told);
    let more = deposits(&store, 3..5);
    store.snapshot().wait().unwrap();
    assert_eq!(deposits(&store, 3..5), more);
    drop(store);
    let store = open(disk, Durability::Always);
    assert_eq!(deposits(&store, 0..3), told);
    assert_eq!(deposits(&store, 3..5), more);
    assert_eq!(bank(&store).executed.len(), 5);
}

#[test]
fn another_size_of_the_window_changes_no_history() {
    for with_snapshots in [false, true] {
        let disk = SimDisk::new();
        let open = |keys| {
            let builder = builder(disk.clone(), Durability::Always).idempotency_window(keys);
            builder.open().wait().unwrap()
        };
        let close = |store: BankStore| {
            if with_snapshots {
                store.snapshot().wait().unwrap();
            }
            drop(store);
        };
        let store = open(2);
        deposits(&store, 0..5);
        // It has gone, and is executed again; with a larger window, the replay finds both.
        deposits(&store, 0..1);
        let before = bank(&store);
        close(store);
        let store = open(100);
        assert_eq!(bank(&store), before);
        assert_eq!(
            store.deposit(Key::from(0_u64), 1).seq(),
            Some(Seq::from(6)),
            "the last one counts"
        );
        // What a snapshot of the smaller window has forgotten stays forgotten.
        let known = if with_snapshots { Seq::from(7) } else { Seq::from(2) };
        assert_eq!(store.deposit(Key::from(1_u64), 1).seq(), Some(known));
        close(store);
        let store = open(1);
        let last = store.stats().ordered_seq;
        let again = store.deposit(Key::from(u64::from(with_snapshots)), 1);
        assert_eq!(again.seq(), Some(last), "the last one is kept");
        close(store);
    }
}

#[test]
fn an_older_snapshot_remembers_what_the_newer_one_would_have() {
    let disk = SimDisk::new();
    let store = open(disk.clone(), Durability::Always);
    let told = deposits(&store, 0..3);
    store.snapshot().wait().unwrap();
    let more = deposits(&store, 3..6);
    let newest = store.snapshot().wait().unwrap();
    drop(store);
    let name = newest.file.file_name().unwrap().to_str().unwrap().to_owned();
    let good = disk.file(&name).unwrap();
    // Wherever in the description or the body.
    for at in (128..good.len()).step_by(7) {
        let disk = disk.deep_clone();
        let mut bytes = good.clone();
        bytes[at] ^= 0x10;
        disk.set_file(&name, bytes);
        let store = open(disk, Durability::Always);
        assert_eq!(store.recovery().damaged.len(), 1);
        assert_eq!(deposits(&store, 0..3), told);
        assert_eq!(deposits(&store, 3..6), more);
    }
}

#[test]
fn an_export_keeps_the_keys() {
    for full in [false, true] {
        let disk = SimDisk::new();
        let store = open(disk.clone(), Durability::Always);
        let told = deposits(&store, 0..3);
        store.snapshot().wait().unwrap();
        let refused = store.withdraw(50, "rent", &"rent".into()).wait().unwrap();
        store.snapshot().wait().unwrap();
        let more = deposits(&store, 3..5);
        let large = "too large".into();
        store.large(large, 2 << 20).wait().unwrap();
        drop(store);

        let export = |disk: &SimDisk| {
            let (mut lines, export) = (Vec::new(), export("").on_disk(disk.clone()));
            let export = if full { export.full_history() } else { export };
            export.write_to(&mut lines).unwrap();
            String::from_utf8(lines).unwrap()
        };
        let lines = export(&disk);
        let copy = SimDisk::new();
        import("").on_disk(copy.clone()).read_from(lines.as_bytes()).unwrap();
        // The first line says which store it is of.
        let behind_first = |lines: &str| lines.split_once('\n').map(|(_, rest)| rest.to_owned());
        assert_eq!(behind_first(&export(&copy)), behind_first(&lines));
        let store = open(copy.clone(), Durability::Always);
        assert_eq!(deposits(&store, 0..3), told);
        assert_eq!(store.withdraw(50, "rent", &"rent".into()).wait().unwrap(), refused);
        assert_eq!(deposits(&store, 3..5), more);
        assert!(matches!(store.large("too large".into(), 2 << 20).wait(), Err(Error::Schema(_))));
        assert_eq!(bank(&store).executed.len(), 7);
        drop(store);

        let before = files(&copy);
        let (_, keys) = lines.split_once(",\"keys\":\"").unwrap();
        let keys = format!("\"keys\":\"{}\"", keys.split_once('"').unwrap().0);
        for nonsense in
            ["\"keys\":\"0b00ff\"", "\"keys\":\"xyz\"", "\"keys\":7", "\"keys\":\"0500ff\""]
        {
            let wrong = lines.replace(&keys, nonsense);
            let refused = import("").on_disk(SimDisk::new()).read_from(wrong.as_bytes());
            assert!(matches!(refused, Err(Error::Json { .. })), "{nonsense}: {refused:?}");
        }
        assert_eq!(files(&copy), before);
    }
}

#[test]
fn a_fork_and_a_restored_backup_keep_the_keys_up_to_their_point() {
    let disk = SimDisk::new();
    let store = open(disk.clone(), Durability::Always);
    let told = deposits(&store, 0..3);
    store.snapshot().wait().unwrap();
    let more = deposits(&store, 3..6);
    let backup = tempfile::tempdir().unwrap();
    store.backup(backup.path()).wait().unwrap();
    for point in [3_u64, 4, 6] {
        let copies = [SimDisk::new(), SimDisk::new()];
        let fork = fork("").from_disk(disk.clone()).on_disk(copies[0].clone());
        fork.at(Seq::from(point)).to("").wait().unwrap();
        let restore = restore(backup.path()).on_disk(copies[1].clone());
        restore.at(Seq::from(point)).to("").wait().unwrap();
        for copy in copies {
            let copy = open(copy, Durability::Always);
            assert_eq!(deposits(&copy, 0..3), told);
            // What came behind the point is executed there: in that history, it has not happened yet.
            assert_eq!(deposits(&copy, 3..6), more);
            assert_eq!(copy.stats().ordered_seq, Seq::from(6));
            assert_eq!(bank(&copy), bank(&store));
        }
    }
}
