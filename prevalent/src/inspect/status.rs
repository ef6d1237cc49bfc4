//! What files there are, and what their headers say.

use std::path::PathBuf;
use std::time::SystemTime;

use super::StoreFiles;
use super::owner::{Owner, owner_of};
use super::segments::{BatchPlace, Part, Stop};
use super::view::View;
use crate::disk::real::LOCK_FILE;
use crate::error::Error;
use crate::format::batch::Depth;
use crate::format::{FORMAT_VERSION, names};
use crate::journal::entries::{Item, SegmentContext};
use crate::rollback::Rollback;
use crate::snapshot::stream::SnapshotStream;
use crate::{Origin, Seq, StoreId, clock};

/// What the files of a store say about themselves: [`StoreFiles::status`].
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Status {
    /// The directory.
    pub dir: PathBuf,
    /// The store, where a good header says which one.
    pub store: Option<StoreId>,
    /// The model's stable name, where a good snapshot has it.
    pub model: Option<String>,
    /// The model's version in the newest good snapshot.
    pub model_version: Option<u32>,
    /// The newest version of the format that the files may have: that which this library reads.
    pub format_version: u32,
    /// The store that it was made from, if it was.
    pub origin: Option<Origin>,
    /// Whether a program has it open.
    pub owner: Owner,
    /// The last transaction in the journal that is whole, with its time; without a journal, that of the newest snapshot.
    pub newest: Option<(Seq, SystemTime)>,
    /// The segments, oldest first.
    pub segments: Vec<SegmentStatus>,
    /// The snapshots, oldest first.
    pub snapshots: Vec<SnapshotStatus>,
    /// When the store was last closed, where it has not been written to since.
    pub closed: Option<SystemTime>,
    /// Names of files that were being written when a process ended, or are just now.
    pub temporaries: Vec<String>,
    /// What of the names and headers makes no sense: an open would refuse.
    pub refused: Vec<Error>,
}

/// A segment of the journal, by its header.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct SegmentStatus {
    /// Its number.
    pub number: u64,
    /// The file.
    pub file: PathBuf,
    /// The file's length, with what is filled ahead.
    pub bytes: u64,
    /// What the header says.
    pub header: Result<SegmentInfo, Error>,
}

/// What the header of a segment says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct SegmentInfo {
    /// The sequence number of the first transaction that it may hold.
    pub first_seq: Seq,
    /// When it was made.
    pub created: SystemTime,
    /// Whether transactions that return `Err` were undone (`#[prevalent(rollback)]`).
    pub rollback: bool,
}

/// A snapshot, by its header.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct SnapshotStatus {
    /// The last sequence number in it, by its name.
    pub seq: Seq,
    /// The file.
    pub file: PathBuf,
    /// The file's length.
    pub bytes: u64,
    /// What the header says: when it was taken.
    pub created: Result<SystemTime, Error>,
}

impl StoreFiles {
    /// What the files say about themselves. Headers are read, and the newest segment that holds a transaction; [`next_open`](Self::next_open) and
    /// [`verify`](Self::verify) look at more.
    ///
    /// # Errors
    ///
    /// [`Error::Io`]; [`Error::UnsupportedFormat`], [`Error::UnknownContent`].
    pub fn status(&self) -> Result<Status, Error> {
        let view = self.view()?;
        let described = newest_description(&view);
        let (model, model_version, origin) = match described {
            Some(it) => (Some(it.model), Some(it.version), it.origin),
            None => (None, None, None),
        };
        let directory = &view.directory;
        let segments = directory.segments.iter().map(|(&number, found)| SegmentStatus {
            number,
            file: view.disk_path(&names::segment(number)),
            bytes: found.bytes,
            header: found.header.clone().map(|header| SegmentInfo {
                first_seq: header.first_seq.into(),
                created: clock::from_us(header.created_us),
                rollback: header.rollback == Rollback::On,
            }),
        });
        let snapshots = directory.snapshots.iter().map(|(&seq, found)| SnapshotStatus {
            seq: seq.into(),
            file: view.disk_path(&names::snapshot(seq)),
            bytes: found.bytes,
            created: found.header.clone().map(|header| clock::from_us(header.created_us)),
        });
        let newest_segment = directory.newest_segment();
        let mark = directory.clean_mark.filter(|mark| mark.journal.segment == newest_segment);
        Ok(Status {
            dir: self.dir().to_owned(),
            store: directory.store(),
            model,
            model_version,
            format_version: FORMAT_VERSION,
            origin,
            owner: self.owner(),
            newest: newest(&view)?,
            segments: segments.collect(),
            snapshots: snapshots.collect(),
            closed: mark.map(|mark| clock::from_us(mark.created_us)),
            temporaries: directory.temporaries.clone(),
            refused: view.refused,
        })
    }

    /// Whether a program has the store open. The lock is looked at, and not touched.
    #[must_use]
    pub fn owner(&self) -> Owner {
        owner_of(&self.dir().join(LOCK_FILE))
    }
}

/// What the newest snapshot says about itself whose description is good.
pub(super) fn newest_description(view: &View) -> Option<crate::snapshot::read::Description> {
    let mut headers = view.directory.snapshot_headers().rev();
    headers.find_map(|it| SnapshotStream::open(&view.disk, it.seq).ok()).map(|it| it.description)
}

/// The last transaction, or the last one in a snapshot.
fn newest(view: &View) -> Result<Option<(Seq, SystemTime)>, Error> {
    let snapshot = view.directory.snapshot_headers().next_back();
    let mut newest = snapshot.map(|header| (header.seq, header.time_us));
    // Behind a new segment that holds nothing yet, the last one is in that before it.
    for part in view.parts(u64::MAX).into_iter().chain(view.parts(0).into_iter().rev().skip(1)) {
        let Part::Segment(segment) = part else { continue };
        let mut last = None;
        let look = |_: &SegmentContext, _: &BatchPlace, item: Item<'_>| {
            if let Item::Tx(entry) = item {
                last = Some((entry.seq, entry.time_us));
            }
            Ok::<(), Error>(())
        };
        match view.read_segment(&segment, Depth::Headers, u64::MAX, look) {
            Ok(_) => {}
            Err(Stop::Files(error) | Stop::Caller(error)) => return Err(error),
        }
        if last.is_some() {
            newest = newest.max(last);
            break;
        }
    }
    Ok(newest.map(|(seq, time_us)| (seq.into(), clock::from_us(time_us))))
}
