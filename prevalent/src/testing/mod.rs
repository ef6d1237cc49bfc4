//! What it takes to test a model and its store (feature `testing`).
//!
//! [`Determinism`] finds out whether a model's transactions do the same whenever they are run.
//!
//! [`SimDisk`] is a simulated disk, for [`Builder::on_disk`](crate::Builder::on_disk): what is not synced may be lost when it
//! crashes, and each of its operations can be made to fail. [`Disk`] and [`DiskFile`] are the seam between the engine and
//! any disk.

mod determinism;

pub use self::determinism::{Determinism, DeterminismError, Surroundings};
pub use crate::disk::sim::{
    CrashImages, Fault, Loss, Operation, OperationKind, ReadFault, SimDisk,
};
pub use crate::disk::{Disk, DiskFile, DiskLock};
