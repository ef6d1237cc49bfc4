//! Stores that don't open, and are made to.

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::{Value, json};

use crate::common::damage::{
    batches, flip, flip_in_batch, make_suspect, newest_segment, segments, snapshots,
};
use crate::common::models::{SessionsStore, closed, create, open};
use crate::common::{Run, Scratch, command, contents, copy, run};

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
fn a_plan_says_what_the_directory_with_the_originals_would_be_called_and_not_when() {
    let scratch = Scratch::new();
    let dir = scratch.path("store");
    closed(&dir, 1 << 20);
    flip(&dir.join("CLEAN"), 50);
    let planned = run("repair", &dir, []).expect(0).stdout;
    let place = format!("is kept in `{}.before-repair-TIME`\n", dir.display());
    assert!(planned.ends_with(&place), "{planned}");
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

/// A store whose journal is damaged in its middle, so that it has to be made anew: which takes a while. Gives what it keeps.
fn damaged(dir: &Path) -> u64 {
    let store = SessionsStore::builder(dir)
        .segment_bytes(4_000)
        .no_snapshot_on_close()
        .open()
        .wait()
        .unwrap();
    for batch in 0..20 {
        let numbers = batch * 20..(batch + 1) * 20;
        for number in numbers {
            store.create_session(format!("{number:0>300}"), number).detach();
        }
        // A batch is in one segment.
        store.flush().wait().unwrap();
    }
    store.close().wait().unwrap();
    let all = segments(dir);
    flip_in_batch(&all[all.len() - 2], 0);
    run("repair", dir, ["--json"]).expect(0).json()["seq"].as_u64().unwrap()
}

/// All contents that are in the store's directory or in one with originals.
fn originals(scratch: &Scratch) -> std::collections::BTreeSet<Vec<u8>> {
    let mut all = std::collections::BTreeSet::new();
    for entry in fs::read_dir(scratch.path("")).unwrap() {
        let path = entry.unwrap().path();
        if path.file_name().is_some_and(|name| !name.to_string_lossy().ends_with("repaired")) {
            all.extend(contents(&path).into_iter().map(|(_, bytes, _)| bytes));
        }
    }
    all
}

#[cfg(unix)]
#[test]
fn a_repair_that_is_killed_at_any_time_keeps_the_originals_and_the_next_one_ends_it() {
    let template = Scratch::new();
    let kept = damaged(&template.path("store"));
    let (mut killed, mut waited_us) = (0, 0);
    for round in 0..40_u64 {
        let scratch = Scratch::new();
        let dir = scratch.path("store");
        copy(&template.path("store"), &dir);
        let before = originals(&scratch);
        let mut child = command()
            .args(["repair", "--apply"])
            .arg(&dir)
            .stdout(std::process::Stdio::null())
            .spawn()
            .unwrap();
        std::thread::sleep(std::time::Duration::from_micros(waited_us));
        // Nothing happens where it has ended.
        child.kill().unwrap();
        let was_killed = child.wait().unwrap().code().is_none();
        killed += u64::from(was_killed);
        // The times come together where it is about to end.
        waited_us = if was_killed { waited_us + 3_000 } else { waited_us * (round % 7) / 7 };
        assert!(originals(&scratch).is_superset(&before), "round {round}");
        run("repair", &dir, ["--apply"]).expect(0);
        assert!(originals(&scratch).is_superset(&before), "round {round}");
        let store = SessionsStore::open(&dir).wait().unwrap();
        assert_eq!(store.operations(), kept, "round {round}");
        store.close().wait().unwrap();
        run("verify", &dir, []).expect(0);
        assert!(!scratch.path("store.being-repaired").exists(), "round {round}");
    }
    assert!(killed > 5, "{killed} were killed");
}

#[cfg(target_os = "linux")]
#[test]
fn a_repair_for_which_the_disk_has_no_room_keeps_the_originals_and_the_next_one_ends_it() {
    let scratch = Scratch::new();
    let dir = scratch.path("store");
    let kept = damaged(&dir);
    let before = originals(&scratch);
    let mut failed = 0;
    // No file may be longer than so many blocks of 512 bytes.
    for blocks in [0, 1, 2, 8, 64] {
        let limited =
            format!("trap '' XFSZ; ulimit -f {blocks}; exec \"$0\" repair --apply \"$1\"");
        let told = std::process::Command::new("sh")
            .args(["-c", &limited, env!("CARGO_BIN_EXE_prevalent")])
            .arg(&dir)
            .stderr(std::process::Stdio::piped())
            .output()
            .unwrap();
        assert!(originals(&scratch).is_superset(&before), "{blocks} blocks");
        if told.status.success() {
            break;
        }
        assert_eq!(told.status.code(), Some(1), "{told:?}");
        assert!(String::from_utf8_lossy(&told.stderr).contains("File too large"), "{told:?}");
        assert!(SessionsStore::open(&dir).wait().is_err(), "{blocks} blocks");
        failed += 1;
    }
    assert!(failed > 2, "{failed} failed");
    run("repair", &dir, ["--apply"]).expect(0);
    assert!(originals(&scratch).is_superset(&before));
    assert_eq!(SessionsStore::open(&dir).wait().unwrap().operations(), kept);
}

#[test]
fn a_store_is_repaired_by_any_name_of_its_directory() {
    let scratch = Scratch::new();
    let dir = scratch.path("store");
    let kept = damaged(&dir);
    let mut command = command();
    command.current_dir(&dir).args(["repair", "--apply", "--json", "."]);
    let told = Run::of(&command.output().unwrap()).expect(0).json();
    let originals = Path::new(told["originals"].as_str().unwrap());
    assert_eq!(originals.parent(), scratch.path("store").canonicalize().unwrap().parent());
    assert_eq!(SessionsStore::open(&dir).wait().unwrap().operations(), kept);
}
