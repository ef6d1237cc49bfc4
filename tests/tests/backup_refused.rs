//! A backup goes on only where the beginning of the store's own history is; and what is damaged is told, on either side,
//! with what was there before left as it was.

use std::collections::HashMap;
use std::io;
use std::sync::{Arc, Mutex};

use prevalent::testing::{Fault, ReadFault, SimDisk};
use prevalent::{BackupKind, BackupTarget, Error, Seq, Target, restore};
use prevalent_tests::backups::{
    add, back_up, ledger, ledger_at, open, pieces, restored, restored_at, setup,
};
use prevalent_tests::ledger::LedgerStore;
use prevalent_tests::record::Setup;

/// What is on a disk.
fn contents(disk: &SimDisk) -> Vec<(String, Option<Vec<u8>>)> {
    disk.file_names().into_iter().map(|name| (name.clone(), disk.file(&name))).collect()
}

/// A store with this many lines, closed.
fn store_of(lines: usize) -> SimDisk {
    let disk = SimDisk::new();
    let store = open(&disk);
    add(&store, lines);
    store.close().wait().unwrap();
    disk
}

/// The backup is refused, with nothing written.
fn expect_mismatch(store: &LedgerStore, target: &SimDisk, why: &str) {
    let before = contents(target);
    match back_up(store, target) {
        Err(Error::BackupMismatch { what, .. }) => assert!(what.contains(why), "{what}"),
        other => panic!("{other:?}"),
    }
    assert_eq!(contents(target), before);
}

#[test]
fn the_backup_of_another_store_is_refused() {
    let target = SimDisk::new();
    back_up(&open(&store_of(3)), &target).unwrap();
    expect_mismatch(&open(&store_of(5)), &target, "another store");
    expect_mismatch(&LedgerStore::in_memory(), &target, "another store");
}

#[test]
fn no_store_is_opened_or_made_in_the_place_of_a_backup() {
    let target = SimDisk::new();
    back_up(&open(&store_of(3)), &target).unwrap();
    let before = contents(&target);
    let opened = LedgerStore::builder("").on_disk(target.clone()).open().wait();
    assert!(matches!(opened.unwrap_err(), Error::NotAStore { .. }));
    let into_it = restore(Target::on_disk(target.clone())).on_disk(target.clone()).to("").wait();
    let error = into_it.unwrap_err();
    assert!(matches!(error, Error::NotAStore { .. }), "{error}");
    assert!(error.to_string().contains("holds a backup, not a store"), "{error}");
    assert_eq!(contents(&target), before);
}

#[test]
fn a_copy_that_went_its_own_way_is_recognised_wherever_it_left() {
    for common in [0, 1, 7] {
        let original = store_of(common);
        let copy = original.deep_clone();
        let (original, copy) = (open(&original), open(&copy));
        let target = SimDisk::new();
        if common > 0 {
            // The common beginning may be continued by either of them.
            back_up(&original, &target).unwrap();
            back_up(&copy, &target.deep_clone()).unwrap();
        }
        add(&original, 2);
        // The copy has less, as much and more than what is backed up.
        back_up(&original, &target).unwrap();
        expect_mismatch(&copy, &target, "set back, or is a copy");
        add(&copy, 2);
        expect_mismatch(&copy, &target, "");
        add(&copy, 12);
        expect_mismatch(&copy, &target, "went its own way");
        add(&original, 1);
        assert_eq!(back_up(&original, &target).unwrap().kind, BackupKind::Incremental);
    }
}

#[test]
fn a_store_that_was_set_back_is_recognised() {
    let disk = store_of(5);
    let earlier = disk.deep_clone();
    let target = SimDisk::new();
    let store = open(&disk);
    add(&store, 3);
    back_up(&store, &target).unwrap();
    let store = open(&earlier);
    expect_mismatch(&store, &target, "set back");
    add(&store, 3);
    expect_mismatch(&store, &target, "went its own way");
    add(&store, 20);
    expect_mismatch(&store, &target, "went its own way");
}

/// The next segment names another place of the pruned one than that where the backup ends: it was taken for another history.
#[test]
fn a_backup_that_ends_in_the_middle_of_a_pruned_segment_is_not_said_to_be_of_another_history() {
    let (disk, target) = (SimDisk::new(), SimDisk::new());
    let store = open(&disk);
    add(&store, 1);
    back_up(&store, &target).unwrap();
    while disk.file("00000000000000000001.journal").is_some() {
        add(&store, 1);
        store.snapshot().wait().unwrap();
    }
    assert!(disk.file("00000000000000000002.journal").is_some());
    expect_mismatch(&store, &target, "doesn't go back so far any more");
}

#[test]
fn a_backup_whose_end_is_pruned_is_refused_unless_the_next_segment_knows_it() {
    let disk = store_of(4);
    // Closed cleanly: the next segment begins where the backup ends.
    let store = open(&disk);
    let (at_the_seam, inside) = (SimDisk::new(), SimDisk::new());
    back_up(&store, &at_the_seam).unwrap();
    store.add("x".to_owned()).wait().unwrap();
    back_up(&store, &inside).unwrap();
    store.snapshot().wait().unwrap();
    add(&store, 8);
    let segments = || disk.file_names().into_iter().filter(|name| name.ends_with(".journal"));
    let first = segments().next().unwrap();
    store.snapshot().wait().unwrap();
    prevalent_tests::waiting::until("it is pruned", || disk.file(&first).is_none());
    let done = back_up(&store, &at_the_seam).unwrap();
    assert_eq!(done.kind, BackupKind::Incremental);
    assert_eq!(ledger(&restored(&at_the_seam).unwrap().0).0, store.read(Clone::clone));
    add(&store, 8);
    store.snapshot().wait().unwrap();
    add(&store, 8);
    store.snapshot().wait().unwrap();
    let second = "00000000000000000002.journal";
    prevalent_tests::waiting::until("it is pruned", || disk.file(second).is_none());
    expect_mismatch(&store, &inside, "doesn't go back so far any more");
}

#[test]
fn the_directory_of_a_store_is_no_place_for_a_backup_whether_it_is_open_or_not() {
    let dir = tempfile::tempdir().unwrap();
    let store = LedgerStore::open(dir.path()).wait().unwrap();
    add(&store, 1);
    let refused = store.backup(dir.path()).wait().unwrap_err();
    assert!(refused.to_string().contains("a store is there"), "{refused}");
    let nowhere = store.backup("").wait().unwrap_err();
    assert!(matches!(nowhere, Error::Io { .. }), "{nowhere}");
    let file = dir.path().join("file");
    std::fs::write(&file, "").unwrap();
    let file = store.backup(&file).wait().unwrap_err();
    assert!(matches!(file, Error::Io { .. }), "{file}");
    store.close().wait().unwrap();
    let refused = prevalent::backup(dir.path()).to(dir.path()).wait().unwrap_err();
    assert!(refused.to_string().contains("a store is there"), "{refused}");
    // It opens as before.
    LedgerStore::open(dir.path()).wait().unwrap().close().wait().unwrap();
}

#[test]
fn a_damaged_journal_is_refused_and_the_backup_stays_what_it_was() {
    let disk = store_of(2);
    let store = open(&disk);
    let target = SimDisk::new();
    let done = back_up(&store, &target).unwrap();
    let state = ledger(&restored(&target).unwrap().0);
    add(&store, 6);
    store.flush().wait().unwrap();
    let mut refused = 0;
    for segment in disk.file_names().into_iter().filter(|name| name.ends_with(".journal")) {
        let good = disk.file(&segment).unwrap();
        for bit in (0..good.len() * 8).step_by(43) {
            // The store is opened on good files, and these are damaged then.
            let disk = disk.after_kill();
            let store = open(&disk);
            let mut bad = good.clone();
            bad[bit / 8] ^= 1 << (bit % 8);
            disk.set_file(&segment, bad);
            let target = target.deep_clone();
            let result = back_up(&store, &target);
            let (copy, told) = restored(&target).unwrap();
            if let Err(error) = result {
                refused += 1;
                assert!(matches!(error, Error::Corrupt { .. }), "{segment} {bit}: {error}");
                assert!(error.to_string().contains(&segment), "{segment} {bit}: {error}");
                assert_eq!((ledger(&copy), told.seq), (state.clone(), done.seq));
            } else {
                // What the backup has isn't read again; nor what an open has copied into its own segment.
                assert_eq!(ledger(&copy), (store.read(Clone::clone), store.stats().seq));
            }
        }
    }
    assert!(refused > 100, "{refused}");
}

/// A segment of another history, in its place and of its length: nothing in it is wrong but that it doesn't belong there.
#[test]
fn a_segment_that_was_exchanged_for_that_of_a_copy_is_refused() {
    let original = store_of(1);
    let copy = original.deep_clone();
    let (original_store, copy_store) = (open(&original), open(&copy));
    add(&original_store, 12);
    add(&copy_store, 12);
    let names = copy.file_names().into_iter().filter(|name| name.ends_with(".journal"));
    let mut exchanged = 0;
    for name in names.skip(1) {
        let (own, foreign) = (original.file(&name).unwrap(), copy.file(&name).unwrap());
        if own.len() == foreign.len() {
            original.set_file(&name, foreign);
            let target = SimDisk::new();
            let error = back_up(&original_store, &target).unwrap_err();
            assert!(matches!(error, Error::Corrupt { .. }), "{error}");
            assert!(target.file("BACKUP").is_none());
            original.set_file(&name, own);
            exchanged += 1;
        }
    }
    assert!(exchanged > 0);
    back_up(&original_store, &SimDisk::new()).unwrap();
}

#[test]
fn a_damaged_snapshot_is_left_out_and_told() {
    let disk = store_of(4);
    let store = open(&disk);
    add(&store, 2);
    let good = store.snapshot().wait().unwrap();
    add(&store, 2);
    let bad = store.snapshot().wait().unwrap();
    add(&store, 2);
    let name = disk.file_names().into_iter().rfind(|name| name.ends_with(".snapshot")).unwrap();
    let mut bytes = disk.file(&name).unwrap();
    *bytes.last_mut().unwrap() ^= 1;
    disk.set_file(&name, bytes);
    let target = SimDisk::new();
    for _ in 0..2 {
        let done = back_up(&store, &target).unwrap();
        assert_eq!((done.snapshot_seq, done.damaged.len()), (good.seq, 1));
        assert!(done.seq > bad.seq && done.damaged[0].to_string().contains(&name));
        let (copy, _) = restored(&target).unwrap();
        assert_eq!(ledger(&copy), (store.read(Clone::clone), store.stats().seq));
    }
    // With no good snapshot there is nothing to begin with.
    let names = disk.file_names();
    for name in names.into_iter().filter(|name| name.ends_with(".snapshot")) {
        let mut bytes = disk.file(&name).unwrap();
        *bytes.last_mut().unwrap() ^= 1;
        disk.set_file(&name, bytes);
    }
    let error = back_up(&store, &SimDisk::new());
    // The newest one is damaged twice over: it is good again.
    assert!(error.is_ok_and(|done| done.snapshot_seq == bad.seq && done.damaged.is_empty()));
    let mut bytes = disk.file(&name).unwrap();
    *bytes.last_mut().unwrap() ^= 1;
    disk.set_file(&name, bytes);
    let empty = SimDisk::new();
    let error = back_up(&store, &empty).unwrap_err();
    assert!(matches!(error, Error::Corrupt { .. }), "{error}");
    assert!(empty.file_names().is_empty());
}

/// The older snapshot relies on journal that the backup has not got.
#[test]
fn a_backup_takes_no_older_snapshot_than_it_has() {
    let disk = store_of(4);
    let store = open(&disk);
    store.snapshot().wait().unwrap();
    add(&store, 9);
    let newest = store.snapshot().wait().unwrap();
    let target = SimDisk::new();
    let first = back_up(&store, &target).unwrap();
    assert_eq!((first.oldest_seq, first.snapshot_seq), (newest.seq, newest.seq));
    store.close().wait().unwrap();
    let name = disk.file_names().into_iter().rfind(|name| name.ends_with(".snapshot")).unwrap();
    let mut bytes = disk.file(&name).unwrap();
    bytes[32] ^= 1;
    disk.set_file(&name, bytes);
    let store = open(&disk);
    add(&store, 1);
    let done = back_up(&store, &target).unwrap();
    assert_eq!((done.oldest_seq, done.snapshot_seq), (newest.seq, newest.seq));
    let early = restored_at(&target, Seq::from(5)).unwrap_err();
    assert!(matches!(early, Error::Pruned { oldest, .. } if oldest == newest.seq), "{early}");
    assert_eq!(ledger(&restored(&target).unwrap().0).0, store.read(Clone::clone));
}

#[test]
fn a_store_that_accepts_no_more_writes_is_not_backed_up() {
    let disk = store_of(4);
    let store = open(&disk);
    disk.fail_from(0, Fault::Eio);
    store.add("x".to_owned()).wait().unwrap_err();
    disk.heal();
    let target = SimDisk::new();
    let failed = back_up(&store, &target).unwrap_err();
    assert!(matches!(failed, Error::Failed { .. }), "{failed}");
    assert!(target.file_names().is_empty());
}

/// A backup of three visits, and the states that it may give: that of the whole, and nothing else.
fn backed_up() -> (SimDisk, SimDisk) {
    let (disk, target) = (SimDisk::new(), SimDisk::new());
    let store = open(&disk);
    for round in 0..3 {
        add(&store, 3);
        if round == 1 {
            store.snapshot().wait().unwrap();
        }
        back_up(&store, &target).unwrap();
    }
    store.close().wait().unwrap();
    (disk, target)
}

#[test]
fn every_flipped_bit_and_every_cut_of_a_backup_gives_the_same_state_or_an_error() {
    let (disk, target) = backed_up();
    let expected = ledger(&disk);
    let mut refused = 0;
    let size = |name: &String| target.file(name).unwrap().len();
    let smallest = pieces(&target).into_iter().min_by_key(size).unwrap();
    for name in target.file_names() {
        let good = target.file(&name).unwrap();
        // All of a small piece, and samples of the others. (All of a manifest is what its own tests go through.)
        let step = match name.as_str() {
            "BACKUP" => 5,
            name if name == smallest => 1,
            _ => 41,
        };
        let flipped = (0..good.len() * 8).step_by(step).map(|bit| {
            let mut bad = good.clone();
            bad[bit / 8] ^= 1 << (bit % 8);
            bad
        });
        let cut = (0..good.len()).step_by(step.min(8)).map(|length| good[..length].to_vec());
        let longer = [[good.as_slice(), &[0]].concat()];
        for bad in flipped.chain(cut).chain(longer) {
            let damaged = target.deep_clone();
            damaged.set_file(&name, bad);
            match restored(&damaged) {
                // What is older than the newest snapshot isn't needed; and there may be an older one.
                Ok((copy, _)) => assert_eq!(ledger(&copy), expected, "{name}"),
                Err(Error::Corrupt { file, .. }) => {
                    assert!(file.ends_with(&name), "{name}: {}", file.display());
                    refused += 1;
                }
                Err(other) => panic!("{name}: {other}"),
            }
        }
    }
    assert!(refused > 1000);
}

#[test]
fn a_missing_piece_is_named_and_a_damaged_snapshot_has_an_older_one_in_its_place() {
    let (disk, target) = backed_up();
    let expected = ledger(&disk);
    for name in pieces(&target) {
        let damaged = target.deep_clone();
        damaged.remove_file(&name);
        match restored(&damaged) {
            Ok((copy, told)) => {
                assert_eq!(ledger(&copy), expected);
                if name.contains(".snapshot") && !name.starts_with("00000000000000000000.") {
                    assert_eq!((told.snapshot_seq, told.damaged.len()), (Seq::ZERO, 1));
                }
            }
            Err(error) => {
                assert!(matches!(error, Error::Corrupt { .. }), "{error}");
                assert!(error.to_string().contains(&name), "{error}");
                assert!(!name.contains(".snapshot"), "{name}");
            }
        }
        // Of a file that belongs elsewhere, nothing is taken either.
        let other = pieces(&target).into_iter().find(|other| *other != name).unwrap();
        damaged.set_file(&name, target.file(&other).unwrap());
        if let Ok((copy, _)) = restored(&damaged) {
            assert_eq!(ledger(&copy), expected);
        }
    }
    // The journal must be whole behind the oldest snapshot.
    let (earliest, _) = restored_at(&target, Seq::from(2)).unwrap();
    assert_eq!(ledger(&earliest).0, ledger_at(&disk, Seq::from(2)));
}

#[test]
fn a_damaged_manifest_is_not_written_over() {
    let (disk, target) = backed_up();
    let store = open(&disk);
    add(&store, 1);
    let mut bytes = target.file("BACKUP").unwrap();
    bytes[40] ^= 1;
    target.set_file("BACKUP", bytes);
    let before = contents(&target);
    let error = back_up(&store, &target).unwrap_err();
    assert!(matches!(error, Error::Corrupt { .. }), "{error}");
    assert_eq!(contents(&target), before);
    target.fail_reads("BACKUP", ReadFault::Eio);
    let error = back_up(&store, &target).unwrap_err();
    assert!(matches!(error, Error::Io { .. }), "{error}");
    assert_eq!(contents(&target), before);
}

/// A place that forgets, or makes something else of what it is given.
#[derive(Default)]
struct Liar {
    kept: Mutex<HashMap<String, Vec<u8>>>,
    lies_about: Option<&'static str>,
    /// It can be read, and nobody knows for how long.
    keeps_badly: Option<&'static str>,
}

impl BackupTarget for Liar {
    fn put(&self, name: &str, content: &[u8]) -> io::Result<()> {
        let mut content = content.to_vec();
        if self.lies_about.is_some_and(|part| name.contains(part)) {
            content.pop();
        }
        self.kept.lock().unwrap().insert(name.to_owned(), content);
        if self.keeps_badly.is_some_and(|part| name.contains(part)) {
            return Err(io::Error::other("it may not be durable"));
        }
        Ok(())
    }

    fn get(&self, name: &str) -> io::Result<Vec<u8>> {
        self.kept.lock().unwrap().get(name).cloned().ok_or(io::ErrorKind::NotFound.into())
    }

    fn describe(&self) -> String {
        "(a liar)".to_owned()
    }
}

#[test]
fn what_the_target_does_not_keep_as_it_is_is_noticed_at_once() {
    let store = open(&store_of(3));
    for part in [".snapshot", ".journal", "BACKUP"] {
        let liar = Arc::new(Liar { lies_about: Some(part), ..Liar::default() });
        let error = store.backup(liar.clone()).wait().unwrap_err();
        assert!(error.to_string().contains("what is read is not what was written"), "{error}");
        assert!(restore(liar).to("unused").wait().is_err());
    }
    let honest = Arc::new(Liar::default());
    store.backup(honest.clone()).wait().unwrap();
    let disk = SimDisk::new();
    restore(Target::from(honest)).on_disk(disk.clone()).to("unused").wait().unwrap();
    assert_eq!(ledger(&disk).0, store.read(Clone::clone));
}

#[test]
fn what_the_target_does_not_keep_for_certain_is_no_backup() {
    let store = open(&store_of(3));
    for part in [".snapshot", ".journal", "BACKUP"] {
        let target = Arc::new(Liar { keeps_badly: Some(part), ..Liar::default() });
        let error = store.backup(target).wait().unwrap_err();
        assert!(error.to_string().contains("it may not be durable"), "{error}");
    }
}

/// A target that panics is a failure of the backup, and nobody waits for ever.
#[test]
fn a_target_that_panics_harms_nobody_else() {
    struct Bomb;
    impl BackupTarget for Bomb {
        fn put(&self, _: &str, _: &[u8]) -> io::Result<()> {
            panic!("a bomb that belongs to the test")
        }
        fn get(&self, _: &str) -> io::Result<Vec<u8>> {
            Err(io::ErrorKind::NotFound.into())
        }
        fn describe(&self) -> String {
            "(a bomb)".to_owned()
        }
    }
    let store = open(&store_of(3));
    let failed = store.backup(Bomb).wait().unwrap_err();
    assert!(matches!(failed, Error::Failed { .. }), "{failed}");
    add(&store, 1);
    back_up(&store, &SimDisk::new()).unwrap();
    store.close().wait().unwrap();
}

/// Where two copies went their own ways, one may be ahead by its length, and the other one by its transactions.
#[test]
fn a_backup_that_is_ahead_by_its_length_or_by_its_transactions_is_refused() {
    let disk = store_of(1);
    let setup = Setup { segment_bytes: 1 << 20, ..setup() };
    let open = |disk: SimDisk| setup.builder(disk).open().wait().unwrap();
    let (long, many) = (open(disk.deep_clone()), open(disk));
    long.add("x".repeat(400)).wait().unwrap();
    add(&many, 2);
    for (one, other) in [(&long, &many), (&many, &long)] {
        let target = SimDisk::new();
        back_up(one, &target).unwrap();
        expect_mismatch(other, &target, "set back, or is a copy");
    }
}
