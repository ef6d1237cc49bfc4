//! Carries a plan out.

use std::borrow::Cow;
use std::sync::Arc;

use super::super::view::View;
use super::guard::{Guard, Phase};
use super::hands::{self, directory};
use super::plan::{How, Planned};
use super::swap::Places;
use super::{FRESH, Repair, RepairStep, Repaired, beside};
use crate::StoreId;
use crate::disk::volume::{RealVolume, Volume};
use crate::disk::{Disk, lock};
use crate::error::Error;
use crate::format::{Position, names};
use crate::journal::segment::{NewSegment, SegmentKind, draw_secret};
use crate::origin::OriginKind;
use crate::place::make_store;
use crate::recovery::directory::Directory;
use crate::recovery::survey::{JournalEnd, Survey};
use crate::snapshot::read::read;
use crate::snapshot::stream::SnapshotStream;
use crate::transplant::{Source, transplant, transplant_alone};

impl Repair {
    /// Does what [`plan`](Self::plan) says, under the store's lock, and blocks until it is done.
    ///
    /// A new store is made in a directory beside this one, whose name ends in `.being-repaired`. Where the repair is
    /// interrupted, by a full disk or a crash, the originals are in their places or aside, the store refuses to open, and the
    /// next repair begins again or goes on.
    ///
    /// # Errors
    ///
    /// Those of [`plan`](Self::plan); [`Error::Locked`]; [`Error::Io`] where the directories are on several filesystems, too.
    pub fn apply(&self) -> Result<Repaired, Error> {
        self.apply_on(&RealVolume)
    }

    pub(super) fn apply_on(&self, volume: &dyn Volume) -> Result<Repaired, Error> {
        // Who looks for a store where there is none must not make a directory.
        self.plan_on(volume)?;
        let places = Places {
            volume,
            store: directory(volume, &self.dir)?,
            fresh: directory(volume, &beside(&self.dir, FRESH))?,
        };
        let _lock = lock(&*places.store)?;
        if let Some(guard) = Guard::read(&*places.store)? {
            let (plan, aside) = (guard.plan(), guard.aside.clone());
            places.go_on(guard)?;
            return Ok(Repaired { plan, aside: Some(aside), store: store_id(&*places.store)? });
        }
        places.remove_leftovers()?;
        let planned = self.planned(Arc::clone(&places.store))?;
        let store = planned.snapshot.header.store;
        if planned.plan.steps.is_empty() {
            return Ok(Repaired { plan: planned.plan, aside: None, store });
        }
        let aside = self.aside_dir();
        // The guard names it, and whoever goes on may have another working directory.
        let aside =
            std::path::absolute(&aside).map_err(|error| Error::io(&aside, "find", error))?;
        let aside = hands::make_directory(volume, &aside)?;
        let set_aside: Vec<String> = planned.plan.steps.iter().filter_map(name_set_aside).collect();
        hands::move_files(volume, &set_aside, &*places.store, &*aside)?;
        let Planned { plan, mut view, how, snapshot } = planned;
        let kept_in = aside.path().to_owned();
        match how {
            How::Keep => {}
            How::DropTail(survey) => drop_tail(*survey, &snapshot, &*places.store, &*aside)?,
            How::MakeAnew(end) => {
                keep_only(&mut view.directory, &snapshot, end);
                make_anew(&view, &snapshot, end, &places, &*aside)?;
                let (seq, lost) = (plan.seq.get(), plan.lost);
                let phase = Phase::Originals;
                places.swap(Guard { aside: kept_in.clone(), phase, seq, lost })?;
            }
        }
        Ok(Repaired { plan, aside: Some(kept_in), store: store_id(&*places.store)? })
    }
}

fn name_set_aside(step: &RepairStep) -> Option<String> {
    let RepairStep::SetAside { file, .. } = step else { return None };
    file.file_name().and_then(|name| name.to_str()).map(str::to_owned)
}

fn store_id(store: &dyn Disk) -> Result<StoreId, Error> {
    let none = || Error::NoStore { dir: store.path().to_owned() };
    Directory::read(store)?.store().ok_or_else(none)
}

/// The journal goes on in a new segment: what an open does that was told to.
fn drop_tail(
    survey: Survey,
    snapshot: &SnapshotStream,
    store: &dyn Disk,
    aside: &dyn Disk,
) -> Result<(), Error> {
    let Some(tail) = survey.tail else { return Ok(()) };
    let Some(last) = survey.segments.last() else { return Ok(()) };
    hands::copy_file(&names::segment(last.header.number), store, aside)?;
    let kind = SegmentKind {
        store: snapshot.header.store,
        model: Cow::Owned(snapshot.description.model.clone()),
        version: snapshot.description.version,
        rollback: last.header.rollback,
        dictionary: tail.carried.dictionary.clone(),
        secret: draw_secret(store)?,
    };
    let new = NewSegment {
        kind: &kind,
        predecessor: tail.vouched,
        next_seq: survey.next_seq,
        applied_through: survey.applied_through,
        carried: Some(tail.carried),
        voids: &[],
    };
    new.create(store).map(drop).map_err(|failure| failure.at(store))
}

fn make_anew(
    view: &View,
    snapshot: &SnapshotStream,
    end: Option<Position>,
    places: &Places<'_>,
    aside: &dyn Disk,
) -> Result<(), Error> {
    let how = OriginKind::Forked;
    let _lock = lock(&*places.fresh)?;
    places.expect_movable(aside)?;
    make_store(&places.fresh, |fresh| match end {
        None => transplant_alone(&read(&view.disk, snapshot.header.seq)?, how, &**fresh),
        Some(end) => {
            let end = JournalEnd::Known(end);
            let source = Source { disk: &view.disk, directory: &view.directory, end, how };
            transplant(&source, None, &**fresh).map(drop)
        }
    })
}

/// What a new store is made of; nothing that lies behind the damage counts.
fn keep_only(directory: &mut Directory, snapshot: &SnapshotStream, end: Option<Position>) {
    let seq = snapshot.header.seq;
    directory.clean_mark = None;
    directory.snapshots.retain(|known, _| *known == seq);
    let last = end.map_or(0, |end| end.segment);
    directory.segments.retain(|number, _| *number <= last);
}
