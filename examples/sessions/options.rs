//! The command line.

use std::ffi::OsString;
use std::path::PathBuf;
use std::time::Duration;

use crate::numbers::{at_least_one, number, seconds};

/// What `--help` says.
pub const HELP: &str = "\
Shows that no acknowledged commit is lost when a process dies.

A child process opens a session store, and commits log-ins and log-outs from hundreds of
concurrent tasks. It tells each acknowledgement to its parent, which kills it with SIGKILL
in the middle, several rounds on the same store. Then the parent opens the store, and checks
it against all that it was told. It fails if a single acknowledged commit is lost.

Usage: cargo run --release --example sessions -- [OPTIONS]

  --rounds N    how often the child is killed; default: 5
  --seconds S   how long a round takes on average; default: 2
  --tasks N     how many tasks commit at the same time; default: 512
  --dir DIR     make the temporary directory of the store in DIR: commits/s are those of its
                disk; default: the system's directory for temporary files
  --plain       just the plain program that the README begins with; keeps its store in
                data/sessions
  --help        this text

SIGKILL shows the death of a process: the operating system lives on, and writes what it was
given. The loss of power, which takes that too, is shown on a simulated disk, by
`cargo test --workspace`.
";

/// The first argument of a child.
const CHILD: &str = "--child";

/// What the user wants.
#[derive(Debug)]
pub enum Options {
    /// The text above.
    Help,
    /// The plain program.
    Plain,
    /// To be the one that is killed; not for users.
    Child(ChildOrders),
    /// To kill, and to count.
    Proof(ProofOptions),
}

/// What the proof is like.
#[derive(Debug)]
pub struct ProofOptions {
    /// How many children are killed.
    pub rounds: u16,
    /// How long each of them works, on average.
    pub round: Duration,
    /// How many tasks each of them has.
    pub tasks: u16,
    /// Where to make the temporary directory.
    pub dir: Option<PathBuf>,
}

/// What a child is to do.
#[derive(Debug)]
pub struct ChildOrders {
    /// The directory of the store.
    pub dir: PathBuf,
    /// In which round it is, from 0.
    pub round: u16,
    /// How many tasks it has.
    pub tasks: u16,
}

impl ChildOrders {
    /// The arguments from which [`Options::parse`] reads this.
    pub fn to_arguments(&self) -> [OsString; 4] {
        [
            CHILD.into(),
            self.dir.clone().into(),
            self.round.to_string().into(),
            self.tasks.to_string().into(),
        ]
    }
}

impl Options {
    /// Reads the arguments.
    pub fn parse(mut arguments: impl Iterator<Item = OsString>) -> Result<Self, String> {
        let mut proof =
            ProofOptions { rounds: 5, round: Duration::from_secs(2), tasks: 512, dir: None };
        while let Some(argument) = arguments.next() {
            let option = argument.display();
            let mut value = || arguments.next().ok_or(format!("`{option}` needs a value"));
            match argument.to_str() {
                Some("--help" | "-h") => return Ok(Options::Help),
                Some("--plain") => return Ok(Options::Plain),
                Some(CHILD) => {
                    let (dir, round, tasks) = (value()?.into(), value()?, value()?);
                    let (round, tasks) = (number(&round)?, number(&tasks)?);
                    return Ok(Options::Child(ChildOrders { dir, round, tasks }));
                }
                Some("--rounds") => proof.rounds = at_least_one(number(&value()?)?)?,
                Some("--seconds") => proof.round = seconds(number(&value()?)?)?,
                Some("--tasks") => proof.tasks = at_least_one(number(&value()?)?)?,
                Some("--dir") => proof.dir = Some(value()?.into()),
                _ => return Err(format!("there is no option `{option}`; see `--help`")),
            }
        }
        Ok(Options::Proof(proof))
    }
}
