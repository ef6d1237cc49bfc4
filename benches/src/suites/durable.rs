//! Durable commits, with few and many in flight.

use crate::bench::Bench;
use crate::contenders::{self, Contender};
use crate::failure::Result;
use crate::load::Load;
use crate::workload::OBJECTS_MAX;

/// How many commits are in flight.
pub(crate) const IN_FLIGHT: [usize; 4] = [1, 16, 256, 4096];

/// As it stands in the report.
pub(crate) fn case(in_flight: usize) -> String {
    format!("W = {in_flight}")
}

pub(super) fn run(bench: &mut Bench) -> Result<()> {
    for in_flight in IN_FLIGHT {
        let load = Load { in_flight, time: bench.time(), numbers: 0..OBJECTS_MAX, timed_one_in: 1 };
        for contender in bench.rotated(contenders::durable()) {
            if contender.takes(in_flight) && wanted(bench, contender) {
                bench.contend(&case(in_flight), contender, &load)?;
            }
        }
    }
    Ok(())
}

fn wanted(bench: &Bench, contender: &dyn Contender) -> bool {
    let texts = &bench.options.contenders;
    let name = contender.name();
    texts.is_empty() || name.starts_with("LIMIT") || texts.iter().any(|text| name.contains(text))
}
