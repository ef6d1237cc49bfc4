//! The file of the next segment, made while the one before it is still being written: what takes the disk long, a new file and
//! room for it, is done by then. It has a name that means nothing until the segment begins.

use std::sync::Arc;

use super::fill::write_zeros;
use crate::disk::publish::{Failure, Temporary};
use crate::disk::{Disk, DiskFile};
use crate::format::names;
use crate::sync::thread::{Builder, JoinHandle};

/// A file for a segment that will begin.
#[derive(Debug)]
pub(crate) struct NextFile {
    disk: Arc<dyn Disk>,
    name: String,
    /// Begins with so many zeros.
    zeros: u64,
    /// `None` when it was taken, or if there was no thread to be had.
    making: Option<JoinHandle<Result<Arc<dyn DiskFile>, Failure>>>,
}

/// A file full of zeros, and how many there are.
#[derive(Debug)]
pub(crate) struct Zeroed {
    pub(crate) file: Arc<dyn DiskFile>,
    pub(crate) bytes: u64,
}

impl NextFile {
    /// Begins to make it, on a thread of its own.
    pub(crate) fn begin(disk: &Arc<dyn Disk>, number: u64, zeros: u64) -> Self {
        let name = names::segment(number);
        let work = {
            let (disk, name) = (disk.clone(), name.clone());
            move || make(&*disk, &name, zeros)
        };
        let thread = Builder::new().name("prevalent-next-file".to_owned());
        NextFile { disk: disk.clone(), name, zeros, making: thread.spawn(work).ok() }
    }

    /// Waits until it is made; `None` where it could not be.
    pub(crate) fn take(mut self) -> Option<Zeroed> {
        match self.made()? {
            Ok(file) => Some(Zeroed { file, bytes: self.zeros }),
            Err(Failure { file, operation, source }) => {
                tracing::warn!(file, operation, %source, "the journal's next file could not be made ahead");
                None
            }
        }
    }

    fn made(&mut self) -> Option<Result<Arc<dyn DiskFile>, Failure>> {
        // It panics where the disk does.
        self.making.take()?.join().ok()
    }
}

impl Drop for NextFile {
    fn drop(&mut self) {
        if let Some(Ok(file)) = self.made() {
            drop(Temporary::take_up(&*self.disk, &self.name, file));
        }
    }
}

fn make(disk: &dyn Disk, name: &str, zeros: u64) -> Result<Arc<dyn DiskFile>, Failure> {
    let temporary = Temporary::create(disk, name)?;
    write_zeros(temporary.file(), 0, zeros)
        .and_then(|()| temporary.file().sync())
        .map_err(|source| Failure { file: name.to_owned(), operation: "fill", source })?;
    Ok(temporary.put_aside())
}
