//! From a builder's knobs to a store whose threads run.

use std::io;
use std::path::Path;
use std::sync::Arc;

use super::apply::resolve;
use super::feed::Feed;
use super::files::Files;
use super::journal::JournalThread;
use super::keys::KeyDesk;
use super::queue::Queue;
use super::snapshot_desk::SnapshotDesk;
use super::snapshots;
use super::state::StateCell;
use super::thread::{self, STACK_BYTES, StoreKey};
use super::verify::Verifications;
use super::voids::Voids;
use super::{Milestones, Owner, Settings, Shared};
use crate::archive::Archive;
use crate::commit::{Completer, Operation};
use crate::disk::with_archive::WithArchive;
use crate::disk::{Disk, DiskLock, lock};
use crate::error::Error;
use crate::instruments::Instruments;
use crate::model::{Model, ModelData, StoreHandle};
use crate::panic::{catch, catch_in_span};
use crate::past::Past;
use crate::recovery::past::{Look, state_at};
use crate::recovery::{self, FirstStateMaker, OpenOptions, Recovered};
use crate::stats::Progress;
use crate::store::Store;
use crate::sync::atomic::{AtomicU64, AtomicUsize};
use crate::sync::thread::Builder;
use crate::sync::{Condvar, Mutex, OnceLock};

/// All that an open needs.
pub(crate) struct Launch<M> {
    pub(crate) disk: Arc<dyn Disk>,
    pub(crate) archive: Option<Arc<dyn Disk>>,
    pub(crate) first_state: FirstStateMaker<M>,
    pub(crate) settings: Settings<M>,
    pub(crate) options: OpenOptions,
}

/// The name of the thread that opens a store, and then writes its journal.
pub(crate) const JOURNAL_THREAD: &str = "prevalent-journal";

/// Opens the store on a thread of its own, which becomes its journal thread.
pub(crate) fn launch<H: StoreHandle>(launch: Launch<H::Model>) -> Operation<H> {
    let key = StoreKey::new();
    let (operation, completer) = Operation::new(key);
    let dir = launch.disk.path().to_owned();
    let spawned = spawn(JOURNAL_THREAD, move || run(launch, key, completer));
    match spawned {
        Ok(()) => operation,
        Err(error) => Operation::done(key, Err(Error::io(&dir, "start a thread for", error))),
    }
}

/// Reads the past on a thread of its own.
pub(crate) fn look_back<M: Model>(disk: Arc<dyn Disk>, look: Look) -> Operation<Past<M>> {
    let dir = disk.path().to_owned();
    in_background("prevalent-past", &dir, StoreKey::new(), move || {
        state_at(&*disk, look).map(Past::new)
    })
}

/// Runs `work` on a thread of its own, and gives a handle on its result.
pub(crate) fn in_background<T: Send + 'static>(
    name: &str,
    dir: &Path,
    key: StoreKey,
    work: impl FnOnce() -> Result<T, Error> + Send + 'static,
) -> Operation<T> {
    let (operation, completer) = Operation::new(key);
    let work = move || {
        let result = catch(work).unwrap_or_else(|reason| Err(Error::Failed { reason }));
        resolve(move || completer.complete(result));
    };
    match spawn(name, work) {
        Ok(()) => operation,
        Err(error) => Operation::done(key, Err(Error::io(dir, "start a thread for", error))),
    }
}

pub(super) fn spawn(name: &str, work: impl FnOnce() + Send + 'static) -> io::Result<()> {
    Builder::new().name(name.to_owned()).stack_size(STACK_BYTES).spawn(work).map(|_| ())
}

fn run<H: StoreHandle>(launch: Launch<H::Model>, key: StoreKey, completer: Completer<H>) {
    thread::work_for(key);
    let Launch { disk, archive, first_state, settings, options } = launch;
    let instruments = Instruments::new(disk.path(), <H::Model as ModelData>::NAME);
    let options =
        OpenOptions { on_progress: beside(options.on_progress, instruments.clone()), ..options };
    let opened = catch_in_span(
        || tracing::info_span!("open", store = %disk.path().display()),
        || open(&disk, archive, first_state, options),
    )
    .unwrap_or_else(|reason| Err(Error::Failed { reason }));
    match opened {
        Err(error) => resolve(|| completer.complete(Err(error))),
        Ok((locks, archive, recovered)) => {
            match start(key, disk, archive, settings, instruments, recovered) {
                Err(error) => {
                    drop(locks);
                    resolve(|| completer.complete(Err(error)));
                }
                Ok(journal) => {
                    let owner = Owner::new(journal.shared.clone());
                    // If nobody waits for it, the handle is dropped here, and the store is closed at once.
                    resolve(move || completer.complete(Ok(H::from_store(Store::new(owner)))));
                    let shared = journal.shared.clone();
                    let result = catch(|| journal.run());
                    let result = result.unwrap_or_else(|reason| Err(shared.abandon(&reason)));
                    // No thread of this store touches a file any more that another owner could care for.
                    drop(locks);
                    resolve(|| {
                        let store = shared.disk.path().display();
                        tracing::info!(%store, whole = result.is_ok(), "a store was closed");
                    });
                    shared.finish_close(&result);
                }
            }
        }
    }
}

/// Tells the progress to both.
fn beside(
    mut on_progress: Box<dyn FnMut(Progress) + Send>,
    instruments: Instruments,
) -> Box<dyn FnMut(Progress) + Send> {
    Box::new(move |progress| {
        instruments.replayed(progress);
        on_progress(progress);
    })
}

/// That on the directory, and on the archive.
pub(crate) type Locks = (DiskLock, Option<DiskLock>);

/// Takes the locks, then recovers. They are freed when this fails.
pub(crate) fn open<M: Model>(
    disk: &Arc<dyn Disk>,
    archive: Option<Arc<dyn Disk>>,
    first_state: FirstStateMaker<M>,
    mut options: OpenOptions,
) -> Result<(Locks, Option<Archive>, Recovered<M>), Error> {
    let lock = lock(&**disk)?;
    let archive = archive.map(Archive::open).transpose()?;
    options.archive = archive.as_ref().and_then(|(archive, _, directory)| {
        Some((directory.store()?, archive.disk.path().to_owned()))
    });
    let mut recovered = recovery::open(disk, first_state, options)?;
    let (archive, archive_lock) = match archive {
        Some((archive, lock, directory)) => {
            recovered.catalog.add_archive(&directory);
            (Some(archive), Some(lock))
        }
        None => (None, None),
    };
    Ok(((lock, archive_lock), archive, recovered))
}

fn start<M: Model>(
    key: StoreKey,
    disk: Arc<dyn Disk>,
    archive: Option<Archive>,
    settings: Settings<M>,
    instruments: Instruments,
    recovered: Recovered<M>,
) -> Result<JournalThread<M>, Error> {
    let Recovered {
        resolver,
        state,
        store,
        writer,
        entry_ids,
        voids,
        voids_from_segment,
        catalog,
        report,
        replayed_bytes,
        replayed_transactions,
    } = recovered;
    let (seq, time_us) = (state.seq, state.time_us);
    let resolver = Arc::new(resolver);
    let keys = Arc::new(KeyDesk::new(state.window.clone(), resolver.clone()));
    let snapshots = SnapshotDesk::new(settings.snapshots, replayed_bytes, replayed_transactions);
    let history = match &archive {
        Some(archive) => Arc::new(WithArchive::new(disk.clone(), archive.disk.clone())),
        None => disk.clone(),
    };
    let shared = Arc::new(Shared {
        key,
        disk,
        archive,
        history,
        store,
        settings,
        instruments,
        recovery: report,
        resolver,
        keys,
        secret: writer.secret(),
        entry_ids,
        queue: Mutex::new(Queue::new(seq + 1, time_us)),
        queued: AtomicUsize::new(0),
        work: Condvar::new(),
        state: StateCell::new(state),
        milestones: Mutex::new(Milestones {
            durable: writer.end(),
            durable_seq: seq,
            applied_seq: seq,
        }),
        catalog: Mutex::new(catalog),
        files: Files::default(),
        snapshots,
        verifications: Verifications::new(seq),
        feed: Feed::new(),
        voids: Mutex::new(Voids::new(voids, voids_from_segment)),
        backing_up: Mutex::new(()),
        rebuilds: AtomicU64::new(0),
        failed_prunings: AtomicU64::new(0),
        failed_fills: AtomicU64::new(0),
        failure: OnceLock::new(),
        released: Mutex::new(false),
        release: Condvar::new(),
        owners: AtomicUsize::new(0),
    });
    let for_snapshots = shared.clone();
    spawn("prevalent-snapshot", move || snapshots::run(&for_snapshots))
        .map_err(|error| Error::io(shared.disk.path(), "start a thread for", error))?;
    Ok(JournalThread::new(shared, writer, seq))
}
