//! What is known of a type of which nothing could be found out: how it is declared.

use super::types::{Type, TypeId, Types};

/// The name of an untraced type, with the fingerprint of its declaration where there is one.
pub(super) fn marked(name: String, declaration: u64) -> String {
    if declaration == 0 { name } else { format!("{name} #{declaration:016x}") }
}

impl Types {
    /// Whether nothing is known of this type.
    pub(crate) fn is_untraced(&self, id: TypeId) -> bool {
        matches!(self.get(id), Type::Untraced { .. })
    }

    /// Whether nothing is known of this type but that it was declared as what has this fingerprint is.
    pub(crate) fn is_declared_as(&self, id: TypeId, declaration: u64) -> bool {
        let Type::Untraced { name } = self.get(id) else { return false };
        declaration != 0 && name.ends_with(&format!(" #{declaration:016x}"))
    }
}
