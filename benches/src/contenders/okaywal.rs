//! `okaywal`: a write-ahead log whose threads share syncs. The state is a map of our own.

use std::io;
use std::path::Path;
use std::sync::Arc;

use ::okaywal::{Configuration, Entry, EntryId, LogManager, SegmentReader, WriteAheadLog};
use parking_lot::{Mutex, RwLock};

use super::{Contender, THREADS_MAX};
use crate::drive;
use crate::failure::Result;
use crate::frame::{Session, session};
use crate::group::Group;
use crate::load::{Acknowledged, Load, Outcome};
use crate::log_file::{room_for, sync_files};
use crate::workload::{Map, map_with_room};

/// A thread for each commit in flight.
pub(super) struct Threads;

/// Under a hand-written group commit: an entry for all that wait.
pub(super) struct Grouped;

impl Contender for Threads {
    fn name(&self) -> &'static str {
        "okaywal"
    }

    fn run(&self, dir: &Path, load: &Load) -> Result<Outcome> {
        let log = create(dir, load)?;
        let map = RwLock::new(map_with_room());
        let outcome = drive::threads(&load.at_most_in_flight(THREADS_MAX), |number| {
            let sessions = [session(number)];
            write(&log, &sessions)?;
            map.write().extend(sessions);
            Ok(())
        });
        log.shutdown()?;
        outcome
    }

    fn verify(&self, dir: &Path, acknowledged: &Acknowledged) -> Result<()> {
        verify(dir, acknowledged)
    }
}

impl Contender for Grouped {
    fn name(&self) -> &'static str {
        "okaywal, grouped by hand"
    }

    fn run(&self, dir: &Path, load: &Load) -> Result<Outcome> {
        let log = create(dir, load)?;
        let map = RwLock::new(map_with_room());
        let outcome = Group::run(load, {
            let log = log.clone();
            move |sessions| {
                write(&log, &sessions)?;
                map.write().extend(sessions);
                Ok(())
            }
        });
        log.shutdown()?;
        outcome
    }

    fn verify(&self, dir: &Path, acknowledged: &Acknowledged) -> Result<()> {
        verify(dir, acknowledged)
    }
}

/// Room for the measurement, filled with zeros before it begins.
fn create(dir: &Path, load: &Load) -> Result<WriteAheadLog> {
    let (log, _) = open(dir, u32::try_from(room_for(load.in_flight))?)?;
    sync_files(dir)?;
    Ok(log)
}

/// It can't do with less.
const LEAST_ROOM: u32 = 1 << 20;

/// Nothing is checkpointed: all that was committed is recovered. Gives that, too.
fn open(dir: &Path, room: u32) -> Result<(WriteAheadLog, Recovered)> {
    let recovered = Recovered::default();
    let log = Configuration::default_for(dir)
        .preallocate_bytes(room)
        .checkpoint_after_bytes(u64::MAX)
        .open(recovered.clone())?;
    Ok((log, recovered))
}

fn write(log: &WriteAheadLog, sessions: &[Session]) -> Result<()> {
    let mut entry = log.begin_entry()?;
    entry.write_chunk(&postcard::to_stdvec(sessions)?)?;
    entry.commit()?;
    Ok(())
}

fn verify(dir: &Path, acknowledged: &Acknowledged) -> Result<()> {
    let (log, recovered) = open(dir, LEAST_ROOM)?;
    log.shutdown()?;
    let mut map = Map::new();
    for chunk in recovered.chunks.lock().iter() {
        map.extend(postcard::from_bytes::<Vec<Session>>(chunk)?);
    }
    acknowledged.verify_in(&map)
}

/// What is found in the log when it is opened.
#[derive(Clone, Debug, Default)]
struct Recovered {
    chunks: Arc<Mutex<Vec<Vec<u8>>>>,
}

impl LogManager for Recovered {
    fn recover(&mut self, entry: &mut Entry<'_>) -> io::Result<()> {
        self.chunks.lock().extend(entry.read_all_chunks()?.into_iter().flatten());
        Ok(())
    }

    fn checkpoint_to(
        &mut self,
        _last: EntryId,
        _entries: &mut SegmentReader,
        _log: &WriteAheadLog,
    ) -> io::Result<()> {
        Ok(())
    }
}
