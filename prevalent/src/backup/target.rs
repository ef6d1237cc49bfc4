//! Where backups are kept.

use std::fmt;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::directory::DirectoryTarget;
use crate::error::Error;
use crate::format::manifest::PIECE_BYTES_MAX;
use crate::format::names;

/// A place for one backup: names, and bytes under them.
///
/// A directory is one ([`Target`]), and with the feature `object_store` whatever that crate knows. To keep backups
/// elsewhere, implement it; the methods block, and are called on threads of the engine's own.
///
/// ```
/// use std::collections::HashMap;
/// use std::io;
/// use std::sync::Mutex;
///
/// #[derive(Default)]
/// struct InMemory(Mutex<HashMap<String, Vec<u8>>>);
///
/// impl prevalent::BackupTarget for InMemory {
///     fn put(&self, name: &str, content: &[u8]) -> io::Result<()> {
///         self.0.lock().unwrap().insert(name.to_owned(), content.to_owned());
///         Ok(())
///     }
///
///     fn get(&self, name: &str) -> io::Result<Vec<u8>> {
///         self.0.lock().unwrap().get(name).cloned().ok_or(io::ErrorKind::NotFound.into())
///     }
///
///     fn describe(&self) -> String {
///         "(memory)".to_owned()
///     }
/// }
/// ```
pub trait BackupTarget: Send + Sync + 'static {
    /// Keeps these bytes, at most 64 MiB (the list of a very large backup may be longer), under this name: letters, digits
    /// and dots. What the name held before is replaced. It
    /// happens as a whole or not at all, and is durable when this returns.
    ///
    /// # Errors
    ///
    /// Whatever is in the way. The name may then hold what it held before or the new bytes, and nothing else.
    fn put(&self, name: &str, content: &[u8]) -> io::Result<()>;

    /// The bytes under this name.
    ///
    /// # Errors
    ///
    /// [`NotFound`](io::ErrorKind::NotFound) where there are none, and whatever else is in the way.
    fn get(&self, name: &str) -> io::Result<Vec<u8>>;

    /// Where it is, for messages.
    fn describe(&self) -> String;

    /// Called before anything is put: makes what has to be there, and keeps other backups away until the guard is
    /// dropped, if it can. Where it can't, as by default, there must be no two backups to it at the same time.
    ///
    /// # Errors
    ///
    /// [`WouldBlock`](io::ErrorKind::WouldBlock) where somebody else has it, and whatever else is in the way.
    fn lock(&self) -> io::Result<TargetLock> {
        Ok(Box::new(()))
    }
}

/// The right to write to a [`BackupTarget`], until it is dropped.
pub type TargetLock = Box<dyn Send>;

impl<T: BackupTarget + ?Sized> BackupTarget for Arc<T> {
    fn put(&self, name: &str, content: &[u8]) -> io::Result<()> {
        (**self).put(name, content)
    }

    fn get(&self, name: &str) -> io::Result<Vec<u8>> {
        (**self).get(name)
    }

    fn describe(&self) -> String {
        (**self).describe()
    }

    fn lock(&self) -> io::Result<TargetLock> {
        (**self).lock()
    }
}

/// Where a backup is, or will be: a path stands for a directory, and any [`BackupTarget`] for itself.
#[derive(Clone)]
pub struct Target {
    inner: Arc<dyn BackupTarget>,
    piece_bytes: u64,
}

impl Target {
    /// A backup in the directory that this disk is.
    #[cfg(feature = "testing")]
    pub fn on_disk(disk: impl crate::disk::Disk) -> Self {
        DirectoryTarget::on(Arc::new(disk)).into()
    }

    /// A piece has at most so many bytes, at least 1. Default, and the most there is: 64 MiB.
    #[cfg(feature = "testing")]
    #[must_use]
    pub fn piece_bytes(mut self, bytes: u64) -> Self {
        self.piece_bytes = bytes.clamp(1, PIECE_BYTES_MAX);
        self
    }

    /// The parts in which these bytes are put.
    pub(super) fn split<'a>(&self, bytes: &'a [u8]) -> impl Iterator<Item = &'a [u8]> {
        bytes.chunks(usize::try_from(self.piece_bytes).unwrap_or(usize::MAX))
    }

    pub(super) fn put(&self, name: &str, content: &[u8]) -> Result<(), Error> {
        self.inner.put(name, content).map_err(|error| Error::io(&self.path(name), "write", error))
    }

    pub(super) fn get(&self, name: &str) -> Result<Vec<u8>, Error> {
        self.inner.get(name).map_err(|error| Error::io(&self.path(name), "read", error))
    }

    pub(super) fn try_get(&self, name: &str) -> io::Result<Vec<u8>> {
        self.inner.get(name)
    }

    pub(super) fn lock(&self) -> Result<TargetLock, Error> {
        self.inner
            .lock()
            .map_err(|error| Error::io(Path::new(&self.describe()), "lock or create", error))
    }

    pub(super) fn describe(&self) -> String {
        self.inner.describe()
    }

    /// Where something of it is, for messages.
    pub(super) fn path(&self, name: &str) -> PathBuf {
        Path::new(&self.describe()).join(name)
    }

    pub(super) fn manifest_path(&self) -> PathBuf {
        self.path(names::BACKUP)
    }
}

impl<T: BackupTarget> From<T> for Target {
    fn from(target: T) -> Self {
        Target { inner: Arc::new(target), piece_bytes: PIECE_BYTES_MAX }
    }
}

impl From<&Path> for Target {
    fn from(dir: &Path) -> Self {
        DirectoryTarget::at(dir).into()
    }
}

impl From<PathBuf> for Target {
    fn from(dir: PathBuf) -> Self {
        dir.as_path().into()
    }
}

impl From<&PathBuf> for Target {
    fn from(dir: &PathBuf) -> Self {
        dir.as_path().into()
    }
}

impl From<&str> for Target {
    fn from(dir: &str) -> Self {
        Path::new(dir).into()
    }
}

impl From<String> for Target {
    fn from(dir: String) -> Self {
        Path::new(&dir).into()
    }
}

impl fmt::Debug for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Target").field(&self.describe()).finish()
    }
}
