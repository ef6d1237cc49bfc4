//! Makes stores of many sessions.

use std::ops::Range;
use std::path::Path;

use prevalent::{Commit, Durability};

use crate::failure::Result;
use crate::model::{PlainSessionsStore, SessionsStore, builder};
use crate::workload::token;

/// So many are in flight at most.
const IN_FLIGHT: u64 = 16_384;

/// A closed store whose sessions are all in its journal: nothing but the first state is in a snapshot.
///
/// # Errors
///
/// What the store says.
pub(crate) fn from_journal(dir: &Path, sessions: u64) -> Result<()> {
    let store: SessionsStore = builder(dir, Durability::Manual).open().wait()?;
    fill(0..sessions, |number| store.create_session(token(number), number))?;
    Ok(store.close().wait()?)
}

/// A closed store whose sessions are all in its snapshot.
///
/// # Errors
///
/// What the store says.
pub(crate) fn in_snapshot(dir: &Path, sessions: u64) -> Result<()> {
    let store = PlainSessionsStore::builder(dir)
        .durability(Durability::Manual)
        .snapshot_every_bytes(u64::MAX)
        .open()
        .wait()?;
    fill_plain(&store, 0..sessions)?;
    Ok(store.close().wait()?)
}

/// Commits these sessions, as fast as it goes.
///
/// # Errors
///
/// What the store says.
pub(crate) fn fill_plain(store: &PlainSessionsStore, numbers: Range<u64>) -> Result<()> {
    fill(numbers, |number| store.create_session(token(number), number))
}

fn fill(numbers: Range<u64>, commit: impl Fn(u64) -> Commit<()>) -> Result<()> {
    let last = numbers.end.saturating_sub(1);
    for number in numbers {
        let commit = commit(number);
        // Back-pressure; and the last one tells whether there was a failure.
        if number % IN_FLIGHT == 0 || number == last { commit.wait()? } else { commit.detach() }
    }
    Ok(())
}
