//! What the key and the reply of an idempotent transaction have to be.

use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::Key;
use crate::idempotency::Replies;
use crate::model::Model;

/// A reply that can be told once more.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be the reply of an idempotent transaction",
    label = "the reply is stored, for whoever tries again: it must be `Serialize`, `Deserialize` and owned",
    note = "write `#[prevalent::data]` above the type, or derive serde's `Serialize` and `Deserialize`"
)]
pub trait RememberedReply: Sized {
    /// As [`Replies::remember`].
    fn remember<M: Model>(
        all: &mut Replies<M>,
        tx: usize,
        wrap: fn(Self) -> M::Reply,
        peek: fn(&M::Reply) -> Option<&Self>,
    );
}

#[diagnostic::do_not_recommend]
impl<T: Serialize + DeserializeOwned + 'static> RememberedReply for T {
    fn remember<M: Model>(
        all: &mut Replies<M>,
        tx: usize,
        wrap: fn(Self) -> M::Reply,
        peek: fn(&M::Reply) -> Option<&Self>,
    ) {
        all.remember(tx, wrap, peek);
    }
}

/// The key of an idempotent transaction.
#[diagnostic::on_unimplemented(
    message = "the key of an idempotent transaction is a `prevalent::Key`",
    label = "this is another type",
    note = "write `key: prevalent::Key`; it comes `From` texts, numbers and `[u8; 16]`"
)]
pub trait IdempotencyKey {
    /// The key itself.
    fn key(&self) -> &Key;
}

#[diagnostic::do_not_recommend]
impl IdempotencyKey for Key {
    fn key(&self) -> &Key {
        self
    }
}
