//! Encoded values as JSON, by their types.
//!
//! The text is the one that `serde_json` writes; most of it goes the short way, without a serializer in between. A value is read
//! while it is written, so that neither has to be in memory as a whole.

use std::fmt::Display;
use std::io::{self, Write};
use std::path::Path;

use serde_json::ser::{CompactFormatter, Formatter, PrettyFormatter};

use super::float::{survives_as_text, text_32, text_64};
use super::hex::Hex;
use super::keys::all_differ;
use super::path::{Step, at};
use super::shape::{DEPTH_MAX, SOME, TOO_DEEP, is_bare, is_text, may_be_null};
use super::text::{put_str, put_text};
use crate::error::Error;
use crate::format::bytes::Reader;
use crate::schema::source::Source;
use crate::schema::types::{Scalar, Type, TypeId, Types};

/// So many elements that take no bytes are written; there could be any number of them in a handful of bytes.
const EMPTY_ELEMENTS_MAX: u64 = 1 << 20;

/// So many bytes are shown as hexadecimal digits at once.
const HEX_BYTES: u64 = 16 << 10;

/// A value, as postcard has encoded it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Typed<'a> {
    pub(crate) types: &'a Types,
    pub(crate) ty: TypeId,
    pub(crate) bytes: &'a [u8],
}

/// Whether a value is written on one line, or for people to read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Layout {
    Line,
    #[cfg_attr(not(feature = "inspect"), allow(dead_code, reason = "an export is for programs"))]
    Pretty,
}

/// Why a value was not written, or in part only.
#[derive(Debug)]
pub(crate) enum Unwritten {
    /// The output takes no more.
    Output(io::Error),
    /// The bytes are no value of the type, or one that JSON has no room for.
    Value(Box<Fault>),
}

/// What is wrong with a value, and where in it.
#[derive(Debug)]
pub(crate) struct Fault {
    what: String,
    /// From the inside out.
    path: Vec<Step<String>>,
}

impl Typed<'_> {
    /// Writes all of it.
    pub(crate) fn write(&self, out: impl Write, layout: Layout) -> Result<(), Unwritten> {
        let mut source = Reader::new(self.bytes);
        write_value(self.types, self.ty, &mut source, out, layout)?;
        match source.remaining() {
            0 => Ok(()),
            left => Err(Unwritten::of(format_args!("{left} bytes are left over"))),
        }
    }

    /// The same, on one line.
    #[cfg(any(test, feature = "inspect"))]
    pub(crate) fn to_json(self) -> Result<String, Unwritten> {
        let mut json = Vec::new();
        self.write(&mut json, Layout::Line)?;
        String::from_utf8(json).map_err(Unwritten::of)
    }
}

/// Writes the value of this type that begins where `source` is, and leaves the source behind it.
pub(crate) fn write_value<S: Source, W: Write>(
    types: &Types,
    ty: TypeId,
    source: &mut S,
    out: W,
    layout: Layout,
) -> Result<(), Unwritten> {
    match layout {
        Layout::Line => Writer { types, source, out, format: CompactFormatter }.value(ty, 0),
        Layout::Pretty => {
            Writer { types, source, out, format: PrettyFormatter::new() }.value(ty, 0)
        }
    }
}

/// The output takes no more.
pub(crate) fn unwritable(error: io::Error) -> Error {
    Error::io(Path::new("(the output)"), "write", error)
}

struct Writer<'a, S, W, F> {
    types: &'a Types,
    source: &'a mut S,
    out: W,
    format: F,
}

type Written = Result<(), Unwritten>;

impl<'a, S: Source, W: Write, F: Formatter> Writer<'a, S, W, F> {
    /// A value that lies in so many others.
    fn value(&mut self, ty: TypeId, depth: u32) -> Written {
        let types: &'a Types = self.types;
        if depth > DEPTH_MAX {
            return Err(Unwritten::of(TOO_DEEP));
        }
        match types.get(types.behind_newtypes(ty)) {
            Type::Scalar(scalar) => self.scalar(*scalar)?,
            Type::String => {
                let text = self.source.counted().ok_or_else(ends)?;
                put_text(&mut self.out, text)?;
            }
            Type::Bytes | Type::Opaque => {
                let count = self.varint()?;
                self.hex(count)?;
            }
            Type::Untraced { .. } => self.hex(self.source.remaining())?,
            Type::Unit => self.format.write_null(&mut self.out)?,
            Type::Option(inner) => match self.byte()? {
                0 => self.format.write_null(&mut self.out)?,
                1 if may_be_null(types, *inner) => {
                    self.format.begin_object(&mut self.out)?;
                    self.begin_entry(IsFirst::Yes, SOME)?;
                    self.value(*inner, depth + 1)?;
                    self.end_entry()?;
                    self.format.end_object(&mut self.out)?;
                }
                1 => self.value(*inner, depth)?,
                _ => return Err(Unwritten::of("an `Option` is neither 0 nor 1")),
            },
            Type::Seq(inner) => {
                let count = self.count()?;
                self.format.begin_array(&mut self.out)?;
                for index in 0..count {
                    self.element(index, *inner, depth + 1)?;
                }
                self.format.end_array(&mut self.out)?;
            }
            Type::Map { key, value } => self.map(*key, *value, depth)?,
            Type::Tuple { elements, .. } => {
                self.format.begin_array(&mut self.out)?;
                for (index, element) in (0..).zip(elements) {
                    self.element(index, *element, depth + 1)?;
                }
                self.format.end_array(&mut self.out)?;
            }
            Type::Struct { fields, .. } => {
                self.format.begin_object(&mut self.out)?;
                let mut is_first = IsFirst::Yes;
                for field in fields {
                    self.begin_entry(is_first, &field.name)?;
                    let written = self.value(field.ty, depth + 1);
                    written.map_err(|fault| fault.inside(|| Step::Name(field.name.clone())))?;
                    self.end_entry()?;
                    is_first = IsFirst::No;
                }
                self.format.end_object(&mut self.out)?;
            }
            Type::Enum { name, variants } => {
                let index = self.varint()?;
                let variant = variants.iter().find(|variant| u64::from(variant.index) == index);
                let variant = variant.ok_or_else(|| {
                    let what = format!("the enum `{name}` has no variant of index {index}");
                    Unwritten::of(what)
                })?;
                if is_bare(types, variant.contents) {
                    put_str(&mut self.out, &variant.name)?;
                    return Ok(());
                }
                self.format.begin_object(&mut self.out)?;
                self.begin_entry(IsFirst::Yes, &variant.name)?;
                let written = self.value(variant.contents, depth + 1);
                written.map_err(|fault| fault.inside(|| Step::Name(variant.name.clone())))?;
                self.end_entry()?;
                self.format.end_object(&mut self.out)?;
            }
            // There is no newtype behind newtypes.
            Type::Never | Type::Newtype { .. } => {
                return Err(Unwritten::of("there is a value of a type that has none"));
            }
        }
        Ok(())
    }

    fn map(&mut self, key: TypeId, value: TypeId, depth: u32) -> Written {
        let count = self.count()?;
        if !is_text(self.types, key)
            || !all_differ(self.types, value, count, self.source).map_err(Unwritten::of)?
        {
            return self.pairs(key, value, count, depth);
        }
        self.format.begin_object(&mut self.out)?;
        for index in 0..count {
            let start = self.source.mark();
            self.format.begin_object_key(&mut self.out, index == 0)?;
            put_text(&mut self.out, self.source.counted().ok_or_else(ends)?)?;
            self.format.end_object_key(&mut self.out)?;
            self.format.begin_object_value(&mut self.out)?;
            let written = self.value(value, depth + 1);
            written.map_err(|fault| fault.inside(|| self.key_at(start)))?;
            self.end_entry()?;
        }
        Ok(self.format.end_object(&mut self.out)?)
    }

    /// What an object can't be: its keys are no texts, or one of them is there twice.
    fn pairs(&mut self, key: TypeId, value: TypeId, count: u64, depth: u32) -> Written {
        self.format.begin_array(&mut self.out)?;
        for index in 0..count {
            self.format.begin_array_value(&mut self.out, index == 0)?;
            self.format.begin_array(&mut self.out)?;
            for (part, ty) in [(0, key), (1, value)] {
                let written = self.element(part, ty, depth + 2);
                written.map_err(|fault| fault.inside(|| Step::Index(index)))?;
            }
            self.format.end_array(&mut self.out)?;
            self.format.end_array_value(&mut self.out)?;
        }
        Ok(self.format.end_array(&mut self.out)?)
    }

    #[cold]
    fn key_at(&mut self, start: S::Mark) -> Step<String> {
        self.source.back_to(start);
        let key = self.source.counted().unwrap_or_default();
        Step::Key(String::from_utf8_lossy(key).into_owned())
    }

    #[inline]
    fn element(&mut self, index: u64, ty: TypeId, depth: u32) -> Written {
        self.format.begin_array_value(&mut self.out, index == 0)?;
        let written = self.value(ty, depth);
        written.map_err(|fault| fault.inside(|| Step::Index(index)))?;
        Ok(self.format.end_array_value(&mut self.out)?)
    }

    #[inline]
    fn begin_entry(&mut self, is_first: IsFirst, name: &str) -> io::Result<()> {
        self.format.begin_object_key(&mut self.out, is_first == IsFirst::Yes)?;
        put_str(&mut self.out, name)?;
        self.format.end_object_key(&mut self.out)?;
        self.format.begin_object_value(&mut self.out)
    }

    #[inline]
    fn end_entry(&mut self) -> io::Result<()> {
        self.format.end_object_value(&mut self.out)
    }

    fn scalar(&mut self, scalar: Scalar) -> Written {
        match scalar {
            Scalar::Bool => match self.byte()? {
                0 => self.format.write_bool(&mut self.out, false)?,
                1 => self.format.write_bool(&mut self.out, true)?,
                _ => return Err(Unwritten::of("a `bool` is neither 0 nor 1")),
            },
            Scalar::U8 => {
                let number = self.byte()?;
                self.format.write_u8(&mut self.out, number)?;
            }
            Scalar::I8 => {
                let number = self.byte()?.cast_signed();
                self.format.write_i8(&mut self.out, number)?;
            }
            Scalar::U16 => {
                let number = self.number::<u16>()?;
                self.format.write_u16(&mut self.out, number)?;
            }
            Scalar::U32 => {
                let number = self.number::<u32>()?;
                self.format.write_u32(&mut self.out, number)?;
            }
            Scalar::U64 => {
                let number = self.varint()?;
                self.format.write_u64(&mut self.out, number)?;
            }
            Scalar::I16 => {
                let number = self.signed::<i16>()?;
                self.format.write_i16(&mut self.out, number)?;
            }
            Scalar::I32 => {
                let number = self.signed::<i32>()?;
                self.format.write_i32(&mut self.out, number)?;
            }
            Scalar::I64 => {
                let number = self.signed::<i64>()?;
                self.format.write_i64(&mut self.out, number)?;
            }
            Scalar::U128 => {
                let number = self.long_varint()?;
                write!(self.out, "\"{number}\"")?;
            }
            Scalar::I128 => {
                let number = unzigzag(self.long_varint()?);
                write!(self.out, "\"{number}\"")?;
            }
            Scalar::F32 => {
                let number = f32::from_le_bytes(self.array()?);
                if !number.is_finite() {
                    put_str(&mut self.out, &text_32(number))?;
                } else if survives_as_text(number) {
                    self.format.write_f32(&mut self.out, number)?;
                } else {
                    self.format.write_f64(&mut self.out, number.into())?;
                }
            }
            Scalar::F64 => {
                let number = f64::from_le_bytes(self.array()?);
                if number.is_finite() {
                    self.format.write_f64(&mut self.out, number)?;
                } else {
                    put_str(&mut self.out, &text_64(number))?;
                }
            }
            Scalar::Char => {
                let text = self.source.counted().ok_or_else(ends)?;
                if str::from_utf8(text).is_ok_and(|text| text.chars().count() != 1) {
                    return Err(Unwritten::of("a `char` is none"));
                }
                put_text(&mut self.out, text)?;
            }
        }
        Ok(())
    }

    fn hex(&mut self, mut count: u64) -> Written {
        if count > self.source.remaining() {
            return Err(ends());
        }
        self.out.write_all(b"\"")?;
        while count > 0 {
            let part = usize::try_from(count.min(HEX_BYTES)).unwrap_or(usize::MAX);
            let bytes = self.source.take(part).ok_or_else(ends)?;
            write!(self.out, "{}", Hex(bytes))?;
            count -= part as u64;
        }
        Ok(self.out.write_all(b"\"")?)
    }

    #[inline]
    fn byte(&mut self) -> Result<u8, Unwritten> {
        self.array().map(|[byte]| byte)
    }

    #[inline]
    fn array<const N: usize>(&mut self) -> Result<[u8; N], Unwritten> {
        self.source.array().ok_or_else(ends)
    }

    #[inline]
    fn varint(&mut self) -> Result<u64, Unwritten> {
        self.source.varint().ok_or_else(|| Unwritten::of("a number is malformed"))
    }

    fn number<T: TryFrom<u64>>(&mut self) -> Result<T, Unwritten> {
        T::try_from(self.varint()?).map_err(|_| Unwritten::of(TOO_LONG))
    }

    fn signed<T: TryFrom<i128>>(&mut self) -> Result<T, Unwritten> {
        let number = unzigzag(self.varint()?.into());
        T::try_from(number).map_err(|_| Unwritten::of(TOO_LONG))
    }

    fn long_varint(&mut self) -> Result<u128, Unwritten> {
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
        Err(Unwritten::of(TOO_LONG))
    }

    /// The number of elements that follow.
    fn count(&mut self) -> Result<u64, Unwritten> {
        let count = self.varint()?;
        if count > self.source.remaining().saturating_add(EMPTY_ELEMENTS_MAX) {
            let what = format_args!("there are {count} elements without contents");
            return Err(Unwritten::of(what));
        }
        Ok(count)
    }
}

const TOO_LONG: &str = "a number is longer than its type";

/// Whether there is nothing before it that a comma would have to part it from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum IsFirst {
    Yes,
    No,
}

#[cold]
fn ends() -> Unwritten {
    Unwritten::of("the bytes end before the value does")
}

fn unzigzag(number: u128) -> i128 {
    (number >> 1).cast_signed() ^ -(number & 1).cast_signed()
}

impl Unwritten {
    #[cold]
    pub(super) fn of(what: impl Display) -> Self {
        Unwritten::Value(Box::new(Fault { what: what.to_string(), path: Vec::new() }))
    }

    /// The same, seen from outside.
    #[cold]
    fn inside(mut self, step: impl FnOnce() -> Step<String>) -> Self {
        if let Unwritten::Value(fault) = &mut self {
            fault.path.push(step());
        }
        self
    }
}

impl Display for Unwritten {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Unwritten::Output(error) => error.fmt(f),
            Unwritten::Value(fault) => {
                let path: Vec<_> = fault.path.iter().rev().cloned().collect();
                at(&path, &fault.what).fmt(f)
            }
        }
    }
}

impl From<io::Error> for Unwritten {
    #[cold]
    fn from(error: io::Error) -> Self {
        Unwritten::Output(error)
    }
}
