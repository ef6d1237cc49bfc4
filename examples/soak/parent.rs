//! The process that kills, and counts.

use std::io::{Read, Write, stdout};
use std::os::unix::process::ExitStatusExt;
use std::path::Path;
use std::process::{Command, ExitStatus, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use crate::Failure;
use crate::ledger::Ledger;
use crate::model::{Mode, open};
use crate::options::{ChildOrders, SoakOptions};
use crate::words::{Word, hear};

const SIGKILL: i32 = 9;

/// Now and then, it says how far it has come.
const TELL_EVERY: Duration = Duration::from_secs(15);

/// What the kills have hit.
#[derive(Debug, Default)]
struct Kills {
    /// In each mode, a store that was open.
    open: [u64; Mode::ALL.len()],
    /// A store that was being opened.
    opening: u64,
}

impl Kills {
    fn all(&self) -> u64 {
        self.open.iter().sum::<u64>() + self.opening
    }
}

/// Kills for as long as it should, then opens the store itself. Fails at the first thing that is lost.
pub fn run(options: &SoakOptions) -> Result<(), Failure> {
    let temporary = match &options.dir {
        Some(dir) => tempfile::tempdir_in(dir)?,
        None => tempfile::tempdir()?,
    };
    let dir = temporary.path().join("store");
    let seed = options.seed.unwrap_or_else(|| fastrand::u64(..));
    // Unlike `println!`, it doesn't panic when nobody reads on.
    writeln!(stdout(), "seed {seed}, store in `{}`", dir.display())?;
    let (mut ledger, mut kills) = (Ledger::default(), Kills::default());
    let result = soak(&dir, options, seed, &mut ledger, &mut kills)
        .and_then(|()| look_at_the_end(&dir, &mut ledger));
    tell(&kills, &ledger);
    match result {
        Ok(()) => {
            writeln!(stdout(), "nothing that must not be lost is lost")?;
            Ok(())
        }
        Err(error) => {
            // What there is, is what somebody wants to look at.
            let kept = temporary.keep();
            Err(format!("{error}; what is left of the store is in `{}`", kept.display()).into())
        }
    }
}

fn soak(
    dir: &Path,
    options: &SoakOptions,
    seed: u64,
    ledger: &mut Ledger,
    kills: &mut Kills,
) -> Result<(), Failure> {
    let (began, mut told) = (Instant::now(), Instant::now());
    let mut random = fastrand::Rng::with_seed(seed);
    let mut refused_before = false;
    for round in 0.. {
        if began.elapsed() >= options.time || kills.all() >= options.kills {
            break;
        }
        let mode = Mode::of_round(round);
        let orders = ChildOrders { dir: dir.to_owned(), mode, tasks: options.tasks };
        let life = options.life.mul_f64(random.f64());
        let (words, status) = let_it_work_and_kill_it(&orders, life)?;
        let was_open = words.iter().any(|word| matches!(word, Word::Opened { .. }));
        let was_refused = words.contains(&Word::Refused);
        ledger.note(words, mode)?;
        if was_refused && refused_before {
            return Err("the store was refused twice, one open after the other".into());
        }
        refused_before = was_refused;
        match status.signal() {
            Some(SIGKILL) if was_open => kills.open[mode as usize] += 1,
            Some(SIGKILL) => kills.opening += 1,
            _ if was_refused => {}
            _ => return Err(format!("the child ended by itself: {status}").into()),
        }
        if told.elapsed() >= TELL_EVERY {
            told = Instant::now();
            tell(kills, ledger);
        }
    }
    Ok(())
}

fn let_it_work_and_kill_it(
    orders: &ChildOrders,
    life: Duration,
) -> Result<(Vec<Word>, ExitStatus), Failure> {
    let mut child = Command::new(std::env::current_exe()?)
        .args(orders.to_arguments())
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .spawn()?;
    let mut stdout = child.stdout.take().ok_or("the child has no stdout")?;
    let listening = thread::spawn(move || {
        let mut told = String::new();
        stdout.read_to_string(&mut told).map(|_| told)
    });
    thread::sleep(life);
    child.kill()?;
    let status = child.wait()?;
    let told = listening.join().map_err(|_| "the listener panicked")??;
    Ok((hear(&told)?, status))
}

/// The last open is this process's own, and the state must be what the journal gives.
fn look_at_the_end(dir: &Path, ledger: &mut Ledger) -> Result<(), Failure> {
    // The last kill may have hit a replay.
    let store = open(dir, Mode::Always).or_else(|_| open(dir, Mode::Always))?;
    ledger.opened(store.stats().seq.into(), store.all())?;
    store.verify().wait()?;
    Ok(store.close().wait()?)
}

fn tell(kills: &Kills, ledger: &Ledger) {
    let totals = &ledger.totals;
    let by_mode: Vec<_> =
        Mode::ALL.iter().zip(kills.open).map(|(mode, n)| format!("{mode:?} {n}")).collect();
    // That nobody reads on is no reason to stop.
    _ = writeln!(
        stdout(),
        "{} kills ({}, while it was opened {}), {} opens, {} commits acknowledged, {} flushes, {} snapshots, {} panics; \
         {} commits gone behind a flush, {} opens refused once",
        kills.all(),
        by_mode.join(", "),
        kills.opening,
        totals.opens,
        totals.acknowledged,
        totals.flushes,
        totals.snapshots,
        totals.stumbles,
        totals.gone,
        totals.refusals,
    );
}
