//! `airomem`: system prevalence, as its README shows it.

use std::num::NonZeroUsize;
use std::path::Path;

use ::airomem::{
    JournalFlushMethod, JournalFlushPolicy, JsonSerializer, JsonStore, MergeTx, Store,
    StoreOptions, Tx,
};
use serde::{Deserialize, Serialize};

use super::Contender;
use crate::drive;
use crate::failure::Result;
use crate::load::{Acknowledged, Load, Outcome};
use crate::workload::{Map, map_with_room, token};

/// Tasks that await.
pub(super) struct Tasks {
    name: &'static str,
    policy: JournalFlushPolicy,
}

/// Each commit is synced by itself: its default.
pub(super) static DURABLE: Tasks = Tasks {
    name: "airomem",
    policy: JournalFlushPolicy::EveryCommit {
        journal_flush_method: JournalFlushMethod::FlushAndSync,
    },
};

/// Written and synced only when somebody says so.
pub(super) static UNSYNCED: Tasks =
    Tasks { name: "airomem, Manually", policy: JournalFlushPolicy::Manually };

#[derive(Serialize, Deserialize)]
struct Sessions {
    tokens: Map,
}

impl Default for Sessions {
    fn default() -> Self {
        Sessions { tokens: map_with_room() }
    }
}

MergeTx!(SessionsTx<Sessions> = CreateSession);

#[derive(Serialize, Deserialize)]
struct CreateSession {
    token: String,
    user_id: u64,
}

impl Tx<Sessions> for CreateSession {
    fn execute(self, sessions: &mut Sessions) {
        sessions.tokens.insert(self.token, self.user_id);
    }
}

impl Contender for Tasks {
    fn name(&self) -> &'static str {
        self.name
    }

    fn run(&self, dir: &Path, load: &Load) -> Result<Outcome> {
        let runtime = drive::runtime()?;
        let mut store = runtime.block_on(self.open(dir))?;
        let outcome = {
            let store = store.clone();
            drive::tasks(&runtime, load, move |number| {
                let mut store = store.clone();
                async move {
                    Ok(store
                        .commit(CreateSession { token: token(number), user_id: number })
                        .await?)
                }
            })
        };
        runtime.block_on(store.flush_and_sync())?;
        outcome
    }

    fn verify(&self, dir: &Path, acknowledged: &Acknowledged) -> Result<()> {
        drive::runtime()?.block_on(async {
            let store = self.open(dir).await?;
            let sessions = store.query().await?;
            acknowledged.verify_in(&sessions.tokens)
        })
    }
}

impl Tasks {
    /// Without snapshots meanwhile, as for `prevalent`: commits stand still while it takes one.
    async fn open(&self, dir: &Path) -> Result<JsonStore<Sessions, SessionsTx>> {
        let options = StoreOptions::default()
            .max_journal_entries(NonZeroUsize::MAX)
            .journal_flush_policy(self.policy)
            .flush_synchronously_on_drop(false);
        Ok(Store::open(JsonSerializer, options, dir).await?)
    }
}
