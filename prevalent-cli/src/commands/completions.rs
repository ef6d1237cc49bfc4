//! `prevalent completions`.

use std::io::Write;

use clap::CommandFactory as _;

use super::Outcome;
use crate::args::{Cli, Completions};
use crate::exit::Exit;
use crate::output::data;

pub(super) fn run(args: &Completions) -> Outcome {
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut Cli::command(), "prevalent", &mut script);
    let mut out = data();
    out.write_all(&script)?;
    out.flush()?;
    Ok(Exit::Done)
}
