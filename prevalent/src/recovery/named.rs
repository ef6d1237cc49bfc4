//! A transaction of the journal, by its sequence number.

use super::survey::SurveyedSegment;
use crate::disk::Disk;
use crate::error::Error;
use crate::format::batch::Depth;
use crate::journal::entries::{Item, SegmentContext};
use crate::journal::reader::SegmentFile;

/// What the journal says of a transaction.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Named {
    /// The stable name.
    pub(crate) tx: String,
    pub(crate) time_us: u64,
}

/// The transaction with this sequence number; `None` where it is in none of these segments.
///
/// # Errors
///
/// `Io`, `Corrupt`.
pub(crate) fn find(
    disk: &dyn Disk,
    segments: &[SurveyedSegment],
    seq: u64,
) -> Result<Option<Named>, Error> {
    let behind = segments.partition_point(|segment| segment.header.first_seq <= seq);
    let segment = behind.checked_sub(1).and_then(|last| segments.get(last));
    let Some(segment) = segment else { return Ok(None) };
    let file = SegmentFile::read(disk, segment.header)?;
    let mut reader = file.reader(Depth::Bodies);
    let mut named = None;
    let mut look = |context: &SegmentContext, item: Item<'_>| {
        if let Item::Tx(entry) = item
            && entry.seq == seq
        {
            let tx = context.dictionary.entries[entry.in_dictionary].name.clone();
            named = Some(Named { tx, time_us: entry.time_us });
        }
        Ok::<(), Error>(())
    };
    while reader.next_seq() <= seq && reader.walk_batch(segment.end.offset, &mut look)?.is_some() {}
    Ok(named)
}

/// Its stable name, for a message: where it can't be read, there is none.
pub(crate) fn name_of(disk: &dyn Disk, segments: &[SurveyedSegment], seq: u64) -> Option<String> {
    find(disk, segments, seq).ok().flatten().map(|named| named.tx)
}
