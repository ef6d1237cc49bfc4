//! Short histories, crashed at every point in every way, and crashed again while they are recovered.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use prevalent::Durability;
use prevalent::testing::{Loss, OperationKind, SimDisk};
use prevalent_tests::matrix::{expect_to_hold, ledger, with_next_files};

const MODES: [Durability; 3] =
    [Durability::Always, Durability::Every(Duration::from_hours(1)), Durability::Manual];

#[test]
fn what_was_promised_survives_every_crash() {
    let report = expect_to_hold(ledger(4, 0).durabilities(MODES));
    assert_eq!(report.deepest, 4, "{report}");
    assert!(report.went_on > 50 && report.killed > 50, "{report}");
}

#[test]
fn garbage_in_what_was_not_synced_never_harms_what_was() {
    let matrix = ledger(2, 0).durabilities(MODES).loss(Loss::KeepDropOrGarbage);
    expect_to_hold(matrix.closely_every(20));
}

#[test]
fn a_journal_in_one_segment_survives_every_crash() {
    let matrix = ledger(2, 0).durabilities(MODES);
    expect_to_hold(matrix.configure(|builder| builder.segment_bytes(1 << 20).fill_ahead_bytes(0)));
}

#[test]
fn a_journal_with_a_segment_for_each_batch_survives_every_crash() {
    let matrix = ledger(2, 0).durabilities(MODES);
    expect_to_hold(matrix.configure(|builder| builder.segment_bytes(1).keep_snapshots(1)));
}

/// Whether a file of a segment was made, and then others were written before it got its name.
fn made_a_file_ahead(disk: &SimDisk) -> bool {
    let operations = disk.operations();
    operations.iter().enumerate().any(|(number, created)| {
        let Some(name) = created.file.strip_suffix(".tmp") else { return false };
        let is_named =
            |kind: &OperationKind| matches!(kind, OperationKind::Rename { to, .. } if to == name);
        let until_named = operations[number..].iter().take_while(|it| !is_named(&it.kind));
        let of_others = until_named.filter(|it| it.file != created.file).count();
        created.kind == OperationKind::Create && name.ends_with(".journal") && of_others > 2
    })
}

/// What is made ahead is made on a thread of its own: between which operations, is left to the machine.
#[test]
fn a_journal_whose_next_file_is_made_ahead_survives_every_crash() {
    let disks = Arc::new(Mutex::new(Vec::new()));
    let seen = disks.clone();
    let matrix =
        with_next_files(ledger(1, 10)).durabilities([Durability::Always, Durability::Manual]);
    let matrix = matrix.closely_every(100).recorded_through(move |disk| {
        seen.lock().unwrap().push(disk.clone());
        Arc::new(disk.clone())
    });
    let report = expect_to_hold(matrix);
    assert!(report.failures >= 10, "{report}");
    let disks = disks.lock().unwrap();
    let ahead = disks.iter().filter(|disk| made_a_file_ahead(disk)).count();
    assert!(ahead >= 2, "{ahead} of {}", disks.len());
}

/// Snapshots of its own accord: what its threads do at the same time is left to the machine.
#[test]
fn a_store_that_takes_snapshots_of_its_own_accord_survives_every_crash() {
    let matrix = ledger(4, 0).durabilities([Durability::Every(Duration::from_millis(1))]);
    expect_to_hold(matrix.configure(|builder| builder.snapshot_every_bytes(600)));
}
