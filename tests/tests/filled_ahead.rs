//! The journal is filled ahead with zeros: what they are no part of, and what becomes of a store that can't be filled.

use std::io;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use prevalent::testing::{Disk, DiskFile, DiskLock, Fault, OperationKind, SimDisk};
use prevalent::{Builder, Durability, Error, fork, restore};
use prevalent_tests::disk::journal_bytes;
use prevalent_tests::models::TallyStore;

const SEGMENT: &str = "00000000000000000001.journal";

fn builder(disk: &SimDisk) -> Builder<TallyStore> {
    TallyStore::builder("").on_disk(disk.clone()).no_snapshot_on_close()
}

fn open(disk: &SimDisk) -> TallyStore {
    builder(disk).open().wait().unwrap()
}

fn add(store: &TallyStore, numbers: std::ops::Range<u64>) {
    for number in numbers {
        store.add(number).wait().unwrap();
    }
}

/// A segment's length without the zeros at its end, and with them.
fn lengths(disk: &SimDisk, segment: &str) -> (u64, u64) {
    let content = disk.file(segment).unwrap();
    (journal_bytes(&content) as u64, content.len() as u64)
}

/// The numbers of the writes to the first segment, once it has its name.
fn writes(disk: &SimDisk) -> Vec<usize> {
    let operations = disk.operations().into_iter().enumerate();
    operations
        .skip_while(|(_, operation)| !matches!(&operation.kind, OperationKind::Rename { to, .. } if to == SEGMENT))
        .filter(|(_, operation)| matches!(operation.kind, OperationKind::Write { .. }))
        .filter(|(_, operation)| operation.file.contains(SEGMENT))
        .map(|(number, _)| number)
        .collect()
}

#[test]
fn zeros_ahead_are_no_part_of_the_journal() {
    let disk = SimDisk::new();
    let store = open(&disk);
    add(&store, 0..3);
    let (end, len) = lengths(&disk, SEGMENT);
    assert!(len >= end + 2000, "{end}, {len}");
    assert_eq!(store.stats().journal_bytes, end);
    assert_eq!(store.stats().failed_fills, 0);

    let killed = disk.after_kill();
    let after_kill = open(&killed);
    assert_eq!(after_kill.stats().seq, store.stats().seq);
    assert!(after_kill.recovery().dropped_tail.is_none());
    let (copied, _) = lengths(&killed, "00000000000000000002.journal");
    // The accepted end lies before what was copied.
    assert!(after_kill.stats().journal_bytes < end + copied);
    let journal_bytes = after_kill.stats().journal_bytes;
    prevalent::Store::close(&after_kill).wait().unwrap();
    drop(after_kill);
    assert_eq!(open(&killed).stats().journal_bytes, journal_bytes);
}

#[test]
fn a_batch_is_written_where_zeros_are_without_any_other_write() {
    let disk = SimDisk::new();
    let store = open(&disk);
    add(&store, 0..5);
    let (_, filled) = lengths(&disk, SEGMENT);
    // Five batches, and zeros behind the first one.
    assert_eq!(writes(&disk).len(), 6);
    let mut number = 5;
    while lengths(&disk, SEGMENT).1 == filled {
        add(&store, number..number + 1);
        number += 1;
    }
    assert!(lengths(&disk, SEGMENT).0 > filled, "not before all is overwritten");
    assert_eq!(writes(&disk).len(), usize::try_from(number).unwrap() + 2);
}

#[test]
fn a_segment_is_not_filled_beyond_what_closes_it() {
    let disk = SimDisk::new();
    let store = builder(&disk).segment_bytes(1000).open().wait().unwrap();
    add(&store, 0..60);
    let segments: Vec<_> =
        disk.file_names().into_iter().filter(|name| name.ends_with(".journal")).collect();
    assert!(segments.len() > 3);
    let (newest, closed) = segments.split_last().unwrap();
    assert!(lengths(&disk, newest).1 <= 1100);
    for name in closed {
        let (end, len) = lengths(&disk, name);
        assert_eq!(end, len, "{name}");
    }
}

#[test]
fn nothing_is_filled_where_that_is_switched_off_or_nothing_waits_for_a_sync() {
    let cases = [(0, Durability::Always), (9999, Durability::Manual)];
    for (bytes, durability) in cases {
        let disk = SimDisk::new();
        let builder = builder(&disk).fill_ahead_bytes(bytes).durability(durability);
        let store = builder.open().wait().unwrap();
        add(&store, 0..3);
        store.flush().wait().unwrap();
        let (end, len) = lengths(&disk, SEGMENT);
        assert_eq!(end, len, "{durability:?}");
    }
}

#[test]
fn steps_of_any_length_will_do() {
    for bytes in [1, 100, u64::MAX] {
        let disk = SimDisk::new();
        let builder = || builder(&disk).fill_ahead_bytes(bytes).segment_bytes(20_000);
        let store = builder().open().wait().unwrap();
        add(&store, 0..200);
        drop(store);
        assert_eq!(builder().open().wait().unwrap().read(|tally| tally.numbers.len()), 200);
    }
}

#[test]
fn a_filling_that_fails_is_counted_and_tried_again_and_commits_go_on() {
    let clean = SimDisk::new();
    add(&open(&clean), 0..1);
    let fill = writes(&clean)[1];
    for fault in [Fault::Eio, Fault::Enospc, Fault::EioAfterEffect, Fault::ZeroWrite] {
        let disk = SimDisk::new();
        disk.fail_operation(fill, fault);
        let store = open(&disk);
        add(&store, 0..1);
        assert_eq!(store.stats().failed_fills, 1, "{fault:?}");
        assert!(disk.operations()[fill].fault.is_some());
        add(&store, 1..3);
        assert_eq!(lengths(&disk, SEGMENT).0, store.stats().journal_bytes);
        // Of three batches, and the one that failed.
        assert_eq!(writes(&disk).len(), 4, "it is not tried again with every batch, {fault:?}");
        add(&store, 3..90);
        let (end, len) = lengths(&disk, SEGMENT);
        assert!(len > end, "it was tried again, {fault:?}");
        let recovered = open(&disk.after_kill());
        assert_eq!(recovered.read(|tally| tally.numbers.len()), 90, "{fault:?}");
    }
}

#[test]
fn a_filling_that_is_interrupted_or_cut_short_goes_on() {
    let clean = SimDisk::new();
    add(&open(&clean), 0..1);
    let fill = writes(&clean)[1];
    for fault in [Fault::Interrupted, Fault::ShortWrite] {
        let disk = SimDisk::new();
        disk.fail_operation(fill, fault);
        let store = open(&disk);
        add(&store, 0..1);
        assert_eq!(store.stats().failed_fills, 0, "{fault:?}");
        assert_eq!(lengths(&disk, SEGMENT), lengths(&clean, SEGMENT), "{fault:?}");
    }
}

#[test]
fn what_is_copied_elsewhere_is_copied_without_the_zeros() {
    let (disk, archive) = (SimDisk::new(), SimDisk::new());
    let open = || builder(&disk).archive_on_disk(archive.clone()).keep_snapshots(1).open().wait();
    let place = tempfile::tempdir().unwrap();
    let store = open().unwrap();
    add(&store, 0..5);
    let target = place.path().join("backup");
    let backup = store.backup(target.as_path()).wait().unwrap();
    let snapshot = disk.file("00000000000000000000.snapshot").unwrap().len() as u64;
    assert_eq!(backup.bytes, store.stats().journal_bytes + snapshot);
    let restored = place.path().join("restored");
    restore(target.as_path()).to(&restored).wait().unwrap();
    let restored = TallyStore::open(&restored).wait().unwrap();
    assert_eq!(restored.stats().journal_bytes, store.stats().journal_bytes);
    assert_eq!(restored.read(|tally| tally.numbers.clone()), [0, 1, 2, 3, 4]);

    // With the next session's journal, this one's is closed, and goes to the archive with the snapshot after that.
    prevalent::Store::close(&store).wait().unwrap();
    drop(store);
    let (end, len) = lengths(&disk, SEGMENT);
    assert!(end < len);
    let store = open().unwrap();
    add(&store, 5..6);
    store.snapshot().wait().unwrap();
    assert_eq!(lengths(&archive, SEGMENT), (end, end));
    assert_eq!(store.stats().failed_prunings, 0);

    // An archive that has the zeros, as another version might have left them, is as good.
    let mut filled = archive.file(SEGMENT).unwrap();
    filled.resize(filled.len() + 700, 0);
    archive.set_file(SEGMENT, filled);
    drop(store);
    let store = open().unwrap();
    let mut past = Vec::new();
    let mut history = store.history(..);
    while let Some(event) = futures_executor::block_on(history.next()) {
        past.push(u64::from(event.unwrap().seq));
    }
    assert_eq!(past, [1, 2, 3, 4, 5, 6]);
}

#[test]
fn a_fork_of_a_store_that_was_killed_has_no_zeros() {
    let place = tempfile::tempdir().unwrap();
    let (from, to) = (place.path().join("from"), place.path().join("to"));
    let store = TallyStore::builder(&from).no_snapshot_on_close().open().wait().unwrap();
    add(&store, 0..5);
    let segment = from.join(SEGMENT);
    assert!(std::fs::metadata(&segment).unwrap().len() > store.stats().journal_bytes);
    fork(&from).to(&to).wait().unwrap();
    let fork_bytes = std::fs::metadata(to.join(SEGMENT)).unwrap().len();
    assert_eq!(fork_bytes, store.stats().journal_bytes);
}

/// A disk with no more room than `left`.
#[derive(Clone, Debug)]
struct Full {
    sim: SimDisk,
    left: Arc<AtomicU64>,
}

#[derive(Debug)]
struct FullFile {
    disk: Full,
    file: Arc<dyn DiskFile>,
}

impl Disk for Full {
    fn path(&self) -> &Path {
        self.sim.path()
    }
    fn lock(&self) -> io::Result<DiskLock> {
        self.sim.lock()
    }
    fn list(&self) -> io::Result<Vec<String>> {
        self.sim.list()
    }
    fn create(&self, name: &str) -> io::Result<Arc<dyn DiskFile>> {
        Ok(Arc::new(FullFile { disk: self.clone(), file: self.sim.create(name)? }))
    }
    fn open(&self, name: &str) -> io::Result<Arc<dyn DiskFile>> {
        self.sim.open(name)
    }
    fn rename(&self, from: &str, to: &str) -> io::Result<()> {
        self.sim.rename(from, to)
    }
    fn remove(&self, name: &str) -> io::Result<()> {
        self.sim.remove(name)
    }
    fn sync_dir(&self) -> io::Result<()> {
        self.sim.sync_dir()
    }
}

impl DiskFile for FullFile {
    fn len(&self) -> io::Result<u64> {
        self.file.len()
    }
    fn read_at(&self, offset: u64, buffer: &mut [u8]) -> io::Result<usize> {
        self.file.read_at(offset, buffer)
    }
    fn write_at(&self, offset: u64, data: &[u8]) -> io::Result<usize> {
        let len = self.file.len()?;
        let left = self.disk.left.load(Ordering::SeqCst);
        // As far as there is room, as the system does it; the next call tells that there is no more.
        let end = (offset + data.len() as u64).min(len + left);
        let fits = usize::try_from(end.saturating_sub(offset)).unwrap();
        if fits == 0 {
            return Err(io::ErrorKind::StorageFull.into());
        }
        self.disk.left.store(left - end.saturating_sub(len), Ordering::SeqCst);
        self.file.write_at(offset, &data[..fits])
    }
    fn sync(&self) -> io::Result<()> {
        self.file.sync()
    }
}

#[test]
fn a_disk_that_is_full_fails_no_commit_earlier_than_without_filling() {
    for room in (1000..6000).step_by(170) {
        let committed = [0, 4 << 10].map(|fill_ahead_bytes| {
            let disk = Full { sim: SimDisk::new(), left: Arc::new(AtomicU64::new(room)) };
            let builder = TallyStore::builder("").on_disk(disk.clone()).no_snapshot_on_close();
            let store = builder.fill_ahead_bytes(fill_ahead_bytes).open().wait().unwrap();
            let failed =
                (0..1000).find_map(|number| Some((number, store.add(number).wait().err()?)));
            let (number, error) = failed.expect("the disk is full");
            assert!(matches!(error, Error::InDoubt { .. } | Error::Failed { .. }), "{error}");
            drop(store);
            disk.left.store(u64::MAX >> 1, Ordering::SeqCst);
            let numbers = TallyStore::builder("").on_disk(disk.sim.clone()).open().wait().unwrap();
            let numbers = numbers.read(|tally| tally.numbers.len() as u64);
            assert_eq!(numbers, number, "{room}");
            number
        });
        assert_eq!(committed[0], committed[1], "{room}");
    }
}

/// To write it twice would take longer than it helps.
#[test]
fn behind_a_long_batch_nothing_is_filled_and_the_first_step_is_a_short_one() {
    let disk = SimDisk::new();
    let store = builder(&disk).fill_ahead_bytes(128 << 10).open().wait().unwrap();
    let text = "x".repeat(40 << 10);
    store.add_length(&text).wait().unwrap();
    let (end, len) = lengths(&disk, SEGMENT);
    assert_eq!(end, len);
    add(&store, 0..1);
    let (end, len) = lengths(&disk, SEGMENT);
    assert!(end < len && len <= end + (64 << 10), "{end}, {len}");
    // The steps become longer, but not beyond what is asked for.
    let text = "x".repeat(20 << 10);
    let ahead: Vec<u64> = (0..40)
        .map(|_| {
            store.add_length(&text).wait().unwrap();
            let (end, len) = lengths(&disk, SEGMENT);
            len - end
        })
        .collect();
    assert!(ahead.iter().any(|&bytes| bytes > 64 << 10), "{ahead:?}");
    assert!(ahead.iter().all(|&bytes| bytes <= 128 << 10), "{ahead:?}");
}
