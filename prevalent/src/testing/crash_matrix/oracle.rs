//! Judges what crashes leave.
//!
//! - It is the state as it was behind some transaction: what the shadow says, with all that comes before.
//! - It holds all that was promised; a batch is there whole or not at all; what was void stays void.
//! - To open it twice, or after crashes in the middle of opening it, gives the same; so it does after a process that was killed
//!   in the middle of the replay, which the open after it may name a transaction for, once.
//! - An open that fails changes no byte.
//! - What was recovered goes on: it takes commits, closes, and opens again with everything.

use std::collections::{BTreeSet, HashMap, HashSet};

use super::case::Case;
use super::error::CrashMatrixError;
use super::history::History;
use super::recover::{Found, recover};
use super::report::CrashReport;
use super::sampler::Sampler;
use super::script::{Dice, Encoded, Purpose};
use super::session::{Session, Submitted, Told};
use super::setup::Setup;
use super::shadow::Effect;
use crate::disk::sim::{Contents, CrashImages, Loss, SimDisk};
use crate::durability::Durability;
use crate::error::Error;
use crate::model::Model;

/// So many images of one recovery are judged.
const NESTED_MAX: u64 = 300;

/// So many images of each point of an open after a kill are judged.
const KILLED_MAX: usize = 30;

/// How closely is looked at what was recovered.
#[derive(Clone, Copy, Debug)]
pub(super) struct Effort {
    pub(super) loss: Loss,
    /// So many crashes of recoveries behind one another.
    pub(super) nested: u64,
    /// Of what had to be recovered, one in so many is crashed while it is recovered, and goes on.
    pub(super) closely_every: u64,
    pub(super) suspect_tails: SuspectTails,
}

/// Whether an open may have to be told to drop a suspect tail.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum SuspectTails {
    Never,
    /// Where a crash leaves garbage, or the system took a batch in two parts.
    Possible,
}

pub(super) struct Oracle<'a, M: Model> {
    setup: &'a Setup<'a, M>,
    history: &'a History,
    /// That of the history.
    case: Case,
    effort: Effort,
    /// With these a recovered store goes on.
    more: &'a [Encoded],
    seen: HashMap<Contents, Found>,
    dice: Dice,
    pub(super) report: CrashReport,
}

type Judged<T> = Result<T, CrashMatrixError>;

impl<'a, M: Model> Oracle<'a, M> {
    pub(super) fn new(
        setup: &'a Setup<'a, M>,
        history: &'a History,
        case: &Case,
        effort: Effort,
        more: &'a [Encoded],
    ) -> Self {
        let dice = Dice::new(case.seed, Purpose::Samples);
        let (case, report) = (case.history(), CrashReport::default());
        Oracle { setup, history, case, effort, more, seen: HashMap::new(), dice, report }
    }

    /// How many images there are.
    pub(super) fn count_images(&self) -> u64 {
        self.history.crashes(self.effort.loss).map(|(_, images)| images.len() as u64).sum()
    }

    /// Those of the images of a crash point that the sampler takes.
    pub(super) fn judge_point(
        &mut self,
        point: usize,
        mut images: CrashImages,
        sampler: &mut Sampler,
    ) -> Judged<()> {
        let (mut kept, mut skipped) = (HashSet::new(), 0);
        for index in 0..images.len() {
            if !sampler.takes() {
                skipped += 1;
                continue;
            }
            let Some(image) = images.nth(std::mem::take(&mut skipped)) else { break };
            if image.kept().is_some_and(|set| kept.insert(set)) {
                self.report.images += 1;
            }
            self.judge(&image, point, index)?;
        }
        Ok(())
    }

    /// One image of a crash point.
    pub(super) fn judge(&mut self, image: &SimDisk, point: usize, index: usize) -> Judged<()> {
        let contents = image.contents();
        if !self.seen.contains_key(&contents) {
            let case = self.case.then(point, index);
            let found = self.judge_closely(image, &case)?;
            self.seen.insert(contents, found);
        }
        let Some(found) = self.seen.get(&contents) else { return Ok(()) };
        self.expect_promised(found, point).map_err(|what| {
            let operations = self.history.sim.operations();
            let around = &operations[point.saturating_sub(3)..operations.len().min(point + 1)];
            let details = format!("{image:?}; the operations around the crash: {around:?}");
            broken(&self.case.then(point, index), what, details)
        })
    }

    /// Crashes the recovery of an image, at the points that are named, and judges what is left each time.
    pub(super) fn replay(&mut self, case: &Case) -> Judged<()> {
        let Some((first, nested)) = case.crashes.split_first() else { return Ok(()) };
        // What a case of one crash is about may be what comes behind the recovery.
        self.effort.closely_every = if nested.is_empty() { 1 } else { u64::MAX };
        let image_at = |disk: &SimDisk, point: usize, index: usize, loss: Loss| {
            let is_there = disk.crash_points().contains(&point);
            let image = is_there.then(|| disk.images_at(point, loss).nth(index)).flatten();
            image.ok_or_else(|| CrashMatrixError::Unusable {
                what: format!("the case `{case}`"),
                reason: format!("there is no image {index} of a crash at {point}"),
            })
        };
        let mut image = image_at(&self.history.sim, first.point, first.image, self.effort.loss)?;
        self.judge(&image.deep_clone(), first.point, first.image)?;
        let mut case = self.case.then(first.point, first.image);
        let expected = self.recovered(&image, &case)?;
        for crash in nested {
            image = image_at(&image, crash.point, crash.image, Loss::KeepOrDrop)?;
            case = case.then(crash.point, crash.image);
            let found = self.look(&image, &case)?;
            expect_like(&found, &expected, "an open after a crash during recovery")
                .map_err(|what| broken(&case, what, format!("{image:?}")))?;
        }
        Ok(())
    }

    /// Recovers an image that was not seen before. The image is used up.
    fn judge_closely(&mut self, image: &SimDisk, case: &Case) -> Judged<Found> {
        let found = self.look(image, case)?;
        self.report.recoveries += 1;
        self.report.deepest = self.report.deepest.max(1);
        if self.report.recoveries.is_multiple_of(self.effort.closely_every) {
            self.expect_to_go_on(&image.after_kill(), &found)
                .map_err(|what| broken(case, what, format!("{image:?}")))?;
            self.report.went_on += 1;
            self.kill_recovery(image, &found, case)?;
            self.crash_recovery(image, &found, case, 1)?;
        }
        Ok(found)
    }

    /// Recovers, twice.
    fn look(&self, image: &SimDisk, case: &Case) -> Judged<Found> {
        let found = self.recovered(image, case)?;
        let again = self.recovered(&image.after_kill(), case)?;
        expect_like(&again, &found, "a second open")
            .map_err(|what| broken(case, what, format!("{image:?}")))?;
        Ok(found)
    }

    fn recovered(&self, image: &SimDisk, case: &Case) -> Judged<Found> {
        let told = |what: String| broken(case, what, format!("{image:?}"));
        let found = recover(image, self.setup).map_err(told)?;
        if let Some(damaged) = found.damaged.first() {
            return Err(told(format!("a crash is said to have damaged something: {damaged}")));
        }
        if let Some(seq) = found.named.first() {
            return Err(told(format!("{seq} is said to have ended a process, and none has ended")));
        }
        if found.suspect && self.effort.suspect_tails == SuspectTails::Never {
            return Err(told("a crash that left no garbage left a suspect tail".to_owned()));
        }
        Ok(found)
    }

    /// What a kill leaves of a recovery that was this disk's history, while transactions were replayed: nothing has changed by
    /// then but the file that carries the lock.
    fn kill_recovery(&mut self, recovered: &SimDisk, expected: &Found, case: &Case) -> Judged<()> {
        let marks: BTreeSet<Vec<u8>> = recovered.lock_file_contents().into_iter().collect();
        for mark in marks {
            let killed = recovered.image_at(0, 0, Loss::KeepOrDrop);
            killed.set_lock_file(mark);
            let told = |what: String| broken(case, what, format!("{killed:?}"));
            let found = recover(&killed, self.setup).map_err(told)?;
            expect_like(&found, expected, "an open after a kill during a replay").map_err(told)?;
            self.report.killed += 1;
        }
        Ok(())
    }

    /// What crashes leave of a recovery that was this disk's history, and of the recoveries from that.
    fn crash_recovery(
        &mut self,
        recovered: &SimDisk,
        expected: &Found,
        case: &Case,
        depth: u64,
    ) -> Judged<()> {
        if depth > self.effort.nested {
            return Ok(());
        }
        self.report.deepest = self.report.deepest.max(depth + 1);
        let crashes = || recovered.crashes(Loss::KeepOrDrop).skip(1);
        let count = crashes().map(|(_, images)| images.len() as u64).sum();
        let mut sampler = Sampler::new(count, NESTED_MAX);
        let (mut candidates, mut chosen) = (0, None);
        for (point, images) in crashes() {
            let mut kept = HashSet::new();
            for (index, image) in images.enumerate() {
                if !sampler.takes() {
                    continue;
                }
                if image.kept().is_some_and(|set| kept.insert(set)) {
                    self.report.nested += 1;
                }
                candidates += 1;
                if self.dice.below(candidates) == 0 {
                    chosen = Some((point, index));
                }
                let case = case.then(point, index);
                let contents = image.contents();
                let found = match self.seen.get(&contents) {
                    Some(found) => found.clone(),
                    None => self.look(&image, &case)?,
                };
                expect_like(&found, expected, "an open after a crash during recovery")
                    .map_err(|what| broken(&case, what, format!("{image:?}")))?;
                self.seen.insert(contents, found);
            }
        }
        let Some((point, index)) = chosen else { return Ok(()) };
        let Some(image) = recovered.images_at(point, Loss::KeepOrDrop).nth(index) else {
            return Ok(());
        };
        let case = case.then(point, index);
        self.recovered(&image, &case)?;
        self.crash_recovery(&image, expected, &case, depth + 1)
    }

    /// What depends on when the crash was.
    fn expect_promised(&self, found: &Found, point: usize) -> Result<(), String> {
        let chapter = self.history.chapter_at(point);
        let seq = found.seq;
        let Some(outcome) = chapter.outcome(seq) else {
            return Err(format!("{seq} was recovered, which was never submitted"));
        };
        if outcome.digest != found.digest {
            let name = outcome.name();
            return Err(format!("the state behind {seq} (`{name}`) is another one than it should"));
        }
        let torn = chapter.batches.iter().find(|(first, last)| (*first..*last).contains(&seq));
        if let Some(batch) = torn {
            return Err(format!("{seq} was recovered, a part of the batch {batch:?}"));
        }
        if seq >= chapter.failed_from {
            return Err(format!("{seq} was recovered, and was told to have failed"));
        }
        let panics = |seq: &u64| {
            chapter.outcome(*seq).is_some_and(|outcome| outcome.effect == Effect::Panicked)
        };
        if let Some(seq) = found.voided.iter().find(|seq| !panics(seq)) {
            return Err(format!("the replay of {seq} panicked"));
        }
        let floor = self.history.floor(point);
        if seq < floor {
            return Err(format!("{seq} was recovered, and {floor} was promised"));
        }
        match self.history.told_void_among(&found.voided, point) {
            Some(seq) => Err(format!("{seq} was told to be void, and was replayed")),
            None => Ok(()),
        }
    }

    /// The process is killed at the end, and the machine lives on, and so does what the system believes to have written. What
    /// an open shows then stays, and it goes on. Gives the number of images.
    pub(super) fn survive_kill(&self) -> Judged<u64> {
        let told = |what: String, disk: &SimDisk| {
            broken(&self.case, format!("after a kill at the end, {what}"), format!("{disk:?}"))
        };
        let killed = self.history.sim.after_kill();
        let shown = self.recovered(&killed, &self.case)?;
        self.expect_promised(&shown, self.history.end).map_err(|what| told(what, &killed))?;
        let (mut images, end) = (0, *killed.crash_points().end());
        for (point, crashed) in killed.crashes(Loss::KeepOrDrop) {
            let mut kept = HashSet::new();
            for image in crashed.take(KILLED_MAX) {
                images += u64::from(image.kept().is_some_and(|set| kept.insert(set)));
                let found = self.recovered(&image, &self.case)?;
                // Until the open has come to its end, the crash may have lost more than the kill.
                let judged = if point == end {
                    expect_like(&found, &shown, "an open after a crash")
                } else {
                    self.expect_promised(&found, self.history.end)
                };
                judged.map_err(|what| told(what, &image))?;
            }
        }
        self.expect_to_go_on(&killed.after_kill(), &shown).map_err(|what| told(what, &killed))?;
        Ok(images)
    }

    /// The store commits, closes, and opens again with everything.
    fn expect_to_go_on(&self, disk: &SimDisk, found: &Found) -> Result<(), String> {
        let failed = |what: &str| {
            let what = format!("after a recovery, {what} failed");
            move |error: Error| format!("{what}: {error}")
        };
        let builder = self.setup.builder(disk.clone()).durability(Durability::Always);
        let store = builder.open().wait().map_err(failed("an open"))?;
        let (mut session, digest) = Session::new(store, found.time_us)?;
        let mut expected = Found { digest, seq: session.seq, ..found.clone() };
        expect_like(&expected, found, "an open")?;
        for tx in self.more {
            match session.submit(tx)? {
                Submitted::Ordered(pending, outcome) => {
                    (expected.seq, expected.digest) = (pending.seq, outcome.digest);
                    if let Told::Failed(error) = pending.wait()? {
                        return Err(failed("a commit")(error));
                    }
                }
                Submitted::Refused(_) | Submitted::Repeated(_) => {}
            }
        }
        session.store.close().wait().map_err(failed("a close"))?;
        drop(session);
        let again = recover(disk, self.setup)?;
        let is_whole =
            again.damaged.is_empty() && again.voided.is_empty() && again.named.is_empty();
        if again.dropped_tail || !is_whole {
            return Err(format!("an open after a close found damage: {again:?}"));
        }
        expect_like(&again, &expected, "an open after a close")
    }
}

fn expect_like(found: &Found, expected: &Found, what: &str) -> Result<(), String> {
    if found.is_like(expected) {
        Ok(())
    } else {
        let (seq, expected) = (found.seq, expected.seq);
        Err(format!("{what} gives another state: that of {seq}, where it should be {expected}"))
    }
}

pub(super) fn broken(case: &Case, what: String, details: String) -> CrashMatrixError {
    CrashMatrixError::Broken { case: case.to_string(), what, details }
}
