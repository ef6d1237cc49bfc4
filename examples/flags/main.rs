//! Feature flags: a new release reads what the old one wrote, and a bad change is undone by looking at how it was before.
//!
//! ```sh
//! cargo run --release --example flags                 # or: -- an-empty-directory
//! ```
//!
//! [`v1`] is the first release, [`model`] the second one: read them side by side. The first writes a store and stops without
//! a snapshot, so that the second has to read its transactions, too. Then somebody makes a mistake. A backup is restored as of
//! just before, in a directory beside; what differs there is what has to be undone, in one transaction. It prints
//!
//! ```text
//! release 1 has 4 transactions in its journal
//! release 2 has upgraded `set`, 2 times
//! release 2 has replayed `create`, 2 times, with another body
//! 192 of 1000 users see `search`
//!     checkout    on for 100 %
//!     dark-mode   on for 100 %
//!     search      on for 20 %
//! now nobody can buy anything
//!     checkout    off
//!     dark-mode   off
//!     search      off
//! `checkout` was switched off by transaction 7
//! another one before: checkout, dark-mode, search
//!     checkout    on for 100 %
//!     dark-mode   on for 100 %
//!     search      on for 20 %
//! ```
#![expect(unreachable_pub, reason = "`pub` is what a module offers to the others of this program")]

mod model;
mod v1;

use std::collections::BTreeMap;
use std::error::Error;
use std::io::{self, Write};
use std::path::Path;
use std::process::ExitCode;
use std::time::Duration;

use prevalent::{Event, restore};

use crate::model::{FeatureFlags, FeatureFlagsStore, FeatureFlagsTx, Flag};

#[tokio::main]
async fn main() -> ExitCode {
    match run().await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("flags: {error}");
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
    let mut out = io::stdout();
    let data = dir.join("data");
    first_release(&data).await?;

    let store = FeatureFlagsStore::open(&data).await?;
    let recovery = store.recovery();
    for tx in recovery.converted {
        writeln!(out, "release 2 has upgraded `{}`, {} times", tx.tx, tx.transactions)?;
    }
    for tx in recovery.changed_bodies {
        writeln!(
            out,
            "release 2 has replayed `{}`, {} times, with another body",
            tx.tx, tx.transactions
        )?;
    }
    store.create("search".to_owned()).await?;
    store.set("search", Flag { enabled: true, percent: 20 }).await??;
    let see_it = (0..1000).filter(|&user| store.is_on("search", user)).count();
    writeln!(out, "{see_it} of 1000 users see `search`")?;
    print(&store.all())?;

    // Later, somebody means one flag and changes three.
    tokio::time::sleep(Duration::from_millis(20)).await;
    for name in ["checkout", "dark-mode", "search"] {
        store.set(name, Flag { enabled: false, percent: 0 }).await??;
    }
    writeln!(out, "now nobody can buy anything")?;
    print(&store.all())?;

    // When did that happen? The journal knows. It can be restored at any time: here, a millisecond before.
    let mistake = switched_off(&store, "checkout").await?;
    writeln!(out, "`checkout` was switched off by transaction {}", mistake.seq)?;
    store.backup(dir.join("backup")).await?;
    let before = mistake.time - Duration::from_millis(1);
    restore(dir.join("backup")).at(before).to(dir.join("before")).await?;

    let beside = FeatureFlagsStore::open(dir.join("before")).await?;
    let changes = differences(&store.all(), &beside.all());
    beside.close().await?;
    let names = changes.keys().cloned().collect::<Vec<_>>().join(", ");
    writeln!(out, "another one before: {names}")?;
    store.undo(changes).await?;
    print(&store.all())?;
    store.close().await?;
    Ok(())
}

/// What the first release did, before it was replaced.
async fn first_release(data: &Path) -> Result<(), Box<dyn Error>> {
    let store = v1::FlagsStore::builder(data).no_snapshot_on_close().open().await?;
    for name in ["checkout", "dark-mode"] {
        store.create(name.to_owned()).await?;
        store.set(name, true).await?;
    }
    writeln!(io::stdout(), "release 1 has {} transactions in its journal", store.stats().seq)?;
    store.close().await?;
    Ok(())
}

/// The last transaction that has switched this flag off.
async fn switched_off(
    store: &FeatureFlagsStore,
    flag: &str,
) -> Result<Event<FeatureFlags>, Box<dyn Error>> {
    let mut history = store.history(..);
    let mut last = None;
    while let Some(event) = history.next().await {
        let event = event?;
        if let FeatureFlagsTx::Set { name, flag: Flag { enabled: false, .. } } = &event.tx
            && name == flag
        {
            last = Some(event);
        }
    }
    last.ok_or_else(|| format!("nobody has switched `{flag}` off").into())
}

/// For each flag that is another one now, what it was before; `None` if it wasn't there.
fn differences(
    now: &BTreeMap<String, Flag>,
    before: &BTreeMap<String, Flag>,
) -> BTreeMap<String, Option<Flag>> {
    let names = now.keys().chain(before.keys());
    names
        .filter(|name| now.get(*name) != before.get(*name))
        .map(|name| (name.clone(), before.get(name).copied()))
        .collect()
}

fn print(flags: &BTreeMap<String, Flag>) -> io::Result<()> {
    let mut out = io::stdout();
    for (name, flag) in flags {
        if flag.enabled {
            writeln!(out, "    {name:<12}on for {} %", flag.percent)?;
        } else {
            writeln!(out, "    {name:<12}off")?;
        }
    }
    Ok(())
}
