//! What the state should be: the transactions applied one after another, without an engine.

use std::sync::Arc;

use super::script::Encoded;
use crate::context::TxContext;
use crate::digest::Digest;
use crate::encoding::{decode_value, encode_value};
use crate::engine::thread::STACK_BYTES;
use crate::format::record::Secret;
use crate::model::Model;
use crate::panic::{catch, drop_quietly};
use crate::rollback;

/// A transaction with its context.
#[derive(Clone, Debug)]
pub(super) struct Given {
    pub(super) tx: Encoded,
    pub(super) seq: u64,
    pub(super) time_us: u64,
    pub(super) secret: Secret,
}

/// The state behind a transaction.
#[derive(Clone, Debug)]
pub(super) struct Outcome {
    pub(super) digest: Digest,
    /// What led to it; nothing for the first state.
    pub(super) given: Option<Given>,
    /// Whether the transaction has panicked, and is void.
    pub(super) effect: Effect,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Effect {
    Applied,
    Panicked,
}

impl Outcome {
    pub(super) fn name(&self) -> &'static str {
        self.given.as_ref().map_or("the first state", |given| given.tx.name)
    }

    pub(super) fn time_us(&self) -> u64 {
        self.given.as_ref().map_or(0, |given| given.time_us)
    }

    fn is_like(&self, other: &Outcome) -> bool {
        (self.digest, self.effect) == (other.digest, other.effect)
    }
}

/// A model, changed as it should be.
pub(super) struct Shadow<M> {
    model: M,
}

impl<M: Model> Shadow<M> {
    pub(super) fn load(bytes: &[u8]) -> Result<Self, String> {
        let mut model: M = decode_value(bytes).map_err(|error| error.to_string())?;
        catch(|| model.restored()).map_err(|message| format!("`restored` panicked: {message}"))?;
        Ok(Shadow { model })
    }

    /// The state that it has now.
    pub(super) fn first(&self) -> Result<Outcome, String> {
        let (digest, given) = (digest(&self.model)?, None);
        Ok(Outcome { digest, given, effect: Effect::Applied })
    }

    pub(super) fn apply(&mut self, given: Given) -> Result<Outcome, String> {
        // What a panic leaves half changed is not used again.
        let before = if M::ROLLBACK.is_none() { Some(encode(&self.model)?) } else { None };
        let cx = TxContext::new(given.seq.into(), given.time_us, given.secret);
        let tx = given.tx.decode::<M>()?;
        let applied = rollback::apply(&mut self.model, M::ROLLBACK, tx, &cx);
        let effect = if applied.is_ok() { Effect::Applied } else { Effect::Panicked };
        drop_quietly(applied);
        if let (Effect::Panicked, Some(before)) = (effect, before) {
            let half_changed = std::mem::replace(self, Self::load(&before)?);
            drop_quietly(half_changed.model);
        }
        Ok(Outcome { digest: digest(&self.model)?, given: Some(given), effect })
    }
}

pub(super) fn digest<M: Model>(model: &M) -> Result<Digest, String> {
    Digest::of_model(model).map_err(|error| error.to_string())
}

pub(super) fn encode<M: Model>(model: &M) -> Result<Vec<u8>, String> {
    let mut bytes = Vec::new();
    encode_value(model, &mut bytes, None).map_err(|error| error.to_string())?;
    Ok(bytes)
}

/// Runs it all again, in other threads, with the model stored and loaded on the way and without; gives the first one that does
/// something else then.
pub(super) fn first_that_differs<M: Model>(
    first: &[u8],
    outcomes: &[Arc<Outcome>],
) -> Option<Arc<Outcome>> {
    std::thread::scope(|scope| {
        let runs = [Between::Keep, Between::Reload].map(|between| {
            // As much as a store's threads have: what runs there, runs here.
            let thread = std::thread::Builder::new().stack_size(STACK_BYTES);
            thread
                .spawn_scoped(scope, move || run_again::<M>(first, outcomes, between))
                .unwrap_or_else(|error| panic!("no thread could be started: {error}"))
        });
        let places = runs.into_iter().filter_map(|run| run.join().unwrap_or(Some(0)));
        places.min().and_then(|place| outcomes.get(place).cloned())
    })
}

/// What is done with the model between two transactions.
#[derive(Clone, Copy)]
enum Between {
    Keep,
    /// It is stored and loaded again.
    Reload,
}

/// The place of the first that differs.
fn run_again<M: Model>(first: &[u8], outcomes: &[Arc<Outcome>], between: Between) -> Option<usize> {
    let Ok(mut shadow) = Shadow::<M>::load(first) else { return Some(0) };
    outcomes.iter().position(|outcome| {
        let again = match &outcome.given {
            None => shadow.first(),
            Some(given) => shadow.apply(given.clone()),
        };
        if let Between::Reload = between {
            match encode(&shadow.model).and_then(|bytes| Shadow::load(&bytes)) {
                Ok(loaded) => shadow = loaded,
                Err(_) => return true,
            }
        }
        !again.is_ok_and(|again| again.is_like(outcome))
    })
}
