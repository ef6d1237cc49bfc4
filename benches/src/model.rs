//! The model, as a user of `prevalent` writes it.

use std::path::Path;

use prevalent::{Builder, Durability, prevalent};

use crate::workload::{Map, OBJECTS_MAX};

/// Who is logged in, in a map with room for a whole measurement.
///
/// The room of the first state is lost when that is written and read back, so each state gets it anew, after every load.
#[prevalent(restored = Self::make_room)]
#[derive(Debug, Default)]
pub(crate) struct Sessions {
    tokens: Map,
}

#[prevalent(vis = pub(crate))]
impl Sessions {
    /// Opens a session.
    #[tx]
    pub(crate) fn create_session(&mut self, token: String, user_id: u64) {
        self.tokens.insert(token, user_id);
    }

    /// Whose session is this?
    #[query]
    pub(crate) fn user_of(&self, token: &str) -> Option<u64> {
        self.tokens.get(token).copied()
    }
}

impl Sessions {
    fn make_room(&mut self) {
        let room = usize::try_from(OBJECTS_MAX).unwrap_or(usize::MAX);
        self.tokens.reserve(room.saturating_sub(self.tokens.len()));
    }

    pub(crate) fn tokens(&self) -> &Map {
        &self.tokens
    }
}

/// Who is logged in, in a map as it grows by itself.
#[prevalent]
#[derive(Debug, Default)]
pub(crate) struct PlainSessions {
    tokens: Map,
}

#[prevalent(vis = pub(crate))]
impl PlainSessions {
    /// Opens a session.
    #[tx]
    pub(crate) fn create_session(&mut self, token: String, user_id: u64) {
        self.tokens.insert(token, user_id);
    }
}

impl PlainSessions {
    pub(crate) fn tokens(&self) -> &Map {
        &self.tokens
    }
}

/// As it is by default, but without snapshots: neither while something is measured, nor to make the reopening easy.
pub(crate) fn builder(dir: &Path, durability: Durability) -> Builder<SessionsStore> {
    SessionsStore::builder(dir)
        .durability(durability)
        .snapshot_every_bytes(u64::MAX)
        .no_snapshot_on_close()
}
