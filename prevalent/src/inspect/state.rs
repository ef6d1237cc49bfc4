//! The state in a snapshot, as JSON.

use std::io::Write;
use std::time::SystemTime;

use super::StoreFiles;
use super::transaction::unwritable;
use crate::error::Error;
use crate::format::names;
use crate::json::select::select;
use crate::json::write::Typed;
use crate::snapshot::read::{SnapshotFile, read};
use crate::{Seq, clock};

/// The state in a snapshot: [`StoreFiles::snapshot`]. It is in memory as it is encoded.
#[derive(Debug)]
pub struct SnapshotState {
    file: SnapshotFile,
    path: std::path::PathBuf,
    damaged: Vec<Error>,
}

/// A value in a state.
#[derive(Clone, Copy, Debug)]
pub struct StoredValue<'a> {
    state: &'a SnapshotState,
    typed: Typed<'a>,
}

/// There is nothing in the state where a path leads. Its text says how far the path went, and what is there.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct NoSuchValue(String);

impl StoreFiles {
    /// The state in the snapshot of this sequence number, or in the newest one that is good.
    ///
    /// # Errors
    ///
    /// [`Error::Corrupt`]; [`Error::Pruned`] or [`Error::NotYet`] where there is no such snapshot; [`Error::Io`];
    /// [`Error::UnsupportedFormat`], [`Error::UnknownContent`].
    pub fn snapshot(&self, seq: Option<Seq>) -> Result<SnapshotState, Error> {
        let view = self.view()?;
        let snapshots = &view.directory.snapshots;
        let candidates: Vec<u64> = match seq {
            Some(seq) if !snapshots.contains_key(&seq.get()) => {
                let older = snapshots.range(..seq.get()).next_back();
                let newer = snapshots.range(seq.get()..).next();
                return Err(match (older, newer) {
                    (_, Some((&oldest, _))) => Error::Pruned { oldest: oldest.into() },
                    (Some((&newest, _)), None) => Error::NotYet { newest: newest.into() },
                    (None, None) => Error::NoStore { dir: self.dir().to_owned() },
                });
            }
            Some(seq) => vec![seq.get()],
            None => snapshots.keys().rev().copied().collect(),
        };
        let mut damaged = Vec::new();
        for seq in candidates {
            match read(&view.disk, seq) {
                Ok(file) => {
                    let path = view.disk_path(&names::snapshot(seq));
                    return Ok(SnapshotState { file, path, damaged });
                }
                Err(error @ Error::Corrupt { .. }) => damaged.push(error),
                Err(error) => return Err(error),
            }
        }
        let none = || Error::corrupt(self.dir().to_owned(), 0, None, "there is no snapshot");
        Err(damaged.into_iter().next().unwrap_or_else(none))
    }
}

impl SnapshotState {
    /// The last sequence number in it.
    #[must_use]
    pub fn seq(&self) -> Seq {
        self.file.header.seq.into()
    }

    /// The time of the last transaction in it.
    #[must_use]
    pub fn time(&self) -> SystemTime {
        clock::from_us(self.file.header.time_us)
    }

    /// The model's stable name.
    #[must_use]
    pub fn model(&self) -> &str {
        &self.file.model
    }

    /// Newer snapshots that were passed over because they are damaged.
    #[must_use]
    pub fn damaged(&self) -> &[Error] {
        &self.damaged
    }

    /// The whole state.
    #[must_use]
    pub fn value(&self) -> StoredValue<'_> {
        let SnapshotFile { types, ty, .. } = &self.file;
        StoredValue { state: self, typed: Typed { types, ty: *ty, bytes: self.file.body() } }
    }

    /// The value to which a path leads, like `orders[3].price`, `tokens.alice` or `tokens["a.b"]`: names of fields, variants and
    /// keys, and numbers of elements, from 0.
    ///
    /// # Errors
    ///
    /// Where it leads nowhere.
    pub fn value_at(&self, path: &str) -> Result<StoredValue<'_>, NoSuchValue> {
        let typed = select(self.value().typed, path).map_err(NoSuchValue)?;
        Ok(StoredValue { state: self, typed })
    }
}

impl StoredValue<'_> {
    /// Writes it as JSON, on one line. [`export`](crate::export) says what values look like.
    ///
    /// # Errors
    ///
    /// [`Error::NotExportable`], when a part may have been written; [`Error::Io`] of `out`.
    pub fn write_json(&self, out: impl Write) -> Result<(), Error> {
        self.told(serde_json::to_writer(out, &self.typed))
    }

    /// Writes it as JSON, for people to read.
    ///
    /// # Errors
    ///
    /// Those of [`write_json`](Self::write_json).
    pub fn write_json_pretty(&self, out: impl Write) -> Result<(), Error> {
        self.told(serde_json::to_writer_pretty(out, &self.typed))
    }

    fn told(&self, written: serde_json::Result<()>) -> Result<(), Error> {
        written.map_err(|error| {
            if error.is_io() {
                return unwritable(error.into());
            }
            Error::NotExportable {
                what: self.state.file.model.clone(),
                seq: self.state.seq(),
                file: self.state.path.clone(),
                reason: error.to_string(),
            }
        })
    }
}
