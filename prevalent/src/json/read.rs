//! JSON as encoded values, by their types.

use std::cell::RefCell;
use std::fmt;

use serde::de::{
    DeserializeSeed, Deserializer, Error, IgnoredAny, MapAccess, SeqAccess, Unexpected, Visitor,
};

use super::float::{read_32, read_64};
use super::hex::read_hex;
use super::path::{Step, at};
use super::shape::{DEPTH_MAX, SOME, TOO_DEEP, is_bare, is_text, may_be_null};
use crate::format::bytes::{put_counted, put_varint};
use crate::schema::types::{Field, Scalar, Type, TypeId, Types, Variant};

/// Reads a value of this type, and appends to `out` what postcard makes of it.
///
/// After an error `out` may have a part of it.
pub(crate) struct Encode<'a> {
    pub(crate) types: &'a Types,
    pub(crate) ty: TypeId,
    pub(crate) out: &'a mut Vec<u8>,
}

impl<'de> DeserializeSeed<'de> for Encode<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        let path = RefCell::default();
        let context = Context { types: self.types, path: &path };
        let top = Value { context, ty: self.ty, depth: 0, step: Some(Step::Top), out: self.out };
        // Where it has failed, the path is still that of what it failed at.
        top.deserialize(deserializer).map_err(|error| D::Error::custom(at(&path.borrow(), &error)))
    }
}

#[derive(Clone, Copy)]
struct Context<'a> {
    types: &'a Types,
    path: &'a RefCell<Vec<Step<String>>>,
}

/// The value that is read next.
struct Value<'a> {
    context: Context<'a>,
    ty: TypeId,
    /// How many values it lies in.
    depth: u32,
    /// The way to it, until it is on the path.
    step: Option<Step<String>>,
    out: &'a mut Vec<u8>,
}

impl<'de> DeserializeSeed<'de> for Value<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(mut self, deserializer: D) -> Result<(), D::Error> {
        let path = self.context.path;
        path.borrow_mut().extend(self.step.take());
        if self.depth > DEPTH_MAX {
            return Err(D::Error::custom(TOO_DEEP));
        }
        let types = self.context.types;
        self.ty = types.behind_newtypes(self.ty);
        deserializer.deserialize_any(self)?;
        path.borrow_mut().pop();
        Ok(())
    }
}

impl<'a> Value<'a> {
    fn types(&self) -> &'a Types {
        self.context.types
    }

    /// What is there, where it isn't null: the contents of an `Option`, unless these stand in an object.
    fn present(mut self) -> Self {
        let types = self.types();
        self.ty = types.behind_newtypes(self.ty);
        if let Type::Option(inner) = types.get(self.ty)
            && !may_be_null(types, *inner)
        {
            self.out.push(1);
            self.ty = types.behind_newtypes(*inner);
        }
        self
    }

    fn get(&self) -> &'a Type {
        self.types().get(self.ty)
    }

    fn inside(&mut self, ty: TypeId, step: Step<String>) -> Value<'_> {
        let depth = self.depth + 1;
        Value { context: self.context, ty, depth, step: Some(step), out: self.out }
    }

    /// A number that is none of the floating-point ones.
    fn integer<E: Error>(self, number: i128, unexpected: Unexpected<'_>) -> Result<(), E> {
        let this = self.present();
        let (min, max): (i128, i128) = match this.get() {
            Type::Scalar(Scalar::I8) => (i8::MIN.into(), i8::MAX.into()),
            Type::Scalar(Scalar::I16) => (i16::MIN.into(), i16::MAX.into()),
            Type::Scalar(Scalar::I32) => (i32::MIN.into(), i32::MAX.into()),
            Type::Scalar(Scalar::I64) => (i64::MIN.into(), i64::MAX.into()),
            Type::Scalar(Scalar::I128) => (i128::MIN, i128::MAX),
            Type::Scalar(Scalar::U8) => (0, u8::MAX.into()),
            Type::Scalar(Scalar::U16) => (0, u16::MAX.into()),
            Type::Scalar(Scalar::U32) => (0, u32::MAX.into()),
            Type::Scalar(Scalar::U64) => (0, u64::MAX.into()),
            Type::Scalar(Scalar::U128) => (0, i128::MAX),
            #[expect(clippy::cast_precision_loss, reason = "as with any number of JSON")]
            Type::Scalar(Scalar::F32 | Scalar::F64) => return this.float(number as f64),
            _ => return Err(E::invalid_type(unexpected, &this)),
        };
        if number < min || number > max {
            return Err(E::invalid_value(unexpected, &this));
        }
        match this.get() {
            // These are single bytes, as they are.
            Type::Scalar(Scalar::I8 | Scalar::U8) => this.out.push(number.to_le_bytes()[0]),
            Type::Scalar(Scalar::I16 | Scalar::I32 | Scalar::I64 | Scalar::I128) => {
                put_long(this.out, zigzag(number));
            }
            _ => put_long(this.out, number.cast_unsigned()),
        }
        Ok(())
    }

    #[expect(
        clippy::cast_possible_truncation,
        reason = "what is written for a short one is found again"
    )]
    fn float<E: Error>(self, number: f64) -> Result<(), E> {
        let this = self.present();
        match this.get() {
            Type::Scalar(Scalar::F32) => {
                let short = number as f32;
                if short.is_infinite() {
                    return Err(E::invalid_value(Unexpected::Float(number), &this));
                }
                this.out.extend_from_slice(&short.to_le_bytes());
            }
            Type::Scalar(Scalar::F64) => this.out.extend_from_slice(&number.to_le_bytes()),
            _ => return Err(E::invalid_type(Unexpected::Float(number), &this)),
        }
        Ok(())
    }

    fn text<E: Error>(self, text: &str) -> Result<(), E> {
        let this = self.present();
        let unfit = |this: &Self| E::invalid_value(Unexpected::Str(text), this);
        match this.get() {
            Type::String => put_counted(this.out, text.as_bytes()),
            Type::Scalar(Scalar::Char) if text.chars().count() == 1 => {
                put_counted(this.out, text.as_bytes());
            }
            Type::Bytes | Type::Opaque => {
                put_varint(this.out, text.len() as u64 / 2);
                read_hex(text, this.out).ok_or_else(|| E::custom(NO_HEX))?;
            }
            Type::Untraced { .. } => {
                read_hex(text, this.out).ok_or_else(|| E::custom(NO_HEX))?;
            }
            Type::Scalar(Scalar::U128) => {
                put_long(this.out, text.parse().map_err(|_| unfit(&this))?);
            }
            Type::Scalar(Scalar::I128) => {
                put_long(this.out, zigzag(text.parse().map_err(|_| unfit(&this))?));
            }
            Type::Scalar(Scalar::F32) => {
                let number = read_32(text).ok_or_else(|| unfit(&this))?;
                this.out.extend_from_slice(&number.to_le_bytes());
            }
            Type::Scalar(Scalar::F64) => {
                let number = read_64(text).ok_or_else(|| unfit(&this))?;
                this.out.extend_from_slice(&number.to_le_bytes());
            }
            Type::Enum { variants, .. } => {
                let variant = this.variant(variants, text)?;
                if !is_bare(this.types(), variant.contents) {
                    return Err(E::custom(format_args!(
                        "the variant `{text}` has contents: it is written as `{{\"{text}\": …}}`"
                    )));
                }
                put_varint(this.out, variant.index.into());
            }
            Type::Scalar(Scalar::Char) => return Err(unfit(&this)),
            _ => return Err(E::invalid_type(Unexpected::Str(text), &this)),
        }
        Ok(())
    }

    fn variant<E: Error>(&self, variants: &'a [Variant], name: &str) -> Result<&'a Variant, E> {
        variants.iter().find(|variant| variant.name == name).ok_or_else(|| {
            E::custom(format_args!("there is no variant `{name}` in `{}`", self.described()))
        })
    }

    fn described(&self) -> String {
        self.types().describe(self.ty)
    }

    /// Elements, as many as there are, with their number before them.
    fn elements<'de, A: SeqAccess<'de>>(
        mut self,
        element: TypeId,
        mut all: A,
    ) -> Result<(), A::Error> {
        let counted = Counted::begin(self.out);
        let mut count = 0;
        while all.next_element_seed(self.inside(element, Step::Index(count)))?.is_some() {
            count += 1;
        }
        counted.end(self.out, count);
        Ok(())
    }

    fn pairs<'de, A: SeqAccess<'de>>(
        mut self,
        entry: (TypeId, TypeId),
        mut all: A,
    ) -> Result<(), A::Error> {
        let counted = Counted::begin(self.out);
        let mut count = 0;
        loop {
            let pair = Pair { entry, value: self.inside(entry.0, Step::Index(count)) };
            if all.next_element_seed(pair)?.is_none() {
                break;
            }
            count += 1;
        }
        counted.end(self.out, count);
        Ok(())
    }

    fn tuple<'de, A: SeqAccess<'de>>(
        mut self,
        elements: &[TypeId],
        mut all: A,
    ) -> Result<(), A::Error> {
        for (index, element) in (0..).zip(elements) {
            let read = all.next_element_seed(self.inside(*element, Step::Index(index)))?;
            if read.is_none() {
                let found = usize::try_from(index).unwrap_or(usize::MAX);
                return Err(A::Error::invalid_length(found, &self));
            }
        }
        if all.next_element::<IgnoredAny>()?.is_some() {
            return Err(A::Error::invalid_length(elements.len() + 1, &self));
        }
        Ok(())
    }

    fn entries<'de, A: MapAccess<'de>>(
        mut self,
        value: TypeId,
        mut all: A,
    ) -> Result<(), A::Error> {
        let counted = Counted::begin(self.out);
        let mut count = 0;
        while let Some(key) = all.next_key::<String>()? {
            put_counted(self.out, key.as_bytes());
            all.next_value_seed(self.inside(value, Step::Key(key)))?;
            count += 1;
        }
        counted.end(self.out, count);
        Ok(())
    }

    /// Fields, in any order; they are encoded in their own.
    fn fields<'de, A: MapAccess<'de>>(
        mut self,
        fields: &'a [Field],
        mut all: A,
    ) -> Result<(), A::Error> {
        let start = self.out.len();
        let mut ends: Vec<Option<(usize, usize)>> = vec![None; fields.len()];
        let mut in_order = true;
        let mut next = 0;
        while let Some(key) = all.next_key::<String>()? {
            // As a rule it is the next one.
            let expected = fields.get(next).filter(|field| field.name == key).map(|_| next);
            let found = expected.or_else(|| fields.iter().position(|field| field.name == key));
            let Some(index) = found else {
                let described = self.described();
                return Err(A::Error::custom(format_args!(
                    "there is no field `{key}` in `{described}`"
                )));
            };
            if ends[index].is_some() {
                return Err(A::Error::custom(format_args!("the field `{key}` is there twice")));
            }
            let from = self.out.len();
            all.next_value_seed(self.inside(fields[index].ty, Step::Name(key)))?;
            ends[index] = Some((from, self.out.len()));
            in_order &= index == next;
            next = index + 1;
        }
        if let Some(missing) = ends.iter().position(Option::is_none) {
            let name = &fields[missing].name;
            return Err(A::Error::custom(format_args!("the field `{name}` is missing")));
        }
        if !in_order {
            let mut sorted = Vec::with_capacity(self.out.len() - start);
            for (from, to) in ends.into_iter().flatten() {
                sorted.extend_from_slice(self.out.get(from..to).unwrap_or_default());
            }
            self.out.truncate(start);
            self.out.extend_from_slice(&sorted);
        }
        Ok(())
    }

    /// The only entry of an object: the contents of a variant, or of an `Option`.
    fn only<'de, A: MapAccess<'de>>(mut self, mut all: A) -> Result<(), A::Error> {
        let Some(key) = all.next_key::<String>()? else {
            return Err(A::Error::invalid_length(0, &self));
        };
        let contents = match self.get() {
            Type::Enum { variants, .. } => {
                let variant = self.variant(variants, &key)?;
                put_varint(self.out, variant.index.into());
                all.next_value_seed(self.inside(variant.contents, Step::Name(key)))
            }
            Type::Option(inner) if key == SOME => {
                self.out.push(1);
                all.next_value_seed(self.inside(*inner, Step::Top))
            }
            _ => Err(A::Error::custom(format_args!("there is `{key}` where `{SOME}` is expected"))),
        };
        contents?;
        match all.next_key::<String>()? {
            None => Ok(()),
            Some(key) => Err(A::Error::custom(format_args!("`{key}` is one entry too many"))),
        }
    }
}

const NO_HEX: &str = "bytes are written as pairs of hexadecimal digits";

impl<'de> Visitor<'de> for Value<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "a value of `{}`", self.described())?;
        let types = self.types();
        match self.get() {
            Type::Bytes | Type::Opaque | Type::Untraced { .. } => {
                f.write_str(" (hexadecimal digits)")
            }
            Type::Scalar(Scalar::I128 | Scalar::U128) => f.write_str(" (digits in a string)"),
            Type::Unit => f.write_str(" (null)"),
            Type::Option(inner) if may_be_null(types, *inner) => {
                write!(f, " (null or `{{\"{SOME}\": …}}`)")
            }
            Type::Tuple { elements, .. } => write!(f, " (an array of {})", elements.len()),
            _ => Ok(()),
        }
    }

    fn visit_bool<E: Error>(self, value: bool) -> Result<(), E> {
        let this = self.present();
        match this.get() {
            Type::Scalar(Scalar::Bool) => {
                this.out.push(value.into());
                Ok(())
            }
            _ => Err(E::invalid_type(Unexpected::Bool(value), &this)),
        }
    }

    fn visit_i64<E: Error>(self, value: i64) -> Result<(), E> {
        self.integer(value.into(), Unexpected::Signed(value))
    }

    fn visit_u64<E: Error>(self, value: u64) -> Result<(), E> {
        self.integer(value.into(), Unexpected::Unsigned(value))
    }

    fn visit_f64<E: Error>(self, value: f64) -> Result<(), E> {
        self.float(value)
    }

    fn visit_str<E: Error>(self, value: &str) -> Result<(), E> {
        self.text(value)
    }

    fn visit_unit<E: Error>(self) -> Result<(), E> {
        match self.get() {
            Type::Unit => {}
            Type::Option(_) => self.out.push(0),
            _ => return Err(E::invalid_type(Unexpected::Unit, &self)),
        }
        Ok(())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, all: A) -> Result<(), A::Error> {
        let this = self.present();
        match this.get() {
            Type::Seq(element) => this.elements(*element, all),
            Type::Map { key, value } => this.pairs((*key, *value), all),
            Type::Tuple { elements, .. } => this.tuple(elements, all),
            _ => Err(A::Error::invalid_type(Unexpected::Seq, &this)),
        }
    }

    fn visit_map<A: MapAccess<'de>>(self, all: A) -> Result<(), A::Error> {
        let this = self.present();
        match this.get() {
            Type::Struct { fields, .. } => this.fields(fields, all),
            Type::Map { key, value } if is_text(this.types(), *key) => this.entries(*value, all),
            Type::Map { .. } => {
                Err(A::Error::custom("a map whose keys are no strings is an array of pairs"))
            }
            Type::Enum { .. } | Type::Option(_) => this.only(all),
            _ => Err(A::Error::invalid_type(Unexpected::Map, &this)),
        }
    }
}

/// An entry of a map that is written as an array of two.
struct Pair<'a> {
    entry: (TypeId, TypeId),
    value: Value<'a>,
}

impl<'de> DeserializeSeed<'de> for Pair<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(mut self, deserializer: D) -> Result<(), D::Error> {
        let path = self.value.context.path;
        path.borrow_mut().extend(self.value.step.take());
        if self.value.depth > DEPTH_MAX {
            return Err(D::Error::custom(TOO_DEEP));
        }
        deserializer.deserialize_seq(self)?;
        path.borrow_mut().pop();
        Ok(())
    }
}

impl<'de> Visitor<'de> for Pair<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a key and a value, in an array")
    }

    fn visit_seq<A: SeqAccess<'de>>(mut self, mut all: A) -> Result<(), A::Error> {
        for (index, ty) in [(0, self.entry.0), (1, self.entry.1)] {
            let part = self.value.inside(ty, Step::Index(index));
            if all.next_element_seed(part)?.is_none() {
                return Err(A::Error::invalid_length(usize::from(index == 1), &self));
            }
        }
        match all.next_element::<IgnoredAny>()? {
            None => Ok(()),
            Some(_) => Err(A::Error::invalid_length(3, &self)),
        }
    }
}

/// Room for a number that is known later.
struct Counted {
    at: usize,
}

impl Counted {
    fn begin(out: &mut Vec<u8>) -> Self {
        let at = out.len();
        out.push(0);
        Counted { at }
    }

    fn end(self, out: &mut Vec<u8>, count: u64) {
        let mut number = Vec::with_capacity(10);
        put_varint(&mut number, count);
        if let ([only], Some(place)) = (number.as_slice(), out.get_mut(self.at)) {
            *place = *only;
        } else {
            out.splice(self.at..=self.at, number);
        }
    }
}

fn put_long(out: &mut Vec<u8>, mut number: u128) {
    while number >= 0x80 {
        out.push(number.to_le_bytes()[0] | 0x80);
        number >>= 7;
    }
    out.push(number.to_le_bytes()[0]);
}

fn zigzag(number: i128) -> u128 {
    (number << 1 ^ number >> 127).cast_unsigned()
}
