//! Operations that fail: each of a history, in every way, once and from then on.
//!
//! `PREVALENT_CRASH_FAILURES=1000000` tries all of them, not only some.

use prevalent::Durability;
use prevalent_tests::matrix::{expect_to_hold, ledger};

fn fail(durability: Durability) {
    let matrix = ledger(3, 400).images_max(0).durabilities([durability]);
    let report = expect_to_hold(matrix.configure(|builder| builder.segment_bytes(700)));
    assert!(report.failures >= 400 && report.images_after_failures > 1000, "{report}");
}

#[test]
fn operations_that_fail_lose_nothing_that_was_acknowledged() {
    fail(Durability::Always);
}

#[test]
fn operations_that_fail_lose_nothing_that_was_flushed() {
    fail(Durability::Manual);
}
