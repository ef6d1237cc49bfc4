//! Directories on one file system, between which files are moved: what a repair asks of a disk beyond one directory.

use std::fmt::Debug;
use std::fs;
use std::io;
use std::path::Path;
use std::sync::Arc;

use super::Disk;
use super::real::{LOCK_FILE, RealDisk};

/// A file system with directories of stores.
pub(crate) trait Volume: Debug {
    /// The directory with this path; nothing is touched yet.
    ///
    /// # Errors
    ///
    /// Where the path is none.
    fn directory(&self, path: &Path) -> io::Result<Arc<dyn Disk>>;

    /// Makes a directory. Its name is durable when the directory around it is synced.
    ///
    /// # Errors
    ///
    /// [`io::ErrorKind::AlreadyExists`] where something has this name, and those of the operating system.
    fn make_directory(&self, path: &Path) -> io::Result<()>;

    /// Removes a directory in which there is nothing, unless it is a file that has carried a lock.
    ///
    /// # Errors
    ///
    /// [`io::ErrorKind::DirectoryNotEmpty`] where there is something else, and those of the operating system.
    fn remove_directory(&self, path: &Path) -> io::Result<()>;

    /// Moves a file from one directory to another one, in one step; a file that has this name there is replaced. It is
    /// durable when both directories are synced.
    ///
    /// # Errors
    ///
    /// [`io::ErrorKind::CrossesDevices`] where they are not on the same file system, and those of the operating system.
    fn move_file(&self, name: &str, from: &Path, to: &Path) -> io::Result<()>;
}

/// The directories of the operating system.
#[derive(Debug)]
pub(crate) struct RealVolume;

impl Volume for RealVolume {
    fn directory(&self, path: &Path) -> io::Result<Arc<dyn Disk>> {
        Ok(Arc::new(RealDisk::new(path)?))
    }

    fn make_directory(&self, path: &Path) -> io::Result<()> {
        fs::create_dir(path)
    }

    fn remove_directory(&self, path: &Path) -> io::Result<()> {
        match fs::remove_file(path.join(LOCK_FILE)) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            removed => removed?,
        }
        fs::remove_dir(path)
    }

    fn move_file(&self, name: &str, from: &Path, to: &Path) -> io::Result<()> {
        fs::rename(from.join(name), to.join(name))
    }
}

#[cfg(test)]
mod tests {
    use std::io::ErrorKind;

    use super::*;
    use crate::disk::lock;
    use crate::disk::sim::SimVolume;
    use crate::disk::transfer::{read_to_end, write_all_at};

    fn directories_are_made_once_and_removed_when_they_are_empty(volume: &dyn Volume, root: &Path) {
        let (a, b) = (root.join("a"), root.join("b"));
        let disk = volume.directory(&a).unwrap();
        assert_eq!(disk.list().unwrap_err().kind(), ErrorKind::NotFound);
        assert_eq!(disk.create("file").unwrap_err().kind(), ErrorKind::NotFound);
        volume.make_directory(&a).unwrap();
        assert_eq!(volume.make_directory(&a).unwrap_err().kind(), ErrorKind::AlreadyExists);
        assert!(disk.list().unwrap().is_empty());
        drop(lock(&*disk).unwrap());
        disk.create("file").unwrap();
        disk.sync_dir().unwrap();
        volume.directory(root).unwrap().sync_dir().unwrap();
        assert_eq!(volume.remove_directory(&a).unwrap_err().kind(), ErrorKind::DirectoryNotEmpty);
        disk.remove("file").unwrap();
        volume.remove_directory(&a).unwrap();
        assert_eq!(disk.list().unwrap_err().kind(), ErrorKind::NotFound);
        assert_eq!(volume.remove_directory(&b).unwrap_err().kind(), ErrorKind::NotFound);
    }

    fn a_file_is_moved_with_its_content(volume: &dyn Volume, root: &Path) {
        let (a, b) = (root.join("a"), root.join("b"));
        volume.make_directory(&a).unwrap();
        let disks = [&a, &b].map(|path| volume.directory(path).unwrap());
        write_all_at(&*disks[0].create("file").unwrap(), 0, b"content").unwrap();
        assert_eq!(volume.move_file("file", &a, &b).unwrap_err().kind(), ErrorKind::NotFound);
        volume.make_directory(&b).unwrap();
        disks[1].create("file").unwrap();
        volume.move_file("file", &a, &b).unwrap();
        assert_eq!(volume.move_file("file", &a, &b).unwrap_err().kind(), ErrorKind::NotFound);
        assert!(disks[0].list().unwrap().is_empty());
        assert_eq!(disks[1].list().unwrap(), ["file"]);
        assert_eq!(read_to_end(&*disks[1].open("file").unwrap()).unwrap(), b"content");
    }

    fn each_directory_has_a_lock_of_its_own(volume: &dyn Volume, root: &Path) {
        let [a, b] = ["a", "b"].map(|name| volume.directory(&root.join(name)).unwrap());
        let first = a.lock().unwrap();
        assert_eq!(a.lock().err().unwrap().kind(), ErrorKind::WouldBlock);
        drop(b.lock().unwrap());
        drop(first);
        drop(a.lock().unwrap());
        assert!(a.list().unwrap().is_empty() && b.list().unwrap().is_empty());
    }

    const ON_EVERY_VOLUME: [fn(&dyn Volume, &Path); 3] = [
        directories_are_made_once_and_removed_when_they_are_empty,
        a_file_is_moved_with_its_content,
        each_directory_has_a_lock_of_its_own,
    ];

    #[test]
    fn directories_of_the_operating_system_do_what_a_volume_does() {
        for test in ON_EVERY_VOLUME {
            let root = tempfile::tempdir().unwrap();
            test(&RealVolume, root.path());
        }
    }

    #[test]
    fn simulated_directories_do_what_a_volume_does() {
        for test in ON_EVERY_VOLUME {
            test(&SimVolume::new(), Path::new(SimVolume::ROOT));
        }
    }

    #[test]
    fn a_lock_file_that_can_not_be_removed_is_an_error() {
        let root = tempfile::tempdir().unwrap();
        fs::create_dir(root.path().join(LOCK_FILE)).unwrap();
        let error = RealVolume.remove_directory(root.path()).unwrap_err();
        assert_ne!(error.kind(), ErrorKind::DirectoryNotEmpty, "{error}");
        assert!(root.path().join(LOCK_FILE).exists());
    }
}
