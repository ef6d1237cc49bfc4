//! `prevalent man`: the manual's pages, one for each command.

use clap::CommandFactory as _;

use super::Outcome;
use crate::args::{Cli, Man};
use crate::exit::Exit;

pub(super) fn run(args: &Man) -> Outcome {
    std::fs::create_dir_all(&args.dir)?;
    clap_mangen::generate_to(Cli::command(), &args.dir)?;
    Ok(Exit::Done)
}
