//! How a store can be made to open.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::super::StoreFiles;
use super::super::segments::{BatchPlace, Part, SegmentEnd, Stop};
use super::super::view::View;
use super::guard::Guard;
use super::hands::directory;
use super::{Lost, Repair, RepairPlan, RepairStep};
use crate::disk::Disk;
use crate::disk::volume::{RealVolume, Volume};
use crate::error::Error;
use crate::format::batch::Depth;
use crate::format::header::SnapshotHeader;
use crate::format::{Position, names};
use crate::journal::entries::{Item, SegmentContext};
use crate::recovery::survey::{JournalEnd, Survey};
use crate::recovery::untyped::survey_untyped;
use crate::resolve::accepting::Accepting;
use crate::snapshot::stream::SnapshotStream;

/// A plan, with what is needed to carry it out.
pub(super) struct Planned {
    pub(super) plan: RepairPlan,
    pub(super) view: View,
    pub(super) how: How,
    pub(super) snapshot: SnapshotStream,
}

/// What becomes of the journal.
pub(super) enum How {
    /// It stays.
    Keep,
    DropTail(Box<Survey>),
    /// A new store, with the journal up to this place, or with the snapshot alone.
    MakeAnew(Option<Position>),
}

impl Repair {
    /// What would be done, and lost. Nothing is written, and the lock is left alone.
    ///
    /// # Errors
    ///
    /// [`Error::NoStore`]; [`Error::Corrupt`] where nothing can be done: no snapshot is good, or files of several stores lie
    /// together; [`Error::Io`]; [`Error::UnsupportedFormat`], [`Error::UnknownContent`].
    pub fn plan(&self) -> Result<RepairPlan, Error> {
        self.plan_on(&RealVolume)
    }

    pub(super) fn plan_on(&self, volume: &dyn Volume) -> Result<RepairPlan, Error> {
        let store = directory(volume, &self.dir)?;
        match Guard::read(&*store)? {
            Some(guard) => Ok(guard.plan()),
            None => self.planned(store).map(|planned| planned.plan),
        }
    }

    pub(super) fn planned(&self, store: Arc<dyn Disk>) -> Result<Planned, Error> {
        let mut view = StoreFiles::on(store)?.view()?;
        let mut steps = Vec::new();
        for why in std::mem::take(&mut view.refused) {
            match &why {
                // Whose files are the right ones, nobody can say.
                Error::Corrupt { file, .. } if file.ends_with(names::CLEAN) => {
                    steps.push(RepairStep::SetAside { file: file.clone(), why });
                }
                _ => return Err(why),
            }
        }
        let (good, damaged) = sort_snapshots(&mut view)?;
        let Some(newest) = good.keys().next_back().copied() else {
            let what = "there is no snapshot that can be read, and nothing to begin with";
            let none = || Error::corrupt(self.dir.clone(), 0, None, what);
            return Err(damaged.into_values().next_back().unwrap_or_else(none));
        };
        for (seq, why) in damaged {
            let file = view.disk.path_of(&names::snapshot(seq));
            steps.push(RepairStep::SetAside { file, why });
        }
        let snapshot = SnapshotStream::open(&view.disk, newest)?;
        match look(&view, &snapshot, OnSuspectTail::Refuse) {
            Ok(survey) => {
                let plan = RepairPlan { steps, seq: (survey.next_seq - 1).into(), lost: None };
                Ok(Planned { plan, view, how: How::Keep, snapshot })
            }
            Err(Error::SuspectTail { .. }) => {
                let survey = look(&view, &snapshot, OnSuspectTail::Drop)?;
                let dropped = survey.tail.as_ref().and_then(|tail| tail.dropped.clone());
                steps.extend(dropped.map(RepairStep::DropTail));
                let seq = (survey.next_seq - 1).into();
                let lost = Some(Lost { first: survey.next_seq.into(), last_known: None });
                let how = How::DropTail(Box::new(survey));
                Ok(Planned { plan: RepairPlan { steps, seq, lost }, view, how, snapshot })
            }
            Err(why @ Error::Corrupt { .. }) => make_anew(view, &good, why),
            Err(error) => Err(error),
        }
    }
}

type Snapshots = BTreeMap<u64, SnapshotHeader>;

/// Those that are good, and what is wrong with the others, which are left out from here on.
fn sort_snapshots(view: &mut View) -> Result<(Snapshots, BTreeMap<u64, Error>), Error> {
    let (mut good, mut damaged) = (BTreeMap::new(), BTreeMap::new());
    for &seq in view.directory.snapshots.keys() {
        let stream = SnapshotStream::open(&view.disk, seq);
        match stream.and_then(|stream| stream.check().map(|()| stream.header)) {
            Ok(header) => drop(good.insert(seq, header)),
            Err(error @ Error::Corrupt { .. }) => drop(damaged.insert(seq, error)),
            Err(error) => return Err(error),
        }
    }
    view.directory.snapshots.retain(|seq, _| good.contains_key(seq));
    Ok((good, damaged))
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum OnSuspectTail {
    Refuse,
    Drop,
}

fn look(view: &View, snapshot: &SnapshotStream, tail: OnSuspectTail) -> Result<Survey, Error> {
    let (header, model) = (&snapshot.header, &snapshot.description.model);
    let end = JournalEnd::Unknown { drop_suspect_tail: tail == OnSuspectTail::Drop };
    survey_untyped(&view.disk, &view.directory, header, model, end, &Accepting::default())
}

/// How far the journal goes behind a snapshot.
#[derive(Clone, Copy, Debug)]
struct Reach {
    snapshot: SnapshotHeader,
    /// The end of what is good; `None` where not even the snapshot's own place is reached.
    end: Option<Position>,
    seq: u64,
}

/// A new store, of the snapshot from which one comes furthest.
fn make_anew(view: View, good: &Snapshots, why: Error) -> Result<Planned, Error> {
    let mut best: Option<Reach> = None;
    for snapshot in good.values().rev() {
        let reach = reach(&view, *snapshot)?;
        if best.is_none_or(|best| best.seq < reach.seq) {
            best = Some(reach);
        }
    }
    let Some(Reach { snapshot, end, seq }) = best else { return Err(why) };
    let last_known = last_known(&view)?.filter(|last| *last > seq).map(Into::into);
    let transactions = seq - snapshot.seq;
    let step = RepairStep::MakeAnew { snapshot_seq: snapshot.seq.into(), transactions, why };
    let lost = Some(Lost { first: (seq + 1).into(), last_known });
    let plan = RepairPlan { steps: vec![step], seq: seq.into(), lost };
    let snapshot = SnapshotStream::open(&view.disk, snapshot.seq)?;
    Ok(Planned { plan, view, how: How::MakeAnew(end), snapshot })
}

fn reach(view: &View, snapshot: SnapshotHeader) -> Result<Reach, Error> {
    let alone = Reach { snapshot, end: None, seq: snapshot.seq };
    let start = snapshot.journal.segment.max(1);
    let mut reached: Option<(Position, u64)> = None;
    for part in view.parts_from_segment(start) {
        let Part::Segment(segment) = part else { break };
        let header = segment.header;
        let follows = match reached {
            None => header.number == start && header.first_seq <= snapshot.seq + 1,
            Some((end, next_seq)) => header.predecessor == end && header.first_seq == next_seq,
        };
        if !follows {
            break;
        }
        let ignore = |_: &SegmentContext, _: &BatchPlace, _: Item<'_>| Ok::<(), Error>(());
        let read = view.read_segment(&segment, Depth::Bodies, u64::MAX, ignore);
        let read = read.map_err(|stop| match stop {
            Stop::Files(error) | Stop::Caller(error) => error,
        })?;
        reached = Some((read.position, read.next_seq));
        if !matches!(read.end, SegmentEnd::Whole) {
            break;
        }
    }
    let at = |position: Position| (position.segment, position.offset);
    Ok(match reached {
        Some((end, next_seq)) if at(end) >= at(snapshot.journal) && next_seq > snapshot.seq => {
            Reach { snapshot, end: Some(end), seq: next_seq - 1 }
        }
        _ => alone,
    })
}

/// The highest sequence number that any file tells of.
fn last_known(view: &View) -> Result<Option<u64>, Error> {
    let directory = &view.directory;
    let snapshot = directory.snapshot_headers().map(|header| header.seq).max();
    let mut last = snapshot.max(directory.clean_mark.map(|mark| mark.seq));
    for part in view.parts(0) {
        let Part::Segment(segment) = part else { continue };
        let ignore = |_: &SegmentContext, _: &BatchPlace, _: Item<'_>| Ok::<(), Error>(());
        let read = view.read_segment(&segment, Depth::Headers, u64::MAX, ignore);
        let read = read.map_err(|stop| match stop {
            Stop::Files(error) | Stop::Caller(error) => error,
        })?;
        last = last.max(read.next_seq.checked_sub(1));
    }
    Ok(last)
}
