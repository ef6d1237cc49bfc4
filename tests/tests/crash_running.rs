//! Failures that are no crash: files that can't be read, snapshots that never succeed, a rebuild that fails, a sync that is due.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use prevalent::testing::Disk;
use prevalent::testing::{Fault, Loss, ReadFault, SimDisk};
use prevalent::{Durability, Error, Store};
use prevalent_tests::hooked::{Act, Gate, Hooked, Step};
use prevalent_tests::oracle::{Oracle, files, open};
use prevalent_tests::record::{Record, Setup};
use prevalent_tests::waiting::until;

fn setup(durability: Durability) -> Setup {
    Setup { segment_bytes: 420, snapshot_on_close: false, ..Setup::new(durability) }
}

/// A directory with several segments and two snapshots.
fn sample(closed: bool) -> (SimDisk, Record) {
    let mut record = Record::new(SimDisk::new(), setup(Durability::Always));
    let store = record.open().expect("a store");
    for line in 0..7 {
        record.add(&store);
        if line == 1 || line == 3 {
            record.snapshot(&store);
        }
    }
    if closed {
        record.close(&store);
    }
    let disk = record.sim.deep_clone();
    (disk, record)
}

#[test]
fn a_file_that_cannot_be_read_is_an_error_that_changes_nothing() {
    for closed in [true, false] {
        let (sample, record) = sample(closed);
        for name in sample.file_names() {
            for fault in [ReadFault::Eio, ReadFault::Interrupted, ReadFault::Short] {
                let disk = sample.deep_clone();
                disk.fail_reads(&name, fault);
                match record.setup.builder(disk.clone()).open().wait() {
                    Ok(store) => {
                        assert_ne!(fault, ReadFault::Eio, "{name}");
                        let seq = store.stats().seq.into();
                        assert_eq!(seq, 7, "{name}");
                        store.read(|ledger| record.check(ledger, seq)).expect("the same state");
                    }
                    Err(Error::Io { path, .. }) => {
                        assert_eq!(fault, ReadFault::Eio);
                        assert!(path.ends_with(&name), "{path:?}, not {name}");
                        assert!(files(&disk) == files(&sample), "{name}");
                        drop(disk.lock().expect("the lock is free"));
                    }
                    Err(other) => panic!("{name}: {other:?}"),
                }
            }
        }
    }
}

#[test]
fn a_rebuild_that_fails_loses_nothing_and_frees_the_lock() {
    for mode in [Durability::Always, Durability::Manual] {
        let mut record = Record::new(SimDisk::new(), setup(mode));
        let store = record.open().expect("a store");
        record.add(&store);
        record.sim.fail_reads("00000000000000000001.journal", ReadFault::Eio);
        record.explode(&store);
        assert!(matches!(record.errors[..], [Error::InDoubt { .. }]), "{:?}", record.errors);
        assert!(store.try_read(|_| ()).is_err());
        record.add(&store);
        assert!(matches!(record.errors.last(), Some(Error::Failed { .. })), "{:?}", record.errors);
        record.close(&store);
        drop(store);
        drop(record.sim.lock().expect("the lock is free"));
        record.sim.heal();
        let store = record.open().expect("it opens again");
        assert_eq!(u64::from(store.stats().seq), 2, "the void is durable");
        let mut oracle = Oracle::new(&record, Loss::KeepOrDrop, 1);
        oracle.judge_point(record.now()).unwrap_or_else(|what| panic!("{what}"));
    }
}

#[test]
fn snapshots_that_never_succeed_harm_nothing_and_are_tried_again() {
    let sim = SimDisk::new();
    let fails = Arc::new(AtomicBool::new(false));
    let failing = fails.clone();
    let disk = Hooked::new(&sim, move |step: &Step<'_>| {
        if step.is_snapshot() && failing.load(Ordering::SeqCst) { Act::Fail } else { Act::Do }
    });
    let setup = Setup { snapshot_every_bytes: 1, ..Setup::new(Durability::Always) };
    let store = setup.builder(disk.clone()).open().wait().expect("a store");
    fails.store(true, Ordering::SeqCst);
    for line in 0..20 {
        store.add(format!("{line}")).wait().expect("a line");
    }
    assert!(matches!(store.snapshot().wait(), Err(Error::Io { .. })));
    assert!(store.stats().failed_snapshots > 0);
    let state = store.read(Clone::clone);
    let killed = sim.after_kill();
    assert!(matches!(Store::close(&store).wait(), Err(Error::Io { .. })), "close tells it");
    drop(store);
    for disk in [sim.deep_clone(), killed] {
        let store = setup.builder(disk).open().wait().expect("it opens");
        assert!(store.read(|again| *again == state));
        store.snapshot().wait().expect("a snapshot");
    }
    fails.store(false, Ordering::SeqCst);
    let store = setup.builder(disk).open().wait().expect("it opens");
    let deadline = Instant::now() + Duration::from_secs(10);
    store.add("one more".to_owned()).wait().expect("a line");
    while store.stats().last_snapshot.is_none_or(|last| u64::from(last.seq) < 20) {
        assert!(Instant::now() < deadline, "{:?}", store.stats());
        std::thread::yield_now();
    }
}

#[test]
fn what_is_older_than_the_interval_survives_a_crash_without_a_flush() {
    let mut record =
        Record::new(SimDisk::new(), setup(Durability::Every(Duration::from_millis(3))));
    let store = record.open().expect("a store");
    for _ in 0..4 {
        record.add(&store);
        record.add(&store);
        let deadline = Instant::now() + Duration::from_secs(10);
        while store.stats().durable_seq < store.stats().seq {
            assert!(Instant::now() < deadline, "{:?}", store.stats());
            std::thread::sleep(Duration::from_millis(1));
        }
        let seq: u64 = store.stats().seq.into();
        let now = record.now();
        for image in record.sim.images_at(now, Loss::KeepDropOrGarbage) {
            let store = record.setup.builder(image).open().wait().expect("it opens");
            assert_eq!(u64::from(store.stats().seq), seq);
        }
    }
}

/// The journal fails while a snapshot waits for it, and somebody closes the store.
#[test]
fn a_snapshot_that_waits_for_a_journal_that_fails_does_not_hold_up_a_close() {
    for fault in [Fault::Eio, Fault::SyncLosesData] {
        let sim = SimDisk::new();
        let gate = Gate::new();
        let held = gate.clone();
        let disk = Hooked::new(&sim, move |step: &Step<'_>| {
            if matches!(step, Step::Sync(name) if name.contains(".journal")) {
                held.pass();
            }
            Act::Do
        });
        let setup = Setup { segment_bytes: 1 << 20, ..Setup::new(Durability::Manual) };
        let store = setup.builder(disk).open().wait().expect("a store");
        store.add("a line".to_owned()).wait().expect("a line");
        until("it is written", || store.stats().pending_bytes == 0);
        gate.close();
        let snapshot = store.snapshot();
        let flush = store.flush();
        assert!(gate.wait_for_somebody());
        // Nobody has promised that it is durable.
        store.add("too late".to_owned()).wait().expect("it is applied");
        sim.fail_from(sim.operations().len(), fault);
        let closed = Store::close(&store);
        gate.open();
        assert!(matches!(flush.wait(), Err(Error::InDoubt { .. })));
        assert!(matches!(
            snapshot.wait(),
            Err(Error::InDoubt { .. } | Error::Failed { .. } | Error::Io { .. })
        ));
        assert!(matches!(closed.wait(), Err(Error::Failed { .. })));
        assert_eq!(store.read(|ledger| ledger.lines.len()), 2, "reads go on");
        drop(sim.lock().expect("the lock is free"));
        let names = sim.file_names();
        assert!(!names.iter().any(|name| name == "00000000000000000001.snapshot"), "{names:?}");
    }
}

/// A position that a subscriber kept is valid after a crash.
#[test]
fn what_a_subscription_delivers_survives_every_crash() {
    for mode in
        [Durability::Always, Durability::Every(Duration::from_millis(2)), Durability::Manual]
    {
        let mut record = Record::new(SimDisk::new(), setup(mode));
        let store = record.open().expect("a store");
        let mut subscription = store.subscribe(1);
        let sim = record.sim.clone();
        let subscriber = std::thread::spawn(move || {
            let mut delivered = Vec::new();
            while let Some(event) = futures_executor::block_on(subscription.next()) {
                let seq: u64 = event.expect("no failure").seq.into();
                delivered.push((sim.operations().len(), seq));
            }
            delivered
        });
        for _ in 0..3 {
            record.add(&store);
            record.add_batch(&store, 3);
            record.explode_in_a_batch(&store);
        }
        record.flush(&store);
        record.close(&store);
        let delivered = subscriber.join().expect("no panic");
        let seqs: Vec<u64> = delivered.iter().map(|(_, seq)| *seq).collect();
        let expected: Vec<u64> = record.expected(u64::MAX).iter().map(|(seq, _, _)| *seq).collect();
        assert_eq!(seqs, expected, "in order, without gaps, voids left out");
        for (point, seq) in delivered {
            for image in record.sim.images_at(point, Loss::KeepDropOrGarbage) {
                let described = format!("{image:?}");
                let (_, recovered) = open(&image, &record.setup).expect("it opens");
                assert!(recovered.seq >= seq, "{seq} was delivered; {described}");
            }
        }
    }
}

/// The process dies again and again, and the machine lives: what was not synced is open for longer and longer.
#[test]
fn what_a_killed_process_left_survives_every_crash_of_the_machine() {
    for mode in [Durability::Always, Durability::Manual] {
        let mut record = Record::new(SimDisk::new(), Setup { segment_bytes: 500, ..setup(mode) });
        for round in 0..4 {
            let store = record.open().expect("a store");
            if round < 3 {
                record.add_batch(&store, 1);
            }
            if round == 1 {
                record.snapshot(&store);
                record.add(&store);
            }
            let mut oracle = Oracle::new(&record, Loss::KeepOrDrop, 7);
            for point in record.sim.crash_points() {
                oracle.judge_point(point).unwrap_or_else(|what| panic!("{mode:?}: {what}"));
            }
            record = record.kill(Some(store));
        }
    }
}
