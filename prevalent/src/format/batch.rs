//! Batches: what one write hands to the disk, whole or not at all.

use super::bytes::{Reader, put_varint};
use super::record::TX_TAG;
use super::{BATCH_BYTES_MAX, Chain, SECTOR_BYTES, hash};

pub(crate) const BATCH_HEADER_BYTES: usize = 80;
const MAGIC: [u8; 4] = [0x50, 0x56, 0x42, 0xB1];
const HEADER_END: u8 = 0xB2;
const BATCH_END: u8 = 0xB3;
/// What the header's checksum covers begins behind magic and checksum.
const CHECKED_FROM: usize = 8;
const HEADER_END_OFFSET: usize = BATCH_HEADER_BYTES - 1;

/// The header of a batch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct BatchHeader {
    pub(crate) first_seq: u64,
    pub(crate) base_time_us: u64,
    pub(crate) synced_through: u64,
    pub(crate) applied_through: u64,
    pub(crate) previous: Chain,
    pub(crate) body_hash: u64,
    pub(crate) body_bytes: u32,
    pub(crate) tx_count: u32,
    pub(crate) zero_sectors: u32,
}

impl BatchHeader {
    pub(crate) fn encode(&self, seed: Chain, offset: u64) -> [u8; BATCH_HEADER_BYTES] {
        let mut header = [0; BATCH_HEADER_BYTES];
        let mut len = CHECKED_FROM;
        let mut put = |bytes: &[u8]| {
            header[len..len + bytes.len()].copy_from_slice(bytes);
            len += bytes.len();
        };
        for value in [
            self.first_seq,
            self.base_time_us,
            self.synced_through,
            self.applied_through,
            self.previous.0,
            self.body_hash,
        ] {
            put(&value.to_le_bytes());
        }
        for value in [self.body_bytes, self.tx_count, self.zero_sectors] {
            put(&value.to_le_bytes());
        }
        header[HEADER_END_OFFSET] = HEADER_END;
        header[..4].copy_from_slice(&MAGIC);
        let crc = checksum(seed, offset, &header[CHECKED_FROM..]);
        header[4..CHECKED_FROM].copy_from_slice(&crc.to_le_bytes());
        header
    }

    /// The header that `bytes` begin with, if they begin with one that was written at this very place.
    pub(crate) fn decode(bytes: &[u8], seed: Chain, offset: u64) -> Option<BatchHeader> {
        let header = bytes.first_chunk::<BATCH_HEADER_BYTES>()?;
        let mut fields = Reader::new(header);
        if fields.array()? != MAGIC
            || fields.u32()? != checksum(seed, offset, &header[CHECKED_FROM..])
            || header[HEADER_END_OFFSET] != HEADER_END
        {
            return None;
        }
        Some(BatchHeader {
            first_seq: fields.u64()?,
            base_time_us: fields.u64()?,
            synced_through: fields.u64()?,
            applied_through: fields.u64()?,
            previous: Chain(fields.u64()?),
            body_hash: fields.u64()?,
            body_bytes: fields.u32()?,
            tx_count: fields.u32()?,
            zero_sectors: fields.u32()?,
        })
    }

    /// The length of the whole batch on disk.
    pub(crate) fn batch_bytes(&self) -> u64 {
        BATCH_HEADER_BYTES as u64 + u64::from(self.body_bytes) + 1
    }
}

/// Where a batch may begin: cheap, to skip over bytes that are no header.
pub(crate) fn may_begin_here(bytes: &[u8]) -> bool {
    bytes.starts_with(&MAGIC)
}

fn checksum(seed: Chain, offset: u64, header: &[u8]) -> u32 {
    let mut place = [0; 16];
    place[..8].copy_from_slice(&seed.0.to_le_bytes());
    place[8..].copy_from_slice(&offset.to_le_bytes());
    crc32c::crc32c_append(crc32c::crc32c(&place), header)
}

/// A batch that was read and found good.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Batch<'a> {
    pub(crate) header: BatchHeader,
    pub(crate) body: &'a [u8],
    /// The chain behind it.
    pub(crate) chain: Chain,
}

/// Why there is no good batch at a place.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum BatchError {
    #[error("there is no batch header, or its checksum is wrong")]
    Header,
    #[error("the batch is longer than any can be")]
    TooLong,
    #[error("the file ends inside the batch")]
    Cut,
    #[error("the batch does not follow the one before it")]
    Chain,
    #[error("the sequence number is not the next one")]
    Seq,
    #[error("the batch's end is not where it should be")]
    End,
    #[error("the checksum of the batch's body is wrong")]
    Body,
}

/// Whether the body's hash is computed, too, or only the header, the chain and the end are looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Depth {
    Headers,
    Bodies,
}

/// Reads the batch that `bytes` begin with, `offset` being where in its segment they were read.
pub(crate) fn read_batch(
    bytes: &[u8],
    offset: u64,
    seed: Chain,
    previous: Chain,
    next_seq: u64,
    depth: Depth,
) -> Result<Batch<'_>, BatchError> {
    let header = BatchHeader::decode(bytes, seed, offset).ok_or(BatchError::Header)?;
    let body_bytes = header.body_bytes as usize;
    if body_bytes > BATCH_BYTES_MAX {
        return Err(BatchError::TooLong);
    }
    let (head, rest) = bytes.split_at_checked(BATCH_HEADER_BYTES).ok_or(BatchError::Cut)?;
    let (body, rest) = rest.split_at_checked(body_bytes).ok_or(BatchError::Cut)?;
    let &end = rest.first().ok_or(BatchError::Cut)?;
    if header.previous != previous {
        return Err(BatchError::Chain);
    }
    if header.first_seq != next_seq {
        return Err(BatchError::Seq);
    }
    if end != BATCH_END {
        return Err(BatchError::End);
    }
    if depth == Depth::Bodies && hash(body) != header.body_hash {
        return Err(BatchError::Body);
    }
    Ok(Batch { header, body, chain: Chain(hash(head)) })
}

/// How far a segment was durable, and a state applied, when a batch was written.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Progress {
    pub(crate) synced_through: u64,
    pub(crate) applied_through: u64,
}

/// A batch in the making.
#[derive(Debug)]
pub(crate) struct BatchBuilder {
    /// Room for the header, then the records.
    bytes: Vec<u8>,
    first_seq: u64,
    base_time_us: u64,
    last_time_us: u64,
    tx_count: u32,
}

/// A batch that is ready to be written at the place that it was sealed for.
#[derive(Debug)]
pub(crate) struct SealedBatch {
    pub(crate) bytes: Vec<u8>,
    /// The chain behind it.
    pub(crate) chain: Chain,
}

impl BatchBuilder {
    /// A batch whose first transaction will be, or would be, `first_seq`.
    pub(crate) fn new(first_seq: u64, base_time_us: u64) -> Self {
        BatchBuilder::reusing(Vec::new(), first_seq, base_time_us)
    }

    /// Like `new`, with the memory of a batch that was written.
    pub(crate) fn reusing(mut memory: Vec<u8>, first_seq: u64, base_time_us: u64) -> Self {
        memory.clear();
        memory.resize(BATCH_HEADER_BYTES, 0);
        BatchBuilder {
            bytes: memory,
            first_seq,
            base_time_us,
            last_time_us: base_time_us,
            tx_count: 0,
        }
    }

    /// A copy of a batch that was read, to be sealed for another place.
    pub(crate) fn copy_of(batch: &Batch<'_>) -> Self {
        let mut copy = BatchBuilder::new(batch.header.first_seq, batch.header.base_time_us);
        copy.bytes.extend_from_slice(batch.body);
        copy.tx_count = batch.header.tx_count;
        copy
    }

    /// Like `copy_of`, of the first transactions only: those in the first `bytes` of the body.
    pub(crate) fn copy_of_start(batch: &Batch<'_>, bytes: usize, tx_count: u32) -> Self {
        let mut copy = BatchBuilder::new(batch.header.first_seq, batch.header.base_time_us);
        copy.bytes.extend_from_slice(batch.body.get(..bytes).unwrap_or_default());
        copy.tx_count = tx_count;
        copy
    }

    /// Adds a transaction. Its time must not be earlier than that of the one before.
    pub(crate) fn push_tx(&mut self, entry_id: u32, time_us: u64, payload: &[u8]) {
        put_varint(&mut self.bytes, TX_TAG + u64::from(entry_id));
        put_varint(&mut self.bytes, time_us.saturating_sub(self.last_time_us));
        self.last_time_us = time_us;
        super::bytes::put_counted(&mut self.bytes, payload);
        self.tx_count += 1;
    }

    /// Where to add control records (`record::put_…`).
    pub(crate) fn body_mut(&mut self) -> &mut Vec<u8> {
        &mut self.bytes
    }

    pub(crate) fn first_seq(&self) -> u64 {
        self.first_seq
    }

    pub(crate) fn tx_count(&self) -> u64 {
        u64::from(self.tx_count)
    }

    /// How many bytes the batch will take on disk.
    pub(crate) fn sealed_bytes(&self) -> u64 {
        self.bytes.len() as u64 + 1
    }

    pub(crate) fn body_bytes(&self) -> usize {
        self.bytes.len() - BATCH_HEADER_BYTES
    }

    /// Ends the batch, for this place in a segment.
    pub(crate) fn seal(
        mut self,
        seed: Chain,
        offset: u64,
        previous: Chain,
        progress: Progress,
    ) -> SealedBatch {
        let body_bytes = self.body_bytes();
        debug_assert!(body_bytes <= BATCH_BYTES_MAX, "a batch of {body_bytes} bytes");
        self.bytes.push(BATCH_END);
        let header = BatchHeader {
            first_seq: self.first_seq,
            base_time_us: self.base_time_us,
            synced_through: progress.synced_through,
            applied_through: progress.applied_through,
            previous,
            body_hash: hash(&self.bytes[BATCH_HEADER_BYTES..BATCH_HEADER_BYTES + body_bytes]),
            #[expect(clippy::cast_possible_truncation, reason = "at most BATCH_BYTES_MAX")]
            body_bytes: body_bytes as u32,
            tx_count: self.tx_count,
            zero_sectors: zero_sectors(&self.bytes, offset),
        }
        .encode(seed, offset);
        self.bytes[..BATCH_HEADER_BYTES].copy_from_slice(&header);
        SealedBatch { chain: Chain(hash(&header)), bytes: self.bytes }
    }
}

/// How many of the file's sectors that lie wholly inside these bytes, which begin at `offset`, hold nothing but zeros.
///
/// The header has bytes that are not zero in each sector it touches, and so has the end; only the body can have such
/// sectors.
pub(crate) fn zero_sectors(bytes: &[u8], offset: u64) -> u32 {
    let sector = SECTOR_BYTES as u64;
    #[expect(clippy::cast_possible_truncation, reason = "below the length of a sector")]
    let until_boundary = (offset.next_multiple_of(sector) - offset) as usize;
    let whole = bytes.get(until_boundary..).unwrap_or_default().chunks_exact(SECTOR_BYTES);
    whole.map(|sector| u32::from(is_zero(sector))).sum()
}

/// Whether all bytes are zero.
pub(crate) fn is_zero(bytes: &[u8]) -> bool {
    bytes.iter().all(|&byte| byte == 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    const SEED: Chain = Chain(42);

    fn sealed(offset: u64) -> SealedBatch {
        let mut batch = BatchBuilder::new(7, 1_000);
        batch.push_tx(0, 1_000, b"one");
        batch.push_tx(1, 1_005, b"two");
        batch.seal(SEED, offset, Chain(1), Progress { synced_through: 200, applied_through: 6 })
    }

    fn read(bytes: &[u8], offset: u64) -> Result<Batch<'_>, BatchError> {
        read_batch(bytes, offset, SEED, Chain(1), 7, Depth::Bodies)
    }

    #[test]
    fn a_batch_reads_back() {
        let sealed = sealed(0);
        let batch = read(&sealed.bytes, 0).expect("a good batch");
        assert_eq!(
            (batch.header.first_seq, batch.header.tx_count, batch.chain),
            (7, 2, sealed.chain)
        );
        assert_eq!(batch.header.batch_bytes(), sealed.bytes.len() as u64);
    }

    #[test]
    fn every_flipped_bit_and_every_cut_of_a_batch_is_noticed() {
        let good = sealed(0).bytes;
        for bit in 0..good.len() * 8 {
            let mut bad = good.clone();
            bad[bit / 8] ^= 1 << (bit % 8);
            assert!(read(&bad, 0).is_err(), "bit {bit}");
        }
        for len in 0..good.len() {
            assert!(read(&good[..len], 0).is_err(), "cut at {len}");
        }
    }

    #[test]
    fn a_batch_at_another_place_or_in_another_segment_is_none() {
        assert_eq!(read(&sealed(0).bytes, 8).map(|_| ()), Err(BatchError::Header));
        let good = sealed(0).bytes;
        let elsewhere = read_batch(&good, 0, Chain(43), Chain(1), 7, Depth::Bodies);
        assert_eq!(elsewhere.map(|_| ()), Err(BatchError::Header));
    }

    #[test]
    fn a_header_without_its_last_byte_is_none_whatever_its_checksum() {
        let mut bad = sealed(0).bytes;
        bad[HEADER_END_OFFSET] = 0;
        let crc = checksum(SEED, 0, &bad[CHECKED_FROM..BATCH_HEADER_BYTES]);
        bad[4..CHECKED_FROM].copy_from_slice(&crc.to_le_bytes());
        assert_eq!(read(&bad, 0).map(|_| ()), Err(BatchError::Header));
    }

    #[test]
    fn a_batch_that_does_not_follow_is_refused() {
        let good = sealed(0).bytes;
        let stale = read_batch(&good, 0, SEED, Chain(2), 7, Depth::Bodies);
        assert_eq!(stale.map(|_| ()), Err(BatchError::Chain));
        let gap = read_batch(&good, 0, SEED, Chain(1), 8, Depth::Bodies);
        assert_eq!(gap.map(|_| ()), Err(BatchError::Seq));
    }

    #[test]
    fn a_length_that_no_batch_has_is_refused_before_it_is_looked_for() {
        let good = sealed(0).bytes;
        let mut header = BatchHeader::decode(&good, SEED, 0).expect("a good header");
        header.body_bytes = u32::try_from(BATCH_BYTES_MAX).expect("fits") + 1;
        let long = header.encode(SEED, 0);
        assert_eq!(read(&long, 0).map(|_| ()), Err(BatchError::TooLong));
        header.body_bytes -= 1;
        assert_eq!(read(&header.encode(SEED, 0), 0).map(|_| ()), Err(BatchError::Cut));
    }

    #[test]
    fn no_sector_that_a_header_or_an_end_touches_can_be_all_zeros() {
        for offset in 0..SECTOR_BYTES as u64 {
            let mut batch = BatchBuilder::new(0, 0);
            batch.push_tx(0, 0, &[0; 3 * SECTOR_BYTES]);
            let sealed = batch.seal(SEED, offset, Chain(0), Progress::default());
            let start = usize::try_from(offset).expect("small");
            let file = [vec![0; start], sealed.bytes].concat();
            let header_sectors =
                start / SECTOR_BYTES..=(start + BATCH_HEADER_BYTES - 1) / SECTOR_BYTES;
            for sector in header_sectors.chain([(file.len() - 1) / SECTOR_BYTES]) {
                let end = file.len().min((sector + 1) * SECTOR_BYTES);
                assert!(
                    !is_zero(&file[start.max(sector * SECTOR_BYTES)..end]),
                    "offset {offset}, sector {sector}"
                );
            }
        }
    }

    #[test]
    fn zero_sectors_counts_whole_sectors_only() {
        assert_eq!(zero_sectors(&[0; 1024], 0), 2);
        assert_eq!(zero_sectors(&[0; 1024], 1), 1);
        assert_eq!(zero_sectors(&[1; 1024], 0), 0);
        assert_eq!(zero_sectors(&[0; 511], 0), 0);
    }
}
