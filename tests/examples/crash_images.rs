//! Counts crash images: random histories of a store, crashed at every point in every way, and judged.
//!
//! ```text
//! cargo run --release -p prevalent-tests --example crash_images -- --quick
//! cargo run --release -p prevalent-tests --example crash_images -- --images 10000000 --state crash_images.json
//! ```
//!
//! - `--quick`: 120,000 images, as continuous integration judges them;
//! - `--images N`: until so many images are counted;
//! - `--minutes M`: no longer than this;
//! - `--state FILE`: goes on from where another run that wrote this file ended, and adds to its count;
//! - `--seed S`: begins with this seed (without a state);
//! - `--threads T`: default: one for each processor;
//! - `--next-files`: longer segments and histories, so that the file of the next segment is made ahead.
//!
//! An image counts by its history, the number of operations before the crash, and the set of sectors and changes of the
//! directory that it keeps. Each history has a seed of its own, so that no image counts twice. The images of crashes during
//! recovery are told apart.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Mutex;
use std::time::{Duration, Instant};

use prevalent::Durability;
use prevalent::testing::{CrashMatrix, CrashMatrixError, CrashReport};
use prevalent_tests::ledger::{Ledger, hush};
use prevalent_tests::matrix::{transaction, with_next_files};
use serde::{Deserialize, Serialize};

/// So often the count is told and saved.
const TOLD_EVERY: Duration = Duration::from_secs(20);

const QUICK_IMAGES: u64 = 120_000;

#[derive(Debug)]
struct Options {
    images: u64,
    state: Option<PathBuf>,
    seed: u64,
    deadline: Option<Duration>,
    threads: usize,
    segments: Segments,
}

/// How long the segments are.
#[derive(Clone, Copy, Debug)]
enum Segments {
    /// Of all kinds, most of them short.
    Any,
    /// So long that the file of the next one is made ahead.
    WithNextFiles,
}

impl Options {
    fn read(mut arguments: impl Iterator<Item = String>) -> Result<Self, String> {
        let threads = std::thread::available_parallelism().map_or(1, usize::from);
        let mut options = Options {
            images: u64::MAX,
            state: None,
            seed: 0,
            deadline: None,
            threads,
            segments: Segments::Any,
        };
        while let Some(name) = arguments.next() {
            let mut value =
                || arguments.next().ok_or_else(|| format!("`{name}` needs a value behind it"));
            let number =
                |value: String| value.parse::<u64>().map_err(|_| format!("`{value}` is no number"));
            match name.as_str() {
                "--quick" => options.images = QUICK_IMAGES,
                "--images" => options.images = number(value()?)?,
                "--state" => options.state = Some(value()?.into()),
                "--seed" => options.seed = number(value()?)?,
                "--minutes" => options.deadline = Some(Duration::from_mins(number(value()?)?)),
                "--threads" => {
                    options.threads = usize::try_from(number(value()?)?).unwrap_or(1).max(1);
                }
                "--next-files" => options.segments = Segments::WithNextFiles,
                other => return Err(format!("there is no option `{other}`")),
            }
        }
        if options.images == u64::MAX && options.deadline.is_none() {
            return Err("say how long: --quick, --images or --minutes".to_owned());
        }
        Ok(options)
    }
}

/// What has been counted, over all runs.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
struct Count {
    /// All seeds before this one are counted.
    next_seed: u64,
    histories: u64,
    operations: u64,
    images: u64,
    recoveries: u64,
    nested: u64,
    went_on: u64,
    /// Of all runs together.
    seconds: f64,
}

impl Count {
    fn read(file: &Path) -> Result<Option<Self>, String> {
        let failed = |error: &dyn std::fmt::Display| format!("`{}`: {error}", file.display());
        match std::fs::read(file) {
            Ok(bytes) => serde_json::from_slice(&bytes).map(Some).map_err(|error| failed(&error)),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(failed(&error)),
        }
    }

    fn write(&self, file: &Path) -> Result<(), String> {
        let failed = |error: &dyn std::fmt::Display| format!("`{}`: {error}", file.display());
        let bytes = serde_json::to_vec_pretty(self).map_err(|error| failed(&error))?;
        // Whoever interrupts this leaves the old count.
        let new = file.with_extension("tmp");
        std::fs::write(&new, bytes).map_err(|error| failed(&error))?;
        std::fs::rename(&new, file).map_err(|error| failed(&error))
    }

    fn add(&mut self, report: CrashReport) {
        self.histories += report.histories;
        self.operations += report.operations;
        self.images += report.images;
        self.recoveries += report.recoveries;
        self.nested += report.nested;
        self.went_on += report.went_on;
    }
}

/// What the threads share.
struct Work {
    options: Options,
    began: Instant,
    progress: Mutex<Progress>,
}

struct Progress {
    count: Count,
    /// The time of earlier runs.
    seconds_before: f64,
    /// The seed that nobody has taken.
    free_seed: u64,
    /// Those that were done before an earlier one.
    done: BTreeMap<u64, CrashReport>,
    /// What they amount to: they count when the earlier ones are done.
    done_images: u64,
    failure: Option<String>,
    told: Instant,
}

impl Work {
    /// The next seed, as long as there is something to do.
    fn take(&self) -> Option<u64> {
        let mut progress = self.progress.lock().expect("no panic");
        let is_enough = progress.count.images + progress.done_images >= self.options.images
            || self.options.deadline.is_some_and(|deadline| self.began.elapsed() >= deadline);
        if is_enough || progress.failure.is_some() {
            return None;
        }
        progress.free_seed += 1;
        Some(progress.free_seed - 1)
    }

    fn done(&self, seed: u64, result: Result<CrashReport, CrashMatrixError>) {
        let mut progress = self.progress.lock().expect("no panic");
        let progress = &mut *progress;
        match result {
            Ok(report) => {
                progress.done_images += report.images;
                progress.done.insert(seed, report);
            }
            Err(error) => progress.failure = Some(error.to_string()),
        }
        while let Some(report) = progress.done.remove(&progress.count.next_seed) {
            progress.done_images -= report.images;
            progress.count.add(report);
            progress.count.next_seed += 1;
        }
        progress.count.seconds = progress.seconds_before + self.began.elapsed().as_secs_f64();
        if progress.told.elapsed() >= TOLD_EVERY {
            progress.told = Instant::now();
            println!("{} images, {} seeds", progress.count.images, progress.count.next_seed);
            if let Err(error) = self.save(&progress.count) {
                progress.failure = Some(error);
            }
        }
    }

    fn save(&self, count: &Count) -> Result<(), String> {
        self.options.state.as_deref().map_or(Ok(()), |file| count.write(file))
    }
}

/// The histories of a seed.
fn judge(seed: u64, segments: Segments) -> Result<CrashReport, CrashMatrixError> {
    let matrix = CrashMatrix::generated(Ledger::default(), transaction);
    let matrix = match segments {
        Segments::Any => matrix,
        Segments::WithNextFiles => with_next_files(matrix),
    };
    matrix
        .durabilities([
            Durability::Always,
            Durability::Every(Duration::from_millis(2)),
            Durability::Manual,
        ])
        .seed(seed)
        .histories(1)
        .images_max(u64::MAX)
        .failures_max(0)
        .closely_every(50)
        .check()
}

fn run() -> Result<(), String> {
    hush();
    let options = Options::read(std::env::args().skip(1))?;
    let before = options.state.as_deref().map_or(Ok(None), Count::read)?;
    let count = before.unwrap_or_else(|| Count { next_seed: options.seed, ..Count::default() });
    let (images_before, seconds_before) = (count.images, count.seconds);
    let free_seed = count.next_seed;
    let began = Instant::now();
    let work = Work {
        began,
        progress: Mutex::new(Progress {
            count,
            seconds_before,
            free_seed,
            done: BTreeMap::new(),
            done_images: 0,
            failure: None,
            told: began,
        }),
        options,
    };
    std::thread::scope(|scope| {
        for _ in 0..work.options.threads {
            scope.spawn(|| {
                while let Some(seed) = work.take() {
                    work.done(seed, judge(seed, work.options.segments));
                }
            });
        }
    });
    let Progress { count, failure, .. } = work.progress.into_inner().expect("no panic");
    if let Some(file) = &work.options.state {
        count.write(file)?;
    }
    if let Some(failure) = failure {
        return Err(failure);
    }
    let seconds = began.elapsed().as_secs_f64();
    let Count { histories, operations, images, recoveries, nested, went_on, .. } = count;
    println!(
        "{images} crash images of {histories} histories ({operations} operations), {recoveries} different recoveries"
    );
    println!("{nested} more of crashes during recovery; {went_on} recovered stores went on");
    #[expect(clippy::cast_precision_loss, reason = "a rate")]
    let rate = (images - images_before) as f64 / seconds;
    println!("{seconds:.0} s, {rate:.0} images a second on {} threads", work.options.threads);
    println!("{:.0} s in all runs; the next seed is {}", count.seconds, count.next_seed);
    Ok(())
}

fn main() -> ExitCode {
    match run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(what) => {
            eprintln!("{what}");
            ExitCode::FAILURE
        }
    }
}
