//! Commands that make stores out of others.

use std::fs;
use std::io::Write;
use std::process::Stdio;

use serde_json::json;

use crate::common::damage::snapshots;
use crate::common::models::{SessionsStore, closed, create, open};
use crate::common::{Run, Scratch, command, contents, copy, run};

fn operations(dir: &std::path::Path) -> u64 {
    let store = SessionsStore::open(dir).wait().unwrap();
    let operations = store.operations();
    store.close().wait().unwrap();
    operations
}

#[test]
fn a_backup_of_a_closed_store_is_restored_up_to_any_point() {
    let scratch = Scratch::new();
    let (dir, backup) = (scratch.path("store"), scratch.path("backup"));
    closed(&dir, 600);
    let told = run("backup", &dir, [backup.to_str().unwrap(), "--json"]).expect(0).json();
    assert_eq!((&told["kind"], &told["seq"]), (&json!("full"), &json!(10)));
    let store = open(&dir);
    create(&store, 11..=12);
    store.close().wait().unwrap();
    let told = run("backup", &dir, [backup.to_str().unwrap()]).expect(0).stdout;
    assert!(told.starts_with("incremental backup in "), "{told}");
    assert!(told.ends_with("it can be restored from #0 to #12\n"), "{told}");
    for (name, at, expected) in
        [("all", None, 12), ("seven", Some("7"), 7), ("now", Some("0s"), 12)]
    {
        let to = scratch.path(name);
        let at = at.map(|at| ["--at", at]);
        let more = [to.to_str().unwrap()].into_iter().chain(at.into_iter().flatten());
        run("restore", &backup, more).expect(0);
        assert_eq!(operations(&to), expected);
    }
    let to = scratch.path("none");
    run("restore", &backup, [to.to_str().unwrap(), "--at", "99"]).expect(7);
    run("restore", &scratch.path("nowhere"), [to.to_str().unwrap()]).expect(7);
    run("restore", &backup, [scratch.path("seven").to_str().unwrap()]).expect(1);
    run("status", &backup, []).expect(7);
}

#[test]
fn a_backup_beside_the_owner_goes_on_where_the_owners_own_ended_and_the_other_way_round() {
    let scratch = Scratch::new();
    let (dir, backup) = (scratch.path("store"), scratch.path("backup"));
    let store = open(&dir);
    for round in 0..4 {
        create(&store, round * 10 + 1..=round * 10 + 5);
        assert!(store.explode("boom".to_owned()).wait().is_err());
        let told = run("backup", &dir, [backup.to_str().unwrap(), "--json"]).expect(0).json();
        assert_eq!(told["kind"] == "full", round == 0);
        let seq = told["seq"].as_u64().unwrap();
        let ordered: u64 = store.stats().seq.into();
        assert!(seq <= ordered && seq + 2 >= ordered, "{seq} of {ordered}");
        let to = scratch.path(&format!("restored-{round}"));
        run("restore", &backup, [to.to_str().unwrap()]).expect(0);
        assert!(operations(&to) + 2 >= store.operations());
        create(&store, round * 10 + 6..=round * 10 + 9);
        store.backup(backup.as_path()).wait().unwrap();
    }
    store.close().wait().unwrap();
    let told = run("backup", &dir, [backup.to_str().unwrap(), "--json"]).expect(0).json();
    assert_eq!(told["seq"], 40);
}

#[test]
fn a_fork_of_an_open_store_goes_its_own_way() {
    let scratch = Scratch::new();
    let (dir, fork) = (scratch.path("store"), scratch.path("fork"));
    let store = open(&dir);
    create(&store, 1..=5);
    let told = run("fork", &dir, [fork.to_str().unwrap(), "--at", "3", "--json"]).expect(0).json();
    assert_eq!(told["seq"], 3);
    assert_eq!(operations(&fork), 3);
    let status = run("status", &fork, ["--json"]).expect(0).json();
    assert_eq!(status["origin"]["how"], "forked");
    assert_eq!(store.operations(), 5);
    run("fork", &dir, [fork.to_str().unwrap()]).expect(1);
}

#[test]
fn an_export_makes_the_same_store_and_is_made_beside_the_owner() {
    let scratch = Scratch::new();
    let dir = scratch.path("store");
    let store = open(&dir);
    create(&store, 1..=5);
    let lines = run("export", &dir, ["--full-history"]).expect(0);
    assert_eq!(lines.stdout.lines().filter(|line| line.contains("\"tx\"")).count(), 5);
    let file = scratch.path("lines.jsonl");
    fs::write(&file, &lines.stdout).unwrap();
    let about = run("export", &dir, ["--json"]).expect(0).stderr;
    let about: serde_json::Value = serde_json::from_str(&about).unwrap();
    assert_eq!((&about["transactions"], &about["damaged"]), (&json!(5), &json!([])));
    let (one, two) = (scratch.path("one"), scratch.path("two"));
    let told = run("import", &one, [file.to_str().unwrap(), "--json"]).expect(0).json();
    assert_eq!(told["transactions"], 5);
    let mut child = command()
        .arg("import")
        .arg(&two)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    child.stdin.take().unwrap().write_all(lines.stdout.as_bytes()).unwrap();
    Run::of(&child.wait_with_output().unwrap()).expect(0);
    for copy in [&one, &two] {
        assert_eq!(operations(copy), 5);
    }
    run("import", &one, [file.to_str().unwrap()]).expect(1);
    fs::write(&file, "{}").unwrap();
    run("import", &scratch.path("three"), [file.to_str().unwrap()]).expect(1);
}

#[test]
fn a_store_that_is_open_is_not_written_to() {
    let scratch = Scratch::new();
    let dir = scratch.path("store");
    let store = open(&dir);
    create(&store, 1..=2);
    let lines = scratch.path("lines.jsonl");
    fs::write(&lines, run("export", &dir, []).expect(0).stdout).unwrap();
    let before = contents(&dir);
    run("import", &dir, [lines.to_str().unwrap()]).expect(6);
    run("repair", &dir, ["--apply"]).expect(6);
    run("void", &dir, ["1", "--reason", "x"]).expect(6);
    assert_eq!(contents(&dir), before);
}

#[test]
fn files_in_an_archive_count_as_if_they_were_in_the_store() {
    let scratch = Scratch::new();
    let (dir, archive) = (scratch.path("store"), scratch.path("archive"));
    let store =
        SessionsStore::builder(&dir).archive_to(&archive).segment_bytes(400).open().wait().unwrap();
    for round in 0..5 {
        create(&store, round * 4 + 1..=round * 4 + 4);
        store.snapshot().wait().unwrap();
    }
    store.close().wait().unwrap();
    let first = |more: &[&str]| {
        let dumped = run("dump", &dir, more.iter().copied().chain(["--json"])).expect(0);
        (dumped.json_lines()[0]["seq"].as_u64().unwrap(), dumped.stderr)
    };
    let (seq, note) = first(&[]);
    assert!(seq > 1 && note.contains("the journal goes back to sequence number"), "{seq}: {note}");
    let archive = ["--archive", archive.to_str().unwrap()];
    assert_eq!(first(&archive), (1, String::new()));
    run("verify", &dir, archive).expect(0);
    let fork = scratch.path("fork");
    let at = [fork.to_str().unwrap(), "--at", "2"];
    run("fork", &dir, at).expect(7);
    run("fork", &dir, at.into_iter().chain(archive)).expect(0);
    assert_eq!(operations(&fork), 2);
    run("status", std::path::Path::new(archive[1]), []).expect(7);
}

#[test]
fn a_transaction_that_is_made_void_has_no_effect_any_more_and_says_why() {
    let scratch = Scratch::new();
    let dir = scratch.path("store");
    closed(&dir, 600);
    let told = run("void", &dir, ["4", "--reason", "too much", "--json"]).expect(0).json();
    assert_eq!((&told["seq"], &told["tx"]), (&json!(4), &json!("create_session")));
    assert_eq!(operations(&dir), 9);
    let lines = run("dump", &dir, ["--json", "--from", "4", "--to", "4"]).expect(0).json_lines();
    assert_eq!((&lines[0]["void"], &lines[0]["reason"]), (&json!(true), &json!("too much")));
    assert_eq!(told["damaged"], json!([]));
    run("void", &dir, ["99", "--reason", "x"]).expect(7);
    run("void", &dir, ["5"]).expect(2);
    run("void", &scratch.path("nowhere"), ["5", "--reason", "x"]).expect(7);
}

#[test]
fn what_an_open_would_do_is_told_by_the_stores_own_files_whatever_is_in_the_archive() {
    let scratch = Scratch::new();
    let golden = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/golden/1");
    let dir = scratch.path("store");
    copy(&golden.join("archived"), &dir);
    let newest = snapshots(&dir).pop().unwrap();
    fs::remove_file(newest).unwrap();
    let archive = golden.join("archived.archive");
    let archive = ["--archive", archive.to_str().unwrap()];
    let alone = run("status", &dir, ["--json"]).expect(0).json()["next_open"].clone();
    assert_eq!(alone["opens"], false);
    let both = run("status", &dir, archive.into_iter().chain(["--json"])).expect(0).json();
    assert_eq!(both["next_open"], alone);
    let verified = run("verify", &dir, archive.into_iter().chain(["--json"])).expect(5).json();
    assert_eq!(verified["next_open"], alone);
    // What is in the archive is looked at all the same.
    assert_eq!(verified["damaged"], json!([]));
}
