//! Batches as transactions: the dictionary and the secret are kept, so that each transaction is complete.

use std::fmt::Display;
use std::path::Path;

use crate::error::Error;
use crate::format::batch::Batch;
use crate::format::record::{Record, RecordError, Records, Secret};
use crate::schema::dictionary::Dictionary;

/// A transaction as the journal has it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Entry<'a> {
    pub(crate) seq: u64,
    pub(crate) time_us: u64,
    pub(crate) secret: &'a Secret,
    /// Its entry in the dictionary; there is one.
    pub(crate) in_dictionary: usize,
    pub(crate) payload: &'a [u8],
}

/// What a batch says, apart from what it adds to the context.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Item<'a> {
    Tx(Entry<'a>),
    Void {
        seq: u64,
        /// Why.
        #[cfg_attr(not(feature = "json"), allow(dead_code, reason = "only an export tells"))]
        reason: &'a str,
    },
}

/// What the records of a segment have established so far.
#[derive(Clone, Debug, Default)]
pub(crate) struct SegmentContext {
    pub(crate) model: String,
    pub(crate) dictionary: Dictionary,
    pub(crate) secret: Option<Secret>,
}

/// Where a batch stands, for messages.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Place<'a> {
    pub(crate) segment: &'a Path,
    pub(crate) offset: u64,
    /// The sequence number with which it begins.
    pub(crate) seq: u64,
}

impl Place<'_> {
    pub(crate) fn corrupt(&self, what: impl Display) -> Error {
        Error::corrupt(
            self.segment.to_owned(),
            self.offset,
            Some(self.seq.into()),
            what.to_string(),
        )
    }

    fn record_error(&self, error: &RecordError) -> Error {
        match error {
            RecordError::UnknownTag { .. } => {
                Error::UnknownContent { file: self.segment.to_owned(), what: error.to_string() }
            }
            RecordError::Malformed => self.corrupt(error),
        }
    }
}

impl SegmentContext {
    /// Goes through a batch, in order. `visit` may stop it with its own kind of error.
    ///
    /// Where the records of a good batch make no sense, that is a fault of whoever wrote it, or it is newer than this code.
    pub(crate) fn walk<E: From<Error>>(
        &mut self,
        batch: &Batch<'_>,
        place: &Place<'_>,
        mut visit: impl FnMut(&SegmentContext, Item<'_>) -> Result<(), E>,
    ) -> Result<(), E> {
        let mut seq = batch.header.first_seq;
        let behind = seq + u64::from(batch.header.tx_count);
        for record in Records::new(batch.body, batch.header.base_time_us) {
            match record.map_err(|error| place.record_error(&error))? {
                Record::Model(model) => model.name.clone_into(&mut self.model),
                Record::Types(types) => self
                    .dictionary
                    .types
                    .extend(types)
                    .ok_or_else(|| place.corrupt("a type refers to one that is not there"))?,
                Record::Dictionary(entries) => {
                    let types = self.dictionary.types.len();
                    if entries.iter().any(|entry| entry.arguments.0 as usize >= types) {
                        let what = "the type of a transaction's arguments is not there";
                        return Err(place.corrupt(what).into());
                    }
                    self.dictionary.entries.extend(entries);
                }
                Record::Secret(secret) => self.secret = Some(secret),
                Record::Origin(_) | Record::Window(_) => {
                    return Err(place.corrupt("a record that belongs into a snapshot").into());
                }
                Record::Void { seq, reason } => visit(self, Item::Void { seq, reason })?,
                Record::Tx { entry_id, time_us, payload } => {
                    let in_dictionary = entry_id as usize;
                    if in_dictionary >= self.dictionary.entries.len() {
                        return Err(place
                            .corrupt("a transaction's number is not in the dictionary")
                            .into());
                    }
                    if seq >= behind {
                        return Err(place.corrupt(COUNT).into());
                    }
                    let secret = self.secret.as_ref();
                    let secret = secret
                        .ok_or_else(|| place.corrupt("a transaction comes before the secret"))?;
                    visit(self, Item::Tx(Entry { seq, time_us, secret, in_dictionary, payload }))?;
                    seq += 1;
                }
            }
        }
        if seq == behind { Ok(()) } else { Err(place.corrupt(COUNT).into()) }
    }
}

const COUNT: &str = "the batch holds another number of transactions than its header says";
