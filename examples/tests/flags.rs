//! The flags: what release 1 wrote, release 2 reads, wherever release 1 had stopped; and a mistake is undone.
#![allow(missing_docs, unreachable_pub, dead_code, reason = "tests, and modules of a program")]

mod common;
#[path = "common/header.rs"]
mod header;
#[path = "../flags/model.rs"]
mod model;
#[path = "../flags/v1.rs"]
mod v1;

use std::collections::BTreeMap;
use std::path::Path;

use common::example;
use header::promised_output;
use model::{FeatureFlags, FeatureFlagsStore, Flag, Refusal};
use v1::FlagsStore;

const ON: Flag = Flag { enabled: true, percent: 100 };
const OFF: Flag = Flag { enabled: false, percent: 100 };

/// What release 1 does, and what release 2 must find then.
const STEPS: [fn(&FlagsStore); 5] = [
    |store| store.create("checkout".into()).wait().unwrap(),
    |store| store.create("search".into()).wait().unwrap(),
    |store| store.set("checkout", true).wait().unwrap(),
    |store| store.set("search", true).wait().unwrap(),
    |store| store.set("search", false).wait().unwrap(),
];

fn expected(steps: usize) -> BTreeMap<String, Flag> {
    let checkout = (steps > 0).then_some(if steps > 2 { ON } else { OFF });
    let search = (steps > 1).then_some(if steps == 4 { ON } else { OFF });
    [("checkout", checkout), ("search", search)]
        .into_iter()
        .filter_map(|(name, flag)| Some((name.to_owned(), flag?)))
        .collect()
}

/// Release 1 does so many steps, takes a snapshot after so many of them, and stops without another one.
fn release_1(dir: &Path, steps: usize, snapshot_after: usize) {
    let store = FlagsStore::open(dir).wait().unwrap();
    for (number, step) in STEPS.iter().enumerate().take(steps) {
        step(&store);
        if number + 1 == snapshot_after {
            store.snapshot().wait().unwrap();
        }
    }
}

#[test]
fn release_2_reads_what_release_1_wrote_wherever_it_stopped() {
    for steps in 0..=STEPS.len() {
        for snapshot_after in 0..=steps {
            let dir = tempfile::tempdir().unwrap();
            release_1(dir.path(), steps, snapshot_after);
            let store = FeatureFlagsStore::open(dir.path()).wait().unwrap();
            assert_eq!(store.all(), expected(steps), "{steps} steps, snapshot {snapshot_after}");
            let recovery = store.recovery();
            assert!(recovery.model_converted);
            let upgraded: u64 = recovery.converted.iter().map(|tx| tx.transactions).sum();
            let set_since = steps.saturating_sub(snapshot_after.max(2));
            assert_eq!(upgraded, u64::try_from(set_since).unwrap());
            drop(store);

            // Once: from then on it is a store of release 2.
            let store = FeatureFlagsStore::open(dir.path()).wait().unwrap();
            assert_eq!(store.all(), expected(steps));
            assert!(!store.recovery().model_converted && store.recovery().converted.is_empty());
        }
    }
}

#[test]
fn the_whole_history_is_read_in_the_words_of_release_2() {
    let dir = tempfile::tempdir().unwrap();
    release_1(dir.path(), STEPS.len(), 0);
    let store = FeatureFlagsStore::open(dir.path()).wait().unwrap();
    for steps in 0..=STEPS.len() {
        let point = prevalent::Seq::from(u64::try_from(steps).unwrap());
        let past = FeatureFlagsStore::builder(dir.path()).open_at(point).wait().unwrap();
        assert_eq!(past.all(), expected(steps));
    }
    drop(store);
}

#[test]
fn release_1_refuses_what_release_2_wrote_and_changes_nothing() {
    let dir = tempfile::tempdir().unwrap();
    release_1(dir.path(), 3, 0);
    let store = FeatureFlagsStore::open(dir.path()).wait().unwrap();
    store.set("search", ON).wait().unwrap().unwrap();
    drop(store);
    assert!(FlagsStore::open(dir.path()).wait().is_err());
    let store = FeatureFlagsStore::open(dir.path()).wait().unwrap();
    assert_eq!(store.all()["search"], ON);
}

#[test]
fn who_sees_a_feature_goes_on_to_see_it_when_more_do() {
    let mut flags = FeatureFlags::default();
    flags.create("search".into());
    let mut last = Vec::new();
    for percent in (0..=100_u8).step_by(5) {
        flags.set("search", Flag { enabled: true, percent }).unwrap();
        let now: Vec<u64> = (0..2000).filter(|&user| flags.is_on("search", user)).collect();
        assert!(last.iter().all(|user| now.contains(user)), "{percent}");
        assert!(now.len().abs_diff(usize::from(percent) * 20) < 100, "{} at {percent}", now.len());
        last = now;
    }
    assert_eq!(last.len(), 2000);
    flags.set("search", Flag { enabled: false, percent: 100 }).unwrap();
    assert!((0..2000).all(|user| !flags.is_on("search", user)));
    let all = Flag { enabled: true, percent: 101 };
    assert_eq!(flags.set("search", all), Err(Refusal::Percent(101)));
    assert_eq!(flags.set("serach", ON), Err(Refusal::Unknown("serach".into())));
}

#[test]
fn undo_sets_flags_back_and_takes_away_those_that_were_not_there() {
    let mut flags = FeatureFlags::default();
    flags.create("checkout".into());
    flags.create("search".into());
    let changes = [("checkout", Some(ON)), ("search", None), ("gone", Some(OFF))];
    flags.undo(changes.map(|(name, flag)| (name.to_owned(), flag)).into());
    let expected = [("checkout", ON), ("gone", OFF)].map(|(name, flag)| (name.to_owned(), flag));
    assert_eq!(flags.all(), expected.into());
}

#[test]
fn the_example_migrates_and_undoes_a_mistake() {
    let dir = tempfile::tempdir().unwrap();
    let output = example("flags").arg(dir.path()).output().unwrap();
    let stdout = String::from_utf8(output.stdout).unwrap();
    let stderr = String::from_utf8(output.stderr).unwrap();
    assert!(output.status.success(), "{stdout}{stderr}");
    assert_eq!(stdout, promised_output(include_str!("../flags/main.rs")));
}
