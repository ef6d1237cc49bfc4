//! A store's files as they are at one moment: held open, so that none of them goes while it is read.

use std::collections::HashMap;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::{Disk, DiskFile, DiskLock};
use crate::error::Error;
use crate::format::names::FileKind;

/// The files of a store whose owner may write and remove some meanwhile. What is removed can still be read, what comes later is
/// not seen; the newest segment grows. Nothing can be written.
#[derive(Debug)]
pub(crate) struct Pinned {
    disk: Arc<dyn Disk>,
    names: Vec<String>,
    open: HashMap<String, Arc<dyn DiskFile>>,
}

/// So often it is listed once more, because the list has changed meanwhile.
const TRIES: u32 = 20;

/// So many files are held open, the oldest ones, which go first. A process may have a thousand at least.
const OPEN_MAX: usize = 500;

impl Pinned {
    /// Holds all files that are there now.
    ///
    /// # Errors
    ///
    /// `Io`.
    pub(crate) fn new(disk: Arc<dyn Disk>) -> Result<Self, Error> {
        let mut names = list(&*disk)?;
        for _ in 0..TRIES {
            let open = hold(&*disk, &names)?;
            // A list is not made in one moment: it may have a snapshot, and lack the segment that it names.
            let now = list(&*disk)?;
            if now == names {
                return Ok(Pinned { disk, names, open });
            }
            names = now;
        }
        // An owner that is so busy: what is missing is told when it is needed.
        let open = hold(&*disk, &names)?;
        Ok(Pinned { disk, names, open })
    }

    /// Leaves this file out. Whether it was there.
    #[cfg(feature = "inspect")]
    pub(crate) fn hide(&mut self, name: &str) -> bool {
        let before = self.names.len();
        self.names.retain(|known| known != name);
        self.names.len() < before
    }
}

fn list(disk: &dyn Disk) -> Result<Vec<String>, Error> {
    let mut names = disk.list().map_err(|error| Error::io(disk.path(), "list", error))?;
    // Snapshots first, then the segments, oldest first: those that go next are held first.
    let is_snapshot = |name: &str| matches!(FileKind::of(name), FileKind::Snapshot { .. });
    names.sort_by(|a, b| is_snapshot(b).cmp(&is_snapshot(a)).then(a.cmp(b)));
    Ok(names)
}

fn hold(disk: &dyn Disk, names: &[String]) -> Result<HashMap<String, Arc<dyn DiskFile>>, Error> {
    let mut open = HashMap::new();
    for name in names.iter().filter(|name| FileKind::of(name).is_of_store()).take(OPEN_MAX) {
        match disk.open(name) {
            Ok(file) => drop(open.insert(name.clone(), file)),
            // It has gone, and will be missing from the next list; or it is a link to nowhere.
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(error) => return Err(Error::io(&disk.path_of(name), "open", error)),
        }
    }
    Ok(open)
}

impl Disk for Pinned {
    fn path(&self) -> &Path {
        self.disk.path()
    }

    fn path_of(&self, name: &str) -> PathBuf {
        self.disk.path_of(name)
    }

    fn lock(&self) -> io::Result<DiskLock> {
        Err(io::ErrorKind::Unsupported.into())
    }

    fn list(&self) -> io::Result<Vec<String>> {
        Ok(self.names.clone())
    }

    fn create(&self, _name: &str) -> io::Result<Arc<dyn DiskFile>> {
        Err(io::ErrorKind::Unsupported.into())
    }

    fn open(&self, name: &str) -> io::Result<Arc<dyn DiskFile>> {
        match self.open.get(name) {
            Some(file) => Ok(file.clone()),
            None => self.disk.open(name),
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
    use crate::disk::sim::SimDisk;
    use crate::disk::transfer::read_to_end;
    use crate::format::names;

    #[test]
    fn what_is_removed_meanwhile_can_still_be_read_and_what_is_new_is_not_there() {
        let root = tempfile::tempdir().unwrap();
        let disk = Arc::new(crate::disk::real::RealDisk::new(root.path()).unwrap());
        let (one, two) = (names::segment(1), names::segment(2));
        std::fs::write(root.path().join(&one), "one").unwrap();
        let pinned = Pinned::new(disk).unwrap();
        std::fs::remove_file(root.path().join(&one)).unwrap();
        std::fs::write(root.path().join(&two), "two").unwrap();
        assert_eq!(pinned.list().unwrap(), std::slice::from_ref(&one));
        assert_eq!(read_to_end(&*pinned.open(&one).unwrap()).unwrap(), b"one");
    }

    #[test]
    fn no_more_files_are_held_open_than_a_process_may_have() {
        let disk = SimDisk::new();
        for number in 1..=OPEN_MAX as u64 + 3 {
            disk.create(&names::segment(number)).unwrap();
        }
        let pinned = Pinned::new(Arc::new(disk)).unwrap();
        assert_eq!(pinned.open.len(), OPEN_MAX);
        assert!(pinned.open.contains_key(&names::segment(1)), "the oldest go first");
        assert!(
            pinned.open(&names::segment(OPEN_MAX as u64 + 3)).is_ok(),
            "the others are there, too"
        );
    }

    #[test]
    fn nothing_can_be_written() {
        let disk = SimDisk::new();
        disk.set_file("CLEAN", b"x".to_vec());
        let pinned = Pinned::new(Arc::new(disk.clone())).unwrap();
        let before = disk.operations().len();
        assert!(pinned.create("a").is_err() && pinned.remove("CLEAN").is_err());
        assert!(pinned.rename("CLEAN", "a").is_err() && pinned.lock().is_err());
        assert!(pinned.sync_dir().is_err());
        assert_eq!(disk.operations().len(), before);
    }
}
