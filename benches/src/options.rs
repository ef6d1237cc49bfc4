//! What is to be measured, and how thoroughly.

use std::num::NonZeroUsize;
use std::path::PathBuf;
use std::time::Duration;

use clap::Parser;

use crate::child::Child;
use crate::suites::Suite;

/// Measures `prevalent` beside the bare disk and its peers.
#[derive(Debug, Parser)]
#[command(about, version)]
pub(crate) struct Options {
    /// How often everything is measured.
    #[arg(long, value_name = "N")]
    rounds: Option<NonZeroUsize>,
    /// Only these.
    #[arg(long, value_enum, value_delimiter = ',', value_name = "SUITE")]
    pub(crate) only: Vec<Suite>,
    /// Only contenders whose name holds one of these, and the limits.
    #[arg(long, value_delimiter = ',', value_name = "TEXT")]
    pub(crate) contenders: Vec<String>,
    /// Short measurements in two rounds: to see that everything works, not for figures.
    #[arg(long)]
    pub(crate) quick: bool,
    /// Where the report goes [default: target/report, beside this program's sources].
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
    /// Where the data goes, for as long as it is measured: a directory on the disk that is meant [default: target, beside
    /// this program's sources].
    #[arg(long, value_name = "DIR")]
    dir: Option<PathBuf>,
    /// What a child process is to do.
    #[arg(long, hide = true, value_enum, requires = "dir")]
    pub(crate) child: Option<Child>,
    /// With so many sessions.
    #[arg(long, hide = true, default_value_t = 0)]
    pub(crate) sessions: u64,
}

impl Options {
    pub(crate) fn rounds(&self) -> usize {
        self.rounds.map_or(if self.quick { 2 } else { 5 }, usize::from)
    }

    /// How long one measurement takes, unless its objects are used up before.
    pub(crate) fn time(&self) -> Duration {
        Duration::from_millis(if self.quick { 100 } else { 700 })
    }

    /// A store that is called one of a million sessions.
    pub(crate) fn million(&self) -> u64 {
        if self.quick { 100_000 } else { 1_000_000 }
    }

    pub(crate) fn suites(&self) -> Vec<Suite> {
        if self.only.is_empty() { Suite::all() } else { self.only.clone() }
    }

    pub(crate) fn out(&self) -> PathBuf {
        self.out.clone().unwrap_or_else(|| target().join("report"))
    }

    pub(crate) fn dir(&self) -> PathBuf {
        self.dir.clone().unwrap_or_else(target)
    }
}

fn target() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("target")
}
