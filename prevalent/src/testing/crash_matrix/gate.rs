//! A disk with a gate: whoever writes a batch to it can be held up, so that the next one gets company.

use std::fmt;
use std::io;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use parking_lot::{Condvar, Mutex};

use crate::disk::{Disk, DiskFile, DiskLock};

/// So long somebody is waited for who may never come, because the disk has failed.
const NOBODY_COMES: Duration = Duration::from_millis(500);

/// Holds up whoever comes to it while it is closed; a clone is the same gate.
#[derive(Clone, Debug, Default)]
pub(super) struct Gate {
    shared: Arc<(Mutex<Waiting>, Condvar)>,
}

#[derive(Debug, Default)]
struct Waiting {
    is_closed: bool,
    count: usize,
}

impl Gate {
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
        !changed.wait_while_for(&mut waiting, nobody, NOBODY_COMES).timed_out()
    }

    fn pass(&self) {
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

/// Whether this is the journal's own thread: another one may make the next file ahead of time.
fn writes_batches() -> bool {
    std::thread::current().name() == Some("prevalent-journal")
}

/// Another disk, with a gate before what only the journal's own thread does, and only for a batch.
pub(super) struct Gated {
    pub(super) disk: Arc<dyn Disk>,
    pub(super) gate: Gate,
}

impl Gated {
    fn pass(&self, name: &str) {
        if name.contains(".journal") && writes_batches() {
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
        if writes_batches() {
            self.gate.pass();
        }
        self.file.write_at(offset, data)
    }

    fn sync(&self) -> io::Result<()> {
        self.file.sync()
    }
}
