//! A subscription's place in the journal.

use std::ops::RangeInclusive;
use std::path::PathBuf;
use std::sync::Arc;

use crate::disk::DiskFile;
use crate::disk::transfer::read_exact_at;
use crate::engine::{Milestones, Shared};
use crate::error::Error;
use crate::format::batch::{BATCH_HEADER_BYTES, BatchHeader, Depth, read_batch};
use crate::format::header::{HEADER_BYTES, SegmentHeader};
use crate::format::{BATCH_BYTES_MAX, Chain, names};
use crate::journal::entries::{Item, Place, SegmentContext};
use crate::model::Model;
use crate::recovery::directory::header_error;
use crate::resolve::{self, SegmentReadings};
use crate::subscription::Event;

/// Where a subscription is.
pub(super) struct Cursor {
    /// The next sequence number to deliver.
    next_seq: u64,
    /// The last one.
    last_seq: u64,
    segment: Option<OpenSegment>,
}

/// What came of looking.
pub(super) struct Step<M: Model> {
    pub(super) events: Vec<Event<M>>,
    /// There was nothing more, when it was looked.
    pub(super) at_end: bool,
}

/// The segment that a cursor is in, before a batch.
struct OpenSegment {
    header: SegmentHeader,
    path: PathBuf,
    file: Arc<dyn DiskFile>,
    seed: Chain,
    offset: u64,
    chain: Chain,
    /// Where it ends, once it has a successor that says so.
    end: Option<u64>,
    /// The sequence number with which the batch at `offset` begins.
    next_seq: u64,
    context: SegmentContext,
    readings: SegmentReadings,
}

/// Why a batch was not gone through to its end.
enum Stop {
    /// The rest may not be seen yet.
    Enough,
    Failed(Error),
}

impl From<Error> for Stop {
    fn from(error: Error) -> Self {
        Stop::Failed(error)
    }
}

impl Cursor {
    pub(super) fn new(range: RangeInclusive<u64>) -> Self {
        Cursor { next_seq: *range.start(), last_seq: *range.end(), segment: None }
    }

    /// Whether all that was asked for has been read.
    pub(super) fn is_done(&self) -> bool {
        self.next_seq > self.last_seq
    }

    /// Reads on: at most one batch.
    pub(super) fn advance<M: Model>(&mut self, shared: &Shared<M>) -> Result<Step<M>, Error> {
        let milestones = *shared.milestones.lock();
        let at_end = || Ok(Step { events: Vec::new(), at_end: true });
        let last_seq = milestones.visible_seq().min(self.last_seq);
        if self.next_seq > last_seq {
            // What is not in the journal any more would never come, either.
            if self.segment.is_none() {
                self.expect_reachable(shared)?;
            }
            return at_end();
        }
        let mut next_seq = self.next_seq;
        let segment = self.find_segment(shared, &milestones)?;
        let Some(bytes) = segment.read_batch_bytes(&milestones)? else {
            return at_end();
        };
        let batch = read_batch_at(segment, &bytes)?;

        let mut events = Vec::new();
        let behind = batch.header.first_seq + u64::from(batch.header.tx_count);
        let path = segment.path.clone();
        // If the batch has to be gone through again, what its control records added must not be there twice.
        let (extent_before, secret_before) =
            (segment.context.dictionary.extent(), segment.context.secret);
        let readings = &mut segment.readings;
        let place = Place { segment: &path, offset: segment.offset, seq: segment.next_seq };
        let walked = segment.context.walk(&batch, &place, |context, item| {
            let Item::Tx(entry) = item else { return Ok(()) };
            if entry.seq < next_seq {
                return Ok(());
            }
            if entry.seq > last_seq {
                return Err(Stop::Enough);
            }
            if !shared.voids.lock().contains(entry.seq) {
                let reading =
                    readings.of(&*shared.resolver, &context.dictionary, entry.in_dictionary)?;
                let tx = resolve::decode::<M>(reading, &context.dictionary, &entry, &path)
                    .map_err(Error::from)?;
                events.push(Event::new(entry.seq, entry.time_us, tx, entry.payload.len()));
            }
            next_seq = entry.seq + 1;
            Ok(())
        });
        if walked.is_ok() {
            segment.offset += batch.header.batch_bytes();
            segment.chain = batch.chain;
            segment.next_seq = behind;
        } else {
            segment.context.dictionary.shrink_to(extent_before);
            segment.context.secret = secret_before;
        }
        match walked {
            // What came before an error is delivered first; the error comes again.
            Err(Stop::Failed(error)) if events.is_empty() => return Err(error),
            _ => {}
        }
        self.next_seq = next_seq;
        Ok(Step { events, at_end: false })
    }

    fn expect_reachable<M: Model>(&self, shared: &Shared<M>) -> Result<(), Error> {
        let oldest = shared.catalog.lock().oldest_seq();
        match oldest {
            Some(oldest) if self.next_seq < oldest => Err(Error::Pruned { oldest: oldest.into() }),
            _ => Ok(()),
        }
    }

    /// The segment with the next sequence number in it, or before it.
    fn find_segment<M: Model>(
        &mut self,
        shared: &Shared<M>,
        milestones: &Milestones,
    ) -> Result<&mut OpenSegment, Error> {
        let segment = match self.segment.take() {
            None => {
                let catalog = shared.catalog.lock();
                let oldest = catalog.oldest_seq().unwrap_or(milestones.visible_seq() + 1);
                let number = catalog.segment_of(self.next_seq);
                drop(catalog);
                let number = number.ok_or(Error::Pruned { oldest: oldest.into() })?;
                shared.learn_voids_from(number)?;
                OpenSegment::open(shared, number)?
            }
            Some(segment) if segment.header.number < milestones.durable.segment => {
                segment.or_successor(shared)?
            }
            Some(segment) => segment,
        };
        Ok(self.segment.insert(segment))
    }
}

impl OpenSegment {
    fn open<M: Model>(shared: &Shared<M>, number: u64) -> Result<Self, Error> {
        let name = names::segment(number);
        let path = shared.history.path_of(&name);
        let io = |error: std::io::Error| {
            if error.kind() == std::io::ErrorKind::NotFound {
                let oldest = shared.catalog.lock().oldest_seq().unwrap_or(0);
                return Error::Pruned { oldest: oldest.into() };
            }
            Error::io(&path, "read", error)
        };
        let file = shared.history.open(&name).map_err(io)?;
        let mut bytes = [0; HEADER_BYTES];
        read_exact_at(&*file, 0, &mut bytes).map_err(io)?;
        let header =
            SegmentHeader::decode(&bytes).map_err(|error| header_error(path.clone(), &error))?;
        let seed = header.seed();
        Ok(OpenSegment {
            header,
            path,
            file,
            seed,
            offset: HEADER_BYTES as u64,
            chain: seed,
            end: None,
            next_seq: header.first_seq,
            context: SegmentContext::default(),
            readings: SegmentReadings::default(),
        })
    }

    /// The segment behind this one, if this one is read to its end: its successor knows where that is.
    fn or_successor<M: Model>(mut self, shared: &Shared<M>) -> Result<Self, Error> {
        let successor = self.header.number + 1;
        let end = match self.end {
            Some(end) => end,
            None => {
                *self.end.insert(OpenSegment::open(shared, successor)?.header.predecessor.offset)
            }
        };
        if self.offset < end { Ok(self) } else { OpenSegment::open(shared, successor) }
    }

    /// The bytes of the batch at the cursor, if it is durable.
    fn read_batch_bytes(&self, milestones: &Milestones) -> Result<Option<Vec<u8>>, Error> {
        if self.header.number == milestones.durable.segment
            && self.offset >= milestones.durable.offset
        {
            return Ok(None);
        }
        let io = |error| Error::io(&self.path, "read", error);
        let mut header = [0; BATCH_HEADER_BYTES];
        read_exact_at(&*self.file, self.offset, &mut header).map_err(io)?;
        let length = BatchHeader::decode(&header, self.seed, self.offset)
            .filter(|header| header.body_bytes as usize <= BATCH_BYTES_MAX)
            .and_then(|header| usize::try_from(header.batch_bytes()).ok())
            .ok_or_else(|| self.corrupt("there is no batch header, or its checksum is wrong"))?;
        let mut bytes = vec![0; length];
        read_exact_at(&*self.file, self.offset, &mut bytes).map_err(io)?;
        Ok(Some(bytes))
    }

    fn corrupt(&self, what: impl Into<String>) -> Error {
        Error::corrupt(self.path.clone(), self.offset, Some(self.next_seq.into()), what)
    }
}

fn read_batch_at<'a>(
    segment: &OpenSegment,
    bytes: &'a [u8],
) -> Result<crate::format::batch::Batch<'a>, Error> {
    read_batch(bytes, segment.offset, segment.seed, segment.chain, segment.next_seq, Depth::Bodies)
        .map_err(|error| segment.corrupt(error.to_string()))
}
