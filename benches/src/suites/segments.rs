//! What the commits around the start of a new segment have to wait for.

use std::path::Path;
use std::time::Instant;

use prevalent::Durability;

use crate::bench::Bench;
use crate::contenders;
use crate::drive;
use crate::failure::Result;
use crate::latencies::Latencies;
use crate::load::Load;
use crate::model::{SessionsStore, builder};
use crate::suites::in_flight_case;
use crate::workload::{OBJECTS_MAX, token};

/// Those commits that were acknowledged with a new segment.
pub(crate) const FIRST: &str = "prevalent, first commit of a segment";
/// All commits.
pub(crate) const ALL: &str = "prevalent, small segments";

/// A new segment for every hundred commits or so.
const BYTES_FEW: u64 = 16 << 10;
/// A new segment several times a measurement.
const BYTES_MANY: u64 = 256 << 10;
const MANY: usize = 256;

pub(super) fn run(bench: &mut Bench) -> Result<()> {
    for in_flight in [1, MANY] {
        let load = Load { in_flight, time: bench.time(), numbers: 0..OBJECTS_MAX, timed_one_in: 1 };
        let case = in_flight_case(in_flight);
        bench.contend(&case, contenders::limit(), &load)?;
        if in_flight == 1 {
            one_by_one(bench, &case, &load)?;
        } else {
            many(bench, &case, &load)?;
        }
    }
    Ok(())
}

fn one_by_one(bench: &mut Bench, case: &str, load: &Load) -> Result<()> {
    let dir = bench.data_dir()?;
    let store = open(dir.path(), BYTES_FEW)?;
    let (mut first, mut all) = (Latencies::new()?, Latencies::new()?);
    let start = Instant::now();
    let mut segments = store.stats().segments;
    for number in load.numbers.clone() {
        let begun = Instant::now();
        if begun - start > load.time {
            break;
        }
        store.create_session(token(number), number).wait()?;
        let took = begun.elapsed();
        let segments_now = store.stats().segments;
        // The very first has a segment to make, too, but that is an open's cost.
        if segments_now > segments && number > 0 {
            first.record(took);
        }
        if number > 0 {
            all.record(took);
        }
        segments = segments_now;
    }
    store.close().wait()?;
    if first.is_empty() {
        bench.fail(case, FIRST, "too few commits: no second segment began");
    }
    bench.record_latencies(case, FIRST, &first);
    bench.record_latencies(case, ALL, &all);
    Ok(())
}

fn many(bench: &mut Bench, case: &str, load: &Load) -> Result<()> {
    let dir = bench.data_dir()?;
    let store = open(dir.path(), BYTES_MANY)?;
    let runtime = drive::runtime()?;
    let outcome = {
        let store = store.clone();
        drive::tasks(&runtime, load, move |number| {
            let commit = store.create_session(token(number), number);
            async move { Ok(commit.await?) }
        })
    };
    let segments = store.stats().segments;
    store.close().wait()?;
    let outcome = outcome?;
    if segments < 2 {
        // Its longest commit would tell nothing about new segments.
        bench.fail(case, ALL, "too few commits: no second segment began");
        return Ok(());
    }
    bench.record_outcome(case, ALL, &outcome);
    bench.record(case, ALL, "segments", segments as f64);
    Ok(())
}

fn open(dir: &Path, segment_bytes: u64) -> Result<SessionsStore> {
    Ok(builder(dir, Durability::Always).segment_bytes(segment_bytes).open().wait()?)
}
