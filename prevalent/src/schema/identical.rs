//! Whether two types are the same in every respect, the names of types too.

use std::collections::HashSet;

use super::types::{TypeId, Types};

/// Whether the one type is written down just as the other.
pub(crate) fn identical(a: (&Types, TypeId), b: (&Types, TypeId)) -> bool {
    // What is being compared is taken to be the same until a difference is found: so recursion ends.
    let mut assumed = HashSet::new();
    let mut left = vec![(a.1, b.1)];
    let nowhere = |_| TypeId(0);
    while let Some((x, y)) = left.pop() {
        if !assumed.insert((x, y)) {
            continue;
        }
        let (x, y) = (a.0.get(x), b.0.get(y));
        let (parts_x, parts_y) = (x.parts(), y.parts());
        if parts_x.len() != parts_y.len() || x.with_parts(nowhere) != y.with_parts(nowhere) {
            return false;
        }
        left.extend(parts_x.into_iter().zip(parts_y));
    }
    true
}

#[cfg(test)]
mod tests {
    use super::super::types::{Scalar, Type};
    use super::*;

    #[test]
    fn the_name_of_a_type_makes_a_difference_and_its_place_none() {
        let mut types = Types::default();
        let a = types.add(Type::Scalar(Scalar::U64));
        let b = types.add(Type::Scalar(Scalar::U64));
        let newtype = |name: &str, inner| Type::Newtype { name: name.into(), inner };
        let id = types.add(newtype("Id", a));
        let same = types.add(newtype("Id", b));
        let other = types.add(newtype("Key", a));
        assert!(identical((&types, id), (&types, same)));
        assert!(!identical((&types, id), (&types, other)));
        assert!(!identical((&types, id), (&types, a)));
    }
}
