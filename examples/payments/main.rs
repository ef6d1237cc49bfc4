//! Payments that happen once, however often they are asked for; and every state that the bank was ever in, still to be seen.
//!
//! ```sh
//! cargo run --release --example payments              # or: -- an-empty-directory
//! ```
//!
//! Read [`model`] first: `#[tx(idempotent)]` is all that paying once takes. It prints
//!
//! ```text
//! asked twice, paid once: ada has 400, bea 600
//! another order with the same key: the key `order-500` of `pay` belongs to another transaction, or [...]
//! 200 transactions since 303 give the same state again
//! behind transaction 1 ada had 1000
//! behind transaction 101 ada had 900
//! behind transaction 301 ada had 700
//! 503 transactions led here
//! ```
#![expect(unreachable_pub, reason = "`pub` is what a module offers to the others of this program")]

mod model;

use std::error::Error;
use std::io::Write;
use std::path::Path;
use std::process::ExitCode;

use prevalent::{Key, Seq};

use crate::model::{BankStore, Declined};

#[tokio::main]
async fn main() -> ExitCode {
    match run().await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("payments: {error}");
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

/// A snapshot now and then, two of them kept; what they need no longer goes to the archive.
fn builder(dir: &Path) -> prevalent::Builder<BankStore> {
    BankStore::builder(dir.join("data"))
        .snapshot_every_transactions(100)
        .segment_bytes(4 << 10)
        .archive_to(dir.join("archive"))
}

async fn show(dir: &Path) -> Result<(), Box<dyn Error>> {
    // Unlike `println!`, it doesn't panic when nobody reads on.
    let mut out = std::io::stdout();
    let store = builder(dir).open().await?;
    store.deposit("ada".to_owned(), 1000).await?;
    for number in 0..500 {
        let key = Key::from(format!("order-{number}"));
        store.pay(&key, "ada", "bea".to_owned(), 1).await??;
    }

    // The answer to an order gets lost on its way, and the program ends.
    let order = Key::from("order-500");
    store.pay(&order, "ada", "bea".to_owned(), 100).detach();
    drop(store);
    let store = builder(dir).open().await?;
    let left = store.pay(&order, "ada", "bea".to_owned(), 100).await??;
    writeln!(out, "asked twice, paid once: ada has {left}, bea {}", store.balance("bea"))?;
    let other = store.pay(&order, "ada", "eve".to_owned(), 100).await;
    writeln!(out, "another order with the same key: {}", other.expect_err("it is refused"))?;
    let declined = store.pay(&Key::from("order-501"), "ada", "bea".to_owned(), 5000).await?;
    assert_eq!(declined, Err(Declined::Insufficient(400)));

    // Does the journal give the state that is in memory?
    let verified = store.verify().await?;
    writeln!(
        out,
        "{} transactions since {} give the same state again",
        verified.transactions, verified.from
    )?;

    // The past, as far back as the archive goes: to the beginning.
    for seq in [1, 101, 301] {
        let past = builder(dir).open_at(Seq::from(seq)).await?;
        writeln!(out, "behind transaction {seq} ada had {}", past.balance("ada"))?;
    }
    let mut history = store.history(..);
    let mut transactions = 0;
    while let Some(event) = history.next().await {
        event?;
        transactions += 1;
    }
    writeln!(out, "{transactions} transactions led here")?;
    store.close().await?;
    Ok(())
}
