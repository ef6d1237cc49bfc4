//! Brings a load upon a contender: by tasks that await, or by threads that block.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, mpsc};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use tokio::runtime::{Builder, Runtime};

use crate::failure::{Failure, Result};
use crate::latencies::Latencies;
use crate::load::{Acknowledged, Load, Outcome};

/// So many of the committers time each of their commits: reading the clock for every commit would be a cost of its own. A
/// stall hits all that are in flight, so these see it.
const TIMED_COMMITTERS: usize = 64;

/// What every contender on tokio runs on.
///
/// # Errors
///
/// Where no thread can be started.
pub(crate) fn runtime() -> Result<Runtime> {
    Ok(Builder::new_multi_thread().worker_threads(2).build()?)
}

/// A task for each commit in flight: commits, awaits, commits the next.
///
/// # Errors
///
/// The first error of a commit.
pub(crate) fn tasks<F, C>(runtime: &Runtime, load: &Load, commit: F) -> Result<Outcome>
where
    F: Fn(u64) -> C + Clone + Send + 'static,
    C: Future<Output = Result<()>> + Send,
{
    tasks_ahead(runtime, load, 1, commit)
}

/// The same, but each task goes on until `ahead` commits are in flight, and then awaits the oldest. A commit must be under way
/// once `commit` has returned.
///
/// # Errors
///
/// The first error of a commit.
pub(crate) fn tasks_ahead<F, C>(
    runtime: &Runtime,
    load: &Load,
    ahead: usize,
    commit: F,
) -> Result<Outcome>
where
    F: Fn(u64) -> C + Clone + Send + 'static,
    C: Future<Output = Result<()>> + Send,
{
    let stop = Arc::new(AtomicBool::new(false));
    let start = Instant::now();
    let timer = Timer::start(load.time, &stop)?;
    let committers: Vec<_> = (0..load.in_flight)
        .map(|committer| {
            let (numbers, timed_one_in) = (load.numbers_of(committer), load.timed_one_in);
            let (stop, commit) = (stop.clone(), commit.clone());
            runtime.spawn(async move {
                let mut tally = Tally::new(committer, timed_one_in)?;
                let mut waiting = VecDeque::with_capacity(ahead);
                for number in numbers {
                    if stop.load(Ordering::Relaxed) {
                        break;
                    }
                    waiting.push_back((tally.begin(), commit(number)));
                    if waiting.len() == ahead
                        && let Some((begun, oldest)) = waiting.pop_front()
                    {
                        oldest.await?;
                        tally.end(begun);
                    }
                }
                for (begun, oldest) in waiting {
                    oldest.await?;
                    tally.end(begun);
                }
                Ok::<_, Failure>(tally)
            })
        })
        .collect();
    let tallies = runtime.block_on(async {
        let mut tallies = Vec::with_capacity(load.in_flight);
        for committer in committers {
            tallies.push(committer.await??);
        }
        Ok::<_, Failure>(tallies)
    });
    let elapsed = start.elapsed();
    timer.cancel();
    outcome(load, elapsed, tallies?)
}

/// Stops the committers when the time is over. A thread of its own: tasks that never yield leave no room for a task.
struct Timer {
    cancel: mpsc::Sender<()>,
    thread: JoinHandle<()>,
}

impl Timer {
    fn start(time: Duration, stop: &Arc<AtomicBool>) -> Result<Timer> {
        let (cancel, cancelled) = mpsc::channel();
        let stop = stop.clone();
        let thread = std::thread::Builder::new().name("timer".into()).spawn(move || {
            // Nothing is ever sent: this waits for the time, or for the sender to go.
            let _ = cancelled.recv_timeout(time);
            stop.store(true, Ordering::Relaxed);
        })?;
        Ok(Timer { cancel, thread })
    }

    fn cancel(self) {
        drop(self.cancel);
        // It can't panic.
        let _ = self.thread.join();
    }
}

/// A thread for each commit in flight.
///
/// # Errors
///
/// The first error of a commit.
pub(crate) fn threads<F>(load: &Load, commit: F) -> Result<Outcome>
where
    F: Fn(u64) -> Result<()> + Sync,
{
    let start = Instant::now();
    let deadline = start + load.time;
    let tallies = std::thread::scope(|scope| {
        let committers: Vec<_> = (0..load.in_flight)
            .map(|committer| {
                let commit = &commit;
                scope.spawn(move || {
                    let mut tally = Tally::new(committer, 1)?;
                    for number in load.numbers_of(committer) {
                        let begun = Instant::now();
                        if begun >= deadline {
                            break;
                        }
                        commit(number)?;
                        tally.end(Some(begun));
                    }
                    Ok::<_, Failure>(tally)
                })
            })
            .collect();
        let joined = committers.into_iter().map(|committer| {
            committer.join().unwrap_or_else(|_| Err("a committer panicked".into()))
        });
        joined.collect::<Result<Vec<_>>>()
    });
    let elapsed = start.elapsed();
    outcome(load, elapsed, tallies?)
}

fn outcome(load: &Load, elapsed: Duration, tallies: Vec<Tally>) -> Result<Outcome> {
    let mut latencies = Latencies::new()?;
    let mut counts = Vec::with_capacity(tallies.len());
    for tally in tallies {
        counts.push(tally.count);
        if let Some(its) = &tally.latencies {
            latencies.add(its)?;
        }
    }
    Ok(Outcome { acknowledged: Acknowledged::new(load.clone(), counts), elapsed, latencies })
}

/// What one committer has seen.
struct Tally {
    begun: usize,
    count: usize,
    timed_one_in: usize,
    latencies: Option<Latencies>,
}

impl Tally {
    fn new(committer: usize, timed_one_in: usize) -> Result<Self> {
        let timed = committer < TIMED_COMMITTERS;
        let latencies = timed.then(Latencies::new).transpose()?;
        Ok(Tally { begun: 0, count: 0, timed_one_in, latencies })
    }

    fn begin(&mut self) -> Option<Instant> {
        let timed = self.latencies.is_some() && self.begun.is_multiple_of(self.timed_one_in);
        self.begun += 1;
        timed.then(Instant::now)
    }

    fn end(&mut self, begun: Option<Instant>) {
        self.count += 1;
        if let (Some(latencies), Some(begun)) = (&mut self.latencies, begun) {
            latencies.record(begun.elapsed());
        }
    }
}
