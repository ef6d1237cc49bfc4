//! What another version of the program wrote, on its way into today's types.

use std::fmt;

use serde::de::DeserializeOwned;

use crate::encoding::{DecodeFault, FaultKind, decode_arguments_as, decode_value, decode_value_as};
use crate::panic::catch;
use crate::schema::types::{TypeId, Types};

/// The arguments of a transaction, or a model, as an earlier version of the program wrote them.
///
/// [`Model::upgrade`](crate::Model::upgrade) and [`ModelData::from_version`](crate::ModelData::from_version) get one;
/// `#[prevalent]` implements both, so that only who implements them by hand meets this type.
pub struct Stored<'a> {
    bytes: &'a [u8],
    types: &'a Types,
    ty: TypeId,
    part: Part,
    purpose: Purpose,
}

/// What is stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Part {
    /// The arguments have an order.
    Arguments,
    Model,
}

/// What it is read for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Purpose {
    /// To find out whether it can be read: the function is not called.
    Check,
    /// To be upgraded.
    Run,
}

impl<'a> Stored<'a> {
    /// A transaction's arguments, written as `ty`.
    pub(crate) fn arguments(
        (types, ty): (&'a Types, TypeId),
        bytes: &'a [u8],
        purpose: Purpose,
    ) -> Self {
        Stored { bytes, types, ty, part: Part::Arguments, purpose }
    }

    /// A model, written as `ty`.
    pub(crate) fn model(
        (types, ty): (&'a Types, TypeId),
        bytes: &'a [u8],
        purpose: Purpose,
    ) -> Self {
        Stored { bytes, types, ty, part: Part::Model, purpose }
    }
}

impl Stored<'_> {
    /// Reads it as an `Old`, and gives what `function` makes of that.
    ///
    /// An `Old` that is a tuple gets a transaction's arguments in their order; any other type is read by the names of its
    /// fields and variants.
    ///
    /// # Errors
    ///
    /// Where what is stored is no `Old`, or `function` panics. The engine tells the user.
    pub fn upgrade<Old: DeserializeOwned, New>(
        self,
        function: fn(Old) -> New,
    ) -> Result<New, NotUpgraded> {
        let Stored { bytes, types, ty, part, purpose } = self;
        let old = match part {
            // The user says what it was: a tuple's elements are encoded as a transaction's arguments are.
            _ if types.is_untraced(ty) => {
                decode_value(bytes).map_err(|error| untraced(types.describe(ty), error.0))
            }
            Part::Arguments => decode_arguments_as(types, ty, bytes),
            Part::Model => decode_value_as(types, ty, bytes),
        };
        let old: Old = old.map_err(|fault| NotUpgraded::because(Reason::Fault(fault)))?;
        match purpose {
            Purpose::Check => {
                crate::panic::drop_quietly(old);
                Err(NotUpgraded::because(Reason::Checked))
            }
            Purpose::Run => catch(|| function(old))
                .map_err(|message| NotUpgraded::because(Reason::Panicked(message))),
        }
    }

    /// There is no function for this revision or version.
    #[must_use]
    pub fn refuse(self) -> NotUpgraded {
        NotUpgraded::because(Reason::NoFunction)
    }
}

/// What was written was not known, and it is not what it is said to have been.
fn untraced(stored: String, message: String) -> DecodeFault {
    DecodeFault {
        kind: FaultKind::Malformed,
        path: Vec::new(),
        stored,
        wanted: None,
        message,
        consumed: 0,
        variant: None,
    }
}

impl fmt::Debug for Stored<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Stored")
            .field("type", &self.types.describe(self.ty))
            .field("bytes", &self.bytes.len())
            .finish_non_exhaustive()
    }
}

/// That something [`Stored`] was not upgraded, and why. An implementation of [`Model::upgrade`](crate::Model::upgrade) hands it on; the
/// open then fails with a [`SchemaError`](crate::SchemaError), which tells the user more.
pub struct NotUpgraded(Box<Reason>);

/// Why it was not.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Reason {
    /// It could have been: this was all that was asked.
    Checked,
    NoFunction,
    Fault(DecodeFault),
    /// The function did, with this message.
    Panicked(String),
}

impl NotUpgraded {
    pub(crate) fn because(reason: Reason) -> Self {
        NotUpgraded(Box::new(reason))
    }

    pub(crate) fn into_reason(self) -> Reason {
        *self.0
    }
}

impl fmt::Display for NotUpgraded {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &*self.0 {
            Reason::Checked => f.write_str("it was only looked at"),
            Reason::NoFunction => f.write_str("there is no function for it"),
            Reason::Fault(fault) => fault.fmt(f),
            Reason::Panicked(message) => write!(f, "the upgrade panicked: {message}"),
        }
    }
}

impl fmt::Debug for NotUpgraded {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("NotUpgraded").field(&self.0).finish()
    }
}

#[cfg(test)]
mod tests {
    use serde::Deserialize;

    use super::*;
    use crate::encoding::FaultKind;
    use crate::schema::types::{Field, Scalar, Type};

    fn arguments() -> (Types, TypeId) {
        let mut types = Types::default();
        let name = types.add(Type::String);
        let age = types.add(Type::Scalar(Scalar::U8));
        let fields =
            vec![Field { name: "name".into(), ty: name }, Field { name: "age".into(), ty: age }];
        let ty = types.add(Type::Struct { name: "Add".into(), fields });
        (types, ty)
    }

    const BYTES: &[u8] = &[3, b'a', b'n', b'n', 40];

    #[derive(Deserialize)]
    struct Old {
        age: u32,
        name: String,
    }

    #[test]
    fn a_tuple_gets_the_arguments_in_their_order_and_a_struct_by_their_names() {
        let (types, ty) = arguments();
        let stored = || Stored::arguments((&types, ty), BYTES, Purpose::Run);
        let from_tuple = stored().upgrade(|(name, age): (String, u16)| format!("{name} {age}"));
        assert_eq!(from_tuple.unwrap(), "ann 40");
        let from_struct = stored().upgrade(|old: Old| format!("{} {}", old.name, old.age));
        assert_eq!(from_struct.unwrap(), "ann 40");
    }

    #[test]
    fn a_model_has_no_order() {
        let (types, ty) = arguments();
        let stored = Stored::model((&types, ty), BYTES, Purpose::Run);
        let reason = stored.upgrade(|_: (String, u16)| ()).unwrap_err().into_reason();
        let Reason::Fault(fault) = reason else { panic!("{reason:?}") };
        assert_eq!(
            fault.message,
            "what was written as `Add { name, age }` can't be read as `a tuple of 2 elements`"
        );
    }

    #[test]
    fn a_tuple_of_fewer_or_more_arguments_is_refused() {
        let (types, ty) = arguments();
        let stored = || Stored::arguments((&types, ty), BYTES, Purpose::Run);
        let fewer = stored().upgrade(|_: (String,)| ()).unwrap_err().into_reason();
        let more = stored().upgrade(|_: (String, u8, u8)| ()).unwrap_err().into_reason();
        for reason in [fewer, more] {
            let Reason::Fault(fault) = reason else { panic!("{reason:?}") };
            assert_eq!(fault.kind, FaultKind::Structural, "{fault}");
        }
    }

    #[test]
    fn no_arguments_are_the_empty_tuple() {
        let mut types = Types::default();
        let unit = types.add(Type::Unit);
        let empty = types.add(Type::Struct { name: "Ping".into(), fields: vec![] });
        for ty in [unit, empty] {
            let stored = Stored::arguments((&types, ty), &[], Purpose::Run);
            assert_eq!(stored.upgrade(|(): ()| 5).unwrap(), 5);
        }
    }

    #[test]
    fn a_check_reads_and_does_not_call() {
        let (types, ty) = arguments();
        let stored = |bytes| Stored::arguments((&types, ty), bytes, Purpose::Check);
        let function = |_: Old| -> () { panic!("called") };
        let reason = stored(BYTES).upgrade(function).unwrap_err().into_reason();
        assert_eq!(reason, Reason::Checked);
        let reason = stored(&BYTES[..4]).upgrade(function).unwrap_err().into_reason();
        assert!(matches!(reason, Reason::Fault(_)));
    }

    #[test]
    fn a_function_that_panics_and_one_that_there_is_not_are_told() {
        let (types, ty) = arguments();
        let stored = || Stored::arguments((&types, ty), BYTES, Purpose::Run);
        let reason = stored().upgrade(|_: Old| -> () { panic!("oh") }).unwrap_err().into_reason();
        assert_eq!(reason, Reason::Panicked("oh".to_owned()));
        assert_eq!(stored().refuse().into_reason(), Reason::NoFunction);
    }
}
