//! Which tests reach which sites, and how long they take: each is run once with nothing taken out.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io::Write;
use std::path::Path;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, SystemTime};

use crate::failure::Result;
use crate::tests::{Binary, Outcome, Test};

/// A test that passes where nothing is taken out.
#[derive(Debug)]
pub(crate) struct Known {
    pub(crate) test: Test,
    pub(crate) took: Duration,
    /// The numbers of the sites.
    pub(crate) reached: BTreeSet<u32>,
}

/// No test takes longer than this.
const LONGEST: Duration = Duration::from_mins(5);

/// Runs what was not run since it was built, and gives all that pass.
pub(crate) fn measure(binaries: &[Binary], work: &Path, jobs: usize) -> Result<Vec<Known>> {
    let path = work.join("baseline.tsv");
    let before = read(&path)?;
    let (mut known, mut new) = (Vec::new(), Vec::new());
    for binary in binaries {
        let stamp = stamp(binary)?;
        for test in binary.tests()? {
            match before.get(&(test.id(), stamp)) {
                Some(Some((took, reached))) => {
                    known.push(Known { test, took: *took, reached: reached.clone() });
                }
                Some(None) => {}
                None => new.push((test, stamp)),
            }
        }
    }
    eprintln!("{} tests are known, {} are run with nothing taken out", known.len(), new.len());
    let file = fs::OpenOptions::new().append(true).create(true).open(&path)?;
    let (file, known) = (Mutex::new(file), Mutex::new(known));
    let next = AtomicUsize::new(0);
    let work_off = |worker: usize| -> Result<()> {
        let notes = work.join(format!("reached-{worker}"));
        while let Some((test, stamp)) = new.get(next.fetch_add(1, Ordering::Relaxed)) {
            let measured = measure_one(test, &notes)?;
            let line = line_of(test, *stamp, measured.as_ref());
            lock(&file).write_all(line.as_bytes())?;
            match measured {
                Some((took, reached)) => {
                    lock(&known).push(Known { test: test.clone(), took, reached });
                }
                None => eprintln!("{} doesn't pass: it is left out", test.id()),
            }
        }
        Ok(())
    };
    thread::scope(|scope| {
        let workers: Vec<_> =
            (0..jobs).map(|worker| scope.spawn(move || work_off(worker))).collect();
        workers.into_iter().try_for_each(|worker| worker.join().unwrap_or(Err("it died".into())))
    })?;
    Ok(known.into_inner().unwrap_or_else(std::sync::PoisonError::into_inner))
}

type Measured = (Duration, BTreeSet<u32>);

fn measure_one(test: &Test, notes: &Path) -> Result<Option<Measured>> {
    for _ in 0..2 {
        let _ = fs::remove_file(notes);
        let path = notes.to_string_lossy();
        let (outcome, took) = test.run(&[("PREVALENT_MUTANTS_REACHED", &path)], LONGEST)?;
        if outcome == Outcome::Passed {
            let lines = fs::read_to_string(notes).unwrap_or_default();
            return Ok(Some((took, lines.lines().filter_map(|line| line.parse().ok()).collect())));
        }
    }
    Ok(None)
}

/// A line of the file: what is empty doesn't pass.
fn line_of(test: &Test, stamp: u128, measured: Option<&Measured>) -> String {
    let (took, reached) = match measured {
        Some((took, reached)) => {
            let reached: Vec<String> = reached.iter().map(u32::to_string).collect();
            (took.as_millis().to_string(), reached.join(" "))
        }
        None => (String::new(), String::new()),
    };
    format!("{}\t{stamp}\t{took}\t{reached}\n", test.id())
}

type Before = BTreeMap<(String, u128), Option<Measured>>;

fn read(path: &Path) -> Result<Before> {
    let mut before = Before::new();
    let text = if path.exists() { fs::read_to_string(path)? } else { String::new() };
    for line in text.lines() {
        let [id, stamp, took, reached] = line.split('\t').collect::<Vec<_>>()[..] else { continue };
        let took = took.parse().ok().map(Duration::from_millis);
        let reached = reached.split(' ').filter_map(|number| number.parse().ok()).collect();
        before.insert((id.to_owned(), stamp.parse()?), took.map(|took| (took, reached)));
    }
    Ok(before)
}

/// When a program was built.
fn stamp(binary: &Binary) -> Result<u128> {
    let built = fs::metadata(&binary.path)?.modified()?;
    Ok(built.duration_since(SystemTime::UNIX_EPOCH)?.as_nanos())
}

pub(crate) fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
}
