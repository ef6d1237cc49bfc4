//! What reading and writing have to agree on.

use crate::schema::types::{Type, TypeId, Types};

/// So many values may lie inside each other. It is a little less than JSON's readers allow, so that what is written can be
/// read as part of something else.
pub(super) const DEPTH_MAX: u32 = 120;

pub(super) const TOO_DEEP: &str =
    "more than 120 values lie inside each other here, and as JSON they could not be read again";

/// The key under which the contents of an `Option` stand where they may be null themselves.
pub(super) const SOME: &str = "some";

/// Whether a value of this type may be null, so that an `Option` of it needs something around what is there.
pub(super) fn may_be_null(types: &Types, ty: TypeId) -> bool {
    matches!(types.get(types.behind_newtypes(ty)), Type::Option(_) | Type::Unit)
}

/// Whether a map with such keys is an object.
pub(super) fn is_text(types: &Types, key: TypeId) -> bool {
    matches!(types.get(types.behind_newtypes(key)), Type::String)
}

/// Whether a variant with such contents is its name alone.
pub(super) fn is_bare(types: &Types, contents: TypeId) -> bool {
    matches!(types.get(types.behind_newtypes(contents)), Type::Unit)
}
