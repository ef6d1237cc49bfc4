//! Appends batches to the journal: the newest segment, and its successors.
//!
//! Not responsible for: when to sync, and what a failure means.

use std::io;
use std::sync::Arc;

use crate::clock;
use crate::disk::{Disk, DiskFile, transfer::write_all_at};
use crate::format::batch::{BatchBuilder, Progress};
use crate::format::header::{HEADER_BYTES, SegmentHeader};
use crate::format::record::{Secret, put_model, put_names, put_secret, put_void};
use crate::format::{Chain, Position, StoreId, names};

/// What went wrong, and whether any of the batch may have reached the file.
#[derive(Debug)]
pub(crate) enum WriteError {
    /// The batch was not handed over; certainly none of it is durable.
    Before(Failure),
    /// The batch was handed over in part or in whole.
    During(Failure),
}

/// An I/O error with its place.
#[derive(Debug)]
pub(crate) struct Failure {
    pub(crate) file: String,
    pub(crate) operation: &'static str,
    pub(crate) source: io::Error,
}

/// What all segments of a session have in common.
#[derive(Clone, Debug)]
pub(crate) struct SegmentKind {
    pub(crate) store: StoreId,
    pub(crate) model: &'static str,
    /// The dictionary: the same in each segment of a session, so that a transaction can be encoded before it is known
    /// in which one it will be.
    pub(crate) names: Vec<String>,
}

/// The journal's end, where batches are appended.
#[derive(Debug)]
pub(crate) struct JournalWriter {
    disk: Arc<dyn Disk>,
    kind: SegmentKind,
    /// Every segment is closed when it has this many bytes.
    segment_bytes: u64,
    /// `None` after a clean end: the first batch creates the segment.
    active: Option<ActiveSegment>,
    end: Position,
}

/// The segment that grows.
#[derive(Debug)]
pub(crate) struct ActiveSegment {
    file: Arc<dyn DiskFile>,
    number: u64,
    seed: Chain,
    secret: Secret,
    birth_end: u64,
    synced_through: u64,
}

/// What is found in a segment from its beginning on, beside its own preamble.
pub(crate) struct Inheritance<'a> {
    /// The dictionary and secret of the copied batches.
    pub(crate) names: &'a [String],
    pub(crate) secret: Secret,
    /// Batches of the predecessor for which nothing there vouches, with the state applied that they tell.
    pub(crate) batches: Vec<(BatchBuilder, u64)>,
    /// Transactions to void, with the reason.
    pub(crate) voids: Vec<(u64, String)>,
}

impl JournalWriter {
    /// Goes on behind `end`, in the `active` segment or a new one.
    pub(crate) fn new(
        disk: Arc<dyn Disk>,
        kind: SegmentKind,
        segment_bytes: u64,
        active: Option<ActiveSegment>,
        end: Position,
    ) -> Self {
        JournalWriter { disk, kind, segment_bytes, active, end }
    }

    /// The end of all that was appended.
    pub(crate) fn end(&self) -> Position {
        self.end
    }

    /// What seeds the transactions of the batch that was appended last.
    pub(crate) fn secret(&self) -> Secret {
        self.active.as_ref().map(|active| active.secret).unwrap_or_default()
    }

    /// Makes sure that there is a segment with room, and tells the new one's number and first sequence number if one had
    /// to be made. The old one is made durable first.
    pub(crate) fn make_room(
        &mut self,
        next_seq: u64,
        applied_through: u64,
    ) -> Result<Option<u64>, Failure> {
        if let Some(active) = &self.active {
            let used = self.end.offset > active.birth_end;
            if !used || self.end.offset < self.segment_bytes {
                return Ok(None);
            }
            self.sync()?;
        }
        let (active, end) =
            create_segment(&*self.disk, &self.kind, self.end, next_seq, applied_through, None)?;
        let number = active.number;
        self.active = Some(active);
        self.end = end;
        Ok(Some(number))
    }

    /// Writes a batch behind the others, without a sync. `make_room` comes first. Gives the memory back for reuse.
    pub(crate) fn append(
        &mut self,
        batch: BatchBuilder,
        applied_through: u64,
    ) -> Result<Vec<u8>, WriteError> {
        let Some(active) = &self.active else {
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

/// Makes a segment behind `predecessor`: whole and durable, its name too, when this returns.
pub(crate) fn create_segment(
    disk: &dyn Disk,
    kind: &SegmentKind,
    predecessor: Position,
    next_seq: u64,
    applied_through: u64,
    inheritance: Option<Inheritance<'_>>,
) -> Result<(ActiveSegment, Position), Failure> {
    let number = predecessor.segment + 1;
    let name = names::segment(number);
    let failure = |operation, source| Failure { file: name.clone(), operation, source };
    let mut secret = Secret::default();
    getrandom::fill(&mut secret)
        .map_err(|error| failure("draw the random numbers of", error.into()))?;

    let created_us = clock::now_us();
    let first_batch = |next_seq| BatchBuilder::new(next_seq, created_us);
    let mut batches = Vec::new();
    let mut preamble;
    if let Some(inheritance) = inheritance {
        preamble = first_batch(
            inheritance.batches.first().map_or(next_seq, |(batch, _)| batch.first_seq()),
        );
        put_model(preamble.body_mut(), kind.model);
        put_names(preamble.body_mut(), inheritance.names.iter().map(String::as_str));
        put_secret(preamble.body_mut(), &inheritance.secret);
        batches.push((preamble, applied_through));
        batches.extend(inheritance.batches);
        preamble = first_batch(next_seq);
        // The session's dictionary begins with the one that was inherited.
        put_names(
            preamble.body_mut(),
            kind.names.iter().skip(inheritance.names.len()).map(String::as_str),
        );
        for (seq, reason) in &inheritance.voids {
            put_void(preamble.body_mut(), *seq, reason);
        }
    } else {
        preamble = first_batch(next_seq);
        put_model(preamble.body_mut(), kind.model);
        put_names(preamble.body_mut(), kind.names.iter().map(String::as_str));
    }
    put_secret(preamble.body_mut(), &secret);
    batches.push((preamble, applied_through));

    let batch_bytes: u64 = batches.iter().map(|(batch, _)| batch.sealed_bytes()).sum();
    let birth_end = HEADER_BYTES as u64 + batch_bytes;
    let first_seq = batches.first().map_or(next_seq, |(batch, _)| batch.first_seq());
    let header =
        SegmentHeader { store: kind.store, number, predecessor, first_seq, created_us, birth_end };
    let seed = header.seed();

    let mut bytes = header.encode().to_vec();
    let mut chain = seed;
    for (batch, applied_through) in batches {
        let progress = Progress { synced_through: 0, applied_through };
        let sealed = batch.seal(seed, bytes.len() as u64, chain, progress);
        bytes.extend_from_slice(&sealed.bytes);
        chain = sealed.chain;
    }
    let file = publish(disk, &name, &bytes)?;
    let active = ActiveSegment { file, number, seed, secret, birth_end, synced_through: birth_end };
    Ok((active, Position { segment: number, offset: birth_end, chain }))
}

/// Writes a file so that it has its name only when it is whole and durable; its name is durable when this returns.
pub(crate) fn publish(
    disk: &dyn Disk,
    name: &str,
    bytes: &[u8],
) -> Result<Arc<dyn DiskFile>, Failure> {
    let temporary = names::temporary(name);
    let failure = |operation, source| Failure { file: name.to_owned(), operation, source };
    match disk.remove(&temporary) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => {
            return Err(failure("remove what was left of", error));
        }
        _ => {}
    }
    let file = disk.create(&temporary).map_err(|error| failure("create", error))?;
    write_all_at(&*file, 0, bytes).map_err(|error| failure("write", error))?;
    file.sync().map_err(|error| failure("sync", error))?;
    disk.rename(&temporary, name).map_err(|error| failure("rename", error))?;
    disk.sync_dir().map_err(|error| failure("sync the directory of", error))?;
    Ok(file)
}
