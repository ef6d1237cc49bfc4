//! Whether two types are written alike, and mean the same to code that reads by name.

use std::collections::HashSet;

use super::types::{Type, TypeId, Types};

/// Whether all that is written as `a` is read by plain postcard as `b`, each field and variant as the one of its name.
///
/// The names of the types don't matter: nothing is found by them. Newtypes are what is inside.
pub(crate) fn same_encoding(a: (&Types, TypeId), b: (&Types, TypeId)) -> bool {
    // What is being compared is taken to be the same until a difference is found: so recursion ends.
    let mut assumed = HashSet::new();
    let mut left = vec![(a.1, b.1)];
    while let Some((x, y)) = left.pop() {
        let (x, y) = (a.0.behind_newtypes(x), b.0.behind_newtypes(y));
        if !assumed.insert((x, y)) {
            continue;
        }
        let (x, y) = (a.0.get(x), b.0.get(y));
        if !is_alike(x, y) {
            return false;
        }
        left.extend(x.parts().into_iter().zip(y.parts()));
    }
    true
}

/// The same, apart from the types that they refer to; those are as many.
fn is_alike(a: &Type, b: &Type) -> bool {
    match (a, b) {
        (Type::Scalar(a), Type::Scalar(b)) => a == b,
        (Type::String, Type::String)
        | (Type::Bytes, Type::Bytes)
        | (Type::Unit, Type::Unit)
        | (Type::Opaque, Type::Opaque)
        | (Type::Never, Type::Never)
        | (Type::Option(_), Type::Option(_))
        | (Type::Seq(_), Type::Seq(_))
        | (Type::Map { .. }, Type::Map { .. }) => true,
        (Type::Tuple { elements: a, .. }, Type::Tuple { elements: b, .. }) => a.len() == b.len(),
        (Type::Struct { fields: a, .. }, Type::Struct { fields: b, .. }) => {
            a.iter().map(|field| &field.name).eq(b.iter().map(|field| &field.name))
        }
        (Type::Enum { variants: a, .. }, Type::Enum { variants: b, .. }) => {
            let names = |variant: &super::types::Variant| (variant.index, variant.name.clone());
            a.iter().map(names).eq(b.iter().map(names))
        }
        (Type::Untraced { name: a }, Type::Untraced { name: b }) => a == b,
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::super::types::{Field, Scalar};
    use super::*;

    fn list(name: &str, twice: bool) -> (Types, TypeId) {
        let mut types = Types::default();
        let node = types.add(Type::Never);
        let number = types.add(Type::Scalar(Scalar::U64));
        // A graph may be unrolled: it stays the same type.
        let inner = if twice { types.add(Type::Never) } else { node };
        let option = types.add(Type::Option(inner));
        let fields = |ty| {
            vec![Field { name: "value".into(), ty: number }, Field { name: "next".into(), ty }]
        };
        types.replace(node, Type::Struct { name: name.into(), fields: fields(option) });
        if twice {
            let back = types.add(Type::Option(node));
            types.replace(inner, Type::Struct { name: name.into(), fields: fields(back) });
        }
        (types, node)
    }

    #[test]
    fn recursive_types_are_the_same_whatever_their_names_and_however_unrolled() {
        let ((a, x), (b, y)) = (list("Node", false), list("Knoten", true));
        assert!(same_encoding((&a, x), (&b, y)));
        assert!(same_encoding((&b, y), (&a, x)));
    }

    #[test]
    fn a_newtype_is_what_is_inside() {
        let mut types = Types::default();
        let number = types.add(Type::Scalar(Scalar::U64));
        let id = types.add(Type::Newtype { name: "Id".into(), inner: number });
        let other = types.add(Type::Scalar(Scalar::U32));
        assert!(same_encoding((&types, id), (&types, number)));
        assert!(!same_encoding((&types, id), (&types, other)));
    }
}
