//! `fjall`: a log-structured merge tree with a journal.

use std::path::Path;

use ::fjall::{Database, Keyspace, KeyspaceCreateOptions, PersistMode};

use super::{Contender, THREADS_MAX};
use crate::drive;
use crate::failure::Result;
use crate::frame::{Session, session};
use crate::group::Group;
use crate::load::{Acknowledged, Load, Outcome};

/// A thread for each commit in flight, a batch for each commit.
pub(super) struct Threads;

/// Under a hand-written group commit: a batch for all that wait.
pub(super) struct Grouped;

impl Contender for Threads {
    fn name(&self) -> &'static str {
        "fjall"
    }

    fn run(&self, dir: &Path, load: &Load) -> Result<Outcome> {
        let (database, sessions) = open(dir)?;
        drive::threads(&load.at_most_in_flight(THREADS_MAX), |number| {
            insert(&database, &sessions, &[session(number)])
        })
    }

    fn verify(&self, dir: &Path, acknowledged: &Acknowledged) -> Result<()> {
        verify(dir, acknowledged)
    }
}

impl Contender for Grouped {
    fn name(&self) -> &'static str {
        "fjall, grouped by hand"
    }

    fn run(&self, dir: &Path, load: &Load) -> Result<Outcome> {
        let (database, keyspace) = open(dir)?;
        Group::run(load, move |sessions| insert(&database, &keyspace, &sessions))
    }

    fn verify(&self, dir: &Path, acknowledged: &Acknowledged) -> Result<()> {
        verify(dir, acknowledged)
    }
}

fn open(dir: &Path) -> Result<(Database, Keyspace)> {
    let database = Database::builder(dir).open()?;
    let keyspace = database.keyspace("sessions", KeyspaceCreateOptions::default)?;
    Ok((database, keyspace))
}

/// Durable when this returns: a sync of the journal's data is part of the commit.
fn insert(database: &Database, keyspace: &Keyspace, sessions: &[Session]) -> Result<()> {
    let mut batch = database.batch().durability(Some(PersistMode::SyncData));
    for (token, user_id) in sessions {
        batch.insert(keyspace, token.as_str(), user_id.to_le_bytes());
    }
    Ok(batch.commit()?)
}

fn verify(dir: &Path, acknowledged: &Acknowledged) -> Result<()> {
    let (_database, sessions) = open(dir)?;
    acknowledged.verify(|token| {
        let found = sessions.get(token)?;
        Ok(found.and_then(|bytes| Some(u64::from_le_bytes(bytes.as_ref().try_into().ok()?))))
    })
}
