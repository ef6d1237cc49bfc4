//! Batches as transactions: the dictionary and the secret are kept, so that each transaction is complete.

use crate::format::batch::Batch;
use crate::format::record::{Record, RecordError, Records, Secret};

/// A transaction as the journal has it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Entry<'a> {
    pub(crate) seq: u64,
    pub(crate) time_us: u64,
    pub(crate) secret: &'a Secret,
    /// Its id in [`SegmentContext::names`].
    pub(crate) name_id: usize,
    pub(crate) payload: &'a [u8],
}

/// What a batch says, apart from what it adds to the context.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Item<'a> {
    Tx(Entry<'a>),
    Void { seq: u64 },
}

/// What the records of a segment have established so far.
#[derive(Clone, Debug, Default)]
pub(crate) struct SegmentContext {
    pub(crate) model: String,
    pub(crate) names: Vec<String>,
    pub(crate) secret: Option<Secret>,
}

/// Why the records of a good batch make no sense. Only a fault of whoever wrote it leads here.
#[derive(Clone, Debug, thiserror::Error)]
pub(crate) enum EntryError {
    #[error(transparent)]
    Record(#[from] RecordError),
    #[error("a transaction's name is not in the segment's dictionary")]
    UnknownName,
    #[error("a transaction comes before the segment's secret")]
    NoSecret,
    #[error("the batch holds another number of transactions than its header says")]
    Count,
}

impl SegmentContext {
    /// Goes through a batch, in order. `visit` may stop it with its own kind of error.
    pub(crate) fn walk<E: From<EntryError>>(
        &mut self,
        batch: &Batch<'_>,
        mut visit: impl FnMut(&SegmentContext, Item<'_>) -> Result<(), E>,
    ) -> Result<(), E> {
        let mut seq = batch.header.first_seq;
        let behind = seq + u64::from(batch.header.tx_count);
        for record in Records::new(batch.body, batch.header.base_time_us) {
            match record.map_err(EntryError::from)? {
                Record::Model(name) => name.clone_into(&mut self.model),
                Record::Names(names) => self.names.extend(names.into_iter().map(str::to_owned)),
                Record::Secret(secret) => self.secret = Some(secret),
                Record::Void { seq, .. } => visit(self, Item::Void { seq })?,
                Record::Tx { name_id, time_us, payload } => {
                    let name_id = name_id as usize;
                    if name_id >= self.names.len() {
                        return Err(EntryError::UnknownName.into());
                    }
                    if seq >= behind {
                        return Err(EntryError::Count.into());
                    }
                    let secret = self.secret.as_ref().ok_or(EntryError::NoSecret)?;
                    visit(self, Item::Tx(Entry { seq, time_us, secret, name_id, payload }))?;
                    seq += 1;
                }
            }
        }
        if seq == behind { Ok(()) } else { Err(EntryError::Count.into()) }
    }
}
