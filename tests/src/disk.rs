//! A simulated disk that can be watched, held up, and broken, by what is done to which file.

use std::io;
use std::path::Path;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;

use prevalent::testing::SimDisk;
use prevalent::testing::{Disk, DiskFile, DiskLock};

use crate::waiting::LIMIT;

/// A call on a disk.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Call {
    /// Of a new file.
    Create,
    /// Of a file that is there.
    Open,
    /// Of a file's content.
    Read,
    /// To a file.
    Write,
    /// Of a file.
    Sync,
    /// Of a file, by its old name.
    Rename,
    /// Of a file.
    Remove,
    /// Of the directory.
    SyncDir,
    /// Of the directory.
    List,
}

/// A [`SimDisk`] that a test watches; a clone is the same disk.
#[derive(Clone, Debug, Default)]
pub struct Watched {
    /// The disk itself.
    pub sim: SimDisk,
    watch: Arc<Watch>,
}

#[derive(Debug, Default)]
struct Watch {
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Debug, Default)]
struct State {
    made: Vec<(Call, String)>,
    threads: Vec<String>,
    held: Option<(Call, &'static str)>,
    /// So many such calls are let through first.
    let_through: usize,
    is_reached: bool,
    broken: Vec<(Call, &'static str)>,
    broken_once: Option<(Call, &'static str)>,
    /// So many of them come before the one that fails.
    whole_before: usize,
}

impl Watched {
    /// An empty disk.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// This disk, watched.
    #[must_use]
    pub fn over(sim: SimDisk) -> Self {
        Watched { sim, watch: Arc::default() }
    }

    /// Holds up each such call on a file whose name contains `part`, until [`release`](Self::release).
    pub fn hold(&self, call: Call, part: &'static str) {
        self.hold_after(0, call, part);
    }

    /// Like [`hold`](Self::hold), but lets the next `count` such calls through, those that are held up now included.
    pub fn hold_after(&self, count: usize, call: Call, part: &'static str) {
        let mut state = self.state();
        state.held = Some((call, part));
        state.let_through = count;
        state.is_reached = false;
        drop(state);
        self.watch.changed.notify_all();
    }

    /// Blocks until somebody is held up.
    ///
    /// # Panics
    ///
    /// Where nobody comes.
    pub fn wait_until_held(&self) {
        let state = self.state();
        let (state, _) = self
            .watch
            .changed
            .wait_timeout_while(state, LIMIT, |state| !state.is_reached)
            .unwrap_or_else(PoisonError::into_inner);
        assert!(state.is_reached, "nobody came");
    }

    /// Lets go of who is held up.
    pub fn release(&self) {
        self.state().held = None;
        self.watch.changed.notify_all();
    }

    /// Makes each such call on a file whose name contains `part` fail, until [`heal`](Self::heal).
    pub fn break_at(&self, call: Call, part: &'static str) {
        self.state().broken.push((call, part));
    }

    /// Makes the next such call on a file whose name contains `part` fail.
    pub fn break_once(&self, call: Call, part: &'static str) {
        self.break_once_after(0, call, part);
    }

    /// Like [`break_once`](Self::break_once), but the next `count` such calls succeed.
    pub fn break_once_after(&self, count: usize, call: Call, part: &'static str) {
        let mut state = self.state();
        (state.broken_once, state.whole_before) = (Some((call, part)), count);
    }

    /// Ends all failures.
    pub fn heal(&self) {
        self.state().broken.clear();
    }

    /// How many such calls there were on files whose names contain `part`.
    #[must_use]
    pub fn count(&self, call: Call, part: &str) -> usize {
        self.state().made.iter().filter(|(made, file)| *made == call && file.contains(part)).count()
    }

    /// All calls so far.
    #[must_use]
    pub fn calls(&self) -> Vec<(Call, String)> {
        self.state().made.clone()
    }

    /// The names of the threads that made calls.
    #[must_use]
    pub fn threads(&self) -> Vec<String> {
        self.state().threads.clone()
    }

    /// The files whose names contain `part`.
    #[must_use]
    pub fn files(&self, part: &str) -> Vec<String> {
        self.sim.file_names().into_iter().filter(|name| name.contains(part)).collect()
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.watch.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn note(&self, call: Call, file: &str) -> io::Result<()> {
        // To remove what may have been left under a temporary name is part of writing the file.
        let is_leftover = call == Call::Remove && file.strip_suffix(".tmp").is_some();
        let concerns =
            |(c, part): &(Call, &'static str)| *c == call && file.contains(part) && !is_leftover;
        let mut state = self.state();
        state.made.push((call, file.to_owned()));
        let name = thread::current().name().unwrap_or("(unnamed)").to_owned();
        if !state.threads.contains(&name) {
            state.threads.push(name);
        }
        while state.held.as_ref().is_some_and(concerns) {
            if state.let_through > 0 {
                state.let_through -= 1;
                break;
            }
            state.is_reached = true;
            self.watch.changed.notify_all();
            let (held, waited) = self
                .watch
                .changed
                .wait_timeout(state, LIMIT)
                .unwrap_or_else(PoisonError::into_inner);
            state = held;
            if waited.timed_out() {
                // The test has failed, and its store wants to be dropped.
                state.held = None;
            }
        }
        let is_meant = state.broken_once.as_ref().is_some_and(concerns);
        let is_broken_once = is_meant && state.whole_before == 0;
        if is_broken_once {
            state.broken_once = None;
        } else if is_meant {
            state.whole_before -= 1;
        }
        if is_broken_once || state.broken.iter().any(concerns) {
            return Err(io::Error::other("broken"));
        }
        Ok(())
    }

    fn file(&self, name: &str, inner: Arc<dyn DiskFile>) -> Arc<dyn DiskFile> {
        // What is written under a temporary name is the file that it will be.
        let name = name.strip_suffix(".tmp").unwrap_or(name).to_owned();
        Arc::new(WatchedFile { disk: self.clone(), name, inner })
    }
}

impl Disk for Watched {
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
        self.note(Call::List, "")?;
        self.sim.list()
    }
    fn create(&self, name: &str) -> io::Result<Arc<dyn DiskFile>> {
        self.note(Call::Create, name)?;
        Ok(self.file(name, self.sim.create(name)?))
    }
    fn open(&self, name: &str) -> io::Result<Arc<dyn DiskFile>> {
        self.note(Call::Open, name)?;
        Ok(self.file(name, self.sim.open(name)?))
    }
    fn rename(&self, from: &str, to: &str) -> io::Result<()> {
        self.note(Call::Rename, from)?;
        self.sim.rename(from, to)
    }
    fn remove(&self, name: &str) -> io::Result<()> {
        self.note(Call::Remove, name)?;
        self.sim.remove(name)
    }
    fn sync_dir(&self) -> io::Result<()> {
        self.note(Call::SyncDir, "")?;
        self.sim.sync_dir()
    }
}

#[derive(Debug)]
struct WatchedFile {
    disk: Watched,
    name: String,
    inner: Arc<dyn DiskFile>,
}

impl DiskFile for WatchedFile {
    fn len(&self) -> io::Result<u64> {
        self.inner.len()
    }
    fn read_at(&self, offset: u64, buffer: &mut [u8]) -> io::Result<usize> {
        self.disk.note(Call::Read, &self.name)?;
        self.inner.read_at(offset, buffer)
    }
    fn write_at(&self, offset: u64, data: &[u8]) -> io::Result<usize> {
        self.disk.note(Call::Write, &self.name)?;
        self.inner.write_at(offset, data)
    }
    fn sync(&self) -> io::Result<()> {
        self.disk.note(Call::Sync, &self.name)?;
        self.inner.sync()
    }
}

/// How long a segment is without the zeros that were written ahead.
#[must_use]
pub fn journal_bytes(segment: &[u8]) -> usize {
    segment.iter().rposition(|&byte| byte != 0).map_or(0, |last| last + 1)
}

/// Makes the checksum of a changed header right again, as the format has it.
///
/// # Panics
///
/// Where there are fewer bytes than a header has.
pub fn seal_header(file: &mut [u8]) {
    let checksum = crc32c(&file[..124]);
    file[124..128].copy_from_slice(&checksum.to_le_bytes());
}

/// Bit by bit.
fn crc32c(bytes: &[u8]) -> u32 {
    !bytes.iter().fold(!0, |crc, byte| {
        (0..8).fold(crc ^ u32::from(*byte), |crc, _| {
            (crc >> 1) ^ (0x82f6_3b78 & (crc & 1).wrapping_neg())
        })
    })
}
