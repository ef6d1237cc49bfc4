//! Values of all kinds, held against what was traced.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use proptest::collection::{btree_map, vec};
use proptest::prelude::*;
use serde::{Deserialize, Serialize};

use super::super::super::walk;
use super::*;
use crate::encoding::encode_value;

#[derive(Clone, Debug, Serialize, Deserialize)]
enum Value {
    Null,
    Number { value: i64, exact: Option<bool> },
    Text(String),
    Pair(Box<Value>, Box<Value>),
    List(Vec<Value>),
    Object(BTreeMap<String, Value>),
}

#[derive(Clone, Debug, Serialize, Deserialize)]
struct Record {
    id: u128,
    #[expect(clippy::option_option, reason = "it can be stored")]
    name: Option<Option<String>>,
    tags: BTreeMap<u16, Vec<Value>>,
    result: Result<(i8, f32, char), [u16; 3]>,
    span: std::time::Duration,
    address: Option<std::net::SocketAddr>,
    next: Option<Box<Record>>,
}

fn value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<(i64, Option<bool>)>().prop_map(|(value, exact)| Value::Number { value, exact }),
        ".{0,8}".prop_map(Value::Text),
    ];
    leaf.prop_recursive(4, 24, 4, |inner| {
        prop_oneof![
            (inner.clone(), inner.clone()).prop_map(|(a, b)| Value::Pair(a.into(), b.into())),
            vec(inner.clone(), 0..4).prop_map(Value::List),
            btree_map(".{0,3}", inner, 0..4).prop_map(Value::Object),
        ]
    })
}

fn record() -> impl Strategy<Value = Record> {
    let one = (
        any::<u128>(),
        any::<Option<Option<String>>>(),
        btree_map(any::<u16>(), vec(value(), 0..3), 0..3),
        any::<Result<(i8, f32, char), [u16; 3]>>(),
        any::<(u32, Option<std::net::SocketAddr>)>(),
    );
    let one = one.prop_map(|(id, name, tags, result, (seconds, address))| Record {
        id,
        name,
        tags,
        result,
        span: std::time::Duration::from_secs(seconds.into()),
        address,
        next: None,
    });
    let one = one.boxed();
    (one.clone(), proptest::option::of(one))
        .prop_map(|(record, next)| Record { next: next.map(Box::new), ..record })
}

fn types_of<T: Serialize + DeserializeOwned>() -> (Types, TypeId) {
    let mut types = Types::default();
    let ty = trace_type::<T>(&mut types, &[]);
    assert!(!types.iter().any(|ty| matches!(ty, Type::Untraced { .. } | Type::Never)));
    (types, ty)
}

fn walked<T: Serialize>((types, ty): &(Types, TypeId), value: &T) -> Result<(), String> {
    let mut bytes = Vec::new();
    encode_value(value, &mut bytes, None).unwrap();
    walk(types, *ty, &bytes)
}

proptest! {
    #[test]
    fn values_are_as_was_traced(value in value()) {
        static TYPES: LazyLock<(Types, TypeId)> = LazyLock::new(types_of::<Value>);
        prop_assert_eq!(walked(&TYPES, &value), Ok(()));
    }

    #[test]
    fn records_are_as_was_traced(record in record()) {
        static TYPES: LazyLock<(Types, TypeId)> = LazyLock::new(types_of::<Vec<Option<Record>>>);
        prop_assert_eq!(walked(&TYPES, &vec![None, Some(record)]), Ok(()));
    }
}
