//! A disk that asks before each operation: to look at the disk at that moment, to hold an operation up, or to leave it out.

use std::fmt;
use std::io;
use std::path::Path;
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::time::Duration;

use prevalent::testing::SimDisk;
use prevalent::testing::{Disk, DiskFile, DiskLock};

/// What is about to be done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step<'a> {
    /// A new file.
    Create(&'a str),
    /// A write to a file, by the name that it was created under.
    Write(&'a str),
    /// A sync of a file, by the name that it was created under.
    Sync(&'a str),
    /// A file gets another name.
    Rename(&'a str, &'a str),
    /// A file is removed.
    Remove(&'a str),
    /// The directory is synced.
    SyncDir,
}

impl Step<'_> {
    /// Whether it concerns the journal.
    #[must_use]
    pub fn is_journal(&self) -> bool {
        match self {
            Step::Create(name)
            | Step::Write(name)
            | Step::Sync(name)
            | Step::Rename(name, _)
            | Step::Remove(name) => name.contains(".journal"),
            Step::SyncDir => false,
        }
    }

    /// Whether it concerns a snapshot.
    #[must_use]
    pub fn is_snapshot(&self) -> bool {
        match self {
            Step::Create(name)
            | Step::Write(name)
            | Step::Sync(name)
            | Step::Rename(name, _)
            | Step::Remove(name) => name.contains(".snapshot"),
            Step::SyncDir => false,
        }
    }
}

/// What becomes of a step.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Act {
    /// It is done.
    Do,
    /// It is not done, and said to be done.
    Pretend,
    /// It is not done, and fails.
    Fail,
}

type Hook = Arc<dyn Fn(&Step<'_>) -> Act + Send + Sync>;

/// A simulated disk with a hook.
#[derive(Clone)]
pub struct Hooked {
    sim: SimDisk,
    hook: Hook,
}

impl Hooked {
    /// Asks `hook` before each operation on `sim`.
    pub fn new(sim: &SimDisk, hook: impl Fn(&Step<'_>) -> Act + Send + Sync + 'static) -> Self {
        Hooked { sim: sim.clone(), hook: Arc::new(hook) }
    }

    fn step<T>(
        &self,
        step: &Step<'_>,
        pretended: T,
        done: impl FnOnce() -> io::Result<T>,
    ) -> io::Result<T> {
        match (self.hook)(step) {
            Act::Do => done(),
            Act::Pretend => Ok(pretended),
            Act::Fail => Err(io::Error::other("it fails on order")),
        }
    }
}

impl fmt::Debug for Hooked {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.sim.fmt(f)
    }
}

impl Disk for Hooked {
    fn path(&self) -> &Path {
        self.sim.path()
    }

    fn lock(&self) -> io::Result<DiskLock> {
        self.sim.lock()
    }

    fn lock_file(&self) -> io::Result<Option<Arc<dyn DiskFile>>> {
        self.sim.lock_file()
    }

    fn list(&self) -> io::Result<Vec<String>> {
        self.sim.list()
    }

    fn create(&self, name: &str) -> io::Result<Arc<dyn DiskFile>> {
        // A file must be there to be written to, so that this one can't be left out.
        if (self.hook)(&Step::Create(name)) == Act::Fail {
            return Err(io::Error::other("it fails on order"));
        }
        let file = self.sim.create(name)?;
        Ok(Arc::new(HookedFile { disk: self.clone(), name: name.to_owned(), file }))
    }

    fn open(&self, name: &str) -> io::Result<Arc<dyn DiskFile>> {
        self.sim.open(name)
    }

    fn rename(&self, from: &str, to: &str) -> io::Result<()> {
        self.step(&Step::Rename(from, to), (), || self.sim.rename(from, to))
    }

    fn remove(&self, name: &str) -> io::Result<()> {
        self.step(&Step::Remove(name), (), || self.sim.remove(name))
    }

    fn sync_dir(&self) -> io::Result<()> {
        self.step(&Step::SyncDir, (), || self.sim.sync_dir())
    }
}

#[derive(Debug)]
struct HookedFile {
    disk: Hooked,
    name: String,
    file: Arc<dyn DiskFile>,
}

impl DiskFile for HookedFile {
    fn len(&self) -> io::Result<u64> {
        self.file.len()
    }

    fn read_at(&self, offset: u64, buffer: &mut [u8]) -> io::Result<usize> {
        self.file.read_at(offset, buffer)
    }

    fn write_at(&self, offset: u64, data: &[u8]) -> io::Result<usize> {
        self.disk.step(&Step::Write(&self.name), data.len(), || self.file.write_at(offset, data))
    }

    fn sync(&self) -> io::Result<()> {
        self.disk.step(&Step::Sync(&self.name), (), || self.file.sync())
    }
}

/// Holds up whoever comes to it while it is closed; a clone is the same gate.
#[derive(Clone, Debug, Default)]
pub struct Gate {
    state: Arc<(Mutex<GateState>, Condvar)>,
}

#[derive(Debug, Default)]
struct GateState {
    closed: bool,
    waiting: usize,
}

impl Gate {
    /// An open gate.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Who comes from now on waits.
    pub fn close(&self) {
        self.lock().closed = true;
    }

    /// Lets everybody through.
    pub fn open(&self) {
        self.lock().closed = false;
        self.state.1.notify_all();
    }

    /// Waits while the gate is closed.
    pub fn pass(&self) {
        let mut state = self.lock();
        if !state.closed {
            return;
        }
        state.waiting += 1;
        self.state.1.notify_all();
        while state.closed {
            state = self.state.1.wait(state).unwrap_or_else(PoisonError::into_inner);
        }
        state.waiting -= 1;
    }

    /// Waits until somebody is held up; `false` where nobody comes for a second.
    pub fn wait_for_somebody(&self) -> bool {
        let second = Duration::from_secs(1);
        let (state, _) = self
            .state
            .1
            .wait_timeout_while(self.lock(), second, |state| state.waiting == 0)
            .unwrap_or_else(PoisonError::into_inner);
        state.waiting > 0
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, GateState> {
        self.state.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
