//! The model, as a user of `prevalent` writes it, but with nothing in it that chance decides: the map hashes alike in every
//! process.

use std::collections::HashMap;
use std::hash::{BuildHasherDefault, DefaultHasher};
use std::sync::Barrier;

use prevalent::{Builder, Durability, prevalent};

use crate::failure::Result;

/// Where the one who commits and the transaction `hold` meet: when it is applied, and when it may go on.
pub(crate) static HELD: Barrier = Barrier::new(2);

/// Who is logged in.
#[prevalent]
#[derive(Debug, Default)]
pub(crate) struct Sessions {
    tokens: HashMap<String, u64, BuildHasherDefault<DefaultHasher>>,
}

#[prevalent(vis = pub(crate))]
impl Sessions {
    /// Opens a session.
    #[tx]
    pub(crate) fn create_session(&mut self, token: String, user_id: u64) {
        self.tokens.insert(token, user_id);
    }

    /// Keeps the engine from going on: what is committed meanwhile becomes one batch, however the threads run. Never in a
    /// store that is opened again.
    #[tx]
    #[expect(clippy::unused_self, reason = "it is a transaction for the time that it takes")]
    pub(crate) fn hold(&mut self) {
        HELD.wait();
        HELD.wait();
    }

    /// Whose session is this?
    #[query]
    pub(crate) fn user_of(&self, token: &str) -> Option<u64> {
        self.tokens.get(token).copied()
    }
}

impl Sessions {
    pub(crate) fn with(sessions: u64) -> Self {
        Sessions { tokens: (0..sessions).map(|number| (token(number), number)).collect() }
    }

    pub(crate) fn user(&self, token: &str) -> Option<u64> {
        self.tokens.get(token).copied()
    }

    pub(crate) fn count(&self) -> usize {
        self.tokens.len()
    }
}

/// As it is by default, but without snapshots: neither while something is counted, nor at the end.
pub(crate) fn without_snapshots(
    builder: Builder<SessionsStore>,
    durability: Durability,
) -> Builder<SessionsStore> {
    builder.durability(durability).snapshot_every_bytes(u64::MAX).no_snapshot_on_close()
}

/// Leaves the store when all is written, as it is: which thread drops its state, and whether before the process ends, would
/// be up to chance.
///
/// # Errors
///
/// What the store says.
pub(crate) fn leave(store: SessionsStore) -> Result<()> {
    store.flush().wait()?;
    std::mem::forget(store);
    Ok(())
}

/// So many sessions are committed to, or read, over and over: no map grows while something is counted.
pub(crate) const SESSIONS: u64 = 1024;

/// The tokens of these sessions.
pub(crate) fn tokens() -> Vec<String> {
    (0..SESSIONS).map(token).collect()
}

/// A token of 24 characters.
fn token(number: u64) -> String {
    format!("{number:024x}")
}
