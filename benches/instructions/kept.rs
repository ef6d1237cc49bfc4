//! The values that are kept in the repository, and how new ones compare with them.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::process::Command;

use serde::{Deserialize, Serialize};

use crate::failure::{Failure, Result};

/// More than this is a slow-down; what the threads do moves a count by a few tenths.
pub(crate) const WORSE_PERCENT: f64 = 3.0;

/// Instructions of one operation of each scenario, and with what they were counted.
#[derive(Debug, Deserialize, Serialize)]
pub(crate) struct Kept {
    pub(crate) tools: Tools,
    pub(crate) instructions: BTreeMap<String, f64>,
}

/// With other ones, the same source has other counts.
#[derive(Clone, Debug, Deserialize, PartialEq, Eq, Serialize)]
pub(crate) struct Tools {
    pub(crate) rustc: String,
    pub(crate) target: String,
    pub(crate) valgrind: String,
}

impl Tools {
    /// Those of this run: it was built by the `rustc` that cargo has put on the path.
    ///
    /// # Errors
    ///
    /// Where that can't be run.
    pub(crate) fn of_this_run(valgrind: String) -> Result<Self> {
        let said = Command::new("rustc").arg("-vV").output()?;
        let said = String::from_utf8(said.stdout)?;
        let line = |name: &str| {
            let value = said.lines().find_map(|line| line.strip_prefix(name));
            Ok::<_, &str>(value.ok_or("`rustc -vV` doesn't say what it is")?.trim().to_owned())
        };
        Ok(Tools { rustc: line("rustc ")?, target: line("host:")?, valgrind })
    }
}

impl Kept {
    /// `None` where nothing was ever kept.
    ///
    /// # Errors
    ///
    /// Where the file can't be read, or isn't what `write` writes.
    pub(crate) fn read() -> Result<Option<Self>> {
        let file = file();
        if !file.exists() {
            return Ok(None);
        }
        let kept = std::fs::read(&file)
            .map_err(Failure::from)
            .and_then(|bytes| Ok(serde_json::from_slice(&bytes)?));
        kept.map(Some).map_err(|failure| format!("{}: {failure}", file.display()).into())
    }

    /// # Errors
    ///
    /// What the file system says.
    pub(crate) fn write(&self) -> Result<()> {
        Ok(std::fs::write(file(), serde_json::to_string_pretty(self)? + "\n")?)
    }
}

fn file() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("instructions/kept.json")
}
