//! Runs this program again under callgrind, which counts every instruction of every thread, and no system call.

use std::io::ErrorKind;
use std::process::{Command, Stdio};

use crate::failure::Result;
use crate::scenario::Scenario;

/// What `valgrind --version` says; `None` where there is no valgrind.
///
/// # Errors
///
/// Where it is there and can't be run.
pub(crate) fn version() -> Result<Option<String>> {
    match Command::new("valgrind").arg("--version").output() {
        Ok(output) => Ok(Some(String::from_utf8(output.stdout)?.trim().to_owned())),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error.into()),
    }
}

/// Instructions of one operation: two processes do a number of them and twice that number. What they both do besides cancels
/// out.
///
/// # Errors
///
/// What the scenario or callgrind says.
pub(crate) fn instructions_per_operation(scenario: Scenario) -> Result<f64> {
    let operations = scenario.operations();
    let (once, twice) = (total(scenario, operations)?, total(scenario, 2 * operations)?);
    let more = twice.checked_sub(once).ok_or("twice as much takes fewer instructions")?;
    Ok(more as f64 / operations as f64)
}

fn total(scenario: Scenario, operations: u64) -> Result<u64> {
    let dir = tempfile::tempdir()?;
    let (store, counts) = (dir.path().join("store"), dir.path().join("counts"));
    scenario.prepare(&store, operations)?;
    let output = Command::new("valgrind")
        // Nothing of the user's own settings. And threads that wait get their turn in the order in which they came: without
        // that, counts move by one percent.
        .args(["--command-line-only=yes", "--tool=callgrind", "--fair-sched=yes"])
        .arg(format!("--callgrind-out-file={}", counts.display()))
        .arg(std::env::current_exe()?)
        .args(["do", &scenario.name(), &operations.to_string()])
        .arg(&store)
        .stdin(Stdio::null())
        .output()?;
    if !output.status.success() {
        let said = String::from_utf8_lossy(&output.stderr);
        return Err(format!("under callgrind it ended with {}: {said}", output.status).into());
    }
    summary(&std::fs::read_to_string(&counts)?)
}

/// Callgrind writes what it has counted in one line of its file.
fn summary(counts: &str) -> Result<u64> {
    let line = counts.lines().find_map(|line| line.strip_prefix("summary:"));
    Ok(line.ok_or("callgrind's file has no summary")?.trim().parse()?)
}
