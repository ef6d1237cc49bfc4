//! Types and dictionary entries as bytes.

use super::bytes::{Reader, put_counted, put_varint};
use super::{ENTRIES_MAX, NAMES_BYTES_MAX, PARTS_MAX, TYPES_MAX};
use crate::schema::dictionary::DictionaryEntry;
use crate::schema::types::{Field, Scalar, Type, TypeId, Variant};

/// The scalars, in the order of their kinds.
const SCALARS: [Scalar; 14] = [
    Scalar::Bool,
    Scalar::I8,
    Scalar::I16,
    Scalar::I32,
    Scalar::I64,
    Scalar::I128,
    Scalar::U8,
    Scalar::U16,
    Scalar::U32,
    Scalar::U64,
    Scalar::U128,
    Scalar::F32,
    Scalar::F64,
    Scalar::Char,
];
const STRING: u8 = 14;
const BYTES: u8 = 15;
const UNIT: u8 = 16;
const OPTION: u8 = 17;
const SEQ: u8 = 18;
const MAP: u8 = 19;
const TUPLE: u8 = 20;
const STRUCT: u8 = 21;
const NEWTYPE: u8 = 22;
const ENUM: u8 = 23;
const OPAQUE: u8 = 24;
const UNTRACED: u8 = 25;
const NEVER: u8 = 26;

pub(super) fn put_type(out: &mut Vec<u8>, ty: &Type) {
    match ty {
        Type::Scalar(scalar) => {
            let kind = SCALARS.iter().position(|it| it == scalar).unwrap_or_default();
            put_varint(out, kind as u64);
        }
        Type::String => out.push(STRING),
        Type::Bytes => out.push(BYTES),
        Type::Unit => out.push(UNIT),
        Type::Option(inner) => {
            out.push(OPTION);
            put_id(out, *inner);
        }
        Type::Seq(inner) => {
            out.push(SEQ);
            put_id(out, *inner);
        }
        Type::Map { key, value } => {
            out.push(MAP);
            put_id(out, *key);
            put_id(out, *value);
        }
        Type::Tuple { name, elements } => {
            out.push(TUPLE);
            put_counted(out, name.as_bytes());
            put_varint(out, elements.len() as u64);
            for element in elements {
                put_id(out, *element);
            }
        }
        Type::Struct { name, fields } => {
            out.push(STRUCT);
            put_counted(out, name.as_bytes());
            put_varint(out, fields.len() as u64);
            for field in fields {
                put_counted(out, field.name.as_bytes());
                put_id(out, field.ty);
            }
        }
        Type::Newtype { name, inner } => {
            out.push(NEWTYPE);
            put_counted(out, name.as_bytes());
            put_id(out, *inner);
        }
        Type::Enum { name, variants } => {
            out.push(ENUM);
            put_counted(out, name.as_bytes());
            put_varint(out, variants.len() as u64);
            for variant in variants {
                put_varint(out, u64::from(variant.index));
                put_counted(out, variant.name.as_bytes());
                put_id(out, variant.contents);
            }
        }
        Type::Opaque => out.push(OPAQUE),
        Type::Untraced { name } => {
            out.push(UNTRACED);
            put_counted(out, name.as_bytes());
        }
        Type::Never => out.push(NEVER),
    }
}

/// What a record may still hold: in memory, all of this takes many times what it takes in a file.
#[derive(Debug)]
pub(super) struct Room {
    /// Types, or entries of a dictionary.
    items: usize,
    parts: usize,
    names_bytes: usize,
}

impl Room {
    pub(super) fn for_types() -> Self {
        Room { items: TYPES_MAX, parts: PARTS_MAX, names_bytes: NAMES_BYTES_MAX }
    }

    pub(super) fn for_entries() -> Self {
        Room { items: ENTRIES_MAX, parts: 0, names_bytes: NAMES_BYTES_MAX }
    }

    /// `None` where there is none for another item.
    pub(super) fn take_item(&mut self) -> Option<()> {
        self.items = self.items.checked_sub(1)?;
        Some(())
    }

    fn name(&mut self, bytes: &mut Reader<'_>) -> Option<String> {
        let name = bytes.counted()?;
        self.names_bytes = self.names_bytes.checked_sub(name.len())?;
        str::from_utf8(name).ok().map(str::to_owned)
    }

    fn parts<T>(
        &mut self,
        bytes: &mut Reader<'_>,
        mut part: impl FnMut(&mut Self, &mut Reader<'_>) -> Option<T>,
    ) -> Option<Vec<T>> {
        let count = usize::try_from(bytes.varint()?).ok()?;
        self.parts = self.parts.checked_sub(count)?;
        // A count beyond what is there allocates nothing.
        (0..count).map(|_| part(self, bytes)).collect()
    }
}

/// A type; it may refer to any id. `None` where there is none, a newer kind of one, or no room for it.
pub(super) fn read_type(bytes: &mut Reader<'_>, room: &mut Room) -> Option<Type> {
    let [kind] = bytes.array()?;
    Some(match kind {
        STRING => Type::String,
        BYTES => Type::Bytes,
        UNIT => Type::Unit,
        OPTION => Type::Option(id(bytes)?),
        SEQ => Type::Seq(id(bytes)?),
        MAP => Type::Map { key: id(bytes)?, value: id(bytes)? },
        TUPLE => {
            let name = room.name(bytes)?;
            Type::Tuple { name, elements: room.parts(bytes, |_, bytes| id(bytes))? }
        }
        STRUCT => {
            let name = room.name(bytes)?;
            let field = |room: &mut Room, bytes: &mut Reader<'_>| {
                Some(Field { name: room.name(bytes)?, ty: id(bytes)? })
            };
            Type::Struct { name, fields: room.parts(bytes, field)? }
        }
        NEWTYPE => Type::Newtype { name: room.name(bytes)?, inner: id(bytes)? },
        ENUM => {
            let name = room.name(bytes)?;
            let variant = |room: &mut Room, bytes: &mut Reader<'_>| {
                let index = u32::try_from(bytes.varint()?).ok()?;
                Some(Variant { index, name: room.name(bytes)?, contents: id(bytes)? })
            };
            Type::Enum { name, variants: room.parts(bytes, variant)? }
        }
        OPAQUE => Type::Opaque,
        UNTRACED => Type::Untraced { name: room.name(bytes)? },
        NEVER => Type::Never,
        kind => Type::Scalar(*SCALARS.get(usize::from(kind))?),
    })
}

/// An entry of a dictionary; it may refer to any type.
pub(super) fn read_entry(bytes: &mut Reader<'_>, room: &mut Room) -> Option<DictionaryEntry> {
    let name = room.name(bytes)?;
    let revision = u32::try_from(bytes.varint()?).ok()?;
    let arguments = id(bytes)?;
    let fingerprint = Some(bytes.u64()?).filter(|fingerprint| *fingerprint != 0);
    Some(DictionaryEntry { name, revision, arguments, fingerprint })
}

pub(super) fn put_entry(out: &mut Vec<u8>, entry: &DictionaryEntry) {
    put_counted(out, entry.name.as_bytes());
    put_varint(out, u64::from(entry.revision));
    put_id(out, entry.arguments);
    out.extend_from_slice(&entry.fingerprint.unwrap_or(0).to_le_bytes());
}

pub(super) fn put_id(out: &mut Vec<u8>, id: TypeId) {
    put_varint(out, u64::from(id.0));
}

pub(super) fn id(bytes: &mut Reader<'_>) -> Option<TypeId> {
    u32::try_from(bytes.varint()?).ok().map(TypeId)
}

pub(super) fn text(bytes: &mut Reader<'_>) -> Option<String> {
    str::from_utf8(bytes.counted()?).ok().map(str::to_owned)
}

/// Each item takes a byte at least: a count beyond what is there allocates nothing. `None` for more than `count_max`.
pub(super) fn list<T>(
    bytes: &mut Reader<'_>,
    count_max: usize,
    mut item: impl FnMut(&mut Reader<'_>) -> Option<T>,
) -> Option<Vec<T>> {
    let count = usize::try_from(bytes.varint()?).ok().filter(|&count| count <= count_max)?;
    let mut list = Vec::new();
    for _ in 0..count {
        list.push(item(bytes)?);
    }
    Some(list)
}
