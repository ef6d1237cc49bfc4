//! Snapshots that are taken while the journal goes on, and what an open makes of damaged ones.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use prevalent::testing::{Loss, SimDisk};
use prevalent::{Durability, Seq, SnapshotMethod, Store};
use prevalent_tests::disk::{Call, Watched, journal_bytes};
use prevalent_tests::hooked::{Act, Gate, Hooked, Step};
use prevalent_tests::models::TallyStore;
use prevalent_tests::oracle::files;
use prevalent_tests::record::Setup;
use prevalent_tests::waiting::until;

/// A snapshot thread that is slow, while the journal gets new segments.
#[test]
fn a_snapshot_that_segments_overtake_while_it_is_written_opens_again() {
    for mode in [Durability::Always, Durability::Manual] {
        let sim = SimDisk::new();
        let gate = Gate::new();
        let held = gate.clone();
        let disk = Hooked::new(&sim, move |step: &Step<'_>| {
            if step.is_snapshot() {
                held.pass();
            }
            Act::Do
        });
        let setup = Setup { segment_bytes: 1, ..Setup::new(mode) };
        let store = setup.builder(disk).open().wait().expect("a store");
        for round in 0..4 {
            store.add(format!("before {round}")).wait().expect("a line");
            gate.close();
            let snapshot = store.snapshot();
            assert!(gate.wait_for_somebody());
            for line in 0..3 {
                store.add(format!("meanwhile {round}.{line}")).wait().expect("a line");
            }
            gate.open();
            snapshot.wait().expect("a snapshot");
        }
        store.flush().wait().expect("a flush");
        let lines = store.read(Clone::clone);
        for image in sim.images_at(sim.operations().len(), Loss::KeepOrDrop) {
            let store = setup.builder(image).open().wait().expect("what was durable opens");
            assert_eq!(store.read(Clone::clone), lines);
        }
        Store::close(&store).wait().expect("a close");
    }
}

/// The newest snapshot is damaged; the store goes back to the one before it, replays the journal, and makes the same snapshot
/// again.
#[test]
fn a_snapshot_that_replaces_a_damaged_one_is_not_pruned_as_damaged() {
    let sim = SimDisk::new();
    let setup = Setup::new(Durability::Always);
    let store = setup.builder(sim.clone()).open().wait().expect("a store");
    store.add("line".to_owned()).wait().expect("a line");
    Store::close(&store).wait().expect("a close");
    drop(store);

    let name = "00000000000000000001.snapshot";
    let mut content = sim.file(name).expect("the snapshot of the close");
    *content.last_mut().expect("a byte") ^= 1;
    sim.set_file(name, content.clone());

    let store = setup.builder(sim.clone()).open().wait().expect("the one before it will do");
    assert_eq!(store.recovery().damaged.len(), 1, "{:?}", store.recovery());
    let info = store.snapshot().wait().expect("a snapshot");
    assert_eq!(u64::from(info.seq), 1);
    let again = sim.file(name).expect("it was made again");
    assert_ne!(again, content);
    Store::close(&store).wait().expect("a close");
    assert!(sim.file(name).is_some(), "it was kept: {:?}", sim.file_names());
}

/// Whoever is killed between a rename and the sync of the directory leaves a name that is seen and not durable.
#[test]
fn what_an_open_shows_after_a_kill_at_any_step_survives_a_crash_of_the_machine() {
    let setup = Setup::new(Durability::Always);
    // What a crash of the process leaves: batches that are written and not synced.
    let first = SimDisk::new();
    let gate_open = Arc::new(AtomicBool::new(true));
    let killed = Arc::new(std::sync::Mutex::new(Vec::new()));
    let hook = |sim: &SimDisk| {
        let (sim, killed, gate_open) = (sim.clone(), killed.clone(), gate_open.clone());
        move |_: &Step<'_>| {
            if gate_open.load(Ordering::SeqCst) {
                killed.lock().expect("no panic").push(sim.after_kill());
            }
            Act::Do
        }
    };
    let disk = Hooked::new(&first, hook(&first));
    let store = setup.builder(disk).open().wait().expect("a store");
    for line in 0..3 {
        store.add(format!("line {line}")).wait().expect("a line");
    }
    store.snapshot().wait().expect("a snapshot");
    store.add("another".to_owned()).wait().expect("a line");
    Store::close(&store).wait().expect("a close");
    drop(store);

    let mut rounds = 0;
    let mut shown_states = 0;
    // Kill, open, and kill the open again at each of its steps.
    while rounds < 3 {
        let disks = std::mem::take(&mut *killed.lock().expect("no panic"));
        rounds += 1;
        for disk in disks {
            let hooked = Hooked::new(&disk, hook(&disk));
            gate_open.store(rounds < 3, Ordering::SeqCst);
            let store = setup.builder(hooked).open().wait().expect("a killed store opens");
            gate_open.store(false, Ordering::SeqCst);
            let shown = store.read(Clone::clone);
            let seen_at = disk.operations().len();
            for image in disk.images_at(seen_at, Loss::KeepOrDrop) {
                shown_states += 1;
                let described = format!("{image:?}");
                let operations = disk.operations();
                let again = setup.builder(image).open().wait().expect("it opens after a crash");
                assert!(
                    again.read(|ledger| *ledger == shown),
                    "{shown:?} was shown and lost; {described}; {operations:?}"
                );
            }
            disk.disconnect();
        }
    }
    println!("{shown_states} images");
    assert!(!files(&first).is_empty());
}

/// A snapshot is built from the newest one that can be read. One that could not was counted among those that are kept, so that
/// the one to fall back on went instead.
#[test]
fn a_snapshot_that_is_found_to_be_damaged_is_not_one_to_fall_back_on() {
    let sim = SimDisk::new();
    let setup = Setup { snapshot_on_close: false, ..Setup::new(Durability::Always) };
    let store = setup.builder(sim.clone()).open().wait().expect("a store");
    let snapshot = |line: &str| {
        store.add(line.to_owned()).wait().expect("a line");
        let info = store.snapshot().wait().expect("a snapshot");
        info.file.file_name().and_then(|name| name.to_str()).expect("a name").to_owned()
    };
    let damage = |name: &str| {
        let mut content = sim.file(name).expect("a snapshot");
        *content.last_mut().expect("a byte") ^= 1;
        sim.set_file(name, content);
    };
    let first = snapshot("one");
    let second = snapshot("two");
    damage(&second);
    let third = snapshot("three");
    assert!(sim.file(&first).is_some() && sim.file(&second).is_none());
    let lines = store.read(Clone::clone);
    drop(store);

    damage(&third);
    let store = setup.builder(sim).open().wait().expect("the first one will do");
    assert_eq!(u64::from(store.recovery().snapshot_seq), 1);
    assert_eq!(store.read(Clone::clone), lines);
}

/// Where the directory's sync fails behind a snapshot's rename, the file is there, and nobody knew of it: it stayed until the
/// next open.
#[test]
fn a_snapshot_whose_name_is_perhaps_not_durable_is_removed_with_the_next_pruning() {
    let sim = SimDisk::new();
    let fails = Arc::new(AtomicBool::new(false));
    let renamed = Arc::new(AtomicBool::new(false));
    let (failing, seen) = (fails.clone(), renamed.clone());
    let disk = Hooked::new(&sim, move |step: &Step<'_>| match step {
        Step::Rename(..) if step.is_snapshot() && failing.load(Ordering::SeqCst) => {
            seen.store(true, Ordering::SeqCst);
            Act::Do
        }
        Step::SyncDir if seen.swap(false, Ordering::SeqCst) => Act::Fail,
        _ => Act::Do,
    });
    let setup = Setup { segment_bytes: 1, ..Setup::new(Durability::Always) };
    let store = setup.builder(disk).open().wait().expect("a store");
    fails.store(true, Ordering::SeqCst);
    for line in 0..5 {
        store.add(format!("line {line}")).wait().expect("a line");
        store.snapshot().wait().expect_err("its directory can't be synced");
    }
    fails.store(false, Ordering::SeqCst);
    for line in 5..8 {
        store.add(format!("line {line}")).wait().expect("a line");
        store.snapshot().wait().expect("a snapshot");
    }
    let snapshots = sim.file_names().iter().filter(|name| name.ends_with(".snapshot")).count();
    assert_eq!(snapshots, setup.keep_snapshots);
}

/// The journal has failed for good, and every snapshot with it: there was a new try, and an event, again and again.
#[test]
fn where_the_journal_has_failed_no_snapshot_is_tried_of_the_stores_own_accord() {
    let sim = SimDisk::new();
    let fails = Arc::new(AtomicBool::new(false));
    let failing = fails.clone();
    let disk = Hooked::new(&sim, move |step: &Step<'_>| match step {
        Step::Sync(_) if step.is_journal() && failing.load(Ordering::SeqCst) => Act::Fail,
        _ => Act::Do,
    });
    let builder = Setup::new(Durability::Manual).builder(disk);
    let store = builder.snapshot_every(Duration::from_millis(1)).open().wait().expect("a store");
    store.add("one".to_owned()).wait().expect("a line");
    until("it is written", || store.stats().pending_bytes == 0);
    fails.store(true, Ordering::SeqCst);
    // It is applied, unless a snapshot has met the failure by now.
    let _ = store.add("two".to_owned()).wait();
    store.flush().wait().expect_err("it is not durable");
    until("a snapshot fails", || store.stats().failed_snapshots > 0);
    let tried = store.stats().failed_snapshots;
    std::thread::sleep(Duration::from_millis(100));
    // One may have been under way.
    assert!(store.stats().failed_snapshots <= tried + 1, "{:?}", store.stats());
}

/// Until the directory is synced, what was removed may be there again after a crash, and what was removed later not.
#[test]
fn segments_go_when_the_removal_of_the_snapshots_before_them_is_durable() {
    let disk = Watched::new();
    let builder = TallyStore::builder("").keep_snapshots(1).segment_bytes(1);
    let store = builder.on_disk(disk.clone()).open().wait().expect("a store");
    for number in 0..4 {
        store.add(number).wait().expect("a number");
        store.snapshot().wait().expect("a snapshot");
    }
    let steps: Vec<&str> = disk
        .calls()
        .iter()
        .filter_map(|(call, file)| match call {
            Call::Remove if file.ends_with(".snapshot") => Some("snapshot"),
            Call::Remove if file.ends_with(".journal") => Some("segment"),
            Call::SyncDir => Some("sync"),
            _ => None,
        })
        .collect();
    assert!(steps.contains(&"segment"), "{steps:?}");
    assert!(!steps.windows(2).any(|pair| pair == ["snapshot", "segment"]), "{steps:?}");
    assert_eq!(steps.last(), Some(&"sync"), "{steps:?}");
    // Only what an earlier try may have left is removed by its temporary name.
    assert_eq!(disk.count(Call::Remove, ".tmp"), disk.count(Call::Create, ".tmp"));
}

/// The journal is not durable yet, and its thread asks for no more requests.
#[test]
fn a_snapshot_that_is_taken_while_the_store_closes_names_the_journals_end() {
    let sim = SimDisk::new();
    let (writing, syncing) = (Gate::new(), Gate::new());
    let (held_writing, held_syncing) = (writing.clone(), syncing.clone());
    let disk = Hooked::new(&sim, move |step: &Step<'_>| {
        match step {
            Step::Write(_) if step.is_snapshot() => held_writing.pass(),
            Step::Sync(_) if step.is_journal() => held_syncing.pass(),
            _ => {}
        }
        Act::Do
    });
    let builder = TallyStore::builder("").durability(Durability::Manual).on_disk(disk);
    let store = builder.snapshot_method(SnapshotMethod::locked()).open().wait().expect("a store");
    store.add(1).wait().expect("a number");
    writing.close();
    let first = store.snapshot();
    assert!(writing.wait_for_somebody());
    store.add(2).wait().expect("a number");
    let second = store.snapshot();
    syncing.close();
    let close = store.close();
    assert!(syncing.wait_for_somebody());
    writing.open();
    first.wait().expect("a snapshot");
    // By then, the second one looks for its place.
    std::thread::sleep(Duration::from_millis(50));
    syncing.open();
    assert_eq!(u64::from(second.wait().expect("another one").seq), 2);
    close.wait().expect("a close");
    let header = sim.file("00000000000000000002.snapshot").expect("the snapshot");
    let named = u64::from_le_bytes(header[48..56].try_into().expect("eight bytes"));
    let segment = sim.file("00000000000000000001.journal").expect("the journal");
    assert_eq!(named, journal_bytes(&segment) as u64);
}

#[test]
fn a_snapshot_that_can_not_be_read_back_counts_for_nothing_and_goes() {
    let disk = Watched::new();
    let builder = TallyStore::builder("").keep_snapshots(1).on_disk(disk.clone());
    // It reads no other snapshot.
    let store = builder.snapshot_method(SnapshotMethod::locked()).open().wait().expect("a store");
    disk.break_at(Call::Read, ".snapshot");
    store.add(1).wait().expect("a number");
    store.snapshot().wait().expect_err("it can't be read");
    disk.heal();
    assert_eq!(disk.files(".snapshot"), ["00000000000000000000.snapshot"]);
    assert_eq!(store.stats().last_snapshot.map(|it| it.seq), Some(Seq::ZERO));
}

#[test]
fn an_open_that_can_not_make_the_names_durable_that_it_has_seen_fails() {
    let sim = SimDisk::new();
    let store = TallyStore::builder("").on_disk(sim.clone()).open().wait().expect("a store");
    store.add(1).wait().expect("a number");
    store.snapshot().wait().expect("a snapshot");
    // Nothing has to be carried over.
    let disk = Watched::over(sim.after_kill());
    disk.break_at(Call::SyncDir, "");
    let open = || TallyStore::builder("").on_disk(disk.clone()).open().wait();
    open().map(drop).expect_err("what is seen may not last");
    disk.heal();
    assert_eq!(open().expect("the store").sum(), 1);
}

#[test]
fn an_open_that_has_made_a_segment_does_not_make_the_names_durable_once_more() {
    let sim = SimDisk::new();
    let store = TallyStore::builder("").on_disk(sim.clone()).open().wait().expect("a store");
    store.add(1).wait().expect("a number");
    let disk = Watched::over(sim.after_kill());
    let store = TallyStore::builder("").on_disk(disk.clone()).open().wait().expect("the store");
    assert_eq!((disk.count(Call::Create, ".journal"), disk.count(Call::SyncDir, "")), (1, 1));
    drop(store);
}
