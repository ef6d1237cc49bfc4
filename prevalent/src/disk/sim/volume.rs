//! Several directories of a simulated disk, between which files are moved.

use std::collections::BTreeSet;
use std::fmt;
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use parking_lot::Mutex;

use super::super::volume::Volume;
use super::super::{Disk, DiskFile, DiskLock};
use super::{Loss, SimDisk};

/// A [`SimDisk`] whose files lie in directories, by names like `store/CLEAN`; the entry of a directory itself ends in a `/`.
///
/// It promises less than one directory alone: a change of directories (a creation, a renaming, a removal, a move) is durable
/// when each directory that it touches was synced since. Of all others, whatever their order, a crash keeps any and drops any,
/// each as a whole. What is in a directory is lost with the name of the directory.
#[derive(Clone)]
pub(crate) struct SimVolume {
    pub(crate) disk: SimDisk,
    locked: Arc<Mutex<BTreeSet<PathBuf>>>,
}

impl SimVolume {
    /// The path of the directory around all others.
    pub(crate) const ROOT: &str = "/simulated";

    pub(crate) fn new() -> Self {
        Self::of(SimDisk::new())
    }

    fn of(disk: SimDisk) -> Self {
        SimVolume { disk, locked: Arc::default() }
    }

    /// What a crash may leave after the first `point` operations.
    pub(crate) fn images_at(&self, point: usize, loss: Loss) -> impl Iterator<Item = Self> {
        self.disk.images_at(point, loss).map(Self::of)
    }

    /// What the next process finds where this one was killed and the machine lives.
    pub(crate) fn after_kill(&self) -> Self {
        Self::of(self.disk.after_kill())
    }

    fn at(&self, path: &Path) -> io::Result<SimDirectory> {
        let name = path.strip_prefix(Self::ROOT).ok().and_then(Path::to_str);
        let name = name.ok_or(ErrorKind::InvalidInput)?;
        Ok(SimDirectory { volume: self.clone(), path: path.to_owned(), name: name.to_owned() })
    }
}

impl Volume for SimVolume {
    fn directory(&self, path: &Path) -> io::Result<Arc<dyn Disk>> {
        Ok(Arc::new(self.at(path)?))
    }

    fn make_directory(&self, path: &Path) -> io::Result<()> {
        self.disk.create(&self.at(path)?.entry()).map(drop)
    }

    fn remove_directory(&self, path: &Path) -> io::Result<()> {
        let directory = self.at(path)?;
        if directory.list()?.is_empty() {
            self.disk.remove(&directory.entry())
        } else {
            Err(ErrorKind::DirectoryNotEmpty.into())
        }
    }

    fn move_file(&self, name: &str, from: &Path, to: &Path) -> io::Result<()> {
        let (from, to) = (self.at(from)?, self.at(to)?);
        to.expect_there()?;
        self.disk.rename(&from.name_of(name), &to.name_of(name))
    }
}

impl fmt::Debug for SimVolume {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.disk.fmt(f)
    }
}

/// One of the directories.
#[derive(Debug)]
struct SimDirectory {
    volume: SimVolume,
    path: PathBuf,
    /// Below the root, which has an empty one.
    name: String,
}

impl SimDirectory {
    fn is_there(&self) -> bool {
        self.name.is_empty() || self.volume.disk.has_file(&self.entry())
    }

    fn expect_there(&self) -> io::Result<()> {
        if self.is_there() { Ok(()) } else { Err(ErrorKind::NotFound.into()) }
    }

    fn entry(&self) -> String {
        format!("{}/", self.name)
    }

    fn name_of(&self, file: &str) -> String {
        if self.name.is_empty() { file.to_owned() } else { format!("{}/{file}", self.name) }
    }
}

impl Disk for SimDirectory {
    fn path(&self) -> &Path {
        &self.path
    }

    fn lock(&self) -> io::Result<DiskLock> {
        if !self.is_there() {
            self.volume.make_directory(&self.path)?;
            let parent = self.path.parent().ok_or(ErrorKind::InvalidInput)?;
            self.volume.directory(parent)?.sync_dir()?;
        }
        if !self.volume.locked.lock().insert(self.path.clone()) {
            return Err(ErrorKind::WouldBlock.into());
        }
        Ok(Box::new(Lock(self.volume.clone(), self.path.clone())))
    }

    fn list(&self) -> io::Result<Vec<String>> {
        self.expect_there()?;
        let prefix = self.name_of("");
        let names = self.volume.disk.list()?.into_iter();
        let files = names.filter_map(|name| name.strip_prefix(&prefix).map(str::to_owned));
        Ok(files.filter(|name| !name.is_empty() && !name.contains('/')).collect())
    }

    fn create(&self, name: &str) -> io::Result<Arc<dyn DiskFile>> {
        self.expect_there()?;
        self.volume.disk.create(&self.name_of(name))
    }

    fn open(&self, name: &str) -> io::Result<Arc<dyn DiskFile>> {
        self.volume.disk.open(&self.name_of(name))
    }

    fn rename(&self, from: &str, to: &str) -> io::Result<()> {
        self.volume.disk.rename(&self.name_of(from), &self.name_of(to))
    }

    fn remove(&self, name: &str) -> io::Result<()> {
        self.volume.disk.remove(&self.name_of(name))
    }

    fn sync_dir(&self) -> io::Result<()> {
        self.expect_there()?;
        self.volume.disk.sync_directory(&self.name)
    }
}

struct Lock(SimVolume, PathBuf);

impl Drop for Lock {
    fn drop(&mut self) {
        self.0.locked.lock().remove(&self.1);
    }
}
