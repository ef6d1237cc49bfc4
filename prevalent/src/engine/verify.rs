//! The determinism check of a store that goes on: each runs on a thread of its own, one after another.

use std::sync::Arc;

use super::Shared;
use super::apply::resolve;
use super::launch::spawn;
use super::queue::Phase;
use super::thread::{self, Applying};
use crate::commit::Operation;
use crate::digest::Digest;
use crate::error::Error;
use crate::model::Model;
use crate::panic::catch;
use crate::recovery::verify::{Live, Verification};
use crate::snapshot_method::Source;
use crate::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use crate::sync::{Instant, Mutex};
use crate::verified::Verified;

/// What is known of the checks of a store.
#[derive(Debug)]
pub(super) struct Verifications {
    /// The last transaction that the open had replayed.
    opened_at: u64,
    /// Held while one runs: each needs room for a second state.
    turn: Mutex<()>,
    last: Mutex<Option<Result<Verified, Error>>>,
    /// When they agreed the last time: the sequence number, and the digest.
    agreed: Mutex<Option<(u64, Digest)>>,
    /// Automatic snapshots since the last check that was begun after one.
    snapshots: AtomicU64,
    is_in_background: AtomicBool,
}

impl Verifications {
    pub(super) fn new(opened_at: u64) -> Self {
        Verifications {
            opened_at,
            turn: Mutex::new(()),
            last: Mutex::new(None),
            agreed: Mutex::new(None),
            snapshots: AtomicU64::new(0),
            is_in_background: AtomicBool::new(false),
        }
    }

    /// Whether the last one has shown that a replay gives another state.
    pub(super) fn found_divergence(&self) -> bool {
        matches!(&*self.last.lock(), Some(Err(Error::Diverged { .. })))
    }

    /// What came of the last one.
    pub(super) fn last(&self) -> Option<Result<Verified, Error>> {
        self.last.lock().clone()
    }
}

impl<M: Model> Shared<M> {
    /// Asks for a check of the state as it is by now, at the earliest.
    pub(crate) fn verify(self: &Arc<Self>) -> Operation<Verified> {
        thread::forbid_inside_transaction(self.key);
        let (operation, completer) = Operation::new(self.key);
        if let Err(error) = self.expect_running() {
            return Operation::done(self.key, Err(error));
        }
        let shared = self.clone();
        let spawned = spawn("prevalent-verify", move || {
            thread::work_for(shared.key);
            let result = shared.run_verification();
            resolve(|| completer.complete(result));
        });
        match spawned {
            Ok(()) => operation,
            Err(error) => {
                let path = self.disk.path();
                Operation::done(self.key, Err(Error::io(path, "start a thread for", error)))
            }
        }
    }

    /// Begins a check in the background after every so many automatic snapshots.
    pub(super) fn verify_after_snapshot(self: &Arc<Self>) {
        let Some(every) = self.settings.verify_every else { return };
        let checks = &self.verifications;
        if checks.snapshots.fetch_add(1, Ordering::Relaxed) + 1 < every
            || checks.is_in_background.swap(true, Ordering::Relaxed)
        {
            return;
        }
        checks.snapshots.store(0, Ordering::Relaxed);
        let shared = self.clone();
        let spawned = spawn("prevalent-verify", move || {
            thread::work_for(shared.key);
            let result = shared.run_verification();
            shared.verifications.is_in_background.store(false, Ordering::Relaxed);
            resolve(|| report(&result));
        });
        if let Err(error) = spawned {
            checks.is_in_background.store(false, Ordering::Relaxed);
            resolve(
                || tracing::warn!(%error, "no thread could be started for a determinism check"),
            );
        }
    }

    fn run_verification(&self) -> Result<Verified, Error> {
        let _turn = self.verifications.turn.lock();
        // A panic of the engine's own would leave those waiting who asked.
        let result =
            catch(|| self.try_verify()).unwrap_or_else(|reason| Err(Error::Failed { reason }));
        if result.is_err() {
            // What failed may have failed because the files are another owner's by now.
            self.expect_running()?;
        }
        *self.verifications.last.lock() = Some(result.clone());
        if let Ok(Verified { seq, digest, .. }) = &result {
            *self.verifications.agreed.lock() = Some((seq.get(), *digest));
        }
        result
    }

    fn try_verify(&self) -> Result<Verified, Error> {
        let began = Instant::now();
        self.expect_running()?;
        self.snapshots.wait_for_prunings();
        let _files = self.hold_files();
        let (seq, digest) = self.state.read_unchanged(self.key, |state| {
            Digest::of_model(&state.model).map(|digest| (state.seq, digest))
        })??;
        self.wait_until_durable(seq)?;
        let live = Live {
            seq,
            digest,
            end: self.milestones.lock().durable,
            loaded: self.recovery.snapshot_seq.get(),
            encoded_from: match self.settings.snapshot_method.source {
                Source::Rebuilt => u64::MAX,
                Source::Locked | Source::Cloned(_) => self.verifications.opened_at + 1,
            },
            verified: *self.verifications.agreed.lock(),
        };
        let verification = Verification {
            disk: &*self.disk,
            resolver: &self.resolver,
            live,
            may_go_on: &|| self.expect_running(),
        };
        // The user's code runs here as it does live.
        let applying = Applying::begin(self.key);
        let agreement = verification.verify();
        drop(applying);
        let agreement = agreement?;
        Ok(Verified {
            seq: seq.into(),
            digest,
            from: agreement.from.into(),
            transactions: agreement.transactions,
            damaged: agreement.damaged,
            duration: began.elapsed(),
        })
    }

    /// Who closes a store doesn't wait for what only reads its files.
    pub(super) fn expect_running(&self) -> Result<(), Error> {
        match self.queue.lock().phase {
            Phase::Running => Ok(()),
            _ => Err(Error::Closed),
        }
    }
}

/// Tells of a check that nobody has asked for.
fn report(result: &Result<Verified, Error>) {
    match result {
        Ok(Verified { seq, from, transactions, .. }) => {
            tracing::debug!(%seq, %from, transactions, "the journal gives the state in memory");
        }
        Err(Error::Closed) => {}
        Err(error @ Error::Diverged { .. }) => {
            tracing::error!(%error, "a transaction is not deterministic");
        }
        Err(error) => {
            tracing::warn!(%error, "a determinism check came to nothing; the next one will be tried");
        }
    }
}
