//! Types as serde writes them: a graph, so that recursive types are finite.

/// The place of a type in its [`Types`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct TypeId(pub(crate) u32);

/// Types that refer to each other. An id is always one of a type that is there.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Types {
    all: Vec<Type>,
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
        self.all.push(ty);
        id
    }

    /// Puts another type in the place of one that was added before what it refers to was known.
    pub(crate) fn replace(&mut self, id: TypeId, ty: Type) {
        if let Some(place) = self.all.get_mut(id.0 as usize) {
            *place = ty;
        }
    }

    pub(crate) fn get(&self, id: TypeId) -> &Type {
        self.all.get(id.0 as usize).unwrap_or(&Type::Never)
    }

    pub(crate) fn len(&self) -> usize {
        self.all.len()
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = &Type> {
        self.all.iter()
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
