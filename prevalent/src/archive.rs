//! Where the journal goes when no snapshot that is kept needs it any more.

use std::io::ErrorKind;
use std::sync::Arc;

use crate::catalog::Prunable;
use crate::disk::publish::publish;
use crate::disk::transfer::read_to_end;
use crate::disk::{Disk, DiskLock};
use crate::error::Error;
use crate::format::names::{self, FileKind};
use crate::recovery::directory::Directory;

/// A directory for a store's old files.
pub(crate) struct Archive {
    pub(crate) disk: Arc<dyn Disk>,
}

impl Archive {
    /// Takes the archive, as long as the lock is held, and tells what is in it.
    ///
    /// # Errors
    ///
    /// `Locked`, `Io`, and `Corrupt` where it holds the files of several stores.
    pub(crate) fn open(disk: Arc<dyn Disk>) -> Result<(Archive, DiskLock, Directory), Error> {
        let dir = disk.path().to_owned();
        let lock = disk.lock().map_err(|error| match error.kind() {
            ErrorKind::WouldBlock => Error::Locked { dir },
            _ => Error::io(&dir, "create or lock the directory", error),
        })?;
        let directory = Directory::read(&*disk)?;
        Ok((Archive { disk }, lock, directory))
    }

    /// Copies what is going to be removed from the store: the segments, and a snapshot for the journal to begin with, where
    /// there is none. It is durable when this returns.
    pub(crate) fn keep(&self, store: &dyn Disk, prunable: &Prunable) -> Result<(), Error> {
        let list = self.disk.list();
        let names = list.map_err(|error| Error::io(self.disk.path(), "list", error))?;
        let has_snapshot =
            names.iter().any(|name| matches!(FileKind::of(name), FileKind::Snapshot { .. }));
        if !has_snapshot && let Some(&oldest) = prunable.snapshots.iter().min() {
            self.copy(store, &names::snapshot(oldest))?;
        }
        for &number in &prunable.segments {
            self.copy(store, &names::segment(number))?;
        }
        Ok(())
    }

    fn copy(&self, store: &dyn Disk, name: &str) -> Result<(), Error> {
        let bytes = read(store, name)?;
        let is_there = match self.disk.open(name) {
            Ok(_) => true,
            Err(error) if error.kind() == ErrorKind::NotFound => false,
            Err(error) => return Err(Error::io(&self.disk.path_of(name), "read", error)),
        };
        if !is_there {
            publish(&*self.disk, name, &bytes).map_err(|failure| failure.at(&*self.disk))?;
        }
        // What the store forgets must be readable here, whoever has written it: an earlier try, perhaps.
        if read(&*self.disk, name)? == bytes {
            return Ok(());
        }
        let what = format!(
            "it is not the same as `{}`, which belongs here",
            store.path_of(name).display()
        );
        Err(Error::corrupt(self.disk.path_of(name), 0, None, what))
    }
}

fn read(disk: &dyn Disk, name: &str) -> Result<Vec<u8>, Error> {
    disk.open(name)
        .and_then(|file| read_to_end(&*file))
        .map_err(|error| Error::io(&disk.path_of(name), "read", error))
}
