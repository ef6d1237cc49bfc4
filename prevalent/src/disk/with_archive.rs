//! A store's directory, and behind it the one to which its old files go: for reading.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::{Disk, DiskFile, DiskLock};
use crate::format::names::FileKind;

/// The files of a store, those in its archive included. What is in both is read from the store.
#[derive(Debug)]
pub(crate) struct WithArchive {
    store: Arc<dyn Disk>,
    archive: Arc<dyn Disk>,
}

impl WithArchive {
    pub(crate) fn new(store: Arc<dyn Disk>, archive: Arc<dyn Disk>) -> Self {
        WithArchive { store, archive }
    }
}

fn segment(name: &str) -> Option<u64> {
    match FileKind::of(name) {
        FileKind::Segment { number } => Some(number),
        _ => None,
    }
}

impl Disk for WithArchive {
    fn path(&self) -> &Path {
        self.store.path()
    }

    fn path_of(&self, name: &str) -> PathBuf {
        match self.store.open(name) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => self.archive.path_of(name),
            _ => self.store.path_of(name),
        }
    }

    fn lock(&self) -> io::Result<DiskLock> {
        Err(io::ErrorKind::Unsupported.into())
    }

    fn list(&self) -> io::Result<Vec<String>> {
        // The store first: what is moved meanwhile is seen in one of them at least.
        let mut names = self.store.list()?;
        let archived = match self.archive.list() {
            Err(error) if error.kind() == io::ErrorKind::NotFound => Vec::new(),
            archived => archived?,
        };
        let newest = names.iter().filter_map(|name| segment(name)).max().unwrap_or(0);
        // A store that was set back to an earlier copy has not got what lies ahead of it.
        let is_history = |name: &String| match FileKind::of(name) {
            FileKind::Segment { number } => number <= newest,
            FileKind::Snapshot { .. } => true,
            _ => false,
        };
        names.extend(archived.into_iter().filter(is_history));
        names.sort_unstable();
        names.dedup();
        Ok(names)
    }

    fn create(&self, _name: &str) -> io::Result<Arc<dyn DiskFile>> {
        Err(io::ErrorKind::Unsupported.into())
    }

    fn open(&self, name: &str) -> io::Result<Arc<dyn DiskFile>> {
        match self.store.open(name) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => self.archive.open(name),
            opened => opened,
        }
    }

    fn rename(&self, _from: &str, _to: &str) -> io::Result<()> {
        Err(io::ErrorKind::Unsupported.into())
    }

    fn remove(&self, _name: &str) -> io::Result<()> {
        Err(io::ErrorKind::Unsupported.into())
    }

    fn sync_dir(&self) -> io::Result<()> {
        Err(io::ErrorKind::Unsupported.into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::disk::memory::MemoryDisk;

    #[test]
    fn nothing_is_written() {
        let disk = || Arc::new(MemoryDisk::new()) as Arc<dyn Disk>;
        let both = WithArchive::new(disk(), disk());
        let outcomes = [
            both.lock().map(drop),
            both.create("a").map(drop),
            both.rename("a", "b"),
            both.remove("a"),
            both.sync_dir(),
        ];
        for outcome in outcomes {
            assert_eq!(outcome.unwrap_err().kind(), io::ErrorKind::Unsupported);
        }
    }
}
