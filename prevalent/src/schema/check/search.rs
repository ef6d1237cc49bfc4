//! Looks for samples that suit, until all has been sampled.

use std::collections::{HashMap, HashSet};

use super::super::types::{Type, TypeId, Types};
use super::Verdict;
use super::finite::{Dead, Finite};
use super::leaves::Leaves;
use super::sample::{Maker, Rest, Sample};
use super::tree::{Extent, PlaceId, Tree};
use crate::encoding::{DecodeFault, FaultKind};

/// So often are samples read.
const READS_MAX: usize = 20_000;

/// So many values are there in all samples together.
const VALUES_MAX: usize = 4_000_000;

/// A sample of more values is large.
const VALUES_SMALL_MAX: usize = 2_000;

/// So often are samples read to find a pair of values that suit.
const PAIR_READS_MAX: usize = 1_000;

pub(super) struct Search<'a> {
    types: &'a Types,
    leaves: Leaves<'a>,
    read: &'a mut dyn FnMut(&[u8]) -> Result<(), DecodeFault>,
    finite: Finite,
    dead: Dead,
    /// The names of `dead`, in the order in which they were found.
    names: Vec<String>,
    seen: HashSet<(TypeId, usize)>,
    tree: Tree,
    /// The value that suited at another place of the type.
    suited: HashMap<TypeId, usize>,
    rest: Rest,
    reads: usize,
    values: usize,
}

/// What became of a sample.
enum Outcome {
    Read,
    /// For ever: no value of this shape is read.
    Refused(DecodeFault),
    /// A variant is not known; from now on there are none of it.
    Dies(TypeId, u32),
    /// A value doesn't suit, when so many bytes have been read.
    Unsuited(usize),
}

/// No more samples, or no such value.
struct Over;

impl<'a> Search<'a> {
    pub(super) fn new(
        types: &'a Types,
        leaves: Leaves<'a>,
        read: &'a mut dyn FnMut(&[u8]) -> Result<(), DecodeFault>,
    ) -> Self {
        let dead = Dead::new();
        Search {
            types,
            leaves,
            read,
            finite: Finite::new(types, &dead),
            dead,
            names: Vec::new(),
            seen: HashSet::new(),
            tree: Tree::default(),
            suited: HashMap::new(),
            rest: Rest::Same,
            reads: 0,
            values: 0,
        }
    }

    pub(super) fn verdict(mut self, ty: TypeId) -> Verdict {
        // What is too large to be sampled in full may have a least value that is not.
        for extent in [Extent::Full, Extent::Least] {
            let root = self.tree.root(ty, extent);
            match self.exhaust(root) {
                Ok(()) => break,
                Err(Some(fault)) => return Verdict::Never(fault),
                Err(None) => {}
            }
        }
        if self.names.is_empty() { Verdict::Always } else { Verdict::Unless(self.names) }
    }

    /// Has samples read until nothing is left to be done; an error where one is refused, or none can be made.
    fn exhaust(&mut self, root: PlaceId) -> Result<(), Option<DecodeFault>> {
        while !self.tree.get(root).is_done {
            let Ok(sample) = self.sample(root) else { return Err(None) };
            let is_new = match self.outcome(&sample) {
                Outcome::Read => self.commit(&sample),
                Outcome::Refused(fault) => return Err(Some(fault)),
                Outcome::Dies(of, variant) => self.bury(of, variant),
                Outcome::Unsuited(consumed) => match self.suit(root, &sample, consumed) {
                    Ok(is_new) => is_new,
                    Err(fault) => return Err(Some(fault)),
                },
            };
            if !is_new {
                break;
            }
        }
        Ok(())
    }

    fn sample(&mut self, root: PlaceId) -> Result<Sample, Over> {
        if self.reads >= READS_MAX || self.values >= VALUES_MAX {
            return Err(Over);
        }
        let mut maker = Maker::new(
            (self.types, &self.leaves),
            (&self.finite, &self.dead),
            &self.seen,
            &mut self.tree,
            self.rest,
        );
        let result = maker.value(root);
        let sample = maker.sample;
        self.values += sample.values;
        if sample.values > VALUES_SMALL_MAX {
            self.rest = Rest::Least;
        }
        result.map(|()| sample).map_err(|_| Over)
    }

    fn outcome(&mut self, sample: &Sample) -> Outcome {
        self.reads += 1;
        let Err(fault) = (self.read)(&sample.bytes) else { return Outcome::Read };
        match (fault.kind, fault.variant) {
            (FaultKind::Structural | FaultKind::Malformed, _) => Outcome::Refused(fault),
            (FaultKind::UnknownVariant, Some((of, variant)))
                if !self.dead.contains(&(of, variant)) =>
            {
                Outcome::Dies(of, variant)
            }
            (FaultKind::UnknownVariant | FaultKind::Value, _) => Outcome::Unsuited(fault.consumed),
        }
    }

    /// Leaves a variant out of all samples from now on.
    fn bury(&mut self, of: TypeId, variant: u32) -> bool {
        self.dead.insert((of, variant));
        if let Type::Enum { name, variants } = self.types.get(of) {
            let variant = variants.get(variant as usize).map_or("?", |variant| &variant.name);
            let name = format!("{name}::{variant}");
            if !self.names.contains(&name) {
                self.names.push(name);
            }
        }
        self.finite = Finite::new(self.types, &self.dead);
        true
    }

    /// Remembers that this sample needs no second look. Is there anything in it that had not been done?
    fn commit(&mut self, sample: &Sample) -> bool {
        let mut is_new = false;
        for visit in &sample.visits {
            let are_inside_done = visit.inside.iter().all(|inside| self.tree.get(*inside).is_done);
            let place = self.tree.get(visit.place);
            let ty = place.ty;
            let is_done = match (visit.variant, self.types.get(ty)) {
                (Some(slot), Type::Enum { variants, .. }) => {
                    is_new |= self.seen.insert((ty, slot));
                    let place = self.tree.get_mut(visit.place);
                    if are_inside_done {
                        is_new |= place.done_variants.insert(slot);
                    }
                    let place = self.tree.get(visit.place);
                    place.extent == Extent::Least
                        || (0..variants.len()).all(|slot| {
                            let number = u32::try_from(slot).unwrap_or(u32::MAX);
                            place.done_variants.contains(&slot)
                                || self.dead.contains(&(ty, number))
                                || self.finite.depth(variants[slot].contents).is_none()
                        })
                }
                _ => are_inside_done,
            };
            let place = self.tree.get_mut(visit.place);
            place.read_variant = visit.variant;
            is_new |= is_done && !place.is_done;
            place.is_done |= is_done;
        }
        is_new
    }

    /// Looks for a value with which reading goes on, where it has stopped at `consumed` bytes of `sample`. Where there is
    /// none, what can be left out is left out.
    fn suit(
        &mut self,
        root: PlaceId,
        sample: &Sample,
        consumed: usize,
    ) -> Result<bool, DecodeFault> {
        let Some(last) = last_leaf(sample, consumed) else {
            self.commit(sample);
            return Ok(false);
        };
        let place = sample.leaves[last].place;
        if self.tree.get(place).is_hopeless {
            return Ok(self.leave_out(sample, last));
        }
        let mut last_before: Vec<PlaceId> = Vec::new();
        for leaf in sample.leaves[..last].iter().rev() {
            if leaf.place != place && !last_before.contains(&leaf.place) {
                last_before.push(leaf.place);
            }
            if last_before.len() == 2 {
                break;
            }
        }
        if self.try_all(root, place, usize::MAX)? {
            return Ok(true);
        }
        for before in last_before {
            let old = self.tree.get(before).candidate;
            let reads_max = self.reads + PAIR_READS_MAX;
            for candidate in 0..self.count(before) {
                self.tree.get_mut(before).candidate = Some(candidate);
                if self.try_all(root, place, reads_max)? {
                    return Ok(true);
                }
            }
            self.tree.get_mut(before).candidate = old;
        }
        self.tree.get_mut(place).is_hopeless = true;
        Ok(self.leave_out(sample, last))
    }

    fn count(&self, place: PlaceId) -> usize {
        self.leaves.count(self.types.get(self.tree.get(place).ty))
    }

    /// Tries all values for the leaf at `place`, until with one of them reading comes further than to this leaf.
    fn try_all(
        &mut self,
        root: PlaceId,
        place: PlaceId,
        reads_max: usize,
    ) -> Result<bool, DecodeFault> {
        let old = self.tree.get(place).candidate;
        let ty = self.tree.get(place).ty;
        let first = self.suited.get(&ty).copied();
        for candidate in first.into_iter().chain(0..self.count(place)) {
            if self.reads >= reads_max {
                break;
            }
            self.tree.get_mut(place).candidate = Some(candidate);
            let Ok(sample) = self.sample(root) else { continue };
            let is_further = match self.outcome(&sample) {
                Outcome::Read => true,
                Outcome::Refused(fault) => return Err(fault),
                Outcome::Dies(of, variant) => self.bury(of, variant),
                Outcome::Unsuited(consumed) => {
                    let of_place = sample.leaves.iter().rposition(|leaf| leaf.place == place);
                    // Where the leaf is gone, with a sequence that is empty now, nothing can be told.
                    of_place.is_some() && last_leaf(&sample, consumed) > of_place
                }
            };
            if is_further {
                self.suited.insert(ty, candidate);
                return Ok(true);
            }
        }
        self.tree.get_mut(place).candidate = old;
        Ok(false)
    }

    /// Leaves out the least part of a sample that a leaf is in. Was there any?
    fn leave_out(&mut self, sample: &Sample, leaf: usize) -> bool {
        let mut choice = sample.leaves[leaf].choice;
        while let Some(inner) = choice.and_then(|choice| sample.choices.get(choice)) {
            let place = self.tree.get_mut(inner.place);
            let is_new = if let Some(slot) = inner.variant {
                place.done_variants.insert(slot)
            } else {
                place.candidate = None;
                !std::mem::replace(&mut place.is_avoided, true)
            };
            if is_new {
                return true;
            }
            choice = inner.outer;
        }
        // There is no way past it: what lies behind it can't be looked at.
        self.commit(sample)
    }
}

/// The leaf that was read last.
fn last_leaf(sample: &Sample, consumed: usize) -> Option<usize> {
    sample.leaves.partition_point(|leaf| leaf.end <= consumed).checked_sub(1)
}
