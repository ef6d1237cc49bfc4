//! What can go wrong, and what it means for the caller.

use std::fmt;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::Seq;

/// What went wrong. The text says what, where, and what to do about it.
///
/// Cheap to clone, so that one failure can be told to everybody whom it concerns. Whether a transaction may have taken
/// place all the same, [`effect`](Error::effect) tells.
#[derive(Clone, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The directory belongs to a store that is open, in this process or another one.
    #[error("the store in `{}` is open already, in this process or another; close it there first", dir.display())]
    #[non_exhaustive]
    Locked {
        /// The directory.
        dir: PathBuf,
    },

    /// The operating system refused something.
    #[error("could not {operation} `{}`: {source}", path.display())]
    #[non_exhaustive]
    Io {
        /// The file or directory.
        path: PathBuf,
        /// What was tried, as a verb: `open`, `sync`.
        operation: &'static str,
        /// What the operating system said.
        source: Arc<io::Error>,
    },

    /// A file is damaged, and this is no trace of a crash. Nothing was written. Restore the directory from a copy.
    #[error("`{}` is damaged at byte {offset}{}: {what}; nothing was changed: restore the store from a copy", file.display(), at(*seq))]
    #[non_exhaustive]
    Corrupt {
        /// The file.
        file: PathBuf,
        /// Where the damage begins to show, in bytes from the start of the file.
        offset: u64,
        /// The first sequence number that is lost with it, where that is known.
        seq: Option<Seq>,
        /// What is wrong there.
        what: String,
    },

    /// The journal ends in something that is no transaction and bears no sign of having been torn by a crash. It may
    /// be damage to the last acknowledged transactions. Nothing was written.
    #[error(
        "the journal's end, `{}` from byte {offset} (sequence number {seq}) on, is bad without a sign of a crash; nothing was changed: restore the store from a copy, or open it without what is there, with `builder(..).drop_suspect_tail()`",
        file.display()
    )]
    #[non_exhaustive]
    SuspectTail {
        /// The segment.
        file: PathBuf,
        /// Where the bad batch begins, in bytes from the start of the file.
        offset: u64,
        /// The sequence number of the first transaction that would be dropped.
        seq: Seq,
    },

    /// A file was written by a newer version of this library.
    #[error("`{}` has format version {found}; this version of prevalent reads {supported} at most: use a newer one", file.display())]
    #[non_exhaustive]
    UnsupportedFormat {
        /// The file.
        file: PathBuf,
        /// Its version.
        found: u32,
        /// The newest version that this library reads.
        supported: u32,
    },

    /// A file has something in it that this version of the library doesn't know, behind good checksums: a newer one wrote it.
    #[error("`{}` has {what}, which this version of prevalent doesn't know: use a newer one", file.display())]
    #[non_exhaustive]
    UnknownContent {
        /// The file.
        file: PathBuf,
        /// What is not known.
        what: String,
    },

    /// The directory holds another model.
    #[error(
        "the store holds the model `{found}`, not `{expected}`; if the struct was renamed, keep its name with `#[prevalent(name = \"{found}\")]`"
    )]
    #[non_exhaustive]
    WrongModel {
        /// The stable name of the model in the directory.
        found: String,
        /// The stable name of the model that it was opened with.
        expected: String,
    },

    /// What is stored does not fit the types that it was opened with. Nothing was replayed or written.
    #[error(transparent)]
    Schema(#[from] SchemaError),

    /// The transaction panicked. It has no effect, now or in any replay, and its sequence number stays void.
    #[error("the transaction `{tx}` (sequence number {seq}) panicked and has no effect: {message}")]
    #[non_exhaustive]
    TxPanicked {
        /// The sequence number.
        seq: Seq,
        /// The transaction's stable name.
        tx: &'static str,
        /// What the panic said.
        message: String,
    },

    /// A transaction of the journal panicked while the store was opened. Nothing was written.
    #[error(
        "replaying the transaction `{tx}` (sequence number {seq}{}) panicked: {message}; nothing was changed: open with code that can replay it, or give it up with `builder(..).void_on_replay_panic({seq})`",
        if *acknowledged { ", which had succeeded when it was committed" } else { "" }
    )]
    #[non_exhaustive]
    ReplayPanicked {
        /// The sequence number.
        seq: Seq,
        /// The transaction's stable name.
        tx: String,
        /// Whether the journal shows that it had been applied when it was committed: then the code has changed, or it
        /// depends on something beside its arguments and the state.
        acknowledged: bool,
        /// What the panic said.
        message: String,
    },

    /// The user's own code panicked while the store was opened: the first state, or the function named by `restored`.
    #[error("`{what}` of the model panicked: {message}; nothing was changed")]
    #[non_exhaustive]
    ModelPanicked {
        /// What panicked: `initial` or `restored`.
        what: &'static str,
        /// What the panic said.
        message: String,
    },

    /// The transaction (or the state) can't be written so that it can be read again. Nothing was journaled.
    #[error("`{tx}` can't be stored: {reason}")]
    #[non_exhaustive]
    Encoding {
        /// The transaction's stable name; the model's where it is the state.
        tx: String,
        /// Why.
        reason: String,
    },

    /// The transaction's arguments are too large for the journal. Nothing was journaled.
    #[error(
        "the arguments of `{tx}` take {bytes} bytes or more; at most {limit} fit in a transaction"
    )]
    #[non_exhaustive]
    TooLarge {
        /// The transaction's stable name.
        tx: &'static str,
        /// At least so many bytes.
        bytes: usize,
        /// The most that is possible.
        limit: usize,
    },

    /// Too much is waiting to be written. Nothing was ordered: wait with [`Store::ready`](crate::Store::ready), and try again.
    #[error(
        "{pending_bytes} bytes of transactions wait to be written, and with this transaction it would be more than the limit of {limit}; wait for `ready()` and try again"
    )]
    #[non_exhaustive]
    Overloaded {
        /// What is pending, in bytes.
        pending_bytes: usize,
        /// The limit, in bytes.
        limit: usize,
    },

    /// The transaction was handed to the disk, and the disk failed: it may or may not be durable. The next open tells.
    #[error(
        "the disk failed while sequence number {seq} was written: it may or may not be there when the store is opened again"
    )]
    #[non_exhaustive]
    InDoubt {
        /// The sequence number.
        seq: Seq,
    },

    /// The store accepts nothing more since an earlier failure; this was certainly not written. Reads go on. Open the
    /// store again.
    #[error("the store accepts no more writes until it is opened again: {reason}")]
    #[non_exhaustive]
    Failed {
        /// The earlier failure.
        reason: String,
    },

    /// The state is being rebuilt after a transaction panicked; try again.
    #[error("the state is being rebuilt after a transaction panicked; try again in a moment")]
    Rebuilding,

    /// What was asked for is no longer in the journal.
    #[error(
        "the journal goes back to sequence number {oldest} only; begin there, and take what came before from the state"
    )]
    #[non_exhaustive]
    Pruned {
        /// The oldest sequence number that is there.
        oldest: Seq,
    },

    /// There is no store in the directory.
    #[error("there is no store in `{}`", dir.display())]
    #[non_exhaustive]
    NoStore {
        /// The directory.
        dir: PathBuf,
    },

    /// An import needs a directory without a store, and there is one, or a part of one (feature `json`). Nothing was changed.
    #[cfg(feature = "json")]
    #[error(
        "`{}` is there already: a store is imported into a directory of its own; if this is what an interrupted import has left, remove it",
        file.display()
    )]
    #[non_exhaustive]
    StoreExists {
        /// A file of the store.
        file: PathBuf,
    },

    /// A text is not the JSON that it should be (feature `json`). Nothing was changed.
    #[cfg(feature = "json")]
    #[error("line {line}: {what}")]
    #[non_exhaustive]
    Json {
        /// The line, from 1.
        line: u64,
        /// What is wrong with it.
        what: String,
    },

    /// A value in the store can't be written as JSON (feature `json`).
    #[cfg(feature = "json")]
    #[error("`{}` holds `{what}` (sequence number {seq}) with a value that can't be written as JSON: {reason}", file.display())]
    #[non_exhaustive]
    NotExportable {
        /// The stable name of the transaction or of the model.
        what: String,
        /// The sequence number.
        seq: Seq,
        /// The segment or snapshot.
        file: PathBuf,
        /// Why.
        reason: String,
    },

    /// What was asked for is behind the journal's end.
    #[error("the store goes up to sequence number {newest} only")]
    #[non_exhaustive]
    NotYet {
        /// The newest sequence number that is there.
        newest: Seq,
    },

    /// The store is closed.
    #[error("the store is closed")]
    Closed,
}

/// The text: it has all that the fields have, and what `main` and `unwrap` print is what helps.
impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

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

/// Whether what failed may have had an effect.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Effect {
    /// Certainly none, now or later.
    None,
    /// It may have been committed. Only the next open of the store tells.
    Unknown,
}

impl Error {
    /// Whether the transaction that failed with this error may have been committed all the same.
    ///
    /// ```
    /// # use prevalent::{Effect, Error};
    /// fn may_retry(error: &Error) -> bool {
    ///     error.effect() == Effect::None
    /// }
    /// ```
    #[must_use]
    pub fn effect(&self) -> Effect {
        match self {
            Error::InDoubt { .. } => Effect::Unknown,
            _ => Effect::None,
        }
    }

    /// An I/O error, with where and while doing what. `operation` is a verb.
    pub(crate) fn io(path: &Path, operation: &'static str, source: io::Error) -> Self {
        Error::Io { path: path.to_owned(), operation, source: Arc::new(source) }
    }

    pub(crate) fn corrupt(
        file: PathBuf,
        offset: u64,
        seq: Option<Seq>,
        what: impl Into<String>,
    ) -> Self {
        Error::Corrupt { file, offset, seq, what: what.into() }
    }
}

fn at(seq: Option<Seq>) -> String {
    seq.map(|seq| format!(" (sequence number {seq})")).unwrap_or_default()
}
