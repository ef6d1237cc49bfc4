//! Which types have values that come to an end, and how deep the least of them lies.

use std::collections::HashSet;

use super::super::types::{Type, TypeId, Types};

/// Types whose least value lies deeper are taken to have none: samples are made with the stack.
const DEPTH_MAX: u32 = 500;

/// For each type how deep its least value is.
pub(super) struct Finite {
    depths: Vec<Option<u32>>,
}

/// A variant that the reader does not know: the enum, and the place in it.
pub(super) type Dead = HashSet<(TypeId, u32)>;

impl Finite {
    /// Without the variants in `dead`.
    pub(super) fn new(types: &Types, dead: &Dead) -> Self {
        let mut finite = Finite { depths: vec![None; types.len()] };
        // Each round finds the types that are one deeper: those found in earlier rounds keep the least depth.
        for round in 1..=DEPTH_MAX {
            let mut found = Vec::new();
            for (place, ty) in (0_u32..).zip(types.iter()) {
                let id = TypeId(place);
                if finite.depth(id).is_none() && finite.is_found(id, ty, dead) {
                    found.push(id);
                }
            }
            if found.is_empty() {
                break;
            }
            for id in found {
                finite.depths[id.0 as usize] = Some(round);
            }
        }
        finite
    }

    /// `None` where there is no value.
    pub(super) fn depth(&self, ty: TypeId) -> Option<u32> {
        self.depths.get(ty.0 as usize).copied().flatten()
    }

    fn is_found(&self, id: TypeId, ty: &Type, dead: &Dead) -> bool {
        let is_known = |ty: TypeId| self.depth(ty).is_some();
        match ty {
            Type::Never => false,
            Type::Tuple { elements, .. } => elements.iter().all(|element| is_known(*element)),
            Type::Struct { fields, .. } => fields.iter().all(|field| is_known(field.ty)),
            Type::Newtype { inner, .. } => is_known(*inner),
            Type::Enum { variants, .. } => (0..)
                .zip(variants)
                .any(|(place, variant)| !dead.contains(&(id, place)) && is_known(variant.contents)),
            Type::Scalar(_)
            | Type::String
            | Type::Bytes
            | Type::Unit
            | Type::Opaque
            | Type::Untraced { .. }
            | Type::Option(_)
            | Type::Seq(_)
            | Type::Map { .. } => true,
        }
    }
}
