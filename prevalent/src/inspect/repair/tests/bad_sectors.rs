//! A file that opens, and can't be read to its end.

use std::io;
use std::path::Path;
use std::sync::Arc;

use super::stores::{apply, damaged_journal_behind_a_snapshot, everything};
use crate::Error;
use crate::disk::sim::SimVolume;
use crate::disk::volume::Volume;
use crate::disk::{Disk, DiskFile, DiskLock};
use crate::format::header::HEADER_BYTES;
use crate::format::names;

/// Behind the header of the file with this name, nothing can be read.
#[derive(Debug)]
struct BadSectors(SimVolume, String);

impl Volume for BadSectors {
    fn directory(&self, path: &Path) -> io::Result<Arc<dyn Disk>> {
        Ok(Arc::new(BadDisk(self.0.directory(path)?, self.1.clone())))
    }

    fn make_directory(&self, path: &Path) -> io::Result<()> {
        self.0.make_directory(path)
    }

    fn remove_directory(&self, path: &Path) -> io::Result<()> {
        self.0.remove_directory(path)
    }

    fn move_file(&self, name: &str, from: &Path, to: &Path) -> io::Result<()> {
        self.0.move_file(name, from, to)
    }
}

#[derive(Debug)]
struct BadDisk(Arc<dyn Disk>, String);

impl Disk for BadDisk {
    fn path(&self) -> &Path {
        self.0.path()
    }

    fn lock(&self) -> io::Result<DiskLock> {
        self.0.lock()
    }

    fn list(&self) -> io::Result<Vec<String>> {
        self.0.list()
    }

    fn create(&self, name: &str) -> io::Result<Arc<dyn DiskFile>> {
        self.0.create(name)
    }

    fn open(&self, name: &str) -> io::Result<Arc<dyn DiskFile>> {
        let file = self.0.open(name)?;
        Ok(if name == self.1 { Arc::new(BadFile(file)) } else { file })
    }

    fn rename(&self, from: &str, to: &str) -> io::Result<()> {
        self.0.rename(from, to)
    }

    fn remove(&self, name: &str) -> io::Result<()> {
        self.0.remove(name)
    }

    fn sync_dir(&self) -> io::Result<()> {
        self.0.sync_dir()
    }
}

#[derive(Debug)]
struct BadFile(Arc<dyn DiskFile>);

impl DiskFile for BadFile {
    fn len(&self) -> io::Result<u64> {
        self.0.len()
    }

    fn read_at(&self, offset: u64, buffer: &mut [u8]) -> io::Result<usize> {
        if offset + buffer.len() as u64 > HEADER_BYTES as u64 {
            return Err(io::Error::from_raw_os_error(5));
        }
        self.0.read_at(offset, buffer)
    }

    fn write_at(&self, offset: u64, data: &[u8]) -> io::Result<usize> {
        self.0.write_at(offset, data)
    }

    fn sync(&self) -> io::Result<()> {
        self.0.sync()
    }
}

#[test]
fn a_file_that_can_not_be_read_is_not_taken_for_a_damaged_one() {
    for name in [names::snapshot(0), names::snapshot(37), names::segment(2)] {
        let volume = damaged_journal_behind_a_snapshot().volume();
        let before = everything(&volume);
        let volume = BadSectors(volume, name);
        let refused = apply(&volume, "aside");
        assert!(matches!(refused, Err(Error::Io { .. })), "{}: {refused:?}", volume.1);
        assert_eq!(everything(&volume.0), before, "{}", volume.1);
    }
}
