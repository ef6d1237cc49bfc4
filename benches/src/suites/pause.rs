//! The longest commit and the longest read while a snapshot of a million sessions is taken, and while none is.

use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::sleep;
use std::time::{Duration, Instant};

use crate::bench::Bench;
use crate::failure::{Failure, Result};
use crate::latencies::Latencies;
use crate::million;
use crate::model::SessionsStore;
use crate::workload::token;

/// As it stands in the report.
pub(crate) const IDLE: &str = "no snapshot";
/// As it stands in the report.
pub(crate) const SNAPSHOT: &str = "while a snapshot is taken";
/// One at a time, durable, waited for.
pub(crate) const COMMIT: &str = "a commit";
/// A generated query, with a pause after each.
pub(crate) const READ: &str = "a read";

/// Between two reads: a reader that never rests would take one of two cores from those who commit and take the snapshot.
const PAUSE: Duration = Duration::from_micros(100);

pub(super) fn run(bench: &mut Bench) -> Result<()> {
    let sessions = bench.options.million();
    let dir = bench.data_dir()?;
    million::from_journal(dir.path(), sessions)?;
    let store = SessionsStore::builder(dir.path()).no_snapshot_on_close().open().wait()?;
    // As in a store that has run for a while: the snapshot before holds nearly everything.
    store.snapshot().wait()?;

    let signals = Signals::default();
    let (took, commits, reads) = std::thread::scope(|scope| {
        let commits = scope.spawn(|| {
            signals.watch(sessions, Duration::ZERO, |number| {
                Ok(store.create_session(token(number), number).wait()?)
            })
        });
        let reads = scope.spawn(|| {
            signals.watch(sessions, PAUSE, |number| match store.user_of(&token(number)) {
                Some(found) if found == number => Ok(()),
                found => Err(format!("session {number} is {found:?}").into()),
            })
        });
        sleep(2 * bench.time());
        signals.snapshot_runs.store(true, Ordering::SeqCst);
        let began = Instant::now();
        let taken = store.snapshot().wait();
        let took = began.elapsed();
        signals.stop.store(true, Ordering::SeqCst);
        let panicked = |_| Err("a thread panicked".into());
        let commits: Result<Seen> = commits.join().unwrap_or_else(panicked);
        let reads: Result<Seen> = reads.join().unwrap_or_else(panicked);
        Ok::<_, Failure>((taken.map(|_| took)?, commits?, reads?))
    })?;
    store.close().wait()?;

    bench.record(SNAPSHOT, "the snapshot", "took_us", took.as_secs_f64() * 1e6);
    for (what, seen) in [(COMMIT, commits), (READ, reads)] {
        bench.record_latencies(IDLE, what, &seen.idle);
        bench.record_latencies(SNAPSHOT, what, &seen.snapshot);
    }
    Ok(())
}

/// What the threads are told.
#[derive(Default)]
struct Signals {
    snapshot_runs: AtomicBool,
    stop: AtomicBool,
}

/// What a thread has measured.
struct Seen {
    idle: Latencies,
    snapshot: Latencies,
}

impl Signals {
    /// Acts on one session after the other, all of which are there: no map grows.
    fn watch(
        &self,
        sessions: u64,
        pause: Duration,
        act: impl Fn(u64) -> Result<()>,
    ) -> Result<Seen> {
        let mut seen = Seen { idle: Latencies::new()?, snapshot: Latencies::new()? };
        for number in (0..sessions).cycle().step_by(STRIDE) {
            if self.stop.load(Ordering::SeqCst) {
                break;
            }
            let ran_before = self.snapshot_runs.load(Ordering::SeqCst);
            let began = Instant::now();
            act(number)?;
            let took = began.elapsed();
            let ran = ran_before || self.snapshot_runs.load(Ordering::SeqCst);
            if ran { &mut seen.snapshot } else { &mut seen.idle }.record(took);
            if !pause.is_zero() {
                sleep(pause);
            }
        }
        Ok(seen)
    }
}

/// From one session to the next: they lie anywhere in the map.
const STRIDE: usize = 7919;
