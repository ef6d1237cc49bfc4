//! Names of Rust types, as `type_name` gives them.

use std::hash::{DefaultHasher, Hash, Hasher};

/// A number for whatever tells one thing from another. The same in every run of a program.
pub(super) fn hashed(parts: impl Hash) -> u64 {
    let mut hasher = DefaultHasher::new();
    parts.hash(&mut hasher);
    hasher.finish()
}

/// Another number for each two. Quicker than hashing, which matters where it is done for each part of each value.
pub(super) fn mixed(a: u64, b: impl Into<u64>) -> u64 {
    let both = a.rotate_left(23) ^ b.into();
    // The multiplier of SplitMix64, and its last step.
    let both = both.wrapping_add(0x9e37_79b9_7f4a_7c15).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    both ^ (both >> 29)
}

/// Whether it is what serde's derive puts around a field that has a `with`: all of an impl have the same name.
pub(super) fn is_wrapper(name: &str) -> bool {
    name.contains("::__SerializeWith") || name.contains("::__DeserializeWith")
}

/// Whether it is a type that a derive made for itself, which nobody knows.
pub(super) fn is_generated(name: &str) -> bool {
    name.contains("::__")
}

/// What is in an option or a box: these refuse nothing themselves.
pub(super) fn refusing(mut name: &str) -> &str {
    while let Some(inner) = ["core::option::Option<", "alloc::boxed::Box<"]
        .iter()
        .find_map(|wrapper| name.strip_prefix(wrapper)?.strip_suffix('>'))
    {
        name = inner;
    }
    name
}

/// The name without the modules: it stays when the type moves.
pub(super) fn short(name: &str) -> String {
    let name = name.trim_start_matches('&');
    let mut short = String::new();
    // Where the path that is being read begins.
    let mut begin = 0;
    for c in name.chars() {
        if c == ':' {
            short.truncate(begin);
        } else {
            short.push(c);
            if !(c.is_alphanumeric() || c == '_') {
                begin = short.len();
            }
        }
    }
    short
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_short_name_has_no_modules_in_it() {
        assert_eq!(short("alloc::vec::Vec<(bank::Iban, u8)>"), "Vec<(Iban, u8)>");
        assert_eq!(short("[core::option::Option<a::b::C>; 3]"), "[Option<C>; 3]");
        assert_eq!(short("&&u8"), "u8");
        assert_eq!(short(std::any::type_name::<std::num::NonZeroU8>()), "NonZero<u8>");
    }
}
