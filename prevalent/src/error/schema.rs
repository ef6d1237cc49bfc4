//! Why what is stored does not fit the code, and what to write.

use std::fmt;
use std::path::PathBuf;

use crate::Seq;

/// What is stored does not fit the types that it was opened with.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SchemaError {
    /// The journal holds a transaction that the model doesn't have.
    #[error(
        "`{}` holds the transaction `{tx}` (sequence number {seq}), which the model `{model}` doesn't have; put the method back (as `#[tx(retired)]`, if it is only to be replayed), or keep the old name on the new one with `#[tx(name = \"{tx}\")]`; or open the store with the old code and close it, which leaves a snapshot that needs it no more",
        file.display()
    )]
    #[non_exhaustive]
    UnknownTransaction {
        /// The model's stable name.
        model: String,
        /// The transaction's stable name.
        tx: String,
        /// The first sequence number that has it.
        seq: Seq,
        /// The segment.
        file: PathBuf,
    },

    /// The journal holds a transaction whose name the model lists in `removed(..)`.
    #[error(
        "`{}` holds the transaction `{tx}` (sequence number {seq}), which the model `{model}` lists in `removed`; take it out of there, and put the method back as `#[tx(retired)]`; or open the store with the old code and close it, which leaves a snapshot that needs it no more",
        file.display()
    )]
    #[non_exhaustive]
    RemovedTransaction {
        /// The model's stable name.
        model: String,
        /// The transaction's stable name.
        tx: String,
        /// The first sequence number that has it.
        seq: Seq,
        /// The segment.
        file: PathBuf,
    },

    /// The arguments of a transaction have other types now, and there is no way from the old ones to them.
    #[error(
        "`{}` holds the transaction `{tx}` (sequence number {seq}) with the arguments `{}`; {mismatch}; bring the old type back,{} or say what the old arguments become: `#[tx(rev = {}, upgrade({} => function))]`, where `function` takes the old ones as a tuple and gives the new ones as a tuple",
        file.display(), mismatch.whole, mismatch.hint(), mismatch.next, mismatch.found
    )]
    #[non_exhaustive]
    IncompatibleTransaction {
        /// The transaction's stable name.
        tx: String,
        /// The first sequence number that has it.
        seq: Seq,
        /// The segment.
        file: PathBuf,
        /// What doesn't fit.
        mismatch: Box<Mismatch>,
    },

    /// The fields of the model have other types now, and there is no way from the old ones to them.
    #[error(
        "`{}` holds the model `{model}`; {mismatch}; bring the old type back,{} or keep the old struct under another name and say what becomes of it: `#[prevalent(version = {}, from(OldModel => function))]`",
        file.display(), mismatch.hint(), mismatch.next
    )]
    #[non_exhaustive]
    IncompatibleModel {
        /// The model's stable name.
        model: String,
        /// The snapshot.
        file: PathBuf,
        /// What doesn't fit.
        mismatch: Box<Mismatch>,
    },

    /// A newer version of the program wrote a transaction, with a revision that this one doesn't know.
    #[error(
        "`{}` holds revision {found} of the transaction `{tx}` (sequence number {seq}), and the code has revision {known}: a newer version of the program wrote it; open the store with that one",
        file.display()
    )]
    #[non_exhaustive]
    NewerRevision {
        /// The transaction's stable name.
        tx: String,
        /// The revision that is stored.
        found: u32,
        /// The code's.
        known: u32,
        /// The first sequence number that has it.
        seq: Seq,
        /// The segment.
        file: PathBuf,
    },

    /// An old revision of a transaction is stored, and the code doesn't say what becomes of it.
    #[error(
        "`{}` holds revision {found} of the transaction `{tx}` (sequence number {seq}) with the arguments `{arguments}`; say how they become those of revision {known}: `#[tx(rev = {known}, upgrade({found} => function))]`",
        file.display()
    )]
    #[non_exhaustive]
    NoUpgrade {
        /// The transaction's stable name.
        tx: String,
        /// The revision that is stored.
        found: u32,
        /// The code's.
        known: u32,
        /// The arguments as they are stored.
        arguments: String,
        /// The first sequence number that has it.
        seq: Seq,
        /// The segment.
        file: PathBuf,
    },

    /// A newer version of the program wrote the model.
    #[error(
        "`{}` holds version {found} of the model `{model}`, and the code has version {known}: a newer version of the program wrote it; open the store with that one",
        file.display()
    )]
    #[non_exhaustive]
    NewerVersion {
        /// The model's stable name.
        model: String,
        /// The version that is stored.
        found: u32,
        /// The code's.
        known: u32,
        /// The snapshot.
        file: PathBuf,
    },

    /// An old version of the model is stored, and the code doesn't say what becomes of it.
    #[error(
        "`{}` holds version {found} of the model `{model}`; say how it becomes version {known}: `#[prevalent(version = {known}, from(..))]` names the old struct and a function for each earlier version, the last one for version {}",
        file.display(), known.saturating_sub(1)
    )]
    #[non_exhaustive]
    NoWayFromVersion {
        /// The model's stable name.
        model: String,
        /// The version that is stored.
        found: u32,
        /// The code's.
        known: u32,
        /// The snapshot.
        file: PathBuf,
    },

    /// A transaction that must be replayed was committed by a method with another body, and the store was opened with
    /// [`ChangedBodies::Refuse`](crate::ChangedBodies::Refuse).
    #[error(
        "`{}` holds the transaction `{tx}` (sequence number {seq}), which was committed when its method had another body: replayed, it may have another effect; open the store with the old code and close it, which leaves a snapshot that needs no replay, or open it with `ChangedBodies::Warn`",
        file.display()
    )]
    #[non_exhaustive]
    ChangedBody {
        /// The transaction's stable name.
        tx: String,
        /// The first sequence number that has it.
        seq: Seq,
        /// The segment.
        file: PathBuf,
    },

    /// What must be replayed was committed by a model with `rollback`, and the model has it no more.
    #[error(
        "`{}` holds transactions (from sequence number {seq} on) that were committed with `rollback`, which the model `{model}` doesn't have any more: replayed without it, those that returned `Err` would keep their changes; open the store with the code that has `#[prevalent(rollback)]` and close it, which leaves a snapshot that needs no replay, and take `rollback` away then",
        file.display()
    )]
    #[non_exhaustive]
    RollbackRemoved {
        /// The model's stable name.
        model: String,
        /// The first sequence number that has to be replayed with it.
        seq: Seq,
        /// The segment.
        file: PathBuf,
    },

    /// A transaction was tried again with its key, and had been executed already: it was not executed again. But its reply
    /// can't be read any more.
    #[error(
        "`{tx}` was executed already, with this key, as sequence number {seq}, and was not executed again; its reply can't be told once more: {reason}"
    )]
    #[non_exhaustive]
    ReplyUnreadable {
        /// The transaction's stable name.
        tx: String,
        /// The sequence number with which it was executed.
        seq: Seq,
        /// Why.
        reason: String,
    },

    /// What is stored is whole, and of a type that can be read as a rule; but not this value.
    #[error(
        "`{}` holds `{what}` (sequence number {seq}) with a value that the code can't read: {reason}; bring the old types back{}",
        file.display(),
        if reason.contains("unknown variant") { ", or name the variant in a `#[serde(alias = \"OldName\")]` of another one, or have a `#[serde(other)]` one" } else { "" }
    )]
    #[non_exhaustive]
    Undecodable {
        /// The stable name of the transaction or of the model.
        what: String,
        /// The sequence number.
        seq: Seq,
        /// The segment or snapshot.
        file: PathBuf,
        /// What the decoder said.
        reason: String,
    },
}

/// Two types of which one can't be read as the other. Its text (`Display`) is the place and the reason.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Mismatch {
    /// The argument or field, and the way through its own fields to what doesn't fit; empty where it is the whole.
    pub place: String,
    /// The type that is stored there.
    pub stored: String,
    /// What the code reads there; empty where it reads nothing.
    pub wanted: String,
    /// Why one isn't the other.
    pub reason: String,
    /// All the arguments, or the model, as they are stored.
    pub whole: String,
    /// The revision of the transaction, or the version of the model, that is stored.
    pub found: u32,
    /// The one that it should have next.
    pub next: u32,
}

impl Mismatch {
    /// What serde's attributes can do about it: a part of a list of what can be done.
    pub(crate) fn hint(&self) -> &'static str {
        if self.reason.starts_with("missing field") {
            " put `#[serde(default)]` or `#[serde(alias = \"old_name\")]` on what is missing,"
        } else {
            ""
        }
    }
}

impl fmt::Display for Mismatch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if !self.place.is_empty() {
            write!(f, "in `{}`: ", self.place)?;
        }
        f.write_str(&self.reason)
    }
}
