//! The file that carries the lock of a simulated disk: what is written to it outlives the process, and not the system.

use std::io;

use super::super::DiskFile;
use super::super::memory::{read_from, write_into};
use super::SimDisk;

#[derive(Debug)]
pub(super) struct LockFile {
    pub(super) disk: SimDisk,
}

impl DiskFile for LockFile {
    fn len(&self) -> io::Result<u64> {
        let inner = self.disk.connected()?;
        Ok(inner.lock_file.last().map_or(0, |content| content.len() as u64))
    }

    fn read_at(&self, offset: u64, buffer: &mut [u8]) -> io::Result<usize> {
        let inner = self.disk.connected()?;
        Ok(inner.lock_file.last().map_or(0, |content| read_from(content, offset, buffer)))
    }

    fn write_at(&self, offset: u64, data: &[u8]) -> io::Result<usize> {
        let mut inner = self.disk.connected()?;
        let mut content = inner.lock_file.last().cloned().unwrap_or_default();
        write_into(&mut content, offset, data)?;
        inner.lock_file.push(content);
        Ok(data.len())
    }

    fn sync(&self) -> io::Result<()> {
        // It is not what a crash leaves, all the same.
        self.disk.connected().map(drop)
    }
}
