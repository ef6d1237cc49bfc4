//! An airport's operations board, fed with the real flights of a month.
//!
//! ```sh
//! cargo run --release --example flights               # or: -- --dir data/flights FILE.csv; --help has all options
//! ```
//!
//! Read [`model`] first: it is all that an application has to write. [`replay`] shows how to keep many transactions in
//! flight. It prints
//!
//! ```text
//! 27004 flights in 80476 transactions, each durable, in [...] s; 0 rows skipped
//!
//! carrier  scheduled  cancelled  mean departure delay (min)
//! 9E            1573         75                        16.9
//! AA            2794         59                         6.9
//! [...]
//! all          27004        521                        10.0
//!
//! Closed, and opened again in [...]:
//!
//! [...]
//! The same, to the last flight.
//! ```
#![expect(unreachable_pub, reason = "`pub` is what a module offers to the others of this program")]

mod board;
mod domain;
mod model;
mod options;
mod replay;
mod rows;
mod tally;

use std::error::Error;
use std::io::Write;
use std::path::Path;
use std::process::ExitCode;
use std::time::Instant;

use crate::board::Board;
use crate::model::OperationsStore;
use crate::options::{HELP, Options};
use crate::replay::replay;
use crate::rows::Rows;

#[tokio::main]
async fn main() -> ExitCode {
    let outcome = tokio::select! {
        outcome = run() => outcome,
        _ = tokio::signal::ctrl_c() => Err("interrupted".into()),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("flights: {error}");
            ExitCode::FAILURE
        }
    }
}

async fn run() -> Result<(), Box<dyn Error>> {
    let Some(options) = Options::parse(std::env::args_os().skip(1))? else {
        // Unlike `print!`, it doesn't panic when nobody reads on.
        write!(std::io::stdout(), "{HELP}")?;
        return Ok(());
    };
    let rows = Rows::open(&options.file)
        .map_err(|error| format!("{}: {error}", options.file.display()))?;
    if let Some(dir) = &options.dir {
        return show(dir, rows).await;
    }
    let dir = tempfile::tempdir()?;
    show(dir.path(), rows).await
}

async fn show(dir: &Path, rows: Rows) -> Result<(), Box<dyn Error>> {
    let mut out = std::io::stdout();
    let store = OperationsStore::open(dir).await?;
    let start = Instant::now();
    let summary = replay(&store, rows).await?;
    let seconds = start.elapsed().as_secs_f64();
    writeln!(
        out,
        "{} flights in {} transactions, each durable, in {seconds:.2} s; {} rows skipped\n",
        summary.accepted, summary.transactions, summary.skipped,
    )?;
    writeln!(out, "{}", Board::of(&store))?;
    store.close().await?;

    let start = Instant::now();
    let reopened = OperationsStore::open(dir).await?;
    writeln!(out, "Closed, and opened again in {:.1?}:\n", start.elapsed())?;
    writeln!(out, "{}", Board::of(&reopened))?;

    // A closed store still serves reads, so the two states can be compared whole.
    let is_same = store.read(|before| reopened.read(|after| before == after));
    reopened.close().await?;
    if !is_same {
        return Err("the store that was opened again is not the same".into());
    }
    writeln!(out, "The same, to the last flight.")?;
    Ok(())
}
