//! What `prevalent` costs, beside the bare disk and its peers: `cargo run --release --manifest-path benches/Cargo.toml`
//!
//! `README.md` says what is measured, and how to read what comes out.
#![forbid(unsafe_code)]
// Counts become floating-point figures, which have more digits than the measurements.
#![allow(clippy::cast_precision_loss)]

mod bench;
mod child;
mod contenders;
mod drive;
mod failure;
mod frame;
mod group;
mod latencies;
mod load;
mod log_file;
mod machine;
mod million;
mod model;
mod options;
mod report;
mod samples;
mod suites;
mod usage;
mod workload;

use std::process::ExitCode;
use std::time::Instant;

use clap::Parser;

use self::bench::Bench;
use self::failure::Result;
use self::machine::Machine;
use self::options::Options;
use self::samples::Samples;
use self::usage::Usage;

fn main() -> ExitCode {
    let options = Options::parse();
    if let Some(child) = options.child {
        return match child.run(&options.dir(), options.sessions) {
            Ok(()) => ExitCode::SUCCESS,
            Err(failure) => {
                eprintln!("{failure}");
                ExitCode::FAILURE
            }
        };
    }
    match run(options) {
        Ok(samples) if samples.failed().is_empty() => ExitCode::SUCCESS,
        Ok(_) => ExitCode::FAILURE,
        Err(failure) => {
            eprintln!("{failure}");
            ExitCode::FAILURE
        }
    }
}

fn run(options: Options) -> Result<Samples> {
    std::fs::create_dir_all(options.dir())?;
    let machine = Machine::look(&options.dir());
    eprintln!("{}", machine.describe());
    if !machine.has_disk() {
        eprintln!("WARNING: the data is not on a disk: nothing of this says what a sync costs");
    }
    let (rounds, out) = (options.rounds(), options.out());
    let suites = options.suites();
    let mut bench = Bench::new(options);
    let usage = Usage::look()?;
    for round in 0..rounds {
        bench.round = round;
        for &suite in &suites {
            let began = Instant::now();
            if let Err(failure) = suite.run(&mut bench) {
                bench.fail("all of it", suite.title(), &failure.to_string());
            }
            let took = began.elapsed().as_secs();
            eprintln!("round {} of {rounds}: {}, {took} s", round + 1, suite.title());
            // Each time, so that a run that is broken off leaves what it has.
            bench.samples.others = usage.others_since()?;
            report::write(&out, &machine, &bench.samples, round + 1)?;
        }
    }
    println!("{}", report::markdown(&machine, &bench.samples, rounds));
    eprintln!("the report is in {}", out.display());
    Ok(bench.samples)
}
