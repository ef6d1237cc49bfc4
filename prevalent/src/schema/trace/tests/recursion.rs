//! Types that are inside of themselves.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::*;

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
fn lists_and_trees_are_folded() {
    #[derive(Serialize, Deserialize)]
    struct Node {
        value: u8,
        next: Option<Box<Node>>,
    }
    #[derive(Serialize, Deserialize)]
    struct Tree {
        children: Vec<Tree>,
        by_name: BTreeMap<String, Tree>,
    }
    assert_eq!(traced::<Node>(), "Node {value: u8, next: ^1?}");
    assert_eq!(traced::<Tree>(), "Tree {children: [^1], by_name: {str: ^1}}");
}

#[test]
fn recursion_through_with_attributes_is_folded() {
    #[derive(Serialize, Deserialize)]
    struct Node {
        #[serde(with = "plain")]
        left: Option<Box<Node>>,
        #[serde(with = "plain")]
        right: Option<Box<Node>>,
        #[serde(with = "plain")]
        more: Vec<Node>,
    }
    assert_eq!(traced::<Node>(), "Node {left: ^1?, right: ^1?, more: [^1]}");
}

#[test]
fn enums_in_themselves_end_with_a_variant_that_ends() {
    #[derive(Serialize, Deserialize)]
    enum Tree {
        Node(Box<Tree>, Box<Tree>),
        Named { name: String, inner: Box<Tree> },
        Boxed(Box<Tree>),
        Leaf(u8),
    }
    assert_eq!(
        traced::<Tree>(),
        "Tree <0 Node Node(^1, ^1) | 1 Named Named {name: str, inner: ^1} | 2 Boxed ^0 | 3 Leaf u8>"
    );
    // It is the same further inside.
    assert_eq!(traced::<Vec<Tree>>(), format!("[{}]", traced::<Tree>()));
}

#[test]
fn enums_in_each_other_are_seen_in_full() {
    #[derive(Serialize, Deserialize)]
    enum Statement {
        Block(Vec<Statement>),
        If { condition: Expression, then: Box<Statement>, otherwise: Option<Box<Statement>> },
        Expression(Expression),
    }
    #[derive(Serialize, Deserialize)]
    enum Expression {
        Add(Box<Expression>, Box<Expression>),
        Call { name: String, arguments: Vec<Expression> },
        Closure(Box<Statement>),
        Literal(Literal),
    }
    #[derive(Serialize, Deserialize)]
    enum Literal {
        Number(u64),
        Text(String),
        Nothing,
    }
    let shown = traced::<Statement>();
    assert_eq!(
        shown,
        "Statement <0 Block [^1] | 1 If If {condition: Expression <0 Add Add(^1, ^1) | \
         1 Call Call {name: str, arguments: [^2]} | 2 Closure ^2 | \
         3 Literal Literal <0 Number u64 | 1 Text str | 2 Nothing ()>>, then: ^1, otherwise: ^2?} | \
         2 Expression Expression <0 Add Add(^1, ^1) | 1 Call Call {name: str, arguments: [^2]} | \
         2 Closure ^1 | 3 Literal Literal <0 Number u64 | 1 Text str | 2 Nothing ()>>>"
    );
}

#[test]
fn values_like_those_of_json_are_traced() {
    #[derive(Serialize, Deserialize)]
    enum Value {
        Null,
        Bool(bool),
        Number(f64),
        Text(String),
        List(Vec<Value>),
        Object(BTreeMap<String, Value>),
    }
    assert_eq!(
        traced::<Value>(),
        "Value <0 Null () | 1 Bool bool | 2 Number f64 | 3 Text str | 4 List [^1] | 5 Object {str: ^1}>"
    );
}

#[test]
fn recursion_through_newtypes_and_options_of_options_ends() {
    #[derive(Serialize, Deserialize)]
    #[expect(clippy::option_option, reason = "it can be stored")]
    struct Wrapped(Option<Option<Box<Wrapped>>>);
    assert_eq!(traced::<Wrapped>(), "Wrapped=^2??");
}

#[test]
fn many_shared_types_are_no_more_work_than_one() {
    macro_rules! layers {
        ($last:ident) => {};
        ($outer:ident $inner:ident $($more:ident)*) => {
            #[derive(Serialize, Deserialize)]
            struct $outer { a: Vec<$inner>, b: Option<Box<$inner>>, c: Vec<$inner>, d: BTreeMap<u8, $inner> }
            layers!($inner $($more)*);
        };
    }
    layers!(A B C D E F G H I J K L M N O P Q R S T);
    #[derive(Serialize, Deserialize)]
    enum T {
        More(Vec<A>),
        End,
    }
    let mut types = Types::default();
    trace_type::<A>(&mut types, &[]);
    assert_eq!(types.iter().filter(|ty| matches!(ty, Type::Struct { .. })).count(), 19);
    assert!(!types.iter().any(|ty| matches!(ty, Type::Never | Type::Untraced { .. })));
}

#[test]
fn a_type_without_an_end_is_not_traced() {
    #[derive(Serialize, Deserialize)]
    struct Endless {
        next: Box<Endless>,
    }
    assert_eq!(traced::<Endless>(), "untraced: Endless");
}
