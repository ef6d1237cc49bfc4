//! Postcard's serializer, with what it would write but misread refused.

use std::fmt::{self, Display, Write};

use serde::Serialize;
use serde::ser;

use super::compound::{Compound, Kind};
use super::fault::Fault;
use super::sink::Sink;
use super::stack::{Stack, TOO_DEEP};
use crate::{opaque, unordered};

/// A serde serializer to postcard's format.
///
/// Scalars and lengths are postcard's own; what has elements goes through [`Compound`].
pub(super) struct Serializer<S: Sink> {
    postcard: postcard::Serializer<S>,
    mark: Mark,
    stack: Stack,
    /// How many elements its sequences and maps have.
    elements: usize,
}

/// What has become of a mark that says that the order of what comes has no meaning (`prevalent::unordered`).
#[derive(Clone, Copy, PartialEq)]
enum Mark {
    /// There is none, or a sequence has it.
    Settled,
    Waiting,
    /// It stands on something else than a sequence.
    Misplaced,
}

impl<S: Sink> Serializer<S> {
    pub(super) fn new(output: S) -> Self {
        let postcard = postcard::Serializer { output };
        Serializer { postcard, mark: Mark::Settled, stack: Stack::here(), elements: 0 }
    }

    pub(super) fn elements(&self) -> usize {
        self.elements
    }

    pub(super) fn into_output(self) -> S {
        self.postcard.output
    }

    /// Something of `len` elements; where the reader can't know how many from the type, the number
    /// is written already.
    #[inline]
    pub(super) fn compound(&mut self, kind: Kind, len: usize) -> Compound<'_, S> {
        let kind = match (self.mark, kind) {
            (Mark::Waiting, Kind::Sequence) => {
                self.mark = Mark::Settled;
                Kind::Set
            }
            (Mark::Waiting, _) => {
                self.mark = Mark::Misplaced;
                kind
            }
            _ => kind,
        };
        Compound::new(self, kind, len)
    }

    pub(super) fn sink(&mut self) -> &mut S {
        &mut self.postcard.output
    }

    /// A value whose outermost sequence has no order.
    fn marked<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Fault> {
        let around = std::mem::replace(&mut self.mark, Mark::Waiting);
        let result = value.serialize(&mut *self);
        match std::mem::replace(&mut self.mark, around) {
            Mark::Misplaced => Err(Fault::refused(
                "`prevalent::unordered` stands on something that is not written as a sequence: it \
                 marks a set; give one that lies deeper a type of its own, and mark its field",
            )),
            _ => result,
        }
    }

    /// Refuses to go deeper where the stack would not allow for it.
    #[inline]
    fn enter(&self) -> Result<(), Fault> {
        if self.stack.has_room() { Ok(()) } else { Err(Fault::refused(TOO_DEEP)) }
    }

    fn length(&mut self, len: usize) -> Result<(), Fault> {
        self.enter()?;
        self.elements = self.elements.saturating_add(len);
        ser::Serializer::serialize_seq(&mut self.postcard, Some(len)).map_err(fault)?;
        Ok(())
    }

    fn variant(&mut self, index: u32) -> Result<(), Fault> {
        self.enter()?;
        ser::Serializer::serialize_u32(&mut self.postcard, index).map_err(fault)
    }
}

fn fault(error: postcard::Error) -> Fault {
    match error {
        postcard::Error::SerializeBufferFull => Fault::OutputFull,
        other => Fault::refused(other.to_string()),
    }
}

macro_rules! scalars {
    ($($method:ident: $type:ty,)*) => {$(
        #[inline]
        fn $method(self, value: $type) -> Result<(), Fault> {
            ser::Serializer::$method(&mut self.postcard, value).map_err(fault)
        }
    )*};
}

impl<'a, S: Sink> ser::Serializer for &'a mut Serializer<S> {
    type Ok = ();
    type Error = Fault;
    type SerializeSeq = Compound<'a, S>;
    type SerializeTuple = Compound<'a, S>;
    type SerializeTupleStruct = Compound<'a, S>;
    type SerializeTupleVariant = Compound<'a, S>;
    type SerializeMap = Compound<'a, S>;
    type SerializeStruct = Compound<'a, S>;
    type SerializeStructVariant = Compound<'a, S>;

    scalars! {
        serialize_bool: bool,
        serialize_i8: i8,
        serialize_i16: i16,
        serialize_i32: i32,
        serialize_i64: i64,
        serialize_i128: i128,
        serialize_u8: u8,
        serialize_u16: u16,
        serialize_u32: u32,
        serialize_u64: u64,
        serialize_u128: u128,
        serialize_f32: f32,
        serialize_f64: f64,
        serialize_char: char,
        serialize_str: &str,
        serialize_bytes: &[u8],
    }

    #[inline]
    fn is_human_readable(&self) -> bool {
        false
    }

    #[inline]
    fn serialize_none(self) -> Result<(), Fault> {
        self.serialize_u8(0)
    }

    #[inline]
    fn serialize_some<T: Serialize + ?Sized>(self, value: &T) -> Result<(), Fault> {
        self.enter()?;
        self.serialize_u8(1)?;
        value.serialize(self)
    }

    #[inline]
    fn serialize_unit(self) -> Result<(), Fault> {
        Ok(())
    }

    #[inline]
    fn serialize_unit_struct(self, _name: &'static str) -> Result<(), Fault> {
        Ok(())
    }

    #[inline]
    fn serialize_unit_variant(
        self,
        _enum: &'static str,
        index: u32,
        _variant: &'static str,
    ) -> Result<(), Fault> {
        self.variant(index)
    }

    #[inline]
    fn serialize_newtype_struct<T: Serialize + ?Sized>(
        self,
        name: &'static str,
        value: &T,
    ) -> Result<(), Fault> {
        match name {
            unordered::NAME => self.marked(value),
            opaque::NAME if S::SEES_OPAQUE => opaque::reveal(|| value.serialize(self)),
            _ => value.serialize(self),
        }
    }

    #[inline]
    fn serialize_newtype_variant<T: Serialize + ?Sized>(
        self,
        _enum: &'static str,
        index: u32,
        _variant: &'static str,
        value: &T,
    ) -> Result<(), Fault> {
        self.variant(index)?;
        value.serialize(self)
    }

    #[inline]
    fn serialize_seq(self, len: Option<usize>) -> Result<Compound<'a, S>, Fault> {
        let len = len.ok_or_else(|| {
            Fault::refused(
                "a sequence does not say how long it is before it is written, \
                 and the length comes first in the encoding: collect it into a `Vec`",
            )
        })?;
        self.length(len)?;
        Ok(self.compound(Kind::Sequence, len))
    }

    #[inline]
    fn serialize_tuple(self, len: usize) -> Result<Compound<'a, S>, Fault> {
        Ok(self.compound(Kind::Tuple, len))
    }

    #[inline]
    fn serialize_tuple_struct(
        self,
        name: &'static str,
        len: usize,
    ) -> Result<Compound<'a, S>, Fault> {
        Ok(self.compound(Kind::Type(name), len))
    }

    #[inline]
    fn serialize_tuple_variant(
        self,
        _enum: &'static str,
        index: u32,
        variant: &'static str,
        len: usize,
    ) -> Result<Compound<'a, S>, Fault> {
        self.variant(index)?;
        Ok(self.compound(Kind::Type(variant), len))
    }

    #[inline]
    fn serialize_map(self, len: Option<usize>) -> Result<Compound<'a, S>, Fault> {
        let len = len.ok_or_else(|| {
            Fault::refused(
                "a map does not say how many entries it has before it is written, and the number \
                 comes first in the encoding: remove `#[serde(flatten)]`, which writes such a map, \
                 or collect the entries into a map",
            )
        })?;
        self.length(len)?;
        Ok(self.compound(Kind::Map, len))
    }

    #[inline]
    fn serialize_struct(self, name: &'static str, len: usize) -> Result<Compound<'a, S>, Fault> {
        Ok(self.compound(Kind::Type(name), len))
    }

    #[inline]
    fn serialize_struct_variant(
        self,
        _enum: &'static str,
        index: u32,
        variant: &'static str,
        len: usize,
    ) -> Result<Compound<'a, S>, Fault> {
        self.variant(index)?;
        Ok(self.compound(Kind::Type(variant), len))
    }

    /// Not postcard's own, which believes that a `Display` gives the same text twice.
    fn collect_str<T: Display + ?Sized>(self, value: &T) -> Result<(), Fault> {
        // The length comes first. Formatting twice takes no second buffer, however long the text.
        let mut length = Length(0);
        write!(length, "{value}").map_err(|_| Fault::refused("its `Display` failed"))?;
        self.length(length.0)?;

        let output = &mut self.postcard.output;
        let mut text = Text { output, missing: length.0, full: false };
        let written = write!(text, "{value}");
        match (text.full, written, text.missing) {
            (true, ..) => Err(Fault::OutputFull),
            (false, Ok(()), 0) => Ok(()),
            _ => Err(Fault::refused("its `Display` gave two texts of different lengths")),
        }
    }
}

/// Counts the bytes of a text.
struct Length(usize);

impl Write for Length {
    fn write_str(&mut self, piece: &str) -> fmt::Result {
        self.0 += piece.len();
        Ok(())
    }
}

/// Writes a text whose length was announced.
struct Text<'a, F> {
    output: &'a mut F,
    missing: usize,
    full: bool,
}

impl<S: Sink> Write for Text<'_, S> {
    fn write_str(&mut self, piece: &str) -> fmt::Result {
        self.missing = self.missing.checked_sub(piece.len()).ok_or(fmt::Error)?;
        self.output.try_extend(piece.as_bytes()).map_err(|_| {
            self.full = true;
            fmt::Error
        })
    }
}
