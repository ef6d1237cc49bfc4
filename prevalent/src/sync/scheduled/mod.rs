//! Those of `shuttle`'s scheduler: all threads of a test take turns on one, and before each lock, atomic and notification it is
//! drawn who goes on. Where everybody waits, the test fails.
//!
//! Who waits, waits in a semaphore of `shuttle`'s; what a lock guards lies in an ordinary one beside it, which is free whenever
//! somebody comes past the semaphore. So nothing here needs to be unsafe.

mod condvar;
mod lock;
mod mutex;
mod once;
mod semaphore;
mod time;

pub(crate) use condvar::Condvar;
pub(crate) use lock::{
    Lock as RecursiveRwLock, Lock as RwLock, ReadGuard as RecursiveRwLockReadGuard,
    ReadGuard as RwLockReadGuard, WriteGuard as RecursiveRwLockWriteGuard,
    WriteGuard as RwLockWriteGuard,
};
pub(crate) use mutex::{Mutex, MutexGuard};
pub(crate) use once::OnceLock;
pub(crate) use shuttle::thread_local as local;
pub(crate) use time::{Instant, system_time};

pub(crate) mod atomic {
    pub(crate) use shuttle::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
}

pub(crate) mod thread {
    use std::io;
    use std::num::NonZeroUsize;

    pub(crate) use shuttle::thread::{Builder, JoinHandle, Thread, current, park, yield_now};

    /// No thread is started beside a recovery: that one would be real.
    #[expect(clippy::unnecessary_wraps, reason = "as it is in `std`")]
    pub(crate) fn available_parallelism() -> io::Result<NonZeroUsize> {
        Ok(NonZeroUsize::MIN)
    }
}

/// Others may go first.
fn turn() {
    atomic::AtomicBool::new(false).load(atomic::Ordering::SeqCst);
}
