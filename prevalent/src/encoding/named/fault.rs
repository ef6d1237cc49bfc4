//! What reading by names fails with.

use std::fmt::{self, Display};

use serde::de::{Error, Expected, Unexpected};

use crate::schema::types::TypeId;

/// Why something that was written was not read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct DecodeFault {
    pub(crate) kind: FaultKind,
    /// The fields, variants and elements (`[]`) that lead there, from outside in.
    pub(crate) path: Vec<String>,
    /// The type that was written there.
    pub(crate) stored: String,
    /// What the reader asked for there, where it had asked for something.
    pub(crate) wanted: Option<String>,
    pub(crate) message: String,
    /// How many bytes had been read.
    pub(crate) consumed: usize,
    /// The variant that the reader does not know: the enum, and the variant's place in it.
    pub(crate) variant: Option<(TypeId, u32)>,
}

/// What it is that doesn't fit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum FaultKind {
    /// The types: no value would be read.
    Structural,
    /// The value has a variant that the reader does not know.
    UnknownVariant,
    /// The user's own `Deserialize` has something against this value.
    Value,
    /// The bytes: they are no value of the type that is said to have been written.
    Malformed,
}

impl DecodeFault {
    /// The path as one would write it: `address.zip`, `items[].price`. Empty where it leads nowhere.
    pub(crate) fn place(&self) -> String {
        let mut place = String::new();
        for part in &self.path {
            if !place.is_empty() && part != ELEMENT {
                place.push('.');
            }
            place.push_str(part);
        }
        place
    }
}

impl Display for DecodeFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.place() {
            place if place.is_empty() => f.write_str(&self.message),
            place => write!(f, "in `{place}`: {}", self.message),
        }
    }
}

impl std::error::Error for DecodeFault {}

/// An element, in a path.
pub(super) const ELEMENT: &str = "[]";

/// The error type that serde sees. Boxed, to keep the `Result` of the good case small.
#[derive(Clone, Debug)]
pub(super) struct Fault(Box<Inner>);

#[derive(Clone, Debug)]
struct Inner {
    cause: Cause,
    message: String,
    variant: Option<(TypeId, u32)>,
    place: Option<Place>,
    /// The innermost first.
    path: Vec<String>,
}

/// What kind it is, as far as that is known where it happens.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Cause {
    Known(FaultKind),
    /// The types decide of a tuple's length, the value of a sequence's.
    Length,
}

/// Where it happened.
#[derive(Clone, Debug)]
pub(super) struct Place {
    pub(super) stored: String,
    pub(super) wanted: Option<String>,
    pub(super) consumed: usize,
}

impl Fault {
    #[cold]
    fn new(cause: Cause, message: String) -> Self {
        Fault(Box::new(Inner { cause, message, variant: None, place: None, path: Vec::new() }))
    }

    pub(super) fn structural(message: impl Into<String>) -> Self {
        Fault::new(Cause::Known(FaultKind::Structural), message.into())
    }

    pub(super) fn value(message: impl Into<String>) -> Self {
        Fault::new(Cause::Known(FaultKind::Value), message.into())
    }

    pub(super) fn malformed(message: impl Into<String>) -> Self {
        Fault::new(Cause::Known(FaultKind::Malformed), message.into())
    }

    pub(super) fn cause(&self) -> Cause {
        self.0.cause
    }

    pub(super) fn kind(&self) -> FaultKind {
        match self.0.cause {
            Cause::Known(kind) => kind,
            Cause::Length => FaultKind::Value,
        }
    }

    pub(super) fn set_kind(&mut self, kind: FaultKind) {
        self.0.cause = Cause::Known(kind);
    }

    pub(super) fn has_place(&self) -> bool {
        self.0.place.is_some()
    }

    pub(super) fn set_place(&mut self, place: Place) {
        self.0.place = Some(place);
    }

    pub(super) fn has_variant(&self) -> bool {
        self.0.variant.is_some()
    }

    /// The variant that is not known. The innermost stays.
    pub(super) fn set_variant(&mut self, of: TypeId, variant: usize) {
        let variant = u32::try_from(variant).unwrap_or(u32::MAX);
        self.0.variant.get_or_insert((of, variant));
    }

    /// The same fault, seen from outside of `part`.
    pub(super) fn push(&mut self, part: &str) {
        self.0.path.push(part.to_owned());
    }

    /// The whole of it; `place` where none is known.
    pub(super) fn complete(self, place: impl FnOnce() -> Place) -> DecodeFault {
        let kind = self.kind();
        let Inner { message, variant, place: known, mut path, .. } = *self.0;
        let Place { stored, wanted, consumed } = known.unwrap_or_else(place);
        path.reverse();
        DecodeFault { kind, path, stored, wanted, message, consumed, variant }
    }
}

impl Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.message)
    }
}

impl std::error::Error for Fault {}

/// What is not overridden by [`Error`] is told apart from what the user's code says itself.
impl Error for Fault {
    fn custom<T: Display>(message: T) -> Self {
        Fault::value(message.to_string())
    }

    fn invalid_type(unexpected: Unexpected<'_>, expected: &dyn Expected) -> Self {
        Fault::structural(format!("invalid type: {unexpected}, expected {expected}"))
    }

    fn invalid_value(unexpected: Unexpected<'_>, expected: &dyn Expected) -> Self {
        Fault::value(format!("invalid value: {unexpected}, expected {expected}"))
    }

    fn invalid_length(len: usize, expected: &dyn Expected) -> Self {
        Fault::new(Cause::Length, format!("invalid length {len}, expected {expected}"))
    }

    fn unknown_variant(variant: &str, expected: &'static [&'static str]) -> Self {
        let message = format!("unknown variant `{variant}`, {}", one_of("variants", expected));
        Fault::new(Cause::Known(FaultKind::UnknownVariant), message)
    }

    fn unknown_field(field: &str, expected: &'static [&'static str]) -> Self {
        Fault::structural(format!("unknown field `{field}`, {}", one_of("fields", expected)))
    }

    fn missing_field(field: &'static str) -> Self {
        Fault::structural(format!("missing field `{field}`"))
    }

    fn duplicate_field(field: &'static str) -> Self {
        Fault::structural(format!("duplicate field `{field}`"))
    }
}

fn one_of(what: &str, names: &[&str]) -> String {
    let names: Vec<_> = names.iter().map(|name| format!("`{name}`")).collect();
    match names.as_slice() {
        [] => format!("there are no {what}"),
        [only] => format!("expected {only}"),
        [first, second] => format!("expected {first} or {second}"),
        many => format!("expected one of {}", many.join(", ")),
    }
}
