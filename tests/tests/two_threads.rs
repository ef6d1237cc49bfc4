//! A recovery on two threads does and tells what one on a single thread would. Long journals are decoded on one thread and
//! applied on another: what comes first in the journal counts first, whatever each side has met. Beside a long snapshot that
//! is decoded, a long journal is surveyed.

use prevalent::testing::SimDisk;
use prevalent::{Builder, Durability, Error, SchemaError, Seq, StoreHandle};
use prevalent_tests::waiting::within_limit;

/// Numbers with a meaning to the programs below.
const PANICS_WHEN_APPLIED: u64 = 1_000_013;
const IS_REFUSED: u64 = 1_000_014;
const PANICS_WHEN_READ: u64 = 1_000_015;
/// Panicked when it was committed, so that it is void; can't be read any more.
const IS_VOID: u64 = 1_000_016;
/// Panics when it goes, wherever that is.
const PANICS_WHEN_DROPPED: u64 = 1_000_017;
/// Tells on which threads it is read and applied.
const IS_WATCHED: u64 = 1_000_018;

/// The program that committed.
mod before {
    #[prevalent::prevalent(name = "sum")]
    #[derive(Debug, Default)]
    pub(crate) struct Sum {
        total: u64,
    }

    #[prevalent::prevalent]
    impl Sum {
        #[tx]
        pub(crate) fn add(&mut self, number: u64, _padding: &str) {
            assert!(number != super::IS_VOID, "void from the beginning");
            self.total += number;
        }
    }
}

/// The program that opens: it has become choosy.
mod after {
    use std::sync::Mutex;
    use std::thread;

    #[derive(Debug, serde::Serialize, serde::Deserialize)]
    #[serde(try_from = "u64", into = "u64")]
    pub(crate) struct Number(u64);

    /// The threads on which such a number was read, and applied.
    pub(crate) static READ_ON: Mutex<Vec<String>> = Mutex::new(Vec::new());
    pub(crate) static APPLIED_ON: Mutex<Vec<String>> = Mutex::new(Vec::new());

    fn this_thread() -> String {
        thread::current().name().unwrap_or_default().to_owned()
    }

    impl TryFrom<u64> for Number {
        type Error = &'static str;

        fn try_from(number: u64) -> Result<Self, &'static str> {
            assert!(number != super::PANICS_WHEN_READ && number != super::IS_VOID, "no way");
            if number == super::IS_WATCHED {
                READ_ON.lock().unwrap().push(this_thread());
            }
            if number == super::IS_REFUSED { Err("not such a one") } else { Ok(Number(number)) }
        }
    }

    impl From<Number> for u64 {
        fn from(number: Number) -> u64 {
            number.0
        }
    }

    impl Clone for Number {
        fn clone(&self) -> Self {
            Number(self.0)
        }
    }

    impl Drop for Number {
        fn drop(&mut self) {
            assert!(self.0 != super::PANICS_WHEN_DROPPED, "not to be dropped");
        }
    }

    #[prevalent::prevalent(name = "sum")]
    #[derive(Debug, Default)]
    pub(crate) struct Sum {
        pub(crate) total: u64,
    }

    #[prevalent::prevalent]
    impl Sum {
        #[tx]
        pub(crate) fn add(&mut self, number: Number, _padding: &str) {
            let number = u64::from(number);
            assert!(number != super::PANICS_WHEN_APPLIED, "not to be added");
            if number == super::IS_WATCHED {
                APPLIED_ON.lock().unwrap().push(this_thread());
            }
            self.total += number;
        }
    }
}

/// How much journal there is.
#[derive(Clone, Copy, Debug)]
enum Length {
    /// Too little for a second thread.
    Short,
    Long,
}

const BOTH: [Length; 2] = [Length::Short, Length::Long];

/// What the program before has committed: nothing, or much, and then these numbers.
fn journal(length: Length, numbers: impl IntoIterator<Item = u64>) -> SimDisk {
    let disk = SimDisk::new();
    let store = before::SumStore::builder("")
        .durability(Durability::Manual)
        .no_snapshot_on_close()
        .on_disk(disk.clone())
        .open()
        .wait()
        .unwrap();
    let padding = match length {
        Length::Short => String::new(),
        Length::Long => "much ".repeat(300_000),
    };
    store.add(0, &padding).wait().unwrap();
    for number in numbers {
        store.add(number, "").detach();
    }
    store.close().wait().unwrap();
    // Without what was done to it.
    disk.deep_clone()
}

fn builder(disk: &SimDisk) -> Builder<after::SumStore> {
    after::SumStore::builder("").no_snapshot_on_close().on_disk(disk.clone())
}

fn open(builder: Builder<after::SumStore>) -> Result<after::SumStore, Error> {
    within_limit(move || builder.open().wait())
}

fn total(store: &after::SumStore) -> u64 {
    store.read(|sum| sum.total)
}

#[track_caller]
fn assert_panicked<H: StoreHandle>(opened: Result<H, Error>, expected: u64) {
    match opened.map(|_| ()).unwrap_err() {
        Error::ReplayPanicked { seq, tx, acknowledged, message, .. } => {
            assert_eq!((seq, tx.as_str(), acknowledged), (Seq::from(expected), "add", true));
            assert_eq!(message, "not to be added");
        }
        other => panic!("{other:?}"),
    }
}

#[track_caller]
fn assert_undecodable<H: StoreHandle>(opened: Result<H, Error>, expected: u64, why: &str) {
    match opened.map(|_| ()).unwrap_err() {
        Error::Schema(SchemaError::Undecodable { what, seq, reason, .. }) => {
            assert_eq!((what.as_str(), seq), ("add", Seq::from(expected)));
            assert!(reason.contains(why), "{reason}");
        }
        other => panic!("{other:?}"),
    }
}

/// Some numbers that mean nothing: enough for several portions, or none.
fn gap(count: u64) -> impl Iterator<Item = u64> {
    1..=count
}

#[test]
fn a_panic_comes_before_what_can_not_be_read_behind_it() {
    for length in BOTH {
        for (unreadable, between) in
            [(IS_REFUSED, 0), (IS_REFUSED, 5_000), (PANICS_WHEN_READ, 0), (PANICS_WHEN_READ, 5_000)]
        {
            let numbers = [1, PANICS_WHEN_APPLIED].into_iter().chain(gap(between));
            let disk = journal(length, numbers.chain([unreadable, 2]));
            assert_panicked(open(builder(&disk)), 3);
            assert!(disk.operations().is_empty(), "{:?}", disk.operations());
        }
    }
}

#[test]
fn a_panic_is_the_end_whatever_comes_behind_it() {
    let committed = |segment_bytes, numbers: &mut dyn Iterator<Item = u64>| {
        let disk = SimDisk::new();
        let builder = before::SumStore::builder("").segment_bytes(segment_bytes);
        let store = builder.no_snapshot_on_close().on_disk(disk.clone()).open().wait().unwrap();
        // Each in a batch of its own.
        numbers.for_each(|number| drop(store.add(number, "").wait()));
        (disk, store)
    };
    // In the next segment.
    let (disk, store) = committed(1, &mut [1, PANICS_WHEN_APPLIED, 2, 3].into_iter());
    drop(store);
    assert_panicked(open(builder(&disk)), 2);

    // In the next portion, wherever in a batch the one before it ends.
    for first in [1, IS_VOID] {
        let numbers = [first, PANICS_WHEN_APPLIED].into_iter();
        let (disk, store) = committed(u64::MAX, &mut numbers.chain(gap(2_000)));
        drop(store);
        assert_panicked(open(builder(&disk)), 2);
    }

    // In the next session, in the same segment.
    let (disk, _store) = committed(u64::MAX, &mut [1, PANICS_WHEN_APPLIED].into_iter());
    let disk = disk.after_kill();
    let again = before::SumStore::builder("").no_snapshot_on_close().on_disk(disk.clone());
    let again = again.open().wait().unwrap();
    again.add(2, "").wait().unwrap();
    drop(again);
    assert_panicked(open(builder(&disk)), 2);
}

#[test]
fn what_can_not_be_read_comes_before_a_panic_behind_it() {
    for length in BOTH {
        for between in [0, 5_000] {
            for (unreadable, why) in [(IS_REFUSED, "not such a one"), (PANICS_WHEN_READ, "no way")]
            {
                let numbers = [1, unreadable].into_iter().chain(gap(between));
                let disk = journal(length, numbers.chain([PANICS_WHEN_APPLIED, 2]));
                assert_undecodable(open(builder(&disk)), 3, why);
                assert!(disk.operations().is_empty(), "{:?}", disk.operations());
            }
        }
    }
}

#[test]
fn of_two_panics_the_first_is_told_and_of_two_that_can_not_be_read_too() {
    for length in BOTH {
        let numbers = gap(3_000).chain([PANICS_WHEN_APPLIED]).chain(gap(3_000));
        let disk = journal(length, numbers.chain([PANICS_WHEN_APPLIED]));
        assert_panicked(open(builder(&disk)), 3_002);
        let numbers = gap(3_000).chain([IS_REFUSED]).chain(gap(3_000));
        let disk = journal(length, numbers.chain([PANICS_WHEN_READ]));
        assert_undecodable(open(builder(&disk)), 3_002, "not such a one");
    }
}

#[test]
fn a_void_that_can_not_be_read_any_more_does_not_matter() {
    for length in BOTH {
        let disk = journal(length, gap(2_000).chain([IS_VOID]).chain(gap(2_000)));
        let store = open(builder(&disk)).unwrap();
        assert_eq!(total(&store), 2 * (2_000 * 2_001 / 2));
        assert_eq!(store.recovery().transactions, 4_001);
        assert_eq!(store.stats().seq, Seq::from(4_002));
    }
}

#[test]
fn what_lies_behind_the_point_that_is_looked_at_does_not_matter() {
    for length in BOTH {
        for last in [IS_REFUSED, PANICS_WHEN_READ, PANICS_WHEN_APPLIED] {
            let disk = journal(length, gap(2_000).chain([last]).chain(gap(2_000)));
            let past = builder(&disk).open_at(Seq::from(2_001)).wait().unwrap();
            assert_eq!(past.total, 2_000 * 2_001 / 2);
        }
    }
}

#[test]
fn several_transactions_that_panic_are_made_void_and_the_rest_is_replayed_once() {
    for length in BOTH {
        let bomb = || [PANICS_WHEN_APPLIED].into_iter();
        let numbers = gap(1_500).chain(bomb()).chain(gap(1_500)).chain(bomb()).chain([7]);
        let disk = journal(length, numbers);
        assert_panicked(open(builder(&disk).void_on_replay_panic(1_502)), 3_003);
        assert!(disk.operations().is_empty(), "{:?}", disk.operations());
        let store =
            open(builder(&disk).void_on_replay_panic(1_502).void_on_replay_panic(3_003)).unwrap();
        assert_eq!(total(&store), 1_500 * 1_501 + 7);
        assert_eq!(store.recovery().transactions, 3_002);
        store.close().wait().unwrap();
        assert_eq!(total(&open(builder(&disk)).unwrap()), 1_500 * 1_501 + 7);
    }
}

#[test]
fn an_early_end_leaves_nobody_waiting_and_what_was_decoded_in_vain_may_panic_when_it_goes() {
    for length in BOTH {
        let in_vain = std::iter::repeat_n(PANICS_WHEN_DROPPED, 30_000);
        let disk = journal(length, [PANICS_WHEN_APPLIED].into_iter().chain(in_vain));
        assert_panicked(open(builder(&disk)), 2);
    }
}

#[test]
fn a_long_journal_is_read_on_a_thread_beside_the_one_that_applies() {
    let disk = journal(Length::Long, [IS_WATCHED]);
    let store = open(builder(&disk)).unwrap();
    drop(store);
    let applied_on = after::APPLIED_ON.lock().unwrap().clone();
    assert_eq!(applied_on, ["prevalent-journal"]);
    let read_on = after::READ_ON.lock().unwrap().clone();
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    assert_eq!(read_on, [if cores > 1 { "prevalent-decode" } else { "prevalent-journal" }]);
}

/// Arguments that look at the store in which they end up, while they are read.
mod meddling {
    use std::sync::Mutex;

    pub(crate) static LOOKED_AT: Mutex<Option<LogStore>> = Mutex::new(None);

    #[derive(Clone, Debug, serde::Serialize, serde::Deserialize)]
    #[serde(from = "u64", into = "u64")]
    pub(crate) struct Number(u64);

    impl From<u64> for Number {
        fn from(number: u64) -> Self {
            let store = LOOKED_AT.lock().unwrap().clone();
            if let Some(store) = store {
                store.read(|_| ());
            }
            Number(number)
        }
    }

    impl From<Number> for u64 {
        fn from(number: Number) -> u64 {
            number.0
        }
    }

    #[prevalent::prevalent]
    #[derive(Debug, Default)]
    pub(crate) struct Log {
        last: u64,
    }

    #[prevalent::prevalent]
    impl Log {
        #[tx]
        pub(crate) fn note(&mut self, number: Number, _padding: &str) {
            self.last = number.into();
        }

        #[tx]
        pub(crate) fn bomb(&mut self) {
            assert!(self.last == 0, "as is to be expected");
        }
    }
}

#[test]
fn while_a_state_is_rebuilt_what_is_read_on_the_second_thread_may_not_use_the_store_either() {
    use meddling::{LOOKED_AT, LogStore, Number};

    for padding in ["", &"much ".repeat(300_000)] {
        let store = LogStore::in_memory();
        store.note(Number::from(1), padding).wait().unwrap();
        *LOOKED_AT.lock().unwrap() = Some(store.clone());
        let bomb = store.bomb();
        let error = within_limit(move || bomb.wait()).unwrap_err();
        assert!(matches!(error, Error::InDoubt { .. }), "{error:?}");
        *LOOKED_AT.lock().unwrap() = None;
        let error = store.try_read(|_| ()).unwrap_err().to_string();
        assert!(error.contains("may not use its own store"), "{error}");
    }
}

/// A journal and two snapshots, the newer one behind all of it, of which each is long enough for a thread.
fn long_snapshots() -> SimDisk {
    use prevalent_tests::models::TallyStore;

    let disk = SimDisk::new();
    let store = TallyStore::builder("")
        .durability(Durability::Manual)
        .pending_bytes(usize::MAX)
        .on_disk(disk.clone())
        .open()
        .wait()
        .unwrap();
    for count in [150_000, 50_000] {
        // Numbers of ten bytes.
        (u64::MAX - count + 1..u64::MAX).for_each(|number| store.add(number).detach());
        // A snapshot holds what is applied when it is asked for.
        store.add(u64::MAX).wait().unwrap();
        store.snapshot().wait().unwrap();
    }
    store.close().wait().unwrap();
    disk.deep_clone()
}

fn open_tally(disk: &SimDisk) -> Result<prevalent_tests::models::TallyStore, Error> {
    let builder = prevalent_tests::models::TallyStore::builder("").no_snapshot_on_close();
    builder.on_disk(disk.clone()).open().wait()
}

#[test]
fn beside_a_bad_snapshot_the_survey_is_in_vain_and_the_one_before_it_is_used() {
    let disk = long_snapshots();
    let expected = open_tally(&disk).unwrap().read(Clone::clone);
    assert_eq!(expected.numbers.len(), 200_000);
    let newest = disk.file_names().into_iter().filter(|name| name.ends_with(".snapshot")).max();
    let newest = newest.unwrap();
    let mut bytes = disk.file(&newest).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    disk.set_file(&newest, bytes);
    let store = open_tally(&disk).unwrap();
    assert_eq!(store.read(Clone::clone), expected);
    assert_eq!(store.recovery().snapshot_seq, Seq::from(150_000));
    assert_eq!(store.recovery().transactions, 50_000);
    assert!(matches!(store.recovery().damaged[..], [Error::Corrupt { .. }]));
}

#[test]
fn damage_that_is_found_beside_a_good_snapshot_stops_the_open() {
    let disk = long_snapshots();
    let segment = disk.file_names().into_iter().find(|name| name.ends_with(".journal")).unwrap();
    let mut bytes = disk.file(&segment).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    disk.set_file(&segment, bytes);
    match open_tally(&disk).unwrap_err() {
        Error::Corrupt { file, .. } => assert!(file.ends_with(&segment), "{file:?}"),
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_panic_on_the_way_to_the_point_that_is_looked_at_is_told() {
    for length in BOTH {
        let disk = journal(length, gap(10).chain([PANICS_WHEN_APPLIED]).chain(gap(10)));
        match builder(&disk).open_at(Seq::from(20)).wait().map(|_| ()).unwrap_err() {
            Error::ReplayPanicked { seq, .. } => assert_eq!(seq, Seq::from(12)),
            other => panic!("{other:?}"),
        }
    }
}
