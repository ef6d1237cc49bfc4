//! The proof of the promise: what was acknowledged is there after a crash.
//!
//! Read [`plain`] first: it is a whole program. The rest puts it to the test. A [`child`] process commits what the
//! [`script`] says, from hundreds of tasks at once, and tells its [`parent`] about each commit that is acknowledged, through a
//! [`pipe`]. The parent kills it in the middle, again and again on the same store; then it opens the store itself, and its
//! [`ledger`] says whether all is there.
#![expect(unreachable_pub, reason = "`pub` is what a module offers to the others of this program")]

mod child;
mod ledger;
mod options;
mod parent;
mod pipe;
mod plain;
mod script;

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
            eprintln!("sessions: {error}");
            ExitCode::FAILURE
        }
    }
}

fn run(options: &Options) -> Result<(), Failure> {
    match options {
        Options::Help => print!("{HELP}"),
        Options::Plain => plain::run()?,
        Options::Child(orders) => match child::run(orders)? {},
        Options::Proof(proof) => parent::run(proof)?,
    }
    Ok(())
}
