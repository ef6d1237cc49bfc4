//! Each type once, in an order that depends on nothing but the types.

use std::collections::HashMap;

use super::super::types::{Type, TypeId, Types};

/// Adds to `types` what `roots` reach of `more`, the ids of which go on behind those of `types`. The roots as they are
/// there.
///
/// What is there stays; a type that is there already, however unrolled, is not added. New ones are numbered in the order
/// in which the roots reach them.
pub(super) fn absorb(types: &mut Types, more: &[Type], roots: &[TypeId]) -> Vec<TypeId> {
    let all: Vec<_> = types.iter().chain(more).collect();
    let classes = classes(&all);
    // Where the types of each class are.
    let mut places: HashMap<usize, TypeId> = HashMap::new();
    for (place, class) in classes.iter().enumerate().take(types.len()) {
        places.entry(*class).or_insert(id(place));
    }
    let class_of = |ty: TypeId| classes.get(ty.0 as usize).copied().unwrap_or_default();

    let mut added: Vec<(TypeId, Type)> = Vec::new();
    let mut left: Vec<_> = roots.iter().rev().copied().collect();
    while let Some(ty) = left.pop() {
        let class = class_of(ty);
        if places.contains_key(&class) {
            continue;
        }
        let Some(source) = all.get(ty.0 as usize) else { continue };
        places.insert(class, id(types.len() + added.len()));
        added.push((ty, (*source).clone()));
        left.extend(source.parts().into_iter().rev());
    }
    let place_of = |ty: TypeId| places.get(&class_of(ty)).copied().unwrap_or(ty);
    let added: Vec<_> = added.into_iter().map(|(_, ty)| ty.with_parts(place_of)).collect();
    let roots = roots.iter().map(|root| place_of(*root)).collect();
    for ty in added {
        types.add(ty);
    }
    roots
}

/// Which types are the same, names included: they have the same number.
fn classes(all: &[&Type]) -> Vec<usize> {
    // All that look alike are taken for the same, until their parts are known to differ.
    let mut numbers = HashMap::new();
    let mut classes: Vec<usize> = Vec::with_capacity(all.len());
    for ty in all {
        let next = numbers.len();
        classes.push(*numbers.entry(ty.with_parts(|_| TypeId(0))).or_insert(next));
    }
    let mut count = numbers.len();
    let parts: Vec<Vec<TypeId>> = all.iter().map(|ty| ty.parts()).collect();
    loop {
        let mut numbers: HashMap<(usize, Vec<usize>), usize> = HashMap::new();
        let finer = parts.iter().zip(&classes).map(|(parts, class)| {
            let parts = parts.iter().map(|part| classes.get(part.0 as usize).copied());
            let next = numbers.len();
            *numbers.entry((*class, parts.map(Option::unwrap_or_default).collect())).or_insert(next)
        });
        let finer: Vec<usize> = finer.collect();
        classes = finer;
        if numbers.len() == count {
            return classes;
        }
        count = numbers.len();
    }
}

fn id(place: usize) -> TypeId {
    TypeId(u32::try_from(place).unwrap_or(u32::MAX))
}
