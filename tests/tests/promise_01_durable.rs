//! Promise 1: durable when it says so.

use std::time::Duration;

use prevalent::testing::{Loss, SimDisk};
use prevalent::{Durability, Error, Seq};
use prevalent_tests::disk::{Call, Watched};
use prevalent_tests::models::{Tally, TallyStore};
use prevalent_tests::waiting::{is_pending, until, within_limit};

const SEGMENT: &str = ".journal";

fn open(disk: &Watched, durability: Durability) -> TallyStore {
    TallyStore::builder("").durability(durability).on_disk(disk.clone()).open().wait().unwrap()
}

/// The states that an open may find if the machine dies now.
fn after_power_loss(disk: &SimDisk) -> Vec<Tally> {
    let point = *disk.crash_points().end();
    disk.images_at(point, Loss::KeepOrDrop)
        .map(|image| {
            let store = TallyStore::builder("").on_disk(image).open().wait().unwrap();
            store.read(Tally::clone)
        })
        .collect()
}

#[test]
fn with_always_what_was_acknowledged_survives_every_loss_of_power() {
    let disk = Watched::new();
    let store = open(&disk, Durability::Always);
    for number in 1..=3 {
        store.add(number).wait().unwrap();
        for state in after_power_loss(&disk.sim) {
            assert_eq!(state.numbers, (1..=number).collect::<Vec<_>>());
        }
    }
}

#[test]
fn with_always_a_handle_does_not_resolve_before_the_sync_has_returned() {
    let disk = Watched::new();
    let store = open(&disk, Durability::Always);
    store.add(1).wait().unwrap();
    disk.hold(Call::Sync, SEGMENT);
    let mut commit = store.add(2);
    disk.wait_until_held();
    assert!(is_pending(&mut commit));
    assert_eq!(store.stats().durable_seq, Seq::from(1));
    disk.release();
    assert_eq!(commit.wait().unwrap(), 2);
    assert_eq!(store.stats().durable_seq, Seq::from(2));
}

#[test]
fn with_always_a_handle_does_not_resolve_before_the_name_of_a_new_segment_is_durable() {
    let disk = Watched::new();
    let store = open(&disk, Durability::Always);
    disk.hold(Call::SyncDir, "");
    let mut commit = store.add(1);
    disk.wait_until_held();
    assert!(is_pending(&mut commit));
    disk.release();
    commit.wait().unwrap();
}

#[test]
fn concurrent_commits_share_one_sync() {
    let disk = Watched::new();
    let store = open(&disk, Durability::Always);
    store.add(0).wait().unwrap();
    let before = disk.count(Call::Sync, SEGMENT);
    disk.hold(Call::Sync, SEGMENT);
    let first = store.add(1);
    disk.wait_until_held();
    let others: Vec<_> = (0..500).map(|number| store.add(number)).collect();
    disk.release();
    first.wait().unwrap();
    for other in others {
        other.wait().unwrap();
    }
    assert_eq!(disk.count(Call::Sync, SEGMENT) - before, 2);
}

#[test]
fn with_every_and_manual_a_handle_resolves_before_the_sync() {
    for durability in [Durability::Every(Duration::from_hours(1)), Durability::Manual] {
        let disk = Watched::new();
        let store = open(&disk, durability);
        store.add(0).wait().unwrap();
        let before = disk.count(Call::Sync, SEGMENT);
        for number in 1..=5 {
            store.add(number).wait().unwrap();
        }
        assert_eq!(disk.count(Call::Sync, SEGMENT), before, "{durability:?}");
        assert_eq!(store.read(|tally| tally.numbers.len()), 6);
        assert_eq!(store.stats().durable_seq, Seq::ZERO);
    }
}

#[test]
fn with_manual_the_buffer_is_written_without_a_flush_so_that_only_the_machine_s_death_costs_anything()
 {
    let disk = Watched::new();
    let store = open(&disk, Durability::Manual);
    for number in 1..=5 {
        store.add(number).wait().unwrap();
    }
    until("it is written", || store.stats().pending_bytes == 0);
    let again = disk.sim.after_kill();
    let again = TallyStore::builder("").on_disk(again).open().wait().unwrap();
    assert_eq!(again.read(|tally| tally.numbers.clone()), [1, 2, 3, 4, 5]);
}

#[test]
fn with_manual_a_flush_makes_durable_what_was_ordered_before_it() {
    let disk = Watched::new();
    let store = open(&disk, Durability::Manual);
    let pending: Vec<_> = (1..=3).map(|number| store.add(number)).collect();
    store.flush().wait().unwrap();
    assert_eq!(store.stats().durable_seq, Seq::from(3));
    store.add(4).wait().unwrap();
    assert_eq!(store.stats().durable_seq, Seq::from(3));
    for state in after_power_loss(&disk.sim) {
        assert!(state.numbers == [1, 2, 3] || state.numbers == [1, 2, 3, 4], "{state:?}");
    }
    for commit in pending {
        commit.wait().unwrap();
    }
}

#[test]
fn a_loss_of_power_costs_a_suffix_at_the_most() {
    let disk = Watched::new();
    let store = open(&disk, Durability::Manual);
    for number in 1..=2 {
        store.add(number).wait().unwrap();
    }
    store.flush().wait().unwrap();
    for number in 3..=5 {
        store.add(number).wait().unwrap();
    }
    until("it is written", || store.stats().pending_bytes == 0);
    let mut lengths = Vec::new();
    for state in after_power_loss(&disk.sim) {
        let count = state.numbers.len();
        assert!(count >= 2, "{state:?}");
        assert_eq!(state.numbers, (1..=count as u64).collect::<Vec<_>>());
        lengths.push(count);
    }
    // The simulation is worth something only if it loses something.
    assert!(lengths.contains(&2) && lengths.contains(&5), "{lengths:?}");
}

#[test]
fn with_every_a_sync_comes_in_time_without_another_commit() {
    let disk = Watched::new();
    let store = open(&disk, Durability::Every(Duration::from_millis(20)));
    store.add(1).wait().unwrap();
    until("it is synced", || store.stats().durable_seq == Seq::from(1));
    for state in after_power_loss(&disk.sim) {
        assert_eq!(state.numbers, [1]);
    }
    // And once more: the clock starts again.
    store.add(2).wait().unwrap();
    until("it is synced again", || store.stats().durable_seq == Seq::from(2));
}

#[test]
fn with_every_no_sync_is_wasted_while_nothing_is_written() {
    let disk = Watched::new();
    let store = open(&disk, Durability::Every(Duration::from_millis(1)));
    store.add(1).wait().unwrap();
    until("it is synced", || store.stats().durable_seq == Seq::from(1));
    let before = disk.count(Call::Sync, SEGMENT);
    std::thread::sleep(Duration::from_millis(30));
    assert_eq!(disk.count(Call::Sync, SEGMENT), before);
}

#[test]
fn an_interval_beyond_all_measure_is_no_interval() {
    let disk = Watched::new();
    let store = open(&disk, Durability::Every(Duration::MAX));
    store.add(1).wait().unwrap();
    store.flush().wait().unwrap();
    assert_eq!(store.stats().durable_seq, Seq::from(1));
}

#[test]
fn with_manual_nothing_is_synced_until_a_flush_even_when_the_journal_is_long() {
    let disk = Watched::new();
    let store = open(&disk, Durability::Manual);
    let text = "x".repeat(1 << 20);
    for _ in 0..5 {
        store.add_length(&text).wait().unwrap();
    }
    assert_eq!(store.stats().durable_seq, Seq::ZERO);
}

#[test]
fn a_new_segment_makes_the_one_before_it_durable_in_every_mode() {
    let disk = Watched::new();
    let store = TallyStore::builder("")
        .durability(Durability::Manual)
        .segment_bytes(1)
        .on_disk(disk.clone())
        .open()
        .wait()
        .unwrap();
    for number in 1..=2 {
        store.add(number).wait().unwrap();
        until("it is written", || store.stats().pending_bytes == 0);
    }
    assert_eq!(store.stats().segments, 2);
    assert_eq!(store.stats().durable_seq, Seq::from(1));
    for state in after_power_loss(&disk.sim) {
        assert!(state.numbers.starts_with(&[1]), "{state:?}");
    }
}

#[test]
fn the_clean_end_is_durable_in_every_mode() {
    for durability in [Durability::Always, Durability::Every(Duration::MAX), Durability::Manual] {
        let disk = Watched::new();
        let store = open(&disk, durability);
        store.add(1).wait().unwrap();
        store.close().wait().unwrap();
        for state in after_power_loss(&disk.sim) {
            assert_eq!(state.numbers, [1], "{durability:?}");
        }
    }
}

#[test]
fn the_end_of_the_last_handle_is_durable_in_every_mode() {
    for durability in [Durability::Always, Durability::Every(Duration::MAX), Durability::Manual] {
        let disk = Watched::new();
        let store = open(&disk, durability);
        store.add(1).wait().unwrap();
        drop(store);
        for state in after_power_loss(&disk.sim) {
            assert_eq!(state.numbers, [1], "{durability:?}");
        }
    }
}

#[test]
fn the_mode_may_change_from_open_to_open() {
    let disk = Watched::new();
    for (number, durability) in
        [(1, Durability::Manual), (2, Durability::Always), (3, Durability::Every(Duration::ZERO))]
    {
        let store = open(&disk, durability);
        store.add(number).wait().unwrap();
        store.close().wait().unwrap();
    }
    assert_eq!(open(&disk, Durability::Always).read(Tally::clone).numbers, [1, 2, 3]);
}

#[test]
fn a_flush_with_nothing_to_do_is_done_at_once() {
    let store = TallyStore::in_memory();
    let mut flush = store.flush();
    assert!(!is_pending(&mut flush));
}

#[test]
fn a_flush_is_not_put_off_by_ever_more_commits() {
    let store = within_limit(|| {
        let store =
            TallyStore::builder_in_memory().durability(Durability::Manual).open().wait().unwrap();
        let busy = store.clone();
        let stop = std::sync::Arc::new(std::sync::atomic::AtomicBool::new(false));
        let stopped = stop.clone();
        let thread = std::thread::spawn(move || {
            while !stopped.load(std::sync::atomic::Ordering::Relaxed) {
                match busy.add(1).seq() {
                    Some(_) => {}
                    None => busy.ready().wait().unwrap(),
                }
            }
        });
        for _ in 0..20 {
            store.flush().wait().unwrap();
        }
        stop.store(true, std::sync::atomic::Ordering::Relaxed);
        thread.join().unwrap();
        store
    });
    store.close().wait().unwrap();
}

#[test]
fn a_flush_comes_before_what_is_ordered_behind_it() {
    let disk = Watched::new();
    let store = open(&disk, Durability::Manual);
    store.add(0).wait().unwrap();
    store.flush().wait().unwrap();
    let before = disk.calls().len();
    disk.hold(Call::Write, SEGMENT);
    store.add(1).wait().unwrap();
    let flush = store.flush();
    disk.wait_until_held();
    store.add(2).wait().unwrap();
    let other = store.flush();
    disk.release();
    flush.wait().unwrap();
    other.wait().unwrap();
    let calls: Vec<Call> = disk.calls()[before..].iter().map(|(call, _)| *call).collect();
    assert_eq!(calls, [Call::Write, Call::Sync, Call::Write, Call::Sync]);
}

#[test]
fn a_flush_after_the_close_is_refused() {
    let store = TallyStore::in_memory();
    store.close().wait().unwrap();
    assert!(matches!(store.flush().wait(), Err(Error::Closed)));
}
