//! What the functions of `upgrade(..)` and `from(..)` have to be.
//!
//! Generated code calls them through these traits, so that what is wrong with one is said once, in our words, at its
//! path. Each trait has a second impl that nothing meets: with one alone, the compiler would take it for meant, and tell
//! what that impl asks for.

use serde::de::DeserializeOwned;

use super::refused;
use crate::stored::{NotUpgraded, Stored};

/// A function from the arguments of an earlier revision to those of today, `New`.
#[diagnostic::on_unimplemented(
    message = "this function does not upgrade a transaction",
    label = "an upgrade takes the old arguments as a tuple, and gives the new ones as a tuple",
    note = "write `fn(old: (Old,)) -> {New}`, with the types of the old arguments for `Old`; \
            they are owned (`String` for `&str`), and `Deserialize`"
)]
pub trait Upgrade<Old, Via, New> {
    /// Calls the function.
    fn run(self, old: Old) -> New;
}

#[diagnostic::do_not_recommend]
impl<F, Old, Given, New> Upgrade<Old, (Given,), New> for F
where
    F: FnOnce(Old) -> Given,
    Old: OldArguments,
    Given: Same<New>,
{
    fn run(self, old: Old) -> New {
        self(old).same()
    }
}

#[diagnostic::do_not_recommend]
impl<F: FnOnce() -> Nothing, Old, New> Upgrade<Old, Nothing, New> for F {
    fn run(self, _: Old) -> New {
        refused()
    }
}

/// A function from the model of an earlier version, `Old`, to today's, `New`.
#[diagnostic::on_unimplemented(
    message = "this function does not make a `{New}` of an old version",
    label = "expected a `fn({Old}) -> {New}`",
    note = "`from` lists the type of each old version with its function: `from({Old} => Self::function)`"
)]
pub trait FromVersion<Old, Via, New> {
    /// Calls the function.
    fn run(self, old: Old) -> New;
}

#[diagnostic::do_not_recommend]
impl<F: FnOnce(Old) -> Given, Old, Given: Same<New>, New> FromVersion<Old, (Given,), New> for F {
    fn run(self, old: Old) -> New {
        self(old).same()
    }
}

#[diagnostic::do_not_recommend]
impl<F: FnOnce() -> Nothing, Old, New> FromVersion<Old, Nothing, New> for F {
    fn run(self, _: Old) -> New {
        refused()
    }
}

/// The model of an earlier version.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be an old version of a model",
    label = "an old version is read: it must be `Deserialize` and owned",
    note = "write `#[prevalent::data]` above the type, or derive serde's `Deserialize`"
)]
pub trait OldVersion: Sized {
    /// As [`Stored::upgrade`].
    ///
    /// # Errors
    ///
    /// As there.
    fn upgrade<New>(stored: Stored<'_>, function: fn(Self) -> New) -> Result<New, NotUpgraded>;
}

#[diagnostic::do_not_recommend]
impl<T: DeserializeOwned> OldVersion for T {
    fn upgrade<New>(stored: Stored<'_>, function: fn(Self) -> New) -> Result<New, NotUpgraded> {
        stored.upgrade(function)
    }
}

/// The arguments of an earlier revision: a tuple, as long as serde knows them.
pub trait OldArguments: DeserializeOwned {}

/// Two types that are one.
pub trait Same<T> {
    /// The value as it is.
    fn same(self) -> T;
}

impl<T> Same<T> for T {
    fn same(self) -> T {
        self
    }
}

/// What no function of a user's returns.
#[derive(Debug)]
pub struct Nothing(());

macro_rules! tuples {
    () => {
        impl OldArguments for () {}
    };
    ($first:ident $($more:ident)*) => {
        impl<$first: DeserializeOwned, $($more: DeserializeOwned),*> OldArguments for ($first, $($more,)*) {}
        tuples!($($more)*);
    };
}

tuples!(A B C D E F G H I J K L M N O P);
