//! What the engine knows of a model.

use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::context::TxContext;

/// The data of a model: what snapshots hold. `#[prevalent]` on the struct implements it.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a prevalent model",
    label = "this type has no `#[prevalent]`",
    note = "write `#[prevalent]` above the `struct` or `enum`, as well as above the `impl`"
)]
pub trait ModelData: Serialize + DeserializeOwned + Send + Sync + Sized + 'static {
    /// The stable name: a store remembers it, and opens with no other.
    const NAME: &'static str;

    /// Called after every load, before any transaction is replayed: rebuilds the fields that are not stored.
    fn restored(&mut self) {}
}

/// A model: its data and its transactions. `#[prevalent]` on the `impl` block implements it.
#[diagnostic::on_unimplemented(
    message = "`{Self}` has no transactions",
    label = "no `#[prevalent] impl` for this type",
    note = "write `#[prevalent]` above `impl {Self} {{ .. }}`"
)]
pub trait Model: ModelData {
    /// A transaction as a value: an enum with a variant for each, in the order of [`TRANSACTIONS`](Model::TRANSACTIONS).
    type Tx: Serialize + DeserializeOwned + Send + 'static;

    /// What a transaction returns: an enum with a variant for each.
    type Reply: Send + 'static;

    /// The transactions, in the order of the variants of [`Tx`](Model::Tx). On disk they are known by their names, so that
    /// the order is free to change.
    const TRANSACTIONS: &'static [TxInfo];

    /// Does what a transaction says. The only way in which a model changes, live and in every replay.
    fn apply(&mut self, tx: Self::Tx, cx: &TxContext) -> Self::Reply;
}

/// What is known of a transaction beside its type.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TxInfo {
    name: &'static str,
}

impl TxInfo {
    /// A transaction with this stable name.
    #[must_use]
    pub const fn new(name: &'static str) -> Self {
        TxInfo { name }
    }

    /// The stable name: by it the journal knows the transaction.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        self.name
    }
}

/// A generated store handle: a [`Store`](crate::Store) with methods for each transaction and query.
pub trait StoreHandle: Clone + Send + Sync + 'static {
    /// The model whose store it is.
    type Model: Model;

    /// The handle of this store.
    #[doc(hidden)]
    fn from_store(store: crate::Store<Self::Model>) -> Self;
}

/// A model whose first state is its `Default`.
///
/// `Via` has no meaning: with it, a bound on a concrete type is checked where a function is called, not where it is
/// defined.
#[diagnostic::on_unimplemented(
    message = "`{Self}` has no first state: it does not implement `Default`",
    label = "this store needs a first state",
    note = "give it with `builder(dir).initial(first_state).open()` (`builder_in_memory()` for a store in memory), or implement `Default` for `{Self}`"
)]
pub trait FirstState<Via>: Sized {
    /// The first state.
    #[doc(hidden)]
    fn first_state() -> Self;
}

#[diagnostic::do_not_recommend]
impl<M: Default, Via> FirstState<Via> for M {
    fn first_state() -> Self {
        M::default()
    }
}

/// Which of the model's transactions has this stable name.
pub(crate) fn variant_of<M: Model>(name: &str) -> Option<usize> {
    M::TRANSACTIONS.iter().position(|info| info.name == name)
}
