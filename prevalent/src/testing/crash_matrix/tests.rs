//! An engine that is broken on purpose, from within; `tests/tests/crash_broken.rs` has those whose disks are.

use serde::{Deserialize, Serialize};

use super::{CrashMatrix, CrashMatrixError, CrashReport};
use crate::context::TxContext;
use crate::model::{Model, ModelData, TxInfo};
use crate::recovery::sabotage;

#[derive(Default, Serialize, Deserialize)]
struct Counter {
    count: u64,
}

#[derive(Serialize, Deserialize)]
enum CounterTx {
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
