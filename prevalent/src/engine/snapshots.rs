//! The snapshot thread: takes snapshots, and prunes.

use std::sync::Arc;

use super::apply::resolve;
use super::snapshot_desk::Job;
use super::thread;
use super::{Milestones, Shared};
use crate::commit::Operation;
use crate::durability::Durability;
use crate::error::Error;
use crate::format::Position;
use crate::format::header::SnapshotHeader;
use crate::model::Model;
use crate::panic::{catch, catch_in_span, drop_quietly};
use crate::recovery::{Milestone, State, Urgency};
use crate::snapshot::{Taken, read};
use crate::snapshot_method::Source;
use crate::stats::SnapshotInfo;
use crate::sync::{Instant, Mutex};

/// Where in the journal a state is.
enum Place {
    Known(Position),
    /// The journal thread tells when it has written so far.
    Asked(Operation<Milestones>),
    /// At the end.
    End,
}

/// What the snapshot thread does.
pub(super) fn run<M: Model>(shared: &Arc<Shared<M>>) {
    thread::work_for(shared.key);
    loop {
        match shared.snapshots.next_job() {
            Job::Take { requests } => {
                let result = shared.take_snapshot(shared.next_source());
                if requests.is_empty() && result.is_ok() {
                    shared.verify_after_snapshot();
                }
                for completer in requests {
                    resolve(|| completer.complete(result.clone()));
                }
            }
            Job::Prune { asked } => {
                shared.prune();
                shared.snapshots.pruned(asked);
            }
            Job::Stop { final_snapshot } => {
                // Nobody commits any more, so that nobody waits for the lock.
                let result = if final_snapshot {
                    shared.take_snapshot(Source::Locked).map(|_| ())
                } else {
                    Ok(())
                };
                shared.snapshots.stopped(result);
                return;
            }
        }
    }
}

impl<M: Model> Shared<M> {
    /// Asks for a snapshot of all that is applied by now.
    pub(crate) fn snapshot(&self) -> Operation<SnapshotInfo> {
        thread::forbid_inside_transaction(self.key);
        let (operation, completer) = Operation::new(self.key);
        self.snapshots.request(completer);
        operation
    }

    /// Where the next snapshot's state comes from: from where the user says, as long as that bounds the journal.
    fn next_source(&self) -> Source<M> {
        match self.settings.snapshot_method.source {
            Source::Rebuilt if self.snapshots.is_too_far_behind() => {
                resolve(|| {
                    tracing::warn!(
                        store = %self.disk.path().display(),
                        "there is far more journal than makes a snapshot: one is taken under the lock, and commits wait for it"
                    );
                });
                Source::Locked
            }
            source => source,
        }
    }

    /// Takes a snapshot, if anything has changed since the last one, and prunes. A failure harms nothing.
    fn take_snapshot(&self, source: Source<M>) -> Result<SnapshotInfo, Error> {
        let covered = self.snapshots.covered();
        // A panic of the engine's own would leave those waiting who close the store.
        let result = catch_in_span(
            || tracing::info_span!("snapshot", store = %self.disk.path().display()),
            || self.try_snapshot(source),
        )
        .unwrap_or_else(|reason| Err(Error::Failed { reason }));
        match &result {
            Ok(_) => {
                self.prune();
                self.snapshots.succeeded(covered);
            }
            Err(error) => {
                self.instruments.snapshot_failed();
                let store = self.disk.path().display();
                resolve(
                    || tracing::warn!(%store, %error, "a snapshot failed; it will be tried again"),
                );
                if self.failure().is_some() {
                    self.snapshots.failed_for_good();
                } else {
                    self.snapshots.failed_at(covered);
                }
            }
        }
        result
    }

    fn try_snapshot(&self, source: Source<M>) -> Result<SnapshotInfo, Error> {
        if let Some(error) = self.failure() {
            return Err(error);
        }
        let began = Instant::now();
        let newest = self.catalog.lock().newest_snapshot();
        let mut newest_seq = newest.map(|newest| newest.header.seq);
        if matches!(source, Source::Locked) && self.verifications.found_divergence() {
            // The newest one was built by a replay, perhaps, and is another state than the one that has to be kept.
            newest_seq = None;
        }
        let encoded = match source {
            Source::Rebuilt => self.encode_rebuilt(newest_seq)?,
            Source::Locked => self.encode_locked(newest_seq)?,
            Source::Cloned(clone) => self.encode_clone(newest_seq, clone)?,
        };
        let Some(taken) = encoded else {
            return newest
                .map(|newest| self.snapshot_info(&newest.header, newest.bytes))
                .ok_or_else(|| Error::Failed { reason: "there is no snapshot".to_owned() });
        };
        let (header, bytes) = self.store_snapshot(taken)?;
        self.catalog.lock().add_snapshot(header, bytes);
        let took = began.elapsed();
        self.instruments.snapshot(bytes, took);
        resolve(|| tracing::info!(seq = header.seq, bytes, ?took, "a snapshot was taken"));
        Ok(self.snapshot_info(&header, bytes))
    }

    /// The state, built once more from the files; `None` where the snapshot `newest` holds all that is applied.
    fn encode_rebuilt(&self, newest: Option<u64>) -> Result<Option<Taken>, Error> {
        // While the state is being rebuilt after a panic, there is one copy too few of it, and not one too many.
        let applied = self.state.read_state(self.key, |state| state.seq)?;
        if newest == Some(applied) {
            return Ok(None);
        }
        self.wait_until_durable(applied)?;
        let milestone = {
            let milestones = self.milestones.lock();
            // A transaction that is not applied yet may still turn out to be void.
            Milestone { seq: milestones.visible_seq(), end: milestones.durable }
        };
        let state = self.rebuild(milestone, Urgency::Background)?;
        let taken = Taken::encode(&state);
        // Before it is decoded again: there is never a third copy.
        drop_quietly(state);
        taken.map(Some)
    }

    /// The state as it is, encoded while nothing is applied.
    fn encode_locked(&self, newest: Option<u64>) -> Result<Option<Taken>, Error> {
        let taken = self.state.read_unchanged(self.key, |state| {
            let taken =
                (newest != Some(state.seq)).then(|| (self.place_of(state), Taken::encode(state)));
            taken.map(|(place, taken)| taken.map(|taken| (place, taken))).transpose()
        })??;
        let Some((place, mut taken)) = taken else { return Ok(None) };
        taken.journal = self.find(place, taken.seq)?;
        Ok(Some(taken))
    }

    /// Asks for a place behind the last transaction in the state, of which all that comes later lies in the same segment or
    /// behind. The state must be locked.
    fn place_of(&self, state: &State<M>) -> Place {
        if self.settings.durability == Durability::Always {
            return Place::Known(state.journal);
        }
        let Milestones { durable, durable_seq, .. } = *self.milestones.lock();
        if durable_seq == state.seq {
            // What comes later was not durable, and so not before it.
            return Place::Known(durable);
        }
        let mut queue = self.queue.lock();
        if queue.is_all_written {
            return Place::End;
        }
        let (operation, completer) = Operation::new(thread::StoreKey::new());
        queue.settles.push((state.seq, completer));
        drop(queue);
        self.work.notify_one();
        Place::Asked(operation)
    }

    /// Waits for the place.
    fn find(&self, place: Place, seq: u64) -> Result<Position, Error> {
        match place {
            Place::Known(position) => Ok(position),
            // Nothing comes any more.
            Place::End => {
                self.wait_until_durable(seq)?;
                Ok(self.milestones.lock().durable)
            }
            Place::Asked(operation) => operation.wait().map(|milestones| milestones.durable),
        }
    }

    /// A clone of the state, taken while nothing is applied.
    fn encode_clone(
        &self,
        newest: Option<u64>,
        clone: fn(&M) -> M,
    ) -> Result<Option<Taken>, Error> {
        let cloned = self.state.read_unchanged(self.key, |state| {
            let place = (newest != Some(state.seq)).then(|| self.place_of(state));
            let State { seq, time_us, journal, .. } = *state;
            let model = (newest != Some(seq)).then(|| catch(|| clone(&state.model)));
            let window = || Arc::new(Mutex::new(state.window.lock().clone()));
            let model = model.map(|model| {
                model.map(|model| State { model, seq, time_us, journal, window: window() })
            });
            place.zip(model)
        })?;
        let Some((place, cloned)) = cloned else { return Ok(None) };
        let cloned = cloned.map_err(|message| Error::ModelPanicked { what: "clone", message })?;
        let taken = Taken::encode(&cloned);
        drop_quietly(cloned);
        let mut taken = taken?;
        taken.journal = self.find(place, taken.seq)?;
        Ok(Some(taken))
    }

    /// Writes a snapshot, gives it its name, and reads it back: its header and length.
    fn store_snapshot(&self, taken: Taken) -> Result<(SnapshotHeader, u64), Error> {
        let schema = self.resolver.schema();
        match self.settings.snapshot_method.source {
            Source::Locked => taken.check_without_room::<M>(schema)?,
            Source::Rebuilt | Source::Cloned(_) => drop_quietly(taken.check::<M>(schema)?),
        }
        let unnamed =
            taken.write(&*self.disk, self.store, self.recovery.origin.as_ref(), schema)?;
        let (seq, journal) = (taken.seq, taken.journal);
        drop(taken);
        // It must not overtake the journal.
        self.wait_until_durable(seq)?;
        // Not how far the journal is durable by now: it may be in a later segment, and what comes after the snapshot is
        // in the earlier one.
        let header = unnamed.publish(journal).map_err(|failure| {
            // It may have its name, and lose it in a crash.
            self.catalog.lock().add_uncertain_snapshot(seq);
            failure.at(&*self.disk)
        })?;
        match read::read(&*self.disk, seq) {
            Ok(file) => Ok((header, file.bytes())),
            Err(error) => {
                // An open passes it over, and so does a rebuild.
                self.catalog.lock().add_unreadable_snapshot(seq);
                self.prune();
                Err(error)
            }
        }
    }

    /// Blocks until the journal is durable through `seq`.
    pub(super) fn wait_until_durable(&self, seq: u64) -> Result<(), Error> {
        let (operation, completer) = Operation::new(thread::StoreKey::new());
        let mut queue = self.queue.lock();
        if queue.durable_seq >= seq {
            return Ok(());
        }
        if let Some(error) = self.failure() {
            return Err(error);
        }
        queue.flushes.push((seq, completer));
        drop(queue);
        self.work.notify_one();
        operation.wait()
    }
}
