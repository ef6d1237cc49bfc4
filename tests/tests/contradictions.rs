//! Files whose checksums are right, and that contradict each other. No disk makes them: a fault of a program does, or somebody
//! who copies files.

use prevalent::testing::SimDisk;
use prevalent::{Builder, Error};
use prevalent_tests::disk::{journal_bytes, seal_header};
use prevalent_tests::models::TallyStore;

/// The fields of the headers, as the format has them.
const SEQ: usize = 32;
const PREDECESSOR: usize = 40;
const CHAIN_OF_PREDECESSOR: usize = 56;
const FIRST_SEQ: usize = 64;
/// A snapshot's place in the journal.
const PLACE: std::ops::Range<usize> = 40..64;

fn builder(disk: &SimDisk) -> Builder<TallyStore> {
    let builder = TallyStore::builder("").segment_bytes(1).keep_snapshots(10);
    builder.no_snapshot_on_close().on_disk(disk.clone())
}

fn segment(number: u64) -> String {
    format!("{number:020}.journal")
}

fn snapshot(seq: u64) -> String {
    format!("{seq:020}.snapshot")
}

/// As many transactions, each in a segment of its own, of which the first three are followed by a snapshot.
fn history(transactions: u64) -> (SimDisk, TallyStore) {
    let disk = SimDisk::new();
    let store = builder(&disk).open().wait().unwrap();
    for number in 1..=transactions {
        store.add(number).wait().unwrap();
        if number <= 3 {
            store.snapshot().wait().unwrap();
        }
    }
    (disk, store)
}

/// The same after a kill.
fn killed(transactions: u64) -> SimDisk {
    history(transactions).0.after_kill()
}

/// Changes a header, whose checksum is right again then.
fn alter(disk: &SimDisk, name: &str, change: impl FnOnce(&mut [u8])) {
    let mut bytes = disk.file(name).unwrap();
    change(&mut bytes);
    seal_header(&mut bytes);
    disk.set_file(name, bytes);
}

fn put(bytes: &mut [u8], offset: usize, value: u64) {
    bytes[offset..offset + 8].copy_from_slice(&value.to_le_bytes());
}

/// The open is refused for damage to this file, here, and changes nothing.
#[track_caller]
fn assert_refused(disk: &SimDisk, name: &str, at: Option<u64>, why: &str) {
    match builder(disk).open().wait().map(|_| ()).unwrap_err() {
        Error::Corrupt { file, offset, what, .. } => {
            assert!(file.ends_with(name), "{}: {what}", file.display());
            assert!(what.contains(why), "{what}");
            assert!(at.is_none_or(|at| at == offset), "{offset}: {what}");
        }
        other => panic!("{other:?}"),
    }
    assert!(disk.operations().is_empty(), "{:?}", disk.operations());
}

#[test]
fn a_snapshot_that_names_a_segment_that_is_not_there_stops_the_open() {
    let disk = killed(3);
    disk.remove_file(&segment(3));
    assert_refused(&disk, &segment(3), None, "the segment is missing, and the snapshot");
}

#[test]
fn a_segment_that_is_missing_before_others_stops_the_open_which_says_who_names_it() {
    for (number, who) in [(3, "the snapshot"), (4, "the order of the journal")] {
        let disk = killed(5);
        disk.remove_file(&segment(number));
        assert_refused(&disk, &segment(number), None, &format!("missing, and {who} names it"));
    }
}

#[test]
fn a_snapshot_of_more_than_the_journal_holds_stops_the_open() {
    let disk = killed(4);
    alter(&disk, &snapshot(3), |header| put(header, SEQ, 9));
    disk.set_file(&snapshot(9), disk.file(&snapshot(3)).unwrap());
    disk.remove_file(&snapshot(3));
    assert_refused(&disk, &segment(4), None, "it ends before the snapshot");
}

/// What lies between would be missing.
#[test]
fn a_snapshot_that_names_a_place_behind_what_comes_next_stops_the_open() {
    let disk = killed(4);
    let place = disk.file(&snapshot(3)).unwrap()[PLACE].to_vec();
    alter(&disk, &snapshot(1), |header| header[PLACE].copy_from_slice(&place));
    disk.remove_file(&snapshot(3));
    disk.remove_file(&snapshot(2));
    assert_refused(&disk, &segment(3), Some(64), "lies behind the snapshot");
}

#[test]
fn a_segment_that_names_another_predecessor_than_the_one_before_it_stops_the_open() {
    let disk = killed(4);
    alter(&disk, &segment(3), |header| put(header, PREDECESSOR, 1));
    assert_refused(&disk, &segment(3), Some(40), "another predecessor");
}

#[test]
fn a_segment_that_leaves_sequence_numbers_out_stops_the_open() {
    let disk = killed(4);
    disk.remove_file(&snapshot(3));
    alter(&disk, &segment(3), |header| put(header, FIRST_SEQ, 7));
    assert_refused(&disk, &segment(2), None, "the next sequence number");
}

#[test]
fn a_clean_mark_of_another_sequence_number_than_the_journals_stops_the_open() {
    let (disk, store) = history(4);
    store.close().wait().unwrap();
    drop(store);
    let disk = disk.deep_clone();
    alter(&disk, "CLEAN", |mark| put(mark, SEQ, 5));
    assert_refused(&disk, &segment(4), None, "the clean mark");
}

/// The segments before the snapshot are there to fall back on.
#[test]
fn an_older_segment_with_another_end_than_the_next_one_names_is_reported() {
    let disk = killed(4);
    alter(&disk, &segment(2), |header| header[CHAIN_OF_PREDECESSOR] ^= 1);
    let store = builder(&disk).open().wait().unwrap();
    let damaged = store.recovery().damaged;
    let is_reported = |error: &Error| match error {
        Error::Corrupt { file, what, .. } => {
            file.ends_with(segment(1)) && what.contains("its end is not the one")
        }
        _ => false,
    };
    assert!(damaged.iter().any(is_reported), "{damaged:?}");
}

#[test]
fn a_snapshot_that_names_another_journal_up_to_its_place_stops_the_open() {
    // At the end of the newest segment, and of one before it.
    for transactions in [3, 4] {
        let disk = killed(transactions);
        alter(&disk, &snapshot(3), |header| header[PLACE.end - 1] ^= 1);
        assert_refused(&disk, &segment(3), None, "not the one that other files name");
    }
}

/// One segment with two transactions, closed; and the place behind the first one.
fn closed() -> (SimDisk, Vec<u8>) {
    let disk = SimDisk::new();
    let store = builder(&disk).segment_bytes(1 << 20).open().wait().unwrap();
    store.add(1).wait().unwrap();
    store.snapshot().wait().unwrap();
    let place = disk.file(&snapshot(1)).unwrap()[PLACE].to_vec();
    store.add(2).wait().unwrap();
    store.close().wait().unwrap();
    drop(store);
    disk.remove_file(&snapshot(1));
    (disk.deep_clone(), place)
}

#[test]
fn a_clean_mark_of_an_earlier_place_stops_the_open() {
    let (disk, place) = closed();
    alter(&disk, "CLEAN", |mark| mark[PLACE].copy_from_slice(&place));
    assert_refused(&disk, &segment(1), None, "behind the end that the clean mark names");
}

#[test]
fn what_lies_behind_the_end_of_a_closed_store_stops_the_open() {
    // As if a crash had torn it.
    for torn in [&[7][..], &[7; 100]] {
        let (disk, _) = closed();
        let mut bytes = disk.file(&segment(1)).unwrap();
        bytes.truncate(journal_bytes(&bytes));
        bytes.extend_from_slice(torn);
        disk.set_file(&segment(1), bytes);
        assert_refused(&disk, &segment(1), None, "behind the end that the clean mark names");
    }
}

/// Between batches is where everything was durable that lies before.
#[test]
fn a_batch_that_vouches_for_a_part_of_another_one_stops_the_open() {
    let disk = SimDisk::new();
    let store = TallyStore::builder("").no_snapshot_on_close().on_disk(disk.clone());
    let store = store.open().wait().unwrap();
    for number in 1..=3 {
        store.add(number).wait().unwrap();
    }
    let disk = disk.after_kill();
    let mut bytes = disk.file(&segment(1)).unwrap();
    let (magic, mut last) = (bytes[128..132].to_vec(), 128);
    loop {
        let body = u32::from_le_bytes(bytes[last + 56..last + 60].try_into().unwrap());
        let next = last + 80 + body as usize + 1;
        if !bytes[next..].starts_with(&magic) {
            break;
        }
        last = next;
    }
    let synced_through = u64::from_le_bytes(bytes[last + 24..last + 32].try_into().unwrap());
    put(&mut bytes, last + 24, synced_through - 3);
    prevalent::__fuzz::seal(&mut bytes);
    disk.set_file(&segment(1), bytes);
    let at = Some(synced_through - 3);
    assert_refused(&disk, &segment(1), at, "names a place inside a batch");
}

/// What the engine adds to such a number must not overflow.
#[test]
fn a_number_to_which_nothing_could_be_added_is_refused() {
    let mark = |at| {
        let (disk, store) = history(4);
        store.close().wait().unwrap();
        let disk = disk.after_kill();
        alter(&disk, "CLEAN", |header| put(header, at, u64::MAX));
        disk
    };
    for at in [SEQ, PLACE.start] {
        assert_refused(&mark(at), "CLEAN", Some(0), "higher than any can be");
    }
    for at in [PREDECESSOR, FIRST_SEQ] {
        let disk = killed(4);
        alter(&disk, &segment(4), |header| put(header, at, u64::MAX));
        assert_refused(&disk, &segment(4), Some(0), "higher than any can be");
    }
}

#[test]
fn a_snapshot_of_the_highest_number_there_is_stops_the_open_and_one_of_a_higher_number_is_no_snapshot()
 {
    let renumbered = |seq: u64| {
        let disk = killed(4);
        alter(&disk, &snapshot(3), |header| put(header, SEQ, seq));
        disk.set_file(&snapshot(seq), disk.file(&snapshot(3)).unwrap());
        disk.remove_file(&snapshot(3));
        disk
    };
    let highest = u64::MAX >> 1;
    assert_refused(&renumbered(highest), &segment(4), None, "it ends before the snapshot");
    let above = "higher than any can be";
    assert_refused(&renumbered(u64::MAX), &snapshot(u64::MAX), Some(0), above);
    // Whatever is in it.
    for name in [snapshot(highest + 1), segment(u64::MAX)] {
        let disk = killed(4);
        disk.set_file(&name, b"nothing".to_vec());
        assert_refused(&disk, &name, Some(0), above);
    }
}

/// What a batch says that was applied before it: the replay marks what lies behind one by one.
#[test]
fn a_batch_that_tells_of_transactions_that_there_are_not_is_not_believed() {
    const APPLIED_THROUGH: usize = 32;
    let disk = killed(4);
    let mut bytes = disk.file(&segment(4)).unwrap();
    put(&mut bytes, 128 + APPLIED_THROUGH, u64::MAX);
    prevalent::__fuzz::seal(&mut bytes);
    disk.set_file(&segment(4), bytes);
    let store = builder(&disk).open().wait().unwrap();
    assert_eq!(u64::from(store.stats().seq), 4);
    store.add(5).wait().unwrap();
    drop(store);
    assert_eq!(u64::from(builder(&disk).open().wait().unwrap().stats().seq), 5);
}
