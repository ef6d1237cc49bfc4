//! Snapshots, and what they make superfluous, beside commits.

use prevalent::{Durability, SnapshotMethod};
use prevalent_interleavings::{Ledger, TakingTurns, Witness, draw, explore};
use shuttle::thread::spawn;

use crate::{any_durability, commit, commit_unsynced, join, unsynced};

fn any_method() -> SnapshotMethod<Ledger> {
    match draw(3) {
        0 => SnapshotMethod::default(),
        1 => SnapshotMethod::locked(),
        _ => SnapshotMethod::cloned(),
    }
}

#[test]
fn a_snapshot_holds_what_was_applied_when_it_was_asked_for() {
    explore(|| {
        let disk = TakingTurns::default();
        let witness = Witness::new(&disk);
        let builder = disk.builder().durability(any_durability()).keep_snapshots(1);
        let store = builder.segment_bytes(1).snapshot_method(any_method()).open().wait().unwrap();
        let committers = [[1, 2], [3, 4]].map(|numbers| commit_unsynced(&store, &witness, numbers));
        let snapshots = [(), ()].map(|()| {
            let (store, witness) = (store.clone(), witness.clone());
            spawn(move || {
                let (before, numbers) = store.read(|ledger| {
                    let numbers: Vec<_> = ledger.entries.iter().map(|entry| entry.1).collect();
                    (ledger.entries.last().map_or(0, |entry| entry.0), numbers)
                });
                let taken = store.snapshot().wait().unwrap();
                assert!(taken.seq.get() >= before, "{taken:?} {before}");
                // In every mode it is renamed only when the journal is durable through it.
                witness.cannot_be_lost(numbers);
            })
        });
        join(committers);
        join(snapshots);
        drop(store);
        witness.finds_all(&disk);
        witness.survives_crashes();
    });
}

#[test]
fn snapshots_that_nobody_asks_for_and_the_pruning_behind_them_lose_nothing() {
    explore(|| {
        let disk = TakingTurns::default();
        let witness = Witness::new(&disk);
        let builder = disk.builder().snapshot_every_transactions(2).keep_snapshots(1);
        let builder = builder.segment_bytes(1).snapshot_method(any_method());
        let store = builder.durability(Durability::Always).open().wait().unwrap();
        join([[1, 2], [3, 4], [5, 6]].map(|numbers| commit(&store, &witness, numbers)));
        drop(store);
        witness.finds_all(&disk);
        witness.survives_crashes();
    });
}

#[test]
fn a_snapshot_of_what_is_not_synced_and_a_close_beside_it_both_end() {
    explore(|| {
        let disk = TakingTurns::default();
        let witness = Witness::new(&disk);
        let builder = disk.builder().durability(unsynced()).snapshot_method(any_method());
        let store = builder.open().wait().unwrap();
        witness.told(1, store.add(1)).unwrap();
        let taking = spawn({
            let store = store.clone();
            move || {
                let taken = store.snapshot().wait();
                assert!(matches!(taken, Ok(_) | Err(prevalent::Error::Closed)), "{taken:?}");
            }
        });
        let _ = witness.told(2, store.add(2));
        store.close().wait().unwrap();
        join([taking]);
        witness.finds_all(&disk);
    });
}

#[test]
fn what_somebody_relies_on_is_removed_when_it_is_let_go() {
    explore(|| {
        let disk = TakingTurns::default();
        let builder = disk.builder().keep_snapshots(1).segment_bytes(1);
        let store = builder.durability(Durability::Always).open().wait().unwrap();
        for number in 1..=2 {
            store.add(number).wait().unwrap();
        }
        let verifying = spawn({
            let store = store.clone();
            move || assert_eq!(store.verify().wait().unwrap().seq, 2.into())
        });
        store.snapshot().wait().unwrap();
        join([verifying]);
        // Nothing else asks for it.
        while store.stats().segments > 1 {
            shuttle::thread::yield_now();
        }
        drop(store);
        assert_eq!(disk.builder().open().wait().unwrap().read(|ledger| ledger.ended), 2);
    });
}
