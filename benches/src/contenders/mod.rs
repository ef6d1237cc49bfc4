//! Who commits: each in a file of its own.

#[cfg(feature = "peers")]
mod airomem;
#[cfg(feature = "peers")]
mod fjall;
mod group_leader;
mod group_writer;
mod limit;
mod limit_and_work;
mod mutex;
#[cfg(feature = "peers")]
mod okaywal;
mod prevalent;
#[cfg(feature = "peers")]
mod raft_engine;
#[cfg(feature = "peers")]
mod redb;
#[cfg(feature = "peers")]
mod sqlite;
pub(crate) mod told;

use std::path::Path;
use std::time::Duration;

use ::prevalent::Durability;

use crate::failure::Result;
use crate::load::{Acknowledged, Load, Outcome};

/// Commits.
pub(crate) trait Contender {
    /// As it stands in the report.
    fn name(&self) -> &'static str;

    /// Whether a load of so many in flight is one for it.
    fn takes(&self, in_flight: usize) -> bool {
        let _ = in_flight;
        true
    }

    /// Commits under this load in an empty directory until the load is over, and closes.
    ///
    /// # Errors
    ///
    /// Whatever kept it from committing.
    fn run(&self, dir: &Path, load: &Load) -> Result<Outcome>;

    /// Opens the directory again, and finds all that was acknowledged.
    ///
    /// # Errors
    ///
    /// What is missing; whatever keeps it from being opened.
    fn verify(&self, dir: &Path, acknowledged: &Acknowledged) -> Result<()>;
}

/// The bare loop: the most that the disk gives.
pub(crate) const LIMIT: &str = "LIMIT";
/// The bare loop that also does what every contender must: the most that one thread gives.
pub(crate) const LIMIT_AND_WORK: &str = "LIMIT + work";
/// The bare loop on a thread of its own, which tells tasks: the most that is left to who awaits.
pub(crate) const LIMIT_TOLD: &str = "LIMIT, told to tasks";
/// The same with the work, which is divided between the tasks and the thread.
pub(crate) const LIMIT_AND_WORK_TOLD: &str = "LIMIT + work, told to tasks";
/// A map and a buffer behind a mutex.
pub(crate) const MUTEX: &str = "mutex around map and buffer";
/// Generated methods, durable, awaited by tasks.
pub(crate) const PREVALENT: &str = "prevalent";
/// Generated methods, durable, waited for by a thread.
pub(crate) const PREVALENT_WAIT: &str = "prevalent, wait()";
/// Synced only when somebody says so; a task awaits each commit before the next.
pub(crate) const PREVALENT_MANUAL: &str = "prevalent, Manual";
/// Synced in the background; a task awaits each commit before the next.
pub(crate) const PREVALENT_EVERY: &str = "prevalent, Every(100 ms)";
/// As `PREVALENT_MANUAL`, but a task has many commits in flight.
pub(crate) const PREVALENT_MANUAL_AHEAD: &str = "prevalent, Manual, 1024 ahead";
/// As `PREVALENT_EVERY`, but a task has many commits in flight.
pub(crate) const PREVALENT_EVERY_AHEAD: &str = "prevalent, Every(100 ms), 1024 ahead";

/// More threads than this commit no more, on few cores: a load with more in flight is one of so many threads.
#[cfg(feature = "peers")]
const THREADS_MAX: usize = 256;

const EVERY: Durability = Durability::Every(Duration::from_millis(100));

static PREVALENT_TASKS: prevalent::Tasks =
    prevalent::Tasks { name: PREVALENT, durability: Durability::Always, ahead: 1 };

/// The bare loop.
pub(crate) fn limit() -> &'static dyn Contender {
    &limit::ZeroFilled
}

/// `prevalent`, durable and awaited.
pub(crate) fn prevalent() -> &'static dyn Contender {
    &PREVALENT_TASKS
}

/// Few enough to run with many different loads.
pub(crate) fn for_scale() -> Vec<&'static dyn Contender> {
    vec![
        &limit::ZeroFilled,
        &limit_and_work::LimitAndWork,
        &PREVALENT_TASKS,
        &group_writer::HandWritten,
        &group_leader::HandWritten,
    ]
}

/// The bare loop that also encodes, decodes, checksums and inserts.
pub(crate) fn limit_and_work() -> &'static dyn Contender {
    &limit_and_work::LimitAndWork
}

/// Who commits durably, in the order of the report.
pub(crate) fn durable() -> Vec<&'static dyn Contender> {
    vec![
        &limit::ZeroFilled,
        &limit::Growing,
        &limit_and_work::LimitAndWork,
        &told::Limit,
        &told::LimitAndWork,
        &PREVALENT_TASKS,
        &prevalent::Waiting { name: PREVALENT_WAIT },
        &group_writer::HandWritten,
        &group_leader::HandWritten,
        #[cfg(feature = "peers")]
        &raft_engine::Threads,
        #[cfg(feature = "peers")]
        &raft_engine::Grouped,
        #[cfg(feature = "peers")]
        &okaywal::Threads,
        #[cfg(feature = "peers")]
        &okaywal::Grouped,
        #[cfg(feature = "peers")]
        &redb::Threads,
        #[cfg(feature = "peers")]
        &redb::Grouped,
        #[cfg(feature = "peers")]
        &fjall::Threads,
        #[cfg(feature = "peers")]
        &fjall::Grouped,
        #[cfg(feature = "peers")]
        &sqlite::Threads,
        #[cfg(feature = "peers")]
        &sqlite::Grouped,
        #[cfg(feature = "peers")]
        &airomem::DURABLE,
    ]
}

/// Who commits without waiting for the disk, in the order of the report.
pub(crate) fn unsynced() -> Vec<&'static dyn Contender> {
    use Durability::Manual;
    use prevalent::Tasks;
    vec![
        &mutex::Mutexed,
        &Tasks { name: PREVALENT_MANUAL, durability: Manual, ahead: 1 },
        &Tasks { name: PREVALENT_MANUAL_AHEAD, durability: Manual, ahead: 1024 },
        &Tasks { name: PREVALENT_EVERY, durability: EVERY, ahead: 1 },
        &Tasks { name: PREVALENT_EVERY_AHEAD, durability: EVERY, ahead: 1024 },
        #[cfg(feature = "peers")]
        &airomem::UNSYNCED,
    ]
}
