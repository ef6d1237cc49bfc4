//! From files to a state: the way every open takes, and every rebuild.
//!
//! [`directory`] → [`start`]: the newest good snapshot and a [`survey`] of the journal → [`replay`] → [`settle`]. Only the
//! last step writes.

pub(crate) mod beside;
mod create;
pub(crate) mod directory;
mod load;
pub(crate) mod named;
pub(crate) mod past;
mod progress;
pub(crate) mod reload;
mod replay;
pub(crate) mod report;
#[cfg(test)]
pub(crate) mod sabotage;
mod settle;
mod start;
pub(crate) mod survey;
mod trail;
pub(crate) mod untyped;
mod urgency;
pub(crate) mod verify;

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::sync::Arc;

pub(crate) use self::create::FirstStateMaker;
use self::directory::Directory;
use self::load::{damaged_snapshots, load};
use self::progress::ProgressMeter;
pub(crate) use self::replay::State;
pub(crate) use self::replay::Through;
use self::replay::{Replay, ReplayError};
use self::report::{Recovery, log};
use self::settle::{expect_room, leave_snapshot, remove_temporaries, settle, snapshot_to_leave};
use self::start::Start;
use self::survey::{JournalEnd, Survey};
use self::trail::Trail;
pub(crate) use self::urgency::Urgency;
use crate::catalog::Catalog;
use crate::changed_bodies::ChangedBodies;
use crate::disk::Disk;
use crate::disk::publish::confirm_names;
use crate::error::{Error, ReplayEnd};
use crate::format::{Position, StoreId};
use crate::journal::segment::{SegmentKind, draw_secret};
use crate::journal::writer::JournalWriter;
use crate::model::Model;
use crate::panic::{catch, drop_quietly};
use crate::resolve::Resolver;
use crate::rollback::Rollback;
use crate::snapshot::{Taken, too_many_types, unfit};
use crate::stats::Progress;
use crate::sync::Instant;

/// How a store is to be opened.
pub(crate) struct OpenOptions {
    /// So many snapshots are kept.
    pub(crate) keep_snapshots: usize,
    /// So many keys are remembered.
    pub(crate) keys_max: usize,
    pub(crate) segment_bytes: u64,
    /// The journal is filled ahead in steps of up to so many bytes.
    pub(crate) fill_ahead_bytes: u64,
    /// The store to which the files in the archive belong, and where that is.
    pub(crate) archive: Option<(StoreId, PathBuf)>,
    pub(crate) drop_suspect_tail: bool,
    /// Transactions that become void if their replay panics.
    pub(crate) void_on_replay_panic: BTreeSet<u64>,
    pub(crate) changed_bodies: ChangedBodies,
    pub(crate) on_progress: Box<dyn FnMut(Progress) + Send>,
}

/// A store's state and journal, ready to go on.
pub(crate) struct Recovered<M: Model> {
    pub(crate) resolver: Resolver<M>,
    pub(crate) state: State<M>,
    pub(crate) store: StoreId,
    pub(crate) writer: JournalWriter,
    /// For each variant, the number in the session's dictionary.
    pub(crate) entry_ids: Vec<u32>,
    pub(crate) voids: BTreeSet<u64>,
    /// What is void in this segment and behind it is in `voids`.
    pub(crate) voids_from_segment: u64,
    pub(crate) catalog: Catalog,
    pub(crate) report: Recovery,
    /// The journal beyond the snapshot.
    pub(crate) replayed_bytes: u64,
    pub(crate) replayed_transactions: u64,
}

/// Opens the store on `disk`, or makes one. The caller holds the lock.
pub(crate) fn open<M: Model>(
    disk: &Arc<dyn Disk>,
    first_state: FirstStateMaker<M>,
    mut options: OpenOptions,
) -> Result<Recovered<M>, Error> {
    let began = Instant::now();
    let resolver = Resolver::new(options.keys_max);
    if !resolver.schema().types.fit_in_a_file() {
        return Err(unfit::<M>(too_many_types("file")));
    }
    let mut directory = Directory::read(&**disk)?;
    directory.expect_place_of_a_store(&**disk)?;
    let created = directory.is_empty();
    if created {
        expect_own_archive(&options, None)?;
        create::create(&**disk, first_state, resolver.schema(), &directory.temporaries)?;
        directory = Directory::read(&**disk)?;
    }
    let (mut recovered, to_leave) = recover(disk, &directory, resolver, &mut options)?;
    let closed_cleanly = recovered.report.closed_cleanly;
    if !created && !closed_cleanly && !recovered.writer.has_segment() {
        // Nothing had to be written: but what is seen may be what a killed process had not made durable yet.
        confirm_names(&**disk).map_err(|failure| failure.at(&**disk))?;
    }
    remove_temporaries(&**disk, &directory);
    if let Some(taken) = to_leave {
        leave_snapshot(&**disk, &taken, &mut recovered)?;
    }
    recovered.report.created = created;
    recovered.report.closed_cleanly |= created;
    recovered.report.duration = began.elapsed();
    // The user's code, in a subscriber; a panic of it is not worth an open.
    let _ = catch(|| log(&recovered.report, options.changed_bodies));
    Ok(recovered)
}

/// A place in a journal that goes on: `seq`, and the voids of all that comes before it, lie before `end`, which is durable.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Milestone {
    pub(crate) seq: u64,
    pub(crate) end: Position,
}

/// A state that was built once more.
pub(crate) struct Rebuilt<M> {
    pub(crate) state: State<M>,
    /// The newer snapshots, which could not be read.
    pub(crate) unreadable: BTreeMap<u64, Error>,
}

/// The state as of a milestone, from the files alone, while the store's owner may be writing behind it. Nothing is
/// written, and no file that is needed may go meanwhile.
///
/// # Errors
///
/// Those of an open.
pub(crate) fn rebuild<M: Model>(
    disk: &dyn Disk,
    resolver: &Resolver<M>,
    milestone: Milestone,
    urgency: Urgency,
) -> Result<Rebuilt<M>, Error> {
    // A stale clean mark may go meanwhile.
    let directory = Directory::read_beside_owner(disk)?;
    let through = Through::seq(milestone.seq);
    let start = Start {
        disk,
        directory: &directory,
        resolver,
        through,
        changed_bodies: ChangedBodies::Allow,
        end: JournalEnd::Known(milestone.end),
        urgency,
    };
    let (mut loaded, survey) = start.start()?;
    let survey = survey?;
    let (segments, voids) = (&survey.segments, &survey.voids);
    let replay = Replay { disk, segments, voids, through, resolver, urgency, trail: None };
    match replay.run(&mut loaded.state, &mut |_, _| {}) {
        Ok(_) => Ok(Rebuilt { state: loaded.state, unreadable: loaded.unreadable }),
        Err(error) => {
            drop_quietly(loaded);
            Err(replay_error(error, &survey))
        }
    }
}

/// The store, and the state for a snapshot, where what was replayed otherwise than it had been committed is to be left in one.
fn recover<M: Model>(
    disk: &Arc<dyn Disk>,
    directory: &Directory,
    resolver: Resolver<M>,
    options: &mut OpenOptions,
) -> Result<(Recovered<M>, Option<Taken>), Error> {
    let start = Start {
        disk: &**disk,
        directory,
        resolver: &resolver,
        through: Through::ALL,
        changed_bodies: options.changed_bodies,
        end: JournalEnd::Unknown { drop_suspect_tail: options.drop_suspect_tail },
        urgency: Urgency::Awaited,
    };
    let (mut loaded, survey) = start.start()?;
    expect_own_archive(options, Some(loaded.store))?;
    let mut survey = survey?;
    #[cfg(test)]
    sabotage::ignore_voids(&mut survey.voids);
    let mut catalog = Catalog::new(directory, survey.end, &loaded.unreadable);
    let damaged = damaged_snapshots(&**disk, directory, options.keep_snapshots, &mut loaded);

    let through = Through::seq(survey.next_seq - 1);
    let given_up = &options.void_on_replay_panic;
    let trail = Trail::pick_up(&**disk, &survey, loaded.snapshot_seq, given_up);
    let mut voided = Vec::new();
    match trail.judge(&**disk, &survey, given_up) {
        Ok(ended_process) => voided.extend(ended_process),
        Err(error) => {
            drop_quietly(loaded);
            return Err(error);
        }
    }
    survey.voids.extend(voided.iter().map(|(seq, _)| seq));
    let (differences, (transactions, replayed_bytes)) = loop {
        let mut progress = ProgressMeter::new(&survey, &loaded, &mut options.on_progress);
        let replay = Replay {
            disk: &**disk,
            segments: &survey.segments,
            voids: &survey.voids,
            through,
            resolver: &resolver,
            urgency: Urgency::Awaited,
            trail: Some(&trail),
        };
        match replay.run(&mut loaded.state, &mut |bytes, count| progress.add(bytes, count)) {
            Ok(differences) => break (differences, progress.finish()),
            Err(ReplayError::Panicked { seq, message, .. })
                if options.void_on_replay_panic.contains(&seq) && survey.voids.insert(seq) =>
            {
                voided.push((seq, message));
                let again = load(&**disk, directory, &resolver, Through::ALL)?;
                drop_quietly(std::mem::replace(&mut loaded, again));
            }
            Err(error) => {
                drop_quietly(loaded);
                return Err(replay_error(error, &survey));
            }
        }
    };

    let mut report = Recovery {
        created: false,
        closed_cleanly: directory.clean_mark.is_some_and(|mark| mark.journal == survey.end),
        snapshot_seq: loaded.snapshot_seq.into(),
        transactions,
        dropped_tail: None,
        damaged,
        changed_bodies: differences.bodies.into_values().collect(),
        converted: differences.arguments.into_values().collect(),
        model_converted: loaded.is_converted,
        origin: loaded.origin.take(),
        duration: std::time::Duration::ZERO,
    };
    let mut dictionary =
        survey.tail.as_ref().map(|tail| tail.carried.dictionary.clone()).unwrap_or_default();
    let entry_ids = dictionary.include(M::TRANSACTIONS, resolver.schema());
    // From the first write on, nothing but the disk may fail.
    let taken = || snapshot_to_leave(&loaded.state, resolver.schema());
    let checked =
        expect_room::<M>(&dictionary).and_then(|()| report.is_rewritten().then(taken).transpose());
    let to_leave = match checked {
        Ok(to_leave) => to_leave,
        Err(error) => {
            drop_quietly(loaded);
            return Err(error);
        }
    };
    let (model, version) = (M::NAME.into(), M::VERSION);
    let (store, rollback) = (loaded.store, Rollback::of::<M>());
    let secret = draw_secret(&**disk)?;
    let kind = SegmentKind { store, model, version, rollback, dictionary, secret };
    let writer = settle(disk, kind, &mut survey, &voided, options, &mut report, &mut catalog)?;
    loaded.state.journal = writer.end();
    let recovered = Recovered {
        resolver,
        state: loaded.state,
        store: loaded.store,
        writer,
        entry_ids,
        voids: survey.voids,
        voids_from_segment: loaded.position.segment.max(1),
        catalog,
        report,
        replayed_bytes,
        replayed_transactions: transactions,
    };
    Ok((recovered, to_leave))
}

/// An archive that holds files of another store is none for this one.
fn expect_own_archive(options: &OpenOptions, store: Option<StoreId>) -> Result<(), Error> {
    match &options.archive {
        Some((owner, archive)) if store != Some(*owner) => {
            Err(Error::ForeignArchive { archive: archive.clone() })
        }
        _ => Ok(()),
    }
}

fn replay_error(error: ReplayError, survey: &Survey) -> Error {
    match error {
        ReplayError::Other(error) => error,
        ReplayError::Panicked { seq, tx, message } => Error::ReplayPanicked {
            seq: seq.into(),
            tx,
            acknowledged: survey.applied_through >= seq,
            message,
            end: ReplayEnd::Panic,
        },
    }
}
