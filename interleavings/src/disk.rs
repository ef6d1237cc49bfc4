//! The simulated disk, on which everything takes its time.

use std::io;
use std::path::Path;
use std::sync::Arc;

use prevalent::Builder;
use prevalent::testing::{Disk, DiskFile, DiskLock, Fault, Loss, SimDisk};
use shuttle::sync::atomic::{AtomicBool, Ordering};

use crate::{LedgerStore, draw};

/// A simulated disk: before and after whatever is done to it, others have their turn.
#[derive(Clone, Debug, Default)]
pub struct TakingTurns {
    disk: SimDisk,
}

impl TakingTurns {
    /// How many operations were done.
    #[must_use]
    pub fn now(&self) -> usize {
        self.disk.operations().len()
    }

    /// A store on it that takes no snapshot in the end.
    pub fn builder(&self) -> Builder<LedgerStore> {
        LedgerStore::builder("").on_disk(self.clone()).no_snapshot_on_close()
    }

    /// Everything fails from one of the next operations on, which is drawn out of so many; how, is drawn too.
    pub fn fail_within(&self, operations: usize) {
        let faults = [Fault::Eio, Fault::Enospc, Fault::EioAfterEffect, Fault::SyncLosesData];
        self.disk.fail_from(self.now() + draw(operations), faults[draw(faults.len())]);
    }

    /// Nothing fails any more.
    pub fn heal(&self) {
        self.disk.heal();
    }

    /// One of the things that a crash may leave after so many operations, as a disk of its own.
    #[must_use]
    pub fn crashed(&self, operations: usize) -> TakingTurns {
        let seed = draw(1 << 16) as u64;
        TakingTurns { disk: self.disk.image_at(operations, seed, Loss::KeepOrDrop) }
    }
}

/// A file on it.
#[derive(Debug)]
struct File(Arc<dyn DiskFile>);

/// Does something, and takes its time.
fn taking_turns<T>(work: impl FnOnce() -> T) -> T {
    turn();
    let done = work();
    turn();
    done
}

fn turn() {
    AtomicBool::new(false).load(Ordering::SeqCst);
}

fn file(file: io::Result<Arc<dyn DiskFile>>) -> io::Result<Arc<dyn DiskFile>> {
    file.map(|file| Arc::new(File(file)) as Arc<dyn DiskFile>)
}

impl Disk for TakingTurns {
    fn path(&self) -> &Path {
        self.disk.path()
    }

    fn lock(&self) -> io::Result<DiskLock> {
        taking_turns(|| self.disk.lock())
    }

    fn lock_file(&self) -> io::Result<Option<Arc<dyn DiskFile>>> {
        self.disk.lock_file()
    }

    fn list(&self) -> io::Result<Vec<String>> {
        self.disk.list()
    }

    fn create(&self, name: &str) -> io::Result<Arc<dyn DiskFile>> {
        file(taking_turns(|| self.disk.create(name)))
    }

    fn open(&self, name: &str) -> io::Result<Arc<dyn DiskFile>> {
        file(taking_turns(|| self.disk.open(name)))
    }

    fn rename(&self, from: &str, to: &str) -> io::Result<()> {
        taking_turns(|| self.disk.rename(from, to))
    }

    fn remove(&self, name: &str) -> io::Result<()> {
        taking_turns(|| self.disk.remove(name))
    }

    fn sync_dir(&self) -> io::Result<()> {
        taking_turns(|| self.disk.sync_dir())
    }
}

impl DiskFile for File {
    fn len(&self) -> io::Result<u64> {
        self.0.len()
    }

    fn read_at(&self, offset: u64, buffer: &mut [u8]) -> io::Result<usize> {
        self.0.read_at(offset, buffer)
    }

    fn write_at(&self, offset: u64, data: &[u8]) -> io::Result<usize> {
        taking_turns(|| self.0.write_at(offset, data))
    }

    fn sync(&self) -> io::Result<()> {
        taking_turns(|| self.0.sync())
    }
}
