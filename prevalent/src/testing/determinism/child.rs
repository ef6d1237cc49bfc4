//! Runs in other processes: the program that is running is run once more, for one check of one test.

use std::env;
use std::io::Write;
use std::process::{Command, Output, Stdio};

use super::run::{Step, Trace};
use super::{DeterminismError, Surroundings};

/// Tells a process that it is here for one check, and for which.
const CHECK: &str = "PREVALENT_DETERMINISM_CHECK";

/// What stands before and behind what such a process has to tell, on lines of their own.
const BEGIN: &str = "----- prevalent determinism check -----";
const END: &str = "----- end of prevalent determinism check -----";

/// The check for which this process is here, if it is here for one.
pub(super) fn ordered_check() -> Option<String> {
    env::var(CHECK).ok()
}

/// Tells what came out, and ends the process.
pub(super) fn tell(trace: &Trace) -> ! {
    // Not by a macro, whose output a test may keep to itself. The test's name may stand on the line.
    let text = format!("\n{BEGIN}\n{}{END}\n", written(trace));
    let mut out = std::io::stdout().lock();
    // Who should read it finds out.
    let _ = out.write_all(text.as_bytes()).and_then(|()| out.flush());
    std::process::exit(0)
}

/// Runs the check of the test in a process of its own.
pub(super) fn run(
    test: &str,
    check: &str,
    surroundings: Surroundings,
) -> Result<Trace, DeterminismError> {
    let failed = |reason| DeterminismError::Process { test: test.to_owned(), reason };
    let output = command(surroundings)
        .and_then(|mut command| {
            // It may have been called by its name only: `--include-ignored`.
            let args = [test, "--exact", "--include-ignored", "--nocapture", "--test-threads=1"];
            command.args(args).env(CHECK, check).stdin(Stdio::null()).output()
        })
        .map_err(|error| failed(error.to_string()))?;
    let told = String::from_utf8_lossy(&output.stdout);
    let told = told.split_once(BEGIN).and_then(|(_, told)| told.split_once(END));
    match told.and_then(|(told, _)| read(told)) {
        Some(trace) => Ok(trace),
        None => Err(failed(what_happened(&output))),
    }
}

fn command(surroundings: Surroundings) -> std::io::Result<Command> {
    let mut command = Command::new(env::current_exe()?);
    if surroundings == Surroundings::Environment {
        let elsewhere = env::temp_dir();
        command
            .env_clear()
            .envs(env::vars_os().filter(|(name, _)| is_needed(&name.to_string_lossy())));
        command.envs([
            ("TZ", "Pacific/Chatham"),
            ("LANG", "tr_TR.UTF-8"),
            ("LC_ALL", "tr_TR.UTF-8"),
            ("USER", "nobody"),
        ]);
        command.env("HOME", &elsewhere).current_dir(&elsewhere);
    }
    Ok(command)
}

/// Without these, a process might not start, or a tool that watches it might not work.
fn is_needed(variable: &str) -> bool {
    let names = ["PATH", "TMPDIR", "TEMP", "TMP", "SYSTEMROOT", "WINDIR", "USERPROFILE"];
    let prefixes = ["LD_", "DYLD_", "RUST", "CARGO", "NEXTEST", "LLVM_", "ASAN_", "TSAN_", "MIRI"];
    let variable = variable.to_ascii_uppercase();
    names.contains(&&*variable) || prefixes.iter().any(|prefix| variable.starts_with(prefix))
}

/// A line for each step, then one that says why there are no more, if that is so.
fn written(trace: &Trace) -> String {
    let steps =
        trace.steps.iter().map(|Step { state, given, tx }| format!("{state}:{given}:{tx}\n"));
    let stopped = trace.stopped.iter().map(|reason| reason.replace(['\n', '\r'], " "));
    steps.chain(stopped.map(|reason| format!("stopped {reason}\n"))).collect()
}

fn read(text: &str) -> Option<Trace> {
    let mut trace = Trace::default();
    for line in text.lines().filter(|line| !line.is_empty()) {
        if let Some(reason) = line.strip_prefix("stopped ") {
            trace.stopped = Some(reason.to_owned());
            continue;
        }
        let mut parts = line.splitn(3, ':').map(str::to_owned);
        let (state, given, tx) = (parts.next()?, parts.next()?, parts.next()?);
        trace.steps.push(Step { state, given, tx });
    }
    Some(trace)
}

/// Of what a process has told no more is repeated than this.
const TOLD_BYTES_MAX: usize = 2000;

fn what_happened(output: &Output) -> String {
    let told = [("stdout", &output.stdout), ("stderr", &output.stderr)].map(|(name, told)| {
        let told = String::from_utf8_lossy(told);
        let told = told.trim();
        let begin = told.ceil_char_boundary(told.len().saturating_sub(TOLD_BYTES_MAX));
        format!("\n{name}: {}\n", &told[begin..])
    });
    format!("it ended ({}) before the check was done{}", output.status, told.concat())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_told_is_understood() {
        let step = |state: &str, given: &str, tx: &str| Step {
            state: state.to_owned(),
            given: given.to_owned(),
            tx: tx.to_owned(),
        };
        let steps = vec![step("0a", "", ""), step("0b", "1f", "odd: name")];
        let complete = Trace { steps, stopped: None };
        assert_eq!(read(&written(&complete)), Some(complete));
        let stopped = Trace { steps: vec![], stopped: Some("`pay` panicked: two\nlines".into()) };
        let read = read(&written(&stopped)).unwrap();
        assert_eq!(read.stopped.as_deref(), Some("`pay` panicked: two lines"));
    }
}
