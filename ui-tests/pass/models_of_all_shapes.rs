//! A model may be of any shape, and say what it likes to serde.
#![deny(warnings)]

use std::collections::BTreeMap;

use prevalent::{ModelData, prevalent};

#[prevalent::data]
#[derive(Debug, Default, Clone, PartialEq)]
pub struct Part(pub u8);

#[prevalent]
#[derive(Debug, Default, PartialEq)]
pub struct Tuple(Option<Part>, u8, Vec<Part>, #[serde(skip)] Option<Part>);

#[prevalent]
#[derive(Debug, Default, PartialEq)]
#[serde(transparent)]
pub struct Transparent {
    part: Option<Part>,
}

#[prevalent]
#[derive(Debug, PartialEq)]
#[serde(default, rename_all = "camelCase", deny_unknown_fields)]
pub struct WithDefault {
    first_part: Option<Part>,
    children: BTreeMap<u8, Option<Box<WithDefault>>>,
}

impl Default for WithDefault {
    fn default() -> Self {
        Self { first_part: Some(Part(7)), children: BTreeMap::new() }
    }
}

#[prevalent]
#[derive(Debug, Default, PartialEq)]
pub enum Either {
    #[default]
    Neither,
    Left(Part, Option<Part>),
    Right {
        part: Part,
        more: Option<Part>,
        #[cfg(any())]
        never: NoSuchType,
        next: Option<Box<Self>>,
    },
    #[cfg(any())]
    Never(NoSuchType),
}

#[track_caller]
fn comes_back<M: ModelData + PartialEq + std::fmt::Debug>(model: &M, json: &str) {
    assert_eq!(serde_json::to_string(model).unwrap(), json);
    assert_eq!(&serde_json::from_str::<M>(json).unwrap(), model);
}

fn main() {
    comes_back(&Tuple(None, 1, vec![Part(2)], None), "[null,1,[2]]");
    comes_back(&Transparent { part: Some(Part(1)) }, "1");
    comes_back(&WithDefault::default(), r#"{"firstPart":7,"children":{}}"#);
    assert_eq!(serde_json::from_str::<WithDefault>("{}").unwrap(), WithDefault::default());
    comes_back(&Either::Left(Part(1), None), r#"{"Left":[1,null]}"#);
    let right = Either::Right { part: Part(1), more: None, next: Some(Box::new(Either::Neither)) };
    comes_back(&right, r#"{"Right":{"part":1,"more":null,"next":"Neither"}}"#);
    let without = r#"{"Right":{"part":1,"next":"Neither"}}"#;
    assert_eq!(serde_json::from_str::<Either>(without).unwrap(), right);
}
