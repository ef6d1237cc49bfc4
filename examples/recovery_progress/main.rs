//! A long start that says how far it is: a progress bar where somebody looks on, lines where a log is written.
//!
//! ```sh
//! cargo run --release --example recovery_progress                     # or: -- data/readings 3000000
//! cargo run --release --example recovery_progress 2>&1 | cat          # as it is in a log
//! ```
//!
//! It commits many transactions, and leaves no snapshot, so that all of them have to be replayed when the store is opened again:
//! as after a crash; a store that was closed as usual opens at once. [`progress`] is all that is needed, and [`show`] has
//! where it goes. Where a log is written, it prints
//!
//! ```text
//! 3000000 transactions committed, 197364401 bytes of journal
//! recovery: 10 %, 317602 transactions
//! recovery: 20 %, 610462 transactions
//! [...]
//! recovery: 100 %, 3000000 transactions
//! 3000000 transactions replayed, 60000000 readings
//! ```
#![expect(unreachable_pub, reason = "`pub` is what a module offers to the others of this program")]

mod model;
mod progress;

use std::error::Error;
use std::io::{self, IsTerminal, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use indicatif::ProgressDrawTarget;
use prevalent::Durability;

use crate::model::ReadingsStore;

/// So many transactions there are, where nothing else is asked for.
const TRANSACTIONS: u32 = 3_000_000;

#[tokio::main]
async fn main() -> ExitCode {
    match run().await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("recovery_progress: {error}");
            ExitCode::FAILURE
        }
    }
}

async fn run() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args_os().skip(1);
    let dir = arguments.next().map(PathBuf::from);
    let transactions = match arguments.next() {
        Some(number) => number.to_str().ok_or("the number is no text")?.parse()?,
        None => TRANSACTIONS,
    };
    match dir {
        Some(dir) => show(&dir, transactions).await,
        None => show(tempfile::tempdir()?.path(), transactions).await,
    }
}

async fn show(dir: &Path, transactions: u32) -> Result<(), Box<dyn Error>> {
    write(dir, transactions).await?;

    let builder = ReadingsStore::builder(dir);
    let store = if io::stderr().is_terminal() {
        let bar = progress::bar(ProgressDrawTarget::stderr());
        let opened = builder.on_progress(progress::on_bar(bar.clone())).open().await;
        bar.finish_and_clear(); // whether it was opened or not
        opened?
    } else {
        builder.on_progress(progress::in_lines(io::stderr())).open().await?
    };

    // Unlike `println!`, it doesn't panic when nobody reads on.
    writeln!(
        io::stdout(),
        "{} transactions replayed, {} readings",
        store.recovery().transactions,
        store.readings()
    )?;
    store.close().await?;
    Ok(())
}

/// Makes a journal, and no snapshot of what is in it.
async fn write(dir: &Path, transactions: u32) -> Result<(), Box<dyn Error>> {
    // Nobody waits for the disk after each transaction: there are many, and none is lost here.
    let builder = ReadingsStore::builder(dir).durability(Durability::Manual);
    let store = builder.snapshot_every_bytes(u64::MAX).no_snapshot_on_close().open().await?;
    for number in 0..transactions {
        store.record(number % 1000, &[20_000; 20]).await?;
    }
    writeln!(
        io::stdout(),
        "{transactions} transactions committed, {} bytes of journal",
        store.stats().journal_bytes
    )?;
    store.close().await?;
    Ok(())
}
