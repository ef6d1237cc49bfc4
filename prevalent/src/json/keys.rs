//! Whether a map of texts can be an object: postcard writes a key twice where somebody's code does.

use twox_hash::XxHash3_128;

use crate::schema::skip;
use crate::schema::source::Source;
use crate::schema::types::{TypeId, Types};

/// So many keys are remembered at once, of which each takes 16 bytes. A map that has more is gone through more than once.
const KEYS_AT_ONCE: u64 = 1 << 21;

/// Whether no key is there twice, of a map of texts whose first key comes next. The source stays where it is.
///
/// The keys are not kept, and most maps are sorted anyway.
pub(super) fn all_differ<S: Source>(
    types: &Types,
    value: TypeId,
    count: u64,
    source: &mut S,
) -> Result<bool, String> {
    all_differ_in_parts(types, value, count, source, KEYS_AT_ONCE)
}

fn all_differ_in_parts<S: Source>(
    types: &Types,
    value: TypeId,
    count: u64,
    source: &mut S,
    keys_at_once: u64,
) -> Result<bool, String> {
    if count < 2 {
        return Ok(true);
    }
    let start = source.mark();
    let mut last: Option<Vec<u8>> = None;
    let rising = for_each_key(types, value, count, source, |key| match &mut last {
        Some(last) if last.as_slice() >= key => Go::Enough,
        Some(last) => {
            last.clear();
            last.extend_from_slice(key);
            Go::On
        }
        None => {
            last = Some(key.to_owned());
            Go::On
        }
    })?;
    source.back_to(start.clone());
    if rising == Go::On {
        return Ok(true);
    }
    let parts = count.div_ceil(keys_at_once);
    for part in 0..parts {
        let capacity = count.min(keys_at_once.saturating_mul(5) / 4);
        let mut known = Vec::with_capacity(usize::try_from(capacity).unwrap_or(0));
        for_each_key(types, value, count, source, |key| {
            // Two different keys with the same one are not to be expected.
            let fingerprint = XxHash3_128::oneshot(key);
            if fingerprint % u128::from(parts) == u128::from(part) {
                known.push(fingerprint);
            }
            Go::On
        })?;
        source.back_to(start.clone());
        known.sort_unstable();
        if known.windows(2).any(|pair| pair[0] == pair[1]) {
            return Ok(false);
        }
    }
    Ok(true)
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Go {
    On,
    Enough,
}

fn for_each_key<S: Source>(
    types: &Types,
    value: TypeId,
    count: u64,
    source: &mut S,
    mut visit: impl FnMut(&[u8]) -> Go,
) -> Result<Go, String> {
    for _ in 0..count {
        let key = source.counted().ok_or("the bytes end before the value does")?;
        if visit(key) == Go::Enough {
            return Ok(Go::Enough);
        }
        skip(types, value, source)?;
    }
    Ok(Go::On)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::format::bytes::{Reader, put_counted};
    use crate::schema::types::Type;

    #[test]
    fn keys_are_told_apart_in_any_order_and_in_any_number_of_parts() {
        let mut types = Types::default();
        let text = types.add(Type::String);
        let differ = |keys: &[String], at_once| {
            let mut bytes = Vec::new();
            for key in keys {
                put_counted(&mut bytes, key.as_bytes());
                put_counted(&mut bytes, b"value");
            }
            let mut source = Reader::new(&bytes);
            let differ = all_differ_in_parts(&types, text, keys.len() as u64, &mut source, at_once);
            assert_eq!(source.remaining(), bytes.len());
            differ.unwrap()
        };
        let sorted: Vec<String> = (10..99).map(|number| number.to_string()).collect();
        let mut mixed = sorted.clone();
        mixed.reverse();
        for at_once in [1, 7, 1000] {
            assert!(differ(&sorted, at_once) && differ(&mixed, at_once));
            for (first, second) in [(0, 1), (3, 88), (87, 88)] {
                let mut twice = sorted.clone();
                twice[first] = twice[second].clone();
                assert!(!differ(&twice, at_once), "{first} and {second}, {at_once} at once");
            }
        }
    }
}
