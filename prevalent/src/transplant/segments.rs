//! The journal of a new store: that of another one, sealed again, up to a point.

use std::collections::BTreeMap;

use crate::backup::as_damage;
use crate::disk::Disk;
use crate::disk::publish::publish;
use crate::error::Error;
use crate::format::batch::{Batch, BatchBuilder, Depth, Progress};
use crate::format::header::{HEADER_BYTES, SegmentHeader, SnapshotHeader};
use crate::format::record::{Record, Records, put_void};
use crate::format::{Position, StoreId, names};
use crate::journal::entries::{Item, SegmentContext};
use crate::journal::reader::SegmentFile;
use crate::recovery::Through;
use crate::recovery::survey::SurveyedSegment;

/// Takes segments over, one after the other.
#[derive(Debug)]
pub(super) struct Segments {
    id: StoreId,
    through: Through,
    /// Where the snapshot is in the other store's journal.
    snapshot: Position,
    /// Where it is in the new one, once that is known.
    snapshot_position: Option<Position>,
    /// The end of the new journal so far.
    end: Position,
    /// The last sequence number so far.
    seq: u64,
    /// A place behind it in the other store's journal.
    behind: Position,
    /// The segment in which the point lies. It waits for the voids of what is in it: they may lie far behind.
    last: Option<Unsealed>,
    /// Those, with the reasons.
    voids: BTreeMap<u64, String>,
}

/// What has become of the journal.
#[derive(Clone, Copy, Debug)]
pub(super) struct Transplanted {
    pub(super) end: Position,
    pub(super) seq: u64,
    /// A place behind the last transaction, in the other store's journal.
    pub(super) behind: Position,
    /// The snapshot's place in the new journal.
    pub(super) snapshot_position: Position,
}

/// A segment whose length is not known yet.
#[derive(Debug)]
struct Unsealed {
    /// The other store's.
    header: SegmentHeader,
    batches: Vec<(BatchBuilder, Progress)>,
}

impl Segments {
    /// Nothing yet, for the store `id`, which begins with this snapshot.
    pub(super) fn new(id: StoreId, through: Through, snapshot: &SnapshotHeader) -> Self {
        Segments {
            id,
            through,
            snapshot: snapshot.journal,
            snapshot_position: None,
            end: Position::default(),
            seq: snapshot.seq,
            behind: snapshot.journal,
            last: None,
            voids: BTreeMap::new(),
        }
    }

    /// Takes over the next segment. Behind the point, only the voids of what comes before it count.
    ///
    /// # Errors
    ///
    /// `Corrupt`, `UnknownContent`; `Io`, of both sides.
    pub(super) fn take_over(
        &mut self,
        from: &dyn Disk,
        segment: &SurveyedSegment,
        to: &dyn Disk,
    ) -> Result<(), Error> {
        let file = SegmentFile::read(from, segment.header).map_err(as_damage)?;
        let mut reader = file.reader(Depth::Bodies);
        let mut batches = Vec::new();
        let mut is_behind_point = self.last.is_some();
        loop {
            let (mut included, mut last_seq, mut voids) = (0, self.seq, Vec::new());
            let through = self.through;
            let look = |_: &SegmentContext, item: Item<'_>| {
                match item {
                    Item::Tx(entry) if through.includes(entry.seq, entry.time_us) => {
                        included += 1;
                        last_seq = entry.seq;
                    }
                    Item::Tx(_) => {}
                    Item::Void { seq, reason } => voids.push((seq, reason.to_owned())),
                }
                Ok::<(), Error>(())
            };
            let Some(batch) = reader.walk_batch(segment.end.offset, look)? else { break };
            if is_behind_point {
                self.voids.extend(voids);
                continue;
            }
            let copy = if included == batch.header.tx_count {
                Some(BatchBuilder::copy_of(&batch))
            } else {
                is_behind_point = true;
                self.voids.extend(voids);
                (included > 0).then(|| start_of(&batch, included))
            };
            let Some(copy) = copy else { continue };
            let (synced_through, applied_through) =
                (batch.header.synced_through, batch.header.applied_through);
            batches.push((copy, Progress { synced_through, applied_through }));
            if last_seq > self.seq {
                self.seq = last_seq;
                self.behind = reader.position();
            }
        }
        if self.last.is_some() {
            return Ok(());
        }
        let unsealed = Unsealed { header: segment.header, batches };
        if is_behind_point {
            self.last = Some(unsealed);
            return Ok(());
        }
        self.publish(unsealed, to)
    }

    /// The journal is whole.
    pub(super) fn finish(mut self, to: &dyn Disk) -> Result<Transplanted, Error> {
        if let Some(mut last) = self.last.take() {
            let mut batch = BatchBuilder::new(self.seq + 1, 0);
            for (seq, reason) in self.voids.range(..=self.seq) {
                put_void(batch.body_mut(), *seq, reason);
            }
            if batch.body_bytes() > 0 {
                let progress = Progress { synced_through: 0, applied_through: self.seq };
                last.batches.push((batch, progress));
            }
            self.publish(last, to)?;
        }
        let Segments { end, seq, behind, snapshot_position, .. } = self;
        // Where the snapshot's place lies behind the point, the end of the journal will do.
        let snapshot_position = match self.snapshot.segment {
            0 => Position::default(),
            _ => snapshot_position.unwrap_or(end),
        };
        Ok(Transplanted { end, seq, behind, snapshot_position })
    }

    /// Writes a segment, whole and durable, and reads it back.
    fn publish(&mut self, segment: Unsealed, to: &dyn Disk) -> Result<(), Error> {
        let Unsealed { header: old, batches } = segment;
        let batch_bytes: u64 = batches.iter().map(|(batch, _)| batch.sealed_bytes()).sum();
        let header = SegmentHeader {
            store: self.id,
            number: self.end.segment + 1,
            predecessor: self.end,
            birth_end: HEADER_BYTES as u64 + batch_bytes,
            ..old
        };
        let seed = header.seed();
        let mut bytes = header.encode().to_vec();
        let mut place =
            Position { segment: header.number, offset: bytes.len() as u64, chain: seed };
        for (batch, progress) in batches {
            self.note_snapshot(old.number, place);
            let sealed = batch.seal(seed, place.offset, place.chain, progress);
            bytes.extend_from_slice(&sealed.bytes);
            place = Position { offset: bytes.len() as u64, chain: sealed.chain, ..place };
        }
        self.note_snapshot(old.number, place);
        let name = names::segment(header.number);
        publish(to, &name, &bytes).map_err(|failure| failure.at(to))?;
        drop(bytes);
        let file = SegmentFile::read(to, header)?;
        let mut reader = file.reader(Depth::Bodies);
        while reader.next_batch(place.offset)?.is_some() {}
        self.end = place;
        Ok(())
    }

    /// Offsets are the same in both journals, as far as the batches are.
    fn note_snapshot(&mut self, old_segment: u64, place: Position) {
        if (self.snapshot.segment, self.snapshot.offset) == (old_segment, place.offset) {
            self.snapshot_position = Some(place);
        }
    }
}

/// The first transactions of a batch, and what stands before them.
fn start_of(batch: &Batch<'_>, tx_count: u32) -> BatchBuilder {
    let mut records = Records::new(batch.body, batch.header.base_time_us);
    let mut left = tx_count;
    while left > 0 {
        match records.next() {
            Some(Ok(Record::Tx { .. })) => left -= 1,
            Some(Ok(_)) => {}
            // It was gone through before.
            Some(Err(_)) | None => break,
        }
    }
    BatchBuilder::copy_of_start(batch, batch.body.len() - records.remaining(), tx_count)
}
