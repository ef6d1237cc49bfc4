//! What has elements or fields.

use serde::de::value::BorrowedStrDeserializer;
use serde::de::{DeserializeSeed, MapAccess, SeqAccess, Visitor};

use super::fault::{ELEMENT, Fault};
use super::source::Source;
use super::value::Value;
use crate::schema::types::{Field, TypeId};

/// Gives `visitor` the fields that were written, to a struct that has the fields `asked`.
#[inline]
pub(super) fn read_struct<'de, V: Visitor<'de>>(
    source: &mut Source<'de>,
    written: &'de [Field],
    asked: &'static [&'static str],
    visitor: V,
) -> Result<V::Value, Fault> {
    // Nobody needs the names of what is where it always was.
    if source.is_alike(written, asked) {
        Parts::new(source, written).read(visitor)
    } else {
        Fields { source, left: written.iter(), value: None }.read(visitor)
    }
}

/// A place in a tuple or a struct.
pub(super) trait Slot {
    fn ty(&self) -> TypeId;

    /// What it is called in a path.
    fn part(&self, index: usize) -> String;
}

impl Slot for TypeId {
    #[inline]
    fn ty(&self) -> TypeId {
        *self
    }

    fn part(&self, index: usize) -> String {
        index.to_string()
    }
}

impl Slot for Field {
    #[inline]
    fn ty(&self) -> TypeId {
        self.ty
    }

    fn part(&self, _index: usize) -> String {
        self.name.clone()
    }
}

/// Elements of which each has its own type.
pub(super) struct Parts<'s, 'de, S> {
    source: &'s mut Source<'de>,
    slots: &'de [S],
    next: usize,
}

impl<'s, 'de, S: Slot> Parts<'s, 'de, S> {
    #[inline]
    pub(super) fn new(source: &'s mut Source<'de>, slots: &'de [S]) -> Self {
        Parts { source, slots, next: 0 }
    }

    /// What `visitor` makes of all of them.
    #[inline]
    pub(super) fn read<V: Visitor<'de>>(mut self, visitor: V) -> Result<V::Value, Fault> {
        let value = visitor.visit_seq(&mut self)?;
        match self.slots.len() - self.next {
            0 => Ok(value),
            _ => Err(Fault::structural(format!(
                "{} elements were written, and {} are read",
                self.slots.len(),
                self.next
            ))),
        }
    }
}

impl<'de, S: Slot> SeqAccess<'de> for &mut Parts<'_, 'de, S> {
    type Error = Fault;

    #[inline]
    fn next_element_seed<T: DeserializeSeed<'de>>(
        &mut self,
        seed: T,
    ) -> Result<Option<T::Value>, Fault> {
        let Some(slot) = self.slots.get(self.next) else { return Ok(None) };
        self.next += 1;
        let ty = slot.ty();
        match self.source.one(ty, |source| seed.deserialize(Value::new(source, ty))) {
            Ok(value) => Ok(Some(value)),
            Err(fault) => Err(self.source.inside(fault, &slot.part(self.next - 1), ty)),
        }
    }

    fn size_hint(&self) -> Option<usize> {
        Some((self.slots.len() - self.next).min(self.source.remaining()))
    }
}

/// Fields, by their names.
pub(super) struct Fields<'s, 'de> {
    source: &'s mut Source<'de>,
    left: std::slice::Iter<'de, Field>,
    /// The field whose name was given, and whose value was not.
    value: Option<&'de Field>,
}

impl<'de> Fields<'_, 'de> {
    #[inline]
    fn read<V: Visitor<'de>>(mut self, visitor: V) -> Result<V::Value, Fault> {
        let value = visitor.visit_map(&mut self)?;
        match self.value.or(self.left.next()) {
            None => Ok(value),
            Some(field) => Err(unread(field)),
        }
    }
}

#[cold]
fn unread(field: &Field) -> Fault {
    Fault::structural(format!("its `Deserialize` leaves the field `{}` unread", field.name))
}

impl<'de> MapAccess<'de> for &mut Fields<'_, 'de> {
    type Error = Fault;

    #[inline]
    fn next_key_seed<T: DeserializeSeed<'de>>(
        &mut self,
        seed: T,
    ) -> Result<Option<T::Value>, Fault> {
        if let Some(field) = self.value {
            return Err(unread(field));
        }
        let Some(field) = self.left.next() else { return Ok(None) };
        self.value = Some(field);
        seed.deserialize(BorrowedStrDeserializer::new(&field.name)).map(Some)
    }

    #[inline]
    fn next_value_seed<T: DeserializeSeed<'de>>(&mut self, seed: T) -> Result<T::Value, Fault> {
        let field = self.value.take().ok_or_else(no_key)?;
        let ty = field.ty;
        match self.source.one(ty, |source| seed.deserialize(Value::new(source, ty))) {
            Ok(value) => Ok(value),
            Err(fault) => Err(self.source.inside(fault, &field.name, ty)),
        }
    }

    fn size_hint(&self) -> Option<usize> {
        Some(self.left.len().min(self.source.remaining()))
    }
}

#[cold]
fn no_key() -> Fault {
    Fault::structural("its `Deserialize` asks for a value before it asks for the key")
}

/// Elements of one type, or the entries of a map.
pub(super) struct Elements<'s, 'de> {
    source: &'s mut Source<'de>,
    /// Of the elements, or of the keys.
    first: TypeId,
    left: usize,
}

impl<'s, 'de> Elements<'s, 'de> {
    #[inline]
    pub(super) fn new(source: &'s mut Source<'de>, ty: TypeId, left: usize) -> Self {
        Elements { source, first: ty, left }
    }

    /// What `visitor` makes of all of them.
    #[inline]
    pub(super) fn read<V: Visitor<'de>>(mut self, visitor: V) -> Result<V::Value, Fault> {
        let value = visitor.visit_seq(&mut self)?;
        self.finish()?;
        Ok(value)
    }

    #[inline]
    fn element<T: DeserializeSeed<'de>>(&mut self, seed: T, ty: TypeId) -> Result<T::Value, Fault> {
        match self.source.one(ty, |source| seed.deserialize(Value::new(source, ty))) {
            Ok(value) => Ok(value),
            Err(fault) => Err(self.source.inside(fault, ELEMENT, ty)),
        }
    }

    #[inline]
    fn next<T: DeserializeSeed<'de>>(&mut self, seed: T) -> Result<Option<T::Value>, Fault> {
        if self.left == 0 {
            return Ok(None);
        }
        self.left -= 1;
        self.element(seed, self.first).map(Some)
    }

    /// Never more than there are bytes: a reader may make room for so many.
    #[inline]
    fn hint(&self) -> usize {
        self.left.min(self.source.remaining())
    }

    #[inline]
    fn finish(&self) -> Result<(), Fault> {
        match self.left {
            0 => Ok(()),
            left => Err(Fault::value(format!(
                "its `Deserialize` left {left} elements of a sequence or map unread"
            ))),
        }
    }
}

impl<'de> SeqAccess<'de> for &mut Elements<'_, 'de> {
    type Error = Fault;

    #[inline]
    fn next_element_seed<T: DeserializeSeed<'de>>(
        &mut self,
        seed: T,
    ) -> Result<Option<T::Value>, Fault> {
        self.next(seed)
    }

    #[inline]
    fn size_hint(&self) -> Option<usize> {
        Some(self.hint())
    }
}

/// The entries of a map.
pub(super) struct Entries<'s, 'de> {
    keys: Elements<'s, 'de>,
    value: TypeId,
    value_waits: bool,
}

impl<'s, 'de> Entries<'s, 'de> {
    #[inline]
    pub(super) fn new(
        source: &'s mut Source<'de>,
        (key, value): (TypeId, TypeId),
        left: usize,
    ) -> Self {
        Entries { keys: Elements::new(source, key, left), value, value_waits: false }
    }

    /// What `visitor` makes of all of them.
    #[inline]
    pub(super) fn read<V: Visitor<'de>>(mut self, visitor: V) -> Result<V::Value, Fault> {
        let value = visitor.visit_map(&mut self)?;
        if self.value_waits {
            return Err(value_unread());
        }
        self.keys.finish()?;
        Ok(value)
    }
}

#[cold]
fn value_unread() -> Fault {
    Fault::structural("its `Deserialize` leaves a map's value unread")
}

impl<'de> MapAccess<'de> for &mut Entries<'_, 'de> {
    type Error = Fault;

    #[inline]
    fn next_key_seed<T: DeserializeSeed<'de>>(
        &mut self,
        seed: T,
    ) -> Result<Option<T::Value>, Fault> {
        if self.value_waits {
            return Err(value_unread());
        }
        let key = self.keys.next(seed)?;
        self.value_waits = key.is_some();
        Ok(key)
    }

    #[inline]
    fn next_value_seed<T: DeserializeSeed<'de>>(&mut self, seed: T) -> Result<T::Value, Fault> {
        if !std::mem::take(&mut self.value_waits) {
            return Err(no_key());
        }
        self.keys.element(seed, self.value)
    }

    #[inline]
    fn size_hint(&self) -> Option<usize> {
        Some(self.keys.hint())
    }
}
