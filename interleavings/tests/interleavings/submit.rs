//! Who commits side by side.

use prevalent_interleavings::{LedgerStore, TakingTurns, Witness, explore};
use shuttle::thread;

fn open(disk: &TakingTurns) -> LedgerStore {
    LedgerStore::builder("").on_disk(disk.clone()).no_snapshot_on_close().open().wait().unwrap()
}

#[test]
fn what_is_acknowledged_is_durable_and_what_is_read_too() {
    explore(|| {
        let disk = TakingTurns::default();
        let witness = Witness::new(&disk);
        let store = open(&disk);
        let committers: Vec<_> = (0..3)
            .map(|committer| {
                let (store, witness) = (store.clone(), witness.clone());
                thread::spawn(move || {
                    for number in [committer, committer + 10] {
                        witness.committed(number, store.add(number)).unwrap();
                    }
                })
            })
            .collect();
        for _ in 0..2 {
            witness.reads_what_lasts(&store);
        }
        for committer in committers {
            committer.join().unwrap();
        }
        assert_eq!(store.stats().pending_bytes, 0);
        drop(store);
        witness.finds_all(&disk);
        witness.survives_crashes();
    });
}
