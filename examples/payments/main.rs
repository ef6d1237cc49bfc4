//! Payments that happen once, however often they are asked for; and every state that the bank was ever in, still to be seen.
#![expect(unreachable_pub, reason = "`pub` is what a module offers to the others of this program")]

mod model;

use std::error::Error;
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
    let store = builder(dir).open().await?;
    store.deposit("ada".to_owned(), 1000).await?;
    for number in 0..500 {
        let key = Key::from(format!("order-{number}"));
        store.pay(&key, "ada", "bea".to_owned(), 1).await??;
    }

    // The answer to an order gets lost on its way, and the machine with it.
    let order = Key::from("order-500");
    store.pay(&order, "ada", "bea".to_owned(), 100).detach();
    drop(store);
    let store = builder(dir).open().await?;
    let left = store.pay(&order, "ada", "bea".to_owned(), 100).await??;
    println!("asked twice, paid once: ada has {left}, bea {}", store.balance("bea"));
    let other = store.pay(&order, "ada", "eve".to_owned(), 100).await;
    println!("another order with the same key: {}", other.expect_err("it is refused"));
    let declined = store.pay(&Key::from("order-501"), "ada", "bea".to_owned(), 5000).await?;
    assert_eq!(declined, Err(Declined::Insufficient(400)));

    // Does the journal give the state that is in memory?
    let verified = store.verify().await?;
    println!(
        "{} transactions since {} give the same state again",
        verified.transactions, verified.from
    );

    // The past, as far back as the archive goes: to the beginning.
    for seq in [1, 101, 301] {
        let past = builder(dir).open_at(Seq::from(seq)).await?;
        println!("behind transaction {seq} ada had {}", past.balance("ada"));
    }
    let mut history = store.history(..);
    let mut transactions = 0;
    while let Some(event) = history.next().await {
        event?;
        transactions += 1;
    }
    println!("{transactions} transactions led here");
    store.close().await?;
    Ok(())
}
