//! What the next open would find.

use std::time::SystemTime;

use super::StoreFiles;
use super::view::View;
use crate::Seq;
use crate::clock;
use crate::error::Error;
use crate::recovery::report::DroppedTail;
use crate::recovery::survey::{JournalEnd, check_fallback};
use crate::recovery::untyped::{first_good, survey_untyped};
use crate::resolve::accepting::Accepting;
use crate::snapshot::KEPT_SNAPSHOTS;
use crate::snapshot::stream::SnapshotStream;

/// What an open would make of the files: [`StoreFiles::next_open`].
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum NextOpen {
    /// It would open, as far as the files are concerned.
    Opens(Opening),
    /// It would fail like this, and change nothing.
    Refuses(Error),
}

/// How a store would open.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Opening {
    /// The sequence number of the snapshot that would be loaded.
    pub snapshot_seq: Seq,
    /// The time of the last transaction in it.
    pub snapshot_time: SystemTime,
    /// The last sequence number.
    pub seq: Seq,
    /// How many transactions would be replayed.
    pub transactions: u64,
    /// Whether the store was closed the last time.
    pub closed_cleanly: bool,
    /// Transactions at the end of the journal of which nothing says that they are durable. They count, and the open makes them
    /// so.
    pub unconfirmed: u64,
    /// What would be dropped of the journal's end.
    pub dropped_tail: Option<DroppedTail>,
    /// What is damaged, without being needed.
    pub damaged: Vec<Error>,
}

impl StoreFiles {
    /// What the next open would find, if the process that has the store now, if any, were killed at this moment. It is found
    /// out by the code that opens stores.
    ///
    /// Whether the program can read what is stored, and replay it without a panic, only the program can say.
    ///
    /// # Errors
    ///
    /// [`Error::Io`]. What an open would refuse is in the result.
    pub fn next_open(&self) -> Result<NextOpen, Error> {
        let opening = match self.try_next_open() {
            Ok(opening) => NextOpen::Opens(opening),
            Err(error @ Error::Io { .. }) => return Err(error),
            Err(error) => NextOpen::Refuses(error),
        };
        Ok(opening)
    }

    fn try_next_open(&self) -> Result<Opening, Error> {
        let view = View::of(&self.own)?;
        if let Some(error) = view.refused.first() {
            return Err(error.clone());
        }
        let (disk, directory) = (&view.disk, &view.directory);
        let newest_first = directory.snapshots.keys().rev().copied();
        let (snapshot, mut damaged) = first_good(disk, newest_first, |seq| {
            let stream = SnapshotStream::open(disk, seq)?;
            stream.check()?;
            Ok(stream)
        })?;
        let (header, model) = (snapshot.header, snapshot.description.model);
        let end = JournalEnd::Unknown { drop_suspect_tail: false };
        let survey = survey_untyped(disk, directory, &header, &model, end, &Accepting::default())?;
        let older = directory.snapshots.range(..header.seq);
        damaged.extend(older.filter_map(|(_, found)| found.header.clone().err()));
        let before = header.journal.segment;
        damaged.extend(check_fallback(disk, directory, KEPT_SNAPSHOTS, before));
        let newest = survey.next_seq - 1;
        let voids = survey.voids.range(header.seq + 1..).count() as u64;
        let unconfirmed = survey
            .tail
            .as_ref()
            .map_or(0, |tail| tail.carried.batches.iter().map(|(batch, _)| batch.tx_count()).sum());
        Ok(Opening {
            snapshot_seq: header.seq.into(),
            snapshot_time: clock::from_us(header.time_us),
            seq: newest.into(),
            transactions: (newest - header.seq).saturating_sub(voids),
            closed_cleanly: directory.clean_mark.is_some_and(|mark| mark.journal == survey.end),
            unconfirmed,
            dropped_tail: survey.tail.and_then(|tail| tail.dropped),
            damaged,
        })
    }
}
