//! What is to be counted.

use std::num::NonZeroUsize;
use std::path::PathBuf;

use clap::{Parser, Subcommand};

use crate::scenario::Scenario;

/// Counts the instructions of what `prevalent` does, and compares them with those that were kept.
#[derive(Debug, Parser)]
#[command(about)]
pub(crate) struct Options {
    /// Only these.
    #[arg(long, value_enum, value_delimiter = ',', value_name = "SCENARIO")]
    pub(crate) only: Vec<Scenario>,
    /// How often each is counted: the median counts.
    #[arg(long, value_name = "N", default_value = "1")]
    pub(crate) rounds: NonZeroUsize,
    /// Keep these values, instead of being compared with those that are kept.
    #[arg(long)]
    pub(crate) keep: bool,
    #[command(subcommand)]
    pub(crate) counted: Option<Counted>,
}

/// What a process under callgrind does.
#[derive(Debug, Subcommand)]
pub(crate) enum Counted {
    /// So many operations of a scenario.
    #[command(hide = true)]
    Do { scenario: Scenario, operations: u64, store: PathBuf },
}

impl Options {
    pub(crate) fn scenarios(&self) -> Vec<Scenario> {
        if self.only.is_empty() { Scenario::all() } else { self.only.clone() }
    }
}
