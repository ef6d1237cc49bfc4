//! The command line.

use std::ffi::OsString;
use std::path::PathBuf;
use std::time::Duration;

use crate::model::Mode;
use crate::numbers::{at_least_one, number, seconds};

/// What `--help` says.
pub const HELP: &str = "\
Kills a store over and over, and sees whether anything that it had acknowledged is lost.

A child process opens the store and commits from many tasks, while it flushes, takes
snapshots, begins new journal files and has transactions that panic. It is killed with
SIGKILL after a random time, in the middle of whatever it does, and the next one opens the
same store, in another durability mode. It fails if anything is lost that must not be.

Usage: cargo run --release --example soak -- [OPTIONS]

  --minutes N   how long; default: 1
  --kills N     stop after so many kills; default: none
  --millis N    the longest life of a child; default: 400
  --tasks N     how many tasks commit at the same time; default: 64
  --seed N      of the times of the kills; default: a random one, which is printed
  --dir DIR     make the temporary directory of the store in DIR; default: the system's
                directory for temporary files
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
    /// To be the one that is killed; not for users.
    Child(ChildOrders),
    /// To kill, and to count.
    Soak(SoakOptions),
}

/// What the soak is like.
#[derive(Debug)]
pub struct SoakOptions {
    /// How long it takes.
    pub time: Duration,
    /// It ends with so many kills, if it hasn't ended before.
    pub kills: u64,
    /// The longest life of a child.
    pub life: Duration,
    /// How many tasks a child has.
    pub tasks: u16,
    /// Of the times of the kills.
    pub seed: Option<u64>,
    /// Where to make the temporary directory.
    pub dir: Option<PathBuf>,
}

/// What a child is to do.
#[derive(Debug)]
pub struct ChildOrders {
    /// The directory of the store.
    pub dir: PathBuf,
    /// When a commit counts.
    pub mode: Mode,
    /// How many tasks it has.
    pub tasks: u16,
}

impl ChildOrders {
    /// The arguments from which [`Options::parse`] reads this.
    pub fn to_arguments(&self) -> [OsString; 4] {
        let mode = Mode::ALL.iter().position(|&mode| mode == self.mode).unwrap_or(0);
        let numbers = [mode.to_string(), self.tasks.to_string()].map(OsString::from);
        let [mode, tasks] = numbers;
        [CHILD.into(), self.dir.clone().into(), mode, tasks]
    }
}

impl Options {
    /// Reads the arguments.
    pub fn parse(mut arguments: impl Iterator<Item = OsString>) -> Result<Self, String> {
        let mut soak = SoakOptions {
            time: Duration::from_mins(1),
            kills: u64::MAX,
            life: Duration::from_millis(400),
            tasks: 64,
            seed: None,
            dir: None,
        };
        while let Some(argument) = arguments.next() {
            let option = argument.display();
            let mut value = || arguments.next().ok_or(format!("`{option}` needs a value"));
            match argument.to_str() {
                Some("--help" | "-h") => return Ok(Options::Help),
                Some(CHILD) => {
                    let (dir, mode, tasks) = (value()?.into(), value()?, value()?);
                    let (mode, tasks) = (Mode::of_round(number(&mode)?), number(&tasks)?);
                    return Ok(Options::Child(ChildOrders { dir, mode, tasks }));
                }
                Some("--minutes") => soak.time = seconds(number::<f64>(&value()?)? * 60.0)?,
                Some("--kills") => soak.kills = at_least_one(number(&value()?)?)?,
                Some("--millis") => {
                    soak.life = Duration::from_millis(at_least_one(number(&value()?)?)?);
                }
                Some("--tasks") => soak.tasks = at_least_one(number(&value()?)?)?,
                Some("--seed") => soak.seed = Some(number(&value()?)?),
                Some("--dir") => soak.dir = Some(value()?.into()),
                _ => return Err(format!("there is no option `{option}`; see `--help`")),
            }
        }
        Ok(Options::Soak(soak))
    }
}
