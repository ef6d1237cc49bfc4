//! Those of the operating system.

pub(crate) use std::sync::OnceLock;
pub(crate) use std::time::Instant;

pub(crate) use parking_lot::{
    Condvar, Mutex, MutexGuard, RecursiveRwLock, RecursiveRwLockReadGuard,
    RecursiveRwLockWriteGuard, RwLock, RwLockReadGuard, RwLockWriteGuard,
};

pub(crate) mod atomic {
    pub(crate) use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
}

pub(crate) mod thread {
    pub(crate) use std::thread::{
        Builder, JoinHandle, Thread, available_parallelism, current, park, yield_now,
    };
}

/// What the clock on the wall shows.
pub(crate) fn system_time() -> std::time::SystemTime {
    std::time::SystemTime::now()
}

/// Values of which each thread has its own.
macro_rules! local {
    ($($(#[$attribute:meta])* static $name:ident: $type:ty = $first:expr;)*) => {
        std::thread_local! {
            $($(#[$attribute])* static $name: $type = const { $first };)*
        }
    };
}
pub(crate) use local;
