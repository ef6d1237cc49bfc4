//! At most once: what was executed with a key is not executed again.
//!
//! [`Replies`] knows how the replies of a model are written; the [`Window`] has those of the last keys. It belongs to the
//! state: a replay fills it, a snapshot holds it. Whether a transaction is executed is decided when it is submitted
//! (`engine::keys`), never by a replay, so that the size of the window changes no history.

mod replies;
mod window;

use twox_hash::XxHash3_128;

pub use self::replies::Replies;
pub(crate) use self::window::{Known, KnownTx, Recalled, Remembered, SharedWindow, Today, Window};
use crate::Key;

/// What tells whether a transaction is one that was executed already.
#[derive(Clone, Debug)]
pub(crate) struct Keyed {
    pub(crate) key: Key,
    /// Its number.
    pub(crate) variant: usize,
    /// Stands for its encoded arguments.
    pub(crate) arguments: u128,
}

impl Keyed {
    pub(crate) fn new(key: &Key, variant: usize, payload: &[u8]) -> Self {
        Keyed { key: key.clone(), variant, arguments: XxHash3_128::oneshot(payload) }
    }

    /// Whether it is the same once more.
    pub(crate) fn repeats(&self, other: &Keyed) -> bool {
        (&self.key, self.variant, self.arguments) == (&other.key, other.variant, other.arguments)
    }
}
