//! Which mutant this process runs. The tool `mutants` has put this into a copy of the library.

use std::collections::BTreeSet;
use std::env;
use std::fs::OpenOptions;
use std::io::Write;
use std::sync::{Mutex, OnceLock};

enum Mode {
    /// This one is taken out; 0: none.
    Without(u32),
    /// It is noted which are reached.
    Noting { path: String, reached: Mutex<BTreeSet<u32>> },
}

static MODE: OnceLock<Mode> = OnceLock::new();

/// Whether the code at this place is taken out.
pub(crate) fn mutant(number: u32) -> bool {
    let mode = MODE.get_or_init(|| match env::var("PREVALENT_MUTANTS_REACHED") {
        Ok(path) => Mode::Noting { path, reached: Mutex::default() },
        Err(_) => {
            let number = env::var("PREVALENT_MUTANT").ok().and_then(|it| it.parse().ok());
            Mode::Without(number.unwrap_or(0))
        }
    });
    match mode {
        Mode::Without(chosen) => *chosen == number,
        Mode::Noting { path, reached } => {
            let mut reached = match reached.lock() {
                Ok(reached) => reached,
                Err(poisoned) => poisoned.into_inner(),
            };
            if reached.insert(number)
                && let Ok(mut file) = OpenOptions::new().append(true).create(true).open(path)
            {
                let _ = file.write_all(format!("{number}\n").as_bytes());
            }
            false
        }
    }
}
