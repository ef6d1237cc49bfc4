//! What the suites share: the options, a place for data, and the samples.

use std::hint::black_box;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::process::Command;
use std::sync::Barrier;
use std::thread::available_parallelism;
use std::time::Duration;

use tempfile::TempDir;

use crate::contenders::Contender;
use crate::failure::Result;
use crate::latencies::Latencies;
use crate::load::{Load, Outcome};
use crate::options::Options;
use crate::samples::{Failed, Samples, Series};
use crate::suites::Suite;

/// A run of the benchmarks.
pub(crate) struct Bench {
    pub(crate) options: Options,
    pub(crate) samples: Samples,
    pub(crate) round: usize,
    pub(crate) suite: Suite,
}

impl Bench {
    pub(crate) fn new(options: Options) -> Self {
        Bench { options, samples: Samples::default(), round: 0, suite: Suite::Durable }
    }

    pub(crate) fn time(&self) -> Duration {
        self.options.time()
    }

    /// An empty directory on the disk that is measured; it is gone when this is dropped.
    ///
    /// # Errors
    ///
    /// What the file system says.
    pub(crate) fn data_dir(&self) -> Result<TempDir> {
        let parent = self.options.dir();
        std::fs::create_dir_all(&parent)?;
        // What the one before has left to be written, deletions above all, is not the next one's cost.
        let settled = Command::new("sync").arg("-f").arg(&parent).status()?;
        if !settled.success() {
            return Err("`sync` failed".into());
        }
        tidy_up_memory();
        Ok(tempfile::Builder::new().prefix("data-").tempdir_in(parent)?)
    }

    /// In another order each round, so that nobody always comes after the same one.
    pub(crate) fn rotated<T>(&self, mut items: Vec<T>) -> Vec<T> {
        if !items.is_empty() {
            let by = self.round % items.len();
            items.rotate_left(by);
        }
        items
    }

    pub(crate) fn record(&mut self, case: &str, contender: &str, metric: &'static str, value: f64) {
        self.samples.add(Series::new(self.suite, case, contender, metric), self.round, value);
    }

    pub(crate) fn record_latencies(&mut self, case: &str, contender: &str, latencies: &Latencies) {
        if latencies.is_empty() {
            return;
        }
        self.record(case, contender, "p50_us", latencies.quantile_us(0.5));
        self.record(case, contender, "p99_us", latencies.quantile_us(0.99));
        self.record(case, contender, "p999_us", latencies.quantile_us(0.999));
        self.record(case, contender, "max_us", latencies.max_us());
    }

    pub(crate) fn record_outcome(&mut self, case: &str, contender: &str, outcome: &Outcome) {
        self.record(case, contender, "commits_per_s", outcome.commits_per_s());
        self.record_latencies(case, contender, &outcome.latencies);
    }

    /// A contender failed: loudly, and everything else goes on.
    pub(crate) fn fail(&mut self, case: &str, contender: &str, why: &str) {
        eprintln!("    FAILED: {contender}, {case}: {why}");
        self.samples.fail(Failed {
            suite: self.suite,
            case: case.to_owned(),
            contender: contender.to_owned(),
            round: self.round,
            why: why.to_owned(),
        });
    }

    /// Lets a contender commit under a load, in a new directory, and looks whether all that it acknowledged is there.
    ///
    /// # Errors
    ///
    /// What the file system says of the new directory; what goes wrong with the contender is recorded.
    pub(crate) fn contend(
        &mut self,
        case: &str,
        contender: &dyn Contender,
        load: &Load,
    ) -> Result<()> {
        let name = contender.name();
        let dir = self.data_dir()?;
        // A library that panics is a contender that failed, and no reason to lose what the others did.
        let unwind_safe = AssertUnwindSafe(|| run_and_verify(contender, dir.path(), load));
        match catch_unwind(unwind_safe).unwrap_or_else(|_| Err("it panicked".into())) {
            Ok(outcome) => self.record_outcome(case, name, &outcome),
            Err(failure) => self.fail(case, name, &failure.to_string()),
        }
        Ok(())
    }
}

/// What the one before has freed is not the next one's cost either. glibc puts small pieces together again when somebody asks the
/// same arena for a large one: with millions of them that takes a tenth of a second. So each arena is asked for one, by a thread of its own.
fn tidy_up_memory() {
    const LARGE: usize = 64 << 10;
    let arenas = 8 * available_parallelism().map_or(1, usize::from);
    // As long as all of these live, no two of them have the same arena.
    let all = Barrier::new(arenas);
    let ask = || drop(black_box(Vec::<u8>::with_capacity(black_box(LARGE))));
    std::thread::scope(|scope| {
        for _ in 0..arenas {
            scope.spawn(|| {
                ask();
                all.wait();
            });
        }
    });
    ask();
}

fn run_and_verify(contender: &dyn Contender, dir: &Path, load: &Load) -> Result<Outcome> {
    let outcome = contender.run(dir, load)?;
    contender
        .verify(dir, &outcome.acknowledged)
        .map_err(|failure| format!("verifying: {failure}"))?;
    Ok(outcome)
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::*;
    use crate::load::Acknowledged;
    use crate::workload::Map;

    /// Acknowledges three, and keeps nothing.
    struct Liar;

    impl Contender for Liar {
        fn name(&self) -> &'static str {
            "liar"
        }

        fn run(&self, _dir: &Path, load: &Load) -> Result<Outcome> {
            let acknowledged = Acknowledged::new(load.clone(), vec![3]);
            Ok(Outcome { acknowledged, elapsed: load.time, latencies: Latencies::new()? })
        }

        fn verify(&self, _dir: &Path, acknowledged: &Acknowledged) -> Result<()> {
            acknowledged.verify_in(&Map::new())
        }
    }

    #[test]
    fn who_loses_what_it_acknowledged_has_failed_and_has_no_figure() {
        let mut bench = Bench::new(Options::parse_from(["benches"]));
        let time = Duration::from_secs(1);
        let load = Load { in_flight: 1, time, numbers: 0..10, timed_one_in: 1 };
        bench.contend("W = 1", &Liar, &load).unwrap();
        let [failed] = bench.samples.failed() else { panic!("{:?}", bench.samples) };
        assert_eq!(failed.why, "verifying: 3 of 3 acknowledged records are lost, first 0");
        assert!(bench.samples.contenders(Suite::Durable).is_empty());
    }
}
