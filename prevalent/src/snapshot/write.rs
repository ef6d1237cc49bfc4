//! Writes snapshots, and reads back what it wrote.

use std::collections::HashMap;
use std::io;

use crate::clock;
use crate::disk::Disk;
use crate::disk::publish::{Failure, Temporary};
use crate::format::header::{HEADER_BYTES, SnapshotHeader};
use crate::format::record::{ModelRecord, put_keys, put_model, put_origin, put_types};
use crate::format::{Position, StoreId, hash, names};
use crate::idempotency::Window;
use crate::origin::Origin;
use crate::schema::Schema;
use crate::schema::types::Types;

/// A snapshot that is written, but has no name yet: nothing will ever read it.
#[derive(Debug)]
pub(crate) struct UnnamedSnapshot<'a> {
    file: Temporary<'a>,
    header: SnapshotHeader,
}

/// What a snapshot holds, apart from where the journal is.
pub(crate) struct Contents<'a> {
    pub(crate) store: StoreId,
    /// The model's name and version.
    pub(crate) model: ModelRecord<'a>,
    pub(crate) schema: &'a Schema,
    pub(crate) seq: u64,
    /// Of the last transaction in it.
    pub(crate) time_us: u64,
    /// The store that this one was made from.
    pub(crate) origin: Option<&'a Origin>,
    /// What is remembered of idempotent transactions.
    pub(crate) window: &'a Window,
    pub(crate) body: &'a [u8],
}

/// Writes a snapshot under a name that means nothing.
pub(crate) fn write<'a>(
    disk: &'a dyn Disk,
    contents: &Contents<'_>,
) -> Result<UnnamedSnapshot<'a>, Failure> {
    let name = names::snapshot(contents.seq);
    let mut description = Vec::new();
    let mut types = Types::default();
    let ty = types.copy(&contents.schema.types, contents.schema.model, &mut HashMap::new());
    let keys = contents.window.described(&mut types);
    put_types(&mut description, types.all());
    put_model(&mut description, &ModelRecord { ty: Some(ty), ..contents.model });
    if let Some(origin) = contents.origin {
        put_origin(&mut description, &origin.to_record());
    }
    put_keys(&mut description, &keys);
    let description_bytes = u32::try_from(description.len()).map_err(|error| Failure {
        file: name.clone(),
        operation: "describe the model in",
        source: io::Error::other(error),
    })?;
    let header = SnapshotHeader {
        store: contents.store,
        seq: contents.seq,
        journal: Position::default(),
        time_us: contents.time_us,
        created_us: clock::now_us(),
        description_hash: hash(&description),
        body_hash: hash(contents.body),
        body_bytes: contents.body.len() as u64,
        description_bytes,
    };
    let file = Temporary::create(disk, &name)?;
    file.write_at(HEADER_BYTES as u64, &description)?;
    file.write_long_at((HEADER_BYTES + description.len()) as u64, contents.body)?;
    Ok(UnnamedSnapshot { file, header })
}

impl UnnamedSnapshot<'_> {
    /// Makes the snapshot durable and gives it its name. The journal must be durable through `journal`, and all that the
    /// snapshot holds lie before it: a snapshot never overtakes the journal.
    pub(crate) fn publish(mut self, journal: Position) -> Result<SnapshotHeader, Failure> {
        self.header.journal = journal;
        self.file.write_at(0, &self.header.encode())?;
        self.file.give_name()?;
        Ok(self.header)
    }
}
