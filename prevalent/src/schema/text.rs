//! Types as lines of text, for a schema that people read.

use std::fmt::Write as _;

use super::names::Names;
use super::types::{Field, Type, TypeId, Types, Variant};

/// Writes types, those with lines of their own by their names.
pub(super) struct Text<'a> {
    pub(super) types: &'a Types,
    pub(super) names: &'a Names<'a>,
}

impl Text<'_> {
    /// A type where it is used.
    pub(super) fn used(&self, ty: TypeId) -> String {
        match self.names.get(ty) {
            Some(name) => name.to_owned(),
            None => self.written_out(ty),
        }
    }

    /// The arguments of a transaction, as a parameter list.
    pub(super) fn arguments(&self, ty: TypeId) -> String {
        match (self.names.get(ty), self.types.get(ty)) {
            (None, Type::Struct { fields, .. }) => format!("({})", self.fields(fields)),
            (None, Type::Tuple { elements, .. }) => format!("({})", self.list(elements)),
            (None, Type::Unit) => "()".to_owned(),
            _ => format!("({})", self.used(ty)),
        }
    }

    /// The line of a type that has one.
    pub(super) fn line(&self, name: &str, ty: TypeId) -> String {
        match self.types.get(ty) {
            Type::Struct { fields, .. } => format!("struct {name} {}", self.braces(fields)),
            Type::Tuple { name: given, elements } if !given.is_empty() => {
                format!("struct {name}({})", self.list(elements))
            }
            Type::Newtype { inner, .. } => format!("struct {name}({})", self.used(*inner)),
            Type::Enum { variants, .. } => {
                let mut line = format!("enum {name} {{");
                let mut expected = 0;
                for (index, variant) in variants.iter().enumerate() {
                    line.push_str(if index == 0 { " " } else { ", " });
                    line.push_str(&self.variant(variant));
                    if variant.index != expected {
                        let _ = write!(line, " = {}", variant.index);
                    }
                    expected = variant.index.wrapping_add(1);
                }
                line.push_str(if variants.is_empty() { "}" } else { " }" });
                line
            }
            _ => format!("type {name} = {}", self.written_out(ty)),
        }
    }

    fn written_out(&self, ty: TypeId) -> String {
        match self.types.get(ty) {
            Type::Option(inner) => format!("Option<{}>", self.used(*inner)),
            Type::Seq(inner) => format!("Vec<{}>", self.used(*inner)),
            Type::Map { key, value } => format!("Map<{}, {}>", self.used(*key), self.used(*value)),
            Type::Tuple { name, elements } => match elements.as_slice() {
                [first, second, ..]
                    if name.is_empty()
                        && elements.len() > 4
                        && elements.iter().all(|element| element == first)
                        && first == second =>
                {
                    format!("[{}; {}]", self.used(*first), elements.len())
                }
                [only] if name.is_empty() => format!("({},)", self.used(*only)),
                _ => format!("{name}({})", self.list(elements)),
            },
            Type::Struct { name, fields } => format!("{name} {}", self.braces(fields)),
            Type::Untraced { name } => format!("{name} (of which nothing more is known)"),
            // The others have nothing in them, or lines of their own.
            _ => self.types.describe(ty),
        }
    }

    fn variant(&self, variant: &Variant) -> String {
        let name = &variant.name;
        match (self.names.get(variant.contents), self.types.get(variant.contents)) {
            (None, Type::Unit) => name.clone(),
            (None, Type::Struct { fields, .. }) => format!("{name} {}", self.braces(fields)),
            (None, Type::Tuple { elements, .. }) => format!("{name}({})", self.list(elements)),
            _ => format!("{name}({})", self.used(variant.contents)),
        }
    }

    fn braces(&self, fields: &[Field]) -> String {
        if fields.is_empty() { "{}".to_owned() } else { format!("{{ {} }}", self.fields(fields)) }
    }

    fn fields(&self, fields: &[Field]) -> String {
        let one = |field: &Field| format!("{}: {}", field.name, self.used(field.ty));
        fields.iter().map(one).collect::<Vec<_>>().join(", ")
    }

    fn list(&self, elements: &[TypeId]) -> String {
        elements.iter().map(|element| self.used(*element)).collect::<Vec<_>>().join(", ")
    }
}
