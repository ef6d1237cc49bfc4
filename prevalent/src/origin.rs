//! Where a store comes from.

use std::time::SystemTime;

use crate::clock;
use crate::format::record::OriginRecord;
use crate::format::{Chain, Position};
use crate::{Seq, StoreId};

/// The store that another one was made from, and at which point of its history:
/// [`Recovery::origin`](crate::Recovery::origin).
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Origin {
    /// How it was made.
    pub how: OriginKind,
    /// The store that it was made from.
    pub store: StoreId,
    /// The last sequence number that was taken over.
    pub seq: Seq,
    /// A place in that store's journal, behind that transaction and no further than the batch that it is in: the segment's
    /// number. 0 where there was no journal yet.
    pub segment: u64,
    /// The place in the segment, in bytes.
    pub offset: u64,
    /// A hash over that store's journal up to the place. Who has it, can tell whether another journal has the same history.
    pub chain: u64,
    /// When it was made.
    pub time: SystemTime,
}

/// How a store was made from another one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum OriginKind {
    /// From a backup, by [`restore`](crate::restore).
    Restored,
    /// From a store's directory, by [`fork`](crate::fork).
    Forked,
    /// From lines of JSON, by `import` (feature `json`).
    Imported,
}

impl Origin {
    pub(crate) fn to_record(&self) -> OriginRecord {
        let journal =
            Position { segment: self.segment, offset: self.offset, chain: Chain(self.chain) };
        let (how, store, seq) = (self.how, self.store, self.seq.get());
        OriginRecord { how, store, seq, journal, time_us: clock::to_us(self.time) }
    }

    pub(crate) fn from_record(record: &OriginRecord) -> Self {
        let OriginRecord { how, store, seq, journal, time_us } = *record;
        let Position { segment, offset, chain: Chain(chain) } = journal;
        let (seq, time) = (seq.into(), clock::from_us(time_us));
        Origin { how, store, seq, segment, offset, chain, time }
    }
}
