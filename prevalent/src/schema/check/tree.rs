//! The places of values in values, and what has been sampled at each.
//!
//! A type may be read as another one at each place where it is, so that each place is sampled for itself. There may be
//! more places than anyone could visit: beyond [`PLACES_MAX`], all places of a type are one.

use std::collections::{HashMap, HashSet};

use super::super::types::{Type, TypeId, Types};

const PLACES_MAX: usize = 20_000;

/// So deep inside each other are values sampled that are more than the least.
const PATH_MAX: usize = 500;

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct PlaceId(usize);

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Extent {
    /// Every variant in its turn, with options and sequences that hold something.
    Full,
    /// The least value, inside of another one of its type.
    Least,
}

/// Of how many places in values this is the one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum StandsFor {
    Itself,
    /// All that there is no room for, of its type.
    Others,
}

pub(super) struct Place {
    pub(super) ty: TypeId,
    pub(super) extent: Extent,
    stands_for: StandsFor,
    /// The places inside, as far as they were visited.
    inside: Vec<Option<PlaceId>>,
    /// Which value a leaf has, or which length a sequence; `None` until one has been looked for.
    pub(super) candidate: Option<usize>,
    /// Nothing that was tried suited inside of this option or sequence.
    pub(super) is_avoided: bool,
    /// Of an enum: the variants with which nothing is left to be done.
    pub(super) done_variants: HashSet<usize>,
    pub(super) is_done: bool,
    /// Of an enum: the variant that was read last.
    pub(super) read_variant: Option<usize>,
    /// All values for this leaf were tried, and none suited.
    pub(super) is_hopeless: bool,
}

#[derive(Default)]
pub(super) struct Tree {
    places: Vec<Place>,
    shared: HashMap<(TypeId, Extent), PlaceId>,
}

impl Tree {
    pub(super) fn root(&mut self, ty: TypeId, extent: Extent) -> PlaceId {
        self.add(ty, extent, StandsFor::Itself)
    }

    pub(super) fn get(&self, id: PlaceId) -> &Place {
        &self.places[id.0]
    }

    pub(super) fn get_mut(&mut self, id: PlaceId) -> &mut Place {
        &mut self.places[id.0]
    }

    /// The place number `slot` inside of `outer`, where there is a `ty`. The types on the way there are in `path`.
    pub(super) fn inside(
        &mut self,
        types: &Types,
        (outer, slot): (PlaceId, usize),
        ty: TypeId,
        path: &[TypeId],
    ) -> PlaceId {
        let place = self.get(outer);
        if let Some(Some(known)) = place.inside.get(slot) {
            return *known;
        }
        let is_again = || !types.get(ty).parts().is_empty() && path.contains(&ty);
        let extent = match place.extent {
            Extent::Full if path.len() < PATH_MAX && !is_again() => Extent::Full,
            _ => Extent::Least,
        };
        if place.stands_for == StandsFor::Others || self.places.len() >= PLACES_MAX {
            return self.shared(ty, extent);
        }
        let new = self.add(ty, extent, StandsFor::Itself);
        let inside = &mut self.get_mut(outer).inside;
        if inside.len() <= slot {
            inside.resize(slot + 1, None);
        }
        inside[slot] = Some(new);
        new
    }

    /// The place that stands for all that there is no room for.
    pub(super) fn shared(&mut self, ty: TypeId, extent: Extent) -> PlaceId {
        if let Some(known) = self.shared.get(&(ty, extent)) {
            return *known;
        }
        let new = self.add(ty, extent, StandsFor::Others);
        self.shared.insert((ty, extent), new);
        new
    }

    fn add(&mut self, ty: TypeId, extent: Extent, stands_for: StandsFor) -> PlaceId {
        self.places.push(Place {
            ty,
            extent,
            stands_for,
            inside: Vec::new(),
            candidate: None,
            is_avoided: false,
            done_variants: HashSet::new(),
            is_done: false,
            read_variant: None,
            is_hopeless: false,
        });
        PlaceId(self.places.len() - 1)
    }
}

/// Whether all elements are of one type, and so many that one of them stands for all.
pub(super) fn is_array(ty: &Type) -> bool {
    match ty {
        Type::Tuple { elements, .. } => {
            elements.len() > 16 && elements.windows(2).all(|pair| pair[0] == pair[1])
        }
        _ => false,
    }
}
