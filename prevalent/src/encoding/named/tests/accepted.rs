//! What is read.

use std::collections::BTreeMap;
use std::fmt::Debug;

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use super::*;

#[derive(Serialize)]
struct Item<'a> {
    name: &'a str,
    price: u16,
    tags: Vec<&'a str>,
}

const ITEM: fn() -> Item<'static> = || Item { name: "nut", price: 300, tags: vec!["a", "b"] };

fn item() -> (Types, TypeId) {
    graph(|g| {
        let name = g.string();
        let price = g.scalar(Scalar::U16);
        let tags = g.seq(name);
        g.fields("Item", &[("name", name), ("price", price), ("tags", tags)])
    })
}

#[test]
fn a_struct_is_read_by_the_names_of_its_fields() {
    #[derive(Debug, PartialEq, Deserialize)]
    struct New {
        #[serde(default)]
        count: u8,
        tags: Vec<String>,
        #[serde(alias = "price")]
        cents: u64,
        note: Option<String>,
        #[serde(skip)]
        cache: u32,
    }
    let new: New = read(&item(), &ITEM()).unwrap();
    let tags = vec!["a".to_owned(), "b".to_owned()];
    assert_eq!(new, New { count: 0, tags, cents: 300, note: None, cache: 0 });
}

#[test]
fn a_struct_of_the_same_fields_is_read_in_their_order() {
    #[derive(Debug, PartialEq, Deserialize)]
    struct Same {
        name: Option<String>,
        #[serde(skip)]
        cache: u32,
        price: u32,
        tags: Vec<String>,
    }
    let same: Same = read(&item(), &ITEM()).unwrap();
    assert_eq!((same.name.as_deref(), same.price, same.tags.len()), (Some("nut"), 300, 2));
}

#[test]
fn a_field_whose_alias_is_another_field_that_was_written_is_refused() {
    #[derive(Debug, Deserialize)]
    #[allow(dead_code)]
    struct Alias {
        #[serde(alias = "price")]
        name: String,
        #[serde(default)]
        tags: Vec<String>,
    }
    // Both ways of reading it end in a refusal: in the order, a field is left over; by names, one is there twice.
    structural::<Alias>(&item(), &ITEM());
}

#[track_caller]
fn reads<T: DeserializeOwned + Debug + PartialEq>(
    stored: impl FnOnce(&mut Graph) -> TypeId,
    value: &impl Serialize,
    expected: &T,
) {
    assert_eq!(read::<T>(&graph(stored), value).as_ref(), Ok(expected));
}

#[test]
fn a_number_is_read_as_one_that_has_room_for_all_of_its_type() {
    use Scalar::{F32, F64, I8, I32, I64, I128, U8, U16, U32, U64, U128};

    reads(|g| g.scalar(U8), &200_u8, &200_u8);
    reads(|g| g.scalar(U8), &200_u8, &200_u128);
    reads(|g| g.scalar(U16), &60_000_u16, &60_000_u64);
    reads(|g| g.scalar(U32), &u32::MAX, &i64::from(u32::MAX));
    reads(|g| g.scalar(U64), &u64::MAX, &i128::from(u64::MAX));
    reads(|g| g.scalar(U128), &u128::MAX, &u128::MAX);
    reads(|g| g.scalar(I8), &-3_i8, &-3_i16);
    reads(|g| g.scalar(I32), &i32::MIN, &i64::from(i32::MIN));
    reads(|g| g.scalar(I64), &i64::MIN, &i128::from(i64::MIN));
    reads(|g| g.scalar(I128), &i128::MIN, &i128::MIN);
    reads(|g| g.scalar(F32), &1.5_f32, &1.5_f64);
    reads(|g| g.scalar(F64), &0.1_f64, &0.1_f64);
    reads(|g| g.scalar(Scalar::Bool), &true, &true);
    reads(|g| g.scalar(Scalar::Char), &'ü', &'ü');
}

#[derive(Debug, PartialEq, Deserialize, Serialize)]
struct Id(u64);

#[derive(Debug, PartialEq, Deserialize, Serialize)]
struct Outer(Id);

#[test]
fn newtypes_come_and_go() {
    let id = |g: &mut Graph| {
        let number = g.scalar(Scalar::U64);
        let id = g.newtype("Id", number);
        g.newtype("Outer", id)
    };
    reads(id, &7_u64, &7_u64);
    reads(id, &7_u64, &Id(7));
    reads(id, &7_u64, &Outer(Id(7)));
    reads(|g| g.scalar(Scalar::U64), &7_u64, &Outer(Id(7)));
    reads(|g| g.scalar(Scalar::U8), &7_u8, &Some(Outer(Id(7))));
    let optional = |g: &mut Graph| {
        let number = g.scalar(Scalar::U64);
        let option = g.option(number);
        g.newtype("Maybe", option)
    };
    reads(optional, &Some(7_u64), &Some(Id(7)));
}

#[test]
fn what_was_always_there_may_be_optional_now() {
    reads(Graph::string, &"a", &Some("a".to_owned()));
    let option = |g: &mut Graph| {
        let text = g.string();
        g.option(text)
    };
    reads(option, &Some("a"), &Some(Some("a".to_owned())));
    reads(option, &None::<&str>, &None::<Option<String>>);
}

#[test]
fn bytes_and_sequences_of_bytes_are_read_as_each_other() {
    #[derive(Debug, PartialEq)]
    struct Bytes(Vec<u8>);
    impl<'de> Deserialize<'de> for Bytes {
        fn deserialize<D: serde::Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
            struct Read;
            impl serde::de::Visitor<'_> for Read {
                type Value = Bytes;
                fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                    f.write_str("bytes")
                }
                fn visit_bytes<E>(self, bytes: &[u8]) -> Result<Bytes, E> {
                    Ok(Bytes(bytes.to_vec()))
                }
            }
            d.deserialize_bytes(Read)
        }
    }
    let byte_seq = |g: &mut Graph| {
        let byte = g.scalar(Scalar::U8);
        g.seq(byte)
    };
    let value = vec![1_u8, 255, 3];
    reads(byte_seq, &value, &value);
    reads(byte_seq, &value, &Bytes(value.clone()));
    reads(|g| g.0.add(Type::Bytes), &value, &Bytes(value.clone()));
    reads(|g| g.0.add(Type::Bytes), &value, &value);
    reads(|g| g.0.add(Type::Bytes), &value, &vec![1_u32, 255, 3]);
    let array = |g: &mut Graph| {
        let byte = g.scalar(Scalar::U8);
        g.tuple(&[byte; 3])
    };
    reads(array, &[1_u8, 255, 3], &Bytes(value.clone()));
    reads(array, &[1_u8, 255, 3], &value);
}

#[test]
fn sequences_maps_and_tuples_are_read_as_their_like() {
    let pair = |g: &mut Graph| {
        let byte = g.scalar(Scalar::U8);
        let short = g.scalar(Scalar::U16);
        g.tuple(&[byte, short])
    };
    reads(pair, &(1_u8, 1000_u16), &(1_u16, 1000_u64));
    reads(pair, &(1_u8, 1000_u16), &vec![1_u32, 1000]);
    reads(pair, &(1_u8, 1000_u16), &[1_u32, 1000]);
    let map = |g: &mut Graph| {
        let text = g.string();
        let byte = g.scalar(Scalar::U8);
        g.map(text, byte)
    };
    let value = BTreeMap::from([("a".to_owned(), 1_u8), ("b".to_owned(), 2)]);
    reads(map, &value, &value);
    let wide = BTreeMap::from([("a".to_owned(), 1_u64), ("b".to_owned(), 2)]);
    reads(map, &value, &wide);
}

#[test]
fn a_missing_last_element_with_a_default_is_fine() {
    #[derive(Debug, PartialEq, Deserialize)]
    struct Three(u8, u8, #[serde(default)] u8);
    let pair = |g: &mut Graph| {
        let byte = g.scalar(Scalar::U8);
        g.tuple(&[byte; 2])
    };
    reads(pair, &(1_u8, 2_u8), &Three(1, 2, 0));
}

#[derive(Serialize)]
enum OldShape {
    Empty,
    Round(u32),
    Pair(u8, u8),
    Box { width: u8, height: u8 },
    Flat { side: u8 },
}

fn shape() -> (Types, TypeId) {
    graph(|g| {
        let unit = g.unit();
        let number = g.scalar(Scalar::U32);
        let byte = g.scalar(Scalar::U8);
        let pair = g.tuple(&[byte, byte]);
        let sides = g.fields("Box", &[("width", byte), ("height", byte)]);
        let side = g.fields("Side", &[("side", byte)]);
        let variants =
            [("Empty", unit), ("Round", number), ("Pair", pair), ("Box", sides), ("Flat", side)];
        g.variants("Shape", &variants)
    })
}

#[test]
fn a_variant_is_read_by_its_name_wherever_it_is() {
    #[derive(Debug, PartialEq, Deserialize)]
    struct Side {
        side: u16,
    }
    #[derive(Debug, PartialEq, Deserialize)]
    enum NewShape {
        Flat(Side),
        #[serde(rename = "Box")]
        Rectangle {
            height: u8,
            width: u8,
            #[serde(default)]
            depth: u8,
        },
        #[serde(alias = "Pair")]
        Two(u16, u16),
        #[serde(alias = "Round")]
        Circle(Option<u64>),
        #[serde(other)]
        Unknown,
    }
    let shape = shape();
    let read = |value: OldShape| read::<NewShape>(&shape, &value).unwrap();
    assert_eq!(read(OldShape::Empty), NewShape::Unknown);
    assert_eq!(read(OldShape::Round(70_000)), NewShape::Circle(Some(70_000)));
    assert_eq!(read(OldShape::Pair(1, 2)), NewShape::Two(1, 2));
    let expected = NewShape::Rectangle { height: 2, width: 1, depth: 0 };
    assert_eq!(read(OldShape::Box { width: 1, height: 2 }), expected);
    assert_eq!(read(OldShape::Flat { side: 5 }), NewShape::Flat(Side { side: 5 }));
}

#[derive(Serialize)]
enum Choice {
    A,
    B(Option<BTreeMap<&'static str, Vec<&'static str>>>),
}

#[test]
fn fields_that_nobody_knows_are_passed_over() {
    #[derive(Debug, PartialEq, Deserialize)]
    struct New {
        last: u8,
    }
    let stored = graph(|g| {
        let shape = g.unit();
        let text = g.string();
        let texts = g.seq(text);
        let map = g.map(text, texts);
        let option = g.option(map);
        let choice = g.variants("Choice", &[("A", shape), ("B", option)]);
        let byte = g.scalar(Scalar::U8);
        g.fields("Old", &[("choice", choice), ("last", byte)])
    });
    for choice in [Choice::A, Choice::B(None), Choice::B(Some(BTreeMap::from([("k", vec!["v"])])))]
    {
        assert_eq!(read::<New>(&stored, &(choice, 9_u8)), Ok(New { last: 9 }));
    }
}

#[test]
fn a_value_that_its_reader_does_not_look_at_is_passed_over() {
    #[derive(Debug, PartialEq)]
    struct Nothing;
    impl<'de> Deserialize<'de> for Nothing {
        fn deserialize<D: serde::Deserializer<'de>>(_: D) -> Result<Self, D::Error> {
            Ok(Nothing)
        }
    }
    #[derive(Debug, PartialEq, Deserialize)]
    struct New {
        text: Option<Nothing>,
        last: u8,
    }
    let stored = graph(|g| {
        let text = g.string();
        let byte = g.scalar(Scalar::U8);
        g.fields("Old", &[("text", text), ("last", byte)])
    });
    let expected = New { text: Some(Nothing), last: 9 };
    assert_eq!(read::<New>(&stored, &("text", 9_u8)).as_ref(), Ok(&expected));
    let optional = graph(|g| {
        let text = g.string();
        let text = g.option(text);
        let byte = g.scalar(Scalar::U8);
        g.fields("Old", &[("text", text), ("last", byte)])
    });
    assert_eq!(read::<New>(&optional, &(Some("text"), 9_u8)).as_ref(), Ok(&expected));
}

#[derive(Debug, PartialEq, Deserialize)]
enum Tx {
    Ping,
    Open {
        name: String,
        #[serde(default)]
        limit: u64,
    },
    Pair(u16, u16),
}

#[test]
fn a_transaction_is_read_by_the_names_of_its_arguments() {
    let arguments = graph(|g| {
        let text = g.string();
        g.fields("Open", &[("name", text)])
    });
    let bytes = encoded(&"ann");
    let tx = decode_tx_as::<Tx>(1, &arguments.0, arguments.1, &bytes);
    assert_eq!(tx, Ok(Tx::Open { name: "ann".into(), limit: 0 }));
    // All arguments were removed.
    assert_eq!(decode_tx_as::<Tx>(0, &arguments.0, arguments.1, &bytes), Ok(Tx::Ping));
    let pair = graph(|g| {
        let byte = g.scalar(Scalar::U8);
        g.tuple(&[byte, byte])
    });
    assert_eq!(decode_tx_as::<Tx>(2, &pair.0, pair.1, &[1, 2]), Ok(Tx::Pair(1, 2)));
}

#[test]
fn a_transaction_without_arguments_may_get_some() {
    #[derive(Debug, PartialEq, Deserialize)]
    enum Tx {
        Ping {
            #[serde(default)]
            count: u8,
        },
    }
    let unit = graph(Graph::unit);
    assert_eq!(decode_tx_as::<Tx>(0, &unit.0, unit.1, &[]), Ok(Tx::Ping { count: 0 }));
}

#[test]
fn opaque_bytes_are_read_as_opaque() {
    let stored = graph(|g| {
        let opaque = g.0.add(Type::Opaque);
        g.newtype("Secret", opaque)
    });
    assert_eq!(read::<Opaque>(&stored, &vec![1_u8, 2]), Ok(Opaque(vec![1, 2])));
}

/// As `prevalent::opaque` reads.
#[derive(Debug, PartialEq)]
pub(super) struct Opaque(Vec<u8>);

impl<'de> Deserialize<'de> for Opaque {
    fn deserialize<D: serde::Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        struct Bytes;
        impl<'de> serde::de::Visitor<'de> for Bytes {
            type Value = Opaque;
            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("opaque bytes")
            }
            fn visit_newtype_struct<D: serde::Deserializer<'de>>(
                self,
                d: D,
            ) -> Result<Opaque, D::Error> {
                d.deserialize_bytes(self)
            }
            fn visit_bytes<E>(self, bytes: &[u8]) -> Result<Opaque, E> {
                Ok(Opaque(bytes.to_vec()))
            }
        }
        d.deserialize_newtype_struct("prevalent::opaque", Bytes)
    }
}

#[test]
fn types_of_the_standard_library_are_read() {
    use std::net::{IpAddr, Ipv4Addr};
    use std::time::Duration;

    let duration = |g: &mut Graph| {
        let secs = g.scalar(Scalar::U64);
        let nanos = g.scalar(Scalar::U32);
        g.fields("Duration", &[("secs", secs), ("nanos", nanos)])
    };
    let value = Duration::new(7, 9);
    reads(duration, &value, &value);
    let address = |g: &mut Graph| {
        let byte = g.scalar(Scalar::U8);
        let four = g.tuple(&[byte; 4]);
        let sixteen = g.tuple(&[byte; 16]);
        g.variants("IpAddr", &[("V4", four), ("V6", sixteen)])
    };
    let value = IpAddr::V4(Ipv4Addr::LOCALHOST);
    reads(address, &value, &value);
    let outcome = |g: &mut Graph| {
        let byte = g.scalar(Scalar::U8);
        let text = g.string();
        g.variants("Result", &[("Ok", byte), ("Err", text)])
    };
    reads(outcome, &Ok::<u8, String>(3), &Ok::<u16, String>(3));
    reads(Graph::unit, &(), &std::marker::PhantomData::<u8>);
}
