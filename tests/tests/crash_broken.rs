//! The crash matrix sees what it should see: engines that are broken on purpose fail it.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use prevalent::Durability;
use prevalent::testing::{CrashMatrix, CrashMatrixError, CrashReport, Disk, SimDisk};
use prevalent_tests::hooked::{Act, Hooked, Step};
use prevalent_tests::ledger::{Ledger, LedgerTx, hush};

const MODES: [Durability; 2] = [Durability::Always, Durability::Manual];

type Outcome = Result<CrashReport, CrashMatrixError>;

/// Runs histories on disks that leave some steps out, and gives what the oracle says.
fn without(
    durability: Durability,
    is_left_out: impl Fn(&Step<'_>) -> bool + Clone + Send + Sync + 'static,
) -> Outcome {
    through(durability, move |disk| {
        let is_left_out = is_left_out.clone();
        Arc::new(Hooked::new(
            disk,
            move |step: &Step<'_>| {
                if is_left_out(step) { Act::Pretend } else { Act::Do }
            },
        ))
    })
}

fn through(durability: Durability, disk: impl Fn(&SimDisk) -> Arc<dyn Disk> + 'static) -> Outcome {
    hush();
    let transactions = (0..10).map(|number| match number {
        4 => LedgerTx::Explode {},
        _ => LedgerTx::Add { text: format!("line {number}") },
    });
    CrashMatrix::new(Ledger::default(), transactions)
        .configure(|builder| builder.segment_bytes(900))
        .durabilities([durability])
        .histories(3)
        .images_max(u64::MAX)
        .failures_max(0)
        .nested(0)
        .recorded_through(disk)
        .check()
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
        let what = found(without(
            mode,
            |step| matches!(step, Step::Sync(name) if name.contains("journal")),
        ));
        println!("{what}");
    }
}

#[test]
fn a_directory_that_is_not_synced_fails() {
    for mode in MODES {
        println!("{}", found(without(mode, |step| matches!(step, Step::SyncDir))));
    }
}

#[test]
fn a_snapshot_that_is_not_synced_fails() {
    for mode in MODES {
        let what = found(without(
            mode,
            |step| matches!(step, Step::Sync(name) if name.contains("snapshot")),
        ));
        println!("{what}");
    }
}
