//! The side of a replay that knows the files: it reads and decodes, and touches no state.

use std::sync::Arc;

use super::portion::{Common, Decoded, Portion, Step};
use super::{Differences, Replay, ReplayError};
use crate::encoding::encode_tx;
use crate::error::Error;
use crate::idempotency::Keyed;
use crate::journal::entries::{Entry, Item, SegmentContext};
use crate::journal::reader::SegmentFile;
use crate::model::Model;
use crate::recovery::survey::SurveyedSegment;
use crate::recovery::trail::{Beside, Marked, Trail};
use crate::resolve::{self, Reading, SegmentReadings, Undecoded};

/// Whoever gets the portions wants no more of them.
pub(super) struct Stopped;

/// Why the reading ended early.
pub(super) enum Halt {
    Stopped,
    Failed(ReplayError),
}

impl From<Stopped> for Halt {
    fn from(Stopped: Stopped) -> Self {
        Halt::Stopped
    }
}

impl From<ReplayError> for Halt {
    fn from(error: ReplayError) -> Self {
        Halt::Failed(error)
    }
}

impl From<Error> for Halt {
    fn from(error: Error) -> Self {
        Halt::Failed(error.into())
    }
}

/// Reads the transactions behind `behind`, and gives `deliver` one portion after the other, to be emptied. On `trail` it says
/// which it decodes.
pub(super) fn read<M: Model>(
    replay: &Replay<'_, M>,
    behind: u64,
    trail: Option<&Trail>,
    deliver: impl FnMut(&mut Portion<M>) -> Result<(), Stopped>,
) -> Result<Differences, Halt> {
    let mut reader = Reader {
        replay,
        behind,
        trail,
        marked: Marked::default(),
        readings: SegmentReadings::default(),
        named: (0, 0),
        portion: Portion::new(Common::default()),
        differences: Differences::default(),
        deliver,
    };
    let read = reader.segments();
    if !matches!(read, Err(Halt::Stopped)) {
        // Before an error is told: a transaction that comes before it may panic, and that would have been first.
        reader.hand_over()?;
    }
    read.map(|()| reader.differences)
}

struct Reader<'a, M: Model, F> {
    replay: &'a Replay<'a, M>,
    behind: u64,
    trail: Option<&'a Trail>,
    marked: Marked,
    readings: SegmentReadings,
    /// The extent of the dictionary whose names the portion has.
    named: (usize, usize),
    portion: Portion<M>,
    differences: Differences,
    deliver: F,
}

impl<M: Model, F: FnMut(&mut Portion<M>) -> Result<(), Stopped>> Reader<'_, M, F> {
    fn segments(&mut self) -> Result<(), Halt> {
        for segment in self.replay.segments {
            if segment.header.first_seq > self.replay.through.seq {
                break;
            }
            self.segment(segment)?;
        }
        Ok(())
    }

    fn segment(&mut self, segment: &SurveyedSegment) -> Result<(), Halt> {
        let file = segment.file(self.replay.disk)?;
        let mut reader = file.reader(segment.unchecked());
        self.readings = SegmentReadings::default();
        self.named = (0, 0);
        self.hand_over()?;
        self.portion.common.rollback = segment.header.rollback;
        loop {
            let mut excluded = 0;
            let batch = reader.walk_batch(segment.end.offset, |context, item| {
                let Item::Tx(entry) = item else { return Ok(()) };
                if !self.replay.through.includes(entry.seq, entry.time_us) {
                    excluded += 1;
                    return Ok(());
                }
                if entry.seq <= self.behind {
                    return Ok(());
                }
                self.transaction(context, &entry, &file)
            })?;
            let Some(batch) = batch else { return Ok(()) };
            if excluded == batch.header.tx_count && excluded > 0 {
                return Ok(());
            }
            self.push(
                Step::Batch { journal: reader.position(), bytes: batch.header.batch_bytes() },
                0,
            )?;
        }
    }

    fn transaction(
        &mut self,
        context: &SegmentContext,
        entry: &Entry<'_>,
        file: &SegmentFile,
    ) -> Result<(), Halt> {
        let Entry { seq, time_us, in_dictionary, .. } = *entry;
        if self.replay.voids.contains(&seq) {
            return self.push(Step::Void { seq, time_us }, 0);
        }
        self.expect_in_common(context, entry)?;
        if let Some(trail) = self.trail {
            trail.reach(seq, Beside::Nothing, &mut self.marked);
        }
        let reading = self.readings.of(self.replay.resolver, &context.dictionary, in_dictionary)?;
        let tx = match resolve::decode::<M>(reading, &context.dictionary, entry, &file.path) {
            Ok(tx) => tx,
            Err(Undecoded::Error(error)) => return Err(error.into()),
            // Like the transaction's own panic: it can be made void.
            Err(Undecoded::Panicked(_, message)) => {
                let tx = context.dictionary.entries[in_dictionary].name.clone();
                return Err(ReplayError::Panicked { seq, tx, message }.into());
            }
        };
        if reading.is_changed() {
            let name = &context.dictionary.entries[in_dictionary].name;
            self.differences.note(reading, name, seq);
        }
        let keyed = keyed::<M>(reading, &tx, entry).map(Box::new);
        let decoded = Decoded { seq, time_us, in_dictionary, tx, keyed };
        self.push(Step::Apply(decoded), entry.payload.len())
    }

    /// Begins another portion where this transaction doesn't belong with those before it.
    fn expect_in_common(
        &mut self,
        context: &SegmentContext,
        entry: &Entry<'_>,
    ) -> Result<(), Halt> {
        let extent = context.dictionary.extent();
        if self.named == extent && self.portion.common.secret == *entry.secret {
            return Ok(());
        }
        self.hand_over()?;
        self.named = extent;
        let names = context.dictionary.entries.iter().map(|entry| entry.name.clone());
        self.portion.common.names = names.collect::<Arc<[String]>>();
        self.portion.common.secret = *entry.secret;
        Ok(())
    }

    fn push(&mut self, step: Step<M>, payload_bytes: usize) -> Result<(), Halt> {
        self.portion.push(step, payload_bytes);
        if self.portion.is_full() { self.hand_over() } else { Ok(()) }
    }

    fn hand_over(&mut self) -> Result<(), Halt> {
        if self.portion.is_empty() {
            return Ok(());
        }
        self.marked = Marked::Nothing;
        Ok((self.deliver)(&mut self.portion)?)
    }
}

/// The key of an idempotent transaction. What was written in another way than today is compared as it would be today.
fn keyed<M: Model>(reading: &Reading, tx: &M::Tx, entry: &Entry<'_>) -> Option<Keyed> {
    let key = M::key(tx)?;
    if let Reading::Exact { variant, .. } = reading {
        return Some(Keyed::new(key, *variant, entry.payload));
    }
    let mut payload = Vec::new();
    // It was journaled: whatever its `Serialize` has against it now, it was executed with this key.
    let variant = encode_tx(tx, &mut payload, None).ok()?;
    Some(Keyed::new(key, variant, &payload))
}
