//! Types as JSON.
//!
//! A type is a text where it has nothing in it (`"u64"`, `"String"`) or a line of its own (`"#Item"`), else an object
//! (`{"option": …}`). Those with lines of their own are the entries of one object, by their names.

use std::collections::{BTreeMap, HashMap, HashSet};

use super::tree::Tree;
use crate::schema::names::Names;
use crate::schema::types::{Field, Scalar, Type, TypeId, Types, Variant};

const LEAVES: [(&str, Type); 19] = [
    ("bool", Type::Scalar(Scalar::Bool)),
    ("i8", Type::Scalar(Scalar::I8)),
    ("i16", Type::Scalar(Scalar::I16)),
    ("i32", Type::Scalar(Scalar::I32)),
    ("i64", Type::Scalar(Scalar::I64)),
    ("i128", Type::Scalar(Scalar::I128)),
    ("u8", Type::Scalar(Scalar::U8)),
    ("u16", Type::Scalar(Scalar::U16)),
    ("u32", Type::Scalar(Scalar::U32)),
    ("u64", Type::Scalar(Scalar::U64)),
    ("u128", Type::Scalar(Scalar::U128)),
    ("f32", Type::Scalar(Scalar::F32)),
    ("f64", Type::Scalar(Scalar::F64)),
    ("char", Type::Scalar(Scalar::Char)),
    ("String", Type::String),
    ("bytes", Type::Bytes),
    ("()", Type::Unit),
    ("opaque", Type::Opaque),
    ("!", Type::Never),
];

/// Shows types.
pub(crate) struct Writer<'a> {
    pub(crate) types: &'a Types,
    pub(crate) names: &'a Names<'a>,
}

impl Writer<'_> {
    /// A type where it is used; `place` is the name that it has there if it has no other.
    pub(crate) fn used(&self, ty: TypeId, place: &str) -> Tree {
        match self.names.get(ty) {
            Some(name) => Tree::Text(format!("#{name}")),
            None => self.written_out(ty, place),
        }
    }

    /// The types that have lines of their own.
    pub(crate) fn lines(&self) -> impl Iterator<Item = (&str, Tree)> {
        self.names.lines().map(|(name, ty)| (name, self.written_out(ty, name)))
    }

    fn written_out(&self, ty: TypeId, place: &str) -> Tree {
        let ty = self.types.get(ty);
        if let Some((text, _)) = LEAVES.iter().find(|(_, leaf)| leaf == ty) {
            return Tree::text(text);
        }
        let all =
            |parts: &[TypeId]| Tree::List(parts.iter().map(|part| self.used(*part, "")).collect());
        // An unnamed tuple is the usual one, in whatever place.
        let (name, usual, kind, inside) = match ty {
            Type::Option(inner) => ("", "", "option", self.used(*inner, "")),
            Type::Seq(inner) => ("", "", "seq", self.used(*inner, "")),
            Type::Map { key, value } => ("", "", "map", all(&[*key, *value])),
            Type::Tuple { name, elements } => (name.as_str(), "", "tuple", all(elements)),
            Type::Struct { name, fields } => {
                let field = |field: &Field| (field.name.clone(), self.used(field.ty, ""));
                let fields = fields.iter().map(field).collect();
                (name.as_str(), place, "struct", Tree::Object(fields))
            }
            Type::Newtype { name, inner } => {
                (name.as_str(), place, "newtype", self.used(*inner, ""))
            }
            Type::Enum { name, variants } => {
                (name.as_str(), place, "enum", self.variants(variants))
            }
            Type::Untraced { name } => ("", "", "untraced", Tree::text(name)),
            _ => ("", "", "none", Tree::Bool(true)),
        };
        let mut object = Vec::new();
        if name != usual {
            object.push(("name".to_owned(), Tree::text(name)));
        }
        object.push((kind.to_owned(), inside));
        Tree::Object(object)
    }

    fn variants(&self, variants: &[Variant]) -> Tree {
        let mut expected = 0_u32;
        let variants = variants.iter().map(|variant| {
            let contents = self.used(variant.contents, &variant.name);
            let is_next = variant.index == expected;
            expected = variant.index.wrapping_add(1);
            let tree = if is_next {
                contents
            } else {
                let index = Tree::Number(variant.index.into());
                Tree::Object(vec![("index".to_owned(), index), ("is".to_owned(), contents)])
            };
            (variant.name.clone(), tree)
        });
        Tree::Object(variants.collect())
    }
}

/// Reads types.
#[derive(Default)]
pub(crate) struct Reader {
    types: Vec<Type>,
    /// Those with lines of their own, and whether the line has come.
    lines: HashMap<String, (TypeId, bool)>,
    leaves: BTreeMap<&'static str, TypeId>,
}

impl Reader {
    /// A type where it is used.
    pub(crate) fn used(&mut self, tree: &Tree, place: &str) -> Result<TypeId, String> {
        if let Some(text) = tree.as_text() {
            if let Some(name) = text.strip_prefix('#') {
                return Ok(self.line_of(name));
            }
            let leaf = LEAVES.iter().find(|(name, _)| *name == text);
            let (name, leaf) = leaf.ok_or_else(|| format!("there is no type `{text}`"))?;
            if let Some(known) = self.leaves.get(name) {
                return Ok(*known);
            }
            let id = self.add(leaf.clone());
            self.leaves.insert(name, id);
            return Ok(id);
        }
        let ty = self.written_out(tree, place)?;
        Ok(self.add(ty))
    }

    /// The line of a type.
    pub(crate) fn line(&mut self, name: &str, tree: &Tree) -> Result<(), String> {
        let id = self.line_of(name);
        let in_line = |what: String| format!("in the type `{name}`: {what}");
        let ty = match tree.as_text() {
            Some(text) if text.starts_with('#') => {
                return Err(in_line("a type is not just another one".to_owned()));
            }
            Some(_) => {
                let leaf = self.used(tree, name).map_err(in_line)?;
                self.types.get(leaf.0 as usize).cloned().unwrap_or(Type::Never)
            }
            None => self.written_out(tree, name).map_err(in_line)?,
        };
        if let Some((_, has_come)) = self.lines.get_mut(name)
            && std::mem::replace(has_come, true)
        {
            return Err(format!("the type `{name}` is there twice"));
        }
        if let Some(place) = self.types.get_mut(id.0 as usize) {
            *place = ty;
        }
        Ok(())
    }

    /// All of them; whether they are sound is known now.
    pub(crate) fn finish(self) -> Result<Types, String> {
        let mut missing: Vec<_> = self
            .lines
            .iter()
            .filter(|(_, (_, has_come))| !has_come)
            .map(|(name, _)| name)
            .collect();
        missing.sort();
        if let Some(name) = missing.first() {
            return Err(format!("the type `{name}` is not there"));
        }
        let mut types = Types::default();
        types.extend(self.types).map_err(|error| error.to_string())?;
        Ok(types)
    }

    fn line_of(&mut self, name: &str) -> TypeId {
        if let Some((id, _)) = self.lines.get(name) {
            return *id;
        }
        let id = self.add(Type::Never);
        self.lines.insert(name.to_owned(), (id, false));
        id
    }

    fn add(&mut self, ty: Type) -> TypeId {
        self.types.push(ty);
        TypeId(u32::try_from(self.types.len() - 1).unwrap_or(u32::MAX))
    }

    fn written_out(&mut self, tree: &Tree, place: &str) -> Result<Type, String> {
        let unfit = || format!("`{tree}` is no type");
        let Tree::Object(entries) = tree else { return Err(unfit()) };
        let (name, kind, inside) = match entries.as_slice() {
            [(kind, inside)] => (None, kind.as_str(), inside),
            [(key, name), (kind, inside)] | [(kind, inside), (key, name)] if key == "name" => {
                (Some(name.as_text().ok_or_else(unfit)?.to_owned()), kind.as_str(), inside)
            }
            _ => return Err(unfit()),
        };
        let here = || name.clone().unwrap_or_else(|| place.to_owned());
        Ok(match (kind, inside) {
            ("option", inner) => Type::Option(self.used(inner, "")?),
            ("seq", inner) => Type::Seq(self.used(inner, "")?),
            ("map", Tree::List(parts)) => match parts.as_slice() {
                [key, value] => {
                    Type::Map { key: self.used(key, "")?, value: self.used(value, "")? }
                }
                _ => return Err(unfit()),
            },
            ("tuple", Tree::List(parts)) => {
                let elements: Result<_, _> = parts.iter().map(|part| self.used(part, "")).collect();
                Type::Tuple { name: name.unwrap_or_default(), elements: elements? }
            }
            ("struct", Tree::Object(fields)) => {
                let field = |(name, ty): &(String, Tree)| {
                    Ok(Field { name: name.clone(), ty: self.used(ty, "")? })
                };
                let fields: Result<Vec<_>, String> = fields.iter().map(field).collect();
                let fields = fields?;
                expect_once("field", fields.iter().map(|field| field.name.as_str()))?;
                Type::Struct { name: here(), fields }
            }
            ("newtype", inner) => Type::Newtype { name: here(), inner: self.used(inner, "")? },
            ("enum", Tree::Object(variants)) => {
                Type::Enum { name: here(), variants: self.variants(variants)? }
            }
            ("untraced", Tree::Text(name)) => Type::Untraced { name: name.clone() },
            _ => return Err(unfit()),
        })
    }

    fn variants(&mut self, all: &[(String, Tree)]) -> Result<Vec<Variant>, String> {
        let mut next = Some(0_u32);
        let mut variants = Vec::new();
        for (name, tree) in all {
            let (index, contents) = match tree {
                Tree::Object(entries) => match entries.as_slice() {
                    [(index, Tree::Number(number)), (is, contents)]
                    | [(is, contents), (index, Tree::Number(number))]
                        if index == "index" && is == "is" =>
                    {
                        (u32::try_from(*number).ok(), contents)
                    }
                    _ => (next, tree),
                },
                _ => (next, tree),
            };
            let index = index.ok_or_else(|| format!("the variant `{name}` has no index"))?;
            next = index.checked_add(1);
            let contents = self.used(contents, name)?;
            variants.push(Variant { index, name: name.clone(), contents });
        }
        expect_once("variant", variants.iter().map(|variant| variant.name.as_str()))?;
        let mut indices: Vec<_> = variants.iter().map(|variant| variant.index).collect();
        indices.sort_unstable();
        match indices.windows(2).find(|pair| pair[0] == pair[1]) {
            Some(pair) => Err(format!("two variants have the index {}", pair[0])),
            None => Ok(variants),
        }
    }
}

/// What is found by name must have one of its own.
fn expect_once<'a>(what: &str, names: impl Iterator<Item = &'a str>) -> Result<(), String> {
    let mut known = HashSet::new();
    for name in names {
        if !known.insert(name) {
            return Err(format!("the {what} `{name}` is there twice"));
        }
    }
    Ok(())
}
