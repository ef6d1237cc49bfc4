//! The store and its handles: what the design's page on them says, sentence by sentence.

use std::cell::Cell;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, OnceLock, mpsc};
use std::thread;
use std::time::{Duration, SystemTime};

use prevalent::testing::SimDisk;
use prevalent::{Durability, Effect, Error, Progress, Seq, Store, prevalent};
use prevalent_tests::disk::{Call, Watched};
use prevalent_tests::events;
use prevalent_tests::models::{Tally, TallyReply, TallyStore, TallyTx};
use prevalent_tests::waiting::{
    LIMIT, OnWake, block_on, is_pending, poll_with, until, within_limit,
};

const SEGMENT: &str = ".journal";

fn open(disk: &Watched) -> TallyStore {
    TallyStore::builder("").on_disk(disk.clone()).open().wait().unwrap()
}

#[track_caller]
fn message_of(panic: &(dyn std::any::Any + Send)) -> String {
    panic
        .downcast_ref::<String>()
        .cloned()
        .or_else(|| panic.downcast_ref::<&str>().map(|&text| text.to_owned()))
        .expect("a message")
}

mod handles {
    use super::*;

    #[test]
    fn a_commit_is_submitted_at_the_call() {
        let disk = Watched::new();
        let store = open(&disk);
        let commit = store.add(1);
        assert_eq!(commit.seq(), Some(Seq::from(1)));
        until("it is applied, though nobody waits", || store.sum() == 1);
        drop(commit);
    }

    #[test]
    fn dropping_a_handle_does_not_cancel() {
        let disk = Watched::new();
        let store = open(&disk);
        store.add(1).wait().unwrap();
        disk.hold(Call::Write, SEGMENT);
        drop(store.add(2));
        let mut polled = store.add(3);
        assert!(is_pending(&mut polled));
        drop(polled);
        disk.release();
        store.add(4).wait().unwrap();
        assert_eq!(store.read(Tally::clone).numbers, [1, 2, 3, 4]);
    }

    #[test]
    fn a_detached_commit_takes_place() {
        let store = TallyStore::in_memory();
        for number in 1..=100 {
            store.add(number).detach();
        }
        store.add(0).wait().unwrap();
        assert_eq!(store.sum(), 5050);
    }

    #[test]
    fn the_failure_of_a_detached_commit_becomes_an_event() {
        events::listen();
        let disk = Watched::new();
        let store = open(&disk);
        store.bomb(424_242).detach();
        until("the event is there", || {
            events::was_told(&["ERROR", "nobody waited for", "bomb 424242"])
        });
        store.add(1).wait().unwrap();
        // Also where it has failed by then, and where it was never ordered.
        let bomb = store.bomb(535_353);
        store.flush().wait().unwrap();
        store.add(2).wait().unwrap();
        bomb.detach();
        assert!(events::was_told(&["ERROR", "nobody waited for", "bomb 535353"]));
        store.close().wait().unwrap();
        store.add(3).detach();
        assert!(events::was_told(&["ERROR", "nobody waited for", "the store is closed"]));
    }

    #[test]
    fn the_failure_of_a_detached_operation_becomes_an_event() {
        events::listen();
        let store =
            TallyStore::builder("").initial(|| panic!("not this 616161")).on_disk(SimDisk::new());
        store.open().detach();
        until("the event is there", || events::was_told(&["ERROR", "nobody waited", "616161"]));
    }

    #[test]
    fn a_success_of_a_detached_commit_is_no_event() {
        events::listen();
        let store = TallyStore::in_memory();
        store.add_checked(0).detach();
        store.add(1).wait().unwrap();
        assert!(!events::was_told(&["zero"]));
    }

    #[test]
    fn open_flush_snapshot_and_close_are_begun_at_the_call() {
        let disk = Watched::new();
        let opening = TallyStore::builder("").on_disk(disk.clone()).open();
        until("it is open, though nobody waits", || disk.count(Call::Rename, "snapshot") == 1);
        let store = opening.wait().unwrap();

        let manual = Watched::new();
        let store2 = TallyStore::builder("")
            .durability(Durability::Manual)
            .on_disk(manual.clone())
            .open()
            .wait()
            .unwrap();
        store2.add(1).wait().unwrap();
        let flushing = store2.flush();
        until("it is flushed, though nobody waits", || store2.stats().durable_seq == Seq::from(1));
        drop(flushing);

        store.add(1).wait().unwrap();
        let snapshot = store.snapshot();
        until("it is taken, though nobody waits", || {
            store.stats().last_snapshot.unwrap().seq == Seq::from(1)
        });
        drop(snapshot);
        let closing = store.close();
        until("it is closed, though nobody waits", || {
            TallyStore::builder("").on_disk(disk.clone()).open().wait().is_ok()
        });
        closing.wait().unwrap();
    }

    #[test]
    fn a_commit_by_value_gives_the_reply_enum() {
        let store = TallyStore::in_memory();
        let commit = store.commit(TallyTx::Add { number: 5 });
        assert_eq!(commit.seq(), Some(Seq::from(1)));
        assert_eq!(commit.wait().unwrap(), TallyReply::Add(1));
    }

    #[test]
    fn a_handle_outlives_its_store() {
        let disk = Watched::new();
        let store = open(&disk);
        let commits: Vec<_> = (0..100).map(|number| store.add(number)).collect();
        drop(store);
        for (count, commit) in (1..).zip(commits) {
            assert_eq!(commit.wait().unwrap(), count);
        }
    }

    #[test]
    fn the_last_waker_is_the_one_that_is_woken() {
        let disk = Watched::new();
        let store = open(&disk);
        disk.hold(Call::Sync, SEGMENT);
        let mut commit = store.add(1);
        let woken = Arc::new(Mutex::new(Vec::new()));
        for name in ["first", "second"] {
            let woken = woken.clone();
            let waker = OnWake::waker(move || woken.lock().unwrap().push(name));
            assert!(poll_with(&mut commit, &waker).is_pending());
        }
        disk.release();
        until("somebody is woken", || !woken.lock().unwrap().is_empty());
        assert_eq!(commit.wait().unwrap(), 1);
        assert_eq!(*woken.lock().unwrap(), ["second"]);
    }
}

mod reads {
    use super::*;

    #[test]
    fn a_read_is_consistent() {
        let store = TallyStore::in_memory();
        let writer = store.clone();
        let writer = thread::spawn(move || {
            for number in 0..500 {
                writer.add(number).detach();
            }
            writer.add(0).wait().unwrap();
        });
        while !writer.is_finished() {
            store.read(|tally| {
                let first = tally.sum();
                thread::yield_now();
                assert_eq!(tally.sum(), first);
            });
        }
        writer.join().unwrap();
    }

    #[test]
    fn reads_nest_even_while_a_writer_waits() {
        within_limit(|| {
            let store = TallyStore::in_memory();
            store.add(1).wait().unwrap();
            let commit = store.read(|tally| {
                let commit = store.add(2);
                // The journal thread wants the state by now; it will get it after this closure.
                until("it is written", || store.stats().durable_seq == Seq::from(2));
                thread::sleep(Duration::from_millis(20));
                assert_eq!(store.sum(), tally.sum());
                assert_eq!(store.try_read(|t| store.read(|_| t.sum())).unwrap(), 1);
                commit
            });
            assert_eq!(commit.wait().unwrap(), 2);
        });
    }

    #[test]
    fn a_read_may_borrow_and_return_anything_that_is_owned() {
        let store = TallyStore::in_memory();
        store.add(3).wait().unwrap();
        let mut seen = Vec::new();
        let count = store.read(|tally| {
            seen.extend(&tally.numbers);
            tally.numbers.len()
        });
        assert_eq!((count, seen), (1, vec![3]));
    }

    #[test]
    fn a_panic_in_a_read_closure_or_a_query_harms_nobody_else() {
        mod fussy {
            #[prevalent::prevalent]
            #[derive(Debug, Default)]
            pub(super) struct Fussy {
                count: u64,
            }
            #[prevalent::prevalent]
            impl Fussy {
                #[tx]
                pub(super) fn count(&mut self) -> u64 {
                    self.count += 1;
                    self.count
                }
                #[query]
                pub(super) fn ask(&self, politely: bool) -> u64 {
                    assert!(politely, "not like that");
                    self.count
                }
            }
        }
        let store = fussy::FussyStore::in_memory();
        for round in 1..=3 {
            store.count().wait().unwrap();
            let query = catch_unwind(AssertUnwindSafe(|| store.ask(false)));
            assert_eq!(message_of(&*query.unwrap_err()), "not like that");
            let read =
                catch_unwind(AssertUnwindSafe(|| store.read(|_| store.read(|_| panic!("oh")))));
            assert!(read.is_err());
            let tried = catch_unwind(AssertUnwindSafe(|| store.try_read(|_| panic!("oh"))));
            assert!(tried.is_err());
            assert_eq!(store.ask(true), round);
        }
        // The thread that panicked inside a read isn't inside any more.
        store.count().wait().unwrap();
        assert_eq!(store.stats().rebuilds, 0);
    }
}

mod closing {
    use super::*;

    #[test]
    fn close_stops_the_store_through_every_clone_and_reads_still_serve() {
        let disk = Watched::new();
        let store = open(&disk);
        let clone = store.clone();
        store.add(1).wait().unwrap();
        let mut before = clone.add(2);
        let closing = clone.close();
        let too_late = store.add(3);
        assert_eq!(too_late.seq(), None);
        assert!(matches!(too_late.wait(), Err(Error::Closed)));
        assert_eq!(Error::effect(&store.add(3).wait().unwrap_err()), Effect::None);
        closing.wait().unwrap();
        assert!(!is_pending(&mut before), "what was ordered before is done");
        for store in [&store, &clone] {
            assert!(matches!(store.flush().wait(), Err(Error::Closed)));
            assert!(matches!(store.ready().wait(), Err(Error::Closed)));
            assert!(matches!(store.snapshot().wait(), Err(Error::Closed)));
            assert_eq!(store.read(Tally::clone).numbers, [1, 2]);
            assert_eq!(store.sum(), 3);
            assert_eq!(store.stats().seq, Seq::from(2));
        }
    }

    #[test]
    fn a_second_close_gives_the_first_one_s_result() {
        let disk = Watched::new();
        let store = open(&disk);
        store.add(1).wait().unwrap();
        disk.break_at(Call::Create, ".snapshot");
        let (first, second) = (store.close(), store.clone().close());
        let texts =
            [first, second, store.close()].map(|close| close.wait().unwrap_err().to_string());
        disk.heal();
        assert_eq!(texts[0], texts[1]);
        assert_eq!(texts[0], texts[2]);
        assert_eq!(store.close().wait().unwrap_err().to_string(), texts[0]);
        let fine = TallyStore::in_memory();
        for _ in 0..3 {
            fine.close().wait().unwrap();
        }
    }

    #[test]
    fn close_takes_a_last_snapshot_by_default_and_none_if_told_so() {
        let disk = Watched::new();
        let store = open(&disk);
        store.add(1).wait().unwrap();
        store.close().wait().unwrap();
        assert_eq!(store.stats().last_snapshot.unwrap().seq, Seq::from(1));
        let store = TallyStore::builder("")
            .no_snapshot_on_close()
            .on_disk(disk.clone())
            .open()
            .wait()
            .unwrap();
        assert_eq!(store.recovery().transactions, 0);
        store.add(2).wait().unwrap();
        store.close().wait().unwrap();
        assert_eq!(store.stats().last_snapshot.unwrap().seq, Seq::from(1));
        assert_eq!(open(&disk).recovery().transactions, 1);
    }

    #[test]
    fn the_end_of_the_last_handle_takes_no_snapshot() {
        let disk = Watched::new();
        let store = open(&disk);
        store.add(1).wait().unwrap();
        drop(store);
        let store = open(&disk);
        assert_eq!((store.recovery().snapshot_seq, store.recovery().transactions), (Seq::ZERO, 1));
    }

    #[test]
    fn close_waits_for_a_running_snapshot() {
        let disk = Watched::new();
        let store = open(&disk);
        store.add(1).wait().unwrap();
        disk.hold(Call::Sync, ".snapshot");
        let snapshot = store.snapshot();
        disk.wait_until_held();
        let mut close = store.close();
        thread::sleep(Duration::from_millis(20));
        assert!(is_pending(&mut close));
        let locked = TallyStore::builder("").on_disk(disk.clone()).open().wait();
        assert!(matches!(locked, Err(Error::Locked { .. })));
        disk.release();
        assert_eq!(snapshot.wait().unwrap().seq, Seq::from(1));
        close.wait().unwrap();
    }

    #[test]
    fn dropping_the_last_handle_writes_what_is_pending_and_frees_the_lock_before_it_returns() {
        for durability in [Durability::Always, Durability::Manual] {
            let disk = Watched::new();
            let store = TallyStore::builder("")
                .durability(durability)
                .on_disk(disk.clone())
                .open()
                .wait()
                .unwrap();
            store.add(0).wait().unwrap();
            disk.hold(Call::Write, SEGMENT);
            for number in 1..100 {
                store.add(number).detach();
            }
            let dropping = thread::spawn(move || drop(store));
            disk.wait_until_held();
            thread::sleep(Duration::from_millis(10));
            assert!(!dropping.is_finished());
            disk.release();
            dropping.join().unwrap();
            assert_eq!(open(&disk).read(Tally::clone).numbers, (0..100).collect::<Vec<_>>());
        }
    }

    #[test]
    fn a_commit_and_a_subscription_hold_no_store_open() {
        let disk = Watched::new();
        let store = open(&disk);
        let commit = store.add(1);
        let subscription = store.subscribe(0);
        let flush = store.flush();
        drop(store);
        let again = open(&disk);
        assert_eq!(again.sum(), 1);
        drop((subscription, flush));
        assert_eq!(commit.wait().unwrap(), 1);
    }

    /// The last handle goes in a waker, on the journal thread.
    #[test]
    fn the_drop_of_the_last_handle_on_the_engine_s_own_thread_returns_at_once() {
        let disk = Watched::new();
        let store = open(&disk);
        disk.hold(Call::Sync, SEGMENT);
        let mut commit = store.add(1);
        let (sender, receiver) = mpsc::channel();
        let waker = OnWake::waker(move || {
            drop(store);
            sender.send(thread::current().name().map(str::to_owned)).unwrap();
        });
        assert!(poll_with(&mut commit, &waker).is_pending());
        disk.release();
        let name = receiver.recv_timeout(LIMIT).unwrap().unwrap();
        assert!(name.starts_with("prevalent-"), "{name}");
        assert_eq!(commit.wait().unwrap(), 1);
        // The engine finishes by itself.
        until("the lock is free", || {
            TallyStore::builder("").on_disk(disk.clone()).open().wait().is_ok()
        });
    }

    #[test]
    fn the_drop_of_the_last_handle_in_a_waker_of_a_subscription_or_a_snapshot_returns_at_once() {
        for by_snapshot in [false, true] {
            let disk = Watched::new();
            let store = open(&disk);
            let mut subscription = store.subscribe(0);
            disk.hold(Call::Sync, SEGMENT);
            let commit = store.add(1);
            let mut snapshot = store.snapshot();
            let (sender, receiver) = mpsc::channel();
            let waker = OnWake::waker(move || {
                drop(store);
                sender.send(()).unwrap();
            });
            if by_snapshot {
                disk.wait_until_held();
                // A snapshot of nothing new may be done already: then there is nobody to wake.
                if !poll_with(&mut snapshot, &waker).is_pending() {
                    disk.release();
                    continue;
                }
            } else {
                let mut next = Box::pin(subscription.next());
                assert!(poll_with(&mut next, &waker).is_pending());
            }
            disk.release();
            receiver.recv_timeout(LIMIT).unwrap();
            commit.wait().unwrap();
            drop(waker);
            until("the lock is free", || {
                TallyStore::builder("").on_disk(disk.clone()).open().wait().is_ok()
            });
        }
    }

    #[test]
    fn a_store_in_memory_keeps_the_same_promises_without_files() {
        let store = TallyStore::builder_in_memory()
            .initial(Tally::with_a_seven)
            .segment_bytes(1)
            .open()
            .wait()
            .unwrap();
        store.add(1).wait().unwrap();
        store.bomb(2).wait().unwrap_err();
        store.add(3).wait().unwrap();
        assert_eq!(store.read(Tally::clone).numbers, [7, 1, 3]);
        assert!(store.stats().segments >= 2);
        store.snapshot().wait().unwrap();
        store.close().wait().unwrap();
        assert!(matches!(store.add(1).wait(), Err(Error::Closed)));
    }

    #[test]
    fn a_model_s_own_close_and_flush_are_transactions_and_the_engine_s_are_still_there() {
        mod shop {
            #[prevalent::prevalent]
            #[derive(Debug, Default)]
            pub(super) struct Shop {
                is_open: bool,
            }
            #[prevalent::prevalent]
            impl Shop {
                #[tx]
                pub(super) fn close(&mut self) -> bool {
                    std::mem::replace(&mut self.is_open, false)
                }
                #[tx]
                pub(super) fn flush(&mut self) -> bool {
                    self.is_open
                }
                #[tx(method = "open_shop")]
                pub(super) fn open(&mut self) {
                    self.is_open = true;
                }
            }
        }
        let store = shop::ShopStore::in_memory();
        store.open_shop().wait().unwrap();
        assert!(store.close().wait().unwrap());
        assert!(!store.flush().wait().unwrap());
        Store::flush(&store).wait().unwrap();
        Store::close(&store).wait().unwrap();
        assert!(matches!(store.close().wait(), Err(Error::Closed)));
    }
}

mod misuse {
    use super::*;

    #[track_caller]
    fn panics_inside_a_read<R>(store: &TallyStore, misuse: impl FnOnce() -> R) {
        let panic = store.read(|_| catch_unwind(AssertUnwindSafe(misuse)).err()).expect("a panic");
        let message = message_of(&*panic);
        assert!(message.contains("`read` closure"), "{message}");
    }

    #[test]
    fn waiting_inside_a_read_closure_panics_instead_of_hanging() {
        within_limit(|| {
            let disk = Watched::new();
            let store = open(&disk);
            store.add(1).wait().unwrap();
            panics_inside_a_read(&store, || store.add(2).wait());
            panics_inside_a_read(&store, || is_pending(&mut store.add(3)));
            panics_inside_a_read(&store, || store.read(|_| store.add(4).wait()));
            panics_inside_a_read(&store, || {
                // What is ordered first can't be applied meanwhile.
                store.add(5).detach();
                store.close().wait()
            });
            assert_eq!(
                store.close().wait().map(|()| store.sum()).unwrap(),
                1 + 2 + 3 + 4 + 5,
                "they were ordered all the same"
            );
        });
    }

    #[test]
    fn so_does_waiting_for_an_operation() {
        let disk = Watched::new();
        let store = TallyStore::builder("")
            .durability(Durability::Manual)
            .on_disk(disk.clone())
            .open()
            .wait()
            .unwrap();
        store.add(1).wait().unwrap();
        disk.hold(Call::Sync, "");
        panics_inside_a_read(&store, || store.flush().wait());
        panics_inside_a_read(&store, || is_pending(&mut store.flush()));
        panics_inside_a_read(&store, || store.snapshot().wait());
        let mut subscription = store.subscribe(9);
        panics_inside_a_read(&store, || {
            let mut next = Box::pin(subscription.next());
            is_pending(&mut next)
        });
        disk.release();
    }

    #[test]
    fn what_is_resolved_already_may_be_taken_inside_a_read_closure() {
        let disk = Watched::new();
        let store = open(&disk);
        disk.hold(Call::Sync, SEGMENT);
        let mut commit = store.add(1);
        let (sender, receiver) = mpsc::channel();
        let waker = OnWake::waker(move || sender.send(()).unwrap());
        assert!(poll_with(&mut commit, &waker).is_pending());
        disk.release();
        receiver.recv_timeout(LIMIT).unwrap();
        assert_eq!(store.read(|_| commit.wait()).unwrap(), 1);
        store.close().wait().unwrap();
        let refused = store.add(2);
        assert!(store.read(|_| refused.wait()).is_err());
    }

    #[test]
    fn waiting_for_another_store_inside_a_read_closure_is_fine() {
        let (one, other) = (TallyStore::in_memory(), TallyStore::in_memory());
        one.add(1).wait().unwrap();
        let count = one.read(|tally| other.add(tally.sum()).wait().unwrap());
        assert_eq!((count, other.sum()), (1, 1));
        // And afterwards the thread is inside neither.
        one.add(2).wait().unwrap();
    }

    #[test]
    fn waiting_on_the_store_s_own_thread_panics_instead_of_hanging() {
        let disk = Watched::new();
        let store = open(&disk);
        disk.hold(Call::Sync, SEGMENT);
        let mut commit = store.add(1);
        let (sender, receiver) = mpsc::channel();
        let inside = store.clone();
        let waker = OnWake::waker(move || {
            let panic = catch_unwind(AssertUnwindSafe(|| inside.add(2).wait()));
            sender.send(panic.err().map(|panic| message_of(&*panic))).unwrap();
        });
        assert!(poll_with(&mut commit, &waker).is_pending());
        disk.release();
        let message = receiver.recv_timeout(LIMIT).unwrap().expect("a panic");
        assert!(message.contains("own thread"), "{message}");
        store.add(3).wait().unwrap();
    }

    static OWN: OnceLock<Mutex<Option<SelfishStore>>> = OnceLock::new();

    #[prevalent]
    #[derive(Debug, Default)]
    struct Selfish {
        count: u64,
    }

    #[prevalent(vis = pub(self))]
    impl Selfish {
        #[tx]
        fn count(&mut self) -> u64 {
            self.count += 1;
            self.count
        }

        #[tx]
        fn misuse(&mut self, how: u8) {
            self.count += 100;
            let Some(own) = OWN.get().and_then(|own| own.lock().ok()?.clone()) else { return };
            match how {
                0 => drop(own.read(|selfish| selfish.count)),
                1 => drop(own.try_read(|selfish| selfish.count)),
                2 => own.count().detach(),
                3 => own.flush().detach(),
                4 => own.snapshot().detach(),
                5 => own.ready().detach(),
                6 => own.close().detach(),
                7 => drop(own.subscribe(0)),
                8 => drop(own.stats()),
                _ => drop(own.recovery()),
            }
        }
    }

    #[test]
    fn a_transaction_that_touches_its_own_store_panics_and_harms_only_itself() {
        let store = SelfishStore::in_memory();
        OWN.get_or_init(Mutex::default).lock().unwrap().replace(store.clone());
        store.count().wait().unwrap();
        for how in 0..=9 {
            match store.misuse(how).wait() {
                Err(Error::TxPanicked { message, .. }) => {
                    assert!(message.contains("own store"), "{how}: {message}");
                }
                other => panic!("{how}: {other:?}"),
            }
        }
        assert_eq!(store.count().wait().unwrap(), 2);
        OWN.get().unwrap().lock().unwrap().take();
    }

    /// A reply whose drop panics, or does something else that a test wants.
    struct Touchy(u64);

    thread_local! {
        static IS_QUIET: Cell<bool> = const { Cell::new(false) };
    }

    static DROPPED: AtomicUsize = AtomicUsize::new(0);

    impl Drop for Touchy {
        fn drop(&mut self) {
            DROPPED.fetch_add(1, Ordering::SeqCst);
            assert!(IS_QUIET.get() || thread::panicking() || self.0 == 0, "a touchy reply");
        }
    }

    #[prevalent]
    #[derive(Debug, Default)]
    struct Nervous {
        count: u64,
    }

    #[prevalent(vis = pub(self))]
    impl Nervous {
        #[tx]
        fn touch(&mut self, how: u64) -> Touchy {
            self.count += 1;
            Touchy(how)
        }
    }

    #[test]
    fn a_panic_in_the_drop_of_a_reply_harms_nobody_else_live_or_in_a_replay() {
        events::listen();
        let disk = Watched::new();
        let open = || NervousStore::builder("").on_disk(disk.clone()).open().wait().unwrap();
        let store = open();
        store.touch(0).wait().map(drop).unwrap();
        disk.hold(Call::Write, SEGMENT);
        for how in [1, 2, 3] {
            drop(store.touch(how));
            store.touch(how).detach();
        }
        let last = store.touch(0);
        disk.release();
        last.wait().map(drop).unwrap();
        assert_eq!(store.read(|nervous| nervous.count), 8);
        assert_eq!(store.stats().rebuilds, 0);
        assert!(DROPPED.load(Ordering::SeqCst) >= 8);
        assert!(events::was_told(&["a touchy reply"]));
        drop(store);
        assert_eq!(open().read(|nervous| nervous.count), 8);
    }

    #[test]
    fn a_panic_in_a_waker_harms_nobody_else() {
        let disk = Watched::new();
        let store = open(&disk);
        store.add(0).wait().unwrap();
        disk.hold(Call::Sync, SEGMENT);
        let mut commit = store.add(1);
        let mut flush = store.flush();
        let mut subscription = store.subscribe(2);
        let bad = || OnWake::waker(|| panic!("a bad waker"));
        assert!(poll_with(&mut commit, &bad()).is_pending());
        assert!(poll_with(&mut flush, &bad()).is_pending());
        {
            let mut next = Box::pin(subscription.next());
            assert!(poll_with(&mut next, &bad()).is_pending());
        }
        let others: Vec<_> = (2..10).map(|number| store.add(number)).collect();
        disk.release();
        for other in others {
            other.wait().unwrap();
        }
        assert_eq!(commit.wait().unwrap(), 2);
        flush.wait().unwrap();
        assert_eq!(block_on(subscription.next()).unwrap().unwrap().seq, Seq::from(2));
        let snapshot = store.snapshot();
        snapshot.wait().unwrap();
        let mut close = store.close();
        let _ = poll_with(&mut close, &bad());
        close.wait().unwrap();
    }
}

mod snapshots {
    use super::*;

    #[test]
    fn a_snapshot_tells_seq_file_and_bytes() {
        let dir = tempfile::tempdir().unwrap();
        let store = TallyStore::open(dir.path()).wait().unwrap();
        let before = SystemTime::now();
        for number in 1..=3 {
            store.add(number).wait().unwrap();
        }
        let info = store.snapshot().wait().unwrap();
        assert_eq!(info.seq, Seq::from(3));
        assert_eq!(info.file.parent().unwrap(), dir.path());
        assert_eq!(info.bytes, std::fs::metadata(&info.file).unwrap().len());
        assert!(info.created + Duration::from_millis(1) >= before);
        assert_eq!(store.stats().last_snapshot.unwrap(), info);
        drop(store);
        let store = TallyStore::open(dir.path()).wait().unwrap();
        assert_eq!(
            (store.recovery().snapshot_seq, store.recovery().transactions),
            (Seq::from(3), 0)
        );
        assert_eq!(store.sum(), 6);
    }

    #[test]
    fn a_snapshot_with_nothing_new_tells_of_the_one_that_is_there() {
        let disk = Watched::new();
        let store = open(&disk);
        store.add(1).wait().unwrap();
        let first = store.snapshot().wait().unwrap();
        let creates = disk.count(Call::Create, "");
        assert_eq!(store.snapshot().wait().unwrap(), first);
        store.close().wait().unwrap();
        assert_eq!(disk.count(Call::Create, ""), creates + 1, "only the clean mark");
    }

    #[test]
    fn two_snapshots_are_kept_and_the_journal_back_to_the_older_one() {
        let disk = Watched::new();
        let store =
            TallyStore::builder("").segment_bytes(1).on_disk(disk.clone()).open().wait().unwrap();
        for number in 1..=6 {
            store.add(number).wait().unwrap();
            store.add(number).wait().unwrap();
            store.snapshot().wait().unwrap();
            let kept = disk.files(".snapshot");
            assert_eq!(kept.len(), 2);
            assert!(kept[1].starts_with(&format!("{:020}", number * 2)));
        }
        // The older one is of 10, the newer one of 12: the segments of 10 to 12 are there.
        assert_eq!(disk.files(SEGMENT).len(), 3);
        assert_eq!(store.stats().segments, 3);
        // The older one is good for something.
        drop(store);
        let newest = disk.files(".snapshot").pop().unwrap();
        disk.sim.remove_file(&newest);
        let store = open(&disk);
        assert_eq!(store.recovery().snapshot_seq, Seq::from(10));
        assert_eq!(store.read(Tally::clone).numbers.len(), 12);
    }

    #[test]
    fn so_many_bytes_of_journal_make_an_automatic_snapshot() {
        let disk = Watched::new();
        let store = TallyStore::builder("")
            .snapshot_every_bytes(20_000)
            .segment_bytes(4000)
            .on_disk(disk.clone())
            .open()
            .wait()
            .unwrap();
        let text = "x".repeat(1000);
        let newest = || store.stats().last_snapshot.unwrap().seq;
        for _ in 0..10 {
            store.add_length(&text).wait().unwrap();
        }
        thread::sleep(Duration::from_millis(20));
        assert_eq!(newest(), Seq::ZERO, "not yet");
        for _ in 0..15 {
            store.add_length(&text).wait().unwrap();
        }
        until("there is a snapshot", || newest() > Seq::ZERO);
        for _ in 0..100 {
            store.add_length(&text).wait().unwrap();
        }
        // By then there is a second one, and nothing needs what was before the first.
        until("old segments are gone", || disk.count(Call::Remove, "1.journal") > 0);
        assert!(disk.files(".snapshot").len() <= 3);
        drop(store);
        assert_eq!(open(&disk).read(|tally| tally.numbers.len()), 125);
    }

    #[test]
    fn what_comes_while_a_snapshot_is_taken_makes_the_next_one_though_nothing_comes_after_it() {
        let disk = Watched::new();
        let store = TallyStore::builder("")
            .snapshot_every_bytes(20_000)
            .on_disk(disk.clone())
            .open()
            .wait()
            .unwrap();
        let text = "x".repeat(1000);
        disk.hold(Call::Sync, ".snapshot");
        for _ in 0..25 {
            store.add_length(&text).wait().unwrap();
        }
        disk.wait_until_held();
        for _ in 0..30 {
            store.add_length(&text).wait().unwrap();
        }
        disk.release();
        until("all is in a snapshot", || store.stats().last_snapshot.unwrap().seq == Seq::from(55));
    }

    #[test]
    fn what_an_open_replayed_counts_for_the_next_automatic_snapshot() {
        let disk = Watched::new();
        let open = |every| {
            TallyStore::builder("")
                .snapshot_every_bytes(every)
                .on_disk(disk.clone())
                .open()
                .wait()
                .unwrap()
        };
        let store = open(u64::MAX);
        for _ in 0..30 {
            store.add_length(&"x".repeat(1000)).wait().unwrap();
        }
        assert_eq!(store.stats().last_snapshot.unwrap().seq, Seq::ZERO);
        drop(store);
        let store = open(20_000);
        store.add(1).wait().unwrap();
        until("there is a snapshot", || store.stats().last_snapshot.unwrap().seq > Seq::ZERO);
    }

    #[test]
    fn a_snapshot_never_overtakes_the_journal() {
        let disk = Watched::new();
        let store = TallyStore::builder("")
            .durability(Durability::Manual)
            .on_disk(disk.clone())
            .open()
            .wait()
            .unwrap();
        store.add(1).wait().unwrap();
        let renames = disk.count(Call::Rename, ".snapshot");
        disk.hold(Call::Sync, SEGMENT);
        let mut snapshot = store.snapshot();
        disk.wait_until_held();
        thread::sleep(Duration::from_millis(20));
        assert!(is_pending(&mut snapshot));
        assert_eq!(disk.count(Call::Rename, ".snapshot"), renames);
        disk.release();
        snapshot.wait().unwrap();
        assert_eq!(store.stats().durable_seq, Seq::from(1));
    }

    #[test]
    fn a_snapshot_is_verified_before_anything_older_is_pruned() {
        let disk = Watched::new();
        let store =
            TallyStore::builder("").segment_bytes(1).on_disk(disk.clone()).open().wait().unwrap();
        for number in 1..=2 {
            store.add(number).wait().unwrap();
            store.snapshot().wait().unwrap();
        }
        let before = disk.files("");
        store.add(3).wait().unwrap();
        disk.break_at(Call::Read, ".snapshot");
        store.snapshot().wait().unwrap_err();
        disk.heal();
        for file in before {
            assert!(disk.files("").contains(&file), "{file} is gone");
        }
    }
}

mod figures {
    use super::*;

    #[test]
    fn the_figures_tell_how_far_everything_is() {
        let disk = Watched::new();
        let store = TallyStore::builder("")
            .durability(Durability::Manual)
            .on_disk(disk.clone())
            .open()
            .wait()
            .unwrap();
        let stats = store.stats();
        assert_eq!((stats.seq, stats.ordered_seq, stats.durable_seq), Default::default());
        assert_eq!((stats.journal_bytes, stats.segments, stats.pending_bytes), (0, 0, 0));
        assert_eq!((stats.rebuilds, stats.rebuilding, stats.failed_snapshots), (0, false, 0));

        store.add(1).wait().unwrap();
        let stats = store.stats();
        assert_eq!((stats.seq, stats.ordered_seq), (Seq::from(1), Seq::from(1)));
        assert_eq!(stats.durable_seq, Seq::ZERO);
        store.bomb(1).wait().unwrap_err();
        let stats = store.stats();
        assert_eq!((stats.seq, stats.durable_seq, stats.rebuilds), (Seq::from(2), Seq::from(2), 1));
        let on_disk: usize =
            disk.files(SEGMENT).iter().map(|f| disk.sim.file(f).unwrap().len()).sum();
        assert_eq!((stats.journal_bytes, stats.segments), (on_disk as u64, 1));
        drop(store);
        let stats = open(&disk).stats();
        assert_eq!((stats.seq, stats.durable_seq), (Seq::from(2), Seq::from(2)));
        assert_eq!(stats.journal_bytes, on_disk as u64);
    }

    #[test]
    fn a_segment_of_any_length_from_1_will_do() {
        for bytes in [0, 1, 200, u64::MAX] {
            let disk = Watched::new();
            let open = || {
                TallyStore::builder("")
                    .segment_bytes(bytes)
                    .on_disk(disk.clone())
                    .open()
                    .wait()
                    .unwrap()
            };
            let store = open();
            for number in 0..20 {
                store.add(number).wait().unwrap();
            }
            let segments = store.stats().segments;
            match bytes {
                0 | 1 => {
                    assert_eq!(segments, 20, "a batch is never split, and each has one of its own");
                }
                200 => assert!(segments > 5),
                _ => assert_eq!(segments, 1),
            }
            drop(store);
            assert_eq!(open().read(Tally::clone).numbers, (0..20).collect::<Vec<_>>());
        }
    }

    #[test]
    fn a_recovery_tells_its_progress() {
        let disk = Watched::new();
        let store = open(&disk);
        for _ in 0..5 {
            store.add_length(&"x".repeat(1 << 20)).wait().unwrap();
        }
        drop(store);
        let told: Arc<Mutex<Vec<Progress>>> = Arc::default();
        let teller = told.clone();
        let store = TallyStore::builder("")
            .on_progress(move |progress| {
                teller.lock().unwrap().push(progress);
                // A panic of this closure is not worth an open.
                panic!("told");
            })
            .on_disk(disk.clone())
            .open()
            .wait()
            .unwrap();
        assert_eq!(store.stats().seq, Seq::from(5));
        let told = told.lock().unwrap();
        assert!(told.len() >= 5, "{told:?}");
        assert!(told.is_sorted_by_key(|progress| progress.bytes_done));
        assert!(told.iter().all(|progress| progress.bytes_done <= progress.bytes_total));
        assert!(told.iter().all(|progress| progress.bytes_total == told[0].bytes_total));
        let last = told.last().unwrap();
        assert_eq!((last.bytes_done, last.transactions_done), (last.bytes_total, 5));
        assert!(last.bytes_total > 5 << 20);
    }

    #[test]
    fn what_an_open_found_is_told() {
        let disk = Watched::new();
        let store = open(&disk);
        let recovery = store.recovery();
        assert!(recovery.created && recovery.damaged.is_empty() && recovery.dropped_tail.is_none());
        store.add(1).wait().unwrap();
        drop(store);
        let recovery = open(&disk).recovery();
        assert!(!recovery.created);
        assert_eq!((recovery.snapshot_seq, recovery.transactions), (Seq::ZERO, 1));
    }

    #[test]
    fn only_what_is_in_doubt_has_an_unknown_effect() {
        let store = TallyStore::in_memory();
        store.close().wait().unwrap();
        let error = store.add(1).wait().unwrap_err();
        assert_eq!(error.clone().effect(), Effect::None);
        let boxed: Box<dyn std::error::Error + Send + Sync> = error.into();
        assert_eq!(boxed.to_string(), "the store is closed");
    }

    #[test]
    fn handles_say_what_they_are() {
        let store = TallyStore::in_memory();
        assert!(format!("{:?}", *store).contains("Tally"));
        assert!(format!("{:?}", store.add(1)).contains("Seq(1)"));
        assert_eq!(Durability::default(), Durability::Always);
        let durability = Durability::Manual;
        let copy = durability;
        assert_eq!(durability, copy);
    }
}
