//! The applier: a second thread that applies what is durable, while the journal thread writes and syncs what came next.
//!
//! It is there only where it helps: the journal thread applies a batch itself, unless the next one is waiting already.

use std::sync::Arc;

use super::Shared;
use super::apply::{Committed, Helper, apply, resolve_all};
use super::journal::JournalThread;
use super::launch::spawn;
use super::state::{Exclusive, StateCell};
use super::thread;
use crate::error::Error;
use crate::format::Position;
use crate::model::Model;
use crate::panic::catch;
use crate::sync::{Condvar, Mutex};

/// Where the journal thread and the applier meet.
pub(super) struct ApplierDesk<M: Model> {
    desk: Mutex<Desk<M>>,
    changed: Condvar,
}

struct Desk<M: Model> {
    stage: Stage,
    /// What the applier takes next.
    next: Option<Committed<M>>,
    is_busy: bool,
    /// The applier waits for a void.
    void: Option<Void>,
    written: Option<Result<Position, Error>>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stage {
    /// Nothing was ever handed over.
    Unused,
    Running,
    /// It ends when it has done what it was given.
    Stopping,
    Stopped,
}

/// A transaction that panicked, and why.
pub(super) struct Void {
    pub(super) seq: u64,
    pub(super) message: String,
}

/// What the journal thread waits for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Until {
    /// A batch can be handed over.
    Free,
    /// All that was handed over is applied.
    Idle,
}

/// What the journal thread's wait ends with.
pub(super) enum Awaited {
    Reached,
    /// Not yet: the applier needs this first.
    Void(Void),
}

impl<M: Model> ApplierDesk<M> {
    pub(super) fn new() -> Self {
        let desk =
            Desk { stage: Stage::Unused, next: None, is_busy: false, void: None, written: None };
        ApplierDesk { desk: Mutex::new(desk), changed: Condvar::new() }
    }

    /// Whether all that was handed over is applied.
    pub(super) fn is_idle(&self) -> bool {
        let desk = self.desk.lock();
        desk.next.is_none() && !desk.is_busy
    }

    pub(super) fn wait(&self, until: Until) -> Awaited {
        let mut desk = self.desk.lock();
        loop {
            if let Some(void) = desk.void.take() {
                return Awaited::Void(void);
            }
            let reached = desk.next.is_none() && (until == Until::Free || !desk.is_busy);
            if reached || desk.stage == Stage::Stopped {
                return Awaited::Reached;
            }
            self.changed.wait(&mut desk);
        }
    }

    /// What the applier waits for, if it does.
    pub(super) fn take_void(&self) -> Option<Void> {
        self.desk.lock().void.take()
    }

    /// The applier may go on.
    pub(super) fn void_written(&self, result: Result<Position, Error>) {
        self.desk.lock().written = Some(result);
        self.changed.notify_all();
    }

    /// Ends the applier, and waits until it touches no file any more. What it waits for, it doesn't get.
    pub(super) fn stop(&self, reason: &Error) {
        let mut desk = self.desk.lock();
        if desk.stage == Stage::Running {
            desk.stage = Stage::Stopping;
            self.changed.notify_all();
        }
        while desk.stage == Stage::Stopping {
            if desk.void.take().is_some() {
                desk.written = Some(Err(reason.clone()));
                self.changed.notify_all();
            }
            self.changed.wait(&mut desk);
        }
    }

    fn next(&self) -> Option<Committed<M>> {
        let mut desk = self.desk.lock();
        loop {
            if let Some(committed) = desk.next.take() {
                desk.is_busy = true;
                self.changed.notify_all();
                return Some(committed);
            }
            if desk.stage == Stage::Stopping {
                return None;
            }
            self.changed.notify_all();
            self.changed.wait(&mut desk);
        }
    }
}

impl<M: Model> JournalThread<M> {
    /// Has a batch applied by the other thread; by this one, where there is none to be had.
    pub(super) fn hand_over(&mut self, committed: Committed<M>) {
        self.await_applier(Until::Free);
        let applier = &self.shared.applier;
        let stage = applier.desk.lock().stage;
        let is_there = match stage {
            Stage::Running => true,
            Stage::Unused => self.start_applier(),
            Stage::Stopping | Stage::Stopped => false,
        };
        if is_there {
            applier.desk.lock().next = Some(committed);
            applier.changed.notify_all();
        } else {
            let shared = self.shared.clone();
            apply(&shared, committed, self);
        }
    }

    fn start_applier(&self) -> bool {
        let shared = self.shared.clone();
        shared.applier.desk.lock().stage = Stage::Running;
        let is_there = spawn("prevalent-apply", move || run(&shared)).is_ok();
        if !is_there {
            self.shared.applier.desk.lock().stage = Stage::Unused;
        }
        is_there
    }

    /// Waits for the applier, and writes the voids that it waits for.
    pub(super) fn await_applier(&mut self, until: Until) {
        while let Awaited::Void(void) = self.shared.applier.wait(until) {
            self.write_requested(&void);
        }
    }

    /// Writes a void that the applier waits for.
    pub(super) fn write_requested(&mut self, void: &Void) {
        let result = self.write_void(void.seq, &void.message);
        self.shared.applier.void_written(result);
    }
}

/// What the applier's thread does.
fn run<M: Model>(shared: &Arc<Shared<M>>) {
    thread::work_for(shared.key);
    let mut applier = Applier { shared: shared.clone() };
    while let Some(committed) = shared.applier.next() {
        let result = catch(|| apply(shared, committed, &mut applier));
        shared.applier.desk.lock().is_busy = false;
        // The journal thread may be waiting for more commits while there is something to apply.
        drop(shared.queue.lock());
        shared.work.notify_one();
        if let Err(reason) = result {
            // A fault of the engine's own. What was lost with it has told its handles that it is in doubt.
            shared.fail(&reason);
            let failed = Error::Failed { reason };
            shared.state.give_up(&failed);
            break;
        }
    }
    let mut desk = shared.applier.desk.lock();
    (desk.stage, desk.is_busy) = (Stage::Stopped, false);
    let left = desk.next.take();
    shared.applier.changed.notify_all();
    drop(desk);
    if let Some(Committed { entries, .. }) = left {
        resolve_all(entries, |entry| Error::InDoubt { seq: entry.seq().into() });
    }
}

/// The applier's way to have a void written.
struct Applier<M: Model> {
    shared: Arc<Shared<M>>,
}

impl<M: Model> Helper<M> for Applier<M> {
    fn exclude_readers<'a>(&mut self, state: &'a StateCell<M>) -> Exclusive<'a, M> {
        state.exclude_readers()
    }

    fn write_void(&mut self, seq: u64, message: &str) -> Result<Position, Error> {
        let ApplierDesk { desk, changed } = &self.shared.applier;
        let mut desk = desk.lock();
        desk.void = Some(Void { seq, message: message.to_owned() });
        changed.notify_all();
        drop(desk);
        // The journal thread may be waiting for commits.
        let mut queue = self.shared.queue.lock();
        queue.void_is_wanted = true;
        drop(queue);
        self.shared.work.notify_one();
        let mut desk = self.shared.applier.desk.lock();
        loop {
            if let Some(written) = desk.written.take() {
                return written;
            }
            changed.wait(&mut desk);
        }
    }
}
