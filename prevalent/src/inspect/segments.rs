//! Segments one after the other, each as far as it is good.

use std::fmt::Display;

use super::view::View;
use crate::error::Error;
use crate::format::batch::Depth;
use crate::format::header::SegmentHeader;
use crate::format::{Position, names};
use crate::journal::entries::{Item, Place, SegmentContext};
use crate::journal::stream::SegmentStream;
use crate::journal::tail::{Tail, judge_bytes, vouched_in};
use crate::recovery::report::DroppedTail;
use crate::schema::dictionary::Dictionary;

/// A place in the order of the segments.
#[derive(Clone, Debug)]
pub(super) enum Part {
    Segment(Segment),
    /// One that is not there, or whose header is damaged.
    Missing(Error),
}

/// A segment to be read.
#[derive(Clone, Copy, Debug)]
pub(super) struct Segment {
    pub(super) header: SegmentHeader,
    /// What the successor says of its end, if there is one that says so.
    end: Option<NamedEnd>,
    is_newest: bool,
}

/// The end of a segment, as its successor names it.
#[derive(Clone, Copy, Debug)]
struct NamedEnd {
    position: Position,
    next_seq: u64,
}

/// How a segment ends.
#[derive(Debug)]
pub(super) enum SegmentEnd {
    Whole,
    /// The newest one, in something that is no batch.
    Tail(DroppedTail),
    Damaged(Error),
}

/// What was read of a segment.
#[derive(Debug)]
pub(super) struct SegmentRead {
    pub(super) end: SegmentEnd,
    /// Behind the last good batch.
    pub(super) position: Position,
    pub(super) next_seq: u64,
    /// So much of it was looked at: what is appended meanwhile lies behind.
    pub(super) limit: u64,
}

/// Where a batch stands.
#[derive(Clone, Copy, Debug)]
pub(super) struct BatchPlace {
    pub(super) offset: u64,
}

/// Why reading stopped: the files, or whoever is shown what is in them.
#[derive(Debug)]
pub(super) enum Stop<E> {
    Files(Error),
    Caller(E),
}

impl<E> From<Error> for Stop<E> {
    fn from(error: Error) -> Self {
        Stop::Files(error)
    }
}

impl View {
    /// The segments from the one on that may hold this transaction, and what is missing between them.
    pub(super) fn parts(&self, from_seq: u64) -> Vec<Part> {
        let segments = &self.directory.segments;
        let good = segments.values().filter_map(|found| found.header.as_ref().ok());
        let first = good.take_while(|header| header.first_seq <= from_seq).last();
        let first = first.map(|header| header.number).or(segments.keys().next().copied());
        first.map_or_else(Vec::new, |first| self.parts_from_segment(first))
    }

    /// The segments from this number on, and what is missing between them.
    pub(super) fn parts_from_segment(&self, first: u64) -> Vec<Part> {
        let segments = &self.directory.segments;
        let newest = self.directory.newest_segment();
        let mut parts = Vec::new();
        let mut expected = first;
        for (&number, found) in segments.range(first..) {
            if number != expected {
                let path = self.disk_path(&names::segment(expected));
                let what = "the segment is missing, and the order of the journal names it";
                parts.push(Part::Missing(Error::corrupt(path, 0, None, what)));
            }
            expected = number + 1;
            let header = match &found.header {
                Ok(header) => *header,
                Err(error) => {
                    parts.push(Part::Missing(error.clone()));
                    continue;
                }
            };
            let successor = segments.get(&expected).and_then(|found| found.header.as_ref().ok());
            let end = successor.map(|successor| NamedEnd {
                position: successor.predecessor,
                next_seq: successor.first_seq,
            });
            let is_newest = number == newest;
            parts.push(Part::Segment(Segment { header, end, is_newest }));
        }
        parts
    }

    /// Goes through a segment, or through what lies before `asked`. `visit` may stop it.
    ///
    /// # Errors
    ///
    /// `Io`, and those of `visit`. What is damaged is how the segment ends.
    pub(super) fn read_segment<E>(
        &self,
        segment: &Segment,
        depth: Depth,
        asked: u64,
        mut visit: impl FnMut(&SegmentContext, &BatchPlace, Item<'_>) -> Result<(), E>,
    ) -> Result<SegmentRead, Stop<E>> {
        let mut stream = SegmentStream::open(&self.disk, segment.header)?;
        // Where a segment has come behind it since, it is checked up to there, and shown as far as it is asked for.
        let named = segment.end.map(|end| end.position.offset);
        stream.end_at(named.unwrap_or(asked));
        let limit = stream.limit();
        let stop = named.unwrap_or(limit);
        let vouched = self.vouched_in(segment);
        let path = stream.path.clone();
        let mut context = SegmentContext::default();
        let damage = loop {
            let start = stream.position();
            if start.offset >= stop {
                break None;
            }
            let place = Place { segment: &path, offset: start.offset, seq: stream.next_seq() };
            let batch = match stream.next_batch(depth)? {
                Ok(batch) => batch,
                Err(error) => break Some(place.corrupt(error)),
            };
            let end = start.offset + batch.header.batch_bytes();
            let contradicts = |position: &Position| {
                (position.offset == start.offset && position.chain != start.chain)
                    || (start.offset < position.offset && position.offset < end)
            };
            if vouched.iter().any(contradicts) {
                break Some(place.corrupt(OTHER_JOURNAL));
            }
            let at = BatchPlace { offset: start.offset };
            let walked = context.walk(&batch, &place, |context, item| {
                if end > asked {
                    return Ok(());
                }
                visit(context, &at, item).map_err(Stop::Caller)
            });
            match walked {
                Ok(()) => {}
                Err(Stop::Files(error @ Error::Corrupt { .. })) => break Some(error),
                Err(stop) => return Err(stop),
            }
        };
        let (position, next_seq) = (stream.position(), stream.next_seq());
        let end = if segment.is_newest {
            self.newest_end(&mut stream, &vouched, damage)?
        } else {
            match damage {
                Some(error) => SegmentEnd::Damaged(error),
                None => closed_end(&stream, segment),
            }
        };
        Ok(SegmentRead { end, position, next_seq, limit })
    }

    /// What the transactions of a segment are, as it tells up to this sequence number, and as far as it is good.
    ///
    /// # Errors
    ///
    /// `Io`, `UnknownContent`.
    pub(super) fn dictionary(&self, segment: &Segment, through: u64) -> Result<Dictionary, Error> {
        let mut stream = SegmentStream::open(&self.disk, segment.header)?;
        stream.end_at(segment.end.map_or(u64::MAX, |end| end.position.offset));
        let path = stream.path.clone();
        let mut context = SegmentContext::default();
        while !stream.is_at_end() && stream.next_seq() <= through {
            let (offset, seq) = (stream.position().offset, stream.next_seq());
            let Ok(batch) = stream.next_batch(Depth::Headers)? else { break };
            let place = Place { segment: &path, offset, seq };
            match context.walk(&batch, &place, |_, _| Ok::<(), Error>(())) {
                Ok(()) => {}
                Err(Error::Corrupt { .. }) => break,
                Err(error) => return Err(error),
            }
        }
        Ok(context.dictionary)
    }

    /// Positions in a segment that other files name.
    fn vouched_in(&self, segment: &Segment) -> Vec<Position> {
        let snapshots = self.directory.snapshot_headers().map(|header| header.journal);
        let mark = self.directory.clean_mark.map(|mark| mark.journal);
        let end = segment.end.map(|end| end.position);
        let all = snapshots.chain(mark).chain(end);
        all.filter(|position| position.segment == segment.header.number).collect()
    }

    /// What an open would make of the end of the newest segment; see `docs/format.md`.
    fn newest_end(
        &self,
        stream: &mut SegmentStream,
        vouched: &[Position],
        damage: Option<Error>,
    ) -> Result<SegmentEnd, Error> {
        let (end, next_seq) = (stream.position(), stream.next_seq());
        let (path, seed) = (stream.path.clone(), stream.header.seed());
        let place = Place { segment: &path, offset: end.offset, seq: next_seq };
        let vouched_end = vouched
            .iter()
            .map(|position| position.offset)
            .fold(stream.header.birth_end.max(stream.synced_through()), u64::max);
        let offset = usize::try_from(end.offset).unwrap_or(usize::MAX);
        let tail = stream.rest()?;
        let judged = judge_bytes(tail, offset, seed);
        let behind = vouched_in(tail, offset, seed).unwrap_or(0);
        let bytes = tail.len() as u64;
        if end.offset < vouched_end.max(behind) {
            let end_early = || place.corrupt("the file ends before what other files name");
            return Ok(SegmentEnd::Damaged(damage.unwrap_or_else(end_early)));
        }
        if vouched.iter().any(|it| it.offset == end.offset && it.chain != end.chain) {
            return Ok(SegmentEnd::Damaged(place.corrupt(OTHER_JOURNAL)));
        }
        let mark = self.directory.clean_mark.filter(|mark| mark.journal.segment == end.segment);
        if let Some(mark) = mark
            && (mark.journal != end || mark.seq + 1 != next_seq || judged != Tail::Empty)
        {
            let what = "there is something behind the end that the clean mark names";
            return Ok(SegmentEnd::Damaged(place.corrupt(what)));
        }
        if judged == Tail::Empty {
            return Ok(SegmentEnd::Whole);
        }
        Ok(SegmentEnd::Tail(DroppedTail {
            file: path,
            offset: end.offset,
            bytes,
            next_seq: next_seq.into(),
            suspect: judged == Tail::Suspect,
        }))
    }

    pub(super) fn disk_path(&self, name: &str) -> std::path::PathBuf {
        crate::disk::Disk::path_of(&self.disk, name)
    }
}

const OTHER_JOURNAL: &str = "the journal is not the one that other files name";

/// A segment with a successor must end where that one says.
fn closed_end(stream: &SegmentStream, segment: &Segment) -> SegmentEnd {
    let (position, seq) = (stream.position(), stream.next_seq());
    let damage = |what: &dyn Display| {
        let file = stream.path.clone();
        SegmentEnd::Damaged(Error::corrupt(
            file,
            position.offset,
            Some(seq.into()),
            what.to_string(),
        ))
    };
    match segment.end {
        Some(end) if end.position != position => damage(&OTHER_JOURNAL),
        Some(end) if end.next_seq != seq => {
            damage(&"the segment behind it doesn't begin with the next sequence number")
        }
        _ => SegmentEnd::Whole,
    }
}
