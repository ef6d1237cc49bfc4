//! Types that are known by their names to be serde's and `Send`, so that nothing has to be proved about them.
//!
//! The names may mean types of the user's own. Then what is wrong with them is told by serde.

use syn::{GenericArgument, PathArguments, Type};

/// Types without arguments.
const KNOWN: &[&str] = &[
    "bool",
    "char",
    "f32",
    "f64",
    "i8",
    "i16",
    "i32",
    "i64",
    "i128",
    "isize",
    "u8",
    "u16",
    "u32",
    "u64",
    "u128",
    "usize",
    "str",
    "String",
    "Duration",
    "SystemTime",
    "PathBuf",
];

/// Types that are serde's where their arguments are.
const CONTAINERS: &[&str] =
    &["Vec", "VecDeque", "Option", "Box", "BTreeMap", "BTreeSet", "HashMap", "HashSet", "Result"];

/// A type that everybody knows to be serde's, by its name.
pub(crate) fn is_well_known(ty: &Type) -> bool {
    match ty {
        Type::Group(group) => is_well_known(&group.elem),
        Type::Paren(paren) => is_well_known(&paren.elem),
        Type::Reference(reference) => is_well_known(&reference.elem),
        Type::Slice(slice) => is_well_known(&slice.elem),
        Type::Tuple(tuple) => tuple.elems.len() <= 12 && tuple.elems.iter().all(is_well_known),
        Type::Path(path) => {
            let (None, Some(last)) = (&path.qself, path.path.segments.last()) else { return false };
            match &last.arguments {
                PathArguments::None => KNOWN.iter().any(|known| last.ident == known),
                PathArguments::AngleBracketed(inside) => {
                    CONTAINERS.iter().any(|known| last.ident == known)
                        && inside.args.iter().all(|argument| {
                            matches!(argument, GenericArgument::Type(ty) if is_well_known(ty))
                        })
                }
                PathArguments::Parenthesized(_) => false,
            }
        }
        _ => false,
    }
}

/// The `T` of `Option<T>`.
pub(crate) fn option_inside(ty: &Type) -> Option<&Type> {
    let path = match ty {
        Type::Group(group) => return option_inside(&group.elem),
        Type::Paren(paren) => return option_inside(&paren.elem),
        Type::Path(path) => path,
        _ => return None,
    };
    let last = path.path.segments.last().filter(|last| last.ident == "Option")?;
    let PathArguments::AngleBracketed(inside) = &last.arguments else { return None };
    match (inside.args.len(), inside.args.first()) {
        (1, Some(GenericArgument::Type(inner))) => Some(inner),
        _ => None,
    }
}
