//! `prevalent`: looks into the stores of the crate of that name, checks, copies and mends them, without the program that
//! wrote them.
//!
//! [`args`] is what can be typed; each of the [`commands`] does one thing with the library's `inspect`, and says what it came
//! to as an [`Exit`](exit::Exit) or a [`Failure`](failure::Failure). Data goes to stdout, all else to stderr.
#![forbid(unsafe_code)]

mod args;
mod commands;
mod exit;
mod failure;
mod human;
mod output;
mod point;
mod progress;

use std::process::ExitCode;

use clap::Parser as _;

fn main() -> ExitCode {
    let args = args::Cli::parse();
    match commands::run(args) {
        Ok(exit) => exit.into(),
        Err(failure) => failure.tell().into(),
    }
}
