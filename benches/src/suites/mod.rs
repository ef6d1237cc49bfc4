//! What is measured: a suite a file. Each measures once when it is called, a round.

mod durable;
pub(crate) mod reads;
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
        }
    }
}
