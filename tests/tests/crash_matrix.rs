//! Short histories, crashed at every point in every way, and crashed again while they are recovered.
//!
//! `PREVALENT_CRASH_NESTED=1` crashes the recovery of every image, not only of every so many.

use std::time::Duration;

use prevalent::Durability;
use prevalent::testing::{Loss, SimDisk};
use prevalent_tests::oracle::{Oracle, knob};
use prevalent_tests::record::{Record, Setup};

const MODES: [Durability; 3] =
    [Durability::Always, Durability::Every(Duration::from_hours(1)), Durability::Manual];

fn judge(record: &Record, loss: Loss, nested_every: usize) {
    let mut oracle = Oracle::new(record, loss, knob("PREVALENT_CRASH_NESTED", nested_every));
    let began = std::time::Instant::now();
    if let Err(what) = oracle.judge_all() {
        panic!("{:?}: {what}", record.setup);
    }
    println!(
        "{:?}, {loss:?}: {} operations, {} images ({} different), {} crashes of a recovery, {:?}",
        record.setup.durability,
        record.now(),
        oracle.images,
        oracle.different,
        oracle.nested,
        began.elapsed()
    );
    assert!(record.errors.is_empty(), "{:?}", record.errors);
}

/// Commits alone and in batches, over several segments.
fn commits(durability: Durability, segment_bytes: u64) -> Record {
    commits_into(Setup { segment_bytes, ..Setup::new(durability) })
}

fn commits_into(setup: Setup) -> Record {
    let mut record = Record::new(SimDisk::new(), setup);
    let store = record.open().expect("a store");
    record.add(&store);
    record.add_batch(&store, 3);
    record.flush(&store);
    record.add(&store);
    record.add_batch(&store, 4);
    record.add(&store);
    record.look(&store);
    record
}

/// Sessions that end by a close, with snapshots and pruning.
fn sessions(durability: Durability) -> Record {
    let mut record = Record::new(SimDisk::new(), Setup::new(durability));
    for _ in 0..3 {
        let store = record.open().expect("a store");
        record.add(&store);
        record.add(&store);
        record.snapshot(&store);
        record.add(&store);
        record.close(&store);
    }
    record
}

/// Panics, alone and in the middle of batches.
fn explosions(durability: Durability) -> Record {
    let mut record = Record::new(SimDisk::new(), Setup::new(durability));
    let store = record.open().expect("a store");
    record.add(&store);
    record.explode(&store);
    record.add(&store);
    record.explode_in_a_batch(&store);
    record.snapshot(&store);
    record.add(&store);
    record
}

#[test]
fn what_a_killed_process_left_survives_every_crash_of_the_machine() {
    for mode in [Durability::Always, Durability::Manual] {
        let mut record = Record::new(SimDisk::new(), Setup::new(mode));
        for round in 0..4 {
            let store = record.open().expect("a store");
            if round < 3 {
                record.add_batch(&store, 1);
            }
            if round == 1 {
                record.snapshot(&store);
                record.add(&store);
            }
            judge(&record, Loss::KeepOrDrop, 7);
            record = record.kill(Some(store));
        }
    }
}

#[test]
fn commits_alone_and_in_batches_survive_every_crash() {
    for mode in MODES {
        for segment_bytes in [1, 900, 1 << 20] {
            judge(&commits(mode, segment_bytes), Loss::KeepOrDrop, 5);
        }
    }
}

#[test]
fn without_a_journal_that_is_filled_ahead_commits_survive_every_crash_too() {
    for mode in MODES {
        for segment_bytes in [900, 1 << 20] {
            let setup = Setup { segment_bytes, fill_ahead_bytes: 0, ..Setup::new(mode) };
            judge(&commits_into(setup), Loss::KeepOrDrop, 5);
        }
    }
}

#[test]
fn snapshots_pruning_and_closed_sessions_survive_every_crash() {
    for mode in MODES {
        judge(&sessions(mode), Loss::KeepOrDrop, 3);
    }
}

#[test]
fn transactions_that_panic_survive_every_crash() {
    for mode in MODES {
        judge(&explosions(mode), Loss::KeepOrDrop, 5);
    }
}

#[test]
fn garbage_in_what_was_not_synced_never_harms_what_was() {
    for mode in MODES {
        judge(&commits(mode, 900), Loss::KeepDropOrGarbage, 9);
        judge(&explosions(mode), Loss::KeepDropOrGarbage, 9);
    }
}
