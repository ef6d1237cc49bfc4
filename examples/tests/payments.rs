//! The payments are made once, and the past is there.
#![allow(missing_docs, unreachable_pub, dead_code, reason = "tests")]

mod common;
#[path = "../payments/model.rs"]
mod model;

use common::example;
use model::{BankStore, Declined};

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

#[test]
fn a_payment_that_is_declined_changes_nothing() {
    let store = BankStore::in_memory();
    let bank = || store.read(|bank| format!("{bank:?}"));
    let before = bank();
    let declined = store.pay(&"order-1".into(), "nobody", "bea".to_owned(), 1).wait().unwrap();
    assert_eq!(declined, Err(Declined::Insufficient(0)));
    assert_eq!(bank(), before);

    // To oneself, it changes nothing either.
    store.deposit("ada".to_owned(), 5).wait().unwrap();
    let before = bank();
    assert_eq!(store.pay(&"order-2".into(), "ada", "ada".to_owned(), 5).wait().unwrap(), Ok(0));
    assert_eq!(bank(), before);
}
