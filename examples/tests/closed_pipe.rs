//! `cargo run --example flags | head -1`: an example that is not read to its end says so, and doesn't panic.
#![allow(missing_docs, unreachable_pub, reason = "tests")]

mod common;

use common::example;

#[test]
fn an_example_that_nobody_reads_ends_with_a_message() {
    let examples: [(&str, &[&str]); 7] = [
        ("backup", &[]),
        ("bank", &[]),
        ("flags", &[]),
        ("payments", &[]),
        ("imbl_rollback", &["--objects", "1000", "--transactions", "10"]),
        ("sessions", &["--help"]),
        ("soak", &["--help"]),
    ];
    for (name, arguments) in examples {
        let (reader, writer) = std::io::pipe().unwrap();
        drop(reader);
        let output = example(name).args(arguments).stdout(writer).output().unwrap();
        let stderr = String::from_utf8(output.stderr).unwrap();
        assert_eq!(stderr, format!("{name}: Broken pipe (os error 32)\n"));
        assert_eq!(output.status.code(), Some(1), "{name}");
    }
}

#[test]
fn a_long_start_goes_on_where_nobody_reads_how_far_it_is() {
    let dir = tempfile::tempdir().unwrap();
    let (reader, writer) = std::io::pipe().unwrap();
    drop(reader);
    let output = example("recovery_progress")
        .arg(dir.path().join("data"))
        .arg("1000")
        .stderr(writer)
        .output()
        .unwrap();
    assert!(output.status.success());
    assert!(output.stdout.starts_with(b"1000 transactions committed"));
}
