//! Reads of a store of a million sessions: with nothing else going on, and beside commits.

use std::hint::black_box;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::sleep;
use std::time::{Duration, Instant};

use parking_lot::RwLock;
use prevalent::Durability;

use crate::bench::Bench;
use crate::drive;
use crate::failure::Result;
use crate::frame::session;
use crate::latencies::Latencies;
use crate::load::{Load, Outcome};
use crate::million;
use crate::model::SessionsStore;
use crate::workload::{map_with_room, token};
use crate::{contenders, suites};

/// What is compared with.
pub(crate) const LOCK: &str = "parking_lot::RwLock + get";
/// A read as a closure.
pub(crate) const CLOSURE: &str = "prevalent, closure";
/// A generated query.
pub(crate) const QUERY: &str = "prevalent, query";

const READERS: [usize; 2] = [1, 2];
/// So many sessions are read, over and over: they stay in the cache, so that what stands around the read shows.
const READ: u64 = 1024;
const IN_FLIGHT: usize = 256;
/// Between two reads of a reader that leaves the processor to others.
const PAUSE: Duration = Duration::from_micros(100);

/// How readers read while others commit.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Pace {
    /// One read after the other: each reader takes a core.
    FlatOut,
    /// With a pause after each.
    Paced,
}

/// As it stands in the report.
pub(crate) fn case(readers: usize) -> String {
    format!("{readers} {}", if readers == 1 { "reader" } else { "readers" })
}

/// As it stands in the report; `None` where nobody reads.
pub(crate) fn beside_commits(readers: Option<(usize, &str)>) -> String {
    match readers {
        None => format!("{} commits, no reader", suites::in_flight_case(IN_FLIGHT)),
        Some((readers, pace)) => {
            format!("{} commits, {} {pace}", suites::in_flight_case(IN_FLIGHT), case(readers))
        }
    }
}

/// As it stands in the report.
pub(crate) const PACED: &str = "every 100 µs";
/// As it stands in the report.
pub(crate) const FLAT_OUT: &str = "flat out";

pub(super) fn run(bench: &mut Bench) -> Result<()> {
    let dir = bench.data_dir()?;
    let sessions = bench.options.million();
    million::from_journal(dir.path(), sessions)?;
    let store = crate::model::builder(dir.path(), Durability::Always).open().wait()?;
    alone(bench, &store, sessions);
    beside(bench, &store, sessions)?;
    store.close().wait()?;
    Ok(())
}

/// Nobody commits.
fn alone(bench: &mut Bench, store: &SessionsStore, sessions: u64) {
    let mut map = map_with_room();
    map.extend((0..sessions).map(session));
    let map = RwLock::new(map);
    let time = bench.time();
    for readers in READERS {
        for contender in bench.rotated(vec![LOCK, CLOSURE, QUERY]) {
            let reads_per_s = match contender {
                LOCK => rate(readers, time, |token| map.read().get(token).copied()),
                CLOSURE => rate(readers, time, |token| {
                    store.read(|sessions| sessions.tokens().get(token).copied())
                }),
                _ => rate(readers, time, |token| store.user_of(token)),
            };
            bench.record(&case(readers), contender, "reads_per_s", reads_per_s);
        }
    }
}

fn rate(readers: usize, time: Duration, read: impl Fn(&str) -> Option<u64> + Sync) -> f64 {
    let tokens: Vec<_> = (0..READ).map(token).collect();
    let deadline = Instant::now() + time;
    std::thread::scope(|scope| {
        let readers: Vec<_> = (0..readers)
            .map(|_| {
                scope.spawn(|| {
                    let (mut reads, began) = (0_u64, Instant::now());
                    while Instant::now() < deadline {
                        for token in &tokens {
                            black_box(read(token));
                        }
                        reads += READ;
                    }
                    reads as f64 / began.elapsed().as_secs_f64()
                })
            })
            .collect();
        readers.into_iter().map(|reader| reader.join().unwrap_or_default()).sum()
    })
}

/// Tasks commit, sessions that are there already: the map doesn't grow, and there are always enough of them.
fn beside(bench: &mut Bench, store: &SessionsStore, sessions: u64) -> Result<()> {
    let load =
        Load { in_flight: IN_FLIGHT, time: bench.time(), numbers: 0..sessions, timed_one_in: 1 };
    let limit = Load { numbers: 0..crate::workload::OBJECTS_MAX, ..load.clone() };
    bench.contend(&beside_commits(None), contenders::limit_and_work(), &limit)?;
    let mut ways = vec![None];
    for readers in READERS {
        ways.push(Some((readers, Pace::Paced)));
        ways.push(Some((readers, Pace::FlatOut)));
    }
    for way in bench.rotated(ways) {
        let Some((readers, pace)) = way else {
            let (outcome, _) = commits_and_reads(store, &load, 0, Pace::Paced)?;
            bench.record_outcome(&beside_commits(None), contenders::PREVALENT, &outcome);
            continue;
        };
        let name = if pace == Pace::Paced { PACED } else { FLAT_OUT };
        let case = beside_commits(Some((readers, name)));
        let (outcome, reads) = commits_and_reads(store, &load, readers, pace)?;
        bench.record(&case, contenders::PREVALENT, "commits_per_s", outcome.commits_per_s());
        bench.record_latencies(&case, "a read", &reads);
    }
    Ok(())
}

fn commits_and_reads(
    store: &SessionsStore,
    load: &Load,
    readers: usize,
    pace: Pace,
) -> Result<(Outcome, Latencies)> {
    let runtime = drive::runtime()?;
    let stop = AtomicBool::new(false);
    let tokens: Vec<_> = (0..READ).map(token).collect();
    std::thread::scope(|scope| {
        let readers: Vec<_> = (0..readers)
            .map(|_| {
                scope.spawn(|| {
                    let mut latencies = Latencies::new()?;
                    for token in tokens.iter().cycle() {
                        if stop.load(Ordering::Relaxed) {
                            break;
                        }
                        let began = Instant::now();
                        black_box(store.user_of(token));
                        latencies.record(began.elapsed());
                        if pace == Pace::Paced {
                            sleep(PAUSE);
                        }
                    }
                    Ok(latencies)
                })
            })
            .collect();
        let outcome = {
            let store = store.clone();
            drive::tasks(&runtime, load, move |number| {
                let commit = store.create_session(token(number), number);
                async move { Ok(commit.await?) }
            })
        };
        stop.store(true, Ordering::Relaxed);
        let mut latencies = Latencies::new()?;
        for reader in readers {
            let its: Result<Latencies> =
                reader.join().unwrap_or_else(|_| Err("a reader panicked".into()));
            latencies.add(&its?)?;
        }
        Ok((outcome?, latencies))
    })
}
