//! The real disk: a directory of the operating system.
//!
//! Not responsible for: retries. Each method is one call of the operating system, and its outcome is handed on.

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::{Disk, DiskFile, DiskLock};

/// The file that carries the lock. It holds nothing but the trail of a replay, and is no file of the store: it may be left out
/// of a copy.
pub(crate) const LOCK_FILE: &str = "LOCK";

/// A directory of the operating system.
#[derive(Debug)]
pub(crate) struct RealDisk {
    /// Absolute, so that a process that changes its working directory later stays with its files.
    directory: PathBuf,
}

impl RealDisk {
    /// The directory at `path`; nothing is touched yet.
    ///
    /// # Errors
    ///
    /// Where the path is empty, or is relative and there is no working directory.
    pub(crate) fn new(path: impl AsRef<Path>) -> io::Result<Self> {
        Ok(Self { directory: std::path::absolute(path)? })
    }
}

/// The lock, until it is dropped.
struct Lock(File);

impl Drop for Lock {
    fn drop(&mut self) {
        // To close the file is not enough: where another thread is about to start a process, its copy of the file has the
        // lock, too, until the other program runs. If this fails, the lock goes with the last copy.
        let _ = self.0.unlock();
    }
}

impl Disk for RealDisk {
    fn path(&self) -> &Path {
        &self.directory
    }

    fn lock(&self) -> io::Result<DiskLock> {
        make_directory(&self.directory, sync_directory)?;
        let file = OpenOptions::new()
            .read(true)
            .write(true)
            .create(true)
            .truncate(false)
            .open(self.directory.join(LOCK_FILE))?;
        // On Unix this is `flock`: it belongs to the open file and not to the process, so a second
        // opener in this process is refused as well; and the system frees it when the process dies.
        match file.try_lock() {
            Ok(()) => Ok(Box::new(Lock(file))),
            Err(TryLockError::WouldBlock) => Err(io::ErrorKind::WouldBlock.into()),
            Err(TryLockError::Error(error)) => Err(error),
        }
    }

    fn lock_file(&self) -> io::Result<Option<Arc<dyn DiskFile>>> {
        // Another open file than the one that has the lock, and so no danger to it.
        let path = self.directory.join(LOCK_FILE);
        let file = OpenOptions::new().read(true).write(true).open(path)?;
        Ok(Some(Arc::new(RealFile { file })))
    }

    fn list(&self) -> io::Result<Vec<String>> {
        let mut names = Vec::new();
        for entry in fs::read_dir(&self.directory)? {
            // The engine's own names are ASCII, so a name that is not UTF-8 is somebody else's. A
            // subdirectory is listed: one that has the name of a file of ours must not go unnoticed.
            if let Ok(name) = entry?.file_name().into_string()
                && name != LOCK_FILE
            {
                names.push(name);
            }
        }
        Ok(names)
    }

    fn create(&self, name: &str) -> io::Result<Arc<dyn DiskFile>> {
        let file = OpenOptions::new()
            .read(true)
            .write(true)
            .create_new(true)
            .open(self.directory.join(name))?;
        Ok(Arc::new(RealFile { file }))
    }

    fn open(&self, name: &str) -> io::Result<Arc<dyn DiskFile>> {
        let path = self.directory.join(name);
        // To open a pipe would wait for somebody to write to it, and some devices never end.
        if !fs::metadata(&path)?.is_file() {
            return Err(io::Error::new(io::ErrorKind::InvalidInput, "it is no regular file"));
        }
        Ok(Arc::new(RealFile { file: File::open(path)? }))
    }

    fn rename(&self, from: &str, to: &str) -> io::Result<()> {
        fs::rename(self.directory.join(from), self.directory.join(to))
    }

    fn remove(&self, name: &str) -> io::Result<()> {
        fs::remove_file(self.directory.join(name))
    }

    fn sync_dir(&self) -> io::Result<()> {
        sync_directory(&self.directory)
    }
}

/// A file of a [`RealDisk`].
#[derive(Debug)]
struct RealFile {
    file: File,
}

impl DiskFile for RealFile {
    fn len(&self) -> io::Result<u64> {
        Ok(self.file.metadata()?.len())
    }

    #[cfg(unix)]
    fn read_at(&self, offset: u64, buffer: &mut [u8]) -> io::Result<usize> {
        std::os::unix::fs::FileExt::read_at(&self.file, buffer, offset)
    }

    #[cfg(windows)]
    fn read_at(&self, offset: u64, buffer: &mut [u8]) -> io::Result<usize> {
        std::os::windows::fs::FileExt::seek_read(&self.file, buffer, offset)
    }

    #[cfg(unix)]
    fn write_at(&self, offset: u64, data: &[u8]) -> io::Result<usize> {
        std::os::unix::fs::FileExt::write_at(&self.file, data, offset)
    }

    #[cfg(windows)]
    fn write_at(&self, offset: u64, data: &[u8]) -> io::Result<usize> {
        std::os::windows::fs::FileExt::seek_write(&self.file, data, offset)
    }

    fn sync(&self) -> io::Result<()> {
        // `fdatasync` is enough: it leaves out times and permissions, which nobody here reads, but
        // writes what is needed to find the data again, and the length is part of that. On macOS
        // the standard library asks the drive itself to flush (`F_FULLFSYNC`). Where the system
        // call is interrupted the standard library calls it again; that is not the retry after a
        // failure that the design forbids: an interrupted call has not yet looked at, and so not
        // yet forgotten, what went wrong with the file's pages.
        self.file.sync_data()
    }
}

/// Creates the directory and those above it as far as they are missing, each durable.
fn make_directory(
    directory: &Path,
    mut sync: impl FnMut(&Path) -> io::Result<()>,
) -> io::Result<()> {
    let missing: Vec<&Path> = directory.ancestors().take_while(|path| !path.is_dir()).collect();
    for path in missing.iter().rev() {
        match fs::create_dir(path) {
            // Another opener was faster; the lock decides between us.
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
            outcome => outcome?,
        }
        if let Some(parent) = path.parent() {
            sync(parent)?;
        }
    }
    // Directories that were there may have been created a moment ago and never been synced, by the
    // program that calls us or by an open that was killed half-way. They are not ours, and we may
    // not even be allowed to open them, so a failure here is no reason to refuse the store.
    for path in directory.ancestors().skip(missing.len() + 1) {
        let _ = sync(path);
    }
    Ok(())
}

#[cfg(unix)]
fn sync_directory(directory: &Path) -> io::Result<()> {
    File::open(directory)?.sync_all()
}

/// Windows has no call for this: NTFS journals its directories by itself, and we claim no durability there.
#[cfg(windows)]
#[expect(clippy::unnecessary_wraps, reason = "the same signature as on Unix")]
fn sync_directory(_directory: &Path) -> io::Result<()> {
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_lock_creates_missing_directories_and_syncs_the_parent_of_each() {
        let root = tempfile::tempdir().unwrap();
        let directory = root.path().join("a").join("b");
        let mut synced = Vec::new();
        make_directory(&directory, |path| {
            assert!(!synced.is_empty() || !directory.exists(), "`a` is synced before `b` is made");
            synced.push(path.to_path_buf());
            Ok(())
        })
        .unwrap();
        assert!(directory.is_dir());
        assert_eq!(synced[..2], [root.path().to_path_buf(), root.path().join("a")]);
    }

    #[test]
    fn a_directory_that_cannot_be_made_durable_is_an_error() {
        let root = tempfile::tempdir().unwrap();
        let failing = |_: &Path| Err(io::Error::other("no"));
        assert!(make_directory(&root.path().join("a"), failing).is_err());
    }

    #[test]
    fn a_directory_that_was_there_is_synced_too_but_may_refuse() {
        let root = tempfile::tempdir().unwrap();
        let mut synced = Vec::new();
        make_directory(root.path(), |path| {
            synced.push(path.to_path_buf());
            Err(io::Error::other("not allowed"))
        })
        .unwrap();
        assert_eq!(synced.first().map(PathBuf::as_path), root.path().parent());
    }

    /// What it can't sync, the system refuses to: so a refusal shows that it was asked.
    #[cfg(target_os = "linux")]
    #[test]
    fn a_sync_reaches_the_system() {
        let (pipe, _other_end) = io::pipe().unwrap();
        let file = RealFile { file: std::os::fd::OwnedFd::from(pipe).into() };
        assert_eq!(file.sync().unwrap_err().kind(), io::ErrorKind::InvalidInput);
        let disk = RealDisk::new("/proc/self").unwrap();
        assert_eq!(disk.sync_dir().unwrap_err().kind(), io::ErrorKind::InvalidInput);
    }

    #[test]
    fn a_relative_path_is_made_absolute() {
        let disk = RealDisk::new("some/where").unwrap();
        assert_eq!(disk.path(), std::env::current_dir().unwrap().join("some/where"));
        assert!(RealDisk::new("").is_err());
    }

    #[test]
    fn the_lock_holds_for_every_way_to_name_the_directory() {
        let root = tempfile::tempdir().unwrap();
        let _lock = RealDisk::new(root.path()).unwrap().lock().unwrap();
        let other = RealDisk::new(root.path().join(".")).unwrap();
        assert_eq!(other.lock().err().unwrap().kind(), io::ErrorKind::WouldBlock);
    }

    #[test]
    fn a_lock_is_free_when_it_is_dropped_even_if_a_process_being_started_has_a_copy_of_its_file() {
        let root = tempfile::tempdir().unwrap();
        let disk = RealDisk::new(root.path()).unwrap();
        drop(disk.lock().unwrap());
        let file = OpenOptions::new().write(true).open(root.path().join(LOCK_FILE)).unwrap();
        file.try_lock().unwrap();
        let copy = file.try_clone().unwrap();
        drop(Lock(file));
        drop(disk.lock().unwrap());
        drop(copy);
    }

    #[test]
    fn a_lock_file_left_by_a_crashed_owner_locks_nobody_out() {
        let root = tempfile::tempdir().unwrap();
        fs::write(root.path().join(LOCK_FILE), "").unwrap();
        RealDisk::new(root.path()).unwrap().lock().unwrap();
    }

    #[test]
    fn a_file_where_the_directory_should_be_is_an_error() {
        let root = tempfile::tempdir().unwrap();
        fs::write(root.path().join("a"), "").unwrap();
        assert!(RealDisk::new(root.path().join("a")).unwrap().lock().is_err());
        assert!(RealDisk::new(root.path().join("a/b")).unwrap().lock().is_err());
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn what_is_no_regular_file_is_not_opened_but_a_link_to_one_is() {
        let root = tempfile::tempdir().unwrap();
        let path = |name: &str| root.path().join(name);
        let made = std::process::Command::new("mkfifo").arg(path("pipe")).status().unwrap();
        assert!(made.success());
        fs::create_dir(path("directory")).unwrap();
        std::os::unix::fs::symlink("/dev/zero", path("device")).unwrap();
        let disk = RealDisk::new(root.path()).unwrap();
        for name in ["pipe", "directory", "device"] {
            let error = disk.open(name).unwrap_err();
            assert!(error.to_string().contains("no regular file"), "{name}: {error}");
        }
        fs::write(path("file"), "x").unwrap();
        std::os::unix::fs::symlink(path("file"), path("link")).unwrap();
        assert_eq!(disk.open("link").unwrap().len().unwrap(), 1);
        let missing = disk.open("missing").unwrap_err();
        assert_eq!(missing.kind(), io::ErrorKind::NotFound);
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn a_name_that_is_not_utf_8_is_not_listed() {
        use std::os::unix::ffi::OsStrExt;
        let root = tempfile::tempdir().unwrap();
        fs::write(root.path().join(std::ffi::OsStr::from_bytes(b"\xff")), "").unwrap();
        fs::write(root.path().join("ours"), "").unwrap();
        assert_eq!(RealDisk::new(root.path()).unwrap().list().unwrap(), ["ours"]);
    }
}
