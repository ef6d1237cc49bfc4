//! Would everything that could have been written be read?
//!
//! What fits what is known only to the `Deserialize` of the types that read, so they are asked: with samples, made from
//! the graph of the writer's types, that between them have every variant of every enum, a value in each option, and an
//! element in each sequence. Since types are refused whatever the value, one value of each shape is enough.
//!
//! A type may have something against a *value*: a text that must be a date. Then other values are tried, and where none
//! suits, this part of a sample is left out: it is not known whether it would be read, and that is no refusal.
//!
//! [`finite`] finds out which types have values; [`tree`] remembers what has been sampled; [`sample`] makes one;
//! [`leaves`] are the values of texts and numbers; [`search`] looks for one that suits.

mod finite;
mod leaves;
mod sample;
mod search;
#[cfg(test)]
mod tests;
mod tree;

use self::leaves::Leaves;
use self::search::Search;
use super::types::{TypeId, Types};
use crate::encoding::DecodeFault;

/// What would be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// Everything, as far as can be told.
    Always,
    /// Everything but values with one of these variants (`Enum::Variant`).
    Unless(Vec<String>),
    /// No value, or none of some shape, for this reason.
    Never(DecodeFault),
}

/// Has `read` read samples of the type `ty`, which was written. `texts` are tried first where a value doesn't suit.
pub(crate) fn check(
    types: &Types,
    ty: TypeId,
    texts: &[&str],
    read: &mut dyn FnMut(&[u8]) -> Result<(), DecodeFault>,
) -> Verdict {
    Search::new(types, Leaves::new(texts), read).verdict(ty)
}
