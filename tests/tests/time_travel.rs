//! The past of a store: its state at a sequence number or a time, without its lock and without a write.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, SystemTime};

use prevalent::testing::SimDisk;
use prevalent::{Builder, Durability, Error, Past, Point, Seq, SnapshotInfo};
use prevalent_tests::ledger::{Ledger, LedgerStore, hush};
use prevalent_tests::record::Setup;

fn at(disk: &SimDisk, point: impl Into<Point>) -> Result<Past<Ledger>, Error> {
    LedgerStore::builder("unused").on_disk(disk.clone()).open_at(point).wait()
}

/// A store of many segments, with two snapshots on the way and a transaction that panicked; and its states.
fn history() -> (SimDisk, LedgerStore, Vec<(u64, Ledger)>) {
    hush();
    let disk = SimDisk::new();
    let setup = Setup { snapshot_on_close: false, ..Setup::new(Durability::Always) };
    let store = setup.builder(disk.clone()).open().wait().unwrap();
    let mut states = vec![(0, store.read(Clone::clone))];
    for line in 0..12 {
        store.add(format!("line {line}")).wait().unwrap();
        states.push((store.stats().seq.into(), store.read(Clone::clone)));
        if line == 7 {
            store.snapshot().wait().unwrap();
        }
        if line == 9 {
            store.explode().wait().unwrap_err();
            states.push((store.stats().seq.into(), store.read(Clone::clone)));
        }
    }
    (disk, store, states)
}

#[test]
fn every_state_can_be_seen_again_while_the_store_is_open_and_after_it() {
    let (disk, store, states) = history();
    for is_open in [true, false] {
        if !is_open {
            store.close().wait().unwrap();
        }
        let before = disk.operations().len();
        for (seq, expected) in &states {
            let past = at(&disk, Seq::from(*seq)).unwrap();
            assert_eq!((*past).clone(), *expected, "{seq}");
            assert_eq!(u64::from(past.seq()), *seq);
        }
        assert_eq!(disk.operations().len(), before, "nothing is written");
    }
}

#[test]
fn a_time_stands_for_the_last_transaction_that_is_not_later() {
    let (disk, store, states) = history();
    let mut times = Vec::new();
    for (seq, _) in &states {
        times.push((*seq, at(&disk, Seq::from(*seq)).unwrap().time()));
    }
    drop(store);
    for (seq, time) in &times {
        let past = at(&disk, *time).unwrap();
        let last = times.iter().filter(|(_, other)| other <= time).map(|(seq, _)| *seq).max();
        assert_eq!(Some(u64::from(past.seq())), last, "{seq}");
        let state = states.iter().find(|(seq, _)| Some(*seq) == last).map(|(_, state)| state);
        assert_eq!(Some(&*past), state);
    }
    assert_eq!(at(&disk, SystemTime::UNIX_EPOCH).unwrap().seq(), Seq::ZERO);
    let future = SystemTime::now() + Duration::from_hours(1);
    assert_eq!(&*at(&disk, future).unwrap(), &states.last().unwrap().1);
}

#[test]
fn what_is_not_there_is_told() {
    assert!(matches!(at(&SimDisk::new(), Seq::ZERO), Err(Error::NoStore { .. })));
    let dir = tempfile::tempdir().unwrap();
    let missing = dir.path().join("missing");
    let past = LedgerStore::builder(&missing).open_at(Seq::ZERO).wait();
    assert!(matches!(past, Err(Error::NoStore { .. })), "{past:?}");
    assert!(!missing.exists());

    let (disk, store, states) = history();
    let newest = states.last().unwrap().0;
    match at(&disk, Seq::from(newest + 1)) {
        Err(Error::NotYet { newest: found, .. }) => assert_eq!(u64::from(found), newest),
        other => panic!("{other:?}"),
    }
    // Two more snapshots, and the first states are gone.
    let snapshot: SnapshotInfo = store.snapshot().wait().unwrap();
    store.add("one more".to_owned()).wait().unwrap();
    store.snapshot().wait().unwrap();
    for point in [Point::from(Seq::from(3)), Point::from(SystemTime::UNIX_EPOCH)] {
        match at(&disk, point) {
            Err(Error::Pruned { oldest, .. }) => assert_eq!(oldest, snapshot.seq),
            other => panic!("{other:?}"),
        }
    }
    assert_eq!(at(&disk, snapshot.seq).unwrap().seq(), snapshot.seq);
}

#[test]
fn the_past_can_be_looked_at_beside_an_owner_that_writes_snapshots_and_prunes() {
    let dir = tempfile::tempdir().unwrap();
    let builder = || -> Builder<LedgerStore> { LedgerStore::builder(dir.path()) };
    let store = builder()
        .durability(Durability::Manual)
        .segment_bytes(4096)
        .snapshot_every_bytes(16 << 10)
        .open()
        .wait()
        .unwrap();
    let is_done = AtomicBool::new(false);
    let looks = std::thread::scope(|scope| {
        let writer = scope.spawn(|| {
            for line in 0..6000 {
                store.add(format!("line {line}")).wait().unwrap();
                if line % 500 == 0 {
                    // The state grows, and its snapshots: so does the disk.
                    store.flush().wait().unwrap();
                }
            }
            is_done.store(true, Ordering::SeqCst);
        });
        let mut looks = 0;
        while !is_done.load(Ordering::SeqCst) {
            let past = builder().open_at(SystemTime::now()).wait();
            let past = past.unwrap_or_else(|error| panic!("{error}"));
            assert_eq!(past.lines.len() as u64, u64::from(past.seq()), "no line is left out");
            looks += 1;
        }
        writer.join().unwrap();
        looks
    });
    println!("{looks} looks");
    assert!(looks > 3, "{looks}");
}
