//! Flushes beside commits.

use prevalent::Durability;
use prevalent_interleavings::{TakingTurns, Witness, draw, explore};
use shuttle::thread::spawn;

use crate::{any_durability, commit_unsynced, join, open, unsynced};

#[test]
fn what_was_read_before_a_flush_is_durable_when_it_is_done() {
    explore(|| {
        let disk = TakingTurns::default();
        let witness = Witness::new(&disk);
        let store = open(&disk, unsynced());
        let committers = [[1, 2], [3, 4]].map(|numbers| commit_unsynced(&store, &witness, numbers));
        let flushers = [(), ()].map(|()| {
            let (store, witness) = (store.clone(), witness.clone());
            spawn(move || {
                for _ in 0..2 {
                    let before = store.read(|ledger| {
                        ledger.entries.iter().map(|entry| entry.1).collect::<Vec<_>>()
                    });
                    store.flush().wait().unwrap();
                    witness.cannot_be_lost(before);
                }
            })
        });
        join(committers);
        join(flushers);
        drop(store);
        witness.finds_all(&disk);
        witness.survives_crashes();
    });
}

#[test]
fn what_a_thread_ordered_before_its_flush_is_durable_when_that_is_done() {
    explore(|| {
        let disk = TakingTurns::default();
        let witness = Witness::new(&disk);
        let store = open(&disk, any_durability());
        let flushers = [[1, 2], [3, 4], [5, 6]].map(|numbers| {
            let (store, witness) = (store.clone(), witness.clone());
            spawn(move || {
                for number in numbers {
                    let commit = store.add(number);
                    store.flush().wait().unwrap();
                    witness.cannot_be_lost([number]);
                    witness.told(number, commit).unwrap();
                }
            })
        });
        join(flushers);
        drop(store);
        witness.finds_all(&disk);
        witness.survives_crashes();
    });
}

#[test]
fn what_nobody_flushes_is_durable_in_time() {
    explore(|| {
        let disk = TakingTurns::default();
        let witness = Witness::new(&disk);
        let store =
            open(&disk, Durability::Every(std::time::Duration::from_millis(1 + draw(3) as u64)));
        let place = witness.told(1, store.add(1)).unwrap();
        while store.stats().durable_seq < place {
            shuttle::thread::yield_now();
        }
        witness.cannot_be_lost([1]);
        witness.survives_crashes();
    });
}
