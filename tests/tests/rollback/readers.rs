//! Readers see whole states, and wait for nothing.

use std::sync::atomic::{AtomicBool, Ordering};

use prevalent::testing::{Fault, Loss, SimDisk};
use prevalent::{Builder, Durability, Effect, Error, Seq, SnapshotMethod};
use prevalent_tests::disk::{Call, Watched};
use prevalent_tests::waiting::{is_pending, within_limit};

use crate::board::on::BoardStore;
use crate::board::{assert_panicked, board, builder, open};

#[test]
fn while_a_void_is_written_readers_see_the_state_before_it_and_nothing_later_is_applied() {
    let disk = Watched::new();
    let store = open(disk.clone(), Durability::Manual);
    store.put("one").wait().unwrap();
    disk.hold(Call::Sync, ".journal");
    let mut explosion = store.explode("two");
    let mut later = store.put("three");
    disk.wait_until_held();
    assert!(is_pending(&mut explosion) && is_pending(&mut later));
    let reader = store.clone();
    let seen = within_limit(move || board(&reader));
    assert_eq!(seen.lines, ["one"]);
    assert_eq!(store.try_read(Clone::clone).unwrap(), seen);
    let stats = store.stats();
    assert_eq!((stats.seq, stats.rebuilding), (Seq::from(1), false));
    disk.release();
    assert_panicked(explosion.wait(), 2);
    assert_eq!(later.wait().unwrap(), 2);
    assert_eq!(board(&store).lines, ["one", "three"]);
}

#[test]
fn a_snapshot_taken_while_a_void_is_written_in_the_middle_of_a_batch_is_a_good_one() {
    let disk = Watched::new();
    let store = open(disk.clone(), Durability::Always);
    store.put("one").wait().unwrap();
    disk.hold(Call::Write, ".journal");
    let first = store.put("two");
    disk.wait_until_held();
    // These come into one batch.
    let before = store.put("three");
    let explosion = store.explode("four");
    let after = store.put("five");
    // The first one's batch, and the second one; then comes the void.
    disk.hold_after(2, Call::Write, ".journal");
    disk.wait_until_held();
    first.wait().unwrap();
    let snapshot = store.snapshot().wait().unwrap();
    assert_eq!(snapshot.seq, Seq::from(3));
    disk.release();
    before.wait().unwrap();
    assert_panicked(explosion.wait(), 4);
    after.wait().unwrap();
    let live = board(&store);
    assert_eq!(live.lines, ["one", "two", "three", "five"]);
    drop(store);
    let store = open(disk, Durability::Always);
    assert_eq!(store.recovery().snapshot_seq, Seq::from(3));
    assert_eq!(board(&store), live);
}

/// The snapshot named the end of the batch with the explosion, although only the batch before it was durable: a crash before
/// the void's sync took that batch away, and the open found damage.
#[test]
fn a_snapshot_taken_while_a_void_is_written_vouches_for_nothing_that_is_not_durable() {
    for method in [SnapshotMethod::locked(), SnapshotMethod::cloned(), SnapshotMethod::rebuilt()] {
        let disk = Watched::new();
        let builder = builder(disk.clone(), Durability::Manual).snapshot_method(method);
        let store = builder.open().wait().unwrap();
        store.put("one").wait().unwrap();
        store.flush().wait().unwrap();
        disk.hold(Call::Sync, ".journal");
        let explosion = store.explode("two");
        disk.wait_until_held();
        assert_eq!(store.snapshot().wait().unwrap().seq, Seq::from(1));
        let live = board(&store);
        for image in disk.sim.images_at(disk.sim.operations().len(), Loss::KeepOrDrop) {
            let builder = builder_of_image(image);
            let recovered =
                builder.open().wait().unwrap_or_else(|error| panic!("{method:?}: {error}"));
            assert_eq!(board(&recovered), live);
        }
        disk.release();
        assert_panicked(explosion.wait(), 2);
    }
}

/// The explosion has no void yet, where it is there.
fn builder_of_image(image: SimDisk) -> Builder<BoardStore> {
    builder(image, Durability::Manual).void_on_replay_panic(Seq::from(2))
}

#[test]
fn nobody_ever_sees_half_of_a_transaction() {
    let store = open(SimDisk::new(), Durability::Manual);
    let is_done = AtomicBool::new(false);
    let seen = std::thread::scope(|scope| {
        let readers: Vec<_> = (0..2)
            .map(|_| {
                scope.spawn(|| {
                    let mut seen = 0_u64;
                    while !is_done.load(Ordering::SeqCst) {
                        let board = board(&store);
                        assert_eq!(board.lines.len() as u64, board.count);
                        assert!(board.lines.iter().all(|line| line.starts_with("put")));
                        seen += 1;
                    }
                    seen
                })
            })
            .collect();
        for round in 0..200 {
            store.put(&format!("put {round}")).detach();
            store.refuse("refused").detach();
            store.explode("exploded").wait().unwrap_err();
        }
        is_done.store(true, Ordering::SeqCst);
        readers.into_iter().map(|reader| reader.join().unwrap()).sum::<u64>()
    });
    assert!(seen > 0);
    assert_eq!(board(&store).count, 200);
    assert_eq!(store.stats().rebuilds, 0);
}

#[test]
fn if_the_void_can_not_be_made_durable_the_store_has_failed_and_reads_go_on() {
    for call in [Call::Sync, Call::Write] {
        let disk = Watched::new();
        let store = open(disk.clone(), Durability::Always);
        store.put("one").wait().unwrap();
        disk.hold(Call::Write, ".journal");
        let first = store.put("two");
        disk.wait_until_held();
        let before = store.put("three");
        let explosion = store.explode("four");
        let after = store.put("five");
        // Up to the void.
        disk.hold_after(2, Call::Write, ".journal");
        disk.wait_until_held();
        disk.break_at(call, ".journal");
        disk.release();
        first.wait().unwrap();
        before.wait().unwrap();
        let error = explosion.wait().unwrap_err();
        assert!(matches!(error, Error::InDoubt { .. }), "{call:?}: {error:?}");
        assert_eq!(error.effect(), Effect::Unknown);
        // It was in the same batch, and is not applied behind one without a void.
        assert!(matches!(after.wait(), Err(Error::InDoubt { .. })));
        assert!(matches!(store.put("six").wait(), Err(Error::Failed { .. })));
        let live = board(&store);
        assert_eq!(live.lines, ["one", "two", "three"]);
        assert_eq!(store.stats().seq, Seq::from(3));
        assert!(store.close().wait().is_err());
        assert_eq!(board(&store), live);
        drop(store);

        // The next open finds out: with the void, or with a transaction that panics in the replay.
        disk.heal();
        let copy = disk.sim.deep_clone();
        let opened = crate::board::builder(copy.clone(), Durability::Always).open().wait();
        let store = match opened {
            Ok(store) => store,
            Err(Error::ReplayPanicked { seq, .. }) => {
                assert_eq!(seq, Seq::from(4));
                let builder = crate::board::builder(copy, Durability::Always);
                builder.void_on_replay_panic(4).open().wait().unwrap()
            }
            Err(other) => panic!("{other:?}"),
        };
        assert_eq!(board(&store).lines, ["one", "two", "three", "five"]);
    }
}

#[test]
fn a_transaction_whose_void_was_lost_to_a_crash_fails_the_open_until_it_is_made_void() {
    let disk = SimDisk::new();
    let store = open(disk.clone(), Durability::Always);
    store.put("one").wait().unwrap();
    disk.fail_operation(disk.operations().len() + 2, Fault::Eio);
    assert!(matches!(store.explode("two").wait(), Err(Error::InDoubt { .. })));
    let copy = disk.after_kill();
    let open = |void: bool| {
        let builder = crate::board::builder(copy.clone(), Durability::Always);
        let builder = if void { builder.void_on_replay_panic(2) } else { builder };
        builder.open().wait()
    };
    assert!(matches!(open(false), Err(Error::ReplayPanicked { .. })));
    assert!(copy.operations().is_empty());
    assert_eq!(board(&open(true).unwrap()).lines, ["one"]);
    assert_eq!(board(&open(false).unwrap()).lines, ["one"], "it stays void");
}
