//! The survey of one segment.

use super::{Scope, Survey, SurveyedSegment, UnsettledTail};
use crate::error::Error;
use crate::format::Position;
use crate::format::batch::{BatchBuilder, Depth};
use crate::format::header::{CleanMark, SegmentHeader};
use crate::journal::entries::{Item, Place, SegmentContext};
use crate::journal::reader::SegmentFile;
use crate::journal::scan::SegmentScan;
use crate::journal::segment::Carried;
use crate::journal::tail::{self, Tail};
use crate::recovery::directory::Directory;
use crate::recovery::report::DroppedTail;
use crate::resolve::SegmentReadings;

/// Goes through one segment.
pub(super) struct Surveyor<'a> {
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
    pub(super) fn new(
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
    pub(super) fn closed_segment(
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
    pub(super) fn segment_through(
        &mut self,
        survey: &mut Survey,
        end: Position,
    ) -> Result<(), Error> {
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
    pub(super) fn newest_segment(&mut self, survey: &mut Survey) -> Result<(), Error> {
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::disk::sim::SimDisk;
    use crate::format::batch::Progress;
    use crate::format::header::{HEADER_BYTES, SnapshotHeader};
    use crate::format::record::{ModelRecord, OriginRecord, put_model, put_origin};
    use crate::format::{StoreId, names};
    use crate::origin::OriginKind;
    use crate::recovery::survey::JournalEnd;
    use crate::recovery::untyped::survey_untyped;
    use crate::resolve::accepting::Accepting;
    use crate::rollback::Rollback;

    const STORE: StoreId = StoreId([1; 16]);

    /// What a survey for the model `a` says of a journal whose only batch has this in it.
    fn surveyed(write: impl FnOnce(&mut Vec<u8>)) -> Result<Survey, Error> {
        let mut batch = BatchBuilder::new(1, 0);
        write(batch.body_mut());
        let (predecessor, rollback) = (Position::default(), Rollback::Off);
        let birth_end = HEADER_BYTES as u64 + batch.sealed_bytes();
        let header = SegmentHeader {
            store: STORE,
            rollback,
            number: 1,
            predecessor,
            first_seq: 1,
            created_us: 0,
            birth_end,
        };
        let seed = header.seed();
        let sealed = batch.seal(seed, HEADER_BYTES as u64, seed, Progress::default());
        let disk = SimDisk::new();
        disk.set_file(&names::segment(1), [&header.encode()[..], &sealed.bytes].concat());
        let directory = Directory::read(&disk).unwrap();
        let snapshot = SnapshotHeader {
            store: STORE,
            seq: 0,
            journal: predecessor,
            time_us: 0,
            created_us: 0,
            description_hash: 0,
            body_hash: 0,
            body_bytes: 0,
            description_bytes: 0,
        };
        let (end, any) = (JournalEnd::Unknown { drop_suspect_tail: false }, Accepting::default());
        survey_untyped(&disk, &directory, &snapshot, "a", end, &any)
    }

    fn model(batch: &mut Vec<u8>, name: &str) {
        put_model(batch, &ModelRecord { name, version: 1, ty: None });
    }

    #[test]
    fn a_segment_of_another_model_than_the_snapshots_is_refused() {
        surveyed(|batch| model(batch, "a")).unwrap();
        match surveyed(|batch| model(batch, "b")).unwrap_err() {
            Error::WrongModel { found, expected } => assert_eq!((&*found, &*expected), ("b", "a")),
            other => panic!("{other}"),
        }
    }

    #[test]
    fn what_makes_no_sense_in_a_batch_is_damage_though_its_checksums_are_right() {
        let error = surveyed(|batch| {
            model(batch, "a");
            let (how, journal) = (OriginKind::Forked, Position::default());
            put_origin(batch, &OriginRecord { how, store: STORE, seq: 1, journal, time_us: 1 });
        });
        match error.unwrap_err() {
            Error::Corrupt { what, .. } => assert!(what.contains("into a snapshot"), "{what}"),
            other => panic!("{other}"),
        }
    }
}
