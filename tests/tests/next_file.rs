//! The file of the next segment is made while the one before it is written: what becomes of it when the segment begins, when it
//! can't be made, and when the store ends before.

use std::sync::Mutex;
use std::thread::sleep;
use std::time::{Duration, Instant};

use prevalent::testing::{Loss, OperationKind, SimDisk};
use prevalent::{Builder, Store};
use prevalent_tests::hooked::{Act, Gate, Hooked, Step};
use prevalent_tests::models::TallyStore;

const SEGMENT: &str = "00000000000000000002.journal";
const BEING_MADE: &str = "00000000000000000002.journal.tmp";

fn builder(disk: impl prevalent::testing::Disk) -> Builder<TallyStore> {
    TallyStore::builder("")
        .on_disk(disk)
        .segment_bytes(4 << 10)
        .fill_ahead_bytes(1000)
        .no_snapshot_on_close()
}

/// Adds the next numbers until the journal has so many segments, or so many transactions were added.
fn add_until(store: &TallyStore, segments: usize, most: u64) {
    for _ in 0..most {
        if store.stats().segments >= segments {
            return;
        }
        let number = u64::from(store.stats().seq);
        store.add(number).wait().unwrap();
    }
}

/// Where the newest segment is more than half full, the file of the next one is being made: waits for it, however busy the machine.
fn wait_for_next_file(disk: &SimDisk, store: &TallyStore) {
    if store.stats().journal_bytes < 2300 {
        return;
    }
    let is_made = || {
        let operations = disk.operations();
        operations.iter().any(|it| it.file == BEING_MADE && it.kind == OperationKind::Sync)
    };
    let deadline = Instant::now() + Duration::from_mins(1);
    while !is_made() {
        assert!(Instant::now() < deadline, "no file is made ahead: {:?}", disk.operations());
        sleep(Duration::from_millis(1));
    }
}

fn numbers(store: &TallyStore) -> Vec<u64> {
    store.read(|tally| tally.numbers.clone())
}

#[test]
fn a_segment_begins_in_a_file_that_is_there_already() {
    let disk = SimDisk::new();
    let store = builder(disk.clone()).open().wait().unwrap();
    while store.stats().segments < 2 {
        add_until(&store, 2, 1);
        wait_for_next_file(&disk, &store);
    }

    let operations = disk.operations();
    let is_named =
        |kind: &OperationKind| matches!(kind, OperationKind::Rename { to, .. } if to == SEGMENT);
    let named = operations.iter().position(|operation| is_named(&operation.kind)).unwrap();
    let of_it: Vec<_> = operations[..named]
        .iter()
        .enumerate()
        .filter(|(_, operation)| operation.file == BEING_MADE)
        .map(|(number, _)| number)
        .collect();
    // Created, filled, synced; much later it gets its first bytes, and is synced again.
    let &[created, _, _, written, _] = of_it.as_slice() else { panic!("{operations:?}") };
    assert!(operations[created].kind == OperationKind::Create);
    let commits =
        operations[created..written].iter().filter(|operation| operation.file != BEING_MADE);
    assert!(commits.count() > 20, "{operations:?}");
    assert!(disk.file(SEGMENT).unwrap().len() >= 1000, "with zeros");
}

#[test]
fn a_segment_whose_file_is_still_being_made_waits_for_it() {
    let disk = SimDisk::new();
    let gate = Gate::new();
    let held = gate.clone();
    let hooked = Hooked::new(&disk, move |step| {
        if *step == Step::Sync(BEING_MADE) {
            held.pass();
        }
        Act::Do
    });
    let store = builder(hooked).open().wait().unwrap();
    gate.close();
    let adding = std::thread::spawn({
        let store = store.clone();
        move || add_until(&store, 2, 1000)
    });
    gate.wait_for_somebody();
    assert_eq!(store.stats().segments, 1);
    gate.open();
    adding.join().unwrap();
    assert_eq!(store.stats().failed_fills, 0);
    let added = numbers(&store);
    drop(store);
    assert_eq!(numbers(&builder(disk).open().wait().unwrap()), added);
}

#[test]
fn a_segment_whose_file_could_not_be_made_ahead_begins_all_the_same() {
    let fails: [fn(&Step<'_>) -> bool; 3] = [
        |step| *step == Step::Create(BEING_MADE),
        |step| *step == Step::Write(BEING_MADE),
        |step| *step == Step::Sync(BEING_MADE),
    ];
    for fails in fails {
        let disk = SimDisk::new();
        let once = Mutex::new(Some(()));
        let hooked = Hooked::new(&disk, move |step| {
            if fails(step) && once.lock().unwrap().take().is_some() { Act::Fail } else { Act::Do }
        });
        let store = builder(hooked).open().wait().unwrap();
        add_until(&store, 3, 1000);
        assert_eq!((store.stats().segments, store.stats().failed_fills), (3, 1));
        let added = numbers(&store);
        drop(store);
        assert_eq!(numbers(&builder(disk).open().wait().unwrap()), added);
    }
}

#[test]
fn a_close_leaves_no_file_behind_that_was_made_for_nothing() {
    let disk = SimDisk::new();
    let store = builder(disk.clone()).open().wait().unwrap();
    while !disk.operations().iter().any(|operation| operation.file == BEING_MADE) {
        store.add(1).wait().unwrap();
    }
    Store::close(&store).wait().unwrap();
    assert!(!disk.file_names().contains(&BEING_MADE.to_owned()), "{:?}", disk.file_names());
}

#[test]
fn whatever_a_crash_leaves_of_a_file_that_is_made_ahead_no_commit_is_lost() {
    let disk = SimDisk::new();
    let store = builder(disk.clone()).open().wait().unwrap();
    // How many operations there had been when a number was acknowledged.
    let mut acknowledged = vec![disk.operations().len()];
    while store.stats().segments < 3 {
        store.add(acknowledged.len() as u64).wait().unwrap();
        acknowledged.push(disk.operations().len());
        wait_for_next_file(&disk, &store);
    }
    let (mut images, mut with_a_half_made_file) = (0, 0);
    for point in disk.crash_points().filter(|point| *point >= acknowledged[0]) {
        let floor = acknowledged.iter().filter(|operations| **operations <= point).count() - 1;
        for seed in 0..6 {
            let image = disk.image_at(point, seed, Loss::KeepOrDrop);
            let told = format!("{image:?}");
            images += 1;
            with_a_half_made_file += usize::from(image.file(BEING_MADE).is_some());
            let store = builder(image.clone())
                .open()
                .wait()
                .unwrap_or_else(|error| panic!("{error}: {told}"));
            let found = numbers(&store);
            assert!(found.len() >= floor, "{} of {floor}: {told}", found.len());
            assert!(found.iter().copied().eq(1..=found.len() as u64), "{told}");
            store.add(0).wait().unwrap();
            drop(store);
            assert!(!image.file_names().iter().any(|name| name.contains(".tmp")), "{told}");
        }
    }
    assert!(images > 500 && with_a_half_made_file > 50, "{images}, {with_a_half_made_file}");
}

#[test]
fn where_nothing_is_done_ahead_no_file_is_made_ahead() {
    let disk = SimDisk::new();
    let store = builder(disk.clone()).fill_ahead_bytes(0).open().wait().unwrap();
    while store.stats().journal_bytes < 3000 {
        store.add(1).wait().unwrap();
    }
    assert_eq!(store.stats().segments, 1);
    drop(store);
    assert!(!disk.operations().iter().any(|operation| operation.file == BEING_MADE));
}
