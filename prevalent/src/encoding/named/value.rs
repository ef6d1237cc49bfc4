//! A value that is about to be read: what was written, given to what is asked for.

use std::sync::LazyLock;

use serde::de::value::BorrowedBytesDeserializer;
use serde::de::{self, Visitor};

use super::super::deserializer::not_self_describing;
use super::compound::{Elements, Entries, Parts, read_struct};
use super::fault::Fault;
use super::source::Source;
use super::variant::Named;
use super::want::Want;
use crate::schema::types::{Scalar, Type, TypeId, Types, Variant};
use crate::{opaque, unordered};

/// A reader may ask so many times for something around a value before it asks for the value.
const WRAPS_MAX: u8 = 100;

/// The only type of what was written as bytes, and is read one by one.
static BYTE: LazyLock<(Types, TypeId)> = LazyLock::new(|| {
    let mut types = Types::default();
    let byte = types.add(Type::Scalar(Scalar::U8));
    (types, byte)
});

/// A value of the type `ty` that comes next in `source`.
pub(super) struct Value<'s, 'de> {
    source: &'s mut Source<'de>,
    ty: TypeId,
    role: Role,
    wraps: u8,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Role {
    Value,
    /// All the arguments of a transaction: they have an order too.
    Arguments,
}

impl<'s, 'de> Value<'s, 'de> {
    #[inline]
    pub(super) fn new(source: &'s mut Source<'de>, ty: TypeId) -> Self {
        Value { source, ty, role: Role::Value, wraps: 0 }
    }

    pub(super) fn arguments(source: &'s mut Source<'de>, ty: TypeId) -> Self {
        Value { source, ty, role: Role::Arguments, wraps: 0 }
    }

    /// What was written: newtypes leave no trace in the bytes, and need not be asked for.
    #[inline]
    fn look(&mut self) -> &'de Type {
        self.source.touch();
        let types = self.source.types;
        match types.get(self.ty) {
            Type::Newtype { .. } => types.get(types.behind_newtypes(self.ty)),
            ty => ty,
        }
    }

    /// It was written as something else than is asked for.
    #[cold]
    pub(super) fn refuse(mut self, want: Want) -> Fault {
        let fault = if let Type::Never = self.look() {
            Fault::malformed("there is a value of a type that has none")
        } else {
            let stored = self.source.types.describe(self.ty);
            Fault::structural(format!("what was written as `{stored}` can't be read as `{want}`"))
        };
        self.source.locate(fault, self.ty, Some(want))
    }

    #[cold]
    fn refuse_any(self) -> Fault {
        self.source.touch();
        let fault = Fault::structural(not_self_describing().to_string());
        self.source.locate(fault, self.ty, None)
    }

    /// Reads something without parts, and gives it to the visitor.
    #[inline]
    fn leaf<T, R>(
        self,
        want: Want,
        read: impl FnOnce(&mut Source<'de>) -> Result<T, Fault>,
        visit: impl FnOnce(T) -> Result<R, Fault>,
    ) -> Result<R, Fault> {
        match read(self.source).and_then(visit) {
            Ok(value) => Ok(value),
            Err(fault) => Err(self.source.locate_read(fault, self.ty, Some(want))),
        }
    }

    /// Reads something with parts.
    #[inline]
    fn compound<R>(
        self,
        want: Want,
        read: impl FnOnce(&mut Source<'de>) -> Result<R, Fault>,
    ) -> Result<R, Fault> {
        let source = self.source;
        match source.enter().and_then(|()| read(source)) {
            Ok(value) => Ok(value),
            Err(fault) => Err(source.locate(fault, self.ty, Some(want))),
        }
    }

    /// Gives the same value for what is inside of something that leaves no trace in the bytes.
    #[inline]
    fn wrapped<R>(
        self,
        want: Want,
        read: impl FnOnce(Value<'_, 'de>) -> Result<R, Fault>,
    ) -> Result<R, Fault> {
        let Value { source, ty, wraps, .. } = self;
        if wraps >= WRAPS_MAX {
            let fault = Fault::structural("what reads it asks for ever for something around it");
            return Err(source.locate(fault, ty, Some(want)));
        }
        let wraps = wraps + 1;
        source.one(ty, |source| read(Value { source, ty, role: Role::Value, wraps }))
    }

    #[inline]
    fn tuple<V: Visitor<'de>>(mut self, want: Want, visitor: V) -> Result<V::Value, Fault> {
        match (self.look(), self.role) {
            (Type::Tuple { elements, .. }, _) => {
                self.compound(want, |source| Parts::new(source, elements).read(visitor))
            }
            (Type::Struct { fields, .. }, Role::Arguments) => {
                self.compound(want, |source| Parts::new(source, fields).read(visitor))
            }
            _ => Err(self.refuse(want)),
        }
    }

    fn unit<V: Visitor<'de>>(mut self, want: Want, visitor: V) -> Result<V::Value, Fault> {
        match (self.look(), self.role) {
            (Type::Unit, _) => self.leaf(want, |_| Ok(()), |()| visitor.visit_unit()),
            (Type::Struct { fields, .. }, Role::Arguments) if fields.is_empty() => {
                self.leaf(want, |_| Ok(()), |()| visitor.visit_unit())
            }
            _ => Err(self.refuse(want)),
        }
    }

    fn bytes<V: Visitor<'de>>(mut self, visitor: V) -> Result<V::Value, Fault> {
        let want = Want::Plain("bytes");
        let types = self.source.types;
        let is_byte =
            |ty: &TypeId| matches!(types.get(types.behind_newtypes(*ty)), Type::Scalar(Scalar::U8));
        let count = match self.look() {
            Type::Bytes => None,
            Type::Seq(inner) if is_byte(inner) => None,
            Type::Tuple { elements, .. } if elements.iter().all(is_byte) => Some(elements.len()),
            _ => return Err(self.refuse(want)),
        };
        let read = |source: &mut Source<'de>| match count {
            Some(count) => source.take(count),
            None => source.scalar(),
        };
        self.leaf(want, read, |bytes| visitor.visit_borrowed_bytes(bytes))
    }
}

/// Numbers are read as what has room for each of their type.
macro_rules! scalars {
    ($($method:ident $visit:ident $wanted:ident { $($written:ident: $type:ident,)* })*) => {$(
        #[inline]
        fn $method<V: Visitor<'de>>(mut self, visitor: V) -> Result<V::Value, Fault> {
            let want = Want::Plain(stringify!($wanted));
            let Type::Scalar(scalar) = self.look() else { return Err(self.refuse(want)) };
            let value = match scalar {
                $(Scalar::$written => self.source.scalar::<$type>().map($wanted::from),)*
                _ => return Err(self.refuse(want)),
            };
            self.leaf(want, |_| value, |value| visitor.$visit(value))
        }
    )*};
}

impl<'de> de::Deserializer<'de> for Value<'_, 'de> {
    type Error = Fault;

    scalars! {
        deserialize_bool visit_bool bool { Bool: bool, }
        deserialize_i8 visit_i8 i8 { I8: i8, }
        deserialize_i16 visit_i16 i16 { I16: i16, I8: i8, U8: u8, }
        deserialize_i32 visit_i32 i32 { I32: i32, I8: i8, I16: i16, U8: u8, U16: u16, }
        deserialize_i64 visit_i64 i64 {
            I64: i64, I8: i8, I16: i16, I32: i32, U8: u8, U16: u16, U32: u32,
        }
        deserialize_i128 visit_i128 i128 {
            I128: i128, I8: i8, I16: i16, I32: i32, I64: i64, U8: u8, U16: u16, U32: u32, U64: u64,
        }
        deserialize_u8 visit_u8 u8 { U8: u8, }
        deserialize_u16 visit_u16 u16 { U16: u16, U8: u8, }
        deserialize_u32 visit_u32 u32 { U32: u32, U8: u8, U16: u16, }
        deserialize_u64 visit_u64 u64 { U64: u64, U8: u8, U16: u16, U32: u32, }
        deserialize_u128 visit_u128 u128 { U128: u128, U8: u8, U16: u16, U32: u32, U64: u64, }
        deserialize_f32 visit_f32 f32 { F32: f32, }
        deserialize_f64 visit_f64 f64 { F64: f64, F32: f32, }
        deserialize_char visit_char char { Char: char, }
    }

    #[inline]
    fn is_human_readable(&self) -> bool {
        false
    }

    #[inline]
    fn deserialize_str<V: Visitor<'de>>(mut self, visitor: V) -> Result<V::Value, Fault> {
        let want = Want::Plain("String");
        match self.look() {
            Type::String => {
                self.leaf(want, Source::scalar, |text| visitor.visit_borrowed_str(text))
            }
            _ => Err(self.refuse(want)),
        }
    }

    #[inline]
    fn deserialize_string<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
        self.deserialize_str(visitor)
    }

    fn deserialize_bytes<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
        self.bytes(visitor)
    }

    fn deserialize_byte_buf<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
        self.bytes(visitor)
    }

    #[inline]
    fn deserialize_option<V: Visitor<'de>>(mut self, visitor: V) -> Result<V::Value, Fault> {
        let want = Want::Plain("Option<_>");
        match self.look() {
            Type::Option(inner) => {
                let inner = *inner;
                self.compound(want, |source| match source.scalar::<u8>()? {
                    0 => visitor.visit_none(),
                    1 => source.one(inner, |source| visitor.visit_some(Value::new(source, inner))),
                    _ => Err(Fault::malformed("an `Option` is neither 0 nor 1")),
                })
            }
            Type::Unit | Type::Never | Type::Untraced { .. } => Err(self.refuse(want)),
            _ => self.wrapped(want, |value| visitor.visit_some(value)),
        }
    }

    fn deserialize_unit<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
        self.unit(Want::Plain("()"), visitor)
    }

    fn deserialize_unit_struct<V: Visitor<'de>>(
        self,
        name: &'static str,
        visitor: V,
    ) -> Result<V::Value, Fault> {
        self.unit(Want::UnitStruct(name), visitor)
    }

    #[inline]
    fn deserialize_newtype_struct<V: Visitor<'de>>(
        mut self,
        name: &'static str,
        visitor: V,
    ) -> Result<V::Value, Fault> {
        if name == unordered::NAME {
            return visitor.visit_newtype_struct(self);
        }
        if name != opaque::NAME {
            return self.wrapped(Want::Plain(name), |value| visitor.visit_newtype_struct(value));
        }
        let want = Want::Plain("opaque");
        match self.look() {
            Type::Opaque => self.leaf(want, Source::scalar, |bytes| {
                visitor.visit_newtype_struct(BorrowedBytesDeserializer::new(bytes))
            }),
            _ => Err(self.refuse(want)),
        }
    }

    #[inline]
    fn deserialize_seq<V: Visitor<'de>>(mut self, visitor: V) -> Result<V::Value, Fault> {
        let want = Want::Plain("Vec<_>");
        match self.look() {
            Type::Seq(inner) => self.compound(want, |source| {
                let len = source.length()?;
                Elements::new(source, *inner, len).read(visitor)
            }),
            Type::Tuple { elements, .. } => {
                self.compound(want, |source| Parts::new(source, elements).read(visitor))
            }
            Type::Bytes => self.compound(want, |source| {
                let bytes: &'de [u8] = source.scalar()?;
                let mut part = source.part(bytes, &BYTE.0);
                let result = Elements::new(&mut part, BYTE.1, bytes.len()).read(visitor);
                source.end_part(part);
                result
            }),
            _ => Err(self.refuse(want)),
        }
    }

    #[inline]
    fn deserialize_tuple<V: Visitor<'de>>(self, len: usize, visitor: V) -> Result<V::Value, Fault> {
        self.tuple(Want::Tuple(len), visitor)
    }

    #[inline]
    fn deserialize_tuple_struct<V: Visitor<'de>>(
        self,
        name: &'static str,
        len: usize,
        visitor: V,
    ) -> Result<V::Value, Fault> {
        let value = Value { role: Role::Value, ..self };
        value.tuple(Want::TupleStruct(name, len), visitor)
    }

    #[inline]
    fn deserialize_map<V: Visitor<'de>>(mut self, visitor: V) -> Result<V::Value, Fault> {
        let want = Want::Plain("Map<_, _>");
        match self.look() {
            Type::Map { key, value } => self.compound(want, |source| {
                let len = source.length()?;
                Entries::new(source, (*key, *value), len).read(visitor)
            }),
            _ => Err(self.refuse(want)),
        }
    }

    #[inline]
    fn deserialize_struct<V: Visitor<'de>>(
        mut self,
        name: &'static str,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Fault> {
        let want = Want::Struct(name, fields);
        match self.look() {
            Type::Struct { fields: written, .. } => {
                self.compound(want, |source| read_struct(source, written, fields, visitor))
            }
            _ => Err(self.refuse(want)),
        }
    }

    #[inline]
    fn deserialize_enum<V: Visitor<'de>>(
        mut self,
        name: &'static str,
        _variants: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Fault> {
        let want = Want::Enum(name);
        let Type::Enum { name, variants } = self.look() else { return Err(self.refuse(want)) };
        let of = self.source.types.behind_newtypes(self.ty);
        self.compound(want, |source| {
            let index = source.scalar()?;
            let (position, variant) = find(variants, index).ok_or_else(|| {
                Fault::malformed(format!("the enum `{name}` has no variant of index {index}"))
            })?;
            source.one(variant.contents, |source| {
                visitor.visit_enum(Named { source, of, position, variant })
            })
        })
    }

    fn deserialize_ignored_any<V: Visitor<'de>>(mut self, visitor: V) -> Result<V::Value, Fault> {
        let want = Want::Plain("anything");
        if let Type::Untraced { .. } = self.look() {
            return Err(self.refuse(want));
        }
        let ty = self.ty;
        self.leaf(want, |source| source.skip(ty), |()| visitor.visit_unit())
    }

    fn deserialize_any<V: Visitor<'de>>(self, _visitor: V) -> Result<V::Value, Fault> {
        Err(self.refuse_any())
    }

    fn deserialize_identifier<V: Visitor<'de>>(self, _visitor: V) -> Result<V::Value, Fault> {
        Err(self.refuse_any())
    }
}

/// The variant for which `index` is written. Mostly it is at that very place.
#[inline]
fn find(variants: &[Variant], index: u32) -> Option<(usize, &Variant)> {
    let place = index as usize;
    match variants.get(place) {
        Some(variant) if variant.index == index => Some((place, variant)),
        _ => variants.iter().enumerate().find(|(_, variant)| variant.index == index),
    }
}
