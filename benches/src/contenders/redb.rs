//! `redb`: a B-tree on disk, with one writer at a time.

use std::path::Path;

use ::redb::{Database, ReadableDatabase, TableDefinition};

use super::{Contender, THREADS_MAX};
use crate::drive;
use crate::failure::Result;
use crate::frame::{Session, session};
use crate::group::Group;
use crate::load::{Acknowledged, Load, Outcome};

const FILE: &str = "redb";
const SESSIONS: TableDefinition<'_, &str, u64> = TableDefinition::new("sessions");

/// A thread for each commit in flight, a transaction for each commit.
pub(super) struct Threads;

/// Under a hand-written group commit: a transaction for all that wait.
pub(super) struct Grouped;

impl Contender for Threads {
    fn name(&self) -> &'static str {
        "redb"
    }

    fn run(&self, dir: &Path, load: &Load) -> Result<Outcome> {
        let database = create(dir)?;
        drive::threads(&load.at_most_in_flight(THREADS_MAX), |number| {
            insert(&database, &[session(number)])
        })
    }

    fn verify(&self, dir: &Path, acknowledged: &Acknowledged) -> Result<()> {
        verify(dir, acknowledged)
    }
}

impl Contender for Grouped {
    fn name(&self) -> &'static str {
        "redb, grouped by hand"
    }

    fn run(&self, dir: &Path, load: &Load) -> Result<Outcome> {
        let database = create(dir)?;
        Group::run(load, move |sessions| insert(&database, &sessions))
    }

    fn verify(&self, dir: &Path, acknowledged: &Acknowledged) -> Result<()> {
        verify(dir, acknowledged)
    }
}

fn create(dir: &Path) -> Result<Database> {
    let database = Database::create(dir.join(FILE))?;
    insert(&database, &[])?;
    Ok(database)
}

/// Durable when this returns: that is the default.
fn insert(database: &Database, sessions: &[Session]) -> Result<()> {
    let transaction = database.begin_write()?;
    {
        let mut table = transaction.open_table(SESSIONS)?;
        for (token, user_id) in sessions {
            table.insert(token.as_str(), user_id)?;
        }
    }
    transaction.commit()?;
    Ok(())
}

fn verify(dir: &Path, acknowledged: &Acknowledged) -> Result<()> {
    let database = Database::open(dir.join(FILE))?;
    let table = database.begin_read()?.open_table(SESSIONS)?;
    acknowledged.verify(|token| Ok(table.get(token)?.map(|user_id| user_id.value())))
}
