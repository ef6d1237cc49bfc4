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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::disk::sim::{ReadFault, SimDisk};
    use crate::format::StoreId;
    use crate::format::batch::{BatchBuilder, Progress};
    use crate::rollback::Rollback;

    fn header() -> SegmentHeader {
        SegmentHeader {
            store: StoreId([1; 16]),
            rollback: Rollback::Off,
            number: 1,
            predecessor: Position::default(),
            first_seq: 1,
            created_us: 0,
            birth_end: 0,
        }
    }

    /// A segment of so many batches, each with one transaction. Each tells that all before it is durable. Gives where they end,
    /// too.
    fn segment(batches: u64) -> (SimDisk, Vec<u64>) {
        let seed = header().seed();
        let (mut bytes, mut chain, mut ends) = (header().encode().to_vec(), seed, Vec::new());
        for seq in 1..=batches {
            let mut batch = BatchBuilder::new(seq, 0);
            batch.push_tx(0, 0, b"what the transaction is told");
            let offset = bytes.len() as u64;
            let progress = Progress { synced_through: offset, applied_through: 0 };
            let sealed = batch.seal(seed, offset, chain, progress);
            bytes.extend_from_slice(&sealed.bytes);
            chain = sealed.chain;
            ends.push(bytes.len() as u64);
        }
        let disk = SimDisk::new();
        disk.set_file(&names::segment(1), bytes);
        (disk, ends)
    }

    #[test]
    fn it_ends_behind_the_last_batch_and_not_before() {
        let (disk, ends) = segment(3);
        let mut stream = SegmentStream::open(&disk, header()).unwrap();
        for end in ends {
            assert!(!stream.is_at_end());
            let begins = stream.position().offset;
            let _ = stream.next_batch(Depth::Bodies).unwrap().unwrap();
            assert_eq!(stream.position().offset, end);
            assert_eq!(stream.synced_through(), begins, "as the batch tells");
        }
        assert!(stream.is_at_end());
        assert_eq!(stream.next_batch(Depth::Bodies).unwrap().unwrap_err(), BatchError::Header);
    }

    #[test]
    fn nothing_is_read_behind_the_first_end_that_it_is_given() {
        let (disk, ends) = segment(3);
        let mut stream = SegmentStream::open(&disk, header()).unwrap();
        stream.end_at(ends[1]);
        stream.end_at(ends[2]);
        assert_eq!(stream.limit(), ends[1]);
        for _ in 0..2 {
            let _ = stream.next_batch(Depth::Bodies).unwrap().unwrap();
        }
        assert!(stream.is_at_end());
        assert!(stream.next_batch(Depth::Bodies).unwrap().is_err());
        assert!(stream.rest().unwrap().is_empty());
    }

    #[test]
    fn a_segment_whose_end_can_not_be_looked_for_is_an_error_and_not_empty() {
        let (disk, ends) = segment(1);
        disk.fail_reads(&names::segment(1), ReadFault::EioFrom(ends[0] - 1));
        let error = SegmentStream::open(&disk, header()).unwrap_err();
        assert!(matches!(error, Error::Io { .. }), "{error}");
    }

    #[test]
    fn what_is_longer_than_any_batch_is_not_read_for_one() {
        let (disk, ends) = segment(1);
        let mut bytes = disk.file(&names::segment(1)).unwrap();
        let (seed, offset) = (header().seed(), ends[0]);
        let good = BatchHeader::decode(&bytes[HEADER_BYTES..], seed, HEADER_BYTES as u64).unwrap();
        let body_bytes = u32::try_from(BATCH_BYTES_MAX).unwrap() + 1;
        bytes.extend_from_slice(&BatchHeader { body_bytes, ..good }.encode(seed, offset));
        bytes.resize(bytes.len() + 3 * index(READ_BYTES), 7);
        disk.set_file(&names::segment(1), bytes);
        let mut stream = SegmentStream::open(&disk, header()).unwrap();
        let _ = stream.next_batch(Depth::Bodies).unwrap().unwrap();
        assert_eq!(stream.next_batch(Depth::Bodies).unwrap().unwrap_err(), BatchError::TooLong);
        assert!(stream.buffer.len() <= index(READ_BYTES), "{}", stream.buffer.len());
    }
}
