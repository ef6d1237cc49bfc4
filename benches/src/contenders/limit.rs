//! LIMIT: one `pwrite` and one `fdatasync`, over and over. It keeps nothing but the file.

use std::path::Path;
use std::time::Instant;

use super::{Contender, LIMIT};
use crate::failure::Result;
use crate::frame::{Batch, read_into, session};
use crate::latencies::Latencies;
use crate::load::{Acknowledged, Load, Outcome};
use crate::log_file::{LogFile, room_for};
use crate::workload::Map;

const FILE: &str = "limit";

/// Into a file full of zeros; at its end it goes on from the start.
pub(super) struct ZeroFilled;

/// Into a file that grows.
pub(super) struct Growing;

impl Contender for ZeroFilled {
    fn name(&self) -> &'static str {
        LIMIT
    }

    fn run(&self, dir: &Path, load: &Load) -> Result<Outcome> {
        let room = room_for(load.in_flight);
        bare_loop(LogFile::zero_filled(&dir.join(FILE), room)?, load, AtEnd::RewindFrom(room))
    }

    fn verify(&self, dir: &Path, _acknowledged: &Acknowledged) -> Result<()> {
        read_into(&dir.join(FILE), &mut Map::new())
    }
}

impl Contender for Growing {
    fn name(&self) -> &'static str {
        "LIMIT, growing file"
    }

    fn run(&self, dir: &Path, load: &Load) -> Result<Outcome> {
        bare_loop(LogFile::growing(&dir.join(FILE))?, load, AtEnd::Stop)
    }

    fn verify(&self, dir: &Path, _acknowledged: &Acknowledged) -> Result<()> {
        read_into(&dir.join(FILE), &mut Map::new())
    }
}

/// The growing file ends here, well before a disk is full.
const GROWN_BYTES_MAX: u64 = 256 << 20;

/// What happens when the file has its size.
#[derive(Clone, Copy)]
enum AtEnd {
    RewindFrom(u64),
    Stop,
}

/// The same bytes every time: no work but the disk's.
fn bare_loop(mut log: LogFile, load: &Load, at_end: AtEnd) -> Result<Outcome> {
    let mut batch = Batch::new();
    for number in 0..load.in_flight as u64 {
        batch.push(&session(number))?;
    }
    let bytes = batch.seal()?;
    let mut latencies = Latencies::new()?;
    let mut batches = 0;
    let start = Instant::now();
    let mut begun = start;
    while begun - start < load.time {
        let end = log.end() + bytes.len() as u64;
        match at_end {
            AtEnd::RewindFrom(room) if end > room => log.rewind(),
            AtEnd::Stop if end > GROWN_BYTES_MAX => break,
            _ => {}
        }
        log.append(bytes)?;
        batches += 1;
        let now = Instant::now();
        latencies.record(now - begun);
        begun = now;
    }
    let acknowledged = Acknowledged::new(load.clone(), vec![batches; load.in_flight]);
    Ok(Outcome { acknowledged, elapsed: begun - start, latencies })
}
