//! The proof of the promise: what was acknowledged is there after a crash.
//!
//! ```sh
//! cargo run --release --example sessions              # or: -- --rounds 20 --tasks 2000; --help has all options
//! cargo run --release --example sessions -- --plain   # just the program that the README begins with
//! ```
//!
//! Read [`plain`] first: it is a whole program. The rest puts it to the test. A [`child`] process commits what the
//! [`script`] says, from hundreds of tasks at once, and tells its [`parent`] about each commit that is acknowledged, through a
//! [`pipe`]. The parent kills it in the middle, again and again on the same store; then it opens the store itself, and its
//! [`ledger`] says whether all is there. It prints (one run, on a small machine that was busy with other things)
//!
//! ```text
//! round  acknowledged  recovered  lost  commits/s  time to open
//!     1         92740      93252     0      83474        86.2ms
//!     2        312586     313098     0     117029       514.0ms
//!     3        266995     267379     0      90783       340.3ms
//!     4        174128     174640     0      96576       831.1ms
//!     5        800137     800647     0     265385          1.5s
//! total       1646586    1649016     0     142648
//!
//! Nothing that was acknowledged is lost. [...]
//! ```
#![expect(unreachable_pub, reason = "`pub` is what a module offers to the others of this program")]

mod child;
mod ledger;
#[path = "../numbers.rs"]
mod numbers;
mod options;
mod parent;
mod pipe;
mod plain;
mod script;

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
            eprintln!("sessions: {error}");
            ExitCode::FAILURE
        }
    }
}

fn run(options: &Options) -> Result<(), Failure> {
    match options {
        // Unlike `print!`, it doesn't panic when nobody reads on.
        Options::Help => write!(std::io::stdout(), "{HELP}")?,
        Options::Plain => plain::run()?,
        Options::Child(orders) => match child::run(orders)? {},
        Options::Proof(proof) => parent::run(proof)?,
    }
    Ok(())
}
