//! Copies of a directory that are taken while the store runs: they open as an earlier state, or are refused; never mixed.
//!
//! `PREVALENT_CRASH_COPIES` is how many copies are taken file by file, each with a seed of its own (from
//! `PREVALENT_CRASH_SEED` on).

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use prevalent::testing::SimDisk;
use prevalent::{Durability, Error};
use prevalent_tests::hooked::Step;
use prevalent_tests::oracle::{files, knob, open};
use prevalent_tests::random::Random;
use prevalent_tests::record::{Record, Setup};

type Files = BTreeMap<String, Vec<u8>>;

/// A history, and what was in the directory before each operation and at the end.
fn history(durability: Durability, segment_bytes: u64) -> (Record, Vec<SimDisk>) {
    let sim = SimDisk::new();
    let setup = Setup { segment_bytes, ..Setup::new(durability) };
    let mut record = Record::new(sim.clone(), setup);
    let copies = Arc::new(Mutex::new(Vec::new()));
    let (taken, source) = (copies.clone(), sim.clone());
    record.leave_out(move |_: &Step<'_>| {
        taken.lock().expect("no panic").push(source.deep_clone());
        false
    });
    for session in 0..3 {
        let store = record.open().expect("a store");
        record.add(&store);
        record.add_batch(&store, 2);
        record.snapshot(&store);
        if session == 1 {
            record.explode(&store);
        }
        record.add(&store);
        record.add(&store);
        record.snapshot(&store);
        record.add(&store);
        record.close(&store);
    }
    let mut copies = std::mem::take(&mut *copies.lock().expect("no panic"));
    copies.push(sim.deep_clone());
    (record, copies)
}

const MODES: [Durability; 3] =
    [Durability::Always, Durability::Every(Duration::from_millis(1)), Durability::Manual];

#[test]
fn a_copy_of_one_moment_opens_as_the_state_of_that_moment_or_an_earlier_one() {
    for mode in MODES {
        for segment_bytes in [1, 700, 1 << 20] {
            let (record, copies) = history(mode, segment_bytes);
            for copy in &copies {
                let described = format!("{mode:?}: {copy:?}");
                let (_, recovered) = open(copy, &record.setup)
                    .unwrap_or_else(|error| panic!("{described}: {error}"));
                assert!(!recovered.suspect, "{described}");
                record
                    .check(&recovered.ledger, recovered.seq)
                    .unwrap_or_else(|what| panic!("{described}: {what}"));
            }
        }
    }
}

/// What a tool copies that lists the directory, and then reads one file after the other while the store goes on.
fn copy_file_by_file(moments: &[Files], random: &mut Random) -> Files {
    let mut moment = random.below(moments.len());
    let mut names: Vec<&String> = moments[moment].keys().collect();
    // In whatever order.
    for end in (1..names.len()).rev() {
        names.swap(end, random.below(end + 1));
    }
    let hurry = 1 + random.below(20);
    let mut copy = Files::new();
    for name in names {
        moment = (moment + random.below(hurry)).min(moments.len() - 1);
        // A file that is gone by now is left out.
        if let Some(content) = moments[moment].get(name) {
            copy.insert(name.clone(), content.clone());
        }
    }
    copy
}

#[test]
fn a_copy_that_took_its_time_opens_as_an_earlier_state_or_is_refused() {
    let count = knob("PREVALENT_CRASH_COPIES", 400);
    let first_seed = knob("PREVALENT_CRASH_SEED", 0);
    for mode in MODES {
        for segment_bytes in [1, 700, 1 << 20] {
            let (record, moments) = history(mode, segment_bytes);
            let moments: Vec<Files> = moments.iter().map(files).collect();
            let (mut opened, mut refused, mut created) = (0, 0, 0);
            for seed in first_seed..first_seed + count {
                let described = format!("{mode:?}, segments of {segment_bytes}, seed {seed}");
                let mut random = Random::new(seed as u64);
                let copy = copy_file_by_file(&moments, &mut random);
                let disk = SimDisk::new();
                for (name, content) in &copy {
                    disk.set_file(name, content.clone());
                }
                match open(&disk, &record.setup) {
                    Ok((store, recovered)) => {
                        opened += 1;
                        created += usize::from(store.recovery().created);
                        record.check(&recovered.ledger, recovered.seq).unwrap_or_else(|what| {
                            panic!("{described}: {what}; {:?}", copy.keys())
                        });
                    }
                    Err(Error::Corrupt { .. }) => {
                        refused += 1;
                        assert!(files(&disk) == copy, "{described}");
                    }
                    Err(error) => panic!("{described}: {error}"),
                }
            }
            println!(
                "{mode:?}, {segment_bytes}: {opened} opened ({created} of them empty), {refused} refused"
            );
            assert!(opened > 0 && refused > 0);
        }
    }
}
