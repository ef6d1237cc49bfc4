//! Processes of their own, to tell how much memory something takes: nothing of what was measured before is counted.
//!
//! The figure is what the process has resident at rest, less what it had when it began: what the operating system sees, with
//! all that the allocator keeps back, not what the program asked for.

use std::path::Path;
use std::process::{Command, Stdio};
use std::thread::sleep;
use std::time::Duration;

use clap::ValueEnum;
use prevalent::Durability;

use crate::failure::Result;
use crate::frame::session;
use crate::million;
use crate::model::PlainSessionsStore;
use crate::workload::Map;

/// What the child has in its memory.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub(crate) enum Child {
    /// A map with these sessions.
    BareMap,
    /// A store to which they were committed.
    Committed,
    /// A store whose snapshot has them.
    Opened,
}

/// Whatever is still to be done is done by then.
const REST: Duration = Duration::from_millis(500);

impl Child {
    /// Starts this program again, as such a child.
    ///
    /// # Errors
    ///
    /// What the child says, or that it doesn't say a number.
    pub(crate) fn resident_bytes(self, dir: &Path, sessions: u64) -> Result<u64> {
        let kind = self.to_possible_value().ok_or("a child without a name")?;
        let output = Command::new(std::env::current_exe()?)
            .args(["--child", kind.get_name(), "--sessions", &sessions.to_string(), "--dir"])
            .arg(dir)
            .stderr(Stdio::inherit())
            .output()?;
        if !output.status.success() {
            return Err(format!("the child ended with {}", output.status).into());
        }
        Ok(String::from_utf8(output.stdout)?.trim().parse()?)
    }

    /// What the child does: it says how many bytes it takes.
    ///
    /// # Errors
    ///
    /// What the store says, or that there are other sessions than there should be.
    pub(crate) fn run(self, dir: &Path, sessions: u64) -> Result<()> {
        let before = resident_bytes()?;
        let check = |found: usize| {
            if found as u64 == sessions { Ok(()) } else { Err("sessions are missing") }
        };
        let after = match self {
            Child::BareMap => {
                let map: Map = (0..sessions).fold(Map::new(), |mut map, number| {
                    map.extend([session(number)]);
                    map
                });
                let after = at_rest()?;
                check(map.len())?;
                after
            }
            Child::Committed | Child::Opened => {
                let store = PlainSessionsStore::builder(dir)
                    .durability(Durability::Manual)
                    .snapshot_every_bytes(u64::MAX)
                    .no_snapshot_on_close()
                    .open()
                    .wait()?;
                if matches!(self, Child::Committed) {
                    million::fill_plain(&store, 0..sessions)?;
                    store.flush().wait()?;
                }
                let after = at_rest()?;
                check(store.read(|sessions| sessions.tokens().len()))?;
                store.close().wait()?;
                after
            }
        };
        println!("{}", after.saturating_sub(before));
        Ok(())
    }
}

fn at_rest() -> Result<u64> {
    sleep(REST);
    resident_bytes()
}

fn resident_bytes() -> Result<u64> {
    let status = std::fs::read_to_string("/proc/self/status")?;
    let kib = status
        .lines()
        .find_map(|line| line.strip_prefix("VmRSS:"))
        .and_then(|line| line.split_whitespace().next())
        .ok_or("no VmRSS")?;
    Ok(kib.parse::<u64>()? << 10)
}
