//! Snapshots: the whole model in one file.

/// How many snapshots are kept unless the user says otherwise; the journal is kept back to the oldest of them.
pub(crate) const KEPT_SNAPSHOTS: usize = 2;

#[cfg(feature = "inspect")]
pub(crate) mod body;
pub(crate) mod read;
#[cfg(test)]
pub(crate) mod sample;
#[cfg(feature = "inspect")]
pub(crate) mod stream;
mod taken;
pub(crate) mod write;

pub(crate) use taken::{Taken, too_many_types, unfit};
