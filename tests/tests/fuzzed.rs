//! The fuzz targets of `fuzz/`, for a moment, and with the same bytes each time: so that they compile and hold wherever the
//! tests run. `PREVALENT_FUZZ_RUNS` makes it longer.

#[expect(unreachable_pub, reason = "it is a module of `fuzz/`, too")]
#[path = "../../fuzz/src/directory.rs"]
mod directory;

use prevalent_tests::oracle::knob;
use prevalent_tests::random::Random;

/// Bytes of any length; most of them small, as lengths and tags are.
fn bytes(random: &mut Random, len_max: u64) -> Vec<u8> {
    let len = random.next_u64() % (len_max + 1);
    let mask = [0xff, 0x1f, 0x03][usize::try_from(random.next_u64() % 3).unwrap()];
    (0..len).map(|_| random.next_u64().to_le_bytes()[3] & mask).collect()
}

/// One of the seeds, with some changes; each second one is as long as it was.
fn changed(random: &mut Random, seeds: &[Vec<u8>]) -> Vec<u8> {
    let mut below = |count: usize| usize::try_from(random.next_u64()).unwrap() % count.max(1);
    let mut bytes = seeds[below(seeds.len())].clone();
    for _ in 0..below(4) {
        let (at, with) = (below(bytes.len()), [0, 1, 0x7f, 0x80, 0xff, below(256)][below(6)]);
        match below(6) {
            0 => bytes.truncate(at),
            1 => drop(bytes.splice(at..at, vec![with.to_le_bytes()[0]; below(20)])),
            2 => drop(bytes.drain(at..(at + below(20)).min(bytes.len()))),
            _ => bytes[at..].iter_mut().take(1).for_each(|byte| *byte = with.to_le_bytes()[0]),
        }
    }
    bytes
}

/// Runs a target with its seeds, with changes to them, and with any bytes, on a thread with the stack of the engine's: what it
/// has been given is told where it panics.
fn run(name: &str, target: fn(&[u8]), len_max: u64, usual_runs: usize) {
    let runs = knob("PREVALENT_FUZZ_RUNS", usual_runs);
    let seeds = directory::seeds().into_iter().filter(|(of, _)| *of == name);
    let seeds: Vec<_> = seeds.map(|(_, bytes)| bytes).collect();
    assert!(!seeds.is_empty());
    let thread = std::thread::Builder::new().stack_size(8 << 20);
    let running = thread.spawn(move || {
        let mut random = Random::new(0x5eed);
        let made = (0..runs).map(|number| match number % 2 {
            0 => bytes(&mut random, len_max),
            _ => changed(&mut random, &seeds),
        });
        for bytes in seeds.iter().cloned().chain(made) {
            let result = std::panic::catch_unwind(|| target(&bytes));
            assert!(result.is_ok(), "it has panicked with {bytes:?}");
        }
    });
    running.unwrap().join().unwrap();
}

#[test]
fn headers_of_any_bytes_are_read_or_refused() {
    run("headers", prevalent::__fuzz::headers, 400, 20_000);
}

#[test]
fn records_of_any_bytes_are_read_or_refused() {
    run("records", prevalent::__fuzz::records, 300, 20_000);
}

#[test]
fn any_bytes_behind_a_segment_are_judged() {
    run("tail", prevalent::__fuzz::tail, 3000, 1000);
}

#[test]
fn snapshots_of_any_bytes_are_read_or_refused() {
    run("snapshot", prevalent::__fuzz::snapshot, 300, 20_000);
}

#[test]
fn values_of_any_bytes_and_any_types_are_read_or_refused() {
    run("value", prevalent::__fuzz::value, 200, 20_000);
}

#[test]
fn directories_with_any_changes_open_or_are_refused() {
    run("open", directory::open, 60, 200);
}

#[test]
fn backups_with_any_changes_are_restored_or_refused() {
    run("restore", directory::restore, 60, 300);
}

#[test]
fn exports_with_any_changes_are_imported_or_refused() {
    run("import", directory::import, 200, 500);
    let edits = |bytes: &[u8]| directory::import(&[&[0xff], bytes].concat());
    run("import", edits, 60, 500);
}
