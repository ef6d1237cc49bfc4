//! A deserializer that makes up what it is asked for.

use std::any::type_name;
use std::marker::PhantomData;

use serde::de::{self, Deserialize, DeserializeSeed, IntoDeserializer, Visitor};

use super::fault::Fault;
use super::sampling::{Sampling, Step};
use crate::{opaque, unordered};

/// Makes up a value; if `variant` is given, that one of the enum that it must be then.
pub(super) fn sample<'de, T: Deserialize<'de>>(
    sampling: &mut Sampling<'de>,
    variant: Option<u32>,
) -> Result<T, Fault> {
    let mut root = Sampler { sampling, variant };
    root.value(Step::Root, PhantomData::<T>)
}

struct Sampler<'p, 'de> {
    sampling: &'p mut Sampling<'de>,
    /// Which variant an enum is, if it must not be decided here.
    variant: Option<u32>,
}

impl<'p, 'de> Sampler<'p, 'de> {
    fn new(sampling: &'p mut Sampling<'de>) -> Self {
        Sampler { sampling, variant: None }
    }

    /// Makes a value, in a frame of its own.
    fn value<S: DeserializeSeed<'de>>(&mut self, step: Step, seed: S) -> Result<S::Value, Fault> {
        let opened = self.sampling.open_value(type_name::<S::Value>(), step);
        let result = opened.and_then(|()| {
            seed.deserialize(Sampler { sampling: self.sampling, variant: self.variant })
        });
        self.sampling.close(result.is_ok());
        result
    }

    /// Lets the visitor read, in a frame of its own.
    fn read<V: Visitor<'de>>(
        self,
        visitor: V,
        read: impl FnOnce(&mut Sampling<'de>, V) -> Result<V::Value, Fault>,
    ) -> Result<V::Value, Fault> {
        let opened = self.sampling.open_reader(type_name::<V>());
        let result = opened.and_then(|()| read(self.sampling, visitor));
        self.sampling.close(result.is_ok());
        result
    }

    fn number<V: Visitor<'de>, N: TryFrom<i128> + Default>(
        self,
        visitor: V,
        [max, min]: [N; 2],
        visit: impl FnOnce(V, N) -> Result<V::Value, Fault>,
    ) -> Result<V::Value, Fault> {
        self.read(visitor, |sampling, visitor| {
            let ints = sampling.candidates.ints.as_slice();
            let choice = sampling.decide(ints.len() + 2)?;
            let number = match ints.get(choice) {
                // One that doesn't fit is tried as zero.
                Some(int) => N::try_from(*int).unwrap_or_default(),
                None if choice == ints.len() => max,
                None => min,
            };
            visit(visitor, number)
        })
    }

    fn elements<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
        self.read(visitor, |sampling, visitor| {
            let left = sampling.decide_length()?;
            let mut elements = Elements { sampling, left, next: None };
            let value = visitor.visit_seq(&mut elements)?;
            elements.finish()?;
            Ok(value)
        })
    }

    fn row<V: Visitor<'de>>(self, len: usize, visitor: V) -> Result<V::Value, Fault> {
        self.read(visitor, |sampling, visitor| {
            visitor.visit_seq(&mut Elements { sampling, left: len, next: Some(0) })
        })
    }

    fn named_row<V: Visitor<'de>>(
        self,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Fault> {
        self.read(visitor, |sampling, visitor| {
            sampling.set_fields(fields);
            visitor.visit_seq(&mut Elements { sampling, left: fields.len(), next: Some(0) })
        })
    }
}

macro_rules! numbers {
    ($($method:ident $visit:ident: $type:ty,)*) => {$(
        fn $method<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
            self.number(visitor, [<$type>::MAX, <$type>::MIN], V::$visit::<Fault>)
        }
    )*};
}

/// What is picked from a list of candidates.
macro_rules! picked {
    ($($method:ident $visit:ident: $list:ident,)*) => {$(
        fn $method<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
            self.read(visitor, |sampling, visitor| {
                let candidates = sampling.candidates;
                let choice = sampling.decide(candidates.$list.len())?;
                visitor.$visit(candidates.$list[choice])
            })
        }
    )*};
}

macro_rules! not_told {
    ($($method:ident,)*) => {$(
        fn $method<V: Visitor<'de>>(self, _visitor: V) -> Result<V::Value, Fault> {
            Err(self.sampling.unfit("its `Deserialize` asks what comes next"))
        }
    )*};
}

impl<'de> de::Deserializer<'de> for Sampler<'_, 'de> {
    type Error = Fault;

    numbers! {
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
    }

    picked! {
        deserialize_f64 visit_f64: floats,
        deserialize_char visit_char: chars,
        deserialize_str visit_borrowed_str: texts,
        deserialize_string visit_borrowed_str: texts,
        deserialize_bytes visit_borrowed_bytes: bytes,
        deserialize_byte_buf visit_borrowed_bytes: bytes,
    }

    not_told! { deserialize_any, deserialize_identifier, deserialize_ignored_any, }

    fn is_human_readable(&self) -> bool {
        false
    }

    fn deserialize_bool<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
        self.read(visitor, |sampling, visitor| {
            let is_true = sampling.decide(2)? == 1;
            visitor.visit_bool(is_true)
        })
    }

    fn deserialize_f32<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
        self.read(visitor, |sampling, visitor| {
            let candidates = sampling.candidates;
            let choice = sampling.decide(candidates.floats.len())?;
            #[expect(clippy::cast_possible_truncation, reason = "any number like it will do")]
            visitor.visit_f32(candidates.floats[choice] as f32)
        })
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
        self.read(visitor, |sampling, visitor| {
            if sampling.decide_some()? {
                visitor.visit_some(Sampler::new(sampling))
            } else {
                visitor.visit_none()
            }
        })
    }

    fn deserialize_unit<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
        self.read(visitor, |_, visitor| visitor.visit_unit())
    }

    fn deserialize_unit_struct<V: Visitor<'de>>(
        self,
        _name: &'static str,
        visitor: V,
    ) -> Result<V::Value, Fault> {
        self.deserialize_unit(visitor)
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        name: &'static str,
        visitor: V,
    ) -> Result<V::Value, Fault> {
        if name == unordered::NAME {
            return visitor.visit_newtype_struct(self);
        }
        self.read(visitor, |sampling, visitor| {
            if name == opaque::NAME {
                sampling.seal();
                return visitor.visit_seq(&mut Elements { sampling, left: 1, next: Some(0) });
            }
            visitor.visit_newtype_struct(Sampler::new(sampling))
        })
    }

    fn deserialize_seq<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
        self.elements(visitor)
    }

    fn deserialize_tuple<V: Visitor<'de>>(self, len: usize, visitor: V) -> Result<V::Value, Fault> {
        self.row(len, visitor)
    }

    fn deserialize_tuple_struct<V: Visitor<'de>>(
        self,
        _name: &'static str,
        len: usize,
        visitor: V,
    ) -> Result<V::Value, Fault> {
        self.row(len, visitor)
    }

    fn deserialize_map<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
        self.read(visitor, |sampling, visitor| {
            let left = sampling.decide_length()?;
            let mut entries = Elements { sampling, left, next: None };
            let value = visitor.visit_map(&mut entries)?;
            entries.finish()?;
            Ok(value)
        })
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _name: &'static str,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Fault> {
        self.named_row(fields, visitor)
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        name: &'static str,
        variants: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Fault> {
        let forced = self.variant;
        self.read(visitor, |sampling, visitor| {
            let index = match forced {
                Some(index) => {
                    sampling.set_variant(index);
                    index
                }
                None => sampling.decide_variant(variants.len())?,
            };
            visitor.visit_enum(Variant { sampling, name, index })
        })
    }
}

/// The elements of a sequence, tuple or struct, or the entries of a map.
struct Elements<'p, 'de> {
    sampling: &'p mut Sampling<'de>,
    left: usize,
    /// Which one comes next, where each has a type of its own.
    next: Option<u32>,
}

impl<'de> Elements<'_, 'de> {
    fn next<S: DeserializeSeed<'de>>(
        &mut self,
        step: Step,
        seed: S,
    ) -> Result<Option<S::Value>, Fault> {
        if self.left == 0 {
            return Ok(None);
        }
        self.left -= 1;
        Sampler::new(self.sampling).value(step, seed).map(Some)
    }

    fn finish(self) -> Result<(), Fault> {
        match self.left {
            0 => Ok(()),
            _ => Err(Fault::new("it leaves elements of a sequence or map unread")),
        }
    }
}

impl<'de> de::SeqAccess<'de> for &mut Elements<'_, 'de> {
    type Error = Fault;

    fn next_element_seed<S: DeserializeSeed<'de>>(
        &mut self,
        seed: S,
    ) -> Result<Option<S::Value>, Fault> {
        let step = self.next.map_or(Step::Element, Step::Field);
        self.next = self.next.map(|next| next + 1);
        self.next(step, seed)
    }

    fn size_hint(&self) -> Option<usize> {
        Some(self.left)
    }
}

impl<'de> de::MapAccess<'de> for &mut Elements<'_, 'de> {
    type Error = Fault;

    fn next_key_seed<S: DeserializeSeed<'de>>(
        &mut self,
        seed: S,
    ) -> Result<Option<S::Value>, Fault> {
        self.next(Step::Key, seed)
    }

    fn next_value_seed<S: DeserializeSeed<'de>>(&mut self, seed: S) -> Result<S::Value, Fault> {
        Sampler::new(self.sampling).value(Step::Value, seed)
    }

    fn size_hint(&self) -> Option<usize> {
        Some(self.left)
    }
}

/// A variant of an enum.
struct Variant<'p, 'de> {
    sampling: &'p mut Sampling<'de>,
    /// The enum's name.
    name: &'static str,
    index: u32,
}

impl<'p, 'de> de::EnumAccess<'de> for Variant<'p, 'de> {
    type Error = Fault;
    type Variant = Sampler<'p, 'de>;

    fn variant_seed<S: DeserializeSeed<'de>>(
        self,
        seed: S,
    ) -> Result<(S::Value, Self::Variant), Fault> {
        let index = IntoDeserializer::<Fault>::into_deserializer(self.index);
        match seed.deserialize(index) {
            Ok(variant) => {
                self.sampling.memory.read_variant(self.name, self.index);
                Ok((variant, Sampler::new(self.sampling)))
            }
            Err(_) => Err(self.sampling.no_such_variant()),
        }
    }
}

impl<'de> de::VariantAccess<'de> for Sampler<'_, 'de> {
    type Error = Fault;

    fn unit_variant(self) -> Result<(), Fault> {
        Ok(())
    }

    fn newtype_variant_seed<S: DeserializeSeed<'de>>(mut self, seed: S) -> Result<S::Value, Fault> {
        self.value(Step::Contents, seed)
    }

    fn tuple_variant<V: Visitor<'de>>(self, len: usize, visitor: V) -> Result<V::Value, Fault> {
        self.row(len, visitor)
    }

    fn struct_variant<V: Visitor<'de>>(
        self,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Fault> {
        self.named_row(fields, visitor)
    }
}
