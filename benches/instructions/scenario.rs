//! What is counted.

use std::path::Path;

use clap::ValueEnum;

use crate::failure::Result;
use crate::sessions::SESSIONS;
use crate::{commits, expansion, opens, reads};

/// Something of which a process does a given number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Scenario {
    /// A durable commit, waited for before the next.
    CommitDurable,
    /// A durable commit of 256 in flight.
    CommitDurable256,
    /// A commit that is not synced.
    CommitUnsynced,
    /// A transaction in the journal that is opened.
    Replay,
    /// A session in the snapshot that is opened.
    SnapshotLoad,
    /// A read by a closure.
    ReadClosure,
    /// A read by a generated query.
    ReadQuery,
    /// The expansion of a model's block with 100 methods.
    Expansion,
}

impl Scenario {
    pub(crate) fn all() -> Vec<Scenario> {
        Scenario::value_variants().to_vec()
    }

    /// As it stands in the table, and in the file of kept values.
    pub(crate) fn name(self) -> String {
        self.to_possible_value().map(|value| value.get_name().to_owned()).unwrap_or_default()
    }

    /// So many take a second or two to count. What grows by doubling does it as often between a power of two and its double,
    /// whatever the power.
    pub(crate) fn operations(self) -> u64 {
        match self {
            Scenario::CommitDurable => 1 << 11,
            Scenario::CommitDurable256 | Scenario::Replay => 1 << 16,
            Scenario::CommitUnsynced | Scenario::SnapshotLoad => 1 << 17,
            Scenario::ReadClosure | Scenario::ReadQuery => 1 << 18,
            Scenario::Expansion => 4,
        }
    }

    /// Makes what `run` needs, in an empty directory.
    ///
    /// # Errors
    ///
    /// What the store says.
    pub(crate) fn prepare(self, dir: &Path, operations: u64) -> Result<()> {
        match self {
            Scenario::Replay => opens::make_journal(dir, operations),
            Scenario::SnapshotLoad => opens::make_snapshot(dir, operations),
            _ => Ok(()),
        }
    }

    /// Does so many of it.
    ///
    /// # Errors
    ///
    /// What the store says, or that it isn't what was prepared.
    pub(crate) fn run(self, dir: &Path, operations: u64) -> Result<()> {
        match self {
            Scenario::CommitDurable => commits::durable_one_at_a_time(operations),
            Scenario::CommitDurable256 => commits::in_batches(operations),
            Scenario::CommitUnsynced => commits::unsynced(operations),
            Scenario::Replay => opens::open(dir, SESSIONS),
            Scenario::SnapshotLoad => opens::open(dir, operations),
            Scenario::ReadClosure => reads::by_closure(operations),
            Scenario::ReadQuery => reads::by_query(operations),
            Scenario::Expansion => expansion::expand(operations),
        }
    }
}
