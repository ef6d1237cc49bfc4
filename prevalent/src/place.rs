//! The directory of a store that is not open: of one that is read from outside, or is about to be made.

use std::io::ErrorKind;
use std::path::PathBuf;
use std::sync::Arc;

use crate::disk::real::RealDisk;
use crate::disk::{Disk, DiskLock, lock};
use crate::error::Error;
use crate::format::names::{self, FileKind};

/// Where a store is, or will be.
#[derive(Clone, Debug)]
pub(crate) enum Place {
    Directory(PathBuf),
    #[cfg(feature = "testing")]
    Disk(Arc<dyn Disk>),
}

impl Place {
    /// The directory as it is: nothing is touched.
    pub(crate) fn disk(self) -> Result<Arc<dyn Disk>, Error> {
        match self {
            #[cfg(feature = "testing")]
            Place::Disk(disk) => Ok(disk),
            Place::Directory(dir) => match RealDisk::new(&dir) {
                Ok(disk) => Ok(Arc::new(disk)),
                Err(error) => Err(Error::io(&dir, "open", error)),
            },
        }
    }

    /// The directory, locked. Who only looks, or changes what is there, must not make it.
    pub(crate) fn lock(self, may_create: MayCreate) -> Result<(Arc<dyn Disk>, DiskLock), Error> {
        if let Place::Directory(dir) = &self
            && may_create == MayCreate::No
            && !dir.is_dir()
        {
            return Err(Error::NoStore { dir: dir.clone() });
        }
        let disk = self.disk()?;
        let lock = lock(&*disk)?;
        Ok((disk, lock))
    }

    /// Makes a store here with `make`, which gives the snapshot its name last. There must be none, and no part of one.
    /// Where it fails, nothing of it is left.
    pub(crate) fn make_store<T>(
        self,
        make: impl FnOnce(&Arc<dyn Disk>) -> Result<T, Error>,
    ) -> Result<T, Error> {
        let (disk, _lock) = self.lock(MayCreate::Yes)?;
        let names = disk.list().map_err(|error| Error::io(disk.path(), "list", error))?;
        if names.iter().any(|name| name == names::ARCHIVE) {
            return Err(Error::holds_an_archive(disk.path()));
        }
        if names.iter().any(|name| name == names::BACKUP) {
            return Err(Error::holds_a_backup(disk.path()));
        }
        for name in names {
            let kind = FileKind::of(&name);
            if kind.is_of_store() {
                return Err(Error::StoreExists { file: disk.path_of(&name) });
            }
            if kind == FileKind::Temporary {
                let removed = disk.remove(&name);
                removed.map_err(|error| Error::io(&disk.path_of(&name), "remove", error))?;
            }
        }
        make(&disk).inspect_err(|_| remove_all(&*disk))
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum MayCreate {
    Yes,
    No,
}

/// Nothing may be made, not even a directory, where there is nothing to work on.
///
/// # Errors
///
/// `NoStore`, `Io`.
pub(crate) fn expect_store(disk: &dyn Disk) -> Result<(), Error> {
    let names = match disk.list() {
        Err(error) if error.kind() == ErrorKind::NotFound => Vec::new(),
        names => names.map_err(|error| Error::io(disk.path(), "list", error))?,
    };
    let is_store = names.iter().any(|name| FileKind::of(name).is_of_store());
    if is_store { Ok(()) } else { Err(Error::NoStore { dir: disk.path().to_owned() }) }
}

/// Leaves nothing of a store that was not completed. The snapshot goes first: what is left without it is no store.
pub(crate) fn remove_all(disk: &dyn Disk) {
    let Ok(mut names) = disk.list() else { return };
    names.retain(|name| FileKind::of(name) != FileKind::Other);
    names.sort_by_key(|name| !matches!(FileKind::of(name), FileKind::Snapshot { .. }));
    for name in names {
        if disk.remove(&name).is_err() {
            return;
        }
    }
    // Where it fails, the names come back, in an order that is no store either.
    let _ = disk.sync_dir();
}
