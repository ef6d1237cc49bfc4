//! Carries a plan out.

use std::borrow::Cow;
use std::path::Path;

use super::plan::{How, Planned};
use super::swap::{self, FRESH};
use super::{Repair, RepairStep, Repaired, beside};
use crate::disk::real::RealDisk;
use crate::disk::{Disk, lock};
use crate::error::Error;
use crate::format::{Position, names};
use crate::journal::segment::{NewSegment, SegmentKind, draw_secret};
use crate::origin::OriginKind;
use crate::place::Place;
use crate::recovery::directory::Directory;
use crate::recovery::survey::{JournalEnd, Survey};
use crate::snapshot::read::SnapshotFile;
use crate::transplant::{Source, transplant, transplant_alone};

impl Repair {
    /// Does what [`plan`](Self::plan) says, under the store's lock, and blocks until it is done.
    ///
    /// Where it is interrupted while files change places, the store refuses to open, and the next plan says where they are.
    ///
    /// # Errors
    ///
    /// Those of [`plan`](Self::plan); [`Error::Locked`]; [`Error::StoreExists`] where an earlier repair was interrupted, and has
    /// left a directory behind whose name ends in `.being-repaired`: remove it.
    pub fn apply(&self) -> Result<Repaired, Error> {
        // Who looks for a store where there is none must not make a directory.
        self.plan()?;
        let disk = RealDisk::new(&self.dir).map_err(|error| Error::io(&self.dir, "open", error))?;
        let _lock = lock(&disk)?;
        let planned = self.planned()?;
        let store = planned.snapshot.header.store;
        if planned.plan.steps.is_empty() {
            return Ok(Repaired { plan: planned.plan, aside: None, store });
        }
        let aside = self.aside_dir();
        swap::make_aside(&aside)?;
        for step in &planned.plan.steps {
            if let RepairStep::SetAside { file, .. } = step
                && let Some(name) = file.file_name().and_then(|name| name.to_str())
            {
                swap::move_file(name, &self.dir, &aside)?;
            }
        }
        swap::sync(&aside)?;
        swap::sync(&self.dir)?;
        let Planned { plan, mut view, how, snapshot } = planned;
        match how {
            How::Keep => {}
            How::DropTail(survey) => self.drop_tail(&disk, *survey, &snapshot, &aside)?,
            How::MakeAnew(end) => {
                keep_only(&mut view.directory, &snapshot, end);
                self.make_anew(&view.disk, &view.directory, &snapshot, end, &aside)?;
            }
        }
        let store = Directory::read(&disk)?.store().unwrap_or(store);
        Ok(Repaired { plan, aside: Some(aside), store })
    }

    /// The journal goes on in a new segment: what an open does that was told to.
    fn drop_tail(
        &self,
        disk: &RealDisk,
        survey: Survey,
        snapshot: &SnapshotFile,
        aside: &Path,
    ) -> Result<(), Error> {
        let Some(tail) = survey.tail else { return Ok(()) };
        let Some(last) = survey.segments.last() else { return Ok(()) };
        swap::copy_file(&names::segment(last.header.number), &self.dir, aside)?;
        let kind = SegmentKind {
            store: snapshot.header.store,
            model: Cow::Owned(snapshot.model.clone()),
            version: snapshot.version,
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
        snapshot: &SnapshotFile,
        end: Option<Position>,
        aside: &Path,
    ) -> Result<(), Error> {
        let fresh = beside(&self.dir, FRESH);
        let how = OriginKind::Forked;
        Place::Directory(fresh.clone()).make_store(|disk| match end {
            None => transplant_alone(snapshot, how, &**disk),
            Some(end) => {
                let source = Source { disk: from, directory, end: JournalEnd::Known(end), how };
                transplant(&source, None, &**disk).map(drop)
            }
        })?;
        swap::swap(&self.dir, &fresh, aside)?;
        // Only its lock file is left.
        std::fs::remove_dir_all(&fresh).map_err(|error| Error::io(&fresh, "remove", error))
    }
}

/// What a new store is made of; nothing that lies behind the damage counts.
fn keep_only(directory: &mut Directory, snapshot: &SnapshotFile, end: Option<Position>) {
    let seq = snapshot.header.seq;
    directory.clean_mark = None;
    directory.snapshots.retain(|known, _| *known == seq);
    let last = end.map_or(0, |end| end.segment);
    directory.segments.retain(|number, _| *number <= last);
}
