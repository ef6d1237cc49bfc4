//! What a check is about.

use crate::site::Kind;

/// What is compared where a piece must belong to others, and follow them.
const CHAIN_WORDS: [&str; 8] =
    ["chain", "previous", "predecessor", "seed", "store", "segment", "position", "successor"];

/// What a check is about, by its words; of an arm of a `match`, by those of the pattern.
pub(super) fn kind_of(text: &str) -> Kind {
    let condition = text.split(" => ").next().unwrap_or_default();
    let words = condition.split(|c: char| !c.is_alphanumeric() && c != '_');
    let has = |is: fn(&str) -> bool| words.clone().any(is);
    if has(|word| word.contains("hash") || word.contains("crc") || word == "checksum") {
        Kind::Checksum
    } else if has(|word| CHAIN_WORDS.contains(&word) || word.ends_with("seq")) {
        Kind::Chain
    } else if [" > ", " < ", " >= ", " <= "].iter().any(|order| condition.contains(order)) {
        Kind::Bound
    } else {
        Kind::Check
    }
}
