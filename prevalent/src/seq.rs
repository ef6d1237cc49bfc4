//! Sequence numbers.

use std::fmt;

use serde::{Deserialize, Serialize};

/// A transaction's place in the one total order of a store.
///
/// Strictly increasing from transaction to transaction, but not necessarily dense: a number that a
/// void has used up is never given again. The first state, before any transaction, is
/// [`Seq::ZERO`].
///
/// ```
/// use prevalent::Seq;
///
/// let seq = Seq::from(7);
/// assert!(seq > Seq::ZERO);
/// assert_eq!(u64::from(seq), 7);
/// assert_eq!(seq.to_string(), "7");
/// ```
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
#[serde(transparent)]
pub struct Seq(u64);

impl Seq {
    /// The sequence number of the first state.
    pub const ZERO: Seq = Seq(0);

    /// The number itself.
    #[must_use]
    pub const fn get(self) -> u64 {
        self.0
    }
}

impl fmt::Display for Seq {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl From<u64> for Seq {
    fn from(number: u64) -> Self {
        Seq(number)
    }
}

impl From<Seq> for u64 {
    fn from(seq: Seq) -> Self {
        seq.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_written_like_a_plain_number() {
        assert_eq!(serde_json::to_string(&Seq::from(9)).unwrap(), "9");
        assert_eq!(serde_json::from_str::<Seq>("9").unwrap(), Seq::from(9));
        assert_eq!(format!("{:>4}", Seq::from(42)), "  42");
    }
}
