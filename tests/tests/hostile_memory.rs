//! What a damaged directory costs in memory: never more than is documented, whatever its lengths say. One test, for the
//! allocator counts what the whole process takes.

use std::fs;
use std::path::{Path, PathBuf};

use peak_alloc::PeakAlloc;
use prevalent::fork;
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
    let _ = fork(copy).to(&forked).wait();
    let _ = TallyStore::builder(copy).open_at(prevalent::Seq::from(50)).wait();
    let _ = TallyStore::builder(copy).no_snapshot_on_close().open().wait();
    ALLOCATED.peak_usage().saturating_sub(before)
}

fn files(dir: &Path) -> Vec<PathBuf> {
    let mut files: Vec<_> = fs::read_dir(dir).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.retain(|path| path.file_name().is_some_and(|name| name != "LOCK"));
    files.sort();
    files
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
    println!("{tried} damaged directories took up to {} bytes: {}", worst.0, worst.1);
    assert!(tried > 500, "{tried}");
    assert!(worst.0 <= LIMIT_BYTES, "{} bytes for {}", worst.0, worst.1);
}
