//! The headers of segments, snapshots and clean marks.

use super::bytes::Reader;
use super::{Chain, FORMAT_VERSION, FORMAT_VERSION_MIN, NUMBER_MAX, Position, StoreId, hash};
use crate::rollback::Rollback;

/// The length of each header.
pub(crate) const HEADER_BYTES: usize = 128;
const CRC_OFFSET: usize = HEADER_BYTES - 4;

const SEGMENT_MAGIC: [u8; 8] = *b"prvl-seg";
const SNAPSHOT_MAGIC: [u8; 8] = *b"prvl-snp";
const CLEAN_MARK_MAGIC: [u8; 8] = *b"prvl-end";

const NO_FLAGS: u32 = 0;
/// In a segment: what is in it was committed with rollback.
const ROLLBACK_FLAG: u32 = 1;

/// Why a header can't be believed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum HeaderError {
    #[error("the file is shorter than its header")]
    Short,
    #[error("the header's checksum is wrong")]
    Checksum,
    #[error("this is another kind of file")]
    Magic,
    #[error("format version {found}")]
    Version { found: u32 },
    #[error("the header has flags that are not known ({flags:#x})")]
    Flags { flags: u32 },
    #[error("the header has the number {number}, which is higher than any can be")]
    Number { number: u64 },
}

/// The header of a segment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct SegmentHeader {
    pub(crate) store: StoreId,
    pub(crate) rollback: Rollback,
    pub(crate) number: u64,
    /// The accepted end of the segment before this one.
    pub(crate) predecessor: Position,
    pub(crate) first_seq: u64,
    pub(crate) created_us: u64,
    pub(crate) birth_end: u64,
}

impl SegmentHeader {
    pub(crate) fn encode(&self) -> [u8; HEADER_BYTES] {
        let flags = match self.rollback {
            Rollback::Off => NO_FLAGS,
            Rollback::On => ROLLBACK_FLAG,
        };
        Writer::new(SEGMENT_MAGIC, flags, self.store)
            .u64(self.number)
            .position(self.predecessor)
            .u64(self.first_seq)
            .u64(self.created_us)
            .u64(self.birth_end)
            .finish()
    }

    pub(crate) fn decode(bytes: &[u8]) -> Result<Self, HeaderError> {
        let Opened { flags, store, mut fields } = open(bytes, SEGMENT_MAGIC, ROLLBACK_FLAG)?;
        let rollback = if flags & ROLLBACK_FLAG == 0 { Rollback::Off } else { Rollback::On };
        Ok(SegmentHeader {
            store,
            rollback,
            number: fields.number()?,
            predecessor: fields.position()?,
            first_seq: fields.number()?,
            created_us: fields.u64()?,
            birth_end: fields.u64()?,
        })
    }

    /// What the checksums of the segment's batches are seeded with, and the chain before the first of them.
    pub(crate) fn seed(&self) -> Chain {
        Chain(hash(&self.encode()))
    }
}

/// The header of a snapshot.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct SnapshotHeader {
    pub(crate) store: StoreId,
    pub(crate) seq: u64,
    /// The journal is durable through here, and all that the snapshot holds lies before it.
    pub(crate) journal: Position,
    pub(crate) time_us: u64,
    pub(crate) created_us: u64,
    pub(crate) description_hash: u64,
    pub(crate) body_hash: u64,
    pub(crate) body_bytes: u64,
    pub(crate) description_bytes: u32,
}

impl SnapshotHeader {
    pub(crate) fn encode(&self) -> [u8; HEADER_BYTES] {
        Writer::new(SNAPSHOT_MAGIC, NO_FLAGS, self.store)
            .u64(self.seq)
            .position(self.journal)
            .u64(self.time_us)
            .u64(self.created_us)
            .u64(self.description_hash)
            .u64(self.body_hash)
            .u64(self.body_bytes)
            .bytes(&self.description_bytes.to_le_bytes())
            .finish()
    }

    pub(crate) fn decode(bytes: &[u8]) -> Result<Self, HeaderError> {
        let Opened { store, mut fields, .. } = open(bytes, SNAPSHOT_MAGIC, NO_FLAGS)?;
        Ok(SnapshotHeader {
            store,
            seq: fields.number()?,
            journal: fields.position()?,
            time_us: fields.u64()?,
            created_us: fields.u64()?,
            description_hash: fields.u64()?,
            body_hash: fields.u64()?,
            body_bytes: fields.u64()?,
            description_bytes: fields.u32()?,
        })
    }
}

/// Where the journal ended when the store was closed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct CleanMark {
    pub(crate) store: StoreId,
    pub(crate) seq: u64,
    pub(crate) journal: Position,
    pub(crate) created_us: u64,
}

impl CleanMark {
    pub(crate) fn encode(&self) -> [u8; HEADER_BYTES] {
        Writer::new(CLEAN_MARK_MAGIC, NO_FLAGS, self.store)
            .u64(self.seq)
            .position(self.journal)
            .u64(0)
            .u64(self.created_us)
            .finish()
    }

    pub(crate) fn decode(bytes: &[u8]) -> Result<Self, HeaderError> {
        let Opened { store, mut fields, .. } = open(bytes, CLEAN_MARK_MAGIC, NO_FLAGS)?;
        let (seq, journal) = (fields.number()?, fields.position()?);
        let _reserved = fields.u64()?;
        Ok(CleanMark { store, seq, journal, created_us: fields.u64()? })
    }
}

/// What all headers have in common.
pub(super) struct Opened<'a> {
    flags: u32,
    pub(super) store: StoreId,
    /// What comes behind it.
    pub(super) fields: Fields<'a>,
}

/// The fields of a header, one behind the other.
pub(super) struct Fields<'a>(Reader<'a>);

impl Fields<'_> {
    pub(super) fn u32(&mut self) -> Result<u32, HeaderError> {
        self.0.u32().ok_or(HeaderError::Short)
    }

    pub(super) fn u64(&mut self) -> Result<u64, HeaderError> {
        self.0.u64().ok_or(HeaderError::Short)
    }

    /// The number of a segment, or a sequence number.
    pub(super) fn number(&mut self) -> Result<u64, HeaderError> {
        let number = self.u64()?;
        if number > NUMBER_MAX { Err(HeaderError::Number { number }) } else { Ok(number) }
    }

    pub(super) fn position(&mut self) -> Result<Position, HeaderError> {
        let (segment, offset) = (self.number()?, self.u64()?);
        Ok(Position { segment, offset, chain: Chain(self.u64()?) })
    }
}

/// Checks what all headers have in common; no other flags than these may be set.
pub(super) fn open(
    bytes: &[u8],
    magic: [u8; 8],
    known_flags: u32,
) -> Result<Opened<'_>, HeaderError> {
    let header = bytes.first_chunk::<HEADER_BYTES>().ok_or(HeaderError::Short)?;
    let (fields, crc) = header.split_at(CRC_OFFSET);
    if crc != crc32c::crc32c(fields).to_le_bytes() {
        return Err(HeaderError::Checksum);
    }
    let mut reader = Reader::new(fields);
    if reader.array().ok_or(HeaderError::Short)? != magic {
        return Err(HeaderError::Magic);
    }
    let found = reader.u32().ok_or(HeaderError::Short)?;
    if !(FORMAT_VERSION_MIN..=FORMAT_VERSION).contains(&found) {
        return Err(HeaderError::Version { found });
    }
    let flags = reader.u32().ok_or(HeaderError::Short)?;
    if flags & !known_flags != 0 {
        return Err(HeaderError::Flags { flags });
    }
    let store = StoreId(reader.array().ok_or(HeaderError::Short)?);
    Ok(Opened { flags, store, fields: Fields(reader) })
}

/// Fills a header from front to back; what isn't written stays zero.
pub(super) struct Writer {
    header: [u8; HEADER_BYTES],
    len: usize,
}

impl Writer {
    pub(super) fn new(magic: [u8; 8], flags: u32, store: StoreId) -> Self {
        Writer { header: [0; HEADER_BYTES], len: 0 }
            .bytes(&magic)
            .bytes(&FORMAT_VERSION.to_le_bytes())
            .bytes(&flags.to_le_bytes())
            .bytes(&store.0)
    }

    pub(super) fn bytes(mut self, bytes: &[u8]) -> Self {
        self.header[self.len..self.len + bytes.len()].copy_from_slice(bytes);
        self.len += bytes.len();
        self
    }

    pub(super) fn u64(self, value: u64) -> Self {
        self.bytes(&value.to_le_bytes())
    }

    pub(super) fn position(self, position: Position) -> Self {
        self.u64(position.segment).u64(position.offset).u64(position.chain.0)
    }

    pub(super) fn finish(mut self) -> [u8; HEADER_BYTES] {
        let crc = crc32c::crc32c(&self.header[..CRC_OFFSET]);
        self.header[CRC_OFFSET..].copy_from_slice(&crc.to_le_bytes());
        self.header
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn segment() -> SegmentHeader {
        SegmentHeader {
            store: StoreId([7; 16]),
            rollback: Rollback::Off,
            number: 3,
            predecessor: Position { segment: 2, offset: 4711, chain: Chain(99) },
            first_seq: 17,
            created_us: 1_700_000_000_000_000,
            birth_end: 400,
        }
    }

    #[test]
    fn headers_read_back() {
        let snapshot = SnapshotHeader {
            store: StoreId([1; 16]),
            seq: 2,
            journal: Position { segment: 3, offset: 4, chain: Chain(5) },
            time_us: 6,
            created_us: 7,
            description_hash: 8,
            body_hash: 9,
            body_bytes: 10,
            description_bytes: 11,
        };
        let mark =
            CleanMark { store: StoreId([1; 16]), seq: 2, journal: snapshot.journal, created_us: 3 };
        for rollback in [Rollback::Off, Rollback::On] {
            let segment = SegmentHeader { rollback, ..segment() };
            assert_eq!(SegmentHeader::decode(&segment.encode()), Ok(segment));
        }
        assert_eq!(SnapshotHeader::decode(&snapshot.encode()), Ok(snapshot));
        assert_eq!(CleanMark::decode(&mark.encode()), Ok(mark));
    }

    #[test]
    fn a_number_to_which_nothing_could_be_added_is_refused_in_each_header() {
        let journal = |segment| Position { segment, offset: u64::MAX, chain: Chain(u64::MAX) };
        let segment = |number, before, first_seq| SegmentHeader {
            number,
            predecessor: journal(before),
            first_seq,
            ..segment()
        };
        let mark = |seq, segment| CleanMark {
            store: StoreId([1; 16]),
            seq,
            journal: journal(segment),
            created_us: u64::MAX,
        };
        let snapshot = |seq, segment| SnapshotHeader {
            store: StoreId([1; 16]),
            seq,
            journal: journal(segment),
            time_us: u64::MAX,
            created_us: u64::MAX,
            description_hash: 8,
            body_hash: 9,
            body_bytes: u64::MAX,
            description_bytes: u32::MAX,
        };
        let max = NUMBER_MAX;
        for good in [segment(max, 1, 1), segment(1, max, 1), segment(1, 1, max)] {
            assert_eq!(SegmentHeader::decode(&good.encode()), Ok(good));
        }
        assert_eq!(CleanMark::decode(&mark(max, max).encode()), Ok(mark(max, max)));
        assert_eq!(SnapshotHeader::decode(&snapshot(max, max).encode()), Ok(snapshot(max, max)));
        for number in [max + 1, u64::MAX] {
            let refused = HeaderError::Number { number };
            for bad in [segment(number, 1, 1), segment(1, number, 1), segment(1, 1, number)] {
                assert_eq!(SegmentHeader::decode(&bad.encode()).as_ref(), Err(&refused));
            }
            for (seq, segment) in [(number, 1), (1, number)] {
                let (mark, snapshot) = (mark(seq, segment), snapshot(seq, segment));
                assert_eq!(CleanMark::decode(&mark.encode()).as_ref(), Err(&refused));
                assert_eq!(SnapshotHeader::decode(&snapshot.encode()).as_ref(), Err(&refused));
            }
        }
    }

    #[test]
    fn every_flipped_bit_of_a_header_is_noticed() {
        let good = segment().encode();
        for bit in 0..HEADER_BYTES * 8 {
            let mut bad = good;
            bad[bit / 8] ^= 1 << (bit % 8);
            assert_eq!(SegmentHeader::decode(&bad), Err(HeaderError::Checksum), "bit {bit}");
        }
        for len in 0..HEADER_BYTES {
            assert_eq!(SegmentHeader::decode(&good[..len]), Err(HeaderError::Short));
        }
    }

    #[test]
    fn a_header_of_another_kind_a_newer_version_or_the_one_before_the_first_is_refused() {
        assert_eq!(SnapshotHeader::decode(&segment().encode()), Err(HeaderError::Magic));
        let newer = altered(segment().encode(), 8, 9);
        assert_eq!(SegmentHeader::decode(&newer), Err(HeaderError::Version { found: 9 }));
        let unreleased = altered(segment().encode(), 8, 0);
        assert_eq!(SegmentHeader::decode(&unreleased), Err(HeaderError::Version { found: 0 }));
    }

    #[test]
    fn flags_that_are_not_known_are_refused_and_rollback_is_known_in_segments_only() {
        let refused = |flags| HeaderError::Flags { flags };
        let other = altered(segment().encode(), 12, 2);
        assert_eq!(SegmentHeader::decode(&other), Err(refused(2)));
        let other = altered(segment().encode(), 12, 3);
        assert_eq!(SegmentHeader::decode(&other), Err(refused(3)));
        let mark = CleanMark {
            store: StoreId([1; 16]),
            seq: 2,
            journal: segment().predecessor,
            created_us: 3,
        };
        let mark = altered(mark.encode(), 12, 1);
        assert_eq!(CleanMark::decode(&mark), Err(refused(1)));
    }

    /// With another byte at this offset, and the checksum for it.
    fn altered(mut header: [u8; HEADER_BYTES], offset: usize, byte: u8) -> [u8; HEADER_BYTES] {
        header[offset] = byte;
        let crc = crc32c::crc32c(&header[..CRC_OFFSET]);
        header[CRC_OFFSET..].copy_from_slice(&crc.to_le_bytes());
        header
    }
}
