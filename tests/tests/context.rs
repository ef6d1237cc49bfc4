//! `TxContext`: the same in every replay.

use std::collections::HashSet;
use std::time::{Duration, SystemTime};

use prevalent::testing::SimDisk;
use prevalent_tests::disk::seal_header;
use prevalent_tests::models::{Diary, DiaryStore};

fn open(disk: &SimDisk) -> DiaryStore {
    DiaryStore::builder("").no_snapshot_on_close().on_disk(disk.clone()).open().wait().unwrap()
}

#[test]
fn a_replay_sees_the_same_time_sequence_number_and_random_numbers() {
    let disk = SimDisk::new();
    let store = open(&disk);
    for count in [1, 8, 100] {
        store.write(count).wait().unwrap();
        store.write_one(2).wait().unwrap();
    }
    let live = store.read(Diary::clone);
    store.close().wait().unwrap();
    let store = open(&disk);
    assert_eq!(store.read(Diary::clone), live, "after a clean end");
    store.write(3).wait().unwrap();
    let live = store.read(Diary::clone);
    let disk = disk.after_kill();
    let store = open(&disk);
    assert_eq!(store.read(Diary::clone), live, "after a kill, though the end was copied");
    let disk = disk.after_kill();
    assert_eq!(open(&disk).read(Diary::clone), live, "and once more");
}

#[test]
fn a_rebuild_sees_the_same_too() {
    #[prevalent::prevalent]
    #[derive(Debug, Default)]
    struct Dice {
        thrown: Vec<u64>,
    }
    #[prevalent::prevalent(vis = pub(self))]
    impl Dice {
        #[tx]
        fn throw(&mut self, cx: &prevalent::TxContext) -> u64 {
            let number = cx.rng().below(6) + 1;
            self.thrown.push(number);
            number
        }
        #[tx]
        fn drop_them(&mut self) {
            self.thrown.clear();
            panic!("under the table");
        }
    }
    let store = DiceStore::in_memory();
    let thrown: Vec<_> = (0..50).map(|_| store.throw().wait().unwrap()).collect();
    store.drop_them().wait().unwrap_err();
    assert_eq!(store.read(|dice| dice.thrown.clone()), thrown);
}

#[test]
fn the_sequence_number_is_that_of_the_handle() {
    let store = DiaryStore::in_memory();
    for _ in 0..3 {
        let commit = store.write(1);
        let seq = commit.seq().unwrap();
        assert_eq!(commit.wait().unwrap().seq, u64::from(seq));
    }
}

#[test]
fn time_never_goes_back_not_even_from_open_to_open() {
    let disk = SimDisk::new();
    for _ in 0..3 {
        let store = open(&disk);
        let commits: Vec<_> = (0..100).map(|_| store.write(1)).collect();
        for commit in commits {
            commit.wait().unwrap();
        }
        let entries = store.read(|diary| diary.entries.clone());
        assert!(entries.is_sorted_by_key(|told| told.now));
        assert!(entries.is_sorted_by_key(|told| told.seq));
    }
}

#[test]
fn time_stands_still_rather_than_go_back_when_the_system_s_clock_was_set_back() {
    let disk = SimDisk::new();
    open(&disk).close().wait().unwrap();
    // As if the last transaction had come when the clock was a day ahead.
    let tomorrow = SystemTime::now() + Duration::from_hours(24);
    let since_epoch = tomorrow.duration_since(SystemTime::UNIX_EPOCH).unwrap();
    let tomorrow_us = u64::try_from(since_epoch.as_micros()).unwrap();
    let name = "00000000000000000000.snapshot";
    let mut bytes = disk.file(name).unwrap();
    bytes[64..72].copy_from_slice(&tomorrow_us.to_le_bytes());
    seal_header(&mut bytes);
    disk.set_file(name, bytes);
    for _ in 0..2 {
        let store = open(&disk);
        for _ in 0..3 {
            let now = store.write(1).wait().unwrap().now;
            assert_eq!(now, SystemTime::UNIX_EPOCH + Duration::from_micros(tomorrow_us));
        }
    }
}

#[test]
fn every_transaction_draws_other_numbers_and_a_second_store_others_again() {
    let mut seen = HashSet::new();
    for _ in 0..2 {
        let disk = SimDisk::new();
        for _ in 0..3 {
            let store = open(&disk);
            for _ in 0..5 {
                for number in store.write(4).wait().unwrap().random {
                    assert!(seen.insert(number), "drawn twice");
                }
            }
        }
    }
}

#[test]
fn a_number_that_was_lost_in_a_crash_is_not_drawn_again_for_the_same_sequence_number() {
    let disk = SimDisk::new();
    let store = open(&disk);
    store.write(1).wait().unwrap();
    let before = *disk.crash_points().end();
    let lost = store.write(1).wait().unwrap();
    // The machine had died before the second one was written.
    let image = disk.image_at(before, 1, prevalent::testing::Loss::KeepOrDrop);
    let other = open(&image).write(1).wait().unwrap();
    assert_eq!(other.seq, lost.seq);
    assert_ne!(other.random, lost.random);
}
