//! On what it was measured.

use std::path::Path;
use std::process::Command;

use serde::Serialize;

/// What a figure depends on.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Machine {
    cores: usize,
    processor: String,
    memory_gib: u64,
    kernel: String,
    filesystem: String,
    rustc: String,
    date: String,
}

impl Machine {
    /// Looks around; what can't be found out is called unknown.
    pub(crate) fn look(data_dir: &Path) -> Machine {
        Machine {
            cores: std::thread::available_parallelism().map_or(0, usize::from),
            processor: line_of("/proc/cpuinfo", "model name"),
            memory_gib: line_of("/proc/meminfo", "MemTotal")
                .split_whitespace()
                .next()
                .and_then(|kib| kib.parse::<u64>().ok())
                .map_or(0, |kib| kib >> 20),
            kernel: said(&["uname", "-sr"]),
            filesystem: filesystem(data_dir),
            rustc: said(&["rustc", "--version"]),
            date: said(&["date", "-u", "+%Y-%m-%d %H:%M UTC"]),
        }
    }

    /// A memory file system has no syncs to measure.
    pub(crate) fn has_disk(&self) -> bool {
        !["tmpfs", "ramfs"].iter().any(|kind| self.filesystem.starts_with(kind))
    }

    /// A sentence.
    pub(crate) fn describe(&self) -> String {
        let Machine { cores, processor, memory_gib, kernel, filesystem, rustc, date } = self;
        format!(
            "{cores} cores ({processor}), {memory_gib} GiB, {filesystem}, {kernel}, {rustc}; {date}"
        )
    }
}

const UNKNOWN: &str = "unknown";

fn line_of(file: &str, name: &str) -> String {
    let text = std::fs::read_to_string(file).unwrap_or_default();
    let value = text
        .lines()
        .find(|line| line.starts_with(name))
        .and_then(|line| line.split_once(':'))
        .map(|(_, value)| value.trim().to_owned());
    value.unwrap_or_else(|| UNKNOWN.to_owned())
}

fn said(command: &[&str]) -> String {
    let output = Command::new(command[0]).args(&command[1..]).output();
    match output {
        Ok(output) if output.status.success() => {
            String::from_utf8_lossy(&output.stdout).trim().to_owned()
        }
        _ => UNKNOWN.to_owned(),
    }
}

/// Of the mount with the longest path that the directory lies under.
fn filesystem(dir: &Path) -> String {
    let dir = dir.canonicalize().unwrap_or_else(|_| dir.to_owned());
    let mounts = std::fs::read_to_string("/proc/self/mounts").unwrap_or_default();
    let mount = mounts
        .lines()
        .filter_map(|line| {
            let mut words = line.split(' ');
            let (device, point, kind) = (words.next()?, words.next()?, words.next()?);
            dir.starts_with(point).then(|| (point.len(), format!("{kind} on {device}")))
        })
        .max_by_key(|(length, _)| *length);
    mount.map_or_else(|| UNKNOWN.to_owned(), |(_, mount)| mount)
}
