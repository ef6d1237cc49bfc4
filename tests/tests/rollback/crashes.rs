//! Histories with failures of both kinds, crashed at every point in every way, and crashed again while they are recovered.

use prevalent::TxRng;
use prevalent::testing::CrashMatrix;
use prevalent_tests::ledger::hush;

use crate::board::MODES;
use crate::board::on::{Board, BoardTx};

fn transaction(rng: &mut TxRng<'_>) -> BoardTx {
    let text = match rng.below(4) {
        0 => "long ".repeat(200),
        1 => "\0".repeat(700),
        number => format!("line {number}"),
    };
    match rng.below(6) {
        0 => BoardTx::Refuse { text },
        1 => BoardTx::RefuseByAlias { text },
        2 | 3 => BoardTx::Explode { text },
        _ => BoardTx::Put { text },
    }
}

#[test]
fn transactions_that_leave_no_trace_leave_none_after_any_crash() {
    // The text of a panic is the same as the ledger's.
    hush();
    let report = CrashMatrix::generated(Board::default(), transaction)
        .durabilities(MODES)
        .histories(3)
        .images_max(3000)
        .failures_max(30)
        .check()
        .unwrap_or_else(|error| panic!("{error}"));
    println!("{report}");
    assert!(report.images > 1000 && report.deepest == 4, "{report}");
}
