//! Values that were written with another schema, read by names.
//!
//! The bytes hold no names: the writer's [`Types`] do. With them, a [`Value`](value::Value) gives today's types what they
//! would get from a format like JSON: structs as maps of names, enums by the names of their variants. So `default`,
//! `alias`, `rename`, `skip`, `other` and `deny_unknown_fields` mean what serde's documentation says.
//!
//! What fits what is decided by the types alone, never by a value: a `u64` is no `u32`, even where it is small. So code
//! that reads one value of a type reads them all, but for variants that it doesn't know, and for what the user's own
//! `Deserialize` has against a value.
//!
//! Not responsible for: whether all that could have been written would be read (`schema::check`).

mod compound;
mod fault;
mod source;
#[cfg(test)]
mod tests;
mod value;
mod variant;
mod want;

use serde::de::DeserializeOwned;

use self::fault::Fault;
use self::source::Source;
use self::value::Value;
use self::variant::Transaction;
use crate::panic::catch;
use crate::schema::types::{TypeId, Types};

pub(crate) use self::fault::{DecodeFault, FaultKind};

/// The value that `bytes` are the encoding of, of the type `ty` when it was written.
///
/// # Errors
///
/// Where such a type is not read as a `T`, or such a value; where the bytes are none; where a `Deserialize` panics.
pub(crate) fn decode_value_as<T: DeserializeOwned>(
    types: &Types,
    ty: TypeId,
    bytes: &[u8],
) -> Result<T, DecodeFault> {
    decode(types, ty, bytes, |source| T::deserialize(Value::new(source, ty)))
}

/// The same, of a transaction's arguments: a `T` that is a tuple gets them in their order.
///
/// # Errors
///
/// Those of [`decode_value_as`].
pub(crate) fn decode_arguments_as<T: DeserializeOwned>(
    types: &Types,
    arguments: TypeId,
    bytes: &[u8],
) -> Result<T, DecodeFault> {
    decode(types, arguments, bytes, |source| T::deserialize(Value::arguments(source, arguments)))
}

/// The transaction of the enum's variant `variant`, whose arguments were written as `arguments`.
///
/// # Errors
///
/// Where there is no such variant, and those of [`decode_value_as`].
pub(crate) fn decode_tx_as<T: DeserializeOwned>(
    variant: usize,
    types: &Types,
    arguments: TypeId,
    bytes: &[u8],
) -> Result<T, DecodeFault> {
    decode(types, arguments, bytes, |source| {
        T::deserialize(Transaction::new(variant, source, arguments))
    })
}

/// What `read` makes of all of `bytes`.
fn decode<'de, R>(
    types: &'de Types,
    ty: TypeId,
    bytes: &'de [u8],
    read: impl FnOnce(&mut Source<'de>) -> Result<R, Fault>,
) -> Result<R, DecodeFault> {
    let mut source = Source::new(types, bytes);
    // A value that is thrown away is dropped in here too: its `Drop` is the user's code.
    let result = catch(|| {
        let value = read(&mut source).and_then(|value| source.finish().map(|()| value));
        // A `Deserialize` that passed over a fault has left its bytes unread.
        match (value, source.take_fault()) {
            (Ok(value), None) => Ok(value),
            (_, Some(fault)) | (Err(fault), None) => Err(fault),
        }
    });
    let fault = match result {
        Ok(Ok(value)) => return Ok(value),
        Ok(Err(fault)) => fault,
        Err(panic) => Fault::value(format!("a `Deserialize` of it panicked: {panic}")),
    };
    Err(source.complete(fault, ty))
}
