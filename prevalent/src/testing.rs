//! What it takes to test a store against the failures of disks (feature `testing`).

pub use crate::disk::sim::{
    CrashImages, Fault, Loss, Operation, OperationKind, ReadFault, SimDisk,
};
