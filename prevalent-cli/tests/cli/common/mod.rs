//! The command, run as a user does, and stores that other programs wrote.
#![allow(dead_code, unreachable_pub, missing_docs, reason = "each test uses a part of it")]

pub mod damage;
pub mod models;
pub mod steady;

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use serde_json::Value;

/// What the command came to.
#[derive(Debug)]
pub struct Run {
    pub code: i32,
    pub stdout: String,
    pub stderr: String,
}

/// The command, without colours and whatever else the surroundings may ask for.
pub fn command() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_prevalent"));
    command.env_remove("CLICOLOR_FORCE").env_remove("NO_COLOR").env_remove("CLICOLOR");
    command
}

impl Run {
    pub fn of(output: &Output) -> Self {
        Run {
            code: output.status.code().expect("an exit code"),
            stdout: String::from_utf8(output.stdout.clone()).expect("UTF-8"),
            stderr: String::from_utf8(output.stderr.clone()).expect("UTF-8"),
        }
    }

    /// It ended like this.
    #[track_caller]
    pub fn expect(self, code: i32) -> Self {
        assert_eq!(self.code, code, "{self:#?}");
        self
    }

    #[track_caller]
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.stdout).unwrap_or_else(|error| panic!("{error}: {self:#?}"))
    }

    #[track_caller]
    pub fn json_lines(&self) -> Vec<Value> {
        let lines = self.stdout.lines().map(serde_json::from_str);
        lines.map(|line| line.unwrap_or_else(|error| panic!("{error}: {self:#?}"))).collect()
    }
}

/// Runs `prevalent name dir more…`.
pub fn run<'a>(name: &str, dir: &Path, more: impl IntoIterator<Item = &'a str>) -> Run {
    Run::of(&command().arg(name).arg(dir).args(more).output().expect("it runs"))
}

/// A directory that goes when the test is over.
pub struct Scratch(tempfile::TempDir);

impl Scratch {
    pub fn new() -> Self {
        Scratch(tempfile::tempdir().expect("a directory"))
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }
}

/// All that there is in a directory: names, contents, and when they were last changed.
pub fn contents(dir: &Path) -> Vec<(String, Vec<u8>, std::time::SystemTime)> {
    let mut all: Vec<_> = std::fs::read_dir(dir)
        .expect("a directory")
        .map(|entry| {
            let entry = entry.expect("an entry");
            let name = entry.file_name().into_string().expect("UTF-8");
            let changed = entry.metadata().and_then(|it| it.modified()).expect("a time");
            (name, std::fs::read(entry.path()).expect("a file"), changed)
        })
        .collect();
    all.sort();
    all
}

/// The files as they are now, in another directory: what a crash at this moment leaves.
pub fn copy(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).expect("a directory");
    for (name, content, _) in contents(from) {
        if name != "LOCK" {
            std::fs::write(to.join(name), content).expect("a file");
        }
    }
}
