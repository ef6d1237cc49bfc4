//! A segment, batch by batch, with no more of it in memory than one.

use std::path::PathBuf;
use std::sync::Arc;

use super::scan::Cursor;
use crate::disk::transfer::{nonzero_len, read_up_to};
use crate::disk::{Disk, DiskFile};
use crate::error::Error;
use crate::format::batch::{BATCH_HEADER_BYTES, Batch, BatchError, BatchHeader, Depth};
use crate::format::header::{HEADER_BYTES, SegmentHeader};
use crate::format::{BATCH_BYTES_MAX, Position, names};

/// So much is read at once.
const READ_BYTES: u64 = 1 << 20;

/// Reads a segment from front to back, and stops for good at the first batch that isn't good.
#[derive(Debug)]
pub(crate) struct SegmentStream {
    pub(crate) header: SegmentHeader,
    pub(crate) path: PathBuf,
    file: Arc<dyn DiskFile>,
    /// Nothing behind this is read.
    limit: u64,
    cursor: Cursor,
    buffer: Vec<u8>,
    /// Where the buffer begins in the file.
    buffer_offset: u64,
    synced_through: u64,
}

impl SegmentStream {
    /// The segment that has this header, as far as it is written now.
    ///
    /// # Errors
    ///
    /// `Io`.
    pub(crate) fn open(disk: &dyn Disk, header: SegmentHeader) -> Result<Self, Error> {
        let name = names::segment(header.number);
        let path = disk.path_of(&name);
        let file = disk.open(&name).map_err(|error| Error::io(&path, "open", error))?;
        let cursor = Cursor::new(&header);
        let mut stream = SegmentStream {
            header,
            path,
            file,
            limit: 0,
            cursor,
            buffer: Vec::new(),
            buffer_offset: HEADER_BYTES as u64,
            synced_through: 0,
        };
        stream.look_for_more()?;
        Ok(stream)
    }

    /// Takes what has been written since into account.
    ///
    /// # Errors
    ///
    /// `Io`.
    pub(crate) fn look_for_more(&mut self) -> Result<(), Error> {
        let len = nonzero_len(&*self.file);
        self.limit = len.map_err(|error| Error::io(&self.path, "read", error))?;
        // What was read before may have been zeros then.
        self.buffer.clear();
        self.buffer_offset = self.position().offset;
        Ok(())
    }

    /// Reads nothing behind this.
    pub(crate) fn end_at(&mut self, offset: u64) {
        self.limit = self.limit.min(offset);
    }

    /// Where what is written ends: at the last byte that is not zero.
    pub(crate) fn limit(&self) -> u64 {
        self.limit
    }

    /// Where the next batch is expected.
    pub(crate) fn position(&self) -> Position {
        self.cursor.position()
    }

    /// The sequence number of the next transaction.
    pub(crate) fn next_seq(&self) -> u64 {
        self.cursor.next_seq()
    }

    /// Up to here the segment was durable, as the headers of the batches so far tell.
    pub(crate) fn synced_through(&self) -> u64 {
        self.synced_through
    }

    pub(crate) fn is_at_end(&self) -> bool {
        self.position().offset >= self.limit
    }

    /// The next batch, or why there is none. An error doesn't move the stream.
    ///
    /// # Errors
    ///
    /// `Io`.
    pub(crate) fn next_batch(
        &mut self,
        depth: Depth,
    ) -> Result<Result<Batch<'_>, BatchError>, Error> {
        let mut needed = BATCH_HEADER_BYTES as u64;
        let start = self.fill(needed)?;
        let ahead = self.buffer.get(start..).unwrap_or_default();
        let header = BatchHeader::decode(ahead, self.cursor.seed(), self.position().offset);
        if let Some(header) = header
            && header.body_bytes as usize <= BATCH_BYTES_MAX
        {
            needed = header.batch_bytes();
        }
        let start = self.fill(needed)?;
        let bytes = self.buffer.get(start..).unwrap_or_default();
        let batch = self.cursor.next_batch(bytes, depth);
        if let Ok(batch) = &batch {
            self.synced_through = self.synced_through.max(batch.header.synced_through);
        }
        Ok(batch)
    }

    /// All that lies behind the last good batch.
    ///
    /// # Errors
    ///
    /// `Io`.
    pub(crate) fn rest(&mut self) -> Result<&[u8], Error> {
        let start = self.fill(self.limit.saturating_sub(self.position().offset))?;
        Ok(self.buffer.get(start..).unwrap_or_default())
    }

    /// Sees to it that the buffer has so much from the position on, or all that there is, and tells where in it that begins.
    fn fill(&mut self, needed: u64) -> Result<usize, Error> {
        let offset = self.position().offset;
        let left = self.limit.saturating_sub(offset);
        let needed = index(needed.min(left));
        let start = index(offset - self.buffer_offset);
        if self.buffer.len().saturating_sub(start) >= needed {
            return Ok(start);
        }
        self.buffer.drain(..start.min(self.buffer.len()));
        self.buffer_offset = offset;
        let done = self.buffer.len();
        self.buffer.resize(needed.max(index(READ_BYTES.min(left))), 0);
        let read = self
            .buffer
            .get_mut(done..)
            .map_or(Ok(0), |buffer| {
                read_up_to(&*self.file, self.buffer_offset + done as u64, buffer)
            })
            .map_err(|error| Error::io(&self.path, "read", error))?;
        self.buffer.truncate(done + read);
        Ok(0)
    }
}

/// What is longer than memory can't be read, and is not asked for.
fn index(bytes: u64) -> usize {
    usize::try_from(bytes).unwrap_or(usize::MAX)
}
