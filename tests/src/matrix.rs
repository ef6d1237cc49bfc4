//! The ledger, in the crash matrix.

use prevalent::TxRng;
use prevalent::testing::{CrashMatrix, CrashReport};

use crate::ledger::{Ledger, LedgerTx, hush};
use crate::oracle::knob;

/// Transactions of different lengths, some with sectors of zeros, some that panic.
pub fn transaction(rng: &mut TxRng<'_>) -> LedgerTx {
    let text = match rng.below(12) {
        0 | 1 => return LedgerTx::Explode {},
        2 => format!("zeros {}", "\0".repeat(1100)),
        3 | 4 => "long ".repeat(90),
        number => format!("line {number} {}", rng.below(1000)),
    };
    LedgerTx::Add { text }
}

/// A matrix of histories of the ledger, for a test.
///
/// `PREVALENT_CRASH_SEED` is the first seed; `PREVALENT_CRASH_HISTORIES` and `PREVALENT_CRASH_FAILURES` make it longer.
pub fn ledger(histories: usize, failures: usize) -> CrashMatrix<Ledger> {
    hush();
    CrashMatrix::generated(Ledger::default(), transaction)
        .seed(knob("PREVALENT_CRASH_SEED", 0) as u64)
        .histories(knob("PREVALENT_CRASH_HISTORIES", histories) as u64)
        .failures_max(knob("PREVALENT_CRASH_FAILURES", failures) as u64)
}

/// Makes the segments so long, and the histories with them, that the file of the next one is made ahead.
pub fn with_next_files(matrix: CrashMatrix<Ledger>) -> CrashMatrix<Ledger> {
    matrix
        .transactions(30)
        .configure(|builder| builder.segment_bytes(4 << 10).fill_ahead_bytes(1000))
}

/// Runs a matrix, and says how much it was.
///
/// # Panics
///
/// Where it fails.
pub fn expect_to_hold(matrix: CrashMatrix<Ledger>) -> CrashReport {
    let began = std::time::Instant::now();
    let report = matrix.check().unwrap_or_else(|error| panic!("{error}"));
    println!("{report}; {:?}", began.elapsed());
    report
}
