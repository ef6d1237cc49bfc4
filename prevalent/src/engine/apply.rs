//! Applies what is journaled, and copes with a transaction that panics.

use std::sync::atomic::Ordering;

use super::Shared;
use super::journal::{JournalThread, Room};
use super::queue::{EngineHandle, Entry};
use super::state::{AfterChange, Exclusive, StateCell};
use super::thread::Applying;
use crate::clock;
use crate::context::TxContext;
use crate::error::Error;
use crate::format::batch::BatchBuilder;
use crate::format::record::put_void;
use crate::journal::writer::WriteError;
use crate::model::Model;
use crate::panic::catch;
use crate::recovery::{self, Milestone, State};
use crate::rollback;

/// A transaction that was applied, and what it returned.
type Applied<M> = (EngineHandle<<M as Model>::Reply>, <M as Model>::Reply);

/// A transaction that panicked.
struct Panicked<M: Model> {
    seq: u64,
    time_us: u64,
    tx: &'static str,
    message: String,
    handle: EngineHandle<M::Reply>,
}

impl<M: Model> JournalThread<M> {
    /// Applies journaled transactions in their order, and resolves their handles. Before the last of them is resolved,
    /// `room` is given back: who waits for it finds that nothing of it is pending any more.
    pub(super) fn apply(&mut self, entries: Vec<Entry<M>>, mut room: Option<Room>) {
        let mut entries = entries.into_iter();
        while entries.len() > 0 {
            let (secret, end, written_seq) =
                (self.writer.secret(), self.writer.end(), self.written_seq);
            let mut applied: Vec<Applied<M>> = Vec::with_capacity(entries.len());
            let shared = self.shared.clone();
            let exclusive = self.exclude_readers(&shared.state);
            let (panicked, half_changed) = shared.state.change(exclusive, |state| {
                for entry in entries.by_ref() {
                    match shared.apply_one(state, entry, &secret) {
                        Ok(done) => applied.push(done),
                        Err(panicked) => {
                            shared.milestones.lock().applied_seq = panicked.seq - 1;
                            if M::ROLLBACK.is_none() {
                                return (Some(panicked), AfterChange::Rebuild);
                            }
                            // It left no trace: readers may see the state while its void is written. As long as nothing of
                            // this batch is in it, it doesn't name the batch's end, which need not be durable when the
                            // state is.
                            if !applied.is_empty() {
                                state.journal = end;
                            }
                            return (Some(panicked), AfterChange::Keep);
                        }
                    }
                }
                state.journal = end;
                // While readers are out: what they are told is what they see.
                shared.milestones.lock().applied_seq = written_seq;
                (None, AfterChange::Keep)
            });
            let Some(panicked) = panicked else { break };
            shared.feed.notify();
            // Nobody is told anything before there is a state again: a waker may read it, on this very thread.
            let panicked = panicked.map(|panicked| match half_changed {
                Some(half_changed) => self.recover_from(panicked, half_changed),
                None => self.leave_out(panicked),
            });
            if entries.len() == 0 {
                self.give_back(room.take());
            }
            for (handle, reply) in applied {
                resolve(move || handle.resolve(Ok(reply)));
            }
            if let Some((handle, error)) = panicked {
                let is_final = matches!(error, Error::InDoubt { .. });
                resolve(move || handle.resolve(Err(error)));
                if is_final {
                    break;
                }
            }
        }
        // Where something is left: one that panicked has no void, or there is no state any more. Nothing is applied behind it.
        self.give_back(room.take());
        resolve_all(entries, |entry| Error::InDoubt { seq: entry.seq.into() });
    }

    /// Waits until no reader is in. A long read must not hold up the sync that `Every` has promised.
    fn exclude_readers<'a>(&mut self, state: &'a StateCell<M>) -> Exclusive<'a, M> {
        loop {
            if let Some(exclusive) = state.exclude_readers(self.sync_deadline()) {
                return exclusive;
            }
            // If it fails, the next commit is told.
            let _ = self.sync();
        }
    }

    /// A transaction panicked: its void is made durable, then the state is rebuilt without it. Gives its handle, and what
    /// it is to be told.
    fn recover_from(
        &mut self,
        panicked: Panicked<M>,
        half_changed: State<M>,
    ) -> (EngineHandle<M::Reply>, Error) {
        let Panicked { seq, tx, message, handle, .. } = panicked;
        let shared = self.shared.clone();
        // There is no state to read, and this thread is the one to make it: who waits for it here would wait for ever.
        let applying = Applying::begin(shared.key);
        resolve(|| {
            tracing::error!(
                seq,
                tx,
                message,
                "a transaction panicked; the state is being rebuilt without it"
            );
        });
        resolve(move || drop(half_changed));
        let rebuilt = self.write_void(seq, &message).and_then(|()| {
            shared.voids.lock().insert(seq);
            // The void, too, lies before the journal's end.
            let milestone = Milestone { seq, end: self.writer.end() };
            let rebuilt = catch(|| shared.rebuild(milestone));
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
            shared.milestones.lock().applied_seq = seq;
        }
        shared.state.settle(rebuilt);
        drop(applying);
        shared.feed.notify();
        (handle, result)
    }

    /// A transaction panicked, and was rolled back: nothing but its void is missing. Gives its handle, and what it is to be
    /// told.
    fn leave_out(&mut self, panicked: Panicked<M>) -> (EngineHandle<M::Reply>, Error) {
        let Panicked { seq, time_us, tx, message, handle } = panicked;
        let shared = self.shared.clone();
        resolve(|| tracing::error!(seq, tx, message, "a transaction panicked; it was rolled back"));
        if let Err(error) = self.write_void(seq, &message) {
            let after = format!("after `{tx}` (sequence number {seq}) panicked");
            shared.fail(&format!("its void could not be written {after}: {error}"));
            return (handle, Error::InDoubt { seq: seq.into() });
        }
        shared.voids.lock().insert(seq);
        let end = self.writer.end();
        let exclusive = self.exclude_readers(&shared.state);
        shared.state.change(exclusive, |state| {
            (state.seq, state.time_us, state.journal) = (seq, time_us, end);
            shared.milestones.lock().applied_seq = seq;
            ((), AfterChange::Keep)
        });
        shared.feed.notify();
        (handle, Error::TxPanicked { seq: seq.into(), tx, message })
    }

    /// In every mode, the void is durable before anything else happens.
    fn write_void(&mut self, seq: u64, message: &str) -> Result<(), Error> {
        if let Some(error) = self.shared.failure() {
            return Err(error);
        }
        let mut batch = BatchBuilder::new(self.written_seq + 1, clock::now_us());
        put_void(batch.body_mut(), seq, shortened(message));
        let before = self.writer.end().offset;
        // The segment has a batch already, the one with the transaction; it may become a little longer than it should.
        self.writer.append(batch, seq - 1).map_err(|error| match error {
            WriteError::Before(failure) | WriteError::During(failure) => self.fail(&failure),
        })?;
        let journal_bytes = self.journal_grew(before);
        self.shared.snapshots.journal_grew(journal_bytes, 0);
        self.sync()
    }
}

/// A void keeps no more than this of what the panic said.
const REASON_BYTES_MAX: usize = 1024;

fn shortened(message: &str) -> &str {
    &message[..message.floor_char_boundary(REASON_BYTES_MAX)]
}

impl<M: Model> Shared<M> {
    fn apply_one(
        &self,
        state: &mut State<M>,
        entry: Entry<M>,
        secret: &[u8; 32],
    ) -> Result<Applied<M>, Panicked<M>> {
        let Entry { seq, time_us, variant, tx, keyed, handle } = entry;
        let cx = TxContext::new(seq.into(), time_us, *secret);
        let result = {
            let _applying = Applying::begin(self.key);
            let result = rollback::apply(&mut state.model, M::ROLLBACK, tx, &cx);
            if let (Ok(reply), Some(keyed)) = (&result, keyed) {
                self.keys.executed(keyed, seq, reply);
            }
            result
        };
        match result {
            Ok(reply) => {
                state.seq = seq;
                state.time_us = time_us;
                Ok((handle, reply))
            }
            Err(message) => {
                let tx = M::TRANSACTIONS.get(variant).map_or(M::NAME, |info| info.name());
                Err(Panicked { seq, time_us, tx, message, handle })
            }
        }
    }

    /// The state as of a milestone, from the files.
    pub(super) fn rebuild(&self, milestone: Milestone) -> Result<State<M>, Error> {
        // The user's code runs here as it does live.
        let _applying = Applying::begin(self.key);
        let _files = self.hold_files();
        let rebuilt = recovery::rebuild(&*self.disk, &self.resolver, milestone)?;
        for (seq, error) in rebuilt.unreadable {
            resolve(|| tracing::warn!(%error, "a snapshot is damaged; an older one was used"));
            self.catalog.lock().add_unreadable_snapshot(seq);
        }
        Ok(rebuilt.state)
    }
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
