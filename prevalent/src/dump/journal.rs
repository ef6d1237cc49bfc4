//! Transactions of an import, on their way into a new journal.

use std::sync::Arc;

use super::line::StateAt;
use crate::disk::Disk;
use crate::disk::publish::publish;
use crate::error::Error;
use crate::format::batch::BatchBuilder;
use crate::format::header::CleanMark;
use crate::format::record::{Secret, put_secret, put_void};
use crate::format::{Position, StoreId, names};
use crate::journal::fill::FillAhead;
use crate::journal::segment::SegmentKind;
use crate::journal::writer::{JournalWriter, WriteError};
use crate::rollback::Rollback;

/// Larger batches are not faster.
const BATCH_BYTES_MAX: usize = 1 << 20;

/// A journal that is written from its beginning, and never open to anybody before it is whole.
pub(super) struct NewJournal {
    disk: Arc<dyn Disk>,
    store: StoreId,
    writer: JournalWriter,
    /// A batch that has so much is written.
    batch_bytes: usize,
    batch: Option<BatchBuilder>,
    secret: Option<Secret>,
    /// The last sequence number so far.
    pub(super) seq: u64,
    /// The last transaction's time.
    pub(super) time_us: u64,
}

impl NewJournal {
    /// A journal behind a state. Every segment is closed when it has `segment_bytes`.
    pub(super) fn new(
        disk: &Arc<dyn Disk>,
        kind: SegmentKind,
        segment_bytes: u64,
        StateAt { seq, time_us }: StateAt,
    ) -> Self {
        let store = kind.store;
        // There is one sync in the end, which needs no help.
        let fill = FillAhead::new(0);
        let writer =
            JournalWriter::new(disk.clone(), kind, segment_bytes, fill, None, Position::default());
        let batch_bytes = usize::try_from(segment_bytes).unwrap_or(usize::MAX);
        NewJournal {
            disk: disk.clone(),
            store,
            writer,
            batch_bytes: batch_bytes.min(BATCH_BYTES_MAX),
            batch: None,
            secret: None,
            seq,
            time_us,
        }
    }

    /// What the random numbers of the transactions to come are drawn from.
    pub(super) fn set_secret(&mut self, secret: Secret) {
        self.secret = Some(secret);
        if let Some(batch) = &mut self.batch {
            put_secret(batch.body_mut(), &secret);
        }
    }

    /// How the transactions to come were committed: they go into a segment of this mode.
    pub(super) fn set_mode(&mut self, rollback: Rollback) -> Result<(), Error> {
        self.write()?;
        self.writer.set_mode(rollback);
        Ok(())
    }

    /// Adds the next transaction; `void` says why it has no effect.
    pub(super) fn push(
        &mut self,
        entry_id: u32,
        time_us: u64,
        payload: &[u8],
        void: Option<&str>,
    ) -> Result<(), Error> {
        self.seq += 1;
        self.time_us = time_us;
        let (seq, secret) = (self.seq, self.secret);
        let batch = self.batch.get_or_insert_with(|| {
            let mut batch = BatchBuilder::new(seq, time_us);
            // Each batch may be the first one of a segment.
            if let Some(secret) = &secret {
                put_secret(batch.body_mut(), secret);
            }
            batch
        });
        batch.push_tx(entry_id, time_us, payload);
        if let Some(reason) = void {
            put_void(batch.body_mut(), seq, reason);
        }
        if batch.body_bytes() >= self.batch_bytes { self.write() } else { Ok(()) }
    }

    fn write(&mut self) -> Result<(), Error> {
        let Some(batch) = self.batch.take() else { return Ok(()) };
        let first_seq = batch.first_seq();
        let made = self.writer.make_room(first_seq, first_seq - 1);
        made.map_err(|failure| failure.at(&*self.disk))?;
        match self.writer.append(batch, first_seq - 1) {
            Ok(_) => Ok(()),
            Err(WriteError::Before(failure) | WriteError::During(failure)) => {
                Err(failure.at(&*self.disk))
            }
        }
    }

    /// Makes it durable, and marks its end.
    pub(super) fn finish(mut self) -> Result<(), Error> {
        self.write()?;
        self.writer.sync().map_err(|failure| failure.at(&*self.disk))?;
        let mark = CleanMark {
            store: self.store,
            seq: self.seq,
            journal: self.writer.end(),
            created_us: crate::clock::now_us(),
        };
        let marked = publish(&*self.disk, names::CLEAN, &mark.encode());
        marked.map(drop).map_err(|failure| failure.at(&*self.disk))
    }
}
