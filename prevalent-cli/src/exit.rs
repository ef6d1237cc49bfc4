//! What the process says when it ends.

use std::process::ExitCode;

/// Codes that scripts may rely on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Exit {
    Done = 0,
    /// An error of the operating system, or whatever has no code of its own.
    Failed = 1,
    /// What was typed makes no sense. (clap says so, too.)
    Usage = 2,
    /// The journal's end was torn by a crash: the next open drops it.
    TornTail = 3,
    /// The journal's end is bad without a sign of a crash: an open refuses it.
    SuspectTail = 4,
    Damaged = 5,
    /// A program has the store open.
    Locked = 6,
    /// There is no store, backup, snapshot or value where it was looked for.
    NotThere = 7,
}

impl Exit {
    /// As JSON has it.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Exit::Done => "clean",
            Exit::TornTail => "torn_tail",
            Exit::SuspectTail => "suspect_tail",
            Exit::Damaged => "damaged",
            Exit::Locked => "locked",
            Exit::NotThere => "not_there",
            Exit::Failed | Exit::Usage => "failed",
        }
    }
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        ExitCode::from(exit as u8)
    }
}

/// For `--help`.
pub(crate) const HELP: &str = "\
Exit codes:
  0  done, and nothing is wrong
  1  failed: an error of the operating system, or another one that has no code of its own
  2  usage: what was typed makes no sense
  3  torn tail: a crash has cut off the journal's end; the next open drops it
  4  suspect tail: the journal's end is bad without a sign of a crash; an open refuses it
  5  damaged
  6  locked: a program has the store open
  7  not there: no store, backup, snapshot or value where it was looked for";
