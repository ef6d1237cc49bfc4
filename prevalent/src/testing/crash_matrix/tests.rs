//! An engine that is broken on purpose, from within; `tests/tests/crash_broken.rs` has those whose disks are.

use std::cell::Cell;

use serde::{Deserialize, Serialize};

use super::{CrashMatrix, CrashMatrixError, CrashReport};
use crate::context::TxContext;
use crate::disk::sim::SimDisk;
use crate::model::{Model, ModelData, TxInfo};
use crate::recovery::sabotage;

#[derive(Default, Serialize, Deserialize)]
pub(super) struct Counter {
    count: u64,
}

#[derive(Serialize, Deserialize)]
pub(super) enum CounterTx {
    Add {},
    Explode {},
}

impl ModelData for Counter {
    const NAME: &'static str = "counter";
}

impl Model for Counter {
    type Tx = CounterTx;
    type Reply = ();
    const TRANSACTIONS: &'static [TxInfo] = &[TxInfo::new("add"), TxInfo::new("explode")];

    fn apply(&mut self, tx: CounterTx, _: &TxContext) {
        self.count += 1;
        if let CounterTx::Explode {} = tx {
            std::panic::resume_unwind(Box::new("without a message on stderr"));
        }
    }
}

fn check() -> Result<CrashReport, CrashMatrixError> {
    let transactions = (0..8).map(|number| match number {
        2 | 5 => CounterTx::Explode {},
        _ => CounterTx::Add {},
    });
    CrashMatrix::new(Counter::default(), transactions).histories(1).failures_max(0).check()
}

#[test]
fn a_recovery_that_ignores_voids_fails() {
    check().unwrap();
    sabotage::ignore_voids_from_now_on();
    let what = check().unwrap_err().to_string();
    assert!(what.contains("was told to be void, and was replayed"), "{what}");
}

/// Whether something is opened as a crash has left it, or once more after the process was killed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Open {
    First,
    Second,
}

thread_local! {
    /// Behind so many crashes, recoveries fail in this open.
    static FAILING: Cell<Option<(usize, Open)>> = const { Cell::new(None) };
}

/// What a test may have made fail.
pub(super) fn expect_no_sabotage(disk: &SimDisk) -> Result<(), String> {
    let Some(failing) = FAILING.get() else { return Ok(()) };
    let origin = format!("{disk:?}");
    let open = if origin.contains("killed after") { Open::Second } else { Open::First };
    let crashes = origin.matches("crashed after").count();
    if failing == (crashes, open) { Err("it fails on order".to_owned()) } else { Ok(()) }
}

#[test]
fn what_fails_in_an_open_behind_crashes_fails_again_when_it_is_looked_at_alone() {
    let matrix = || {
        let transactions = (0..4).map(|_| CounterTx::Add {});
        CrashMatrix::new(Counter::default(), transactions).histories(1).failures_max(0)
    };
    for crashes in 1..=4 {
        for open in [Open::First, Open::Second] {
            FAILING.set(Some((crashes, open)));
            let Err(CrashMatrixError::Broken { case, .. }) = matrix().closely_every(1).check()
            else {
                panic!("{open:?} behind {crashes}: nothing was noticed");
            };
            assert_eq!(case.matches(':').count(), crashes, "{case}");
            // With the effort of who has set none.
            match matrix().replay(&case) {
                Err(CrashMatrixError::Broken { case: again, .. }) => assert_eq!(again, case),
                other => panic!("{open:?} behind {crashes}, `{case}`: {other:?}"),
            }
        }
    }
}

/// What can be stored only as long as it is small: a history fits, and not what comes behind its recovery.
#[derive(Default, Deserialize)]
struct Small(u64);

impl Serialize for Small {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        // Only a snapshot fails, and not what else is asked of the model.
        if self.0 > 3 && std::thread::current().name() == Some("prevalent-snapshot") {
            return Err(serde::ser::Error::custom("too large"));
        }
        serializer.serialize_newtype_struct("Small", &self.0)
    }
}

#[derive(Serialize, Deserialize)]
enum SmallTx {
    Add {},
}

impl ModelData for Small {
    const NAME: &'static str = "small";
}

impl Model for Small {
    type Tx = SmallTx;
    type Reply = ();
    const TRANSACTIONS: &'static [TxInfo] = &[TxInfo::new("add")];

    fn apply(&mut self, SmallTx::Add {}: SmallTx, _: &TxContext) {
        self.0 += 1;
    }
}

#[test]
fn a_close_that_fails_behind_a_recovery_fails_again_when_it_is_looked_at_alone() {
    let matrix = || {
        let transactions = (0..3).map(|_| SmallTx::Add {});
        CrashMatrix::new(Small::default(), transactions).histories(1).failures_max(0)
    };
    let Err(CrashMatrixError::Broken { case, what, .. }) = matrix().closely_every(1).check() else {
        panic!("a close should have failed");
    };
    assert!(what.contains("after a recovery, a close failed"), "{what}");
    let again = matrix().replay(&case).unwrap_err().to_string();
    assert!(again.contains("after a recovery, a close failed"), "{again}");
}

#[test]
fn a_matrix_that_would_look_at_nothing_is_refused() {
    let matrix = || CrashMatrix::new(Counter::default(), [CounterTx::Add {}]);
    for matrix in [matrix().histories(0), matrix().durabilities([])] {
        let error = matrix.check().unwrap_err();
        assert!(matches!(error, CrashMatrixError::Unusable { .. }), "{error}");
    }
}
