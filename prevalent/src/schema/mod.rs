//! What values look like on disk, by names and types: so that code which has changed since can still read them.
//!
//! [`types`] is the graph of types that everything else here is about. [`trace`] finds out what the code writes now;
//! `format::schema` writes it down; [`same`] compares; [`walk`] follows a value's bytes; `resolve` decides how what
//! was written with one schema is read by another.

mod candidates;
pub(crate) mod check;
mod describe;
pub(crate) mod dictionary;
mod identical;
mod known;
pub(crate) mod names;
pub(crate) mod public;
mod same;
pub(crate) mod source;
mod text;
mod trace;
pub(crate) mod types;
mod untraced;
mod walk;

pub(crate) use identical::identical;
pub(crate) use known::schema_of;
pub(crate) use same::same_encoding;
#[cfg(feature = "inspect")]
pub(crate) use walk::walk_all;
pub(crate) use walk::{skip, walk};

pub(crate) use self::trace::Maker;
use self::trace::trace_model;
#[cfg(feature = "__fuzz")]
pub(crate) use self::trace::trace_type;
use self::types::{TypeId, Types};

/// What a model and its transactions look like on disk.
#[derive(Clone, Debug)]
pub(crate) struct Schema {
    /// All types that the others reach.
    pub(crate) types: Types,
    /// The model's.
    pub(crate) model: TypeId,
    /// The arguments' of each transaction, in the order of [`TRANSACTIONS`](crate::Model::TRANSACTIONS): a struct's, or
    /// whatever contents the enum's variant has.
    pub(crate) arguments: Vec<TypeId>,
    /// The reply's of each transaction whose reply is remembered.
    pub(crate) replies: Vec<Option<TypeId>>,
    /// What must not be written.
    pub(crate) misread: Misread,
}

/// Why values of types would be read as others than were written.
#[derive(Clone, Debug, Default)]
pub(crate) struct Misread {
    /// The model.
    pub(crate) model: Option<String>,
    /// The arguments of each transaction, or its reply.
    pub(crate) arguments: Vec<Option<String>>,
}
