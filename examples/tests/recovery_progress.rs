//! What a long recovery says, on a terminal and in a log.
#![allow(missing_docs, unreachable_pub, dead_code, reason = "tests, and modules of a program")]

mod common;
#[path = "../recovery_progress/model.rs"]
mod model;
#[path = "../recovery_progress/progress.rs"]
mod progress;

use std::sync::{Arc, Mutex};

use common::example;
use indicatif::{InMemoryTerm, ProgressDrawTarget};
use model::ReadingsStore;
use prevalent::{Durability, Progress};

#[test]
fn in_a_log_each_tenth_is_a_line() {
    let dir = tempfile::tempdir().unwrap();
    let output = example("recovery_progress").arg(dir.path()).arg("200000").output().unwrap();
    let stdout = String::from_utf8(output.stdout).unwrap();
    let stderr = String::from_utf8(output.stderr).unwrap();
    assert!(output.status.success(), "{stdout}{stderr}");
    assert!(stdout.starts_with("200000 transactions committed, "), "{stdout}");
    assert!(stdout.ends_with("200000 transactions replayed, 4000000 readings\n"), "{stdout}");
    let mut last = (0, 0);
    for line in stderr.lines() {
        let (percent, rest) = line
            .strip_prefix("recovery: ")
            .and_then(|rest| rest.split_once(" %, "))
            .expect(&stderr);
        let transactions = rest.strip_suffix(" transactions").expect(&stderr);
        let now: (u32, u32) = (percent.parse().unwrap(), transactions.parse().unwrap());
        assert!(now.0 > last.0 && now.1 >= last.1, "{stderr}");
        last = now;
    }
    assert_eq!(last, (100, 200_000), "{stderr}");
    assert!(stderr.lines().count() == 10, "{stderr}");
}

#[test]
fn on_a_terminal_the_bar_goes_from_nothing_to_all() {
    let dir = tempfile::tempdir().unwrap();
    let builder = || ReadingsStore::builder(dir.path()).durability(Durability::Manual);
    let store = builder().no_snapshot_on_close().open().wait().unwrap();
    for number in 0..50_000 {
        store.record(number % 10, &[20_000; 20]).wait().unwrap();
    }
    store.close().wait().unwrap();

    let terminal = InMemoryTerm::new(4, 100);
    let bar = progress::bar(ProgressDrawTarget::term_like(Box::new(terminal.clone())));
    let mut move_bar = progress::on_bar(bar.clone());
    let told: Arc<Mutex<Vec<(Progress, String)>>> = Arc::default();
    let store = builder()
        .on_progress({
            let (told, bar, terminal) = (told.clone(), bar.clone(), terminal.clone());
            move |progress| {
                move_bar(progress);
                bar.force_draw();
                told.lock().unwrap().push((progress, terminal.contents()));
            }
        })
        .open()
        .wait()
        .unwrap();
    assert_eq!(store.readings(), 1_000_000);

    let told = told.lock().unwrap();
    let (first, last) = (&told[0], &told[told.len() - 1]);
    assert!(told.len() > 2);
    assert!(first.1.contains("] 0 % of ") && first.1.contains(", 0 transactions, "), "{}", first.1);
    assert!(last.1.contains("=] 100 % of "), "{}", last.1);
    assert!(last.1.contains(", 50,000 transactions, "), "{}", last.1);
    for (progress, shown) in told.iter() {
        let percent = shown.split_once("] ").and_then(|(_, rest)| rest.split_once(" % of "));
        let percent: u64 = percent.expect(shown).0.parse().unwrap();
        // It rounds in its own way.
        assert!(
            (100 * progress.bytes_done / progress.bytes_total).abs_diff(percent) <= 1,
            "{shown}"
        );
    }
    bar.finish_and_clear();
    assert_eq!(terminal.contents(), "");
}

#[test]
fn arguments_that_make_no_sense_are_refused() {
    let dir = tempfile::tempdir().unwrap();
    let output = example("recovery_progress").arg(dir.path()).arg("many").output().unwrap();
    assert_eq!(output.status.code(), Some(1));
    assert!(output.stdout.is_empty());
    assert!(output.stderr.starts_with(b"recovery_progress: "));
}
