//! Short histories, crashed at every point in every way, and crashed again while they are recovered.

use std::time::Duration;

use prevalent::Durability;
use prevalent::testing::Loss;
use prevalent_tests::matrix::{expect_to_hold, ledger};

const MODES: [Durability; 3] =
    [Durability::Always, Durability::Every(Duration::from_hours(1)), Durability::Manual];

#[test]
fn what_was_promised_survives_every_crash() {
    let report = expect_to_hold(ledger(4, 0).durabilities(MODES));
    assert_eq!(report.deepest, 4, "{report}");
    assert!(report.went_on > 50, "{report}");
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

/// Snapshots of its own accord: what its threads do at the same time is left to the machine.
#[test]
fn a_store_that_takes_snapshots_of_its_own_accord_survives_every_crash() {
    let matrix = ledger(4, 0).durabilities([Durability::Every(Duration::from_millis(1))]);
    expect_to_hold(matrix.configure(|builder| builder.snapshot_every_bytes(600)));
}
