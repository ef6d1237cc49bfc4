//! Makes stores of many sessions.

use std::path::Path;

use prevalent::Durability;

use crate::failure::Result;
use crate::model::SessionsStore;
use crate::workload::token;

/// So many are in flight at most.
const IN_FLIGHT: u64 = 16_384;

/// A closed store whose sessions are all in its journal: nothing but the first state is in a snapshot.
///
/// # Errors
///
/// What the store says.
pub(crate) fn from_journal(dir: &Path, sessions: u64) -> Result<()> {
    let store = SessionsStore::builder(dir)
        .durability(Durability::Manual)
        .snapshot_every_bytes(u64::MAX)
        .no_snapshot_on_close()
        .open()
        .wait()?;
    for number in 0..sessions {
        let commit = store.create_session(token(number), number);
        if number % IN_FLIGHT == 0 { commit.wait()? } else { commit.detach() }
    }
    Ok(store.close().wait()?)
}
