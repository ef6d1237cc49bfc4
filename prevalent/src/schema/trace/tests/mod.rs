//! What is traced of types of all kinds.

mod attributes;
mod crates;
mod failures;
mod models;
mod properties;
mod recursion;
mod standard;
mod validation;

use serde::Serialize;
use serde::de::DeserializeOwned;

use super::super::types::{Type, TypeId, Types};
use super::trace_type;

/// What is traced of a `T`, in full.
#[track_caller]
fn traced<T: Serialize + DeserializeOwned>() -> String {
    traced_with::<T>(&[])
}

fn traced_with<T: Serialize + DeserializeOwned>(samples: &[&str]) -> String {
    let mut types = Types::default();
    let ty = trace_type::<T>(&mut types, samples);
    shown(&types, ty)
}

/// A type with all that is inside; what it is inside of itself is told by its name.
fn shown(types: &Types, ty: TypeId) -> String {
    show(types, ty, &mut Vec::new())
}

fn show(types: &Types, id: TypeId, around: &mut Vec<TypeId>) -> String {
    if around.contains(&id) {
        return format!("^{}", around.iter().rev().position(|outer| *outer == id).unwrap());
    }
    around.push(id);
    let mut inside = |id: &TypeId| show(types, *id, around);
    let text = match types.get(id) {
        Type::Scalar(scalar) => scalar.to_string(),
        Type::String => "str".to_owned(),
        Type::Bytes => "bytes".to_owned(),
        Type::Unit => "()".to_owned(),
        Type::Opaque => "opaque".to_owned(),
        Type::Never => "!".to_owned(),
        Type::Untraced { name } => format!("untraced: {name}"),
        Type::Option(inner) => format!("{}?", inside(inner)),
        Type::Seq(inner) => format!("[{}]", inside(inner)),
        Type::Map { key, value } => format!("{{{}: {}}}", inside(key), inside(value)),
        Type::Newtype { name, inner } => format!("{name}={}", inside(inner)),
        Type::Tuple { name, elements } => {
            let elements: Vec<_> = elements.iter().map(inside).collect();
            format!("{name}({})", elements.join(", "))
        }
        Type::Struct { name, fields } => {
            let fields =
                fields.iter().map(|field| format!("{}: {}", field.name, inside(&field.ty)));
            format!("{name} {{{}}}", fields.collect::<Vec<_>>().join(", "))
        }
        Type::Enum { name, variants } => {
            let variants = variants.iter().map(|variant| {
                format!("{} {} {}", variant.index, variant.name, inside(&variant.contents))
            });
            format!("{name} <{}>", variants.collect::<Vec<_>>().join(" | "))
        }
    };
    around.pop();
    text
}
