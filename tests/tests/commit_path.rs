//! Which thread applies a transaction, and when: where it is submitted, or on the journal thread.

use std::future::Future;
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc;
use std::task::{Context, Poll, Waker};
use std::thread;
use std::time::Duration;

use prevalent::testing::{Loss, SimDisk};
use prevalent::{Durability, Error, Seq, SnapshotMethod, Target, restore};
use prevalent_tests::disk::{Call, Watched};
use prevalent_tests::models::{Tally, TallyStore};
use prevalent_tests::waiting::until;

const UNSYNCED: [Durability; 2] = [Durability::Every(Duration::from_hours(1)), Durability::Manual];

fn open(disk: &Watched, durability: Durability) -> TallyStore {
    let builder = TallyStore::builder("").durability(durability).segment_bytes(1);
    builder.on_disk(disk.clone()).open().wait().unwrap()
}

fn is_ready(commit: impl Future) -> bool {
    let mut context = Context::from_waker(Waker::noop());
    matches!(pin!(commit).poll(&mut context), Poll::Ready(_))
}

#[test]
fn what_need_not_be_durable_is_applied_when_the_call_returns() {
    for durability in UNSYNCED {
        let store = open(&Watched::new(), durability);
        for number in 1..=100 {
            let commit = store.add(number);
            assert_eq!(store.stats().seq, number.into());
            assert_eq!(store.read(|tally| tally.numbers.len()) as u64, number);
            assert!(is_ready(commit));
        }
    }
}

#[test]
fn with_always_nothing_is_applied_while_it_is_not_durable() {
    let disk = Watched::new();
    let store = open(&disk, Durability::Always);
    store.add(1).wait().unwrap();
    disk.hold(Call::Sync, ".journal");
    let commit = store.add(2);
    disk.wait_until_held();
    assert_eq!(store.read(|tally| tally.numbers.clone()), [1]);
    disk.release();
    commit.wait().unwrap();
    assert_eq!(store.read(|tally| tally.numbers.clone()), [1, 2]);
}

/// It would wait for itself.
#[test]
fn inside_a_read_a_transaction_queues_up() {
    let store = open(&Watched::new(), Durability::Manual);
    let commit = store.read(|tally| {
        let commit = store.add(1);
        assert!(tally.numbers.is_empty());
        commit
    });
    assert_eq!(store.add(2).wait().unwrap(), 2, "it comes behind");
    assert_eq!(commit.wait().unwrap(), 1);
}

/// If the call waited for the reader, this test would never end.
#[test]
fn a_reader_that_stays_does_not_keep_a_call_from_returning() {
    let store = open(&Watched::new(), Durability::Manual);
    let (entered, is_in) = mpsc::channel();
    let (leave, may_leave) = mpsc::channel::<()>();
    let reader = thread::spawn({
        let store = store.clone();
        move || {
            store.read(|_| {
                entered.send(()).unwrap();
                may_leave.recv().unwrap();
            });
        }
    });
    is_in.recv().unwrap();
    let commits = [store.add(1), store.add(2)];
    leave.send(()).unwrap();
    reader.join().unwrap();
    for (count, commit) in (1..).zip(commits) {
        assert_eq!(commit.wait().unwrap(), count, "in their order");
    }
}

/// A panic that is met where the transaction is submitted holds up all others until it is void.
#[test]
fn panics_on_many_threads_leave_what_a_replay_gives() {
    for durability in [Durability::Always, UNSYNCED[0], UNSYNCED[1]] {
        let disk = Watched::new();
        let store = open(&disk, durability);
        let threads: Vec<_> = (0..4)
            .map(|base| {
                let store = store.clone();
                thread::spawn(move || {
                    for number in base * 100..base * 100 + 40 {
                        if number % 13 == 5 {
                            let error = store.bomb(number).wait().unwrap_err();
                            assert!(matches!(error, Error::TxPanicked { .. }), "{error:?}");
                        } else {
                            store.add(number).wait().unwrap();
                        }
                    }
                })
            })
            .collect();
        for thread in threads {
            thread.join().unwrap();
        }
        let live = store.read(Tally::clone);
        assert_eq!(live.numbers.len() as u64 + store.stats().rebuilds, 4 * 40);
        drop(store);
        assert_eq!(open(&disk, durability).read(Tally::clone), live);
    }
}

#[test]
fn after_a_failed_write_of_what_was_applied_nothing_is_applied_any_more() {
    let disk = Watched::new();
    let store = open(&disk, Durability::Manual);
    store.add(1).wait().unwrap();
    store.flush().wait().unwrap();
    disk.break_at(Call::Write, ".journal");
    store.add(2).wait().unwrap();
    assert!(store.flush().wait().is_err());
    assert!(matches!(store.add(3).wait(), Err(Error::Failed { .. })));
    assert_eq!(store.read(|tally| tally.numbers.clone()), [1, 2], "reads serve what was applied");
}

/// Where every batch makes a new segment, a snapshot that named a place too far on would lack what came in between.
#[test]
fn a_snapshot_of_what_is_not_written_yet_names_a_place_before_all_that_comes_later() {
    for method in [SnapshotMethod::locked(), SnapshotMethod::cloned(), SnapshotMethod::rebuilt()] {
        let sim = SimDisk::new();
        let builder = |sim: &SimDisk| {
            TallyStore::builder("")
                .durability(Durability::Manual)
                .segment_bytes(1)
                .snapshot_method(method)
                .on_disk(sim.clone())
        };
        let store = builder(&sim).open().wait().unwrap();
        let done = AtomicBool::new(false);
        thread::scope(|scope| {
            for base in [1_000, 2_000] {
                let (store, done) = (&store, &done);
                scope.spawn(move || {
                    for number in base.. {
                        store.add(number).wait().unwrap();
                        thread::sleep(Duration::from_micros(300));
                        if done.load(Ordering::Relaxed) {
                            break;
                        }
                    }
                });
            }
            for _ in 0..20 {
                store.snapshot().wait().unwrap();
            }
            done.store(true, Ordering::Relaxed);
        });
        store.flush().wait().unwrap();
        let live = store.read(Tally::clone);
        // As a power cut leaves it.
        let image = sim.image_at(sim.operations().len(), 1, Loss::KeepOrDrop);
        drop(store);
        let again = builder(&image).open().wait().unwrap();
        assert!(again.recovery().damaged.is_empty(), "{:?}", again.recovery());
        assert_eq!(again.read(Tally::clone), live);
    }
}

#[test]
fn a_panic_in_a_large_batch_harms_none_of_the_others() {
    let disk = Watched::new();
    let builder = TallyStore::builder("").on_disk(disk.clone());
    let store = builder.open().wait().unwrap();
    for round in 0..4 {
        // What is submitted meanwhile becomes one batch.
        disk.hold(Call::Sync, ".journal");
        let mut commits = vec![store.add(round)];
        disk.wait_until_held();
        let mut bombs = Vec::new();
        for number in 1..2_000 {
            commits.push(store.add(number));
            if number % 700 == 7 {
                bombs.push(store.bomb(number));
            }
        }
        disk.release();
        for number in 0..2_000 {
            commits.push(store.add(number));
        }
        let counts: Vec<_> = commits.into_iter().map(|commit| commit.wait().unwrap()).collect();
        assert!(counts.is_sorted_by(|one, next| one + 1 == *next), "in their order");
        for bomb in bombs {
            assert!(matches!(bomb.wait(), Err(Error::TxPanicked { .. })));
        }
    }
    let live = store.read(Tally::clone);
    assert_eq!(live.numbers.len(), 4 * 4_000);
    drop(store);
    let builder = TallyStore::builder("").on_disk(disk.clone());
    assert_eq!(builder.open().wait().unwrap().read(Tally::clone), live);
}

/// A reader that stays in the state.
struct Reader {
    leave: mpsc::Sender<()>,
    thread: thread::JoinHandle<()>,
}

impl Reader {
    fn enter(store: &TallyStore) -> Reader {
        let (entered, is_in) = mpsc::channel();
        let (leave, may_leave) = mpsc::channel();
        let store = store.clone();
        let thread = thread::spawn(move || {
            store.read(|_| {
                entered.send(()).unwrap();
                may_leave.recv().unwrap();
            });
        });
        is_in.recv().unwrap();
        Reader { leave, thread }
    }

    fn leave(self) {
        self.leave.send(()).unwrap();
        self.thread.join().unwrap();
    }
}

/// A store that has to apply what `submit` submits, and a reader that keeps it from that.
fn held_up<C>(submit: impl FnOnce(&TallyStore) -> C) -> (Watched, TallyStore, C, Reader) {
    let disk = Watched::new();
    let store = TallyStore::builder("").on_disk(disk.clone()).open().wait().unwrap();
    // The segment is there then.
    store.add(0).wait().unwrap();
    // What is submitted meanwhile becomes one batch.
    disk.hold(Call::Sync, ".journal");
    let first = store.add(0);
    disk.wait_until_held();
    let submitted = submit(&store);
    disk.hold_after(1, Call::Sync, ".journal");
    disk.wait_until_held();
    first.wait().unwrap();
    let reader = Reader::enter(&store);
    disk.release();
    (disk, store, submitted, reader)
}

#[test]
fn what_fails_is_told_when_what_came_before_it_is_applied() {
    let (disk, store, commits, reader) =
        held_up(|store| (0..600).map(|number| store.add(number)).collect::<Vec<_>>());
    until("they are durable", || store.stats().durable_seq == Seq::from(602));
    disk.break_at(Call::Write, ".journal");
    let failing = store.add(600);
    let flush = store.flush();
    let has_left = Arc::new(AtomicBool::new(false));
    let told = thread::spawn({
        let has_left = has_left.clone();
        move || {
            let result = failing.wait();
            (result, has_left.load(Ordering::SeqCst))
        }
    });
    thread::sleep(Duration::from_millis(50));
    has_left.store(true, Ordering::SeqCst);
    reader.leave();
    let (result, in_time) = told.join().unwrap();
    assert!(matches!(result, Err(Error::InDoubt { .. })), "{result:?}");
    assert!(in_time, "it was told before");
    for commit in commits {
        commit.wait().unwrap();
    }
    flush.wait().unwrap_err();
}

#[test]
fn a_panic_in_a_batch_that_waits_for_readers_is_void_although_the_store_is_being_closed() {
    let (_disk, store, (bomb, commits), reader) = held_up(|store| {
        let commits: Vec<_> = (0..600).map(|number| store.add(number)).collect();
        (store.bomb(7), commits)
    });
    let close = store.close();
    thread::sleep(Duration::from_millis(50));
    reader.leave();
    for commit in commits {
        commit.wait().unwrap();
    }
    let error = bomb.wait().unwrap_err();
    assert!(matches!(error, Error::TxPanicked { .. }), "{error:?}");
    close.wait().unwrap();
}

#[test]
fn a_backup_ends_behind_the_voids_of_a_batch_that_waits_for_readers() {
    let (_disk, store, (bomb, commits), reader) = held_up(|store| {
        let commits: Vec<_> = (0..600).map(|number| store.add(number)).collect();
        (store.bomb(7), commits)
    });
    let target = SimDisk::new();
    let backup = store.backup(Target::on_disk(target.clone()));
    thread::sleep(Duration::from_millis(50));
    reader.leave();
    backup.wait().unwrap();
    bomb.wait().unwrap_err();
    for commit in commits {
        commit.wait().unwrap();
    }
    let restored = SimDisk::new();
    restore(Target::on_disk(target)).on_disk(restored.clone()).to("unused").wait().unwrap();
    let restored = TallyStore::builder("").on_disk(restored).open().wait().unwrap();
    assert_eq!(restored.read(Tally::clone), store.read(Tally::clone));
}
