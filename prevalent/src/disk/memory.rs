//! A disk in memory, for stores that need no files: it never fails and keeps nothing.

use std::collections::BTreeMap;
use std::io;
use std::path::Path;
use std::sync::Arc;

use parking_lot::{Mutex, RwLock};

use super::{Disk, DiskFile, DiskLock};

/// A directory in memory; a clone is the same directory.
#[derive(Clone, Debug, Default)]
pub(crate) struct MemoryDisk {
    directory: Arc<Mutex<Directory>>,
}

#[derive(Debug, Default)]
struct Directory {
    files: BTreeMap<String, Content>,
    locked: bool,
}

/// Shared between the directory and the open handles, so that a handle outlives the file's name.
type Content = Arc<RwLock<Vec<u8>>>;

impl MemoryDisk {
    /// An empty directory.
    pub(crate) fn new() -> Self {
        Self::default()
    }
}

impl Disk for MemoryDisk {
    fn path(&self) -> &Path {
        Path::new("(memory)")
    }

    fn lock(&self) -> io::Result<DiskLock> {
        let mut directory = self.directory.lock();
        if directory.locked {
            return Err(io::ErrorKind::WouldBlock.into());
        }
        directory.locked = true;
        Ok(Box::new(Lock(self.clone())))
    }

    fn list(&self) -> io::Result<Vec<String>> {
        Ok(self.directory.lock().files.keys().cloned().collect())
    }

    fn create(&self, name: &str) -> io::Result<Arc<dyn DiskFile>> {
        let mut directory = self.directory.lock();
        if directory.files.contains_key(name) {
            return Err(io::ErrorKind::AlreadyExists.into());
        }
        let content = Content::default();
        directory.files.insert(name.to_owned(), Arc::clone(&content));
        Ok(Arc::new(MemoryFile { content, access: Access::ReadWrite }))
    }

    fn open(&self, name: &str) -> io::Result<Arc<dyn DiskFile>> {
        let directory = self.directory.lock();
        let content = Arc::clone(directory.files.get(name).ok_or(io::ErrorKind::NotFound)?);
        Ok(Arc::new(MemoryFile { content, access: Access::Read }))
    }

    fn rename(&self, from: &str, to: &str) -> io::Result<()> {
        let mut directory = self.directory.lock();
        let content = directory.files.remove(from).ok_or(io::ErrorKind::NotFound)?;
        directory.files.insert(to.to_owned(), content);
        Ok(())
    }

    fn remove(&self, name: &str) -> io::Result<()> {
        self.directory.lock().files.remove(name).ok_or(io::ErrorKind::NotFound)?;
        Ok(())
    }

    fn sync_dir(&self) -> io::Result<()> {
        Ok(())
    }
}

/// The lock on a [`MemoryDisk`].
struct Lock(MemoryDisk);

impl Drop for Lock {
    fn drop(&mut self) {
        self.0.directory.lock().locked = false;
    }
}

/// A file of a [`MemoryDisk`].
#[derive(Debug)]
struct MemoryFile {
    content: Content,
    access: Access,
}

/// What a handle may do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Access {
    Read,
    ReadWrite,
}

impl DiskFile for MemoryFile {
    fn len(&self) -> io::Result<u64> {
        Ok(self.content.read().len() as u64)
    }

    fn read_at(&self, offset: u64, buffer: &mut [u8]) -> io::Result<usize> {
        Ok(read_from(&self.content.read(), offset, buffer))
    }

    fn write_at(&self, offset: u64, data: &[u8]) -> io::Result<usize> {
        if self.access == Access::Read {
            return Err(io::ErrorKind::PermissionDenied.into());
        }
        write_into(&mut self.content.write(), offset, data)?;
        Ok(data.len())
    }

    fn sync(&self) -> io::Result<()> {
        Ok(())
    }
}

/// Reads as a file is read: nothing behind its end.
pub(crate) fn read_from(content: &[u8], offset: u64, buffer: &mut [u8]) -> usize {
    let rest = usize::try_from(offset).ok().and_then(|start| content.get(start..)).unwrap_or(&[]);
    let count = rest.len().min(buffer.len());
    buffer[..count].copy_from_slice(&rest[..count]);
    count
}

/// Writes as a file is written: a gap before the data is filled with zeros.
pub(super) fn write_into(content: &mut Vec<u8>, offset: u64, data: &[u8]) -> io::Result<()> {
    if data.is_empty() {
        return Ok(());
    }
    let start = usize::try_from(offset).map_err(|_| io::ErrorKind::FileTooLarge)?;
    let end = start.checked_add(data.len()).ok_or(io::ErrorKind::FileTooLarge)?;
    if end > content.len() {
        // Growing by doubling, but as an error where there is no memory for it.
        content.try_reserve(end - content.len())?;
        content.resize(end, 0);
    }
    content[start..end].copy_from_slice(data);
    Ok(())
}
