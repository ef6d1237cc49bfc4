//! Sets whose order has no meaning: `#[serde(with = "prevalent::unordered")]`.
//!
//! The determinism check compares states by a [`Digest`](crate::Digest). The order of a map's entries never counts for it; that of
//! a sequence does, and to serde a set is a sequence like any other. A `HashSet` comes in another order from every
//! process, so that it has to be marked; a `BTreeSet` need not be.
//!
//! ```
//! use prevalent::Digest;
//! use serde::{Deserialize, Serialize};
//! use std::collections::HashSet;
//!
//! #[derive(Serialize, Deserialize)]
//! struct Article {
//!     title: String,
//!     #[serde(with = "prevalent::unordered")]
//!     tags: HashSet<String>,
//! }
//!
//! let article = |tags: [&str; 3]| Article {
//!     title: "Sets".into(),
//!     tags: tags.map(String::from).into(),
//! };
//! let (one, other) = (article(["a", "b", "c"]), article(["c", "a", "b"]));
//! assert_eq!(Digest::of(&one)?, Digest::of(&other)?);
//! # Ok::<(), prevalent::Error>(())
//! ```
//!
//! It stands on a field that is written as a sequence, or on an `Option` of one: a `HashSet`, a multiset, a `Vec` that is one.
//! A set that lies deeper, in a map for example, needs a type of its own with a marked field:
//!
//! ```
//! # use serde::{Deserialize, Serialize};
//! # use std::collections::{HashMap, HashSet};
//! #[derive(Serialize, Deserialize)]
//! struct Tags(#[serde(with = "prevalent::unordered")] HashSet<String>);
//!
//! #[derive(Serialize, Deserialize)]
//! struct Articles {
//!     tags: HashMap<u64, Tags>,
//! }
//! ```
//!
//! The mark changes nothing of what is stored: it may come and go. On something that is no sequence it is refused, when the
//! value is to be stored.

use std::fmt;
use std::marker::PhantomData;

use serde::de::{Deserialize, Deserializer, Visitor};
use serde::ser::{Serialize, Serializer};

/// The name of the newtype struct that stands for the mark.
pub(crate) const NAME: &str = "prevalent::unordered";

/// Writes the value as it is, with the mark around it.
///
/// # Errors
///
/// Those of the value's own `Serialize`.
pub fn serialize<T: Serialize + ?Sized, S: Serializer>(
    value: &T,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    serializer.serialize_newtype_struct(NAME, value)
}

/// Reads a value, marked or not.
///
/// # Errors
///
/// Those of the value's own `Deserialize`.
pub fn deserialize<'de, T: Deserialize<'de>, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<T, D::Error> {
    deserializer.deserialize_newtype_struct(NAME, Marked(PhantomData))
}

struct Marked<T>(PhantomData<T>);

impl<'de, T: Deserialize<'de>> Visitor<'de> for Marked<T> {
    type Value = T;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a sequence without order")
    }

    fn visit_newtype_struct<D: Deserializer<'de>>(self, deserializer: D) -> Result<T, D::Error> {
        T::deserialize(deserializer)
    }
}

#[cfg(test)]
mod tests {
    use serde::{Deserialize, Serialize};

    use crate::encoding::{decode_value, encode_value};

    #[derive(Debug, PartialEq, Serialize, Deserialize)]
    struct Marked {
        #[serde(with = "crate::unordered", default)]
        set: Option<Vec<u16>>,
        after: Vec<u8>,
    }

    #[derive(Debug, PartialEq, Serialize, Deserialize)]
    struct Plain {
        set: Option<Vec<u16>>,
        after: Vec<u8>,
    }

    fn encoded<T: Serialize>(value: &T) -> Vec<u8> {
        let mut bytes = Vec::new();
        encode_value(value, &mut bytes, None).unwrap();
        bytes
    }

    #[test]
    fn the_mark_leaves_no_trace_in_what_is_stored() {
        for set in [None, Some(vec![]), Some(vec![300, 2])] {
            let marked = Marked { set: set.clone(), after: vec![1, 2] };
            let plain = Plain { set, after: vec![1, 2] };
            assert_eq!(encoded(&marked), encoded(&plain));
            assert_eq!(decode_value::<Marked>(&encoded(&plain)).unwrap(), marked);
            assert_eq!(decode_value::<Plain>(&encoded(&marked)).unwrap(), plain);
        }
    }

    #[test]
    fn other_formats_see_the_value_as_it_is() {
        let marked = Marked { set: Some(vec![3, 1]), after: vec![] };
        let text = serde_json::to_string(&marked).unwrap();
        assert_eq!(text, r#"{"set":[3,1],"after":[]}"#);
        assert_eq!(serde_json::from_str::<Marked>(&text).unwrap(), marked);
    }
}
