//! A serializer that writes nothing, and notes what it is told.

use serde::ser::{self, Serialize};

use super::super::types::Scalar;
use super::fault::Fault;
use super::shape::{Container, Part, Place, Shape};
use crate::{opaque, unordered};

/// What this value looks like when it is written.
pub(super) fn record<T: Serialize + ?Sized>(place: Place, value: &T) -> Result<Part, Fault> {
    let shape = value.serialize(Recorder { place }).map_err(|fault| fault.or_at(place.name))?;
    Ok(Part { place, shape })
}

struct Recorder {
    place: Place,
}

macro_rules! scalars {
    ($($method:ident($type:ty): $scalar:ident,)*) => {$(
        fn $method(self, _value: $type) -> Result<Shape, Fault> {
            Ok(Shape::Scalar(Scalar::$scalar))
        }
    )*};
}

impl ser::Serializer for Recorder {
    type Ok = Shape;
    type Error = Fault;
    type SerializeSeq = Parts;
    type SerializeTuple = Parts;
    type SerializeTupleStruct = Parts;
    type SerializeTupleVariant = Parts;
    type SerializeMap = Entries;
    type SerializeStruct = Parts;
    type SerializeStructVariant = Parts;

    scalars! {
        serialize_bool(bool): Bool,
        serialize_i8(i8): I8,
        serialize_i16(i16): I16,
        serialize_i32(i32): I32,
        serialize_i64(i64): I64,
        serialize_i128(i128): I128,
        serialize_u8(u8): U8,
        serialize_u16(u16): U16,
        serialize_u32(u32): U32,
        serialize_u64(u64): U64,
        serialize_u128(u128): U128,
        serialize_f32(f32): F32,
        serialize_f64(f64): F64,
        serialize_char(char): Char,
    }

    fn is_human_readable(&self) -> bool {
        false
    }

    fn serialize_str(self, _: &str) -> Result<Shape, Fault> {
        Ok(Shape::String)
    }

    fn serialize_bytes(self, _: &[u8]) -> Result<Shape, Fault> {
        Ok(Shape::Bytes)
    }

    fn serialize_none(self) -> Result<Shape, Fault> {
        Ok(Shape::Option(None))
    }

    fn serialize_some<T: Serialize + ?Sized>(self, value: &T) -> Result<Shape, Fault> {
        // A wrapper doesn't stand here by itself: what is inside of the wrapper is where the wrapper is.
        Ok(Shape::Option(Some(Box::new(record(Place::of::<T>(), value)?))))
    }

    fn serialize_unit(self) -> Result<Shape, Fault> {
        Ok(Shape::Unit)
    }

    fn serialize_unit_struct(self, _name: &'static str) -> Result<Shape, Fault> {
        Ok(Shape::Unit)
    }

    fn serialize_unit_variant(
        self,
        name: &'static str,
        index: u32,
        variant: &'static str,
    ) -> Result<Shape, Fault> {
        Ok(self.variant(name, index, variant, Shape::Unit))
    }

    fn serialize_newtype_struct<T: Serialize + ?Sized>(
        self,
        name: &'static str,
        value: &T,
    ) -> Result<Shape, Fault> {
        if name == opaque::NAME {
            return Ok(Shape::Opaque);
        }
        if name == unordered::NAME {
            return value.serialize(self);
        }
        let place = Place::inside::<T>(Container { name, variant: None }, 0, "");
        Ok(Shape::Newtype { name, inner: Box::new(record(place, value)?) })
    }

    fn serialize_newtype_variant<T: Serialize + ?Sized>(
        self,
        name: &'static str,
        index: u32,
        variant: &'static str,
        value: &T,
    ) -> Result<Shape, Fault> {
        let container = Container { name, variant: Some(index) };
        let contents = Box::new(record(Place::inside::<T>(container, 0, variant), value)?);
        Ok(Shape::Variant { name, index, variant, contents })
    }

    fn serialize_seq(self, _len: Option<usize>) -> Result<Parts, Fault> {
        Ok(self.parts(Container::NAMELESS, Whole::Seq))
    }

    fn serialize_tuple(self, _len: usize) -> Result<Parts, Fault> {
        Ok(self.parts(Container::NAMELESS, Whole::Tuple))
    }

    fn serialize_tuple_struct(self, name: &'static str, _len: usize) -> Result<Parts, Fault> {
        Ok(self.parts(Container { name, variant: None }, Whole::Tuple))
    }

    fn serialize_tuple_variant(
        self,
        name: &'static str,
        index: u32,
        variant: &'static str,
        _len: usize,
    ) -> Result<Parts, Fault> {
        let container = Container { name, variant: Some(index) };
        Ok(self.parts(container, Whole::TupleVariant(index, variant)))
    }

    fn serialize_map(self, _len: Option<usize>) -> Result<Entries, Fault> {
        Ok(Entries { entries: Vec::new(), key: None })
    }

    fn serialize_struct(self, name: &'static str, _len: usize) -> Result<Parts, Fault> {
        Ok(self.parts(Container { name, variant: None }, Whole::Struct))
    }

    fn serialize_struct_variant(
        self,
        name: &'static str,
        index: u32,
        variant: &'static str,
        _len: usize,
    ) -> Result<Parts, Fault> {
        let container = Container { name, variant: Some(index) };
        Ok(self.parts(container, Whole::StructVariant(index, variant)))
    }
}

impl Recorder {
    fn parts(self, container: Container, whole: Whole) -> Parts {
        Parts { recorder: self, container, whole, found: Vec::new() }
    }

    fn variant(
        &self,
        name: &'static str,
        index: u32,
        variant: &'static str,
        contents: Shape,
    ) -> Shape {
        // The contents are told by the variant that they stand in.
        let id = super::names::hashed((self.place.id, name, index));
        let place = Place { id, name: self.place.name };
        let contents = Box::new(Part { place, shape: contents });
        Shape::Variant { name, index, variant, contents }
    }
}

/// What a row of parts is.
#[derive(Clone, Copy)]
enum Whole {
    Seq,
    Tuple,
    Struct,
    TupleVariant(u32, &'static str),
    StructVariant(u32, &'static str),
}

struct Parts {
    recorder: Recorder,
    container: Container,
    whole: Whole,
    found: Vec<(&'static str, Part)>,
}

impl Parts {
    fn add<T: Serialize + ?Sized>(&mut self, label: &'static str, value: &T) -> Result<(), Fault> {
        let position = if matches!(self.whole, Whole::Seq) { 0 } else { self.found.len() };
        let place = Place::inside::<T>(self.container, position, label);
        self.found.push((label, record(place, value)?));
        Ok(())
    }

    fn finish(self) -> Shape {
        let Parts { recorder, container, whole, found } = self;
        let name = container.name;
        let unnamed = |parts: Vec<(_, Part)>| parts.into_iter().map(|(_, part)| part).collect();
        match whole {
            Whole::Seq => Shape::Seq(unnamed(found)),
            Whole::Tuple => Shape::Tuple { name, elements: unnamed(found) },
            Whole::Struct => Shape::Struct { name, fields: found },
            Whole::TupleVariant(index, variant) => {
                let contents = Shape::Tuple { name: variant, elements: unnamed(found) };
                recorder.variant(name, index, variant, contents)
            }
            Whole::StructVariant(index, variant) => {
                let contents = Shape::Struct { name: variant, fields: found };
                recorder.variant(name, index, variant, contents)
            }
        }
    }
}

macro_rules! elements {
    ($($trait:ident: $method:ident,)*) => {$(
        impl ser::$trait for Parts {
            type Ok = Shape;
            type Error = Fault;

            fn $method<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Fault> {
                self.add("", value)
            }

            fn end(self) -> Result<Shape, Fault> {
                Ok(self.finish())
            }
        }
    )*};
}

elements! {
    SerializeSeq: serialize_element,
    SerializeTuple: serialize_element,
    SerializeTupleStruct: serialize_field,
    SerializeTupleVariant: serialize_field,
}

macro_rules! fields {
    ($($trait:ident,)*) => {$(
        impl ser::$trait for Parts {
            type Ok = Shape;
            type Error = Fault;

            fn serialize_field<T: Serialize + ?Sized>(
                &mut self,
                name: &'static str,
                value: &T,
            ) -> Result<(), Fault> {
                self.add(name, value)
            }

            fn skip_field(&mut self, name: &'static str) -> Result<(), Fault> {
                Err(Fault::new(format!("the field `{name}` is left out now and then")))
            }

            fn end(self) -> Result<Shape, Fault> {
                Ok(self.finish())
            }
        }
    )*};
}

fields! { SerializeStruct, SerializeStructVariant, }

struct Entries {
    entries: Vec<(Part, Part)>,
    key: Option<Part>,
}

impl ser::SerializeMap for Entries {
    type Ok = Shape;
    type Error = Fault;

    fn serialize_key<T: Serialize + ?Sized>(&mut self, key: &T) -> Result<(), Fault> {
        self.key = Some(record(Place::of::<T>(), key)?);
        Ok(())
    }

    fn serialize_value<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Fault> {
        let key = self.key.take().ok_or_else(|| Fault::new("a map's value has no key"))?;
        self.entries.push((key, record(Place::of::<T>(), value)?));
        Ok(())
    }

    fn end(self) -> Result<Shape, Fault> {
        Ok(Shape::Map(self.entries))
    }
}
