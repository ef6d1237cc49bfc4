//! After a crash at whatever point: opened again, and tried again with the same keys, everything has happened once.

use prevalent::testing::{Fault, Loss, SimDisk};
use prevalent::{Durability, Error, Key};

use crate::bank::{BankStore, MODES, Receipt, bank, builder};

const KEYS: u64 = 8;

fn submit(store: &BankStore, key: u64) -> Result<Receipt, Error> {
    store.deposit(Key::from(key), 1).wait()
}

/// Everything is tried once more, and has happened once. Gives what is told.
fn retry_all(disk: &SimDisk) -> Vec<Receipt> {
    let store = builder(disk.clone(), Durability::Always).segment_bytes(500).open().wait();
    let store = store.unwrap_or_else(|error| panic!("{error}; {disk:?}"));
    let told: Vec<_> = (0..KEYS).map(|key| submit(&store, key).unwrap()).collect();
    let state = bank(&store);
    let mut executed = state.executed.clone();
    executed.sort();
    executed.dedup();
    assert_eq!(executed.len(), state.executed.len(), "something happened twice: {disk:?}");
    assert_eq!(state.money, i64::try_from(KEYS).unwrap());
    told
}

#[test]
fn whatever_a_crash_leaves_a_retry_with_the_same_keys_executes_each_once() {
    for durability in MODES {
        let disk = SimDisk::new();
        let mut told = Vec::new();
        let builder = builder(disk.clone(), durability).segment_bytes(500);
        let store = builder.open().wait().unwrap();
        for key in 0..KEYS {
            told.push((disk.operations().len(), submit(&store, key).unwrap()));
            if key == 3 {
                store.snapshot().wait().unwrap();
            }
        }
        store.close().wait().unwrap();
        let mut images = 0;
        for point in disk.crash_points() {
            for image in disk.images_at(point, Loss::KeepOrDrop) {
                images += 1;
                let again = retry_all(&image);
                // What was acknowledged is told once more, word for word.
                let durable = told
                    .iter()
                    .zip(&again)
                    .filter(|((since, _), _)| durability == Durability::Always && *since <= point);
                for ((_, first), again) in durable.skip(1) {
                    assert_eq!(first.number, again.number);
                }
                assert_eq!(retry_all(&image), again, "{image:?}");
            }
        }
        println!("{durability:?}: {images} images");
        assert!(images > 50);
    }
}

#[test]
fn after_in_doubt_a_retry_executes_at_most_once() {
    for durability in MODES {
        let probe = SimDisk::new();
        let run = |disk: &SimDisk| {
            let store = builder(disk.clone(), durability).segment_bytes(500).open().wait();
            let Ok(store) = store else { return };
            for key in 0..KEYS {
                // Whoever gets an error tries again with the same key, now and after an open.
                if submit(&store, key).is_err() {
                    assert!(submit(&store, key).is_err());
                }
            }
            let _ = store.flush().wait();
        };
        run(&probe);
        for operation in 0..probe.operations().len() {
            for fault in [Fault::Eio, Fault::SyncLosesData] {
                let disk = SimDisk::new();
                disk.fail_operation(operation, fault);
                run(&disk);
                let killed = disk.after_kill();
                retry_all(&killed);
                for image in disk.images_at(disk.operations().len(), Loss::KeepOrDrop) {
                    retry_all(&image);
                }
            }
        }
    }
}
