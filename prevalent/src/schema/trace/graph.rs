//! What was seen of values, put together to types.

use std::collections::{BTreeMap, HashMap};

use super::super::types::{Field, Type, TypeId, Variant};
use super::fault::Fault;
use super::names::hashed;
use super::shape::{Part, Shape};

/// The types of the values that were recorded. Here, each is one node for each place that tells it from others.
#[derive(Default)]
pub(super) struct Graph {
    nodes: Vec<Node>,
    /// Looked up only.
    ids: HashMap<u64, usize>,
}

struct Node {
    known: Known,
    /// The name of the first type that it was seen for.
    name: &'static str,
    /// The type, if its values contradict each other.
    contradicted: Option<&'static str>,
}

/// What is known of a type; its parts are unknown until one was seen.
#[derive(Clone, PartialEq, Eq)]
enum Known {
    Leaf(Type),
    Option(Option<usize>),
    Seq(Option<usize>),
    Map(Option<(usize, usize)>),
    Tuple(&'static str, Vec<usize>),
    Struct(&'static str, Vec<(&'static str, usize)>),
    Newtype(&'static str, usize),
    Enum(&'static str, BTreeMap<u32, (&'static str, usize)>),
}

impl Graph {
    /// Adds what is seen of a value. The node of its type.
    pub(super) fn add(&mut self, part: &Part) -> Result<usize, Fault> {
        let known = self.known(part)?;
        // Places of the same name are told apart by what stands in them as well; for what has no name of its own on
        // disk, by its kind.
        let id = match &known {
            Known::Leaf(ty) => hashed(ty),
            Known::Option(_) => hashed((part.place.id, "Option")),
            Known::Seq(_) => hashed((part.place.id, "Seq")),
            Known::Map(_) => hashed((part.place.id, "Map")),
            Known::Tuple(name, _) => hashed((part.place.id, "Tuple", name)),
            Known::Struct(name, _) => hashed((part.place.id, "Struct", name)),
            Known::Newtype(name, _) => hashed((part.place.id, "Newtype", name)),
            Known::Enum(name, _) => hashed((part.place.id, "Enum", name)),
        };
        let Some(node) = self.ids.get(&id).copied() else {
            self.ids.insert(id, self.nodes.len());
            self.nodes.push(Node { known, name: part.place.name, contradicted: None });
            return Ok(self.nodes.len() - 1);
        };
        if !self.nodes[node].known.merge(known) {
            self.nodes[node].contradicted = Some(part.place.name);
            return Err(contradiction(part.place.name));
        }
        Ok(node)
    }

    fn known(&mut self, part: &Part) -> Result<Known, Fault> {
        Ok(match &part.shape {
            Shape::Scalar(scalar) => Known::Leaf(Type::Scalar(*scalar)),
            Shape::String => Known::Leaf(Type::String),
            Shape::Bytes => Known::Leaf(Type::Bytes),
            Shape::Unit => Known::Leaf(Type::Unit),
            Shape::Opaque => Known::Leaf(Type::Opaque),
            Shape::Option(inner) => {
                Known::Option(inner.as_deref().map(|inner| self.add(inner)).transpose()?)
            }
            Shape::Seq(elements) => Known::Seq(self.alike(part, elements.iter())?),
            Shape::Map(entries) => {
                let keys = self.alike(part, entries.iter().map(|(key, _)| key))?;
                let values = self.alike(part, entries.iter().map(|(_, value)| value))?;
                Known::Map(keys.zip(values))
            }
            Shape::Tuple { name, elements } => {
                let elements: Result<_, _> = elements.iter().map(|part| self.add(part)).collect();
                Known::Tuple(name, elements?)
            }
            Shape::Struct { name, fields } => {
                let fields = fields.iter().map(|(name, part)| Ok((*name, self.add(part)?)));
                Known::Struct(name, fields.collect::<Result<_, Fault>>()?)
            }
            Shape::Newtype { name, inner } => Known::Newtype(name, self.add(inner)?),
            Shape::Variant { name, index, variant, contents } => {
                let contents = self.add(contents)?;
                Known::Enum(name, BTreeMap::from([(*index, (*variant, contents))]))
            }
        })
    }

    /// The type of parts that must have the same one.
    fn alike<'p>(
        &mut self,
        whole: &Part,
        parts: impl Iterator<Item = &'p Part>,
    ) -> Result<Option<usize>, Fault> {
        let mut ty = None;
        for part in parts {
            let found = self.add(part)?;
            if *ty.get_or_insert(found) != found {
                return Err(contradiction(whole.place.name));
            }
        }
        Ok(ty)
    }

    /// The nodes as types, the ids of which count from `offset`.
    pub(super) fn types(&self, offset: usize) -> Vec<Type> {
        let id = |node: usize| TypeId(u32::try_from(offset + node).unwrap_or(u32::MAX));
        // Stands for what no value was seen of.
        let never = self.nodes.len();
        let mut types: Vec<_> = self
            .nodes
            .iter()
            .map(|node| match &node.known {
                Known::Leaf(ty) => ty.clone(),
                Known::Option(inner) => Type::Option(id(inner.unwrap_or(never))),
                Known::Seq(inner) => Type::Seq(id(inner.unwrap_or(never))),
                Known::Map(inner) => {
                    let (key, value) = inner.unwrap_or((never, never));
                    Type::Map { key: id(key), value: id(value) }
                }
                Known::Tuple(name, elements) => Type::Tuple {
                    name: (*name).to_owned(),
                    elements: elements.iter().copied().map(id).collect(),
                },
                Known::Struct(name, fields) => Type::Struct {
                    name: (*name).to_owned(),
                    fields: fields
                        .iter()
                        .map(|(name, ty)| Field { name: (*name).to_owned(), ty: id(*ty) })
                        .collect(),
                },
                Known::Newtype(name, inner) => {
                    Type::Newtype { name: (*name).to_owned(), inner: id(*inner) }
                }
                Known::Enum(name, variants) => Type::Enum {
                    name: (*name).to_owned(),
                    variants: variants
                        .iter()
                        .map(|(index, (name, contents))| Variant {
                            index: *index,
                            name: (*name).to_owned(),
                            contents: id(*contents),
                        })
                        .collect(),
                },
            })
            .collect();
        types.push(Type::Never);
        types
    }

    /// The name of a type that `root` reaches whose values contradict each other.
    pub(super) fn contradicted_in(&self, root: usize) -> Option<&'static str> {
        self.reached_from(root).find_map(|node| node.contradicted)
    }

    /// The name of an enum that `root` reaches, with a variant that `is_unread` by the number that it is written by.
    pub(super) fn unread_in(
        &self,
        root: usize,
        is_unread: impl Fn(&str, u32) -> bool,
    ) -> Option<&'static str> {
        self.reached_from(root).find_map(|node| match &node.known {
            Known::Enum(name, variants) => {
                variants.keys().any(|index| is_unread(name, *index)).then_some(*name)
            }
            _ => None,
        })
    }

    /// The name of a type that `root` reaches of the insides of which no value was seen.
    pub(super) fn empty_in(&self, root: usize) -> Option<&'static str> {
        let is_empty = |known: &Known| {
            matches!(known, Known::Option(None) | Known::Seq(None) | Known::Map(None))
        };
        self.reached_from(root).find(|node| is_empty(&node.known)).map(|node| node.name)
    }

    fn reached_from(&self, root: usize) -> impl Iterator<Item = &Node> {
        let mut reached = vec![false; self.nodes.len()];
        let mut left = vec![root];
        std::iter::from_fn(move || {
            loop {
                let index = left.pop()?;
                if !std::mem::replace(reached.get_mut(index)?, true) {
                    let node = self.nodes.get(index)?;
                    left.extend(node.known.parts().into_iter().rev());
                    return Some(node);
                }
            }
        })
    }
}

impl Known {
    /// Adds what another value of the type shows. Whether both can be.
    fn merge(&mut self, other: Known) -> bool {
        match (self, other) {
            (Known::Option(ours) | Known::Seq(ours), Known::Option(new) | Known::Seq(new)) => {
                merge_part(ours, new)
            }
            (Known::Map(ours), Known::Map(new)) => merge_part(ours, new),
            (Known::Enum(_, ours), Known::Enum(_, new)) => {
                new.into_iter().all(|(index, new)| *ours.entry(index).or_insert(new) == new)
            }
            (ours, new) => *ours == new,
        }
    }

    fn parts(&self) -> Vec<usize> {
        match self {
            Known::Leaf(_) => Vec::new(),
            Known::Option(inner) | Known::Seq(inner) => inner.iter().copied().collect(),
            Known::Map(inner) => inner.map_or_else(Vec::new, |(key, value)| vec![key, value]),
            Known::Tuple(_, elements) => elements.clone(),
            Known::Struct(_, fields) => fields.iter().map(|(_, ty)| *ty).collect(),
            Known::Newtype(_, inner) => vec![*inner],
            Known::Enum(_, variants) => variants.values().map(|(_, contents)| *contents).collect(),
        }
    }
}

fn merge_part<T: Copy + PartialEq>(ours: &mut Option<T>, new: Option<T>) -> bool {
    match new {
        None => true,
        Some(new) => *ours.get_or_insert(new) == new,
    }
}

pub(super) fn contradiction(name: &'static str) -> Fault {
    Fault::new("one value of it is written in another way than another").or_at(name)
}
