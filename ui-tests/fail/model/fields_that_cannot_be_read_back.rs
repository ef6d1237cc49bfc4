//! Attributes with which serde would read something else than it wrote.
//! mistakes: 9

use prevalent::prevalent;

#[prevalent]
#[derive(Debug, Default)]
pub struct Sessions {
    #[serde(skip_serializing)]
    a: u8,
    #[serde(default, skip_deserializing)]
    b: u8,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    c: Option<u8>,
    #[serde(flatten)]
    d: Point,
    #[serde(skip)]
    not_stored: u8,
    #[serde(skip_serializing, skip_deserializing)]
    not_stored_either: u8,
}

#[prevalent::data]
#[derive(Debug, Default)]
#[serde(tag = "type")]
pub struct Point {
    x: u8,
}

#[prevalent::data]
#[serde(untagged)]
pub enum Shape {
    Point(Point),
}

#[prevalent::data]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    #[serde(skip)]
    First,
    #[serde(skip_serializing)]
    Second,
    Third {
        #[serde(skip_serializing_if = "Vec::is_empty")]
        points: Vec<u8>,
    },
    #[serde(skip)]
    Last,
}

fn main() {}
