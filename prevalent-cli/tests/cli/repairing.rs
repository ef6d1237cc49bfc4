//! Stores that don't open, and are made to.

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::{Value, json};

use crate::common::damage::{
    batches, flip, flip_in_batch, make_suspect, newest_segment, segments, snapshots,
};
use crate::common::models::{SessionsStore, closed, create, open};
use crate::common::{Scratch, contents, copy, run};

/// What is planned is done; the store opens then, with so many sessions, goes on, and is clean. Gives what was done.
fn repaired(dir: &Path, operations: u64) -> Value {
    let before = contents(dir);
    assert!(SessionsStore::open(dir).wait().is_err());
    let names = |all: &[(String, Vec<u8>, std::time::SystemTime)]| {
        let all = all.iter().filter(|(name, ..)| name != "LOCK");
        all.map(|(name, content, _)| (name.clone(), content.clone())).collect::<Vec<_>>()
    };
    let planned = run("repair", dir, ["--json"]).expect(0).json();
    assert_eq!(names(&contents(dir)), names(&before), "a plan changes nothing");
    assert_eq!(planned["applied"], false);
    let done = run("repair", dir, ["--apply", "--json"]).expect(0).json();
    assert_eq!(
        (&done["steps"], &done["lost"], &done["seq"]),
        (&planned["steps"], &planned["lost"], &planned["seq"])
    );
    assert_eq!(done["applied"], true);
    // What was there is there still, or aside.
    let aside = contents(Path::new(done["originals"].as_str().unwrap()));
    let now = contents(dir);
    for (name, content, _) in before.iter().filter(|(name, ..)| name != "LOCK") {
        let is_same = |(other, bytes, _): &(String, Vec<u8>, _)| other == name && bytes == content;
        assert!(aside.iter().any(is_same) || now.iter().any(is_same), "{name} is gone");
    }
    assert!(run("repair", dir, []).expect(0).stdout.starts_with("nothing to do"));
    let store = SessionsStore::open(dir).wait().unwrap();
    assert_eq!(store.operations(), operations);
    create(&store, 100..=101);
    store.close().wait().unwrap();
    run("verify", dir, []).expect(0);
    done
}

fn steps(done: &Value) -> Vec<&str> {
    done["steps"].as_array().unwrap().iter().map(|step| step["step"].as_str().unwrap()).collect()
}

fn crashed(scratch: &Scratch) -> PathBuf {
    let (dir, crashed) = (scratch.path("store"), scratch.path("crashed"));
    let store = open(&dir);
    create(&store, 1..=10);
    copy(&dir, &crashed);
    crashed
}

#[test]
fn a_suspect_tail_is_left_out() {
    let scratch = Scratch::new();
    let dir = crashed(&scratch);
    make_suspect(&dir);
    let done = repaired(&dir, 9);
    assert_eq!(steps(&done), ["drop_tail"]);
    assert_eq!(done["lost"], json!({ "first": 10, "last_known": null }));
}

#[test]
fn a_damaged_clean_mark_costs_nothing() {
    let scratch = Scratch::new();
    let dir = scratch.path("store");
    closed(&dir, 1 << 20);
    flip(&dir.join("CLEAN"), 50);
    let done = repaired(&dir, 10);
    assert_eq!(steps(&done), ["set_aside"]);
    assert_eq!(done["lost"], Value::Null);
}

#[test]
fn a_damaged_snapshot_is_set_aside_where_the_one_before_serves() {
    let scratch = Scratch::new();
    let dir = scratch.path("store");
    let store = open(&dir);
    create(&store, 1..=3);
    store.snapshot().wait().unwrap();
    create(&store, 4..=5);
    store.close().wait().unwrap();
    flip(&snapshots(&dir).pop().unwrap(), 140);
    flip(&dir.join("CLEAN"), 50);
    let done = repaired(&dir, 5);
    assert_eq!(steps(&done), ["set_aside", "set_aside"]);
    assert_eq!(done["lost"], Value::Null);
}

#[test]
fn damage_in_the_middle_costs_what_comes_after_it() {
    let scratch = Scratch::new();
    let dir = scratch.path("store");
    closed(&dir, 600);
    let damaged = segments(&dir).swap_remove(2);
    let first =
        run("status", &dir, ["--json"]).json()["segments"][2]["first_seq"].as_u64().unwrap();
    flip_in_batch(&damaged, 1);
    let id = run("status", &dir, ["--json"]).json()["store"].clone();
    let done = repaired(&dir, first - 1);
    assert_eq!(steps(&done), ["make_anew"]);
    assert_eq!(done["lost"], json!({ "first": first, "last_known": 10 }));
    assert_ne!(done["store"], id);
    let status = run("status", &dir, ["--json"]).json();
    assert_eq!(status["origin"]["store"], id);
}

#[test]
fn damage_before_the_newest_snapshots_place_costs_what_came_after_the_snapshot() {
    let scratch = Scratch::new();
    let dir = scratch.path("store");
    let store = open(&dir);
    create(&store, 1..=5);
    store.snapshot().wait().unwrap();
    create(&store, 6..=8);
    store.close().wait().unwrap();
    let segment = newest_segment(&dir);
    assert!(batches(&segment).len() > 6);
    flip_in_batch(&segment, 3);
    let done = repaired(&dir, 5);
    assert_eq!(steps(&done), ["make_anew"]);
    assert_eq!(done["steps"][0]["snapshot_seq"], 5);
    assert_eq!(done["lost"]["first"], 6);
}

#[test]
fn a_missing_segment_costs_what_was_in_it_and_came_after() {
    let scratch = Scratch::new();
    let dir = scratch.path("store");
    closed(&dir, 600);
    let status = run("status", &dir, ["--json"]).json();
    let first = status["segments"][2]["first_seq"].as_u64().unwrap();
    let gone = segments(&dir).swap_remove(2);
    fs::remove_file(gone).unwrap();
    let done = repaired(&dir, first - 1);
    assert_eq!(steps(&done), ["make_anew"]);
}

#[test]
fn where_no_snapshot_is_good_nothing_can_be_done_and_nothing_is() {
    let scratch = Scratch::new();
    let dir = scratch.path("store");
    closed(&dir, 600);
    flip(&snapshots(&dir)[0], 140);
    let before = contents(&dir);
    run("repair", &dir, []).expect(5);
    run("repair", &dir, ["--apply"]).expect(5);
    assert_eq!(contents(&dir), before);
    run("repair", &scratch.path("nowhere"), ["--apply"]).expect(7);
    assert!(!scratch.path("nowhere").exists());
}

#[test]
fn a_store_that_opens_is_left_alone() {
    let scratch = Scratch::new();
    let dir = scratch.path("store");
    closed(&dir, 600);
    let before = contents(&dir);
    let told = run("repair", &dir, ["--apply", "--json"]).expect(0).json();
    assert_eq!((&told["applied"], &told["steps"]), (&json!(false), &json!([])));
    assert_eq!(contents(&dir), before);
}

#[test]
fn a_repair_that_was_interrupted_says_where_the_originals_are() {
    let scratch = Scratch::new();
    let dir = scratch.path("store");
    closed(&dir, 600);
    fs::write(
        dir.join("CLEAN"),
        "prevalent: a repair is going on; the originals are in /somewhere\n",
    )
    .unwrap();
    assert!(SessionsStore::open(&dir).wait().is_err());
    let before = contents(&dir);
    let told = run("repair", &dir, ["--apply"]).expect(5);
    assert!(told.stderr.contains("`/somewhere`"), "{}", told.stderr);
    assert_eq!(contents(&dir).len(), before.len());
}
