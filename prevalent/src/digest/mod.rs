//! The digest of a value: what states are compared by.

mod sink;
#[cfg(test)]
mod tests;

use std::any::type_name;
use std::fmt;

use serde::Serialize;

use self::sink::DigestSink;
use crate::encoding::{EncodeError, encode_into};
use crate::error::Error;
use crate::model::Model;

/// A short stand-in for a value, of 128 bits: equal values have equal digests, and others, as good as certainly, other ones.
///
/// The order of the entries of maps makes no difference, nor that of sets that are [marked](crate::unordered). That of all
/// other sequences does. Fields that are not stored (`#[serde(skip)]`) are not in it; floating-point numbers count by
/// their bits.
///
/// ```
/// use prevalent::Digest;
/// use std::collections::HashMap;
///
/// let tokens: HashMap<u32, char> = [(1, 'a'), (2, 'b'), (3, 'c')].into();
/// let others: HashMap<u32, char> = [(3, 'c'), (2, 'b'), (1, 'a')].into();
/// assert_eq!(Digest::of(&tokens)?, Digest::of(&others)?);
/// assert_ne!(Digest::of(&[1, 2])?, Digest::of(&[2, 1])?);
/// # Ok::<(), prevalent::Error>(())
/// ```
///
/// It is made from the encoding that the value would have in a store, by XXH3: no defence against somebody who looks for
/// values with equal digests. Keep none for long: only those of the same version of this library and of the type may be
/// compared.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Digest(u128);

impl Digest {
    /// The digest of a value that can be stored. Memory for it doesn't grow with the value.
    ///
    /// # Errors
    ///
    /// [`Error::Encoding`] where the value can't be stored, or its `Serialize` panics.
    pub fn of<T: Serialize + ?Sized>(value: &T) -> Result<Digest, Error> {
        digest(value).map_err(|error| refused(type_name::<T>(), &error))
    }

    pub(crate) fn of_model<M: Model>(model: &M) -> Result<Digest, Error> {
        digest(model).map_err(|error| refused(M::NAME, &error))
    }
}

fn digest<T: Serialize + ?Sized>(value: &T) -> Result<Digest, EncodeError> {
    encode_into(value, DigestSink::new()).map(DigestSink::finish)
}

fn refused(what: &str, error: &EncodeError) -> Error {
    Error::Encoding { tx: what.to_owned(), reason: error.to_string() }
}

/// 32 hexadecimal digits.
impl fmt::Display for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:032x}", self.0)
    }
}

impl fmt::Debug for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Digest({self})")
    }
}
