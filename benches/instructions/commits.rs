//! Commits on memory instead of a disk: the engine's own work, without what an operating system adds.

use std::thread::sleep;
use std::time::Duration;

use prevalent::Durability;

use crate::failure::Result;
use crate::sessions::{HELD, SessionsStore, leave, tokens, without_snapshots};

/// So many are in flight.
const IN_FLIGHT: usize = 256;

/// After so long a commit is resolved, and the engine's thread sleeps.
const REST: Duration = Duration::from_millis(1);

/// Each is waited for before the next, but asleep, for otherwise chance would decide what must be woken: the engine, if it no
/// longer looks into its queue when the next commit comes; the caller, if it looks before the engine is done.
pub(crate) fn durable_one_at_a_time(operations: u64) -> Result<()> {
    let store = open(Durability::Always)?;
    for (number, token) in (0..operations).zip(tokens().iter().cycle()) {
        let commit = store.create_session(token.clone(), number);
        sleep(REST);
        commit.wait()?;
    }
    leave(store)
}

/// Each is done when the call returns.
pub(crate) fn unsynced(operations: u64) -> Result<()> {
    let store = open(Durability::Manual)?;
    for (number, token) in (0..operations).zip(tokens().iter().cycle()) {
        store.create_session(token.clone(), number).wait()?;
    }
    leave(store)
}

/// A batch of 256, over and over: the engine is kept from taking fewer, for how many it would find is up to chance.
pub(crate) fn in_batches(operations: u64) -> Result<()> {
    let store = open(Durability::Always)?;
    let tokens = tokens();
    let mut sessions = (0..operations).zip(tokens.iter().cycle()).peekable();
    let mut commits = Vec::with_capacity(IN_FLIGHT);
    while sessions.peek().is_some() {
        let hold = store.hold();
        HELD.wait();
        for (number, token) in sessions.by_ref().take(IN_FLIGHT) {
            commits.push(store.create_session(token.clone(), number));
        }
        HELD.wait();
        hold.wait()?;
        // The last one is resolved last: the thread is woken once.
        while let Some(commit) = commits.pop() {
            commit.wait()?;
        }
    }
    leave(store)
}

fn open(durability: Durability) -> Result<SessionsStore> {
    Ok(without_snapshots(SessionsStore::builder_in_memory(), durability).open().wait()?)
}
