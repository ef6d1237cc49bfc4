//! The state that readers see.

use std::time::Duration;

use super::thread::{Reading, StoreKey, reads};
use super::turnstile::{Entry, Turnstile};
use crate::error::Error;
use crate::model::Model;
use crate::recovery::State;
use crate::sync::{
    Condvar, Instant, Mutex, MutexGuard, RecursiveRwLockReadGuard, RecursiveRwLockWriteGuard,
};

/// Who can do without waits no longer.
const SOON: Duration = Duration::from_micros(50);

/// The state: readers share it, the journal thread changes it.
pub(crate) struct StateCell<M> {
    phase: Turnstile<Phase<M>>,
    /// Held by who changes the state, and by who needs it unchanged for long: those who only read don't queue up behind a
    /// change that waits here.
    changes: Mutex<()>,
    /// Whether a rebuild is under way; readers wait for its end here, without the lock on the state.
    rebuilding: Mutex<bool>,
    settled: Condvar,
}

/// The right to change the state: no reader is in.
pub(super) struct Exclusive<'a, M> {
    phase: RecursiveRwLockWriteGuard<'a, Phase<M>>,
    _changes: MutexGuard<'a, ()>,
}

/// Apart from the lock around it, and that from all else: each read writes to the lock, which takes its cache line away from
/// the other cores. (128 bytes: processors fetch lines of 64 in pairs.)
#[repr(align(128))]
enum Phase<M> {
    Live(State<M>),
    /// A transaction panicked, and the state is being rebuilt.
    Rebuilding,
    /// It could not be rebuilt.
    Gone(Error),
}

impl<M: Model> StateCell<M> {
    pub(crate) fn new(state: State<M>) -> Self {
        StateCell {
            phase: Turnstile::new(Phase::Live(state)),
            changes: Mutex::new(()),
            rebuilding: Mutex::new(false),
            settled: Condvar::new(),
        }
    }

    pub(crate) fn is_rebuilding(&self) -> bool {
        *self.rebuilding.lock()
    }

    /// Runs `read` on the state; waits for a rebuild.
    ///
    /// # Panics
    ///
    /// Where the state is gone for good.
    #[inline]
    pub(crate) fn read<R>(&self, key: StoreKey, read: impl FnOnce(&M) -> R) -> R {
        self.read_state(key, |state| read(&state.model)).unwrap_or_else(|error| no_state(&error))
    }

    /// Like `read`, with what else belongs to the state, and an error where it is gone.
    #[inline]
    pub(crate) fn read_state<R>(
        &self,
        key: StoreKey,
        read: impl FnOnce(&State<M>) -> R,
    ) -> Result<R, Error> {
        loop {
            let guard = self.lock_shared(key);
            if let Phase::Live(state) = &*guard {
                let _reading = Reading::begin(key);
                return Ok(read(state));
            }
            self.wait_for_rebuild(guard)?;
        }
    }

    /// Gives the error where there will be no state any more.
    #[cold]
    fn wait_for_rebuild(&self, found: RecursiveRwLockReadGuard<'_, Phase<M>>) -> Result<(), Error> {
        if let Phase::Gone(error) = &*found {
            return Err(error.clone());
        }
        drop(found);
        let mut rebuilding = self.rebuilding.lock();
        while *rebuilding {
            self.settled.wait(&mut rebuilding);
        }
        Ok(())
    }

    /// Like `read_state`, for a read that takes its time: changes wait for it, and other reads don't.
    pub(crate) fn read_unchanged<R>(
        &self,
        key: StoreKey,
        read: impl FnOnce(&State<M>) -> R,
    ) -> Result<R, Error> {
        let _unchanged = self.changes.lock();
        self.read_state(key, read)
    }

    /// Like `read`, but never waits for a rebuild.
    pub(crate) fn try_read<R>(
        &self,
        key: StoreKey,
        read: impl FnOnce(&M) -> R,
    ) -> Result<R, Error> {
        let guard = self.lock_shared(key);
        match &*guard {
            Phase::Live(state) => {
                let _reading = Reading::begin(key);
                Ok(read(&state.model))
            }
            Phase::Gone(error) => Err(error.clone()),
            Phase::Rebuilding => Err(Error::Rebuilding),
        }
    }

    #[inline]
    fn lock_shared(&self, key: StoreKey) -> RecursiveRwLockReadGuard<'_, Phase<M>> {
        self.phase.read(if reads(key) { Entry::Nested } else { Entry::Outermost })
    }

    /// Keeps all readers out.
    pub(super) fn exclude_readers(&self) -> Exclusive<'_, M> {
        let changes = self.changes.lock();
        Exclusive { phase: self.phase.write(), _changes: changes }
    }

    /// Like `exclude_readers`; `None` where they are still in at the deadline.
    pub(super) fn exclude_readers_until(&self, deadline: Instant) -> Option<Exclusive<'_, M>> {
        let changes = self.changes.try_lock_until(deadline)?;
        Some(Exclusive { phase: self.phase.write_until(deadline)?, _changes: changes })
    }

    /// Like `exclude_readers`; `None` where they stay in for more than a moment.
    pub(super) fn exclude_readers_soon(&self) -> Option<Exclusive<'_, M>> {
        if let Some(changes) = self.changes.try_lock()
            && let Some(phase) = self.phase.try_write()
        {
            return Some(Exclusive { phase, _changes: changes });
        }
        self.exclude_readers_until(Instant::now() + SOON)
    }

    /// Runs `change` on the state. If it says so, the state is taken away from all readers, for a rebuild, and given back.
    pub(super) fn change<R>(
        &self,
        mut exclusive: Exclusive<'_, M>,
        change: impl FnOnce(&mut State<M>) -> (R, AfterChange),
    ) -> (Option<R>, Option<State<M>>) {
        let phase = &mut *exclusive.phase;
        let Phase::Live(state) = phase else { return (None, None) };
        match change(state) {
            (result, AfterChange::Keep) => (Some(result), None),
            (result, AfterChange::Rebuild) => {
                *self.rebuilding.lock() = true;
                match std::mem::replace(phase, Phase::Rebuilding) {
                    Phase::Live(state) => (Some(result), Some(state)),
                    _ => (Some(result), None),
                }
            }
        }
    }

    /// If a rebuild is under way, there will be no end of it.
    pub(super) fn give_up(&self, error: &Error) {
        if self.is_rebuilding() {
            self.settle(Err(error.clone()));
        }
    }

    /// Ends a rebuild.
    pub(crate) fn settle(&self, rebuilt: Result<State<M>, Error>) {
        *self.phase.write() = match rebuilt {
            Ok(state) => Phase::Live(state),
            Err(error) => Phase::Gone(error),
        };
        *self.rebuilding.lock() = false;
        self.settled.notify_all();
    }
}

#[cold]
fn no_state(error: &Error) -> ! {
    panic!("there is no state to read: {error}")
}

/// What becomes of the state after a change.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum AfterChange {
    Keep,
    /// It is half changed, and nobody may see it.
    Rebuild,
}
