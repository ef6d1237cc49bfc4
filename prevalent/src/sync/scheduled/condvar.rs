//! Where threads wait to be notified, in their order. A notification that comes before somebody waits is lost.

use std::collections::VecDeque;
use std::sync::Arc;

use super::mutex::MutexGuard;
use super::semaphore::Semaphore;
use super::time::Instant;
use super::turn;

#[derive(Debug, Default)]
pub(crate) struct Condvar {
    /// A semaphore for each who waits. Never locked while somebody else may have a turn.
    waiting: parking_lot::Mutex<VecDeque<Arc<Semaphore>>>,
}

/// What ended a wait.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum WaitedFor {
    Notification,
    Deadline,
}

impl Condvar {
    pub(crate) fn new() -> Self {
        Self::default()
    }

    pub(crate) fn wait<T>(&self, guard: &mut MutexGuard<'_, T>) {
        let call = self.enlist();
        guard.unlocked(|| call.acquire(1));
    }

    pub(crate) fn wait_until<T>(
        &self,
        guard: &mut MutexGuard<'_, T>,
        deadline: Instant,
    ) -> WaitedFor {
        let call = self.enlist();
        guard.unlocked(|| {
            if call.acquire_until(1, deadline).is_some() {
                return WaitedFor::Notification;
            }
            self.waiting.lock().retain(|other| !Arc::ptr_eq(other, &call));
            WaitedFor::Deadline
        })
    }

    pub(crate) fn notify_one(&self) {
        turn();
        let first = self.waiting.lock().pop_front();
        if let Some(call) = first {
            call.release(1);
        }
    }

    pub(crate) fn notify_all(&self) {
        turn();
        let all = std::mem::take(&mut *self.waiting.lock());
        for call in all {
            call.release(1);
        }
    }

    fn enlist(&self) -> Arc<Semaphore> {
        // Who notifies may come just before.
        turn();
        let call = Arc::new(Semaphore::new(0));
        self.waiting.lock().push_back(call.clone());
        call
    }
}
