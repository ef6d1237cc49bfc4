//! A lock whose reads nest, and whose writers don't starve.

use crate::sync::atomic::{AtomicBool, Ordering};
use crate::sync::{
    Instant, Mutex, RecursiveRwLock, RecursiveRwLockReadGuard, RecursiveRwLockWriteGuard,
};

/// A lock that lets a thread read inside its own read, even while a writer waits; a thread that is not yet inside queues
/// behind the writer. (`parking_lot` has either property, not both.)
#[derive(Debug, Default)]
pub(super) struct Turnstile<T> {
    lock: RecursiveRwLock<T>,
    writer_waits: AtomicBool,
    /// Held by a writer that waits; who comes meanwhile waits for it.
    gate: Mutex<()>,
}

/// Whether a thread is inside a read of the same lock already.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Entry {
    Outermost,
    Nested,
}

impl<T> Turnstile<T> {
    pub(super) fn new(value: T) -> Self {
        Turnstile {
            lock: RecursiveRwLock::new(value),
            writer_waits: AtomicBool::new(false),
            gate: Mutex::new(()),
        }
    }

    #[inline]
    pub(super) fn read(&self, entry: Entry) -> RecursiveRwLockReadGuard<'_, T> {
        if entry == Entry::Outermost && self.writer_waits.load(Ordering::Acquire) {
            self.wait_at_gate();
        }
        self.lock.read()
    }

    #[cold]
    fn wait_at_gate(&self) {
        drop(self.gate.lock());
    }

    pub(super) fn write(&self) -> RecursiveRwLockWriteGuard<'_, T> {
        let _gate = self.gate.lock();
        self.writer_waits.store(true, Ordering::Release);
        let guard = self.lock.write();
        self.writer_waits.store(false, Ordering::Release);
        guard
    }

    /// Like `write`, if nobody is in.
    pub(super) fn try_write(&self) -> Option<RecursiveRwLockWriteGuard<'_, T>> {
        self.lock.try_write()
    }

    /// Like `write`, but gives up at the deadline.
    pub(super) fn write_until(
        &self,
        deadline: Instant,
    ) -> Option<RecursiveRwLockWriteGuard<'_, T>> {
        let _gate = self.gate.try_lock_until(deadline)?;
        self.writer_waits.store(true, Ordering::Release);
        let guard = self.lock.try_write_until(deadline);
        self.writer_waits.store(false, Ordering::Release);
        guard
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::thread;
    use std::time::Duration;

    use super::*;

    #[test]
    fn a_read_inside_a_read_does_not_wait_for_a_waiting_writer() {
        let lock = Arc::new(Turnstile::new(0));
        let outer = lock.read(Entry::Outermost);
        let writer = thread::spawn({
            let lock = lock.clone();
            move || *lock.write() += 1
        });
        while !lock.writer_waits.load(Ordering::Acquire) {
            thread::yield_now();
        }
        assert_eq!(*lock.read(Entry::Nested), 0);
        drop(outer);
        writer.join().unwrap();
        assert_eq!(*lock.read(Entry::Outermost), 1);
    }

    #[test]
    fn readers_that_take_turns_do_not_starve_a_writer() {
        let lock = Arc::new(Turnstile::new(false));
        let readers: Vec<_> = (0..3)
            .map(|_| {
                let lock = lock.clone();
                thread::spawn(move || {
                    while !*lock.read(Entry::Outermost) {
                        let guard = lock.read(Entry::Outermost);
                        thread::sleep(Duration::from_micros(200));
                        drop(guard);
                    }
                })
            })
            .collect();
        thread::sleep(Duration::from_millis(5));
        *lock.write() = true;
        for reader in readers {
            reader.join().unwrap();
        }
    }
}
