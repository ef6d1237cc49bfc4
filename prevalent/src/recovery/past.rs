//! The state at an earlier point, from the files alone: without the lock, and beside a store that is open.

use std::io::ErrorKind;

use super::beside::beside_owner;
use super::directory::Directory;
use super::replay::{Replay, State, Through};
use super::replay_error;
use super::start::Start;
use super::survey::JournalEnd;
use super::urgency::Urgency;
use crate::changed_bodies::ChangedBodies;
use crate::clock;
use crate::disk::Disk;
use crate::error::Error;
use crate::model::Model;
use crate::panic::drop_quietly;
use crate::past::Point;
use crate::resolve::Resolver;

/// How the past is looked at.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Look {
    pub(crate) point: Point,
    pub(crate) changed_bodies: ChangedBodies,
    pub(crate) drop_suspect_tail: bool,
}

/// The state at this point. Nothing is written.
///
/// # Errors
///
/// `NoStore`, `Pruned`, `NotYet`; and those of an open, but for `Locked`.
pub(crate) fn state_at<M: Model>(disk: &dyn Disk, look: Look) -> Result<State<M>, Error> {
    if disk.list().is_err_and(|error| error.kind() == ErrorKind::NotFound) {
        return Err(Error::NoStore { dir: disk.path().to_owned() });
    }
    // Nobody commits there.
    let resolver = Resolver::new(0);
    beside_owner(disk, |_| try_state_at(disk, &resolver, look))
}

fn try_state_at<M: Model>(
    disk: &dyn Disk,
    resolver: &Resolver<M>,
    look: Look,
) -> Result<State<M>, Error> {
    let directory = Directory::read_beside_owner(disk)?;
    if directory.is_empty() {
        return Err(Error::NoStore { dir: disk.path().to_owned() });
    }
    let mut through = match look.point {
        Point::Seq(seq) => Through::seq(seq.get()),
        Point::Time(time) => Through { time_us: clock::to_us(time), ..Through::ALL },
    };
    if let Some(oldest) = directory.oldest_snapshot_with_its_journal()
        && !through.includes(oldest.seq, oldest.time_us)
    {
        return Err(Error::Pruned { oldest: oldest.seq.into() });
    }
    let start = Start {
        disk,
        directory: &directory,
        resolver,
        through,
        changed_bodies: look.changed_bodies,
        end: JournalEnd::Unknown { drop_suspect_tail: look.drop_suspect_tail },
        urgency: Urgency::Awaited,
    };
    let (mut loaded, survey) = start.start()?;
    let survey = survey?;
    let newest = survey.next_seq - 1;
    if let Point::Seq(seq) = look.point
        && seq.get() > newest
    {
        return Err(Error::NotYet { newest: newest.into() });
    }
    through.seq = through.seq.min(newest);
    let (segments, voids) = (&survey.segments, &survey.voids);
    let urgency = Urgency::Awaited;
    // Without the lock, nothing may be left anywhere.
    let replay = Replay { disk, segments, voids, through, resolver, urgency, trail: None };
    match replay.run(&mut loaded.state, &mut |_, _| {}) {
        Ok(_) => Ok(loaded.state),
        Err(error) => {
            drop_quietly(loaded);
            Err(replay_error(error, &survey))
        }
    }
}
