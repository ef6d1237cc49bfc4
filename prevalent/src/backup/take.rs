//! Copies to a backup what it has not got yet. Everything is checked on the way, and read back.

use std::io::{self, ErrorKind};

use super::info::{BackupInfo, BackupKind};
use super::prove::{Resume, prove};
use super::target::Target;
use crate::clock;
use crate::disk::Disk;
use crate::error::Error;
use crate::format::batch::Depth;
use crate::format::header::SnapshotHeader;
use crate::format::manifest::{BackedUp, FileHeader, Manifest, ManifestError, Piece, piece_name};
use crate::format::{Position, StoreId, hash, names};
use crate::journal::entries::{Item, SegmentContext};
use crate::journal::reader::{SegmentFile, read_header};
use crate::recovery::directory::header_error;
use crate::snapshot;

/// The store that is backed up. None of its files may be removed meanwhile; it may grow.
pub(crate) struct Source<'a> {
    /// Its archive included, where it has one.
    pub(crate) disk: &'a dyn Disk,
    pub(crate) store: StoreId,
    /// The model's stable name.
    pub(crate) model: &'a str,
    /// Those that have a good header, newest first. All that is in them lies before `end`.
    pub(crate) snapshots: Vec<SnapshotHeader>,
    /// A place in the journal through which it is durable. What lies before it is applied, or void.
    pub(crate) end: Position,
    /// The last sequence number before that place.
    pub(crate) seq: u64,
    /// Whether it is to go on: asked before each piece.
    pub(crate) expect_running: &'a dyn Fn() -> Result<(), Error>,
}

impl Source<'_> {
    /// Where a segment ends: its successor says so.
    pub(super) fn accepted_end(&self, segment: u64) -> Result<Position, Error> {
        if segment == self.end.segment {
            return Ok(self.end);
        }
        Ok(read_header(self.disk, segment + 1)?.predecessor)
    }
}

/// Brings the backup up to date.
///
/// # Errors
///
/// `BackupMismatch`, with nothing written; `Corrupt` where the store or the backup's list is damaged; `Io`, of both sides.
/// What the backup held before, it holds still.
pub(crate) fn take(source: &Source<'_>, target: &Target) -> Result<BackupInfo, Error> {
    let _lock = target.lock()?;
    let earlier = read_manifest(target)?;
    let resume = earlier.as_ref().map(|manifest| prove(source, manifest, target)).transpose()?;
    let kind = if earlier.is_some() { BackupKind::Incremental } else { BackupKind::Full };
    let mut copy = Copy {
        source,
        target,
        manifest: earlier.unwrap_or_else(|| Manifest {
            store: source.store,
            seq: source.seq,
            end: source.end,
            time_us: 0,
            created_us: 0,
            model: source.model.to_owned(),
            snapshots: Vec::new(),
            segments: Vec::new(),
        }),
        pieces: 0,
        bytes: 0,
    };
    let damaged = copy.snapshot()?;
    let snapshots = &copy.manifest.snapshots;
    let Some((oldest, newest)) = snapshots.first().zip(snapshots.last()) else {
        let none = || Error::corrupt(source.disk.path().to_owned(), 0, None, "it has no snapshot");
        return Err(damaged.into_iter().next().unwrap_or_else(none));
    };
    let (oldest, newest) = (oldest.header, newest.header);
    let resume = resume.unwrap_or(Resume { segment: oldest.journal.segment, offset: 0 });
    copy.manifest.time_us = copy.manifest.time_us.max(newest.time_us);
    copy.journal(resume, newest.seq)?;
    copy.finish()?;
    Ok(BackupInfo {
        seq: source.seq.into(),
        oldest_seq: oldest.seq.into(),
        snapshot_seq: newest.seq.into(),
        kind,
        pieces: copy.pieces,
        bytes: copy.bytes,
        damaged,
    })
}

/// What the backup holds, if there is one.
pub(super) fn read_manifest(target: &Target) -> Result<Option<Manifest>, Error> {
    let bytes = match target.get(names::BACKUP) {
        Ok(bytes) => bytes,
        Err(Error::Io { source, .. }) if source.kind() == ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(error),
    };
    Manifest::decode(&bytes).map(Some).map_err(|error| match error {
        ManifestError::Header(error) => header_error(target.manifest_path(), &error),
        error => Error::corrupt(target.manifest_path(), 0, None, error.to_string()),
    })
}

/// A backup in the making.
struct Copy<'a> {
    source: &'a Source<'a>,
    target: &'a Target,
    /// As it will be: nobody knows of it before it is put.
    manifest: Manifest,
    pieces: usize,
    bytes: u64,
}

impl Copy<'_> {
    /// Copies the newest good snapshot, unless the backup has it. Gives what is wrong with those that are newer.
    fn snapshot(&mut self) -> Result<Vec<Error>, Error> {
        let (source, mut damaged) = (self.source, Vec::new());
        for header in &source.snapshots {
            // An older one may rely on journal that the backup hasn't got.
            let newest = self.manifest.snapshots.last().map(|known| known.header);
            if newest.is_some_and(|newest| newest == *header || newest.seq > header.seq) {
                return Ok(damaged);
            }
            let file = match snapshot::read::read(source.disk, header.seq) {
                Ok(file) => file,
                Err(error @ Error::Corrupt { .. }) => {
                    tracing::warn!(%error, "a damaged snapshot is left out of the backup");
                    damaged.push(error);
                    continue;
                }
                Err(error) => return Err(error),
            };
            let header = file.header;
            let pieces = self.put(&header, 0, file.file())?;
            // There may be one that was read into other types since, and replaced.
            self.manifest.snapshots.retain(|known| known.header.seq != header.seq);
            self.manifest.snapshots.push(BackedUp { header, pieces });
            return Ok(damaged);
        }
        Ok(damaged)
    }

    /// Copies the journal from `resume` on.
    fn journal(&mut self, resume: Resume, snapshot_seq: u64) -> Result<(), Error> {
        let end = self.source.end;
        let mut last_seq = snapshot_seq;
        for number in resume.segment.max(1)..=end.segment {
            let from = if number == resume.segment { resume.offset } else { 0 };
            last_seq = self.segment(number, from)?;
        }
        if last_seq == self.source.seq {
            return Ok(());
        }
        let (file, expected) = (names::segment(end.segment), self.source.seq);
        let what = format!("the journal ends with sequence number {last_seq}, not {expected}");
        Err(Error::corrupt(self.source.disk.path().join(file), end.offset, None, what))
    }

    /// Checks a segment up to its end, and copies what it has from `from` on. Gives the last sequence number in it.
    fn segment(&mut self, number: u64, from: u64) -> Result<u64, Error> {
        (self.source.expect_running)()?;
        let header = read_header(self.source.disk, number)?;
        let end = self.source.accepted_end(number)?;
        let file = SegmentFile::read(self.source.disk, header)?;
        let mut reader = file.reader(Depth::Bodies);
        let mut time_us = self.manifest.time_us;
        let mut look = |_: &SegmentContext, item: Item<'_>| {
            if let Item::Tx(entry) = item {
                time_us = time_us.max(entry.time_us);
            }
            Ok::<(), Error>(())
        };
        while reader.walk_batch(end.offset, &mut look)?.is_some() {}
        // The chain begins with the store's id.
        if reader.position() != end {
            let what = "the journal up to here is not the one that goes on behind it";
            let (offset, seq) = (reader.position().offset, Some(reader.next_seq().into()));
            return Err(Error::corrupt(file.path.clone(), offset, seq, what));
        }
        let last_seq = reader.next_seq() - 1;
        self.manifest.time_us = time_us;
        let new = usize::try_from(from)
            .ok()
            .zip(usize::try_from(end.offset).ok())
            .and_then(|(from, end)| file.bytes.get(from..end))
            // What was carried over into the next segment lies behind this one's end.
            .unwrap_or_default();
        let pieces = self.put(&header, from, new)?;
        match self.manifest.segments.last_mut() {
            Some(known) if known.header.number == number => known.pieces.extend(pieces),
            _ => self.manifest.segments.push(BackedUp { header, pieces }),
        }
        Ok(last_seq)
    }

    /// Puts bytes of a file, which stand at `offset` in it, and reads them back.
    fn put(
        &mut self,
        header: &impl FileHeader,
        mut offset: u64,
        bytes: &[u8],
    ) -> Result<Vec<Piece>, Error> {
        let mut pieces = Vec::new();
        for bytes in self.target.split(bytes) {
            (self.source.expect_running)()?;
            self.put_checked(&piece_name(header, offset), bytes)?;
            let piece = Piece { bytes: bytes.len() as u64, hash: hash(bytes) };
            offset += piece.bytes;
            pieces.push(piece);
            self.pieces += 1;
            self.bytes += piece.bytes;
        }
        Ok(pieces)
    }

    fn put_checked(&self, name: &str, bytes: &[u8]) -> Result<(), Error> {
        self.target.put(name, bytes)?;
        if self.target.get(name)? == bytes {
            return Ok(());
        }
        let what = "what is read is not what was written";
        let differs = io::Error::new(ErrorKind::InvalidData, what);
        Err(Error::io(&self.target.path(name), "read back", differs))
    }

    /// Puts the manifest. It is put where nothing is new, too: that of an earlier backup that failed in the last moment may
    /// be seen, and not be durable.
    fn finish(&mut self) -> Result<(), Error> {
        (self.source.expect_running)()?;
        let manifest = &mut self.manifest;
        (manifest.seq, manifest.end) = (self.source.seq, self.source.end);
        self.source.model.clone_into(&mut manifest.model);
        manifest.created_us = clock::now_us();
        self.put_checked(names::BACKUP, &self.manifest.encode())
    }
}
