//! A model that brings its own serde.
#![deny(warnings)]

use prevalent::prevalent;
use serde::{Deserialize, Serialize};

#[prevalent]
#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Both {
    n: u8,
}

#[prevalent]
impl Both {}

#[prevalent]
#[derive(Debug, Default, serde::Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Half {
    #[serde(default)]
    the_n: u8,
}

#[prevalent]
impl Half {}

#[prevalent(serde = manual)]
#[derive(Debug, Default)]
pub struct Manual;

impl Serialize for Manual {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_unit()
    }
}

impl<'de> Deserialize<'de> for Manual {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        <()>::deserialize(deserializer).map(|()| Manual)
    }
}

#[prevalent]
impl Manual {}

#[prevalent::data]
#[derive(Debug, Clone)]
pub struct Generic<T, const N: usize>
where
    T: Clone,
{
    #[serde(default)]
    value: Vec<T>,
}

fn main() {
    let _ = (BothStore::in_memory(), HalfStore::in_memory(), ManualStore::in_memory());
    let generic = Generic::<u8, 3> { value: vec![1] };
    assert_eq!(generic.value, [1]);
}
