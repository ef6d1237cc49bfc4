//! The commit path, in whatever order its threads have their turns.

mod batches;
mod close;
mod dropped;
mod failing_disk;
mod flush;
mod last_handle;
mod overload;
mod panics;
mod rotation;
mod snapshot;
mod submit;
mod subscription;

use prevalent::{Durability, Error};
use prevalent_interleavings::{LedgerStore, TakingTurns, Witness, draw};
use shuttle::thread::{JoinHandle, spawn};
use std::time::Duration;

/// Commits these numbers, one after the other, and waits for each, on a thread of its own.
fn commit(store: &LedgerStore, witness: &Witness, numbers: [u32; 2]) -> JoinHandle<()> {
    let (store, witness) = (store.clone(), witness.clone());
    spawn(move || {
        for number in numbers {
            witness.committed(number, store.add(number)).unwrap();
        }
    })
}

/// The same on a store that doesn't wait for the disk.
fn commit_unsynced(store: &LedgerStore, witness: &Witness, numbers: [u32; 2]) -> JoinHandle<()> {
    let (store, witness) = (store.clone(), witness.clone());
    spawn(move || {
        for number in numbers {
            witness.told(number, store.add(number)).unwrap();
        }
    })
}

fn join<T>(threads: impl IntoIterator<Item = JoinHandle<T>>) -> Vec<T> {
    threads.into_iter().map(|thread| thread.join().unwrap()).collect()
}

/// One of those with which a commit doesn't wait for the disk.
fn unsynced() -> Durability {
    if draw(2) == 0 { Durability::Manual } else { Durability::Every(Duration::from_millis(2)) }
}

/// Any of them.
fn any_durability() -> Durability {
    if draw(2) == 0 { Durability::Always } else { unsynced() }
}

fn open(disk: &TakingTurns, durability: Durability) -> LedgerStore {
    disk.builder().durability(durability).open().wait().unwrap()
}

/// Opens the store as soon as whoever still has it lets go of it.
fn open_when_free(disk: &TakingTurns) -> LedgerStore {
    loop {
        match disk.builder().open().wait() {
            Err(Error::Locked { .. }) => shuttle::thread::yield_now(),
            opened => return opened.unwrap(),
        }
    }
}
