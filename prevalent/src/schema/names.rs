//! Which types get a line of their own, and under which name, where types are written down for people.
//!
//! The others are written where they are used. A line of its own has what the user has given a name, what contains itself,
//! and what would be written too often or too deep otherwise.

use std::collections::{BTreeMap, HashMap, HashSet};

use super::identical;
use super::types::{Type, TypeId, Types};

/// So many types may lie inside each other in one line.
const HEIGHT_MAX: u32 = 12;

/// So many types are written out more than once, at the most.
const REPEATED_MAX: u32 = 40;

/// The types that have lines of their own.
pub(crate) struct Names<'a> {
    types: &'a Types,
    of: HashMap<TypeId, String>,
    /// One type for each name.
    lines: BTreeMap<String, TypeId>,
}

/// What is written down, and the name that it has there anyway: a transaction's, or none.
#[derive(Clone, Copy)]
pub(crate) struct Root<'a> {
    pub(crate) ty: TypeId,
    pub(crate) name: &'a str,
}

enum Step<'a> {
    Enter { ty: TypeId, place: &'a str },
    Leave(TypeId),
}

impl<'a> Names<'a> {
    /// Names for all that the roots reach. The same roots have the same names.
    pub(crate) fn of(types: &'a Types, roots: &[Root<'a>]) -> Self {
        let names = Names { types, of: HashMap::new(), lines: BTreeMap::new() };
        let uses = uses(types, roots);
        let mut naming =
            Naming { names, uses, open: HashSet::new(), sizes: HashMap::new(), steps: vec![] };
        naming.go(roots);
        naming.names
    }

    /// The name of a type that has a line of its own.
    pub(crate) fn get(&self, ty: TypeId) -> Option<&str> {
        self.of.get(&ty).map(String::as_str)
    }

    /// The lines, by name.
    pub(crate) fn lines(&self) -> impl Iterator<Item = (&str, TypeId)> {
        self.lines.iter().map(|(name, ty)| (name.as_str(), *ty))
    }

    fn give(&mut self, ty: TypeId, wanted: &str) {
        let mut name = wanted.to_owned();
        let mut number = 1_u64;
        while name.is_empty() || self.lines.contains_key(&name) {
            number += 1;
            name = format!("{wanted}~{number}");
        }
        self.lines.insert(name.clone(), ty);
        self.of.insert(ty, name);
    }
}

struct Naming<'a> {
    names: Names<'a>,
    uses: HashMap<TypeId, u32>,
    /// What is written around the place that we are at, without a line of its own.
    open: HashSet<TypeId>,
    /// Of what has been gone through.
    sizes: HashMap<TypeId, Size>,
    steps: Vec<Step<'a>>,
}

/// What is written in one line with a type.
#[derive(Clone, Copy)]
struct Size {
    height: u32,
    types: u32,
}

impl<'a> Naming<'a> {
    fn go(&mut self, roots: &[Root<'a>]) {
        for root in roots {
            self.steps.push(Step::Enter { ty: root.ty, place: root.name });
            while let Some(step) = self.steps.pop() {
                match step {
                    Step::Enter { ty, place } => self.enter(ty, place),
                    Step::Leave(ty) => self.leave(ty),
                }
            }
        }
    }

    fn enter(&mut self, ty: TypeId, place: &'a str) {
        if self.names.get(ty).is_some() || self.sizes.contains_key(&ty) {
            return;
        }
        if self.open.contains(&ty) {
            self.names.give(ty, "");
            return;
        }
        let types: &'a Types = self.names.types;
        if let Some(name) = self.name_for(ty, place) {
            let twin = self.twin(ty, name);
            if let Some(twin) = twin {
                self.names.of.insert(ty, twin);
                return;
            }
            self.names.give(ty, name);
        }
        self.open.insert(ty);
        self.steps.push(Step::Leave(ty));
        match types.get(ty) {
            Type::Enum { variants, .. } => {
                self.steps.extend(variants.iter().rev().map(|variant| Step::Enter {
                    ty: variant.contents,
                    place: variant.name.as_str(),
                }));
            }
            other => {
                let parts = other.parts().into_iter().rev();
                self.steps.extend(parts.map(|ty| Step::Enter { ty, place: "" }));
            }
        }
    }

    fn leave(&mut self, ty: TypeId) {
        self.open.remove(&ty);
        let mut size = Size { height: 1, types: 1 };
        for part in self.names.types.get(ty).parts() {
            if self.names.get(part).is_none()
                && let Some(inside) = self.sizes.get(&part)
            {
                size.height = size.height.max(inside.height + 1);
                size.types = size.types.saturating_add(inside.types);
            }
        }
        self.sizes.insert(ty, size);
        let is_shared = self.uses.get(&ty).is_some_and(|uses| *uses > 1);
        let is_large = size.height > HEIGHT_MAX || (is_shared && size.types > REPEATED_MAX);
        if is_large && self.names.get(ty).is_none() {
            self.names.give(ty, "");
        }
    }

    /// The name that the type wants for a line of its own, where it must have one.
    fn name_for(&self, ty: TypeId, place: &str) -> Option<&'a str> {
        let is_shared = self.uses.get(&ty).is_some_and(|uses| *uses > 1);
        let types: &'a Types = self.names.types;
        match types.get(ty) {
            Type::Enum { name, .. } | Type::Newtype { name, .. } => Some(name),
            Type::Tuple { name, .. } if name.is_empty() => None,
            Type::Struct { name, .. } | Type::Tuple { name, .. } => {
                (is_shared || name != place).then_some(name)
            }
            _ => None,
        }
    }

    /// The line of a type that is written down already, and is the same.
    fn twin(&self, ty: TypeId, name: &str) -> Option<String> {
        let types = self.names.types;
        let begins = |key: &str| {
            key.strip_prefix(name).is_some_and(|rest| rest.is_empty() || rest.starts_with('~'))
        };
        let mut all = self.names.lines().filter(|(key, _)| begins(key));
        let twin = all.find(|(_, other)| identical((types, ty), (types, *other)));
        twin.map(|(key, _)| key.to_owned())
    }
}

/// In how many places each type is used.
fn uses(types: &Types, roots: &[Root<'_>]) -> HashMap<TypeId, u32> {
    let mut uses = HashMap::new();
    let mut waiting: Vec<TypeId> = roots.iter().map(|root| root.ty).collect();
    while let Some(ty) = waiting.pop() {
        let count = uses.entry(ty).or_insert(0_u32);
        *count = count.saturating_add(1);
        if *count == 1 {
            waiting.extend(types.get(ty).parts());
        }
    }
    uses
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(types: &Types, ty: TypeId) -> usize {
        Names::of(types, &[Root { ty, name: "root" }]).lines().count()
    }

    #[test]
    fn what_is_too_high_for_a_line_is_cut_in_two() {
        let mut types = Types::default();
        let mut ty = types.add(Type::Unit);
        for _ in 1..HEIGHT_MAX {
            ty = types.add(Type::Option(ty));
        }
        assert_eq!(lines(&types, ty), 0);
        let higher = types.add(Type::Option(ty));
        assert_eq!(lines(&types, higher), 1);
    }

    #[test]
    fn what_is_long_is_not_written_twice() {
        for (elements, expected) in [(REPEATED_MAX - 1, 0), (REPEATED_MAX, 1)] {
            let mut types = Types::default();
            let unit = types.add(Type::Unit);
            let tuple = |elements| Type::Tuple { name: String::new(), elements };
            let long = types.add(tuple(vec![unit; elements as usize]));
            let once = types.add(tuple(vec![long]));
            assert_eq!(lines(&types, once), 0, "{elements}");
            let twice = types.add(tuple(vec![long, long]));
            assert_eq!(lines(&types, twice), expected, "{elements}");
        }
    }
}
