//! What is done to a store: the user's transactions, in steps that are drawn from a seed.

use std::cell::RefCell;
use std::sync::Arc;

use super::error::CrashMatrixError;
use crate::encoding::{decode_tx, encode_tx};
use crate::format::TX_BYTES_MAX;
use crate::model::Model;
use crate::rng::{Keystream, TxRng};

/// Where transactions come from.
pub(super) enum Source<M: Model> {
    /// The same ones in each history.
    List(Vec<M::Tx>),
    /// Made for each history.
    Generator(Generator<M::Tx>),
}

pub(super) type Generator<Tx> = RefCell<Box<dyn FnMut(&mut TxRng<'_>) -> Tx>>;

/// A transaction as it would be journaled: it can be submitted as often as it takes.
#[derive(Clone, Debug)]
pub(super) struct Encoded {
    variant: usize,
    payload: Arc<[u8]>,
    pub(super) name: &'static str,
}

impl Encoded {
    fn new<M: Model>(tx: &M::Tx) -> Result<Self, String> {
        let mut payload = Vec::new();
        let variant = encode_tx(tx, &mut payload, Some(TX_BYTES_MAX))
            .map_err(|refused| refused.error.to_string())?;
        let name = M::TRANSACTIONS.get(variant).map_or(M::NAME, |info| info.name());
        let encoded = Encoded { variant, payload: payload.into(), name };
        encoded.decode::<M>()?;
        Ok(encoded)
    }

    pub(super) fn decode<M: Model>(&self) -> Result<M::Tx, String> {
        decode_tx(self.variant, &self.payload).map_err(|error| format!("`{}`: {error}", self.name))
    }
}

/// Something that is done to a store.
#[derive(Debug)]
pub(super) enum Step {
    Commit(Encoded),
    /// The first one in a batch of its own, and all others in one.
    Batch(Vec<Encoded>),
    Flush,
    Snapshot,
    Reopen(Ending),
}

/// How the store ends before it is opened again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Ending {
    Close,
    /// The last handle is dropped.
    Drop,
}

/// Numbers of a seed, for one purpose.
pub(super) struct Dice(RefCell<Keystream>);

/// What the numbers of a seed are for.
#[derive(Clone, Copy)]
pub(super) enum Purpose {
    Transactions = 1,
    Steps = 2,
    Knobs = 3,
    Samples = 4,
}

impl Dice {
    pub(super) fn new(seed: u64, purpose: Purpose) -> Self {
        let mut secret = [0; 32];
        secret[..8].copy_from_slice(&seed.to_le_bytes());
        Dice(RefCell::new(Keystream::new(secret, purpose as u64)))
    }

    pub(super) fn rng(&self) -> TxRng<'_> {
        TxRng::new(&self.0)
    }

    /// A number below `limit`, which is not 0.
    #[expect(clippy::cast_possible_truncation, reason = "less than `limit`, which is a `usize`")]
    pub(super) fn below(&self, limit: usize) -> usize {
        self.rng().below(limit as u64) as usize
    }

    /// One of these.
    pub(super) fn choose<T: Copy>(&self, from: &[T]) -> T {
        from[self.below(from.len())]
    }
}

/// So many transactions are in a history, if they are generated.
pub(super) const GENERATED: usize = 12;

/// The transactions of a history.
pub(super) fn transactions<M: Model>(
    source: &Source<M>,
    count: usize,
    seed: u64,
) -> Result<Vec<Encoded>, CrashMatrixError> {
    let unusable = |(index, reason): (usize, String)| CrashMatrixError::Unusable {
        what: format!("the transaction of index {index}"),
        reason,
    };
    let encode = |(index, tx): (usize, &M::Tx)| {
        Encoded::new::<M>(tx).map_err(|reason| unusable((index, reason)))
    };
    match source {
        Source::List(list) => list.iter().enumerate().map(encode).collect(),
        Source::Generator(generator) => {
            let dice = Dice::new(seed, Purpose::Transactions);
            let mut generate = generator.borrow_mut();
            (0..count).map(|index| encode((index, &generate(&mut dice.rng())))).collect()
        }
    }
}

/// The transactions in their order, with what else a store is asked for between them.
pub(super) fn steps(transactions: &[Encoded], seed: u64) -> Vec<Step> {
    let dice = Dice::new(seed, Purpose::Steps);
    // A history with few syncs leaves much to chance in one crash, one with many has more crashes.
    let busy = dice.choose(&[16, 24, 48]);
    let mut steps = Vec::new();
    let mut rest = transactions;
    while !rest.is_empty() {
        let (now, later) = match dice.below(busy) {
            0 => (Step::Flush, rest),
            1 => (Step::Snapshot, rest),
            2 => (Step::Reopen(Ending::Close), rest),
            3 => (Step::Reopen(Ending::Drop), rest),
            number if number % 4 == 0 => {
                let (batch, later) = rest.split_at(rest.len().min(2 + dice.below(4)));
                (Step::Batch(batch.to_vec()), later)
            }
            _ => (Step::Commit(rest[0].clone()), &rest[1..]),
        };
        steps.push(now);
        rest = later;
    }
    match dice.below(4) {
        0 => steps.push(Step::Snapshot),
        1 => steps.push(Step::Reopen(Ending::Close)),
        _ => {}
    }
    steps
}
