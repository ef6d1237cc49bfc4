//! A segment as a whole, in memory; what is wrong with it is told with its place.

use std::path::PathBuf;

use super::entries::{Item, Place, SegmentContext};
use super::scan::SegmentScan;
use crate::disk::Disk;
use crate::disk::transfer::{read_prefix, read_to_last_nonzero};
use crate::error::Error;
use crate::format::batch::{Batch, Depth};
use crate::format::header::{HEADER_BYTES, SegmentHeader};
use crate::format::{Position, names};
use crate::recovery::directory::header_error;

/// A segment's file.
#[derive(Debug)]
pub(crate) struct SegmentFile {
    pub(crate) header: SegmentHeader,
    pub(crate) path: PathBuf,
    /// Without zeros at the end.
    pub(crate) bytes: Vec<u8>,
}

impl SegmentFile {
    /// Reads the segment that has this header.
    ///
    /// # Errors
    ///
    /// `Io`.
    pub(crate) fn read(disk: &dyn Disk, header: SegmentHeader) -> Result<Self, Error> {
        let name = names::segment(header.number);
        let path = disk.path_of(&name);
        let bytes = disk
            .open(&name)
            .and_then(|file| read_to_last_nonzero(&*file))
            .map_err(|error| Error::io(&path, "read", error))?;
        Ok(SegmentFile { header, path, bytes })
    }

    pub(crate) fn reader(&self, depth: Depth) -> SegmentReader<'_> {
        let scan = SegmentScan::new(&self.bytes, &self.header, depth);
        SegmentReader { file: self, scan, context: SegmentContext::default() }
    }
}

/// The header of a segment.
///
/// # Errors
///
/// `Io`, [`NotFound`](std::io::ErrorKind::NotFound) where the segment isn't there; `Corrupt`, `UnsupportedFormat`,
/// `UnknownContent`.
pub(crate) fn read_header(disk: &dyn Disk, number: u64) -> Result<SegmentHeader, Error> {
    let name = names::segment(number);
    let path = disk.path_of(&name);
    let bytes = disk
        .open(&name)
        .and_then(|file| read_prefix(&*file, HEADER_BYTES))
        .map_err(|error| Error::io(&path, "read", error))?;
    SegmentHeader::decode(&bytes).map_err(|error| header_error(path, &error))
}

/// Goes through a segment of which it is known where it ends: what is bad before is damage.
#[derive(Debug)]
pub(crate) struct SegmentReader<'a> {
    file: &'a SegmentFile,
    scan: SegmentScan<'a>,
    context: SegmentContext,
}

impl<'a> SegmentReader<'a> {
    pub(crate) fn position(&self) -> Position {
        self.scan.position()
    }

    pub(crate) fn next_seq(&self) -> u64 {
        self.scan.next_seq()
    }

    pub(crate) fn context(&self) -> &SegmentContext {
        &self.context
    }

    /// The next batch, if it begins before `end`; what its records add to the context is not known before they are walked.
    pub(crate) fn next_batch(&mut self, end: u64) -> Result<Option<Batch<'a>>, Error> {
        if self.position().offset >= end {
            return Ok(None);
        }
        let place = self.place();
        self.scan.next_batch().map(Some).map_err(|error| place.corrupt(error))
    }

    /// The next batch, gone through; `None` at `end`.
    pub(crate) fn walk_batch<E: From<Error>>(
        &mut self,
        end: u64,
        visit: impl FnMut(&SegmentContext, Item<'_>) -> Result<(), E>,
    ) -> Result<Option<Batch<'a>>, E> {
        let place = self.place();
        let Some(batch) = self.next_batch(end)? else { return Ok(None) };
        self.context.walk(&batch, &place, visit)?;
        Ok(Some(batch))
    }

    fn place(&self) -> Place<'a> {
        let (offset, seq) = (self.position().offset, self.next_seq());
        Place { segment: &self.file.path, offset, seq }
    }
}
