//! The example of what `rollback` costs, small.
#![allow(missing_docs, unreachable_pub, reason = "tests")]

mod common;

use common::example;

#[test]
fn rolling_back_a_persistent_map_costs_about_the_same_however_large_it_is() {
    let output =
        example("imbl_rollback").args(["--objects", "50000", "--transactions", "300"]).output();
    let output = output.unwrap();
    let stdout = String::from_utf8(output.stdout).unwrap();
    assert!(output.status.success(), "{stdout}{}", String::from_utf8_lossy(&output.stderr));
    assert!(stdout.contains("loses 1 without `rollback`, and 0 with it"), "{stdout}");

    let ratio = |row: &str| -> f64 {
        let line = stdout.lines().find(|line| line.split_whitespace().take(2).eq(row.split(' ')));
        line.and_then(|line| line.split_whitespace().last()?.parse().ok()).expect(&stdout)
    };
    let imbl = ["imbl::HashMap 1000", "imbl::HashMap 50000"].map(ratio);
    let standard = ["std::collections::HashMap 1000", "std::collections::HashMap 10000"].map(ratio);
    // A copy of everything takes ten times as long for ten times as much. On a busy machine the figures are rough.
    assert!(standard[1] > 3.0 * standard[0], "{stdout}");
    assert!(imbl[1] < standard[1] / 5.0, "{stdout}");
    assert!(imbl[1] < 10.0 * imbl[0], "{stdout}");
}

#[test]
fn options_that_make_no_sense_are_refused() {
    let bad: [&[&str]; 4] =
        [&["--objects"], &["--objects", "1"], &["--transactions", "-1"], &["x"]];
    for arguments in bad {
        let output = example("imbl_rollback").args(arguments).output().unwrap();
        assert_eq!(output.status.code(), Some(1), "{arguments:?}");
        assert!(output.stdout.is_empty(), "{arguments:?}");
    }
    let help = example("imbl_rollback").arg("--help").output().unwrap();
    assert!(help.status.success() && !help.stdout.is_empty());
}
