//! The trail of a replay: what the lock file says while transactions are replayed.

use super::bytes::Reader;
use super::{Chain, FORMAT_VERSION, Position};

/// How long it is.
pub(crate) const TRAIL_BYTES: usize = 64;
const CRC_OFFSET: usize = TRAIL_BYTES - 4;
const MAGIC: [u8; 8] = *b"prvl-rpl";

/// Where a replay is, or was when its process ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct TrailMark {
    pub(crate) stage: Stage,
    /// The end of the journal that is replayed.
    pub(crate) journal: Position,
    /// What is being applied, or decoded, is one of these transactions.
    pub(crate) first: u64,
    pub(crate) last: u64,
}

/// Whether anybody knows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Stage {
    /// It goes on, or has ended with its process.
    Replaying,
    /// An open has failed with it: the next one tries again.
    Told,
}

impl TrailMark {
    pub(crate) fn encode(&self) -> [u8; TRAIL_BYTES] {
        let stage: u32 = match self.stage {
            Stage::Replaying => 0,
            Stage::Told => 1,
        };
        let Position { segment, offset, chain: Chain(chain) } = self.journal;
        let mut bytes = [0; TRAIL_BYTES];
        bytes[..8].copy_from_slice(&MAGIC);
        bytes[8..12].copy_from_slice(&FORMAT_VERSION.to_le_bytes());
        bytes[12..16].copy_from_slice(&stage.to_le_bytes());
        let fields = [segment, offset, chain, self.first, self.last];
        for (place, field) in bytes[16..].chunks_exact_mut(8).zip(fields) {
            place.copy_from_slice(&field.to_le_bytes());
        }
        let crc = crc32c::crc32c(&bytes[..CRC_OFFSET]);
        bytes[CRC_OFFSET..].copy_from_slice(&crc.to_le_bytes());
        bytes
    }

    /// `None` where there is none, or none that this version knows: nothing depends on it.
    pub(crate) fn decode(bytes: &[u8]) -> Option<Self> {
        let (fields, crc) = bytes.get(..TRAIL_BYTES)?.split_at(CRC_OFFSET);
        if crc32c::crc32c(fields).to_le_bytes() != *crc {
            return None;
        }
        let mut fields = Reader::new(fields);
        if fields.array()? != MAGIC || fields.u32()? != FORMAT_VERSION {
            return None;
        }
        let stage = match fields.u32()? {
            0 => Stage::Replaying,
            1 => Stage::Told,
            _ => return None,
        };
        let (segment, offset, chain) = (fields.u64()?, fields.u64()?, Chain(fields.u64()?));
        let journal = Position { segment, offset, chain };
        Some(TrailMark { stage, journal, first: fields.u64()?, last: fields.u64()? })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mark(stage: Stage) -> TrailMark {
        let journal = Position { segment: 3, offset: 4711, chain: Chain(u64::MAX - 1) };
        TrailMark { stage, journal, first: 17, last: 1 << 40 }
    }

    #[test]
    fn a_mark_is_read_as_it_was_written() {
        for stage in [Stage::Replaying, Stage::Told] {
            assert_eq!(TrailMark::decode(&mark(stage).encode()), Some(mark(stage)));
        }
    }

    #[test]
    fn what_is_damaged_cut_or_empty_is_no_mark() {
        let bytes = mark(Stage::Replaying).encode();
        for bit in 0..bytes.len() * 8 {
            let mut damaged = bytes;
            damaged[bit / 8] ^= 1 << (bit % 8);
            assert_eq!(TrailMark::decode(&damaged), None, "{bit}");
        }
        for len in 0..bytes.len() {
            assert_eq!(TrailMark::decode(&bytes[..len]), None, "{len}");
        }
        assert_eq!(TrailMark::decode(&[0; TRAIL_BYTES]), None);
    }

    #[test]
    fn what_another_version_may_have_written_is_no_mark_either() {
        for at in [0, 8, 12] {
            let mut other = mark(Stage::Told).encode();
            other[at] ^= 0x40;
            let crc = crc32c::crc32c(&other[..CRC_OFFSET]);
            other[CRC_OFFSET..].copy_from_slice(&crc.to_le_bytes());
            assert_eq!(TrailMark::decode(&other), None, "{at}");
        }
    }

    #[test]
    fn the_layout_is_the_one_that_the_format_names() {
        let bytes = mark(Stage::Told).encode();
        assert_eq!(&bytes[..16], b"prvl-rpl\x01\0\0\0\x01\0\0\0");
        assert_eq!(bytes[16..24], 3_u64.to_le_bytes());
        assert_eq!(bytes[24..32], 4711_u64.to_le_bytes());
        assert_eq!(bytes[32..40], (u64::MAX - 1).to_le_bytes());
        assert_eq!(bytes[40..48], 17_u64.to_le_bytes());
        assert_eq!(bytes[48..56], (1_u64 << 40).to_le_bytes());
        assert_eq!(bytes[56..60], [0; 4]);
    }
}
