//! What the command takes in memory doesn't grow with the store.

use std::collections::HashMap;
use std::path::Path;
use std::process::Stdio;

use prevalent::{Durability, prevalent};

use crate::common::{Run, Scratch};

/// A state that is as large as one likes, of which the journal says little.
#[prevalent]
#[derive(Debug, Default)]
struct Large {
    texts: HashMap<String, String>,
    last: u64,
}

#[prevalent(vis = pub(crate))]
impl Large {
    #[tx]
    fn grow(&mut self, entries: u64) {
        for _ in 0..entries {
            self.last += 1;
            self.texts.insert(format!("entry number {}", self.last), "x".repeat(1_000));
        }
    }

    #[tx]
    fn note(&mut self, text: &str) {
        self.last += text.len() as u64;
    }
}

/// So much memory, of every kind, may the command have: what its own code and its stacks take is most of it.
const KILOBYTES_MAX: u64 = 48_000;

fn limited(words: &[&str], dir: &Path, kilobytes: u64) -> Run {
    let limited = format!("ulimit -v {kilobytes}; exec \"$0\" \"$@\" | tail -c 2000");
    let output = std::process::Command::new("bash")
        .args(["-o", "pipefail", "-c", &limited, env!("CARGO_BIN_EXE_prevalent")])
        .args(words)
        .arg(dir)
        .env("NO_COLOR", "1")
        .stdin(Stdio::null())
        .output()
        .unwrap();
    // The beginning may be the rest of a letter.
    let stdout = String::from_utf8_lossy(&output.stdout).into_owned();
    let stderr = String::from_utf8_lossy(&output.stderr).into_owned();
    Run { code: output.status.code().unwrap(), stdout, stderr }
}

#[test]
fn a_snapshot_that_is_larger_than_memory_is_shown_and_checked() {
    let scratch = Scratch::new();
    let dir = scratch.path("store");
    let store = LargeStore::open(&dir).wait().unwrap();
    store.grow(70_000).wait().unwrap();
    store.close().wait().unwrap();
    drop(store);
    let snapshot = dir.join("00000000000000000001.snapshot");
    let kilobytes = std::fs::metadata(&snapshot).unwrap().len() >> 10;
    assert!(kilobytes > KILOBYTES_MAX, "{kilobytes} kB");
    let state = limited(&["state"], &dir, KILOBYTES_MAX).expect(0).stdout;
    assert!(state.ends_with("xxx\"},\"last\":70000}\n"), "{state}");
    let last = limited(&["state", "--path", "last"], &dir, KILOBYTES_MAX).expect(0).stdout;
    assert_eq!(last, "70000\n");
    for words in [&["verify"][..], &["status"], &["schema"], &["repair"]] {
        limited(words, &dir, KILOBYTES_MAX).expect(0);
    }
}

#[test]
fn a_journal_that_is_larger_than_memory_is_dumped_and_counted() {
    let scratch = Scratch::new();
    let dir = scratch.path("store");
    let store = LargeStore::builder(&dir)
        .durability(Durability::Manual)
        .segment_bytes(4 << 20)
        .no_snapshot_on_close()
        .open()
        .wait()
        .unwrap();
    for _ in 0..60 {
        for _ in 0..8 {
            store.note(&"x".repeat(1 << 17)).detach();
        }
        store.flush().wait().unwrap();
    }
    store.close().wait().unwrap();
    let last = limited(&["dump", "--json"], &dir, KILOBYTES_MAX).expect(0).stdout;
    assert!(last.ends_with("xxx\"}}\n"), "{last}");
    for words in [&["stats"][..], &["verify"], &["status"]] {
        limited(words, &dir, KILOBYTES_MAX).expect(0);
    }
}
