//! Backups of a store's directory, without the program.

use std::path::Path;

use super::info::BackupInfo;
use super::take::{Source, take};
use super::target::Target;
use crate::Operation;
use crate::disk::Disk;
use crate::disk::with_archive::WithArchive;
use crate::engine::launch::in_background;
use crate::engine::thread::StoreKey;
use crate::error::Error;
use crate::format::Position;
use crate::format::batch::Depth;
use crate::format::header::SnapshotHeader;
use crate::journal::reader::SegmentFile;
use crate::place::{Place, expect_store};
use crate::recovery::directory::Directory;
use crate::recovery::survey::{JournalEnd, Survey};
use crate::recovery::untyped::{first_good, survey_untyped};
use crate::resolve::accepting::Accepting;
use crate::snapshot;

/// Backs up the store in this directory: with [`to`](Backup::to), in a place of its own.
///
/// None of the program's types is needed. It is read from the files, without the lock: the store may be open meanwhile, and
/// counts as far as its files vouch for themselves, that is, without its last batches. What [`Store::backup`](crate::Store::backup)
/// copies goes further, to the last transaction. Both can take turns at one place.
///
/// ```
/// # use prevalent::prevalent;
/// # #[prevalent] #[derive(Default)] struct Counter { count: u64 }
/// # #[prevalent] impl Counter { #[tx] fn add(&mut self, n: u64) { self.count += n; } }
/// # fn main() -> Result<(), prevalent::Error> {
/// # let dir = tempfile::tempdir().unwrap();
/// # let (dir, place) = (dir.path().join("counter"), dir.path().join("backup"));
/// let store = CounterStore::open(&dir).wait()?;
/// store.add(1).wait()?;
/// store.close().wait()?;
///
/// let info = prevalent::backup(&dir).to(&place).wait()?;
/// assert_eq!(u64::from(info.seq), 1);
/// # Ok(()) }
/// ```
pub fn backup(dir: impl AsRef<Path>) -> Backup {
    Backup { from: Place::Directory(dir.as_ref().to_owned()), archive: None }
}

/// A [`backup`] to be made.
#[derive(Debug)]
#[must_use = "nothing is backed up until `to()`"]
pub struct Backup {
    from: Place,
    archive: Option<Place>,
}

impl Backup {
    /// The store's archive ([`Builder::archive_to`](crate::Builder::archive_to)): a backup that was not continued for long can go
    /// on from there.
    pub fn archive(mut self, dir: impl AsRef<Path>) -> Self {
        self.archive = Some(Place::Directory(dir.as_ref().to_owned()));
        self
    }

    /// Backs up the store on this disk.
    #[cfg(feature = "testing")]
    pub fn from_disk(mut self, disk: impl Disk) -> Self {
        self.from = Place::Disk(std::sync::Arc::new(disk));
        self
    }

    /// Brings the backup in this place up to date, or begins one. It has begun when this returns.
    ///
    /// # Errors
    ///
    /// [`Error::NoStore`], [`Error::NotAStore`]; [`Error::BackupMismatch`]; [`Error::Corrupt`], [`Error::SuspectTail`], [`Error::UnsupportedFormat`],
    /// [`Error::UnknownContent`]; [`Error::Io`], of both sides. What was there from an earlier backup is there still.
    pub fn to(self, target: impl Into<Target>) -> Operation<BackupInfo> {
        let target = target.into();
        let Backup { from, archive } = self;
        let dir = Path::new("(backup)");
        in_background("prevalent-backup", dir, StoreKey::new(), move || run(from, archive, &target))
    }
}

fn run(from: Place, archive: Option<Place>, target: &Target) -> Result<BackupInfo, Error> {
    // What is in the archive goes nowhere, and need not be held open.
    let files = from.pinned()?;
    expect_store(&*files)?;
    let disk = match archive {
        Some(archive) => std::sync::Arc::new(WithArchive::new(files.clone(), archive.disk()?)),
        None => files.clone(),
    };
    let directory = Directory::read_beside_owner(&*files)?;
    let newest_first = directory.snapshots.keys().rev().copied();
    let ((header, model), _) = first_good(&*files, newest_first, |seq| {
        // Without the body, which may be large.
        snapshot::read::read(&*files, seq).map(|file| (file.header, file.model))
    })?;
    let end = JournalEnd::Unknown { drop_suspect_tail: false };
    let survey = survey_untyped(&*files, &directory, &header, &model, end, &Accepting::default())?;
    let is_closed = directory.clean_mark.is_some_and(|mark| mark.journal == survey.end);
    let settled = if is_closed {
        Settled { end: survey.end, seq: survey.next_seq - 1 }
    } else {
        settled(&*files, &survey, &header)?
    };
    let before = |it: &&SnapshotHeader| {
        it.seq <= settled.seq
            && (it.journal.segment, it.journal.offset) <= (settled.end.segment, settled.end.offset)
    };
    let source = Source {
        disk: &*disk,
        store: header.store,
        model: &model,
        snapshots: directory.snapshot_headers().rev().filter(before).copied().collect(),
        end: settled.end,
        seq: settled.seq,
        expect_running: &|| Ok(()),
    };
    take(&source, target)
}

/// A place in the journal before which everything is durable, and applied or void by what lies before it.
#[derive(Clone, Copy, Debug)]
struct Settled {
    end: Position,
    seq: u64,
}

/// The last such place of a store that was not closed: something must vouch for it, and a batch before it must tell that
/// what lies before it was applied. A transaction that panicked has its void before anything tells so.
fn settled(disk: &dyn Disk, survey: &Survey, snapshot: &SnapshotHeader) -> Result<Settled, Error> {
    let vouched = survey.tail.as_ref().map_or(survey.end, |tail| tail.vouched);
    let mut ends = Vec::new();
    let mut applied = snapshot.seq;
    for segment in &survey.segments {
        let file = SegmentFile::read(disk, segment.header)?;
        let mut reader = file.reader(Depth::Headers);
        let end = if segment.header.number == vouched.segment { vouched } else { segment.end };
        while let Some(batch) = reader.next_batch(end.offset)? {
            applied = applied.max(batch.header.applied_through);
            ends.push(Settled { end: reader.position(), seq: reader.next_seq() - 1 });
        }
    }
    let known = Settled { end: snapshot.journal, seq: snapshot.seq };
    Ok(ends.into_iter().rev().find(|it| it.seq <= applied).unwrap_or(known))
}
