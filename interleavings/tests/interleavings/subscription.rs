//! Who listens, beside those who commit.

use prevalent::Error;
use prevalent_interleavings::{LedgerTx, TakingTurns, Witness, explore};
use shuttle::thread::spawn;

use crate::{any_durability, commit_unsynced, join, open};

#[test]
fn a_subscription_gets_each_transaction_once_in_order_and_when_it_is_durable() {
    explore(|| {
        let disk = TakingTurns::default();
        let witness = Witness::new(&disk);
        let store = open(&disk, any_durability());
        let listening = spawn({
            let (mut events, witness) = (store.subscribe(1), witness.clone());
            move || {
                let mut seqs = Vec::new();
                while let Some(event) = events.wait_next() {
                    let event = event.unwrap();
                    let LedgerTx::Add { number } = event.tx else { panic!("something else") };
                    witness.cannot_be_lost([number]);
                    seqs.push(event.seq.get());
                }
                seqs
            }
        });
        let panicking = spawn({
            let store = store.clone();
            move || assert!(matches!(store.panic_after(9).wait(), Err(Error::TxPanicked { .. })))
        });
        let committers = [[1, 2], [3, 4]].map(|numbers| commit_unsynced(&store, &witness, numbers));
        join(committers);
        join([panicking]);
        let seqs =
            store.read(|ledger| ledger.entries.iter().map(|entry| entry.0).collect::<Vec<_>>());
        // What is there by now is still delivered.
        store.close().wait().unwrap();
        assert_eq!(join([listening]), [seqs]);
        witness.finds_all(&disk);
        witness.survives_crashes();
    });
}

#[test]
fn a_subscription_that_is_dropped_holds_up_nobody() {
    explore(|| {
        let disk = TakingTurns::default();
        let witness = Witness::new(&disk);
        let store = open(&disk, any_durability());
        let events = store.subscribe(1);
        let committing = commit_unsynced(&store, &witness, [1, 2]);
        let dropping = spawn(move || drop(events));
        drop(store);
        join([committing, dropping]);
        witness.finds_all(&disk);
    });
}
