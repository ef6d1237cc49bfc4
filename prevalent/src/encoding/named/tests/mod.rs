//! Reading by names.

mod accepted;
mod changes;
mod cost;
mod dynamic;
mod hostile;
mod refused;

use std::fmt::Debug;

use serde::Serialize;
use serde::de::DeserializeOwned;

use super::{DecodeFault, FaultKind, decode_arguments_as, decode_tx_as, decode_value_as};
use crate::encoding::encode_value;
use crate::schema::types::{Field, Scalar, Type, TypeId, Types, Variant};

/// Types that are built one after the other; the last one is the whole.
#[derive(Default)]
struct Graph(Types);

impl Graph {
    fn scalar(&mut self, scalar: Scalar) -> TypeId {
        self.0.add(Type::Scalar(scalar))
    }

    fn string(&mut self) -> TypeId {
        self.0.add(Type::String)
    }

    fn unit(&mut self) -> TypeId {
        self.0.add(Type::Unit)
    }

    fn option(&mut self, inner: TypeId) -> TypeId {
        self.0.add(Type::Option(inner))
    }

    fn seq(&mut self, inner: TypeId) -> TypeId {
        self.0.add(Type::Seq(inner))
    }

    fn map(&mut self, key: TypeId, value: TypeId) -> TypeId {
        self.0.add(Type::Map { key, value })
    }

    fn newtype(&mut self, name: &str, inner: TypeId) -> TypeId {
        self.0.add(Type::Newtype { name: name.into(), inner })
    }

    fn tuple(&mut self, elements: &[TypeId]) -> TypeId {
        self.0.add(Type::Tuple { name: String::new(), elements: elements.to_vec() })
    }

    fn fields(&mut self, name: &str, fields: &[(&str, TypeId)]) -> TypeId {
        let fields =
            fields.iter().map(|(name, ty)| Field { name: (*name).into(), ty: *ty }).collect();
        self.0.add(Type::Struct { name: name.into(), fields })
    }

    fn variants(&mut self, name: &str, variants: &[(&str, TypeId)]) -> TypeId {
        let variants = (0..).zip(variants).map(|(index, (name, contents))| Variant {
            index,
            name: (*name).into(),
            contents: *contents,
        });
        let variants = variants.collect();
        self.0.add(Type::Enum { name: name.into(), variants })
    }
}

/// What `build` makes a type of.
fn graph(build: impl FnOnce(&mut Graph) -> TypeId) -> (Types, TypeId) {
    let mut graph = Graph::default();
    let ty = build(&mut graph);
    (graph.0, ty)
}

fn encoded<T: Serialize>(value: &T) -> Vec<u8> {
    let mut bytes = Vec::new();
    encode_value(value, &mut bytes, None).unwrap();
    bytes
}

fn read<T: DeserializeOwned>(
    (types, ty): &(Types, TypeId),
    value: &impl Serialize,
) -> Result<T, DecodeFault> {
    decode_value_as(types, *ty, &encoded(value))
}

#[track_caller]
fn refusal<T: DeserializeOwned + Debug>(
    stored: &(Types, TypeId),
    value: &impl Serialize,
) -> DecodeFault {
    read::<T>(stored, value).unwrap_err()
}

/// The message of what the types decide.
#[track_caller]
fn structural<T: DeserializeOwned + Debug>(
    stored: &(Types, TypeId),
    value: &impl Serialize,
) -> String {
    let fault = refusal::<T>(stored, value);
    assert_eq!(fault.kind, FaultKind::Structural, "{fault}");
    fault.to_string()
}
