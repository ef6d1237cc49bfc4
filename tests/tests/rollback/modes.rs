//! `rollback` comes and goes: each segment is of one mode, and is replayed in that one.

use std::collections::BTreeMap;
use std::ops::Deref;

use prevalent::testing::SimDisk;
use prevalent::{Durability, Error, Model, SchemaError, Seq, Store, export, fork, import, restore};
use prevalent_tests::disk::journal_bytes;
use prevalent_tests::oracle::files;
use prevalent_tests::waiting::until;

use crate::board::{assert_panicked, board, off, on, open, past};

fn open_off(disk: &SimDisk, durability: Durability) -> Result<off::BoardStore, Error> {
    let builder = off::BoardStore::builder("").on_disk(disk.clone()).durability(durability);
    builder.no_snapshot_on_close().open().wait()
}

/// The flags of all segments, in order.
fn flags(disk: &SimDisk) -> Vec<u32> {
    let journal: BTreeMap<_, _> =
        files(disk).into_iter().filter(|(name, _)| name.ends_with(".journal")).collect();
    let of = |bytes: &Vec<u8>| u32::from_le_bytes(bytes[12..16].try_into().unwrap());
    journal.values().map(of).collect()
}

/// It is refused, and nothing has changed.
#[track_caller]
fn assert_refused(disk: &SimDisk, expected: u64) {
    let before = files(disk);
    let error = open_off(disk, Durability::Always).unwrap_err();
    match &error {
        Error::Schema(SchemaError::RollbackRemoved { model, seq, file, .. }) => {
            assert_eq!((model.as_str(), *seq), ("board", Seq::from(expected)));
            let text = error.to_string();
            for part in [file.to_str().unwrap(), "#[prevalent(rollback)]", "close it"] {
                assert!(text.contains(part), "{text}");
            }
        }
        other => panic!("{other:?}"),
    }
    assert_eq!(files(disk), before);
}

/// Waits until what was applied is written, too.
fn await_written<M: Model>(store: &Store<M>) {
    until("it is written", || store.stats().pending_bytes == 0);
}

/// A killed process' disk: what it has written, and not synced.
fn killed<M: Model, S: Deref<Target = Store<M>>>(disk: &SimDisk, store: S) -> SimDisk {
    await_written(&store);
    let killed = disk.after_kill();
    disk.disconnect();
    drop(store);
    killed
}

#[test]
fn a_tail_without_rollback_is_replayed_without_it_and_what_comes_then_with_it() {
    let disk = SimDisk::new();
    let store = open_off(&disk, Durability::Always).unwrap();
    store.put("one").wait().unwrap();
    store.refuse("two").wait().unwrap().unwrap_err();
    store.close().wait().unwrap();
    for round in 0..2 {
        let store = open(disk.clone(), Durability::Always);
        let expected: &[&str] = if round == 0 { &["one", "two"] } else { &["one", "two", "four"] };
        assert_eq!(board(&store).lines, expected, "what an `Err` has changed stays changed");
        if round == 0 {
            store.refuse("three").wait().unwrap().unwrap_err();
            store.put("four").wait().unwrap();
            assert_panicked(store.explode("five").wait(), 5);
            assert_eq!(store.stats().rebuilds, 0);
        }
        store.close().wait().unwrap();
    }
    assert_eq!(flags(&disk), [0, 1]);
    assert_eq!(past(disk.clone(), 2).lines, ["one", "two"]);
    assert_eq!(past(disk.clone(), 3).lines, ["one", "two"]);
    assert_refused(&disk, 3);
}

#[test]
fn rollback_is_not_taken_away_from_a_tail_and_a_snapshot_of_it_is_the_way_out() {
    let disk = SimDisk::new();
    let store = open(disk.clone(), Durability::Always);
    store.put("one").wait().unwrap();
    store.refuse("two").wait().unwrap().unwrap_err();
    store.close().wait().unwrap();
    assert_refused(&disk, 1);
    let looked = off::BoardStore::builder("").on_disk(disk.clone()).open_at(Seq::from(1)).wait();
    assert!(matches!(looked, Err(Error::Schema(SchemaError::RollbackRemoved { .. }))));

    // As the error says.
    let store = on::BoardStore::builder("").on_disk(disk.clone()).open().wait().unwrap();
    store.close().wait().unwrap();
    let store = open_off(&disk, Durability::Always).unwrap();
    assert_eq!(store.read(|board| board.lines.clone()), ["one"]);
    store.refuse("three").wait().unwrap().unwrap_err();
    assert_eq!(store.explode("four").wait().unwrap_err().effect(), prevalent::Effect::None);
    assert_eq!(store.stats().rebuilds, 1);
    assert_eq!(store.read(|board| board.lines.clone()), ["one", "three"]);
    drop(store);
    assert_eq!(flags(&disk), [1, 0]);
    let store = open_off(&disk, Durability::Always).unwrap();
    assert_eq!(store.read(|board| board.lines.clone()), ["one", "three"]);
}

#[test]
fn a_tail_of_nothing_but_voids_needs_no_rollback() {
    let disk = SimDisk::new();
    let store = open(disk.clone(), Durability::Always);
    store.put("one").wait().unwrap();
    store.snapshot().wait().unwrap();
    assert_panicked(store.explode("two").wait(), 2);
    store.close().wait().unwrap();
    let store = open_off(&disk, Durability::Always).unwrap();
    assert_eq!(store.read(|board| board.lines.clone()), ["one"]);
    assert_eq!(store.put("three").seq(), Some(Seq::from(3)));
}

#[test]
fn what_an_open_carries_over_keeps_its_mode_and_the_next_segment_has_the_new_one() {
    let disk = SimDisk::new();
    let store = open_off(&disk, Durability::Manual).unwrap();
    store.put("one").wait().unwrap();
    store.refuse("two").wait().unwrap().unwrap_err();
    let disk = killed(&disk, store);

    // Nobody vouches for it: it is carried over.
    let store = open(disk.clone(), Durability::Manual);
    assert_eq!(flags(&disk), [0, 0]);
    assert_eq!(board(&store).lines, ["one", "two"]);
    store.refuse("three").wait().unwrap().unwrap_err();
    store.put("four").wait().unwrap();
    await_written(&store);
    assert_eq!(flags(&disk), [0, 0, 1]);
    let live = board(&store);
    assert_eq!(live.lines, ["one", "two", "four"]);
    let disk = killed(&disk, store);

    let store = open(disk.clone(), Durability::Manual);
    assert_eq!(flags(&disk), [0, 0, 1, 1]);
    assert_eq!(board(&store), live);
    store.put("five").wait().unwrap();
    await_written(&store);
    assert_eq!(flags(&disk), [0, 0, 1, 1], "it goes on in the same segment");
    assert_eq!(past(disk.clone(), 2).lines, ["one", "two"]);
    let disk = killed(&disk, store);
    assert_refused(&disk, 3);
    assert_eq!(
        board(&open(disk.clone(), Durability::Always)).lines,
        ["one", "two", "four", "five"]
    );
}

#[test]
fn a_torn_tail_with_rollback_is_refused_where_something_of_it_is_left_and_dropped_where_not() {
    let disk = SimDisk::new();
    let store = open(disk.clone(), Durability::Always);
    store.put("one").wait().unwrap();
    store.snapshot().wait().unwrap();
    let name = files(&disk).into_keys().find(|name| name.ends_with(".journal")).unwrap();
    let covered = journal_bytes(&disk.file(&name).unwrap());
    store.put("two").wait().unwrap();
    let whole = journal_bytes(&disk.file(&name).unwrap());
    store.put("three").wait().unwrap();
    let disk = killed(&disk, store);
    let torn = |len: usize| {
        let torn = disk.deep_clone();
        let mut bytes = torn.file(&name).unwrap();
        bytes.truncate(len);
        torn.set_file(&name, bytes);
        torn
    };
    assert_refused(&torn(whole + 50), 2);
    assert_eq!(board(&open(torn(whole + 50), Durability::Always)).lines, ["one", "two"]);

    let torn = torn(covered + 50);
    let store = open_off(&torn, Durability::Always).unwrap();
    assert!(store.recovery().dropped_tail.is_some());
    assert_eq!(flags(&torn), [1, 0], "nothing of it is in the new segment");
    store.refuse("two").wait().unwrap().unwrap_err();
    drop(store);
    assert_eq!(flags(&torn), [1, 0]);
    let store = open_off(&torn, Durability::Always).unwrap();
    assert_eq!(store.read(|board| board.lines.clone()), ["one", "two"]);
}

#[test]
fn an_older_snapshot_that_must_stand_in_is_replayed_as_its_segments_say() {
    let disk = SimDisk::new();
    let store = open_off(&disk, Durability::Always).unwrap();
    store.refuse("one").wait().unwrap().unwrap_err();
    store.close().wait().unwrap();
    let store = open(disk.clone(), Durability::Always);
    store.refuse("two").wait().unwrap().unwrap_err();
    store.put("three").wait().unwrap();
    let newest = store.snapshot().wait().unwrap();
    drop(store);
    let store = open_off(&disk, Durability::Always).unwrap();
    assert_eq!(store.read(|board| board.lines.clone()), ["one", "three"]);
    drop(store);

    let name = newest.file.file_name().unwrap().to_str().unwrap().to_owned();
    let mut bytes = disk.file(&name).unwrap();
    *bytes.last_mut().unwrap() ^= 1;
    disk.set_file(&name, bytes);
    assert_refused(&disk, 2);
    assert_eq!(board(&open(disk, Durability::Always)).lines, ["one", "three"]);
}

#[test]
fn an_export_tells_the_mode_and_an_import_keeps_it() {
    let disk = SimDisk::new();
    let store = open_off(&disk, Durability::Always).unwrap();
    store.put("one").wait().unwrap();
    store.refuse("two").wait().unwrap().unwrap_err();
    drop(store);
    let store = open(disk.clone(), Durability::Always);
    store.refuse("three").wait().unwrap().unwrap_err();
    store.put("four").wait().unwrap();
    assert_panicked(store.explode("five").wait(), 5);
    store.put("six").wait().unwrap();
    let live = board(&store);
    drop(store);

    let export = |disk: &SimDisk| {
        let mut lines = Vec::new();
        export("").on_disk(disk.clone()).full_history().write_to(&mut lines).unwrap();
        String::from_utf8(lines).unwrap()
    };
    let lines = export(&disk);
    assert_eq!(lines.matches("{\"rollback\":true}").count(), 1, "{lines}");
    for segment_bytes in [1, 1 << 20] {
        let copy = SimDisk::new();
        let import = import("").on_disk(copy.clone()).segment_bytes(segment_bytes);
        import.read_from(lines.as_bytes()).unwrap();
        let expected: &[u32] = if segment_bytes == 1 { &[0, 0, 1, 1, 1, 1] } else { &[0, 1] };
        assert_eq!(flags(&copy), expected);
        assert_refused(&copy, 3);
        // Behind the first line, which tells the store.
        let behind_first = |lines: &str| lines.split_once('\n').map(|(_, rest)| rest.to_owned());
        assert_eq!(behind_first(&export(&copy)), behind_first(&lines));
        for seq in 0..=6 {
            assert_eq!(*past(copy.clone(), seq), *past(disk.clone(), seq), "{seq}");
        }
        let store = open(copy, Durability::Always);
        assert_eq!(board(&store), live);
    }

    // Without the line, the import is one of a program that knew nothing of it.
    let without = lines.replace("{\"rollback\":true}\n", "");
    let copy = SimDisk::new();
    import("").on_disk(copy.clone()).read_from(without.as_bytes()).unwrap();
    let store = open_off(&copy, Durability::Always).unwrap();
    assert_eq!(store.read(|board| board.lines.clone()), ["one", "two", "three", "four", "six"]);

    let nonsense = lines.replace("{\"rollback\":true}", "{\"rollback\":1}");
    let refused = import("").on_disk(SimDisk::new()).read_from(nonsense.as_bytes());
    assert!(matches!(refused, Err(Error::Json { .. })), "{refused:?}");
    let both = lines.replace("{\"rollback\":true}", "{\"rollback\":true,\"end\":2}");
    let refused = import("").on_disk(SimDisk::new()).read_from(both.as_bytes());
    assert!(matches!(refused, Err(Error::Json { .. })), "{refused:?}");
}

#[test]
fn a_fork_and_a_restored_backup_are_replayed_in_the_modes_of_their_segments() {
    let disk = SimDisk::new();
    let store = open_off(&disk, Durability::Always).unwrap();
    store.put("one").wait().unwrap();
    store.refuse("two").wait().unwrap().unwrap_err();
    drop(store);
    let store = open(disk.clone(), Durability::Always);
    store.refuse("three").wait().unwrap().unwrap_err();
    assert_panicked(store.explode("four").wait(), 4);
    store.put("five").wait().unwrap();
    let backup = tempfile::tempdir().unwrap();
    store.backup(backup.path()).wait().unwrap();
    for point in 0..=5 {
        let copies = [SimDisk::new(), SimDisk::new()];
        let fork = fork("").from_disk(disk.clone()).on_disk(copies[0].clone());
        fork.at(Seq::from(point)).to("").wait().unwrap();
        let restore = restore(backup.path()).on_disk(copies[1].clone());
        restore.at(Seq::from(point)).to("").wait().unwrap();
        for copy in copies {
            assert_eq!(board(&open(copy, Durability::Always)), *past(disk.clone(), point));
        }
    }
}
