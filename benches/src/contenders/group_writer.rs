//! What one writes by hand in an afternoon: a channel, and a thread that writes what is in it.

use std::path::Path;

use parking_lot::RwLock;

use super::Contender;
use crate::failure::Result;
use crate::frame::{Batch, read_into};
use crate::group::Group;
use crate::load::{Acknowledged, Load, Outcome};
use crate::log_file::{LogFile, room_for};
use crate::workload::map_with_room;

const FILE: &str = "log";

/// The session that was submitted is what is inserted: nothing is decoded.
pub(super) struct HandWritten;

impl Contender for HandWritten {
    fn name(&self) -> &'static str {
        "group commit by hand, writer thread"
    }

    fn run(&self, dir: &Path, load: &Load) -> Result<Outcome> {
        let mut log = LogFile::zero_filled(&dir.join(FILE), room_for(load.in_flight))?;
        let map = RwLock::new(map_with_room());
        let mut batch = Batch::new();
        Group::run(load, move |sessions| {
            for session in &sessions {
                batch.push(session)?;
            }
            log.append(batch.seal()?)?;
            batch.clear();
            map.write().extend(sessions);
            Ok(())
        })
    }

    fn verify(&self, dir: &Path, acknowledged: &Acknowledged) -> Result<()> {
        let mut map = map_with_room();
        read_into(&dir.join(FILE), &mut map)?;
        acknowledged.verify_in(&map)
    }
}
