//! The bytes on disk, as `docs/format.md` specifies them: structs to bytes and bytes to structs.
//!
//! Pure: no I/O, no state, no policy. What a damaged byte means for a store is decided elsewhere.

pub(crate) mod batch;
pub(crate) mod bytes;
pub(crate) mod header;
pub(crate) mod manifest;
pub(crate) mod names;
pub(crate) mod record;
mod schema;
pub(crate) mod trail;
pub(crate) mod window;

use twox_hash::XxHash3_64;

pub(crate) use crate::store_id::StoreId;

/// The version that is written, and the newest that is read.
pub(crate) const FORMAT_VERSION: u32 = 1;

/// The oldest that is read. No release has written version 0, which changed from commit to commit.
pub(crate) const FORMAT_VERSION_MIN: u32 = 1;

/// The most that the arguments of one transaction may take.
pub(crate) const TX_BYTES_MAX: usize = 16 << 20;

/// A batch that has this much is full; one transaction more may make it longer.
pub(crate) const BATCH_BYTES_FULL: usize = 64 << 20;

/// The most that a batch's body may take: a full one, one more transaction, and what frames it.
pub(crate) const BATCH_BYTES_MAX: usize = BATCH_BYTES_FULL + (17 << 20);

/// The highest number of a segment, and the highest sequence number: what is added to one that was read never overflows.
pub(crate) const NUMBER_MAX: u64 = u64::MAX >> 1;

/// The most types that a file may list. Each may be one byte there, and takes far more in memory.
pub(crate) const TYPES_MAX: usize = 1 << 16;

/// The most fields, variants and elements of tuples that these types may have, all together.
pub(crate) const PARTS_MAX: usize = 1 << 17;

/// The most transactions that the dictionary of a segment may list.
pub(crate) const ENTRIES_MAX: usize = 1 << 16;

/// The most that the names in a file's types may take, and those in a dictionary.
pub(crate) const NAMES_BYTES_MAX: usize = 4 << 20;

/// The unit in which disks write.
pub(crate) const SECTOR_BYTES: usize = 512;

/// The hash of the format: XXH3-64.
pub(crate) fn hash(bytes: &[u8]) -> u64 {
    XxHash3_64::oneshot(bytes)
}

/// The same, of what comes in pieces.
#[cfg(feature = "inspect")]
#[derive(Clone)]
pub(crate) struct RunningHash(XxHash3_64);

#[cfg(feature = "inspect")]
impl RunningHash {
    pub(crate) fn new() -> Self {
        RunningHash(XxHash3_64::new())
    }

    pub(crate) fn put(&mut self, bytes: &[u8]) {
        std::hash::Hasher::write(&mut self.0, bytes);
    }

    pub(crate) fn get(&self) -> u64 {
        std::hash::Hasher::finish(&self.0)
    }
}

/// A hash over everything that a journal has accepted up to some point.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub(crate) struct Chain(pub(crate) u64);

/// A place in the journal, between two batches.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub(crate) struct Position {
    pub(crate) segment: u64,
    pub(crate) offset: u64,
    pub(crate) chain: Chain,
}
