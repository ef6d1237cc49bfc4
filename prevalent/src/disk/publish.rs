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
        Error::io(&disk.path().join(self.file), self.operation, self.source)
    }
}

/// Creates the file that will be called `name`, under the name that means nothing. What an earlier try left is removed.
pub(crate) fn create_temporary(disk: &dyn Disk, name: &str) -> Result<Arc<dyn DiskFile>, Failure> {
    let temporary = names::temporary(name);
    let failure = |operation, source| Failure { file: name.to_owned(), operation, source };
    match disk.remove(&temporary) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => {
            return Err(failure("remove what was left of", error));
        }
        _ => {}
    }
    disk.create(&temporary).map_err(|error| failure("create", error))
}

/// Makes a temporary file durable, then gives it its name; the name is durable when this returns.
pub(crate) fn give_name(disk: &dyn Disk, file: &dyn DiskFile, name: &str) -> Result<(), Failure> {
    let failure = |operation, source| Failure { file: name.to_owned(), operation, source };
    file.sync().map_err(|error| failure("sync", error))?;
    disk.rename(&names::temporary(name), name).map_err(|error| failure("rename", error))?;
    disk.sync_dir().map_err(|error| failure("sync the directory of", error))
}

/// Makes the names durable that are seen in the directory, whoever gave them: another process may have been killed before
/// it could sync them, or failed to. After a failed sync the system counts the old entries as written, so there must be a new
/// one.
pub(crate) fn confirm_names(disk: &dyn Disk) -> Result<(), Failure> {
    drop(create_temporary(disk, names::CLEAN)?);
    disk.sync_dir().map_err(|source| Failure {
        file: names::temporary(names::CLEAN),
        operation: "sync the directory of",
        source,
    })?;
    // Where it stays, it means nothing.
    let _ = disk.remove(&names::temporary(names::CLEAN));
    Ok(())
}

/// Writes a whole file, which has its name only when it is durable.
pub(crate) fn publish(
    disk: &dyn Disk,
    name: &str,
    bytes: &[u8],
) -> Result<Arc<dyn DiskFile>, Failure> {
    let file = create_temporary(disk, name)?;
    write_all_at(&*file, 0, bytes).map_err(|source| Failure {
        file: name.to_owned(),
        operation: "write",
        source,
    })?;
    give_name(disk, &*file, name)?;
    Ok(file)
}
