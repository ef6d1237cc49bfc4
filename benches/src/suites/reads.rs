//! Reads of a store of a million sessions: with nothing else going on, and beside commits.

use std::hint::black_box;
use std::sync::Arc;
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

/// So many turns each has; the median of them counts.
const TURNS: u32 = 21;

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
pub(crate) const READ_BESIDE: &str = "a read";
/// As it stands in the report.
pub(crate) const OUTLINE_READ: &str = "a read of a plain lock, beside LIMIT + work, told to tasks";
/// As it stands in the report.
pub(crate) const PACED: &str = "every 100 µs";
/// As it stands in the report.
pub(crate) const FLAT_OUT: &str = "flat out";

pub(super) fn run(bench: &mut Bench) -> Result<()> {
    let dir = bench.data_dir()?;
    let sessions = bench.options.million();
    million::from_journal(dir.path(), sessions)?;
    let store = crate::model::builder(dir.path(), Durability::Always).open().wait()?;
    alone(bench, &store);
    beside(bench, &store, sessions)?;
    store.close().wait()?;
    outline_beside(bench, sessions)
}

/// Nobody commits. All read the same map, since where its entries lie in memory makes a difference of its own; and they
/// take short turns, since what else the machine does makes a larger one.
fn alone(bench: &mut Bench, store: &SessionsStore) {
    let time = bench.time() / TURNS;
    for readers in READERS {
        let mut rates = [LOCK, CLOSURE, QUERY].map(|contender| (contender, Vec::new()));
        for _ in 0..TURNS {
            for (contender, rates) in &mut rates {
                rates.push(match *contender {
                    LOCK => store.read(|sessions| {
                        let map = &RwLock::new(sessions.tokens());
                        rate(readers, time, move |token| map.read().get(token).copied())
                    }),
                    CLOSURE => rate(readers, time, move |token| {
                        store.read(|sessions| sessions.tokens().get(token).copied())
                    }),
                    _ => rate(readers, time, move |token| store.user_of(token)),
                });
            }
            rates.rotate_left(1);
        }
        for (contender, mut rates) in rates {
            rates.sort_unstable_by(f64::total_cmp);
            bench.record(&case(readers), contender, "reads_per_s", rates[rates.len() / 2]);
        }
    }
}

/// What the query does. Nobody else calls the query itself: the compiler puts what is called at one place only right there, as it
/// does with the two that it is compared with.
pub(super) fn user_of(store: &SessionsStore, token: &str) -> Option<u64> {
    store.read(|sessions| sessions.user_of(token))
}

/// Reads a second. (`read` is copied: a way through several references would count as a part of each read.)
fn rate(readers: usize, time: Duration, read: impl Fn(&str) -> Option<u64> + Copy + Send) -> f64 {
    let tokens: &Vec<_> = &(0..READ).map(token).collect();
    let deadline = Instant::now() + time;
    std::thread::scope(|scope| {
        let readers: Vec<_> = (0..readers)
            .map(|_| {
                scope.spawn(move || {
                    let (mut reads, began) = (0_u64, Instant::now());
                    while Instant::now() < deadline {
                        for token in tokens {
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

/// Sessions that are there already: the map doesn't grow, and there are always enough of them.
fn load(bench: &Bench, sessions: u64) -> Load {
    Load { in_flight: IN_FLIGHT, time: bench.time(), numbers: 0..sessions, timed_one_in: 1 }
}

/// Tasks commit.
fn beside(bench: &mut Bench, store: &SessionsStore, sessions: u64) -> Result<()> {
    let load = load(bench, sessions);
    let limit = Load { numbers: 0..crate::workload::OBJECTS_MAX, ..load.clone() };
    bench.contend(&beside_commits(None), contenders::limit_and_work(), &limit)?;
    let mut ways = vec![None];
    for readers in READERS {
        ways.push(Some((readers, Pace::Paced)));
        ways.push(Some((readers, Pace::FlatOut)));
    }
    let commit = || {
        let store = store.clone();
        drive::tasks(&drive::runtime()?, &load, move |number| {
            let commit = store.create_session(token(number), number);
            async move { Ok(commit.await?) }
        })
    };
    for way in bench.rotated(ways) {
        let Some((readers, pace)) = way else {
            bench.record_outcome(&beside_commits(None), contenders::PREVALENT, &commit()?);
            continue;
        };
        let name = if pace == Pace::Paced { PACED } else { FLAT_OUT };
        let case = beside_commits(Some((readers, name)));
        let (outcome, reads) =
            commits_and_reads(readers, pace, |token| user_of(store, token), commit)?;
        bench.record(&case, contenders::PREVALENT, "commits_per_s", outcome.commits_per_s());
        bench.record_latencies(&case, READ_BESIDE, &reads);
    }
    Ok(())
}

/// What is left to anybody: the barest outline of a store whose map is behind a plain lock, under the same loads.
fn outline_beside(bench: &mut Bench, sessions: u64) -> Result<()> {
    let load = load(bench, sessions);
    let mut map = map_with_room();
    map.extend((0..sessions).map(session));
    let map = Arc::new(RwLock::new(map));
    for readers in READERS {
        let dir = bench.data_dir()?;
        let case = beside_commits(Some((readers, PACED)));
        let (outcome, reads) = commits_and_reads(
            readers,
            Pace::Paced,
            |token| map.read().get(token).copied(),
            || contenders::told::limit_and_work_into(&map, dir.path(), &load),
        )?;
        bench.record(
            &case,
            contenders::LIMIT_AND_WORK_TOLD,
            "commits_per_s",
            outcome.commits_per_s(),
        );
        bench.record_latencies(&case, OUTLINE_READ, &reads);
    }
    Ok(())
}

/// Reads for as long as `commit` takes.
fn commits_and_reads(
    readers: usize,
    pace: Pace,
    read: impl Fn(&str) -> Option<u64> + Sync,
    commit: impl FnOnce() -> Result<Outcome>,
) -> Result<(Outcome, Latencies)> {
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
                        black_box(read(token));
                        latencies.record(began.elapsed());
                        if pace == Pace::Paced {
                            sleep(PAUSE);
                        }
                    }
                    Ok(latencies)
                })
            })
            .collect();
        let outcome = commit();
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
