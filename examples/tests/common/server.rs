//! An example that serves until it is told to stop, as a process of its own.

use std::ffi::OsStr;
use std::io::{BufRead, BufReader, Read};
use std::process::{Child, ChildStdout, ExitStatus, Stdio};

use crate::common::example;

/// A running server. It is killed when it is dropped.
pub struct Server {
    child: Child,
    stdout: BufReader<ChildStdout>,
    /// What it said when it was ready: the end of its first line.
    pub address: String,
}

impl Server {
    /// Starts an example, and waits until it says that it listens.
    pub fn start(name: &str, arguments: impl IntoIterator<Item = impl AsRef<OsStr>>) -> Self {
        let mut child =
            example(name).args(arguments).stdout(Stdio::piped()).spawn().expect("it starts");
        let mut stdout = BufReader::new(child.stdout.take().expect("it has a stdout"));
        let mut line = String::new();
        stdout.read_line(&mut line).expect("it says something");
        let address = line.trim_end().strip_prefix("listening on ");
        let address = address.unwrap_or_else(|| panic!("it says {line:?}")).to_owned();
        Server { child, stdout, address }
    }

    /// `kill -9`.
    pub fn kill(mut self) {
        self.child.kill().expect("it can be killed");
        self.child.wait().expect("it ends");
    }

    /// Sends a signal by name (`TERM`, `INT`), and waits for the end: how it ended, and what else it has said.
    pub fn stop(mut self, signal: &str) -> (ExitStatus, String) {
        let kill = std::process::Command::new("kill")
            .args(["-s", signal, &self.child.id().to_string()])
            .status()
            .expect("there is a command `kill`");
        assert!(kill.success());
        let mut rest = String::new();
        self.stdout.read_to_string(&mut rest).expect("it says text");
        (self.child.wait().expect("it ends"), rest)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        _ = self.child.kill();
        _ = self.child.wait();
    }
}
