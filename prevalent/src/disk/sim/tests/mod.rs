//! What the simulated disk does beyond what every disk does.

mod crashes;
mod failures;
mod handling;
#[cfg(feature = "inspect")]
mod volumes;

use std::collections::BTreeSet;
use std::sync::Arc;

use super::super::{Disk, DiskFile};
use super::{Loss, SimDisk};

/// A disk with one empty file, all of it durable, and a log that begins here.
fn disk_with_file(name: &str) -> (SimDisk, Arc<dyn DiskFile>) {
    let disk = SimDisk::new();
    let file = disk.create(name).unwrap();
    disk.sync_dir().unwrap();
    (disk, file)
}

/// What a crash now may leave of a file.
fn outcomes(disk: &SimDisk, name: &str) -> BTreeSet<Option<Vec<u8>>> {
    outcomes_with(disk, name, Loss::KeepOrDrop)
}

fn outcomes_with(disk: &SimDisk, name: &str, loss: Loss) -> BTreeSet<Option<Vec<u8>>> {
    disk.images_at(*disk.crash_points().end(), loss).map(|image| image.file(name)).collect()
}

/// Some contents of a file that is there.
fn contents<const N: usize>(all: [&[u8]; N]) -> BTreeSet<Option<Vec<u8>>> {
    all.into_iter().map(|content| Some(content.to_vec())).collect()
}

/// Two sectors of this byte.
fn two_sectors(byte: u8) -> Vec<u8> {
    vec![byte; 1024]
}
