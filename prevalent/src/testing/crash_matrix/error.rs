//! What a run may find.

use std::fmt;

/// Why a model's store is not known to keep its promises.
#[derive(Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum CrashMatrixError {
    /// The store did something else than it has promised.
    #[error(
        "in the case `{case}`, {what}{}; to look at it alone, write `.replay(\"{case}\")` instead of `.check()`",
        detailed(details)
    )]
    #[non_exhaustive]
    Broken {
        /// The case, for [`CrashMatrix::replay`](super::CrashMatrix::replay).
        case: String,
        /// What the store did.
        what: String,
        /// What the crash has left, and what the disk had been asked for before.
        details: String,
    },

    /// The model is not deterministic, or is not loaded as it was stored: nothing can be said about its store.
    #[error(
        "`{tx}`, the transaction {seq} of the case `{case}`, leads to another state when it is run again with the same context, or with the model stored and loaded before it: nothing can be said about a store of such a model; `testing::Determinism` finds out more"
    )]
    #[non_exhaustive]
    NotDeterministic {
        /// The case.
        case: String,
        /// The transaction's sequence number; 0 for the first state.
        seq: u64,
        /// Its stable name.
        tx: String,
    },

    /// The first state or a transaction can't be stored, there is no case of the name that was given, or the matrix would look at
    /// nothing.
    #[error("{what} can't be used: {reason}")]
    #[non_exhaustive]
    Unusable {
        /// What it is.
        what: String,
        /// Why.
        reason: String,
    },
}

fn detailed(details: &str) -> String {
    if details.is_empty() { String::new() } else { format!(" ({details})") }
}

/// The text: it is what `unwrap` prints.
impl fmt::Debug for CrashMatrixError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}
