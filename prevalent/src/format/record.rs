//! Records: what a batch consists of.

use super::bytes::{Reader, put_counted, put_varint};

const MODEL_TAG: u64 = 1;
const NAMES_TAG: u64 = 2;
const SECRET_TAG: u64 = 3;
const VOID_TAG: u64 = 4;
/// The tag of the transaction whose name has id 0.
pub(crate) const TX_TAG: u64 = 16;

/// What seeds the generators of transactions.
pub(crate) type Secret = [u8; 32];

/// An entry of a batch.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Record<'a> {
    /// The model's stable name.
    Model(&'a str),
    /// More names for the segment's dictionary.
    Names(Vec<&'a str>),
    /// Seeds the generators from here on.
    Secret(Secret),
    /// A transaction that has no effect.
    Void { seq: u64, reason: &'a str },
    /// A transaction: its name in the dictionary, its time, its arguments.
    Tx { name_id: u32, time_us: u64, payload: &'a [u8] },
}

/// A record that can't be read, behind a good checksum: not ours, or newer.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum RecordError {
    #[error("a record is cut short or badly formed")]
    Malformed,
    #[error("a record with the tag {tag}")]
    UnknownTag { tag: u64 },
}

/// The records of a batch's body, in order. After an error there is nothing more.
#[derive(Clone, Debug)]
pub(crate) struct Records<'a> {
    rest: Reader<'a>,
    time_us: u64,
}

impl<'a> Records<'a> {
    pub(crate) fn new(body: &'a [u8], base_time_us: u64) -> Self {
        Records { rest: Reader::new(body), time_us: base_time_us }
    }

    fn read(&mut self) -> Option<Result<Record<'a>, u64>> {
        let tag = self.rest.varint()?;
        if let Some(id) = tag.checked_sub(TX_TAG) {
            let name_id = u32::try_from(id).ok()?;
            self.time_us = self.time_us.saturating_add(self.rest.varint()?);
            let payload = self.rest.counted()?;
            return Some(Ok(Record::Tx { name_id, time_us: self.time_us, payload }));
        }
        let content = self.rest.counted()?;
        Some(Ok(match tag {
            MODEL_TAG => Record::Model(str::from_utf8(content).ok()?),
            NAMES_TAG => Record::Names(names(content)?),
            SECRET_TAG => Record::Secret(content.try_into().ok()?),
            VOID_TAG => {
                let mut content = Reader::new(content);
                let seq = content.varint()?;
                let reason = content.take(content.remaining())?;
                Record::Void { seq, reason: str::from_utf8(reason).ok()? }
            }
            tag => return Some(Err(tag)),
        }))
    }
}

impl<'a> Iterator for Records<'a> {
    type Item = Result<Record<'a>, RecordError>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.rest.is_empty() {
            return None;
        }
        let record = match self.read() {
            Some(Ok(record)) => return Some(Ok(record)),
            Some(Err(tag)) => RecordError::UnknownTag { tag },
            None => RecordError::Malformed,
        };
        self.rest = Reader::new(&[]);
        Some(Err(record))
    }
}

fn names(content: &[u8]) -> Option<Vec<&str>> {
    let mut content = Reader::new(content);
    let mut names = Vec::new();
    while !content.is_empty() {
        names.push(str::from_utf8(content.counted()?).ok()?);
    }
    Some(names)
}

pub(crate) fn put_model(out: &mut Vec<u8>, name: &str) {
    put_varint(out, MODEL_TAG);
    put_counted(out, name.as_bytes());
}

pub(crate) fn put_names<'a>(out: &mut Vec<u8>, names: impl IntoIterator<Item = &'a str>) {
    let mut content = Vec::new();
    for name in names {
        put_counted(&mut content, name.as_bytes());
    }
    put_varint(out, NAMES_TAG);
    put_counted(out, &content);
}

pub(crate) fn put_secret(out: &mut Vec<u8>, secret: &Secret) {
    put_varint(out, SECRET_TAG);
    put_counted(out, secret);
}

pub(crate) fn put_void(out: &mut Vec<u8>, seq: u64, reason: &str) {
    let mut content = Vec::new();
    put_varint(&mut content, seq);
    content.extend_from_slice(reason.as_bytes());
    put_varint(out, VOID_TAG);
    put_counted(out, &content);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::format::batch::BatchBuilder;
    use proptest::prelude::*;

    #[test]
    fn records_read_back_in_order() {
        let mut batch = BatchBuilder::new(1, 100);
        put_model(batch.body_mut(), "Sessions");
        put_names(batch.body_mut(), ["open", "close"]);
        put_secret(batch.body_mut(), &[9; 32]);
        batch.push_tx(1, 100, b"payload");
        batch.push_tx(200, 107, b"");
        put_void(batch.body_mut(), 1, "because");
        let body = batch.body_mut().split_off(crate::format::batch::BATCH_HEADER_BYTES);
        let records: Result<Vec<_>, _> = Records::new(&body, 100).collect();
        assert_eq!(
            records,
            Ok(vec![
                Record::Model("Sessions"),
                Record::Names(vec!["open", "close"]),
                Record::Secret([9; 32]),
                Record::Tx { name_id: 1, time_us: 100, payload: b"payload" },
                Record::Tx { name_id: 200, time_us: 107, payload: b"" },
                Record::Void { seq: 1, reason: "because" },
            ])
        );
    }

    #[test]
    fn an_unknown_or_zero_tag_is_an_error_and_ends_the_records() {
        for tag in [0, 5, 15] {
            let body = [tag, 0, 1, 0];
            let mut records = Records::new(&body, 0).collect::<Vec<_>>();
            assert_eq!(records.len(), 1);
            assert_eq!(records.pop(), Some(Err(RecordError::UnknownTag { tag: u64::from(tag) })));
        }
    }

    proptest! {
        #[test]
        fn no_bytes_make_the_reader_panic(body: Vec<u8>) {
            let _ = Records::new(&body, 0).count();
        }
    }
}
