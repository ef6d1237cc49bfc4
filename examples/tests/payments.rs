//! The payments are made once, and the past is there.
#![allow(missing_docs, unreachable_pub, reason = "tests")]

mod common;

use common::example;

#[test]
fn an_order_is_paid_once_and_the_whole_past_can_be_seen() {
    let dir = tempfile::tempdir().unwrap();
    let output = example("payments").arg(dir.path()).output().unwrap();
    let stdout = String::from_utf8(output.stdout).unwrap();
    let stderr = String::from_utf8(output.stderr).unwrap();
    assert!(output.status.success(), "{stdout}{stderr}");
    let lines: Vec<&str> = stdout.lines().collect();
    assert_eq!(lines[0], "asked twice, paid once: ada has 400, bea 600");
    assert!(lines[1].contains("order-500"), "{stdout}");
    assert!(lines[2].ends_with("give the same state again"), "{stdout}");
    assert_eq!(
        lines[3..],
        [
            "behind transaction 1 ada had 1000",
            "behind transaction 101 ada had 900",
            "behind transaction 301 ada had 700",
            "503 transactions led here",
        ]
    );
    let archived = std::fs::read_dir(dir.path().join("archive")).unwrap().count();
    assert!(archived > 3, "{archived}");
}
