//! What the engine knows of a model.

use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::Key;
use crate::context::TxContext;
use crate::idempotency::Replies;
use crate::stored::{NotUpgraded, Stored};

/// The data of a model: what snapshots hold. `#[prevalent]` on the struct implements it.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a prevalent model",
    label = "this type has no `#[prevalent]`",
    note = "write `#[prevalent]` above the `struct` or `enum`, as well as above the `impl`"
)]
pub trait ModelData: Serialize + DeserializeOwned + Send + Sync + Sized + 'static {
    /// The stable name: a store remembers it, and opens with no other.
    const NAME: &'static str;

    /// Counts the changes of the data that need [`from_version`](ModelData::from_version).
    const VERSION: u32 = 1;

    /// The earlier versions that [`from_version`](ModelData::from_version) reads.
    const OLD_VERSIONS: &'static [u32] = &[];

    /// A number that is another one when the fields are declared otherwise; 0 where there is nothing to tell it by. It counts
    /// where the types of the model could not be found out.
    const DECLARATION: u64 = 0;

    /// Texts (or numbers, as text) that types in the model or in its transactions accept, if they refuse what is usual: an
    /// account number with its check digits. With them, the engine finds out what the types look like on disk.
    /// `#[prevalent(samples(..))]` sets it. Samples that come later do not help what was stored without them: it can't be
    /// read any more.
    const SAMPLES: &'static [&'static str] = &[];

    /// Clones the model before each transaction, so that one that returns `Err` or panics leaves no trace; `None` where it
    /// keeps what it has changed before it returned. `#[prevalent(rollback)]` sets it.
    const ROLLBACK: Option<fn(&Self) -> Self> = None;

    /// The model, from one that was stored with an earlier version.
    ///
    /// # Errors
    ///
    /// Where there is no way from that version to this one.
    fn from_version(version: u32, stored: Stored<'_>) -> Result<Self, NotUpgraded> {
        let _ = version;
        Err(stored.refuse())
    }

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

    /// Names that may never be used again: of transactions that no journal holds any more.
    /// `#[prevalent(removed(..))]` sets it. An open doesn't look at it: it refuses whatever it has to replay and is not in
    /// [`TRANSACTIONS`](Self::TRANSACTIONS).
    const REMOVED: &'static [&'static str] = &[];

    /// Does what a transaction says. The only way in which a model changes, live and in every replay.
    fn apply(&mut self, tx: Self::Tx, cx: &TxContext) -> Self::Reply;

    /// Whether the transaction returned an `Err`: with [`ROLLBACK`](ModelData::ROLLBACK), it leaves no trace then.
    #[must_use]
    fn is_err(reply: &Self::Reply) -> bool {
        let _ = reply;
        false
    }

    /// The key of a transaction that happens at most once; `None` where it may happen more than once. `#[tx(idempotent)]`
    /// says that it has one.
    #[must_use]
    fn key(tx: &Self::Tx) -> Option<&Key> {
        let _ = tx;
        None
    }

    /// Lists the replies of the transactions that have a [`key`](Model::key): they are remembered with it.
    fn replies(all: &mut Replies<Self>) {
        let _ = all;
    }

    /// The transaction of this name, from the arguments that it had in an earlier revision.
    ///
    /// # Errors
    ///
    /// Where there is no way from that revision to this one.
    fn upgrade(tx: &str, revision: u32, arguments: Stored<'_>) -> Result<Self::Tx, NotUpgraded> {
        let _ = (tx, revision);
        Err(arguments.refuse())
    }
}

/// What is known of a transaction beside its type. `#[prevalent]` makes it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TxInfo {
    name: &'static str,
    revision: u32,
    old_revisions: &'static [u32],
    fingerprint: Option<u64>,
    declaration: u64,
    is_retired: bool,
}

impl TxInfo {
    /// A transaction with this stable name, in its first revision.
    #[must_use]
    pub const fn new(name: &'static str) -> Self {
        TxInfo {
            name,
            revision: 1,
            old_revisions: &[],
            fingerprint: None,
            declaration: 0,
            is_retired: false,
        }
    }

    /// Its revision, and the earlier ones that [`Model::upgrade`] reads.
    #[must_use]
    pub const fn revised(self, revision: u32, old_revisions: &'static [u32]) -> Self {
        TxInfo { revision, old_revisions, ..self }
    }

    /// A number that is another one when the method's body is another one.
    #[must_use]
    pub const fn with_fingerprint(self, fingerprint: u64) -> Self {
        TxInfo { fingerprint: Some(fingerprint), ..self }
    }

    /// A number that is another one when the arguments are declared otherwise. It counts where their types could not be
    /// found out.
    #[must_use]
    pub const fn with_declaration(self, declaration: u64) -> Self {
        TxInfo { declaration, ..self }
    }

    /// It is replayed, but committed no more.
    #[must_use]
    pub const fn retired(self) -> Self {
        TxInfo { is_retired: true, ..self }
    }

    /// The stable name: by it the journal knows the transaction.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        self.name
    }

    /// Counts the changes of its arguments that need an upgrade; from 1.
    #[must_use]
    pub const fn revision(&self) -> u32 {
        self.revision
    }

    /// The earlier revisions that can be upgraded.
    #[must_use]
    pub const fn old_revisions(&self) -> &'static [u32] {
        self.old_revisions
    }

    /// What tells a changed body; `None` where there is nothing to tell it by.
    #[must_use]
    pub const fn fingerprint(&self) -> Option<u64> {
        self.fingerprint
    }

    /// What tells another declaration of the arguments; 0 where there is nothing to tell it by.
    #[must_use]
    pub const fn declaration(&self) -> u64 {
        self.declaration
    }

    /// Whether it can only be replayed.
    #[must_use]
    pub const fn is_retired(&self) -> bool {
        self.is_retired
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

/// A model for tests that need one, whatever it is.
#[cfg(test)]
pub(crate) mod sample {
    use serde::{Deserialize, Serialize};

    use super::{Model, ModelData, TxInfo};
    use crate::context::TxContext;

    #[derive(Default, Serialize, Deserialize)]
    pub(crate) struct Nothing;

    #[derive(Serialize, Deserialize)]
    pub(crate) enum NothingTx {
        Do {},
    }

    impl ModelData for Nothing {
        const NAME: &'static str = "nothing";
    }

    impl Model for Nothing {
        type Tx = NothingTx;
        type Reply = ();
        const TRANSACTIONS: &'static [TxInfo] = &[TxInfo::new("do")];

        fn apply(&mut self, _: NothingTx, _: &TxContext) {}
    }
}
