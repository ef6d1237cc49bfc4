//! The types that the files carry.

use std::collections::HashMap;

use super::StoreFiles;
use super::segments::Part;
use super::view::View;
use crate::Seq;
use crate::error::Error;
use crate::schema::dictionary::Dictionary;
use crate::schema::public::{Schema, TransactionSchema};
use crate::schema_lock::diff::diff;
use crate::snapshot::stream::SnapshotStream;

impl Schema {
    /// What has changed from this one to a newer one, by lines of the text: `−` before those that are gone, `+` before the new
    /// ones (feature `inspect`).
    #[must_use]
    pub fn diff(&self, newer: &Schema) -> String {
        diff(&self.to_string(), &newer.to_string())
    }
}

impl StoreFiles {
    /// What the store's values look like: the state, by the newest good snapshot, and the transactions, by the newest segment
    /// that tells of any.
    ///
    /// Replies are not in it, nor which transactions are retired: only the program knows.
    ///
    /// # Errors
    ///
    /// [`Error::Corrupt`]; [`Error::Io`]; [`Error::UnsupportedFormat`], [`Error::UnknownContent`].
    pub fn schema(&self) -> Result<Schema, Error> {
        self.schema_at(u64::MAX.into())
    }

    /// What they looked like at this sequence number: by the snapshot before it, and the segment that it is in, or the one
    /// before.
    ///
    /// # Errors
    ///
    /// Those of [`schema`](Self::schema); [`Error::Pruned`] where there is no snapshot so old.
    pub fn schema_at(&self, seq: Seq) -> Result<Schema, Error> {
        let view = self.view()?;
        let mut snapshots = view.directory.snapshots.range(..=seq.get()).rev();
        let mut damaged = None;
        let described = loop {
            let Some((&snapshot, _)) = snapshots.next() else {
                let oldest = view.directory.snapshot_headers().next();
                let what = "there is no snapshot";
                return Err(match (damaged, oldest) {
                    (Some(error), _) => error,
                    (None, Some(oldest)) => Error::Pruned { oldest: oldest.seq.into() },
                    (None, None) => Error::corrupt(self.dir().to_owned(), 0, None, what),
                });
            };
            match SnapshotStream::open(&view.disk, snapshot) {
                Ok(stream) => break stream.description,
                Err(error @ Error::Corrupt { .. }) => damaged = damaged.or(Some(error)),
                Err(error) => return Err(error),
            }
        };
        let dictionary = newest_dictionary(&view, seq.get())?;
        let mut types = described.types;
        let mut copied = HashMap::new();
        let mut transactions: Vec<TransactionSchema> = Vec::new();
        // Where a name is there more than once, the last one is the newest.
        for entry in dictionary.entries {
            let arguments = types.copy(&dictionary.types, entry.arguments, &mut copied);
            transactions.retain(|known| known.name != entry.name);
            transactions.push(TransactionSchema {
                name: entry.name,
                revision: entry.revision,
                is_retired: false,
                arguments,
                reply: None,
            });
        }
        let (model, version, state) = (described.model, described.version, described.ty);
        Ok(Schema { model, version, state, transactions, types })
    }
}

/// What the newest segment up to there tells that tells of any transactions: who makes one void, without the program, knows
/// of none.
fn newest_dictionary(view: &View, seq: u64) -> Result<Dictionary, Error> {
    for part in view.parts(0).iter().rev() {
        let Part::Segment(segment) = part else { continue };
        if segment.header.first_seq > seq {
            continue;
        }
        let dictionary = view.dictionary(segment, seq)?;
        if !dictionary.entries.is_empty() {
            return Ok(dictionary);
        }
    }
    Ok(Dictionary::default())
}
