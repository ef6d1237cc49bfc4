//! What it takes to test a store against the failures of disks (feature `testing`).
//!
//! [`SimDisk`] is a simulated disk, for [`Builder::on_disk`](crate::Builder::on_disk): what is not synced may be lost when it
//! crashes, and each of its operations can be made to fail. [`Disk`] and [`DiskFile`] are the seam between the engine and
//! any disk.

pub use crate::disk::sim::{
    CrashImages, Fault, Loss, Operation, OperationKind, ReadFault, SimDisk,
};
pub use crate::disk::{Disk, DiskFile, DiskLock};
