//! Types and values that are made while the test runs, written and read like those that serde derives for.
#![allow(clippy::match_bool, reason = "a throw of a coin is a choice, not a condition")]

use std::fmt;

use serde::de::{
    self, Deserialize, DeserializeSeed, Deserializer, EnumAccess, Error, IgnoredAny, MapAccess,
    SeqAccess, VariantAccess, Visitor,
};
use serde::ser::{
    Serialize, SerializeMap, SerializeSeq, SerializeStruct, SerializeStructVariant, SerializeTuple,
    SerializeTupleVariant, Serializer,
};

use super::{Field, Scalar, Type, TypeId, Types, Variant};

#[derive(Clone, Debug, PartialEq)]
pub(super) enum Ty {
    Scalar(Scalar),
    Str,
    Unit,
    Option(Box<Ty>),
    Seq(Box<Ty>),
    /// With texts as keys.
    Map(Box<Ty>),
    Tuple(Vec<Ty>),
    Newtype(Box<Ty>),
    Struct(Fields),
    Enum(Vec<NewVariant>),
}

#[derive(Clone, Debug, PartialEq)]
pub(super) struct Fields {
    fields: Vec<NewField>,
    deny_unknown: bool,
}

#[derive(Clone, Debug, PartialEq)]
pub(super) struct NewField {
    name: &'static str,
    alias: Option<&'static str>,
    has_default: bool,
    ty: Ty,
}

#[derive(Clone, Debug, PartialEq)]
pub(super) struct NewVariant {
    name: &'static str,
    alias: Option<&'static str>,
    contents: Contents,
}

#[derive(Clone, Debug, PartialEq)]
pub(super) enum Contents {
    Unit,
    Newtype(Ty),
    Tuple(Vec<Ty>),
    Struct(Fields),
}

#[derive(Clone, Debug, PartialEq)]
pub(super) enum Val {
    Bool(bool),
    Int(i128),
    Float(f64),
    Char(char),
    Str(String),
    Unit,
    None,
    Some(Box<Val>),
    Seq(Vec<Val>),
    Map(Vec<(String, Val)>),
    Newtype(Box<Val>),
    Struct(Vec<(&'static str, Val)>),
    Variant(&'static str, Box<Val>),
    Default,
}

/// What JSON can't tell apart.
pub(super) fn normal(val: &Val) -> Val {
    match val {
        Val::Unit | Val::None => Val::None,
        Val::Some(inner) | Val::Newtype(inner) => normal(inner),
        Val::Seq(all) => Val::Seq(all.iter().map(normal).collect()),
        Val::Map(all) => {
            Val::Map(all.iter().map(|(key, val)| (key.clone(), normal(val))).collect())
        }
        Val::Struct(all) => {
            Val::Struct(all.iter().map(|(name, val)| (*name, normal(val))).collect())
        }
        Val::Variant(name, inner) => Val::Variant(name, Box::new(normal(inner))),
        other => other.clone(),
    }
}

/// The type as the writer's.
pub(super) fn add(types: &mut Types, ty: &Ty) -> TypeId {
    let ty = match ty {
        Ty::Scalar(scalar) => Type::Scalar(*scalar),
        Ty::Str => Type::String,
        Ty::Unit => Type::Unit,
        Ty::Option(inner) => Type::Option(add(types, inner)),
        Ty::Seq(inner) => Type::Seq(add(types, inner)),
        Ty::Map(value) => Type::Map { key: types.add(Type::String), value: add(types, value) },
        Ty::Tuple(all) => tuple(types, all),
        Ty::Newtype(inner) => Type::Newtype { name: "N".into(), inner: add(types, inner) },
        Ty::Struct(fields) => structure(types, fields),
        Ty::Enum(variants) => {
            let variants = (0..).zip(variants).map(|(index, variant)| {
                let contents = match &variant.contents {
                    Contents::Unit => types.add(Type::Unit),
                    Contents::Newtype(inner) => add(types, inner),
                    Contents::Tuple(all) => {
                        let all = tuple(types, all);
                        types.add(all)
                    }
                    Contents::Struct(fields) => {
                        let fields = structure(types, fields);
                        types.add(fields)
                    }
                };
                Variant { index, name: variant.name.into(), contents }
            });
            Type::Enum { name: "E".into(), variants: variants.collect() }
        }
    };
    types.add(ty)
}

fn tuple(types: &mut Types, all: &[Ty]) -> Type {
    let elements = all.iter().map(|ty| add(types, ty)).collect();
    Type::Tuple { name: String::new(), elements }
}

fn structure(types: &mut Types, fields: &Fields) -> Type {
    let fields = fields
        .fields
        .iter()
        .map(|field| Field { name: field.name.into(), ty: add(types, &field.ty) })
        .collect();
    Type::Struct { name: "S".into(), fields }
}

/// A value, written as a type.
pub(super) struct Written<'a>(pub(super) &'a Ty, pub(super) &'a Val);

impl Serialize for Written<'_> {
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
    fn serialize<S: Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        match (self.0, self.1) {
            (Ty::Scalar(Scalar::Bool), Val::Bool(value)) => s.serialize_bool(*value),
            (Ty::Scalar(Scalar::Char), Val::Char(value)) => s.serialize_char(*value),
            (Ty::Scalar(Scalar::F32), Val::Float(value)) => s.serialize_f32(*value as f32),
            (Ty::Scalar(Scalar::F64), Val::Float(value)) => s.serialize_f64(*value),
            (Ty::Scalar(scalar), Val::Int(value)) => match scalar {
                Scalar::I8 => s.serialize_i8(*value as i8),
                Scalar::I16 => s.serialize_i16(*value as i16),
                Scalar::I32 => s.serialize_i32(*value as i32),
                Scalar::I64 => s.serialize_i64(*value as i64),
                Scalar::U8 => s.serialize_u8(*value as u8),
                Scalar::U16 => s.serialize_u16(*value as u16),
                Scalar::U32 => s.serialize_u32(*value as u32),
                _ => s.serialize_u64(*value as u64),
            },
            (Ty::Str, Val::Str(text)) => s.serialize_str(text),
            (Ty::Unit, Val::Unit) => s.serialize_unit(),
            (Ty::Option(_), Val::None) => s.serialize_none(),
            (Ty::Option(inner), Val::Some(val)) => s.serialize_some(&Written(inner, val)),
            (Ty::Seq(inner), Val::Seq(all)) => {
                let mut seq = s.serialize_seq(Some(all.len()))?;
                for val in all {
                    seq.serialize_element(&Written(inner, val))?;
                }
                seq.end()
            }
            (Ty::Map(inner), Val::Map(all)) => {
                let mut map = s.serialize_map(Some(all.len()))?;
                for (key, val) in all {
                    map.serialize_entry(key, &Written(inner, val))?;
                }
                map.end()
            }
            (Ty::Tuple(tys), Val::Seq(all)) => {
                let mut tuple = s.serialize_tuple(all.len())?;
                for (ty, val) in tys.iter().zip(all) {
                    tuple.serialize_element(&Written(ty, val))?;
                }
                tuple.end()
            }
            (Ty::Newtype(inner), Val::Newtype(val)) => {
                s.serialize_newtype_struct("N", &Written(inner, val))
            }
            (Ty::Struct(fields), Val::Struct(all)) => {
                let mut out = s.serialize_struct("S", all.len())?;
                for (field, (name, val)) in fields.fields.iter().zip(all) {
                    out.serialize_field(name, &Written(&field.ty, val))?;
                }
                out.end()
            }
            (Ty::Enum(variants), Val::Variant(name, val)) => {
                let place = variants.iter().position(|variant| variant.name == *name).unwrap();
                let index = u32::try_from(place).unwrap();
                match (&variants[place].contents, &**val) {
                    (Contents::Unit, _) => s.serialize_unit_variant("E", index, name),
                    (Contents::Newtype(ty), val) => {
                        s.serialize_newtype_variant("E", index, name, &Written(ty, val))
                    }
                    (Contents::Tuple(tys), Val::Seq(all)) => {
                        let mut out = s.serialize_tuple_variant("E", index, name, all.len())?;
                        for (ty, val) in tys.iter().zip(all) {
                            out.serialize_field(&Written(ty, val))?;
                        }
                        out.end()
                    }
                    (Contents::Struct(fields), Val::Struct(all)) => {
                        let mut out = s.serialize_struct_variant("E", index, name, all.len())?;
                        for (field, (name, val)) in fields.fields.iter().zip(all) {
                            out.serialize_field(name, &Written(&field.ty, val))?;
                        }
                        out.end()
                    }
                    other => panic!("{other:?}"),
                }
            }
            other => panic!("{other:?}"),
        }
    }
}

/// Reads a type as serde's derived code would.
#[derive(Clone, Copy)]
pub(super) struct Read<'a>(pub(super) &'a Ty);

impl<'de> DeserializeSeed<'de> for Read<'_> {
    type Value = Val;

    fn deserialize<D: Deserializer<'de>>(self, d: D) -> Result<Val, D::Error> {
        match self.0 {
            Ty::Scalar(scalar) => match scalar {
                Scalar::Bool => bool::deserialize(d).map(Val::Bool),
                Scalar::Char => char::deserialize(d).map(Val::Char),
                Scalar::F32 => f32::deserialize(d).map(|value| Val::Float(value.into())),
                Scalar::F64 => f64::deserialize(d).map(Val::Float),
                Scalar::I8 => i8::deserialize(d).map(|value| Val::Int(value.into())),
                Scalar::I16 => i16::deserialize(d).map(|value| Val::Int(value.into())),
                Scalar::I32 => i32::deserialize(d).map(|value| Val::Int(value.into())),
                Scalar::I64 => i64::deserialize(d).map(|value| Val::Int(value.into())),
                Scalar::U8 => u8::deserialize(d).map(|value| Val::Int(value.into())),
                Scalar::U16 => u16::deserialize(d).map(|value| Val::Int(value.into())),
                Scalar::U32 => u32::deserialize(d).map(|value| Val::Int(value.into())),
                _ => u64::deserialize(d).map(|value| Val::Int(value.into())),
            },
            Ty::Str => String::deserialize(d).map(Val::Str),
            Ty::Unit => <()>::deserialize(d).map(|()| Val::Unit),
            Ty::Option(_) => d.deserialize_option(self),
            Ty::Seq(_) => d.deserialize_seq(self),
            Ty::Map(_) => d.deserialize_map(self),
            Ty::Tuple(all) => d.deserialize_tuple(all.len(), TupleVisitor(all)),
            Ty::Newtype(_) => d.deserialize_newtype_struct("N", self),
            Ty::Struct(fields) => d.deserialize_struct("S", names(fields), StructVisitor(fields)),
            Ty::Enum(variants) => {
                let names = leaked(variants.iter().flat_map(|v| [Some(v.name), v.alias]));
                d.deserialize_enum("E", names, EnumVisitor(variants, names))
            }
        }
    }
}

fn leaked(names: impl Iterator<Item = Option<&'static str>>) -> &'static [&'static str] {
    Box::leak(names.flatten().collect::<Vec<_>>().into_boxed_slice())
}

fn names(fields: &Fields) -> &'static [&'static str] {
    leaked(fields.fields.iter().flat_map(|field| [Some(field.name), field.alias]))
}

impl<'de> Visitor<'de> for Read<'_> {
    type Value = Val;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}", self.0)
    }

    fn visit_none<E>(self) -> Result<Val, E> {
        Ok(Val::None)
    }

    fn visit_unit<E: Error>(self) -> Result<Val, E> {
        match self.0 {
            Ty::Option(_) => Ok(Val::None),
            _ => Err(E::invalid_type(de::Unexpected::Unit, &self)),
        }
    }

    fn visit_some<D: Deserializer<'de>>(self, d: D) -> Result<Val, D::Error> {
        let Ty::Option(inner) = self.0 else { unreachable!() };
        Ok(Val::Some(Box::new(Read(inner).deserialize(d)?)))
    }

    fn visit_newtype_struct<D: Deserializer<'de>>(self, d: D) -> Result<Val, D::Error> {
        let Ty::Newtype(inner) = self.0 else { unreachable!() };
        Ok(Val::Newtype(Box::new(Read(inner).deserialize(d)?)))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Val, A::Error> {
        match self.0 {
            Ty::Seq(inner) => {
                let mut all = Vec::new();
                while let Some(val) = seq.next_element_seed(Read(inner))? {
                    all.push(val);
                }
                Ok(Val::Seq(all))
            }
            Ty::Newtype(inner) => match seq.next_element_seed(Read(inner))? {
                Some(val) => Ok(Val::Newtype(Box::new(val))),
                None => Err(A::Error::invalid_length(0, &self)),
            },
            _ => Err(A::Error::invalid_type(de::Unexpected::Seq, &self)),
        }
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Val, A::Error> {
        let Ty::Map(inner) = self.0 else {
            return Err(A::Error::invalid_type(de::Unexpected::Map, &self));
        };
        let mut all = Vec::new();
        while let Some(key) = map.next_key::<String>()? {
            all.push((key, map.next_value_seed(Read(inner))?));
        }
        Ok(Val::Map(all))
    }
}

struct TupleVisitor<'a>(&'a [Ty]);

impl<'de> Visitor<'de> for TupleVisitor<'_> {
    type Value = Val;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "a tuple of {}", self.0.len())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Val, A::Error> {
        let mut all = Vec::new();
        for ty in self.0 {
            match seq.next_element_seed(Read(ty))? {
                Some(val) => all.push(val),
                None => return Err(A::Error::invalid_length(all.len(), &self)),
            }
        }
        Ok(Val::Seq(all))
    }
}

struct StructVisitor<'a>(&'a Fields);

impl<'de> Visitor<'de> for StructVisitor<'_> {
    type Value = Val;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "a struct of {}", self.0.fields.len())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Val, A::Error> {
        let mut all = Vec::new();
        for field in &self.0.fields {
            let val = match seq.next_element_seed(Read(&field.ty))? {
                Some(val) => val,
                None if field.has_default => Val::Default,
                None => return Err(A::Error::invalid_length(all.len(), &self)),
            };
            all.push((field.name, val));
        }
        Ok(Val::Struct(all))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Val, A::Error> {
        let fields = &self.0.fields;
        let mut all: Vec<Option<Val>> = vec![None; fields.len()];
        while let Some(key) = map.next_key_seed(Identifier)? {
            let is_it = |field: &NewField| field.name == key || field.alias == Some(key.as_str());
            match fields.iter().position(is_it) {
                Some(place) if all[place].is_some() => {
                    return Err(A::Error::duplicate_field(fields[place].name));
                }
                Some(place) => {
                    all[place] = Some(map.next_value_seed(Read(&fields[place].ty))?);
                }
                None if self.0.deny_unknown => return Err(A::Error::unknown_field(&key, &[])),
                None => drop(map.next_value::<IgnoredAny>()?),
            }
        }
        let all = fields.iter().zip(all).map(|(field, val)| {
            let val = match val {
                Some(val) => val,
                None if field.has_default => Val::Default,
                None if matches!(field.ty, Ty::Option(_)) => Val::None,
                None => return Err(A::Error::missing_field(field.name)),
            };
            Ok((field.name, val))
        });
        all.collect::<Result<_, _>>().map(Val::Struct)
    }
}

/// The name of a field or variant.
struct Identifier;

impl<'de> DeserializeSeed<'de> for Identifier {
    type Value = String;

    fn deserialize<D: Deserializer<'de>>(self, d: D) -> Result<String, D::Error> {
        d.deserialize_identifier(self)
    }
}

impl Visitor<'_> for Identifier {
    type Value = String;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an identifier")
    }

    fn visit_str<E>(self, text: &str) -> Result<String, E> {
        Ok(text.to_owned())
    }
}

struct EnumVisitor<'a>(&'a [NewVariant], &'static [&'static str]);

/// Which variant it is: derived code knows in its identifier.
struct VariantOf<'a>(&'a EnumVisitor<'a>);

impl<'de, 'a> DeserializeSeed<'de> for VariantOf<'a> {
    type Value = &'a NewVariant;

    fn deserialize<D: Deserializer<'de>>(self, d: D) -> Result<&'a NewVariant, D::Error> {
        d.deserialize_identifier(self)
    }
}

impl<'a> Visitor<'_> for VariantOf<'a> {
    type Value = &'a NewVariant;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a variant")
    }

    /// Plain postcard has the index.
    fn visit_u64<E: Error>(self, index: u64) -> Result<&'a NewVariant, E> {
        let variant = usize::try_from(index).ok().and_then(|index| self.0.0.get(index));
        variant.ok_or_else(|| E::invalid_value(de::Unexpected::Unsigned(index), &self))
    }

    fn visit_str<E: Error>(self, name: &str) -> Result<&'a NewVariant, E> {
        let is_it = |variant: &&NewVariant| variant.name == name || variant.alias == Some(name);
        let variant = self.0.0.iter().find(is_it);
        variant.ok_or_else(|| E::unknown_variant(name, self.0.1))
    }
}

impl<'de> Visitor<'de> for EnumVisitor<'_> {
    type Value = Val;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an enum")
    }

    fn visit_enum<A: EnumAccess<'de>>(self, data: A) -> Result<Val, A::Error> {
        let (variant, access) = data.variant_seed(VariantOf(&self))?;
        let contents = match &variant.contents {
            Contents::Unit => access.unit_variant().map(|()| Val::Unit),
            Contents::Newtype(ty) => access.newtype_variant_seed(Read(ty)),
            Contents::Tuple(all) => access.tuple_variant(all.len(), TupleVisitor(all)),
            Contents::Struct(fields) => access.struct_variant(names(fields), StructVisitor(fields)),
        };
        Ok(Val::Variant(variant.name, Box::new(contents?)))
    }
}

/// Numbers that look random (xorshift).
pub(super) struct Random(u64);

impl Random {
    pub(super) fn new(seed: u64) -> Self {
        Random(seed ^ 0x9e37_79b9_7f4a_7c15 | 1)
    }

    fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 16
    }

    fn below(&mut self, end: usize) -> usize {
        usize::try_from(self.next() % u64::try_from(end).unwrap()).unwrap()
    }

    fn chance(&mut self, of: usize) -> bool {
        self.below(of) == 0
    }

    fn pick<T: Clone>(&mut self, all: &[T]) -> T {
        all[self.below(all.len())].clone()
    }
}

const NAMES: &[&str] = &["a", "b", "c", "d", "e", "f", "g", "h"];

const SCALARS: &[Scalar] = &[
    Scalar::Bool,
    Scalar::Char,
    Scalar::F32,
    Scalar::F64,
    Scalar::I8,
    Scalar::I16,
    Scalar::I32,
    Scalar::I64,
    Scalar::U8,
    Scalar::U16,
    Scalar::U32,
    Scalar::U64,
];

pub(super) fn random_ty(random: &mut Random, depth: usize) -> Ty {
    let kinds = if depth == 0 { 4 } else { 16 };
    match random.below(kinds) {
        0 | 1 => Ty::Scalar(random.pick(SCALARS)),
        2 => Ty::Str,
        3 => match random.chance(3) {
            true => Ty::Unit,
            false => Ty::Scalar(random.pick(&SCALARS[4..])),
        },
        4 | 5 => Ty::Option(Box::new(random_ty(random, depth - 1))),
        6 => Ty::Seq(Box::new(random_ty(random, depth - 1))),
        7 => Ty::Map(Box::new(random_ty(random, depth - 1))),
        8 => Ty::Tuple(random_tys(random, depth - 1)),
        9 => Ty::Newtype(Box::new(random_ty(random, depth - 1))),
        10..=13 => Ty::Struct(random_fields(random, depth - 1)),
        _ => {
            let count = 1 + random.below(4);
            let mut variants: Vec<NewVariant> = Vec::new();
            for name in &NAMES[..count] {
                let contents = random_contents(random, depth - 1);
                variants.push(NewVariant { name, alias: None, contents });
            }
            Ty::Enum(variants)
        }
    }
}

fn random_tys(random: &mut Random, depth: usize) -> Vec<Ty> {
    let count = 2 + random.below(3);
    (0..count).map(|_| random_ty(random, depth)).collect()
}

fn random_fields(random: &mut Random, depth: usize) -> Fields {
    let count = random.below(5);
    let fields = NAMES[..count].iter().map(|name| NewField {
        name,
        alias: None,
        has_default: false,
        ty: random_ty(random, depth),
    });
    Fields { fields: fields.collect(), deny_unknown: false }
}

fn random_contents(random: &mut Random, depth: usize) -> Contents {
    match random.below(4) {
        0 => Contents::Unit,
        1 => Contents::Newtype(match random_ty(random, depth) {
            // Its variant is written like one without contents, but not in JSON.
            ty if is_unit(&ty) => Ty::Str,
            ty => ty,
        }),
        2 => Contents::Tuple(random_tys(random, depth)),
        _ => Contents::Struct(random_fields(random, depth)),
    }
}

fn is_unit(ty: &Ty) -> bool {
    match ty {
        Ty::Unit => true,
        Ty::Newtype(inner) => is_unit(inner),
        _ => false,
    }
}

pub(super) fn random_val(random: &mut Random, ty: &Ty) -> Val {
    match ty {
        Ty::Scalar(Scalar::Bool) => Val::Bool(random.chance(2)),
        Ty::Scalar(Scalar::Char) => Val::Char(random.pick(&['a', 'ü', '€'])),
        Ty::Scalar(Scalar::F32 | Scalar::F64) => {
            Val::Float(f64::from(u16::try_from(random.below(999)).unwrap()) / 4.0 - 50.0)
        }
        Ty::Scalar(scalar) => {
            let small = i128::try_from(random.below(5)).unwrap();
            let bits: u32 = scalar.to_string()[1..].parse().unwrap();
            let is_signed = scalar.to_string().starts_with('i');
            let max = (1_i128 << (bits - u32::from(is_signed))) - 1;
            let min = if is_signed { -max - 1 } else { 0 };
            Val::Int(match random.below(4) {
                0 => max - small,
                1 => min + small,
                _ => small,
            })
        }
        Ty::Str => Val::Str(random.pick(&["", "a", "b", "c", "1", "long\n\"text\""]).to_owned()),
        Ty::Unit => Val::Unit,
        Ty::Option(inner) => match random.chance(3) {
            true => Val::None,
            false => Val::Some(Box::new(random_val(random, inner))),
        },
        Ty::Seq(inner) => {
            let count = random.below(4);
            Val::Seq((0..count).map(|_| random_val(random, inner)).collect())
        }
        Ty::Map(inner) => {
            let count = random.below(4);
            let entries = NAMES[..count].iter();
            Val::Map(entries.map(|key| ((*key).to_owned(), random_val(random, inner))).collect())
        }
        Ty::Tuple(all) => Val::Seq(all.iter().map(|ty| random_val(random, ty)).collect()),
        Ty::Newtype(inner) => Val::Newtype(Box::new(random_val(random, inner))),
        Ty::Struct(fields) => random_struct(random, fields),
        Ty::Enum(variants) => {
            let variant = random.pick(variants);
            let contents = match &variant.contents {
                Contents::Unit => Val::Unit,
                Contents::Newtype(ty) => random_val(random, ty),
                Contents::Tuple(all) => {
                    Val::Seq(all.iter().map(|ty| random_val(random, ty)).collect())
                }
                Contents::Struct(fields) => random_struct(random, fields),
            };
            Val::Variant(variant.name, Box::new(contents))
        }
    }
}

fn random_struct(random: &mut Random, fields: &Fields) -> Val {
    let fields = fields.fields.iter();
    Val::Struct(fields.map(|field| (field.name, random_val(random, &field.ty))).collect())
}

/// Changes something, here or inside.
pub(super) fn change(random: &mut Random, ty: &mut Ty) {
    let is_leaf = matches!(ty, Ty::Scalar(_) | Ty::Str | Ty::Unit);
    if !is_leaf && !random.chance(3) {
        return change_inside(random, ty);
    }
    match (random.below(8), &mut *ty) {
        (0, _) => *ty = Ty::Option(Box::new(ty.clone())),
        (1, _) => *ty = Ty::Newtype(Box::new(ty.clone())),
        (2, _) if random.chance(2) => *ty = random_ty(random, 2),
        (_, Ty::Option(inner) | Ty::Newtype(inner)) => *ty = (**inner).clone(),
        (_, Ty::Seq(inner)) => *ty = Ty::Map(inner.clone()),
        (_, Ty::Scalar(scalar)) => *scalar = random.pick(SCALARS),
        (_, Ty::Tuple(all)) => match random.chance(2) {
            true => *ty = Ty::Seq(Box::new(all[0].clone())),
            false => all.push(random_ty(random, 1)),
        },
        (_, Ty::Struct(fields)) => change_fields(random, fields),
        (_, Ty::Enum(variants)) => change_variants(random, variants),
        _ => {}
    }
}

fn change_inside(random: &mut Random, ty: &mut Ty) {
    match ty {
        Ty::Option(inner) | Ty::Seq(inner) | Ty::Map(inner) | Ty::Newtype(inner) => {
            change(random, inner);
        }
        Ty::Tuple(all) => change_one(random, all),
        Ty::Struct(fields) => change_field(random, fields),
        Ty::Enum(variants) if !variants.is_empty() => {
            let place = random.below(variants.len());
            match &mut variants[place].contents {
                Contents::Unit => {}
                Contents::Newtype(inner) => {
                    change(random, inner);
                    if is_unit(inner) {
                        *inner = Ty::Str;
                    }
                }
                Contents::Tuple(all) => change_one(random, all),
                Contents::Struct(fields) => match random.chance(2) {
                    true => change_field(random, fields),
                    false => change_fields(random, fields),
                },
            }
        }
        _ => {}
    }
}

fn change_one(random: &mut Random, all: &mut [Ty]) {
    let place = random.below(all.len());
    change(random, &mut all[place]);
}

fn change_field(random: &mut Random, fields: &mut Fields) {
    if !fields.fields.is_empty() {
        let place = random.below(fields.fields.len());
        change(random, &mut fields.fields[place].ty);
    }
}

fn change_fields(random: &mut Random, fields: &mut Fields) {
    let all = &mut fields.fields;
    let is_used = |all: &[NewField], name| {
        all.iter().any(|field| field.name == name || field.alias == Some(name))
    };
    let name = random.pick(NAMES);
    let place = if all.is_empty() { 0 } else { random.below(all.len()) };
    match random.below(6) {
        0 | 1 if !is_used(all, name) => {
            let (alias, has_default) = (None, !random.chance(3));
            let ty = random_ty(random, 1);
            all.insert(place, NewField { name, alias, has_default, ty });
        }
        2 if !all.is_empty() => drop(all.remove(place)),
        3 if !all.is_empty() && !is_used(all, name) => {
            let old = std::mem::replace(&mut all[place].name, name);
            all[place].alias = (!random.chance(4)).then_some(old);
        }
        4 if !all.is_empty() => all.rotate_left(place),
        5 => fields.deny_unknown = random.chance(2),
        _ => {}
    }
}

fn change_variants(random: &mut Random, all: &mut Vec<NewVariant>) {
    let is_used = |all: &[NewVariant], name| {
        all.iter().any(|variant| variant.name == name || variant.alias == Some(name))
    };
    let name = random.pick(NAMES);
    let place = random.below(all.len());
    match random.below(6) {
        0 if !is_used(all, name) => {
            let contents = random_contents(random, 1);
            all.insert(place, NewVariant { name, alias: None, contents });
        }
        1 if all.len() > 1 => drop(all.remove(place)),
        2 if !is_used(all, name) => {
            let old = std::mem::replace(&mut all[place].name, name);
            all[place].alias = (!random.chance(4)).then_some(old);
        }
        3 => all.rotate_left(place),
        4 => all[place].contents = random_contents(random, 1),
        _ => {
            let contents = &mut all[place].contents;
            *contents = match contents.clone() {
                Contents::Newtype(Ty::Struct(fields)) => Contents::Struct(fields),
                Contents::Struct(fields) => Contents::Newtype(Ty::Struct(fields)),
                other => other,
            };
        }
    }
}
