//! Commits that are acknowledged before they are on the disk.

use crate::bench::Bench;
use crate::contenders;
use crate::failure::Result;
use crate::load::Load;
use crate::workload::OBJECTS_MAX;

/// Two readings of the clock are a good part of the cheapest commits.
const TIMED_ONE_IN: usize = 64;

const TASKS: [usize; 2] = [1, 2];

/// As it stands in the report.
pub(crate) fn case(tasks: usize) -> String {
    format!("{tasks} {}", if tasks == 1 { "task" } else { "tasks" })
}

pub(super) fn run(bench: &mut Bench) -> Result<()> {
    for tasks in TASKS {
        let load = Load {
            in_flight: tasks,
            time: bench.time(),
            numbers: 0..OBJECTS_MAX,
            timed_one_in: TIMED_ONE_IN,
        };
        for contender in bench.rotated(contenders::unsynced()) {
            bench.contend(&case(tasks), contender, &load)?;
        }
    }
    Ok(())
}
