//! LIMIT + work: the bare loop's thread also does what every contender must do for a commit.

use std::path::Path;
use std::time::Instant;

use super::{Contender, LIMIT_AND_WORK};
use crate::failure::Result;
use crate::frame::{Batch, Session, read_into, session};
use crate::latencies::Latencies;
use crate::load::{Acknowledged, Load, Outcome};
use crate::log_file::{LogFile, room_for};
use crate::workload::map_with_room;

const FILE: &str = "limit";

/// Makes the tokens, encodes, decodes what it encoded, checksums, writes, syncs, and inserts what it decoded.
pub(super) struct LimitAndWork;

impl Contender for LimitAndWork {
    fn name(&self) -> &'static str {
        LIMIT_AND_WORK
    }

    fn run(&self, dir: &Path, load: &Load) -> Result<Outcome> {
        let mut log = LogFile::zero_filled(&dir.join(FILE), room_for(load.in_flight))?;
        let mut map = map_with_room();
        let mut batch = Batch::new();
        let mut decoded: Vec<Session> = Vec::with_capacity(load.in_flight);
        let mut latencies = Latencies::new()?;
        let mut batches = 0;
        let in_flight = load.in_flight as u64;
        let mut numbers = load.numbers.clone();
        let start = Instant::now();
        let mut begun = start;
        while begun - start < load.time && numbers.end - numbers.start >= in_flight {
            for number in numbers.start..numbers.start + in_flight {
                decoded.push(postcard::from_bytes(batch.push(&session(number))?)?);
            }
            log.append(batch.seal()?)?;
            batch.clear();
            map.extend(decoded.drain(..));
            numbers.start += in_flight;
            batches += 1;
            let now = Instant::now();
            latencies.record(now - begun);
            begun = now;
        }
        let acknowledged = Acknowledged::new(load.clone(), vec![batches; load.in_flight]);
        Ok(Outcome { acknowledged, elapsed: begun - start, latencies })
    }

    fn verify(&self, dir: &Path, acknowledged: &Acknowledged) -> Result<()> {
        let mut map = map_with_room();
        read_into(&dir.join(FILE), &mut map)?;
        acknowledged.verify_in(&map)
    }
}
