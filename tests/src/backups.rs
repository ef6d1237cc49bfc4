//! Backups on simulated disks, and what is restored from them.

use prevalent::testing::SimDisk;
use prevalent::{BackupInfo, Durability, Error, NewStore, Point, Seq, Target, restore};

use crate::ledger::{Ledger, LedgerStore};
use crate::record::Setup;

/// A store of small segments that takes snapshots only when it is told to.
#[must_use]
pub fn setup() -> Setup {
    Setup { snapshot_on_close: false, ..Setup::new(Durability::Always) }
}

/// Opens the store on this disk, or makes one.
///
/// # Panics
///
/// Where it doesn't open.
#[must_use]
pub fn open(disk: &SimDisk) -> LedgerStore {
    setup().builder(disk.clone()).open().wait().expect("the store opens")
}

/// Adds lines.
///
/// # Panics
///
/// Where one fails.
pub fn add(store: &LedgerStore, count: usize) {
    for number in 0..count {
        store.add(format!("line {number}")).wait().expect("a line");
    }
}

/// Backs up to a simulated disk.
///
/// # Errors
///
/// Those of a backup.
pub fn back_up(store: &LedgerStore, target: &SimDisk) -> Result<BackupInfo, Error> {
    store.backup(Target::on_disk(target.clone())).wait()
}

/// Restores all that is in a backup, to a new disk.
///
/// # Errors
///
/// Those of a restore.
pub fn restored(target: &SimDisk) -> Result<(SimDisk, NewStore), Error> {
    let disk = SimDisk::new();
    let restore = restore(Target::on_disk(target.clone())).on_disk(disk.clone());
    let told = restore.to("unused").wait()?;
    Ok((disk, told))
}

/// Restores a backup up to a point, to a new disk.
///
/// # Errors
///
/// Those of a restore.
pub fn restored_at(
    target: &SimDisk,
    point: impl Into<Point>,
) -> Result<(SimDisk, NewStore), Error> {
    let disk = SimDisk::new();
    let restore = restore(Target::on_disk(target.clone())).at(point).on_disk(disk.clone());
    let told = restore.to("unused").wait()?;
    Ok((disk, told))
}

/// What an open finds in a store that was closed.
///
/// # Panics
///
/// Where it doesn't open, or was not closed.
#[must_use]
pub fn ledger(disk: &SimDisk) -> (Ledger, Seq) {
    let store = open(&disk.deep_clone());
    assert!(store.recovery().closed_cleanly && !store.recovery().created);
    assert!(store.recovery().damaged.is_empty(), "{:?}", store.recovery().damaged);
    (store.read(Clone::clone), store.stats().seq)
}

/// The state as it was behind a transaction, from the files.
///
/// # Panics
///
/// Where it can't be read.
#[must_use]
pub fn ledger_at(disk: &SimDisk, seq: Seq) -> Ledger {
    let builder = LedgerStore::builder("unused").on_disk(disk.clone());
    builder.open_at(seq).wait().expect("the state as it was").into_model()
}

/// The names of the pieces, in order.
#[must_use]
pub fn pieces(target: &SimDisk) -> Vec<String> {
    let mut names = target.file_names();
    names.retain(|name| name != "BACKUP");
    names
}
