//! The state in a snapshot, as JSON.

use std::io::Write;
use std::time::SystemTime;

use super::StoreFiles;
use crate::error::Error;
use crate::json::select::select;
use crate::json::write::{Layout, Unwritten, unwritable, write_value};
use crate::schema::source::Source as _;
use crate::schema::types::TypeId;
use crate::snapshot::body::Body;
use crate::snapshot::read::Description;
use crate::snapshot::stream::SnapshotStream;
use crate::{Seq, clock};

/// The state in a snapshot: [`StoreFiles::snapshot`]. It stays on disk: what is asked for is read while it is written.
#[derive(Debug)]
pub struct SnapshotState {
    stream: SnapshotStream,
    damaged: Vec<Error>,
}

/// A value in a state.
#[derive(Clone, Copy, Debug)]
pub struct StoredValue<'a> {
    state: &'a SnapshotState,
    ty: TypeId,
    /// Where it begins.
    start: u64,
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
            let stream = SnapshotStream::open(&view.disk, seq);
            match stream.and_then(|stream| stream.check().map(|()| stream)) {
                Ok(stream) => return Ok(SnapshotState { stream, damaged }),
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
        self.stream.header.seq.into()
    }

    /// The time of the last transaction in it.
    #[must_use]
    pub fn time(&self) -> SystemTime {
        clock::from_us(self.stream.header.time_us)
    }

    /// The model's stable name.
    #[must_use]
    pub fn model(&self) -> &str {
        &self.stream.description.model
    }

    /// Newer snapshots that were passed over because they are damaged.
    #[must_use]
    pub fn damaged(&self) -> &[Error] {
        &self.damaged
    }

    /// The whole state.
    #[must_use]
    pub fn value(&self) -> StoredValue<'_> {
        let start = self.stream.body().mark();
        StoredValue { state: self, ty: self.stream.description.ty, start }
    }

    /// The value to which a path leads, like `orders[3].price`, `tokens.alice` or `tokens["a.b"]`: names of fields, variants and
    /// keys, and numbers of elements, from 0. What lies before it is read and passed over.
    ///
    /// # Errors
    ///
    /// [`Error::Io`]; [`NoSuchValue`] where it leads nowhere.
    pub fn value_at(&self, path: &str) -> Result<Result<StoredValue<'_>, NoSuchValue>, Error> {
        let Description { types, ty, .. } = &self.stream.description;
        let mut body = self.stream.body();
        let selected = select(types, *ty, &mut body, path);
        self.expect_read(&mut body)?;
        let found = |ty| StoredValue { state: self, ty, start: body.mark() };
        Ok(selected.map(found).map_err(NoSuchValue))
    }

    fn expect_read(&self, body: &mut Body<'_>) -> Result<(), Error> {
        let told = |error| Err(Error::io(&self.stream.path, "read", error));
        body.take_error().map_or(Ok(()), told)
    }
}

impl StoredValue<'_> {
    /// Writes it as JSON, on one line. [`export`](crate::export) says what values look like.
    ///
    /// # Errors
    ///
    /// [`Error::NotExportable`] and [`Error::Io`] of the snapshot, when a part may have been written; [`Error::Io`] of `out`.
    pub fn write_json(&self, out: impl Write) -> Result<(), Error> {
        self.write(out, Layout::Line)
    }

    /// Writes it as JSON, for people to read.
    ///
    /// # Errors
    ///
    /// Those of [`write_json`](Self::write_json).
    pub fn write_json_pretty(&self, out: impl Write) -> Result<(), Error> {
        self.write(out, Layout::Pretty)
    }

    fn write(&self, out: impl Write, layout: Layout) -> Result<(), Error> {
        let SnapshotState { stream, .. } = self.state;
        let mut body = stream.body_from(self.start);
        let written = write_value(&stream.description.types, self.ty, &mut body, out, layout);
        self.state.expect_read(&mut body)?;
        written.map_err(|error| match error {
            Unwritten::Output(error) => unwritable(error),
            fault @ Unwritten::Value(_) => Error::NotExportable {
                what: stream.description.model.clone(),
                seq: self.state.seq(),
                file: stream.path.clone(),
                reason: fault.to_string(),
            },
        })
    }
}
