//! Encoded values as JSON, by their types.

use std::cell::RefCell;
use std::collections::HashSet;
use std::fmt::Display;

use serde::Serialize;
use serde::ser::{Error, SerializeMap as _, SerializeSeq as _, Serializer};

use super::float::{survives_as_text, text_32, text_64};
use super::hex::Hex;
use super::path::{Step, at};
use super::shape::{DEPTH_MAX, SOME, TOO_DEEP, is_bare, is_text, may_be_null};
use crate::format::bytes::Reader;
use crate::schema::types::{Scalar, Type, TypeId, Types};
use crate::schema::value_len;

/// So many elements that take no bytes are written; there could be any number of them in a handful of bytes.
const EMPTY_ELEMENTS_MAX: u64 = 1 << 20;

/// A value, as postcard has encoded it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Typed<'a> {
    pub(crate) types: &'a Types,
    pub(crate) ty: TypeId,
    pub(crate) bytes: &'a [u8],
}

impl Serialize for Typed<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let cursor = Cursor {
            types: self.types,
            bytes: RefCell::new(Reader::new(self.bytes)),
            path: RefCell::default(),
        };
        let top = Value { cursor: &cursor, ty: self.ty, depth: 0, step: Step::Top };
        let done = top.serialize(serializer)?;
        match cursor.bytes.into_inner().remaining() {
            0 => Ok(done),
            left => Err(S::Error::custom(format_args!("{left} bytes are left over"))),
        }
    }
}

/// How far a value has been written.
struct Cursor<'a> {
    types: &'a Types,
    bytes: RefCell<Reader<'a>>,
    path: RefCell<Vec<Step<&'a str>>>,
}

/// The value that the cursor is at.
struct Value<'c, 'a> {
    cursor: &'c Cursor<'a>,
    ty: TypeId,
    /// How many values it lies in.
    depth: u32,
    step: Step<&'a str>,
}

impl Serialize for Value<'_, '_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.cursor.path.borrow_mut().push(self.step.clone());
        let done = self.write(self.ty, serializer)?;
        // After an error the path is left as it is: nothing more is written.
        self.cursor.path.borrow_mut().pop();
        Ok(done)
    }
}

impl<'a> Value<'_, 'a> {
    fn write<S: Serializer>(&self, ty: TypeId, serializer: S) -> Result<S::Ok, S::Error> {
        let types = self.cursor.types;
        if self.depth > DEPTH_MAX {
            return Err(self.fault(TOO_DEEP));
        }
        match types.get(types.behind_newtypes(ty)) {
            Type::Scalar(scalar) => self.scalar(*scalar, serializer),
            Type::String => serializer.serialize_str(self.text()?),
            Type::Bytes | Type::Opaque => serializer.collect_str(&Hex(self.counted()?)),
            Type::Untraced { .. } => serializer.collect_str(&Hex(self.rest())),
            Type::Unit => serializer.serialize_unit(),
            Type::Option(inner) => match self.byte()? {
                0 => serializer.serialize_unit(),
                1 if may_be_null(types, *inner) => {
                    let mut map = serializer.serialize_map(Some(1))?;
                    map.serialize_entry(SOME, &self.inside(*inner, Step::Top))?;
                    map.end()
                }
                1 => self.write(*inner, serializer),
                _ => Err(self.fault("an `Option` is neither 0 nor 1")),
            },
            Type::Seq(inner) => self.seq(*inner, serializer),
            Type::Map { key, value } => self.map(*key, *value, serializer),
            Type::Tuple { elements, .. } => {
                let mut seq = serializer.serialize_seq(Some(elements.len()))?;
                for (index, element) in (0..).zip(elements) {
                    seq.serialize_element(&self.inside(*element, Step::Index(index)))?;
                }
                seq.end()
            }
            Type::Struct { fields, .. } => {
                let mut map = serializer.serialize_map(Some(fields.len()))?;
                for field in fields {
                    let value = self.inside(field.ty, Step::Name(&field.name));
                    map.serialize_entry(&field.name, &value)?;
                }
                map.end()
            }
            Type::Enum { name, variants } => {
                let index = self.varint()?;
                let variant = variants.iter().find(|variant| u64::from(variant.index) == index);
                let variant = variant.ok_or_else(|| {
                    self.fault(format_args!("the enum `{name}` has no variant of index {index}"))
                })?;
                if is_bare(types, variant.contents) {
                    return serializer.serialize_str(&variant.name);
                }
                let mut map = serializer.serialize_map(Some(1))?;
                let value = self.inside(variant.contents, Step::Name(&variant.name));
                map.serialize_entry(&variant.name, &value)?;
                map.end()
            }
            // There is no newtype behind newtypes.
            Type::Never | Type::Newtype { .. } => {
                Err(self.fault("there is a value of a type that has none"))
            }
        }
    }

    fn seq<S: Serializer>(&self, inner: TypeId, serializer: S) -> Result<S::Ok, S::Error> {
        let count = self.count()?;
        let mut seq = serializer.serialize_seq(usize::try_from(count).ok())?;
        for index in 0..count {
            seq.serialize_element(&self.inside(inner, Step::Index(index)))?;
        }
        seq.end()
    }

    fn map<S: Serializer>(
        &self,
        key: TypeId,
        value: TypeId,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        let count = self.count()?;
        if is_text(self.cursor.types, key) && self.keys_differ(value, count)? {
            let mut map = serializer.serialize_map(usize::try_from(count).ok())?;
            for _ in 0..count {
                let key = self.text()?;
                map.serialize_entry(key, &self.inside(value, Step::Key(key)))?;
            }
            return map.end();
        }
        let mut seq = serializer.serialize_seq(usize::try_from(count).ok())?;
        for index in 0..count {
            let step = Step::Index(index);
            seq.serialize_element(&Pair { map: self, key, value, step })?;
        }
        seq.end()
    }

    /// Whether no key of the map that begins here is there twice.
    fn keys_differ<E: Error>(&self, value: TypeId, count: u64) -> Result<bool, E> {
        let mut ahead = self.cursor.bytes.borrow().clone();
        let mut keys = HashSet::new();
        for _ in 0..count {
            let key = ahead.counted().ok_or_else(|| self.ends())?;
            if !keys.insert(key) {
                return Ok(false);
            }
            let rest = ahead.clone().take(ahead.remaining()).unwrap_or_default();
            let len = value_len(self.cursor.types, value, rest).map_err(|what| self.fault(what))?;
            ahead.take(len).ok_or_else(|| self.ends())?;
        }
        Ok(true)
    }

    fn scalar<S: Serializer>(&self, scalar: Scalar, serializer: S) -> Result<S::Ok, S::Error> {
        match scalar {
            Scalar::Bool => match self.byte()? {
                0 => serializer.serialize_bool(false),
                1 => serializer.serialize_bool(true),
                _ => Err(self.fault("a `bool` is neither 0 nor 1")),
            },
            Scalar::U8 => serializer.serialize_u8(self.byte()?),
            Scalar::I8 => serializer.serialize_i8(self.byte()?.cast_signed()),
            Scalar::U16 => serializer.serialize_u16(self.number()?),
            Scalar::U32 => serializer.serialize_u32(self.number()?),
            Scalar::U64 => serializer.serialize_u64(self.varint()?),
            Scalar::I16 => serializer.serialize_i16(self.signed()?),
            Scalar::I32 => serializer.serialize_i32(self.signed()?),
            Scalar::I64 => serializer.serialize_i64(self.signed()?),
            Scalar::U128 => serializer.collect_str(&self.long_varint()?),
            Scalar::I128 => serializer.collect_str(&unzigzag(self.long_varint()?)),
            Scalar::F32 => {
                let number = f32::from_le_bytes(self.array()?);
                if !number.is_finite() {
                    serializer.serialize_str(&text_32(number))
                } else if survives_as_text(number) {
                    serializer.serialize_f32(number)
                } else {
                    serializer.serialize_f64(number.into())
                }
            }
            Scalar::F64 => {
                let number = f64::from_le_bytes(self.array()?);
                if number.is_finite() {
                    serializer.serialize_f64(number)
                } else {
                    serializer.serialize_str(&text_64(number))
                }
            }
            Scalar::Char => {
                let text = self.text()?;
                if text.chars().count() == 1 {
                    serializer.serialize_str(text)
                } else {
                    Err(self.fault("a `char` is none"))
                }
            }
        }
    }

    fn inside(&self, ty: TypeId, step: Step<&'a str>) -> Self {
        Value { cursor: self.cursor, ty, depth: self.depth + 1, step }
    }

    fn text<E: Error>(&self) -> Result<&'a str, E> {
        str::from_utf8(self.counted()?).map_err(|_| self.fault("a text is not UTF-8"))
    }

    fn counted<E: Error>(&self) -> Result<&'a [u8], E> {
        let bytes = self.cursor.bytes.borrow_mut().counted();
        bytes.ok_or_else(|| self.ends())
    }

    fn rest(&self) -> &'a [u8] {
        let mut bytes = self.cursor.bytes.borrow_mut();
        let count = bytes.remaining();
        bytes.take(count).unwrap_or_default()
    }

    fn byte<E: Error>(&self) -> Result<u8, E> {
        self.array().map(|[byte]| byte)
    }

    fn array<const N: usize, E: Error>(&self) -> Result<[u8; N], E> {
        let bytes = self.cursor.bytes.borrow_mut().array();
        bytes.ok_or_else(|| self.ends())
    }

    fn varint<E: Error>(&self) -> Result<u64, E> {
        let number = self.cursor.bytes.borrow_mut().varint();
        number.ok_or_else(|| self.fault("a number is malformed"))
    }

    fn number<T: TryFrom<u64>, E: Error>(&self) -> Result<T, E> {
        T::try_from(self.varint()?).map_err(|_| self.fault("a number is longer than its type"))
    }

    fn signed<T: TryFrom<i128>, E: Error>(&self) -> Result<T, E> {
        let number = unzigzag(self.varint()?.into());
        T::try_from(number).map_err(|_| self.fault("a number is longer than its type"))
    }

    fn long_varint<E: Error>(&self) -> Result<u128, E> {
        let mut number = 0_u128;
        for shift in (0..128).step_by(7) {
            let byte = self.byte()?;
            let bits = u128::from(byte & 0x7f);
            if bits << shift >> shift != bits {
                break;
            }
            number |= bits << shift;
            if byte & 0x80 == 0 {
                return Ok(number);
            }
        }
        Err(self.fault("a number is longer than its type"))
    }

    /// The number of elements that follow.
    fn count<E: Error>(&self) -> Result<u64, E> {
        let count = self.varint()?;
        let left = self.cursor.bytes.borrow().remaining() as u64;
        if count > left.saturating_add(EMPTY_ELEMENTS_MAX) {
            return Err(self.fault(format_args!("there are {count} elements without contents")));
        }
        Ok(count)
    }

    fn ends<E: Error>(&self) -> E {
        self.fault("the bytes end before the value does")
    }

    fn fault<E: Error>(&self, what: impl Display) -> E {
        E::custom(at(&self.cursor.path.borrow(), &what))
    }
}

/// An entry of a map that is no object.
struct Pair<'v, 'c, 'a> {
    map: &'v Value<'c, 'a>,
    key: TypeId,
    value: TypeId,
    step: Step<&'a str>,
}

impl Serialize for Pair<'_, '_, '_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let path = &self.map.cursor.path;
        path.borrow_mut().push(self.step.clone());
        let pair = self.map.inside(self.key, Step::Top);
        let mut seq = serializer.serialize_seq(Some(2))?;
        seq.serialize_element(&pair.inside(self.key, Step::Index(0)))?;
        seq.serialize_element(&pair.inside(self.value, Step::Index(1)))?;
        path.borrow_mut().pop();
        seq.end()
    }
}

fn unzigzag(number: u128) -> i128 {
    (number >> 1).cast_signed() ^ -(number & 1).cast_signed()
}
