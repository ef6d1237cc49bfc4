//! Where snapshots are asked for: by users, by the policy, by what closes the store.

use std::time::Duration;

use crate::commit::{Completer, enlist};
use crate::error::Error;
use crate::stats::SnapshotInfo;
use crate::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use crate::sync::{Condvar, Instant, Mutex};

/// When snapshots are taken without being asked for, and how many are kept.
#[derive(Clone, Copy, Debug)]
pub(crate) struct SnapshotPolicy {
    /// Of journal.
    pub(crate) every_bytes: u64,
    pub(crate) every_transactions: u64,
    pub(crate) every: Option<Duration>,
    pub(crate) on_close: bool,
    /// At least one.
    pub(crate) keep: usize,
}

/// A journal beyond the last snapshot that is so many times what makes one, and so many bytes at least, is too far ahead of
/// snapshots that are built by replaying it.
const TOO_FAR: u64 = 4;
const TOO_FAR_BYTES_MIN: u64 = 16 << 20;

/// The snapshot thread's desk.
pub(crate) struct SnapshotDesk {
    policy: SnapshotPolicy,
    desk: Mutex<Desk>,
    changed: Condvar,
    failed: AtomicU64,
    /// What the journal has beyond the last snapshot.
    bytes: AtomicU64,
    transactions: AtomicU64,
    /// With so much beyond the last snapshot, one is taken.
    bytes_due: AtomicU64,
    transactions_due: AtomicU64,
    automatic_is_due: AtomicBool,
}

struct Desk {
    requests: Vec<Completer<SnapshotInfo>>,
    automatic: bool,
    /// How often a pruning was asked for, and up to which of these it was done.
    prunings_asked: u64,
    prunings_done: u64,
    /// From here on, a snapshot is taken of whatever has been committed since the last one.
    due_at: Option<Instant>,
    stage: Stage,
}

enum Stage {
    Open,
    /// The store is being closed.
    Stopping {
        final_snapshot: bool,
    },
    Stopped(Result<(), Error>),
}

/// What the snapshot thread does next.
pub(super) enum Job {
    Take {
        requests: Vec<Completer<SnapshotInfo>>,
    },
    /// As it was asked for up to this time.
    Prune {
        asked: u64,
    },
    Stop {
        final_snapshot: bool,
    },
}

/// What the journal had beyond the last snapshot when another one was begun.
#[derive(Clone, Copy, Debug)]
pub(super) struct Covered {
    bytes: u64,
    transactions: u64,
}

impl SnapshotDesk {
    /// `bytes` and `transactions`: what the journal has beyond the last snapshot.
    pub(super) fn new(policy: SnapshotPolicy, bytes: u64, transactions: u64) -> Self {
        let desk = Desk {
            requests: Vec::new(),
            automatic: false,
            prunings_asked: 0,
            prunings_done: 0,
            due_at: policy.every.and_then(|every| Instant::now().checked_add(every)),
            stage: Stage::Open,
        };
        SnapshotDesk {
            policy,
            desk: Mutex::new(desk),
            changed: Condvar::new(),
            failed: AtomicU64::new(0),
            bytes: AtomicU64::new(bytes),
            transactions: AtomicU64::new(transactions),
            bytes_due: AtomicU64::new(policy.every_bytes),
            transactions_due: AtomicU64::new(policy.every_transactions),
            automatic_is_due: AtomicBool::new(false),
        }
    }

    pub(super) fn policy(&self) -> &SnapshotPolicy {
        &self.policy
    }

    pub(super) fn failed(&self) -> u64 {
        self.failed.load(Ordering::Relaxed)
    }

    /// The journal has got so much longer.
    pub(super) fn journal_grew(&self, bytes: u64, transactions: u64) {
        self.bytes.fetch_add(bytes, Ordering::Relaxed);
        let before = self.transactions.fetch_add(transactions, Ordering::Relaxed);
        if before == 0 && transactions > 0 && self.policy.every.is_some() {
            // There was nothing to take a snapshot of; so the thread waits without looking at the clock.
            drop(self.desk.lock());
            self.changed.notify_all();
        }
    }

    /// Asks for a snapshot if there is enough journal for one, and none has been asked for.
    pub(super) fn consider(&self) {
        let is_enough = |counter: &AtomicU64, due: &AtomicU64| {
            counter.load(Ordering::Relaxed) >= due.load(Ordering::Relaxed).max(1)
        };
        let enough = is_enough(&self.bytes, &self.bytes_due)
            || is_enough(&self.transactions, &self.transactions_due);
        if enough && !self.automatic_is_due.swap(true, Ordering::Relaxed) {
            self.desk.lock().automatic = true;
            self.changed.notify_all();
        }
    }

    pub(super) fn request(&self, completer: Completer<SnapshotInfo>) {
        let mut desk = self.desk.lock();
        if let Stage::Open = desk.stage {
            enlist(&mut desk.requests, completer, |completer| completer);
            drop(desk);
            self.changed.notify_all();
        } else {
            drop(desk);
            completer.complete(Err(Error::Closed));
        }
    }

    /// Has removed what nothing needs any more, as soon as nobody relies on it.
    pub(super) fn request_pruning(&self) {
        self.desk.lock().prunings_asked += 1;
        self.changed.notify_all();
    }

    pub(super) fn pruned(&self, asked: u64) {
        self.desk.lock().prunings_done = asked;
        self.changed.notify_all();
    }

    /// Blocks until the prunings that were asked for are done, unless the store is being closed: who keeps files where they are
    /// for long, again and again, gives way.
    pub(super) fn wait_for_prunings(&self) {
        let mut desk = self.desk.lock();
        let asked = desk.prunings_asked;
        while desk.prunings_done < asked && matches!(desk.stage, Stage::Open) {
            self.changed.wait(&mut desk);
        }
    }

    /// Whether the journal grows so fast that replaying it doesn't catch up. It would grow without bound.
    pub(super) fn is_too_far_behind(&self) -> bool {
        let too_far = self.policy.every_bytes.saturating_mul(TOO_FAR).max(TOO_FAR_BYTES_MIN);
        self.bytes.load(Ordering::Relaxed) > too_far
    }

    /// Stops the thread, after what it is doing and, if asked for, one more snapshot.
    pub(super) fn finish(&self, final_snapshot: bool) -> Result<(), Error> {
        let mut desk = self.desk.lock();
        if let Stage::Open = desk.stage {
            desk.stage = Stage::Stopping { final_snapshot };
            self.changed.notify_all();
        }
        loop {
            if let Stage::Stopped(result) = &desk.stage {
                return result.clone();
            }
            self.changed.wait(&mut desk);
        }
    }

    pub(super) fn next_job(&self) -> Job {
        let mut desk = self.desk.lock();
        loop {
            let due_at = desk.due_at.filter(|_| self.transactions.load(Ordering::Relaxed) > 0);
            let is_due = due_at.is_some_and(|due_at| Instant::now() >= due_at);
            if let Stage::Stopping { final_snapshot } = desk.stage
                && desk.requests.is_empty()
            {
                return Job::Stop { final_snapshot };
            }
            if desk.automatic || is_due || !desk.requests.is_empty() {
                desk.automatic = false;
                return Job::Take { requests: std::mem::take(&mut desk.requests) };
            }
            if desk.prunings_done < desk.prunings_asked {
                return Job::Prune { asked: desk.prunings_asked };
            }
            match due_at {
                Some(due_at) => drop(self.changed.wait_until(&mut desk, due_at)),
                None => self.changed.wait(&mut desk),
            }
        }
    }

    /// What a snapshot that is begun now will cover, at least.
    pub(super) fn covered(&self) -> Covered {
        Covered {
            bytes: self.bytes.load(Ordering::Relaxed),
            transactions: self.transactions.load(Ordering::Relaxed),
        }
    }

    pub(super) fn succeeded(&self, covered: Covered) {
        self.bytes.fetch_sub(covered.bytes, Ordering::Relaxed);
        self.transactions.fetch_sub(covered.transactions, Ordering::Relaxed);
        self.bytes_due.store(self.policy.every_bytes, Ordering::Relaxed);
        self.transactions_due.store(self.policy.every_transactions, Ordering::Relaxed);
        self.wait_for_the_next(self.policy.every);
    }

    /// The next try comes after a quarter of what makes a snapshot.
    pub(super) fn failed_at(&self, covered: Covered) {
        self.failed.fetch_add(1, Ordering::Relaxed);
        let later = |covered: u64, every: u64| covered.saturating_add(every / 4 + 1).max(every);
        let SnapshotPolicy { every_bytes, every_transactions, every, .. } = self.policy;
        self.bytes_due.store(later(covered.bytes, every_bytes), Ordering::Relaxed);
        let transactions = later(covered.transactions, every_transactions);
        self.transactions_due.store(transactions, Ordering::Relaxed);
        self.wait_for_the_next(every.map(|every| every / 4 + Duration::from_millis(1)));
    }

    /// No other try would succeed either: none is made that nobody asks for.
    pub(super) fn failed_for_good(&self) {
        self.failed.fetch_add(1, Ordering::Relaxed);
        self.automatic_is_due.store(true, Ordering::Relaxed);
        self.desk.lock().due_at = None;
    }

    fn wait_for_the_next(&self, every: Option<Duration>) {
        self.desk.lock().due_at = every.and_then(|every| Instant::now().checked_add(every));
        self.automatic_is_due.store(false, Ordering::Relaxed);
        // Enough for another one may have come meanwhile, and nothing may come after it.
        self.consider();
    }

    pub(super) fn stopped(&self, result: Result<(), Error>) {
        self.desk.lock().stage = Stage::Stopped(result);
        self.changed.notify_all();
    }
}
