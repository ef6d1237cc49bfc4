//! What the command says of stores that are damaged.

use std::fs;
use std::path::Path;

use serde_json::json;

use crate::common::damage::{
    batches, flip, flip_in_batch, make_suspect, newest_segment, segments, snapshots, tear, written,
};
use crate::common::models::{closed, create, open};
use crate::common::{Scratch, copy, run};

/// A copy of a store with ten sessions whose process was killed.
fn crashed(scratch: &Scratch) -> std::path::PathBuf {
    let (dir, crashed) = (scratch.path("store"), scratch.path("crashed"));
    let store = open(&dir);
    create(&store, 1..=10);
    copy(&dir, &crashed);
    crashed
}

fn seqs(dir: &Path, more: &[&str], code: i32) -> Vec<u64> {
    let lines = run("dump", dir, more.iter().copied().chain(["--json"])).expect(code).json_lines();
    lines.iter().map(|line| line["seq"].as_u64().unwrap()).collect()
}

#[test]
fn a_torn_tail_is_told_and_is_no_damage() {
    let scratch = Scratch::new();
    let dir = crashed(&scratch);
    tear(&dir);
    let verified = run("verify", &dir, ["--json"]).expect(3).json();
    assert_eq!(verified["result"], "torn_tail");
    assert_eq!(verified["tail"]["next_seq"], 10);
    assert_eq!(verified["damaged"], json!([]));
    assert!(run("verify", &dir, []).expect(3).stdout.ends_with("torn tail\n"));
    let next = &run("status", &dir, ["--json"]).expect(0).json()["next_open"];
    assert_eq!(next["opens"], true);
    assert_eq!(next["seq"], 9);
    assert_eq!(next["dropped_tail"]["suspect"], false);
    let dumped = run("dump", &dir, []).expect(0);
    assert_eq!(dumped.stdout.lines().count(), 9);
    assert!(dumped.stderr.contains("was torn by a crash"), "{}", dumped.stderr);
    assert!(run("repair", &dir, []).expect(0).stdout.starts_with("nothing to do"));
}

#[test]
fn a_suspect_tail_has_an_exit_code_of_its_own() {
    let scratch = Scratch::new();
    let dir = crashed(&scratch);
    make_suspect(&dir);
    assert_eq!(run("verify", &dir, ["--json"]).expect(4).json()["result"], "suspect_tail");
    let next = &run("status", &dir, ["--json"]).expect(0).json()["next_open"];
    assert_eq!(next["opens"], false);
    assert_eq!(next["error"]["kind"], "suspect_tail");
    assert_eq!(next["error"]["seq"], 10);
    assert_eq!(seqs(&dir, &[], 4), (1..=9).collect::<Vec<_>>());
    run("export", &dir, []).expect(4);
    run("export", &dir, ["--drop-suspect-tail"]).expect(0);
    run("backup", &dir, [scratch.path("backup").to_str().unwrap()]).expect(4);
    run("fork", &dir, [scratch.path("fork").to_str().unwrap()]).expect(4);
    assert!(!scratch.path("fork").join("CLEAN").exists());
}

#[test]
fn damage_in_the_middle_is_told_with_its_place_when_all_before_it_was_shown() {
    let scratch = Scratch::new();
    let dir = scratch.path("store");
    closed(&dir, 600);
    let all = segments(&dir);
    assert!(all.len() > 3, "{all:?}");
    let damaged = &all[1];
    let first_lost =
        run("status", &dir, ["--json"]).json()["segments"][1]["first_seq"].as_u64().unwrap();
    let next_segment =
        run("status", &dir, ["--json"]).json()["segments"][2]["first_seq"].as_u64().unwrap();
    let offset = batches(damaged)[1];
    flip_in_batch(damaged, 1);
    let verified = run("verify", &dir, ["--json"]).expect(5).json();
    assert_eq!(verified["result"], "damaged");
    assert_eq!(verified["damaged"].as_array().unwrap().len(), 1);
    let told = &verified["damaged"][0];
    assert_eq!(told["file"].as_str(), damaged.to_str());
    assert_eq!((&told["offset"], &told["seq"]), (&json!(offset), &json!(first_lost)));
    assert_eq!(verified["next_open"]["opens"], false);
    let before: Vec<u64> = (1..first_lost).collect();
    assert_eq!(seqs(&dir, &[], 5), before);
    assert!(run("dump", &dir, []).expect(5).stderr.starts_with("error: "));
    let around: Vec<u64> = (1..first_lost).chain(next_segment..=10).collect();
    assert_eq!(seqs(&dir, &["--skip-damage"], 5), around);
    assert_eq!(
        run("status", &dir, ["--json"]).expect(0).json()["next_open"]["error"]["kind"],
        "damaged"
    );
}

#[test]
fn a_missing_segment_is_damage() {
    let scratch = Scratch::new();
    let dir = scratch.path("store");
    closed(&dir, 600);
    fs::remove_file(&segments(&dir)[1]).unwrap();
    let verified = run("verify", &dir, []).expect(5).stdout;
    assert!(verified.contains("the segment is missing"), "{verified}");
    let before = seqs(&dir, &[], 5);
    assert!(!before.is_empty() && !before.contains(&10), "{before:?}");
    assert!(seqs(&dir, &["--skip-damage"], 5).contains(&10));
}

#[test]
fn a_damaged_snapshot_is_passed_over_and_told() {
    let scratch = Scratch::new();
    let dir = scratch.path("store");
    let store = open(&dir);
    create(&store, 1..=3);
    store.snapshot().wait().unwrap();
    store.close().wait().unwrap();
    let newest = snapshots(&dir).pop().unwrap();
    let len = fs::metadata(&newest).unwrap().len();
    flip(&newest, usize::try_from(len).unwrap() - 1);
    let status = run("status", &dir, ["--json"]).expect(0).json();
    assert_eq!(status["next_open"]["snapshot_seq"], 0);
    assert_eq!(status["next_open"]["transactions"], 3);
    assert_eq!(status["next_open"]["damaged"].as_array().unwrap().len(), 1);
    run("verify", &dir, []).expect(5);
    let state = run("state", &dir, []).expect(0);
    assert_eq!(state.json()["operations"], 0);
    assert!(state.stderr.contains("passed over"), "{}", state.stderr);
    run("state", &dir, ["--snapshot", "3"]).expect(5);
}

#[test]
fn a_damaged_clean_mark_hides_nothing() {
    let scratch = Scratch::new();
    let dir = scratch.path("store");
    closed(&dir, 1 << 20);
    flip(&dir.join("CLEAN"), 50);
    assert_eq!(
        run("verify", &dir, ["--json"]).expect(5).json()["damaged"].as_array().unwrap().len(),
        1
    );
    assert_eq!(seqs(&dir, &[], 0).len(), 10);
    let status = run("status", &dir, ["--json"]).expect(0).json();
    assert_eq!(status["refused"].as_array().unwrap().len(), 1);
    assert_eq!(status["next_open"]["opens"], false);
}

#[test]
fn a_file_of_another_store_is_told() {
    let scratch = Scratch::new();
    let (dir, other) = (scratch.path("store"), scratch.path("other"));
    closed(&dir, 600);
    closed(&other, 600);
    fs::copy(&segments(&other)[1], &segments(&dir)[1]).unwrap();
    let verified = run("verify", &dir, []).expect(5).stdout;
    assert!(verified.contains("belongs to another store"), "{verified}");
    run("repair", &dir, ["--apply"]).expect(5);
}

#[test]
fn no_flipped_bit_goes_unnoticed_and_none_makes_a_command_panic() {
    let scratch = Scratch::new();
    let (dir, crashed) = (scratch.path("store"), scratch.path("crashed"));
    let store = open(&dir);
    create(&store, 1..=3);
    store.snapshot().wait().unwrap();
    create(&store, 4..=5);
    store.close().wait().unwrap();
    copy(&dir, &crashed);
    let mut files = segments(&crashed);
    files.extend(snapshots(&crashed));
    files.push(crashed.join("CLEAN"));
    for file in files {
        let good = fs::read(&file).unwrap();
        let len = written(&file).len();
        for at in
            (0..len).step_by(13).chain([len - 1]).chain((len + 7 < good.len()).then_some(len + 7))
        {
            flip(&file, at);
            let told = run("verify", &crashed, ["--json"]);
            assert!([1, 3, 4, 5].contains(&told.code), "{} at {at}: {told:?}", file.display());
            if at % 5 == 0 {
                for (name, more) in [
                    ("dump", "--skip-damage"),
                    ("status", "--json"),
                    ("state", "--json"),
                    ("stats", "--json"),
                    ("repair", "--json"),
                ] {
                    let told = run(name, &crashed, [more]);
                    assert!(
                        [0, 1, 4, 5].contains(&told.code),
                        "{name}, {} at {at}: {told:?}",
                        file.display()
                    );
                    assert!(!told.stderr.contains("panicked"), "{told:?}");
                }
            }
            fs::write(&file, &good).unwrap();
        }
    }
    run("verify", &crashed, []).expect(0);
}

#[test]
fn nonsense_is_told_and_makes_nothing_panic() {
    let scratch = Scratch::new();
    let dir = scratch.path("store");
    closed(&dir, 1 << 20);
    let segment = newest_segment(&dir);
    let good = fs::read(&segment).unwrap();
    let nonsense: Vec<Vec<u8>> = vec![
        Vec::new(),
        vec![0; 4096],
        vec![0xff; 100_000],
        good[..64].to_vec(),
        good[..129].to_vec(),
        [&good[..128], &[0x50, 0x56, 0x42, 0xB1][..], &[0xff; 5000]].concat(),
        b"not a segment, but a text".repeat(1000),
    ];
    for bytes in nonsense {
        fs::write(&segment, &bytes).unwrap();
        for (name, more) in
            [("verify", &[][..]), ("dump", &["--skip-damage"]), ("stats", &[]), ("repair", &[])]
        {
            let told = run(name, &dir, more.iter().copied());
            assert!([0, 5].contains(&told.code), "{name}: {told:?}");
            assert!(name != "verify" || told.code == 5, "{told:?}");
        }
    }
    fs::write(&segment, &good).unwrap();
    fs::remove_file(&segment).unwrap();
    fs::create_dir(&segment).unwrap();
    run("verify", &dir, []).expect(1);
}

#[test]
fn a_torn_tail_of_a_store_that_does_not_open_is_no_torn_tail() {
    let scratch = Scratch::new();
    let dir = crashed(&scratch);
    tear(&dir);
    for snapshot in snapshots(&dir) {
        fs::remove_file(snapshot).unwrap();
    }
    let verified = run("verify", &dir, ["--json"]).expect(5).json();
    assert_eq!(verified["result"], "damaged");
    assert_eq!(verified["next_open"]["opens"], false);
    assert!(verified["tail"].is_object(), "{verified}");
}

#[test]
fn figures_of_what_lies_before_damage_are_told_and_then_the_damage() {
    let scratch = Scratch::new();
    let dir = scratch.path("store");
    closed(&dir, 600);
    let first_lost =
        run("status", &dir, ["--json"]).json()["segments"][1]["first_seq"].as_u64().unwrap();
    flip_in_batch(&segments(&dir)[1], 1);
    let told = run("stats", &dir, ["--json"]).expect(5);
    assert_eq!(told.json()["all"]["transactions"], first_lost - 1);
    assert!(told.stderr.starts_with("error: "), "{}", told.stderr);
    let told = run("stats", &dir, []).expect(5);
    assert!(told.stdout.contains("create_session"), "{told:?}");
    // Where there are no figures, none are made up.
    flip_in_batch(&segments(&dir)[0], 1);
    assert_eq!(run("stats", &dir, ["--json"]).expect(5).stdout, "");
}

#[cfg(unix)]
#[test]
fn where_nobody_can_tell_whether_there_is_an_owner_a_torn_tail_may_be_being_written() {
    let scratch = Scratch::new();
    let dir = crashed(&scratch);
    tear(&dir);
    // Such a file can't be looked at.
    std::os::unix::fs::symlink("LOCK", dir.join("LOCK")).unwrap();
    assert_eq!(run("status", &dir, ["--json"]).json()["owner"], json!({ "running": null }));
    let verified = run("verify", &dir, []).expect(3).stdout;
    assert!(verified.ends_with("torn tail, or one that is being written\n"), "{verified}");
    assert_eq!(run("verify", &dir, ["--json"]).expect(3).json()["result"], "torn_tail");
    let note = run("dump", &dir, []).expect(0).stderr;
    assert!(note.contains("was torn by a crash, or is being written"), "{note}");
}
