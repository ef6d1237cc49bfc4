//! A store that is open, and beside it what its state should be.

use std::time::{Duration, Instant};

use super::script::Encoded;
use super::shadow::{self, Effect, Given, Outcome, Shadow};
use crate::clock;
use crate::commit::Commit;
use crate::error::Error;
use crate::format::record::Secret;
use crate::model::Model;
use crate::panic::drop_quietly;
use crate::store::Store;

/// When the first transaction of a history is committed: some day in 2025.
const FIRST_US: u64 = 1_750_000_000_000_000;

pub(super) struct Session<M: Model> {
    pub(super) store: Store<M>,
    shadow: Shadow<M>,
    secret: Secret,
    /// Those of the last transaction that was ordered.
    pub(super) seq: u64,
    time_us: u64,
}

/// What came of a transaction at once.
pub(super) enum Submitted<M: Model> {
    /// It was refused, with nothing ordered.
    Refused(Error),
    /// It was executed before, with the same key.
    Repeated(Commit<M::Reply>),
    Ordered(Pending<M>, Outcome),
}

/// A transaction that was ordered, and of which the store has not told what became.
pub(super) struct Pending<M: Model> {
    pub(super) seq: u64,
    effect: Effect,
    commit: Commit<M::Reply>,
}

/// What the store told.
pub(super) enum Told {
    Applied,
    /// It has panicked, and is void.
    Void,
    /// The disk failed.
    Failed(Error),
}

impl<M: Model> Session<M> {
    /// A session with a store whose last transaction has this time, and the digest of its state.
    pub(super) fn new(
        store: Store<M>,
        time_us: u64,
    ) -> Result<(Self, crate::digest::Digest), String> {
        let bytes = store.try_read(shadow::encode).map_err(|error| error.to_string())??;
        let shadow = Shadow::load(&bytes)?;
        let digest = shadow.first()?.digest;
        let (seq, secret) = (store.stats().seq.get(), store.session_secret());
        Ok((Session { store, shadow, secret, seq, time_us }, digest))
    }

    /// Submits a transaction, and applies it to the shadow.
    pub(super) fn submit(&mut self, tx: &Encoded) -> Result<Submitted<M>, String> {
        let now_us = self.clock_us();
        let value = tx.decode::<M>()?;
        let commit = clock::set_to(now_us, || self.store.commit(value));
        let Some(seq) = commit.seq() else {
            return match commit.wait() {
                Err(error) => Ok(Submitted::Refused(error)),
                Ok(_) => Err(format!("`{}` has succeeded without a sequence number", tx.name)),
            };
        };
        let seq = seq.get();
        if seq <= self.seq && M::key(&tx.decode::<M>()?).is_some() {
            return Ok(Submitted::Repeated(commit));
        }
        if seq != self.seq + 1 {
            return Err(format!("`{}` got the sequence number {seq} after {}", tx.name, self.seq));
        }
        (self.seq, self.time_us) = (seq, self.time_us.max(now_us));
        let (time_us, secret) = (self.time_us, self.secret);
        let outcome = self.shadow.apply(Given { tx: tx.clone(), seq, time_us, secret })?;
        Ok(Submitted::Ordered(Pending { seq, effect: outcome.effect, commit }, outcome))
    }

    /// A clock that goes on by about a second a transaction, and is put back now and then.
    fn clock_us(&self) -> u64 {
        let us = FIRST_US + self.seq * 1_000_003;
        if self.seq % 5 == 3 { us - 3_600_000_000 } else { us }
    }

    /// Whether the store shows what it should: its last transaction, and the digest of its state.
    pub(super) fn look(&self) -> Result<(u64, crate::digest::Digest), Error> {
        let seq = self.store.stats().seq.get();
        let digest = self.store.try_read(|model| shadow::digest(model))?;
        let digest = digest.map_err(|reason| Error::Encoding { tx: M::NAME.to_owned(), reason })?;
        Ok((seq, digest))
    }

    /// Waits until what is acknowledged is written, so that a history does not depend on when that happens.
    pub(super) fn settle(&self) {
        let deadline = Instant::now() + Duration::from_secs(1);
        while self.store.stats().pending_bytes > 0 && Instant::now() < deadline {
            std::thread::sleep(Duration::from_micros(50));
        }
    }
}

impl<M: Model> Pending<M> {
    /// Waits for what the store tells.
    pub(super) fn wait(self) -> Result<Told, String> {
        let seq = self.seq;
        let told = match (self.commit.wait(), self.effect) {
            (Ok(reply), Effect::Applied) => {
                drop_quietly(reply);
                Told::Applied
            }
            (Ok(_), Effect::Panicked) => {
                return Err(format!("{seq} has succeeded; it panics when it is run alone"));
            }
            (Err(Error::TxPanicked { seq: told, .. }), Effect::Panicked) if told.get() == seq => {
                Told::Void
            }
            (Err(Error::InDoubt { seq: told, .. }), _) if told.get() == seq => {
                Told::Failed(Error::InDoubt { seq: told })
            }
            (Err(error @ Error::Failed { .. }), _) => Told::Failed(error),
            (Err(error), _) => return Err(format!("{seq} came to: {error}")),
        };
        Ok(told)
    }
}
