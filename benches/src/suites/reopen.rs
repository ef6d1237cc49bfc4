//! Opening a store whose sessions are all in its journal.

use std::path::Path;
use std::time::{Duration, Instant};

use prevalent::Durability;

use crate::bench::Bench;
use crate::failure::Result;
use crate::frame::{Batch, read_into, session};
use crate::million;
use crate::model::builder;
use crate::workload::map_with_room;

/// What is compared with: one thread reads, checks, decodes and inserts.
pub(crate) const BARE: &str = "read + checksum + decode + insert";
/// An open.
pub(crate) const OPEN: &str = "prevalent, open";
/// As it stands in the report.
pub(crate) const CASE: &str = "all in the journal";

/// As many as a busy store makes durable at once.
const RECORDS_A_BATCH: u64 = 256;

pub(super) fn run(bench: &mut Bench) -> Result<()> {
    let sessions = bench.options.million();
    let dir = bench.data_dir()?;
    let (file, store) = (dir.path().join("bare"), dir.path().join("store"));
    write_bare(&file, sessions)?;
    million::from_journal(&store, sessions)?;
    for contender in bench.rotated(vec![BARE, OPEN]) {
        let (took, found) = match contender {
            BARE => read_bare(&file)?,
            _ => open(&store)?,
        };
        if found == sessions {
            bench.record(CASE, contender, "took_us", took.as_secs_f64() * 1e6);
        } else {
            bench.fail(CASE, contender, &format!("{found} of {sessions} sessions are there"));
        }
    }
    Ok(())
}

fn write_bare(file: &Path, sessions: u64) -> Result<()> {
    let (mut bytes, mut batch) = (Vec::new(), Batch::new());
    for number in 0..sessions {
        batch.push(&session(number))?;
        if number % RECORDS_A_BATCH == RECORDS_A_BATCH - 1 || number == sessions - 1 {
            bytes.extend_from_slice(batch.seal()?);
            batch.clear();
        }
    }
    Ok(std::fs::write(file, bytes)?)
}

fn read_bare(file: &Path) -> Result<(Duration, u64)> {
    let began = Instant::now();
    let mut map = map_with_room();
    read_into(file, &mut map)?;
    Ok((began.elapsed(), map.len() as u64))
}

fn open(dir: &Path) -> Result<(Duration, u64)> {
    let began = Instant::now();
    let store = builder(dir, Durability::Always).open().wait()?;
    let took = began.elapsed();
    let found = store.read(|sessions| sessions.tokens().len() as u64);
    store.close().wait()?;
    Ok((took, found))
}
