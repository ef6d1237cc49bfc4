//! A lock for many who read, or one who writes. Who reads may read again, also while somebody waits to write.

use std::ops::{Deref, DerefMut};

use super::semaphore::Semaphore;
use super::time::Instant;

/// Who writes needs all the permits, who reads needs one.
const ALL: usize = 1 << 16;

#[derive(Debug)]
pub(crate) struct Lock<T> {
    turns: Semaphore,
    value: parking_lot::RwLock<T>,
}

/// While it lives, nobody writes.
#[derive(Debug)]
pub(crate) struct ReadGuard<'a, T> {
    value: parking_lot::RwLockReadGuard<'a, T>,
    _turn: Turn<'a>,
}

/// While it lives, nobody else writes or reads.
#[derive(Debug)]
pub(crate) struct WriteGuard<'a, T> {
    value: parking_lot::RwLockWriteGuard<'a, T>,
    _turn: Turn<'a>,
}

/// Dropped behind the value's own guard.
#[derive(Debug)]
struct Turn<'a> {
    turns: &'a Semaphore,
    permits: usize,
}

impl<T> Lock<T> {
    pub(crate) fn new(value: T) -> Self {
        Lock { turns: Semaphore::new(ALL), value: parking_lot::RwLock::new(value) }
    }

    pub(crate) fn read(&self) -> ReadGuard<'_, T> {
        self.turns.acquire(1);
        let value = self.value.try_read();
        let value = value.unwrap_or_else(|| unreachable!("it is this one's turn"));
        ReadGuard { value, _turn: Turn { turns: &self.turns, permits: 1 } }
    }

    pub(crate) fn write(&self) -> WriteGuard<'_, T> {
        self.turns.acquire(ALL);
        self.write_guard()
    }

    pub(crate) fn try_write(&self) -> Option<WriteGuard<'_, T>> {
        self.turns.try_acquire(ALL).map(|()| self.write_guard())
    }

    pub(crate) fn try_write_until(&self, deadline: Instant) -> Option<WriteGuard<'_, T>> {
        self.turns.acquire_until(ALL, deadline).map(|()| self.write_guard())
    }

    fn write_guard(&self) -> WriteGuard<'_, T> {
        let value = self.value.try_write();
        let value = value.unwrap_or_else(|| unreachable!("it is this one's turn"));
        WriteGuard { value, _turn: Turn { turns: &self.turns, permits: ALL } }
    }
}

impl<T: Default> Default for Lock<T> {
    fn default() -> Self {
        Lock::new(T::default())
    }
}

impl<T> Deref for ReadGuard<'_, T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.value
    }
}

impl<T> Deref for WriteGuard<'_, T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.value
    }
}

impl<T> DerefMut for WriteGuard<'_, T> {
    fn deref_mut(&mut self) -> &mut T {
        &mut self.value
    }
}

impl Drop for Turn<'_> {
    fn drop(&mut self) {
        self.turns.release(self.permits);
    }
}
