//! Submitting a transaction whose reply may turn out not to be `Send`.

use std::marker::PhantomData;
use std::ops::Deref;

use serde::Serialize;

use super::refused;
use crate::commit::Commit;
use crate::model::Model;
use crate::store::Store;

/// Submits a transaction whose reply is `R`.
pub struct Submit<R>(SubmitRefused<R>);

/// Where a reply is not `Send`, [`Submit`] has not its own functions but these, through `Deref`: the model has told the
/// mistake already.
pub struct SubmitRefused<R>(PhantomData<R>);

impl<R> Submit<R> {
    /// There is nothing in it.
    pub const NEW: Self = Submit(SubmitRefused(PhantomData));
}

impl<R> Deref for Submit<R> {
    type Target = SubmitRefused<R>;

    fn deref(&self) -> &SubmitRefused<R> {
        &self.0
    }
}

impl<R: Send + 'static> Submit<R> {
    /// As [`Store::submit`].
    pub fn owned<M: Model>(
        &self,
        store: &Store<M>,
        tx: &M::Tx,
        reply: fn(M::Reply) -> R,
    ) -> Commit<R> {
        store.submit(tx, reply)
    }

    /// As [`Store::submit_args`].
    pub fn args<M: Model, A: Serialize + ?Sized>(
        &self,
        store: &Store<M>,
        tx: usize,
        args: &A,
        reply: fn(M::Reply) -> R,
    ) -> Commit<R> {
        store.submit_args(tx, args, reply)
    }
}

impl<R> SubmitRefused<R> {
    /// Never called.
    pub fn owned<M: Model>(&self, _: &Store<M>, _: &M::Tx, _: fn(M::Reply) -> R) -> Commit<R> {
        refused()
    }

    /// Never called.
    pub fn args<M: Model, A: ?Sized>(
        &self,
        _: &Store<M>,
        _: usize,
        _: &A,
        _: fn(M::Reply) -> R,
    ) -> Commit<R> {
        refused()
    }
}
