//! The messages in the `.stderr` files: their number and their style.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Where the version of the compiler is whose messages are in the files.
const PINNED: &str = include_str!("../../../rust-toolchain.toml");

/// A file that does not compile.
pub(crate) struct Case {
    path: PathBuf,
    /// How many mistakes it says that it has.
    mistakes: usize,
    errors: Vec<String>,
}

/// A notice that nothing can be compared, where the compiler is another one.
pub(crate) fn other_compiler() -> Option<String> {
    let pinned = PINNED.lines().find_map(|line| line.strip_prefix("channel = ")).unwrap();
    let pinned = pinned.trim_matches('"');
    let rustc = std::env::var_os("RUSTC").unwrap_or_else(|| "rustc".into());
    let version = Command::new(rustc).arg("--version").output().unwrap();
    let version = String::from_utf8(version.stdout).unwrap();
    let is_pinned = version.split_whitespace().nth(1) == Some(pinned);
    (!is_pinned).then(|| {
        format!(
            "skipped: the messages are those of rustc {pinned}, and this is {}; \
             `cargo +{pinned} test -p prevalent-ui-tests` compares them, where rustup has it",
            version.trim()
        )
    })
}

/// All of `fail`, sorted.
pub(crate) fn cases() -> Vec<Case> {
    let fail = Path::new(env!("CARGO_MANIFEST_DIR")).join("fail");
    let mut cases: Vec<Case> = entries(&fail)
        .iter()
        .flat_map(|theme| entries(theme))
        .filter(|path| path.extension().is_some_and(|extension| extension == "rs"))
        .map(|path| Case::read(&path))
        .collect();
    cases.sort_by(|a, b| a.path.cmp(&b.path));
    cases
}

fn entries(dir: &Path) -> Vec<PathBuf> {
    fs::read_dir(dir).unwrap().map(|entry| entry.unwrap().path()).collect()
}

impl Case {
    fn read(path: &Path) -> Self {
        let source = fs::read_to_string(path).unwrap();
        let stderr = fs::read_to_string(path.with_extension("stderr")).unwrap();
        // `//! mistakes: 3` under the sentence that opens the file; one, where it says nothing.
        let mistakes = source
            .lines()
            .find_map(|line| line.strip_prefix("//! mistakes: "))
            .map_or(1, |number| number.parse().unwrap());
        let mut errors: Vec<String> = Vec::new();
        for line in stderr.lines() {
            if line.starts_with("error") || line.starts_with("warning") {
                errors.push(String::new());
            }
            if let Some(error) = errors.last_mut() {
                error.push_str(line);
                error.push('\n');
            }
        }
        Self { path: path.to_owned(), mistakes, errors }
    }
}

/// What is wrong with the messages of a case.
pub(crate) fn check(case: &Case) -> Vec<String> {
    let mut wrong = Vec::new();
    if case.errors.len() != case.mistakes {
        wrong.push(format!("{} errors for {} mistakes", case.errors.len(), case.mistakes));
    }
    for error in &case.errors {
        let first = error.lines().next().unwrap_or_default();
        let (kind, message) = first.split_once(": ").unwrap_or_default();
        if !kind.starts_with("error") {
            wrong.push(format!("no error: {first}"));
        }
        // The compiler's own about `Rc<..>` begins with a backtick, and so do many of ours.
        if message.starts_with(char::is_uppercase) {
            wrong.push(format!("an upper case letter: {first}"));
        }
        if message.ends_with('.') {
            wrong.push(format!("a full stop: {first}"));
        }
        if !error.contains("help: ") && !error.contains("note: ") {
            wrong.push(format!("no help: {first}"));
        }
        if error.contains("/library/") {
            wrong.push(format!("the standard library's source: {first}"));
        }
    }
    let path = case.path.display();
    wrong.into_iter().map(|what| format!("{path}: {what}")).collect()
}
