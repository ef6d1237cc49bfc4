//! Verdicts.
#![allow(clippy::items_after_statements, reason = "the reader's types stand behind the writer's")]

use std::fmt::Debug;
use std::time::{Duration, Instant};

use proptest::prelude::*;
use serde::Deserialize;
use serde::de::{DeserializeOwned, IgnoredAny};

use super::super::types::{Field, Scalar, Type, TypeId, Types, Variant};
use super::super::walk;
use super::*;
use crate::encoding::{FaultKind, decode_value_as};

fn verdict_with<T: DeserializeOwned>(types: &Types, ty: TypeId, texts: &[&str]) -> Verdict {
    check(types, ty, texts, &mut |bytes| {
        assert_eq!(walk(types, ty, bytes), Ok(()), "a sample is no value");
        decode_value_as::<T>(types, ty, bytes).map(drop)
    })
}

fn verdict<T: DeserializeOwned>(types: &Types, ty: TypeId) -> Verdict {
    verdict_with::<T>(types, ty, &[])
}

#[track_caller]
fn never(verdict: Verdict) -> DecodeFault {
    match verdict {
        Verdict::Never(fault) => fault,
        other => panic!("{other:?}"),
    }
}

fn fields(types: &mut Types, name: &str, fields: &[(&str, TypeId)]) -> TypeId {
    let fields = fields.iter().map(|(name, ty)| Field { name: (*name).into(), ty: *ty }).collect();
    types.add(Type::Struct { name: name.into(), fields })
}

fn variants(types: &mut Types, name: &str, variants: &[(&str, TypeId)]) -> TypeId {
    let variants = (0..).zip(variants).map(|(index, (name, contents))| Variant {
        index,
        name: (*name).into(),
        contents: *contents,
    });
    let variants = variants.collect();
    types.add(Type::Enum { name: name.into(), variants })
}

#[derive(Debug, Deserialize)]
#[allow(dead_code)]
enum Shape {
    Empty,
    Round(u64),
    Box { width: Option<Vec<u8>> },
}

/// An enum whose last variant holds an option of a sequence of numbers.
fn shape(types: &mut Types, number: Scalar) -> TypeId {
    let unit = types.add(Type::Unit);
    let round = types.add(Type::Scalar(Scalar::U8));
    let number = types.add(Type::Scalar(number));
    let numbers = types.add(Type::Seq(number));
    let width = types.add(Type::Option(numbers));
    let sides = fields(types, "Box", &[("width", width)]);
    variants(types, "Shape", &[("Empty", unit), ("Round", round), ("Box", sides)])
}

#[test]
fn what_fits_in_every_variant_option_and_element_is_always_read() {
    let mut types = Types::default();
    let shape = shape(&mut types, Scalar::U8);
    assert_eq!(verdict::<Shape>(&types, shape), Verdict::Always);
    assert_eq!(verdict::<Option<Shape>>(&types, shape), Verdict::Always);
}

#[test]
fn what_does_not_fit_is_found_however_deep_it_lies() {
    let mut types = Types::default();
    let shape = shape(&mut types, Scalar::U16);
    let map = types.add(Type::Map { key: shape, value: shape });
    let fault = never(verdict::<Shape>(&types, shape));
    assert_eq!(
        fault.to_string(),
        "in `Box.width[]`: what was written as `u16` can't be read as `u8`"
    );
    #[derive(Debug, PartialEq, Eq, Hash, Deserialize)]
    enum Key {
        Empty,
        Round(u64),
        Box { width: Option<Vec<u16>> },
    }
    let fault = never(verdict::<std::collections::HashMap<Key, Shape>>(&types, map));
    assert_eq!(fault.place(), "[].Box.width[]");
}

#[test]
fn one_type_is_looked_at_wherever_it_is() {
    let mut types = Types::default();
    let number = types.add(Type::Scalar(Scalar::U16));
    let option = types.add(Type::Option(number));
    let inner = fields(&mut types, "Inner", &[("a", option)]);
    let whole = fields(&mut types, "Whole", &[("x", inner), ("y", inner), ("z", option)]);
    #[derive(Debug, Deserialize)]
    #[allow(dead_code)]
    struct Inner<T> {
        a: Option<T>,
    }
    #[derive(Debug, Deserialize)]
    #[allow(dead_code)]
    struct Whole<X, Y, Z> {
        x: Inner<X>,
        y: Inner<Y>,
        z: Option<Z>,
    }
    assert_eq!(verdict::<Whole<u16, u32, u64>>(&types, whole), Verdict::Always);
    assert_eq!(never(verdict::<Whole<u16, u8, u64>>(&types, whole)).place(), "y.a");
    assert_eq!(never(verdict::<Whole<u16, u32, i16>>(&types, whole)).place(), "z");
}

#[test]
fn variants_that_are_not_known_are_named_and_the_rest_is_checked() {
    let mut types = Types::default();
    let unit = types.add(Type::Unit);
    let names = [("Red", unit), ("Blue", unit), ("Green", unit), ("Gray", unit)];
    let color = variants(&mut types, "Color", &names);
    let last = types.add(Type::Scalar(Scalar::U16));
    let pair = types.add(Type::Tuple { name: String::new(), elements: vec![color, last] });
    #[derive(Debug, Deserialize)]
    enum Color {
        Red,
        Green,
    }
    let expected = Verdict::Unless(vec!["Color::Blue".into(), "Color::Gray".into()]);
    assert_eq!(verdict::<(Color, u16)>(&types, pair), expected);
    assert_eq!(never(verdict::<(Color, u8)>(&types, pair)).place(), "1");
}

#[test]
fn an_enum_of_which_no_variant_is_known_is_named_whole() {
    let mut types = Types::default();
    let unit = types.add(Type::Unit);
    let color = variants(&mut types, "Color", &[("Red", unit), ("Blue", unit)]);
    #[derive(Debug, Deserialize)]
    enum Color {
        Green,
    }
    let expected = Verdict::Unless(vec!["Color::Red".into(), "Color::Blue".into()]);
    assert_eq!(verdict::<Color>(&types, color), expected);
}

fn list(types: &mut Types, number: Scalar) -> TypeId {
    let node = types.add(Type::Never);
    let number = types.add(Type::Scalar(number));
    let next = types.add(Type::Option(node));
    let all = [("value", number), ("next", next)]
        .map(|(name, ty)| Field { name: name.into(), ty })
        .to_vec();
    types.replace(node, Type::Struct { name: "Node".into(), fields: all });
    node
}

#[test]
fn recursive_types_are_checked() {
    #[derive(Debug, Deserialize)]
    #[allow(dead_code)]
    struct Node {
        value: u32,
        next: Option<Box<Node>>,
    }
    let mut types = Types::default();
    let (good, bad) = (list(&mut types, Scalar::U16), list(&mut types, Scalar::U64));
    assert_eq!(verdict::<Node>(&types, good), Verdict::Always);
    assert_eq!(never(verdict::<Node>(&types, bad)).place(), "value");
    // A node in a node is enough.
    check(&types, good, &[], &mut |bytes| {
        assert_eq!(bytes, [0, 1, 0, 0]);
        Ok(())
    });

    #[derive(Debug, Deserialize)]
    #[allow(dead_code)]
    enum Expr {
        Add(Box<Expr>, Box<Expr>),
        All(Vec<Expr>),
        Number(u8),
    }
    let expr = types.add(Type::Never);
    let all = types.add(Type::Seq(expr));
    let both = types.add(Type::Tuple { name: "Add".into(), elements: vec![expr, expr] });
    let number = types.add(Type::Scalar(Scalar::U8));
    let list = [("Add", both), ("All", all), ("Number", number)];
    let list = (0..).zip(list).map(|(index, (name, contents))| Variant {
        index,
        name: name.into(),
        contents,
    });
    types.replace(expr, Type::Enum { name: "Expr".into(), variants: list.collect() });
    assert_eq!(verdict::<Expr>(&types, expr), Verdict::Always);
}

/// A type that accepts only some texts.
macro_rules! validated {
    ($name:ident, $from:ty, $accepts:expr) => {
        #[derive(Debug)]
        struct $name;
        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
                let value = <$from>::deserialize(d)?;
                let accepts: fn(&$from) -> bool = $accepts;
                if accepts(&value) {
                    Ok($name)
                } else {
                    Err(serde::de::Error::custom(format!("not {value:?}")))
                }
            }
        }
    };
}

validated!(Email, String, |text| text.contains('@'));
validated!(Account, String, |text| text == "AC-7");
validated!(Even, u32, |number| *number > 0 && number % 2 == 0);
validated!(Two, Vec<Even>, |list| list.len() == 2);
validated!(Range, (u8, u8), |range| range.0 > range.1 && range.1 > 1);
validated!(Nothing, String, |_| false);

#[test]
fn types_with_their_own_opinion_are_given_what_suits() {
    let mut types = Types::default();
    let text = types.add(Type::String);
    let number = types.add(Type::Scalar(Scalar::U32));
    let numbers = types.add(Type::Seq(number));
    let byte = types.add(Type::Scalar(Scalar::U8));
    let range = types.add(Type::Tuple { name: String::new(), elements: vec![byte, byte] });
    let wide = types.add(Type::Scalar(Scalar::U64));
    let elements = vec![text, text, number, numbers, range, wide];
    let whole = types.add(Type::Tuple { name: String::new(), elements });

    type Read<Last> = (Email, Account, Even, Two, Range, Last);
    assert_eq!(verdict_with::<Read<u64>>(&types, whole, &["AC-7"]), Verdict::Always);
    // What lies behind it was looked at.
    assert_eq!(never(verdict_with::<Read<u32>>(&types, whole, &["AC-7"])).place(), "5");
    // Without a sample, nothing is known.
    assert_eq!(verdict::<Read<u32>>(&types, whole), Verdict::Always);
}

#[test]
fn where_nothing_suits_the_rest_is_checked() {
    let mut types = Types::default();
    let text = types.add(Type::String);
    let option = types.add(Type::Option(text));
    let list = types.add(Type::Seq(text));
    let unit = types.add(Type::Unit);
    let choice = variants(&mut types, "Choice", &[("A", text), ("B", unit), ("C", text)]);
    let wide = types.add(Type::Scalar(Scalar::U64));
    let elements = vec![option, list, choice, wide];
    let whole = types.add(Type::Tuple { name: String::new(), elements });

    #[derive(Debug, Deserialize)]
    #[allow(dead_code)]
    enum Choice<T> {
        A(Nothing),
        B,
        C(T),
    }
    type Read<C, Last> = (Option<Nothing>, Vec<Nothing>, Choice<C>, Last);
    assert_eq!(verdict::<Read<String, u64>>(&types, whole), Verdict::Always);
    assert_eq!(never(verdict::<Read<String, u32>>(&types, whole)).place(), "3");
    assert_eq!(never(verdict::<Read<u8, u64>>(&types, whole)).place(), "2.C");
}

#[test]
fn what_suited_once_is_sampled_again_beside_what_comes_next() {
    /// All three must hold something.
    #[derive(Debug, Deserialize)]
    #[allow(dead_code)]
    struct Raw(Option<u8>, Vec<u8>, Option<u8>, u8, u8, u8);
    validated!(Full, Raw, |raw| raw.0.is_some() && !raw.1.is_empty() && raw.2.is_some());
    #[derive(Debug, Deserialize)]
    #[allow(dead_code)]
    enum Choice {
        A,
        B,
        C(u8),
    }
    let mut types = Types::default();
    let byte = types.add(Type::Scalar(Scalar::U8));
    let option = types.add(Type::Option(byte));
    let list = types.add(Type::Seq(byte));
    let elements = vec![option, list, option, byte, byte, byte];
    let full = types.add(Type::Tuple { name: "Full".into(), elements });
    let unit = types.add(Type::Unit);
    let wide = types.add(Type::Scalar(Scalar::U16));
    let choice = variants(&mut types, "Choice", &[("A", unit), ("B", unit), ("C", wide)]);
    let whole = types.add(Type::Tuple { name: String::new(), elements: vec![full, choice] });
    assert_eq!(never(verdict::<(Full, Choice)>(&types, whole)).place(), "1.C");
}

#[test]
fn a_reader_that_panics_at_a_value_is_no_refusal() {
    validated!(Picky, u8, |number| if *number < 5 { panic!("too small") } else { true });
    let mut types = Types::default();
    let number = types.add(Type::Scalar(Scalar::U8));
    assert_eq!(verdict::<Picky>(&types, number), Verdict::Always);
}

#[track_caller]
fn within_seconds<R>(seconds: u64, work: impl FnOnce() -> R) -> R {
    let begin = Instant::now();
    let result = work();
    assert!(begin.elapsed() < Duration::from_secs(seconds), "{:?}", begin.elapsed());
    result
}

#[test]
fn an_enum_of_300_variants_is_checked_to_the_last() {
    let mut types = Types::default();
    let unit = types.add(Type::Unit);
    let text = types.add(Type::String);
    let names: Vec<_> = (0..300).map(|number| format!("V{number}")).collect();
    let mut all: Vec<_> = names.iter().map(|name| (name.as_str(), unit)).collect();
    all[299].1 = text;
    let choice = variants(&mut types, "Choice", &all);
    #[derive(Debug, Deserialize)]
    #[serde(rename_all = "UPPERCASE")]
    #[allow(dead_code)]
    enum Choice {
        V299(u8),
        #[serde(other)]
        Other,
    }
    let fault = within_seconds(10, || never(verdict::<Choice>(&types, choice)));
    assert_eq!(fault.place(), "V299");
    #[derive(Debug, Deserialize)]
    enum First {
        V0,
    }
    let Verdict::Unless(dead) = within_seconds(10, || verdict::<First>(&types, choice)) else {
        panic!("299 variants are not known")
    };
    assert_eq!(dead.len(), 299);
}

#[test]
fn two_hundred_types_inside_each_other_are_checked() {
    let mut types = Types::default();
    let mut inner = types.add(Type::Scalar(Scalar::U8));
    for _ in 0..200 {
        inner = types.add(Type::Option(inner));
        inner = fields(&mut types, "S", &[("a", inner)]);
    }
    let mut samples = 0;
    let verdict = check(&types, inner, &[], &mut |bytes| {
        samples += 1;
        assert_eq!(bytes, [[1; 200].as_slice(), &[0]].concat());
        Ok(())
    });
    assert_eq!((verdict, samples), (Verdict::Always, 1));
}

/// Each of these holds the next one twice.
fn doubling(types: &mut Types, depth: u32, wrap: fn(&mut Types, TypeId) -> TypeId) -> TypeId {
    let mut inner = types.add(Type::Scalar(Scalar::U64));
    for _ in 0..depth {
        let wrapped = wrap(types, inner);
        inner = types.add(Type::Tuple { name: "T".into(), elements: vec![wrapped, wrapped] });
    }
    inner
}

#[test]
fn what_would_be_endless_to_sample_takes_a_limited_time() {
    let mut types = Types::default();
    let plain = doubling(&mut types, 60, |_, inner| inner);
    let optional = doubling(&mut types, 60, |types, inner| types.add(Type::Option(inner)));
    let unit = types.add(Type::Unit);
    let zeros = doubling(&mut types, 60, |types, _| types.add(Type::Unit));
    let mut array = unit;
    for _ in 0..20 {
        array = types.add(Type::Tuple { name: String::new(), elements: vec![array; 100] });
    }
    let mut endless = types.add(Type::Scalar(Scalar::U8));
    for _ in 0..20 {
        endless = types.add(Type::Tuple { name: String::new(), elements: vec![endless; 100] });
    }
    for ty in [plain, optional, zeros, array, endless] {
        let read = &mut |_: &[u8]| Ok(());
        assert_eq!(within_seconds(20, || check(&types, ty, &[], read)), Verdict::Always);
    }
    // Nevertheless, what lies at the end of it is seen.
    let mut reads = 0;
    check(&types, optional, &[], &mut |bytes| {
        assert_eq!(walk(&types, optional, bytes), Ok(()));
        reads += 1;
        Ok(())
    });
    assert!(reads > 0);
}

#[test]
fn types_without_values_were_never_written() {
    let mut types = Types::default();
    let never = types.add(Type::Never);
    let this = types.add(Type::Never);
    types.replace(this, Type::Newtype { name: "This".into(), inner: this });
    let empty = variants(&mut types, "Empty", &[]);
    for ty in [never, this, empty, TypeId(99)] {
        assert_eq!(verdict::<u8>(&types, ty), Verdict::Always);
    }
    let option = types.add(Type::Option(never));
    let list = types.add(Type::Seq(empty));
    assert_eq!(verdict::<Option<u8>>(&types, option), Verdict::Always);
    assert_eq!(verdict::<Vec<u8>>(&types, list), Verdict::Always);
}

#[test]
fn what_nothing_is_known_of_is_never_read() {
    let mut types = Types::default();
    let untraced = types.add(Type::Untraced { name: "X".into() });
    let fault = never(verdict::<IgnoredAny>(&types, untraced));
    assert_eq!(fault.kind, FaultKind::Structural);
}

/// Types that refer to each other at random.
fn schema() -> impl Strategy<Value = Types> {
    use proptest::collection::vec;

    let id = || (0_u32..12).prop_map(TypeId);
    let scalar = proptest::sample::select(vec![
        Scalar::Bool,
        Scalar::I8,
        Scalar::I16,
        Scalar::I64,
        Scalar::I128,
        Scalar::U8,
        Scalar::U32,
        Scalar::U128,
        Scalar::F32,
        Scalar::F64,
        Scalar::Char,
    ]);
    let field = id().prop_map(|ty| Field { name: "f".into(), ty });
    let ty = prop_oneof![
        2 => scalar.prop_map(Type::Scalar),
        1 => Just(Type::String),
        1 => Just(Type::Bytes),
        1 => Just(Type::Unit),
        1 => Just(Type::Never),
        2 => id().prop_map(Type::Option),
        2 => id().prop_map(Type::Seq),
        1 => (id(), id()).prop_map(|(key, value)| Type::Map { key, value }),
        1 => (id(), 0_usize..20).prop_map(|(id, len)| {
            Type::Tuple { name: String::new(), elements: vec![id; len] }
        }),
        2 => vec(field, 0..6).prop_map(|fields| Type::Struct { name: "S".into(), fields }),
        1 => id().prop_map(|inner| Type::Newtype { name: "N".into(), inner }),
        2 => vec(id(), 0..5).prop_map(|all| Type::Enum {
            name: "E".into(),
            variants: (0..).zip(all).map(|(index, contents)| Variant {
                index: index * 2,
                name: format!("V{index}"),
                contents,
            }).collect(),
        }),
    ];
    vec(ty, 1..12).prop_map(|all| {
        let mut types = Types::default();
        for ty in all {
            types.add(ty);
        }
        types
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn every_sample_is_a_value_and_every_check_ends(types in schema(), stops: Vec<u16>) {
        let mut reads = 0;
        let begin = Instant::now();
        let verdict = check(&types, TypeId(0), &["x", "5"], &mut |bytes| {
            reads += 1;
            assert_eq!(walk(&types, TypeId(0), bytes), Ok(()));
            let stop = stops.get(reads % (stops.len() + 1)).copied().unwrap_or(u16::MAX);
            if stop % 4 != 0 {
                return Ok(());
            }
            Err(DecodeFault {
                kind: FaultKind::Value,
                path: vec![],
                stored: String::new(),
                wanted: None,
                message: String::new(),
                consumed: usize::from(stop) % (bytes.len() + 1),
                variant: None,
            })
        });
        prop_assert_eq!(verdict, Verdict::Always);
        prop_assert!(begin.elapsed() < Duration::from_secs(20));
    }
}
