//! The knobs of an open.

use std::collections::BTreeSet;
use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use crate::Error;
use crate::Seq;
use crate::changed_bodies::ChangedBodies;
use crate::commit::Operation;
use crate::disk::Disk;
use crate::disk::memory::MemoryDisk;
use crate::disk::real::RealDisk;
use crate::disk::with_archive::WithArchive;
use crate::durability::Durability;
use crate::engine::Settings;
use crate::engine::launch::{Launch, launch, look_back};
use crate::engine::snapshot_desk::SnapshotPolicy;
use crate::engine::thread::StoreKey;
use crate::journal::fill::FILL_BYTES;
use crate::model::{FirstState, StoreHandle};
use crate::past::{Past, Point};
use crate::recovery::past::Look;
use crate::recovery::{FirstStateMaker, OpenOptions};
use crate::snapshot::KEPT_SNAPSHOTS;
use crate::snapshot_method::SnapshotMethod;
use crate::stats::Progress;

const MIB: u64 = 1 << 20;

/// A simulated disk counts each sector when it thinks of crashes.
#[cfg(feature = "testing")]
const FILL_BYTES_SIMULATED: u64 = 4 << 10;

/// Opens a store, with knobs. Each has a default, and may change from open to open.
///
/// `H` is the handle that [`open`](Builder::open) gives.
///
/// ```
/// # use prevalent::prevalent;
/// # #[prevalent] #[derive(Default)] struct Counter { count: u64 }
/// # #[prevalent] impl Counter { #[tx] fn add(&mut self, n: u64) { self.count += n; } }
/// # fn main() -> Result<(), prevalent::Error> {
/// # let dir = tempfile::tempdir().unwrap();
/// let store = CounterStore::builder(dir.path().join("counter"))
///     .snapshot_every_transactions(100_000)
///     .keep_snapshots(3)
///     .on_progress(|progress| println!("{} of {}", progress.bytes_done, progress.bytes_total))
///     .open()
///     .wait()?; // or `.await?`
/// # store.close().wait() }
/// ```
#[must_use = "a builder does nothing until `open()`"]
pub struct Builder<H: StoreHandle, F = FromDefault> {
    place: Place,
    archive: Option<Place>,
    first_state: F,
    settings: Settings<H::Model>,
    options: OpenOptions,
    fill_ahead_bytes: Option<u64>,
}

enum Place {
    Directory(PathBuf),
    Memory,
    #[cfg(feature = "testing")]
    Disk(Arc<dyn Disk>),
}

impl Place {
    fn disk(self) -> Result<Arc<dyn Disk>, Error> {
        match self {
            Place::Memory => Ok(Arc::new(MemoryDisk::new())),
            #[cfg(feature = "testing")]
            Place::Disk(disk) => Ok(disk),
            Place::Directory(dir) => match RealDisk::new(&dir) {
                Ok(disk) => Ok(Arc::new(disk)),
                Err(error) => Err(Error::io(&dir, "open", error)),
            },
        }
    }
}

fn archive_disk(archive: Option<Place>) -> Result<Option<Arc<dyn Disk>>, Error> {
    archive.map(Place::disk).transpose()
}

/// The first state is the model's `Default`.
#[derive(Clone, Copy, Debug)]
pub struct FromDefault(());

/// The first state is what this function gives.
#[derive(Clone, Copy, Debug)]
pub struct FromFunction<F>(F);

impl<H: StoreHandle> Builder<H> {
    /// Opens the store in this directory, or makes one; the directory, too.
    #[doc(hidden)]
    pub fn new(dir: impl AsRef<Path>) -> Self {
        Builder::at(Place::Directory(dir.as_ref().to_owned()))
    }

    /// A new store on memory instead of files.
    #[doc(hidden)]
    pub fn in_memory() -> Self {
        Builder::at(Place::Memory)
    }

    fn at(place: Place) -> Self {
        Builder {
            place,
            archive: None,
            fill_ahead_bytes: None,
            first_state: FromDefault(()),
            settings: Settings {
                durability: Durability::Always,
                snapshots: SnapshotPolicy {
                    every_bytes: 256 * MIB,
                    every_transactions: u64::MAX,
                    every: None,
                    on_close: true,
                    keep: KEPT_SNAPSHOTS,
                },
                snapshot_method: SnapshotMethod::default(),
                verify_every: None,
                pending_bytes_max: 64 << 20,
            },
            options: OpenOptions {
                keep_snapshots: KEPT_SNAPSHOTS,
                keys_max: 10_000,
                segment_bytes: 64 * MIB,
                fill_ahead_bytes: 0,
                archive: None,
                drop_suspect_tail: false,
                void_on_replay_panic: BTreeSet::new(),
                changed_bodies: ChangedBodies::default(),
                on_progress: Box::new(|_| {}),
            },
        }
    }

    /// The first state, for a model without `Default`, or when it should be another one. Called only where there is no
    /// store yet.
    ///
    /// ```
    /// use prevalent::prevalent;
    ///
    /// #[prevalent]
    /// struct Counter {
    ///     count: u64,
    /// }
    ///
    /// #[prevalent]
    /// impl Counter {
    ///     #[tx]
    ///     fn add(&mut self, n: u64) {
    ///         self.count += n;
    ///     }
    /// }
    ///
    /// # fn main() -> Result<(), prevalent::Error> {
    /// let store = CounterStore::builder_in_memory().initial(|| Counter { count: 100 }).open().wait()?;
    /// assert_eq!(store.read(|counter| counter.count), 100);
    /// # Ok(()) }
    /// ```
    pub fn initial<F>(self, first_state: F) -> Builder<H, FromFunction<F>>
    where
        F: FnOnce() -> H::Model + Send + 'static,
    {
        Builder {
            place: self.place,
            archive: self.archive,
            first_state: FromFunction(first_state),
            settings: self.settings,
            options: self.options,
            fill_ahead_bytes: self.fill_ahead_bytes,
        }
    }

    /// Opens the store, or makes one with the model's `Default`. See [`Builder::open`] for the errors.
    pub fn open<'via>(self) -> Operation<H>
    where
        H::Model: FirstState<&'via ()>,
    {
        let first_state: fn() -> H::Model = <H::Model as FirstState<&'via ()>>::first_state;
        self.open_with(move |FromDefault(())| Box::new(first_state))
    }
}

impl<H: StoreHandle, F> Builder<H, FromFunction<F>>
where
    F: FnOnce() -> H::Model + Send + 'static,
{
    /// Opens the store, or makes one with the first state that was given.
    ///
    /// It has begun when this returns; it is an [`Operation`]: await it, or `wait()` for it.
    ///
    /// # Errors
    ///
    /// [`Error::Locked`]; [`Error::NotAStore`]; [`Error::Io`]; what is wrong with the files ([`Error::Corrupt`], [`Error::SuspectTail`],
    /// [`Error::UnsupportedFormat`]) or doesn't fit the code ([`Error::WrongModel`], [`Error::Schema`],
    /// [`Error::ReplayPanicked`], [`Error::ModelPanicked`]); [`Error::Encoding`] for a first state, or one that was converted, that
    /// can't be stored, and for more types than the format describes. After an error nothing was changed, but for an `Io` while it
    /// goes on, behind all checks: then there may be a new segment, which holds what was there.
    pub fn open(self) -> Operation<H> {
        self.open_with(|FromFunction(first_state)| Box::new(first_state))
    }

    /// All that an open needs, for who recovers a state without the store's threads.
    #[cfg(feature = "testing")]
    pub(crate) fn launch(self) -> Result<Launch<H::Model>, Error> {
        self.into_launch(|FromFunction(first_state)| Box::new(first_state))
    }
}

impl<H: StoreHandle, F> Builder<H, F> {
    /// When a commit counts. Default: [`Durability::Always`].
    pub fn durability(mut self, durability: Durability) -> Self {
        self.settings.durability = durability;
        self
    }

    /// So many bytes of journal make an automatic snapshot. Default: 256 MiB.
    ///
    /// This bounds how much an open has to replay, and with [`keep_snapshots`](Builder::keep_snapshots) the use of the disk. A
    /// snapshot that fails is tried again after a quarter as much more journal, and nothing goes before one has succeeded:
    /// watch [`failed_snapshots`](crate::Stats::failed_snapshots).
    pub fn snapshot_every_bytes(mut self, bytes: u64) -> Self {
        self.settings.snapshots.every_bytes = bytes;
        self
    }

    /// So many transactions make an automatic snapshot, too. Default: never.
    pub fn snapshot_every_transactions(mut self, transactions: u64) -> Self {
        self.settings.snapshots.every_transactions = transactions;
        self
    }

    /// So much time after the last snapshot (or the open) another one is taken, too, as soon as there is a transaction that is
    /// not in the last one. Default: never.
    pub fn snapshot_every(mut self, interval: Duration) -> Self {
        self.settings.snapshots.every = Some(interval);
        self
    }

    /// How a snapshot comes by the state while the store goes on. Default: [`SnapshotMethod::rebuilt`], which stops nobody and
    /// takes memory for a second copy.
    pub fn snapshot_method(mut self, method: SnapshotMethod<H::Model>) -> Self {
        self.settings.snapshot_method = method;
        self
    }

    /// So many snapshots are kept, and the journal back to the oldest of them; at least one. Default: 2, so that there is one
    /// to fall back on where the newest can't be read.
    ///
    /// When a snapshot has been taken and read back, older ones go, and the journal that only they needed. So the disk use
    /// is bounded: by the snapshots that are kept and one more, which is being written, and one and a half times as much
    /// journal for each as makes an automatic snapshot, plus a segment; what is committed while a snapshot is made comes on
    /// top. `docs/snapshots.md` in the repository says when it is more.
    pub fn keep_snapshots(mut self, snapshots: usize) -> Self {
        let keep = snapshots.max(1);
        self.settings.snapshots.keep = keep;
        self.options.keep_snapshots = keep;
        self
    }

    /// What no snapshot that is kept needs any more is not deleted, but moved to this directory: with the archive, all of
    /// the journal stays readable from the moment on at which there is one. [`Store::history`](crate::Store::history),
    /// [`Store::subscribe`](crate::Store::subscribe) and [`open_at`](Builder::open_at) of a builder that has the archive go back
    /// as far as it does.
    ///
    /// It gets the segments, and one snapshot for them to begin with. Each file is copied, synced and read back
    /// before the store lets go of it, so the archive may be on another disk. It has a lock of its own, and belongs to one
    /// store. It is no store itself: an open of it is refused, a [`fork`](crate::fork) makes a store of it. It grows for ever: remove
    /// its oldest files as you like, while the store is closed.
    ///
    /// An archive that can't be written to stops nothing: the store keeps its files, and tries again with the next snapshot. Watch
    /// [`failed_prunings`](crate::Stats::failed_prunings).
    ///
    /// # Errors
    ///
    /// Of the open: [`Error::ForeignArchive`], [`Error::Locked`], [`Error::Io`].
    pub fn archive_to(mut self, dir: impl AsRef<Path>) -> Self {
        self.archive = Some(Place::Directory(dir.as_ref().to_owned()));
        self
    }

    /// The archive is on this disk.
    #[cfg(feature = "testing")]
    pub fn archive_on_disk(mut self, disk: impl Disk) -> Self {
        self.archive = Some(Place::Disk(Arc::new(disk)));
        self
    }

    /// After every so many automatic snapshots, a determinism check in the background, as
    /// [`Store::verify`](crate::Store::verify) does it: a divergence is a `tracing` event of level `ERROR`, and in
    /// [`Stats::last_verification`](crate::Stats::last_verification). 0 counts as 1. Default: none.
    ///
    /// While one runs, no other is begun, and old files stay where they are; otherwise no file is kept for its sake. So it
    /// proves what lies behind the oldest snapshot that is kept, and nothing of what came before. With `verify_every(1)`, and
    /// two snapshots kept or more, everything is replayed in some check, as long as each is done before the next automatic
    /// snapshot.
    pub fn verify_every(mut self, snapshots: u64) -> Self {
        self.settings.verify_every = Some(snapshots.max(1));
        self
    }

    /// The keys of so many [idempotent](crate::Key) transactions are remembered, with their replies: the last ones. Default: 10,000.
    ///
    /// One that is tried again with a key that has gone is executed again. So it has to be as many as there may be between
    /// the first try and the last one. A key takes about 200 bytes of memory beside itself and its encoded reply, 10,000 keys
    /// with small replies about 2 MB; as much again while a snapshot is taken, and less in the snapshot's file. All keys and
    /// replies take no more than 1 GiB: beyond it the oldest go earlier. With 0, nothing is remembered.
    pub fn idempotency_window(mut self, keys: usize) -> Self {
        self.options.keys_max = keys;
        self
    }

    /// `close` takes no snapshot; the next open replays the journal instead.
    pub fn no_snapshot_on_close(mut self) -> Self {
        self.settings.snapshots.on_close = false;
        self
    }

    /// A journal file is closed when it has so many bytes, and another one begun. Default: 64 MiB. A soft limit, and any
    /// value from 1 will do: what is written at once is never split.
    pub fn segment_bytes(mut self, bytes: u64) -> Self {
        self.options.segment_bytes = bytes;
        self
    }

    /// With [`Durability::Always`], zeros are written behind the journal's end, in steps of up to so many bytes, and overwritten
    /// by what is committed next: a sync of bytes that were there before is faster than one of a file that has grown. Lone
    /// commits gain most; behind a large batch nothing is filled. Default: 256 KiB (4 KiB on a simulated disk, none in
    /// memory), and at most 1 GiB. 0 switches it off.
    ///
    /// The first of these zeros are those of the next journal file, which is made on a thread of its own when the newest one is half
    /// full (from segments of 4 KiB on), under a name that means nothing: the commit that begins a segment waits only for what
    /// makes that its name.
    ///
    /// Up to so much of the newest journal file is unused, and of an older one that was the newest when the store was closed, or
    /// its process killed. Where there is no room for it, commits go on without:
    /// [`Stats::failed_fills`](crate::Stats::failed_fills).
    pub fn fill_ahead_bytes(mut self, bytes: u64) -> Self {
        self.fill_ahead_bytes = Some(bytes);
        self
    }

    /// So many bytes may be ordered and not yet written (with [`Durability::Always`]: not yet resolved), each transaction
    /// counting 256 more than its arguments take. Beyond it commits get [`Error::Overloaded`]. Default: 64 MiB. With nothing
    /// pending, a transaction is always accepted.
    pub fn pending_bytes(mut self, bytes: usize) -> Self {
        self.settings.pending_bytes_max = bytes;
        self
    }

    /// Opens without an end of the journal that is bad, but bears no sign of having been torn by a crash. Acknowledged
    /// transactions may be among what is lost. See [`Error::SuspectTail`].
    pub fn drop_suspect_tail(mut self) -> Self {
        self.options.drop_suspect_tail = true;
        self
    }

    /// If the replay of this very transaction panics, or has ended the process of an earlier open, it becomes void: it has no
    /// effect, now or ever. Where several do, call it for each. See [`Error::ReplayPanicked`]; [`void`](crate::void()) does it
    /// without opening the store.
    pub fn void_on_replay_panic(mut self, seq: impl Into<Seq>) -> Self {
        self.options.void_on_replay_panic.insert(seq.into().get());
        self
    }

    /// What to do about transactions that must be replayed and whose methods have other bodies now. Default:
    /// [`ChangedBodies::Warn`].
    pub fn changed_bodies(mut self, changed_bodies: ChangedBodies) -> Self {
        self.options.changed_bodies = changed_bodies;
        self
    }

    /// Called now and then while an open replays the journal, and at its end, on the store's own thread.
    pub fn on_progress(mut self, on_progress: impl FnMut(Progress) + Send + 'static) -> Self {
        self.options.on_progress = Box::new(on_progress);
        self
    }

    /// The model as it was at a point in the past: behind a transaction ([`Seq`]), or at a time ([`SystemTime`](std::time::SystemTime)).
    ///
    /// It is read from the files, without the lock: the store may be open meanwhile, in this process or another one. Nothing is
    /// written. It goes back as far as the oldest snapshot that is kept, or as the [archive](Builder::archive_to); a store that is open counts as far as it has
    /// written. Of the knobs, [`drop_suspect_tail`](Builder::drop_suspect_tail) and
    /// [`changed_bodies`](Builder::changed_bodies) count.
    ///
    /// # Errors
    ///
    /// [`Error::Pruned`] where there is no snapshot as old as that; [`Error::NotYet`] for a sequence number behind the end (a
    /// later time gives the newest state); [`Error::NoStore`]; else
    /// those of an [`open`](Builder::open), but for [`Error::Locked`].
    ///
    /// # Examples
    ///
    /// ```
    /// # use prevalent::{Seq, prevalent};
    /// # #[prevalent] #[derive(Default)] struct Counter { count: u64 }
    /// # #[prevalent] impl Counter {
    /// #     #[tx] fn add(&mut self, n: u64) { self.count += n; }
    /// #     #[query] fn count(&self) -> u64 { self.count }
    /// # }
    /// # fn main() -> Result<(), prevalent::Error> {
    /// # let dir = tempfile::tempdir().unwrap();
    /// # let dir = dir.path().join("counter");
    /// let store = CounterStore::open(&dir).wait()?;
    /// store.add(1).wait()?;
    /// store.add(10).wait()?;
    /// let past = CounterStore::builder(&dir).open_at(Seq::from(1)).wait()?;
    /// assert_eq!((past.count(), store.count()), (1, 11));
    /// # Ok(()) }
    /// ```
    pub fn open_at(self, point: impl Into<Point>) -> Operation<Past<H::Model>> {
        let look = Look {
            point: point.into(),
            changed_bodies: self.options.changed_bodies,
            drop_suspect_tail: self.options.drop_suspect_tail,
        };
        let disks = self.place.disk().and_then(|disk| Ok((disk, archive_disk(self.archive)?)));
        match disks {
            Ok((disk, None)) => look_back(disk, look),
            Ok((disk, Some(archive))) => look_back(Arc::new(WithArchive::new(disk, archive)), look),
            Err(error) => Operation::done(StoreKey::new(), Err(error)),
        }
    }

    /// Opens the store on this disk.
    #[cfg(feature = "testing")]
    pub fn on_disk(mut self, disk: impl Disk) -> Self {
        self.place = Place::Disk(Arc::new(disk));
        self
    }

    fn open_with(self, first_state: impl FnOnce(F) -> FirstStateMaker<H::Model>) -> Operation<H> {
        match self.into_launch(first_state) {
            Ok(all) => launch(all),
            Err(error) => Operation::done(StoreKey::new(), Err(error)),
        }
    }

    fn into_launch(
        self,
        first_state: impl FnOnce(F) -> FirstStateMaker<H::Model>,
    ) -> Result<Launch<H::Model>, Error> {
        let fill_ahead_bytes = match (&self.place, self.settings.durability) {
            // Elsewhere there is no sync, or so few that it doesn't matter what each costs.
            (Place::Directory(_), Durability::Always) => {
                self.fill_ahead_bytes.unwrap_or(FILL_BYTES)
            }
            #[cfg(feature = "testing")]
            (Place::Disk(_), Durability::Always) => {
                self.fill_ahead_bytes.unwrap_or(FILL_BYTES_SIMULATED)
            }
            _ => 0,
        };
        let options = OpenOptions { fill_ahead_bytes, ..self.options };
        Ok(Launch {
            disk: self.place.disk()?,
            archive: archive_disk(self.archive)?,
            first_state: first_state(self.first_state),
            settings: self.settings,
            options,
        })
    }
}

impl<H: StoreHandle, F> fmt::Debug for Builder<H, F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Builder")
            .field("model", &<H::Model as crate::ModelData>::NAME)
            .finish_non_exhaustive()
    }
}
