//! Reads of a store that nobody else uses.

use std::hint::black_box;

use crate::failure::Result;
use crate::sessions::{SESSIONS, Sessions, SessionsStore, leave, tokens};

/// By a closure.
pub(crate) fn by_closure(operations: u64) -> Result<()> {
    read(operations, |store, token| store.read(|sessions| sessions.user(token)))
}

/// By a generated query.
pub(crate) fn by_query(operations: u64) -> Result<()> {
    read(operations, SessionsStore::user_of)
}

fn read(operations: u64, read: impl Fn(&SessionsStore, &str) -> Option<u64>) -> Result<()> {
    let store: SessionsStore = SessionsStore::builder_in_memory()
        .no_snapshot_on_close()
        .initial(|| Sessions::with(SESSIONS))
        .open()
        .wait()?;
    for (_, token) in (0..operations).zip(tokens().iter().cycle()) {
        black_box(read(&store, token)).ok_or("a session is missing")?;
    }
    leave(store)
}
