//! The first pass over the journal: everything is checked, and nothing applied.

mod fallback;
mod segment;

use std::collections::BTreeSet;
use std::sync::Arc;

pub(crate) use self::fallback::check_fallback;
use self::segment::Surveyor;
use super::directory::Directory;
use super::report::DroppedTail;
use crate::changed_bodies::ChangedBodies;
use crate::disk::Disk;
use crate::error::{Error, SchemaError};
use crate::format::batch::Depth;
use crate::format::header::SegmentHeader;
use crate::format::{Position, names};
use crate::journal::entries::{Item, SegmentContext};
use crate::journal::reader::SegmentFile;
use crate::journal::segment::Carried;
use crate::resolve::{Judge, Reading, SegmentReadings};

/// What the survey is about.
#[derive(Clone, Copy)]
pub(crate) struct Scope<'a> {
    /// The chosen snapshot: its sequence number, and the position that it vouches for.
    pub(crate) snapshot_seq: u64,
    pub(crate) snapshot_position: Position,
    pub(crate) model: &'a str,
    /// How what is stored is read.
    pub(crate) judge: &'a dyn Judge,
    pub(crate) changed_bodies: ChangedBodies,
    pub(crate) end: JournalEnd,
    /// So many bytes of segments may be kept for who reads them again.
    pub(crate) kept_bytes_max: usize,
}

/// Where the journal ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum JournalEnd {
    /// It has to be found.
    Unknown { drop_suspect_tail: bool },
    /// Its owner says so: this is durable, and what lies behind it may be just being written.
    Known(Position),
}

/// What the journal holds.
#[derive(Debug)]
pub(crate) struct Survey {
    pub(crate) segments: Vec<SurveyedSegment>,
    /// The end of what is accepted.
    pub(crate) end: Position,
    /// The sequence number behind the last one.
    pub(crate) next_seq: u64,
    pub(crate) voids: BTreeSet<u64>,
    /// The highest sequence number that some batch tells to have been applied when it was written.
    pub(crate) applied_through: u64,
    pub(crate) tail: Option<UnsettledTail>,
    /// Whether there is a transaction behind the snapshot that perhaps can't be replayed. It may be void.
    has_doubtful: bool,
}

/// A segment that must be replayed, up to its accepted end.
#[derive(Clone, Debug)]
pub(crate) struct SurveyedSegment {
    pub(crate) header: SegmentHeader,
    pub(crate) end: Position,
    /// What was surveyed, where there was room for it.
    kept: Option<Arc<SegmentFile>>,
}

impl SurveyedSegment {
    fn new(header: SegmentHeader, end: Position) -> Self {
        SurveyedSegment { header, end, kept: None }
    }

    /// The segment's file, which is read again where it was not kept.
    ///
    /// # Errors
    ///
    /// `Io`.
    pub(crate) fn file(&self, disk: &dyn Disk) -> Result<Arc<SegmentFile>, Error> {
        match &self.kept {
            Some(file) => Ok(file.clone()),
            None => SegmentFile::read(disk, self.header).map(Arc::new),
        }
    }

    /// What of the file has not been checked yet.
    pub(crate) fn unchecked(&self) -> Depth {
        if self.kept.is_some() { Depth::Headers } else { Depth::Bodies }
    }
}

/// The journal's end is not a clean one: it has to go on in a new segment.
#[derive(Debug)]
pub(crate) struct UnsettledTail {
    /// Up to here something vouches for the newest segment.
    pub(crate) vouched: Position,
    /// The good batches behind it.
    pub(crate) carried: Carried,
    pub(crate) dropped: Option<DroppedTail>,
}

/// Reads and checks all segments from the one on that the snapshot's position names.
pub(crate) fn survey(
    disk: &dyn Disk,
    directory: &Directory,
    scope: Scope<'_>,
) -> Result<Survey, Error> {
    let mut survey = Survey {
        segments: Vec::new(),
        end: Position::default(),
        next_seq: scope.snapshot_seq + 1,
        voids: BTreeSet::new(),
        applied_through: scope.snapshot_seq,
        tail: None,
        has_doubtful: false,
    };
    let headers = needed_segments(disk, directory, scope)?;
    let mut room = scope.kept_bytes_max;
    for (index, header) in headers.iter().enumerate() {
        let successor = headers.get(index + 1);
        let file = SegmentFile::read(disk, *header)?;
        let mut surveyor = Surveyor::new(directory, scope, &file, index == 0)?;
        match (successor, scope.end) {
            (Some(successor), _) => surveyor.closed_segment(&mut survey, successor)?,
            (None, JournalEnd::Known(end)) => surveyor.segment_through(&mut survey, end)?,
            (None, JournalEnd::Unknown { .. }) => surveyor.newest_segment(&mut survey)?,
        }
        if let Some(surveyed) = survey.segments.last_mut()
            && let Some(left) = room.checked_sub(file.bytes.len())
        {
            surveyed.kept = Some(Arc::new(file));
            room = left;
        }
    }
    if survey.next_seq <= scope.snapshot_seq {
        let newest = names::segment(survey.end.segment);
        let what = format!("it ends before the snapshot of sequence number {}", scope.snapshot_seq);
        return Err(Error::corrupt(
            disk.path_of(&newest),
            survey.end.offset,
            Some(survey.next_seq.into()),
            what,
        ));
    }
    // What is said of transactions that the journal doesn't have means nothing.
    survey.applied_through = survey.applied_through.min(survey.next_seq - 1);
    if survey.has_doubtful {
        expect_readable(disk, &survey, scope)?;
    }
    Ok(survey)
}

impl Scope<'_> {
    /// Whether there may be something against the replay of what is read like this.
    fn is_doubtful(&self, reading: &Reading) -> bool {
        reading.is_doubtful() || self.refuses_body(reading)
    }

    fn drops_suspect_tail(&self) -> bool {
        matches!(self.end, JournalEnd::Unknown { drop_suspect_tail: true })
    }

    fn refuses_body(&self, reading: &Reading) -> bool {
        self.changed_bodies == ChangedBodies::Refuse && reading.has_other_body()
    }
}

/// Every transaction that is going to be replayed must be one that today's code can read. Which ones these are is known
/// when all voids are, and so this is a pass of its own; it is seldom needed.
fn expect_readable(disk: &dyn Disk, survey: &Survey, scope: Scope<'_>) -> Result<(), Error> {
    for segment in &survey.segments {
        let file = segment.file(disk)?;
        let mut reader = file.reader(segment.unchecked());
        let mut readings = SegmentReadings::default();
        let mut check = |context: &SegmentContext, item: Item<'_>| {
            let Item::Tx(entry) = item else { return Ok(()) };
            if entry.seq <= scope.snapshot_seq || survey.voids.contains(&entry.seq) {
                return Ok(());
            }
            if !scope.judge.can_replay(segment.header.rollback) {
                let (model, seq) = (scope.model.to_owned(), entry.seq.into());
                let file = file.path.clone();
                return Err(Error::from(SchemaError::RollbackRemoved { model, seq, file }));
            }
            let reading = readings.of(scope.judge, &context.dictionary, entry.in_dictionary)?;
            if reading.is_doubtful() {
                scope.judge.try_decode(reading, &context.dictionary, &entry, &file.path)?;
            }
            if scope.refuses_body(reading) {
                let tx = context.dictionary.entries[entry.in_dictionary].name.clone();
                let (seq, file) = (entry.seq.into(), file.path.clone());
                return Err(Error::from(SchemaError::ChangedBody { tx, seq, file }));
            }
            Ok(())
        };
        while reader.walk_batch(segment.end.offset, &mut check)?.is_some() {}
    }
    Ok(())
}

/// The headers of the segments from the snapshot's on, each checked to follow the one before it.
fn needed_segments(
    disk: &dyn Disk,
    directory: &Directory,
    scope: Scope<'_>,
) -> Result<Vec<SegmentHeader>, Error> {
    let missing = |number: u64, who: &str| {
        let what = format!("the segment is missing, and {who} names it");
        Error::corrupt(disk.path_of(&names::segment(number)), 0, None, what)
    };
    let newest = directory.newest_segment();
    if let Some(mark) = directory.clean_mark
        && mark.journal.segment > newest
    {
        return Err(missing(mark.journal.segment, "the clean mark"));
    }
    for header in directory.snapshot_headers() {
        if header.journal.segment > newest {
            return Err(missing(
                header.journal.segment,
                &format!("the snapshot of sequence number {}", header.seq),
            ));
        }
    }
    let last = match scope.end {
        JournalEnd::Known(end) => end.segment,
        JournalEnd::Unknown { .. } => newest,
    };
    let mut headers: Vec<SegmentHeader> = Vec::new();
    for number in scope.snapshot_position.segment.max(1)..=last {
        let header = match directory.segments.get(&number) {
            Some(found) => found.header.clone()?,
            None if headers.is_empty() => return Err(missing(number, "the snapshot")),
            None => return Err(missing(number, "the order of the journal")),
        };
        if header.predecessor.segment != number - 1 {
            let what = "its header names another predecessor than the segment before it";
            return Err(Error::corrupt(disk.path_of(&names::segment(number)), 40, None, what));
        }
        headers.push(header);
    }
    Ok(headers)
}
