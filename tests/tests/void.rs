//! `prevalent::void`: a transaction of a store that is not open becomes void.

use prevalent::testing::{Fault, Loss, SimDisk};
use prevalent::{Durability, Error, NewStore, Seq, Target, Voided, fork, void};
use prevalent_tests::backups::{add, back_up, ledger_at, restored};
use prevalent_tests::ledger::{Ledger, LedgerStore, hush};
use prevalent_tests::oracle::files;
use prevalent_tests::record::Setup;

fn setup() -> Setup {
    hush();
    Setup { snapshot_on_close: false, ..Setup::new(Durability::Always) }
}

fn open(disk: &SimDisk) -> LedgerStore {
    setup().builder(disk.clone()).open().wait().expect("it opens")
}

fn void_on(disk: &SimDisk, seq: u64) -> Result<Voided, Error> {
    void("unused", seq).reason("for a test").on_disk(disk.clone()).write().wait()
}

fn seqs(ledger: &Ledger) -> Vec<u64> {
    ledger.lines.iter().map(|line| line.seq).collect()
}

/// A store with six lines, and how it was left.
fn six_lines(close: bool) -> SimDisk {
    let disk = SimDisk::new();
    let store = open(&disk);
    add(&store, 6);
    if close {
        store.close().wait().unwrap();
        disk.deep_clone()
    } else {
        disk.after_kill()
    }
}

#[test]
fn what_was_made_void_has_no_effect_and_the_others_are_what_they_were() {
    for close in [false, true] {
        for seq in 1..=6 {
            let disk = six_lines(close);
            let before = ledger_at(&disk, Seq::from(6));
            let voided = void_on(&disk, seq).unwrap();
            assert_eq!((voided.seq, &*voided.tx), (Seq::from(seq), "add"));
            let line = before.lines.iter().find(|line| line.seq == seq).unwrap();
            let time = voided.time.duration_since(std::time::UNIX_EPOCH).unwrap().as_micros();
            assert_eq!(time, u128::from(line.now_us));
            assert!(voided.dropped_tail.is_none() && voided.damaged.is_empty());

            let store = open(&disk);
            assert_eq!(store.recovery().closed_cleanly, close, "{seq}");
            let mut expected = before.lines.clone();
            expected.retain(|line| line.seq != seq);
            assert_eq!(store.read(|it| it.lines.clone()), expected);
            assert_eq!(u64::from(store.stats().seq), 6, "its number stays used");
            add(&store, 2);
            store.snapshot().wait().unwrap();
            store.verify().wait().unwrap();
            store.close().wait().unwrap();
            let again = open(&disk);
            assert_eq!(again.read(|it| it.lines.len()), 7);
        }
    }
}

#[test]
fn the_past_and_copies_leave_it_out_too() {
    let disk = six_lines(true);
    void_on(&disk, 3).unwrap();
    assert_eq!(seqs(&ledger_at(&disk, Seq::from(4))), [1, 2, 4]);
    let other = SimDisk::new();
    let forked: NewStore = fork("unused")
        .from_disk(disk.clone())
        .on_disk(other.clone())
        .at(Seq::from(5))
        .to("")
        .wait()
        .unwrap();
    assert_eq!(forked.seq, Seq::from(5));
    assert_eq!(open(&other).read(seqs), [1, 2, 4, 5]);
    let (store, target) = (open(&disk), SimDisk::new());
    back_up(&store, &target).unwrap();
    let (restored, _) = restored(&target).unwrap();
    assert_eq!(open(&restored).read(seqs), [1, 2, 4, 5, 6]);
}

#[test]
fn a_backup_goes_on_behind_a_void() {
    let disk = SimDisk::new();
    let store = open(&disk);
    add(&store, 4);
    let target = SimDisk::new();
    back_up(&store, &target).unwrap();
    store.close().wait().unwrap();
    void_on(&disk, 2).unwrap();
    let store = open(&disk);
    add(&store, 1);
    let info = store.backup(Target::on_disk(target.clone())).wait().unwrap();
    assert_eq!(info.seq, Seq::from(5));
    let (restored, _) = restored(&target).unwrap();
    assert_eq!(open(&restored).read(seqs), [1, 3, 4, 5]);
}

#[test]
fn several_can_be_made_void_one_after_the_other() {
    let disk = six_lines(true);
    for seq in [6, 1, 4] {
        void_on(&disk, seq).unwrap();
    }
    assert_eq!(open(&disk).read(seqs), [2, 3, 5]);
}

#[test]
fn what_can_not_be_made_void_is_refused_and_nothing_is_changed() {
    let disk = SimDisk::new();
    let store = open(&disk);
    add(&store, 3);
    store.snapshot().wait().unwrap();
    add(&store, 1);
    store.explode().wait().unwrap_err();
    add(&store, 1);
    assert!(matches!(void_on(&disk, 4), Err(Error::Locked { .. })), "it is open");
    store.close().wait().unwrap();
    drop(store);
    let before = files(&disk);
    for (seq, why) in [(0, "snapshot"), (1, "snapshot"), (3, "snapshot"), (5, "void already")] {
        let error = void_on(&disk, seq).unwrap_err();
        assert!(matches!(error, Error::NotVoidable { .. }), "{error}");
        assert!(error.to_string().contains(why), "{error}");
    }
    for seq in [7, u64::MAX] {
        let error = void_on(&disk, seq).unwrap_err();
        assert!(matches!(error, Error::NotYet { newest, .. } if newest == Seq::from(6)), "{error}");
    }
    let error = void_on(&SimDisk::new(), 1).unwrap_err();
    assert!(matches!(error, Error::NoStore { .. }), "{error}");
    assert!(files(&disk) == before);
    void_on(&disk, 4).unwrap();
    assert!(matches!(void_on(&disk, 4), Err(Error::NotVoidable { .. })));
}

#[test]
fn nothing_is_made_void_in_an_archive() {
    let (disk, archive) = (SimDisk::new(), SimDisk::new());
    let store = setup().builder(disk).archive_on_disk(archive.clone()).open().wait().unwrap();
    for _ in 0..4 {
        add(&store, 1);
        store.snapshot().wait().unwrap();
    }
    store.close().wait().unwrap();
    let before = files(&archive);
    assert!(before.keys().any(|name| name.ends_with(".snapshot")), "{:?}", before.keys());
    for seq in 0..=5 {
        let error = void_on(&archive, seq).unwrap_err();
        assert!(matches!(error, Error::NotAStore { .. }), "{error}");
    }
    assert!(files(&archive) == before);
}

#[test]
fn nothing_is_made_where_there_is_no_store() {
    let root = tempfile::tempdir().unwrap();
    for dir in [root.path().join("nowhere"), root.path().to_owned()] {
        let error = void(&dir, 1).write().wait().unwrap_err();
        assert!(matches!(error, Error::NoStore { .. }), "{error}");
    }
    assert_eq!(std::fs::read_dir(root.path()).unwrap().count(), 0, "no lock file either");
}

#[test]
fn a_damaged_journal_is_refused_and_nothing_is_changed() {
    let disk = six_lines(true);
    let name = disk.file_names().into_iter().find(|name| name.ends_with(".journal")).unwrap();
    let mut bytes = disk.file(&name).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    disk.set_file(&name, bytes);
    let before = files(&disk);
    let error = void_on(&disk, 1).unwrap_err();
    assert!(matches!(error, Error::Corrupt { .. }), "{error}");
    assert!(files(&disk) == before);
}

#[test]
fn a_torn_tail_is_dropped_and_told_as_an_open_would() {
    let disk = SimDisk::new();
    let store = open(&disk);
    add(&store, 5);
    let mut dropped = 0;
    for point in disk.crash_points() {
        for image in disk.images_at(point, Loss::KeepOrDrop).take(20) {
            let reference = image.deep_clone();
            let Ok(opened) = setup().builder(reference).open().wait() else { continue };
            let (seqs_before, recovery) = (opened.read(seqs), opened.recovery());
            let Some(&last) = seqs_before.last() else { continue };
            let voided = void_on(&image, last).unwrap();
            dropped += usize::from(voided.dropped_tail.is_some());
            assert_eq!(voided.dropped_tail, recovery.dropped_tail, "{image:?}");
            let store = open(&image);
            assert_eq!(store.read(seqs), seqs_before[..seqs_before.len() - 1], "{image:?}");
        }
    }
    assert!(dropped > 0, "some tails were torn");
}

#[test]
fn a_crash_in_the_middle_of_it_leaves_it_written_or_not() {
    for close in [false, true] {
        let disk = six_lines(close);
        void_on(&disk, 3).unwrap();
        let (mut with, mut without) = (0, 0);
        let end = *disk.crash_points().end();
        for point in disk.crash_points() {
            for image in disk.images_at(point, Loss::KeepOrDrop).take(200) {
                let store = open(&image);
                let seqs = store.read(seqs);
                if seqs == [1, 2, 4, 5, 6] {
                    with += 1;
                } else {
                    assert_eq!(seqs, [1, 2, 3, 4, 5, 6], "{image:?}");
                    assert_ne!(point, end, "it was said to be durable: {image:?}");
                    without += 1;
                }
                add(&store, 1);
                drop(store);
                assert_eq!(open(&image).read(|it| it.lines.len()), seqs.len() + 1, "{image:?}");
            }
        }
        assert!(with > 0 && without > 0, "{with} {without}");
    }
}

#[test]
fn whichever_operation_fails_the_store_opens_with_it_or_without_it() {
    for close in [false, true] {
        let operations = {
            let disk = six_lines(close);
            let before = disk.operations().len();
            void_on(&disk, 3).unwrap();
            disk.operations().len() - before
        };
        for index in 0..operations {
            for fault in [Fault::Eio, Fault::Enospc] {
                let disk = six_lines(close);
                disk.fail_operation(disk.operations().len() + index, fault);
                let result = void_on(&disk, 3);
                let disk = disk.after_kill();
                let store = open(&disk);
                let seqs = store.read(seqs);
                let is_void = !seqs.contains(&3);
                let is_all = is_void && store.recovery().closed_cleanly == close;
                assert!(is_all || result.is_err(), "{index} {fault:?}: {seqs:?}");
                assert_eq!(seqs.len(), if is_void { 5 } else { 6 }, "{index} {fault:?}");
            }
        }
    }
}
