//! Promise 5: a panicking transaction harms only itself.

use std::time::Duration;

use prevalent::testing::{Fault, Loss, SimDisk};
use prevalent::{Durability, Effect, Error, Seq};
use prevalent_tests::disk::{Call, Watched};
use prevalent_tests::models::{RESTORING, RestoredStore, Tally, TallyStore};
use prevalent_tests::waiting::{block_on, is_pending, within_limit};
use prevalent_tests::{events, waiting};

const MODES: [Durability; 3] =
    [Durability::Always, Durability::Every(Duration::from_hours(1)), Durability::Manual];

fn open(disk: &Watched, durability: Durability) -> TallyStore {
    TallyStore::builder("").durability(durability).on_disk(disk.clone()).open().wait().unwrap()
}

#[track_caller]
fn assert_panicked<R: std::fmt::Debug>(result: Result<R, Error>, expected: u64) {
    match result.unwrap_err() {
        Error::TxPanicked { seq, tx: "bomb", message, .. } => {
            assert_eq!(seq, Seq::from(expected));
            assert!(message.starts_with("bomb"), "{message}");
        }
        other => panic!("{other:?}"),
    }
}

#[test]
fn the_handle_names_the_transaction_and_its_sequence_number_and_it_has_no_effect() {
    let store = TallyStore::in_memory();
    store.add(1).wait().unwrap();
    let bomb = store.bomb(2);
    assert_eq!(bomb.seq(), Some(Seq::from(2)));
    let error = bomb.wait().unwrap_err();
    assert_eq!(error.effect(), Effect::None);
    let text = error.to_string();
    for part in ["`bomb`", "sequence number 2", "bomb 2", "no effect"] {
        assert!(text.contains(part), "{text}");
    }
    assert_panicked::<()>(Err(error), 2);
    assert_eq!(store.read(Tally::clone).numbers, [1]);
}

#[test]
fn the_transactions_around_a_panic_are_unharmed_and_keep_their_order() {
    for durability in MODES {
        let disk = Watched::new();
        let store = open(&disk, durability);
        let before: Vec<_> = (1..=3).map(|number| store.add(number)).collect();
        let bomb = store.bomb(4);
        let after: Vec<_> = (5..=7).map(|number| store.add(number)).collect();
        for (count, commit) in (1..).zip(before) {
            assert_eq!(commit.wait().unwrap(), count);
        }
        assert_panicked(bomb.wait(), 4);
        for (count, commit) in (4..).zip(after) {
            assert_eq!(commit.wait().unwrap(), count);
        }
        let live = store.read(Tally::clone);
        assert_eq!(live.numbers, [1, 2, 3, 5, 6, 7]);
        let stats = store.stats();
        assert_eq!((stats.rebuilds, stats.rebuilding, stats.seq), (1, false, Seq::from(7)));
        drop(store);
        let store = open(&disk, durability);
        assert_eq!(store.read(Tally::clone), live, "an open agrees");
        assert_eq!(store.recovery().transactions, 6);
    }
}

#[test]
fn its_sequence_number_stays_used_and_void_for_ever() {
    let disk = Watched::new();
    let store = open(&disk, Durability::Always);
    store.bomb(1).wait().unwrap_err();
    assert_eq!(store.stats().seq, Seq::from(1));
    drop(store);
    let store = open(&disk, Durability::Always);
    assert_eq!(store.add(2).seq(), Some(Seq::from(2)));
    store.close().wait().unwrap();
    let store = open(&disk, Durability::Always);
    assert_eq!(store.stats().seq, Seq::from(2));
    assert_eq!(store.read(Tally::clone).numbers, [2]);
}

#[test]
fn many_panics_in_one_batch_and_at_its_ends_harm_only_themselves() {
    for durability in MODES {
        let disk = Watched::new();
        let store = open(&disk, durability);
        store.add(0).wait().unwrap();
        // While one batch is held up, all that comes makes the next one.
        disk.hold(Call::Write, ".journal");
        let first = store.add(1);
        disk.wait_until_held();
        let (mut commits, mut bombs) = (Vec::new(), Vec::new());
        for number in 2..40_u64 {
            if number % 5 == 2 || number == 39 {
                bombs.push((number, store.bomb(number)));
            } else {
                commits.push((number, store.add(number)));
            }
        }
        disk.release();
        first.wait().unwrap();
        let mut expected = vec![0, 1];
        for (number, commit) in commits {
            expected.push(number);
            assert_eq!(commit.wait().unwrap(), expected.len());
        }
        for (number, bomb) in bombs {
            assert_panicked(bomb.wait(), number + 1);
        }
        assert_eq!(store.stats().seq, Seq::from(40));
        assert_eq!(store.read(Tally::clone).numbers, expected);
        assert_eq!(store.stats().rebuilds, 9);
        drop(store);
        assert_eq!(open(&disk, durability).read(Tally::clone).numbers, expected);
    }
}

#[test]
fn a_panic_in_the_middle_of_a_big_batch_harms_only_itself() {
    let disk = Watched::new();
    let store = open(&disk, Durability::Always);
    store.add(0).wait().unwrap();
    disk.hold(Call::Write, ".journal");
    let mut commits = vec![store.add(1)];
    disk.wait_until_held();
    commits.extend((2..2500).map(|number| store.add(number)));
    let bomb = store.bomb(2500);
    commits.extend((2501..=5000).map(|number| store.add(number)));
    disk.release();
    for commit in commits {
        commit.wait().unwrap();
    }
    assert_panicked(bomb.wait(), 2501);
    let expected = (0..2500).chain(2501..=5000).collect::<Vec<_>>();
    assert_eq!(store.read(Tally::clone).numbers, expected);
}

#[test]
fn the_void_is_durable_before_the_handle_resolves_in_every_mode() {
    for durability in MODES {
        let disk = Watched::new();
        let store = open(&disk, durability);
        store.add(1).wait().unwrap();
        assert_panicked(store.bomb(2).wait(), 2);
        let point = *disk.sim.crash_points().end();
        for image in disk.sim.images_at(point, Loss::KeepOrDrop) {
            // Without its void, the transaction would panic in the replay.
            let again = TallyStore::builder("").on_disk(image).open().wait().unwrap();
            assert_eq!(again.read(Tally::clone).numbers, [1], "{durability:?}");
            assert_eq!(again.add(3).seq(), Some(Seq::from(3)));
        }
    }
}

#[test]
fn no_later_transaction_is_applied_before_the_void_is_durable() {
    let disk = Watched::new();
    let store = open(&disk, Durability::Manual);
    store.add(1).wait().unwrap();
    disk.hold(Call::Sync, ".journal");
    let mut bomb = store.bomb(2);
    let mut after = store.add(3);
    disk.wait_until_held();
    assert!(is_pending(&mut bomb) && is_pending(&mut after));
    assert!(matches!(store.try_read(Tally::clone), Err(Error::Rebuilding)));
    assert!(store.stats().rebuilding);
    assert_eq!(store.stats().seq, Seq::from(1));
    disk.release();
    assert_panicked(bomb.wait(), 2);
    assert_eq!(after.wait().unwrap(), 2);
}

#[test]
fn while_the_state_is_rebuilt_reads_queries_and_commits_wait_and_try_read_says_so() {
    let gate = RESTORING.take();
    let store = RestoredStore::in_memory();
    store.add(1).wait().unwrap();
    gate.shut();
    let mut bomb = store.bomb(5);
    let mut commit = store.add(2);
    gate.wait_until_someone_waits();

    assert!(matches!(store.try_read(|_| ()), Err(Error::Rebuilding)));
    let stats = store.stats();
    assert_eq!((stats.rebuilding, stats.rebuilds), (true, 0));
    assert!(is_pending(&mut bomb) && is_pending(&mut commit));
    let (reader, querier) = (store.clone(), store.clone());
    let reader = std::thread::spawn(move || reader.read(|model| model.numbers.clone()));
    let querier = std::thread::spawn(move || querier.sum());
    std::thread::sleep(Duration::from_millis(20));
    assert!(!reader.is_finished() && !querier.is_finished());

    gate.open();
    // By now the later transaction may be there, too; the panicking one never is.
    assert!(matches!(reader.join().unwrap()[..], [1] | [1, 2]));
    assert!(matches!(querier.join().unwrap(), 1 | 3));
    assert_panicked(bomb.wait(), 2);
    assert_eq!(commit.wait().unwrap(), 3);
    assert_eq!(store.try_read(|model| model.sum).unwrap(), 3);
    assert_eq!(store.stats().rebuilds, 1);
}

#[test]
fn a_rebuild_is_told_as_an_event() {
    events::listen();
    let store = TallyStore::in_memory();
    store.bomb(777_001).wait().unwrap_err();
    assert!(events::was_told(&["ERROR", "bomb 777001", "tx=", "seq=1"]));
}

#[test]
fn a_snapshot_asked_for_during_a_rebuild_waits_for_it() {
    let gate = RESTORING.take();
    let store = RestoredStore::in_memory();
    store.add(1).wait().unwrap();
    gate.shut();
    let bomb = store.bomb(5);
    gate.wait_until_someone_waits();
    let snapshot = store.snapshot();
    gate.open();
    assert_panicked(bomb.wait(), 2);
    assert_eq!(block_on(snapshot).unwrap().seq, Seq::from(2));
}

#[test]
fn a_panic_after_snapshots_new_segments_and_pruning_rebuilds_from_what_is_left() {
    let disk = Watched::new();
    let store =
        TallyStore::builder("").segment_bytes(300).on_disk(disk.clone()).open().wait().unwrap();
    let mut expected = Vec::new();
    for round in 0..5_u64 {
        for number in round * 10..round * 10 + 4 {
            store.add(number).wait().unwrap();
            expected.push(number);
        }
        assert_panicked(store.bomb(1).wait(), round * 5 + 5);
        assert_eq!(store.read(Tally::clone).numbers, expected);
        store.snapshot().wait().unwrap();
    }
    assert_eq!(store.stats().rebuilds, 5);
    assert_eq!(disk.files("snapshot").len(), 2);
    assert!(disk.count(Call::Remove, ".journal") > 0, "nothing was pruned");
    drop(store);
    assert_eq!(open(&disk, Durability::Always).read(Tally::clone).numbers, expected);
}

#[test]
fn a_rebuild_falls_back_to_the_snapshot_before_a_damaged_one() {
    let disk = Watched::new();
    let store = open(&disk, Durability::Always);
    store.add(1).wait().unwrap();
    let newest = store.snapshot().wait().unwrap();
    let name = newest.file.file_name().unwrap().to_str().unwrap().to_owned();
    let mut bytes = disk.sim.file(&name).unwrap();
    *bytes.last_mut().unwrap() ^= 1;
    disk.sim.set_file(&name, bytes);
    store.add(2).wait().unwrap();
    assert_panicked(store.bomb(3).wait(), 3);
    assert_eq!(store.read(Tally::clone).numbers, [1, 2]);
}

#[test]
fn if_the_void_can_not_be_made_durable_the_store_has_failed() {
    for (durability, call) in
        MODES.into_iter().flat_map(|mode| [(mode, Call::Sync), (mode, Call::Write)])
    {
        let disk = Watched::new();
        let store = open(&disk, durability);
        store.add(1).wait().unwrap();
        store.flush().wait().unwrap();
        // With `Always`, the batch itself comes first.
        disk.hold(call, ".journal");
        let bomb = store.bomb(2);
        disk.wait_until_held();
        let later = store.add(3);
        let done = disk.count(call, ".journal");
        let breaker = disk.clone();
        let first_is_the_void = call == Call::Sync && durability != Durability::Always;
        if first_is_the_void {
            disk.break_at(call, ".journal");
            disk.release();
        } else {
            disk.hold_after(1, call, ".journal");
            breaker.wait_until_held();
            assert_eq!(disk.count(call, ".journal"), done + 1);
            breaker.break_at(call, ".journal");
            breaker.release();
        }
        let error = bomb.wait().unwrap_err();
        assert!(matches!(error, Error::InDoubt { .. }), "{durability:?} {call:?}: {error:?}");
        assert_eq!(error.effect(), Effect::Unknown);
        let error = later.wait().unwrap_err();
        assert!(matches!(error, Error::Failed { .. } | Error::InDoubt { .. }), "{error:?}");
        // There is no state any more: the one before the panic is gone.
        assert!(matches!(store.try_read(Tally::clone), Err(Error::Failed { .. })));
        let reader = store.clone();
        let panic = std::thread::spawn(move || reader.sum()).join().unwrap_err();
        let message = panic.downcast_ref::<String>().unwrap();
        assert!(message.contains("no state"), "{message}");
        assert!(matches!(store.add(4).wait(), Err(Error::Failed { .. })));
        assert!(matches!(store.snapshot().wait(), Err(Error::Failed { .. })));
        assert!(!store.stats().rebuilding);
        assert!(matches!(store.close().wait(), Err(Error::Failed { .. })));
        assert!(store.try_read(Tally::clone).is_err());

        // The next open finds out: with the void, or with a transaction that panics in the replay.
        disk.heal();
        drop(store);
        match TallyStore::builder("").on_disk(disk.sim.deep_clone()).open().wait() {
            Ok(store) => assert_eq!(store.read(Tally::clone).numbers, [1]),
            Err(Error::ReplayPanicked { seq, .. }) => assert_eq!(seq, Seq::from(2)),
            Err(other) => panic!("{other:?}"),
        }
    }
}

#[test]
fn if_the_rebuild_fails_the_store_has_failed() {
    let disk = Watched::new();
    let store = open(&disk, Durability::Always);
    store.add(1).wait().unwrap();
    disk.break_at(Call::Read, ".snapshot");
    let error = store.bomb(2).wait().unwrap_err();
    assert!(matches!(error, Error::InDoubt { .. }), "{error:?}");
    assert!(matches!(store.try_read(Tally::clone), Err(Error::Io { .. })));
    assert!(matches!(store.add(3).wait(), Err(Error::Failed { .. })));
    // The void is durable: the next open is none the worse.
    disk.heal();
    assert!(store.close().wait().is_err());
    assert_eq!(open(&disk, Durability::Always).read(Tally::clone).numbers, [1]);
}

/// The same transaction, in a version of the code with a bug in it.
mod changed_code {
    /// As it was.
    pub(super) mod before {
        #[prevalent::prevalent(name = "counter")]
        #[derive(Debug, Default)]
        pub(crate) struct Counter {
            pub(crate) count: u64,
        }
        #[prevalent::prevalent]
        impl Counter {
            #[tx]
            pub(crate) fn add(&mut self, number: u64) -> u64 {
                self.count += number;
                self.count
            }
        }
    }
    /// As it is.
    pub(super) mod after {
        #[prevalent::prevalent(name = "counter")]
        #[derive(Debug, Default)]
        pub(crate) struct Counter {
            pub(crate) count: u64,
        }
        #[prevalent::prevalent]
        impl Counter {
            #[tx]
            pub(crate) fn add(&mut self, number: u64) -> u64 {
                assert!(number != 13, "thirteen");
                self.count += number;
                self.count
            }
        }
    }
}

use changed_code::{after, before};

/// A store whose replay panics, with the present code.
fn with_thirteen() -> SimDisk {
    let disk = SimDisk::new();
    let store = before::CounterStore::builder("")
        .no_snapshot_on_close()
        .on_disk(disk.clone())
        .open()
        .wait()
        .unwrap();
    for number in [1, 13, 5] {
        store.add(number).wait().unwrap();
    }
    store.close().wait().unwrap();
    disk.deep_clone()
}

#[test]
fn a_panic_in_replay_fails_the_open_with_nothing_written() {
    let disk = with_thirteen();
    for _ in 0..2 {
        let error =
            after::CounterStore::builder("").on_disk(disk.clone()).open().wait().unwrap_err();
        match &error {
            Error::ReplayPanicked { seq, tx, acknowledged, message, .. } => {
                assert_eq!((*seq, tx.as_str(), *acknowledged), (Seq::from(2), "add", true));
                assert_eq!(message, "thirteen");
            }
            other => panic!("{other:?}"),
        }
        assert!(error.to_string().contains("void_on_replay_panic(2)"), "{error}");
        assert!(disk.operations().is_empty(), "{:?}", disk.operations());
    }
    // With the code as it was it opens as ever.
    let store = before::CounterStore::builder("").on_disk(disk).open().wait().unwrap();
    assert_eq!(store.read(|counter| counter.count), 19);
}

#[test]
fn void_on_replay_panic_opens_and_the_transaction_stays_void() {
    let disk = with_thirteen();
    let open = |void: Option<u64>| {
        let mut builder =
            after::CounterStore::builder("").no_snapshot_on_close().on_disk(disk.clone());
        if let Some(void) = void {
            builder = builder.void_on_replay_panic(void);
        }
        builder.open().wait()
    };
    // It means that very transaction.
    for other in [1, 3] {
        assert!(matches!(open(Some(other)), Err(Error::ReplayPanicked { .. })));
        assert!(disk.operations().is_empty());
    }
    let store = open(Some(2)).unwrap();
    assert_eq!(store.read(|counter| counter.count), 6);
    assert_eq!(store.recovery().transactions, 2);
    // It is durable at once.
    for image in disk.images_at(*disk.crash_points().end(), Loss::KeepOrDrop) {
        let again = after::CounterStore::builder("").on_disk(image).open().wait().unwrap();
        assert_eq!(again.read(|counter| counter.count), 6);
    }
    assert_eq!(store.add(4).seq(), Some(Seq::from(4)));
    store.close().wait().unwrap();
    assert_eq!(open(None).unwrap().read(|counter| counter.count), 10);
    // The code that can replay it leaves it out, too.
    let store = before::CounterStore::builder("").on_disk(disk.deep_clone()).open().wait().unwrap();
    assert_eq!(store.read(|counter| counter.count), 10);
}

#[test]
fn void_on_replay_panic_has_no_effect_on_a_transaction_that_does_not_panic() {
    let disk = with_thirteen();
    let store = before::CounterStore::builder("")
        .void_on_replay_panic(2)
        .on_disk(disk.clone())
        .open()
        .wait()
        .unwrap();
    assert_eq!(store.read(|counter| counter.count), 19);
    assert!(disk.operations().is_empty());
}

#[test]
fn a_transaction_whose_void_was_lost_to_a_crash_is_told_as_not_acknowledged() {
    let disk = SimDisk::new();
    let store = TallyStore::builder("").on_disk(disk.clone()).open().wait().unwrap();
    store.add(1).wait().unwrap();
    // The transaction's write and sync succeed; its void's write doesn't.
    disk.fail_operation(disk.operations().len() + 2, Fault::Eio);
    assert!(matches!(store.bomb(2).wait(), Err(Error::InDoubt { .. })));
    let copy = disk.after_kill();
    match TallyStore::builder("").on_disk(copy.clone()).open().wait() {
        Err(Error::ReplayPanicked { seq, acknowledged: false, .. }) => {
            assert_eq!(seq, Seq::from(2));
        }
        other => panic!("{other:?}"),
    }
    let store = TallyStore::builder("")
        .void_on_replay_panic(2)
        .on_disk(copy.clone())
        .open()
        .wait()
        .unwrap();
    assert_eq!(store.add(3).wait().unwrap(), 2);
    drop(store);
    let store = TallyStore::builder("").on_disk(copy).open().wait().unwrap();
    assert_eq!(store.read(Tally::clone).numbers, [1, 3]);
}

#[test]
fn a_waker_that_reads_the_store_while_its_state_is_rebuilt_does_not_hang_the_store() {
    let disk = Watched::new();
    let store = open(&disk, Durability::Always);
    store.add(0).wait().unwrap();
    disk.hold(Call::Write, ".journal");
    let first = store.add(1);
    disk.wait_until_held();
    // These two come into one batch: the first is resolved before the state is rebuilt.
    let mut good = store.add(2);
    let bomb = store.bomb(3);
    let reader = store.clone();
    let waker = waiting::OnWake::waker(move || {
        let _ = reader.read(|tally| tally.numbers.len());
    });
    assert!(waiting::poll_with(&mut good, &waker).is_pending());
    disk.release();
    first.wait().unwrap();
    within_limit(move || assert_panicked(bomb.wait(), 4));
    assert_eq!(good.wait().unwrap(), 3);
    assert_eq!(store.read(Tally::clone).numbers, [0, 1, 2]);
}
