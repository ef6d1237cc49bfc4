//! All or nothing: a transaction that returns `Err` or panics leaves no trace in the state.

use crate::context::TxContext;
use crate::model::{Model, ModelData};
use crate::panic::{catch, drop_quietly};

/// What becomes of the changes of a transaction that returns `Err`. Each segment is of one mode, that of the code which
/// committed what is in it, and is replayed in that one.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Rollback {
    /// They stay.
    #[default]
    Off,
    /// They are undone.
    On,
}

impl Rollback {
    /// The mode of a model's own commits.
    pub(crate) fn of<M: ModelData>() -> Self {
        if M::ROLLBACK.is_some() { Rollback::On } else { Rollback::Off }
    }
}

/// Applies a transaction, live or in a replay; the error is the message of its panic.
///
/// Without a function that clones the model, a panic leaves it half changed. With one, the transaction changes a copy, which
/// takes the model's place when it has succeeded: so nothing has to be put back when it fails, and a `Clone` that leaves
/// something out does so in every replay, too. A panic of `Clone` is one of the transaction.
pub(crate) fn apply<M: Model>(
    model: &mut M,
    clone: Option<fn(&M) -> M>,
    tx: M::Tx,
    cx: &TxContext,
) -> Result<M::Reply, String> {
    let Some(clone) = clone else { return catch(|| model.apply(tx, cx)) };
    // Not in the closure that may panic: what is dropped while a panic goes on its way must not panic in turn.
    let mut copy = catch(|| clone(model))?;
    let result = catch(|| copy.apply(tx, cx));
    let unwanted = match &result {
        Ok(reply) if !M::is_err(reply) => std::mem::replace(model, copy),
        _ => copy,
    };
    drop_quietly(unwanted);
    result
}
