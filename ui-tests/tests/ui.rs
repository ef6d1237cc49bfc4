//! What the macros accept, and the one message with which they refuse each mistake.
//!
//! The messages are those of the repository's toolchain. A new one is written with
//! `TRYBUILD=overwrite cargo test -p prevalent-ui-tests`.

#[test]
fn what_is_right_compiles_and_runs() {
    let cases = trybuild::TestCases::new();
    cases.pass("pass/*.rs");
}

#[test]
fn what_is_wrong_is_refused_with_a_message() {
    let cases = trybuild::TestCases::new();
    cases.compile_fail("fail/*/*.rs");
}
