//! What tells a transaction that is tried again from another one.

use std::fmt;
use std::sync::Arc;

use serde::de::{SeqAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// The key of a transaction that happens at most once: `#[tx(idempotent)]`.
///
/// The caller chooses it, once for each thing that is to be done, and uses it again whenever that is tried again: the id of a
/// request, of an order, of a message. It has 1 to 255 bytes; a commit with any other is refused with
/// [`Error::Encoding`](crate::Error::Encoding), and nothing is ordered.
///
/// ```
/// use prevalent::Key;
///
/// let key = Key::from("order 4711");
/// assert_eq!(key.to_string(), "order 4711");
/// assert_ne!(Key::random(), Key::random());
/// ```
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Key(Arc<[u8]>);

impl Key {
    /// The most bytes that a key may have.
    pub const BYTES_MAX: usize = 255;

    /// 128 bits from the operating system's generator. Keep it as long as you may have to try again: in the client, or in
    /// whatever queue the request comes from.
    ///
    /// # Panics
    ///
    /// Where the operating system has no random numbers.
    #[must_use]
    pub fn random() -> Self {
        let mut bytes = [0; 16];
        if let Err(error) = getrandom::fill(&mut bytes) {
            panic!("the operating system gives no random numbers: {error}");
        }
        Key::from(bytes)
    }

    /// The bytes.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }

    /// Why it can't be one.
    pub(crate) fn fault(&self) -> Option<String> {
        match self.0.len() {
            0 => Some("its key is empty; a key has 1 to 255 bytes".to_owned()),
            1..=Self::BYTES_MAX => None,
            bytes => Some(format!("its key has {bytes} bytes; a key has 1 to 255 bytes")),
        }
    }
}

impl From<&[u8]> for Key {
    fn from(bytes: &[u8]) -> Self {
        Key(bytes.into())
    }
}

impl From<&str> for Key {
    fn from(text: &str) -> Self {
        Key(text.as_bytes().into())
    }
}

impl From<String> for Key {
    fn from(text: String) -> Self {
        Key(text.into_bytes().into())
    }
}

/// Its eight bytes, the high one first.
impl From<u64> for Key {
    fn from(number: u64) -> Self {
        Key(number.to_be_bytes().into())
    }
}

/// Its sixteen bytes, the high one first.
impl From<u128> for Key {
    fn from(number: u128) -> Self {
        Key(number.to_be_bytes().into())
    }
}

impl From<[u8; 16]> for Key {
    fn from(bytes: [u8; 16]) -> Self {
        Key(bytes.into())
    }
}

/// As text where it is one that can be read, else in hexadecimal digits.
impl fmt::Display for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match str::from_utf8(&self.0) {
            Ok(text) if !text.chars().any(char::is_control) => f.write_str(text),
            _ => self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}")),
        }
    }
}

impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Key({self})")
    }
}

impl Serialize for Key {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_bytes(&self.0)
    }
}

impl<'de> Deserialize<'de> for Key {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_byte_buf(KeyVisitor)
    }
}

struct KeyVisitor;

impl<'de> Visitor<'de> for KeyVisitor {
    type Value = Key;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the bytes of a key")
    }

    fn visit_bytes<E>(self, bytes: &[u8]) -> Result<Key, E> {
        Ok(Key::from(bytes))
    }

    fn visit_byte_buf<E>(self, bytes: Vec<u8>) -> Result<Key, E> {
        Ok(Key(bytes.into()))
    }

    /// What an encoding like JSON makes of bytes.
    fn visit_seq<A: SeqAccess<'de>>(self, mut sequence: A) -> Result<Key, A::Error> {
        let mut bytes = Vec::new();
        while let Some(byte) = sequence.next_element()? {
            bytes.push(byte);
        }
        Ok(Key(bytes.into()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_shown_as_text_where_it_is_text() {
        assert_eq!(Key::from("order 7 ä").to_string(), "order 7 ä");
        assert_eq!(Key::from("two\nlines").to_string(), "74776f0a6c696e6573");
        assert_eq!(Key::from(0xfe_u64).to_string(), "00000000000000fe");
        assert_eq!(format!("{:?}", Key::from(vec![255; 2].as_slice())), "Key(ffff)");
    }

    #[test]
    fn numbers_and_arrays_are_their_bytes() {
        assert_eq!(Key::from(1_u64).as_bytes(), [0, 0, 0, 0, 0, 0, 0, 1]);
        assert_eq!(Key::from(1_u128), Key::from(1_u128.to_be_bytes()));
        assert_eq!(Key::from("a".to_owned()), Key::from("a"));
        assert!(Key::from(1_u64) < Key::from(2_u64));
    }

    #[test]
    fn one_to_255_bytes_are_a_key() {
        for (bytes, is_good) in [(0, false), (1, true), (255, true), (256, false)] {
            assert_eq!(Key::from("x".repeat(bytes)).fault().is_none(), is_good, "{bytes}");
        }
    }

    #[test]
    fn it_reads_back_from_what_it_wrote() {
        let key = Key::from(vec![0, 200, 7].as_slice());
        let json = serde_json::to_string(&key).unwrap();
        assert_eq!(serde_json::from_str::<Key>(&json).unwrap(), key);
        let mut bytes = Vec::new();
        crate::encoding::encode_value(&key, &mut bytes, None).unwrap();
        assert_eq!(bytes, [3, 0, 200, 7]);
        assert_eq!(crate::encoding::decode_value::<Key>(&bytes).unwrap(), key);
    }
}
