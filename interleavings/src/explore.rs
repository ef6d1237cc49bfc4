//! Many schedules of one scenario.

use std::panic::{PanicHookInfo, set_hook, take_hook};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Once};
use std::time::Instant;

use shuttle::rand::{Rng, thread_rng};
use shuttle::scheduler::{
    PctScheduler, RandomScheduler, ReplayScheduler, Scheduler,
    UncontrolledNondeterminismCheckScheduler,
};
use shuttle::{Config, FailurePersistence, MaxSteps, Runner};

use crate::model::BUG;

/// So many schedules of each kind, unless `PREVALENT_INTERLEAVINGS` says another number.
const SCHEDULES: usize = 400;
/// So many are run twice, to see that they repeat themselves.
const REPEATED: usize = 20;
/// So many times in a schedule, the thread that comes first becomes the last one.
const TURNABOUTS: usize = 4;

/// The same schedules each time, unless a number of them is asked for.
const SEED: u64 = 0x5EED;

/// That of the engine's own threads, for all of them: `shuttle` takes any stack that is free.
const STACK_BYTES: usize = 8 << 20;

/// A schedule has some thousand steps; one that has so many turns in a circle.
const STEPS_MAX: usize = 200_000;

/// Runs the scenario in many schedules: of some it is drawn with each step who goes on, of others who comes first, and when
/// that changes. Each thread must come to its end.
///
/// With `PREVALENT_SCHEDULE`, the name of a file with a schedule that failed, only in that one.
///
/// # Panics
///
/// Where the scenario does, with the schedule; where threads wait for each other for ever; and where a schedule doesn't
/// repeat itself.
pub fn explore(scenario: impl Fn() + Send + Sync + 'static) {
    let scenario = Exploration { scenario: Arc::new(scenario) };
    keep_quiet_about_bugs();
    if let Some(file) = std::env::var_os("PREVALENT_SCHEDULE") {
        let replay = ReplayScheduler::new_from_file(file);
        return scenario.run("as before", replay.expect("no schedule in `PREVALENT_SCHEDULE`"));
    }
    let twice = RandomScheduler::new_from_seed(SEED, REPEATED);
    scenario.run("each twice", UncontrolledNondeterminismCheckScheduler::new(twice));
    if let Ok(number) = std::env::var("PREVALENT_INTERLEAVINGS") {
        let schedules = number.parse().expect("`PREVALENT_INTERLEAVINGS` is no number");
        scenario.run("drawn", RandomScheduler::new(schedules));
        scenario.run("by precedence", PctScheduler::new(TURNABOUTS, schedules));
    } else {
        scenario.run("drawn", RandomScheduler::new_from_seed(SEED, SCHEDULES));
        scenario.run("by precedence", PctScheduler::new_from_seed(SEED, TURNABOUTS, SCHEDULES));
    }
}

/// One of the numbers below `limit`, drawn with the schedule.
#[must_use]
pub fn draw(limit: usize) -> usize {
    thread_rng().gen_range(0..limit)
}

struct Exploration<F> {
    scenario: Arc<F>,
}

impl<F: Fn() + Send + Sync + 'static> Exploration<F> {
    fn run(&self, kind: &'static str, scheduler: impl Scheduler + 'static) {
        let told = Told { kind, begun: Arc::default(), since: Instant::now() };
        let (scenario, begun) = (self.scenario.clone(), told.begun.clone());
        Runner::new(scheduler, config()).run(move || {
            begun.fetch_add(1, Ordering::Relaxed);
            scenario();
        });
    }
}

/// Tells how many schedules there were, when it is dropped.
struct Told {
    kind: &'static str,
    begun: Arc<AtomicUsize>,
    since: Instant,
}

impl Drop for Told {
    fn drop(&mut self) {
        let Told { kind, begun, since } = self;
        let (schedules, seconds) = (begun.load(Ordering::Relaxed), since.elapsed().as_secs_f32());
        let thread = std::thread::current();
        let test = thread.name().unwrap_or("a test");
        let failed = if std::thread::panicking() { "; the last one FAILED" } else { "" };
        eprintln!("{test}: {schedules} schedules, {kind}, in {seconds:.2} s{failed}");
    }
}

fn config() -> Config {
    let mut config = Config::new();
    config.stack_size = STACK_BYTES;
    config.max_steps = MaxSteps::FailAfter(STEPS_MAX);
    config.silence_warnings = true;
    if let Some(dir) = std::env::var_os("PREVALENT_SCHEDULES_DIR") {
        config.failure_persistence = FailurePersistence::File(Some(dir.into()));
    }
    // Whatever else would be torn down by threads that were told nothing of it.
    config.ungraceful_shutdown_config.immediately_return_on_panic = true;
    config
}

/// `shuttle` prints the schedule whenever something panics. A transaction that does so on purpose is none of its business.
fn keep_quiet_about_bugs() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        // It sets its hook when it runs for the first time.
        Runner::new(RandomScheduler::new_from_seed(SEED, 1), config()).run(|| {});
        let hook = take_hook();
        set_hook(Box::new(move |info: &PanicHookInfo<'_>| {
            if info.payload_as_str() != Some(BUG) {
                hook(info);
            }
        }));
    });
}
