//! What `prevalent` costs in instructions, compared with what it cost when that was last kept:
//! `cargo run --release --manifest-path benches/Cargo.toml --no-default-features --bin instructions`
//!
//! `README.md` says what is counted, and what the exit codes mean.
#![forbid(unsafe_code)]
// Counts become floating-point figures, which have more digits than anybody needs.
#![allow(clippy::cast_precision_loss)]

mod callgrind;
mod commits;
mod expansion;
#[path = "../src/failure.rs"]
mod failure;
mod kept;
mod opens;
mod options;
mod reads;
mod scenario;
mod sessions;

// A crate of macros gives out nothing but macros, so its modules are compiled once more here.
#[path = "../../prevalent-derive/src/errors.rs"]
mod errors;
#[path = "../../prevalent-derive/src/expand/mod.rs"]
mod expand;
#[expect(dead_code, reason = "one of the macros is counted")]
#[path = "../../prevalent-derive/src/macros.rs"]
mod macros;
#[path = "../../prevalent-derive/src/model/mod.rs"]
mod model;
#[path = "../../prevalent-derive/src/syntax/mod.rs"]
mod syntax;

use std::process::ExitCode;

use clap::Parser;

use self::failure::Result;
use self::kept::{Kept, Tools, WORSE_PERCENT};
use self::options::{Counted, Options};

/// How a run ends; the code 2 is that of wrong options.
enum Verdict {
    NoWorse,
    Worse,
    NoValgrind,
}

/// Something kept it from counting.
const FAILED: u8 = 4;

fn main() -> ExitCode {
    let options = Options::parse();
    let ended = match &options.counted {
        Some(Counted::Do { scenario, operations, store }) => {
            scenario.run(store, *operations).map(|()| Verdict::NoWorse)
        }
        None => run(&options),
    };
    match ended {
        Ok(Verdict::NoWorse) => ExitCode::SUCCESS,
        Ok(Verdict::Worse) => ExitCode::from(1),
        Ok(Verdict::NoValgrind) => {
            eprintln!("there is no valgrind on the PATH: `apt-get install valgrind`");
            ExitCode::from(3)
        }
        Err(failure) => {
            eprintln!("{failure}");
            ExitCode::from(FAILED)
        }
    }
}

fn run(options: &Options) -> Result<Verdict> {
    if cfg!(debug_assertions) {
        return Err("without `--release` it would count what nobody runs".into());
    }
    let Some(valgrind) = callgrind::version()? else { return Ok(Verdict::NoValgrind) };
    let tools = Tools::of_this_run(valgrind)?;
    let kept = Kept::read()?;
    let comparable = kept.as_ref().is_none_or(|kept| kept.tools == tools);
    if let Some(kept) = &kept
        && !comparable
    {
        eprintln!(
            "kept with other tools, so nothing is too much:\n{:#?}\nnow:\n{tools:#?}",
            kept.tools
        );
        if options.keep && !options.only.is_empty() {
            return Err("with other tools, `--keep` is for all scenarios at once".into());
        }
    }
    let mut values = kept.map(|kept| kept.instructions).unwrap_or_default();
    let mut worse = Vec::new();
    println!("| scenario | instructions | range | kept | change |\n|---|--:|--:|--:|--:|");
    for scenario in options.scenarios() {
        let name = scenario.name();
        let mut counts = Vec::new();
        for _ in 0..options.rounds.get() {
            counts.push(callgrind::instructions_per_operation(scenario)?);
        }
        counts.sort_by(f64::total_cmp);
        let median = counts[counts.len() / 2];
        let range = percent(counts[0], counts[counts.len() - 1]);
        match values.get(&name).copied() {
            Some(before) => {
                let change = percent(before, median);
                println!("| {name} | {median:.1} | {range:.2} % | {before:.1} | {change:+.2} % |");
                if change > WORSE_PERCENT {
                    worse.push(name.clone());
                }
            }
            None => println!("| {name} | {median:.1} | {range:.2} % | | |"),
        }
        values.insert(name, (median * 10.0).round() / 10.0);
    }
    if options.keep {
        Kept { tools, instructions: values }.write()?;
        return Ok(Verdict::NoWorse);
    }
    if worse.is_empty() || !comparable {
        return Ok(Verdict::NoWorse);
    }
    eprintln!("worse by more than {WORSE_PERCENT} %: {}", worse.join(", "));
    Ok(Verdict::Worse)
}

/// How much more `to` is than `from`.
fn percent(from: f64, to: f64) -> f64 {
    (to / from - 1.0) * 100.0
}
