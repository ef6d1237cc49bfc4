//! The command beside a program that runs, and starts.

use std::io::{BufRead, BufReader};
use std::process::Stdio;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use prevalent::Error;
use prevalent::inspect::{Followed, StoreFiles};
use serde_json::Value;

use crate::common::damage::segments;
use crate::common::models::{SessionsStore, closed, create, open};
use crate::common::{Scratch, command, run};

/// What is run over and over again.
const COMMANDS: [&[&str]; 7] = [
    &["status", "--json"],
    &["dump", "--json"],
    &["verify"],
    &["stats"],
    &["schema"],
    &["state"],
    &["export", "--full-history"],
];

/// Ends the other threads of a test, however this one ends.
struct End<'a>(&'a AtomicBool);

impl Drop for End<'_> {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

/// A process that runs the commands over and over again until the file is there, and tells how often, and what failed.
///
/// It is a process of its own: a child of the owner's has the owner's lock, too, from its fork to its exec.
const LOOK_ON: &str = r#"
looks=0
while [ ! -e "$STOP" ]; do
    for words in COMMANDS; do
        "$PREVALENT" $words "$STORE" > /dev/null || echo "$words: $?"
        looks=$((looks + 1))
    done
done
echo "$looks"
"#;

#[test]
fn an_application_that_starts_meanwhile_always_gets_its_store() {
    let scratch = Scratch::new();
    let (dir, stop) = (scratch.path("store"), scratch.path("stop"));
    open(&dir).close().wait().unwrap();
    let commands = COMMANDS.map(|words| format!("'{}'", words.join(" "))).join(" ");
    let look_on = LOOK_ON.replace("COMMANDS", &commands);
    let looking: Vec<_> = (0..2)
        .map(|_| {
            std::process::Command::new("sh")
                .args(["-c", &look_on])
                .env("PREVALENT", env!("CARGO_BIN_EXE_prevalent"))
                .env("STORE", &dir)
                .env("STOP", &stop)
                .stdout(Stdio::piped())
                .stderr(Stdio::piped())
                .spawn()
                .unwrap()
        })
        .collect();
    let until = Instant::now() + Duration::from_secs(4);
    let (mut opened, mut refused) = (0_u64, None);
    while Instant::now() < until && refused.is_none() {
        match SessionsStore::builder(&dir).segment_bytes(2_000).open().wait() {
            Ok(store) => {
                create(&store, opened * 3 + 1..=opened * 3 + 3);
                store.close().wait().unwrap();
                opened += 1;
            }
            Err(error) => refused = Some(error),
        }
    }
    std::fs::write(&stop, "").unwrap();
    for process in looking {
        let told = process.wait_with_output().unwrap();
        let looks = String::from_utf8(told.stdout).unwrap();
        let errors = String::from_utf8_lossy(&told.stderr).into_owned();
        let looks = looks.trim().parse::<u64>();
        assert!(looks.as_ref().is_ok_and(|looks| *looks > 10), "{looks:?}: {errors}");
    }
    assert!(refused.is_none(), "open {opened}: {refused:?}");
    assert!(opened > 10, "{opened} opens");
}

#[test]
fn a_store_that_is_written_and_pruned_meanwhile_reads_as_whole_every_time() {
    let scratch = Scratch::new();
    let dir = scratch.path("store");
    let store = SessionsStore::builder(&dir)
        .segment_bytes(4_000)
        .snapshot_every_transactions(60)
        .open()
        .wait()
        .unwrap();
    let done = AtomicBool::new(false);
    std::thread::scope(|scope| {
        // Where this thread fails, the others end, too.
        let _end = End(&done);
        scope.spawn(|| {
            let mut number = 0;
            while !done.load(Ordering::Relaxed) {
                let commits: Vec<_> = (0..7)
                    .map(|_| {
                        number += 1;
                        store.create_session(format!("t{}", number % 50), number)
                    })
                    .collect();
                for commit in commits {
                    commit.wait().unwrap();
                }
            }
        });
        let until = Instant::now() + Duration::from_secs(4);
        let mut rounds = 0;
        while Instant::now() < until {
            let before: u64 = store.stats().durable_seq.into();
            for words in COMMANDS {
                let told = run(words[0], &dir, words[1..].iter().copied()).expect(0);
                if words[0] != "dump" {
                    continue;
                }
                let seqs: Vec<u64> =
                    told.json_lines().iter().map(|line| line["seq"].as_u64().unwrap()).collect();
                assert!(seqs.windows(2).all(|pair| pair[0] + 1 == pair[1]), "there is a gap");
                assert!(seqs.last().copied().unwrap_or(0) >= before);
            }
            rounds += 1;
        }
        done.store(true, Ordering::Relaxed);
        assert!(rounds > 1);
    });
    store.close().wait().unwrap();
    run("verify", &dir, []).expect(0);
}

#[test]
fn watch_shows_what_is_committed_across_segments_panics_and_restarts() {
    let scratch = Scratch::new();
    let dir = scratch.path("store");
    let store = SessionsStore::builder(&dir).segment_bytes(500).open().wait().unwrap();
    create(&store, 1..=2);
    let mut child = command()
        .args(["watch", "--json", "--interval", "10", "--from", "2", "--count", "12"])
        .arg(&dir)
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let mut next = || -> Value { serde_json::from_str(&lines.next().unwrap().unwrap()).unwrap() };
    assert_eq!(next()["seq"], 2);
    create(&store, 3..=8);
    assert!(store.explode("boom".to_owned()).wait().is_err());
    store.close().wait().unwrap();
    let store = SessionsStore::builder(&dir).segment_bytes(500).open().wait().unwrap();
    create(&store, 10..=13);
    let mut seqs = Vec::new();
    let mut voids = Vec::new();
    while seqs.len() < 11 {
        let line = next();
        let seq = line["seq"].as_u64().unwrap();
        if line["void"] == true { voids.push(seq) } else { seqs.push(seq) }
    }
    assert_eq!(seqs, (3..=13).collect::<Vec<u64>>());
    assert_eq!(voids, [9]);
    assert!(child.wait().unwrap().success());
    store.close().wait().unwrap();
}

#[test]
fn of_files_that_went_before_they_were_read_the_oldest_that_is_there_is_told() {
    let scratch = Scratch::new();
    let dir = scratch.path("store");
    closed(&dir, 600);
    let files = StoreFiles::at(&dir).unwrap();
    let oldest = files.status().unwrap().segments[2].header.as_ref().unwrap().first_seq;
    let mut shown = Vec::new();
    let told = files.follow(Some(1.into())).unwrap().poll(|news| {
        if let Followed::Transaction(tx) = news {
            shown.push(tx.seq());
        }
        // Two files are pruned while the first one is read.
        for segment in segments(&dir).iter().filter(|_| shown.len() == 1).take(2) {
            std::fs::remove_file(segment).unwrap();
        }
        Ok::<(), Error>(())
    });
    assert!(shown.last().is_some_and(|last| last.get() + 1 < oldest.get()), "{shown:?}");
    assert!(matches!(told, Err(Error::Pruned { oldest: told, .. }) if told == oldest), "{told:?}");
}
