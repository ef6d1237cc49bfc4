//! A look into a store's files from outside (feature `inspect`): without the program's types, without the lock, while the
//! program runs or not.
//!
//! Segments and snapshots carry the names and types of what they hold. So whoever has the files can say what is in them:
//! [`StoreFiles`] does, and the command `prevalent` is made of it. It never writes, and an application that is started
//! meanwhile opens its store as if nobody looked. Only a [`repair`] that is applied writes, and takes the lock.
//!
//! ```
//! # use prevalent::prevalent;
//! # #[prevalent] #[derive(Default)] struct Counter { count: u64 }
//! # #[prevalent] impl Counter { #[tx] fn add(&mut self, number: u64) { self.count += number; } }
//! use std::ops::ControlFlow;
//! use prevalent::inspect::StoreFiles;
//!
//! # fn main() -> Result<(), prevalent::Error> {
//! # let dir = tempfile::tempdir().unwrap();
//! # let dir = dir.path().join("counter");
//! let store = CounterStore::open(&dir).wait()?;
//! store.add(3).wait()?;
//!
//! let files = StoreFiles::at(&dir)?; // the store is open, and stays so
//! let mut lines = Vec::new();
//! files.transactions().for_each(|tx| {
//!     lines.push(format!("{} {} {}", tx.seq(), tx.name(), tx.args_json()?));
//!     Ok::<_, prevalent::Error>(ControlFlow::Continue(()))
//! })?;
//! assert_eq!(lines, [r#"1 add {"number":3}"#]);
//! assert_eq!(files.status()?.model.as_deref(), Some("Counter"));
//! # store.close().wait() }
//! ```

mod follow;
mod next_open;
mod owner;
mod repair;
mod schema;
mod segments;
mod state;
mod status;
#[cfg(test)]
mod tests;
mod transaction;
mod transactions;
mod verify;
mod view;

use std::path::Path;
use std::sync::Arc;

pub use self::follow::{Followed, Follower};
pub use self::next_open::{NextOpen, Opening};
pub use self::owner::Owner;
pub use self::repair::{Lost, Repair, RepairPlan, RepairStep, Repaired, repair};
pub use self::state::{NoSuchValue, SnapshotState, StoredValue};
pub use self::status::{SegmentStatus, SnapshotStatus, Status};
pub use self::transaction::Transaction;
pub use self::transactions::{JournalRead, Transactions, Voids};
pub use self::verify::{Verification, VerifyProgress};

use crate::disk::Disk;
use crate::disk::real::RealDisk;
use crate::disk::with_archive::WithArchive;
use crate::error::Error;
use crate::place::expect_store;

/// The files of a store.
///
/// Each method looks at them as they are when it is called.
#[derive(Clone, Debug)]
pub struct StoreFiles {
    /// All files that count: the archive's, too.
    disk: Arc<dyn Disk>,
    /// The store's own, which are all that an open has.
    own: Arc<dyn Disk>,
}

impl StoreFiles {
    /// The store in this directory.
    ///
    /// # Errors
    ///
    /// [`Error::NoStore`]; [`Error::NotAStore`] for a backup or an archive; [`Error::Io`].
    pub fn at(dir: impl AsRef<Path>) -> Result<Self, Error> {
        let dir = dir.as_ref();
        let disk = RealDisk::new(dir).map_err(|error| Error::io(dir, "open", error))?;
        Self::on(Arc::new(disk))
    }

    /// The store on this disk.
    ///
    /// # Errors
    ///
    /// Those of [`at`](Self::at).
    #[cfg(feature = "testing")]
    pub fn on_disk(disk: impl Disk) -> Result<Self, Error> {
        Self::on(Arc::new(disk))
    }

    fn on(disk: Arc<dyn Disk>) -> Result<Self, Error> {
        expect_store(&*disk)?;
        Ok(StoreFiles { own: Arc::clone(&disk), disk })
    }

    /// The store's archive ([`Builder::archive_to`](crate::Builder::archive_to)), whose files count as if they were still in
    /// the store. Only an open has no use for them: what [`next_open`](Self::next_open) tells is the same with and without.
    ///
    /// # Errors
    ///
    /// [`Error::Io`].
    pub fn archive(mut self, dir: impl AsRef<Path>) -> Result<Self, Error> {
        let dir = dir.as_ref();
        let archive = RealDisk::new(dir).map_err(|error| Error::io(dir, "open", error))?;
        archive.list().map_err(|error| Error::io(dir, "list", error))?;
        self.disk = Arc::new(WithArchive::new(self.disk, Arc::new(archive)));
        Ok(self)
    }

    /// Where it is.
    #[must_use]
    pub fn dir(&self) -> &Path {
        self.disk.path()
    }
}
