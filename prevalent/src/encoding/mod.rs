//! How values become bytes: [postcard](https://postcard.jamesmunns.com/wire-format), through a
//! serializer and a deserializer of our own.
//!
//! Postcard writes neither field names nor types, so that a value whose `Serialize` and
//! `Deserialize` don't agree on every field is misread in silence. The serializer here refuses
//! what it can see to be such; the deserializer must use up every byte, and tells what a type's own
//! `Deserialize` had against a value. A panic of the user's code is an error like any other.
//!
//! Not responsible for: which type the bytes are of (the schema), and whether they are the bytes
//! that were written (the checksums).

mod compound;
mod deserializer;
mod elements;
mod fault;
mod named;
mod output;
mod serializer;
mod sink;
mod stack;
#[cfg(test)]
mod tests;
mod tx;
mod value;

pub(crate) use named::{
    DecodeFault, FaultKind, decode_arguments_as, decode_tx_as, decode_value_as,
};
pub(crate) use sink::Sink;
pub(crate) use tx::{TxEncodeError, decode_tx, encode_args, encode_tx};
pub(crate) use value::{decode_value, encode_into, encode_value};

/// Why a value was not encoded.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum EncodeError {
    /// It has more bytes than it may.
    #[error("it takes {bytes} bytes or more, and {limit} is the limit")]
    TooLarge {
        /// How many bytes it has at least: it was given up when the limit was passed.
        bytes: usize,
        /// How many it may have.
        limit: usize,
    },
    /// It can't be written so that it could be read again.
    #[error("{0}")]
    Refused(String),
}

/// Why bytes are not the encoding of a value.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub(crate) struct DecodeError(pub(crate) String);
