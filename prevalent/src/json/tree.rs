//! Small JSON texts as a tree that keeps the order of what is in an object.

use std::fmt;

use serde::de::{Deserialize, Deserializer, Error, MapAccess, SeqAccess, Visitor};
use serde::ser::{Serialize, Serializer};

/// A piece of JSON, as far as schemas have any.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Tree {
    Bool(bool),
    Number(u64),
    Text(String),
    List(Vec<Tree>),
    Object(Vec<(String, Tree)>),
}

impl Tree {
    pub(crate) fn text(text: &str) -> Self {
        Tree::Text(text.to_owned())
    }

    /// An object with one entry.
    pub(crate) fn only(key: &str, value: Tree) -> Self {
        Tree::Object(vec![(key.to_owned(), value)])
    }

    pub(crate) fn as_text(&self) -> Option<&str> {
        if let Tree::Text(text) = self { Some(text) } else { None }
    }
}

/// In one line, with spaces where people like them.
impl fmt::Display for Tree {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Tree::Bool(it) => it.fmt(f),
            Tree::Number(it) => it.fmt(f),
            Tree::Text(text) => quoted(f, text),
            Tree::List(all) => {
                f.write_str("[")?;
                for (index, one) in all.iter().enumerate() {
                    f.write_str(if index == 0 { "" } else { ", " })?;
                    one.fmt(f)?;
                }
                f.write_str("]")
            }
            Tree::Object(all) => {
                f.write_str("{")?;
                for (index, (key, value)) in all.iter().enumerate() {
                    f.write_str(if index == 0 { "" } else { ", " })?;
                    quoted(f, key)?;
                    write!(f, ": {value}")?;
                }
                f.write_str("}")
            }
        }
    }
}

fn quoted(f: &mut fmt::Formatter<'_>, text: &str) -> fmt::Result {
    f.write_str(&serde_json::to_string(text).map_err(|_| fmt::Error)?)
}

impl Serialize for Tree {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Tree::Bool(it) => serializer.serialize_bool(*it),
            Tree::Number(it) => serializer.serialize_u64(*it),
            Tree::Text(text) => serializer.serialize_str(text),
            Tree::List(all) => serializer.collect_seq(all),
            Tree::Object(all) => {
                serializer.collect_map(all.iter().map(|(key, value)| (key, value)))
            }
        }
    }
}

impl<'de> Deserialize<'de> for Tree {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(TreeVisitor)
    }
}

struct TreeVisitor;

impl<'de> Visitor<'de> for TreeVisitor {
    type Value = Tree;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a part of a schema")
    }

    fn visit_bool<E: Error>(self, it: bool) -> Result<Tree, E> {
        Ok(Tree::Bool(it))
    }

    fn visit_u64<E: Error>(self, it: u64) -> Result<Tree, E> {
        Ok(Tree::Number(it))
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Tree, E> {
        Ok(Tree::text(text))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut all: A) -> Result<Tree, A::Error> {
        let mut list = Vec::new();
        while let Some(one) = all.next_element()? {
            list.push(one);
        }
        Ok(Tree::List(list))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut all: A) -> Result<Tree, A::Error> {
        let mut object = Vec::new();
        while let Some(entry) = all.next_entry()? {
            object.push(entry);
        }
        Ok(Tree::Object(object))
    }
}
