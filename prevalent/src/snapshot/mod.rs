//! Snapshots: the whole model in one file.

pub(crate) mod read;
pub(crate) mod write;
