//! One run of the transactions, and what is left of it to compare.

use std::time::{Duration, UNIX_EPOCH};

use super::{DeterminismError, Surroundings};
use crate::context::TxContext;
use crate::digest::Digest;
use crate::encoding::{decode_tx, encode_tx};
use crate::format::TX_BYTES_MAX;
use crate::model::Model;
use crate::panic::drop_quietly;
use crate::recovery::reload::reload;
use crate::rollback;

/// What is done with the model between two transactions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Between {
    Keep,
    /// It is stored and loaded again.
    Reload,
}

/// What a run went through.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Trace {
    /// The first one is that of the first state.
    pub(super) steps: Vec<Step>,
    /// Why it ended before the last transaction.
    pub(super) stopped: Option<String>,
}

/// A transaction, and what came of it.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Step {
    /// The digest of the state behind it.
    pub(super) state: String,
    /// The digest of the transaction; nothing for the first state.
    pub(super) given: String,
    /// Its stable name; nothing for the first state.
    pub(super) tx: String,
}

/// Runs the transactions as a store would: what is encoded and decoded again is what is applied.
pub(super) fn run<M: Model>(
    first: M,
    transactions: Vec<M::Tx>,
    seed: u64,
    between: Between,
) -> Trace {
    let mut trace = Trace::default();
    trace.stopped = fill(&mut trace.steps, first, transactions, seed, between).err();
    trace
}

fn fill<M: Model>(
    steps: &mut Vec<Step>,
    first: M,
    transactions: Vec<M::Tx>,
    seed: u64,
    between: Between,
) -> Result<(), String> {
    let mut model = reload(first)?;
    steps.push(Step { state: digest(&model)?, ..Step::default() });
    for (index, tx) in transactions.into_iter().enumerate() {
        let given = Digest::of(&tx).map_err(|error| error.to_string())?;
        let (name, tx) = as_journaled::<M>(tx)?;
        let cx = context(seed, index);
        let reply = rollback::apply(&mut model, M::ROLLBACK, tx, &cx)
            .map_err(|message| format!("`{name}` panicked: {message}"))?;
        drop_quietly(reply);
        if between == Between::Reload {
            model = reload(model)?;
        }
        steps.push(Step { state: digest(&model)?, given: given.to_string(), tx: name.to_owned() });
    }
    drop_quietly(model);
    Ok(())
}

/// The transaction, as it comes back from the journal.
fn as_journaled<M: Model>(tx: M::Tx) -> Result<(&'static str, M::Tx), String> {
    let mut bytes = Vec::new();
    let variant = encode_tx(&tx, &mut bytes, Some(TX_BYTES_MAX))
        .map_err(|refused| refused.error.to_string())?;
    drop_quietly(tx);
    let name = M::TRANSACTIONS.get(variant).map_or(M::NAME, |info| info.name());
    let tx = decode_tx(variant, &bytes).map_err(|error| format!("`{name}`: {error}"))?;
    Ok((name, tx))
}

fn digest<M: Model>(model: &M) -> Result<String, String> {
    Digest::of(model).map(|digest| digest.to_string()).map_err(|error| error.to_string())
}

/// Like any other in a store, but the same in all runs.
fn context(seed: u64, index: usize) -> TxContext {
    let index = index as u64;
    // Somewhere in the years from 2020 to 2030, and then a bit more than a second for each.
    let first = Duration::from_secs(1_577_836_800 + seed % 315_360_000);
    let now = UNIX_EPOCH
        + first
        + Duration::from_micros(1_000_003).saturating_mul(u32::try_from(index).unwrap_or(u32::MAX));
    TxContext::for_test(index + 1, now, seed)
}

impl Trace {
    /// Every transaction must have been run.
    pub(super) fn expect_complete(
        &self,
        surroundings: Surroundings,
    ) -> Result<(), DeterminismError> {
        match &self.stopped {
            None => Ok(()),
            Some(reason) => Err(DeterminismError::Stopped {
                index: self.steps.len().checked_sub(1),
                reason: reason.clone(),
                surroundings,
            }),
        }
    }

    /// The other run must have gone the same way.
    pub(super) fn expect_like(
        &self,
        other: &Trace,
        surroundings: Surroundings,
    ) -> Result<(), DeterminismError> {
        for (place, (step, other)) in self.steps.iter().zip(&other.steps).enumerate() {
            if step == other {
                continue;
            }
            return Err(match place.checked_sub(1) {
                None => DeterminismError::FirstState { surroundings },
                Some(index) if step.given != other.given || step.tx != other.tx => {
                    DeterminismError::Script { index, surroundings }
                }
                Some(index) => DeterminismError::State { index, tx: step.tx.clone(), surroundings },
            });
        }
        other.expect_complete(surroundings)?;
        if self.steps.len() == other.steps.len() {
            return Ok(());
        }
        let index = self.steps.len().min(other.steps.len()).saturating_sub(1);
        Err(DeterminismError::Script { index, surroundings })
    }
}
