//! An open file of a simulated disk.

use std::io;

use super::super::DiskFile;
use super::super::memory::{Access, read_from};
use super::operation::OperationKind;
use super::state::{Effect, InodeNo};
use super::{SimDisk, fault};

#[derive(Debug)]
pub(super) struct SimFile {
    pub(super) disk: SimDisk,
    /// The name it was opened by, for the log and for failing reads; the file may have another one by now.
    pub(super) name: String,
    pub(super) inode: InodeNo,
    pub(super) access: Access,
}

impl DiskFile for SimFile {
    fn len(&self) -> io::Result<u64> {
        let inner = self.disk.connected()?;
        Ok(inner.now.inodes.get(&self.inode).map_or(0, |inode| inode.seen.len() as u64))
    }

    fn read_at(&self, offset: u64, buffer: &mut [u8]) -> io::Result<usize> {
        let mut inner = self.disk.connected()?;
        let len = inner.faults.on_read(&self.name, offset, buffer.len())?;
        let inode = inner.now.inodes.get(&self.inode);
        Ok(inode.map_or(0, |inode| read_from(&inode.seen, offset, &mut buffer[..len])))
    }

    fn write_at(&self, offset: u64, data: &[u8]) -> io::Result<usize> {
        if self.access == Access::Read {
            return Err(io::ErrorKind::PermissionDenied.into());
        }
        let mut inner = self.disk.connected()?;
        let fault = inner.next_fault();
        let (count, heard) = fault::on_write(fault, data.len());
        let effect = Effect::Write { inode: self.inode, offset, data: data[..count].to_vec() };
        let kind = OperationKind::Write { offset, len: data.len() };
        inner.record(kind, &self.name, fault, effect)?;
        heard.map(|()| count)
    }

    fn sync(&self) -> io::Result<()> {
        let mut inner = self.disk.connected()?;
        let fault = inner.next_fault();
        let (outcome, heard) = fault::on_sync(fault);
        let effect = Effect::Sync { inode: self.inode, outcome };
        inner.record(OperationKind::Sync, &self.name, fault, effect)?;
        heard
    }
}
