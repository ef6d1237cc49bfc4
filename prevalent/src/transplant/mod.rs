//! A store made from the files of another one, up to a point of its history: what a restore and a fork do.
//!
//! None of the program's types is needed. The new store has an id of its own, so that every header is written anew and
//! every batch sealed again ([`segments`]); what is inside stays as it was, byte by byte, up to the point. The snapshot
//! comes last ([`snapshot`]), with the origin in its description.

mod fork;
mod restore;
mod segments;
mod snapshot;

pub use self::fork::{Fork, fork};
pub use self::restore::{Restore, restore};

use self::segments::Segments;
use crate::Seq;
use crate::backup::as_damage;
use crate::clock;
use crate::disk::Disk;
use crate::disk::publish::publish;
use crate::error::Error;
#[cfg(feature = "inspect")]
use crate::format::Position;
use crate::format::header::CleanMark;
#[cfg(feature = "inspect")]
use crate::format::header::SnapshotHeader;
use crate::format::record::OriginRecord;
use crate::format::{StoreId, names};
use crate::origin::{Origin, OriginKind};
use crate::past::Point;
use crate::recovery::Through;
use crate::recovery::directory::Directory;
use crate::recovery::report::DroppedTail;
use crate::recovery::survey::JournalEnd;
use crate::recovery::untyped::survey_untyped;
use crate::resolve::accepting::Accepting;
#[cfg(feature = "inspect")]
use crate::snapshot::read::SnapshotFile;

/// A store that was made from a backup or from another store.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct NewStore {
    /// What tells it from all others.
    pub id: StoreId,
    /// The last sequence number in it.
    pub seq: Seq,
    /// The sequence number of its snapshot: what comes behind it will be replayed.
    pub snapshot_seq: Seq,
    /// Where it comes from.
    pub origin: Origin,
    /// What was left out at the end of the other store's journal, as an open of it would have done.
    pub dropped_tail: Option<DroppedTail>,
    /// Newer snapshots that would have served, and were passed over because they are damaged.
    pub damaged: Vec<Error>,
}

/// The files that a new store is made from.
pub(crate) struct Source<'a> {
    pub(crate) disk: &'a dyn Disk,
    pub(crate) directory: &'a Directory,
    pub(crate) end: JournalEnd,
    pub(crate) how: OriginKind,
}

/// Makes a store on `disk`, which has none, from a snapshot alone.
#[cfg(feature = "inspect")]
pub(crate) fn transplant_alone(
    snapshot: &SnapshotFile,
    how: OriginKind,
    disk: &dyn Disk,
) -> Result<(), Error> {
    let id =
        StoreId::random().map_err(|error| Error::io(disk.path(), "draw a random id for", error))?;
    let SnapshotHeader { store, seq, journal, .. } = snapshot.header;
    let origin = OriginRecord { how, store, seq, journal, time_us: clock::now_us() };
    let beginning = Position::default();
    let mark = CleanMark { store: id, seq, journal: beginning, created_us: origin.time_us };
    publish(disk, names::CLEAN, &mark.encode()).map_err(|failure| failure.at(disk))?;
    snapshot::write(disk, snapshot, id, beginning, &origin)
}

/// Makes a store on `disk`, which has none, from these files, up to `point`, or of all that there is.
pub(crate) fn transplant(
    source: &Source<'_>,
    point: Option<Point>,
    disk: &dyn Disk,
) -> Result<NewStore, Error> {
    let through = match point {
        None => Through::ALL,
        Some(Point::Seq(seq)) => Through::seq(seq.get()),
        Some(Point::Time(time)) => Through { time_us: clock::to_us(time), ..Through::ALL },
    };
    let (snapshot, damaged) = snapshot::choose(source, through)?;
    let (header, any) = (&snapshot.header, Accepting::default());
    let survey =
        survey_untyped(source.disk, source.directory, header, &snapshot.model, source.end, &any);
    let survey = survey.map_err(as_damage)?;
    let newest = survey.next_seq - 1;
    if let Some(Point::Seq(seq)) = point
        && seq.get() > newest
    {
        return Err(Error::NotYet { newest: newest.into() });
    }

    let id =
        StoreId::random().map_err(|error| Error::io(disk.path(), "draw a random id for", error))?;
    let mut segments = Segments::new(id, through, &snapshot.header);
    for segment in &survey.segments {
        segments.take_over(source.disk, segment, disk)?;
    }
    let transplanted = segments.finish(disk)?;
    let seq = transplanted.seq;
    let origin = OriginRecord {
        how: source.how,
        store: snapshot.header.store,
        seq,
        journal: transplanted.behind,
        time_us: clock::now_us(),
    };
    let mark = CleanMark { store: id, seq, journal: transplanted.end, created_us: origin.time_us };
    publish(disk, names::CLEAN, &mark.encode()).map_err(|failure| failure.at(disk))?;
    // With the snapshot's name it is a store, and a whole one: the journal has its names already.
    snapshot::write(disk, &snapshot, id, transplanted.snapshot_position, &origin)?;
    Ok(NewStore {
        id,
        seq: seq.into(),
        snapshot_seq: snapshot.header.seq.into(),
        origin: Origin::from_record(&origin),
        dropped_tail: survey.tail.and_then(|tail| tail.dropped),
        damaged,
    })
}

#[cfg(all(test, feature = "inspect"))]
mod tests {
    use super::*;
    use crate::disk::sim::{Fault, SimDisk};
    use crate::snapshot::read::read;
    use crate::snapshot::sample;

    #[test]
    fn whichever_operation_fails_a_store_made_from_a_snapshot_alone_is_not_told_to_be_one() {
        let from = SimDisk::new();
        from.set_file(&names::snapshot(3), sample::file(3, &sample::description(), b"\x01x"));
        let snapshot = read(&from, 3).unwrap();
        let disk = SimDisk::new();
        transplant_alone(&snapshot, OriginKind::Forked, &disk).unwrap();
        assert_eq!(disk.file_names(), [names::snapshot(3), names::CLEAN.to_owned()]);
        for operation in 0..disk.operations().len() {
            let disk = SimDisk::new();
            disk.fail_operation(operation, Fault::Eio);
            let made = transplant_alone(&snapshot, OriginKind::Forked, &disk);
            assert!(made.is_err(), "{operation}");
        }
    }
}
