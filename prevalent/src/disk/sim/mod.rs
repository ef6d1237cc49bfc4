//! A simulated disk: it knows what a crash may leave, and fails on order.

mod crash;
mod crashes;
mod fault;
mod handle;
mod lock_file;
mod operation;
mod origin;
mod plan;
mod state;
#[cfg(all(test, feature = "inspect"))]
mod volume;

#[cfg(test)]
mod tests;

pub use crash::Loss;
pub use crashes::Crashes;
pub use fault::{Fault, ReadFault};
pub use operation::{Operation, OperationKind};
pub use origin::CrashImages;
#[cfg(all(test, feature = "inspect"))]
pub(crate) use volume::SimVolume;

use std::collections::BTreeMap;
use std::fmt;
use std::io;
use std::ops::RangeInclusive;
use std::path::Path;
use std::sync::Arc;

use parking_lot::{Mutex, MutexGuard};

use self::crash::Crash;
#[cfg(feature = "testing")]
pub(crate) use self::crash::Kept;
use self::fault::{FaultPlan, eio};
use self::handle::SimFile;
use self::lock_file::LockFile;
use self::origin::{Origin, Which};
use self::plan::{Plan, Random, random_plan};
#[cfg(feature = "testing")]
pub(crate) use self::state::Contents;
use self::state::{Effect, EntryChange, Inode, InodeNo, Names, State, SyncOutcome};
use super::memory::Access;
use super::{Disk, DiskFile, DiskLock};

/// A disk in memory that behaves as badly as a real one may: a crash loses what was not synced, in every mixture, and
/// each operation can be made to fail. It is deterministic; a clone is the same disk.
///
/// # What a crash leaves
///
/// - Of a file's content what was synced; a sector (512 bytes) that was written since may hold what it held after any of
///   these writes, or what was synced last ([`Loss`] adds garbage).
/// - Of its length the synced one, the end of the last sector that was kept, or the length as it was.
/// - Of the directory what was synced, and of the changes since (create, rename, remove) the first few, for any few: a
///   journalling file system keeps them in order. A file's content does not depend on its name, and syncing the one does
///   not sync the other.
/// - No lock, and nothing of what was in the file that carries it: nobody syncs that.
///
/// After a sync that failed the system counts the data as written, and does not write it again. So a later sync, though it
/// succeeds, makes durable only what was written after the failure (by sector; the same for a failed sync of the
/// directory): the rest stays open until a crash. Reads go on seeing it, except after [`Fault::SyncLosesData`].
///
/// # Operations
///
/// What changes something is an *operation*: create, write, sync, rename, remove, and the sync of the directory. They are
/// numbered from 0 and logged, failed ones included; not so reads, `list`, `open`, `lock`, writes to the file that carries the
/// lock, and what the rules of a directory forbid, such as the creation of a file that is there.
///
/// # Examples
///
/// ```
/// use prevalent::testing::{Disk, Loss, SimDisk};
///
/// # fn main() -> std::io::Result<()> {
/// let disk = SimDisk::new();
/// let file = disk.create("greeting")?;
/// disk.sync_dir()?;
/// file.write_at(0, b"hello")?;
/// file.sync()?;
/// let synced = disk.operations().len();
/// file.write_at(5, b" world")?; // never synced
///
/// for point in disk.crash_points() {
///     for image in disk.images_at(point, Loss::KeepOrDrop) {
///         let greeting = image.file("greeting").unwrap_or_default();
///         // An assertion that fails prints how the image was made.
///         assert!(point < synced || greeting.starts_with(b"hello"), "{image:?}");
///     }
/// }
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct SimDisk {
    inner: Arc<Mutex<Inner>>,
}

struct Inner {
    /// The disk before the first operation in the log.
    start: State,
    /// The disk after the last one.
    now: State,
    log: Vec<(Operation, Effect)>,
    faults: FaultPlan,
    origin: Arc<Origin>,
    locked: bool,
    /// What the file that carries the lock has held, one after the other: what it holds is the last. Empty where it is.
    lock_file: Vec<Vec<u8>>,
    disconnected: bool,
}

impl SimDisk {
    /// An empty disk.
    #[must_use]
    pub fn new() -> Self {
        Self::with(State::default(), Origin::New)
    }

    fn with(state: State, origin: Origin) -> Self {
        let inner = Inner {
            start: state.clone(),
            now: state,
            log: Vec::new(),
            faults: FaultPlan::default(),
            origin: Arc::new(origin),
            locked: false,
            lock_file: Vec::new(),
            disconnected: false,
        };
        Self { inner: Arc::new(Mutex::new(inner)) }
    }

    /// All operations so far; the number of an operation is its index.
    #[must_use]
    pub fn operations(&self) -> Vec<Operation> {
        self.inner.lock().log.iter().map(|(operation, _)| operation.clone()).collect()
    }

    /// When the disk may crash: after none of the operations, after one, and so on up to all.
    #[must_use]
    pub fn crash_points(&self) -> RangeInclusive<usize> {
        0..=self.inner.lock().log.len()
    }

    /// What a crash may leave after the first `point` operations: all images where there are few (up to 4096), else a
    /// sample, the same each time, with everything kept, everything dropped, and (all changes of the directory kept) each
    /// sector and length kept alone and dropped alone.
    ///
    /// Each image is a disk of its own, on which everything is durable. Its `Debug` tells how it was made; the `n`-th is
    /// made again by `images_at(point, loss).nth(n)`.
    ///
    /// # Panics
    ///
    /// Where there were fewer operations.
    #[must_use]
    pub fn images_at(&self, point: usize, loss: Loss) -> CrashImages {
        let (crash, origin) = self.crash_at(point, loss);
        CrashImages::new(crash, origin)
    }

    /// What a crash may leave at each of the [points](Self::crash_points), with the point, from the first one on: as
    /// [`images_at`](Self::images_at) says, and quicker than by asking for one after the other.
    ///
    /// It ends early where a new log is begun meanwhile.
    #[must_use]
    pub fn crashes(&self, loss: Loss) -> Crashes {
        Crashes::new(self, &self.inner.lock(), loss)
    }

    /// One of the things that a crash may leave after the first `point` operations.
    ///
    /// # Panics
    ///
    /// Where there were fewer operations.
    #[must_use]
    pub fn image_at(&self, point: usize, seed: u64, loss: Loss) -> Self {
        let (crash, origin) = self.crash_at(point, loss);
        let plan = random_plan(&crash, &mut Random::new(seed));
        Self::crashed(&origin, &crash, plan, Which::Seed(seed))
    }

    fn crashed(before: &Arc<Origin>, crash: &Arc<Crash>, plan: Plan, which: Which) -> Self {
        let state = crash.image(&plan);
        let (before, crash) = (Arc::clone(before), Arc::clone(crash));
        Self::with(state, Origin::Crash { before, crash, plan, which })
    }

    fn crash_at(&self, point: usize, loss: Loss) -> (Arc<Crash>, Arc<Origin>) {
        let inner = self.inner.lock();
        assert!(point <= inner.log.len(), "there were only {} operations", inner.log.len());
        let mut state = inner.start.clone();
        for (_, effect) in &inner.log[..point] {
            // It cannot fail: it was applied once, to the same state.
            let _ = state.apply(effect);
        }
        (Arc::new(Crash::new(&state, point, loss)), Arc::clone(&inner.origin))
    }

    /// What of the crash that made this image was kept; `None` for a disk that no crash has made.
    #[cfg(feature = "testing")]
    pub(crate) fn kept(&self) -> Option<Kept> {
        match &*self.inner.lock().origin {
            Origin::Crash { crash, plan, .. } => Some(crash.kept(plan)),
            _ => None,
        }
    }

    /// Whether somebody holds the lock.
    #[cfg(feature = "testing")]
    pub(crate) fn is_locked(&self) -> bool {
        self.inner.lock().locked
    }

    /// What the file that carries the lock has held since this disk was made.
    #[cfg(feature = "testing")]
    pub(crate) fn lock_file_contents(&self) -> Vec<Vec<u8>> {
        self.inner.lock().lock_file.clone()
    }

    /// Stands for the names and contents of all files, as they are seen; without the one that carries the lock.
    #[cfg(feature = "testing")]
    pub(crate) fn contents(&self) -> Contents {
        self.inner.lock().now.contents()
    }

    /// What the next process finds where this one was killed and the machine lives: everything as it is seen, while what
    /// was not synced is open still. An independent copy, without lock, log and failures; with what is in the file that carries
    /// the lock.
    #[must_use]
    pub fn after_kill(&self) -> Self {
        let inner = self.inner.lock();
        let before = Arc::clone(&inner.origin);
        let killed = Self::with(inner.now.clone(), Origin::Kill { before, point: inner.log.len() });
        killed.inner.lock().lock_file = inner.lock_file.last().cloned().into_iter().collect();
        killed
    }

    /// An independent copy with everything durable as it is seen; without lock, log and failures, and with nothing in the file
    /// that carries the lock.
    #[must_use]
    pub fn deep_clone(&self) -> Self {
        let inner = self.inner.lock();
        let before = Arc::clone(&inner.origin);
        Self::with(inner.now.settled(), Origin::Copy { before, point: inner.log.len() })
    }

    /// Makes the operation with this number fail, once.
    pub fn fail_operation(&self, operation: usize, fault: Fault) {
        self.inner.lock().faults.fail_operation(operation, fault);
    }

    /// Makes all operations from this number on fail.
    pub fn fail_from(&self, operation: usize, fault: Fault) {
        self.inner.lock().faults.fail_from(operation, fault);
    }

    /// Makes opening or reading fail for a file that has, or had when it was opened, this name.
    pub fn fail_reads(&self, file: &str, fault: ReadFault) {
        self.inner.lock().faults.fail_reads(file, fault);
    }

    /// Takes back all failures that were ordered.
    pub fn heal(&self) {
        self.inner.lock().faults = FaultPlan::default();
    }

    /// Makes everything fail with `EIO` from now on, open files included: a store that still runs on this disk can do no
    /// more to it. What is on it can be looked at and copied as before; the copies are connected.
    pub fn disconnect(&self) {
        self.inner.lock().disconnected = true;
    }

    /// A file's content as it is seen.
    #[must_use]
    pub fn file(&self, name: &str) -> Option<Vec<u8>> {
        self.inner.lock().now.inode_of(name).map(|inode| inode.seen.clone())
    }

    /// Whether a file has this name.
    #[cfg(all(test, feature = "inspect"))]
    pub(crate) fn has_file(&self, name: &str) -> bool {
        self.inner.lock().now.names.contains_key(name)
    }

    /// The names of all files, in order.
    #[must_use]
    pub fn file_names(&self) -> Vec<String> {
        self.inner.lock().now.names.keys().cloned().collect()
    }

    /// Puts a file on the disk behind the store's back, in place of the one with this name. Everything on the disk becomes
    /// durable, and a new log begins; the failures that were ordered stay, and count from its start.
    pub fn set_file(&self, name: &str, content: Vec<u8>) {
        self.inner.lock().tamper(|names, inodes, inode| {
            names.insert(name.to_owned(), inode);
            inodes.insert(inode, Arc::new(Inode::durable(content)));
        });
    }

    /// Removes a file behind the store's back, if it is there; the rest as for [`set_file`](Self::set_file).
    pub fn remove_file(&self, name: &str) {
        self.inner.lock().tamper(|names, _, _| {
            names.remove(name);
        });
    }

    /// Puts this into the file that carries the lock, behind the store's back.
    pub fn set_lock_file(&self, content: Vec<u8>) {
        self.inner.lock().lock_file = vec![content];
    }

    fn handle(&self, name: &str, inode: InodeNo, access: Access) -> Arc<dyn DiskFile> {
        Arc::new(SimFile { disk: self.clone(), name: name.to_owned(), inode, access })
    }

    /// Syncs one of several directories; the only one has an empty name.
    fn sync_directory(&self, directory: &str) -> io::Result<()> {
        let mut inner = self.connected()?;
        let fault = inner.next_fault();
        let (done, heard) = fault::on_entry(fault);
        let outcome =
            if done && heard.is_ok() { SyncOutcome::Durable } else { SyncOutcome::Unknown };
        let effect = Effect::SyncDir { directory: directory.to_owned(), outcome };
        inner.record(OperationKind::SyncDir, directory, fault, effect)?;
        heard
    }

    /// The disk, for an operation or a read of the store.
    fn connected(&self) -> io::Result<MutexGuard<'_, Inner>> {
        let inner = self.inner.lock();
        if inner.disconnected { Err(eio()) } else { Ok(inner) }
    }
}

impl Inner {
    /// What is to happen to the next operation.
    fn next_fault(&self) -> Option<Fault> {
        self.faults.of_operation(self.log.len())
    }

    /// Does an operation, whatever it came to, and logs it.
    fn record(
        &mut self,
        kind: OperationKind,
        file: &str,
        fault: Option<Fault>,
        effect: Effect,
    ) -> io::Result<()> {
        self.now.apply(&effect)?;
        self.log.push((Operation { kind, file: file.to_owned(), fault }, effect));
        Ok(())
    }

    /// Does a create, rename or remove.
    fn change_entry(
        &mut self,
        kind: OperationKind,
        file: &str,
        change: EntryChange,
    ) -> io::Result<()> {
        let fault = self.next_fault();
        let (done, heard) = fault::on_entry(fault);
        self.record(kind, file, fault, if done { Effect::Entry(change) } else { Effect::Nothing })?;
        heard
    }

    /// Changes the disk outside the log. The change is given the number of a new file.
    fn tamper(
        &mut self,
        change: impl FnOnce(&mut Names, &mut BTreeMap<InodeNo, Arc<Inode>>, InodeNo),
    ) {
        let State { mut names, mut inodes, .. } = self.now.settled();
        change(&mut names, &mut inodes, self.now.new_inode());
        self.now = State::durable(names, inodes);
        self.start = self.now.clone();
        self.log.clear();
    }
}

impl Default for SimDisk {
    fn default() -> Self {
        Self::new()
    }
}

impl fmt::Debug for SimDisk {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let inner = self.inner.lock();
        let lengths: BTreeMap<&String, usize> = inner
            .now
            .names
            .keys()
            .map(|name| (name, inner.now.inode_of(name).map_or(0, |inode| inode.seen.len())))
            .collect();
        f.debug_struct("SimDisk")
            .field("origin", &format_args!("{}", inner.origin))
            .field("operations", &inner.log.len())
            .field("files", &lengths)
            .finish_non_exhaustive()
    }
}

impl Disk for SimDisk {
    fn path(&self) -> &Path {
        Path::new("(simulated)")
    }

    fn lock(&self) -> io::Result<DiskLock> {
        let mut inner = self.connected()?;
        if inner.locked {
            return Err(io::ErrorKind::WouldBlock.into());
        }
        inner.locked = true;
        Ok(Box::new(Lock(self.clone())))
    }

    fn lock_file(&self) -> io::Result<Option<Arc<dyn DiskFile>>> {
        drop(self.connected()?);
        Ok(Some(Arc::new(LockFile { disk: self.clone() })))
    }

    fn list(&self) -> io::Result<Vec<String>> {
        Ok(self.connected()?.now.names.keys().cloned().collect())
    }

    fn create(&self, name: &str) -> io::Result<Arc<dyn DiskFile>> {
        let mut inner = self.connected()?;
        if inner.now.names.contains_key(name) {
            return Err(io::ErrorKind::AlreadyExists.into());
        }
        let inode = inner.now.new_inode();
        let change = EntryChange::Create { name: name.to_owned(), inode };
        inner.change_entry(OperationKind::Create, name, change)?;
        Ok(self.handle(name, inode, Access::ReadWrite))
    }

    fn open(&self, name: &str) -> io::Result<Arc<dyn DiskFile>> {
        let inner = self.connected()?;
        let inode = *inner.now.names.get(name).ok_or(io::ErrorKind::NotFound)?;
        inner.faults.on_open(name)?;
        Ok(self.handle(name, inode, Access::Read))
    }

    fn rename(&self, from: &str, to: &str) -> io::Result<()> {
        let mut inner = self.connected()?;
        if !inner.now.names.contains_key(from) {
            return Err(io::ErrorKind::NotFound.into());
        }
        let change = EntryChange::Rename { from: from.to_owned(), to: to.to_owned() };
        inner.change_entry(OperationKind::Rename { to: to.to_owned() }, from, change)
    }

    fn remove(&self, name: &str) -> io::Result<()> {
        let mut inner = self.connected()?;
        if !inner.now.names.contains_key(name) {
            return Err(io::ErrorKind::NotFound.into());
        }
        let change = EntryChange::Remove { name: name.to_owned() };
        inner.change_entry(OperationKind::Remove, name, change)
    }

    fn sync_dir(&self) -> io::Result<()> {
        self.sync_directory("")
    }
}

/// The lock on a [`SimDisk`].
struct Lock(SimDisk);

impl Drop for Lock {
    fn drop(&mut self) {
        self.0.inner.lock().locked = false;
    }
}
