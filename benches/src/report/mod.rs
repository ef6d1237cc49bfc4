//! What came of it: Markdown to read, JSON to compute with.

mod figures;
mod goals;
mod markdown;

use std::path::Path;

use serde::Serialize;

use crate::failure::Result;
use crate::machine::Machine;
use crate::samples::Samples;

pub(crate) use markdown::markdown;

#[derive(Serialize)]
struct Json<'a> {
    machine: &'a Machine,
    #[serde(flatten)]
    samples: &'a Samples,
}

/// Writes `report.md` and `report.json`.
///
/// # Errors
///
/// What the file system says.
pub(crate) fn write(out: &Path, machine: &Machine, samples: &Samples, text: &str) -> Result<()> {
    std::fs::create_dir_all(out)?;
    std::fs::write(out.join("report.md"), text)?;
    std::fs::write(
        out.join("report.json"),
        serde_json::to_vec_pretty(&Json { machine, samples })?,
    )?;
    Ok(())
}
