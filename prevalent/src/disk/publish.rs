//! Files that appear whole: written under a name that means nothing, and renamed when they are durable.

use std::io;
use std::sync::Arc;

use super::transfer::write_all_at;
use super::{Disk, DiskFile};
use crate::error::Error;
use crate::format::names;

/// An I/O error with its place.
#[derive(Debug)]
pub(crate) struct Failure {
    pub(crate) file: String,
    pub(crate) operation: &'static str,
    pub(crate) source: io::Error,
}

impl Failure {
    pub(crate) fn at(self, disk: &dyn Disk) -> Error {
        Error::io(&disk.path_of(&self.file), self.operation, self.source)
    }
}

/// A file that is being written, under a name that means nothing. Unless it is given its own, it is removed when this is
/// dropped: where a disk is full, what failed must not hold the room that is left.
#[derive(Debug)]
pub(crate) struct Temporary<'a> {
    disk: &'a dyn Disk,
    file: Arc<dyn DiskFile>,
    name: String,
    is_kept: bool,
}

/// Takes a disk about a millisecond.
const PIECE_BYTES: usize = 1 << 20;

impl<'a> Temporary<'a> {
    /// Creates the file that will be called `name`. What an earlier try left is removed.
    pub(crate) fn create(disk: &'a dyn Disk, name: &str) -> Result<Self, Failure> {
        let temporary = names::temporary(name);
        let failure = |operation, source| Failure { file: name.to_owned(), operation, source };
        match disk.remove(&temporary) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => {
                return Err(failure("remove what was left of", error));
            }
            _ => {}
        }
        let file = disk.create(&temporary).map_err(|error| failure("create", error))?;
        Ok(Temporary { disk, file, name: name.to_owned(), is_kept: false })
    }

    pub(crate) fn file(&self) -> &dyn DiskFile {
        &*self.file
    }

    /// Leaves the file as it is, to be taken up again.
    pub(crate) fn put_aside(mut self) -> Arc<dyn DiskFile> {
        self.is_kept = true;
        self.file.clone()
    }

    /// Goes on with a file that was put aside.
    pub(crate) fn take_up(disk: &'a dyn Disk, name: &str, file: Arc<dyn DiskFile>) -> Self {
        Temporary { disk, file, name: name.to_owned(), is_kept: false }
    }

    pub(crate) fn write_at(&self, offset: u64, bytes: &[u8]) -> Result<(), Failure> {
        write_all_at(&*self.file, offset, bytes).map_err(|source| self.failure("write", source))
    }

    /// Writes what may be long, in pieces, each of which is made durable before the next one: a sync of all of it at once would
    /// hold up the syncs of other files for as long as the disk takes to write it.
    pub(crate) fn write_long_at(&self, mut offset: u64, bytes: &[u8]) -> Result<(), Failure> {
        let mut pieces = bytes.chunks(PIECE_BYTES).peekable();
        while let Some(piece) = pieces.next() {
            self.write_at(offset, piece)?;
            offset += piece.len() as u64;
            // The last one is synced with the file.
            if pieces.peek().is_some() {
                self.file.sync().map_err(|source| self.failure("sync", source))?;
            }
        }
        Ok(())
    }

    /// Makes the file durable, then gives it its name, and makes that durable.
    pub(crate) fn give_name(mut self) -> Result<Arc<dyn DiskFile>, Failure> {
        self.file.sync().map_err(|source| self.failure("sync", source))?;
        self.disk
            .rename(&names::temporary(&self.name), &self.name)
            .map_err(|source| self.failure("rename", source))?;
        self.is_kept = true;
        self.disk.sync_dir().map_err(|source| self.failure("sync the directory of", source))?;
        Ok(self.file.clone())
    }

    fn failure(&self, operation: &'static str, source: io::Error) -> Failure {
        Failure { file: self.name.clone(), operation, source }
    }
}

impl Drop for Temporary<'_> {
    fn drop(&mut self) {
        if !self.is_kept {
            // Where it stays, it means nothing.
            let _ = self.disk.remove(&names::temporary(&self.name));
        }
    }
}

/// Makes the names durable that are seen in the directory, whoever gave them: another process may have been killed before
/// it could sync them, or failed to. After a failed sync the system counts the old entries as written, so there must be a new
/// one.
pub(crate) fn confirm_names(disk: &dyn Disk) -> Result<(), Failure> {
    let entry = Temporary::create(disk, names::CLEAN)?;
    disk.sync_dir().map_err(|source| entry.failure("sync the directory of", source))
}

/// Writes a whole file, which has its name only when it is durable.
pub(crate) fn publish(
    disk: &dyn Disk,
    name: &str,
    bytes: &[u8],
) -> Result<Arc<dyn DiskFile>, Failure> {
    let file = Temporary::create(disk, name)?;
    file.write_at(0, bytes)?;
    file.give_name()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::disk::sim::{Fault, OperationKind, SimDisk};

    #[test]
    fn what_is_long_is_made_durable_piece_by_piece() {
        for (len, syncs) in
            [(0, 0), (1, 0), (PIECE_BYTES, 0), (PIECE_BYTES + 1, 1), (3 * PIECE_BYTES, 2)]
        {
            let disk = SimDisk::new();
            let bytes: Vec<u8> = (0..=250).cycle().take(len).collect();
            let file = Temporary::create(&disk, "a").unwrap();
            file.write_long_at(7, &bytes).unwrap();
            let operations = disk.operations();
            let synced = operations.iter().filter(|one| one.kind == OperationKind::Sync);
            assert_eq!(synced.count(), syncs, "{len}");
            let content = disk.file(&names::temporary("a")).unwrap();
            assert!(content.get(7..).unwrap_or_default() == bytes, "{len}");
        }
    }
    #[test]
    fn what_is_left_and_can_not_be_removed_is_an_error_that_says_so() {
        let disk = SimDisk::new();
        disk.create(&names::temporary("a")).unwrap();
        disk.fail_operation(disk.operations().len(), Fault::Eio);
        let error = Temporary::create(&disk, "a").unwrap_err();
        assert_eq!(error.operation, "remove what was left of");
    }

    #[test]
    fn a_piece_that_can_not_be_made_durable_is_an_error() {
        let disk = SimDisk::new();
        let file = Temporary::create(&disk, "a").unwrap();
        // The write of the first piece, then its sync.
        disk.fail_operation(disk.operations().len() + 1, Fault::Eio);
        let error = file.write_long_at(0, &vec![7; PIECE_BYTES + 1]).unwrap_err();
        assert_eq!(error.operation, "sync");
    }
}
