//! Those of the operating system.

pub(crate) use std::time::Instant;

pub(crate) use parking_lot::{
    Condvar, Mutex, MutexGuard, RecursiveRwLock, RecursiveRwLockReadGuard,
    RecursiveRwLockWriteGuard, RwLock, RwLockReadGuard, RwLockWriteGuard,
};

pub(crate) mod thread {
    pub(crate) use std::thread::{Builder, JoinHandle, Thread, current, park, yield_now};
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
