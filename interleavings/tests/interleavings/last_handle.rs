//! The last handle, dropped wherever it may be.

use std::future::Future;
use std::pin::pin;
use std::sync::{Arc, Mutex};
use std::task::{Context, Wake, Waker};

use futures_core::Stream;
use prevalent::Durability;
use prevalent_interleavings::{LedgerStore, TakingTurns, Witness, draw, explore};
use shuttle::thread::spawn;

use crate::{any_durability, join, open, open_when_free};

/// Drops a handle when it is woken.
struct Holder(Mutex<Option<LedgerStore>>);

impl Wake for Holder {
    fn wake(self: Arc<Self>) {
        let store = self.0.lock().unwrap().take();
        drop(store);
    }
}

fn holding(store: LedgerStore) -> Waker {
    Waker::from(Arc::new(Holder(Mutex::new(Some(store)))))
}

#[test]
fn the_last_handle_dropped_by_a_waker_of_a_commit_closes_the_store() {
    explore(|| {
        let disk = TakingTurns::default();
        let witness = Witness::new(&disk);
        let store = open(&disk, Durability::Always);
        let mut commits = vec![store.add(1)];
        if draw(2) == 0 {
            commits.extend([store.add(2), store.add(3), store.add(4)]);
        }
        let last = commits.pop().unwrap();
        {
            let mut last = pin!(last);
            let waker = holding(store);
            let _ = last.as_mut().poll(&mut Context::from_waker(&waker));
        }
        for commit in commits {
            commit.wait().unwrap();
        }
        drop(open_when_free(&disk));
        witness.finds_all(&disk);
    });
}

#[test]
fn the_last_handle_dropped_by_a_waker_of_the_snapshot_thread_closes_the_store() {
    explore(|| {
        let disk = TakingTurns::default();
        let store = open(&disk, any_durability());
        store.add(1).wait().unwrap();
        {
            let mut taking = pin!(store.snapshot());
            let waker = holding(store);
            let _ = taking.as_mut().poll(&mut Context::from_waker(&waker));
        }
        let store = open_when_free(&disk);
        assert_eq!(store.read(|ledger| ledger.entries.len()), 1);
    });
}

#[test]
fn the_last_handle_dropped_by_a_waker_of_the_feed_closes_the_store() {
    explore(|| {
        let disk = TakingTurns::default();
        let store = open(&disk, any_durability());
        let mut events = store.subscribe(1);
        let commit = store.add(1);
        {
            let waker = holding(store);
            let _ = pin!(&mut events).poll_next(&mut Context::from_waker(&waker));
        }
        commit.wait().unwrap();
        while let Some(event) = events.wait_next() {
            assert_eq!(event.unwrap().seq, 1.into());
        }
        let store = open_when_free(&disk);
        assert_eq!(store.read(|ledger| ledger.entries.len()), 1);
    });
}

#[test]
fn who_drops_the_last_of_all_handles_finds_the_lock_free() {
    explore(|| {
        let disk = TakingTurns::default();
        let witness = Witness::new(&disk);
        let store = open(&disk, any_durability());
        let dropping = [1, 2].map(|number| {
            let store = store.clone();
            spawn(move || {
                store.add(number).detach();
                drop(store);
            })
        });
        drop(store);
        join(dropping);
        witness.finds_all(&disk);
    });
}
