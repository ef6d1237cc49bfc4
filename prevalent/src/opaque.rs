//! Fields of which the engine knows no more than their bytes: `#[serde(with = "prevalent::opaque")]`.
//!
//! The engine finds out by itself what the types of a model look like on disk, and checks with every open that what is
//! stored can still be read. A type that is written in one way or in another, whichever its value calls for, has no
//! such looks. As an opaque field it can be stored all the same: its encoding is kept as bytes with their length before
//! them.
//!
//! ```
//! use serde::{Deserialize, Serialize};
//!
//! /// Others may change their `Plan` as they like: it is ours to keep it readable.
//! #[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
//! struct Plan {
//!     steps: Vec<String>,
//! }
//!
//! #[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
//! struct Project {
//!     name: String,
//!     #[serde(with = "prevalent::opaque")]
//!     plan: Plan,
//! }
//!
//! let project = Project { name: "bridge".into(), plan: Plan { steps: vec!["measure".into()] } };
//! let stored = serde_json::to_string(&project)?;
//! assert_eq!(serde_json::from_str::<Project>(&stored)?, project);
//! # Ok::<(), serde_json::Error>(())
//! ```
//!
//! # What it takes
//!
//! No change of the type is noticed any more, and none is bridged: a field that is added, removed or moved, a variant
//! in another place, makes what is stored unreadable, or is read as something else. That the type stays as it is, or reads
//! its older forms itself, is up to you.
//!
//! What can't be stored otherwise can't be stored like this either: `untagged`, `flatten` and types like
//! `serde_json::Value`, which ask the encoding what comes next. And one value of the type must still be found; if it
//! refuses all that is usual, give one it accepts among the model's `samples(..)` ([`SAMPLES`](crate::ModelData::SAMPLES)).

use std::cell::Cell;
use std::fmt;
use std::marker::PhantomData;

use serde::de::{self, DeserializeOwned, Deserializer, SeqAccess, Visitor};
use serde::ser::{self, Serialize, Serializer};

use crate::encoding::{decode_value, encode_value};

/// The name of the newtype struct that stands for an opaque value.
pub(crate) const NAME: &str = "prevalent::opaque";

/// Writes the value as bytes, with the encoding that it has in a store.
///
/// # Errors
///
/// Where the value can't be stored: its `Serialize` fails or panics, or writes what could not be read again.
pub fn serialize<T: Serialize + ?Sized, S: Serializer>(
    value: &T,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    serializer.serialize_newtype_struct(NAME, &Encoded(value))
}

/// Reads a value that [`serialize`] wrote.
///
/// # Errors
///
/// Where the bytes are not those of a `T`, or more than those.
pub fn deserialize<'de, T: DeserializeOwned, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<T, D::Error> {
    deserializer.deserialize_newtype_struct(NAME, Opaque(PhantomData))
}

struct Encoded<'a, T: ?Sized>(&'a T);

impl<T: Serialize + ?Sized> Serialize for Encoded<'_, T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if REVEALED.take() {
            return self.0.serialize(serializer);
        }
        let mut bytes = Vec::new();
        encode_value(self.0, &mut bytes, None).map_err(ser::Error::custom)?;
        serializer.serialize_bytes(&bytes)
    }
}

thread_local! {
    /// Whether the value that is serialized next is what it is, and not bytes.
    static REVEALED: Cell<bool> = const { Cell::new(false) };
}

/// Serializes what is in the newtype, which must be the first thing that `serialize` does. serde has no other way to tell it.
pub(crate) fn reveal<R>(serialize: impl FnOnce() -> R) -> R {
    REVEALED.set(true);
    let result = serialize();
    // A newtype of the user's, of the same name, has not taken notice.
    REVEALED.set(false);
    result
}

struct Opaque<T>(PhantomData<T>);

impl<'de, T: DeserializeOwned> Visitor<'de> for Opaque<T> {
    type Value = T;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an opaque value")
    }

    fn visit_newtype_struct<D: Deserializer<'de>>(self, deserializer: D) -> Result<T, D::Error> {
        deserializer.deserialize_byte_buf(Encoding(PhantomData))
    }

    /// No bytes, but the value itself: who finds out about types comes this way.
    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<T, A::Error> {
        seq.next_element()?.ok_or_else(|| de::Error::invalid_length(0, &self))
    }
}

struct Encoding<T>(PhantomData<T>);

impl<'de, T: DeserializeOwned> Visitor<'de> for Encoding<T> {
    type Value = T;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("bytes")
    }

    fn visit_bytes<E: de::Error>(self, bytes: &[u8]) -> Result<T, E> {
        decode_value(bytes).map_err(E::custom)
    }

    /// Bytes, in formats that have none: JSON is one.
    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<T, A::Error> {
        let mut bytes = Vec::new();
        while let Some(byte) = seq.next_element()? {
            bytes.push(byte);
        }
        self.visit_bytes(&bytes)
    }
}

#[cfg(test)]
mod tests {
    use serde::{Deserialize, Serialize};

    use super::*;
    use crate::encoding::EncodeError;

    #[derive(Debug, PartialEq, Serialize, Deserialize)]
    struct Around<T: Serialize + DeserializeOwned> {
        #[serde(with = "crate::opaque")]
        inside: T,
        after: u8,
    }

    fn encoded<T: Serialize + DeserializeOwned>(
        inside: T,
        limit: Option<usize>,
    ) -> Result<Vec<u8>, EncodeError> {
        let mut bytes = Vec::new();
        encode_value(&Around { inside, after: 9 }, &mut bytes, limit)?;
        Ok(bytes)
    }

    #[test]
    fn an_opaque_value_is_its_encoding_behind_its_length() {
        let inside = (300_u16, "ab".to_owned());
        let bytes = encoded(inside.clone(), None).unwrap();
        assert_eq!(bytes, [5, 0xac, 2, 2, b'a', b'b', 9]);
        let back: Around<(u16, String)> = decode_value(&bytes).unwrap();
        assert_eq!(back, Around { inside, after: 9 });
    }

    #[test]
    fn all_bytes_of_an_opaque_value_must_be_used() {
        let bytes = [3, 7, 7, 7, 9];
        let error = decode_value::<Around<u8>>(&bytes).unwrap_err().to_string();
        assert!(error.contains("2 bytes are left over"), "{error}");
    }

    #[test]
    fn an_opaque_value_counts_to_the_limit() {
        let error = encoded("x".repeat(30), Some(20)).unwrap_err();
        assert_eq!(error, EncodeError::TooLarge { bytes: 32, limit: 20 });
    }

    #[test]
    fn what_is_refused_elsewhere_is_refused_in_an_opaque_value() {
        #[derive(Serialize, Deserialize)]
        struct Skips {
            #[serde(skip_serializing_if = "Option::is_none")]
            text: Option<u8>,
        }
        let error = encoded(Skips { text: None }, None).unwrap_err().to_string();
        assert!(error.contains("`skip_serializing_if`"), "{error}");
    }

    #[test]
    fn a_panic_inside_of_an_opaque_value_is_an_error() {
        #[derive(Deserialize)]
        struct Panics;
        impl Serialize for Panics {
            fn serialize<S: Serializer>(&self, _: S) -> Result<S::Ok, S::Error> {
                panic!("not today")
            }
        }
        let error = encoded(Panics, None).unwrap_err().to_string();
        assert!(error.contains("not today"), "{error}");
    }

    #[test]
    fn formats_that_have_no_bytes_can_hold_an_opaque_value() {
        let value = Around { inside: vec![1_u64], after: 2 };
        let text = serde_json::to_string(&value).unwrap();
        assert_eq!(serde_json::from_str::<Around<Vec<u64>>>(&text).unwrap(), value);
    }
}
