//! Which store it is.

use std::fmt;
use std::io;

/// What tells a store from all others: a random number that is made with it, and is in each of its files.
///
/// A copy of a store's directory has the same one. What is restored, forked or imported is a new store, with one of its own.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct StoreId(pub(crate) [u8; 16]);

impl StoreId {
    /// One that no other store has.
    pub(crate) fn random() -> io::Result<Self> {
        let mut id = [0; 16];
        getrandom::fill(&mut id)?;
        Ok(StoreId(id))
    }

    /// The number, as it is in the files.
    #[must_use]
    pub fn to_bytes(self) -> [u8; 16] {
        self.0
    }
}

/// In 32 hexadecimal digits.
impl fmt::Display for StoreId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Debug for StoreId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}
