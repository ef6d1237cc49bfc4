//! Appends batches to the journal: the newest segment, and its successors.
//!
//! Not responsible for: when to sync, and what a failure means.

use std::io;
use std::sync::Arc;

use super::fill::FillAhead;
use super::next_file::NextFile;
use super::segment::{ActiveSegment, NewSegment, SegmentKind};
use crate::disk::publish::Failure;
use crate::disk::{Disk, transfer::write_all_at};
use crate::format::batch::{BatchBuilder, Progress};
use crate::format::record::Secret;
use crate::format::{Position, names};
#[cfg(feature = "json")]
use crate::rollback::Rollback;

/// What went wrong, and whether any of the batch may have reached the file.
#[derive(Debug)]
pub(crate) enum WriteError {
    /// The batch was not handed over; certainly none of it is durable.
    Before(Failure),
    /// The batch was handed over in part or in whole.
    During(Failure),
}

/// The journal's end, where batches are appended.
#[derive(Debug)]
pub(crate) struct JournalWriter {
    disk: Arc<dyn Disk>,
    kind: SegmentKind,
    /// Every segment is closed when it has this many bytes.
    segment_bytes: u64,
    fill: FillAhead,
    /// `None` after a clean end: the first batch creates the segment.
    active: Option<ActiveSegment>,
    /// When the segment that grows is half full.
    next_file: Option<NextFile>,
    end: Position,
}

impl JournalWriter {
    /// Goes on behind `end`, in the `active` segment or a new one.
    pub(crate) fn new(
        disk: Arc<dyn Disk>,
        kind: SegmentKind,
        segment_bytes: u64,
        fill: FillAhead,
        active: Option<ActiveSegment>,
        end: Position,
    ) -> Self {
        JournalWriter { disk, kind, segment_bytes, fill, active, next_file: None, end }
    }

    /// Whether there is a segment that grows: not so after a clean end, until the first batch.
    pub(crate) fn has_segment(&self) -> bool {
        self.active.is_some()
    }

    /// The end of all that was appended.
    pub(crate) fn end(&self) -> Position {
        self.end
    }

    /// How often no zeros could be written behind the end.
    pub(crate) fn failed_fills(&self) -> u64 {
        self.fill.failed()
    }

    /// What seeds the transactions of the session.
    pub(crate) fn secret(&self) -> Secret {
        self.kind.secret
    }

    /// The mode of what comes next.
    #[cfg(feature = "json")]
    pub(crate) fn set_mode(&mut self, rollback: Rollback) {
        self.kind.rollback = rollback;
    }

    /// Makes sure that there is a segment of this mode with room, and tells the new one's number and first sequence number if
    /// one had to be made. The old one is made durable first.
    pub(crate) fn make_room(
        &mut self,
        next_seq: u64,
        applied_through: u64,
    ) -> Result<Option<u64>, Failure> {
        if let Some(active) = &self.active {
            let used = self.end.offset > active.birth_end;
            let has_room = !used || self.end.offset < self.segment_bytes;
            if has_room && active.rollback == self.kind.rollback {
                return Ok(None);
            }
            self.sync()?;
        }
        let new = NewSegment {
            kind: &self.kind,
            predecessor: self.end,
            next_seq,
            applied_through,
            carried: None,
            voids: &[],
        };
        let zeroed = self.next_file.take().and_then(|next| {
            let zeroed = next.take();
            if zeroed.is_none() {
                self.fill.no_next_file();
            }
            zeroed
        });
        let (active, end) = new.create_in(&*self.disk, zeroed)?;
        self.active = Some(active);
        self.end = end;
        Ok(Some(end.segment))
    }

    /// Writes a batch behind the others, without a sync. `make_room` comes first. Gives the memory back for reuse.
    pub(crate) fn append(
        &mut self,
        batch: BatchBuilder,
        applied_through: u64,
    ) -> Result<Vec<u8>, WriteError> {
        let Some(active) = &mut self.active else {
            let source = io::Error::other("no segment is open");
            return Err(WriteError::Before(Failure {
                file: names::segment(self.end.segment),
                operation: "write",
                source,
            }));
        };
        let progress = Progress { synced_through: active.synced_through, applied_through };
        let sealed = batch.seal(active.seed, self.end.offset, self.end.chain, progress);
        write_all_at(&*active.file, self.end.offset, &sealed.bytes).map_err(|source| {
            WriteError::During(Failure {
                file: names::segment(active.number),
                operation: "write",
                source,
            })
        })?;
        self.end.offset += sealed.bytes.len() as u64;
        self.end.chain = sealed.chain;
        self.fill.behind(active, self.end.offset, sealed.bytes.len(), self.segment_bytes);
        if self.next_file.is_none()
            && self.end.offset >= self.segment_bytes / 2
            && let Some(zeros) = self.fill.zeros_of_next(self.segment_bytes)
        {
            self.next_file = Some(NextFile::begin(&self.disk, self.end.segment + 1, zeros));
        }
        Ok(sealed.bytes)
    }

    /// Makes everything durable that was appended.
    pub(crate) fn sync(&mut self) -> Result<(), Failure> {
        if let Some(active) = &mut self.active
            && active.synced_through < self.end.offset
        {
            active.file.sync().map_err(|source| Failure {
                file: names::segment(active.number),
                operation: "sync",
                source,
            })?;
            active.synced_through = self.end.offset;
        }
        Ok(())
    }
}
