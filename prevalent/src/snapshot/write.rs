//! Writes snapshots, and reads back what it wrote.

use std::io;
use std::sync::Arc;

use crate::clock;
use crate::disk::publish::{Failure, create_temporary, give_name};
use crate::disk::{Disk, DiskFile, transfer::write_all_at};
use crate::format::header::{HEADER_BYTES, SnapshotHeader};
use crate::format::record::put_model;
use crate::format::{Position, StoreId, hash, names};

/// A snapshot that is written and durable, but has no name yet: nothing will ever read it.
#[derive(Debug)]
pub(crate) struct UnnamedSnapshot {
    file: Arc<dyn DiskFile>,
    name: String,
    header: SnapshotHeader,
}

/// What a snapshot holds, apart from where the journal is.
pub(crate) struct Contents<'a> {
    pub(crate) store: StoreId,
    pub(crate) model: &'static str,
    pub(crate) seq: u64,
    /// Of the last transaction in it.
    pub(crate) time_us: u64,
    pub(crate) body: &'a [u8],
}

/// Writes a snapshot under a name that means nothing, and makes its contents durable.
pub(crate) fn write(disk: &dyn Disk, contents: &Contents<'_>) -> Result<UnnamedSnapshot, Failure> {
    let name = names::snapshot(contents.seq);
    let failure = |operation, source| Failure { file: name.clone(), operation, source };

    let mut description = Vec::new();
    put_model(&mut description, contents.model);
    let description_bytes = u32::try_from(description.len()).map_err(|_| {
        failure(
            "write",
            io::Error::new(io::ErrorKind::InvalidInput, "the model's name is too long"),
        )
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

    let file = create_temporary(disk, &name)?;
    let body_offset = (HEADER_BYTES + description.len()) as u64;
    write_all_at(&*file, HEADER_BYTES as u64, &description)
        .map_err(|error| failure("write", error))?;
    write_all_at(&*file, body_offset, contents.body).map_err(|error| failure("write", error))?;
    Ok(UnnamedSnapshot { file, name, header })
}

impl UnnamedSnapshot {
    /// Gives the snapshot its name. The journal must be durable through `journal`, and all that the snapshot holds lie
    /// before it: a snapshot never overtakes the journal.
    pub(crate) fn publish(
        mut self,
        disk: &dyn Disk,
        journal: Position,
    ) -> Result<SnapshotHeader, Failure> {
        let failure = |operation, source| Failure { file: self.name.clone(), operation, source };
        self.header.journal = journal;
        write_all_at(&*self.file, 0, &self.header.encode())
            .map_err(|error| failure("write", error))?;
        give_name(disk, &*self.file, &self.name)?;
        Ok(self.header)
    }

    /// Removes the file, as far as that goes: a failed snapshot leaves nothing behind that the next open wouldn't remove.
    pub(crate) fn abandon(self, disk: &dyn Disk) {
        let _ = disk.remove(&names::temporary(&self.name));
    }
}
