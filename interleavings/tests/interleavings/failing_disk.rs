//! A disk that fails at some moment, and from then on.

use std::sync::Arc;

use prevalent::{Durability, Error};
use prevalent_interleavings::{LedgerStore, TakingTurns, Witness, draw, explore};
use shuttle::sync::atomic::{AtomicBool, Ordering};
use shuttle::thread::{JoinHandle, spawn};

use crate::{join, open, open_when_free, unsynced};

/// So many operations are done in a scenario, or more.
const OPERATIONS: usize = 12;

fn assert_failed(error: &Error) {
    assert!(matches!(error, Error::InDoubt { .. } | Error::Failed { .. }), "{error}");
}

/// Commits numbers, and notes whether one has failed: what is submitted later must fail.
fn commit(
    store: &LedgerStore,
    witness: &Witness,
    has_failed: &Arc<AtomicBool>,
    numbers: [u32; 2],
) -> JoinHandle<()> {
    let (store, witness, has_failed) = (store.clone(), witness.clone(), has_failed.clone());
    spawn(move || {
        for number in numbers {
            let before = has_failed.load(Ordering::SeqCst);
            match witness.committed(number, store.add(number)) {
                Ok(_) => assert!(!before, "{number} is done after a failure"),
                Err(error) => {
                    assert_failed(&error);
                    has_failed.store(true, Ordering::SeqCst);
                }
            }
        }
    })
}

#[test]
fn nobody_is_told_that_it_is_done_after_a_failure_and_everybody_is_told_something() {
    explore(|| {
        let disk = TakingTurns::default();
        let witness = Witness::new(&disk);
        let builder = disk.builder().segment_bytes([1, 1 << 20][draw(2)]);
        let store = builder.open().wait().unwrap();
        disk.fail_within(OPERATIONS);
        let has_failed = Arc::default();
        let committers =
            [[1, 2], [3, 4], [5, 6]].map(|numbers| commit(&store, &witness, &has_failed, numbers));
        let flushing = spawn({
            let (store, has_failed) = (store.clone(), has_failed.clone());
            move || {
                let before = has_failed.load(Ordering::SeqCst);
                match store.flush().wait() {
                    // Perhaps there was nothing to flush.
                    Ok(()) => {}
                    Err(error) => {
                        assert_failed(&error);
                        assert!(!before || matches!(error, Error::Failed { .. }), "{error}");
                    }
                }
            }
        });
        witness.reads_what_lasts(&store);
        join(committers);
        join([flushing]);
        witness.reads_what_lasts(&store);
        assert_eq!(store.stats().pending_bytes, 0);
        let failed = has_failed.load(Ordering::SeqCst);
        match store.close().wait() {
            Ok(()) => assert!(!failed),
            Err(error) => assert!(!matches!(error, Error::Closed), "{error}"),
        }
        disk.heal();
        witness.finds_all(&disk);
        witness.survives_crashes();
    });
}

#[test]
fn no_flush_succeeds_after_one_has_failed() {
    explore(|| {
        let disk = TakingTurns::default();
        let witness = Witness::new(&disk);
        let store = open(&disk, unsynced());
        disk.fail_within(OPERATIONS / 2);
        let has_failed = Arc::new(AtomicBool::new(false));
        let flushing = [[1, 2], [3, 4]].map(|numbers| {
            let (store, witness, has_failed) = (store.clone(), witness.clone(), has_failed.clone());
            spawn(move || {
                for number in numbers {
                    let before = has_failed.load(Ordering::SeqCst);
                    let commit = store.add(number);
                    match store.flush().wait() {
                        Ok(()) if commit.seq().is_some() => {
                            assert!(!before, "a flush after a failure");
                            witness.cannot_be_lost([number]);
                        }
                        Ok(()) => {}
                        Err(error) => {
                            assert_failed(&error);
                            has_failed.store(true, Ordering::SeqCst);
                        }
                    }
                    // It may be told that it is done, and be lost.
                    drop(commit);
                }
            })
        });
        join(flushing);
        let failed = has_failed.load(Ordering::SeqCst);
        let closed = store.close().wait();
        assert!(closed.is_err() || !failed);
        disk.heal();
        drop(open_when_free(&disk));
        witness.survives_crashes();
    });
}

#[test]
fn snapshots_on_a_failing_disk_hold_up_nobody() {
    explore(|| {
        let disk = TakingTurns::default();
        let witness = Witness::new(&disk);
        let durability = if draw(2) == 0 { Durability::Always } else { unsynced() };
        let store = open(&disk, durability);
        disk.fail_within(2 * OPERATIONS);
        let taking = [(), ()].map(|()| {
            let store = store.clone();
            spawn(move || drop(store.snapshot().wait()))
        });
        for number in 1..=3 {
            if let Err(error) = store.add(number).wait() {
                assert_failed(&error);
            }
        }
        join(taking);
        drop(store);
        disk.heal();
        drop(open_when_free(&disk));
        witness.survives_crashes();
    });
}
