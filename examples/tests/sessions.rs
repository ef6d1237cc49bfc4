//! The proof, small.
#![allow(missing_docs, unreachable_pub, reason = "tests")]

mod common;

use std::fs;

use common::example;

#[test]
fn killed_children_lose_nothing_and_leave_nothing_behind() {
    let dir = tempfile::tempdir().unwrap();
    let output = example("sessions")
        .args(["--rounds", "2", "--seconds", "0.3", "--tasks", "50", "--dir"])
        .arg(dir.path())
        .output()
        .unwrap();

    let stdout = String::from_utf8(output.stdout).unwrap();
    let stderr = String::from_utf8(output.stderr).unwrap();
    assert!(output.status.success(), "{stdout}{stderr}");
    let total = stdout.lines().find(|line| line.starts_with("total")).expect("a line of totals");
    let [acknowledged, recovered, lost, ..] =
        total.split_whitespace().skip(1).map(|n| n.parse().unwrap()).collect::<Vec<u64>>()[..]
    else {
        panic!("a table of another kind: {stdout}");
    };
    assert!(acknowledged > 0, "{stdout}");
    assert!(recovered >= acknowledged, "{stdout}");
    assert_eq!(lost, 0, "{stdout}");
    assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 0, "the directory is empty again");
}

#[test]
fn the_plain_program_finds_what_it_did_before() {
    let dir = tempfile::tempdir().unwrap();
    for operations in ["2 operations\n", "4 operations\n"] {
        let output = example("sessions").arg("--plain").current_dir(dir.path()).output().unwrap();
        assert!(output.status.success(), "{output:?}");
        assert_eq!(String::from_utf8(output.stdout).unwrap(), operations);
    }
}

#[test]
fn a_child_that_cannot_open_its_store_fails_the_proof() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("file");
    fs::write(&file, "").unwrap();
    let child = example("sessions").arg("--child").arg(&file).args(["0", "1"]).output().unwrap();
    assert_eq!(child.status.code(), Some(1));
    assert!(child.stdout.is_empty(), "a parent hears nothing of it");

    let proof = example("sessions").arg("--dir").arg(&file).output().unwrap();
    assert_eq!(proof.status.code(), Some(1));
}

#[test]
fn options_that_make_no_sense_are_refused() {
    for arguments in [&["--rounds"][..], &["--rounds", "0"], &["--seconds", "-1"], &["--no"]] {
        let output = example("sessions").args(arguments).output().unwrap();
        assert_eq!(output.status.code(), Some(1), "{arguments:?}");
        assert!(output.stderr.starts_with(b"sessions: "), "{arguments:?}");
    }
}
