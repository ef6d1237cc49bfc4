//! A board of notes that is backed up while it is in use; somebody clears it by mistake; it is restored as it was before.
//!
//! ```sh
//! cargo run --release --example backup                # or: -- an-empty-directory
//! ```
//!
//! It leaves the store in `data`, the backups in `backups` and what was restored in `restored`, and prints (the first two
//! backups are taken while the notes are put up)
//!
//! ```text
//! a first backup: up to transaction 1, 556 bytes copied
//! one more backup: up to transaction 9, 728 bytes copied
//! one more backup: up to transaction 1000, 92071 bytes copied
//! one more backup: up to transaction 1002, 199 bytes copied
//! the board has 1 note
//! it was cleared by transaction 1001
//! before that it had 1000
//! ```
#![expect(unreachable_pub, reason = "`pub` is what a module offers to the others of this program")]

mod model;

use std::error::Error;
use std::io::Write;
use std::path::Path;
use std::process::ExitCode;

use prevalent::{BackupKind, Seq, restore};

use crate::model::{BoardStore, BoardTx};

#[tokio::main]
async fn main() -> ExitCode {
    match run().await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("backup: {error}");
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
    // As a rule, the backups are not on the disk of the store.
    let (data, backups) = (dir.join("data"), dir.join("backups"));
    let store = BoardStore::open(&data).await?;
    let writer = tokio::spawn({
        let store = store.clone();
        async move {
            for number in 0..1000 {
                store.put_up(format!("note {number}")).await?;
            }
            Ok::<(), prevalent::Error>(())
        }
    });
    // Beside the commits; a program does this every few minutes.
    back_up(&store, &backups).await?;
    back_up(&store, &backups).await?;
    writer.await??;
    back_up(&store, &backups).await?;

    // A mistake, and one more note before anybody notices.
    store.clear().await?;
    store.put_up("where have all the notes gone?".to_owned()).await?;
    back_up(&store, &backups).await?;
    writeln!(out, "the board has {} note", store.count())?;

    // When was it? The journal knows.
    let mut past = store.history(Seq::from(1)..);
    let mistake = loop {
        let event = past.next().await.ok_or("nobody has cleared it")??;
        if matches!(event.tx, BoardTx::Clear) {
            break event.seq;
        }
    };
    writeln!(out, "it was cleared by transaction {mistake}")?;

    let before = Seq::from(u64::from(mistake) - 1);
    let made = restore(&backups).at(before).to(dir.join("restored")).await?;
    let restored = BoardStore::open(dir.join("restored")).await?;
    writeln!(out, "before that it had {}", restored.count())?;
    assert_eq!(restored.recovery().origin, Some(made.origin));
    restored.put_up("never mind".to_owned()).await?;
    restored.close().await?;
    store.close().await?;
    Ok(())
}

async fn back_up(store: &BoardStore, target: &Path) -> Result<(), Box<dyn Error>> {
    let done = store.backup(target).await?;
    let kind = match done.kind {
        BackupKind::Full => "a first",
        _ => "one more",
    };
    let mut out = std::io::stdout();
    writeln!(out, "{kind} backup: up to transaction {}, {} bytes copied", done.seq, done.bytes)?;
    Ok(())
}
