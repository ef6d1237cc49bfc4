//! A store that is killed over and over, for as long as you like, and must not lose what it has acknowledged.
//!
//! ```sh
//! cargo run --release --example soak                  # or: -- --minutes 60 --dir /mnt/disk; --help has all options
//! ```
//!
//! A [`child`] opens the store and commits from many tasks, while it takes snapshots, begins new journal files and has
//! transactions that panic; it tells its [`parent`] what was acknowledged, in a few [`words`]. The parent kills it after a
//! random time, which may be in the middle of the open, and starts the next one, in another durability mode. Each child begins
//! by telling what it has found, and the parent compares that with its [`ledger`]. Every 15 seconds, it says how
//! far it has come. It prints (with `--minutes 0.2`, on a small machine that was busy with other things)
//!
//! ```text
//! seed 15579329832705695107, store in `/tmp/.tmpTcgm6C/store`
//! 49 kills (Always 12, Every 9, Manual 12, while it was opened 16), 34 opens, 14010 commits acknowledged, [...]
//! nothing that must not be lost is lost
//! ```
#![expect(unreachable_pub, reason = "`pub` is what a module offers to the others of this program")]

mod child;
mod ledger;
mod model;
#[path = "../numbers.rs"]
mod numbers;
mod options;
mod parent;
mod words;

use std::io::Write;
use std::process::ExitCode;

use crate::options::{HELP, Options};

/// Why a run failed, for its last message.
type Failure = Box<dyn std::error::Error + Send + Sync>;

fn main() -> ExitCode {
    let outcome = Options::parse(std::env::args_os().skip(1))
        .map_err(Into::into)
        .and_then(|options| run(&options));
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("soak: {error}");
            ExitCode::FAILURE
        }
    }
}

fn run(options: &Options) -> Result<(), Failure> {
    match options {
        // Unlike `print!`, it doesn't panic when nobody reads on.
        Options::Help => write!(std::io::stdout(), "{HELP}")?,
        Options::Child(orders) => child::run(orders)?,
        Options::Soak(soak) => parent::run(soak)?,
    }
    Ok(())
}
