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

/// Runs a target, on a thread with the stack of the engine's: what it has been given is told where it panics.
fn run(target: fn(&[u8]), len_max: u64, usual_runs: usize) {
    let runs = knob("PREVALENT_FUZZ_RUNS", usual_runs);
    let thread = std::thread::Builder::new().stack_size(8 << 20);
    let running = thread.spawn(move || {
        let mut random = Random::new(0x5eed);
        for _ in 0..runs {
            let bytes = bytes(&mut random, len_max);
            let result = std::panic::catch_unwind(|| target(&bytes));
            assert!(result.is_ok(), "it has panicked with {bytes:?}");
        }
    });
    running.unwrap().join().unwrap();
}

#[test]
fn headers_of_any_bytes_are_read_or_refused() {
    run(prevalent::__fuzz::headers, 400, 20_000);
}

#[test]
fn records_of_any_bytes_are_read_or_refused() {
    run(prevalent::__fuzz::records, 300, 20_000);
}

#[test]
fn any_bytes_behind_a_segment_are_judged() {
    run(prevalent::__fuzz::tail, 3000, 1000);
}

#[test]
fn snapshots_of_any_bytes_are_read_or_refused() {
    run(prevalent::__fuzz::snapshot, 300, 20_000);
}

#[test]
fn values_of_any_bytes_and_any_types_are_read_or_refused() {
    run(prevalent::__fuzz::value, 200, 20_000);
}

#[test]
fn directories_with_any_changes_open_or_are_refused() {
    run(directory::open, 60, 300);
}

#[test]
fn exports_with_any_changes_are_imported_or_refused() {
    run(directory::import, 200, 500);
    let edits = |bytes: &[u8]| directory::import(&[&[0xff], bytes].concat());
    run(edits, 60, 500);
}
