//! What one value looked like while it was written.

use super::super::types::Scalar;
use super::names::{hashed, is_wrapper};

/// What serde was told of a value.
#[derive(Clone, Debug)]
pub(super) enum Shape {
    Scalar(Scalar),
    String,
    Bytes,
    Unit,
    Opaque,
    Option(Option<Box<Part>>),
    Seq(Vec<Part>),
    Map(Vec<(Part, Part)>),
    Tuple { name: &'static str, elements: Vec<Part> },
    Struct { name: &'static str, fields: Vec<(&'static str, Part)> },
    Newtype { name: &'static str, inner: Box<Part> },
    Variant { name: &'static str, index: u32, variant: &'static str, contents: Box<Part> },
}

/// A value inside another one, or the whole.
#[derive(Clone, Debug)]
pub(super) struct Part {
    pub(super) place: Place,
    pub(super) shape: Shape,
}

/// What tells the type of a value from others while it is written: serde gives no more than the name of the Rust type.
#[derive(Clone, Copy, Debug)]
pub(super) struct Place {
    pub(super) id: u64,
    /// For messages.
    pub(super) name: &'static str,
}

impl Place {
    pub(super) fn of<T: ?Sized>() -> Self {
        let name = std::any::type_name::<T>();
        Place { id: hashed(name), name }
    }

    /// The place of a `T` inside of `container`: there it is the one at `position`, called `label`.
    pub(super) fn inside<T: ?Sized>(
        container: Container,
        position: usize,
        label: &'static str,
    ) -> Self {
        let place = Place::of::<T>();
        if !is_wrapper(place.name) {
            return place;
        }
        // The fields with a `with` of one impl share the name of their type.
        let Container { name, variant } = container;
        let name_shown = if label.is_empty() { name } else { label };
        Place { id: hashed((place.name, name, variant, position)), name: name_shown }
    }
}

/// What a part stands in.
#[derive(Clone, Copy, Debug)]
pub(super) struct Container {
    /// Its name, as serde writes it; empty where there is none.
    pub(super) name: &'static str,
    pub(super) variant: Option<u32>,
}

impl Container {
    pub(super) const NAMELESS: Self = Container { name: "", variant: None };
}
