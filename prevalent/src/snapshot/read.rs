//! Reads snapshots, without decoding what they hold.

use std::path::Path;

use crate::disk::Disk;
use crate::disk::transfer::{read_prefix, read_to_end};
use crate::error::Error;
use crate::format::header::{HEADER_BYTES, SnapshotHeader};
use crate::format::record::{Record, RecordError, Records};
use crate::format::window::WindowRecord;
use crate::format::{hash, names};
use crate::origin::Origin;
use crate::recovery::directory::header_error;
use crate::schema::types::{TypeId, Types};

/// A snapshot whose checksums are right.
#[derive(Debug)]
pub(crate) struct SnapshotFile {
    pub(crate) header: SnapshotHeader,
    /// The model's stable name.
    pub(crate) model: String,
    pub(crate) version: u32,
    /// What the body is.
    pub(crate) types: Types,
    pub(crate) ty: TypeId,
    /// The store that this one was made from.
    pub(crate) origin: Option<Origin>,
    /// What is remembered of idempotent transactions.
    pub(crate) window: WindowRecord,
    bytes: Vec<u8>,
    body_offset: usize,
}

impl SnapshotFile {
    /// What is known of the body, and what else is kept.
    pub(crate) fn description(&self) -> &[u8] {
        self.bytes.get(HEADER_BYTES..self.body_offset).unwrap_or_default()
    }

    /// The encoded model.
    pub(crate) fn body(&self) -> &[u8] {
        self.bytes.get(self.body_offset..).unwrap_or_default()
    }

    /// All of the file.
    pub(crate) fn file(&self) -> &[u8] {
        &self.bytes
    }

    /// The length of the file.
    pub(crate) fn bytes(&self) -> u64 {
        self.bytes.len() as u64
    }
}

/// Reads a snapshot and checks its checksums.
///
/// # Errors
///
/// `Corrupt` where anything is wrong with it; `UnsupportedFormat`, `UnknownContent`; `Io`.
pub(crate) fn read(disk: &dyn Disk, seq: u64) -> Result<SnapshotFile, Error> {
    let name = names::snapshot(seq);
    let path = disk.path_of(&name);
    let io = |error| Error::io(&path, "read", error);
    let file = disk.open(&name).map_err(io)?;
    // First the header: nothing is allocated for a length that it doesn't name.
    let header_bytes = read_prefix(&*file, HEADER_BYTES).map_err(io)?;
    let header = checked_header(&header_bytes, &path, seq, file.len().map_err(io)?)?;
    let bytes = read_to_end(&*file).map_err(io)?;
    let description_bytes = header.description_bytes as usize;
    let parts = bytes.get(HEADER_BYTES..).and_then(|it| it.split_at_checked(description_bytes));
    let (description, body) = parts.unwrap_or_default();
    let description = checked_description(description, &header, &path)?;
    let body_offset = HEADER_BYTES + description_bytes;
    if hash(body) != header.body_hash {
        let what = "the checksum of its body is wrong";
        return Err(Error::corrupt(path, body_offset as u64, Some(seq.into()), what));
    }
    let Description { model, version, types, ty, origin, window } = description;
    Ok(SnapshotFile { header, model, version, types, ty, origin, window, bytes, body_offset })
}

/// The header of the snapshot of this sequence number, whose file is so long.
///
/// # Errors
///
/// `Corrupt`, `UnsupportedFormat`, `UnknownContent`.
pub(super) fn checked_header(
    bytes: &[u8],
    path: &Path,
    seq: u64,
    file_len: u64,
) -> Result<SnapshotHeader, Error> {
    let corrupt =
        |offset: u64, what: String| Error::corrupt(path.to_owned(), offset, Some(seq.into()), what);
    let header =
        SnapshotHeader::decode(bytes).map_err(|error| header_error(path.to_owned(), &error))?;
    if header.seq != seq {
        let other = header.seq;
        let what = format!("its header says that it is the snapshot of sequence number {other}");
        return Err(corrupt(32, what));
    }
    let body_offset = HEADER_BYTES as u64 + u64::from(header.description_bytes);
    if body_offset.checked_add(header.body_bytes) != Some(file_len) {
        return Err(corrupt(file_len, "its length is not what its header says".to_owned()));
    }
    Ok(header)
}

/// What these bytes say, behind the header.
///
/// # Errors
///
/// `Corrupt`, `UnknownContent`.
pub(super) fn checked_description(
    bytes: &[u8],
    header: &SnapshotHeader,
    path: &Path,
) -> Result<Description, Error> {
    if hash(bytes) == header.description_hash {
        return describe(path, header.seq, bytes);
    }
    let (offset, seq) = (HEADER_BYTES as u64, header.seq.into());
    let what = "the checksum of its description is wrong";
    Err(Error::corrupt(path.to_owned(), offset, Some(seq), what))
}

/// What a snapshot says about its body.
#[derive(Debug)]
pub(crate) struct Description {
    pub(crate) model: String,
    pub(crate) version: u32,
    pub(crate) types: Types,
    pub(crate) ty: TypeId,
    pub(crate) origin: Option<Origin>,
    pub(crate) window: WindowRecord,
}

fn describe(path: &Path, seq: u64, description: &[u8]) -> Result<Description, Error> {
    let corrupt =
        |what: &str| Error::corrupt(path.to_owned(), HEADER_BYTES as u64, Some(seq.into()), what);
    let (mut model, mut types, mut origin) = (None, Types::default(), None);
    let mut window = None;
    for record in Records::new(description, 0) {
        match record {
            Ok(Record::Types(more)) => {
                types
                    .extend(more)
                    .map_err(|error| corrupt(&format!("its description: {error}")))?;
            }
            Ok(Record::Model(record)) => {
                if model.replace(record).is_some() {
                    return Err(corrupt("its description names two models"));
                }
            }
            Ok(Record::Origin(record)) => {
                if origin.replace(Origin::from_record(&record)).is_some() {
                    return Err(corrupt("its description names two origins"));
                }
            }
            Ok(Record::Window(record)) => {
                if window.replace(record).is_some() {
                    return Err(corrupt("its description has two lists of keys"));
                }
            }
            Ok(_) => return Err(corrupt("its description holds a record of the journal")),
            Err(error @ RecordError::UnknownTag { .. }) => {
                let file = path.to_owned();
                return Err(Error::UnknownContent { file, what: error.to_string() });
            }
            Err(error) => return Err(corrupt(&error.to_string())),
        }
    }
    let window = window.unwrap_or_default();
    let exists = |ty: &TypeId| (ty.0 as usize) < types.len();
    if !window.is_sound(types.len(), seq) {
        return Err(corrupt("the keys of its description name what is not there"));
    }
    let Some((model, ty)) = model.and_then(|it| Some((it, it.ty.filter(exists)?))) else {
        return Err(corrupt("its description doesn't name the model and its type"));
    };
    let (model, version) = (model.name.to_owned(), model.version);
    Ok(Description { model, version, types, ty, origin, window })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::disk::sim::SimDisk;
    use crate::format::record::{
        ModelRecord, OriginRecord, put_keys, put_model, put_origin, put_secret, put_types,
    };
    use crate::format::window::WindowRecord;
    use crate::format::{Position, StoreId};
    use crate::idempotency::{KnownTx, Remembered};
    use crate::origin::OriginKind;
    use crate::schema::types::Type;
    use crate::snapshot::sample;

    /// What is read of a snapshot with this description, of which all checksums are right.
    fn described(describe: impl FnOnce(&mut Vec<u8>)) -> Result<SnapshotFile, Error> {
        let mut description = Vec::new();
        describe(&mut description);
        let disk = SimDisk::new();
        disk.set_file(&names::snapshot(3), sample::file(3, &description, b""));
        read(&disk, 3)
    }

    fn model(description: &mut Vec<u8>, ty: Option<TypeId>) {
        put_types(description, &[Type::Unit]);
        put_model(description, &ModelRecord { name: "a", version: 1, ty });
    }

    fn origin(description: &mut Vec<u8>) {
        let (how, store) = (OriginKind::Forked, StoreId([2; 16]));
        let journal = Position::default();
        put_origin(description, &OriginRecord { how, store, seq: 1, journal, time_us: 1 });
    }

    #[track_caller]
    fn assert_corrupt(read: Result<SnapshotFile, Error>, why: &str) {
        match read.unwrap_err() {
            Error::Corrupt { what, .. } => assert!(what.contains(why), "{what}"),
            other => panic!("{other:?}"),
        }
    }

    fn keys(description: &mut Vec<u8>, reply: TypeId) {
        let tx = KnownTx { name: "a".to_owned(), revision: 1, arguments: TypeId(0), reply };
        let key = Remembered { key: "a".into(), tx: 0, arguments: 0, reply: Err("no".into()) };
        put_keys(description, &WindowRecord { transactions: vec![tx], keys: vec![(1, key)] });
    }

    #[test]
    fn a_description_names_one_model_and_its_type_and_at_most_one_origin_and_one_list_of_keys() {
        let good = described(|out| {
            model(out, Some(TypeId(0)));
            origin(out);
        });
        assert_eq!(good.unwrap().model, "a");
        for ty in [None, Some(TypeId(1))] {
            assert_corrupt(described(|out| model(out, ty)), "name the model and its type");
        }
        let two = described(|out| {
            model(out, Some(TypeId(0)));
            origin(out);
            origin(out);
        });
        assert_corrupt(two, "two origins");
        let two = described(|out| {
            model(out, Some(TypeId(0)));
            put_model(out, &ModelRecord { name: "b", version: 1, ty: Some(TypeId(0)) });
        });
        assert_corrupt(two, "two models");
        let one = |out: &mut Vec<u8>| {
            model(out, Some(TypeId(0)));
            keys(out, TypeId(0));
        };
        assert_eq!(described(one).unwrap().window.keys.len(), 1);
        let two = described(|out| {
            one(out);
            keys(out, TypeId(0));
        });
        assert_corrupt(two, "two lists of keys");
    }

    #[test]
    fn what_a_description_refers_to_is_there() {
        let dangling = described(|out| put_types(out, &[Type::Option(TypeId(1))]));
        assert_corrupt(dangling, "a type refers to one");
        let untyped = described(|out| {
            model(out, Some(TypeId(0)));
            keys(out, TypeId(1));
        });
        assert_corrupt(untyped, "the keys of its description");
    }

    #[test]
    fn a_record_of_the_journal_or_of_nobody_is_none_of_a_description() {
        assert_corrupt(described(|out| put_secret(out, &[1; 32])), "a record of the journal");
        assert_corrupt(described(|out| out.push(0xff)), "cut short, badly formed");
        let unknown = described(|out| out.extend_from_slice(&[15, 0]));
        assert!(matches!(unknown, Err(Error::UnknownContent { .. })), "{unknown:?}");
    }
}
