//! Segments that end, while the file of the next one is made ahead.

use prevalent_interleavings::{LedgerStore, TakingTurns, Witness, draw, explore};
use shuttle::thread::spawn;

use crate::{any_durability, join};

/// The least with which a file is made ahead.
const SEGMENT_BYTES: u64 = 4 << 10;

fn open(disk: &TakingTurns) -> LedgerStore {
    disk.builder().segment_bytes(SEGMENT_BYTES).fill_ahead_bytes(512).open().wait().unwrap()
}

#[test]
fn what_is_committed_while_segments_end_is_durable() {
    explore(|| {
        let disk = TakingTurns::default();
        let witness = Witness::new(&disk);
        let store = open(&disk);
        let committers = [1, 11, 21].map(|first| {
            let (store, witness) = (store.clone(), witness.clone());
            spawn(move || {
                for number in first..first + 3 {
                    let commit = store.add_with(number, &[1; 1000]);
                    witness.committed(number, commit).unwrap();
                }
            })
        });
        join(committers);
        assert!(store.stats().segments > 1);
        drop(store);
        witness.finds_all(&disk);
        witness.survives_crashes();
    });
}

#[test]
fn a_store_that_ends_or_fails_while_the_next_file_is_made_leaves_what_opens_again() {
    explore(|| {
        let disk = TakingTurns::default();
        let witness = Witness::new(&disk);
        let store = open(&disk);
        if draw(2) == 0 {
            disk.fail_within(40);
        }
        let committers = [1, 11].map(|first| {
            let (store, witness) = (store.clone(), witness.clone());
            spawn(move || {
                for number in first..first + 2 {
                    let commit = store.add_with(number, &[1; 1000]);
                    let _ = witness.committed(number, commit);
                }
            })
        });
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

#[test]
fn a_segment_a_transaction_loses_nothing() {
    explore(|| {
        let disk = TakingTurns::default();
        let witness = Witness::new(&disk);
        let builder = disk.builder().segment_bytes(1).durability(any_durability());
        let store = builder.open().wait().unwrap();
        let committers =
            [[1, 2], [3, 4]].map(|numbers| crate::commit_unsynced(&store, &witness, numbers));
        store.flush().wait().unwrap();
        join(committers);
        store.close().wait().unwrap();
        witness.cannot_be_lost(1..=4);
        witness.finds_all(&disk);
        witness.survives_crashes();
    });
}
