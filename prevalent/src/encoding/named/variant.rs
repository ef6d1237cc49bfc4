//! Enums: the variant of a value by its name, that of a transaction by its place.

use serde::de::value::BorrowedStrDeserializer;
use serde::de::{self, DeserializeSeed, IntoDeserializer, Visitor};

use super::super::tx::not_an_enum;
use super::compound::{Parts, read_struct};
use super::fault::{Fault, FaultKind};
use super::source::Source;
use super::value::Value;
use super::want::Want;
use crate::schema::types::{self, Type, TypeId};

/// The variant that was written, of the enum `of`.
pub(super) struct Named<'s, 'de> {
    pub(super) source: &'s mut Source<'de>,
    pub(super) of: TypeId,
    /// Its place in the enum.
    pub(super) position: usize,
    pub(super) variant: &'de types::Variant,
}

impl<'s, 'de> de::EnumAccess<'de> for Named<'s, 'de> {
    type Error = Fault;
    type Variant = Contents<'s, 'de>;

    #[inline]
    fn variant_seed<T: DeserializeSeed<'de>>(
        self,
        seed: T,
    ) -> Result<(T::Value, Contents<'s, 'de>), Fault> {
        let Named { source, of, position, variant } = self;
        match seed.deserialize(BorrowedStrDeserializer::<Fault>::new(&variant.name)) {
            Ok(value) => {
                let owner = Owner::Variant(&variant.name);
                Ok((value, Contents { source, ty: variant.contents, owner }))
            }
            Err(mut fault) => {
                if fault.kind() == FaultKind::UnknownVariant {
                    fault.set_variant(of, position);
                }
                Err(fault)
            }
        }
    }
}

/// What was written for a variant, behind what tells which one it is.
pub(super) struct Contents<'s, 'de> {
    source: &'s mut Source<'de>,
    ty: TypeId,
    owner: Owner<'de>,
}

/// Whose contents they are.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Owner<'de> {
    /// The variant of this name.
    Variant(&'de str),
    /// The transaction: having no arguments is like having a struct of none.
    Transaction,
}

impl<'de> Contents<'_, 'de> {
    #[inline]
    fn look(&mut self) -> &'de Type {
        self.source.touch();
        let types = self.source.types;
        types.get(types.behind_newtypes(self.ty))
    }

    #[inline]
    fn read<R>(
        self,
        want: Want,
        read: impl FnOnce(&mut Source<'de>) -> Result<R, Fault>,
    ) -> Result<R, Fault> {
        let Contents { source, ty, owner } = self;
        match source.enter().and_then(|()| read(source)) {
            Ok(value) => Ok(value),
            Err(fault) => {
                let fault = source.locate(fault, ty, Some(want));
                Err(owner.outside(source, fault, ty))
            }
        }
    }

    #[cold]
    fn refuse(self, want: Want) -> Fault {
        let Contents { source, ty, owner } = self;
        let fault = Value::new(source, ty).refuse(want);
        owner.outside(source, fault, ty)
    }
}

impl Owner<'_> {
    #[cold]
    fn outside(self, source: &mut Source<'_>, fault: Fault, ty: TypeId) -> Fault {
        match self {
            Owner::Variant(name) => source.inside(fault, name, ty),
            Owner::Transaction => fault,
        }
    }
}

impl<'de> de::VariantAccess<'de> for Contents<'_, 'de> {
    type Error = Fault;

    #[inline]
    fn unit_variant(mut self) -> Result<(), Fault> {
        let want = Want::UnitVariant;
        match (self.look(), self.owner) {
            (Type::Unit, _) => Ok(()),
            (Type::Struct { .. }, Owner::Transaction) => {
                let ty = self.ty;
                self.read(want, |source| source.skip(ty))
            }
            _ => Err(self.refuse(want)),
        }
    }

    #[inline]
    fn newtype_variant_seed<T: DeserializeSeed<'de>>(self, seed: T) -> Result<T::Value, Fault> {
        let Contents { source, ty, owner } = self;
        match source.one(ty, |source| seed.deserialize(Value::new(source, ty))) {
            Ok(value) => Ok(value),
            Err(fault) => {
                let fault = source.locate_read(fault, ty, None);
                Err(owner.outside(source, fault, ty))
            }
        }
    }

    #[inline]
    fn tuple_variant<V: Visitor<'de>>(mut self, len: usize, visitor: V) -> Result<V::Value, Fault> {
        let want = Want::TupleVariant(len);
        match self.look() {
            Type::Tuple { elements, .. } => {
                self.read(want, |source| Parts::new(source, elements).read(visitor))
            }
            _ => Err(self.refuse(want)),
        }
    }

    #[inline]
    fn struct_variant<V: Visitor<'de>>(
        mut self,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Fault> {
        let want = Want::StructVariant(fields);
        let written: &'de [types::Field] = match (self.look(), self.owner) {
            (Type::Struct { fields, .. }, _) => fields,
            (Type::Unit, Owner::Transaction) => &[],
            _ => return Err(self.refuse(want)),
        };
        self.read(want, |source| read_struct(source, written, fields, visitor))
    }
}

/// Gives an enum the variant that was kept apart, with arguments that were written as `ty`.
pub(super) struct Transaction<'s, 'de> {
    variant: usize,
    source: &'s mut Source<'de>,
    ty: TypeId,
}

impl<'s, 'de> Transaction<'s, 'de> {
    pub(super) fn new(variant: usize, source: &'s mut Source<'de>, ty: TypeId) -> Self {
        Transaction { variant, source, ty }
    }
}

impl<'de> de::Deserializer<'de> for Transaction<'_, 'de> {
    type Error = Fault;

    fn is_human_readable(&self) -> bool {
        false
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        name: &'static str,
        _variants: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Fault> {
        let Transaction { variant, source, ty } = self;
        let index = u32::try_from(variant)
            .map_err(|_| Fault::structural(format!("no enum has a variant {variant}")))?;
        match source.one(ty, |source| visitor.visit_enum(Placed { index, source, ty })) {
            Ok(value) => Ok(value),
            Err(fault) => Err(source.locate(fault, ty, Some(Want::Enum(name)))),
        }
    }

    fn deserialize_any<V: Visitor<'de>>(self, _visitor: V) -> Result<V::Value, Fault> {
        Err(Fault::structural(not_an_enum().to_string()))
    }

    serde::forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf option
        unit unit_struct newtype_struct seq tuple tuple_struct map struct identifier ignored_any
    }
}

/// The variant at a place in today's enum.
struct Placed<'s, 'de> {
    index: u32,
    source: &'s mut Source<'de>,
    ty: TypeId,
}

impl<'s, 'de> de::EnumAccess<'de> for Placed<'s, 'de> {
    type Error = Fault;
    type Variant = Contents<'s, 'de>;

    fn variant_seed<T: DeserializeSeed<'de>>(
        self,
        seed: T,
    ) -> Result<(T::Value, Contents<'s, 'de>), Fault> {
        let Placed { index, source, ty } = self;
        let variant = seed.deserialize(index.into_deserializer())?;
        Ok((variant, Contents { source, ty, owner: Owner::Transaction }))
    }
}
