//! A segment's bytes as a sequence of good batches.

use crate::format::batch::{Batch, BatchError, Depth, read_batch};
use crate::format::header::{HEADER_BYTES, SegmentHeader};
use crate::format::{Chain, Position};

/// A place in a segment, between two batches, and what the next batch must be to follow.
#[derive(Clone, Debug)]
pub(super) struct Cursor {
    seed: Chain,
    position: Position,
    next_seq: u64,
}

impl Cursor {
    /// Behind the header.
    pub(super) fn new(header: &SegmentHeader) -> Self {
        let seed = header.seed();
        let offset = HEADER_BYTES as u64;
        let position = Position { segment: header.number, offset, chain: seed };
        Cursor { seed, position, next_seq: header.first_seq }
    }

    #[cfg(feature = "inspect")]
    pub(super) fn seed(&self) -> Chain {
        self.seed
    }

    pub(super) fn position(&self) -> Position {
        self.position
    }

    pub(super) fn next_seq(&self) -> u64 {
        self.next_seq
    }

    /// The batch that these bytes, which stand here, begin with: the cursor goes behind it. An error doesn't move it.
    pub(super) fn next_batch<'a>(
        &mut self,
        bytes: &'a [u8],
        depth: Depth,
    ) -> Result<Batch<'a>, BatchError> {
        let Position { offset, chain, .. } = self.position;
        let batch = read_batch(bytes, offset, self.seed, chain, self.next_seq, depth)?;
        let tx_count = u64::from(batch.header.tx_count);
        let next_seq = self.next_seq.checked_add(tx_count).ok_or(BatchError::Seq)?;
        self.position.offset += batch.header.batch_bytes();
        self.position.chain = batch.chain;
        self.next_seq = next_seq;
        Ok(batch)
    }
}

/// Reads a segment from front to back, and stops for good at the first batch that isn't good.
#[derive(Clone, Debug)]
pub(crate) struct SegmentScan<'a> {
    bytes: &'a [u8],
    cursor: Cursor,
    depth: Depth,
}

impl<'a> SegmentScan<'a> {
    /// `bytes` are the segment's whole file, of which `header` was read.
    pub(crate) fn new(bytes: &'a [u8], header: &SegmentHeader, depth: Depth) -> Self {
        SegmentScan { bytes, cursor: Cursor::new(header), depth }
    }

    /// Where the next batch is expected.
    pub(crate) fn position(&self) -> Position {
        self.cursor.position()
    }

    /// The sequence number of the next transaction.
    pub(crate) fn next_seq(&self) -> u64 {
        self.cursor.next_seq()
    }

    /// The next batch. An error doesn't move the scan.
    pub(crate) fn next_batch(&mut self) -> Result<Batch<'a>, BatchError> {
        // All batches so far lie inside `bytes`, so that the place does.
        let offset = usize::try_from(self.position().offset).unwrap_or(usize::MAX);
        let rest = self.bytes.get(offset..).unwrap_or_default();
        self.cursor.next_batch(rest, self.depth)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::format::StoreId;
    use crate::format::batch::{BatchBuilder, Progress};
    use crate::rollback::Rollback;

    #[test]
    fn more_sequence_numbers_than_there_are_are_refused() {
        let header = SegmentHeader {
            store: StoreId([1; 16]),
            rollback: Rollback::Off,
            number: 1,
            predecessor: Position::default(),
            first_seq: u64::MAX,
            created_us: 0,
            birth_end: HEADER_BYTES as u64,
        };
        let mut batch = BatchBuilder::new(u64::MAX, 0);
        batch.push_tx(0, 0, b"");
        let seed = header.seed();
        let sealed = batch.seal(seed, HEADER_BYTES as u64, seed, Progress::default());
        let file = [&header.encode()[..], &sealed.bytes].concat();
        let mut scan = SegmentScan::new(&file, &header, Depth::Bodies);
        assert_eq!(scan.next_batch().map(|_| ()), Err(BatchError::Seq));
        assert_eq!(scan.next_seq(), u64::MAX, "an error doesn't move the scan");
    }
}
