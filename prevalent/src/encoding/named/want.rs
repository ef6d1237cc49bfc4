//! What a reader asks for, for messages.

use std::fmt;

/// A request of a `Deserialize`.
#[derive(Clone, Copy, Debug)]
pub(super) enum Want {
    Plain(&'static str),
    UnitStruct(&'static str),
    Tuple(usize),
    TupleStruct(&'static str, usize),
    Struct(&'static str, &'static [&'static str]),
    Enum(&'static str),
    UnitVariant,
    TupleVariant(usize),
    StructVariant(&'static [&'static str]),
}

impl fmt::Display for Want {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Want::Plain(name) => f.write_str(name),
            Want::UnitStruct(name) => write!(f, "struct {name}"),
            Want::Tuple(1) => f.write_str("a tuple of 1 element"),
            Want::Tuple(len) => write!(f, "a tuple of {len} elements"),
            Want::TupleStruct(name, len) => write!(f, "struct {name} of {len} elements"),
            Want::Struct(name, fields) => write!(f, "struct {name} {{ {} }}", fields.join(", ")),
            Want::Enum(name) => write!(f, "enum {name}"),
            Want::UnitVariant => f.write_str("a variant without contents"),
            Want::TupleVariant(len) => write!(f, "a variant of {len} elements"),
            Want::StructVariant(fields) => write!(f, "a variant {{ {} }}", fields.join(", ")),
        }
    }
}
