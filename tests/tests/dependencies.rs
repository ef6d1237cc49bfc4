//! What comes along with the library.

use std::process::Command;

/// The library and its macro are two of them.
const CRATES_MAX: usize = 30;

#[test]
fn the_default_dependency_tree_is_small() {
    let tree = Command::new(env!("CARGO"))
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .args(["tree", "--package", "prevalent", "--edges", "normal,build", "--prefix", "none"])
        .args(["--format", "{p}", "--no-dedupe", "--target", "x86_64-unknown-linux-gnu"])
        .output()
        .unwrap();
    assert!(tree.status.success(), "{}", String::from_utf8_lossy(&tree.stderr));
    let tree = String::from_utf8(tree.stdout).unwrap();
    let mut crates: Vec<_> = tree.lines().filter(|line| !line.is_empty()).collect();
    crates.sort_unstable();
    crates.dedup();
    assert!(crates.iter().any(|name| name.starts_with("prevalent v")), "{crates:#?}");
    assert!(crates.len() <= CRATES_MAX, "{}: {crates:#?}", crates.len());
}
