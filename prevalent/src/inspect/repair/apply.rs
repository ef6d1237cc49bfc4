//! Carries a plan out.

use std::borrow::Cow;
use std::path::Path;

use super::guard::{Guard, Phase};
use super::hands;
use super::plan::{How, Planned};
use super::swap::{self, FRESH};
use super::{Repair, RepairStep, Repaired, beside};
use crate::StoreId;
use crate::disk::real::RealDisk;
use crate::disk::{Disk, lock};
use crate::error::Error;
use crate::format::{Position, names};
use crate::journal::segment::{NewSegment, SegmentKind, draw_secret};
use crate::origin::OriginKind;
use crate::place::Place;
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
    /// Those of [`plan`](Self::plan); [`Error::Locked`].
    pub fn apply(&self) -> Result<Repaired, Error> {
        // Who looks for a store where there is none must not make a directory.
        self.plan()?;
        let disk = RealDisk::new(&self.dir).map_err(|error| Error::io(&self.dir, "open", error))?;
        let _lock = lock(&disk)?;
        let fresh = beside(&self.dir, FRESH);
        if let Some(guard) = Guard::read(&self.dir)? {
            let (plan, aside) = (guard.plan(), guard.aside.clone());
            swap::go_on(&self.dir, &fresh, guard)?;
            return Ok(Repaired { plan, aside: Some(aside), store: self.store_id(&disk)? });
        }
        swap::remove_leftovers(&fresh)?;
        let planned = self.planned()?;
        let store = planned.snapshot.header.store;
        if planned.plan.steps.is_empty() {
            return Ok(Repaired { plan: planned.plan, aside: None, store });
        }
        let aside = self.aside_dir();
        // The guard names it, and whoever goes on may have another working directory.
        let aside =
            std::path::absolute(&aside).map_err(|error| Error::io(&aside, "find", error))?;
        hands::make_dir(&aside)?;
        for step in &planned.plan.steps {
            if let RepairStep::SetAside { file, .. } = step
                && let Some(name) = file.file_name().and_then(|name| name.to_str())
            {
                hands::move_file(name, &self.dir, &aside)?;
            }
        }
        hands::sync(&aside)?;
        hands::sync(&self.dir)?;
        let Planned { plan, mut view, how, snapshot } = planned;
        match how {
            How::Keep => {}
            How::DropTail(survey) => self.drop_tail(&disk, *survey, &snapshot, &aside)?,
            How::MakeAnew(end) => {
                keep_only(&mut view.directory, &snapshot, end);
                let (seq, lost) = (plan.seq.get(), plan.lost);
                let guard = Guard { aside: aside.clone(), phase: Phase::Originals, seq, lost };
                self.make_anew(&view.disk, &view.directory, &snapshot, end, guard)?;
            }
        }
        Ok(Repaired { plan, aside: Some(aside), store: self.store_id(&disk)? })
    }

    fn store_id(&self, disk: &RealDisk) -> Result<StoreId, Error> {
        let none = || Error::NoStore { dir: self.dir.clone() };
        Directory::read(disk)?.store().ok_or_else(none)
    }

    /// The journal goes on in a new segment: what an open does that was told to.
    fn drop_tail(
        &self,
        disk: &RealDisk,
        survey: Survey,
        snapshot: &SnapshotStream,
        aside: &Path,
    ) -> Result<(), Error> {
        let Some(tail) = survey.tail else { return Ok(()) };
        let Some(last) = survey.segments.last() else { return Ok(()) };
        hands::copy_file(&names::segment(last.header.number), &self.dir, aside)?;
        let kind = SegmentKind {
            store: snapshot.header.store,
            model: Cow::Owned(snapshot.description.model.clone()),
            version: snapshot.description.version,
            rollback: last.header.rollback,
            dictionary: tail.carried.dictionary.clone(),
            secret: draw_secret(disk)?,
        };
        let new = NewSegment {
            kind: &kind,
            predecessor: tail.vouched,
            next_seq: survey.next_seq,
            applied_through: survey.applied_through,
            carried: Some(tail.carried),
            voids: &[],
        };
        new.create(disk).map(drop).map_err(|failure| failure.at(disk))
    }

    fn make_anew(
        &self,
        from: &dyn Disk,
        directory: &Directory,
        snapshot: &SnapshotStream,
        end: Option<Position>,
        guard: Guard,
    ) -> Result<(), Error> {
        let fresh = beside(&self.dir, FRESH);
        let how = OriginKind::Forked;
        Place::Directory(fresh.clone()).make_store(|disk| match end {
            None => transplant_alone(&read(from, snapshot.header.seq)?, how, &**disk),
            Some(end) => {
                let source = Source { disk: from, directory, end: JournalEnd::Known(end), how };
                transplant(&source, None, &**disk).map(drop)
            }
        })?;
        swap::swap(&self.dir, &fresh, guard)
    }
}

/// What a new store is made of; nothing that lies behind the damage counts.
fn keep_only(directory: &mut Directory, snapshot: &SnapshotStream, end: Option<Position>) {
    let seq = snapshot.header.seq;
    directory.clean_mark = None;
    directory.snapshots.retain(|known, _| *known == seq);
    let last = end.map_or(0, |end| end.segment);
    directory.segments.retain(|number, _| *number <= last);
}
