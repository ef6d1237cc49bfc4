//! Serde's attributes: what counts is what is written.

use std::borrow::Cow;
use std::collections::HashSet;

use serde::{Deserialize, Serialize};

use super::*;

mod as_text {
    use serde::{Deserialize, Deserializer, Serializer};

    #[expect(clippy::trivially_copy_pass_by_ref, reason = "serde gives a reference")]
    pub(super) fn serialize<S: Serializer>(value: &u32, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&value.to_string())
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<u32, D::Error> {
        let text = String::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

mod plain {
    use serde::{Deserialize, Deserializer, Serialize, Serializer};

    pub(super) fn serialize<T: Serialize, S: Serializer>(
        value: &T,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        value.serialize(serializer)
    }

    pub(super) fn deserialize<'de, T: Deserialize<'de>, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<T, D::Error> {
        T::deserialize(deserializer)
    }
}

#[test]
fn fields_have_the_names_that_are_written() {
    #[derive(Serialize, Deserialize)]
    #[serde(rename = "Outer", rename_all = "camelCase")]
    struct Renamed {
        first_name: String,
        #[serde(rename(serialize = "years", deserialize = "age"), alias = "old", alias = "a")]
        age: u8,
        #[serde(default)]
        height: u16,
        #[serde(skip)]
        #[expect(dead_code)]
        cache: Vec<u8>,
        #[serde(skip_serializing, skip_deserializing)]
        #[expect(dead_code)]
        other: u8,
        last: bool,
    }
    assert_eq!(traced::<Renamed>(), "Outer {firstName: str, years: u8, height: u16, last: bool}");
}

#[test]
fn variants_have_the_names_and_indices_that_are_written() {
    #[derive(Serialize, Deserialize)]
    #[serde(rename_all = "snake_case")]
    enum Choice {
        FirstOne,
        #[serde(rename = "two", alias = "zwei")]
        Second(u8),
        #[serde(rename_all = "UPPERCASE")]
        Third {
            field: Option<u8>,
        },
        Fourth(u8, String),
        Fifth {},
        Sixth(),
        #[serde(skip)]
        #[expect(dead_code)]
        Skipped(u8),
    }
    assert_eq!(
        traced::<Choice>(),
        "Choice <0 first_one () | 1 two u8 | 2 third third {FIELD: u8?} | 3 fourth fourth(u8, str) | \
         4 fifth fifth {} | 5 sixth sixth()>"
    );
}

#[test]
fn a_with_attribute_decides_what_is_written() {
    #[derive(Serialize, Deserialize)]
    struct With {
        #[serde(with = "as_text")]
        number: u32,
        #[serde(serialize_with = "plain::serialize", deserialize_with = "plain::deserialize")]
        list: Vec<Option<u16>>,
        #[serde(with = "plain")]
        other: Vec<Option<String>>,
        #[serde(serialize_with = "plain::serialize")]
        one: Option<Choice>,
        #[serde(serialize_with = "plain::serialize")]
        two: Option<Choice>,
        #[serde(deserialize_with = "plain::deserialize")]
        three: Option<u8>,
    }
    #[derive(Serialize, Deserialize)]
    enum Choice {
        A,
        B(#[serde(with = "plain")] Option<u8>),
        C(#[serde(with = "plain")] Option<u16>, #[serde(with = "plain")] Option<u32>),
        #[serde(with = "plain")]
        D(Option<u64>),
    }
    let choice = "Choice <0 A () | 1 B u8? | 2 C C(u16?, u32?) | 3 D u64?>";
    assert_eq!(
        traced::<With>(),
        format!(
            "With {{number: str, list: [u16?], other: [str?], one: {choice}?, two: {choice}?, three: u8?}}"
        )
    );
}

#[test]
fn all_is_seen_of_each_field_with_a_with_attribute_though_others_are_of_its_type() {
    #[derive(Serialize, Deserialize)]
    enum Choice {
        A,
        B(Vec<u8>),
    }
    #[derive(Serialize, Deserialize)]
    struct Same {
        #[serde(serialize_with = "plain::serialize")]
        a: Vec<Choice>,
        #[serde(serialize_with = "plain::serialize")]
        b: Vec<Choice>,
        c: Choice,
        #[serde(serialize_with = "plain::serialize")]
        d: Choice,
        e: Choice,
        #[serde(with = "plain")]
        f: Choice,
    }
    let choice = "Choice <0 A () | 1 B [u8]>";
    assert_eq!(
        traced::<Same>(),
        format!(
            "Same {{a: [{choice}], b: [{choice}], c: {choice}, d: {choice}, e: {choice}, f: {choice}}}"
        )
    );
}

#[test]
fn transparent_types_are_what_is_inside() {
    #[derive(Serialize, Deserialize)]
    #[serde(transparent)]
    struct Transparent {
        inner: Vec<u8>,
    }
    assert_eq!(traced::<Transparent>(), "[u8]");
    assert_eq!(traced::<Option<Transparent>>(), "[u8]?");
}

#[test]
fn conversions_are_what_they_convert_to() {
    #[derive(Clone, Serialize, Deserialize)]
    #[serde(from = "(u8, u16)", into = "Raw")]
    struct Converted(u8);
    impl From<(u8, u16)> for Converted {
        fn from(from: (u8, u16)) -> Self {
            Converted(from.0)
        }
    }
    #[derive(Serialize)]
    struct Raw {
        a: u8,
        b: u16,
    }
    impl From<Converted> for Raw {
        fn from(from: Converted) -> Self {
            Raw { a: from.0, b: 0 }
        }
    }
    assert_eq!(traced::<Converted>(), "Raw {a: u8, b: u16}");
}

#[test]
fn structs_of_all_shapes_are_traced() {
    #[derive(Serialize, Deserialize)]
    struct Unit;
    #[derive(Serialize, Deserialize)]
    struct Newtype(u64);
    #[derive(Serialize, Deserialize)]
    struct Tuple(u8, Newtype);
    #[derive(Serialize, Deserialize)]
    struct Generic<'a, T> {
        value: T,
        text: Cow<'a, str>,
    }
    #[derive(Serialize, Deserialize)]
    struct Whole {
        unit: Unit,
        tuple: Tuple,
        a: Generic<'static, u8>,
        b: Generic<'static, Option<Unit>>,
        empty: (),
    }
    assert_eq!(
        traced::<Whole>(),
        "Whole {unit: (), tuple: Tuple(u8, Newtype=u64), a: Generic {value: u8, text: str}, \
         b: Generic {value: ()?, text: str}, empty: ()}"
    );
}

#[test]
fn types_of_one_name_in_two_modules_are_two() {
    mod one {
        #[derive(serde::Serialize, serde::Deserialize)]
        pub(super) struct Item {
            pub(super) next: Option<Box<Item>>,
        }
    }
    mod two {
        #[derive(serde::Serialize, serde::Deserialize)]
        pub(super) struct Item {
            pub(super) items: Vec<Item>,
            pub(super) more: Option<u8>,
        }
    }
    #[derive(Serialize, Deserialize)]
    struct Both {
        one: one::Item,
        two: two::Item,
    }
    assert_eq!(
        traced::<Both>(),
        "Both {one: Item {next: ^1?}, two: Item {items: [^1], more: u8?}}"
    );
}

#[test]
fn an_opaque_field_is_only_that() {
    /// Written in one way or in another.
    #[derive(Deserialize)]
    struct Fickle(Vec<Option<u8>>);
    impl Serialize for Fickle {
        fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
            match self.0.len() {
                0 => serializer.serialize_u8(0),
                _ => self.0.serialize(serializer),
            }
        }
    }
    #[derive(Serialize, Deserialize)]
    struct Around {
        #[serde(with = "crate::opaque")]
        inside: Fickle,
        after: Option<u8>,
    }
    assert_eq!(traced::<Around>(), "Around {inside: opaque, after: u8?}");
    assert_eq!(traced::<Fickle>(), "untraced: Fickle");
}

#[derive(PartialEq, Eq, Hash, Serialize, Deserialize)]
enum Kind {
    Small,
    Large(u8),
}

#[test]
fn a_marked_set_is_the_sequence_that_it_is_without_the_mark() {
    mod marked {
        use super::*;
        #[derive(Serialize, Deserialize)]
        pub(super) struct Around {
            #[serde(with = "crate::unordered")]
            kinds: HashSet<Kind>,
            #[serde(with = "crate::unordered")]
            maybe: Option<Vec<String>>,
            #[serde(with = "crate::unordered", default)]
            nodes: Vec<Around>,
        }
    }
    mod plain {
        use super::*;
        #[derive(Serialize, Deserialize)]
        pub(super) struct Around {
            kinds: HashSet<Kind>,
            maybe: Option<Vec<String>>,
            #[serde(default)]
            nodes: Vec<Around>,
        }
    }
    let expected = "Around {kinds: [Kind <0 Small () | 1 Large u8>], maybe: [str]?, nodes: [^1]}";
    assert_eq!(traced::<marked::Around>(), traced::<plain::Around>());
    assert_eq!(traced::<marked::Around>(), expected);
}
