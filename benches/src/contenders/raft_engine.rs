//! `raft-engine`: the log of `TiKV`. Its own memory table of keys and values is the state.

use std::path::Path;

use ::raft_engine::{Config, Engine, LogBatch, ReadableSize};

use super::{Contender, THREADS_MAX};
use crate::drive;
use crate::failure::Result;
use crate::frame::Session;
use crate::group::Group;
use crate::load::{Acknowledged, Load, Outcome};
use crate::log_file::{room_for, sync_files};
use crate::workload::token;

/// A thread for each commit in flight; the engine lets them share syncs.
pub(super) struct Threads;

/// Under a hand-written group commit: a log batch for all that wait.
pub(super) struct Grouped;

impl Contender for Threads {
    fn name(&self) -> &'static str {
        "raft-engine"
    }

    fn run(&self, dir: &Path, load: &Load) -> Result<Outcome> {
        let engine = create(dir, load)?;
        drive::threads(&load.at_most_in_flight(THREADS_MAX), |number| {
            let mut batch = LogBatch::default();
            put(&mut batch, (token(number), number))?;
            engine.write(&mut batch, true)?;
            Ok(())
        })
    }

    fn verify(&self, dir: &Path, acknowledged: &Acknowledged) -> Result<()> {
        verify(dir, acknowledged)
    }
}

impl Contender for Grouped {
    fn name(&self) -> &'static str {
        "raft-engine, grouped by hand"
    }

    fn run(&self, dir: &Path, load: &Load) -> Result<Outcome> {
        let engine = create(dir, load)?;
        Group::run(load, move |sessions| {
            let mut batch = LogBatch::with_capacity(sessions.len());
            for session in sessions {
                put(&mut batch, session)?;
            }
            engine.write(&mut batch, true)?;
            Ok(())
        })
    }

    fn verify(&self, dir: &Path, acknowledged: &Acknowledged) -> Result<()> {
        verify(dir, acknowledged)
    }
}

const FILE_BYTES: usize = 4 << 20;

/// Its files are filled with zeros before something is measured: all but the first, so that one is used up at once.
fn create(dir: &Path, load: &Load) -> Result<Engine> {
    let engine = Engine::open(Config {
        target_file_size: ReadableSize(FILE_BYTES as u64),
        prefill_for_recycle: true,
        prefill_limit: Some(ReadableSize(room_for(load.in_flight))),
        ..config(dir)?
    })?;
    sync_files(dir)?;
    let mut filler = LogBatch::default();
    filler.put(TABLES + 1, b"filler".to_vec(), vec![0; FILE_BYTES])?;
    engine.write(&mut filler, true)?;
    Ok(engine)
}

/// Nothing is compressed.
fn config(dir: &Path) -> Result<Config> {
    Ok(Config {
        dir: dir.to_str().ok_or("the directory's name is not UTF-8")?.to_owned(),
        batch_compression_threshold: ReadableSize::kb(0),
        enable_log_recycle: true,
        ..Config::default()
    })
}

/// Its tables have a lock each: several of them, as several Raft groups would have.
const TABLES: u64 = 16;

fn table_of(token: &str) -> u64 {
    token.bytes().map(u64::from).sum::<u64>() % TABLES + 1
}

fn put(batch: &mut LogBatch, (token, user_id): Session) -> Result<()> {
    let table = table_of(&token);
    Ok(batch.put(table, token.into_bytes(), user_id.to_le_bytes().to_vec())?)
}

fn verify(dir: &Path, acknowledged: &Acknowledged) -> Result<()> {
    let engine = Engine::open(config(dir)?)?;
    acknowledged.verify(|token| {
        let found = engine.get(table_of(token), token.as_bytes());
        Ok(found.and_then(|bytes| Some(u64::from_le_bytes(bytes.try_into().ok()?))))
    })
}
