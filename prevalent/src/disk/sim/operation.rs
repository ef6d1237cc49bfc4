//! The log of what was asked of a simulated disk.

use super::fault::Fault;

/// An operation that changed a [`SimDisk`](super::SimDisk), or was to.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Operation {
    /// What was asked.
    pub kind: OperationKind,
    /// Of which file, by the name that it was opened by; empty for [`OperationKind::SyncDir`].
    pub file: String,
    /// What went wrong, as ordered by the test.
    pub fault: Option<Fault>,
}

/// What was asked of a [`SimDisk`](super::SimDisk).
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum OperationKind {
    /// A new file.
    Create,
    /// A write of `len` bytes at `offset`.
    #[non_exhaustive]
    Write {
        /// Where in the file, in bytes.
        offset: u64,
        /// How many bytes were given.
        len: usize,
    },
    /// A sync of the file.
    Sync,
    /// Another name for the file.
    #[non_exhaustive]
    Rename {
        /// The new name.
        to: String,
    },
    /// The file's removal.
    Remove,
    /// A sync of the directory.
    SyncDir,
}
