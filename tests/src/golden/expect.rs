//! What is made of a golden store, as text.

use std::fmt::{Debug, Write};
use std::ops::{ControlFlow, Deref};
use std::path::Path;

use prevalent::inspect::StoreFiles;
use prevalent::{Error, Model, Recovery, Store};

use super::model::{CarefulStore, after};
use super::stores::{Program, builder};

/// What an open says, and the state; or the error. It writes to the directory what the open writes.
#[must_use]
pub fn opened(program: Program, dir: &Path) -> String {
    match program {
        Program::Golden => told(dir, builder(dir).open().wait()),
        Program::Careful => {
            told(dir, CarefulStore::builder(dir).no_snapshot_on_close().open().wait())
        }
        Program::Shelf => {
            told(dir, after::ShelfStore::builder(dir).no_snapshot_on_close().open().wait())
        }
    }
}

fn told<M: Model + Debug, H: Deref<Target = Store<M>>>(
    dir: &Path,
    opened: Result<H, Error>,
) -> String {
    match opened {
        Ok(store) => {
            let store: &Store<M> = &store;
            let mut told = String::new();
            let seq = store.stats().seq;
            let _ = writeln!(told, "sequence number {seq}; {}", in_words(&store.recovery()));
            let _ = store.read(|model| writeln!(told, "{model:#?}"));
            told
        }
        Err(error) => {
            let whole = error.to_string();
            format!("error: {}\n", whole.replace(&dir.display().to_string(), "DIR"))
        }
    }
}

fn in_words(recovery: &Recovery) -> String {
    let mut told = format!(
        "{} transactions replayed on snapshot {}",
        recovery.transactions, recovery.snapshot_seq
    );
    told += if recovery.closed_cleanly { "; closed" } else { "; interrupted" };
    if let Some(tail) = &recovery.dropped_tail {
        let _ = write!(told, "; dropped {} bytes", tail.bytes);
    }
    for rewritten in &recovery.converted {
        let _ = write!(told, "; converted {} {}", rewritten.transactions, rewritten.tx);
    }
    if recovery.model_converted {
        told += "; model converted";
    }
    for damaged in &recovery.damaged {
        let _ = write!(told, "; damaged: {damaged}");
    }
    if let Some(origin) = &recovery.origin {
        let _ = write!(told, "; {:?} up to {}", origin.how, origin.seq);
    }
    told
}

/// The transactions as they are in the files, a line each.
///
/// # Errors
///
/// Where they can't be read; what was read till then comes first.
pub fn transactions(dir: &Path) -> Result<String, (String, Error)> {
    let mut lines = Vec::new();
    let read = StoreFiles::at(dir).and_then(|files| {
        files.transactions().for_each(|transaction| {
            transaction.write_json(&mut lines)?;
            lines.push(b'\n');
            Ok::<_, Error>(ControlFlow::Continue(()))
        })
    });
    let lines = String::from_utf8_lossy(&lines).into_owned();
    match read {
        Ok(_) => Ok(lines),
        Err(error) => Err((lines, error)),
    }
}
