//! The first pass over the journal: everything is checked, and nothing applied.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::directory::{Directory, Found};
use super::report::DroppedTail;
use crate::changed_bodies::ChangedBodies;
use crate::disk::Disk;
use crate::error::{Error, SchemaError};
use crate::format::batch::{BatchBuilder, Depth};
use crate::format::header::{CleanMark, SegmentHeader};
use crate::format::{Position, names};
use crate::journal::entries::{Item, Place, SegmentContext};
use crate::journal::reader::SegmentFile;
use crate::journal::scan::SegmentScan;
use crate::journal::segment::Carried;
use crate::journal::tail::{self, Tail};
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

/// Goes through one segment.
struct Surveyor<'a> {
    scope: Scope<'a>,
    file: &'a SegmentFile,
    /// Positions in this segment that something else vouches for.
    vouched: Vec<Position>,
    context: SegmentContext,
    readings: SegmentReadings,
    /// The clean mark, where it counts.
    clean_mark: Option<CleanMark>,
}

impl<'a> Surveyor<'a> {
    fn new(
        directory: &Directory,
        scope: Scope<'a>,
        file: &'a SegmentFile,
        first: bool,
    ) -> Result<Self, Error> {
        let header = file.header;
        let newest = directory.newest_segment();
        let clean_mark = directory.clean_mark.filter(|mark| mark.journal.segment == newest);
        let snapshots = directory.snapshot_headers().map(|header| header.journal);
        let vouched = snapshots
            .chain(directory.clean_mark.map(|mark| mark.journal))
            .filter(|position| position.segment == header.number)
            .collect();
        let (context, readings) = (SegmentContext::default(), SegmentReadings::default());
        let surveyor = Surveyor { scope, file, vouched, context, readings, clean_mark };
        if first && header.first_seq > scope.snapshot_seq + 1 {
            return Err(surveyor.corrupt(64, "its first sequence number lies behind the snapshot"));
        }
        Ok(surveyor)
    }

    fn corrupt(&self, offset: u64, what: impl Into<String>) -> Error {
        Error::corrupt(self.file.path.clone(), offset, None, what)
    }

    /// A segment whose end its successor vouches for.
    fn closed_segment(
        &mut self,
        survey: &mut Survey,
        successor: &SegmentHeader,
    ) -> Result<(), Error> {
        let scan = self.scan_through(survey, successor.predecessor)?;
        if scan.next_seq() != successor.first_seq {
            return Err(self.damage(
                &scan,
                "the segment behind it doesn't begin with the next sequence number",
            ));
        }
        Ok(())
    }

    /// The newest segment of a journal that goes on, up to where its owner says that it is durable.
    fn segment_through(&mut self, survey: &mut Survey, end: Position) -> Result<(), Error> {
        // What a snapshot names behind it came later.
        self.vouched.retain(|position| position.offset <= end.offset);
        self.scan_through(survey, end)?;
        survey.end = end;
        Ok(())
    }

    /// Goes through all batches before `end`; what is bad there is damage.
    fn scan_through(
        &mut self,
        survey: &mut Survey,
        end: Position,
    ) -> Result<SegmentScan<'a>, Error> {
        self.vouched.push(end);
        let mut scan = SegmentScan::new(&self.file.bytes, &self.file.header, Depth::Bodies);
        while scan.position().offset < end.offset {
            self.batch(&mut scan, survey)?.map_err(|what| self.damage(&scan, what))?;
        }
        self.expect_vouched(&scan)?;
        survey.next_seq = scan.next_seq();
        survey.segments.push(SurveyedSegment::new(self.file.header, end));
        Ok(scan)
    }

    /// The newest segment, whose end has to be found.
    fn newest_segment(&mut self, survey: &mut Survey) -> Result<(), Error> {
        let (bytes, header) = (&self.file.bytes, &self.file.header);
        let mut scan = SegmentScan::new(bytes, header, Depth::Bodies);
        let mut vouched_end =
            self.vouched.iter().map(|position| position.offset).fold(header.birth_end, u64::max);
        let why = loop {
            match self.batch(&mut scan, survey)? {
                Ok(synced_through) => vouched_end = vouched_end.max(synced_through),
                Err(why) => break why,
            }
        };
        let end = scan.position();
        let offset = usize::try_from(end.offset).unwrap_or(usize::MAX);
        let tail = tail::judge(bytes, offset, header.seed());
        if tail != Tail::Empty {
            let behind = tail::vouched_behind(bytes, offset, header.seed());
            vouched_end = vouched_end.max(behind.unwrap_or(0));
        }
        if end.offset < vouched_end {
            return Err(self.damage(&scan, why));
        }
        self.expect_vouched(&scan)?;
        if let Some(mark) = self.clean_mark {
            if mark.journal != end || mark.seq + 1 != scan.next_seq() || tail != Tail::Empty {
                let what = "there is something behind the end that the clean mark names";
                return Err(self.damage(&scan, what));
            }
            // Who closed the store had applied all of it.
            survey.applied_through = mark.seq;
        }
        let dropped_bytes = (bytes.len() - offset.min(bytes.len())) as u64;
        let dropped = match tail {
            Tail::Empty => None,
            Tail::Suspect if !self.scope.drops_suspect_tail() => {
                return Err(Error::SuspectTail {
                    file: self.file.path.clone(),
                    offset: end.offset,
                    seq: scan.next_seq().into(),
                });
            }
            Tail::Torn | Tail::Suspect => Some(DroppedTail {
                file: self.file.path.clone(),
                offset: end.offset,
                bytes: dropped_bytes,
                next_seq: scan.next_seq().into(),
                suspect: tail == Tail::Suspect,
            }),
        };
        survey.end = end;
        survey.next_seq = scan.next_seq();
        survey.segments.push(SurveyedSegment::new(self.file.header, end));
        if end.offset > vouched_end || dropped.is_some() {
            survey.tail = Some(self.unsettled(vouched_end, end, dropped)?);
        }
        Ok(())
    }

    /// The next batch: what it vouches for, or why there is none. Its transactions are checked against the model.
    fn batch(
        &mut self,
        scan: &mut SegmentScan<'_>,
        survey: &mut Survey,
    ) -> Result<Result<u64, String>, Error> {
        let start = scan.position();
        let batch = match scan.next_batch() {
            Ok(batch) => batch,
            Err(error) => return Ok(Err(error.to_string())),
        };
        let place =
            Place { segment: &self.file.path, offset: start.offset, seq: batch.header.first_seq };
        let end = start.offset + batch.header.batch_bytes();
        let contradicts = |position: &Position| {
            (position.offset == start.offset && position.chain != start.chain)
                || (start.offset < position.offset && position.offset < end)
        };
        if self.vouched.iter().any(contradicts) {
            return Err(place.corrupt("the journal before it is not the one that other files name"));
        }
        survey.applied_through = survey.applied_through.max(batch.header.applied_through);
        let (scope, readings) = (self.scope, &mut self.readings);
        let can_replay = scope.judge.can_replay(self.file.header.rollback);
        self.context.walk(&batch, &place, |context, item| {
            match item {
                Item::Void { seq, .. } => {
                    survey.voids.insert(seq);
                }
                Item::Tx(entry) => {
                    if entry.seq > scope.snapshot_seq {
                        let dictionary = &context.dictionary;
                        let reading = readings.of(scope.judge, dictionary, entry.in_dictionary)?;
                        survey.has_doubtful |= !can_replay || scope.is_doubtful(reading);
                    }
                }
            }
            Ok::<(), Error>(())
        })?;
        if self.context.model != scope.model {
            return Err(Error::WrongModel {
                found: self.context.model.clone(),
                expected: scope.model.to_owned(),
            });
        }
        Ok(Ok(batch.header.synced_through))
    }

    /// The scan must have met every position that something vouches for, and with the same chain.
    fn expect_vouched(&self, scan: &SegmentScan<'_>) -> Result<(), Error> {
        let end = scan.position();
        let contradiction = self.vouched.iter().find(|position| {
            position.offset > end.offset
                || (position.offset == end.offset && position.chain != end.chain)
        });
        match contradiction {
            None => Ok(()),
            Some(_) => Err(self.damage(scan, "the journal is not the one that other files name")),
        }
    }

    fn damage(&self, scan: &SegmentScan<'_>, what: impl Into<String>) -> Error {
        Error::corrupt(
            self.file.path.clone(),
            scan.position().offset,
            Some(scan.next_seq().into()),
            what,
        )
    }

    /// What has to be carried over into a new segment: all behind `vouched_end`.
    fn unsettled(
        &self,
        vouched_end: u64,
        end: Position,
        dropped: Option<DroppedTail>,
    ) -> Result<UnsettledTail, Error> {
        let mut reader = self.file.reader(Depth::Headers);
        while reader.walk_batch(vouched_end, |_, _| Ok::<(), Error>(()))?.is_some() {}
        let (vouched, first_seq) = (reader.position(), reader.next_seq());
        let context = reader.context().clone();
        if vouched.offset != vouched_end {
            return Err(self.corrupt(
                vouched_end,
                "what vouches for the journal names a place inside a batch",
            ));
        }
        let mut batches = Vec::new();
        while let Some(batch) = reader.next_batch(end.offset)? {
            batches.push((BatchBuilder::copy_of(&batch), batch.header.applied_through));
        }
        let secret = context.secret.unwrap_or_default();
        let (dictionary, rollback) = (context.dictionary, self.file.header.rollback);
        let carried = Carried { dictionary, secret, rollback, first_seq, batches };
        Ok(UnsettledTail { vouched, carried, dropped })
    }
}

/// Checks the segments that are kept to fall back on: their headers and the chain, not their bodies.
///
/// Gives what is wrong: the store opens without them, but they would be missed.
pub(crate) fn check_fallback(
    disk: &dyn Disk,
    directory: &Directory,
    keep_snapshots: usize,
    before: u64,
) -> Vec<Error> {
    // A snapshot older than these is what an interrupted pruning has left, and may lack its journal.
    let kept = directory.snapshot_headers().rev().take(keep_snapshots);
    let oldest_kept = kept.map(|header| header.journal.segment).min().unwrap_or(0);
    let missing = |number| {
        let path = disk.path_of(&names::segment(number));
        let what = "the segment is missing: an older snapshot would need it";
        Error::corrupt(path, 0, None, what)
    };
    let mut problems = Vec::new();
    let mut expected = oldest_kept.max(1);
    for (&number, found) in directory.segments.range(expected..before.max(expected)) {
        if number != expected {
            problems.push(missing(expected));
        }
        expected = number + 1;
        if let Err(error) = check_closed_chain(disk, directory, number, found) {
            problems.push(error);
        }
    }
    if expected < before {
        problems.push(missing(expected));
    }
    problems
}

fn check_closed_chain(
    disk: &dyn Disk,
    directory: &Directory,
    number: u64,
    found: &Found<SegmentHeader>,
) -> Result<(), Error> {
    let header = found.header.clone()?;
    let Some(Found { header: Ok(successor), .. }) = directory.segments.get(&(number + 1)) else {
        let path = disk.path_of(&names::segment(number));
        return Err(Error::corrupt(path, 0, None, "the segment behind it is missing or damaged"));
    };
    let end = successor.predecessor;
    let file = SegmentFile::read(disk, header)?;
    let mut reader = file.reader(Depth::Headers);
    while reader.next_batch(end.offset)?.is_some() {}
    if reader.position() == end {
        return Ok(());
    }
    let what = "its end is not the one that the next segment names";
    Err(Error::corrupt(file.path.clone(), reader.position().offset, None, what))
}
