//! From files to a state: the way every open takes, and every rebuild.
//!
//! [`directory`] → the newest good snapshot → [`survey`] → [`replay`] → [`settle`]. Only the last step writes.

mod create;
pub(crate) mod directory;
mod replay;
pub(crate) mod report;
mod survey;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Instant;

pub(crate) use self::create::FirstStateMaker;
use self::directory::Directory;
pub(crate) use self::replay::State;
use self::replay::{Extent, ReplayError, replay};
use self::report::Recovery;
use self::survey::{Scope, Survey, check_fallback, survey};
use crate::catalog::Catalog;
use crate::disk::Disk;
use crate::disk::publish::confirm_names;
use crate::encoding;
use crate::error::{Error, SchemaError};
use crate::format::{Position, StoreId, names};
use crate::journal::segment::{NewSegment, SegmentKind};
use crate::journal::writer::JournalWriter;
use crate::model::{Model, variant_of};
use crate::panic::{catch, drop_quietly};
use crate::snapshot;
use crate::stats::Progress;

/// How a store is to be opened.
pub(crate) struct OpenOptions<'a> {
    pub(crate) segment_bytes: u64,
    pub(crate) drop_suspect_tail: bool,
    /// Transactions that become void if their replay panics.
    pub(crate) void_on_replay_panic: BTreeSet<u64>,
    pub(crate) on_progress: &'a mut dyn FnMut(Progress),
}

/// A store's state and journal, ready to go on.
pub(crate) struct Recovered<M> {
    pub(crate) state: State<M>,
    pub(crate) store: StoreId,
    pub(crate) writer: JournalWriter,
    /// The id in the session's dictionary, for each variant.
    pub(crate) name_ids: Vec<u32>,
    pub(crate) voids: BTreeSet<u64>,
    /// What is void in this segment and behind it is in `voids`.
    pub(crate) voids_from_segment: u64,
    pub(crate) catalog: Catalog,
    pub(crate) report: Recovery,
    /// The journal beyond the snapshot.
    pub(crate) replayed_bytes: u64,
}

/// Opens the store on `disk`, or makes one. The caller holds the lock.
pub(crate) fn open<M: Model>(
    disk: &Arc<dyn Disk>,
    first_state: FirstStateMaker<M>,
    mut options: OpenOptions<'_>,
) -> Result<Recovered<M>, Error> {
    let began = Instant::now();
    let mut directory = Directory::read(&**disk)?;
    let created = directory.is_empty();
    if created {
        create::create(&**disk, first_state, &directory.temporaries)?;
        directory = Directory::read(&**disk)?;
    }
    let mut recovered = recover(disk, &directory, &mut options)?;
    let closed_cleanly = recovered.report.closed_cleanly;
    if !created && !closed_cleanly && !recovered.writer.has_segment() {
        // Nothing had to be written: but what is seen may be what a killed process had not made durable yet.
        confirm_names(&**disk).map_err(|failure| failure.at(&**disk))?;
    }
    remove_temporaries(&**disk, &directory);
    recovered.report.created = created;
    recovered.report.closed_cleanly |= created;
    log(&recovered.report);
    recovered.report.duration = began.elapsed();
    Ok(recovered)
}

/// The state as of `through`, from the files alone. Nothing is written.
pub(crate) fn rebuild<M: Model>(disk: &dyn Disk, through: u64) -> Result<State<M>, Error> {
    let directory = Directory::read(disk)?;
    let mut loaded = load::<M>(disk, &directory, through)?;
    let survey = survey(disk, &directory, scope::<M>(&loaded, false))?;
    let extent = Extent { voids: &survey.voids, through };
    match replay(disk, &survey.segments, extent, &mut loaded.state, &mut |_, _| {}) {
        Ok(()) => Ok(loaded.state),
        Err(error) => {
            drop_quietly(loaded);
            Err(replay_error(error, &survey))
        }
    }
}

fn recover<M: Model>(
    disk: &Arc<dyn Disk>,
    directory: &Directory,
    options: &mut OpenOptions<'_>,
) -> Result<Recovered<M>, Error> {
    let mut loaded = load::<M>(&**disk, directory, u64::MAX)?;
    let mut survey = survey(&**disk, directory, scope::<M>(&loaded, options.drop_suspect_tail))?;
    let mut catalog = Catalog::new(directory, &loaded.unreadable);
    let mut damaged: Vec<Error> = std::mem::take(&mut loaded.unreadable).into_values().collect();
    damaged.extend(
        directory
            .snapshots
            .range(..loaded.snapshot_seq)
            .filter_map(|(_, found)| found.header.clone().err()),
    );
    damaged.extend(check_fallback(&**disk, directory, loaded.position.segment));

    let through = survey.next_seq - 1;
    let mut voided = Vec::new();
    let (transactions, replayed_bytes) = loop {
        let mut progress = ProgressMeter::new(&survey, &loaded, options.on_progress);
        let extent = Extent { voids: &survey.voids, through };
        let result =
            replay(&**disk, &survey.segments, extent, &mut loaded.state, &mut |bytes, count| {
                progress.add(bytes, count);
            });
        match result {
            Ok(()) => break progress.finish(),
            Err(ReplayError::Panicked { seq, message, .. })
                if options.void_on_replay_panic.contains(&seq) && survey.voids.insert(seq) =>
            {
                voided.push((seq, message));
                let again = load::<M>(&**disk, directory, u64::MAX)?;
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
        duration: std::time::Duration::ZERO,
    };
    let (writer, name_ids) = settle::<M>(
        disk,
        &loaded,
        &mut survey,
        voided.as_slice(),
        options,
        &mut report,
        &mut catalog,
    )?;
    loaded.state.journal = writer.end();
    Ok(Recovered {
        state: loaded.state,
        store: loaded.store,
        writer,
        name_ids,
        voids: survey.voids,
        voids_from_segment: loaded.position.segment.max(1),
        catalog,
        report,
        replayed_bytes,
    })
}

/// A decoded snapshot.
struct Loaded<M> {
    state: State<M>,
    store: StoreId,
    snapshot_seq: u64,
    snapshot_bytes: u64,
    position: Position,
    /// The newer snapshots, which could not be read.
    unreadable: BTreeMap<u64, Error>,
}

/// The newest good snapshot that is not newer than `through`.
fn load<M: Model>(
    disk: &dyn Disk,
    directory: &Directory,
    through: u64,
) -> Result<Loaded<M>, Error> {
    let mut unreadable = BTreeMap::new();
    for &seq in directory.snapshots.range(..=through).map(|(seq, _)| seq).rev() {
        let file = match snapshot::read::read(disk, seq) {
            Ok(file) => file,
            Err(error @ Error::Corrupt { .. }) => {
                unreadable.insert(seq, error);
                continue;
            }
            Err(error) => return Err(error),
        };
        let path = disk.path().join(names::snapshot(seq));
        if file.model != M::NAME {
            return Err(Error::WrongModel { found: file.model, expected: M::NAME.to_owned() });
        }
        let mut model: M =
            encoding::decode_value(file.body()).map_err(|error| SchemaError::Undecodable {
                what: M::NAME.to_owned(),
                seq: seq.into(),
                file: path,
                reason: error.to_string(),
            })?;
        catch(|| model.restored())
            .map_err(|message| Error::ModelPanicked { what: "restored", message })?;
        return Ok(Loaded {
            state: State { model, seq, time_us: file.header.time_us, journal: file.header.journal },
            store: file.header.store,
            snapshot_seq: seq,
            snapshot_bytes: file.bytes(),
            position: file.header.journal,
            unreadable,
        });
    }
    Err(unreadable.into_values().next_back().unwrap_or_else(|| {
        Error::corrupt(
            disk.path().to_owned(),
            0,
            None,
            "there is a journal, but no snapshot to begin with",
        )
    }))
}

fn scope<M: Model>(loaded: &Loaded<M>, drop_suspect_tail: bool) -> Scope<'static> {
    Scope {
        snapshot_seq: loaded.snapshot_seq,
        snapshot_position: loaded.position,
        model: M::NAME,
        known: &|name| variant_of::<M>(name).is_some(),
        drop_suspect_tail,
    }
}

fn replay_error(error: ReplayError, survey: &Survey) -> Error {
    match error {
        ReplayError::Other(error) => error,
        ReplayError::Panicked { seq, tx, message } => Error::ReplayPanicked {
            seq: seq.into(),
            tx: tx.to_owned(),
            acknowledged: survey.applied_through >= seq,
            message,
        },
    }
}

/// Makes the journal ready to be written: after anything but a clean end, in a new segment that holds what nothing vouched
/// for. It is durable before anyone sees the state.
fn settle<M: Model>(
    disk: &Arc<dyn Disk>,
    loaded: &Loaded<M>,
    survey: &mut Survey,
    voids: &[(u64, String)],
    options: &OpenOptions<'_>,
    report: &mut Recovery,
    catalog: &mut Catalog,
) -> Result<(JournalWriter, Vec<u32>), Error> {
    let tail = survey.tail.take();
    let inherited = tail.as_ref().map(|tail| tail.carried.names.as_slice()).unwrap_or_default();
    let (names, name_ids) = dictionary::<M>(inherited);
    let kind = SegmentKind { store: loaded.store, model: M::NAME, names };
    let (active, end) = if tail.is_none() && voids.is_empty() {
        (None, survey.end)
    } else {
        let (predecessor, carried) = match tail {
            Some(tail) => {
                report.dropped_tail = tail.dropped;
                (tail.vouched, Some(tail.carried))
            }
            None => (survey.end, None),
        };
        let first_seq = carried.as_ref().map_or(survey.next_seq, |carried| carried.first_seq);
        let new = NewSegment {
            kind: &kind,
            predecessor,
            next_seq: survey.next_seq,
            applied_through: survey.applied_through,
            carried,
            voids,
        };
        let (active, end) = new.create(&**disk).map_err(|failure| failure.at(&**disk))?;
        catalog.add_segment(end.segment, first_seq, end.offset);
        (Some(active), end)
    };
    Ok((JournalWriter::new(disk.clone(), kind, options.segment_bytes, active, end), name_ids))
}

/// A dictionary that begins with `inherited`, and the id of each of the model's transactions in it.
fn dictionary<M: Model>(inherited: &[String]) -> (Vec<String>, Vec<u32>) {
    let mut names = inherited.to_vec();
    let mut ids = Vec::with_capacity(M::TRANSACTIONS.len());
    for info in M::TRANSACTIONS {
        let id = names.iter().position(|name| name == info.name()).unwrap_or_else(|| {
            names.push(info.name().to_owned());
            names.len() - 1
        });
        ids.push(u32::try_from(id).unwrap_or(u32::MAX));
    }
    (names, ids)
}

fn remove_temporaries(disk: &dyn Disk, directory: &Directory) {
    for name in &directory.temporaries {
        if let Err(error) = disk.remove(name)
            && error.kind() != std::io::ErrorKind::NotFound
        {
            tracing::warn!(file = %disk.path().join(name).display(), %error, "could not remove an unfinished file");
        }
    }
}

fn log(report: &Recovery) {
    if !report.closed_cleanly {
        tracing::warn!(
            transactions = report.transactions,
            "the store was not closed the last time: what was not durable then is lost"
        );
    }
    if let Some(tail) = &report.dropped_tail {
        tracing::warn!(
            file = %tail.file.display(), offset = tail.offset, bytes = tail.bytes, next_seq = %tail.next_seq,
            suspect = tail.suspect, "the journal's end was dropped: a crash had interrupted it"
        );
    }
    for error in &report.damaged {
        tracing::warn!(%error, "a file that this open did not need is damaged");
    }
}

/// Tells the progress of a recovery about once in a megabyte.
struct ProgressMeter<'a> {
    progress: Progress,
    told_bytes: u64,
    replayed_bytes: u64,
    on_progress: &'a mut dyn FnMut(Progress),
}

const TELL_EVERY_BYTES: u64 = 1 << 20;

impl<'a> ProgressMeter<'a> {
    fn new<M>(
        survey: &Survey,
        loaded: &Loaded<M>,
        on_progress: &'a mut dyn FnMut(Progress),
    ) -> Self {
        let journal_bytes: u64 = survey.segments.iter().map(|segment| segment.end.offset).sum();
        let progress = Progress {
            bytes_done: loaded.snapshot_bytes,
            bytes_total: loaded.snapshot_bytes + journal_bytes,
            transactions_done: 0,
        };
        let mut meter = ProgressMeter { progress, told_bytes: 0, replayed_bytes: 0, on_progress };
        meter.tell();
        meter
    }

    fn add(&mut self, bytes: u64, transactions: u64) {
        self.progress.bytes_done += bytes;
        if transactions > 0 {
            self.replayed_bytes += bytes;
        }
        self.progress.transactions_done += transactions;
        if self.progress.bytes_done - self.told_bytes >= TELL_EVERY_BYTES {
            self.tell();
        }
    }

    /// How many transactions were replayed, and how long the batches were that they were in.
    fn finish(mut self) -> (u64, u64) {
        self.progress.bytes_done = self.progress.bytes_total;
        self.tell();
        (self.progress.transactions_done, self.replayed_bytes)
    }

    fn tell(&mut self) {
        self.told_bytes = self.progress.bytes_done;
        // The user's code; a panic of it is not worth an open.
        let _ = catch(|| (self.on_progress)(self.progress));
    }
}
