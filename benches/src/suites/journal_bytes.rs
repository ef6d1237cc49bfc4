//! What a transaction takes in the journal beyond its payload.

use std::path::Path;
use std::time::Duration;

use crate::bench::Bench;
use crate::contenders::{self, PREVALENT};
use crate::failure::Result;
use crate::frame::session;
use crate::load::Load;
use crate::suites::in_flight_case;

const IN_FLIGHT: [usize; 2] = [256, 4096];

/// The objects end it, not the time.
const TIME: Duration = Duration::from_mins(1);

pub(super) fn run(bench: &mut Bench) -> Result<()> {
    for in_flight in IN_FLIGHT {
        let numbers = 0..bench.options.million() / 2;
        let load = Load { in_flight, time: TIME, numbers: numbers.clone(), timed_one_in: 1 };
        let dir = bench.data_dir()?;
        let case = in_flight_case(in_flight);
        let committed = contenders::prevalent().run(dir.path(), &load)?.acknowledged.count() as u64;
        if committed != numbers.end {
            bench.fail(&case, PREVALENT, &format!("only {committed} were committed in {TIME:?}"));
            continue;
        }
        let (used, in_all) = journal_bytes(dir.path())?;
        let mut payload = 0;
        for number in numbers.clone() {
            payload += postcard::to_stdvec(&session(number))?.len() as u64;
        }
        let each = |bytes: u64| (bytes as f64 - payload as f64) / numbers.end as f64;
        bench.record(&case, PREVALENT, "bytes_beyond_the_payload", each(used));
        bench.record(&case, PREVALENT, "bytes_with_zeros_at_the_end", each(in_all));
    }
    Ok(())
}

/// The bytes of all segments, headers and all: without the zeros at the end of each, and with them.
fn journal_bytes(dir: &Path) -> Result<(u64, u64)> {
    let (mut used, mut in_all) = (0, 0);
    for entry in std::fs::read_dir(dir)? {
        let path = entry?.path();
        if path.extension().is_some_and(|extension| extension == "journal") {
            let bytes = std::fs::read(path)?;
            let zeros = bytes.iter().rev().take_while(|&&byte| byte == 0).count();
            used += (bytes.len() - zeros) as u64;
            in_all += bytes.len() as u64;
        }
    }
    Ok((used, in_all))
}
