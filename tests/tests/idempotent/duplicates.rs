//! Duplicates while the store is open.

use prevalent::testing::SimDisk;
use prevalent::{Durability, Effect, Error, Key, Seq};
use prevalent_tests::disk::{Call, Watched};
use prevalent_tests::waiting::is_pending;

use crate::bank::{BankReply, BankStore, BankTx, MODES, bank, builder, open};

#[test]
fn what_was_executed_is_told_once_more_with_its_sequence_number() {
    for durability in MODES {
        let store = open(SimDisk::new(), durability);
        store.give(1).wait().unwrap();
        let first = store.deposit("a".into(), 5).wait().unwrap();
        assert_eq!((first.number, first.balance), (1, 6));
        store.give(1).wait().unwrap();
        for _ in 0..3 {
            let again = store.deposit("a".into(), 5);
            assert_eq!(again.seq(), Some(Seq::from(2)), "that of the one that was executed");
            assert_eq!(again.wait().unwrap(), first, "{durability:?}");
        }
        assert_eq!(bank(&store).executed, ["a"]);
        assert_eq!(store.stats().ordered_seq, Seq::from(3), "nothing was ordered");
        assert_eq!(store.deposit("b".into(), 5).wait().unwrap().balance, 12);
    }
}

#[test]
fn an_err_is_remembered_and_borrowed_arguments_count() {
    let store = BankStore::in_memory();
    let key = Key::from(7_u64);
    let refused = store.withdraw(5, "rent", &key).wait().unwrap().unwrap_err();
    store.give(100).wait().unwrap();
    assert_eq!(store.withdraw(5, "rent", &key).wait().unwrap(), Err(refused));
    assert_eq!(bank(&store).executed.len(), 1);
    assert_eq!(store.withdraw(5, "rent", &Key::from(8_u64)).wait().unwrap(), Ok(95));
}

#[test]
fn a_transaction_as_a_value_takes_part() {
    let store = BankStore::in_memory();
    let tx = || BankTx::Deposit { key: "a".into(), amount: 5 };
    let BankReply::Deposit(first) = store.commit(tx()).wait().unwrap() else { panic!() };
    assert_eq!(store.deposit("a".into(), 5).wait().unwrap(), first);
    assert_eq!(store.commit(tx()).wait().unwrap(), BankReply::Deposit(first));
    assert_eq!(bank(&store).executed, ["a"]);
}

#[track_caller]
fn assert_reused<R: std::fmt::Debug>(commit: prevalent::Commit<R>, expected: u64) {
    assert_eq!(commit.seq(), None);
    let error = commit.wait().unwrap_err();
    assert_eq!(error.effect(), Effect::None);
    match &error {
        Error::KeyReused { key, seq, tx, .. } => {
            assert_eq!((key, *seq), (&Key::from("a"), Seq::from(expected)));
            let text = error.to_string();
            assert!(text.contains(&format!("`{tx}`")) && text.contains("`a`"), "{text}");
        }
        other => panic!("{other:?}"),
    }
}

#[test]
fn the_same_key_for_something_else_is_refused() {
    let disk = Watched::new();
    let store = open(disk.clone(), Durability::Always);
    disk.hold(Call::Write, ".journal");
    let first = store.deposit("a".into(), 5);
    disk.wait_until_held();
    // While it is in flight, and after it.
    assert_reused(store.deposit("a".into(), 6), 1);
    assert_reused(store.expect(&"a".into(), 0), 1);
    disk.release();
    first.wait().unwrap();
    assert_reused(store.deposit("a".into(), 6), 1);
    assert_reused(store.withdraw(5, "", &"a".into()), 1);
    assert_eq!(store.stats().ordered_seq, Seq::from(1));
    assert_eq!(bank(&store).executed, ["a"]);
}

#[test]
fn a_key_of_another_length_is_refused_and_nothing_is_ordered() {
    let store = BankStore::in_memory();
    for key in [String::new(), "x".repeat(256)] {
        let commit = store.deposit(Key::from(key), 1);
        assert_eq!(commit.seq(), None);
        let error = commit.wait().unwrap_err();
        assert!(matches!(error, Error::Encoding { .. }), "{error}");
        assert!(error.to_string().contains("1 to 255 bytes"), "{error}");
    }
    assert_eq!(store.stats().ordered_seq, Seq::ZERO);
    store.deposit(Key::from("x".repeat(255)), 1).wait().unwrap();
}

#[test]
fn who_comes_while_it_is_in_flight_is_told_the_same() {
    for durability in MODES {
        let disk = Watched::new();
        let store = open(disk.clone(), durability);
        disk.hold(Call::Write, ".journal");
        let mut first = store.deposit("a".into(), 5);
        disk.wait_until_held();
        let mut others: Vec<_> = (0..50).map(|_| store.deposit("a".into(), 5)).collect();
        let refused = store.withdraw(50, "rent", &"b".into());
        let refused_too = store.withdraw(50, "rent", &"b".into());
        drop(others.pop());
        others.pop().unwrap().detach();
        assert!(is_pending(&mut first) && others.iter_mut().all(is_pending));
        assert!(others.iter().all(|other| other.seq() == Some(Seq::from(1))));
        disk.release();
        let first = first.wait().unwrap();
        for other in others {
            assert_eq!(other.wait().unwrap(), first);
        }
        assert_eq!(refused.wait().unwrap(), refused_too.wait().unwrap());
        assert_eq!(bank(&store).executed.len(), 2);
        assert_eq!(store.stats().ordered_seq, Seq::from(2));
    }
}

#[test]
fn many_threads_with_the_same_keys_execute_each_once() {
    for durability in MODES {
        let store = open(SimDisk::new(), durability);
        let replies: Vec<Vec<_>> = std::thread::scope(|scope| {
            let threads: Vec<_> = (0..8)
                .map(|_| {
                    let store = store.clone();
                    scope.spawn(move || {
                        (0..100_u64).map(|n| store.deposit(n.into(), 1).wait().unwrap()).collect()
                    })
                })
                .collect();
            threads.into_iter().map(|thread| thread.join().unwrap()).collect()
        });
        assert!(replies.iter().all(|of_one| *of_one == replies[0]), "all are told the same");
        assert_eq!(bank(&store).executed.len(), 100);
        assert_eq!(bank(&store).money, 100);
        assert_eq!(store.stats().ordered_seq, Seq::from(100));
    }
}

#[test]
fn a_panic_is_told_to_all_who_wait_and_then_forgotten() {
    for durability in MODES {
        let disk = Watched::new();
        let store = open(disk.clone(), durability);
        disk.hold(Call::Write, ".journal");
        let first = store.expect(&"a".into(), 10);
        disk.wait_until_held();
        let second = store.expect(&"a".into(), 10);
        disk.release();
        for commit in [first, second] {
            match commit.wait() {
                Err(Error::TxPanicked { seq, .. }) => assert_eq!(seq, Seq::from(1)),
                other => panic!("{other:?}"),
            }
        }
        store.give(10).wait().unwrap();
        let again = store.expect(&"a".into(), 10);
        assert_eq!(again.seq(), Some(Seq::from(3)), "it is executed");
        again.wait().unwrap();
        assert_eq!(store.expect(&"a".into(), 10).seq(), Some(Seq::from(3)));
        assert_eq!(bank(&store).executed, ["a"]);
    }
}

#[test]
fn the_oldest_keys_go_first_and_what_is_told_again_stays_where_it_is() {
    let window = |keys| builder(SimDisk::new(), Durability::Always).idempotency_window(keys);
    let store = window(3).open().wait().unwrap();
    for key in ["a", "b", "c"] {
        store.deposit(key.into(), 1).wait().unwrap();
    }
    store.deposit("a".into(), 1).wait().unwrap();
    store.deposit("d".into(), 1).wait().unwrap();
    let executed_as = |key: &str, amount| {
        let commit = store.deposit(key.into(), amount);
        let seq = u64::from(commit.seq().unwrap());
        commit.wait().unwrap();
        seq
    };
    assert_eq!(executed_as("a", 1), 5, "it had gone");
    assert_eq!(executed_as("c", 1), 3);
    assert_eq!(executed_as("b", 1), 6);
    assert_eq!(executed_as("c", 2), 7, "it has gone, too");
    assert_eq!(bank(&store).executed, ["a", "b", "c", "d", "a", "b", "c"]);

    // Without a window there is no memory; what is in flight is still one.
    let store = window(0).open().wait().unwrap();
    for _ in 0..2 {
        store.deposit("a".into(), 1).wait().unwrap();
    }
    assert_eq!(bank(&store).executed, ["a", "a"]);
}

#[test]
fn what_is_known_needs_no_room_and_what_is_refused_is_not_known() {
    let disk = Watched::new();
    let store = builder(disk.clone(), Durability::Always).pending_bytes(300).open().wait().unwrap();
    let known = store.deposit("a".into(), 1).wait().unwrap();
    disk.hold(Call::Write, ".journal");
    let held = store.give(1);
    disk.wait_until_held();
    let overloaded = store.deposit("b".into(), 1).wait();
    assert!(matches!(overloaded, Err(Error::Overloaded { .. })));
    assert_eq!(store.deposit("a".into(), 1).wait().unwrap(), known);
    disk.release();
    held.wait().unwrap();
    assert_eq!(store.deposit("b".into(), 1).wait().unwrap().balance, 3);
    assert_eq!(bank(&store).executed, ["a", "b"]);
}

#[test]
fn a_reply_that_is_too_large_to_be_remembered_is_not_told_and_not_executed_again() {
    let store = BankStore::in_memory();
    let bytes = (1 << 20) + 1;
    assert_eq!(store.large("a".into(), bytes).wait().unwrap().len(), bytes);
    let again = store.large("a".into(), bytes);
    assert_eq!(again.seq(), Some(Seq::from(1)));
    let error = again.wait().unwrap_err();
    assert_eq!(error.effect(), Effect::Unknown);
    let text = error.to_string();
    assert!(text.contains("sequence number 1") && text.contains("not remembered"), "{text}");
    assert_eq!(bank(&store).executed, ["a"]);
    let bytes = (1 << 20) - 8;
    assert_eq!(store.large("b".into(), bytes).wait().unwrap().len(), bytes);
    assert_eq!(store.large("b".into(), bytes).wait().unwrap().len(), bytes);
}

#[test]
fn a_closed_store_tells_nothing_and_a_failed_one_what_is_durable() {
    let disk = Watched::new();
    let store = open(disk.clone(), Durability::Manual);
    let durable = store.deposit("a".into(), 1).wait().unwrap();
    store.flush().wait().unwrap();
    store.deposit("b".into(), 1).wait().unwrap();
    disk.break_at(Call::Sync, ".journal");
    assert!(store.flush().wait().is_err());
    assert_eq!(store.deposit("a".into(), 1).wait().unwrap(), durable);
    assert!(matches!(store.deposit("b".into(), 1).wait(), Err(Error::Failed { .. })));
    assert!(matches!(store.deposit("c".into(), 1).wait(), Err(Error::Failed { .. })));
    assert!(store.close().wait().is_err());
    assert!(matches!(store.deposit("a".into(), 1).wait(), Err(Error::Closed)));
}

#[test]
fn a_disk_that_fails_tells_all_who_wait_the_same() {
    let disk = Watched::new();
    let store = open(disk.clone(), Durability::Always);
    store.give(1).wait().unwrap();
    disk.hold(Call::Write, ".journal");
    let first = store.deposit("a".into(), 1);
    disk.wait_until_held();
    let second = store.deposit("a".into(), 1);
    disk.break_at(Call::Write, ".journal");
    disk.release();
    for commit in [first, second] {
        match commit.wait() {
            Err(Error::InDoubt { seq, .. }) => assert_eq!(seq, Seq::from(2)),
            other => panic!("{other:?}"),
        }
    }
    disk.heal();
    drop(store);
    // Whatever came of it: now it is executed once.
    let store = open(disk.sim.deep_clone(), Durability::Always);
    store.deposit("a".into(), 1).wait().unwrap();
    assert_eq!(bank(&store).executed, ["a"]);
}

#[test]
fn with_rollback_an_err_is_remembered_too() {
    let store = rolled_back::SafeStore::in_memory();
    let key = Key::from("a");
    let refused = store.add(&key, 5).wait().unwrap();
    assert_eq!(refused, Err("5 are too many".to_owned()));
    assert_eq!(store.add(&key, 5).wait().unwrap(), refused);
    assert_eq!(store.stats().ordered_seq, Seq::from(1));
    assert_eq!(store.read(|safe| safe.tries), 0);
}

mod rolled_back {
    use prevalent::Key;

    #[prevalent::prevalent(rollback)]
    #[derive(Clone, Debug, Default)]
    pub(super) struct Safe {
        pub(super) tries: u64,
    }

    #[prevalent::prevalent]
    impl Safe {
        #[tx(idempotent)]
        pub(super) fn add(&mut self, key: &Key, number: u64) -> Result<(), String> {
            let _ = key;
            self.tries += 1;
            Err(format!("{number} are too many"))
        }
    }
}
