//! What can go wrong, and what it means for the caller.

mod diverged;
mod replay;
mod schema;

use std::fmt;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

pub use self::replay::ReplayEnd;
pub use self::schema::{Mismatch, SchemaError};
use crate::format::FORMAT_VERSION_MIN;
use crate::{Key, Seq};

/// What went wrong. The text says what, where, and what to do about it.
///
/// Cheap to clone, so that one failure can be told to everybody whom it concerns. Whether a transaction may have taken
/// place all the same, [`effect`](Error::effect) tells. `docs/errors.md` in the repository says of each what it means, and what
/// to do.
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

    /// A file was written by a newer version of this library (or before its first release).
    #[error("`{}` has format version {found}{}", file.display(), unsupported(*found, *supported))]
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

    /// A transaction of the journal panicked while the store was opened, or has ended the process of an earlier open. Nothing was
    /// written; the next open tries it again.
    #[error("{}", replay::text(tx, *seq, *acknowledged, message, *end))]
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
        /// Whether it was a panic, or the end of a process.
        end: ReplayEnd,
    },

    /// The transaction can't be made void. Nothing was changed.
    #[error("sequence number {seq} can't be made void: {what}")]
    #[non_exhaustive]
    NotVoidable {
        /// The sequence number.
        seq: Seq,
        /// Why.
        what: String,
    },

    /// The user's own code panicked: while the store was opened, the first state, or the function named by `restored`; while a
    /// snapshot was taken with [`SnapshotMethod::cloned`](crate::SnapshotMethod::cloned), the model's `Clone`.
    #[error("`{what}` of the model panicked: {message}; nothing was changed")]
    #[non_exhaustive]
    ModelPanicked {
        /// What panicked: `initial`, `restored` or `clone`.
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

    /// The key was used before, for another transaction, or with other arguments. Nothing was ordered. A new thing to do needs
    /// a new key.
    #[error(
        "the key `{key}` of `{tx}` belongs to another transaction, or to other arguments: sequence number {seq}; a key says that it is the same thing once more"
    )]
    #[non_exhaustive]
    KeyReused {
        /// The stable name of the transaction that was refused.
        tx: &'static str,
        /// The key.
        key: Key,
        /// The sequence number with which it was used.
        seq: Seq,
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

    /// What was asked for is no longer in the journal, or from before the first snapshot of a backup.
    #[error(
        "what was asked for is not kept any more: it goes back to sequence number {oldest} only (further, if there is an archive that was not named: `archive_to`, `archive`)"
    )]
    #[non_exhaustive]
    Pruned {
        /// The oldest sequence number that can be asked for.
        oldest: Seq,
    },

    /// The journal doesn't give the state that is in memory: a transaction is not deterministic. The store goes on.
    #[error("{}", diverged::text(&diverged::Place {
        file, tx: tx.as_deref(), after: *after, through: *through, panicked: panicked.as_deref(),
    }))]
    #[non_exhaustive]
    Diverged {
        /// The first segment that may hold the transaction.
        file: PathBuf,
        /// The transaction, where it could be found.
        seq: Option<Seq>,
        /// Its stable name.
        tx: Option<String>,
        /// Through this sequence number they agree, as far as is known.
        after: Seq,
        /// Behind this one they don't.
        through: Seq,
        /// What the transaction's panic said, if it panicked when it was replayed.
        panicked: Option<Box<str>>,
    },

    /// There is no store in the directory.
    #[error("there is no store in `{}`", dir.display())]
    #[non_exhaustive]
    NoStore {
        /// The directory.
        dir: PathBuf,
    },

    /// A store was to be opened or made in a directory that holds something else. Nothing was changed.
    #[error(
        "`{}` holds {what}, not a store; to look into it, make a store of it in another directory, with `prevalent::{remedy}`",
        dir.display()
    )]
    #[non_exhaustive]
    NotAStore {
        /// The directory.
        dir: PathBuf,
        /// What it holds: `a backup` or `an archive`.
        what: &'static str,
        /// The function that makes a store of it: `restore` or `fork`.
        remedy: &'static str,
    },

    /// The archive holds the journal of another store. Nothing was changed.
    #[error("the archive `{}` holds the journal of another store; give each store an archive of its own", archive.display())]
    #[non_exhaustive]
    ForeignArchive {
        /// The archive's directory.
        archive: PathBuf,
    },

    /// A restore, fork or import needs a directory without a store, and there is one, or a part of one. Nothing was changed.
    #[error(
        "`{}` is there already: a store is restored, forked or imported into a directory of its own; if this is what an interrupted one has left, remove it",
        file.display()
    )]
    #[non_exhaustive]
    StoreExists {
        /// A file of the store.
        file: PathBuf,
    },

    /// There is no backup in the place that was named.
    #[error("there is no backup in `{target}`")]
    #[non_exhaustive]
    NoBackup {
        /// Where it was looked for.
        target: String,
    },

    /// A backup can't go on in this place: what is there is not the beginning of this store's history, or can't be shown
    /// to be. Nothing was written.
    #[error("the backup in `{target}` can't be continued: {what}")]
    #[non_exhaustive]
    BackupMismatch {
        /// Where the backup is.
        target: String,
        /// Why, and what to do.
        what: String,
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

    /// What was asked for is behind the end of the journal, or of the backup.
    #[error("what was asked for is not there yet: it goes up to sequence number {newest} only")]
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
            // That it was executed, the text says.
            Error::InDoubt { .. } | Error::Schema(SchemaError::ReplyUnreadable { .. }) => {
                Effect::Unknown
            }
            _ => Effect::None,
        }
    }

    pub(crate) fn holds_a_backup(dir: &Path) -> Self {
        Error::NotAStore { dir: dir.to_owned(), what: "a backup", remedy: "restore" }
    }

    pub(crate) fn holds_an_archive(dir: &Path) -> Self {
        Error::NotAStore { dir: dir.to_owned(), what: "an archive", remedy: "fork" }
    }

    /// There are files of a store in the directory, and no snapshot among them.
    pub(crate) fn lacks_a_snapshot(dir: &Path) -> Self {
        let what = "there is a journal, but no snapshot to begin with";
        Error::corrupt(dir.to_owned(), 0, None, what)
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

fn unsupported(found: u32, supported: u32) -> String {
    if found < FORMAT_VERSION_MIN {
        return ", which no release has written: it can't be read any more".to_owned();
    }
    format!("; this version of prevalent reads {supported} at most: use a newer one")
}

fn at(seq: Option<Seq>) -> String {
    seq.map(|seq| format!(" (sequence number {seq})")).unwrap_or_default()
}
