//! Promise 6: a failed write or sync of the journal is final.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use prevalent::testing::{Fault, Loss, SimDisk};
use prevalent::{Durability, Effect, Error, Seq, SnapshotMethod};
use prevalent_tests::disk::{Call, Watched};
use prevalent_tests::events;
use prevalent_tests::hooked::{Act, Hooked, Step};
use prevalent_tests::models::{Tally, TallyStore};
use prevalent_tests::waiting::until;

const SEGMENT: &str = ".journal";
const NEVER: Duration = Duration::from_hours(1);

fn open(disk: &Watched, durability: Durability) -> TallyStore {
    TallyStore::builder("").durability(durability).on_disk(disk.clone()).open().wait().unwrap()
}

/// A store whose disk breaks at the next such call on the journal.
fn about_to_break(durability: Durability, call: Call) -> (Watched, TallyStore) {
    let disk = Watched::new();
    let store = open(&disk, durability);
    store.add(1).wait().unwrap();
    store.flush().wait().unwrap();
    disk.break_at(call, SEGMENT);
    (disk, store)
}

#[track_caller]
fn assert_failed<R: std::fmt::Debug>(result: Result<R, Error>) {
    let error = result.unwrap_err();
    assert!(matches!(error, Error::Failed { .. }), "{error:?}");
    assert_eq!(error.effect(), Effect::None);
    let text = error.to_string();
    assert!(text.contains("opened again"), "{text}");
}

#[track_caller]
fn assert_in_doubt<R: std::fmt::Debug>(result: Result<R, Error>, expected: u64) {
    let error = result.unwrap_err();
    assert_eq!(error.effect(), Effect::Unknown);
    match error {
        Error::InDoubt { seq, .. } => assert_eq!(seq, Seq::from(expected)),
        other => panic!("{other:?}"),
    }
}

#[test]
fn what_was_handed_to_the_disk_is_in_doubt_and_what_never_was_has_failed() {
    for call in [Call::Write, Call::Sync] {
        let (disk, store) = about_to_break(Durability::Always, call);
        disk.heal();
        disk.hold(call, SEGMENT);
        let first = store.add(2);
        disk.wait_until_held();
        let others: Vec<_> = (3..6).map(|number| store.add(number)).collect();
        let flush = store.flush();
        let ready = store.ready();
        disk.break_at(call, SEGMENT);
        disk.release();
        assert_in_doubt(first.wait(), 2);
        for other in others {
            assert!(other.seq().is_some());
            assert_failed(other.wait());
        }
        assert_failed(flush.wait());
        ready.wait().unwrap();
    }
}

#[test]
fn who_waits_for_room_is_told_that_nothing_is_accepted_any_more() {
    let disk = Watched::new();
    let builder = TallyStore::builder("").pending_bytes(1000);
    let store = builder.on_disk(disk.clone()).open().wait().unwrap();
    disk.hold(Call::Sync, SEGMENT);
    let _first = store.add(1);
    disk.wait_until_held();
    let others: Vec<_> = (0..4).map(|number| store.add(number)).collect();
    assert!(others.iter().any(|commit| commit.seq().is_none()), "there is no room");
    let ready = store.ready();
    disk.break_at(Call::Sync, SEGMENT);
    disk.release();
    assert_failed(ready.wait());
}

#[test]
fn no_later_write_is_accepted_although_the_disk_is_well_again() {
    for call in [Call::Write, Call::Sync] {
        let (disk, store) = about_to_break(Durability::Always, call);
        assert_in_doubt(store.add(2).wait(), 2);
        disk.heal();
        let calls = disk.calls().len();
        let refused = store.add(3);
        assert_eq!(refused.seq(), None, "it isn't even ordered");
        assert_failed(refused.wait());
        assert_failed(store.flush().wait());
        assert_failed(store.ready().wait());
        assert_failed(store.snapshot().wait());
        assert_failed(store.close().wait());
        assert_failed(store.close().wait());
        assert_eq!(disk.calls()[calls..], [], "nothing is touched any more");
    }
}

#[test]
fn a_sync_is_never_retried() {
    let (disk, store) = about_to_break(Durability::Always, Call::Sync);
    let before = disk.count(Call::Sync, SEGMENT);
    store.add(2).wait().unwrap_err();
    store.add(3).wait().unwrap_err();
    store.flush().wait().unwrap_err();
    store.close().wait().unwrap_err();
    drop(store);
    assert_eq!(disk.count(Call::Sync, SEGMENT), before + 1);
}

#[test]
fn an_interrupted_sync_is_a_failed_one() {
    let disk = SimDisk::new();
    let store = TallyStore::builder("").on_disk(disk.clone()).open().wait().unwrap();
    store.add(1).wait().unwrap();
    // The write, then the sync.
    disk.fail_operation(disk.operations().len() + 1, Fault::Interrupted);
    assert_in_doubt(store.add(2).wait(), 2);
}

#[test]
fn an_interrupted_or_short_write_just_goes_on() {
    for fault in [Fault::Interrupted, Fault::ShortWrite] {
        let disk = SimDisk::new();
        let store = TallyStore::builder("").on_disk(disk.clone()).open().wait().unwrap();
        store.add(1).wait().unwrap();
        disk.fail_operation(disk.operations().len(), fault);
        store.add(2).wait().unwrap();
        drop(store);
        let store = TallyStore::builder("").on_disk(disk).open().wait().unwrap();
        assert_eq!(store.read(Tally::clone).numbers, [1, 2]);
    }
}

#[test]
fn reads_still_serve_what_is_applied_and_what_is_in_doubt_is_not() {
    let (_disk, store) = about_to_break(Durability::Always, Call::Sync);
    assert_in_doubt(store.add(2).wait(), 2);
    assert_eq!(store.read(Tally::clone).numbers, [1]);
    assert_eq!(store.try_read(Tally::clone).unwrap().numbers, [1]);
    assert_eq!(store.sum(), 1);
    store.close().wait().unwrap_err();
    assert_eq!(store.sum(), 1);
}

#[test]
fn the_next_open_finds_out_the_truth() {
    for fault in [Fault::Eio, Fault::Enospc, Fault::EioAfterEffect, Fault::SyncLosesData] {
        for offset in [0, 1] {
            let disk = SimDisk::new();
            let store = TallyStore::builder("").on_disk(disk.clone()).open().wait().unwrap();
            store.add(1).wait().unwrap();
            disk.fail_operation(disk.operations().len() + offset, fault);
            let result = store.add(2).wait();
            if result.is_ok() {
                continue; // This fault leaves this operation alone.
            }
            assert_in_doubt(result, 2);
            drop(store);
            disk.heal();
            let mut images: Vec<_> =
                disk.images_at(*disk.crash_points().end(), Loss::KeepOrDrop).collect();
            images.push(disk.after_kill());
            for image in images {
                let again = TallyStore::builder("").on_disk(image).open().wait().unwrap();
                let numbers = again.read(Tally::clone).numbers;
                assert!(numbers == [1] || numbers == [1, 2], "{fault:?} {numbers:?}");
                // Whichever it is, it goes on from there.
                let seq = again.add(3).seq().unwrap();
                assert_eq!(u64::from(seq), numbers.len() as u64 + 1);
            }
        }
    }
}

#[test]
fn in_manual_a_failed_sync_is_told_by_the_flush_and_by_every_call_after_it() {
    let (_disk, store) = about_to_break(Durability::Manual, Call::Sync);
    store.add(2).wait().unwrap();
    assert_in_doubt(store.flush().wait(), 2);
    assert_failed(store.add(3).wait());
    assert_failed(store.flush().wait());
    assert_eq!(store.read(Tally::clone).numbers, [1, 2], "reads serve what is applied");
    assert_failed(store.close().wait());
}

#[test]
fn in_manual_no_void_is_written_behind_a_write_that_has_failed() {
    let disk = Watched::new();
    let store = open(&disk, Durability::Manual);
    store.add(1).wait().unwrap();
    store.flush().wait().unwrap();
    let before = disk.count(Call::Write, SEGMENT);
    disk.break_once(Call::Write, SEGMENT);
    assert_in_doubt(store.bomb(2).wait(), 2);
    assert_failed(store.flush().wait());
    assert_eq!(disk.count(Call::Write, SEGMENT), before + 1, "that was the one that failed");
}

#[test]
fn in_manual_a_failed_sync_is_told_by_a_snapshot_whichever_way_it_is_taken() {
    for method in [SnapshotMethod::rebuilt(), SnapshotMethod::locked(), SnapshotMethod::cloned()] {
        let disk = Watched::new();
        let builder = TallyStore::builder("").durability(Durability::Manual);
        let store = builder.snapshot_method(method).on_disk(disk.clone()).open().wait().unwrap();
        store.add(1).wait().unwrap();
        store.flush().wait().unwrap();
        disk.break_at(Call::Sync, SEGMENT);
        store.add(2).wait().unwrap();
        let error = store.snapshot().wait().unwrap_err();
        assert!(matches!(error, Error::Failed { .. } | Error::InDoubt { .. }), "{error:?}");
        assert!(disk.sim.file(&format!("{:020}.snapshot", 1)).is_none(), "of less than there was");
    }
}

#[test]
fn in_manual_a_failed_sync_is_told_by_the_close() {
    let (_disk, store) = about_to_break(Durability::Manual, Call::Sync);
    store.add(2).wait().unwrap();
    assert_failed(store.close().wait());
}

#[test]
fn in_manual_a_failed_write_is_told_by_the_next_commit() {
    let (_disk, store) = about_to_break(Durability::Manual, Call::Write);
    store.add(2).wait().unwrap();
    let mut last = None;
    until("a commit is told", || {
        last = store.add(3).wait().err();
        last.is_some()
    });
    assert_failed(Err::<(), _>(last.unwrap()));
    assert!(store.read(Tally::clone).numbers.starts_with(&[1, 2]), "what was applied stays");
}

#[test]
fn in_manual_a_failed_write_is_told_by_a_flush() {
    let (_disk, store) = about_to_break(Durability::Manual, Call::Write);
    store.add(2).wait().unwrap();
    assert_in_doubt(store.flush().wait(), 2);
    assert_failed(store.add(3).wait());
    assert_eq!(store.read(Tally::clone).numbers, [1, 2]);
}

#[test]
fn in_every_a_failed_sync_in_the_background_is_told_by_the_next_commit() {
    events::listen();
    let (disk, store) = about_to_break(Durability::Every(Duration::from_millis(1)), Call::Sync);
    store.add(2).wait().unwrap();
    let mut last = None;
    until("a commit is told", || {
        last = store.add(3).wait().err();
        last.is_some()
    });
    assert_failed(Err::<(), _>(last.unwrap()));
    until("the event is there", || {
        events::was_told(&["ERROR", "could not sync", "accepts no more writes"])
    });
    let syncs = disk.count(Call::Sync, SEGMENT);
    std::thread::sleep(Duration::from_millis(20));
    assert_eq!(disk.count(Call::Sync, SEGMENT), syncs, "not retried in the background either");
    assert_failed(store.close().wait());
}

#[test]
fn in_every_with_a_long_interval_the_close_tells_it() {
    let (_disk, store) = about_to_break(Durability::Every(NEVER), Call::Sync);
    store.add(2).wait().unwrap();
    assert_failed(store.close().wait());
}

#[test]
fn a_segment_that_can_not_be_made_fails_what_needs_it_which_was_certainly_not_written() {
    for (call, file) in [
        (Call::Create, SEGMENT),
        (Call::Write, SEGMENT),
        (Call::Sync, SEGMENT),
        (Call::Rename, SEGMENT),
        (Call::SyncDir, ""),
    ] {
        let disk = Watched::new();
        let store = open(&disk, Durability::Always);
        disk.break_at(call, file);
        let commit = store.add(1);
        assert!(commit.seq().is_some());
        assert_failed(commit.wait());
        assert_failed(store.add(2).wait());
        disk.heal();
        drop(store);
        let store = open(&disk, Durability::Always);
        assert_eq!(store.read(Tally::clone).numbers, Vec::<u64>::new());
        store.add(1).wait().unwrap();
    }
}

#[test]
fn a_failed_snapshot_is_only_reported_and_tried_again() {
    for (call, file) in [
        (Call::Create, ".snapshot"),
        (Call::Write, ".snapshot"),
        (Call::Sync, ".snapshot"),
        (Call::Rename, ".snapshot"),
        (Call::Read, ".snapshot"),
        (Call::SyncDir, ""),
    ] {
        let disk = Watched::new();
        let store = open(&disk, Durability::Always);
        store.add(1).wait().unwrap();
        disk.break_at(call, file);
        let error = store.snapshot().wait().unwrap_err();
        assert!(matches!(error, Error::Io { .. }), "{call:?}: {error:?}");
        assert_eq!(store.stats().failed_snapshots, 1);
        disk.heal();
        store.add(2).wait().unwrap();
        let taken = store.snapshot().wait().unwrap();
        assert_eq!(taken.seq, Seq::from(2), "{call:?}");
        drop(store);
        let store = open(&disk, Durability::Always);
        assert_eq!(store.read(Tally::clone).numbers, [1, 2]);
        assert!(store.recovery().damaged.is_empty(), "{:?}", store.recovery());
    }
}

#[test]
fn a_failed_automatic_snapshot_is_tried_again_long_before_a_whole_interval_has_passed() {
    let disk = Watched::new();
    let store = TallyStore::builder("")
        .snapshot_every_bytes(64 << 10)
        .on_disk(disk.clone())
        .open()
        .wait()
        .unwrap();
    let text = "x".repeat(1 << 10);
    disk.break_at(Call::Create, ".snapshot");
    until("one has failed", || {
        store.add_length(&text).wait().unwrap();
        store.stats().failed_snapshots > 0
    });
    disk.heal();
    let after_failure = store.stats().journal_bytes;
    until("the next one is there", || {
        store.add_length(&text).wait().unwrap();
        store.stats().last_snapshot.is_some_and(|snapshot| snapshot.seq > Seq::ZERO)
    });
    // A quarter of the interval, and what was committed while the thread took it.
    let waited = store.stats().journal_bytes - after_failure;
    assert!(waited < 60 << 10, "{waited}");
}

#[test]
fn a_failed_prune_is_only_reported_and_tried_again() {
    for part in [".snapshot", SEGMENT] {
        let disk = Watched::new();
        let store =
            TallyStore::builder("").segment_bytes(1).on_disk(disk.clone()).open().wait().unwrap();
        disk.break_at(Call::Remove, part);
        for number in 1..=4 {
            store.add(number).wait().unwrap();
            store.snapshot().wait().unwrap();
        }
        assert!(disk.files(part).len() >= 4, "{:?}", disk.files(part));
        disk.heal();
        store.add(5).wait().unwrap();
        store.snapshot().wait().unwrap();
        assert_eq!(disk.files(".snapshot").len(), 2);
        assert_eq!(disk.files(SEGMENT).len(), 2);
        drop(store);
        assert_eq!(open(&disk, Durability::Always).read(Tally::clone).numbers, [1, 2, 3, 4, 5]);
    }
}

#[test]
fn a_prune_whose_removals_can_not_be_made_durable_is_reported() {
    for removed in [".snapshot", SEGMENT] {
        let is_removed = AtomicBool::new(false);
        let is_armed = Arc::new(AtomicBool::new(false));
        let armed = is_armed.clone();
        let disk = Hooked::new(&SimDisk::new(), move |step: &Step<'_>| match step {
            Step::Remove(name) if name.ends_with(removed) && armed.load(Ordering::SeqCst) => {
                is_removed.store(true, Ordering::SeqCst);
                Act::Do
            }
            Step::SyncDir if is_removed.swap(false, Ordering::SeqCst) => Act::Fail,
            _ => Act::Do,
        });
        let builder = TallyStore::builder("").keep_snapshots(1).segment_bytes(1);
        let store = builder.on_disk(disk).open().wait().unwrap();
        for number in 1..=3 {
            assert_eq!(store.stats().failed_prunings, 0);
            // By then, a snapshot and a segment go at once.
            is_armed.store(number == 3, Ordering::SeqCst);
            store.add(number).wait().unwrap();
            store.snapshot().wait().unwrap();
        }
        assert_eq!(store.stats().failed_prunings, 1, "{removed}");
    }
}

#[test]
fn a_close_whose_snapshot_fails_tells_it_and_frees_the_lock_and_loses_nothing() {
    let disk = Watched::new();
    let store = open(&disk, Durability::Always);
    store.add(1).wait().unwrap();
    disk.break_at(Call::Create, ".snapshot");
    let error = store.close().wait().unwrap_err();
    assert!(matches!(error, Error::Io { .. }), "{error:?}");
    disk.heal();
    let store = open(&disk, Durability::Always);
    assert_eq!(store.read(Tally::clone).numbers, [1]);
    assert!(store.recovery().dropped_tail.is_none());
}

#[test]
fn a_close_whose_clean_mark_fails_tells_it_and_frees_the_lock_and_loses_nothing() {
    let disk = Watched::new();
    let store = open(&disk, Durability::Always);
    store.add(1).wait().unwrap();
    disk.break_at(Call::Create, "CLEAN");
    let error = store.close().wait().unwrap_err();
    assert!(matches!(error, Error::Io { .. }), "{error:?}");
    disk.heal();
    assert_eq!(open(&disk, Durability::Always).read(Tally::clone).numbers, [1]);
}

#[test]
fn a_full_disk_at_creation_is_an_error_of_open() {
    let disk = SimDisk::new();
    disk.fail_from(0, Fault::Enospc);
    let error = TallyStore::builder("").on_disk(disk.clone()).open().wait().unwrap_err();
    match &error {
        Error::Io { operation, source, .. } => {
            assert_eq!(*operation, "create");
            assert_eq!(source.raw_os_error(), Some(28));
        }
        other => panic!("{other:?}"),
    }
    disk.heal();
    TallyStore::builder("").on_disk(disk).open().wait().unwrap();
}
