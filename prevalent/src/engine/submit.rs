//! What a call does on the caller's own thread: no file is touched here, and nothing is waited for.

use std::cell::Cell;
use std::sync::Arc;

use serde::Serialize;

use super::Shared;
use super::apply::AtOnce;
use super::keys::Verdict;
use super::queue::{Encoded, PENDING_OVERHEAD_BYTES, Phase, Queue};
use super::thread;
use crate::clock;
use crate::commit::{Commit, CommitSlot, Operation, Resolve, enlist};
use crate::durability::Durability;
use crate::encoding::{self, EncodeError, TxEncodeError};
use crate::error::Error;
use crate::format::TX_BYTES_MAX;
use crate::idempotency::Keyed;
use crate::model::{Model, TxInfo};
use crate::schema::walk;
use crate::sync::atomic::Ordering;
use crate::sync::local;

local! {
    /// Where transactions are encoded, to be copied into a batch.
    static SCRATCH: Cell<Vec<u8>> = Cell::new(Vec::new());
}

/// A scratch buffer that grew beyond this is given back to the allocator.
const SCRATCH_BYTES_MAX: usize = 1 << 20;

impl<M: Model> Shared<M> {
    /// Encodes, decodes and orders a transaction.
    pub(crate) fn submit<R: Send + 'static>(
        &self,
        tx: &M::Tx,
        extract: fn(M::Reply) -> R,
    ) -> Commit<R> {
        self.submit_with(extract, |out| encoding::encode_tx(tx, out, Some(TX_BYTES_MAX)))
    }

    /// Like `submit`, for arguments that are not in the enum, because they are borrowed.
    pub(crate) fn submit_args<A: Serialize + ?Sized, R: Send + 'static>(
        &self,
        variant: usize,
        args: &A,
        extract: fn(M::Reply) -> R,
    ) -> Commit<R> {
        let encode = |out: &mut Vec<u8>| {
            encoding::encode_args(args, out, Some(TX_BYTES_MAX))
                .map(|()| variant)
                .map_err(|error| TxEncodeError { variant: Some(variant), error })
        };
        self.submit_with(extract, encode)
    }

    fn submit_with<R: Send + 'static>(
        &self,
        extract: fn(M::Reply) -> R,
        encode: impl FnOnce(&mut Vec<u8>) -> Result<usize, TxEncodeError>,
    ) -> Commit<R> {
        thread::forbid_inside_transaction(self.key);
        let mut payload = SCRATCH.with(Cell::take);
        payload.clear();
        let commit = encode(&mut payload)
            .map_err(encode_error::<M>)
            .and_then(|variant| self.order(variant, &payload, extract))
            .unwrap_or_else(Commit::refused);
        if payload.capacity() <= SCRATCH_BYTES_MAX {
            SCRATCH.with(|scratch| scratch.set(payload));
        }
        commit
    }

    fn order<R: Send + 'static>(
        &self,
        variant: usize,
        payload: &[u8],
        extract: fn(M::Reply) -> R,
    ) -> Result<Commit<R>, Error> {
        let encoding =
            |reason: String| Error::Encoding { tx: name_of::<M>(Some(variant)).to_owned(), reason };
        let entry_id = *self.entry_ids.get(variant).ok_or_else(|| {
            encoding(
                "`TRANSACTIONS` of the model has fewer entries than its enum has variants"
                    .to_owned(),
            )
        })?;
        if M::TRANSACTIONS.get(variant).is_some_and(TxInfo::is_retired) {
            return Err(encoding(
                "it is retired: it is replayed, and committed no more".to_owned(),
            ));
        }
        if let Some(Some(reason)) = self.resolver.schema().misread.arguments.get(variant) {
            return Err(encoding(reason.clone()));
        }
        if cfg!(debug_assertions) {
            self.expect_schema(variant, payload).map_err(encoding)?;
        }
        // What was decoded is what is applied, now and in every replay.
        let tx =
            encoding::decode_tx(variant, payload).map_err(|error| encoding(error.to_string()))?;
        let keyed = M::key(&tx).map(|key| Box::new(Keyed::new(key, variant, payload)));
        if let Some(fault) = keyed.as_ref().and_then(|keyed| keyed.key.fault()) {
            return Err(encoding(fault));
        }
        #[allow(clippy::cast_possible_truncation, reason = "an enum has fewer variants")]
        let mut encoded = Encoded { variant: variant as u32, entry_id, payload, tx, keyed };
        if self.settings.durability != Durability::Always {
            match self.apply_at_once(encoded, extract) {
                AtOnce::Done(commit) => return Ok(commit),
                AtOnce::NotNow(not_now) => encoded = not_now,
            }
        }
        let slot = Arc::new(CommitSlot::new(self.key, extract));
        let mut handle: Arc<dyn Resolve<M::Reply>> = slot.clone();

        let mut queue = self.queue.lock();
        if let Some(keyed) = &encoded.keyed {
            expect_open(&queue.phase)?;
            match self.keys.look_up(keyed, &handle) {
                Verdict::New => {}
                Verdict::Joined { seq } => return Ok(Commit::ordered(seq.into(), slot)),
                Verdict::Other { seq } => {
                    let (tx, key) = (name_of::<M>(Some(variant)), keyed.key.clone());
                    return Err(Error::KeyReused { tx, key, seq: seq.into() });
                }
                Verdict::Executed(recalled) => {
                    self.expect_lasting(&queue, recalled.seq)?;
                    drop(queue);
                    let reply = self.resolver.recall(variant, &recalled).map(extract);
                    return Ok(Commit::executed(recalled.seq.into(), reply));
                }
            }
        }
        self.accepts_commits(&queue.phase)?;
        let limit = self.settings.pending_bytes_max;
        if !queue.has_room(payload.len() + PENDING_OVERHEAD_BYTES, limit) {
            queue.refuse(payload.len() + PENDING_OVERHEAD_BYTES);
            return Err(Error::Overloaded { pending_bytes: queue.pending_bytes(), limit });
        }
        let idle = queue.is_empty();
        if let Some(keyed) = &encoded.keyed {
            handle = self.keys.begin(keyed, queue.next_seq(), handle);
        }
        let seq = queue.order(encoded, clock::now_us(), handle);
        self.queued.fetch_add(1, Ordering::Release);
        drop(queue);
        if idle {
            self.work.notify_one();
        }
        Ok(Commit::ordered(seq.into(), slot))
    }

    /// What is journaled must be what the schema says: later versions of the program rely on it.
    fn expect_schema(&self, variant: usize, payload: &[u8]) -> Result<(), String> {
        let schema = self.resolver.schema();
        let Some(arguments) = schema.arguments.get(variant) else { return Ok(()) };
        walk(&schema.types, *arguments, payload).map_err(|reason| {
            format!(
                "it is not written as the type that was found out: {reason}; a `Serialize` that writes now this, now that, is stored with `#[serde(with = \"prevalent::opaque\")]`"
            )
        })
    }

    pub(super) fn accepts_commits(&self, phase: &Phase) -> Result<(), Error> {
        expect_open(phase)?;
        self.failure().map_or(Ok(()), Err)
    }

    /// What was executed is told once more as long as that is certain: a journal that has failed may have lost it.
    fn expect_lasting(&self, queue: &Queue<M>, seq: u64) -> Result<(), Error> {
        if seq <= queue.durable_seq { Ok(()) } else { self.failure().map_or(Ok(()), Err) }
    }

    /// All that was ordered before the call is durable when it resolves.
    pub(crate) fn flush(&self) -> Operation<()> {
        thread::forbid_inside_transaction(self.key);
        let (operation, completer) = Operation::new(self.key);
        let mut queue = self.queue.lock();
        let target = queue.next_seq() - 1;
        let now = match (&queue.phase, self.failure()) {
            (Phase::Closed(_), _) => Some(Err(Error::Closed)),
            (_, Some(error)) => Some(Err(error)),
            _ if target <= queue.durable_seq => Some(Ok(())),
            _ => None,
        };
        if let Some(result) = now {
            drop(queue);
            completer.complete(result);
        } else {
            enlist(&mut queue.flushes, (target, completer), |(_, completer)| completer);
            drop(queue);
            self.work.notify_one();
        }
        operation
    }

    /// Resolves when there is room for a transaction.
    pub(crate) fn ready(&self) -> Operation<()> {
        thread::forbid_inside_transaction(self.key);
        let (operation, completer) = Operation::new(self.key);
        let mut queue = self.queue.lock();
        match self.accepts_commits(&queue.phase) {
            Ok(()) if !queue.is_ready(self.settings.pending_bytes_max) => {
                enlist(&mut queue.ready, completer, |completer| completer);
            }
            result => {
                drop(queue);
                completer.complete(result);
            }
        }
        operation
    }

    /// Stops the store through every handle.
    pub(crate) fn close(&self) -> Operation<()> {
        thread::forbid_inside_transaction(self.key);
        let (operation, completer) = Operation::new(self.key);
        let mut queue = self.queue.lock();
        match &queue.phase {
            Phase::Closed(result) => {
                let result = result.clone();
                drop(queue);
                completer.complete(result);
                return operation;
            }
            Phase::Running => {
                queue.phase = Phase::Closing { snapshot: self.settings.snapshots.on_close }
            }
            Phase::Closing { .. } => {}
        }
        queue.closers.push(completer);
        drop(queue);
        self.work.notify_one();
        operation
    }

    /// Like `close`, without a snapshot, and nobody waits: the last handle is gone.
    pub(super) fn begin_shutdown(&self) {
        let mut queue = self.queue.lock();
        if let Phase::Running = queue.phase {
            queue.phase = Phase::Closing { snapshot: false };
            drop(queue);
            self.work.notify_one();
        }
    }
}

fn expect_open(phase: &Phase) -> Result<(), Error> {
    match phase {
        Phase::Running => Ok(()),
        Phase::Closing { .. } | Phase::Closed(_) => Err(Error::Closed),
    }
}

fn name_of<M: Model>(variant: Option<usize>) -> &'static str {
    variant.and_then(|variant| M::TRANSACTIONS.get(variant)).map_or(M::NAME, |info| info.name())
}

fn encode_error<M: Model>(error: TxEncodeError) -> Error {
    let tx = name_of::<M>(error.variant);
    match error.error {
        EncodeError::TooLarge { bytes, limit } => Error::TooLarge { tx, bytes, limit },
        EncodeError::Refused(reason) => Error::Encoding { tx: tx.to_owned(), reason },
    }
}
