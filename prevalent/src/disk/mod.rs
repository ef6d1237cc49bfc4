//! The storage seam: everything that the engine asks of a disk goes through these two traits.
//!
//! A [`Disk`] is one directory, a [`DiskFile`] one file in it. They are as thin as the operating
//! system's own calls (a write may be short, a read may be interrupted), so that what is above
//! them, the loops, retries and error paths included, runs unchanged on a simulated disk.
//!
//! Not responsible for: what is in the files, and what an error means to a store.
#![cfg_attr(
    not(feature = "testing"),
    allow(unreachable_pub, reason = "public with the feature `testing`")
)]

pub(crate) mod memory;
pub(crate) mod pinned;
pub(crate) mod publish;
pub(crate) mod real;
#[cfg(any(test, feature = "testing"))]
pub(crate) mod sim;
pub(crate) mod transfer;
#[cfg(feature = "inspect")]
pub(crate) mod volume;
pub(crate) mod with_archive;

#[cfg(test)]
mod conformance;

use std::fmt::Debug;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::error::Error;

/// A directory that holds one store.
///
/// Names are plain file names, without a directory part. All methods may block.
pub trait Disk: Debug + Send + Sync + 'static {
    /// Where the directory is, for messages.
    fn path(&self) -> &Path;

    /// Where a file of the directory is, for messages.
    fn path_of(&self, name: &str) -> PathBuf {
        self.path().join(name)
    }

    /// Creates the directory where it is missing, durably, and takes the lock on it; the lock lasts until the guard is
    /// dropped or the process ends.
    ///
    /// # Errors
    ///
    /// [`io::ErrorKind::WouldBlock`] where somebody else has the lock, in this process or another.
    fn lock(&self) -> io::Result<DiskLock>;

    /// The file that carries the lock, for who has it: what is written to it outlives the process, and is never synced. `None`
    /// where that can't be had.
    ///
    /// # Errors
    ///
    /// Those of the operating system.
    fn lock_file(&self) -> io::Result<Option<Arc<dyn DiskFile>>> {
        Ok(None)
    }

    /// The names of all files in the directory, in no particular order; without the file that carries the lock, and
    /// without names that are not UTF-8, which are not the engine's.
    ///
    /// # Errors
    ///
    /// Those of the operating system.
    fn list(&self) -> io::Result<Vec<String>>;

    /// Creates a file that is not there yet, for writing and reading.
    ///
    /// # Errors
    ///
    /// [`io::ErrorKind::AlreadyExists`] where it is, and those of the operating system.
    fn create(&self, name: &str) -> io::Result<Arc<dyn DiskFile>>;

    /// Opens a file for reading.
    ///
    /// # Errors
    ///
    /// [`io::ErrorKind::NotFound`] where there is none, and those of the operating system.
    fn open(&self, name: &str) -> io::Result<Arc<dyn DiskFile>>;

    /// Gives a file another name; a file that has this name is replaced.
    ///
    /// # Errors
    ///
    /// Those of the operating system.
    fn rename(&self, from: &str, to: &str) -> io::Result<()>;

    /// Removes a file.
    ///
    /// # Errors
    ///
    /// Those of the operating system.
    fn remove(&self, name: &str) -> io::Result<()>;

    /// Makes the directory's entries durable: which files there are, under which names.
    ///
    /// # Errors
    ///
    /// Those of the operating system.
    fn sync_dir(&self) -> io::Result<()>;
}

/// A file of a [`Disk`].
#[allow(clippy::len_without_is_empty, reason = "the engine never asks whether a file is empty")]
pub trait DiskFile: Debug + Send + Sync + 'static {
    /// The file's length in bytes.
    ///
    /// # Errors
    ///
    /// Those of the operating system.
    fn len(&self) -> io::Result<u64>;

    /// Reads at `offset` into `buffer` and tells how many bytes were read: fewer than asked for at the end of the file,
    /// and whenever the operating system likes.
    ///
    /// # Errors
    ///
    /// Those of the operating system; [`io::ErrorKind::Interrupted`] asks for another try.
    fn read_at(&self, offset: u64, buffer: &mut [u8]) -> io::Result<usize>;

    /// Writes at `offset` and tells how many bytes were written, possibly fewer than given.
    ///
    /// # Errors
    ///
    /// Those of the operating system; [`io::ErrorKind::Interrupted`] asks for another try.
    fn write_at(&self, offset: u64, data: &[u8]) -> io::Result<usize>;

    /// Makes the file's bytes and its length durable (not its name: [`Disk::sync_dir`]).
    ///
    /// # Errors
    ///
    /// Those of the operating system. After an error nothing is known about what is durable.
    fn sync(&self) -> io::Result<()>;
}

/// The lock on a directory; dropping it frees the directory.
pub type DiskLock = Box<dyn Send + Sync>;

/// Takes the lock on the directory, which is made where it is missing.
///
/// # Errors
///
/// `Locked`, `Io`.
pub(crate) fn lock(disk: &dyn Disk) -> Result<DiskLock, Error> {
    disk.lock().map_err(|error| match error.kind() {
        io::ErrorKind::WouldBlock => Error::Locked { dir: disk.path().to_owned() },
        _ => Error::io(disk.path(), "create or lock the directory", error),
    })
}
