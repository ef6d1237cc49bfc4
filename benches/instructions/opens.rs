//! Opening a store. What is opened is made by another process, which isn't counted.

use std::path::Path;

use prevalent::{Builder, Durability};

use crate::failure::Result;
use crate::sessions::{Sessions, SessionsStore, leave, tokens, without_snapshots};

/// A store with so many transactions in its journal.
pub(crate) fn make_journal(dir: &Path, transactions: u64) -> Result<()> {
    let store = builder(dir).open().wait()?;
    for (number, token) in (0..transactions).zip(tokens().iter().cycle()) {
        store.create_session(token.clone(), number).wait()?;
    }
    Ok(store.close().wait()?)
}

/// A store with so many sessions in its snapshot, and nothing in its journal.
pub(crate) fn make_snapshot(dir: &Path, sessions: u64) -> Result<()> {
    let store = builder(dir).initial(move || Sessions::with(sessions)).open().wait()?;
    Ok(store.close().wait()?)
}

/// Opens it, and finds so many sessions.
pub(crate) fn open(dir: &Path, sessions: u64) -> Result<()> {
    let store = builder(dir).open().wait()?;
    let found = store.read(|model| model.count() as u64);
    if found != sessions {
        return Err(format!("{found} of {sessions} sessions are there").into());
    }
    leave(store)
}

fn builder(dir: &Path) -> Builder<SessionsStore> {
    without_snapshots(SessionsStore::builder(dir), Durability::Manual)
}
