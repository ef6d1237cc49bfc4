//! What a store's directory holds, by names and headers. Nothing is judged that isn't a contradiction in itself.

use std::collections::BTreeMap;
use std::io::{self, ErrorKind};
use std::path::PathBuf;

use crate::disk::{Disk, transfer::read_prefix};
use crate::error::Error;
use crate::format::header::{CleanMark, HEADER_BYTES, HeaderError, SegmentHeader, SnapshotHeader};
use crate::format::names::{self, FileKind};
use crate::format::{FORMAT_VERSION, NUMBER_MAX, StoreId};

/// No file has this number, or a higher one: nothing could be added to it.
const NUMBER_ABOVE: u64 = NUMBER_MAX + 1;

/// The files of a store.
#[derive(Debug, Default)]
pub(crate) struct Directory {
    pub(crate) segments: BTreeMap<u64, Found<SegmentHeader>>,
    pub(crate) snapshots: BTreeMap<u64, Found<SnapshotHeader>>,
    pub(crate) clean_mark: Option<CleanMark>,
    /// What was being written when the store's process ended.
    pub(crate) temporaries: Vec<String>,
    /// Whether there is a backup's manifest, too.
    has_backup: bool,
    /// Whether it says that it is an archive.
    is_archive: bool,
}

/// A file that is there.
#[derive(Clone, Debug)]
pub(crate) struct Found<H> {
    /// Kept as the error that it is, if it is damaged: whether that matters depends on whether the file is needed.
    pub(crate) header: Result<H, Error>,
    /// The file's length.
    pub(crate) bytes: u64,
}

/// What happens to the files while they are read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Meanwhile {
    NothingGoes,
    OwnerGoesOn,
}

impl Directory {
    /// Lists the directory and reads all headers. No file may go meanwhile: one that is listed and can't be found (a link to
    /// nowhere) is as good as damaged.
    ///
    /// # Errors
    ///
    /// `Io`; `UnsupportedFormat`; `Corrupt` where a file has another one's number or belongs to another store, and for a
    /// damaged clean mark.
    pub(crate) fn read(disk: &dyn Disk) -> Result<Directory, Error> {
        Directory::read_while(disk, Meanwhile::NothingGoes)
    }

    /// Like `read`, without the lock: what the store's owner removes meanwhile is left out.
    ///
    /// # Errors
    ///
    /// Those of `read`.
    pub(crate) fn read_beside_owner(disk: &dyn Disk) -> Result<Directory, Error> {
        Directory::read_while(disk, Meanwhile::OwnerGoesOn)
    }

    fn read_while(disk: &dyn Disk, meanwhile: Meanwhile) -> Result<Directory, Error> {
        let mut directory = Directory::default();
        for name in disk.list().map_err(|error| Error::io(disk.path(), "list", error))? {
            match FileKind::of(&name) {
                FileKind::Segment { number: number @ NUMBER_ABOVE.. }
                | FileKind::Snapshot { seq: number @ NUMBER_ABOVE.. } => {
                    let what = format!(
                        "its name has the number {number}, which is higher than any can be"
                    );
                    return Err(Error::corrupt(disk.path_of(&name), 0, None, what));
                }
                FileKind::Segment { number } => {
                    let Some(found) = find(disk, &name, meanwhile, SegmentHeader::decode)? else {
                        continue;
                    };
                    if let Ok(header) = &found.header {
                        expect_number(disk, &name, number, header.number)?;
                    }
                    directory.segments.insert(number, found);
                }
                FileKind::Snapshot { seq } => {
                    let Some(found) = find(disk, &name, meanwhile, SnapshotHeader::decode)? else {
                        continue;
                    };
                    if let Ok(header) = &found.header {
                        expect_number(disk, &name, seq, header.seq)?;
                    }
                    directory.snapshots.insert(seq, found);
                }
                FileKind::CleanMark => {
                    let found = find(disk, &name, meanwhile, CleanMark::decode)?;
                    directory.clean_mark = found.map(|found| found.header).transpose()?;
                }
                FileKind::Temporary => directory.temporaries.push(name),
                FileKind::Other => {
                    directory.has_backup |= name == names::BACKUP;
                    directory.is_archive |= name == names::ARCHIVE;
                }
            }
        }
        directory.expect_one_store(disk)?;
        Ok(directory)
    }

    /// Whether no store has ever been completed here.
    pub(crate) fn is_empty(&self) -> bool {
        self.segments.is_empty() && self.snapshots.is_empty() && self.clean_mark.is_none()
    }

    /// Shows that a store may be opened or made here. An empty one beside a backup would look like a loss, and what is
    /// committed to an archive is in no store.
    ///
    /// # Errors
    ///
    /// `NotAStore`.
    pub(crate) fn expect_place_of_a_store(&self, disk: &dyn Disk) -> Result<(), Error> {
        if self.is_archive {
            return Err(Error::holds_an_archive(disk.path()));
        }
        if self.has_backup && self.is_empty() {
            return Err(Error::holds_a_backup(disk.path()));
        }
        Ok(())
    }

    /// The headers of the snapshots that have a good one, oldest first.
    pub(crate) fn snapshot_headers(&self) -> impl DoubleEndedIterator<Item = &SnapshotHeader> {
        self.snapshots.values().filter_map(|found| found.header.as_ref().ok())
    }

    /// The oldest snapshot behind which no segment is missing. (An interrupted pruning leaves others, and so does an archive
    /// that was not always there.)
    pub(crate) fn oldest_snapshot_with_its_journal(&self) -> Option<&SnapshotHeader> {
        let mut oldest_segment = self.newest_segment();
        while oldest_segment > 1 && self.segments.contains_key(&(oldest_segment - 1)) {
            oldest_segment -= 1;
        }
        self.snapshot_headers().find(|header| header.journal.segment.max(1) >= oldest_segment)
    }

    /// The number of the newest segment, 0 where there is none.
    pub(crate) fn newest_segment(&self) -> u64 {
        self.segments.last_key_value().map_or(0, |(&number, _)| number)
    }

    /// Which store the files belong to, where a good header says so.
    pub(crate) fn store(&self) -> Option<StoreId> {
        let segments = self.segments.values().filter_map(|found| found.header.as_ref().ok());
        let segments = segments.map(|header| header.store);
        self.snapshot_headers().map(|header| header.store).chain(segments).next()
    }

    fn expect_one_store(&self, disk: &dyn Disk) -> Result<(), Error> {
        let snapshots =
            self.snapshot_headers().rev().map(|header| (names::snapshot(header.seq), header.store));
        let segments = self.segments.values().filter_map(|found| found.header.as_ref().ok());
        let segments = segments.map(|header| (names::segment(header.number), header.store));
        let clean_mark = self.clean_mark.map(|mark| (names::CLEAN.to_owned(), mark.store));
        let mut first: Option<(String, StoreId)> = None;
        for (name, store) in snapshots.chain(segments).chain(clean_mark) {
            match &first {
                None => first = Some((name, store)),
                Some((_, id)) if *id == store => {}
                Some((other, _)) => {
                    let what = format!("it belongs to another store than `{other}`");
                    return Err(Error::corrupt(disk.path_of(&name), 16, None, what));
                }
            }
        }
        Ok(())
    }
}

/// Reads a file's header; `None` where an owner of the store that goes on has removed the file since it was listed.
fn find<H>(
    disk: &dyn Disk,
    name: &str,
    meanwhile: Meanwhile,
    decode: impl Fn(&[u8]) -> Result<H, HeaderError>,
) -> Result<Option<Found<H>>, Error> {
    let path = disk.path_of(name);
    let read = || {
        let file = disk.open(name)?;
        Ok::<_, io::Error>((read_prefix(&*file, HEADER_BYTES)?, file.len()?))
    };
    let (header, bytes) = match read() {
        Err(error)
            if error.kind() == ErrorKind::NotFound && meanwhile == Meanwhile::OwnerGoesOn =>
        {
            return Ok(None);
        }
        read => read.map_err(|error| Error::io(&path, "read", error))?,
    };
    match decode(&header).map_err(|error| header_error(path, &error)) {
        Err(error) if !matches!(error, Error::Corrupt { .. }) => Err(error),
        header => Ok(Some(Found { header, bytes })),
    }
}

/// What a header error means to the user.
pub(crate) fn header_error(file: PathBuf, error: &HeaderError) -> Error {
    match error {
        HeaderError::Version { found } => {
            Error::UnsupportedFormat { file, found: *found, supported: FORMAT_VERSION }
        }
        HeaderError::Flags { flags } => {
            Error::UnknownContent { file, what: format!("the flags {flags:#x} in its header") }
        }
        error => Error::corrupt(file, 0, None, error.to_string()),
    }
}

fn expect_number(disk: &dyn Disk, name: &str, expected: u64, found: u64) -> Result<(), Error> {
    if expected == found {
        return Ok(());
    }
    let what = format!("its header says that it is number {found}: it was renamed, or is a copy");
    Err(Error::corrupt(disk.path_of(name), 32, None, what))
}
