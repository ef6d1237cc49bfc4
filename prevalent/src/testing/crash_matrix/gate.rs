//! A disk with a gate: whoever writes a batch to it can be held up, so that the next one gets company.

use std::fmt;
use std::io;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use parking_lot::{Condvar, Mutex};

use crate::disk::{Disk, DiskFile, DiskLock};

/// Holds up the thread of this name when it comes to it while it is closed; a clone is the same gate.
#[derive(Clone, Debug)]
pub(super) struct Gate {
    thread: &'static str,
    /// So long it is waited for.
    patience: Duration,
    shared: Arc<(Mutex<Waiting>, Condvar)>,
}

#[derive(Debug, Default)]
struct Waiting {
    is_closed: bool,
    count: usize,
}

impl Gate {
    /// An open one.
    pub(super) fn new(thread: &'static str, patience: Duration) -> Self {
        Gate { thread, patience, shared: Arc::default() }
    }

    /// Who comes from now on waits.
    pub(super) fn close(&self) {
        self.shared.0.lock().is_closed = true;
    }

    pub(super) fn open(&self) {
        self.shared.0.lock().is_closed = false;
        self.shared.1.notify_all();
    }

    /// Waits until somebody is held up; `false` where nobody comes.
    pub(super) fn wait_for_somebody(&self) -> bool {
        let (waiting, changed) = &*self.shared;
        let mut waiting = waiting.lock();
        let nobody = |waiting: &mut Waiting| waiting.count == 0;
        !changed.wait_while_for(&mut waiting, nobody, self.patience).timed_out()
    }

    fn pass(&self) {
        // Another thread may make the next file ahead of time.
        if std::thread::current().name() != Some(self.thread) {
            return;
        }
        let (waiting, changed) = &*self.shared;
        let mut waiting = waiting.lock();
        if waiting.is_closed {
            waiting.count += 1;
            changed.notify_all();
            changed.wait_while(&mut waiting, |waiting| waiting.is_closed);
            waiting.count -= 1;
        }
    }
}

/// Another disk, with a gate before what only the journal's own thread does, and only for a batch.
pub(super) struct Gated {
    pub(super) disk: Arc<dyn Disk>,
    pub(super) gate: Gate,
}

impl Gated {
    fn pass(&self, name: &str) {
        if name.contains(".journal") {
            self.gate.pass();
        }
    }
}

impl fmt::Debug for Gated {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.disk.fmt(f)
    }
}

impl Disk for Gated {
    fn path(&self) -> &Path {
        self.disk.path()
    }

    fn lock(&self) -> io::Result<DiskLock> {
        self.disk.lock()
    }

    fn lock_file(&self) -> io::Result<Option<Arc<dyn DiskFile>>> {
        self.disk.lock_file()
    }

    fn list(&self) -> io::Result<Vec<String>> {
        self.disk.list()
    }

    fn create(&self, name: &str) -> io::Result<Arc<dyn DiskFile>> {
        self.pass(name);
        let file = self.disk.create(name)?;
        if !name.contains(".journal") {
            return Ok(file);
        }
        Ok(Arc::new(GatedFile { file, gate: self.gate.clone() }))
    }

    fn open(&self, name: &str) -> io::Result<Arc<dyn DiskFile>> {
        self.disk.open(name)
    }

    fn rename(&self, from: &str, to: &str) -> io::Result<()> {
        self.disk.rename(from, to)
    }

    fn remove(&self, name: &str) -> io::Result<()> {
        self.disk.remove(name)
    }

    fn sync_dir(&self) -> io::Result<()> {
        self.disk.sync_dir()
    }
}

#[derive(Debug)]
struct GatedFile {
    file: Arc<dyn DiskFile>,
    gate: Gate,
}

impl DiskFile for GatedFile {
    fn len(&self) -> io::Result<u64> {
        self.file.len()
    }

    fn read_at(&self, offset: u64, buffer: &mut [u8]) -> io::Result<usize> {
        self.file.read_at(offset, buffer)
    }

    fn write_at(&self, offset: u64, data: &[u8]) -> io::Result<usize> {
        self.gate.pass();
        self.file.write_at(offset, data)
    }

    fn sync(&self) -> io::Result<()> {
        self.file.sync()
    }
}
