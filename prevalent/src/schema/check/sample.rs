//! One sample: bytes, and what they were made of.

use std::collections::HashSet;

use super::super::types::{Type, TypeId, Types, Variant};
use super::finite::{Dead, Finite};
use super::leaves::Leaves;
use super::tree::{Extent, PlaceId, Tree, is_array};
use crate::format::bytes::put_varint;

const BYTES_MAX: usize = 4 << 20;

/// A sample of so many values is not made.
const VALUES_MAX: usize = 300_000;

/// After so many values, only the least are added.
const VALUES_FULL_MAX: usize = 20_000;

/// A value, as it could have been written.
#[derive(Default)]
pub(super) struct Sample {
    pub(super) bytes: Vec<u8>,
    /// In the order of their bytes.
    pub(super) leaves: Vec<Leaf>,
    /// Each after those inside of it.
    pub(super) visits: Vec<Visit>,
    /// What could have been left out or chosen otherwise.
    pub(super) choices: Vec<Choice>,
    pub(super) values: usize,
}

/// A number or text, or the length of a sequence.
#[derive(Clone, Copy)]
pub(super) struct Leaf {
    pub(super) place: PlaceId,
    /// Where its bytes end.
    pub(super) end: usize,
    /// The innermost choice that it depends on.
    pub(super) choice: Option<usize>,
}

pub(super) struct Visit {
    pub(super) place: PlaceId,
    pub(super) inside: Vec<PlaceId>,
    /// Which variant it has, of an enum.
    pub(super) variant: Option<usize>,
}

#[derive(Clone, Copy)]
pub(super) struct Choice {
    pub(super) place: PlaceId,
    pub(super) variant: Option<usize>,
    pub(super) outer: Option<usize>,
}

/// There is no such value, or it would be too large.
pub(super) struct NoSample;

/// What of a sample need not be looked at again.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Rest {
    /// As it was: the value as a whole suited with it.
    Same,
    /// The least: samples are large.
    Least,
}

/// Makes a sample.
pub(super) struct Maker<'a> {
    pub(super) types: &'a Types,
    pub(super) leaves: &'a Leaves<'a>,
    pub(super) finite: &'a Finite,
    pub(super) dead: &'a Dead,
    /// The variants that are in some sample, wherever.
    pub(super) seen: &'a HashSet<(TypeId, usize)>,
    pub(super) tree: &'a mut Tree,
    pub(super) sample: Sample,
    pub(super) rest: Rest,
    /// The types on the way to where it is.
    path: Vec<TypeId>,
    choice: Option<usize>,
}

impl<'a> Maker<'a> {
    pub(super) fn new(
        (types, leaves): (&'a Types, &'a Leaves<'a>),
        (finite, dead): (&'a Finite, &'a Dead),
        seen: &'a HashSet<(TypeId, usize)>,
        tree: &'a mut Tree,
        rest: Rest,
    ) -> Self {
        let (sample, path, choice) = (Sample::default(), Vec::new(), None);
        Maker { types, leaves, finite, dead, seen, tree, sample, rest, path, choice }
    }

    pub(super) fn value(&mut self, id: PlaceId) -> Result<(), NoSample> {
        self.sample.values += 1;
        if self.sample.values > VALUES_MAX || self.sample.bytes.len() > BYTES_MAX {
            return Err(NoSample);
        }
        let ty = self.tree.get(id).ty;
        self.finite.depth(ty).ok_or(NoSample)?;
        self.path.push(ty);
        let visit = self.contents(id, self.types.get(ty));
        self.path.pop();
        self.sample.visits.push(visit?);
        Ok(())
    }

    fn contents(&mut self, id: PlaceId, ty: &'a Type) -> Result<Visit, NoSample> {
        let mut visit = Visit { place: id, inside: Vec::new(), variant: None };
        match ty {
            Type::Scalar(_) | Type::String | Type::Bytes | Type::Opaque => {
                let candidate = self.tree.get(id).candidate.unwrap_or(0);
                self.leaves.put(&mut self.sample.bytes, ty, candidate);
                self.leaf(id);
            }
            Type::Unit | Type::Never | Type::Untraced { .. } => {}
            Type::Option(inner) => {
                if self.is_held(id, &[*inner]) {
                    self.sample.bytes.push(1);
                    self.chosen(id, None, |maker| maker.inside(&mut visit, 0, *inner))?;
                } else {
                    self.sample.bytes.push(0);
                }
            }
            Type::Seq(inner) => self.elements(&mut visit, &[*inner])?,
            Type::Map { key, value } => self.elements(&mut visit, &[*key, *value])?,
            Type::Newtype { inner, .. } => self.inside(&mut visit, 0, *inner)?,
            Type::Struct { fields, .. } => {
                for (slot, field) in fields.iter().enumerate() {
                    self.inside(&mut visit, slot, field.ty)?;
                }
            }
            Type::Tuple { elements, .. } if is_array(ty) => self.array(&mut visit, elements)?,
            Type::Tuple { elements, .. } => {
                for (slot, element) in elements.iter().enumerate() {
                    self.inside(&mut visit, slot, *element)?;
                }
            }
            Type::Enum { variants, .. } => {
                let slot = self.variant(id, variants).ok_or(NoSample)?;
                let variant = variants.get(slot).ok_or(NoSample)?;
                put_varint(&mut self.sample.bytes, u64::from(variant.index));
                visit.variant = Some(slot);
                let contents = variant.contents;
                self.chosen(id, Some(slot), |maker| maker.inside(&mut visit, slot, contents))?;
            }
        }
        Ok(visit)
    }

    /// The value at a place inside.
    fn inside(&mut self, visit: &mut Visit, slot: usize, ty: TypeId) -> Result<(), NoSample> {
        let inside = if self.sample.values > VALUES_FULL_MAX {
            self.tree.shared(ty, Extent::Least)
        } else {
            self.tree.inside(self.types, (visit.place, slot), ty, &self.path)
        };
        visit.inside.push(inside);
        self.value(inside)
    }

    /// One element, so many times.
    fn array(&mut self, visit: &mut Visit, elements: &[TypeId]) -> Result<(), NoSample> {
        let Some(first) = elements.first() else { return Ok(()) };
        let start = self.sample.bytes.len();
        self.inside(visit, 0, *first)?;
        let element = self.sample.bytes[start..].to_vec();
        if element.len().saturating_mul(elements.len()) > BYTES_MAX {
            return Err(NoSample);
        }
        if !element.is_empty() {
            for _ in 1..elements.len() {
                self.sample.bytes.extend_from_slice(&element);
            }
        }
        Ok(())
    }

    fn elements(&mut self, visit: &mut Visit, inner: &[TypeId]) -> Result<(), NoSample> {
        let id = visit.place;
        let has_values = inner.iter().all(|ty| self.finite.depth(*ty).is_some());
        let len = match self.tree.get(id).candidate {
            Some(candidate) if has_values => Leaves::length(candidate),
            _ => usize::from(self.is_held(id, inner)),
        };
        put_varint(&mut self.sample.bytes, len as u64);
        self.leaf(id);
        self.chosen(id, None, |maker| {
            for number in 0..len {
                for (slot, ty) in inner.iter().enumerate() {
                    // The keys of a map must not be the same: the places after the first are others.
                    maker.inside(visit, slot + number * inner.len(), *ty)?;
                }
            }
            Ok(())
        })
    }

    /// Whether there is something in an option or sequence.
    fn is_held(&self, id: PlaceId, inner: &[TypeId]) -> bool {
        let place = self.tree.get(id);
        place.extent == Extent::Full
            && !place.is_avoided
            && !(place.is_done && self.rest == Rest::Least)
            && inner.iter().all(|ty| self.finite.depth(*ty).is_some())
    }

    /// The variant that the enum has in this sample.
    fn variant(&self, id: PlaceId, variants: &[Variant]) -> Option<usize> {
        let place = self.tree.get(id);
        let depth = |slot: usize| self.finite.depth(variants[slot].contents);
        let is_alive = |slot: &usize| {
            let number = u32::try_from(*slot).unwrap_or(u32::MAX);
            !self.dead.contains(&(place.ty, number)) && depth(*slot).is_some()
        };
        let alive = || (0..variants.len()).filter(is_alive);
        let least = alive().min_by_key(|slot| depth(*slot));
        if let Some(read) = place.read_variant
            && place.is_done
            && is_alive(&read)
            && self.rest == Rest::Same
        {
            return Some(read);
        }
        if place.extent == Extent::Least || place.is_done {
            let known = alive().filter(|slot| self.seen.contains(&(place.ty, *slot)));
            return known.min_by_key(|slot| depth(*slot)).or(least);
        }
        let left = || alive().filter(|slot| !place.done_variants.contains(slot));
        left().find(|slot| !self.seen.contains(&(place.ty, *slot))).or(left().next()).or(least)
    }

    fn leaf(&mut self, place: PlaceId) {
        let end = self.sample.bytes.len();
        self.sample.leaves.push(Leaf { place, end, choice: self.choice });
    }

    fn chosen<R>(
        &mut self,
        place: PlaceId,
        variant: Option<usize>,
        inside: impl FnOnce(&mut Self) -> R,
    ) -> R {
        let outer = self.choice;
        self.sample.choices.push(Choice { place, variant, outer });
        self.choice = Some(self.sample.choices.len() - 1);
        let result = inside(self);
        self.choice = outer;
        result
    }
}
