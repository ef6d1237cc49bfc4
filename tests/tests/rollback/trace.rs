//! What fails leaves no trace: live, after an open, and in the past.

use prevalent::testing::{Loss, SimDisk};
use prevalent::{Durability, Effect, Seq};
use prevalent_tests::disk::{Call, Watched};
use prevalent_tests::waiting::block_on;

use crate::board::on::BoardTx;
use crate::board::{MODES, assert_panicked, board, open, past};

#[test]
fn an_err_leaves_no_trace_live_in_a_replay_and_in_the_past() {
    for durability in MODES {
        let disk = SimDisk::new();
        let store = open(disk.clone(), durability);
        let mut states = vec![board(&store)];
        store.put("one").wait().unwrap();
        states.push(board(&store));

        let refused = store.refuse("two");
        assert_eq!(refused.seq(), Some(Seq::from(2)), "it is journaled like any other");
        assert_eq!(refused.wait().unwrap(), Err("2 lines are too many".to_owned()));
        assert_eq!(board(&store), states[1]);
        states.push(board(&store));
        store.refuse_by_alias("three").wait().unwrap().unwrap_err();
        assert_eq!(board(&store), states[1]);
        states.push(board(&store));

        assert_eq!(store.put("four").wait().unwrap(), 2);
        states.push(board(&store));
        assert_eq!(states[4].lines, ["one", "four"]);
        assert_eq!(store.stats().seq, Seq::from(4));
        store.close().wait().unwrap();

        let store = open(disk.clone(), durability);
        assert_eq!(board(&store), states[4]);
        assert_eq!(store.recovery().transactions, 4);
        for (seq, state) in (0..).zip(&states) {
            assert_eq!(*past(disk.clone(), seq), *state, "{seq}");
        }
    }
}

#[test]
fn what_returned_err_is_still_an_event() {
    let store = open(SimDisk::new(), Durability::Always);
    store.refuse("one").wait().unwrap().unwrap_err();
    store.put("two").wait().unwrap();
    let mut events = store.subscribe(Seq::from(1));
    let mut next = || block_on(events.next()).unwrap().unwrap().tx;
    assert_eq!(next(), BoardTx::Refuse { text: "one".to_owned() });
    assert_eq!(next(), BoardTx::Put { text: "two".to_owned() });
}

#[test]
fn what_panicked_is_no_event() {
    let store = open(SimDisk::new(), Durability::Always);
    assert_panicked(store.explode("one").wait(), 1);
    store.put("two").wait().unwrap();
    let mut events = store.subscribe(Seq::from(1));
    let event = block_on(events.next()).unwrap().unwrap();
    assert_eq!(event.tx, BoardTx::Put { text: "two".to_owned() });
}

#[test]
fn a_panic_leaves_no_trace_and_nothing_is_rebuilt() {
    for durability in MODES {
        let disk = SimDisk::new();
        let store = open(disk.clone(), durability);
        store.put("one").wait().unwrap();
        let before = board(&store);
        let error = store.explode("two").wait().unwrap_err();
        assert_eq!(error.effect(), Effect::None);
        assert_panicked::<()>(Err(error), 2);
        assert_eq!(board(&store), before);
        let stats = store.stats();
        assert_eq!((stats.rebuilds, stats.rebuilding, stats.seq), (0, false, Seq::from(2)));

        let next = store.put("three");
        assert_eq!(next.seq(), Some(Seq::from(3)));
        assert_eq!(next.wait().unwrap(), 2);
        let after = board(&store);
        store.close().wait().unwrap();
        let store = open(disk.clone(), durability);
        assert_eq!(board(&store), after);
        assert_eq!(store.recovery().transactions, 2);
        for (seq, state) in [(1, &before), (2, &before), (3, &after)] {
            assert_eq!(*past(disk.clone(), seq), *state, "{seq}");
        }
    }
}

#[test]
fn no_snapshot_or_segment_is_read_when_a_transaction_panics() {
    let disk = Watched::new();
    let store = open(disk.clone(), Durability::Always);
    store.put("one").wait().unwrap();
    let before = [Call::Open, Call::Read, Call::List].map(|call| disk.count(call, ""));
    assert_panicked(store.explode("two").wait(), 2);
    let after = [Call::Open, Call::Read, Call::List].map(|call| disk.count(call, ""));
    assert_eq!(after, before);
}

#[test]
fn the_void_is_durable_before_the_handle_resolves_in_every_mode() {
    for durability in MODES {
        let disk = SimDisk::new();
        let store = open(disk.clone(), durability);
        store.put("one").wait().unwrap();
        assert_panicked(store.explode("two").wait(), 2);
        let expected = board(&store);
        for image in disk.images_at(*disk.crash_points().end(), Loss::KeepOrDrop) {
            // Without its void, the transaction would panic in the replay.
            let again = open(image, Durability::Always);
            assert_eq!(board(&again), expected, "{durability:?}");
            assert_eq!(again.put("three").seq(), Some(Seq::from(3)));
        }
    }
}

#[test]
fn failures_anywhere_in_a_batch_harm_only_themselves() {
    for durability in MODES {
        let disk = Watched::new();
        let store = open(disk.clone(), durability);
        store.put("0").wait().unwrap();
        // While one batch is held up, all that comes makes the next one.
        disk.hold(Call::Write, ".journal");
        let first = store.put("1");
        disk.wait_until_held();
        let (mut puts, mut refusals, mut explosions) = (Vec::new(), Vec::new(), Vec::new());
        let mut expected = vec!["0".to_owned(), "1".to_owned()];
        for number in 2..40_u64 {
            let text = number.to_string();
            match number % 5 {
                2 => explosions.push((number + 1, store.explode(&text))),
                3 => refusals.push((expected.len() + 1, store.refuse(&text))),
                _ => {
                    puts.push(store.put(&text));
                    expected.push(text);
                }
            }
        }
        disk.release();
        first.wait().unwrap();
        for (count, put) in (3..).zip(puts) {
            assert_eq!(put.wait().unwrap(), count);
        }
        for (count, refusal) in refusals {
            let told = refusal.wait().unwrap().unwrap_err();
            assert_eq!(told, format!("{count} lines are too many"), "what it saw was right");
        }
        for (seq, explosion) in explosions {
            assert_panicked(explosion.wait(), seq);
        }
        let live = board(&store);
        assert_eq!(live.lines, expected);
        assert_eq!((store.stats().seq, store.stats().rebuilds), (Seq::from(40), 0));
        drop(store);
        assert_eq!(board(&open(disk, durability)), live);
    }
}
