//! Types as serde writes them: a graph, so that recursive types are finite.

use std::collections::HashMap;

use crate::format::{NAMES_BYTES_MAX, PARTS_MAX, TYPES_MAX};

/// The place of a type in its [`Types`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct TypeId(pub(crate) u32);

/// Types that refer to each other. An id is always one of a type that is there.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Types {
    all: Vec<Type>,
    extent: Extent,
}

/// How much types there are, besides their number: what a file limits.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Extent {
    /// Elements, fields and variants.
    parts: usize,
    names_bytes: usize,
}

impl Extent {
    fn of(ty: &Type) -> Self {
        let (parts, names_bytes) = match ty {
            Type::Scalar(_)
            | Type::String
            | Type::Bytes
            | Type::Unit
            | Type::Option(_)
            | Type::Seq(_)
            | Type::Map { .. }
            | Type::Opaque
            | Type::Never => (0, 0),
            Type::Newtype { name, .. } | Type::Untraced { name } => (0, name.len()),
            Type::Tuple { name, elements } => (elements.len(), name.len()),
            Type::Struct { name, fields } => {
                let names: usize = fields.iter().map(|field| field.name.len()).sum();
                (fields.len(), name.len() + names)
            }
            Type::Enum { name, variants } => {
                let names: usize = variants.iter().map(|variant| variant.name.len()).sum();
                (variants.len(), name.len() + names)
            }
        };
        Extent { parts, names_bytes }
    }

    fn add(&mut self, ty: &Type) {
        let Extent { parts, names_bytes } = Extent::of(ty);
        self.parts += parts;
        self.names_bytes += names_bytes;
    }

    fn remove(&mut self, ty: &Type) {
        let Extent { parts, names_bytes } = Extent::of(ty);
        self.parts -= parts;
        self.names_bytes -= names_bytes;
    }
}

/// Why types that were read are none.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum TypesError {
    #[error("there are more types, or longer ones, than a file may hold")]
    TooMany,
    #[error("a type refers to one that is not there")]
    Dangling,
    #[error("a type contains itself, and nothing is between")]
    Endless,
}

/// What serde writes, and postcard encodes, for a value.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Type {
    Scalar(Scalar),
    String,
    Bytes,
    /// `()` or a unit struct: no bytes.
    Unit,
    Option(TypeId),
    /// A length, then so many of these.
    Seq(TypeId),
    /// A length, then so many pairs.
    Map {
        key: TypeId,
        value: TypeId,
    },
    /// One behind the other: a tuple, an array, a tuple struct, a variant's tuple. The name is empty where there is none.
    Tuple {
        name: String,
        elements: Vec<TypeId>,
    },
    /// The fields one behind the other: a struct, or the fields of a variant (then the name is the variant's).
    Struct {
        name: String,
        fields: Vec<Field>,
    },
    /// Encoded like what is inside.
    Newtype {
        name: String,
        inner: TypeId,
    },
    Enum {
        name: String,
        variants: Vec<Variant>,
    },
    /// Bytes (with their length before them) whose meaning is the user's business: `prevalent::opaque`.
    Opaque,
    /// Of this nothing is known but that its values go on to the end of what is encoded; so it stands for a whole model
    /// or a whole transaction only. The name tells one such type from another.
    Untraced {
        name: String,
    },
    /// No value of it can be made: the contents of an empty enum, of a variant that is never written.
    Never,
}

/// Numbers and what is like them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) enum Scalar {
    Bool,
    I8,
    I16,
    I32,
    I64,
    I128,
    U8,
    U16,
    U32,
    U64,
    U128,
    F32,
    F64,
    Char,
}

/// A field of a struct, under the name that is written.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Field {
    pub(crate) name: String,
    pub(crate) ty: TypeId,
}

/// A variant of an enum, in the order of the indices.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Variant {
    /// What is written for it.
    pub(crate) index: u32,
    pub(crate) name: String,
    /// [`Type::Unit`] where it has none; the type inside, for a newtype variant; else a tuple or a struct.
    pub(crate) contents: TypeId,
}

impl Types {
    /// Adds a type. What it refers to may be added later, but before anything looks it up.
    pub(crate) fn add(&mut self, ty: Type) -> TypeId {
        let id = TypeId(u32::try_from(self.all.len()).unwrap_or(u32::MAX));
        self.extent.add(&ty);
        self.all.push(ty);
        id
    }

    /// Puts another type in the place of one that was added before what it refers to was known.
    pub(crate) fn replace(&mut self, id: TypeId, ty: Type) {
        if let Some(place) = self.all.get_mut(id.0 as usize) {
            self.extent.add(&ty);
            self.extent.remove(place);
            *place = ty;
        }
    }

    pub(crate) fn get(&self, id: TypeId) -> &Type {
        self.all.get(id.0 as usize).unwrap_or(&Type::Never)
    }

    pub(crate) fn len(&self) -> usize {
        self.all.len()
    }

    pub(crate) fn all(&self) -> &[Type] {
        &self.all
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = &Type> {
        self.all.iter()
    }

    /// Copies a type of `other` with all that it reaches. `copied` has the ids of what was copied before.
    pub(crate) fn copy(
        &mut self,
        other: &Types,
        id: TypeId,
        copied: &mut HashMap<TypeId, TypeId>,
    ) -> TypeId {
        let mut waiting = Vec::new();
        let mut place = |types: &mut Types, id: TypeId, waiting: &mut Vec<TypeId>| {
            *copied.entry(id).or_insert_with(|| {
                waiting.push(id);
                types.add(Type::Never)
            })
        };
        let top = place(self, id, &mut waiting);
        while let Some(id) = waiting.pop() {
            let mut ty = other.get(id).clone();
            for part in ty.parts_mut() {
                *part = place(self, *part, &mut waiting);
            }
            let to = place(self, id, &mut waiting);
            self.replace(to, ty);
        }
        top
    }

    /// Forgets all types but so many.
    pub(crate) fn truncate(&mut self, len: usize) {
        for ty in self.all.get(len..).unwrap_or_default() {
            self.extent.remove(ty);
        }
        self.all.truncate(len);
    }

    /// Whether a file may hold so many of them: a reader refuses more.
    pub(crate) fn fit_in_a_file(&self) -> bool {
        self.all.len() <= TYPES_MAX
            && self.extent.parts <= PARTS_MAX
            && self.extent.names_bytes <= NAMES_BYTES_MAX
    }

    /// Adds types that were read from a file. They may refer to each other and to those that are there.
    ///
    /// # Errors
    ///
    /// Where they are more than a file may hold; or where one refers to none of them, or contains itself without an option, a
    /// sequence, a map or an enum between: there is no such type.
    pub(crate) fn extend(&mut self, types: Vec<Type>) -> Result<(), TypesError> {
        let first = self.all.len();
        for ty in &types {
            self.extent.add(ty);
        }
        self.all.extend(types);
        let count = self.all.len();
        let exists = |id: &TypeId| (id.0 as usize) < count;
        let error = if !self.fit_in_a_file() {
            TypesError::TooMany
        } else if !self.all[first..].iter().all(|ty| ty.parts().iter().all(exists)) {
            TypesError::Dangling
        } else if !self.is_finite_from(first) {
            TypesError::Endless
        } else {
            return Ok(());
        };
        self.truncate(first);
        Err(error)
    }

    /// Whether no type contains itself without a byte of its own before. Those before `first` are known not to, and refer
    /// to none behind them.
    fn is_finite_from(&self, first: usize) -> bool {
        /// How far the search has come with a type.
        #[derive(Clone, Copy, PartialEq)]
        enum Mark {
            New,
            Open,
            Done,
        }
        let inline = |id: usize| match &self.all[id] {
            ty @ (Type::Tuple { .. } | Type::Struct { .. } | Type::Newtype { .. }) => ty.parts(),
            _ => Vec::new(),
        };
        let mut marks = vec![Mark::New; self.all.len() - first];
        for start in first..self.all.len() {
            let mut path = vec![(start, inline(start))];
            while let Some((id, parts)) = path.last_mut() {
                marks[*id - first] = Mark::Open;
                match parts.pop().map(|part| part.0 as usize) {
                    None => {
                        marks[*id - first] = Mark::Done;
                        path.pop();
                    }
                    Some(part) if part < first => {}
                    Some(part) => match marks[part - first] {
                        Mark::Open => return false,
                        Mark::Done => {}
                        Mark::New => path.push((part, inline(part))),
                    },
                }
            }
        }
        true
    }

    /// The type behind newtypes: what is encoded.
    pub(crate) fn behind_newtypes(&self, mut id: TypeId) -> TypeId {
        // A newtype of itself can't have a value; it must not be gone through for ever.
        for _ in 0..=self.all.len() {
            match self.get(id) {
                Type::Newtype { inner, .. } => id = *inner,
                _ => break,
            }
        }
        id
    }
}

impl Type {
    /// [`parts`](Type::parts), to be changed.
    pub(super) fn parts_mut(&mut self) -> Vec<&mut TypeId> {
        match self {
            Type::Scalar(_)
            | Type::String
            | Type::Bytes
            | Type::Unit
            | Type::Opaque
            | Type::Untraced { .. }
            | Type::Never => Vec::new(),
            Type::Option(inner) | Type::Seq(inner) | Type::Newtype { inner, .. } => vec![inner],
            Type::Map { key, value } => vec![key, value],
            Type::Tuple { elements, .. } => elements.iter_mut().collect(),
            Type::Struct { fields, .. } => fields.iter_mut().map(|field| &mut field.ty).collect(),
            Type::Enum { variants, .. } => {
                variants.iter_mut().map(|variant| &mut variant.contents).collect()
            }
        }
    }

    /// The same, with others in the place of the types that it refers to.
    pub(crate) fn with_parts(&self, other: impl Fn(TypeId) -> TypeId) -> Type {
        let mut ty = self.clone();
        for part in ty.parts_mut() {
            *part = other(*part);
        }
        ty
    }

    /// The types that it refers to.
    pub(crate) fn parts(&self) -> Vec<TypeId> {
        match self {
            Type::Scalar(_)
            | Type::String
            | Type::Bytes
            | Type::Unit
            | Type::Opaque
            | Type::Untraced { .. }
            | Type::Never => Vec::new(),
            Type::Option(inner) | Type::Seq(inner) | Type::Newtype { inner, .. } => vec![*inner],
            Type::Map { key, value } => vec![*key, *value],
            Type::Tuple { elements, .. } => elements.clone(),
            Type::Struct { fields, .. } => fields.iter().map(|field| field.ty).collect(),
            Type::Enum { variants, .. } => {
                variants.iter().map(|variant| variant.contents).collect()
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_refers_to_nothing_or_contains_itself_is_no_type() {
        let newtype = |inner| Type::Newtype { name: String::new(), inner: TypeId(inner) };
        let mut types = Types::default();
        assert_eq!(types.extend(vec![Type::Unit]), Ok(()));
        assert_eq!(types.extend(vec![Type::Option(TypeId(2))]), Err(TypesError::Dangling));
        assert_eq!(types.extend(vec![newtype(1)]), Err(TypesError::Endless));
        let pair = Type::Tuple { name: String::new(), elements: vec![TypeId(0), TypeId(2)] };
        assert_eq!(types.extend(vec![pair, newtype(1)]), Err(TypesError::Endless));
        assert_eq!(types.extend(vec![newtype(2), Type::Option(TypeId(1))]), Ok(()));
        assert_eq!(types.len(), 3);
    }

    #[test]
    fn types_that_come_one_by_one_are_each_looked_at_once() {
        let mut types = Types::default();
        // It would take minutes to go through all of them each time.
        for number in 0..60_000 {
            assert_eq!(types.extend(vec![Type::Option(TypeId(number))]), Ok(()));
        }
        let inside = |inner| Type::Newtype { name: String::new(), inner: TypeId(inner) };
        let endless = vec![inside(7), inside(60_002), inside(60_001)];
        assert_eq!(types.extend(endless), Err(TypesError::Endless));
        assert_eq!(types.len(), 60_000);
    }

    #[test]
    fn all_records_of_a_file_together_have_no_more_types_parts_and_names_than_one_may() {
        let tuple = |name: usize, elements| Type::Tuple {
            name: "n".repeat(name),
            elements: vec![TypeId(0); elements],
        };
        let structs = |fields| {
            let fields = vec![Field { name: "ab".to_owned(), ty: TypeId(0) }; fields];
            Type::Struct { name: String::new(), fields }
        };
        let variant = Variant { index: 0, name: "abc".to_owned(), contents: TypeId(0) };
        let enums = Type::Enum { name: "E".to_owned(), variants: vec![variant] };
        let full = [
            (vec![Type::Unit; TYPES_MAX - 1], Type::Unit),
            (vec![Type::Unit, tuple(0, PARTS_MAX - 3), structs(2)], tuple(0, 1)),
            (vec![Type::Unit, tuple(0, PARTS_MAX - 1)], enums.clone()),
            (vec![Type::Unit, tuple(NAMES_BYTES_MAX - 8, 0), structs(2)], enums),
        ];
        for (first, last) in full {
            let mut types = Types::default();
            assert_eq!(types.extend(first), Ok(()));
            assert_eq!(types.extend(vec![last]), Ok(()));
            let before = types.clone();
            let more = [Type::Unit, tuple(0, 1), Type::Untraced { name: "n".to_owned() }];
            assert_eq!(types.extend(more.to_vec()), Err(TypesError::TooMany));
            assert_eq!(types, before);
            let last = types.add(Type::Unit);
            types.replace(last, more[1].clone());
            types.add(more[2].clone());
            assert!(!types.fit_in_a_file(), "what the code writes is counted, too");
            types.truncate(before.len());
            assert_eq!(types, before);
        }
    }

    #[test]
    fn a_copy_has_all_that_the_type_reaches_once() {
        let mut types = Types::default();
        types.add(Type::String);
        let node = types.add(Type::Never);
        let list = types.add(Type::Seq(node));
        types.replace(node, Type::Tuple { name: "Node".into(), elements: vec![list, list] });
        let mut copy = Types::default();
        let mut copied = HashMap::new();
        let id = copy.copy(&types, list, &mut copied);
        assert_eq!(copy.copy(&types, node, &mut copied), TypeId(1));
        assert_eq!(copy.len(), 2);
        assert!(super::super::same_encoding((&types, list), (&copy, id)));
    }
}
