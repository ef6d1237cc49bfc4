//! The soak, short, and what its parts do.
#![allow(missing_docs, unreachable_pub, dead_code, reason = "tests")]

mod common;
#[path = "../soak/ledger.rs"]
mod ledger;
#[path = "../soak/model.rs"]
mod model;
#[path = "../soak/words.rs"]
mod words;

use common::example;

#[test]
fn a_store_that_is_killed_again_and_again_loses_nothing() {
    let dir = tempfile::tempdir().unwrap();
    let output = example("soak")
        .args(["--minutes", "0.5", "--kills", "12", "--millis", "300", "--tasks", "16", "--dir"])
        .arg(dir.path())
        .output()
        .unwrap();
    let stdout = String::from_utf8(output.stdout).unwrap();
    assert!(output.status.success(), "{stdout}{:?}", String::from_utf8(output.stderr));
    assert!(stdout.contains(" kills (Always ") && stdout.contains("nothing"), "{stdout}");
    assert_eq!(std::fs::read_dir(dir.path()).unwrap().count(), 0, "the directory is empty again");
}

#[test]
fn options_that_make_no_sense_are_refused() {
    for arguments in [&["--minutes"][..], &["--kills", "0"], &["--minutes", "-1"], &["--no"]] {
        let output = example("soak").args(arguments).output().unwrap();
        assert_eq!(output.status.code(), Some(1), "{arguments:?}");
        assert!(output.stderr.starts_with(b"soak: "), "{arguments:?}");
    }
}
