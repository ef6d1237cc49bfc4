//! What it takes to test a model and its store (feature `testing`).
//!
//! [`Determinism`] finds out whether a model's transactions do the same whenever they are run.
//!
//! [`CrashMatrix`] runs a model's store through crashes and failing disks, and checks what it promises.
//!
//! [`SimDisk`] is a simulated disk, for [`Builder::on_disk`](crate::Builder::on_disk): what is not synced may be lost when it
//! crashes, and each of its operations can be made to fail. [`Disk`] and [`DiskFile`] are the seam between the engine and
//! any disk.

#[cfg(feature = "testing")]
mod crash_matrix;
mod determinism;

#[cfg(feature = "testing")]
pub use self::crash_matrix::{CrashMatrix, CrashMatrixError, CrashReport, MatrixBuilder};
pub use self::determinism::{Determinism, DeterminismError, Surroundings};
pub use crate::disk::sim::{
    CrashImages, Crashes, Fault, Loss, Operation, OperationKind, ReadFault, SimDisk,
};
pub use crate::disk::{Disk, DiskFile, DiskLock};
