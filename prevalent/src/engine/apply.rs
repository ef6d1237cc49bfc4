//! Applies what is journaled, and copes with a transaction that panics.

use std::sync::Arc;
use std::time::Duration;

use super::Shared;
use super::journal::{JournalThread, Room};
use super::queue::{Encoded, EngineHandle, Entry, PENDING_OVERHEAD_BYTES, WRITTEN_FROM_BYTES};
use super::state::{AfterChange, Exclusive, StateCell};
use super::thread::{Applying, reads};
use crate::clock;
use crate::commit::{Commit, CommitSlot};
use crate::context::TxContext;
use crate::error::Error;
use crate::format::Position;
use crate::format::batch::BatchBuilder;
use crate::format::record::put_void;
use crate::idempotency::Keyed;
use crate::journal::writer::WriteError;
use crate::model::Model;
use crate::panic::catch;
use crate::recovery::{self, Milestone, State, Urgency};
use crate::rollback;
use crate::sync::Instant;
use crate::sync::atomic::Ordering;

/// A transaction that was applied, and what it returned.
type Applied<M> = (EngineHandle<<M as Model>::Reply>, <M as Model>::Reply);

/// A transaction that panicked.
pub(super) struct Panicked<M: Model> {
    seq: u64,
    time_us: u64,
    tx: &'static str,
    message: String,
    handle: EngineHandle<M::Reply>,
    /// The state as it has left it; none where it was rolled back.
    half_changed: Option<State<M>>,
}

/// A batch that is journaled (with `Always`, durable), and is to be applied.
pub(super) struct Committed<M: Model> {
    /// The one before the entries was applied when it was submitted, and has panicked.
    pub(super) panicked: Option<Panicked<M>>,
    pub(super) entries: Vec<Entry<M>>,
    /// What it takes while it is pending, if it still is.
    pub(super) room: Option<Room>,
    /// A place behind it; what comes later lies in the same segment, or a later one.
    pub(super) end: Position,
    /// How many transactions it has, those included that are applied.
    pub(super) transactions: u64,
    pub(super) journal_bytes: u64,
}

/// Readers wait no longer than this for a batch that is being applied, as long as no single transaction takes longer.
const TURN: Duration = Duration::from_micros(50);
/// So many transactions are applied before somebody looks at the clock.
const TURN_CHECKED_EVERY: usize = 16;
/// So many are applied before their handles are resolved: those who wait for the first ones are on their way again while the
/// others are applied.
const TURN_TRANSACTIONS_MAX: usize = 32;

/// What came of the transactions that were applied without a pause.
struct Turn<M: Model> {
    applied: Vec<Applied<M>>,
    /// The last one.
    panicked: Option<Panicked<M>>,
}

impl<M: Model> JournalThread<M> {
    /// Applies journaled transactions in their order, and resolves their handles. Before the last of them is resolved,
    /// the batch's room is given back: who waits for it finds that nothing of it is pending any more.
    pub(super) fn apply(&mut self, committed: Committed<M>) {
        let shared = &*self.shared.clone();
        let Committed { panicked, entries: mut memory, room, end, transactions, journal_bytes } =
            committed;
        let mut done = Some((memory.len() + usize::from(panicked.is_some()), room));
        let mut entries = memory.drain(..);
        let room_for_turn = entries.len().min(TURN_TRANSACTIONS_MAX);
        let mut turn = Turn { applied: Vec::with_capacity(room_for_turn), panicked };
        loop {
            // Nobody is told anything before there is a state again: a waker may read it, on this very thread.
            let voided = turn.panicked.take().map(|panicked| self.make_void(panicked, end));
            if entries.len() == 0
                && let Some((count, room)) = done.take()
            {
                shared.finish(count, room);
            }
            for (handle, reply) in turn.applied.drain(..) {
                resolve(move || handle.resolve(Ok(reply)));
            }
            if let Some((handle, error)) = voided {
                let is_final = matches!(error, Error::InDoubt { .. });
                resolve(move || handle.resolve(Err(error)));
                if is_final {
                    break;
                }
            }
            if entries.len() == 0 {
                break;
            }
            let exclusive = self.exclude_readers(&shared.state);
            let changed = shared.state.change(exclusive, |state| {
                let after = shared.apply_turn(state, &mut entries, &mut turn, end);
                ((), after)
            });
            // Without a state, nothing was done.
            let (Some(()), half_changed) = changed else { break };
            if let Some(panicked) = &mut turn.panicked {
                panicked.half_changed = half_changed;
            }
            shared.feed.notify();
        }
        // Where something is left: one that panicked has no void, or there is no state any more. Nothing is applied behind it.
        if let Some((count, room)) = done.take() {
            shared.finish(count, room);
        }
        resolve_all(entries.by_ref(), |entry| Error::InDoubt { seq: entry.seq().into() });
        drop(entries);
        shared.queue.lock().keep(memory);
        // Not before: a snapshot is begun to hold what is counted, and holds what is applied.
        shared.snapshots.journal_grew(journal_bytes, transactions);
        shared.snapshots.consider();
    }

    pub(super) fn make_void(
        &mut self,
        panicked: Panicked<M>,
        end: Position,
    ) -> (EngineHandle<M::Reply>, Error) {
        self.shared.instruments.voided();
        if M::ROLLBACK.is_none() {
            self.recover_from(panicked)
        } else {
            self.leave_out(panicked, end)
        }
    }

    /// A transaction panicked: its void is made durable, then the state is rebuilt without it. Gives its handle, and what
    /// it is to be told.
    fn recover_from(&mut self, panicked: Panicked<M>) -> (EngineHandle<M::Reply>, Error) {
        let shared = &*self.shared.clone();
        let Panicked { seq, tx, message, handle, half_changed, .. } = panicked;
        // There is no state to read, and this thread is the one to make it: who waits for it here would wait for ever.
        let applying = Applying::begin(shared.key);
        let store = shared.disk.path().display();
        resolve(|| {
            tracing::error!(
                %store,
                seq,
                tx,
                message,
                "a transaction panicked; the state is being rebuilt without it"
            );
        });
        resolve(move || drop(half_changed));
        let rebuilt = self.write_void(seq, &message).and_then(|end| {
            shared.voids.lock().insert(seq);
            // The void, too, lies before the journal's end.
            let rebuilt = catch(|| shared.rebuild(Milestone { seq, end }, Urgency::Awaited));
            let mut state = rebuilt.unwrap_or_else(|reason| Err(Error::Failed { reason }))?;
            // The same once more; those who submit know that one.
            state.window = shared.keys.window();
            Ok(state)
        });
        let result = match &rebuilt {
            Ok(_) => Error::TxPanicked { seq: seq.into(), tx, message },
            Err(error) => {
                let after = format!("after `{tx}` (sequence number {seq}) panicked");
                shared.fail(&format!("the state could not be rebuilt {after}: {error}"));
                Error::InDoubt { seq: seq.into() }
            }
        };
        if rebuilt.is_ok() {
            shared.rebuilds.fetch_add(1, Ordering::Relaxed);
            shared.instruments.rebuilt();
            shared.milestones.lock().applied_seq = seq;
        }
        shared.state.settle(rebuilt);
        drop(applying);
        shared.feed.notify();
        (handle, result)
    }

    /// A transaction panicked, and was rolled back: nothing but its void is missing. Gives its handle, and what it is to be
    /// told.
    fn leave_out(
        &mut self,
        panicked: Panicked<M>,
        end: Position,
    ) -> (EngineHandle<M::Reply>, Error) {
        let shared = &*self.shared.clone();
        let Panicked { seq, time_us, tx, message, handle, .. } = panicked;
        let store = shared.disk.path().display();
        resolve(|| {
            tracing::error!(%store, seq, tx, message, "a transaction panicked; it was rolled back");
        });
        if let Err(error) = self.write_void(seq, &message) {
            let after = format!("after `{tx}` (sequence number {seq}) panicked");
            shared.fail(&format!("its void could not be written {after}: {error}"));
            return (handle, Error::InDoubt { seq: seq.into() });
        }
        shared.voids.lock().insert(seq);
        let exclusive = self.exclude_readers(&shared.state);
        shared.state.change(exclusive, |state| {
            // What was made durable with the void is the whole batch, too.
            (state.seq, state.time_us, state.journal) = (seq, time_us, end);
            shared.milestones.lock().applied_seq = seq;
            ((), AfterChange::Keep)
        });
        shared.feed.notify();
        (handle, Error::TxPanicked { seq: seq.into(), tx, message })
    }

    /// A long read must not hold up the sync that `Every` has promised.
    fn exclude_readers<'a>(&mut self, state: &'a StateCell<M>) -> Exclusive<'a, M> {
        loop {
            let Some(deadline) = self.sync_deadline() else { return state.exclude_readers() };
            if let Some(exclusive) = state.exclude_readers_until(deadline) {
                return exclusive;
            }
            // If it fails, the next commit is told.
            let _ = self.sync();
        }
    }

    /// In every mode, the void is durable before anything else happens.
    fn write_void(&mut self, seq: u64, message: &str) -> Result<Position, Error> {
        if let Some(error) = self.shared.failure() {
            return Err(error);
        }
        let mut batch = BatchBuilder::new(self.written_seq + 1, clock::now_us());
        put_void(batch.body_mut(), seq, message);
        let before = self.writer.end().offset;
        // The segment has a batch already, the one with the transaction; it may become a little longer than it should.
        self.writer.append(batch, seq - 1).map_err(|error| match error {
            WriteError::Before(failure) | WriteError::During(failure) => self.fail(&failure),
        })?;
        let journal_bytes = self.journal_grew(before);
        self.shared.snapshots.journal_grew(journal_bytes, 0);
        self.sync()?;
        Ok(self.writer.end())
    }
}

impl<M: Model> Shared<M> {
    /// Applies some of the entries.
    fn apply_turn(
        &self,
        state: &mut State<M>,
        entries: &mut std::vec::Drain<'_, Entry<M>>,
        turn: &mut Turn<M>,
        end: Position,
    ) -> AfterChange {
        let began = Instant::now();
        for entry in entries.take(TURN_TRANSACTIONS_MAX) {
            match self.apply_one(state, entry) {
                Ok(done) => turn.applied.push(done),
                Err(panicked) => {
                    turn.panicked = Some(*panicked);
                    break;
                }
            }
            if turn.applied.len().is_multiple_of(TURN_CHECKED_EVERY) && began.elapsed() >= TURN {
                break;
            }
        }
        // As long as nothing of this batch is in the state, it doesn't name the batch's end, which need not be durable when
        // the state is.
        if !turn.applied.is_empty() {
            state.journal = end;
        }
        // While readers are out: what they are told is what they see.
        let applied_seq = turn.panicked.as_ref().map_or(state.seq, |panicked| panicked.seq - 1);
        self.milestones.lock().applied_seq = applied_seq;
        after::<M>(turn.panicked.is_some())
    }

    fn apply_one(
        &self,
        state: &mut State<M>,
        entry: Entry<M>,
    ) -> Result<Applied<M>, Box<Panicked<M>>> {
        let seq = entry.seq();
        let Entry { time_us, variant, tx, keyed, handle } = entry;
        match self.apply_tx(state, seq, time_us, tx, keyed) {
            Ok(reply) => Ok((handle, reply)),
            Err(message) => Err(Box::new(panicked(seq, time_us, variant, message, handle))),
        }
    }

    /// The error is the message of a panic.
    fn apply_tx(
        &self,
        state: &mut State<M>,
        seq: u64,
        time_us: u64,
        tx: M::Tx,
        keyed: Option<Box<Keyed>>,
    ) -> Result<M::Reply, String> {
        let cx = TxContext::new(seq.into(), time_us, self.secret);
        let _applying = Applying::begin(self.key);
        let reply = rollback::apply(&mut state.model, M::ROLLBACK, tx, &cx)?;
        if let Some(keyed) = keyed {
            self.keys.executed(*keyed, seq, &reply);
        }
        state.seq = seq;
        state.time_us = time_us;
        Ok(reply)
    }

    /// Applies a transaction on the caller's thread, at once, if nothing is in its way: then it is journaled, too, and will
    /// be written. Not with `Always`, where nothing is applied before it is durable.
    pub(super) fn apply_at_once<'a, R: Send + 'static>(
        &self,
        encoded: Encoded<'a, M>,
        extract: fn(M::Reply) -> R,
    ) -> AtOnce<'a, M, R> {
        let limit = self.settings.pending_bytes_max;
        let bytes = encoded.payload.len() + PENDING_OVERHEAD_BYTES;
        // A reader would wait for itself.
        if encoded.keyed.is_some() || reads(self.key) {
            return AtOnce::NotNow(encoded);
        }
        let Some(exclusive) = self.state.exclude_readers_soon() else {
            return AtOnce::NotNow(encoded);
        };
        let mut queue = self.queue.lock();
        if !queue.is_caught_up(bytes, limit) || self.accepts_commits(&queue.phase).is_err() {
            return AtOnce::NotNow(encoded);
        }
        let Encoded { variant, entry_id, payload, tx, .. } = encoded;
        let before = queue.pending_bytes();
        let (seq, time_us) = queue.journal(entry_id, payload, clock::now_us());
        let mut is_awaited =
            before == 0 || (before < WRITTEN_FROM_BYTES && WRITTEN_FROM_BYTES <= before + bytes);
        let (result, half_changed) = self.state.change(exclusive, |state| {
            let result = self.apply_tx(state, seq, time_us, tx, None);
            if result.is_ok() {
                self.milestones.lock().applied_seq = seq;
            }
            let after = after::<M>(result.is_err());
            (result, after)
        });
        let commit = match result {
            Some(Ok(reply)) => {
                drop(queue);
                Commit::executed(seq.into(), Ok(extract(reply)))
            }
            failed => {
                // It is ordered. The journal thread copes with it; where there is no state any more, it says so.
                let message = failed.and_then(Result::err).unwrap_or_default();
                let slot = Arc::new(CommitSlot::new(self.key, extract));
                let handle = EngineHandle::new(seq, slot.clone());
                let panicked = panicked(seq, time_us, variant, message, handle);
                queue.last_panicked(Panicked { half_changed, ..panicked });
                drop(queue);
                is_awaited = true;
                Commit::ordered(seq.into(), slot)
            }
        };
        if is_awaited {
            self.work.notify_one();
        }
        AtOnce::Done(commit)
    }

    /// The state as of a milestone, from the files.
    pub(super) fn rebuild(
        &self,
        milestone: Milestone,
        urgency: Urgency,
    ) -> Result<State<M>, Error> {
        // The user's code runs here as it does live.
        let _applying = Applying::begin(self.key);
        let _files = self.hold_files();
        let rebuilt = recovery::rebuild(&*self.disk, &self.resolver, milestone, urgency)?;
        for (seq, error) in rebuilt.unreadable {
            let store = self.disk.path().display();
            resolve(
                || tracing::warn!(%store, %error, "a snapshot is damaged; an older one was used"),
            );
            self.catalog.lock().add_unreadable_snapshot(seq);
        }
        Ok(rebuilt.state)
    }
}

/// What becomes of a state in which a transaction has, or has not, panicked.
fn after<M: Model>(panicked: bool) -> AfterChange {
    // With a rollback it left no trace: readers may see the state while its void is written.
    if panicked && M::ROLLBACK.is_none() { AfterChange::Rebuild } else { AfterChange::Keep }
}

/// What came of the attempt to apply a transaction where it is submitted.
pub(super) enum AtOnce<'a, M: Model, R> {
    Done(Commit<R>),
    /// It has to queue up.
    NotNow(Encoded<'a, M>),
}

fn panicked<M: Model>(
    seq: u64,
    time_us: u64,
    variant: u32,
    message: String,
    handle: EngineHandle<M::Reply>,
) -> Panicked<M> {
    let tx = M::TRANSACTIONS.get(variant as usize).map_or(M::NAME, |info| info.name());
    Panicked { seq, time_us, tx, message, handle, half_changed: None }
}

/// Runs what may run the user's code, a waker or the drop of a reply: a panic in it is its own.
pub(super) fn resolve(tell: impl FnOnce()) {
    if let Err(message) = catch(tell) {
        // Where it was the subscriber that panicked, it does so again.
        let _ = catch(|| {
            tracing::error!(
                message,
                "the user's code (a waker, a value's drop, a subscriber to events) panicked"
            );
        });
    }
}

/// Tells all of them that they came to nothing.
pub(super) fn resolve_all<M: Model>(
    entries: impl IntoIterator<Item = Entry<M>>,
    error: impl Fn(&Entry<M>) -> Error,
) {
    for entry in entries {
        let error = error(&entry);
        resolve(move || {
            let Entry { tx, handle, .. } = entry;
            drop(tx);
            handle.resolve(Err(error));
        });
    }
}
