//! The directory of a store that is not open: of one that is read from outside, or is about to be made.

use std::io::ErrorKind;
use std::path::PathBuf;
use std::sync::Arc;

use crate::disk::pinned::Pinned;
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

    /// The files that are there now, held open.
    pub(crate) fn pinned(self) -> Result<Arc<dyn Disk>, Error> {
        let disk = self.disk()?;
        match Pinned::new(disk.clone()) {
            Ok(pinned) => Ok(Arc::new(pinned)),
            Err(Error::Io { source, .. }) if source.kind() == ErrorKind::NotFound => {
                Err(Error::NoStore { dir: disk.path().to_owned() })
            }
            Err(error) => Err(error),
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

    /// Makes a store here: [`make_store`].
    pub(crate) fn make_store<T>(
        self,
        make: impl FnOnce(&Arc<dyn Disk>) -> Result<T, Error>,
    ) -> Result<T, Error> {
        let (disk, _lock) = self.lock(MayCreate::Yes)?;
        make_store(&disk, make)
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum MayCreate {
    Yes,
    No,
}

/// Makes a store with `make`, which gives the snapshot its name last. There must be none, and no part of one. Where it fails,
/// nothing of it is left. The caller holds the lock.
pub(crate) fn make_store<T>(
    disk: &Arc<dyn Disk>,
    make: impl FnOnce(&Arc<dyn Disk>) -> Result<T, Error>,
) -> Result<T, Error> {
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
    make(disk).inspect_err(|_| remove_all(&**disk))
}

/// Nothing may be made, not even a directory, where there is nothing to work on.
///
/// # Errors
///
/// `NoStore`; `NotAStore` for a backup or an archive; `Io`.
pub(crate) fn expect_store(disk: &dyn Disk) -> Result<(), Error> {
    let names = names_in(disk)?;
    if names.iter().any(|name| name == names::ARCHIVE) {
        return Err(Error::holds_an_archive(disk.path()));
    }
    expect_files(disk, &names)
}

/// The same for who makes another store of it: what a store has archived serves as well.
///
/// # Errors
///
/// `NoStore`; `NotAStore` for a backup; `Io`.
pub(crate) fn expect_store_or_archive(disk: &dyn Disk) -> Result<(), Error> {
    expect_files(disk, &names_in(disk)?)
}

fn names_in(disk: &dyn Disk) -> Result<Vec<String>, Error> {
    match disk.list() {
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(Vec::new()),
        names => names.map_err(|error| Error::io(disk.path(), "list", error)),
    }
}

fn expect_files(disk: &dyn Disk, names: &[String]) -> Result<(), Error> {
    if names.iter().any(|name| FileKind::of(name).is_of_store()) {
        return Ok(());
    }
    if names.iter().any(|name| name == names::BACKUP) {
        return Err(Error::holds_a_backup(disk.path()));
    }
    Err(Error::NoStore { dir: disk.path().to_owned() })
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::disk::publish::publish;
    use crate::disk::sim::{Loss, SimDisk};

    #[test]
    fn what_is_left_of_a_store_that_was_not_completed_is_gone_for_good() {
        let disk = SimDisk::new();
        for name in [names::segment(1), names::snapshot(0), names::CLEAN.to_owned()] {
            publish(&disk, &name, b"a part of a store").unwrap();
        }
        remove_all(&disk);
        for image in disk.images_at(disk.operations().len(), Loss::KeepOrDrop) {
            assert!(image.file_names().is_empty(), "{image:?}");
        }
    }
}
