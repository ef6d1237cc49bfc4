//! The second pass over the journal: transactions are decoded and applied.

use std::collections::BTreeSet;

use super::survey::SurveyedSegment;
use crate::context::TxContext;
use crate::disk::Disk;
use crate::encoding;
use crate::error::{Error, SchemaError};
use crate::format::Position;
use crate::format::batch::Depth;
use crate::journal::entries::{Entry, Item};
use crate::journal::reader::SegmentFile;
use crate::model::{Model, variant_of};
use crate::panic::catch;

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
}

/// Which transactions are applied.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Extent<'a> {
    pub(crate) voids: &'a BTreeSet<u64>,
    /// The last one.
    pub(crate) through: u64,
}

/// Why a replay stopped.
#[derive(Debug)]
pub(crate) enum ReplayError {
    /// A transaction panicked. The state is lost.
    Panicked {
        seq: u64,
        tx: &'static str,
        message: String,
    },
    Other(Error),
}

impl From<Error> for ReplayError {
    fn from(error: Error) -> Self {
        ReplayError::Other(error)
    }
}

/// Applies the transactions of surveyed segments that lie behind `state`. `progress` is told, after each batch, how many
/// bytes and transactions it brought.
pub(crate) fn replay<M: Model>(
    disk: &dyn Disk,
    segments: &[SurveyedSegment],
    extent: Extent<'_>,
    state: &mut State<M>,
    progress: &mut dyn FnMut(u64, u64),
) -> Result<(), ReplayError> {
    for segment in segments {
        if segment.header.first_seq > extent.through {
            break;
        }
        replay_segment(disk, segment, extent, state, progress)?;
    }
    // Voids have no effect, but their numbers are used up.
    state.seq = state.seq.max(extent.through);
    Ok(())
}

fn replay_segment<M: Model>(
    disk: &dyn Disk,
    segment: &SurveyedSegment,
    extent: Extent<'_>,
    state: &mut State<M>,
    progress: &mut dyn FnMut(u64, u64),
) -> Result<(), ReplayError> {
    let file = SegmentFile::read(disk, segment.header)?;
    let mut reader = file.reader(Depth::Bodies);
    let mut variants: Vec<Option<usize>> = Vec::new();
    loop {
        let mut applied = 0;
        let batch = reader.walk_batch(segment.end.offset, |context, item| {
            let Item::Tx(entry) = item else { return Ok(()) };
            if entry.seq <= state.seq || entry.seq > extent.through {
                return Ok(());
            }
            variants.extend(
                context.names.iter().skip(variants.len()).map(|name| variant_of::<M>(name)),
            );
            if !extent.voids.contains(&entry.seq) {
                apply(state, &entry, variants.get(entry.name_id).copied().flatten(), &file.path)?;
                applied += 1;
            }
            state.seq = entry.seq;
            state.time_us = entry.time_us;
            Ok::<(), ReplayError>(())
        })?;
        let Some(batch) = batch else { return Ok(()) };
        progress(batch.header.batch_bytes(), applied);
    }
}

fn apply<M: Model>(
    state: &mut State<M>,
    entry: &Entry<'_>,
    variant: Option<usize>,
    path: &std::path::Path,
) -> Result<(), ReplayError> {
    let tx_name = |variant: usize| M::TRANSACTIONS.get(variant).map_or("", |info| info.name());
    let undecodable = |reason: String| {
        let what = variant.map(tx_name).unwrap_or_default().to_owned();
        Error::from(SchemaError::Undecodable {
            what,
            seq: entry.seq.into(),
            file: path.to_owned(),
            reason,
        })
    };
    let variant_index =
        variant.ok_or_else(|| undecodable("the model doesn't have it".to_owned()))?;
    let tx: M::Tx = encoding::decode_tx(variant_index, entry.payload)
        .map_err(|error| undecodable(error.to_string()))?;
    let cx = TxContext::new(entry.seq.into(), entry.time_us, *entry.secret);
    let model = &mut state.model;
    // The reply may panic when it is dropped, as it would live: that harms nobody there, and nobody here.
    let reply = catch(|| model.apply(tx, &cx)).map_err(|message| ReplayError::Panicked {
        seq: entry.seq,
        tx: tx_name(variant_index),
        message,
    })?;
    let _ = catch(|| drop(reply));
    Ok(())
}
