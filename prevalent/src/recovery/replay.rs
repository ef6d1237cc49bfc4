//! The second pass over the journal: transactions are decoded and applied.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use super::report::Rewritten;
use super::survey::SurveyedSegment;
use crate::context::TxContext;
use crate::disk::Disk;
use crate::encoding::encode_tx;
use crate::error::Error;
use crate::format::Position;
use crate::format::batch::Depth;
use crate::idempotency::{Keyed, SharedWindow};
use crate::journal::entries::{Entry, Item, SegmentContext};
use crate::journal::reader::SegmentFile;
use crate::model::Model;
use crate::panic::drop_quietly;
use crate::resolve::{self, Reading, Resolver, SegmentReadings, Undecoded};
use crate::rollback::{self, Rollback};

/// A state, and how it came about.
#[derive(Debug)]
pub(crate) struct State<M> {
    pub(crate) model: M,
    /// The last sequence number in it.
    pub(crate) seq: u64,
    /// The time of the last transaction in it.
    pub(crate) time_us: u64,
    /// A place behind the last transaction in it. All that comes after it is in this place's segment, or a later one.
    pub(crate) journal: Position,
    /// What is remembered of idempotent transactions.
    pub(crate) window: SharedWindow,
}

/// Which transactions are applied.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Extent<'a> {
    pub(crate) voids: &'a BTreeSet<u64>,
    pub(crate) through: Through,
}

/// The last transaction that counts: none is behind this number, or later than this time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Through {
    pub(crate) seq: u64,
    pub(crate) time_us: u64,
}

impl Through {
    pub(crate) const ALL: Through = Through { seq: u64::MAX, time_us: u64::MAX };

    pub(crate) fn seq(seq: u64) -> Self {
        Through { seq, ..Through::ALL }
    }

    pub(crate) fn includes(self, seq: u64, time_us: u64) -> bool {
        seq <= self.seq && time_us <= self.time_us
    }
}

/// Why a replay stopped.
#[derive(Debug)]
pub(crate) enum ReplayError {
    /// A transaction panicked. The state is lost.
    Panicked {
        seq: u64,
        tx: String,
        message: String,
    },
    Other(Error),
}

impl From<Error> for ReplayError {
    fn from(error: Error) -> Self {
        ReplayError::Other(error)
    }
}

/// What was replayed otherwise than it had been committed, by stable name.
#[derive(Debug, Default)]
pub(crate) struct Differences {
    pub(crate) bodies: BTreeMap<String, Rewritten>,
    pub(crate) arguments: BTreeMap<String, Rewritten>,
}

impl Differences {
    pub(crate) fn is_empty(&self) -> bool {
        self.bodies.is_empty() && self.arguments.is_empty()
    }

    fn note(&mut self, reading: &Reading, name: &str, seq: u64) {
        let count = |all: &mut BTreeMap<String, Rewritten>| {
            if !all.contains_key(name) {
                let first_seq = seq.into();
                let rewritten = Rewritten { tx: name.to_owned(), transactions: 0, first_seq };
                all.insert(name.to_owned(), rewritten);
            }
            if let Some(rewritten) = all.get_mut(name) {
                rewritten.transactions += 1;
            }
        };
        if reading.has_other_body() {
            count(&mut self.bodies);
        }
        if reading.has_other_arguments() {
            count(&mut self.arguments);
        }
    }
}

/// Applies the transactions of surveyed segments that lie behind `state`. `progress` is told, after each batch, how many
/// bytes and transactions it brought.
pub(crate) fn replay<M: Model>(
    disk: &dyn Disk,
    segments: &[SurveyedSegment],
    extent: Extent<'_>,
    resolver: &Resolver<M>,
    state: &mut State<M>,
    progress: &mut dyn FnMut(u64, u64),
) -> Result<Differences, ReplayError> {
    let mut replay = Replay { disk, extent, resolver, differences: Differences::default() };
    for segment in segments {
        if segment.header.first_seq > extent.through.seq {
            break;
        }
        replay.segment(segment, state, progress)?;
    }
    Ok(replay.differences)
}

struct Replay<'a, M: Model> {
    disk: &'a dyn Disk,
    extent: Extent<'a>,
    resolver: &'a Resolver<M>,
    differences: Differences,
}

impl<M: Model> Replay<'_, M> {
    fn segment(
        &mut self,
        segment: &SurveyedSegment,
        state: &mut State<M>,
        progress: &mut dyn FnMut(u64, u64),
    ) -> Result<(), ReplayError> {
        let file = SegmentFile::read(self.disk, segment.header)?;
        let mut reader = file.reader(Depth::Bodies);
        let mut readings = SegmentReadings::default();
        let clone = match segment.header.rollback {
            Rollback::Off => None,
            // The survey has seen that there is one, where there is something to replay.
            Rollback::On => M::ROLLBACK,
        };
        loop {
            let mut applied = 0;
            let mut excluded = 0;
            let batch = reader.walk_batch(segment.end.offset, |context, item| {
                let Item::Tx(entry) = item else { return Ok(()) };
                if !self.extent.through.includes(entry.seq, entry.time_us) {
                    excluded += 1;
                    return Ok(());
                }
                if entry.seq <= state.seq {
                    return Ok(());
                }
                if !self.extent.voids.contains(&entry.seq) {
                    let reading =
                        readings.of(self.resolver, &context.dictionary, entry.in_dictionary)?;
                    let tx = self.decode(reading, context, &entry, &file.path)?;
                    let keyed = keyed::<M>(reading, &tx, &entry);
                    let cx = TxContext::new(entry.seq.into(), entry.time_us, *entry.secret);
                    let reply = rollback::apply(&mut state.model, clone, tx, &cx)
                        .map_err(|message| panicked(context, &entry, message))?;
                    if let Some(keyed) = keyed {
                        self.resolver.remember(&state.window, entry.seq, keyed, &reply);
                    }
                    // The reply may panic when it is dropped, as it would live: that harms nobody there, and nobody here.
                    drop_quietly(reply);
                    applied += 1;
                }
                state.seq = entry.seq;
                state.time_us = entry.time_us;
                Ok::<(), ReplayError>(())
            })?;
            let Some(batch) = batch else { return Ok(()) };
            if excluded == batch.header.tx_count && excluded > 0 {
                return Ok(());
            }
            state.journal = reader.position();
            progress(batch.header.batch_bytes(), applied);
        }
    }

    fn decode(
        &mut self,
        reading: &Reading,
        context: &SegmentContext,
        entry: &Entry<'_>,
        file: &Path,
    ) -> Result<M::Tx, ReplayError> {
        let tx = match resolve::decode::<M>(reading, &context.dictionary, entry, file) {
            Ok(tx) => tx,
            Err(Undecoded::Error(error)) => return Err(error.into()),
            // Like the transaction's own panic: it can be made void.
            Err(Undecoded::Panicked(_, message)) => {
                return Err(panicked(context, entry, message));
            }
        };
        if reading.is_changed() {
            self.differences.note(reading, name_of(context, entry), entry.seq);
        }
        Ok(tx)
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

fn name_of<'a>(context: &'a SegmentContext, entry: &Entry<'_>) -> &'a str {
    &context.dictionary.entries[entry.in_dictionary].name
}

fn panicked(context: &SegmentContext, entry: &Entry<'_>, message: String) -> ReplayError {
    ReplayError::Panicked { seq: entry.seq, tx: name_of(context, entry).to_owned(), message }
}
