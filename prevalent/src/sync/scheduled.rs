//! Those of `shuttle`'s scheduler: all threads of a test take turns on one, and before each lock, and while one waits, it is drawn
//! who goes on.
//!
//! The locks are the usual ones, tried again and again: a lock that is never free ends the test, by the number of its steps.
//! Time passes by a fixed step whenever somebody looks, so that a test repeats itself.

use std::collections::VecDeque;
use std::ops::{Add, Deref, DerefMut};
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

pub(crate) use parking_lot::{
    RecursiveRwLockReadGuard, RecursiveRwLockWriteGuard, RwLockReadGuard, RwLockWriteGuard,
};
pub(crate) use shuttle::thread_local as local;

pub(crate) mod thread {
    pub(crate) use shuttle::thread::{Builder, JoinHandle, Thread, current, park, yield_now};
}

/// Others may go first.
fn turn() {
    shuttle::thread::yield_now();
}

/// Tries until it works.
fn insist<T>(mut attempt: impl FnMut() -> Option<T>) -> T {
    loop {
        turn();
        if let Some(done) = attempt() {
            return done;
        }
    }
}

/// Tries until it works, or the time is over.
fn insist_until<T>(deadline: Instant, mut attempt: impl FnMut() -> Option<T>) -> Option<T> {
    loop {
        turn();
        if let Some(done) = attempt() {
            return Some(done);
        }
        if Instant::now() >= deadline {
            return None;
        }
    }
}

/// A lock for one.
#[derive(Debug, Default)]
pub(crate) struct Mutex<T>(parking_lot::Mutex<T>);

/// While it lives, nobody else has the lock.
#[derive(Debug)]
pub(crate) struct MutexGuard<'a, T> {
    mutex: &'a parking_lot::Mutex<T>,
    /// `None` only while it waits.
    guard: Option<parking_lot::MutexGuard<'a, T>>,
}

impl<T> Mutex<T> {
    pub(crate) const fn new(value: T) -> Self {
        Mutex(parking_lot::Mutex::new(value))
    }

    pub(crate) fn lock(&self) -> MutexGuard<'_, T> {
        self.held(insist(|| self.0.try_lock()))
    }

    pub(crate) fn try_lock(&self) -> Option<MutexGuard<'_, T>> {
        turn();
        self.0.try_lock().map(|guard| self.held(guard))
    }

    pub(crate) fn try_lock_until(&self, deadline: Instant) -> Option<MutexGuard<'_, T>> {
        insist_until(deadline, || self.0.try_lock()).map(|guard| self.held(guard))
    }

    fn held<'a>(&'a self, guard: parking_lot::MutexGuard<'a, T>) -> MutexGuard<'a, T> {
        MutexGuard { mutex: &self.0, guard: Some(guard) }
    }
}

impl<T> MutexGuard<'_, T> {
    /// Gives the lock up meanwhile.
    fn unlocked<R>(&mut self, during: impl FnOnce() -> R) -> R {
        self.guard = None;
        let done = during();
        self.guard = Some(insist(|| self.mutex.try_lock()));
        done
    }
}

impl<T> Deref for MutexGuard<'_, T> {
    type Target = T;

    fn deref(&self) -> &T {
        self.guard.as_ref().unwrap_or_else(|| unreachable!("nobody looks while it waits"))
    }
}

impl<T> DerefMut for MutexGuard<'_, T> {
    fn deref_mut(&mut self) -> &mut T {
        self.guard.as_mut().unwrap_or_else(|| unreachable!("nobody looks while it waits"))
    }
}

/// A lock for many who read, or one who writes.
#[derive(Debug, Default)]
pub(crate) struct RwLock<T>(parking_lot::RwLock<T>);

impl<T> RwLock<T> {
    pub(crate) fn new(value: T) -> Self {
        RwLock(parking_lot::RwLock::new(value))
    }

    pub(crate) fn read(&self) -> RwLockReadGuard<'_, T> {
        insist(|| self.0.try_read())
    }

    pub(crate) fn try_read(&self) -> Option<RwLockReadGuard<'_, T>> {
        turn();
        self.0.try_read()
    }

    pub(crate) fn write(&self) -> RwLockWriteGuard<'_, T> {
        insist(|| self.0.try_write())
    }
}

/// The same, where who reads may read again.
#[derive(Debug, Default)]
pub(crate) struct RecursiveRwLock<T>(parking_lot::RecursiveRwLock<T>);

impl<T> RecursiveRwLock<T> {
    pub(crate) fn new(value: T) -> Self {
        RecursiveRwLock(parking_lot::RecursiveRwLock::new(value))
    }

    pub(crate) fn read(&self) -> RecursiveRwLockReadGuard<'_, T> {
        insist(|| self.0.try_read())
    }

    pub(crate) fn write(&self) -> RecursiveRwLockWriteGuard<'_, T> {
        insist(|| self.0.try_write())
    }

    pub(crate) fn try_write(&self) -> Option<RecursiveRwLockWriteGuard<'_, T>> {
        turn();
        self.0.try_write()
    }

    pub(crate) fn try_write_until(
        &self,
        deadline: Instant,
    ) -> Option<RecursiveRwLockWriteGuard<'_, T>> {
        insist_until(deadline, || self.0.try_write())
    }
}

/// Where threads wait to be notified, in their order: a notification that comes before somebody waits is lost.
#[derive(Debug, Default)]
pub(crate) struct Condvar(parking_lot::Mutex<Waiting>);

#[derive(Debug, Default)]
struct Waiting {
    tickets: VecDeque<u64>,
    last: u64,
}

impl Condvar {
    pub(crate) fn new() -> Self {
        Self::default()
    }

    pub(crate) fn wait<T>(&self, guard: &mut MutexGuard<'_, T>) {
        let ticket = self.take_ticket();
        guard.unlocked(|| insist(|| (!self.waits(ticket)).then_some(())));
    }

    pub(crate) fn wait_until<T>(&self, guard: &mut MutexGuard<'_, T>, deadline: Instant) {
        let ticket = self.take_ticket();
        guard.unlocked(|| insist_until(deadline, || (!self.waits(ticket)).then_some(())));
        self.0.lock().tickets.retain(|waiting| *waiting != ticket);
    }

    pub(crate) fn notify_one(&self) {
        self.0.lock().tickets.pop_front();
        turn();
    }

    pub(crate) fn notify_all(&self) {
        self.0.lock().tickets.clear();
        turn();
    }

    fn take_ticket(&self) -> u64 {
        let mut waiting = self.0.lock();
        waiting.last += 1;
        let ticket = waiting.last;
        waiting.tickets.push_back(ticket);
        ticket
    }

    fn waits(&self, ticket: u64) -> bool {
        self.0.lock().tickets.contains(&ticket)
    }
}

/// A time that is always later than the one before.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Instant(Duration);

/// So long takes whatever is done between two looks.
const STEP: Duration = Duration::from_micros(10);

static STEPS: AtomicU64 = AtomicU64::new(0);

impl Instant {
    pub(crate) fn now() -> Self {
        let steps = STEPS.fetch_add(1, Ordering::Relaxed);
        Instant(STEP.saturating_mul(u32::try_from(steps).unwrap_or(u32::MAX)))
    }

    pub(crate) fn elapsed(&self) -> Duration {
        Instant::now().0.saturating_sub(self.0)
    }

    pub(crate) fn checked_add(&self, duration: Duration) -> Option<Self> {
        self.0.checked_add(duration).map(Instant)
    }
}

impl Add<Duration> for Instant {
    type Output = Instant;

    fn add(self, duration: Duration) -> Instant {
        Instant(self.0.saturating_add(duration))
    }
}
