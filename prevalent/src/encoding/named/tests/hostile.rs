//! Bytes and schemas that nobody has written.

use std::collections::BTreeMap;

use proptest::collection::vec;
use proptest::prelude::*;
use serde::Deserialize;

use super::*;

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
#[allow(dead_code)]
struct Reader {
    a: Option<Box<Reader>>,
    b: Vec<Reader>,
    c: BTreeMap<String, Choice>,
    d: (u64, i64),
    e: String,
    f: serde::de::IgnoredAny,
}

#[derive(Debug, Deserialize)]
#[allow(dead_code)]
enum Choice {
    A,
    B(Box<Choice>),
    C { a: Reader, b: Option<Vec<u8>> },
    D(u8, f64),
}

/// Types that refer to each other, and to ones that are not there, at random.
fn schema() -> impl Strategy<Value = Types> {
    let id = || (0_u32..14).prop_map(TypeId);
    let name = || "[a-f]";
    let scalar = prop_oneof![Just(Scalar::U8), Just(Scalar::U64), Just(Scalar::F64)];
    let field = (name(), id()).prop_map(|(name, ty)| Field { name, ty });
    let variant = ("[A-D]", id(), 0_u32..4).prop_map(|(name, contents, index)| Variant {
        index,
        name,
        contents,
    });
    let ty = prop_oneof![
        scalar.prop_map(Type::Scalar),
        Just(Type::String),
        Just(Type::Bytes),
        Just(Type::Unit),
        Just(Type::Opaque),
        Just(Type::Never),
        id().prop_map(Type::Option),
        id().prop_map(Type::Seq),
        (id(), id()).prop_map(|(key, value)| Type::Map { key, value }),
        vec(id(), 0..4).prop_map(|elements| Type::Tuple { name: String::new(), elements }),
        vec(field, 0..6).prop_map(|fields| Type::Struct { name: "S".into(), fields }),
        id().prop_map(|inner| Type::Newtype { name: "N".into(), inner }),
        vec(variant, 0..5).prop_map(|variants| Type::Enum { name: "E".into(), variants }),
    ];
    vec(ty, 1..14).prop_map(|all| {
        let mut types = Types::default();
        for ty in all {
            types.add(ty);
        }
        types
    })
}

/// On a thread like the engine's.
fn with_stack<R: Send + 'static>(work: impl FnOnce() -> R + Send + 'static) -> R {
    std::thread::Builder::new().stack_size(8 << 20).spawn(work).unwrap().join().unwrap()
}

#[test]
fn no_bytes_of_no_schema_make_the_reader_panic() {
    with_stack(|| {
        proptest!(|(types in schema(), bytes: Vec<u8>, small in vec(0_u8..4, 0..40))| {
            for bytes in [&bytes, &small] {
                for result in [
                    decode_value_as::<Reader>(&types, TypeId(0), bytes).err(),
                    decode_value_as::<Vec<Choice>>(&types, TypeId(0), bytes).err(),
                    decode_value_as::<serde::de::IgnoredAny>(&types, TypeId(0), bytes).err(),
                    decode_tx_as::<Choice>(2, &types, TypeId(0), bytes).err(),
                ].into_iter().flatten() {
                    prop_assert!(!result.message.contains("panicked"), "{}", result);
                    prop_assert!(result.consumed <= bytes.len());
                }
            }
        });
    });
}

#[derive(Debug, Deserialize)]
#[allow(dead_code)]
struct Endless(Option<Box<Endless>>);

#[test]
fn a_reader_that_asks_for_ever_is_refused() {
    let stored = graph(|g| g.scalar(Scalar::U8));
    let message = structural::<Endless>(&stored, &1_u8);
    assert_eq!(message, "what reads it asks for ever for something around it");
}

#[derive(Debug, Deserialize)]
#[allow(dead_code)]
struct Node {
    next: Option<Box<Node>>,
    #[serde(default)]
    more: u8,
}

#[test]
fn a_value_that_lies_too_deep_is_refused() {
    let (types, node) = graph(|g| {
        let node = g.0.add(Type::Never);
        let next = g.option(node);
        let fields = vec![Field { name: "next".into(), ty: next }];
        g.0.replace(node, Type::Struct { name: "Node".into(), fields });
        node
    });
    with_stack(move || {
        let mut bytes = vec![1; 100];
        bytes.push(0);
        assert!(decode_value_as::<Node>(&types, node, &bytes).is_ok());
        let bytes = vec![1; 1_000_000];
        let fault = decode_value_as::<Node>(&types, node, &bytes).unwrap_err();
        assert_eq!(fault.message, "it lies too deep inside other values");
    });
}

#[test]
fn a_struct_of_itself_has_no_end_and_is_refused() {
    #[derive(Debug, Deserialize)]
    #[allow(dead_code)]
    struct Loop {
        this: Box<Loop>,
    }
    let (types, ty) = graph(|g| {
        let ty = g.0.add(Type::Never);
        let fields = vec![Field { name: "this".into(), ty }];
        g.0.replace(ty, Type::Struct { name: "Loop".into(), fields });
        ty
    });
    with_stack(move || {
        assert!(decode_value_as::<Loop>(&types, ty, &[]).is_err());
        assert!(decode_value_as::<serde::de::IgnoredAny>(&types, ty, &[]).is_err());
    });
}

#[test]
fn a_length_makes_no_room_that_it_does_not_need() {
    let units = graph(|g| {
        let unit = g.fields("Empty", &[]);
        g.seq(unit)
    });
    for len in [2 << 20, u64::MAX] {
        let fault = refusal::<Vec<Reader>>(&units, &len);
        assert_eq!(fault.kind, FaultKind::Malformed);
    }
    assert_eq!(read::<Vec<Reader>>(&units, &3_u8).unwrap().len(), 3);
}

/// What a reader does wrong.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Wrong {
    TwoKeys,
    NoKey,
    NoValue,
    NotAll,
}

/// A `Deserialize` that doesn't read what it is given as it should.
#[derive(Debug)]
struct Reads<const WRONG: usize>;

const WRONGS: [Wrong; 4] = [Wrong::TwoKeys, Wrong::NoKey, Wrong::NoValue, Wrong::NotAll];

impl<'de, const WRONG: usize> serde::de::Visitor<'de> for Reads<WRONG> {
    type Value = Self;

    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("whatever there is")
    }

    fn visit_seq<A: serde::de::SeqAccess<'de>>(self, mut seq: A) -> Result<Self, A::Error> {
        seq.next_element::<u8>()?;
        Ok(self)
    }

    fn visit_map<A: serde::de::MapAccess<'de>>(self, mut map: A) -> Result<Self, A::Error> {
        use serde::de::IgnoredAny;
        match WRONGS[WRONG] {
            Wrong::TwoKeys => {
                map.next_key::<IgnoredAny>()?;
                map.next_key::<IgnoredAny>()?;
                map.next_value::<u8>()?;
            }
            Wrong::NoKey => drop(map.next_value::<u8>()?),
            Wrong::NoValue => {
                map.next_entry::<IgnoredAny, u8>()?;
                map.next_key::<IgnoredAny>()?;
            }
            Wrong::NotAll => drop(map.next_entry::<IgnoredAny, u8>()?),
        }
        Ok(self)
    }
}

/// Reads a map, a struct by names, and a sequence.
macro_rules! reads {
    ($($name:ident: $method:ident($($argument:expr),*),)*) => {$(
        #[derive(Debug)]
        struct $name<const WRONG: usize>;

        impl<'de, const WRONG: usize> Deserialize<'de> for $name<WRONG> {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                deserializer.$method($($argument,)* Reads::<WRONG>).map(|_| $name)
            }
        }
    )*};
}

reads! {
    ReadsMap: deserialize_map(),
    ReadsStruct: deserialize_struct("S", &["b", "a"]),
    ReadsSeq: deserialize_seq(),
}

#[test]
fn a_reader_that_passes_over_something_is_refused() {
    let map = graph(|g| {
        let number = g.scalar(Scalar::U8);
        g.map(number, number)
    });
    let two = BTreeMap::from([(1_u8, 2_u8), (3, 4)]);
    let unread = "its `Deserialize` leaves a map's value unread";
    let no_key = "its `Deserialize` asks for a value before it asks for the key";
    assert_eq!(refusal::<ReadsMap<0>>(&map, &two).message, unread);
    assert_eq!(refusal::<ReadsMap<1>>(&map, &two).message, no_key);
    assert_eq!(refusal::<ReadsMap<2>>(&map, &two).message, unread);
    let not_all = "its `Deserialize` left 1 elements of a sequence or map unread";
    assert_eq!(refusal::<ReadsMap<3>>(&map, &two).message, not_all);

    let fields = graph(|g| {
        let number = g.scalar(Scalar::U8);
        g.fields("S", &[("a", number), ("b", number)])
    });
    let unread = |name| format!("its `Deserialize` leaves the field `{name}` unread");
    assert_eq!(refusal::<ReadsStruct<0>>(&fields, &(1_u8, 2_u8)).message, unread("a"));
    assert_eq!(refusal::<ReadsStruct<1>>(&fields, &(1_u8, 2_u8)).message, no_key);
    for message in [
        refusal::<ReadsStruct<2>>(&fields, &(1_u8, 2_u8)).message,
        refusal::<ReadsStruct<3>>(&fields, &(1_u8, 2_u8)).message,
    ] {
        assert_eq!(message, unread("b"));
    }

    let seq = graph(|g| {
        let number = g.scalar(Scalar::U8);
        g.seq(number)
    });
    assert_eq!(refusal::<ReadsSeq<0>>(&seq, &vec![1_u8, 2]).message, not_all);
}

#[test]
fn what_is_no_unit_and_what_are_no_bytes_are_not_read_as_such() {
    let (types, arguments) = graph(|g| {
        let number = g.scalar(Scalar::U8);
        g.fields("Ping", &[("a", number)])
    });
    let fault = decode_arguments_as::<()>(&types, arguments, &[1]).unwrap_err();
    assert_eq!(fault.kind, FaultKind::Structural, "{fault}");
    let (types, arguments) = graph(|g| g.fields("Ping", &[]));
    decode_arguments_as::<()>(&types, arguments, &[]).unwrap();
    let wide = graph(|g| {
        let wide = g.scalar(Scalar::U16);
        g.seq(wide)
    });
    refusal::<serde_bytes::ByteBuf>(&wide, &vec![1_u16, 2]);
    let mixed = graph(|g| {
        let (byte, wide) = (g.scalar(Scalar::U8), g.scalar(Scalar::U16));
        g.tuple(&[byte, wide])
    });
    refusal::<serde_bytes::ByteBuf>(&mixed, &(1_u8, 2_u16));
    let fault = refusal::<serde_bytes::ByteBuf>(&graph(Graph::string), &"a");
    assert_eq!(fault.kind, FaultKind::Structural, "{fault}");
}

#[test]
fn bytes_that_end_too_early_or_begin_wrongly_are_refused() {
    let (types, pair) = graph(|g| {
        let byte = g.scalar(Scalar::U8);
        g.tuple(&[byte, byte])
    });
    let fault = decode_value_as::<serde_bytes::ByteBuf>(&types, pair, &[1]).unwrap_err();
    assert_eq!(fault.message, "the bytes end before the value does");
    let (types, choice) = graph(|g| {
        let unit = g.unit();
        g.variants("Choice", &[("A", unit)])
    });
    let fault = decode_value_as::<Choice>(&types, choice, &[9]).unwrap_err();
    assert_eq!(fault.message, "the enum `Choice` has no variant of index 9");
    let (types, option) = graph(|g| {
        let byte = g.scalar(Scalar::U16);
        g.option(byte)
    });
    let fault = decode_value_as::<Option<u32>>(&types, option, &[2, 0]).unwrap_err();
    assert_eq!(fault.message, "an `Option` is neither 0 nor 1");
}

/// Looks at nothing.
#[derive(Debug)]
struct Blind;

impl<'de> Deserialize<'de> for Blind {
    fn deserialize<D: serde::Deserializer<'de>>(_: D) -> Result<Self, D::Error> {
        Ok(Blind)
    }
}

#[test]
fn what_nobody_looks_at_must_be_there_too() {
    let (types, ty) = graph(|types| {
        let text = types.string();
        types.tuple(&[text])
    });
    decode_value_as::<(Blind,)>(&types, ty, &encoded(&("a",))).unwrap();
    let fault = decode_value_as::<(Blind,)>(&types, ty, &[]).unwrap_err();
    assert_eq!(fault.kind, FaultKind::Malformed, "{fault}");
}
