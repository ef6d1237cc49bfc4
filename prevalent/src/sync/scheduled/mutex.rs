//! A lock for one.

use std::ops::{Deref, DerefMut};

use super::semaphore::Semaphore;
use super::time::Instant;

#[derive(Debug)]
pub(crate) struct Mutex<T> {
    turns: Semaphore,
    value: parking_lot::Mutex<T>,
}

/// While it lives, nobody else has the lock.
#[derive(Debug)]
pub(crate) struct MutexGuard<'a, T> {
    mutex: &'a Mutex<T>,
    /// `None` only while it waits.
    value: Option<parking_lot::MutexGuard<'a, T>>,
}

impl<T> Mutex<T> {
    pub(crate) const fn new(value: T) -> Self {
        Mutex { turns: Semaphore::new(1), value: parking_lot::Mutex::new(value) }
    }

    pub(crate) fn lock(&self) -> MutexGuard<'_, T> {
        self.turns.acquire(1);
        self.guard()
    }

    pub(crate) fn try_lock(&self) -> Option<MutexGuard<'_, T>> {
        self.turns.try_acquire(1).map(|()| self.guard())
    }

    pub(crate) fn try_lock_until(&self, deadline: Instant) -> Option<MutexGuard<'_, T>> {
        self.turns.acquire_until(1, deadline).map(|()| self.guard())
    }

    fn guard(&self) -> MutexGuard<'_, T> {
        MutexGuard { mutex: self, value: Some(self.value()) }
    }

    fn value(&self) -> parking_lot::MutexGuard<'_, T> {
        self.value.try_lock().unwrap_or_else(|| unreachable!("it is this one's turn"))
    }
}

impl<T: Default> Default for Mutex<T> {
    fn default() -> Self {
        Mutex::new(T::default())
    }
}

impl<T> MutexGuard<'_, T> {
    /// Gives the lock up meanwhile.
    pub(super) fn unlocked<R>(&mut self, wait: impl FnOnce() -> R) -> R {
        self.value = None;
        self.mutex.turns.release(1);
        let waited = wait();
        self.mutex.turns.acquire(1);
        self.value = Some(self.mutex.value());
        waited
    }
}

impl<T> Deref for MutexGuard<'_, T> {
    type Target = T;

    fn deref(&self) -> &T {
        self.value.as_ref().unwrap_or_else(|| unreachable!("nobody looks while it waits"))
    }
}

impl<T> DerefMut for MutexGuard<'_, T> {
    fn deref_mut(&mut self) -> &mut T {
        self.value.as_mut().unwrap_or_else(|| unreachable!("nobody looks while it waits"))
    }
}

impl<T> Drop for MutexGuard<'_, T> {
    fn drop(&mut self) {
        if self.value.take().is_some() {
            self.mutex.turns.release(1);
        }
    }
}
