//! The crash matrix sees what it should see: engines that are broken on purpose fail it.

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use prevalent::Durability;
use prevalent::testing::{CrashMatrix, CrashMatrixError, CrashReport, Disk, SimDisk};
use prevalent_tests::hooked::{Act, Hooked, Step};
use prevalent_tests::ledger::{Ledger, LedgerTx, hush};

const MODES: [Durability; 2] = [Durability::Always, Durability::Manual];

/// Its history has snapshots, and ends of both kinds.
const BUSY_SEED: u64 = 0;

type Outcome = Result<CrashReport, CrashMatrixError>;

/// Runs histories on disks that leave some steps out, and gives what the oracle says.
fn without(
    durability: Durability,
    is_left_out: impl Fn(&Step<'_>) -> bool + Clone + Send + Sync + 'static,
) -> Outcome {
    leaving_out(matrix(durability).histories(3), is_left_out)
}

fn leaving_out(
    matrix: CrashMatrix<Ledger>,
    is_left_out: impl Fn(&Step<'_>) -> bool + Clone + Send + Sync + 'static,
) -> Outcome {
    let through = move |disk: &SimDisk| -> Arc<dyn Disk> {
        let is_left_out = is_left_out.clone();
        Arc::new(Hooked::new(
            disk,
            move |step: &Step<'_>| {
                if is_left_out(step) { Act::Pretend } else { Act::Do }
            },
        ))
    };
    matrix.recorded_through(through).check()
}

fn matrix(durability: Durability) -> CrashMatrix<Ledger> {
    matrix_of(durability, |number| match number {
        4 => LedgerTx::Explode {},
        _ => LedgerTx::Add { text: format!("line {number}") },
    })
}

fn matrix_of(durability: Durability, transaction: fn(u64) -> LedgerTx) -> CrashMatrix<Ledger> {
    hush();
    CrashMatrix::new(Ledger::default(), (0..10).map(transaction))
        .configure(|builder| builder.segment_bytes(900))
        .durabilities([durability])
        .images_max(u64::MAX)
        .failures_max(0)
        .nested(0)
}

/// What was found, if it is what it should be.
fn found(outcome: Outcome) -> String {
    match outcome {
        Ok(report) => panic!("nothing was noticed: {report}"),
        Err(error @ CrashMatrixError::Broken { .. }) => error.to_string(),
        Err(other) => panic!("{other}"),
    }
}

#[test]
fn a_disk_that_does_everything_passes() {
    for mode in MODES {
        without(mode, |_| false).expect("nothing was left out");
    }
}

#[test]
fn a_journal_that_is_not_synced_fails() {
    for mode in MODES {
        found(without(mode, |step| matches!(step, Step::Sync(name) if name.contains("journal"))));
    }
}

#[test]
fn a_journal_that_is_synced_only_when_it_is_made_fails() {
    for mode in MODES {
        let made = Arc::new(Mutex::new(BTreeSet::new()));
        let what = found(without(mode, move |step| match step {
            // The first sync of a file is that of its beginning.
            Step::Sync(name) if name.contains("journal") => {
                !made.lock().expect("no panic").insert((*name).to_owned())
            }
            _ => false,
        }));
        let lost = what.contains(" was recovered, and ") && what.contains(" was promised");
        assert!(lost || mode == Durability::Manual, "{what}");
    }
}

#[test]
fn a_directory_that_is_not_synced_fails() {
    for mode in MODES {
        found(without(mode, |step| matches!(step, Step::SyncDir)));
    }
}

#[test]
fn a_snapshot_that_is_not_synced_before_it_has_its_name_fails() {
    for mode in MODES {
        let what = found(without(
            mode,
            |step| matches!(step, Step::Sync(name) if name.contains("snapshot")),
        ));
        assert!(what.contains("snapshot"), "{what}");
    }
}

/// The journal is synced behind the rename of the snapshot that needs it.
#[test]
fn a_snapshot_that_has_its_name_before_the_journal_is_durable_fails() {
    let found: Vec<String> = (0..12)
        .filter_map(|seed| {
            // No transaction that panics: its void's sync would be late, too.
            let add = |number| LedgerTx::Add { text: format!("line {number}") };
            let matrix = matrix_of(Durability::Manual, add).seed(seed).histories(1);
            let matrix = matrix.configure(|builder| builder.segment_bytes(1 << 20));
            match matrix.recorded_through(|disk| Arc::new(syncing_late(disk))).check() {
                Err(CrashMatrixError::Broken { what, .. }) => Some(what),
                _ => None,
            }
        })
        .collect();
    // With the snapshot, what lies behind it is no torn tail any more, but damage.
    assert!(found.iter().any(|what| what.starts_with("it does not open: ")), "{found:?}");
}

/// A sync of the journal is put off until something else comes than what makes a snapshot.
fn syncing_late(disk: &SimDisk) -> Hooked {
    let (sim, made, late) = (disk.clone(), Mutex::new(BTreeSet::new()), Mutex::new(None::<String>));
    Hooked::new(disk, move |step: &Step<'_>| {
        let mut late = late.lock().expect("no panic");
        if let (Step::Sync(name), true) = (step, step.is_journal()) {
            let name = name.trim_end_matches(".tmp").to_owned();
            // The first one is that of a new file.
            if !made.lock().expect("no panic").insert(name.clone()) {
                *late = Some(name);
                return Act::Pretend;
            }
        } else if !step.is_snapshot()
            && let Some(name) = late.take()
        {
            // Behind the end of the history, the disk is gone.
            let _ = sim.open(&name).and_then(|file| file.sync());
        }
        Act::Do
    })
}

/// As above, but for the n-th sync alone.
#[test]
fn a_single_sync_of_a_file_that_is_left_out_fails() {
    let is_sync = |step: &Step<'_>| matches!(step, Step::Sync(_) | Step::SyncDir);
    let count = Arc::new(AtomicUsize::new(0));
    let counted = count.clone();
    without_in_one(move |step| {
        if is_sync(step) {
            counted.fetch_add(1, Ordering::SeqCst);
        }
        false
    })
    .expect("nothing was left out");
    let syncs = count.load(Ordering::SeqCst);
    let mut unnoticed = Vec::new();
    for left_out in 0..syncs {
        let (name, seen) = (Arc::new(Mutex::new(String::new())), Arc::new(AtomicUsize::new(0)));
        let told = name.clone();
        let outcome = without_in_one(move |step| {
            let leave = is_sync(step) && seen.fetch_add(1, Ordering::SeqCst) == left_out;
            if leave {
                *told.lock().expect("no panic") = format!("{step:?}");
            }
            leave
        });
        if outcome.is_ok() {
            unnoticed.push((left_out, name.lock().expect("no panic").clone()));
        }
    }
    println!("{syncs} syncs, unnoticed: {unnoticed:?}");
    // The simulated disk keeps the changes of a directory in order, so that many a sync of it is there for others; and the
    // sync of a transaction that panics is followed by that of its void before anybody is told.
    let files = unnoticed.iter().filter(|(_, step)| !step.starts_with("SyncDir")).count();
    assert!(syncs > 20 && files <= 1, "{unnoticed:?}");
    assert!(unnoticed.len() < syncs / 2, "{unnoticed:?}");
}

/// A history with two snapshots, and an end by a close.
fn without_in_one(
    is_left_out: impl Fn(&Step<'_>) -> bool + Clone + Send + Sync + 'static,
) -> Outcome {
    leaving_out(matrix(Durability::Always).seed(BUSY_SEED).histories(1), is_left_out)
}
