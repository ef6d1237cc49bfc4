//! The archive: where the journal goes that no snapshot needs any more.

use prevalent::testing::{Fault, Loss, OperationKind, SimDisk};
use prevalent::{Builder, Error, Seq, SnapshotMethod, fork};
use prevalent_tests::disk::{Call, Watched};
use prevalent_tests::ledger::{Ledger, LedgerStore, hush};
use prevalent_tests::models::{Tally, TallyStore};
use prevalent_tests::waiting::until;

fn builder(disk: &SimDisk, archive: &SimDisk) -> Builder<LedgerStore> {
    LedgerStore::builder("")
        .segment_bytes(300)
        .no_snapshot_on_close()
        .on_disk(disk.clone())
        .archive_on_disk(archive.clone())
}

fn open(disk: &SimDisk, archive: &SimDisk) -> LedgerStore {
    builder(disk, archive).open().wait().unwrap()
}

/// Adds lines, with a snapshot behind each, and a transaction that panics here and there; notes each state.
fn live(store: &LedgerStore, lines: std::ops::Range<u64>, states: &mut Vec<(u64, Ledger)>) {
    hush();
    for line in lines {
        store.add(format!("line {line}")).wait().unwrap();
        if line % 5 == 3 {
            store.explode().wait().unwrap_err();
        }
        states.push((store.stats().seq.into(), store.read(Clone::clone)));
        store.snapshot().wait().unwrap();
    }
}

fn assert_all_history(disk: &SimDisk, archive: &SimDisk, states: &[(u64, Ledger)]) {
    for (seq, expected) in states {
        let past = builder(disk, archive).open_at(Seq::from(*seq)).wait().unwrap();
        assert_eq!((*past).clone(), *expected, "{seq}");
    }
}

fn history(store: &LedgerStore) -> Vec<u64> {
    let mut history = store.history(..);
    let mut seqs = Vec::new();
    while let Some(event) = futures_executor::block_on(history.next()) {
        seqs.push(event.unwrap().seq.into());
    }
    seqs
}

#[test]
fn with_an_archive_all_of_history_stays_readable() {
    let (disk, archive) = (SimDisk::new(), SimDisk::new());
    let store = open(&disk, &archive);
    let mut states = Vec::new();
    live(&store, 0..12, &mut states);
    let last = u64::from(store.stats().seq);
    let voids = [5, 11];
    let expected: Vec<u64> = (1..=last).filter(|seq| !voids.contains(seq)).collect();
    assert_eq!(history(&store), expected);
    assert_all_history(&disk, &archive, &states);
    // Without the archive there is less.
    let past = LedgerStore::builder("").on_disk(disk.clone()).open_at(Seq::from(1));
    assert!(matches!(past.wait().unwrap_err(), Error::Pruned { .. }));
    store.close().wait().unwrap();
    drop(store);

    let store = open(&disk, &archive);
    assert_eq!(history(&store), expected);
    live(&store, 12..20, &mut states);
    assert_all_history(&disk, &archive, &states);
    assert_eq!(history(&store).first(), Some(&1));
    assert_eq!(store.stats().failed_prunings, 0);
}

#[test]
fn the_store_itself_is_as_small_as_without_an_archive() {
    let (disk, archive) = (Watched::new(), Watched::new());
    let builder = TallyStore::builder("").segment_bytes(100).on_disk(disk.clone());
    let store = builder.archive_on_disk(archive.clone()).open().wait().unwrap();
    for number in 0..20 {
        store.add(number).wait().unwrap();
        store.snapshot().wait().unwrap();
    }
    assert_eq!(disk.files(".snapshot").len(), 2);
    assert!(disk.files(".journal").len() <= 3);
    // All segments, and the one snapshot to begin with.
    assert_eq!(archive.files(".snapshot").len(), 1);
    assert_eq!(disk.files(".journal").len() + archive.files(".journal").len(), 20);
}

#[test]
fn an_archive_that_breaks_costs_nothing_but_room() {
    for call in [Call::Create, Call::Write, Call::Sync, Call::Rename, Call::Read, Call::List] {
        let (disk, archive) = (Watched::new(), Watched::new());
        let builder = TallyStore::builder("").segment_bytes(100).on_disk(disk.clone());
        let store = builder.archive_on_disk(archive.clone()).open().wait().unwrap();
        archive.break_at(call, "");
        for number in 0..8 {
            store.add(number).wait().unwrap();
            store.snapshot().wait().unwrap();
        }
        until("a pruning failed", || store.stats().failed_prunings > 0);
        assert_eq!(disk.files(".journal").len(), 8, "{call:?}");
        archive.heal();
        store.add(8).wait().unwrap();
        store.snapshot().wait().unwrap();
        until("the pruning is made up for", || disk.files(".journal").len() <= 3);
        assert_eq!(disk.files(".journal").len() + archive.files(".journal").len(), 9, "{call:?}");
        assert_eq!(disk.files(".snapshot").len(), 2);
        let store = store.read(Tally::clone);
        assert_eq!(store.numbers.len(), 9);
    }
}

#[test]
fn an_archive_of_another_store_is_refused_and_nothing_is_changed() {
    let (disk, other, archive) = (SimDisk::new(), SimDisk::new(), SimDisk::new());
    let store = open(&disk, &archive);
    live(&store, 0..6, &mut Vec::new());
    drop(store);
    // An existing store, and one that would be made.
    drop(LedgerStore::builder("").on_disk(other.clone()).open().wait().unwrap());
    for disk in [other, SimDisk::new()] {
        let before = disk.operations().len();
        let error = builder(&disk, &archive).open().wait().unwrap_err();
        assert!(matches!(error, Error::ForeignArchive { .. }), "{error:?}");
        assert_eq!(disk.operations().len(), before);
    }
    drop(open(&disk, &archive));
}

#[test]
fn an_archive_is_not_opened_as_a_store_but_can_be_forked() {
    let (disk, archive) = (SimDisk::new(), SimDisk::new());
    let store = open(&disk, &archive);
    let mut states = Vec::new();
    live(&store, 0..6, &mut states);
    drop(store);
    let before = archive.file_names();
    let error = LedgerStore::builder("").on_disk(archive.clone()).open().wait().unwrap_err();
    assert!(matches!(error, Error::NotAStore { .. }), "{error:?}");
    let into_it = fork("").from_disk(disk.clone()).on_disk(archive.clone()).to("").wait();
    assert!(matches!(into_it.unwrap_err(), Error::NotAStore { .. }));
    assert_eq!(archive.file_names(), before);

    // Where the store itself is lost, this is the way to what the archive has.
    let forked = SimDisk::new();
    fork("").from_disk(archive).on_disk(forked.clone()).to("").wait().unwrap();
    let store = LedgerStore::builder("").on_disk(forked).open().wait().unwrap();
    let seq = u64::from(store.stats().seq);
    let (_, expected) = states.iter().rfind(|(noted, _)| *noted <= seq).unwrap();
    assert_eq!(store.read(Clone::clone), *expected);
}

#[test]
fn an_archive_serves_one_store_at_a_time() {
    let (disk, archive) = (SimDisk::new(), SimDisk::new());
    let store = open(&disk, &archive);
    let error = builder(&SimDisk::new(), &archive).open().wait().unwrap_err();
    assert!(matches!(error, Error::Locked { .. }), "{error:?}");
    drop(store);
    drop(open(&disk, &archive));
}

#[test]
fn a_file_in_the_archive_that_is_not_what_was_archived_stops_the_pruning() {
    let (disk, archive, store, mut states) = with_history();
    let oldest = disk.file_names().into_iter().filter(|name| name.ends_with(".journal")).min();
    let oldest = oldest.unwrap();
    archive.set_file(&oldest, vec![1, 2, 3]);
    live(&store, 5..8, &mut states);
    assert!(store.stats().failed_prunings > 0);
    assert!(disk.file_names().contains(&oldest));
    // Whoever has put it there takes it away.
    archive.remove_file(&oldest);
    live(&store, 8..9, &mut states);
    assert!(!disk.file_names().contains(&oldest));
    assert_all_history(&disk, &archive, &states);
}

#[test]
fn where_the_archive_was_left_out_for_a_while_history_begins_behind_the_gap() {
    let (disk, archive) = (SimDisk::new(), SimDisk::new());
    let store = open(&disk, &archive);
    let mut states = Vec::new();
    live(&store, 0..6, &mut states);
    drop(store);
    let without = LedgerStore::builder("").segment_bytes(300).on_disk(disk.clone());
    let store = without.open().wait().unwrap();
    live(&store, 6..12, &mut states);
    drop(store);
    let store = open(&disk, &archive);
    live(&store, 12..18, &mut states);
    let oldest = history(&store)[0];
    assert!(oldest > states[5].0, "{oldest}");
    let from_the_first = futures_executor::block_on(store.subscribe(Seq::from(1)).next());
    assert!(matches!(from_the_first, Some(Err(Error::Pruned { .. }))));
    let error = builder(&disk, &archive).open_at(Seq::from(1)).wait().unwrap_err();
    assert!(matches!(error, Error::Pruned { .. }), "{error:?}");
}

/// The archive got the oldest snapshot that was removed, which was a damaged one; the good ones behind it were deleted then,
/// and nothing could be replayed.
#[test]
fn an_archive_begins_with_a_snapshot_that_can_be_read() {
    let (disk, archive) = (SimDisk::new(), SimDisk::new());
    let without = LedgerStore::builder("").segment_bytes(300).no_snapshot_on_close();
    let store = without.on_disk(disk.clone()).open().wait().unwrap();
    live(&store, 0..6, &mut Vec::new());
    let newest = store.stats().last_snapshot.unwrap().seq;
    drop(store);
    let name = format!("{:020}.snapshot", u64::from(newest));
    let mut damaged = disk.file(&name).unwrap();
    *damaged.last_mut().unwrap() ^= 1;
    disk.set_file(&name, damaged);

    let store = open(&disk, &archive);
    assert_eq!(store.recovery().damaged.len(), 1);
    let mut states = Vec::new();
    live(&store, 6..12, &mut states);
    assert_eq!(store.stats().failed_prunings, 0);
    assert_all_history(&disk, &archive, &states);
}

/// What was archived behind a gap had no snapshot to begin with: the archive had one, before the gap.
#[test]
fn behind_a_gap_the_archive_gets_another_snapshot_to_begin_with() {
    let (disk, archive) = (SimDisk::new(), SimDisk::new());
    let store = open(&disk, &archive);
    live(&store, 0..6, &mut Vec::new());
    drop(store);
    let without = LedgerStore::builder("").segment_bytes(300).on_disk(disk.clone());
    let store = without.open().wait().unwrap();
    live(&store, 6..12, &mut Vec::new());
    drop(store);
    let store = open(&disk, &archive);
    let mut states = Vec::new();
    live(&store, 12..24, &mut states);
    assert_eq!(store.stats().failed_prunings, 0);
    assert_all_history(&disk, &archive, &states);
    drop(store);
    drop(open(&disk, &archive));
}

#[test]
fn an_archive_that_is_ahead_of_a_store_that_was_set_back_adds_nothing_to_it() {
    let (disk, archive) = (SimDisk::new(), SimDisk::new());
    let store = open(&disk, &archive);
    let mut states = Vec::new();
    live(&store, 0..3, &mut states);
    let early = disk.deep_clone();
    live(&store, 3..12, &mut Vec::new());
    drop(store);
    let end = states.last().unwrap().0;
    assert_all_history(&early, &archive, &states);
    let error = builder(&early, &archive).open_at(Seq::from(end + 2)).wait().unwrap_err();
    assert!(matches!(error, Error::NotYet { newest, .. } if newest == Seq::from(end)), "{error:?}");
}

/// A store with some history, and what its states were.
fn with_history() -> (SimDisk, SimDisk, LedgerStore, Vec<(u64, Ledger)>) {
    let (disk, archive) = (SimDisk::new(), SimDisk::new());
    let store = open(&disk, &archive);
    let mut states = Vec::new();
    live(&store, 0..5, &mut states);
    (disk, archive, store, states)
}

/// After whatever has happened, a store goes on, and all that it has ever been can be seen.
fn assert_recovers(disk: &SimDisk, archive: &SimDisk, states: &[(u64, Ledger)], when: &str) {
    assert_all_history(disk, archive, states);
    let store = open(disk, archive);
    assert!(store.recovery().damaged.is_empty(), "{when}: {:?}", store.recovery());
    let mut states = states.to_vec();
    live(&store, 90..94, &mut states);
    assert_eq!(store.stats().failed_prunings, 0, "{when}");
    assert_all_history(disk, archive, &states);
    assert_eq!(history(&store)[0], 1, "{when}");
}

#[test]
fn a_crash_while_a_file_is_being_archived_loses_nothing() {
    for operation in 0.. {
        let (disk, archive, store, mut states) = with_history();
        let crash = archive.operations().len() + operation;
        // Nothing is removed from the store before it is in the archive: so this is all that a crash there can find.
        archive.fail_from(crash, Fault::Eio);
        live(&store, 5..7, &mut states);
        if store.stats().failed_prunings == 0 {
            assert!(operation > 8, "{operation}");
            return;
        }
        drop(store);
        for (seed, loss) in
            [(1, Loss::KeepOrDrop), (2, Loss::KeepOrDrop), (3, Loss::KeepDropOrGarbage)]
        {
            let archive = archive.image_at(crash, seed, loss);
            let when = format!("archive's operation {operation}, {seed}");
            assert_recovers(&disk.after_kill(), &archive, &states, &when);
        }
    }
}

#[test]
fn a_crash_while_what_is_archived_is_removed_loses_nothing() {
    let (disk, archive, store, mut states) = with_history();
    let before = disk.operations().len();
    live(&store, 5..7, &mut states);
    let after = disk.operations().len();
    drop(store);
    let removals = disk.operations()[before..after]
        .iter()
        .filter(|operation| operation.kind == OperationKind::Remove)
        .count();
    assert!(removals >= 4, "{removals}");
    for point in before..=after {
        for seed in 0..3 {
            let image = disk.image_at(point, seed, Loss::KeepOrDrop);
            let archive = archive.deep_clone();
            let durable = states.len() - 2;
            let when = format!("store's operation {point}, {seed}");
            // The last two transactions may or may not be there.
            let store = open(&image, &archive);
            assert_all_history(&image, &archive, &states[..durable]);
            live(&store, 90..93, &mut Vec::new());
            assert_eq!(store.stats().failed_prunings, 0, "{when}");
            assert_eq!(history(&store)[0], 1, "{when}");
        }
    }
}

#[test]
fn each_operation_on_the_archive_may_fail_once() {
    for fault in [Fault::Eio, Fault::Enospc, Fault::EioAfterEffect, Fault::ShortWrite] {
        for operation in 0.. {
            let (disk, archive, store, mut states) = with_history();
            let failing = archive.operations().len() + operation;
            archive.fail_operation(failing, fault);
            live(&store, 5..8, &mut states);
            assert_all_history(&disk, &archive, &states);
            assert_eq!(history(&store)[0], 1, "{fault:?}, {operation}");
            if archive.operations().len() <= failing {
                assert!(operation > 8, "{operation}");
                break;
            }
        }
    }
}

#[test]
fn nothing_is_removed_while_it_is_not_known_what_the_archive_has() {
    let (disk, archive) = (Watched::new(), Watched::new());
    let builder = TallyStore::builder("").segment_bytes(1).keep_snapshots(1);
    let builder = builder.on_disk(disk.clone()).archive_on_disk(archive.clone());
    let store = builder.open().wait().unwrap();
    archive.break_at(Call::Open, ".journal");
    for number in 1..=3 {
        store.add(number).wait().unwrap();
        store.snapshot().wait().unwrap();
    }
    assert!(store.stats().failed_prunings > 0);
    assert_eq!(disk.files(".journal").len(), 3);
    archive.heal();
    store.add(4).wait().unwrap();
    store.snapshot().wait().unwrap();
    assert_eq!((disk.files(".journal").len(), archive.files(".journal").len()), (1, 3));
}

#[test]
fn nothing_is_removed_before_the_archive_has_a_snapshot_to_begin_with() {
    let (disk, archive) = (Watched::new(), Watched::new());
    let builder = TallyStore::builder("").segment_bytes(1).keep_snapshots(1);
    let builder = builder.on_disk(disk.clone()).archive_on_disk(archive.clone());
    let store = builder.open().wait().unwrap();
    archive.break_at(Call::Create, ".snapshot");
    for number in 1..=3 {
        store.add(number).wait().unwrap();
        store.snapshot().wait().unwrap();
    }
    assert!(store.stats().failed_prunings > 0);
    let oldest = "00000000000000000000.snapshot";
    assert!(disk.files(".snapshot").iter().any(|name| name == oldest));
    archive.heal();
    store.add(4).wait().unwrap();
    store.snapshot().wait().unwrap();
    assert_eq!(archive.files(".snapshot"), [oldest]);
}

/// A crash may bring back what was pruned.
#[test]
fn an_archive_does_not_begin_with_a_snapshot_that_has_lost_its_journal() {
    let (disk, archive) = (SimDisk::new(), SimDisk::new());
    let without = LedgerStore::builder("").segment_bytes(300).no_snapshot_on_close();
    let store = without.on_disk(disk.clone()).open().wait().unwrap();
    let name = "00000000000000000000.snapshot";
    let pruned = disk.file(name).unwrap();
    live(&store, 0..8, &mut Vec::new());
    assert!(disk.file(name).is_none());
    drop(store);
    disk.set_file(name, pruned);

    let store = open(&disk, &archive);
    let mut states = Vec::new();
    live(&store, 8..14, &mut states);
    assert_eq!(store.stats().failed_prunings, 0);
    assert!(archive.file(name).is_none());
    assert_all_history(&disk, &archive, &states);
}

#[test]
fn what_the_archive_has_and_can_not_be_read_for_once_is_not_replaced() {
    let (disk, archive) = (Watched::new(), Watched::new());
    let builder = TallyStore::builder("").segment_bytes(1).keep_snapshots(1);
    let builder = builder.on_disk(disk.clone()).archive_on_disk(archive.clone());
    let store = builder.open().wait().unwrap();
    let oldest = "00000000000000000001.journal";
    archive.sim.set_file(oldest, vec![1, 2, 3]);
    archive.break_once(Call::Open, oldest);
    for number in 1..=2 {
        store.add(number).wait().unwrap();
        store.snapshot().wait().unwrap();
    }
    assert_eq!(archive.sim.file(oldest), Some(vec![1, 2, 3]));
    assert_eq!(store.stats().failed_prunings, 1);
}

#[test]
fn a_snapshot_that_can_not_be_read_for_once_is_archived_the_next_time() {
    let (disk, archive) = (Watched::new(), Watched::new());
    let builder = TallyStore::builder("").segment_bytes(1).keep_snapshots(1);
    let builder = builder.on_disk(disk.clone()).archive_on_disk(archive.clone());
    // It reads no older snapshot.
    let store = builder.snapshot_method(SnapshotMethod::locked()).open().wait().unwrap();
    disk.break_once(Call::Open, "00000000000000000000.snapshot");
    for number in 1..=2 {
        store.add(number).wait().unwrap();
        store.snapshot().wait().unwrap();
        assert_eq!(store.stats().failed_prunings, 1);
    }
    assert_eq!(archive.files(".snapshot"), ["00000000000000000000.snapshot"]);
}
