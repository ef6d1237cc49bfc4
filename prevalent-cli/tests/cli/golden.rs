//! The stores that are kept for ever, which nobody's code in this package has written.

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use expect_test::expect_file;

use crate::common::steady::without_ages;
use crate::common::{Run, command, contents, run};

/// The stores of every version of the format.
fn stores() -> Vec<PathBuf> {
    let golden = Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/golden");
    let directories = |dir: &Path| -> Vec<PathBuf> {
        let all = fs::read_dir(dir).unwrap().map(|entry| entry.unwrap().path());
        all.filter(|path| path.is_dir()).collect()
    };
    let versions = directories(&golden);
    let mut stores: Vec<PathBuf> =
        versions.iter().flat_map(|version| directories(version)).collect();
    // Backups and archives have an extension.
    stores.retain(|dir| dir.extension().is_none());
    stores.sort();
    assert!(stores.len() >= 15, "{stores:?}");
    stores
}

/// What the commands say of a store, without its place and without how long ago it was.
fn told(dir: &Path) -> String {
    let mut told = String::new();
    let archive = dir.with_extension("archive");
    for words in ["status", "dump", "state --pretty", "verify", "schema"] {
        let mut command = command();
        command.args(words.split(' ')).arg(dir);
        if archive.is_dir() {
            command.arg("--archive").arg(&archive);
        }
        let Run { code, stdout, stderr } = Run::of(&command.output().unwrap());
        let _ = write!(told, "$ prevalent {words}\n{stdout}");
        for line in stderr.lines() {
            let _ = writeln!(told, "(stderr) {line}");
        }
        if code != 0 {
            let _ = writeln!(told, "(exit code {code})");
        }
        told.push('\n');
    }
    let archive = std::path::absolute(&archive).unwrap();
    let told = told.replace(archive.to_str().unwrap(), "ARCHIVE");
    without_ages(&told.replace(std::path::absolute(dir).unwrap().to_str().unwrap(), "DIR"))
        .replace(dir.to_str().unwrap(), "DIR")
}

#[test]
fn of_every_store_that_is_kept_the_commands_say_what_they_always_said() {
    for dir in stores() {
        let before = contents(&dir);
        let version = dir.parent().unwrap().file_name().unwrap().to_str().unwrap();
        let name = dir.file_name().unwrap().to_str().unwrap();
        let expected = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden").join(version);
        expect_file![expected.join(name).with_extension("txt")].assert_eq(&told(&dir));
        assert_eq!(contents(&dir), before, "{name}");
    }
}

#[test]
fn a_dump_of_every_store_that_is_kept_is_what_was_committed() {
    for dir in stores() {
        // What is in an archive is not in the store, which is what was exported.
        let dumped = run("dump", &dir, ["--json"]).stdout;
        let expected = fs::read_to_string(dir.with_extension("transactions.jsonl")).unwrap();
        assert!(dumped == expected, "{}:\n{dumped}\n{expected}", dir.display());
    }
}
