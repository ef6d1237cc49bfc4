//! Promise 9: never unbounded.

use prevalent::{Durability, Effect, Error, Seq};
use prevalent_tests::disk::{Call, Watched};
use prevalent_tests::models::{Tally, TallyStore};
use prevalent_tests::waiting::{block_on, is_pending, until, within_limit};

fn open(disk: &Watched, durability: Durability, bytes: usize) -> TallyStore {
    TallyStore::builder("")
        .durability(durability)
        .pending_bytes(bytes)
        .on_disk(disk.clone())
        .open()
        .wait()
        .unwrap()
}

#[test]
fn at_the_cap_a_handle_resolves_at_once_and_nothing_was_ordered() {
    for (durability, call) in [(Durability::Always, Call::Sync), (Durability::Manual, Call::Write)]
    {
        let disk = Watched::new();
        let store = open(&disk, durability, 1000);
        store.add(0).wait().unwrap();
        until("it is written", || store.stats().pending_bytes == 0);
        disk.hold(call, ".journal");
        let text = "x".repeat(200);
        let first = store.add_length(&text);
        disk.wait_until_held();
        let second = store.add_length(&text);
        // The overhead counts: its one byte alone would have room.
        let third = store.add(1);
        assert_eq!(third.seq(), None);
        let ordered = store.stats().ordered_seq;
        let pending = store.stats().pending_bytes;
        assert!(pending > 400 && pending <= 1000, "{pending}");
        match third.wait().unwrap_err() {
            error @ Error::Overloaded { pending_bytes, limit, .. } => {
                assert_eq!((pending_bytes, limit), (pending, 1000));
                assert_eq!(error.effect(), Effect::None);
                assert!(error.to_string().contains("ready()"));
            }
            other => panic!("{other:?}"),
        }
        assert_eq!(store.stats().ordered_seq, ordered);

        let mut ready = store.ready();
        assert!(is_pending(&mut ready));
        disk.release();
        block_on(ready).unwrap();
        let fourth = store.add_length(&text);
        assert_eq!(fourth.seq(), Some(Seq::from(u64::from(ordered) + 1)), "no number was used up");
        for commit in [first, second, fourth] {
            commit.wait().unwrap();
        }
        until("all is written", || store.stats().pending_bytes == 0);
        assert_eq!(store.read(|tally| tally.numbers.len()), 4);
    }
}

#[test]
fn with_room_ready_resolves_at_once() {
    let store = TallyStore::in_memory();
    assert!(!is_pending(&mut store.ready()));
}

#[test]
fn with_nothing_pending_a_transaction_is_always_accepted_however_low_the_cap() {
    for durability in [Durability::Always, Durability::Manual] {
        for cap in [0, 1, 300] {
            let disk = Watched::new();
            let store = open(&disk, durability, cap);
            let large = "x".repeat(10_000);
            for count in 1..=100 {
                // What has resolved is pending no more, at that very moment.
                assert_eq!(store.add_length(&large).wait().unwrap(), count, "{durability:?} {cap}");
            }
        }
    }
}

#[test]
fn with_nothing_pending_a_transaction_is_accepted_from_a_waker_of_the_one_before() {
    use prevalent_tests::waiting::{OnWake, poll_with};
    let disk = Watched::new();
    let store = open(&disk, Durability::Always, 1);
    let (sender, receiver) = std::sync::mpsc::channel();
    disk.hold(Call::Sync, ".journal");
    let mut first = store.add(1);
    let next = store.clone();
    let waker = OnWake::waker(move || sender.send(next.add(2)).unwrap());
    assert!(poll_with(&mut first, &waker).is_pending());
    disk.release();
    let second = receiver.recv_timeout(prevalent_tests::waiting::LIMIT).unwrap();
    assert_eq!(second.wait().unwrap(), 2);
}

#[test]
fn whoever_waits_for_room_gets_on_however_low_the_cap() {
    for cap in [0, 1, 257, 2000] {
        within_limit(move || {
            let store = TallyStore::builder_in_memory().pending_bytes(cap).open().wait().unwrap();
            let threads: Vec<_> = (0..4)
                .map(|_| {
                    let store = store.clone();
                    std::thread::spawn(move || {
                        let mut done = 0;
                        while done < 50 {
                            store.ready().wait().unwrap();
                            match store.add(1).wait() {
                                Ok(_) => done += 1,
                                Err(Error::Overloaded { .. }) => {}
                                Err(other) => panic!("{other:?}"),
                            }
                        }
                    })
                })
                .collect();
            for thread in threads {
                thread.join().unwrap();
            }
            assert_eq!(store.sum(), 200);
        });
    }
}

#[test]
fn who_waits_for_room_is_told_when_the_store_is_closed() {
    let disk = Watched::new();
    let store = open(&disk, Durability::Always, 1);
    disk.hold(Call::Sync, ".journal");
    let commit = store.add(1);
    let mut ready = store.ready();
    disk.wait_until_held();
    assert!(is_pending(&mut ready));
    let close = store.close();
    disk.release();
    // There was room before the end, or there was the end.
    let result = block_on(ready);
    assert!(matches!(result, Ok(()) | Err(Error::Closed)), "{result:?}");
    commit.wait().unwrap();
    close.wait().unwrap();
    assert!(matches!(store.ready().wait(), Err(Error::Closed)));
}

#[test]
fn the_default_cap_lets_a_burst_of_small_transactions_through() {
    let store = TallyStore::in_memory();
    let commits: Vec<_> = (0..5000).map(|number| store.add(number)).collect();
    for commit in commits {
        commit.wait().unwrap();
    }
    assert_eq!(store.read(Tally::clone).numbers.len(), 5000);
}

/// What is written together must be read together.
#[test]
fn however_much_waits_no_batch_is_longer_than_one_that_can_be_read() {
    let disk = Watched::new();
    let store = open(&disk, Durability::Always, usize::MAX);
    disk.hold(Call::Sync, ".journal");
    let first = store.add(0);
    disk.wait_until_held();
    let text = "x".repeat(15 << 20);
    let others: Vec<_> = (0..6).map(|_| store.add_length(&text)).collect();
    disk.release();
    first.wait().unwrap();
    for commit in others {
        commit.wait().unwrap();
    }
    let live = store.read(Tally::clone);
    assert_eq!(
        open(&Watched::over(disk.sim.after_kill()), Durability::Always, 1000).read(Tally::clone),
        live
    );
}
