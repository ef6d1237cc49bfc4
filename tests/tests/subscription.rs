//! Subscriptions: from anywhere, without gaps, and only what can never be lost.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

use futures_util::StreamExt;
use prevalent::testing::SimDisk;
use prevalent::{Durability, Error, Event, Seq, Subscription};
use prevalent_tests::disk::{Call, Watched};
use prevalent_tests::ledger::{LedgerStore, hush};
use prevalent_tests::models::{Tally, TallyStore, TallyTx};
use prevalent_tests::waiting::{block_on, is_pending, until, within_limit};

fn open(disk: &Watched, durability: Durability) -> TallyStore {
    TallyStore::builder("")
        .durability(durability)
        .segment_bytes(2000)
        .on_disk(disk.clone())
        .open()
        .wait()
        .unwrap()
}

#[track_caller]
fn next(subscription: &mut Subscription<Tally>) -> Event<Tally> {
    block_on(subscription.next()).expect("it goes on").unwrap()
}

/// The next `count` events: sequence numbers, and what was added.
#[track_caller]
fn take(subscription: &mut Subscription<Tally>, count: usize) -> Vec<(u64, u64)> {
    (0..count).map(|_| numbers(&next(subscription))).collect()
}

fn numbers(event: &Event<Tally>) -> (u64, u64) {
    match event.tx {
        TallyTx::Add { number } => (event.seq.into(), number),
        ref other => panic!("{other:?}"),
    }
}

fn has_nothing_yet(subscription: &mut Subscription<Tally>) -> bool {
    let mut next = Box::pin(subscription.next());
    is_pending(&mut next)
}

#[test]
fn from_the_beginning_it_replays_what_is_there_and_goes_on_live() {
    let store = TallyStore::in_memory();
    for number in 11..=13 {
        store.add(number).wait().unwrap();
    }
    for from in [0, 1] {
        let mut subscription = store.subscribe(from);
        assert_eq!(take(&mut subscription, 3), [(1, 11), (2, 12), (3, 13)]);
        assert!(has_nothing_yet(&mut subscription));
    }
    let mut subscription = store.subscribe(Seq::from(3));
    assert_eq!(take(&mut subscription, 1), [(3, 13)], "inclusive");
    store.add(14).wait().unwrap();
    assert_eq!(take(&mut subscription, 1), [(4, 14)]);
}

#[test]
fn from_what_is_yet_to_come_it_waits() {
    let store = TallyStore::in_memory();
    store.add(1).wait().unwrap();
    let mut subscription = store.subscribe(4);
    for number in 2..=3 {
        store.add(number).wait().unwrap();
    }
    assert!(has_nothing_yet(&mut subscription));
    store.add(4).wait().unwrap();
    assert_eq!(take(&mut subscription, 1), [(4, 4)]);
}

#[test]
fn an_event_tells_the_transaction_s_time() {
    let store = TallyStore::in_memory();
    let before = std::time::SystemTime::now();
    store.add(1).wait().unwrap();
    let event = next(&mut store.subscribe(0));
    let after = std::time::SystemTime::now();
    let a_bit = std::time::Duration::from_millis(1);
    assert!(event.time + a_bit >= before && event.time <= after + a_bit);
}

#[test]
fn there_is_no_gap_between_what_was_there_and_what_comes_while_commits_run() {
    within_limit(|| {
        let disk = Watched::new();
        let store = open(&disk, Durability::Always);
        let stop = Arc::new(AtomicBool::new(false));
        let writer = thread::spawn({
            let (store, stop) = (store.clone(), stop.clone());
            move || {
                let mut number = 0;
                while !stop.load(Ordering::Relaxed) {
                    let commits: Vec<_> = (0..7)
                        .map(|_| {
                            number += 1;
                            store.add(number)
                        })
                        .collect();
                    for commit in commits {
                        commit.wait().unwrap();
                    }
                }
            }
        });
        let subscribers: Vec<_> = (0..3_u64)
            .map(|from| {
                until("there is something", || u64::from(store.stats().seq) > from * 50);
                let mut subscription = store.subscribe(from * 40);
                thread::spawn(move || {
                    let first = (from * 40).max(1);
                    for expected in first..first + 500 {
                        assert_eq!(numbers(&next(&mut subscription)), (expected, expected));
                    }
                })
            })
            .collect();
        for subscriber in subscribers {
            subscriber.join().unwrap();
        }
        stop.store(true, Ordering::Relaxed);
        writer.join().unwrap();
        assert!(store.stats().segments > 3);
    });
}

#[test]
fn voids_are_left_out() {
    let disk = Watched::new();
    let store = open(&disk, Durability::Always);
    let mut live = store.subscribe(0);
    store.add(1).wait().unwrap();
    store.bomb(2).wait().unwrap_err();
    store.add(3).wait().unwrap();
    store.bomb(4).wait().unwrap_err();
    let commits = [store.add(5), store.add(6)];
    for commit in commits {
        commit.wait().unwrap();
    }
    let expected = [(1, 1), (3, 3), (5, 5), (6, 6)];
    assert_eq!(take(&mut live, 4), expected);
    assert_eq!(take(&mut store.subscribe(0), 4), expected);
    drop(store);
    assert_eq!(take(&mut open(&disk, Durability::Always).subscribe(0), 4), expected);
}

#[test]
fn voids_are_left_out_although_no_open_had_to_read_them() {
    let disk = Watched::new();
    let open =
        || TallyStore::builder("").segment_bytes(1).on_disk(disk.clone()).open().wait().unwrap();
    let store = open();
    store.add(1).wait().unwrap();
    store.bomb(2).wait().unwrap_err();
    store.add(3).wait().unwrap();
    store.add(4).wait().unwrap();
    // The next open begins with this snapshot, segments behind the void; the first one keeps them all.
    store.snapshot().wait().unwrap();
    drop(store);
    let store = open();
    assert_eq!(store.recovery().transactions, 0);
    assert_eq!(take(&mut store.subscribe(0), 3), [(1, 1), (3, 3), (4, 4)]);
    assert_eq!(take(&mut store.subscribe(2), 2), [(3, 3), (4, 4)]);
}

#[test]
fn only_what_is_durable_is_delivered() {
    let disk = Watched::new();
    let store = open(&disk, Durability::Manual);
    let mut subscription = store.subscribe(0);
    store.add(1).wait().unwrap();
    store.add(2).wait().unwrap();
    thread::sleep(std::time::Duration::from_millis(20));
    assert!(has_nothing_yet(&mut subscription));
    store.flush().wait().unwrap();
    assert_eq!(take(&mut subscription, 2), [(1, 1), (2, 2)]);
    store.add(3).wait().unwrap();
    thread::sleep(std::time::Duration::from_millis(20));
    assert!(has_nothing_yet(&mut subscription));
}

#[test]
fn only_what_is_applied_is_delivered() {
    let disk = Watched::new();
    let store = open(&disk, Durability::Always);
    store.add(0).wait().unwrap();
    let mut subscription = store.subscribe(0);
    assert_eq!(take(&mut subscription, 1), [(1, 0)]);
    // All of it is durable; then the void of the one in the middle is held up.
    disk.hold(Call::Write, ".journal");
    let first = store.add(1);
    disk.wait_until_held();
    let others = (store.add(2), store.bomb(3), store.add(4));
    disk.hold_after(2, Call::Write, ".journal");
    disk.wait_until_held();
    assert_eq!(take(&mut subscription, 2), [(2, 1), (3, 2)]);
    thread::sleep(std::time::Duration::from_millis(20));
    assert!(has_nothing_yet(&mut subscription));
    disk.release();
    assert_eq!(take(&mut subscription, 1), [(5, 4)]);
    first.wait().unwrap();
    others.0.wait().unwrap();
    others.1.wait().unwrap_err();
    others.2.wait().unwrap();
}

#[test]
fn what_is_no_longer_in_the_journal_is_told_with_the_oldest_that_is() {
    let disk = Watched::new();
    let store =
        TallyStore::builder("").segment_bytes(1).on_disk(disk.clone()).open().wait().unwrap();
    for number in 1..=6 {
        store.add(number).wait().unwrap();
        if number > 3 {
            store.snapshot().wait().unwrap();
        }
    }
    let mut subscription = store.subscribe(1);
    let oldest = match block_on(subscription.next()) {
        Some(Err(Error::Pruned { oldest, .. })) => u64::from(oldest),
        other => panic!("{other:?}"),
    };
    assert!((2..=6).contains(&oldest), "{oldest}");
    assert!(block_on(subscription.next()).is_none(), "after an error there is nothing more");
    let count = usize::try_from(7 - oldest).unwrap();
    let expected = (oldest..=6).map(|number| (number, number)).collect::<Vec<_>>();
    assert_eq!(take(&mut store.subscribe(oldest), count), expected);
}

#[test]
fn a_slow_subscription_blocks_nobody_and_gets_everything() {
    let disk = Watched::new();
    let store = open(&disk, Durability::Manual);
    let mut slow = store.subscribe(0);
    let mut fast = store.subscribe(0);
    for number in 1..=3000 {
        store.add(number).detach();
    }
    store.flush().wait().unwrap();
    let expected = (1..=3000).map(|number| (number, number)).collect::<Vec<_>>();
    assert_eq!(take(&mut fast, 3000), expected);
    assert_eq!(take(&mut slow, 3000), expected);
    store.add(3001).wait().unwrap();
    store.flush().wait().unwrap();
    assert_eq!(take(&mut slow, 1), [(3001, 3001)]);
}

#[test]
fn after_a_close_it_delivers_the_rest_and_ends() {
    let store = TallyStore::in_memory();
    let mut subscription = store.subscribe(0);
    let mut late = store.subscribe(900);
    for number in 1..=1000 {
        store.add(number).detach();
    }
    store.close().wait().unwrap();
    assert_eq!(take(&mut subscription, 1000).len(), 1000);
    assert!(block_on(subscription.next()).is_none());
    assert!(block_on(subscription.next()).is_none());
    assert_eq!(take(&mut late, 101).len(), 101);
    assert!(block_on(late.next()).is_none());
    let mut after = store.subscribe(0);
    assert!(matches!(block_on(after.next()), Some(Err(Error::Closed))));
    assert!(block_on(after.next()).is_none());
}

#[test]
fn it_holds_no_store_open_and_ends_with_it() {
    let disk = Watched::new();
    let store = open(&disk, Durability::Manual);
    store.add(1).wait().unwrap();
    let mut subscription = store.subscribe(0);
    let mut waiting = store.subscribe(2);
    assert!(has_nothing_yet(&mut waiting));
    drop(store);
    let again = open(&disk, Durability::Manual);
    assert_eq!(take(&mut subscription, 1), [(1, 1)]);
    assert!(block_on(subscription.next()).is_none());
    assert!(block_on(waiting.next()).is_none());
    assert_eq!(again.sum(), 1);
}

#[test]
fn it_is_a_stream() {
    let store = TallyStore::in_memory();
    for number in 1..=10 {
        store.add(number).wait().unwrap();
    }
    store.close().wait().unwrap();
    let store = TallyStore::in_memory();
    let stream = store.subscribe(3);
    for number in 1..=10 {
        store.add(number).detach();
    }
    let close = store.close();
    let seen: Vec<_> = futures_executor::block_on(
        stream.map(|event| numbers(&event.unwrap()).1).collect::<Vec<_>>(),
    );
    close.wait().unwrap();
    assert_eq!(seen, (3..=10).collect::<Vec<_>>());
}

#[test]
fn a_failed_store_ends_it_with_the_error_after_what_can_not_be_lost() {
    let disk = Watched::new();
    let store = open(&disk, Durability::Always);
    let mut subscription = store.subscribe(0);
    store.add(1).wait().unwrap();
    disk.break_at(Call::Sync, ".journal");
    store.add(2).wait().unwrap_err();
    store.close().wait().unwrap_err();
    assert_eq!(take(&mut subscription, 1), [(1, 1)]);
    assert!(matches!(block_on(subscription.next()), Some(Err(Error::Failed { .. }))));
    assert!(block_on(subscription.next()).is_none());
}

#[test]
fn who_waits_is_told_of_the_failure_at_once() {
    let disk = Watched::new();
    let store = open(&disk, Durability::Always);
    store.add(1).wait().unwrap();
    let mut subscription = store.subscribe(2);
    assert!(has_nothing_yet(&mut subscription));
    // Its thread has looked by now, and sleeps.
    thread::sleep(std::time::Duration::from_millis(20));
    disk.break_at(Call::Sync, ".journal");
    store.add(2).wait().unwrap_err();
    // Without a close: it may be a long time until then.
    assert!(matches!(block_on(subscription.next()), Some(Err(Error::Failed { .. }))));
}

#[test]
fn an_unreadable_journal_ends_it_with_the_error() {
    let disk = Watched::new();
    let store = open(&disk, Durability::Always);
    store.add(1).wait().unwrap();
    disk.break_at(Call::Read, ".journal");
    let mut subscription = store.subscribe(0);
    assert!(matches!(block_on(subscription.next()), Some(Err(Error::Io { .. }))));
    assert!(block_on(subscription.next()).is_none());
    disk.heal();
    assert_eq!(take(&mut store.subscribe(0), 1), [(1, 1)]);
}

#[test]
fn dropping_it_or_its_future_loses_nothing_and_harms_nobody() {
    let store = TallyStore::in_memory();
    let mut subscription = store.subscribe(0);
    assert!(has_nothing_yet(&mut subscription), "the future is dropped");
    drop(store.subscribe(0));
    store.add(1).wait().unwrap();
    assert_eq!(take(&mut subscription, 1), [(1, 1)]);
    drop(subscription);
    store.add(2).wait().unwrap();
    store.close().wait().unwrap();
}

#[test]
fn it_goes_on_over_what_an_unclean_end_left_behind() {
    let disk = SimDisk::new();
    let open =
        |disk: &SimDisk| TallyStore::builder("").on_disk(disk.clone()).open().wait().unwrap();
    let store = open(&disk);
    for number in 1..=3 {
        store.add(number).wait().unwrap();
    }
    let disk = disk.after_kill();
    let store = open(&disk);
    store.add(4).wait().unwrap();
    let disk = disk.after_kill();
    let store = open(&disk);
    store.add(5).wait().unwrap();
    let expected = (1..=5).map(|number| (number, number)).collect::<Vec<_>>();
    assert_eq!(take(&mut store.subscribe(0), 5), expected);
}

#[test]
fn a_history_ends_with_what_was_there_when_it_was_asked_for() {
    let store = TallyStore::in_memory();
    let all = |mut history: Subscription<Tally>| {
        let mut seen = Vec::new();
        while let Some(event) = block_on(history.next()) {
            seen.push(numbers(&event.unwrap()).0);
        }
        seen
    };
    assert!(all(store.history(..)).is_empty());
    for number in 0..1000 {
        store.add(number).wait().unwrap();
    }
    let before = store.history(Seq::from(990)..);
    for number in 0..10 {
        store.add(number).wait().unwrap();
    }
    assert_eq!(all(before), (990..=1000).collect::<Vec<_>>());
    assert_eq!(all(store.history(..)), (1..=1010).collect::<Vec<_>>());
    assert_eq!(all(store.history(Seq::ZERO..Seq::from(3))), [1, 2]);
    assert_eq!(all(store.history(Seq::from(5)..=Seq::from(5))), [5]);
    assert_eq!(all(store.history(Seq::from(1009)..Seq::from(5000))), [1009, 1010]);
    assert!(all(store.history(Seq::from(2000)..)).is_empty());
    assert!(all(store.history(Seq::from(7)..Seq::from(7))).is_empty());
}

#[test]
fn a_history_from_before_what_is_kept_says_from_where_it_is() {
    let disk = Watched::new();
    let store = open(&disk, Durability::Always);
    for round in 0..4 {
        for number in 0..100 {
            store.add(round * 100 + number).wait().unwrap();
        }
        store.snapshot().wait().unwrap();
    }
    let Some(Err(Error::Pruned { oldest, .. })) = block_on(store.history(Seq::from(1)..).next())
    else {
        panic!("nothing was pruned");
    };
    assert!(oldest > Seq::from(1));
    let first = block_on(store.history(..).next()).expect("it goes on").unwrap();
    assert_eq!(first.seq, oldest, "without a start it begins with the oldest");
}

#[test]
fn without_a_runtime_a_thread_waits_for_what_comes() {
    let store = TallyStore::in_memory();
    store.add(1).wait().unwrap();
    let mut subscription = store.subscribe(1);
    let waiting = thread::spawn(move || {
        let mut seen = Vec::new();
        while let Some(event) = subscription.wait_next() {
            seen.push(numbers(&event.unwrap()));
        }
        seen
    });
    store.add(2).wait().unwrap();
    store.close().wait().unwrap();
    assert_eq!(waiting.join().unwrap(), [(1, 1), (2, 2)]);
}

#[test]
fn waiting_for_what_comes_inside_a_read_panics_instead_of_blocking_for_ever() {
    let store = TallyStore::in_memory();
    let mut subscription = store.subscribe(1);
    let inside =
        std::panic::AssertUnwindSafe(|| store.read(|_| subscription.wait_next().is_some()));
    assert!(std::panic::catch_unwind(inside).is_err());
    store.add(1).wait().unwrap();
    assert_eq!(subscription.wait_next().unwrap().unwrap().seq, Seq::from(1));
}

#[test]
fn one_that_is_not_read_does_not_read_on_for_ever() {
    for (transactions, text_bytes, reads_max) in [(1_500, 1, 1_000), (150, 64 << 10, 100)] {
        let disk = Watched::new();
        let builder = TallyStore::builder("").on_disk(disk.clone());
        let store = builder.open().wait().unwrap();
        let text = "x".repeat(text_bytes);
        for _ in 0..transactions {
            store.add_length(&text).wait().unwrap();
        }
        let before = disk.count(Call::Read, ".journal");
        let mut events = store.subscribe(Seq::from(1));
        next(&mut events);
        thread::sleep(std::time::Duration::from_millis(200));
        let reads = disk.count(Call::Read, ".journal") - before;
        assert!(reads < reads_max, "{reads}");
        // And yet all of it comes.
        for _ in 1..transactions {
            next(&mut events);
        }
    }
}

#[test]
fn damage_to_what_was_durable_is_told() {
    for damaged in [0, 83] {
        let disk = SimDisk::new();
        let store = TallyStore::builder("").on_disk(disk.clone()).open().wait().unwrap();
        store.add(1).wait().unwrap();
        let place = prevalent_tests::disk::journal_bytes(&disk.file(JOURNAL).unwrap());
        store.add(2).wait().unwrap();
        let mut bytes = disk.file(JOURNAL).unwrap();
        bytes[place + damaged] ^= 1;
        disk.set_file(JOURNAL, bytes);
        let mut events = store.subscribe(Seq::from(1));
        assert_eq!(take(&mut events, 1), [(1, 1)]);
        let error = block_on(events.next()).unwrap().unwrap_err();
        assert!(matches!(error, Error::Corrupt { .. }), "{error:?}");
    }
}

const JOURNAL: &str = "00000000000000000001.journal";

/// A number that can be read as long as nothing is wrong.
mod fickle {
    use std::sync::atomic::{AtomicBool, Ordering};

    pub(crate) static IS_WRONG: AtomicBool = AtomicBool::new(false);

    #[derive(Clone, Debug, serde::Serialize, serde::Deserialize)]
    #[serde(try_from = "u64", into = "u64")]
    pub(crate) struct Number(pub(crate) u64);

    impl TryFrom<u64> for Number {
        type Error = &'static str;

        fn try_from(number: u64) -> Result<Self, &'static str> {
            if IS_WRONG.load(Ordering::SeqCst) { Err("not now") } else { Ok(Number(number)) }
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
        pub(crate) fn note(&mut self, number: Number) {
            self.last = number.into();
        }
    }
}

#[test]
fn what_can_not_be_read_any_more_is_told() {
    let store = fickle::LogStore::in_memory();
    store.note(fickle::Number(1)).wait().unwrap();
    fickle::IS_WRONG.store(true, Ordering::SeqCst);
    let mut events = store.subscribe(Seq::from(1));
    let error = block_on(events.next()).unwrap().map(|event| event.seq).unwrap_err();
    assert!(error.to_string().contains("not now"), "{error}");
    fickle::IS_WRONG.store(false, Ordering::SeqCst);
}

/// The voids, a segment's header, a batch's header, the batch: none of them is taken for what it is not.
#[test]
fn what_can_not_be_read_for_once_is_told_by_a_subscription_as_that() {
    hush();
    let builder = |disk: Watched| {
        let builder = LedgerStore::builder("").segment_bytes(300).no_snapshot_on_close();
        builder.keep_snapshots(10).on_disk(disk)
    };
    let written = Watched::new();
    let store = builder(written.clone()).open().wait().unwrap();
    for line in 0..6 {
        store.add(format!("line {line}")).wait().unwrap();
        if line % 2 == 1 {
            store.explode().wait().unwrap_err();
        }
    }
    // So that an open doesn't go through the first segments, and knows their voids.
    store.snapshot().wait().unwrap();
    drop(store);
    for reads in 0.. {
        let disk = Watched::over(written.sim.deep_clone());
        let store = builder(disk.clone()).open().wait().unwrap();
        let before = disk.count(Call::Read, ".journal");
        disk.break_once_after(reads, Call::Read, ".journal");
        let mut past = store.subscribe(1);
        let found: Result<Vec<_>, Error> =
            (0..6).map(|_| past.wait_next().unwrap().map(|event| u64::from(event.seq))).collect();
        match found {
            Ok(seqs) => {
                assert_eq!(seqs, [1, 2, 4, 5, 7, 8], "{reads}");
                if disk.count(Call::Read, ".journal") - before <= reads {
                    assert!(reads > 8, "{reads}");
                    return;
                }
            }
            Err(error) => assert!(matches!(error, Error::Io { .. }), "{reads}: {error}"),
        }
    }
}
