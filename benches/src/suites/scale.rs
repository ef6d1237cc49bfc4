//! How cost grows: with the objects in the state, and with the commits in flight.

use std::path::Path;
use std::time::{Duration, Instant};

use prevalent::Durability;

use crate::bench::Bench;
use crate::child::Child;
use crate::contenders::{self, PREVALENT};
use crate::drive;
use crate::failure::Result;
use crate::load::{Load, Outcome};
use crate::million;
use crate::model::PlainSessionsStore;
use crate::suites::in_flight_case;
use crate::suites::memory;
use crate::workload::{OBJECTS_MAX, token};

/// How many commits are in flight.
pub(crate) const IN_FLIGHT: [usize; 7] = [1, 4, 16, 64, 256, 1024, 4096];
/// How many objects there are.
pub(crate) const OBJECTS: [u64; 5] = [1_000, 10_000, 100_000, 1_000_000, 10_000_000];

/// From so many on only in the first round: it takes a minute.
const ONCE_FROM: u64 = 10_000_000;
/// As many in flight as a busy server has.
const BUSY: usize = 256;
/// As far as a task goes ahead.
const AHEAD: usize = 1024;

/// As it stands in the report.
pub(crate) fn objects_case(objects: u64) -> String {
    match objects {
        objects if objects.is_multiple_of(1_000_000) => format!("{} M", objects / 1_000_000),
        objects => format!("{} k", objects / 1_000),
    }
}

pub(super) fn run(bench: &mut Bench) -> Result<()> {
    for in_flight in IN_FLIGHT {
        let load = Load { in_flight, time: bench.time(), numbers: 0..OBJECTS_MAX, timed_one_in: 1 };
        for contender in bench.rotated(contenders::for_scale()) {
            bench.contend(&in_flight_case(in_flight), contender, &load)?;
        }
    }
    let most = if bench.options.quick { 100_000 } else { u64::MAX };
    for objects in OBJECTS.into_iter().filter(|&objects| objects <= most) {
        if objects < ONCE_FROM || bench.round == 0 {
            with_objects(bench, objects)?;
        }
    }
    Ok(())
}

/// One store: filled, opened from its journal, opened from its snapshot; with commits in between.
fn with_objects(bench: &mut Bench, objects: u64) -> Result<()> {
    let case = objects_case(objects);
    let dir = bench.data_dir()?;
    let dir = dir.path();

    let (_, store) = open(dir, Durability::Manual)?;
    million::fill_plain(&store, 0..objects)?;
    close(store)?;

    let (from_journal, store) = open(dir, Durability::Manual)?;
    let unsynced = commits(bench, &store, objects, Committers { tasks: 1, ahead: AHEAD })?;
    store.snapshot().wait()?;
    // One more: of what was committed before both snapshots that are kept, only the newest segment is left.
    store.create_session(token(0), 0).wait()?;
    store.snapshot().wait()?;
    close(store)?;

    let (from_snapshot, store) = open(dir, Durability::Always)?;
    let durable = commits(bench, &store, objects, Committers { tasks: BUSY, ahead: 1 })?;
    store.snapshot().wait()?;
    close(store)?;

    let resident = Child::Opened.resident_bytes(dir, objects)?;
    let bare = Child::BareMap.resident_bytes(dir, objects)?;

    let us = |time: Duration| time.as_secs_f64() * 1e6;
    bench.record(&case, PREVALENT, "durable_commits_per_s", durable.commits_per_s());
    bench.record(&case, PREVALENT, "unsynced_commits_per_s", unsynced.commits_per_s());
    bench.record(&case, PREVALENT, "open_from_journal_us", us(from_journal));
    bench.record(&case, PREVALENT, "open_from_snapshot_us", us(from_snapshot));
    bench.record(&case, PREVALENT, "resident_bytes", resident as f64);
    bench.record(&case, memory::BARE, "resident_bytes", bare as f64);
    Ok(())
}

fn open(dir: &Path, durability: Durability) -> Result<(Duration, PlainSessionsStore)> {
    let builder = PlainSessionsStore::builder(dir)
        .durability(durability)
        .snapshot_every_bytes(u64::MAX)
        .no_snapshot_on_close();
    let began = Instant::now();
    let store = builder.open().wait()?;
    Ok((began.elapsed(), store))
}

fn close(store: PlainSessionsStore) -> Result<()> {
    store.close().wait()?;
    drop(store);
    Ok(())
}

/// How many tasks commit, and how far each goes ahead.
#[derive(Clone, Copy)]
struct Committers {
    tasks: usize,
    ahead: usize,
}

/// Commits sessions that are there already, so that there are as many afterwards.
fn commits(
    bench: &Bench,
    store: &PlainSessionsStore,
    objects: u64,
    Committers { tasks, ahead }: Committers,
) -> Result<Outcome> {
    let load =
        Load { in_flight: tasks, time: bench.time(), numbers: 0..OBJECTS_MAX, timed_one_in: 64 };
    let store = store.clone();
    drive::tasks_ahead(&drive::runtime()?, &load, ahead, move |number| {
        let number = number % objects;
        let commit = store.create_session(token(number), number);
        async move { Ok(commit.await?) }
    })
}
