//! The backup example gets the notes back.
#![allow(missing_docs, unreachable_pub, reason = "tests")]

mod common;

use common::example;

#[test]
fn the_cleared_board_is_restored_as_it_was() {
    let dir = tempfile::tempdir().unwrap();
    let output = example("backup").arg(dir.path()).output().unwrap();
    let stdout = String::from_utf8(output.stdout).unwrap();
    let stderr = String::from_utf8(output.stderr).unwrap();
    assert!(output.status.success(), "{stdout}{stderr}");
    let lines: Vec<&str> = stdout.lines().collect();
    assert!(lines[0].starts_with("a first backup: up to transaction "), "{stdout}");
    assert!(lines[1].starts_with("one more backup: up to transaction "), "{stdout}");
    assert!(lines[3].starts_with("one more backup: up to transaction 1002, "), "{stdout}");
    assert_eq!(
        lines[4..],
        ["the board has 1 note", "it was cleared by transaction 1001", "before that it had 1000",]
    );

    // It makes its store in a directory of its own, and fails where there is one already.
    let again = example("backup").arg(dir.path()).output().unwrap();
    assert_eq!(again.status.code(), Some(1));
    let stderr = String::from_utf8(again.stderr).unwrap();
    assert!(stderr.starts_with("backup: "), "{stderr}");
}
