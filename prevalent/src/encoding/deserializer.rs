//! The reader of what the serializer writes.

use postcard::de_flavors::Slice;
use serde::de::{self, DeserializeSeed, IntoDeserializer, Visitor};

use super::elements::{ElementsLeft, TOO_MANY};
use super::fault::Fault;
use super::stack::{Stack, TOO_DEEP};

/// A serde deserializer of postcard's format.
///
/// Scalars are read by postcard itself. What is made of them is read here: postcard's own
/// deserializer forgets what a type's `Deserialize` had against a value, and does not notice
/// where one leaves elements of a sequence unread.
pub(super) struct Deserializer<'de> {
    postcard: postcard::Deserializer<'de, Slice<'de>>,
    /// How many bytes there were at the start.
    len: usize,
    elements: ElementsLeft,
    stack: Stack,
}

impl<'de> Deserializer<'de> {
    pub(super) fn new(bytes: &'de [u8]) -> Self {
        let postcard = postcard::Deserializer::from_bytes(bytes);
        let (len, elements) = (bytes.len(), ElementsLeft::of(bytes.len()));
        Deserializer { postcard, len, elements, stack: Stack::here() }
    }

    /// Refuses bytes that nothing has read.
    pub(super) fn finish(self) -> Result<(), Fault> {
        match self.postcard.finalize().map_err(|e| fault(&e))?.len() {
            0 => Ok(()),
            left => Err(Fault::refused(format!(
                "{left} bytes are left over after the end of the value"
            ))),
        }
    }

    #[inline]
    fn scalar<T: de::Deserialize<'de>>(&mut self) -> Result<T, Fault> {
        T::deserialize(&mut self.postcard).map_err(|e| fault(&e))
    }

    /// How many elements come.
    #[inline]
    fn length(&mut self) -> Result<usize, Fault> {
        let len = self.scalar()?;
        self.elements.take(len).ok_or_else(|| Fault::refused(TOO_MANY))?;
        Ok(len)
    }

    /// Refuses to go deeper where the stack would not allow for it.
    #[inline]
    fn enter(&self) -> Result<(), Fault> {
        if self.stack.has_room() { Ok(()) } else { Err(Fault::refused(TOO_DEEP)) }
    }

    #[inline]
    fn elements(&mut self, left: usize) -> Elements<'_, 'de> {
        Elements { deserializer: self, left }
    }

    /// The variant `index`, whose contents come next.
    #[inline]
    pub(super) fn variant(&mut self, index: u32) -> Variant<'_, 'de> {
        Variant { deserializer: self, index }
    }
}

fn fault(error: &postcard::Error) -> Fault {
    Fault::refused(what_is_wrong(error))
}

/// What postcard has against bytes.
pub(super) fn what_is_wrong(error: &postcard::Error) -> &'static str {
    use postcard::Error as E;

    match error {
        E::DeserializeUnexpectedEnd => "the bytes end before the value does",
        E::DeserializeBadVarint => "a number is longer than its type",
        E::DeserializeBadBool => "a `bool` is neither 0 nor 1",
        E::DeserializeBadChar => "a `char` is none",
        E::DeserializeBadUtf8 => "a text is not UTF-8",
        _ => "a value is malformed",
    }
}

/// For types that want to be told what comes next.
pub(super) fn not_self_describing() -> Fault {
    Fault::refused(
        "its `Deserialize` asks what comes next, and the encoding does not say: `untagged`, `tag`, \
         `flatten` and types like `serde_json::Value` cannot be read back",
    )
}

macro_rules! scalars {
    ($($method:ident $visit:ident: $type:ty,)*) => {$(
        #[inline]
        fn $method<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
            visitor.$visit(self.scalar::<$type>()?)
        }
    )*};
}

impl<'de> de::Deserializer<'de> for &mut Deserializer<'de> {
    type Error = Fault;

    scalars! {
        deserialize_bool visit_bool: bool,
        deserialize_i8 visit_i8: i8,
        deserialize_i16 visit_i16: i16,
        deserialize_i32 visit_i32: i32,
        deserialize_i64 visit_i64: i64,
        deserialize_i128 visit_i128: i128,
        deserialize_u8 visit_u8: u8,
        deserialize_u16 visit_u16: u16,
        deserialize_u32 visit_u32: u32,
        deserialize_u64 visit_u64: u64,
        deserialize_u128 visit_u128: u128,
        deserialize_f32 visit_f32: f32,
        deserialize_f64 visit_f64: f64,
        deserialize_char visit_char: char,
        deserialize_str visit_borrowed_str: &'de str,
        deserialize_string visit_borrowed_str: &'de str,
        deserialize_bytes visit_borrowed_bytes: &'de [u8],
        deserialize_byte_buf visit_borrowed_bytes: &'de [u8],
    }

    #[inline]
    fn is_human_readable(&self) -> bool {
        false
    }

    #[inline]
    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
        match self.scalar::<u8>()? {
            0 => visitor.visit_none(),
            1 => {
                self.enter()?;
                visitor.visit_some(self)
            }
            _ => Err(Fault::refused("an `Option` is neither 0 nor 1")),
        }
    }

    #[inline]
    fn deserialize_unit<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
        visitor.visit_unit()
    }

    #[inline]
    fn deserialize_unit_struct<V: Visitor<'de>>(
        self,
        _name: &'static str,
        visitor: V,
    ) -> Result<V::Value, Fault> {
        visitor.visit_unit()
    }

    #[inline]
    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        _name: &'static str,
        visitor: V,
    ) -> Result<V::Value, Fault> {
        visitor.visit_newtype_struct(self)
    }

    #[inline]
    fn deserialize_seq<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
        self.enter()?;
        let mut elements = {
            let len = self.length()?;
            self.elements(len)
        };
        let value = visitor.visit_seq(&mut elements)?;
        elements.finish()?;
        Ok(value)
    }

    /// How many elements are read is not checked: `len` counts a field's `alias` as one more.
    #[inline]
    fn deserialize_tuple<V: Visitor<'de>>(self, len: usize, visitor: V) -> Result<V::Value, Fault> {
        visitor.visit_seq(&mut self.elements(len))
    }

    #[inline]
    fn deserialize_tuple_struct<V: Visitor<'de>>(
        self,
        _name: &'static str,
        len: usize,
        visitor: V,
    ) -> Result<V::Value, Fault> {
        self.deserialize_tuple(len, visitor)
    }

    #[inline]
    fn deserialize_map<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
        self.enter()?;
        let mut elements = {
            let len = self.length()?;
            self.elements(len)
        };
        let value = visitor.visit_map(&mut elements)?;
        elements.finish()?;
        Ok(value)
    }

    #[inline]
    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _name: &'static str,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Fault> {
        self.deserialize_tuple(fields.len(), visitor)
    }

    #[inline]
    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _name: &'static str,
        _variants: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Fault> {
        self.enter()?;
        let index = self.scalar()?;
        visitor.visit_enum(self.variant(index))
    }

    fn deserialize_any<V: Visitor<'de>>(self, _visitor: V) -> Result<V::Value, Fault> {
        Err(not_self_describing())
    }

    fn deserialize_identifier<V: Visitor<'de>>(self, _visitor: V) -> Result<V::Value, Fault> {
        Err(not_self_describing())
    }

    fn deserialize_ignored_any<V: Visitor<'de>>(self, _visitor: V) -> Result<V::Value, Fault> {
        Err(not_self_describing())
    }
}

/// The elements of a sequence, tuple or struct, or the entries of a map.
struct Elements<'a, 'de> {
    deserializer: &'a mut Deserializer<'de>,
    left: usize,
}

impl<'de> Elements<'_, 'de> {
    #[inline]
    fn next<S: DeserializeSeed<'de>>(&mut self, seed: S) -> Result<Option<S::Value>, Fault> {
        if self.left == 0 {
            return Ok(None);
        }
        self.left -= 1;
        seed.deserialize(&mut *self.deserializer).map(Some)
    }

    /// Never more than there are bytes: a reader may make room for so many, and the length that
    /// was read may be damaged.
    fn hint(&self) -> usize {
        self.left.min(self.deserializer.len)
    }

    fn finish(self) -> Result<(), Fault> {
        match self.left {
            0 => Ok(()),
            left => Err(Fault::refused(format!(
                "its `Deserialize` left {left} elements of a sequence or map unread"
            ))),
        }
    }
}

impl<'de> de::SeqAccess<'de> for &mut Elements<'_, 'de> {
    type Error = Fault;

    #[inline]
    fn next_element_seed<S: DeserializeSeed<'de>>(
        &mut self,
        seed: S,
    ) -> Result<Option<S::Value>, Fault> {
        self.next(seed)
    }

    fn size_hint(&self) -> Option<usize> {
        Some(self.hint())
    }
}

impl<'de> de::MapAccess<'de> for &mut Elements<'_, 'de> {
    type Error = Fault;

    #[inline]
    fn next_key_seed<S: DeserializeSeed<'de>>(
        &mut self,
        seed: S,
    ) -> Result<Option<S::Value>, Fault> {
        self.next(seed)
    }

    #[inline]
    fn next_value_seed<S: DeserializeSeed<'de>>(&mut self, seed: S) -> Result<S::Value, Fault> {
        seed.deserialize(&mut *self.deserializer)
    }

    fn size_hint(&self) -> Option<usize> {
        Some(self.hint())
    }
}

/// A variant of an enum: its index, and what comes next as its contents.
pub(super) struct Variant<'a, 'de> {
    deserializer: &'a mut Deserializer<'de>,
    index: u32,
}

impl<'a, 'de> de::EnumAccess<'de> for Variant<'a, 'de> {
    type Error = Fault;
    type Variant = &'a mut Deserializer<'de>;

    #[inline]
    fn variant_seed<S: DeserializeSeed<'de>>(
        self,
        seed: S,
    ) -> Result<(S::Value, Self::Variant), Fault> {
        let variant = seed.deserialize(self.index.into_deserializer())?;
        Ok((variant, self.deserializer))
    }
}

impl<'de> de::VariantAccess<'de> for &mut Deserializer<'de> {
    type Error = Fault;

    #[inline]
    fn unit_variant(self) -> Result<(), Fault> {
        Ok(())
    }

    #[inline]
    fn newtype_variant_seed<S: DeserializeSeed<'de>>(self, seed: S) -> Result<S::Value, Fault> {
        seed.deserialize(self)
    }

    #[inline]
    fn tuple_variant<V: Visitor<'de>>(self, len: usize, visitor: V) -> Result<V::Value, Fault> {
        de::Deserializer::deserialize_tuple(self, len, visitor)
    }

    #[inline]
    fn struct_variant<V: Visitor<'de>>(
        self,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Fault> {
        de::Deserializer::deserialize_tuple(self, fields.len(), visitor)
    }
}
