//! The oracle sees what it should see: engines that are broken on purpose fail it.

use prevalent::Durability;
use prevalent::testing::{Loss, SimDisk};
use prevalent_tests::hooked::Step;
use prevalent_tests::oracle::Oracle;
use prevalent_tests::record::{Record, Setup};

/// Runs a history on a disk that leaves some steps out, and gives what the oracle says.
fn history_with(
    durability: Durability,
    left_out: impl Fn(&Step<'_>) -> bool + Send + Sync + 'static,
) -> Result<(), String> {
    let setup = Setup { segment_bytes: 900, ..Setup::new(durability) };
    let mut record = Record::new(SimDisk::new(), setup);
    record.leave_out(left_out);
    let store = record.open().expect("a store");
    record.add(&store);
    // One by one: on a busy machine a batch may be written in parts, and its first part be heard of only after a later sync.
    for _ in 0..3 {
        record.add(&store);
    }
    record.snapshot(&store);
    for _ in 0..3 {
        record.add(&store);
        record.flush(&store);
    }
    record.explode(&store);
    record.snapshot(&store);
    record.add(&store);
    record.snapshot(&store);
    record.close(&store);
    Oracle::new(&record, Loss::KeepOrDrop, 1000).quick().judge_all()
}

#[test]
fn a_disk_that_does_everything_passes() {
    for mode in [Durability::Always, Durability::Manual] {
        history_with(mode, |_| false).expect("nothing was left out");
    }
}

#[test]
fn a_journal_that_is_not_synced_fails() {
    for mode in [Durability::Always, Durability::Manual] {
        let told =
            history_with(mode, |step| matches!(step, Step::Sync(name) if name.contains("journal")));
        assert!(told.is_err(), "{mode:?}");
    }
}

#[test]
fn a_directory_that_is_not_synced_fails() {
    for mode in [Durability::Always, Durability::Manual] {
        assert!(history_with(mode, |step| matches!(step, Step::SyncDir)).is_err(), "{mode:?}");
    }
}

#[test]
fn a_snapshot_that_is_not_synced_fails() {
    for mode in [Durability::Always, Durability::Manual] {
        let told = history_with(
            mode,
            |step| matches!(step, Step::Sync(name) if name.contains("snapshot")),
        );
        assert!(told.is_err(), "{mode:?}");
    }
}

#[test]
fn a_single_sync_of_a_file_that_is_left_out_fails() {
    // As above, but for the n-th sync alone.
    let count = std::sync::Arc::new(std::sync::atomic::AtomicUsize::new(0));
    let is_sync = |step: &Step<'_>| matches!(step, Step::Sync(_) | Step::SyncDir);
    let counted = count.clone();
    history_with(Durability::Always, move |step| {
        if is_sync(step) {
            counted.fetch_add(1, std::sync::atomic::Ordering::SeqCst);
        }
        false
    })
    .expect("nothing was left out");
    let syncs = count.load(std::sync::atomic::Ordering::SeqCst);
    let mut unnoticed = Vec::new();
    for left_out in 0..syncs {
        let name = std::sync::Arc::new(std::sync::Mutex::new(String::new()));
        let (told_name, seen) = (name.clone(), std::sync::atomic::AtomicUsize::new(0));
        let told = history_with(Durability::Always, move |step| {
            let leave =
                is_sync(step) && seen.fetch_add(1, std::sync::atomic::Ordering::SeqCst) == left_out;
            if leave {
                *told_name.lock().expect("no panic") = format!("{step:?}");
            }
            leave
        });
        if told.is_ok() {
            unnoticed.push((left_out, name.lock().expect("no panic").clone()));
        }
    }
    println!("{syncs} syncs, unnoticed: {unnoticed:?}");
    // The simulated disk keeps the changes of a directory in order, so that many a sync of it is there for others; and the
    // sync of a transaction that panics is followed by that of its void before anybody is told.
    let files = unnoticed.iter().filter(|(_, step)| !step.starts_with("SyncDir")).count();
    assert!(files <= 1, "{unnoticed:?}");
    assert!(unnoticed.len() < syncs / 2, "{unnoticed:?}");
}
