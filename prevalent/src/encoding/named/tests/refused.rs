//! What is refused, and with which words.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::accepted::Opaque;
use super::*;

#[track_caller]
fn refuses<T: DeserializeOwned + Debug>(
    stored: impl FnOnce(&mut Graph) -> TypeId,
    value: &impl Serialize,
    message: &str,
) {
    let message = format!("what was written as {message}");
    assert_eq!(structural::<T>(&graph(stored), value), message);
}

#[test]
fn numbers_are_never_narrowed() {
    use Scalar::{F64, I8, I64, U32, U64};

    refuses::<u32>(|g| g.scalar(U64), &1_u64, "`u64` can't be read as `u32`");
    refuses::<i64>(|g| g.scalar(U64), &1_u64, "`u64` can't be read as `i64`");
    refuses::<i32>(|g| g.scalar(U32), &1_u32, "`u32` can't be read as `i32`");
    refuses::<u8>(|g| g.scalar(I8), &1_i8, "`i8` can't be read as `u8`");
    refuses::<u128>(|g| g.scalar(I64), &1_i64, "`i64` can't be read as `u128`");
    refuses::<f64>(|g| g.scalar(I8), &1_i8, "`i8` can't be read as `f64`");
    refuses::<f32>(|g| g.scalar(F64), &1.0_f64, "`f64` can't be read as `f32`");
    refuses::<bool>(|g| g.scalar(Scalar::U8), &1_u8, "`u8` can't be read as `bool`");
    refuses::<u8>(|g| g.scalar(Scalar::Bool), &true, "`bool` can't be read as `u8`");
    refuses::<String>(|g| g.scalar(Scalar::Char), &'a', "`char` can't be read as `String`");
    refuses::<char>(Graph::string, &"a", "`String` can't be read as `char`");
}

#[test]
fn other_kinds_are_refused() {
    #[derive(Debug, Deserialize)]
    #[allow(dead_code)]
    struct Pair {
        a: u8,
        b: u8,
    }
    #[derive(Debug, Deserialize)]
    enum Color {
        Red,
    }
    type Map = BTreeMap<String, u8>;

    fn byte(g: &mut Graph) -> TypeId {
        g.scalar(Scalar::U8)
    }
    fn bytes(g: &mut Graph) -> TypeId {
        let byte = byte(g);
        g.seq(byte)
    }
    fn pair(g: &mut Graph) -> TypeId {
        let byte = byte(g);
        g.fields("P", &[("a", byte), ("b", byte)])
    }
    fn map(g: &mut Graph) -> TypeId {
        let text = g.string();
        let byte = byte(g);
        g.map(text, byte)
    }

    refuses::<Vec<u8>>(Graph::string, &"a", "`String` can't be read as `Vec<_>`");
    refuses::<String>(bytes, &vec![65_u8], "`Vec<u8>` can't be read as `String`");
    refuses::<[u8; 2]>(bytes, &vec![1_u8, 2], "`Vec<u8>` can't be read as `a tuple of 2 elements`");
    refuses::<Map>(pair, &(1_u8, 2_u8), "`P { a, b }` can't be read as `Map<_, _>`");
    refuses::<(u8, u8)>(
        pair,
        &(1_u8, 2_u8),
        "`P { a, b }` can't be read as `a tuple of 2 elements`",
    );
    refuses::<Pair>(
        |g| {
            let byte = byte(g);
            g.tuple(&[byte, byte])
        },
        &(1_u8, 2_u8),
        "`(u8, u8)` can't be read as `struct Pair { a, b }`",
    );
    let value = BTreeMap::from([("a", 1_u8)]);
    refuses::<Pair>(map, &value, "`Map<String, u8>` can't be read as `struct Pair { a, b }`");
    refuses::<Vec<(String, u8)>>(map, &value, "`Map<String, u8>` can't be read as `Vec<_>`");
    refuses::<Map>(bytes, &vec![1_u8], "`Vec<u8>` can't be read as `Map<_, _>`");
    refuses::<Color>(Graph::string, &"Red", "`String` can't be read as `enum Color`");
    refuses::<Option<u8>>(Graph::unit, &(), "`()` can't be read as `Option<_>`");
    refuses::<()>(byte, &1_u8, "`u8` can't be read as `()`");
    let option = |g: &mut Graph| {
        let byte = byte(g);
        g.option(byte)
    };
    refuses::<u8>(option, &Some(1_u8), "`Option<u8>` can't be read as `u8`");
    refuses::<u8>(option, &None::<u8>, "`Option<u8>` can't be read as `u8`");
}

#[test]
fn opaque_and_plain_are_not_the_same() {
    refuses::<Vec<u8>>(
        |g| g.0.add(Type::Opaque),
        &vec![1_u8],
        "`opaque` can't be read as `Vec<_>`",
    );
    refuses::<Opaque>(|g| g.0.add(Type::Bytes), &vec![1_u8], "`bytes` can't be read as `opaque`");
}

#[test]
fn what_nothing_is_known_of_is_refused() {
    refuses::<u8>(
        |g| g.0.add(Type::Untraced { name: "X".into() }),
        &1_u8,
        "`X (of which nothing more is known)` can't be read as `u8`",
    );
    let never = graph(|g| g.0.add(Type::Never));
    assert_eq!(refusal::<u8>(&never, &1_u8).kind, FaultKind::Malformed);
    assert_eq!(refusal::<Option<u8>>(&never, &1_u8).kind, FaultKind::Malformed);
}

#[test]
fn types_that_ask_what_comes_next_are_refused() {
    let stored = graph(Graph::string);
    let message = structural::<serde_json::Value>(&stored, &"a");
    assert!(message.starts_with("its `Deserialize` asks what comes next"), "{message}");
}

#[test]
fn tuples_have_one_length() {
    let triple = graph(|g| {
        let byte = g.scalar(Scalar::U8);
        g.tuple(&[byte; 3])
    });
    let value = (1_u8, 2_u8, 3_u8);
    let message = "3 elements were written, and 2 are read";
    assert_eq!(structural::<(u8, u8)>(&triple, &value), message);
    assert_eq!(structural::<[u8; 2]>(&triple, &value), message);
    let message = structural::<(u8, u8, u8, u8)>(&triple, &value);
    assert_eq!(message, "invalid length 3, expected a tuple of size 4");
}

fn person() -> (Types, TypeId) {
    graph(|g| {
        let zip = g.scalar(Scalar::U64);
        let address = g.fields("Address", &[("zip", zip)]);
        let addresses = g.seq(address);
        let name = g.string();
        g.fields("Person", &[("name", name), ("addresses", addresses)])
    })
}

#[test]
fn a_refusal_says_where_it_is() {
    #[derive(Debug, Deserialize)]
    #[allow(dead_code)]
    struct Address {
        zip: u32,
    }
    #[derive(Debug, Deserialize)]
    #[allow(dead_code)]
    struct Person {
        addresses: Vec<Address>,
    }
    let fault = refusal::<Person>(&person(), &("ann", vec![5_u64]));
    assert_eq!(fault.place(), "addresses[].zip");
    assert_eq!(fault.path, ["addresses", "[]", "zip"]);
    assert_eq!((fault.stored.as_str(), fault.wanted.as_deref()), ("u64", Some("u32")));
    assert_eq!(fault.consumed, 5);
    assert_eq!(
        fault.to_string(),
        "in `addresses[].zip`: what was written as `u64` can't be read as `u32`"
    );
}

#[test]
fn fields_that_are_missing_unknown_or_there_twice_are_refused() {
    #[derive(Debug, Deserialize)]
    #[allow(dead_code)]
    struct Missing {
        name: String,
        age: u8,
    }
    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    #[allow(dead_code)]
    struct Strict {
        name: String,
    }
    #[derive(Debug, Deserialize)]
    #[allow(dead_code)]
    struct Twice {
        #[serde(alias = "addresses", alias = "other")]
        name: serde::de::IgnoredAny,
    }
    let value = ("ann", Vec::<u64>::new());
    let fault = refusal::<Missing>(&person(), &value);
    assert_eq!(fault.kind, FaultKind::Structural);
    assert_eq!(fault.message, "missing field `age`");
    assert_eq!(fault.stored, "Person { name, addresses }");
    assert_eq!(fault.wanted.as_deref(), Some("struct Missing { name, age }"));
    let message = structural::<Strict>(&person(), &value);
    assert_eq!(message, "unknown field `addresses`, expected `name`");
    assert_eq!(structural::<Twice>(&person(), &value), "duplicate field `name`");
}

#[test]
fn variants_that_are_not_known_are_told_apart() {
    #[derive(Debug, Deserialize)]
    enum Color {
        Red,
        Green,
    }
    let stored = graph(|g| {
        let unit = g.unit();
        let color = g.variants("Color", &[("Red", unit), ("Blue", unit), ("Green", unit)]);
        g.seq(color)
    });
    assert!(read::<Vec<Color>>(&stored, &vec![0_u32, 2]).is_ok());
    let fault = refusal::<Vec<Color>>(&stored, &vec![0_u32, 1]);
    assert_eq!(fault.kind, FaultKind::UnknownVariant);
    assert_eq!(fault.variant, Some((TypeId(1), 1)));
    assert_eq!(fault.wanted.as_deref(), Some("enum Color"));
    assert_eq!(fault.to_string(), "in `[]`: unknown variant `Blue`, expected `Red` or `Green`");
}

#[test]
fn contents_of_a_variant_of_another_kind_are_refused() {
    #[derive(Debug, Deserialize)]
    #[allow(dead_code)]
    enum Shape {
        A { a: u8 },
        B(u8, u8),
        C,
    }
    let stored = |name: &'static str, build: fn(&mut Graph) -> TypeId| {
        graph(|g| {
            let contents = build(g);
            g.variants("Shape", &[(name, contents)])
        })
    };
    let byte = |g: &mut Graph| g.scalar(Scalar::U8);
    let value = (0_u8, 1_u8);
    assert_eq!(
        structural::<Shape>(&stored("A", byte), &value),
        "in `A`: what was written as `u8` can't be read as `a variant { a }`"
    );
    assert_eq!(
        structural::<Shape>(&stored("B", byte), &value),
        "in `B`: what was written as `u8` can't be read as `a variant of 2 elements`"
    );
    assert_eq!(
        structural::<Shape>(&stored("C", byte), &value),
        "in `C`: what was written as `u8` can't be read as `a variant without contents`"
    );
    // Below the top, having no contents is not like having no fields.
    assert_eq!(
        structural::<Shape>(&stored("A", Graph::unit), &0_u8),
        "in `A`: what was written as `()` can't be read as `a variant { a }`"
    );
}

#[test]
fn what_a_type_has_against_a_value_is_told_apart() {
    #[derive(Debug, Deserialize)]
    #[serde(try_from = "u8")]
    struct Even;
    impl TryFrom<u8> for Even {
        type Error = String;
        fn try_from(value: u8) -> Result<Self, String> {
            match value % 2 {
                0 => Ok(Even),
                _ => Err(format!("{value} is odd")),
            }
        }
    }
    #[derive(Debug)]
    struct Panics;
    impl<'de> Deserialize<'de> for Panics {
        fn deserialize<D: serde::Deserializer<'de>>(_: D) -> Result<Self, D::Error> {
            panic!("oh")
        }
    }
    #[derive(Debug)]
    struct NotEmpty;
    impl<'de> Deserialize<'de> for NotEmpty {
        fn deserialize<D: serde::Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
            match Vec::<u8>::deserialize(d)?.len() {
                0 => Err(serde::de::Error::invalid_length(0, &"one at least")),
                _ => Ok(NotEmpty),
            }
        }
    }
    let stored = graph(|g| {
        let byte = g.scalar(Scalar::U8);
        g.seq(byte)
    });
    let fault = refusal::<Vec<Even>>(&stored, &vec![2_u8, 3]);
    assert_eq!((fault.kind, fault.consumed), (FaultKind::Value, 3));
    assert_eq!(fault.to_string(), "in `[]`: 3 is odd");
    let fault = refusal::<Vec<Panics>>(&stored, &vec![2_u8, 3]);
    assert_eq!(fault.kind, FaultKind::Value);
    assert_eq!(fault.message, "a `Deserialize` of it panicked: oh");
    // How long a sequence is does not follow from its type.
    let fault = refusal::<NotEmpty>(&stored, &Vec::<u8>::new());
    assert_eq!((fault.kind, fault.consumed), (FaultKind::Value, 1));
    let lists = graph(|g| {
        let byte = g.scalar(Scalar::U8);
        let list = g.seq(byte);
        g.seq(list)
    });
    let fault = refusal::<Vec<NotEmpty>>(&lists, &vec![Vec::<u8>::new()]);
    assert_eq!((fault.kind, fault.place().as_str()), (FaultKind::Value, "[]"));
}

#[test]
fn a_fault_that_is_passed_over_is_told_nevertheless() {
    #[allow(clippy::unnecessary_wraps)]
    fn or_default<'de, D: serde::Deserializer<'de>>(d: D) -> Result<u8, D::Error> {
        Ok(Vec::<u8>::deserialize(d).map_or(0, |list| list[0]))
    }
    #[derive(Debug, Deserialize)]
    #[allow(dead_code)]
    struct Lenient {
        #[serde(deserialize_with = "or_default")]
        name: u8,
        #[serde(default)]
        extra: u8,
    }
    let message = structural::<Lenient>(&person(), &("ann", Vec::<u64>::new()));
    assert!(
        message.contains("what was written as `String` can't be read as `Vec<_>`"),
        "{message}"
    );
}

#[test]
fn every_byte_must_be_used() {
    let stored = graph(Graph::string);
    let fault = refusal::<String>(&stored, &("a", 1_u8));
    assert_eq!(fault.kind, FaultKind::Malformed);
    assert_eq!(fault.message, "1 bytes are left over after the end of the value");
}

#[test]
fn a_transaction_that_is_no_enum_or_has_no_such_variant_is_refused() {
    #[derive(Debug, Deserialize)]
    enum Tx {
        Ping,
    }
    let unit = graph(Graph::unit);
    for variant in [1, u32::MAX as usize, usize::MAX] {
        assert!(decode_tx_as::<Tx>(variant, &unit.0, unit.1, &[]).is_err());
    }
    assert!(decode_tx_as::<Tx>(0, &unit.0, unit.1, &[]).is_ok());
    let fault = decode_tx_as::<u8>(0, &unit.0, unit.1, &[]).unwrap_err();
    assert!(fault.message.contains("must be an enum"), "{fault}");
}

/// Reads one name at most, and its value if it is told to.
#[derive(Debug)]
struct Impatient<const WITH_VALUE: bool>;

impl<'de, const WITH_VALUE: bool> Deserialize<'de> for Impatient<WITH_VALUE> {
    fn deserialize<D: serde::Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        struct First<const WITH_VALUE: bool>;
        impl<'de, const WITH_VALUE: bool> serde::de::Visitor<'de> for First<WITH_VALUE> {
            type Value = Impatient<WITH_VALUE>;
            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("one field")
            }
            fn visit_map<A: serde::de::MapAccess<'de>>(
                self,
                mut map: A,
            ) -> Result<Self::Value, A::Error> {
                map.next_key::<String>()?;
                if WITH_VALUE {
                    map.next_value::<serde::de::IgnoredAny>()?;
                }
                Ok(Impatient)
            }
        }
        d.deserialize_struct("Impatient", &["first"], First)
    }
}

#[test]
fn a_reader_that_leaves_fields_unread_is_refused() {
    let value = ("ann", Vec::<u64>::new());
    assert_eq!(
        structural::<Impatient<true>>(&person(), &value),
        "its `Deserialize` leaves the field `addresses` unread"
    );
    assert_eq!(
        structural::<Impatient<false>>(&person(), &value),
        "its `Deserialize` leaves the field `name` unread"
    );
}
