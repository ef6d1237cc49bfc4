//! What is measured: a suite a file. Each measures once when it is called, a round.

pub(crate) mod durable;
pub(crate) mod journal_bytes;
pub(crate) mod memory;
pub(crate) mod opening;
pub(crate) mod pause;
pub(crate) mod reads;
pub(crate) mod reopen;
pub(crate) mod scale;
pub(crate) mod segments;
pub(crate) mod snapshot_load;
pub(crate) mod unsynced;

use clap::ValueEnum;
use serde::Serialize;

use crate::bench::Bench;
use crate::failure::Result;

pub(crate) use durable::case as in_flight_case;

/// A group of measurements that are compared with each other.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ValueEnum)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Suite {
    /// Commits that are on the disk when they are acknowledged.
    Durable,
    /// Commits that are not.
    Unsynced,
    /// Reads, alone and beside commits.
    Reads,
    /// Opening a store from its journal.
    Reopen,
    /// Opening a store from its snapshot.
    SnapshotLoad,
    /// Commits and reads while a snapshot is taken.
    Pause,
    /// The size of the journal.
    JournalBytes,
    /// Memory at rest.
    Memory,
    /// Opening a store with nothing in it.
    Opening,
    /// Commits around the start of a new segment.
    Segments,
    /// How all this grows.
    Scale,
}

impl Suite {
    pub(crate) fn all() -> Vec<Suite> {
        Suite::value_variants().to_vec()
    }

    /// As it stands in the report.
    pub(crate) fn title(self) -> &'static str {
        match self {
            Suite::Durable => "Durable commits",
            Suite::Unsynced => "Commits that are not synced",
            Suite::Reads => "Reads",
            Suite::Reopen => "Opening from the journal",
            Suite::SnapshotLoad => "Opening from a snapshot",
            Suite::Pause => "While a snapshot is taken",
            Suite::JournalBytes => "Journal bytes of a transaction",
            Suite::Memory => "Memory of a store at rest",
            Suite::Opening => "Opening an empty store",
            Suite::Segments => "New segments",
            Suite::Scale => "Scale",
        }
    }

    /// Measures one round.
    ///
    /// # Errors
    ///
    /// What kept it from measuring at all.
    pub(crate) fn run(self, bench: &mut Bench) -> Result<()> {
        bench.suite = self;
        match self {
            Suite::Durable => durable::run(bench),
            Suite::Unsynced => unsynced::run(bench),
            Suite::Reads => reads::run(bench),
            Suite::Reopen => reopen::run(bench),
            Suite::SnapshotLoad => snapshot_load::run(bench),
            Suite::Pause => pause::run(bench),
            Suite::JournalBytes => journal_bytes::run(bench),
            Suite::Memory => memory::run(bench),
            Suite::Opening => opening::run(bench),
            Suite::Segments => segments::run(bench),
            Suite::Scale => scale::run(bench),
        }
    }
}
