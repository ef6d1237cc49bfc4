//! Transactions that panic, beside others and beside those who read.

use prevalent::{Durability, Error};
use prevalent_interleavings::{LedgerStore, TakingTurns, UndoingStore, Witness, draw, explore};
use shuttle::thread::{JoinHandle, spawn};

use crate::{any_durability, commit_unsynced, join, open};

/// Commits a transaction that panics, which is told so, and nobody else.
fn panic(store: &LedgerStore, witness: &Witness, number: u32) -> JoinHandle<()> {
    let (store, witness) = (store.clone(), witness.clone());
    spawn(move || {
        let commit = store.panic_after(number);
        let place = commit.seq();
        match witness.told(number, commit) {
            Err(Error::TxPanicked { seq, .. }) => assert_eq!(Some(seq), place),
            told => panic!("{told:?}"),
        }
    })
}

#[test]
fn a_transaction_that_panics_harms_only_itself() {
    explore(|| {
        let disk = TakingTurns::default();
        let witness = Witness::new(&disk);
        let durability = any_durability();
        let store = open(&disk, durability);
        let panicking = [20, 21].map(|number| panic(&store, &witness, number));
        let committers = [[1, 2], [3, 4]].map(|numbers| match durability {
            Durability::Always => crate::commit(&store, &witness, numbers),
            _ => commit_unsynced(&store, &witness, numbers),
        });
        let reading = spawn({
            let (store, witness) = (store.clone(), witness.clone());
            move || {
                for _ in 0..2 {
                    // A read inside a read doesn't wait for whoever waits to change the state.
                    store.read(|outer| {
                        store.read(|inner| assert_eq!(outer.entries, inner.entries));
                    });
                    match store.try_read(|ledger| (ledger.begun, ledger.ended)) {
                        Ok((begun, ended)) => assert_eq!(begun, ended),
                        Err(error) => assert!(matches!(error, Error::Rebuilding), "{error}"),
                    }
                    if durability == Durability::Always {
                        witness.reads_what_lasts(&store);
                    }
                }
            }
        });
        join(panicking);
        join(committers);
        join([reading]);
        store.flush().wait().unwrap();
        let stats = store.stats();
        assert_eq!((stats.rebuilds, stats.rebuilding, stats.pending_bytes), (2, false, 0));
        drop(store);
        witness.finds_all(&disk);
        witness.survives_crashes();
    });
}

#[test]
fn a_transaction_that_panics_and_is_undone_harms_only_itself() {
    explore(|| {
        let disk = TakingTurns::default();
        let open = || {
            let builder = UndoingStore::builder("").on_disk(disk.clone()).no_snapshot_on_close();
            builder.durability(any_durability()).open().wait().unwrap()
        };
        let store = open();
        let panicking = spawn({
            let store = store.clone();
            move || {
                let told = store.panic_after(9).wait();
                assert!(matches!(told, Err(Error::TxPanicked { .. })), "{told:?}");
            }
        });
        let committers = [1, 3].map(|number| {
            let store = store.clone();
            spawn(move || {
                store.add(number).wait().unwrap();
                store.add(number + 1).wait().unwrap();
            })
        });
        // There is always a state, and nothing of it is half.
        let ledger = store.try_read(Clone::clone).unwrap();
        assert_eq!((ledger.begun, ledger.begun), (ledger.ended, ledger.numbers.len() as u64));
        join([panicking]);
        join(committers);
        drop(store);
        let mut numbers = open().read(|ledger| ledger.numbers.clone());
        numbers.sort_unstable();
        assert_eq!(numbers, [1, 2, 3, 4]);
    });
}

#[test]
fn a_panic_a_snapshot_and_a_close_side_by_side_all_end() {
    explore(|| {
        let disk = TakingTurns::default();
        let witness = Witness::new(&disk);
        let store = open(&disk, any_durability());
        let committing = commit_unsynced(&store, &witness, [1, 2]);
        let panicking = panic(&store, &witness, 20);
        let taking = spawn({
            let store = store.clone();
            move || {
                let taken = store.snapshot().wait();
                let is_over = matches!(taken, Ok(_) | Err(Error::Closed | Error::Rebuilding));
                assert!(is_over, "{taken:?}");
            }
        });
        if draw(2) == 0 {
            join([committing, panicking]);
        } else {
            join([panicking]);
            join([committing]);
        }
        store.close().wait().unwrap();
        join([taking]);
        witness.finds_all(&disk);
    });
}

#[test]
fn where_the_void_cannot_be_written_everybody_is_told_and_nobody_waits_for_a_state() {
    explore(|| {
        let disk = TakingTurns::default();
        let witness = Witness::new(&disk);
        let durability = any_durability();
        let store = open(&disk, durability);
        disk.fail_within(10);
        let panicking = spawn({
            let store = store.clone();
            move || {
                let told = store.panic_after(9).wait();
                let is_told = matches!(
                    told,
                    Err(Error::TxPanicked { .. } | Error::InDoubt { .. } | Error::Failed { .. })
                );
                assert!(is_told, "{told:?}");
            }
        });
        let committers = [1, 3].map(|number| {
            let (store, witness) = (store.clone(), witness.clone());
            spawn(move || {
                for number in [number, number + 1] {
                    let commit = store.add(number);
                    if durability == Durability::Always {
                        let _ = witness.committed(number, commit);
                    } else {
                        drop(commit.wait());
                    }
                }
            })
        });
        let read = store.try_read(|ledger| (ledger.begun, ledger.ended));
        assert!(read.is_err() || read.is_ok_and(|(begun, ended)| begun == ended));
        join([panicking]);
        join(committers);
        assert!(!store.stats().rebuilding);
        drop(store);
        disk.heal();
        witness.finds_all(&disk);
        witness.survives_crashes();
    });
}
