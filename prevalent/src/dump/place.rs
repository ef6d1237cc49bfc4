//! The directory of an export or import.

use std::io;
use std::path::PathBuf;
use std::sync::Arc;

use crate::disk::real::RealDisk;
use crate::disk::{Disk, DiskLock};
use crate::error::Error;

/// Where a store is, or will be.
#[derive(Debug)]
pub(super) enum Place {
    Directory(PathBuf),
    #[cfg(feature = "testing")]
    Disk(Arc<dyn Disk>),
}

impl Place {
    /// The directory, locked. An export must not make it.
    pub(super) fn lock(self, may_create: MayCreate) -> Result<(Arc<dyn Disk>, DiskLock), Error> {
        let disk = match self {
            #[cfg(feature = "testing")]
            Place::Disk(disk) => disk,
            Place::Directory(dir) => {
                if may_create == MayCreate::No && !dir.is_dir() {
                    return Err(Error::NoStore { dir });
                }
                let disk = RealDisk::new(&dir).map_err(|error| Error::io(&dir, "open", error))?;
                Arc::new(disk)
            }
        };
        let lock = disk.lock().map_err(|error| match error.kind() {
            io::ErrorKind::WouldBlock => Error::Locked { dir: disk.path().to_owned() },
            _ => Error::io(disk.path(), "create or lock the directory", error),
        })?;
        Ok((disk, lock))
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum MayCreate {
    Yes,
    No,
}
