//! Batches of several transactions, and what comes while they are written and applied.

use prevalent::Error;
use prevalent_interleavings::{LedgerStore, TakingTurns, Witness, draw, explore};
use shuttle::thread::{JoinHandle, spawn};

use crate::{any_durability, join, open};

/// Commits three at a time, twice.
fn in_threes(store: &LedgerStore, witness: &Witness, first: u32) -> JoinHandle<()> {
    let (store, witness) = (store.clone(), witness.clone());
    spawn(move || {
        for first in [first, first + 3] {
            let numbers = [first, first + 1, first + 2];
            for (number, commit) in numbers.map(|number| (number, store.add(number))) {
                witness.committed(number, commit).unwrap();
            }
        }
    })
}

#[test]
fn batches_are_applied_in_their_order() {
    explore(|| {
        let disk = TakingTurns::default();
        let witness = Witness::new(&disk);
        let store = open(&disk, prevalent::Durability::Always);
        let committers = [1, 11].map(|first| in_threes(&store, &witness, first));
        witness.reads_what_lasts(&store);
        store.flush().wait().unwrap();
        join(committers);
        let stats = store.stats();
        assert_eq!((stats.seq, stats.pending_bytes), (12.into(), 0));
        drop(store);
        witness.finds_all(&disk);
        witness.survives_crashes();
    });
}

#[test]
fn who_comes_alone_while_a_batch_is_applied_is_not_forgotten() {
    explore(|| {
        let disk = TakingTurns::default();
        let witness = Witness::new(&disk);
        let store = open(&disk, prevalent::Durability::Always);
        let together = spawn({
            let (store, witness) = (store.clone(), witness.clone());
            move || {
                let commits = [1, 2, 3, 4].map(|number| (number, store.add(number)));
                for (number, commit) in commits {
                    witness.committed(number, commit).unwrap();
                }
            }
        });
        // Nobody comes behind it who could have it written.
        witness.committed(11, store.add(11)).unwrap();
        join([together]);
        drop(store);
        witness.finds_all(&disk);
    });
}

#[test]
fn a_panic_in_a_batch_harms_only_itself() {
    explore(|| {
        let disk = TakingTurns::default();
        let witness = Witness::new(&disk);
        let store = open(&disk, prevalent::Durability::Always);
        let beside = in_threes(&store, &witness, 11);
        let panicking = [0, 1, 2, 3][draw(4)];
        let commits = [0, 1, 2, 3].map(|number| {
            let panics = number == panicking;
            let commit = if panics { store.panic_after(90) } else { store.add(1 + number) };
            (panics, 1 + number, commit)
        });
        for (panics, number, commit) in commits {
            if panics {
                let told = witness.told(90, commit);
                assert!(matches!(told, Err(Error::TxPanicked { .. })), "{told:?}");
            } else {
                witness.committed(number, commit).unwrap();
            }
        }
        witness.reads_what_lasts(&store);
        join([beside]);
        assert_eq!(store.stats().rebuilds, 1);
        drop(store);
        witness.finds_all(&disk);
        witness.survives_crashes();
    });
}

#[test]
fn a_close_a_flush_and_a_failure_among_batches_end() {
    explore(|| {
        let disk = TakingTurns::default();
        let witness = Witness::new(&disk);
        let durability = any_durability();
        let store = open(&disk, durability);
        if draw(2) == 0 {
            disk.fail_within(16);
        }
        let committers = [1, 11].map(|first| {
            let (store, witness) = (store.clone(), witness.clone());
            spawn(move || {
                for first in [first, first + 4] {
                    let numbers = [first, first + 1, first + 2, first + 3];
                    let commits = numbers.map(|number| {
                        let panics = number % 10 == 3;
                        let add =
                            if panics { store.panic_after(number) } else { store.add(number) };
                        (number, add)
                    });
                    for (number, commit) in commits {
                        if durability == prevalent::Durability::Always {
                            let _ = witness.committed(number, commit);
                        } else {
                            drop(commit.wait());
                        }
                    }
                }
            })
        });
        if draw(2) == 0 {
            drop(store.flush().wait());
        }
        if draw(2) == 0 {
            drop(store.close().wait());
        }
        join(committers);
        drop(store);
        disk.heal();
        witness.finds_all(&disk);
        witness.survives_crashes();
    });
}
