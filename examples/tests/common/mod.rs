//! Runs the examples, as a user does.

use std::path::PathBuf;
use std::process::Command;

/// An example, ready to be given arguments. `cargo test` builds it, and puts it beside the directory of this test.
pub fn example(name: &str) -> Command {
    let test = std::env::current_exe().expect("a test knows where it is");
    let profile = test.ancestors().nth(2).expect("a test is in target/<profile>/deps");
    let path: PathBuf = profile.join("examples").join(name);
    assert!(
        path.exists(),
        "{} is not built: a test that is run alone needs `cargo build --examples` before it",
        path.display()
    );
    Command::new(path)
}
