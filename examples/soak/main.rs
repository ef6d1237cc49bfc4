//! A store that is killed over and over, for as long as you like, and must not lose what it has acknowledged.
//!
//! A [`child`] opens the store and commits from many tasks, while it takes snapshots, begins new journal files and has
//! transactions that panic; it tells its [`parent`] what was acknowledged, in a few [`words`]. The parent kills it after a
//! random time, which may be in the middle of the open, and starts the next one, in another durability mode. Each child begins
//! by telling what it has found, and the parent compares that with its [`ledger`].
#![expect(unreachable_pub, reason = "`pub` is what a module offers to the others of this program")]

mod child;
mod ledger;
mod model;
mod options;
mod parent;
mod words;

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
        Options::Help => print!("{HELP}"),
        Options::Child(orders) => child::run(orders)?,
        Options::Soak(soak) => parent::run(soak)?,
    }
    Ok(())
}
