//! `SQLite` by `rusqlite`, with its write-ahead log and `synchronous=FULL`: what makes a commit durable there.

use std::path::Path;

use parking_lot::Mutex;
use rusqlite::{Connection, OptionalExtension};

use super::{Contender, THREADS_MAX};
use crate::drive;
use crate::failure::Result;
use crate::frame::{Session, session};
use crate::group::Group;
use crate::load::{Acknowledged, Load, Outcome};

const INSERT: &str = "INSERT OR REPLACE INTO sessions (token, user_id) VALUES (?1, ?2)";

/// A thread for each commit in flight, a transaction for each commit; they share a connection, since there is one writer at a
/// time and a connection that finds another one writing sleeps before it tries again.
pub(super) struct Threads;

/// Under a hand-written group commit: a transaction for all that wait.
pub(super) struct Grouped;

impl Contender for Threads {
    fn name(&self) -> &'static str {
        "sqlite, WAL, FULL"
    }

    fn run(&self, dir: &Path, load: &Load) -> Result<Outcome> {
        let connection = Mutex::new(open(dir)?);
        drive::threads(&load.at_most_in_flight(THREADS_MAX), |number| {
            let connection = connection.lock();
            insert(&connection, &session(number))
        })
    }

    fn verify(&self, dir: &Path, acknowledged: &Acknowledged) -> Result<()> {
        verify(dir, acknowledged)
    }
}

impl Contender for Grouped {
    fn name(&self) -> &'static str {
        "sqlite, WAL, FULL, grouped by hand"
    }

    fn run(&self, dir: &Path, load: &Load) -> Result<Outcome> {
        let mut connection = open(dir)?;
        Group::run(load, move |sessions| {
            let transaction = connection.transaction()?;
            for session in &sessions {
                insert(&transaction, session)?;
            }
            Ok(transaction.commit()?)
        })
    }

    fn verify(&self, dir: &Path, acknowledged: &Acknowledged) -> Result<()> {
        verify(dir, acknowledged)
    }
}

fn open(dir: &Path) -> Result<Connection> {
    let connection = Connection::open(dir.join("sqlite"))?;
    connection.execute_batch(
        "PRAGMA journal_mode = WAL;
         PRAGMA synchronous = FULL;
         CREATE TABLE IF NOT EXISTS sessions (token TEXT PRIMARY KEY, user_id INTEGER) WITHOUT ROWID;",
    )?;
    Ok(connection)
}

fn insert(connection: &Connection, (token, user_id): &Session) -> Result<()> {
    let mut statement = connection.prepare_cached(INSERT)?;
    statement.execute((token, i64::try_from(*user_id)?))?;
    Ok(())
}

fn verify(dir: &Path, acknowledged: &Acknowledged) -> Result<()> {
    let connection = open(dir)?;
    let mut statement = connection.prepare("SELECT user_id FROM sessions WHERE token = ?1")?;
    acknowledged.verify(|token| {
        let found = statement.query_row([token], |row| row.get::<_, i64>(0)).optional()?;
        Ok(found.map(u64::try_from).transpose()?)
    })
}
