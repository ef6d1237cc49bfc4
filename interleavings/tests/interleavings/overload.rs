//! More than there is room for.

use prevalent::{Durability, Error};
use prevalent_interleavings::{LedgerStore, TakingTurns, Witness, draw, explore};
use shuttle::thread::spawn;

use crate::{join, unsynced};

/// There is room for two transactions.
const PENDING_BYTES: usize = 600;

fn open(disk: &TakingTurns, durability: Durability) -> LedgerStore {
    let builder = disk.builder().durability(durability).pending_bytes(PENDING_BYTES);
    builder.open().wait().unwrap()
}

#[test]
fn who_is_refused_and_waits_for_room_gets_through() {
    explore(|| {
        let disk = TakingTurns::default();
        let witness = Witness::new(&disk);
        let durability = if draw(4) == 0 { unsynced() } else { Durability::Always };
        let store = open(&disk, durability);
        let committers = [[1, 2], [3, 4], [5, 6]].map(|numbers| {
            let (store, witness) = (store.clone(), witness.clone());
            spawn(move || {
                for number in numbers {
                    loop {
                        assert!(store.stats().pending_bytes <= PENDING_BYTES);
                        let commit = store.add(number);
                        let place = commit.seq();
                        match commit.wait() {
                            Err(Error::Overloaded { .. }) => assert_eq!(place, None),
                            told => {
                                witness.note(number, place, told).unwrap();
                                break;
                            }
                        }
                        store.ready().wait().unwrap();
                    }
                }
            })
        });
        join(committers);
        store.flush().wait().unwrap();
        assert_eq!(store.stats().pending_bytes, 0);
        drop(store);
        witness.finds_all(&disk);
    });
}

#[test]
fn who_waits_for_room_is_told_of_a_failure_or_a_close() {
    explore(|| {
        let disk = TakingTurns::default();
        let store = open(&disk, Durability::Always);
        disk.fail_within(8);
        let waiting = [1, 3, 5].map(|number| {
            let store = store.clone();
            spawn(move || {
                let commits = [store.add(number), store.add(number + 1)];
                let ready = store.ready().wait();
                let is_over = matches!(ready, Ok(()) | Err(Error::Failed { .. } | Error::Closed));
                assert!(is_over, "{ready:?}");
                for commit in commits {
                    drop(commit.wait());
                }
            })
        });
        if draw(2) == 0 {
            drop(store.close().wait());
        }
        join(waiting);
        assert_eq!(store.stats().pending_bytes, 0);
    });
}
