//! One test for each thing that is refused.

use std::collections::BTreeMap;
use std::fmt;

use serde::de::{MapAccess, SeqAccess, Visitor};
use serde::ser::{self, SerializeMap, SerializeSeq, SerializeStruct, SerializeTuple};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::super::DecodeError;
use super::super::stack::STACK_BYTES_MAX;
use super::{
    EncodeError, assert_contains, decode_refusal, decode_value, encode_value, encoded, refusal,
};

#[test]
fn a_field_that_is_left_out_is_refused_and_named() {
    #[derive(Serialize)]
    struct Account {
        #[serde(skip_serializing_if = "Option::is_none")]
        note: Option<u8>,
        balance: u8,
    }
    #[derive(Serialize)]
    enum Event {
        Moved {
            #[serde(skip_serializing_if = "Option::is_none")]
            by: Option<u8>,
        },
    }
    #[derive(Serialize)]
    struct Bank {
        accounts: BTreeMap<u8, Vec<Account>>,
    }

    let account = |note| Account { note, balance: 2 };
    assert_eq!(encoded(&account(Some(1))), [1, 1, 2]);
    assert_eq!(
        refusal(&account(None)),
        "in field `note`: `skip_serializing_if` left the field out, and the encoding has no field \
         names to tell which one is missing: remove the attribute"
    );
    assert_contains(&refusal(&Event::Moved { by: None }), "in field `by`: `skip_");
    let bank = Bank { accounts: BTreeMap::from([(1, vec![account(Some(2)), account(None)])]) };
    assert_contains(&refusal(&bank), "in field `accounts.note`: `skip_");
}

#[test]
fn a_field_that_is_left_out_is_refused_although_nobody_looks_at_the_error() {
    struct Skips;
    impl Serialize for Skips {
        fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
            let mut fields = serializer.serialize_struct("Skips", 1)?;
            let _ = fields.skip_field("a");
            fields.serialize_field("b", &1_u8)?;
            fields.end()
        }
    }
    assert_contains(&refusal(&Skips), "`Skips` was ended after an element of it had failed");
}

#[test]
fn flatten_is_refused() {
    #[derive(Debug, Serialize, Deserialize)]
    struct Inner {
        b: u8,
    }
    #[derive(Debug, Serialize, Deserialize)]
    struct Outer {
        a: u8,
        #[serde(flatten)]
        inner: Inner,
    }
    assert_contains(&refusal(&Outer { a: 1, inner: Inner { b: 2 } }), "flatten");
    assert!(decode_value::<Outer>(&[1, 2]).is_err());
}

/// Nine bytes announced more elements than a decoder would ever have come to the end of: found by fuzzing.
#[test]
fn more_elements_without_bytes_than_anybody_can_count_are_refused() {
    let most = (1 << 20) + 3;
    let announced = vec![(); most];
    let bytes = encoded(&announced);
    assert_eq!(bytes.len(), 3);
    assert_eq!(decode_value::<Vec<()>>(&bytes), Ok(announced));

    assert_contains(&refusal(&vec![(); most + 1]), "too many elements");
    let in_parts = [vec![(); most / 2 + 10], vec![(); most / 2 + 10]];
    assert_contains(&refusal(&in_parts), "too many elements");
    let bytes = [0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01];
    assert_contains(&decode_refusal::<Vec<()>>(&bytes), "too many elements");
    let in_parts = [2, 0xff, 0xff, 0x3f, 0xff, 0xff, 0x3f];
    assert_contains(&decode_refusal::<Vec<Vec<()>>>(&in_parts), "too many elements");
}

#[test]
fn what_asks_for_what_comes_next_is_refused_when_read() {
    #[derive(Debug, Serialize, Deserialize)]
    #[serde(untagged)]
    enum Untagged {
        Number(u8),
    }
    #[derive(Debug, Serialize, Deserialize)]
    #[serde(tag = "type")]
    enum Internal {
        Number { number: u8 },
    }
    #[derive(Debug, Serialize, Deserialize)]
    #[serde(tag = "type", content = "content")]
    enum Adjacent {
        Number(u8),
    }
    let untagged = encoded(&Untagged::Number(1));
    assert_contains(&decode_refusal::<Untagged>(&untagged), "`untagged`");
    let internal = encoded(&Internal::Number { number: 1 });
    assert_contains(&decode_refusal::<Internal>(&internal), "`tag`");
    let adjacent = encoded(&Adjacent::Number(1));
    assert_contains(&decode_refusal::<Adjacent>(&adjacent), "`tag`");
    let json = encoded(&serde_json::json!({ "a": [1] }));
    assert_contains(&decode_refusal::<serde_json::Value>(&json), "`serde_json::Value`");
    assert_contains(&decode_refusal::<serde::de::IgnoredAny>(&[1]), "asks what comes next");
}

/// A `Serialize` made of a closure that knows the serializer.
macro_rules! wrong {
    (|$serializer:ident| $body:expr) => {{
        struct Wrong;
        impl Serialize for Wrong {
            fn serialize<S: Serializer>(&self, $serializer: S) -> Result<S::Ok, S::Error> {
                $body
            }
        }
        refusal(&Wrong)
    }};
}

#[test]
fn an_unknown_length_is_refused() {
    assert_contains(&wrong!(|s| s.serialize_seq(None)?.end()), "a sequence does not say");
    assert_contains(&wrong!(|s| s.serialize_map(None)?.end()), "a map does not say");
    let numbers_seq = wrong!(|s| s.collect_seq((0..9).filter(|n| n % 2 == 0)));
    assert_contains(&numbers_seq, "a sequence does not say");
    let pairs = wrong!(|s| s.collect_map((0..9).filter(|n| n % 2 == 0).map(|n| (n, n))));
    assert_contains(&pairs, "a map does not say");
}

#[test]
fn fewer_elements_than_announced_are_refused() {
    assert_contains(
        &wrong!(|s| {
            let mut seq = s.serialize_seq(Some(2))?;
            seq.serialize_element(&1)?;
            seq.end()
        }),
        "a sequence said that it has 2 elements, and wrote 1",
    );
    assert_contains(&wrong!(|s| s.serialize_tuple(1)?.end()), "a tuple said");
    assert_contains(&wrong!(|s| s.serialize_map(Some(1))?.end()), "a map said");
    assert_contains(&wrong!(|s| s.serialize_struct("Point", 1)?.end()), "`Point` said");
}

#[test]
fn one_element_more_than_announced_is_refused_at_once() {
    // The error is passed over, and still nothing comes of it.
    let message = wrong!(|s| {
        let mut seq = s.serialize_seq(Some(1))?;
        seq.serialize_element(&1)?;
        let error = seq.serialize_element(&2).unwrap_err().to_string();
        assert_contains(&error, "said that it has 1 elements, and wrote more");
        seq.end()
    });
    assert_contains(&message, "an element of it had failed");
    let message = wrong!(|s| {
        let mut point = s.serialize_struct("Point", 0)?;
        point.serialize_field("x", &1)?;
        point.end()
    });
    assert_contains(&message, "in field `x`: `Point` said that it has 0 elements");
    let message = wrong!(|s| s.serialize_map(Some(0))?.serialize_entry(&1, &2).map(|()| panic!()));
    assert_contains(&message, "a map said");
}

#[test]
fn keys_and_values_of_a_map_must_take_turns() {
    let message = wrong!(|s| {
        let mut map = s.serialize_map(Some(2))?;
        map.serialize_key(&1)?;
        map.serialize_key(&1)?;
        map.serialize_value(&1)?;
        map.end()
    });
    assert_contains(&message, "a key without a value");
    let message = wrong!(|s| {
        let mut map = s.serialize_map(Some(1))?;
        map.serialize_key(&1)?;
        map.end()
    });
    assert_contains(&message, "a key without a value");
    let message = wrong!(|s| {
        let mut map = s.serialize_map(Some(0))?;
        map.serialize_value(&1)?;
        map.end()
    });
    assert_contains(&message, "a map was ended");
}

#[test]
fn an_error_that_is_passed_over_is_an_error_still() {
    /// Fails after it has written something.
    struct Half;
    impl Serialize for Half {
        fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
            let mut tuple = serializer.serialize_tuple(2)?;
            tuple.serialize_element(&1)?;
            Err(ser::Error::custom("only half of it"))
        }
    }
    assert_eq!(refusal(&Half), "only half of it");
    let message = wrong!(|s| {
        let mut seq = s.serialize_seq(Some(2))?;
        seq.serialize_element(&Half).unwrap_err();
        seq.serialize_element(&1)?;
        seq.end()
    });
    assert_contains(&message, "an element of it had failed");
}

#[test]
fn a_display_that_gives_another_text_each_time_is_refused() {
    struct Growing(std::cell::Cell<usize>, bool);
    impl fmt::Display for Growing {
        fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            let Growing(len, grows) = self;
            len.set(if *grows { len.get() + 1 } else { len.get() - 1 });
            f.write_str(&"x".repeat(len.get()))
        }
    }
    let message = wrong!(|s| s.collect_str(&Growing(5.into(), true)));
    assert_contains(&message, "two texts");
    let message = wrong!(|s| s.collect_str(&Growing(5.into(), false)));
    assert_contains(&message, "two texts");
}

#[test]
fn a_value_at_the_limit_is_written_and_one_above_is_given_up() {
    let mut out = vec![7];
    encode_value(&[1_u8; 10], &mut out, Some(10)).unwrap();
    assert_eq!(out.len(), 11);
    let error = encode_value(&[1_u8; 11], &mut out, Some(10)).unwrap_err();
    assert_eq!(error, EncodeError::TooLarge { bytes: 11, limit: 10 });
    assert_eq!(error.to_string(), "it takes 11 bytes or more, and 10 is the limit");
    assert_eq!(out.len(), 11);
}

#[test]
fn an_endless_value_is_given_up_at_the_limit() {
    let error = {
        struct Endless;
        impl Serialize for Endless {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                // The limit is told nevertheless.
                Ok(serializer.collect_seq(std::iter::repeat_n("text", usize::MAX)).unwrap())
            }
        }
        encode_value(&Endless, &mut Vec::new(), Some(1 << 20)).unwrap_err()
    };
    assert!(matches!(error, EncodeError::TooLarge { limit: 1_048_576, .. }), "{error:?}");
    let text = "x".repeat(100);
    let shown = {
        struct Shown<'a>(&'a str);
        impl Serialize for Shown<'_> {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.collect_str(self.0)
            }
        }
        encode_value(&Shown(&text), &mut Vec::new(), Some(50)).unwrap_err()
    };
    assert_eq!(shown, EncodeError::TooLarge { bytes: 101, limit: 50 });
}

#[test]
fn every_byte_must_be_used() {
    assert_eq!(
        decode_refusal::<u8>(&[1, 2, 3]),
        "2 bytes are left over after the end of the value"
    );
    assert_eq!(decode_refusal::<(u8, u8)>(&[1]), "the bytes end before the value does");
    assert_eq!(decode_refusal::<String>(&[9, b'a']), "the bytes end before the value does");
    assert_eq!(decode_refusal::<bool>(&[2]), "a `bool` is neither 0 nor 1");
    assert_eq!(decode_refusal::<String>(&[1, 0xff]), "a text is not UTF-8");
    assert_eq!(decode_refusal::<Option<u8>>(&[2]), "an `Option` is neither 0 nor 1");
    assert_contains(&decode_refusal::<Result<u8, u8>>(&[9]), "expected `Ok` or `Err`");
}

#[test]
fn elements_that_are_not_read_are_refused() {
    #[derive(Debug)]
    struct First;
    impl<'de> Deserialize<'de> for First {
        fn deserialize<D: Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
            struct Read;
            impl<'de> Visitor<'de> for Read {
                type Value = First;
                fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                    f.write_str("a sequence")
                }
                fn visit_seq<A: SeqAccess<'de>>(self, mut a: A) -> Result<First, A::Error> {
                    a.next_element::<u8>()?;
                    Ok(First)
                }
            }
            d.deserialize_seq(Read)
        }
    }
    assert!(decode_value::<First>(&[1, 7]).is_ok());
    // The bytes of the second element would be taken for the `u8` after it.
    assert_contains(&decode_refusal::<(First, u8)>(&[2, 7, 8]), "left 1 elements");
}

#[test]
fn entries_that_are_not_read_are_refused_though_they_take_no_bytes() {
    #[derive(Debug)]
    struct None;
    impl<'de> Deserialize<'de> for None {
        fn deserialize<D: Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
            struct Read;
            impl<'de> Visitor<'de> for Read {
                type Value = None;
                fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                    f.write_str("a map")
                }
                fn visit_map<A: MapAccess<'de>>(self, _: A) -> Result<None, A::Error> {
                    Ok(None)
                }
            }
            d.deserialize_map(Read)
        }
    }
    assert!(decode_value::<None>(&[0]).is_ok());
    assert_contains(&decode_refusal::<None>(&[2]), "left 2 elements");
}

#[test]
fn a_damaged_length_makes_no_room() {
    #[derive(Debug)]
    struct Trusting;
    impl<'de> Deserialize<'de> for Trusting {
        fn deserialize<D: Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
            struct Read;
            impl<'de> Visitor<'de> for Read {
                type Value = Trusting;
                fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                    f.write_str("a sequence")
                }
                fn visit_seq<A: SeqAccess<'de>>(self, mut a: A) -> Result<Trusting, A::Error> {
                    let mut room = Vec::<u8>::with_capacity(a.size_hint().unwrap());
                    while let Some(number) = a.next_element()? {
                        room.push(number);
                    }
                    Ok(Trusting)
                }
            }
            d.deserialize_seq(Read)
        }
    }
    let mut bytes = encoded(&u64::MAX);
    bytes.push(1);
    assert_eq!(decode_refusal::<Trusting>(&bytes), "it has too many elements for its bytes");
}

#[test]
fn what_a_type_has_against_a_value_is_told() {
    #[derive(Debug, Deserialize)]
    #[serde(try_from = "u8")]
    struct Even;
    impl TryFrom<u8> for Even {
        type Error = String;
        fn try_from(number: u8) -> Result<Self, String> {
            if number.is_multiple_of(2) { Ok(Even) } else { Err(format!("{number} is odd")) }
        }
    }
    assert!(decode_value::<Even>(&[2]).is_ok());
    assert_eq!(decode_value::<Even>(&[3]).unwrap_err(), DecodeError("3 is odd".to_owned()));
}

#[test]
fn a_panic_is_an_error() {
    #[derive(Debug)]
    struct Panics;
    impl Serialize for Panics {
        fn serialize<S: Serializer>(&self, _: S) -> Result<S::Ok, S::Error> {
            panic!("not today")
        }
    }
    impl<'de> Deserialize<'de> for Panics {
        fn deserialize<D: Deserializer<'de>>(_: D) -> Result<Self, D::Error> {
            panic!("not tomorrow")
        }
    }
    assert_eq!(refusal(&(1, Panics)), "a `Serialize` of it panicked: not today");
    assert_eq!(
        decode_refusal::<(u8, Panics)>(&[1]),
        "a `Deserialize` of it panicked: not tomorrow"
    );
}

#[test]
fn a_panic_in_the_drop_of_a_value_that_is_thrown_away_is_an_error() {
    #[derive(Debug, Deserialize)]
    struct Grumpy(u8);
    impl Drop for Grumpy {
        fn drop(&mut self) {
            assert!(self.0 != 1, "thrown away");
        }
    }
    assert!(decode_value::<Grumpy>(&[0]).is_ok());
    assert_contains(&decode_refusal::<Grumpy>(&[1, 2]), "panicked: thrown away");
}

/// A list whose end lies deeper than any stack goes.
#[derive(Debug, Default, Serialize, Deserialize)]
struct Link {
    next: Option<Box<Link>>,
}

impl Link {
    fn list(len: usize) -> Self {
        (0..len).fold(Link::default(), |next, _| Link { next: Some(Box::new(next)) })
    }

    fn len(&self) -> usize {
        std::iter::successors(self.next.as_deref(), |link| link.next.as_deref()).count()
    }
}

impl Drop for Link {
    fn drop(&mut self) {
        // One by one: to drop them in each other would take a stack, too.
        let mut next = self.next.take();
        while let Some(mut link) = next {
            next = link.next.take();
        }
    }
}

/// Where each kind of value lies in another one of its kind. Whatever is made of them must not be dropped.
#[derive(Debug, Serialize, Deserialize)]
enum Tree {
    Leaf,
    Node(Box<Tree>),
    Pair(u8, Box<Tree>),
    Named { tree: Box<Tree> },
}

#[derive(Debug, Serialize, Deserialize)]
struct Nest(Vec<Nest>);

#[derive(Debug, Serialize, Deserialize)]
struct Maps(BTreeMap<u8, Maps>);

/// So many of them in each other are refused.
#[track_caller]
fn assert_too_deep<T: Serialize>(innermost: T, around: impl Fn(T) -> T) {
    let deep = (0..200_000).fold(innermost, |inside, _| around(inside));
    assert_contains(&refusal(&deep), "too deep");
    std::mem::forget(deep);
}

#[test]
fn what_lies_too_deep_for_a_stack_is_refused_in_both_directions() {
    // With the stack of the engine's threads.
    let thread = std::thread::Builder::new().stack_size(8 << 20);
    let thread = thread.spawn(|| {
        assert_contains(&refusal(&Link::list(1_000_000)), "too deep");
        let shallow = encoded(&Link::list(300));
        assert_eq!(decode_value::<Link>(&shallow).unwrap().len(), 300);
        assert_too_deep(Tree::Leaf, |tree| Tree::Node(Box::new(tree)));
        assert_too_deep(Tree::Leaf, |tree| Tree::Pair(1, Box::new(tree)));
        assert_too_deep(Tree::Leaf, |tree| Tree::Named { tree: Box::new(tree) });
        assert_too_deep(Nest(Vec::new()), |nest| Nest(vec![nest]));
        assert_too_deep(Maps(BTreeMap::new()), |maps| Maps(BTreeMap::from([(1, maps)])));

        let deep = vec![1; 1_000_000];
        assert_contains(&decode_refusal::<Link>(&deep), "too deep");
        assert_contains(&decode_refusal::<Tree>(&deep), "too deep");
        assert_contains(&decode_refusal::<Nest>(&deep), "too deep");
        assert_contains(&decode_refusal::<Maps>(&deep), "too deep");
    });
    thread.unwrap().join().unwrap();
}

/// Calls `work` with so much of the stack taken.
fn far_below(bytes: usize, work: &mut dyn FnMut()) {
    let room = [0_u8; 4096];
    std::hint::black_box(&room);
    match bytes.checked_sub(room.len()) {
        Some(left) => far_below(left, work),
        None => work(),
    }
    std::hint::black_box(&room);
}

#[test]
fn a_text_that_is_displayed_too_deep_is_refused_and_not_written_without_its_length() {
    struct Low;
    impl Serialize for Low {
        fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
            let (mut serializer, mut result) = (Some(serializer), None);
            far_below(STACK_BYTES_MAX, &mut || {
                result = serializer.take().map(|it| it.collect_str("text"));
            });
            result.unwrap()
        }
    }
    let thread = std::thread::Builder::new().stack_size(4 * STACK_BYTES_MAX);
    let refused = thread.spawn(|| assert_contains(&refusal(&Low), "too deep"));
    refused.unwrap().join().unwrap();
}
