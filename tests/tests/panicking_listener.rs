//! Who listens to `tracing` events is the user's code: its panics are its own, on all of the engine's threads.

use std::sync::atomic::{AtomicU64, Ordering};

use prevalent::Error;
use prevalent::testing::SimDisk;
use prevalent_tests::disk::{Call, Watched};
use prevalent_tests::models::TallyStore;
use prevalent_tests::waiting::within_limit;
use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Metadata, Subscriber};

struct Panicking;

/// A third of the spans panics when they are made, a third when they are entered, a third when they are left.
static SPANS: AtomicU64 = AtomicU64::new(0);
const ENTERED: u64 = 1;
const LEFT: u64 = 2;

impl Subscriber for Panicking {
    fn enabled(&self, _: &Metadata<'_>) -> bool {
        true
    }
    fn new_span(&self, span: &Attributes<'_>) -> Id {
        let is_ours = span.metadata().target().starts_with("prevalent");
        let when = SPANS.fetch_add(1, Ordering::SeqCst) % 3;
        assert!(!is_ours || when != 0, "a listener that belongs to the test");
        Id::from_u64(if is_ours { when } else { LEFT + 1 })
    }
    fn record(&self, _: &Id, _: &Record<'_>) {}
    fn record_follows_from(&self, _: &Id, _: &Id) {}
    fn event(&self, event: &Event<'_>) {
        // Not those of the test harness, if it has any.
        let is_ours = event.metadata().target().starts_with("prevalent");
        assert!(!is_ours, "a listener that belongs to the test");
    }
    fn enter(&self, span: &Id) {
        assert!(span.into_u64() != ENTERED, "a listener that belongs to the test");
    }
    fn exit(&self, span: &Id) {
        assert!(span.into_u64() != LEFT, "a listener that belongs to the test");
    }
}

/// The snapshot thread died of it, and `close` waited for it for ever.
#[test]
fn a_listener_that_panics_where_something_fails_harms_nobody() {
    tracing::subscriber::set_global_default(Panicking).expect("nobody else listens");
    let disk = Watched::over(SimDisk::new());
    let store = within_limit({
        let disk = disk.clone();
        move || TallyStore::builder("").segment_bytes(1).on_disk(disk).open().wait().unwrap()
    });
    for (call, part) in [(Call::Create, ".snapshot"), (Call::Remove, ".snapshot")] {
        disk.break_at(call, part);
        for number in 0..4 {
            store.add(number).wait().unwrap();
            let store = store.clone();
            // It is told the truth, whoever listens.
            let result = within_limit(move || store.snapshot().wait());
            assert_eq!(result.is_err(), call == Call::Create, "{result:?}");
        }
        disk.heal();
    }
    let exploding = store.clone();
    let result = within_limit(move || exploding.bomb(1).wait());
    assert!(matches!(result, Err(Error::TxPanicked { .. })), "{result:?}");
    store.add(1).wait().unwrap();
    let stats = store.stats();
    assert!(stats.failed_snapshots == 4 && stats.failed_prunings > 0, "{stats:?}");
    within_limit(move || store.close().wait()).unwrap();
    assert!(SPANS.load(Ordering::SeqCst) > 3);
}
