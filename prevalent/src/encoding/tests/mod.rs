//! What a value goes through on its way to bytes and back.

mod refusals;
mod round_trips;

use std::fmt::Debug;

use serde::Serialize;
use serde::de::DeserializeOwned;

use super::{EncodeError, decode_value, encode_value};

fn encoded<T: Serialize + ?Sized>(value: &T) -> Vec<u8> {
    let mut bytes = Vec::new();
    encode_value(value, &mut bytes, None).unwrap();
    bytes
}

/// What `value` is refused for; nothing of it may be left in the buffer.
#[track_caller]
fn refusal<T: Serialize + ?Sized>(value: &T) -> String {
    let mut out = vec![1, 2, 3];
    match encode_value(value, &mut out, None) {
        Err(EncodeError::Refused(message)) => {
            assert_eq!(out, [1, 2, 3]);
            message
        }
        other => panic!("{other:?}"),
    }
}

#[track_caller]
fn decode_refusal<T: DeserializeOwned + Debug>(bytes: &[u8]) -> String {
    decode_value::<T>(bytes).unwrap_err().to_string()
}

#[track_caller]
fn assert_contains(message: &str, part: &str) {
    assert!(message.contains(part), "{message}");
}
