//! What a misspelt name was probably meant to be.

use super::MarkerKind;

/// The candidate that `word` is a misspelling of, if there is one.
pub(crate) fn nearest<'a>(word: &str, candidates: &[&'a str]) -> Option<&'a str> {
    let word = word.to_lowercase();
    candidates
        .iter()
        .map(|candidate| (distance(&word, candidate), *candidate))
        // A third of the letters may be wrong; more is another word.
        .filter(|(distance, candidate)| *distance <= candidate.len().div_ceil(3))
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, candidate)| candidate)
}

/// The names that people write for `#[tx]` and `#[query]`.
pub(crate) struct MisspeltMarker;

impl MisspeltMarker {
    const TX: &[&str] = &[
        "transaction",
        "transactions",
        "transact",
        "trans",
        "txn",
        "txs",
        "tx_",
        "Tx",
        "TX",
        "xt",
        "command",
        "mutation",
        "prevalent_tx",
        "write",
    ];
    const QUERY: &[&str] = &[
        "queries",
        "qry",
        "query_",
        "Query",
        "QUERY",
        "reader",
        "view",
        "prevalent_query",
        "read",
    ];

    /// The marker that an attribute called `word` was meant to be.
    pub(crate) fn guess(word: &str) -> Option<MarkerKind> {
        if Self::TX.contains(&word) {
            return Some(MarkerKind::Tx);
        }
        let close_to_query = word.len() > 3 && distance(word, "query") == 1;
        (Self::QUERY.contains(&word) || close_to_query).then_some(MarkerKind::Query)
    }
}

/// The edits between two words: letters inserted, removed, replaced, or two neighbours swapped.
fn distance(left: &str, right: &str) -> usize {
    let (left, right): (Vec<char>, Vec<char>) = (left.chars().collect(), right.chars().collect());
    let width = right.len() + 1;
    let mut rows = vec![vec![0_usize; width]; left.len() + 1];
    for (row, cells) in rows.iter_mut().enumerate() {
        cells[0] = row;
    }
    for (column, cell) in rows[0].iter_mut().enumerate() {
        *cell = column;
    }
    for i in 1..=left.len() {
        for j in 1..width {
            let replaced = rows[i - 1][j - 1] + usize::from(left[i - 1] != right[j - 1]);
            let mut best = replaced.min(rows[i - 1][j] + 1).min(rows[i][j - 1] + 1);
            let swapped =
                i > 1 && j > 1 && left[i - 1] == right[j - 2] && left[i - 2] == right[j - 1];
            if swapped {
                best = best.min(rows[i - 2][j - 2] + 1);
            }
            rows[i][j] = best;
        }
    }
    rows[left.len()][width - 1]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_swap_is_one_edit() {
        assert_eq!(distance("qeury", "query"), 1);
        assert_eq!(distance("query", "query"), 0);
        assert_eq!(distance("", "tx"), 2);
    }

    #[test]
    fn a_near_miss_is_guessed_and_another_word_is_not() {
        let known = ["name", "serde", "restored", "crate"];
        assert_eq!(nearest("nmae", &known), Some("name"));
        assert_eq!(nearest("restore", &known), Some("restored"));
        assert_eq!(nearest("colour", &known), None);
    }

    #[test]
    fn what_people_write_for_our_attributes_is_guessed() {
        assert!(matches!(MisspeltMarker::guess("transaction"), Some(MarkerKind::Tx)));
        assert!(matches!(MisspeltMarker::guess("qeury"), Some(MarkerKind::Query)));
        assert!(MisspeltMarker::guess("inline").is_none());
    }
}
