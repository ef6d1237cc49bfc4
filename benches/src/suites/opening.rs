//! Opening a store with nothing in it.

use std::time::Instant;

use crate::bench::Bench;
use crate::contenders::PREVALENT;
use crate::failure::Result;
use crate::latencies::Latencies;
use crate::model::PlainSessionsStore;

/// There is no directory yet.
pub(crate) const NEW: &str = "new store";
/// It was opened and closed before.
pub(crate) const AGAIN: &str = "empty store, again";

/// In each round.
const TIMES: usize = 5;

pub(super) fn run(bench: &mut Bench) -> Result<()> {
    let (mut new, mut again) = (Latencies::new()?, Latencies::new()?);
    for _ in 0..TIMES {
        let dir = bench.data_dir()?;
        for latencies in [&mut new, &mut again] {
            let began = Instant::now();
            let store = PlainSessionsStore::open(dir.path().join("store")).wait()?;
            latencies.record(began.elapsed());
            store.close().wait()?;
        }
    }
    bench.record_latencies(NEW, PREVALENT, &new);
    bench.record_latencies(AGAIN, PREVALENT, &again);
    Ok(())
}
