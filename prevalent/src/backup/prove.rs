//! Whether a store's journal goes on where a backup ends.

use std::io::ErrorKind;

use super::take::Source;
use super::target::Target;
use crate::error::Error;
use crate::format::Position;
use crate::format::batch::Depth;
use crate::format::header::SegmentHeader;
use crate::format::manifest::Manifest;
use crate::journal::reader::{SegmentFile, read_header};

/// Where the copying goes on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Resume {
    pub(super) segment: u64,
    /// Where in this segment.
    pub(super) offset: u64,
}

/// Shows that the end of the backup is a place in the journal, with the same history before it.
///
/// # Errors
///
/// `BackupMismatch`; `Corrupt` where the journal is damaged before that place; `Io`.
pub(super) fn prove(
    source: &Source<'_>,
    manifest: &Manifest,
    target: &Target,
) -> Result<Resume, Error> {
    let mismatch = |what: String| Error::BackupMismatch { target: target.describe(), what };
    let (end, seq) = (manifest.end, manifest.seq);
    if manifest.store != source.store {
        return Err(mismatch(format!(
            "it is of another store ({}; this one is {}): every store needs a place of its own, and so does one that was restored, forked or imported",
            manifest.store, source.store
        )));
    }
    let is_ahead = (end.segment, end.offset) > (source.end.segment, source.end.offset);
    if seq > source.seq || is_ahead {
        return Err(mismatch(format!(
            "it goes up to sequence number {seq}, and this store to {}: the store's directory was set back, or is a copy; back it up to another place",
            source.seq
        )));
    }
    match find(source, end)? {
        Found::SameHistory(resume) => Ok(resume),
        Found::OtherHistory => Err(mismatch(format!(
            "at sequence number {seq} its history is not that of this store, though both have the same id: one of the two is a copy that went its own way; back this one up to another place"
        ))),
        Found::Pruned => Err(mismatch(format!(
            "it ends at sequence number {seq}, and this store's journal doesn't go back so far any more: begin a new backup in another place; from then on, back up more often, keep more snapshots, or give the store an archive"
        ))),
    }
}

/// What is where a backup ends.
enum Found {
    SameHistory(Resume),
    OtherHistory,
    Pruned,
}

fn find(source: &Source<'_>, end: Position) -> Result<Found, Error> {
    if end.segment > 0
        && let Some(header) = header_if_there(source, end.segment)?
    {
        return find_in(source, header, end);
    }
    if end.segment == source.end.segment {
        // There is no journal yet, neither here nor there.
        return Ok(Found::SameHistory(Resume { segment: 0, offset: 0 }));
    }
    // The next segment knows what comes before it.
    Ok(match header_if_there(source, end.segment + 1)? {
        None => Found::Pruned,
        Some(next) if next.predecessor == end => {
            Found::SameHistory(Resume { segment: next.number, offset: 0 })
        }
        // Where the backup ends in the middle of that one, or was carried over into the next, only that one could tell.
        Some(next) if next.predecessor.offset != end.offset => Found::Pruned,
        Some(_) => Found::OtherHistory,
    })
}

/// Looks for the end of the backup in the segment that it names. It may lie behind that segment's accepted end: the process
/// was killed then, and what was not vouched for was copied into the next segment.
fn find_in(source: &Source<'_>, header: SegmentHeader, end: Position) -> Result<Found, Error> {
    let accepted = source.accepted_end(header.number)?;
    let file = SegmentFile::read(source.disk, header)?;
    let mut reader = file.reader(Depth::Headers);
    while reader.position().offset < end.offset {
        let is_accepted = reader.position().offset < accepted.offset;
        match reader.next_batch(end.offset) {
            Ok(_) => {}
            Err(error) if is_accepted => return Err(error),
            Err(_) => return Ok(Found::OtherHistory),
        }
    }
    Ok(if reader.position() == end {
        Found::SameHistory(Resume { segment: end.segment, offset: end.offset })
    } else {
        Found::OtherHistory
    })
}

/// The header of a segment, if it isn't pruned.
fn header_if_there(source: &Source<'_>, number: u64) -> Result<Option<SegmentHeader>, Error> {
    match read_header(source.disk, number) {
        Ok(header) => Ok(Some(header)),
        Err(Error::Io { source, .. }) if source.kind() == ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}
