//! Writes what the fuzzers of `fuzz/` begin with: `cargo run -p prevalent-tests --example fuzz_seeds -- DIRECTORY`, with a
//! directory for each target in it.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::{env, fs, io};

#[expect(unreachable_pub, reason = "it is a module of `fuzz/`, too")]
#[expect(dead_code, reason = "the targets are not run here")]
#[path = "../../fuzz/src/directory.rs"]
mod directory;

fn main() -> io::Result<()> {
    let Some(root) = env::args_os().nth(1).map(PathBuf::from) else {
        return Err(io::Error::new(io::ErrorKind::InvalidInput, "where to?"));
    };
    let mut counts = BTreeMap::<_, usize>::new();
    for (target, bytes) in directory::seeds() {
        let count = counts.entry(target).or_default();
        fs::create_dir_all(root.join(target))?;
        fs::write(root.join(target).join(format!("seed-{count:03}")), bytes)?;
        *count += 1;
    }
    println!("{counts:?}");
    Ok(())
}
