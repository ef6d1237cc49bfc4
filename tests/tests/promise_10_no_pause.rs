//! Promise 10: a snapshot does not stop commits or reads while it is taken; when one is taken, and how.

use std::thread;
use std::time::Duration;

use prevalent::{Durability, Error, Seq, SnapshotMethod, prevalent};
use prevalent_tests::disk::{Call, Watched};
use prevalent_tests::models::{Gate, Tally, TallyStore};
use prevalent_tests::waiting::until;
use serde::{Serialize, Serializer};

/// What the snapshot thread of a store of [`Held`] passes when it replays, encodes, or clones.
static REPLAYING: Gate = Gate::new();
static ENCODING: Gate = Gate::new();
static CLONING: Gate = Gate::new();

fn pass_on_the_snapshot_thread(gate: &'static Gate) {
    if thread::current().name() == Some("prevalent-snapshot") {
        gate.pass();
    }
}

/// A number whose encoding can be held up.
#[derive(Debug, Default, serde::Deserialize)]
struct Number(u64);

impl Serialize for Number {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        pass_on_the_snapshot_thread(&ENCODING);
        serializer.serialize_newtype_struct("Number", &self.0)
    }
}

impl Clone for Number {
    fn clone(&self) -> Self {
        pass_on_the_snapshot_thread(&CLONING);
        Number(self.0)
    }
}

#[prevalent]
#[derive(Clone, Debug, Default)]
struct Held {
    sum: Number,
}

#[prevalent(vis = pub(self))]
impl Held {
    #[tx]
    fn add(&mut self, number: u64) -> u64 {
        pass_on_the_snapshot_thread(&REPLAYING);
        self.sum.0 += number;
        self.sum.0
    }

    #[tx]
    fn fill(&mut self, text: &str) {
        pass_on_the_snapshot_thread(&REPLAYING);
        self.sum.0 += text.len() as u64;
    }

    #[query]
    fn sum(&self) -> u64 {
        self.sum.0
    }
}

fn held(method: SnapshotMethod<Held>) -> HeldStore {
    HeldStore::builder_in_memory().snapshot_method(method).open().wait().unwrap()
}

#[test]
fn neither_commits_nor_reads_wait_for_a_snapshot_that_is_being_built() {
    let gate = REPLAYING.take();
    for durability in [Durability::Always, Durability::Manual] {
        let store = HeldStore::builder_in_memory().durability(durability).open().wait().unwrap();
        store.add(1).wait().unwrap();
        gate.shut();
        let snapshot = store.snapshot();
        gate.wait_until_someone_waits();
        for number in 2..100 {
            assert_eq!(store.add(1).wait().unwrap(), number);
            assert_eq!(store.sum(), number);
        }
        gate.open();
        // It holds what was applied when it was asked for.
        assert_eq!(snapshot.wait().unwrap().seq, Seq::from(1));
        assert_eq!(store.snapshot().wait().unwrap().seq, Seq::from(99));
    }
}

#[test]
fn reads_go_on_while_the_state_is_encoded_under_the_lock_and_commits_wait() {
    let gate = ENCODING.take();
    let store = held(SnapshotMethod::locked());
    store.add(1).wait().unwrap();
    gate.shut();
    let snapshot = store.snapshot();
    gate.wait_until_someone_waits();
    let commit = store.add(1);
    // The commit has come as far as it can.
    until("it is durable", || store.stats().durable_seq == Seq::from(2));
    thread::sleep(Duration::from_millis(20));
    for _ in 0..100 {
        assert_eq!(store.sum(), 1);
    }
    assert_eq!(store.stats().seq, Seq::from(1));
    gate.open();
    assert_eq!(snapshot.wait().unwrap().seq, Seq::from(1));
    assert_eq!(commit.wait().unwrap(), 2);
}

#[test]
fn commits_wait_for_the_clone_and_not_for_its_encoding() {
    let (cloning, encoding) = (CLONING.take(), ENCODING.take());
    let store = held(SnapshotMethod::cloned());
    store.add(1).wait().unwrap();
    cloning.shut();
    encoding.shut();
    let snapshot = store.snapshot();
    cloning.wait_until_someone_waits();
    let commit = store.add(1);
    until("it is durable", || store.stats().durable_seq == Seq::from(2));
    assert_eq!(store.sum(), 1);
    cloning.open();
    assert_eq!(commit.wait().unwrap(), 2);
    encoding.wait_until_someone_waits();
    assert_eq!(store.add(1).wait().unwrap(), 3);
    encoding.open();
    assert_eq!(snapshot.wait().unwrap().seq, Seq::from(1));
}

#[test]
fn whatever_the_method_a_snapshot_is_the_state() {
    let methods = [SnapshotMethod::rebuilt(), SnapshotMethod::locked(), SnapshotMethod::cloned()];
    for method in methods {
        let disk = Watched::new();
        let open = || {
            let builder = TallyStore::builder("").snapshot_method(method).segment_bytes(300);
            builder.no_snapshot_on_close().on_disk(disk.clone()).open().wait().unwrap()
        };
        let store = open();
        for round in 0..4 {
            for number in 0..10 {
                store.add(round * 10 + number).wait().unwrap();
            }
            store.bomb(1).wait().unwrap_err();
            assert_eq!(store.snapshot().wait().unwrap().seq, store.stats().seq);
        }
        let expected = store.read(Tally::clone);
        store.close().wait().unwrap();
        drop(store);
        let store = open();
        assert_eq!(store.recovery().transactions, 0, "{method:?}");
        assert_eq!(store.read(Tally::clone), expected, "{method:?}");
        assert_eq!(store.add(7).wait().unwrap(), 41);
    }
}

#[test]
fn a_state_that_cannot_be_built_again_is_a_failed_snapshot_and_harms_nobody() {
    let disk = Watched::new();
    let store = TallyStore::builder("").on_disk(disk.clone()).open().wait().unwrap();
    store.add(1).wait().unwrap();
    disk.break_at(Call::Read, ".journal");
    let error = store.snapshot().wait().unwrap_err();
    assert!(matches!(error, Error::Io { .. }), "{error:?}");
    assert_eq!(store.stats().failed_snapshots, 1);
    disk.heal();
    assert_eq!(store.add(2).wait().unwrap(), 2);
    assert_eq!(store.snapshot().wait().unwrap().seq, Seq::from(2));
}

#[test]
fn a_journal_that_grows_faster_than_it_can_be_replayed_is_bounded_all_the_same() {
    let gate = REPLAYING.take();
    let store = HeldStore::builder_in_memory().snapshot_every_bytes(1 << 20).open().wait().unwrap();
    let megabyte = "x".repeat(1 << 20);
    gate.shut();
    store.fill(&megabyte).wait().unwrap();
    gate.wait_until_someone_waits();
    for _ in 0..20 {
        store.fill(&megabyte).wait().unwrap();
    }
    gate.open();
    let newest = || u64::from(store.stats().last_snapshot.unwrap().seq);
    until("there is one of all", || newest() == 21);
    // Only the first was built by a replay; there were too many for another one.
    assert_eq!(gate.passed(), 1);
}

/// What can be written, and can't be read again: an odd one.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, serde::Deserialize)]
#[serde(try_from = "u64", into = "u64")]
struct Even(u64);

impl From<Even> for u64 {
    fn from(even: Even) -> u64 {
        even.0
    }
}

impl TryFrom<u64> for Even {
    type Error = &'static str;

    fn try_from(number: u64) -> Result<Self, &'static str> {
        if number.is_multiple_of(2) { Ok(Even(number)) } else { Err("it is odd") }
    }
}

#[prevalent]
#[derive(Clone, Debug, Default)]
struct Evens {
    sum: Even,
}

#[prevalent(vis = pub(self))]
impl Evens {
    #[tx]
    fn add(&mut self, number: u64) {
        self.sum.0 += number;
    }

    #[query]
    fn sum(&self) -> u64 {
        self.sum.0
    }
}

#[test]
fn a_state_that_cannot_be_read_again_is_no_snapshot() {
    for method in [SnapshotMethod::rebuilt(), SnapshotMethod::cloned()] {
        let store = EvensStore::builder_in_memory().snapshot_method(method).open().wait().unwrap();
        store.add(1).wait().unwrap();
        let error = store.snapshot().wait().unwrap_err();
        assert!(error.to_string().contains("it is odd"), "{error}");
        store.add(1).wait().unwrap();
        assert_eq!(store.snapshot().wait().unwrap().seq, Seq::from(2));
    }
}

#[test]
fn without_room_to_find_out_the_next_open_does_and_falls_back() {
    let disk = Watched::new();
    let open = || {
        let builder = EvensStore::builder("").snapshot_method(SnapshotMethod::locked());
        builder.on_disk(disk.clone()).open().wait().unwrap()
    };
    let store = open();
    store.add(2).wait().unwrap();
    store.snapshot().wait().unwrap();
    store.add(1).wait().unwrap();
    assert_eq!(store.snapshot().wait().unwrap().seq, Seq::from(2));
    store.add(2).wait().unwrap();
    drop(store);

    let store = open();
    let recovery = store.recovery();
    assert_eq!((recovery.snapshot_seq, recovery.damaged.len()), (Seq::from(1), 1));
    assert!(recovery.damaged[0].to_string().contains("it is odd"), "{:?}", recovery.damaged);
    assert_eq!(store.sum(), 5);
    store.add(1).wait().unwrap();
    store.close().wait().unwrap();
    drop(store);
    let store = open();
    assert_eq!((store.sum(), store.recovery().damaged.len()), (6, 0));
}

#[test]
fn a_clone_that_panics_is_a_failed_snapshot_and_harms_nobody() {
    #[prevalent]
    #[derive(Debug, Default)]
    struct Unclonable {
        sum: u64,
    }

    impl Clone for Unclonable {
        fn clone(&self) -> Self {
            panic!("no clone of {}", self.sum)
        }
    }

    #[prevalent(vis = pub(self))]
    impl Unclonable {
        #[tx]
        fn add(&mut self, number: u64) -> u64 {
            self.sum += number;
            self.sum
        }
    }

    let builder = UnclonableStore::builder_in_memory().snapshot_method(SnapshotMethod::cloned());
    let store = builder.open().wait().unwrap();
    store.add(1).wait().unwrap();
    let error = store.snapshot().wait().unwrap_err();
    assert!(error.to_string().contains("no clone of 1"), "{error}");
    assert_eq!(store.add(1).wait().unwrap(), 2);
    // The last one is taken under the lock.
    store.close().wait().unwrap();
}

#[test]
fn so_many_transactions_make_a_snapshot() {
    let store = TallyStore::builder_in_memory().snapshot_every_transactions(10).open();
    let store = store.wait().unwrap();
    for number in 0..9 {
        store.add(number).wait().unwrap();
    }
    thread::sleep(Duration::from_millis(30));
    assert_eq!(store.stats().last_snapshot.unwrap().seq, Seq::from(0));
    for round in 1..4_u64 {
        // The counter begins again with what the snapshot didn't cover.
        for number in 0..10 {
            store.add(number).wait().unwrap();
        }
        let newest = || u64::from(store.stats().last_snapshot.unwrap().seq);
        until("a snapshot is taken", || newest() >= round * 10 && newest() < round * 10 + 10);
    }
}

#[test]
fn time_makes_a_snapshot_where_there_is_something_new() {
    let store = TallyStore::builder_in_memory().snapshot_every(Duration::from_millis(30)).open();
    let store = store.wait().unwrap();
    let newest = || store.stats().last_snapshot.unwrap();
    let first = newest();
    thread::sleep(Duration::from_millis(100));
    assert_eq!(newest(), first);
    for seq in 1..4_u64 {
        store.add(seq).wait().unwrap();
        until("a snapshot is taken", || newest().seq == Seq::from(seq));
    }
}

#[test]
fn a_time_too_long_to_be_added_to_the_present_never_comes() {
    let store = TallyStore::builder_in_memory().snapshot_every(Duration::MAX).open();
    let store = store.wait().unwrap();
    store.add(1).wait().unwrap();
    store.close().wait().unwrap();
}

#[test]
fn after_a_failure_an_automatic_snapshot_is_tried_again_whatever_makes_it() {
    type Knob = fn(prevalent::Builder<TallyStore>) -> prevalent::Builder<TallyStore>;
    let knobs: [Knob; 3] = [
        |builder| builder.snapshot_every_bytes(2000),
        |builder| builder.snapshot_every_transactions(20),
        |builder| builder.snapshot_every(Duration::from_millis(40)),
    ];
    for knob in knobs {
        let disk = Watched::new();
        let store = knob(TallyStore::builder("")).on_disk(disk.clone()).open().wait().unwrap();
        disk.break_at(Call::Create, ".snapshot");
        until("one fails", || {
            store.add(1).wait().unwrap();
            store.stats().failed_snapshots > 0
        });
        disk.heal();
        until("one succeeds", || {
            store.add(1).wait().unwrap();
            store.stats().last_snapshot.unwrap().seq > Seq::from(0)
        });
    }
}

#[test]
fn as_many_snapshots_are_kept_as_the_user_says() {
    for (keep, expected) in [(0, 1), (1, 1), (2, 2), (5, 5)] {
        let disk = Watched::new();
        let builder = TallyStore::builder("").keep_snapshots(keep).segment_bytes(100);
        let store = builder.on_disk(disk.clone()).open().wait().unwrap();
        for number in 0..10 {
            store.add(number).wait().unwrap();
            store.snapshot().wait().unwrap();
        }
        let snapshots = disk.files(".snapshot").len();
        assert_eq!(snapshots, expected);
        // The journal goes back to the oldest.
        let oldest = 10 - expected as u64 + 1;
        let past = TallyStore::builder("").on_disk(disk.clone()).open_at(Seq::from(oldest));
        assert_eq!(past.wait().unwrap().numbers.len(), usize::try_from(oldest).unwrap());
        let past = TallyStore::builder("").on_disk(disk.clone()).open_at(Seq::from(oldest - 1));
        assert!(matches!(past.wait().unwrap_err(), Error::Pruned { .. }));
    }
}
