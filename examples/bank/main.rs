//! Money that can't be made or lost: the `SmallBank` benchmark, with rules, refusals, and books that must balance.
//!
//! ```sh
//! cargo run --release --example bank                  # or: -- data/bank
//! ```
//!
//! Read [`model`] first. [`tellers`] do what `SmallBank`'s customers do, many at the same time, and each step is durable before
//! the next one. Then the store is opened again from its journal alone, and has to have the same state. It prints (one
//! run, on a small machine that was busy with other things)
//!
//! ```text
//! 64 tellers, 27148 transactions, each durable, in 0.12 s: 230312 a second; 5404 were refused
//! paid in: 221978856 cents; in the accounts: 221978856 cents
//! opened again: 28148 transactions replayed, and every account is the same
//! ```
//!
//! `examples/tests/bank.rs` has what a bank's tests need: the books balance whatever is done, a refusal changes nothing, the
//! transactions are deterministic, and the crash matrix finds no crash that makes or loses a cent.
#![expect(unreachable_pub, reason = "`pub` is what a module offers to the others of this program")]

mod model;
mod tellers;

use std::error::Error;
use std::io::Write;
use std::path::Path;
use std::process::ExitCode;
use std::time::Instant;

use crate::model::{Accounts, BankStore, Customer};
use crate::tellers::work;

/// So many customers, with so much in each account.
const CUSTOMERS: Customer = 1000;
const FIRST_DEPOSIT: Accounts = Accounts { savings: 100_000, checking: 100_000 };

#[tokio::main]
async fn main() -> ExitCode {
    match run().await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("bank: {error}");
            ExitCode::FAILURE
        }
    }
}

async fn run() -> Result<(), Box<dyn Error>> {
    match std::env::args_os().nth(1) {
        Some(dir) => show(Path::new(&dir)).await,
        None => show(tempfile::tempdir()?.path()).await,
    }
}

async fn show(dir: &Path) -> Result<(), Box<dyn Error>> {
    // Unlike `println!`, it doesn't panic when nobody reads on.
    let mut out = std::io::stdout();
    // Without a snapshot at the end the journal has to tell everything.
    let open = || BankStore::builder(dir).no_snapshot_on_close().open();
    let store = open().await?;

    // All at once: they share a sync. In a directory that was used before, they are customers already.
    let opened: Vec<_> =
        (0..CUSTOMERS).map(|customer| store.open_accounts(customer, FIRST_DEPOSIT)).collect();
    for commit in opened {
        _ = commit.await?;
    }

    let start = Instant::now();
    let done = work(&store, CUSTOMERS).await?;
    let seconds = start.elapsed().as_secs_f64();
    writeln!(
        out,
        "{} tellers, {} transactions, each durable, in {seconds:.2} s: {:.0} a second; {} were refused",
        tellers::TELLERS,
        done.transactions,
        f64::from(done.transactions) / seconds,
        done.refused,
    )?;

    let books = store.books();
    writeln!(out, "paid in: {} cents; in the accounts: {} cents", books.paid_in, books.there)?;
    if books.paid_in != books.there {
        return Err("the books don't balance".into());
    }

    store.close().await?;
    let reopened = open().await?;
    let replayed = reopened.recovery().transactions;
    // A closed store still serves reads.
    if !store.read(|before| reopened.read(|after| before == after)) {
        return Err("the journal gives another state".into());
    }
    writeln!(out, "opened again: {replayed} transactions replayed, and every account is the same")?;
    reopened.close().await?;
    Ok(())
}
