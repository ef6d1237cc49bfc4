//! A directory as the place of a backup.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::target::{BackupTarget, TargetLock};
use crate::disk::Disk;
use crate::disk::publish::publish;
use crate::disk::real::RealDisk;
use crate::disk::transfer::read_to_end;
use crate::format::names::FileKind;

/// A directory with a backup.
#[derive(Debug)]
pub(super) struct DirectoryTarget {
    path: PathBuf,
    /// `None` for a path that is none; what is then asked for is an error.
    disk: Option<Arc<dyn Disk>>,
}

impl DirectoryTarget {
    /// The directory at `path`; nothing is touched yet.
    pub(super) fn at(path: &Path) -> Self {
        let disk = RealDisk::new(path).ok().map(|disk| Arc::new(disk) as Arc<dyn Disk>);
        DirectoryTarget { path: path.to_owned(), disk }
    }

    #[cfg(feature = "testing")]
    pub(super) fn on(disk: Arc<dyn Disk>) -> Self {
        DirectoryTarget { path: disk.path().to_owned(), disk: Some(disk) }
    }

    fn disk(&self) -> io::Result<&dyn Disk> {
        let what = "this is no path, or a relative one without a working directory";
        self.disk.as_deref().ok_or_else(|| io::Error::new(io::ErrorKind::InvalidInput, what))
    }
}

impl BackupTarget for DirectoryTarget {
    fn put(&self, name: &str, content: &[u8]) -> io::Result<()> {
        publish(self.disk()?, name, content).map(drop).map_err(|failure| failure.source)
    }

    fn get(&self, name: &str) -> io::Result<Vec<u8>> {
        read_to_end(&*self.disk()?.open(name)?)
    }

    fn describe(&self) -> String {
        self.path.display().to_string()
    }

    fn lock(&self) -> io::Result<TargetLock> {
        let disk = self.disk()?;
        expect_no_store(disk)?;
        let lock = disk.lock().map_err(|error| match error.kind() {
            io::ErrorKind::WouldBlock => {
                let what = "another backup is being written there, or a store is open there";
                io::Error::new(io::ErrorKind::WouldBlock, what)
            }
            _ => error,
        })?;
        Ok(Box::new(lock))
    }
}

/// A store with a backup among its files would be taken for the backup, and not be opened any more.
fn expect_no_store(disk: &dyn Disk) -> io::Result<()> {
    let names = match disk.list() {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        names => names?,
    };
    if names.iter().any(|name| FileKind::of(name).is_of_store()) {
        let what = "a store is there; a backup needs a directory of its own";
        return Err(io::Error::new(io::ErrorKind::AlreadyExists, what));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::format::names;

    #[test]
    fn a_directory_with_a_store_is_no_place_for_a_backup_and_stays_as_it_is() {
        let root = tempfile::tempdir().unwrap();
        let dir = root.path().join("store");
        std::fs::create_dir(&dir).unwrap();
        std::fs::write(dir.join(names::snapshot(0)), "a store").unwrap();
        let refused = DirectoryTarget::at(&dir).lock().err().unwrap();
        assert_eq!(refused.kind(), io::ErrorKind::AlreadyExists);
        assert_eq!(std::fs::read_dir(&dir).unwrap().count(), 1);
        drop(DirectoryTarget::at(&root.path().join("backup")).lock().unwrap());
    }
}
