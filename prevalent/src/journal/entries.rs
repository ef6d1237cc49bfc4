//! Batches as transactions: the dictionary and the secret are kept, so that each transaction is complete.

use std::fmt::Display;
use std::path::Path;

use crate::error::Error;
use crate::format::batch::Batch;
use crate::format::header::HEADER_BYTES;
use crate::format::record::{Record, RecordError, Records, Secret};
use crate::format::{ENTRIES_MAX, NAMES_BYTES_MAX, TX_BYTES_MAX};
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
    /// What the names in the dictionary's entries take.
    names_bytes: usize,
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
        let is_preamble = place.offset == HEADER_BYTES as u64;
        let mut has_model = false;
        let mut seq = batch.header.first_seq;
        let behind = seq + u64::from(batch.header.tx_count);
        for record in Records::new(batch.body, batch.header.base_time_us) {
            match record.map_err(|error| place.record_error(&error))? {
                Record::Model(model) => {
                    if !is_preamble || std::mem::replace(&mut has_model, true) || model.ty.is_some()
                    {
                        return Err(place
                            .corrupt("a model record that doesn't belong here")
                            .into());
                    }
                    model.name.clone_into(&mut self.model);
                }
                Record::Types(types) => {
                    self.dictionary.types.extend(types).map_err(|error| place.corrupt(error))?;
                }
                Record::Dictionary(entries) => {
                    self.names_bytes += entries.iter().map(|it| it.name.len()).sum::<usize>();
                    if self.dictionary.entries.len() + entries.len() > ENTRIES_MAX
                        || self.names_bytes > NAMES_BYTES_MAX
                    {
                        let what = "the dictionary is longer than that of a segment may be";
                        return Err(place.corrupt(what).into());
                    }
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
                    if is_preamble {
                        let what = "a transaction in the segment's first batch";
                        return Err(place.corrupt(what).into());
                    }
                    if payload.len() > TX_BYTES_MAX {
                        let what = "a transaction is longer than any can be";
                        return Err(place.corrupt(what).into());
                    }
                    let secret = self.secret.as_ref();
                    let secret = secret
                        .ok_or_else(|| place.corrupt("a transaction comes before the secret"))?;
                    visit(self, Item::Tx(Entry { seq, time_us, secret, in_dictionary, payload }))?;
                    seq += 1;
                }
            }
        }
        if is_preamble && !has_model {
            return Err(place.corrupt("the segment's first batch doesn't name the model").into());
        }
        if seq == behind { Ok(()) } else { Err(place.corrupt(COUNT).into()) }
    }
}

const COUNT: &str = "the batch holds another number of transactions than its header says";

#[cfg(test)]
mod tests {
    use super::*;
    use crate::format::batch::{BatchBuilder, Depth, Progress, read_batch};
    use crate::format::record::{
        ModelRecord, put_dictionary, put_model, put_origin, put_secret, put_types,
    };
    use crate::format::{Chain, Position, StoreId};
    use crate::origin::OriginKind;
    use crate::schema::dictionary::DictionaryEntry;
    use crate::schema::types::{Type, TypeId};

    /// What the records of a batch come to that claims to hold so many transactions.
    fn walked(tx_count: u32, records: impl FnOnce(&mut BatchBuilder)) -> Result<Vec<u64>, Error> {
        walked_at(4711, tx_count, records)
    }

    /// The same, of a batch that stands at `offset`.
    fn walked_at(
        offset: u64,
        tx_count: u32,
        records: impl FnOnce(&mut BatchBuilder),
    ) -> Result<Vec<u64>, Error> {
        let mut batch = BatchBuilder::new(7, 0);
        records(&mut batch);
        let bytes = batch.body_bytes();
        let sealed = batch.seal(Chain(1), 0, Chain(2), Progress::default()).bytes;
        let read = read_batch(&sealed, 0, Chain(1), Chain(2), 7, Depth::Bodies).unwrap();
        let sealed = BatchBuilder::copy_of_start(&read, bytes, tx_count);
        let sealed = sealed.seal(Chain(1), 0, Chain(2), Progress::default()).bytes;
        let batch = read_batch(&sealed, 0, Chain(1), Chain(2), 7, Depth::Bodies).unwrap();
        let place = Place { segment: Path::new("a"), offset, seq: 7 };
        let mut seqs = Vec::new();
        SegmentContext::default().walk(&batch, &place, |_, item| {
            if let Item::Tx(entry) = item {
                assert!(entry.seq < 7 + u64::from(tx_count), "one too many is given out");
                seqs.push(entry.seq);
            }
            Ok::<(), Error>(())
        })?;
        Ok(seqs)
    }

    fn entry(arguments: u32) -> DictionaryEntry {
        let arguments = TypeId(arguments);
        DictionaryEntry { name: "a".to_owned(), revision: 1, arguments, fingerprint: None }
    }

    fn preamble(batch: &mut BatchBuilder) {
        put_types(batch.body_mut(), &[Type::Unit]);
        put_dictionary(batch.body_mut(), &[entry(0)]);
        put_secret(batch.body_mut(), &[1; 32]);
    }

    fn with_two(batch: &mut BatchBuilder) {
        preamble(batch);
        batch.push_tx(0, 1, b"");
        batch.push_tx(0, 2, b"");
    }

    #[track_caller]
    fn assert_corrupt(walked: Result<Vec<u64>, Error>, why: &str) {
        match walked.unwrap_err() {
            Error::Corrupt { what, .. } => assert!(what.contains(why), "{what}"),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn a_batch_holds_as_many_transactions_as_its_header_says() {
        assert_eq!(walked(2, with_two).unwrap(), [7, 8]);
        for count in [0, 1, 3] {
            assert_corrupt(walked(count, with_two), COUNT);
        }
    }

    #[test]
    fn the_first_batch_names_the_model_once_and_no_other_does_nor_holds_that_one_a_transaction() {
        let first = |tx_count, records: &dyn Fn(&mut BatchBuilder)| {
            walked_at(HEADER_BYTES as u64, tx_count, |batch| records(batch))
        };
        let model = |batch: &mut BatchBuilder, ty| {
            put_model(batch.body_mut(), &ModelRecord { name: "a", version: 1, ty });
        };
        let good = |batch: &mut BatchBuilder| {
            model(batch, None);
            preamble(batch);
        };
        assert!(first(0, &good).unwrap().is_empty());
        assert_corrupt(first(0, &|batch| preamble(batch)), "doesn't name the model");
        assert_corrupt(first(0, &|batch| model(batch, Some(TypeId(0)))), "doesn't belong here");
        let twice = |batch: &mut BatchBuilder| {
            model(batch, None);
            model(batch, None);
        };
        assert_corrupt(first(0, &twice), "doesn't belong here");
        assert_corrupt(walked(0, |batch| model(batch, None)), "doesn't belong here");
        let full = |batch: &mut BatchBuilder| {
            good(batch);
            batch.push_tx(0, 1, b"");
        };
        assert_corrupt(first(1, &full), "a transaction in the segment's first batch");
    }

    #[test]
    fn a_transaction_and_a_dictionary_are_not_longer_than_they_may_be() {
        for (more, fits) in [(0, true), (1, false)] {
            let long = walked(1, |batch| {
                preamble(batch);
                batch.push_tx(0, 1, &vec![0; TX_BYTES_MAX + more]);
            });
            assert_eq!(long.is_ok(), fits, "{long:?}");
            let many = walked(0, |batch| {
                preamble(batch);
                put_dictionary(batch.body_mut(), &vec![entry(0); ENTRIES_MAX - 1 + more]);
            });
            assert_eq!(many.is_ok(), fits, "{many:?}");
            let named = walked(0, |batch| {
                preamble(batch);
                let name = "n".repeat(NAMES_BYTES_MAX - 1 + more);
                put_dictionary(batch.body_mut(), &[DictionaryEntry { name, ..entry(0) }]);
            });
            assert_eq!(named.is_ok(), fits, "{named:?}");
        }
    }

    #[test]
    fn what_a_record_refers_to_comes_before_it() {
        let dangling = |batch: &mut BatchBuilder| {
            put_types(batch.body_mut(), &[Type::Option(TypeId(1))]);
        };
        assert_corrupt(walked(0, dangling), "a type refers to one");
        let untyped = |batch: &mut BatchBuilder| {
            put_types(batch.body_mut(), &[Type::Unit]);
            put_dictionary(batch.body_mut(), &[entry(1)]);
        };
        assert_corrupt(walked(0, untyped), "the type of a transaction's arguments");
        let unnamed = |batch: &mut BatchBuilder| {
            preamble(batch);
            batch.push_tx(1, 1, b"");
        };
        assert_corrupt(walked(1, unnamed), "not in the dictionary");
        let without_secret = |batch: &mut BatchBuilder| {
            put_types(batch.body_mut(), &[Type::Unit]);
            put_dictionary(batch.body_mut(), &[entry(0)]);
            batch.push_tx(0, 1, b"");
        };
        assert_corrupt(walked(1, without_secret), "before the secret");
    }

    #[test]
    fn a_record_of_a_snapshot_or_of_nobody_is_none_of_a_batch() {
        let (how, store) = (OriginKind::Forked, StoreId([1; 16]));
        let journal = Position::default();
        let origin =
            crate::format::record::OriginRecord { how, store, seq: 1, journal, time_us: 1 };
        let foreign = |batch: &mut BatchBuilder| put_origin(batch.body_mut(), &origin);
        assert_corrupt(walked(0, foreign), "belongs into a snapshot");
        let malformed = |batch: &mut BatchBuilder| batch.body_mut().push(0xff);
        assert_corrupt(walked(0, malformed), "cut short, badly formed");
        let unknown = |batch: &mut BatchBuilder| batch.body_mut().extend_from_slice(&[15, 0]);
        assert!(matches!(walked(0, unknown), Err(Error::UnknownContent { .. })));
    }
}
