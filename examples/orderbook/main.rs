//! An exchange whose trades are never undone: a limit order book with price-time priority, where an order is answered when
//! it is durable, and how long that takes.
//!
//! ```sh
//! cargo run --release --example orderbook             # or: -- data/orderbook
//! ```
//!
//! Read [`model`] first: limit, market and cancel are transactions, and the trades are their replies. [`traders`] sends
//! orders from one, some and many tasks, each of which waits for its answer. Then the store is opened again from its journal
//! alone, and must come to the same state, which is compared by its digest. It prints (one run, on a small
//! machine that was busy with other things)
//!
//! ```text
//! traders    orders    trades  orders/s       p50       p99     p99.9
//!       1      1000       537      7638    99.0µs   163.0µs   542.0µs
//!      16     16000      9713     49769   115.0µs     5.0ms    20.0ms
//!     256     64000     39979    191311   479.0µs    23.9ms    36.2ms
//!
//! 1587 orders rest in the book; the best of them:
//!            10010     7 to sell
//!            10008     1 to sell
//!             9992    80 to sell
//!   205 at    9965 to buy
//!   479 at    9964 to buy
//!   553 at    9963 to buy
//!
//! digest of the live state  fe134cfc227c5a42bc275b041c53b38b
//! digest after the replay   fe134cfc227c5a42bc275b041c53b38b  (81000 transactions in 26.1ms)
//! ```
#![expect(unreachable_pub, reason = "`pub` is what a module offers to the others of this program")]

mod model;
mod traders;

use std::io::Write;
use std::path::Path;
use std::process::ExitCode;
use std::time::Instant;

use prevalent::Digest;

use crate::model::{OrderBookStore, Side};
use crate::traders::trade;

/// So many traders at the same time, and so many orders of each.
const CROWDS: [(u32, u32); 3] = [(1, 1000), (16, 1000), (256, 250)];

/// Why a run failed, for its last message.
type Failure = Box<dyn std::error::Error + Send + Sync>;

#[tokio::main]
async fn main() -> ExitCode {
    match run().await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("orderbook: {error}");
            ExitCode::FAILURE
        }
    }
}

async fn run() -> Result<(), Failure> {
    match std::env::args_os().nth(1) {
        Some(dir) => show(Path::new(&dir)).await,
        None => show(tempfile::tempdir()?.path()).await,
    }
}

async fn show(dir: &Path) -> Result<(), Failure> {
    // Unlike `println!`, it doesn't panic when nobody reads on.
    let mut out = std::io::stdout();
    // Without a snapshot at the end the journal has to tell everything.
    let open = || OrderBookStore::builder(dir).no_snapshot_on_close().open();
    let store = open().await?;

    writeln!(out, "traders    orders    trades  orders/s       p50       p99     p99.9")?;
    for (traders, orders_each) in CROWDS {
        let start = Instant::now();
        let session = trade(&store, traders, orders_each).await?;
        let per_second = f64::from(traders * orders_each) / start.elapsed().as_secs_f64();
        let [p50, p99, p999] = [0.5, 0.99, 0.999].map(|quantile| session.latency(quantile));
        writeln!(
            out,
            "{traders:7}{:10}{:10}{per_second:10.0}{p50:>10.1?}{p99:>10.1?}{p999:>10.1?}",
            traders * orders_each,
            session.trades,
        )?;
    }

    writeln!(out, "\n{} orders rest in the book; the best of them:", store.orders())?;
    for (price, quantity) in store.depth(Side::Sell, 3).into_iter().rev() {
        writeln!(out, "{price:>16} {quantity:>5} to sell")?;
    }
    for (price, quantity) in store.depth(Side::Buy, 3) {
        writeln!(out, "{quantity:>5} at {price:>7} to buy")?;
    }

    store.close().await?;
    // A closed store still serves reads.
    let live: Digest = store.read(Digest::of)?;
    let reopened = open().await?;
    let replayed: Digest = reopened.read(Digest::of)?;
    let recovery = reopened.recovery();
    reopened.close().await?;
    writeln!(out, "\ndigest of the live state  {live}")?;
    writeln!(
        out,
        "digest after the replay   {replayed}  ({} transactions in {:.1?})",
        recovery.transactions, recovery.duration
    )?;
    if live == replayed { Ok(()) } else { Err("the journal gives another state".into()) }
}
