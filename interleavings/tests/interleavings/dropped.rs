//! Handles that nobody waits for.

use std::future::Future;
use std::pin::pin;
use std::task::{Context, Waker};

use prevalent_interleavings::{TakingTurns, Witness, explore};
use shuttle::thread::spawn;

use crate::{any_durability, join, open};

#[test]
fn who_drops_a_handle_cancels_nothing() {
    explore(|| {
        let disk = TakingTurns::default();
        let witness = Witness::new(&disk);
        let store = open(&disk, any_durability());
        let dropping = spawn({
            let store = store.clone();
            move || drop(store.add(1))
        });
        let detaching = spawn({
            let store = store.clone();
            move || store.add(2).detach()
        });
        {
            let commit = pin!(store.add(3));
            let _ = commit.poll(&mut Context::from_waker(Waker::noop()));
        }
        drop(store.flush());
        join([dropping, detaching]);
        // The last one: the lock is free when this returns.
        drop(store);
        let store = open(&disk, any_durability());
        let mut numbers =
            store.read(|ledger| ledger.entries.iter().map(|entry| entry.1).collect::<Vec<_>>());
        numbers.sort_unstable();
        assert_eq!(numbers, [1, 2, 3]);
        drop(store);
        witness.finds_all(&disk);
    });
}

#[test]
fn a_store_whose_open_nobody_waits_for_is_closed() {
    explore(|| {
        let disk = TakingTurns::default();
        drop(disk.builder().open());
        let store = crate::open_when_free(&disk);
        store.add(1).wait().unwrap();
    });
}
