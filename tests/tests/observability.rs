//! What a store tells a recorder of metrics and a subscriber to events. The recorder is the whole process's, so all of it is
//! one test.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use metrics_util::MetricKind;
use metrics_util::debugging::{DebugValue, DebuggingRecorder};
use prevalent::testing::{Fault, SimDisk};
use prevalent_tests::events::{listen, was_told};
use prevalent_tests::models::TallyStore;

const PAGE: &str = include_str!("../../docs/observability.md");

fn open(disk: &SimDisk) -> TallyStore {
    TallyStore::builder("").on_disk(disk.clone()).segment_bytes(1_000).open().wait().unwrap()
}

/// Names and kinds in the page's table.
fn documented() -> BTreeMap<String, MetricKind> {
    let rows = PAGE.lines().filter_map(|line| line.strip_prefix("| `prevalent_"));
    rows.map(|row| {
        let mut cells = row.split('|');
        let name = format!("prevalent_{}", cells.next().unwrap().trim().trim_end_matches('`'));
        let kind = match cells.next().unwrap().trim() {
            "counter" => MetricKind::Counter,
            "gauge" => MetricKind::Gauge,
            "histogram" => MetricKind::Histogram,
            other => panic!("{other}"),
        };
        (name, kind)
    })
    .collect()
}

/// Levels and texts of the events in a directory of sources.
fn events_in(dir: &Path, events: &mut BTreeSet<(String, String)>) {
    for entry in fs::read_dir(dir).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            events_in(&path, events);
            continue;
        }
        let source = fs::read_to_string(&path).unwrap();
        for macro_call in source.split("tracing::").skip(1) {
            let Some((level, rest)) = macro_call.split_once("!(") else { continue };
            if !["error", "warn", "info", "debug", "trace"].contains(&level) {
                continue;
            }
            // The text is the last thing in it, and the first literal.
            let text = rest.split('"').nth(1).unwrap();
            events.insert((level.to_owned(), text.to_owned()));
        }
    }
}

#[test]
fn the_page_lists_all_events_and_no_others() {
    let mut events = BTreeSet::new();
    events_in(&Path::new(env!("CARGO_MANIFEST_DIR")).join("../prevalent/src"), &mut events);
    assert!(events.len() > 25, "{events:?}");
    let rows = PAGE.lines().filter_map(|line| line.strip_prefix("| ")?.split_once(" | \""));
    let rows: Vec<(&str, &str)> =
        rows.map(|(level, rest)| (level, rest.split('"').next().unwrap())).collect();
    for (level, text) in &events {
        let told = rows.iter().filter(|row| row.0 == level && text.starts_with(row.1)).count();
        assert_eq!(told, 1, "{level} {text:?}");
    }
    assert_eq!(rows.len(), events.len(), "{rows:?}");
}

#[test]
fn metrics_and_events_tell_what_has_happened_and_the_page_lists_all_metrics() {
    listen();
    let recorder = DebuggingRecorder::new();
    let snapshotter = recorder.snapshotter();
    recorder.install().unwrap();
    let disk = SimDisk::new();

    let store = open(&disk);
    for number in 1..=40 {
        store.add(number).wait().unwrap();
    }
    store.snapshot().wait().unwrap();
    store.bomb(1).wait().unwrap_err();
    store.add(41).wait().unwrap();
    let killed = disk.after_kill();
    let journal_bytes = store.stats().journal_bytes;
    disk.fail_from(disk.operations().len(), Fault::Eio);
    store.snapshot().wait().unwrap_err();
    store.add(42).wait().unwrap_err();
    drop(store);
    drop(open(&killed));

    let mut seen = BTreeMap::new();
    for (key, _, text, value) in snapshotter.snapshot().into_vec() {
        let (kind, key) = key.into_parts();
        let labels: BTreeMap<_, _> =
            key.labels().map(|label| (label.key(), label.value())).collect();
        assert_eq!(labels.get("model"), Some(&"Tally"), "{key}");
        assert!(labels.contains_key("store"), "{key}");
        assert!(text.is_some(), "{key} is not described");
        seen.insert(key.name().to_owned(), (kind, value));
    }
    let kinds: BTreeMap<_, _> =
        seen.iter().map(|(name, (kind, _))| (name.clone(), *kind)).collect();
    assert_eq!(kinds, documented());

    let counter = |name: &str| match seen[name].1 {
        DebugValue::Counter(value) => value,
        ref other => panic!("{other:?}"),
    };
    let gauge = |name: &str| match seen[name].1 {
        DebugValue::Gauge(value) => value.into_inner(),
        ref other => panic!("{other:?}"),
    };
    let histogram = |name: &str| match &seen[name].1 {
        DebugValue::Histogram(values) => {
            values.iter().map(|it| it.into_inner()).collect::<Vec<_>>()
        }
        other => panic!("{other:?}"),
    };
    assert_eq!(counter("prevalent_committed_transactions_total"), 42);
    let batches = histogram("prevalent_batch_transactions");
    assert!((batches.iter().sum::<f64>() - 42.0).abs() < 0.5, "{batches:?}");
    // Headers of segments and voids are not the transactions'.
    let bytes = counter("prevalent_journal_bytes_total");
    assert!(bytes > 42 * 80 && bytes < journal_bytes, "{bytes} of {journal_bytes}");
    assert!(histogram("prevalent_sync_seconds").len() >= batches.len());
    assert!(histogram("prevalent_sync_seconds").iter().all(|took| (0.0..60.0).contains(took)));
    assert_eq!(counter("prevalent_snapshots_total"), 1);
    assert_eq!(histogram("prevalent_snapshot_seconds").len(), 1);
    assert!(gauge("prevalent_snapshot_bytes") > 128.0);
    assert!(counter("prevalent_failed_snapshots_total") >= 1);
    assert_eq!(counter("prevalent_voids_total"), 1);
    assert_eq!(counter("prevalent_rebuilds_total"), 1);
    assert_eq!(seen["prevalent_pending_bytes"].1, DebugValue::Gauge(0.0.into()));
    // The store that was opened last is well, and has replayed what came after the snapshot.
    assert_eq!(seen["prevalent_failed"].1, DebugValue::Gauge(0.0.into()));
    assert_eq!(seen["prevalent_replayed_transactions"].1, DebugValue::Gauge(1.0.into()));
    assert_eq!(seen["prevalent_replayed_ratio"].1, DebugValue::Gauge(1.0.into()));

    assert!(was_told(&["INFO", "a new store was made"]));
    assert!(was_told(&["DEBUG", "another segment has begun", "segment=2"]));
    assert!(was_told(&["INFO", "a snapshot was taken", "seq=40", "bytes=", "took="]));
    assert!(was_told(&["TRACE", "the journal was synced", "seq=40", "took="]));
    let store = "store=(simulated)";
    assert!(was_told(&["ERROR", "a transaction panicked", "seq=41", "tx=\"bomb\"", store]));
    assert!(was_told(&["WARN", "a snapshot failed", store]));
    assert!(was_told(&["ERROR", "accepts no more writes"]));
    assert!(was_told(&["INFO", "the store was recovered", "snapshot_seq=40"]));
    assert!(was_told(&["INFO", "a store was closed", "whole=false"]));
    assert!(was_told(&["INFO", "a store was closed", "whole=true"]));
}
