//! What all-or-nothing costs: next to nothing with persistent collections, however much there is; a copy of everything with
//! others.
//!
//! ```sh
//! cargo run --release --example imbl_rollback         # or: -- --objects 10000000; --help has all options
//! ```
//!
//! Read [`model`] first. [`contrast`] has the same without `rollback` and with another map, and [`measure`] compares them. It
//! prints (one run, on a small machine that was busy with other things)
//!
//! ```text
//! a transaction that takes a piece and then fails loses 1 without `rollback`, and 0 with it
//!
//! map                         objects     without        with   ratio
//! imbl::HashMap                  1000      1.09µs      7.64µs     7.0
//! imbl::HashMap               1000000      6.06µs     51.53µs     8.5
//! std::collections::HashMap      1000    291.00ns    164.56µs   565.5
//! std::collections::HashMap     10000    309.00ns      1.46ms  4719.3
//!
//! imbl: 1000 times the objects, 1.2 times the ratio
//! std: 10 times the objects, 8.3 times the ratio
//! ```
#![expect(unreachable_pub, reason = "`pub` is what a module offers to the others of this program")]

mod contrast;
mod measure;
mod model;
mod options;

use std::io::Write;
use std::process::ExitCode;

use crate::measure::{Subject, imbl_plain, imbl_rolled_back, std_plain, std_rolled_back};
use crate::options::{HELP, Options};

/// Why a run failed, for its last message.
type Failure = Box<dyn std::error::Error + Send + Sync>;

type Opening = fn(u64) -> Result<Subject, Failure>;

fn main() -> ExitCode {
    let outcome = Options::parse(std::env::args_os().skip(1))
        .map_err(Into::into)
        .and_then(|options| options.map_or_else(help, |options| run(&options)));
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("imbl_rollback: {error}");
            ExitCode::FAILURE
        }
    }
}

fn help() -> Result<(), Failure> {
    Ok(write!(std::io::stdout(), "{HELP}")?)
}

fn run(options: &Options) -> Result<(), Failure> {
    // Unlike `println!`, it doesn't panic when nobody reads on.
    let mut out = std::io::stdout();
    let lost = |open: Opening| open(1000)?.lost();
    writeln!(
        out,
        "a transaction that takes a piece and then fails loses {} without `rollback`, and {} with it\n",
        lost(imbl_plain)?,
        lost(imbl_rolled_back)?,
    )?;

    writeln!(out, "{:<26}{:>9}{:>12}{:>12}{:>8}", "map", "objects", "without", "with", "ratio")?;
    let imbl: (&str, Opening, Opening) = ("imbl::HashMap", imbl_plain, imbl_rolled_back);
    let standard: (&str, Opening, Opening) =
        ("std::collections::HashMap", std_plain, std_rolled_back);
    // Copies of everything take their time: fewer of them tell as much.
    let fewer = (options.transactions / 10).max(1);
    let cases = [
        (imbl, 1000, options.transactions),
        (imbl, options.objects, options.transactions),
        (standard, 1000, fewer),
        (standard, 10_000, fewer),
    ];
    // The number of objects, and the ratio.
    let mut rows: Vec<(f64, f64)> = Vec::new();
    for ((name, plain, rolled_back), objects, transactions) in cases {
        let without = plain(objects.into())?.time(transactions)?;
        let time = rolled_back(objects.into())?.time(transactions)?;
        let ratio = time.as_secs_f64() / without.as_secs_f64();
        let [without, shown] = [without, time].map(|time| format!("{time:.2?}"));
        writeln!(out, "{name:<26}{objects:>9}{without:>12}{shown:>12}{ratio:>8.1}")?;
        rows.push((f64::from(objects), ratio));
    }

    writeln!(out)?;
    for (name, both) in ["imbl", "std"].into_iter().zip(rows.chunks(2)) {
        let [(few, small), (many, large)] = both else { continue };
        writeln!(
            out,
            "{name}: {:.0} times the objects, {:.1} times the ratio",
            many / few,
            large / small
        )?;
    }
    Ok(())
}
