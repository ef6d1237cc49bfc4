//! Writes golden stores: once for each version of the format, and for what it has learnt since.
//!
//! ```text
//! cargo run -p prevalent-tests --example golden
//! ```
//!
//! What is there already is never written again: it shows what an earlier program has written. Each store is a directory
//! `tests/golden/VERSION/NAME`; beside it, `NAME.opened.txt` and `NAME.transactions.jsonl` say what is in it.

use std::error::Error;
use std::fs;
use std::path::Path;

use prevalent_tests::golden::expect::{opened, transactions};
use prevalent_tests::golden::stores::{STORES, builder};

/// The version of the format that is written.
const VERSION: &str = "1";

fn main() -> Result<(), Box<dyn Error>> {
    std::panic::set_hook(Box::new(|_| {}));
    let mut arguments = std::env::args().skip(1);
    if arguments.next().as_deref() == Some("open") {
        let dir = arguments.next().ok_or("which directory?")?;
        builder(dir.as_ref()).open().wait()?;
        return Ok(());
    }
    let golden = Path::new(env!("CARGO_MANIFEST_DIR")).join("golden").join(VERSION);
    for store in STORES {
        let dir = golden.join(store.name);
        if dir.exists() {
            println!("{}: kept", store.name);
            continue;
        }
        fs::create_dir_all(&dir)?;
        (store.write)(&dir);
        let lines = match transactions(&dir) {
            Ok(lines) => lines,
            Err((lines, error)) => {
                println!("{}: {error}", store.name);
                lines
            }
        };
        fs::write(dir.with_extension("transactions.jsonl"), lines)?;
        let copy = tempfile::tempdir()?;
        prevalent_tests::golden::stores::copy(&dir, copy.path());
        fs::write(dir.with_extension("opened.txt"), opened(store.program, copy.path()))?;
        println!("{}: written", store.name);
    }
    Ok(())
}
