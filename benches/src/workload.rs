//! What is committed: a 24-character token and a `u64`.

use std::collections::HashMap;

/// Every map has room for so many, so that none stalls while it grows; no measurement commits more.
pub(crate) const OBJECTS_MAX: u64 = 1_700_000;

const TOKEN_BYTES: usize = 24;
const HEX: &[u8; 16] = b"0123456789abcdef";

/// The state of every contender that keeps one.
pub(crate) type Map = HashMap<String, u64>;

/// A map with room for a whole measurement.
pub(crate) fn map_with_room() -> Map {
    HashMap::with_capacity(usize::try_from(OBJECTS_MAX).unwrap_or(usize::MAX))
}

/// The token of this number, always the same: what was acknowledged can be told from the number alone.
pub(crate) fn token(number: u64) -> String {
    let mut text = vec![0; TOKEN_BYTES];
    let (mixed, plain) = text.split_at_mut(16);
    write_hex(mix(number), mixed);
    write_hex(number << 32, plain);
    // Hexadecimal digits are UTF-8.
    String::from_utf8(text).unwrap_or_default()
}

/// The digits of `value`, highest first, as many as there is room for.
fn write_hex(value: u64, digits: &mut [u8]) {
    for (place, digit) in digits.iter_mut().enumerate() {
        *digit = HEX[(value >> (60 - 4 * place) & 0xf) as usize];
    }
}

/// The finaliser of `SplitMix64`: a bijection, so no two tokens are alike.
fn mix(number: u64) -> u64 {
    let mut z = number.wrapping_add(0x9e37_79b9_7f4a_7c15);
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

#[cfg(test)]
mod tests {
    use super::token;

    #[test]
    fn a_token_has_24_characters_and_is_nobody_elses() {
        let tokens: std::collections::HashSet<_> = (0..10_000).map(token).collect();
        assert_eq!(tokens.len(), 10_000);
        assert!(tokens.iter().all(|token| token.len() == 24));
        assert!(token(0x1234).ends_with("00001234"));
    }
}
