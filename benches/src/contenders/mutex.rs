//! The least that a commit can cost which is not synced: a map and a buffer behind a mutex.

use std::path::Path;
use std::sync::Arc;

use parking_lot::Mutex;

use super::{Contender, MUTEX};
use crate::drive;
use crate::failure::Result;
use crate::frame::{Batch, session};
use crate::load::{Acknowledged, Load, Outcome};
use crate::workload::map_with_room;

/// So many records go into the buffer before it is used again. Nobody writes it anywhere.
const RECORDS_MAX: u32 = 16_384;

/// Encodes and inserts under the lock; writes nothing.
pub(super) struct Mutexed;

impl Contender for Mutexed {
    fn name(&self) -> &'static str {
        MUTEX
    }

    fn run(&self, _dir: &Path, load: &Load) -> Result<Outcome> {
        let runtime = drive::runtime()?;
        let shared = Arc::new(Mutex::new((map_with_room(), Batch::new())));
        let outcome = {
            let shared = shared.clone();
            drive::tasks(&runtime, load, move |number| {
                let shared = shared.clone();
                async move {
                    let session = session(number);
                    let (map, batch) = &mut *shared.lock();
                    batch.push(&session)?;
                    if batch.records() == RECORDS_MAX {
                        batch.clear();
                    }
                    map.insert(session.0, session.1);
                    Ok(())
                }
            })?
        };
        outcome.acknowledged.verify_in(&shared.lock().0)?;
        Ok(outcome)
    }

    fn verify(&self, _dir: &Path, _acknowledged: &Acknowledged) -> Result<()> {
        // There is nothing to open again.
        Ok(())
    }
}
