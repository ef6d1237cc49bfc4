//! Who commits side by side.

use prevalent::{Durability, Key};
use prevalent_interleavings::{Executor, TakingTurns, Witness, explore};
use shuttle::thread::spawn;

use crate::{commit, join, open, unsynced};

#[test]
fn what_is_acknowledged_or_read_is_durable() {
    explore(|| {
        let disk = TakingTurns::default();
        let witness = Witness::new(&disk);
        let store = open(&disk, Durability::Always);
        let committers = [[1, 2], [3, 4], [5, 6]].map(|numbers| commit(&store, &witness, numbers));
        for _ in 0..2 {
            witness.reads_what_lasts(&store);
        }
        join(committers);
        assert_eq!(store.stats().pending_bytes, 0);
        drop(store);
        witness.finds_all(&disk);
        witness.survives_crashes();
    });
}

#[test]
fn commits_that_one_task_has_in_flight_are_ordered_as_they_were_called() {
    explore(|| {
        let disk = TakingTurns::default();
        let witness = Witness::new(&disk);
        let store = open(&disk, Durability::Always);
        let beside = commit(&store, &witness, [10, 11]);
        let mut executor = Executor::default();
        for first in [1, 4] {
            let (store, witness) = (store.clone(), witness.clone());
            executor.spawn(async move {
                let commits =
                    [first, first + 1, first + 2].map(|number| (number, store.add(number)));
                assert!(commits.is_sorted_by_key(|(_, commit)| commit.seq()));
                for (number, commit) in commits {
                    let seq = commit.seq();
                    witness.note(number, seq, commit.await).unwrap();
                    witness.cannot_be_lost([number]);
                }
            });
        }
        executor.run();
        join([beside]);
        drop(store);
        witness.finds_all(&disk);
        witness.survives_crashes();
    });
}

#[test]
fn what_need_not_be_durable_is_read_as_soon_as_it_is_acknowledged() {
    explore(|| {
        let disk = TakingTurns::default();
        let witness = Witness::new(&disk);
        let store = open(&disk, unsynced());
        let committers = [[1, 2], [3, 4]].map(|numbers| {
            let (store, witness) = (store.clone(), witness.clone());
            spawn(move || {
                for number in numbers {
                    let place = witness.told(number, store.add(number)).unwrap();
                    let is_there =
                        |&(seq, there): &(u64, u32)| (seq, there) == (place.get(), number);
                    assert!(store.read(|ledger| ledger.entries.iter().any(is_there)));
                    assert!(store.stats().seq >= place);
                }
            })
        });
        // Meanwhile those who commit queue up, and so does whoever reads.
        let inside = store.read(|ledger| {
            let newest = ledger.entries.last().map_or(0, |entry| entry.0);
            assert_eq!(store.stats().seq.get(), newest);
            store.add(5)
        });
        witness.told(5, inside).unwrap();
        join(committers);
        drop(store);
        witness.finds_all(&disk);
    });
}

#[test]
fn what_is_submitted_twice_with_a_key_is_executed_once_and_told_to_both() {
    explore(|| {
        let disk = TakingTurns::default();
        let store = open(&disk, Durability::Always);
        let both = [(), ()].map(|()| {
            let store = store.clone();
            spawn(move || {
                let commit = store.add_once(&Key::from("once"), 7);
                (commit.seq(), commit.wait().unwrap())
            })
        });
        let told = join(both);
        assert_eq!(told[0], told[1]);
        assert_eq!(store.read(|ledger| ledger.entries.len()), 1);
        drop(store);
        let store = open(&disk, Durability::Always);
        let again = store.add_once(&Key::from("once"), 7);
        assert_eq!((again.seq(), again.wait().unwrap()), told[0]);
    });
}
