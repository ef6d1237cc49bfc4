//! Long lives: a store goes from crash to crash, with snapshots of its own accord while it commits.
//!
//! `PREVALENT_CRASH_LIVES` is how many lives there are, `PREVALENT_CRASH_SEED` the seed of the first. What the store's threads
//! do at the same time is left to the machine, so that a seed need not fail each time.

use std::time::Duration;

use prevalent::Durability;
use prevalent::testing::{Loss, SimDisk};
use prevalent_tests::oracle::{Oracle, knob};
use prevalent_tests::record::{Record, Setup};

/// `SplitMix64`.
struct Random(u64);

impl Random {
    fn below(&mut self, limit: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        (z ^ (z >> 31)) % limit
    }
}

fn setup(random: &mut Random) -> Setup {
    let durability = match random.below(4) {
        0 | 1 => Durability::Always,
        2 => Durability::Every(Duration::from_millis(random.below(3))),
        _ => Durability::Manual,
    };
    Setup {
        segment_bytes: [1, 600, 3000, 1 << 20][usize::try_from(random.below(4)).expect("small")],
        snapshot_every_bytes: [300, 2000, u64::MAX]
            [usize::try_from(random.below(3)).expect("small")],
        snapshot_on_close: random.below(2) == 0,
        durability,
    }
}

/// One life. Gives how many images were judged.
fn live(seed: u64) -> usize {
    let mut random = Random(seed);
    let mut record = Record::new(SimDisk::new(), setup(&mut random));
    let mut images = 0;
    for _ in 0..8 {
        record.setup = setup(&mut random);
        let store = record.open().unwrap_or_else(|error| panic!("seed {seed}: {error}"));
        let mut closed = false;
        for _ in 0..random.below(12) {
            match random.below(12) {
                0..=4 => record.add(&store),
                5..=7 => {
                    let count = usize::try_from(random.below(6)).expect("small");
                    record.add_batch(&store, count);
                }
                8 => record.flush(&store),
                9 => record.snapshot(&store),
                10 => record.explode(&store),
                _ => record.explode_in_a_batch(&store),
            }
        }
        record.look(&store);
        if random.below(3) == 0 {
            record.close(&store);
            closed = true;
        }
        assert!(record.errors.is_empty(), "seed {seed}: {:?}", record.errors);
        let loss = if random.below(2) == 0 { Loss::KeepOrDrop } else { Loss::KeepDropOrGarbage };
        // Its threads may still be at work.
        let end = record.now();
        let mut oracle = Oracle::new(&record, loss, 11);
        for _ in 0..12 {
            let point = usize::try_from(random.below(end as u64 + 1)).expect("small");
            let image = record.sim.image_at(point, random.below(u64::MAX), loss);
            oracle.judge(&image, point).unwrap_or_else(|what| panic!("seed {seed}: {what}"));
        }
        images += oracle.images;
        record = match random.below(4) {
            0 => record.kill(Some(store)),
            1 if closed => record,
            _ => {
                let point = end - usize::try_from(random.below(4)).expect("small").min(end);
                let image = record.sim.image_at(point, random.below(u64::MAX), loss);
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
