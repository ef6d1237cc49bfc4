//! The tests of the copy: built once, run one by one.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use crate::failure::Result;

/// A program with tests.
#[derive(Clone, Debug)]
pub(crate) struct Binary {
    pub(crate) name: String,
    pub(crate) path: PathBuf,
    /// Where its tests expect to be run.
    directory: PathBuf,
}

/// A test.
#[derive(Clone, Debug)]
pub(crate) struct Test {
    pub(crate) binary: Binary,
    pub(crate) name: String,
}

/// How a test ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Outcome {
    Passed,
    Failed,
    TimedOut,
}

/// Builds the tests of the library and those around it, but those that are left out: they take minutes to compile.
pub(crate) fn build(tree: &Path, target: &Path, left_out: &[String]) -> Result<Vec<Binary>> {
    let mut command = Command::new(env!("CARGO"));
    command
        .current_dir(tree)
        .args(["test", "--no-run", "--message-format=json-render-diagnostics"])
        .args(["-p", "prevalent", "-p", "prevalent-tests", "-p", "prevalent-cli"])
        .args(["--all-features", "--lib", "--test", "cli"])
        // What is left of a check that is taken out need not be nice.
        .env("RUSTFLAGS", "-Awarnings")
        .env("CARGO_TARGET_DIR", target)
        .env("CARGO_PROFILE_DEV_DEBUG", "0")
        .env("CARGO_PROFILE_TEST_DEBUG", "0")
        .stdout(Stdio::piped());
    for entry in fs::read_dir(tree.join("tests/tests"))? {
        let path = entry?.path();
        let Some(name) = path.file_stem().map(|name| name.to_string_lossy()) else { continue };
        if !left_out.iter().any(|left| *left == name) {
            command.args(["--test", &name]);
        }
    }
    let output = command.spawn()?.wait_with_output()?;
    if !output.status.success() {
        return Err("the copy could not be built".into());
    }
    let mut binaries = Vec::new();
    for line in String::from_utf8(output.stdout)?.lines() {
        let message: serde_json::Value = serde_json::from_str(line)?;
        let is_test = message["profile"]["test"] == true;
        let (Some(path), true) = (message["executable"].as_str(), is_test) else { continue };
        let manifest = message["manifest_path"].as_str().ok_or("no manifest")?;
        let directory = Path::new(manifest).parent().ok_or("no directory")?.to_owned();
        let name = message["target"]["name"].as_str().unwrap_or_default().to_owned();
        binaries.push(Binary { name, path: path.into(), directory });
    }
    Ok(binaries)
}

impl Binary {
    pub(crate) fn tests(&self) -> Result<Vec<Test>> {
        let output = self.command().args(["--list", "--format", "terse"]).output()?;
        let names = String::from_utf8(output.stdout)?;
        let names = names.lines().filter_map(|line| line.strip_suffix(": test"));
        Ok(names.map(|name| Test { binary: self.clone(), name: name.to_owned() }).collect())
    }

    fn command(&self) -> Command {
        let mut command = Command::new(&self.path);
        command.current_dir(&self.directory).env("CARGO_MANIFEST_DIR", &self.directory);
        command
    }
}

impl Test {
    /// Runs the test by itself, with these variables.
    pub(crate) fn run(
        &self,
        variables: &[(&str, &str)],
        limit: Duration,
    ) -> Result<(Outcome, Duration)> {
        let began = Instant::now();
        let mut child = self
            .binary
            .command()
            .args(["--exact", &self.name, "--test-threads", "1"])
            .envs(variables.iter().copied())
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()?;
        let mut pause = Duration::from_millis(1);
        loop {
            if let Some(status) = child.try_wait()? {
                let outcome = if status.success() { Outcome::Passed } else { Outcome::Failed };
                return Ok((outcome, began.elapsed()));
            }
            if began.elapsed() > limit {
                child.kill()?;
                child.wait()?;
                return Ok((Outcome::TimedOut, began.elapsed()));
            }
            thread::sleep(pause);
            pause = (pause * 2).min(Duration::from_millis(20));
        }
    }

    pub(crate) fn id(&self) -> String {
        format!("{}::{}", self.binary.name, self.name)
    }
}
