//! Records: what a batch consists of.

use super::bytes::{Reader, put_counted, put_varint};
use super::schema::{Room, id, put_entry, put_id, put_type, read_entry, read_type};
use super::window::{WindowRecord, put_window, read_window};
use super::{Chain, Position, StoreId};
use crate::origin::OriginKind;
use crate::schema::dictionary::DictionaryEntry;
use crate::schema::types::{Type, TypeId};

const MODEL_TAG: u64 = 1;
const DICTIONARY_TAG: u64 = 2;
const SECRET_TAG: u64 = 3;
const VOID_TAG: u64 = 4;
const TYPES_TAG: u64 = 5;
const ORIGIN_TAG: u64 = 12;
const WINDOW_TAG: u64 = 11;
/// The tag of the transaction whose entry has id 0.
pub(crate) const TX_TAG: u64 = 16;

/// What seeds the generators of transactions.
pub(crate) type Secret = [u8; 32];

/// An entry of a batch.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Record<'a> {
    Model(ModelRecord<'a>),
    /// More types for the file's list.
    Types(Vec<Type>),
    /// More entries for the segment's dictionary.
    Dictionary(Vec<DictionaryEntry>),
    /// Seeds the generators from here on.
    Secret(Secret),
    /// A transaction that has no effect.
    Void {
        seq: u64,
        reason: &'a str,
    },
    /// What is remembered of idempotent transactions: in a snapshot.
    Window(WindowRecord),
    /// A transaction: its entry in the dictionary, its time, its arguments.
    Tx {
        entry_id: u32,
        time_us: u64,
        payload: &'a [u8],
    },
    /// In a snapshot: where the store comes from.
    Origin(OriginRecord),
}

/// The store that this one was made from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct OriginRecord {
    pub(crate) how: OriginKind,
    pub(crate) store: StoreId,
    /// The last sequence number that was taken over.
    pub(crate) seq: u64,
    /// A place in that store's journal, behind this transaction.
    pub(crate) journal: Position,
    pub(crate) time_us: u64,
}

/// The model.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct ModelRecord<'a> {
    /// The stable name.
    pub(crate) name: &'a str,
    pub(crate) version: u32,
    /// In a snapshot: the type of what it holds.
    pub(crate) ty: Option<TypeId>,
}

/// A record that can't be read, behind a good checksum: not ours, or newer.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum RecordError {
    #[error("a record is cut short, badly formed, or holds more than it may")]
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

    /// The error is the tag of a record that is not known.
    #[inline]
    fn read(&mut self) -> Option<Result<Record<'a>, u64>> {
        let tag = self.rest.varint()?;
        match tag.checked_sub(TX_TAG) {
            Some(id) => self.read_tx(id).map(Ok),
            None => self.read_control(tag),
        }
    }

    #[inline]
    fn read_tx(&mut self, id: u64) -> Option<Record<'a>> {
        let entry_id = u32::try_from(id).ok()?;
        self.time_us = self.time_us.saturating_add(self.rest.varint()?);
        let payload = self.rest.counted()?;
        Some(Record::Tx { entry_id, time_us: self.time_us, payload })
    }

    /// Apart from transactions, of which there are millions.
    #[inline(never)]
    fn read_control(&mut self, tag: u64) -> Option<Result<Record<'a>, u64>> {
        let content = self.rest.counted()?;
        Some(Ok(match tag {
            MODEL_TAG => Record::Model(model(content)?),
            TYPES_TAG => Record::Types(all(content, Room::for_types(), read_type)?),
            DICTIONARY_TAG => Record::Dictionary(all(content, Room::for_entries(), read_entry)?),
            SECRET_TAG => Record::Secret(content.try_into().ok()?),
            VOID_TAG => {
                let mut content = Reader::new(content);
                let seq = content.varint()?;
                let reason = content.take(content.remaining())?;
                Record::Void { seq, reason: str::from_utf8(reason).ok()? }
            }
            ORIGIN_TAG => Record::Origin(origin(content)?),
            WINDOW_TAG => Record::Window(read_window(content)?),
            tag => return Some(Err(tag)),
        }))
    }

    /// How many bytes are left.
    pub(crate) fn remaining(&self) -> usize {
        self.rest.remaining()
    }
}

impl<'a> Iterator for Records<'a> {
    type Item = Result<Record<'a>, RecordError>;

    #[inline]
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

fn model(content: &[u8]) -> Option<ModelRecord<'_>> {
    let mut content = Reader::new(content);
    let name = str::from_utf8(content.counted()?).ok()?;
    let version = u32::try_from(content.varint()?).ok()?;
    let ty = if content.is_empty() { None } else { Some(id(&mut content)?) };
    content.is_empty().then_some(ModelRecord { name, version, ty })
}

const ORIGIN_KINDS: [OriginKind; 3] =
    [OriginKind::Restored, OriginKind::Forked, OriginKind::Imported];

fn origin(content: &[u8]) -> Option<OriginRecord> {
    let mut content = Reader::new(content);
    let [kind] = content.array()?;
    let how = *ORIGIN_KINDS.get(usize::from(kind))?;
    let (store, seq) = (StoreId(content.array()?), content.varint()?);
    let (segment, offset) = (content.varint()?, content.varint()?);
    let journal = Position { segment, offset, chain: Chain(content.u64()?) };
    let time_us = content.varint()?;
    content.is_empty().then_some(OriginRecord { how, store, seq, journal, time_us })
}

/// Items one behind the other, to the end.
fn all<T>(
    content: &[u8],
    mut room: Room,
    item: impl Fn(&mut Reader<'_>, &mut Room) -> Option<T>,
) -> Option<Vec<T>> {
    let mut content = Reader::new(content);
    let mut all = Vec::new();
    while !content.is_empty() {
        room.take_item()?;
        all.push(item(&mut content, &mut room)?);
    }
    Some(all)
}

pub(crate) fn put_model(out: &mut Vec<u8>, model: &ModelRecord<'_>) {
    put_control(out, MODEL_TAG, |content| {
        put_counted(content, model.name.as_bytes());
        put_varint(content, u64::from(model.version));
        if let Some(ty) = model.ty {
            put_id(content, ty);
        }
    });
}

pub(crate) fn put_types(out: &mut Vec<u8>, types: &[Type]) {
    if types.is_empty() {
        return;
    }
    put_control(out, TYPES_TAG, |content| {
        for ty in types {
            put_type(content, ty);
        }
    });
}

pub(crate) fn put_dictionary(out: &mut Vec<u8>, entries: &[DictionaryEntry]) {
    if entries.is_empty() {
        return;
    }
    put_control(out, DICTIONARY_TAG, |content| {
        for entry in entries {
            put_entry(content, entry);
        }
    });
}

fn put_control(out: &mut Vec<u8>, tag: u64, put: impl FnOnce(&mut Vec<u8>)) {
    let mut content = Vec::new();
    put(&mut content);
    put_varint(out, tag);
    put_counted(out, &content);
}

pub(crate) fn put_secret(out: &mut Vec<u8>, secret: &Secret) {
    put_varint(out, SECRET_TAG);
    put_counted(out, secret);
}

pub(crate) fn put_origin(out: &mut Vec<u8>, origin: &OriginRecord) {
    let OriginRecord { how, store, seq, journal, time_us } = *origin;
    let kind = match how {
        OriginKind::Restored => 0,
        OriginKind::Forked => 1,
        OriginKind::Imported => 2,
    };
    put_control(out, ORIGIN_TAG, |content| {
        content.push(kind);
        content.extend_from_slice(&store.0);
        put_varint(content, seq);
        put_varint(content, journal.segment);
        put_varint(content, journal.offset);
        content.extend_from_slice(&journal.chain.0.to_le_bytes());
        put_varint(content, time_us);
    });
}

pub(crate) fn put_keys(out: &mut Vec<u8>, window: &WindowRecord) {
    if !window.keys.is_empty() {
        put_control(out, WINDOW_TAG, |content| put_window(content, window));
    }
}

/// A void keeps no more than this of the reason.
pub(crate) const REASON_BYTES_MAX: usize = 1024;

pub(crate) fn put_void(out: &mut Vec<u8>, seq: u64, reason: &str) {
    let reason = &reason[..reason.floor_char_boundary(REASON_BYTES_MAX)];
    put_control(out, VOID_TAG, |content| {
        put_varint(content, seq);
        content.extend_from_slice(reason.as_bytes());
    });
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::format::batch::BatchBuilder;
    use crate::format::{ENTRIES_MAX, NAMES_BYTES_MAX, PARTS_MAX, TYPES_MAX};
    use crate::schema::types::{Field, Scalar, Variant};
    use proptest::prelude::*;

    fn types() -> Vec<Type> {
        let (name, id) = (|| "N".to_owned(), TypeId(7));
        let scalars = [Scalar::Bool, Scalar::I8, Scalar::U128, Scalar::F64, Scalar::Char];
        let fields = vec![Field { name: name(), ty: id }, Field { name: "b".into(), ty: id }];
        let variants = vec![Variant { index: 400, name: name(), contents: id }];
        let mut types: Vec<_> = scalars.into_iter().map(Type::Scalar).collect();
        types.extend([
            Type::String,
            Type::Bytes,
            Type::Unit,
            Type::Option(id),
            Type::Seq(id),
            Type::Map { key: id, value: TypeId(1000) },
            Type::Tuple { name: name(), elements: vec![id, id] },
            Type::Struct { name: name(), fields },
            Type::Newtype { name: name(), inner: id },
            Type::Enum { name: name(), variants },
            Type::Opaque,
            Type::Untraced { name: name() },
            Type::Never,
        ]);
        types
    }

    #[test]
    fn the_kinds_of_types_are_fixed() {
        let mut kinds = Vec::new();
        for ty in types() {
            let mut out = Vec::new();
            put_type(&mut out, &ty);
            kinds.push(out[0]);
        }
        assert_eq!(kinds, [0, 1, 10, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26]);
    }

    #[test]
    fn records_read_back_in_order() {
        let mut batch = BatchBuilder::new(1, 100);
        let model = ModelRecord { name: "Sessions", version: 3, ty: None };
        put_model(batch.body_mut(), &model);
        let types = types();
        put_types(batch.body_mut(), &types);
        let entries = vec![
            DictionaryEntry {
                name: "open".into(),
                revision: 2,
                arguments: TypeId(300),
                fingerprint: Some(u64::MAX),
            },
            DictionaryEntry {
                name: "close".into(),
                revision: 1,
                arguments: TypeId(0),
                fingerprint: None,
            },
        ];
        put_dictionary(batch.body_mut(), &entries);
        put_secret(batch.body_mut(), &[9; 32]);
        batch.push_tx(1, 100, b"payload");
        batch.push_tx(200, 107, b"");
        put_void(batch.body_mut(), 1, "because");
        let body = batch.body_mut().split_off(crate::format::batch::BATCH_HEADER_BYTES);
        let records: Result<Vec<_>, _> = Records::new(&body, 100).collect();
        assert_eq!(
            records,
            Ok(vec![
                Record::Model(model),
                Record::Types(types),
                Record::Dictionary(entries),
                Record::Secret([9; 32]),
                Record::Tx { entry_id: 1, time_us: 100, payload: b"payload" },
                Record::Tx { entry_id: 200, time_us: 107, payload: b"" },
                Record::Void { seq: 1, reason: "because" },
            ])
        );
    }

    #[test]
    fn a_void_keeps_the_beginning_of_a_long_reason() {
        for (reason, kept) in [("x".repeat(REASON_BYTES_MAX), 1024), ("x".repeat(90 << 20), 1024)] {
            let mut body = Vec::new();
            put_void(&mut body, 7, &reason);
            let records: Vec<_> = Records::new(&body, 0).collect();
            assert_eq!(records, [Ok(Record::Void { seq: 7, reason: &reason[..kept] })]);
        }
        let mut body = Vec::new();
        put_void(&mut body, 7, &format!("x{}", "ä".repeat(REASON_BYTES_MAX)));
        let kept = format!("x{}", "ä".repeat(REASON_BYTES_MAX / 2 - 1));
        let records: Vec<_> = Records::new(&body, 0).collect();
        assert_eq!(records, [Ok(Record::Void { seq: 7, reason: &kept })], "no letter is cut");
    }

    /// Whether a file's types, or a dictionary, may be these.
    fn may_hold(put: impl FnOnce(&mut Vec<u8>)) -> bool {
        let mut body = Vec::new();
        put(&mut body);
        let records: Vec<_> = Records::new(&body, 0).collect();
        assert_eq!(records.len(), 1);
        records.into_iter().all(|record| record.is_ok())
    }

    #[test]
    fn types_and_entries_are_refused_beyond_their_number() {
        let entry = |name: &str| DictionaryEntry {
            name: name.to_owned(),
            revision: 1,
            arguments: TypeId(0),
            fingerprint: None,
        };
        for (more, fits) in [(0, true), (1, false)] {
            let types = vec![Type::Unit; TYPES_MAX + more];
            assert_eq!(may_hold(|out| put_types(out, &types)), fits);
            let elements = vec![TypeId(0); PARTS_MAX + more - 1];
            let one = Type::Tuple { name: String::new(), elements: vec![TypeId(0)] };
            let types = [one, Type::Tuple { name: String::new(), elements }];
            assert_eq!(may_hold(|out| put_types(out, &types)), fits);
            let fields = (0..PARTS_MAX + more)
                .map(|_| Field { name: String::new(), ty: TypeId(0) })
                .collect();
            let types = [Type::Struct { name: String::new(), fields }];
            assert_eq!(may_hold(|out| put_types(out, &types)), fits);
            let variant = Variant { index: 0, name: "v".to_owned(), contents: TypeId(0) };
            let variants = vec![variant; PARTS_MAX + more];
            let types = [Type::Enum { name: String::new(), variants }];
            assert_eq!(may_hold(|out| put_types(out, &types)), fits);
            let name = "n".repeat(NAMES_BYTES_MAX + more - 1);
            let types = [Type::Untraced { name: "n".to_owned() }, Type::Untraced { name }];
            assert_eq!(may_hold(|out| put_types(out, &types)), fits);
            let entries = vec![entry(""); ENTRIES_MAX + more];
            assert_eq!(may_hold(|out| put_dictionary(out, &entries)), fits);
            let entries = [entry("n"), entry(&"n".repeat(NAMES_BYTES_MAX + more - 1))];
            assert_eq!(may_hold(|out| put_dictionary(out, &entries)), fits);
        }
    }

    #[test]
    fn an_origin_reads_back_whatever_its_kind_and_no_bit_more() {
        for how in ORIGIN_KINDS {
            let journal = Position { segment: 300, offset: 4711, chain: Chain(u64::MAX) };
            let origin =
                OriginRecord { how, store: StoreId([7; 16]), seq: 17, journal, time_us: 1 << 60 };
            let mut body = Vec::new();
            put_origin(&mut body, &origin);
            let records: Vec<_> = Records::new(&body, 0).collect();
            assert_eq!(records, [Ok(Record::Origin(origin))]);
            body.push(0);
            body[1] += 1;
            let records: Vec<_> = Records::new(&body, 0).collect();
            assert_eq!(records, [Err(RecordError::Malformed)]);
        }
        assert_eq!(origin(&[3; 60]), None, "a kind that is not known");
    }

    #[test]
    fn a_model_has_nothing_behind_its_end_and_everything_before_it() {
        let record = ModelRecord { name: "Sessions", version: 300, ty: Some(TypeId(200)) };
        let mut body = Vec::new();
        put_model(&mut body, &record);
        // Tag and length take a byte each.
        let content = &body[2..];
        assert_eq!(model(content), Some(record));
        // Without the type, it is the model of a journal.
        let without_type = content.len() - 2;
        for len in (0..content.len()).filter(|&len| len != without_type) {
            assert_eq!(model(&content[..len]), None, "cut at {len}");
        }
        assert_eq!(model(&[content, &[0]].concat()), None);
    }

    #[test]
    fn an_unknown_or_zero_tag_is_an_error_and_ends_the_records() {
        for tag in [0, 6, 15] {
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
