//! Long lives: a store goes from crash to crash, with snapshots of its own accord while it commits, and with
//! disks that fail; with an archive, or without; backed up, and checked, here and there.
//!
//! `PREVALENT_CRASH_LIVES` is how many lives there are, `PREVALENT_CRASH_SEED` the seed of the first. What the store's threads
//! do at the same time is left to the machine, so that a seed need not fail each time.

use std::time::Duration;

use prevalent::testing::{Fault, Loss, SimDisk};
use prevalent::{Durability, Error, SnapshotMethod};
use prevalent_tests::copies::Copies;
use prevalent_tests::oracle::{Oracle, knob};
use prevalent_tests::random::Random;
use prevalent_tests::record::{Record, Setup};

const FAULTS: [Fault; 6] = [
    Fault::Eio,
    Fault::Enospc,
    Fault::Interrupted,
    Fault::EioAfterEffect,
    Fault::ZeroWrite,
    Fault::SyncLosesData,
];

fn setup(random: &mut Random) -> Setup {
    let durability = match random.below(4) {
        0 | 1 => Durability::Always,
        2 => Durability::Every(Duration::from_millis(random.next_u64() % 3)),
        _ => Durability::Manual,
    };
    let methods = [SnapshotMethod::rebuilt(), SnapshotMethod::locked(), SnapshotMethod::cloned()];
    Setup {
        snapshot_method: methods[random.below(3)],
        keep_snapshots: 1 + random.below(3),
        segment_bytes: [1, 600, 3000, 1 << 20][random.below(4)],
        fill_ahead_bytes: [0, 1, 700, 3000][random.below(4)],
        snapshot_every_bytes: [300, 2000, u64::MAX][random.below(3)],
        snapshot_on_close: random.below(2) == 0,
        durability,
    }
}

/// One life. Gives how many images were judged.
fn live(seed: u64) -> usize {
    let mut random = Random::new(seed);
    let mut record = Record::new(SimDisk::new(), setup(&mut random));
    if random.below(2) == 0 {
        record.archive = Some(SimDisk::new());
    }
    let mut copies = Copies::default();
    let mut images = 0;
    for _ in 0..8 {
        record.setup = setup(&mut random);
        record.forget_errors();
        let faulty = random.below(3) == 0;
        if faulty {
            let at = record.now() + random.below(60);
            let fault = FAULTS[random.below(FAULTS.len())];
            if random.below(2) == 0 {
                record.sim.fail_operation(at, fault);
            } else {
                record.sim.fail_from(at, fault);
            }
        }
        let store = match record.open() {
            Ok(store) => store,
            Err(error) => {
                assert!(faulty && matches!(error, Error::Io { .. }), "seed {seed}: {error}");
                record.sim.heal();
                record.open().unwrap_or_else(|error| panic!("seed {seed}: {error}"))
            }
        };
        if !faulty {
            copies.look_back(&mut record, &store, &mut random);
        }
        let mut closed = false;
        for _ in 0..random.below(14) {
            match random.below(15) {
                0..=4 => record.add(&store),
                5..=7 => {
                    let count = random.below(6);
                    record.add_batch(&store, count);
                }
                8 => record.flush(&store),
                9 => record.snapshot(&store),
                10 => record.explode(&store),
                11 => record.verify(&store),
                12 if !faulty => copies.back_up(&mut record, &store, &mut random),
                13 if !faulty => copies.look_back(&mut record, &store, &mut random),
                _ => record.explode_in_a_batch(&store),
            }
        }
        record.look(&store);
        if random.below(3) == 0 {
            record.close(&store);
            closed = true;
        }
        assert!(faulty || record.errors.is_empty(), "seed {seed}: {:?}", record.errors);
        record.sim.heal();
        let loss = if random.below(2) == 0 { Loss::KeepOrDrop } else { Loss::KeepDropOrGarbage };
        // Its threads may still be at work.
        let end = record.now();
        let mut oracle = Oracle::new(&record, loss, 11);
        for _ in 0..12 {
            let point = random.below(end + 1);
            let image = record.sim.image_at(point, random.next_u64(), loss);
            oracle.judge(&image, point).unwrap_or_else(|what| panic!("seed {seed}: {what}"));
        }
        images += oracle.images;
        if !record.errors.is_empty() {
            // It may come to another history than what it was told.
            copies.begin_again();
        }
        record.cut_archive_off(random.next_u64(), loss);
        record = match random.below(4) {
            0 => {
                copies.crashed(usize::MAX);
                record.kill(Some(store))
            }
            // After a failed sync the next open may not find what was not durable, and gives its numbers again. A record knows
            // one holder of a number: so it is a new history, on the same machine.
            1 if closed && !record.errors.is_empty() => {
                copies.crashed(usize::MAX);
                record.kill(Some(store))
            }
            1 if closed => {
                drop(store);
                record
            }
            _ => {
                // Behind what has become of the archive.
                let point = match record.archive {
                    Some(_) => record.now(),
                    None => end - random.below(4).min(end),
                };
                copies.crashed(point);
                let image = record.sim.image_at(point, random.next_u64(), loss);
                record.crash(Some(store), point, image, loss)
            }
        };
    }
    images
}

#[test]
fn a_store_goes_from_crash_to_crash_and_keeps_what_it_promised() {
    let lives = knob("PREVALENT_CRASH_LIVES", 20);
    let first = knob("PREVALENT_CRASH_SEED", 0);
    let images: usize = (first..first + lives).map(|seed| live(seed as u64)).sum();
    println!("{lives} lives, {images} images");
}
