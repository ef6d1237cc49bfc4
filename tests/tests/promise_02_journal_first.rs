//! Promise 2: journal first; one order; the first state is on disk before anything else.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use prevalent::testing::Disk;
use prevalent::testing::{Fault, Loss, SimDisk};
use prevalent::{Durability, Error, Seq, prevalent};
use prevalent_tests::disk::{Call, Watched};
use prevalent_tests::models::{RESTORING, RestoredStore, Tally, TallyStore, TallyTx};
use prevalent_tests::waiting::{block_on, is_pending, until};

const SEGMENT: &str = ".journal";

fn open(disk: &Watched, durability: Durability) -> TallyStore {
    TallyStore::builder("").durability(durability).on_disk(disk.clone()).open().wait().unwrap()
}

#[test]
fn with_always_no_reader_sees_what_is_not_durable() {
    let disk = Watched::new();
    let store = open(&disk, Durability::Always);
    store.add(1).wait().unwrap();
    disk.hold(Call::Sync, SEGMENT);
    let commit = store.add(2);
    disk.wait_until_held();
    assert_eq!(store.read(Tally::clone).numbers, [1]);
    assert_eq!(store.sum(), 1);
    assert_eq!(store.try_read(Tally::sum).unwrap(), 1);
    let stats = store.stats();
    assert_eq!((stats.seq, stats.ordered_seq), (Seq::from(1), Seq::from(2)));
    disk.release();
    commit.wait().unwrap();
    assert_eq!(store.read(Tally::clone).numbers, [1, 2]);
}

#[test]
fn with_always_nothing_is_applied_before_it_is_written() {
    let disk = Watched::new();
    let store = open(&disk, Durability::Always);
    store.add(1).wait().unwrap();
    disk.hold(Call::Write, SEGMENT);
    let mut commit = store.add(2);
    disk.wait_until_held();
    assert!(is_pending(&mut commit));
    assert_eq!(store.read(Tally::clone).numbers, [1]);
    disk.release();
    commit.wait().unwrap();
}

#[test]
fn what_is_applied_is_in_the_journal() {
    let disk = Watched::new();
    let store = open(&disk, Durability::Always);
    let commits: Vec<_> = (0..200).map(|number| store.add(number)).collect();
    for (count, commit) in (1..).zip(commits) {
        commit.wait().unwrap();
        let seen = store.read(|tally| tally.numbers.len());
        assert!(seen >= count);
        if count % 50 == 1 {
            let copy = disk.sim.after_kill();
            let copy = TallyStore::builder("").on_disk(copy).open().wait().unwrap();
            assert!(copy.read(|tally| tally.numbers.len()) >= seen);
        }
    }
}

/// It may be in the journal's buffer still.
#[test]
fn without_a_sync_what_is_applied_is_written_in_its_order() {
    let disk = Watched::new();
    let store = open(&disk, Durability::Manual);
    for count in 1..=200 {
        store.add(count).wait().unwrap();
        if count % 50 == 1 {
            let copy = disk.sim.after_kill();
            let copy = TallyStore::builder("").on_disk(copy).open().wait().unwrap();
            let written = copy.read(|tally| tally.numbers.clone());
            assert_eq!(written, (1..=written.len() as u64).collect::<Vec<_>>());
        }
    }
}

#[test]
fn many_threads_make_one_order_and_every_open_repeats_it() {
    let disk = Watched::new();
    let store = open(&disk, Durability::Always);
    let threads: Vec<_> = (0..4_u64)
        .map(|thread| {
            let store = store.clone();
            thread::spawn(move || {
                let mut last = Seq::ZERO;
                for number in 0..50 {
                    let commit = store.add(thread * 1000 + number);
                    let seq = commit.seq().unwrap();
                    assert!(seq > last);
                    last = seq;
                    if number % 10 == 0 {
                        commit.wait().unwrap();
                    } else {
                        commit.detach();
                    }
                }
            })
        })
        .collect();
    for thread in threads {
        thread.join().unwrap();
    }
    store.flush().wait().unwrap();
    until("all are applied", || store.stats().seq == Seq::from(200));
    let live = store.read(Tally::clone);
    for thread in 0..4 {
        let own: Vec<_> =
            live.numbers.iter().filter(|&&n| n / 1000 == thread).map(|n| n % 1000).collect();
        assert_eq!(own, (0..50).collect::<Vec<_>>(), "calls of one task are ordered as called");
    }
    drop(store);
    assert_eq!(open(&disk, Durability::Always).read(Tally::clone), live);
}

#[test]
fn a_store_s_first_state_is_its_snapshot_of_sequence_number_0() {
    let disk = Watched::new();
    let store = open(&disk, Durability::Always);
    let snapshot = store.stats().last_snapshot.unwrap();
    assert_eq!(snapshot.seq, Seq::ZERO);
    assert_eq!(store.stats().seq, Seq::ZERO);
    let name = snapshot.file.file_name().unwrap().to_str().unwrap().to_owned();
    assert_eq!(disk.files("snapshot"), [name]);
    assert!(store.recovery().created);
    assert_eq!(store.add(1).seq(), Some(Seq::from(1)));
}

#[test]
fn the_first_state_is_durable_when_the_open_returns() {
    let disk = SimDisk::new();
    let store = TallyStore::builder("")
        .initial(Tally::with_a_seven)
        .on_disk(disk.clone())
        .open()
        .wait()
        .unwrap();
    let point = *disk.crash_points().end();
    for image in disk.images_at(point, Loss::KeepDropOrGarbage) {
        let again = TallyStore::builder("").on_disk(image).open().wait().unwrap();
        assert_eq!(again.read(Tally::clone).numbers, [7]);
    }
    drop(store);
}

#[test]
fn initial_is_called_only_where_there_is_no_store_yet() {
    let calls = Arc::new(AtomicUsize::new(0));
    let disk = SimDisk::new();
    for _ in 0..3 {
        let counted = calls.clone();
        let store = TallyStore::builder("")
            .initial(move || {
                counted.fetch_add(1, Ordering::Relaxed);
                Tally::with_a_seven()
            })
            .on_disk(disk.clone())
            .open()
            .wait()
            .unwrap();
        assert_eq!(store.sum(), 7);
    }
    assert_eq!(calls.load(Ordering::Relaxed), 1);
}

#[test]
fn a_changed_default_does_not_rewrite_history() {
    let disk = SimDisk::new();
    let store = TallyStore::builder("")
        .initial(Tally::with_a_seven)
        .no_snapshot_on_close()
        .on_disk(disk.clone())
        .open()
        .wait()
        .unwrap();
    store.add(1).wait().unwrap();
    store.close().wait().unwrap();
    let other = || Tally { numbers: vec![100], refused: 9 };
    let store = TallyStore::builder("").initial(other).on_disk(disk.clone()).open().wait().unwrap();
    assert_eq!(store.read(Tally::clone), Tally { numbers: vec![7, 1], refused: 0 });
    drop(store);
    // The state after an open with `Default` is the same.
    let store = TallyStore::builder("").on_disk(disk).open().wait().unwrap();
    assert_eq!(store.read(Tally::clone).numbers, [7, 1]);
}

/// Its serde round trip shows: what is read back is one more than what was written.
mod round_trip {
    use serde::{Deserialize, Deserializer};

    fn one_more<'de, D: Deserializer<'de>>(deserializer: D) -> Result<u64, D::Error> {
        Ok(u64::deserialize(deserializer)? + 1)
    }

    #[prevalent::prevalent]
    #[derive(Debug, Default)]
    pub(super) struct Trips {
        #[serde(deserialize_with = "one_more")]
        pub(super) loads: u64,
        #[serde(skip)]
        pub(super) not_stored: u64,
    }

    #[prevalent::prevalent]
    impl Trips {
        #[tx]
        pub(super) fn touch(&mut self) -> u64 {
            self.loads
        }
    }
}

#[test]
fn what_is_read_back_of_the_first_state_is_what_is_used() {
    use round_trip::{Trips, TripsStore};
    let disk = SimDisk::new();
    let first = || Trips { loads: 10, not_stored: 5 };
    let store = TripsStore::builder("").initial(first).on_disk(disk.clone()).open().wait().unwrap();
    assert_eq!(store.read(|trips| (trips.loads, trips.not_stored)), (11, 0));
    assert_eq!(store.touch().wait().unwrap(), 11);
    drop(store);
    // And the same at the next open, for the journal is replayed on that.
    let store = TripsStore::builder("").on_disk(disk).open().wait().unwrap();
    assert_eq!(store.read(|trips| trips.loads), 11);
}

#[test]
fn a_panic_in_initial_is_an_error_of_open_and_nothing_is_written() {
    let disk = SimDisk::new();
    let error = TallyStore::builder("")
        .initial(|| panic!("no first state today"))
        .on_disk(disk.clone())
        .open()
        .wait()
        .unwrap_err();
    assert!(matches!(&error, Error::ModelPanicked { what: "initial", .. }), "{error:?}");
    assert!(error.to_string().contains("no first state today"), "{error}");
    assert!(disk.operations().is_empty());
    // The lock is free, and the directory as good as new.
    TallyStore::builder("").on_disk(disk).open().wait().unwrap();
}

mod fragile {
    use std::sync::atomic::{AtomicBool, Ordering};

    /// Whether `restored` panics.
    pub(super) static IS_BROKEN: AtomicBool = AtomicBool::new(false);

    #[prevalent::prevalent(restored = Self::check)]
    #[derive(Debug, Default)]
    pub(super) struct Fragile {
        value: u64,
        #[serde(skip)]
        loads: u64,
    }

    #[prevalent::prevalent]
    impl Fragile {
        fn check(&mut self) {
            self.loads += 1;
            assert!(!IS_BROKEN.load(Ordering::SeqCst), "the index can't be built");
        }

        #[tx]
        pub(super) fn set(&mut self, value: u64) -> u64 {
            std::mem::replace(&mut self.value, value)
        }
    }
}

#[test]
fn a_panic_in_restored_is_an_error_of_open_and_nothing_is_written() {
    use fragile::{FragileStore, IS_BROKEN};
    let disk = SimDisk::new();
    IS_BROKEN.store(true, Ordering::SeqCst);
    let open = || FragileStore::builder("").on_disk(disk.clone()).open().wait();
    let error = open().unwrap_err();
    assert!(matches!(&error, Error::ModelPanicked { what: "restored", .. }), "{error:?}");
    assert!(disk.operations().is_empty(), "a first state that can't be restored is none");

    IS_BROKEN.store(false, Ordering::SeqCst);
    let store = open().unwrap();
    store.set(1).wait().unwrap();
    drop(store);
    let before = disk.operations().len();
    IS_BROKEN.store(true, Ordering::SeqCst);
    let error = open().unwrap_err();
    assert!(error.to_string().contains("the index can't be built"), "{error}");
    assert_eq!(disk.operations().len(), before);
    IS_BROKEN.store(false, Ordering::SeqCst);
    assert_eq!(open().unwrap().set(2).wait().unwrap(), 1);
}

#[test]
fn restored_is_called_after_every_load_and_before_the_replay() {
    let gate = RESTORING.take();
    let disk = SimDisk::new();
    let open = || RestoredStore::builder("").on_disk(disk.clone()).open().wait().unwrap();
    let store = open();
    assert!(gate.passed() >= 1, "the first state is loaded like any other");
    assert_eq!(store.add(2).wait().unwrap(), 2);
    assert_eq!(store.add(3).wait().unwrap(), 5);
    drop(store);
    let store = open();
    assert_eq!(store.sum(), 5, "replayed on the restored state");
    store.close().wait().unwrap();
    let before = gate.passed();
    let store = open();
    assert_eq!(gate.passed(), before + 1);
    assert_eq!(store.sum(), 5, "restored from the snapshot");
    store.bomb(9).wait().unwrap_err();
    assert_eq!(gate.passed(), before + 2);
    assert_eq!(store.sum(), 5, "restored for the rebuild");
}

#[test]
fn an_interrupted_creation_is_begun_again() {
    let whole = SimDisk::new();
    drop(TallyStore::builder("").on_disk(whole.clone()).open().wait().unwrap());
    let operations = whole.operations().len();
    for point in 0..operations {
        let disk = SimDisk::new();
        disk.fail_from(point, Fault::Eio);
        let open = |disk: &SimDisk| {
            TallyStore::builder("").initial(Tally::with_a_seven).on_disk(disk.clone()).open().wait()
        };
        let failed = open(&disk);
        // Only the clean mark is written after the store is there.
        if let Ok(store) = failed {
            drop(store);
        }
        let crashed = *disk.crash_points().end();
        for image in disk.images_at(crashed, Loss::KeepOrDrop) {
            let store = open(&image).unwrap();
            assert_eq!(store.read(Tally::clone).numbers, [7], "failed at {point}: {image:?}");
            store.add(1).wait().unwrap();
        }
    }
}

#[test]
fn what_an_interrupted_creation_left_is_removed() {
    let disk = SimDisk::new();
    disk.create("00000000000000000000.snapshot.tmp").unwrap().write_at(0, b"half").unwrap();
    let store = TallyStore::builder("").on_disk(disk.clone()).open().wait().unwrap();
    assert!(store.recovery().created);
    assert!(disk.file_names().iter().all(|name| !name.contains(".tmp")), "{disk:?}");
}

#[test]
fn a_transaction_as_a_value_takes_the_same_way() {
    let store = TallyStore::in_memory();
    store.commit(TallyTx::Add { number: 1 }).wait().unwrap();
    store.add(2).wait().unwrap();
    store.commit(TallyTx::AddLength { text: "abc".into() }).wait().unwrap();
    assert_eq!(store.read(Tally::clone).numbers, [1, 2, 3]);
}

/// Two stores may feed each other; only its own store is closed to a transaction.
#[prevalent]
#[derive(Debug, Default)]
struct Lonely {
    count: u64,
}

#[prevalent(vis = pub(self))]
impl Lonely {
    #[tx]
    fn count(&mut self) -> u64 {
        self.count += 1;
        self.count
    }
}

#[test]
fn a_store_of_a_private_model_keeps_its_order_too() {
    let store = LonelyStore::in_memory();
    let commits: Vec<_> = (0..1000).map(|_| LonelyStore::count(&store)).collect();
    for (expected, commit) in (1..).zip(commits) {
        assert_eq!(block_on(commit).unwrap(), expected);
    }
}
