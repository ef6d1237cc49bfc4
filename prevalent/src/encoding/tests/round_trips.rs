//! What must come back as it was.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::fmt::{self, Debug};
use std::net::IpAddr;
use std::time::{Duration, SystemTime};

use proptest::collection::{btree_map, vec};
use proptest::prelude::*;
use serde::de::{DeserializeOwned, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::{decode_value, encoded};

/// The value comes back, and its bytes are those that postcard itself writes.
#[track_caller]
fn assert_round_trip<T: Serialize + DeserializeOwned + Debug + PartialEq>(value: &T) {
    let bytes = encoded(value);
    assert_eq!(bytes, postcard::to_stdvec(value).unwrap());
    assert_eq!(&decode_value::<T>(&bytes).unwrap(), value);
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
enum Tree {
    Nothing,
    Number(i64),
    Pair(Option<Box<Tree>>, String),
    Node {
        name: String,
        #[serde(alias = "leaves", alias = "branches")]
        children: Vec<Tree>,
        index: BTreeMap<u16, Tree>,
    },
}

fn tree() -> impl Strategy<Value = Tree> {
    let leaf = prop_oneof![Just(Tree::Nothing), any::<i64>().prop_map(Tree::Number)];
    leaf.prop_recursive(5, 64, 5, |inner| {
        prop_oneof![
            (proptest::option::of(inner.clone().prop_map(Box::new)), ".*")
                .prop_map(|(tree, name)| Tree::Pair(tree, name)),
            (".*", vec(inner.clone(), 0..5), btree_map(any::<u16>(), inner, 0..5))
                .prop_map(|(name, children, index)| Tree::Node { name, children, index }),
        ]
    })
}

type Scalars = (bool, i8, i16, i32, (i64, i128, u8, u16, u32), (u64, u128, char, String));

proptest! {
    #[test]
    fn nested_values_come_back(tree in tree()) {
        assert_round_trip(&tree);
    }

    #[test]
    fn scalars_come_back(scalars: Scalars, options: Vec<Option<Option<u8>>>) {
        assert_round_trip(&scalars);
        assert_round_trip(&options);
    }

    #[test]
    fn no_bytes_make_the_reader_panic(bytes: Vec<u8>) {
        let _ = decode_value::<Vec<Tree>>(&bytes);
        let _ = decode_value::<(char, String, HashMap<String, bool>, Option<f64>)>(&bytes);
    }
}

#[test]
fn the_types_of_the_standard_library_come_back() {
    #[derive(Debug, PartialEq, Serialize, Deserialize)]
    struct Empty {}
    #[derive(Debug, PartialEq, Serialize, Deserialize)]
    struct Unit;
    #[derive(Debug, PartialEq, Serialize, Deserialize)]
    struct Newtype(u32);

    assert_round_trip(&(Empty {}, Unit, (), Newtype(3)));
    assert_round_trip(&HashMap::from([("a".to_owned(), 1), ("b".to_owned(), 2)]));
    assert_round_trip(&BTreeSet::from([3, 1, 2]));
    assert_round_trip(&[[1_u8; 4]; 3]);
    assert_round_trip(&(i128::MIN, u128::MAX, '🦀', f64::NEG_INFINITY, -0.0_f32));
    assert_round_trip(&(Duration::from_nanos(5), SystemTime::UNIX_EPOCH, 1..2, Some(Some(()))));
    assert_round_trip(&(Ok::<_, u8>(1), Err::<u8, _>(2), "::1".parse::<IpAddr>().unwrap()));
}

#[test]
fn a_nan_keeps_its_bits() {
    let odd = f32::from_bits(0x7fc0_1234);
    assert_eq!(decode_value::<f32>(&encoded(&odd)).unwrap().to_bits(), odd.to_bits());
}

#[test]
fn bytes_come_back() {
    #[derive(Debug, PartialEq)]
    struct Bytes(Vec<u8>);
    impl Serialize for Bytes {
        fn serialize<S: Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
            s.serialize_bytes(&self.0)
        }
    }
    impl<'de> Deserialize<'de> for Bytes {
        fn deserialize<D: Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
            struct Read;
            impl Visitor<'_> for Read {
                type Value = Bytes;
                fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                    f.write_str("bytes")
                }
                fn visit_bytes<E>(self, bytes: &[u8]) -> Result<Bytes, E> {
                    Ok(Bytes(bytes.to_vec()))
                }
            }
            d.deserialize_byte_buf(Read)
        }
    }
    assert_round_trip(&vec![Bytes(vec![]), Bytes(vec![0, 255, 7])]);
}

#[test]
fn a_display_is_written_as_a_string() {
    struct Shown(IpAddr);
    impl Serialize for Shown {
        fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
            serializer.collect_str(&self.0)
        }
    }
    let bytes = encoded(&Shown("127.0.0.1".parse().unwrap()));
    assert_eq!(decode_value::<String>(&bytes).unwrap(), "127.0.0.1");
}
