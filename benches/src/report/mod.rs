//! What came of it: Markdown to read, JSON to compute with, charts to look at.

mod chart;
mod charts;
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

/// Writes `report.md`, `report.json`, and the charts that something was measured for.
///
/// # Errors
///
/// What the file system says.
pub(crate) fn write(out: &Path, machine: &Machine, samples: &Samples, rounds: usize) -> Result<()> {
    std::fs::create_dir_all(out)?;
    std::fs::write(out.join("report.md"), markdown(machine, samples, rounds))?;
    std::fs::write(
        out.join("report.json"),
        serde_json::to_vec_pretty(&Json { machine, samples })?,
    )?;
    for (name, chart) in
        [("durable.svg", charts::durable(samples)), ("scale.svg", charts::scale(samples))]
    {
        if let Some(chart) = chart {
            std::fs::write(out.join(name), chart)?;
        }
    }
    Ok(())
}
