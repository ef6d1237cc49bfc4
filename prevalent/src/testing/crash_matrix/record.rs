//! Runs the steps on a store, and keeps what it promises.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use super::gate::{Gate, Gated};
use super::history::History;
use super::script::{Encoded, Ending, Step};
use super::session::{Pending, Session, Submitted, Told};
use super::setup::Setup;
use super::shadow::{Effect, Outcome};
use crate::disk::sim::SimDisk;
use crate::engine::launch::JOURNAL_THREAD;
use crate::error::{Error, ReplayEnd};
use crate::model::Model;
use crate::panic::drop_quietly;
use crate::store::Store;

/// Whether operations of the disk fail.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Health {
    Healthy,
    /// Errors are to be expected, as long as nothing that was promised is broken.
    Failing,
}

impl Health {
    /// So long the writer of a batch is waited for: it may never come where the disk has failed, and must where it has not.
    fn patience(self) -> Duration {
        match self {
            Health::Healthy => Duration::from_mins(1),
            Health::Failing => Duration::from_millis(500),
        }
    }
}

struct Recorder<'a, M: Model> {
    setup: &'a Setup<'a, M>,
    health: Health,
    gate: Gate,
    history: History,
}

/// Why there is no history.
pub(super) struct Broken {
    pub(super) what: String,
    /// How far it had come.
    pub(super) history: History,
}

/// Records a history on this disk. The error says what the store did wrong.
pub(super) fn record<M: Model>(
    sim: SimDisk,
    setup: &Setup<'_, M>,
    first: &Outcome,
    steps: &[Step],
    health: Health,
) -> Result<History, Box<Broken>> {
    let gate = Gate::new(JOURNAL_THREAD, health.patience());
    record_with(gate, sim, setup, first, steps, health)
}

fn record_with<M: Model>(
    gate: Gate,
    sim: SimDisk,
    setup: &Setup<'_, M>,
    first: &Outcome,
    steps: &[Step],
    health: Health,
) -> Result<History, Box<Broken>> {
    let history = History::new(sim, first.clone());
    let mut recorder = Recorder { setup, health, gate, history };
    match recorder.run(steps) {
        Ok(()) => Ok(recorder.history),
        Err(what) => {
            let mut history = recorder.history;
            history.end = history.now();
            Err(Box::new(Broken { what, history }))
        }
    }
}

impl<M: Model> Recorder<'_, M> {
    fn run(&mut self, steps: &[Step]) -> Result<(), String> {
        let mut session = self.open()?;
        for step in steps {
            let Some(open) = &mut session else { break };
            match step {
                Step::Commit(tx) => {
                    let pending = self.submit(open, tx)?;
                    self.wait(pending)?;
                    open.settle();
                }
                Step::Batch(transactions) => self.batch(open, transactions)?,
                Step::Flush => self.flush(open)?,
                Step::Snapshot => self.snapshot(open)?,
                Step::Reopen(ending) => {
                    if let Some(session) = session.take() {
                        self.end(session, *ending)?;
                    }
                    session = self.open()?;
                }
            }
            if let Some(open) = &session {
                self.look(open)?;
            }
        }
        if let Some(session) = &session {
            session.settle();
        }
        // From here on, the store can do no more to the disk.
        self.history.end = self.history.now();
        self.history.sim.disconnect();
        drop(session);
        if self.history.sim.is_locked() {
            return Err("the last handle is gone, and the lock is still held".to_owned());
        }
        Ok(())
    }

    /// Opens the store; `None` where the disk fails. What it shows is what counts from then on, and can't be lost any more.
    fn open(&mut self) -> Result<Option<Session<M>>, String> {
        let mut voided = BTreeSet::new();
        let mut failed = 0;
        // What fails once doesn't fail twice.
        while failed < 2 {
            let disk = self.setup.recorded(&self.history.sim);
            let builder = self.setup.builder(Gated { disk, gate: self.gate.clone() });
            let builder = voided.iter().fold(builder, |it, seq| it.void_on_replay_panic(*seq));
            match builder.open().wait() {
                Ok(store) => return self.opened(store).map(Some),
                // Its void is not durable, if that was never told.
                Err(Error::ReplayPanicked { seq, end: ReplayEnd::Panic, .. })
                    if self.history.may_panic(seq.get()) && voided.insert(seq.get()) => {}
                Err(error) => {
                    self.told("an open", error, |error| matches!(error, Error::Io { .. }))?;
                    failed += 1;
                }
            }
        }
        Ok(None)
    }

    fn opened(&mut self, store: Store<M>) -> Result<Session<M>, String> {
        let seq = store.stats().seq.get();
        let chapter = self.history.chapter();
        let (last, failed_from) = (chapter.last(), chapter.failed_from);
        let Some(outcome) = chapter.outcome(seq).cloned() else {
            return Err(format!("an open shows {seq}, and {last} was the last that was submitted"));
        };
        let (session, digest) = Session::new(store, outcome.time_us())?;
        if digest != outcome.digest {
            return Err(format!("an open shows another state at {seq} than it should be"));
        }
        let floor = self.history.floor(usize::MAX);
        if seq < floor {
            return Err(format!("an open shows {seq}, and {floor} was promised"));
        }
        if self.health == Health::Healthy && seq < last {
            return Err(format!("an open after an orderly end shows {seq} of {last}"));
        }
        if seq >= failed_from {
            return Err(format!("an open shows {seq}, and {failed_from} was told to have failed"));
        }
        self.history.goes_on_from(seq);
        Ok(session)
    }

    fn submit(
        &mut self,
        session: &mut Session<M>,
        tx: &Encoded,
    ) -> Result<Option<Pending<M>>, String> {
        match session.submit(tx)? {
            Submitted::Ordered(pending, outcome) => {
                self.history.chapter().outcomes.push(Arc::new(outcome));
                Ok(Some(pending))
            }
            Submitted::Repeated(commit) => {
                if let Ok(reply) = commit.wait() {
                    drop_quietly(reply);
                }
                Ok(None)
            }
            // It is no fault of the disk's or the store's.
            Submitted::Refused(
                Error::Encoding { .. } | Error::TooLarge { .. } | Error::KeyReused { .. },
            ) => Ok(None),
            Submitted::Refused(error) => {
                let expected = |error: &Error| matches!(error, Error::Failed { .. });
                self.told("a commit", error, expected).map(|()| None)
            }
        }
    }

    fn wait(&mut self, pending: Option<Pending<M>>) -> Result<(), String> {
        let Some(pending) = pending else { return Ok(()) };
        let seq = pending.seq;
        match pending.wait()? {
            Told::Applied => {
                if self.setup.durability == crate::Durability::Always {
                    self.history.promise(seq);
                }
            }
            Told::Void => {
                // In every mode, its void is durable by now.
                self.history.promise(seq);
                self.history.told_void(seq);
            }
            Told::Failed(error) => {
                if let Error::Failed { .. } = error {
                    let chapter = self.history.chapter();
                    chapter.failed_from = chapter.failed_from.min(seq);
                }
                self.told("a commit", error, |_| true)?;
            }
        }
        Ok(())
    }

    /// The first one in a batch of its own: while it is held up, all others come together in one.
    fn batch(&mut self, session: &mut Session<M>, txs: &[Encoded]) -> Result<(), String> {
        let Some((first, others)) = txs.split_first() else { return Ok(()) };
        self.gate.close();
        let submitted = self.submit_together(session, first, others);
        self.gate.open();
        for pending in submitted? {
            self.wait(Some(pending))?;
        }
        session.settle();
        Ok(())
    }

    fn submit_together(
        &mut self,
        session: &mut Session<M>,
        first: &Encoded,
        others: &[Encoded],
    ) -> Result<Vec<Pending<M>>, String> {
        let first = self.submit(session, first)?;
        let is_held = first.is_some() && self.gate.wait_for_somebody();
        if self.health == Health::Healthy && first.is_some() && !is_held {
            // What is a batch would not be known, and no torn one would ever be found.
            return Err("nobody came to write a batch that could be held up".to_owned());
        }
        let mut together = Vec::new();
        for tx in others {
            together.extend(self.submit(session, tx)?);
        }
        if let (true, [first, .., last]) = (is_held, &together[..]) {
            self.history.chapter().batches.push((first.seq, last.seq));
        }
        Ok(first.into_iter().chain(together).collect())
    }

    fn flush(&mut self, session: &Session<M>) -> Result<(), String> {
        match session.store.flush().wait() {
            Ok(()) => {
                self.history.promise(session.seq);
                Ok(())
            }
            Err(error) => self.told("a flush", error, |error| {
                matches!(error, Error::InDoubt { .. } | Error::Failed { .. })
            }),
        }
    }

    fn snapshot(&mut self, session: &Session<M>) -> Result<(), String> {
        match session.store.snapshot().wait() {
            Ok(info) => {
                self.history.promise(info.seq.get());
                Ok(())
            }
            Err(error) => self.told("a snapshot", error, |error| {
                matches!(
                    error,
                    Error::Io { .. }
                        | Error::Failed { .. }
                        | Error::InDoubt { .. }
                        | Error::Corrupt { .. }
                )
            }),
        }
    }

    fn end(&mut self, session: Session<M>, ending: Ending) -> Result<(), String> {
        let seq = session.seq;
        if ending == Ending::Drop {
            drop(session);
            if self.health == Health::Healthy {
                self.history.promise(seq);
            }
            return Ok(());
        }
        match session.store.close().wait() {
            Ok(()) => {
                self.history.promise(seq);
                Ok(())
            }
            Err(error) => self.told("a close", error, |error| {
                matches!(error, Error::Io { .. } | Error::Failed { .. } | Error::InDoubt { .. })
            }),
        }
    }

    /// What readers see is what it should be.
    fn look(&mut self, session: &Session<M>) -> Result<(), String> {
        let (seq, digest) = match session.look() {
            Ok(seen) => seen,
            // After a rebuild that failed there is no state.
            Err(_) if !self.history.errors.is_empty() => return Ok(()),
            Err(error) => return Err(format!("the state can't be read: {error}")),
        };
        match self.history.chapter().outcome(seq) {
            Some(outcome) if outcome.digest == digest => Ok(()),
            Some(outcome) => {
                let (name, effect) = (outcome.name(), outcome.effect);
                let effect = if effect == Effect::Panicked { ", which has panicked" } else { "" };
                Err(format!("`{name}` ({seq}){effect} has left another state than it should"))
            }
            None => Err(format!("readers see {seq}, which was never submitted")),
        }
    }

    /// An error was told. On a disk that fails, it may be one of those that are expected.
    fn told(
        &mut self,
        whom: &str,
        error: Error,
        is_expected: impl FnOnce(&Error) -> bool,
    ) -> Result<(), String> {
        if self.health == Health::Healthy || !is_expected(&error) {
            return Err(format!("{whom} gave: {error}"));
        }
        self.history.errors.push(error);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::super::shadow::Shadow;
    use super::super::tests::{Counter, CounterTx};
    use super::super::{MatrixBuilder, script, shadow};
    use super::*;
    use crate::durability::Durability;

    /// A history of a batch of five, whose writer is a thread of this name.
    fn record_a_batch(thread: &'static str, patience: Duration) -> Result<History, Box<Broken>> {
        let first = shadow::encode(&Counter::default()).unwrap();
        let outcome = Shadow::<Counter>::load(&first).unwrap().first().unwrap();
        let source = script::Source::<Counter>::List((0..5).map(|_| CounterTx::Add {}).collect());
        let transactions = script::transactions(&source, 5, 0).unwrap();
        let configure = |builder: MatrixBuilder<Counter>| builder;
        let setup = Setup::new(first.into(), (0, Durability::Always), &configure, None);
        let gate = Gate::new(thread, patience);
        let steps = [Step::Batch(transactions)];
        record_with(gate, SimDisk::new(), &setup, &outcome, &steps, Health::Healthy)
    }

    #[test]
    fn what_came_in_one_batch_is_known() {
        let history = record_a_batch(JOURNAL_THREAD, Health::Healthy.patience());
        let Ok(mut history) = history else { panic!("a batch") };
        assert_eq!(history.chapter().batches, [(2, 5)]);
    }

    #[test]
    fn where_nobody_comes_to_write_a_batch_that_is_an_error() {
        let history = record_a_batch("somebody else", Duration::from_millis(20));
        let Err(broken) = history else { panic!("nobody came") };
        assert!(broken.what.starts_with("nobody came"), "{}", broken.what);
    }
}
