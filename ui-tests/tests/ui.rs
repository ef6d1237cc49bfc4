//! What the macros accept, and the one message with which they refuse each mistake.
//!
//! The messages are those of one version of the compiler, which `rust-toolchain.toml` names. A new one is written with
//! `TRYBUILD=overwrite cargo test -p prevalent-ui-tests`.

mod messages;

use std::io::Write;

#[test]
fn what_is_right_compiles_and_runs() {
    let cases = trybuild::TestCases::new();
    cases.pass("pass/*.rs");
}

#[test]
fn what_is_wrong_is_refused_with_a_message() {
    if let Some(notice) = messages::other_compiler() {
        // Not by a macro, whose output a test that passes keeps to itself.
        writeln!(std::io::stderr(), "{notice}").unwrap();
        return;
    }
    let cases = trybuild::TestCases::new();
    cases.compile_fail("fail/*/*.rs");
}

#[test]
fn each_mistake_is_one_error_that_says_what_to_write() {
    let wrong: Vec<String> = messages::cases().iter().flat_map(messages::check).collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn there_are_a_hundred_cases_at_least() {
    assert!(messages::cases().len() >= 100);
}
