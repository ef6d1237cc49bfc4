//! A backup as the files of a store, to be read like them.

use std::fmt;
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use parking_lot::Mutex;

use super::damage::DamagedPiece;
use super::take::read_manifest;
use super::target::Target;
use crate::disk::{Disk, DiskFile, DiskLock};
use crate::error::Error;
use crate::format::manifest::{BackedUp, FileHeader, Manifest, Piece, piece_name};
use crate::format::{Position, hash, names};
use crate::recovery::directory::{Directory, Found};

/// What was read is kept while it is not more than this (one piece always is): a small backup is fetched only once.
const CACHE_BYTES_MAX: usize = 128 << 20;

/// The files of a store, out of a backup. They can be read, and nothing else.
#[derive(Clone)]
pub(crate) struct BackupFiles {
    inner: Arc<Inner>,
}

struct Inner {
    target: Target,
    path: PathBuf,
    manifest: Manifest,
    cache: Mutex<Cache>,
}

/// Pieces that were read, the last one at the end.
#[derive(Default)]
struct Cache {
    pieces: Vec<(String, Arc<[u8]>)>,
}

impl BackupFiles {
    /// What is in the backup.
    ///
    /// # Errors
    ///
    /// `NoBackup`; `Corrupt`, `UnsupportedFormat`, `UnknownContent` for its manifest; `Io`.
    pub(crate) fn open(target: Target) -> Result<Self, Error> {
        let Some(manifest) = read_manifest(&target)? else {
            return Err(Error::NoBackup { target: target.describe() });
        };
        let path = PathBuf::from(target.describe());
        let cache = Mutex::default();
        Ok(BackupFiles { inner: Arc::new(Inner { target, path, manifest, cache }) })
    }

    /// The end of the journal.
    pub(crate) fn end(&self) -> Position {
        self.inner.manifest.end
    }

    /// What is there, by the headers that the manifest has.
    pub(crate) fn directory(&self) -> Directory {
        let mut directory = Directory::default();
        for file in &self.inner.manifest.segments {
            let found = Found { header: Ok(file.header), bytes: file.bytes() };
            directory.segments.insert(file.header.number, found);
        }
        for file in &self.inner.manifest.snapshots {
            let found = Found { header: Ok(file.header), bytes: file.bytes() };
            directory.snapshots.insert(file.header.seq, found);
        }
        directory
    }
}

impl Inner {
    fn piece(&self, name: &str, expected: Piece) -> io::Result<Arc<[u8]>> {
        if let Some(bytes) = self.cache.lock().get(name) {
            return Ok(bytes);
        }
        let damaged = |what| DamagedPiece { path: self.target.path(name), what };
        let bytes = self.target.try_get(name).map_err(|error| match error.kind() {
            ErrorKind::NotFound => damaged("is missing").into(),
            _ => error,
        })?;
        if hash(&bytes) != expected.hash {
            return Err(damaged("is not the one that the manifest names").into());
        }
        let bytes: Arc<[u8]> = bytes.into();
        self.cache.lock().add(name, bytes.clone());
        Ok(bytes)
    }
}

impl Cache {
    fn get(&self, name: &str) -> Option<Arc<[u8]>> {
        self.pieces.iter().find(|(known, _)| known == name).map(|(_, bytes)| bytes.clone())
    }

    fn add(&mut self, name: &str, bytes: Arc<[u8]>) {
        let mut room = CACHE_BYTES_MAX.saturating_sub(bytes.len());
        let kept = self.pieces.iter().rev().take_while(|(_, bytes)| {
            let fits = bytes.len() <= room;
            room = room.saturating_sub(bytes.len());
            fits
        });
        let gone = self.pieces.len() - kept.count();
        self.pieces.drain(..gone);
        self.pieces.push((name.to_owned(), bytes));
    }
}

/// A file, out of its pieces.
struct PieceFile {
    files: BackupFiles,
    pieces: Vec<PlacedPiece>,
    bytes: u64,
}

struct PlacedPiece {
    name: String,
    start: u64,
    piece: Piece,
}

impl PieceFile {
    fn of(files: &BackupFiles, file: &BackedUp<impl FileHeader>) -> Self {
        let mut bytes = 0;
        let pieces = file.pieces.iter().map(|&piece| {
            let start = bytes;
            bytes += piece.bytes;
            PlacedPiece { name: piece_name(&file.header, start), start, piece }
        });
        let pieces = pieces.collect();
        PieceFile { files: files.clone(), pieces, bytes }
    }
}

impl DiskFile for PieceFile {
    fn len(&self) -> io::Result<u64> {
        Ok(self.bytes)
    }

    fn read_at(&self, offset: u64, buffer: &mut [u8]) -> io::Result<usize> {
        let holds = |placed: &&PlacedPiece| {
            (placed.start..placed.start + placed.piece.bytes).contains(&offset)
        };
        let Some(placed) = self.pieces.iter().find(holds) else { return Ok(0) };
        let bytes = self.files.inner.piece(&placed.name, placed.piece)?;
        Ok(crate::disk::memory::read_from(&bytes, offset - placed.start, buffer))
    }

    fn write_at(&self, _offset: u64, _data: &[u8]) -> io::Result<usize> {
        Err(ErrorKind::ReadOnlyFilesystem.into())
    }

    fn sync(&self) -> io::Result<()> {
        Ok(())
    }
}

impl Disk for BackupFiles {
    fn path(&self) -> &Path {
        &self.inner.path
    }

    fn lock(&self) -> io::Result<DiskLock> {
        Err(ErrorKind::ReadOnlyFilesystem.into())
    }

    fn list(&self) -> io::Result<Vec<String>> {
        let Manifest { segments, snapshots, .. } = &self.inner.manifest;
        let snapshots = snapshots.iter().map(|file| file.header.file_name());
        Ok(segments.iter().map(|file| file.header.file_name()).chain(snapshots).collect())
    }

    fn create(&self, _name: &str) -> io::Result<Arc<dyn DiskFile>> {
        Err(ErrorKind::ReadOnlyFilesystem.into())
    }

    fn open(&self, name: &str) -> io::Result<Arc<dyn DiskFile>> {
        let Manifest { segments, snapshots, .. } = &self.inner.manifest;
        let segment = segments.iter().find(|file| names::segment(file.header.number) == name);
        if let Some(file) = segment {
            return Ok(Arc::new(PieceFile::of(self, file)));
        }
        let snapshot = snapshots.iter().find(|file| names::snapshot(file.header.seq) == name);
        let file = snapshot.ok_or(ErrorKind::NotFound)?;
        Ok(Arc::new(PieceFile::of(self, file)))
    }

    fn rename(&self, _from: &str, _to: &str) -> io::Result<()> {
        Err(ErrorKind::ReadOnlyFilesystem.into())
    }

    fn remove(&self, _name: &str) -> io::Result<()> {
        Err(ErrorKind::ReadOnlyFilesystem.into())
    }

    fn sync_dir(&self) -> io::Result<()> {
        Err(ErrorKind::ReadOnlyFilesystem.into())
    }
}

impl fmt::Debug for BackupFiles {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("BackupFiles").field(&self.inner.target).finish()
    }
}

impl fmt::Debug for PieceFile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PieceFile").field("files", &self.files).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::format::StoreId;
    use crate::format::header::SegmentHeader;
    use crate::rollback::Rollback;

    /// A backup of a segment, of which there are no pieces.
    fn files() -> BackupFiles {
        let store = StoreId([1; 16]);
        let (end, rollback) = (Position { segment: 1, ..Position::default() }, Rollback::Off);
        let header = SegmentHeader {
            store,
            rollback,
            number: 1,
            predecessor: Position::default(),
            first_seq: 1,
            created_us: 0,
            birth_end: 0,
        };
        let manifest = Manifest {
            store,
            seq: 0,
            end,
            time_us: 0,
            created_us: 0,
            model: String::new(),
            snapshots: Vec::new(),
            segments: vec![BackedUp { header, pieces: Vec::new() }],
        };
        let (target, path) = (Target::from(Path::new("nowhere")), PathBuf::from("nowhere"));
        let cache = Mutex::default();
        BackupFiles { inner: Arc::new(Inner { target, path, manifest, cache }) }
    }

    #[test]
    fn nothing_is_written() {
        let files = files();
        let file = files.open(&names::segment(1)).unwrap();
        let outcomes = [
            files.lock().map(drop),
            files.create("a").map(drop),
            files.rename("a", "b"),
            files.remove("a"),
            files.sync_dir(),
            file.write_at(0, b"a").map(drop),
        ];
        for outcome in outcomes {
            assert_eq!(outcome.unwrap_err().kind(), ErrorKind::ReadOnlyFilesystem);
        }
    }

    #[test]
    fn what_the_manifest_does_not_have_is_not_there() {
        for name in [names::segment(2), names::snapshot(1), "a".to_owned()] {
            assert_eq!(files().open(&name).unwrap_err().kind(), ErrorKind::NotFound);
        }
    }
}
