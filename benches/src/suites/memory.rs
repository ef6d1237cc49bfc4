//! What a store at rest takes of the memory, beside the bare map.

use crate::bench::Bench;
use crate::child::Child;
use crate::failure::Result;
use crate::million;

/// What is compared with: a map into which they were all inserted.
pub(crate) const BARE: &str = "bare map";
/// A store that has committed them all.
pub(crate) const COMMITTED: &str = "prevalent, after the commits";
/// A store that was opened with all of them in a snapshot.
pub(crate) const OPENED: &str = "prevalent, opened from a snapshot";
/// As it stands in the report.
pub(crate) const CASE: &str = "at rest";

pub(super) fn run(bench: &mut Bench) -> Result<()> {
    let sessions = bench.options.million();
    for contender in bench.rotated(vec![BARE, COMMITTED, OPENED]) {
        let dir = bench.data_dir()?;
        let child = match contender {
            BARE => Child::BareMap,
            COMMITTED => Child::Committed,
            _ => {
                million::in_snapshot(dir.path(), sessions)?;
                Child::Opened
            }
        };
        match child.resident_bytes(dir.path(), sessions) {
            Ok(bytes) => bench.record(CASE, contender, "resident_bytes", bytes as f64),
            Err(failure) => bench.fail(CASE, contender, &failure.to_string()),
        }
    }
    Ok(())
}
