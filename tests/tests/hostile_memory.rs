//! What a damaged directory costs in memory: never more than is documented, whatever its lengths say. One test, for the
//! allocator counts what the whole process takes.

use std::fs;
use std::path::{Path, PathBuf};

use peak_alloc::PeakAlloc;
use prevalent::{Error, fork};
use prevalent_tests::models::TallyStore;

#[global_allocator]
static ALLOCATED: PeakAlloc = PeakAlloc;

/// The files here take far less than half of this, so that it is the documented limit.
const LIMIT_BYTES: usize = 64 << 20;

/// Lengths and counts that no file could hold.
const HOSTILE: [u64; 2] = [u64::MAX, 0x7fff_ffff];

fn store(dir: &Path) {
    let builder = TallyStore::builder(dir).segment_bytes(2000).no_snapshot_on_close();
    let store = builder.open().wait().unwrap();
    for number in 0..60 {
        store.add_length(&"x".repeat(100)).wait().unwrap();
        if number == 20 || number == 40 {
            store.snapshot().wait().unwrap();
        }
    }
    store.close().wait().unwrap();
}

/// Opens a copy of the store whose file `name` is this, looks at its past, and tells what it took.
fn peak_with(original: &Path, copy: &Path, name: &str, content: &[u8]) -> usize {
    let _ = fs::remove_dir_all(copy);
    fs::create_dir(copy).unwrap();
    for file in files(original) {
        fs::copy(&file, copy.join(file.file_name().unwrap())).unwrap();
    }
    fs::write(copy.join(name), content).unwrap();
    let before = ALLOCATED.current_usage();
    ALLOCATED.reset_peak_usage();
    let forked = copy.join("forked");
    expect_no_panic(fork(copy).to(&forked).wait());
    expect_no_panic(TallyStore::builder(copy).open_at(prevalent::Seq::from(50)).wait());
    expect_no_panic(TallyStore::builder(copy).no_snapshot_on_close().open().wait());
    ALLOCATED.peak_usage().saturating_sub(before)
}

/// A panic on one of the engine's threads comes back as an error, too, and is no answer to a file.
fn expect_no_panic<T>(result: Result<T, Error>) {
    if let Err(error) = result {
        assert!(!matches!(error, Error::Failed { .. }), "{error}");
    }
}

fn files(dir: &Path) -> Vec<PathBuf> {
    let mut files: Vec<_> = fs::read_dir(dir).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.retain(|path| path.file_name().is_some_and(|name| name != "LOCK"));
    files.sort();
    files
}

fn varint(mut value: usize) -> Vec<u8> {
    let mut bytes = Vec::new();
    loop {
        let byte = u8::try_from(value & 0x7f).unwrap();
        value >>= 7;
        if value == 0 {
            bytes.push(byte);
            return bytes;
        }
        bytes.push(byte | 0x80);
    }
}

/// A record's tag, its length, and what it holds, so many times.
fn record(tag: u8, what: &[u8], times: usize) -> Vec<u8> {
    [&[tag], varint(what.len() * times).as_slice(), &what.repeat(times)].concat()
}

/// Records that take many times as much in memory as in a file, if somebody believes them. Each is one that can be read.
fn expanding_records() -> [(&'static str, Vec<u8>); 5] {
    // Kinds of types: 16 is unit, 20 a tuple, 21 a struct, 23 an enum. Behind it the length of the name, 0; and a count.
    let many = |kind: u8, part: &[u8]| {
        let count = 3_000_000;
        let ty = [&[kind, 0], varint(count).as_slice(), &part.repeat(count)].concat();
        record(5, &ty, 1)
    };
    [
        ("units", record(5, &[16], 8 << 20)),
        ("elements", many(20, &[0])),
        ("fields", many(21, &[0, 0])),
        ("variants", many(23, &[0, 0, 0])),
        // A name of no letters, revision, type and fingerprint.
        ("entries", record(2, &[0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0], 800_000)),
    ]
}

/// A store with one snapshot and one segment, and no clean mark.
fn small_store(dir: &Path) {
    let store = TallyStore::builder(dir).no_snapshot_on_close().open().wait().unwrap();
    store.add(1).wait().unwrap();
    store.close().wait().unwrap();
    fs::remove_file(dir.join("CLEAN")).unwrap();
}

fn with_records_in_snapshot(mut snapshot: Vec<u8>, records: &[u8]) -> Vec<u8> {
    let len = u32::from_le_bytes(snapshot[104..108].try_into().unwrap());
    let end = 128 + usize::try_from(len).unwrap();
    let len = len + u32::try_from(records.len()).unwrap();
    snapshot[104..108].copy_from_slice(&len.to_le_bytes());
    snapshot.splice(end..end, records.iter().copied());
    prevalent::__fuzz::seal(&mut snapshot);
    snapshot
}

/// At the end of the first batch.
fn with_records_in_segment(mut segment: Vec<u8>, records: &[u8]) -> Vec<u8> {
    let body = 128 + 80;
    let len = u32::from_le_bytes(segment[128 + 56..128 + 60].try_into().unwrap());
    let end = body + usize::try_from(len).unwrap();
    let len = len + u32::try_from(records.len()).unwrap();
    segment[128 + 56..128 + 60].copy_from_slice(&len.to_le_bytes());
    segment.splice(end..end, records.iter().copied());
    prevalent::__fuzz::seal(&mut segment);
    segment
}

/// Files of eight megabytes, with nothing wrong but what they hold.
fn worst_of_expanding_records(root: &Path, worst: &mut (usize, String)) {
    let (original, copy) = (root.join("small"), root.join("copy"));
    small_store(&original);
    let segment = "00000000000000000001.journal";
    let snapshot = "00000000000000000000.snapshot";
    for (what, records) in expanding_records() {
        let good = fs::read(original.join(snapshot)).unwrap();
        let content = with_records_in_snapshot(good, &records);
        let in_snapshot = peak_with(&original, &copy, snapshot, &content);
        let refused = TallyStore::builder(&copy).open().wait().unwrap_err();
        assert!(refused.to_string().contains("more than it may"), "{what}: {refused}");
        let good = fs::read(original.join(segment)).unwrap();
        let content = with_records_in_segment(good, &records);
        let in_segment = peak_with(&original, &copy, segment, &content);
        let refused = TallyStore::builder(&copy).open().wait().unwrap_err();
        assert!(refused.to_string().contains("more than it may"), "{what}: {refused}");
        for peak in [in_snapshot, in_segment] {
            println!("{peak} bytes for {what} in {} bytes", records.len());
            if peak > worst.0 {
                *worst = (peak, format!("{} bytes of {what}", records.len()));
            }
        }
    }
}

#[test]
fn no_damage_makes_a_process_take_more_memory_than_is_documented() {
    // In memory, where there is such a place: what is opened is synced.
    let memory = Path::new("/dev/shm");
    let root = if memory.is_dir() { tempfile::tempdir_in(memory) } else { tempfile::tempdir() };
    let root = root.unwrap();
    let (original, copy) = (root.path().join("original"), root.path().join("copy"));
    store(&original);
    let mut worst = (0, String::new());
    let mut tried = 0;
    for file in files(&original) {
        let name = file.file_name().unwrap().to_str().unwrap();
        let good = fs::read(&file).unwrap();
        let places = (0..good.len()).step_by(4).filter(|&at| at < 220 || at % 136 == 0);
        for (at, hostile) in places.flat_map(|at| HOSTILE.map(|hostile| (at, hostile))) {
            let mut content = good.clone();
            content.iter_mut().skip(at).zip(hostile.to_le_bytes()).for_each(|(it, to)| *it = to);
            // Behind good checksums, too, as far as the header's go.
            prevalent::__fuzz::seal(&mut content);
            let peak = peak_with(&original, &copy, name, &content);
            tried += 1;
            if peak > worst.0 {
                worst = (peak, format!("`{name}` with {hostile:#x} at {at}"));
            }
        }
    }
    worst_of_expanding_records(root.path(), &mut worst);
    println!("{tried} damaged directories took up to {} bytes: {}", worst.0, worst.1);
    assert!(tried > 500, "{tried}");
    assert!(worst.0 <= LIMIT_BYTES, "{} bytes for {}", worst.0, worst.1);
}
