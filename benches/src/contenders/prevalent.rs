//! `prevalent`: generated methods.

use std::path::Path;

use prevalent::Durability;

use super::Contender;
use crate::drive;
use crate::failure::Result;
use crate::load::{Acknowledged, Load, Outcome};
use crate::model::{SessionsStore, builder};
use crate::workload::token;

/// Tasks that await.
pub(super) struct Tasks {
    pub(super) name: &'static str,
    pub(super) durability: Durability,
    /// How many commits each task has in flight.
    pub(super) ahead: usize,
}

/// A thread that blocks, without a runtime.
pub(super) struct Waiting {
    pub(super) name: &'static str,
}

impl Contender for Tasks {
    fn name(&self) -> &'static str {
        self.name
    }

    fn run(&self, dir: &Path, load: &Load) -> Result<Outcome> {
        let runtime = drive::runtime()?;
        let store = builder(dir, self.durability).open().wait()?;
        let outcome = {
            let store = store.clone();
            drive::tasks_ahead(&runtime, load, self.ahead, move |number| {
                let commit = store.create_session(token(number), number);
                async move { Ok(commit.await?) }
            })
        };
        store.close().wait()?;
        outcome
    }

    fn verify(&self, dir: &Path, acknowledged: &Acknowledged) -> Result<()> {
        verify(dir, acknowledged)
    }
}

impl Contender for Waiting {
    fn name(&self) -> &'static str {
        self.name
    }

    fn takes(&self, in_flight: usize) -> bool {
        in_flight == 1
    }

    fn run(&self, dir: &Path, load: &Load) -> Result<Outcome> {
        let store = open(dir)?;
        let outcome = drive::threads(load, |number| {
            Ok(store.create_session(token(number), number).wait()?)
        });
        store.close().wait()?;
        outcome
    }

    fn verify(&self, dir: &Path, acknowledged: &Acknowledged) -> Result<()> {
        verify(dir, acknowledged)
    }
}

fn open(dir: &Path) -> Result<SessionsStore> {
    Ok(builder(dir, Durability::Always).open().wait()?)
}

fn verify(dir: &Path, acknowledged: &Acknowledged) -> Result<()> {
    let store = open(dir)?;
    let verified = store.read(|sessions| acknowledged.verify_in(sessions.tokens()));
    store.close().wait()?;
    verified
}
