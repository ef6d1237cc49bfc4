//! A segment's bytes as a sequence of good batches.

use crate::format::batch::{Batch, BatchError, Depth, read_batch};
use crate::format::header::{HEADER_BYTES, SegmentHeader};
use crate::format::{Chain, Position};

/// Reads a segment from front to back, and stops for good at the first batch that isn't good.
#[derive(Clone, Debug)]
pub(crate) struct SegmentScan<'a> {
    bytes: &'a [u8],
    number: u64,
    seed: Chain,
    offset: usize,
    chain: Chain,
    next_seq: u64,
    depth: Depth,
}

impl<'a> SegmentScan<'a> {
    /// `bytes` are the segment's whole file, of which `header` was read.
    pub(crate) fn new(bytes: &'a [u8], header: &SegmentHeader, depth: Depth) -> Self {
        let seed = header.seed();
        SegmentScan {
            bytes,
            number: header.number,
            seed,
            offset: HEADER_BYTES,
            chain: seed,
            next_seq: header.first_seq,
            depth,
        }
    }

    /// Where the next batch is expected.
    pub(crate) fn position(&self) -> Position {
        Position { segment: self.number, offset: self.offset as u64, chain: self.chain }
    }

    /// The sequence number of the next transaction.
    pub(crate) fn next_seq(&self) -> u64 {
        self.next_seq
    }

    /// The next batch. An error doesn't move the scan.
    pub(crate) fn next_batch(&mut self) -> Result<Batch<'a>, BatchError> {
        let rest = self.bytes.get(self.offset..).unwrap_or_default();
        let batch =
            read_batch(rest, self.offset as u64, self.seed, self.chain, self.next_seq, self.depth)?;
        let next_seq =
            self.next_seq.checked_add(u64::from(batch.header.tx_count)).ok_or(BatchError::Seq)?;
        // The batch lies inside `bytes`, so its length fits.
        self.offset += usize::try_from(batch.header.batch_bytes()).unwrap_or(usize::MAX);
        self.chain = batch.chain;
        self.next_seq = next_seq;
        Ok(batch)
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
