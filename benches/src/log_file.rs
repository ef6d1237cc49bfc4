//! The file of the bare loops and the hand-written contenders.

use std::fs::File;
use std::io::Write;
use std::os::unix::fs::FileExt;
use std::path::Path;

use crate::failure::Result;

/// Room for what is committed with so many in flight in the time of a measurement, and some. Filling more with zeros would
/// only tire the disk before it is measured.
pub(crate) fn room_for(in_flight: usize) -> u64 {
    const MIB: u64 = 1 << 20;
    (4 * MIB + in_flight as u64 * MIB / 4).min(64 * MIB)
}

/// A file that is only appended to.
#[derive(Debug)]
pub(crate) struct LogFile {
    file: File,
    end: u64,
}

impl LogFile {
    /// A file that is full of zeros, all of them on the disk: no write to it changes where the file ends or what belongs to it.
    ///
    /// # Errors
    ///
    /// What the file system says.
    pub(crate) fn zero_filled(path: &Path, bytes: u64) -> Result<Self> {
        const STEP: usize = 1 << 20;
        let zeros = vec![0; STEP];
        let mut log = LogFile::growing(path)?;
        for _ in 0..bytes.div_ceil(STEP as u64) {
            log.file.write_all(&zeros)?;
        }
        log.file.sync_all()?;
        Ok(log)
    }

    /// An empty file.
    ///
    /// # Errors
    ///
    /// What the file system says.
    pub(crate) fn growing(path: &Path) -> Result<Self> {
        let file = File::create_new(path)?;
        file.sync_all()?;
        if let Some(dir) = path.parent() {
            File::open(dir)?.sync_all()?;
        }
        Ok(LogFile { file, end: 0 })
    }

    /// Writes behind what is there, and syncs: durable when this returns.
    ///
    /// # Errors
    ///
    /// What the file system says.
    pub(crate) fn append(&mut self, bytes: &[u8]) -> Result<()> {
        self.file.write_all_at(bytes, self.end)?;
        self.file.sync_data()?;
        self.end += bytes.len() as u64;
        Ok(())
    }

    /// Where the next append goes.
    pub(crate) fn end(&self) -> u64 {
        self.end
    }

    /// The next append goes to the start again.
    pub(crate) fn rewind(&mut self) {
        self.end = 0;
    }
}

/// Brings the files of a directory to the disk: what a library prepared without a sync of its own is then no part of what is
/// measured.
///
/// # Errors
///
/// What the file system says.
#[cfg(feature = "peers")]
pub(crate) fn sync_files(dir: &Path) -> Result<()> {
    for entry in std::fs::read_dir(dir)? {
        let path = entry?.path();
        if path.is_file() {
            File::open(path)?.sync_all()?;
        }
    }
    File::open(dir)?.sync_all()?;
    Ok(())
}
