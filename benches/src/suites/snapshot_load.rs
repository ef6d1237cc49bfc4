//! Opening a store whose sessions are all in its snapshot.

use std::hint::black_box;
use std::path::Path;
use std::time::{Duration, Instant};

use crate::bench::Bench;
use crate::failure::Result;
use crate::frame::session;
use crate::million;
use crate::model::PlainSessionsStore;
use crate::workload::Map;

/// What is compared with: the same map out of memory.
pub(crate) const BARE: &str = "postcard::from_bytes";
/// An open.
pub(crate) const OPEN: &str = "prevalent, open";
/// As it stands in the report.
pub(crate) const CASE: &str = "all in the snapshot";

pub(super) fn run(bench: &mut Bench) -> Result<()> {
    let sessions = bench.options.million();
    let dir = bench.data_dir()?;
    million::in_snapshot(dir.path(), sessions)?;
    let encoded = postcard::to_stdvec(&(0..sessions).map(session).collect::<Map>())?;
    for contender in bench.rotated(vec![BARE, OPEN]) {
        let (took, found) = match contender {
            BARE => decode(&encoded)?,
            _ => open(dir.path())?,
        };
        if found == sessions {
            bench.record(CASE, contender, "took_us", took.as_secs_f64() * 1e6);
        } else {
            bench.fail(CASE, contender, &format!("{found} of {sessions} sessions are there"));
        }
    }
    Ok(())
}

fn decode(encoded: &[u8]) -> Result<(Duration, u64)> {
    let began = Instant::now();
    let map: Map = postcard::from_bytes(black_box(encoded))?;
    Ok((began.elapsed(), map.len() as u64))
}

fn open(dir: &Path) -> Result<(Duration, u64)> {
    let began = Instant::now();
    let store = PlainSessionsStore::open(dir).wait()?;
    let took = began.elapsed();
    let found = store.read(|sessions| sessions.tokens().len() as u64);
    store.close().wait()?;
    Ok((took, found))
}
