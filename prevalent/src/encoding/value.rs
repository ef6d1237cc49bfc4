//! A value, the model for one, as bytes.

use serde::Serialize;
use serde::de::DeserializeOwned;

use super::deserializer::Deserializer;
use super::elements::{ElementsLeft, TOO_MANY};
use super::fault::Fault;
use super::output::Output;
use super::serializer::Serializer;
use super::sink::Sink;
use super::{DecodeError, EncodeError};
use crate::panic::catch;

/// Appends the encoding of `value` to `out`, `limit` bytes at the most.
///
/// # Errors
///
/// Where the value is larger (it is given up as soon as that is known), or where it, or a panic of
/// its `Serialize`, makes an encoding impossible that could be read again. `out` is then as it was.
pub(crate) fn encode_value<T: Serialize + ?Sized>(
    value: &T,
    out: &mut Vec<u8>,
    limit: Option<usize>,
) -> Result<(), EncodeError> {
    encode(out, limit, |serializer| value.serialize(serializer))
}

/// Gives `sink` the encoding of `value`. A sink that could be full tells so itself.
///
/// # Errors
///
/// Where it, or a panic of its `Serialize`, makes an encoding impossible that could be read again.
pub(crate) fn encode_into<T: Serialize + ?Sized, S: Sink>(
    value: &T,
    sink: S,
) -> Result<S, EncodeError> {
    let mut serializer = Serializer::new(sink);
    match catch(|| value.serialize(&mut serializer)) {
        Ok(Ok(())) => Ok(serializer.into_output()),
        Ok(Err(fault)) => Err(EncodeError::Refused(fault.to_string())),
        Err(panic) => Err(panicked(&panic)),
    }
}

/// The value that `bytes` are the encoding of.
///
/// # Errors
///
/// Where they are none of a `T`, or have more bytes than it; where its `Deserialize` refuses it or
/// panics.
pub(crate) fn decode_value<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, DecodeError> {
    decode(bytes, |deserializer| T::deserialize(deserializer))
}

/// Appends to `out` what `write` writes, or nothing.
pub(super) fn encode<'a, R>(
    out: &'a mut Vec<u8>,
    limit: Option<usize>,
    write: impl FnOnce(&mut Serializer<Output<'a>>) -> Result<R, Fault>,
) -> Result<R, EncodeError> {
    let mut serializer = Serializer::new(Output::new(out, limit));
    let result = catch(|| write(&mut serializer));
    let elements = serializer.elements();
    let mut output = serializer.into_output();
    let is_readable = ElementsLeft::of(output.len()).take(elements).is_some();
    // The limit comes first: what else went wrong may be what the user's code made of it.
    let error = match (output.overrun(), result) {
        (Some((limit, bytes)), _) => EncodeError::TooLarge { bytes, limit },
        (None, Ok(Ok(value))) if is_readable => return Ok(value),
        (None, Ok(Ok(_))) => EncodeError::Refused(TOO_MANY.to_owned()),
        (None, Ok(Err(fault))) => EncodeError::Refused(fault.to_string()),
        (None, Err(panic)) => panicked(&panic),
    };
    output.revoke();
    Err(error)
}

fn panicked(message: &str) -> EncodeError {
    EncodeError::Refused(format!("a `Serialize` of it panicked: {message}"))
}

/// What `read` makes of all of `bytes`.
pub(super) fn decode<'de, R>(
    bytes: &'de [u8],
    read: impl FnOnce(&mut Deserializer<'de>) -> Result<R, Fault>,
) -> Result<R, DecodeError> {
    // A value that is thrown away is dropped in here too: its `Drop` is the user's code.
    let result = catch(|| -> Result<R, Fault> {
        let mut deserializer = Deserializer::new(bytes);
        let value = read(&mut deserializer)?;
        deserializer.finish()?;
        Ok(value)
    });
    match result {
        Ok(Ok(value)) => Ok(value),
        Ok(Err(fault)) => Err(DecodeError(fault.to_string())),
        Err(panic) => Err(DecodeError(format!("a `Deserialize` of it panicked: {panic}"))),
    }
}
