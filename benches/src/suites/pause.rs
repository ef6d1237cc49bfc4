//! The longest commit and the longest read while a snapshot of a million sessions is taken, and while none is.

use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::sleep;
use std::time::{Duration, Instant};

use parking_lot::{Mutex, RwLock};

use crate::bench::Bench;
use crate::failure::{Failure, Result};
use crate::frame::{Batch, session};
use crate::latencies::Latencies;
use crate::log_file::{LogFile, room_for};
use crate::million;
use crate::model::SessionsStore;
use crate::suites::reads;
use crate::workload::{Map, map_with_room, token};

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

/// What nobody can do without: a bare loop of a write and a sync.
pub(crate) const BARE_COMMIT: &str =
    "a commit of LIMIT, while the same is decoded, encoded and written";
/// A plain lock, with a pause after each.
pub(crate) const BARE_READ: &str = "a read of a plain lock, meanwhile";

pub(super) fn run(bench: &mut Bench) -> Result<()> {
    prevalent(bench)?;
    bare(bench)
}

fn prevalent(bench: &mut Bench) -> Result<()> {
    let sessions = bench.options.million();
    let dir = bench.data_dir()?;
    million::from_journal(dir.path(), sessions)?;
    let store = SessionsStore::builder(dir.path()).no_snapshot_on_close().open().wait()?;
    // As in a store that has run for a while: the snapshot before holds nearly everything.
    store.snapshot().wait()?;

    let seen = beside_snapshot(
        bench.time(),
        sessions,
        |number| Ok(store.create_session(token(number), number).wait()?),
        |number| match reads::user_of(&store, &token(number)) {
            Some(found) if found == number => Ok(()),
            found => Err(format!("session {number} is {found:?}").into()),
        },
        || store.snapshot().wait().map(drop).map_err(Failure::from),
    )?;
    store.close().wait()?;
    bench.record(SNAPSHOT, "the snapshot", "took_us", seen.took.as_secs_f64() * 1e6);
    seen.record(bench, COMMIT, READ);
    Ok(())
}

/// The same load on the disk and the processors, with nothing of a store in it.
fn bare(bench: &mut Bench) -> Result<()> {
    let sessions = bench.options.million();
    let dir = bench.data_dir()?;
    let mut map = map_with_room();
    map.extend((0..sessions).map(session));
    let encoded = postcard::to_stdvec(&map)?;
    let map = RwLock::new(map);
    let room = room_for(1);
    let log = Mutex::new(LogFile::zero_filled(&dir.path().join("limit"), room)?);
    let seen = beside_snapshot(
        bench.time(),
        sessions,
        |number| {
            let mut batch = Batch::new();
            batch.push(&session(number))?;
            let mut log = log.lock();
            if log.end() + PAYLOAD_ROOM > room {
                log.rewind();
            }
            log.append(batch.seal()?)
        },
        |number| match map.read().get(&token(number)) {
            Some(&found) if found == number => Ok(()),
            found => Err(format!("session {number} is {found:?}").into()),
        },
        || {
            let decoded: Map = postcard::from_bytes(&encoded)?;
            let mut file = LogFile::growing(&dir.path().join("snapshot"))?;
            for piece in postcard::to_stdvec(&decoded)?.chunks(PIECE) {
                file.append(piece)?;
            }
            Ok(())
        },
    )?;
    seen.record(bench, BARE_COMMIT, BARE_READ);
    Ok(())
}

/// More than any batch of one.
const PAYLOAD_ROOM: u64 = 128;
/// A snapshot is synced after so much, so that the journal's syncs don't wait for all of it.
const PIECE: usize = 1 << 20;

/// Commits and reads, for a while with nothing else going on, and then for as long as `snapshot` takes.
fn beside_snapshot(
    time: Duration,
    sessions: u64,
    commit: impl Fn(u64) -> Result<()> + Sync,
    read: impl Fn(u64) -> Result<()> + Sync,
    snapshot: impl FnOnce() -> Result<()>,
) -> Result<Seen> {
    let signals = Signals::default();
    std::thread::scope(|scope| {
        let commits = scope.spawn(|| signals.watch(sessions, Duration::ZERO, &commit));
        let reads = scope.spawn(|| signals.watch(sessions, PAUSE, &read));
        sleep(2 * time);
        signals.snapshot_runs.store(true, Ordering::SeqCst);
        let began = Instant::now();
        let taken = snapshot();
        let took = began.elapsed();
        signals.stop.store(true, Ordering::SeqCst);
        let panicked = |_| Err("a thread panicked".into());
        let commits: Result<Watched> = commits.join().unwrap_or_else(panicked);
        let reads: Result<Watched> = reads.join().unwrap_or_else(panicked);
        taken?;
        Ok(Seen { took, commits: commits?, reads: reads? })
    })
}

/// What was measured beside a snapshot.
struct Seen {
    took: Duration,
    commits: Watched,
    reads: Watched,
}

impl Seen {
    fn record(&self, bench: &mut Bench, commit: &str, read: &str) {
        for (what, watched) in [(commit, &self.commits), (read, &self.reads)] {
            bench.record_latencies(IDLE, what, &watched.idle);
            bench.record_latencies(SNAPSHOT, what, &watched.snapshot);
        }
    }
}

/// What the threads are told.
#[derive(Default)]
struct Signals {
    snapshot_runs: AtomicBool,
    stop: AtomicBool,
}

/// What a thread has measured.
struct Watched {
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
    ) -> Result<Watched> {
        let mut seen = Watched { idle: Latencies::new()?, snapshot: Latencies::new()? };
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
