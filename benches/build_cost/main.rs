//! What it costs to build a small program on `prevalent`, beside the same program on `airomem`:
//! `cargo run --release --manifest-path benches/Cargo.toml --no-default-features --bin build-cost`
//!
//! Both are built in release mode from nothing, one after the other, several times over.
#![forbid(unsafe_code)]

#[path = "../src/failure.rs"]
mod failure;

use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Instant;

use clap::Parser;

use self::failure::Result;

/// Measures what it takes to build the same program on `prevalent` and on `airomem`.
#[derive(Debug, Parser)]
#[command(about)]
struct Options {
    /// How often each is built.
    #[arg(long, value_name = "N", default_value = "3")]
    rounds: NonZeroUsize,
}

/// A program, and what it depends on besides tokio.
struct Program {
    name: &'static str,
    source: &'static str,
    dependencies: String,
}

/// What one build took.
#[derive(Clone, Copy)]
struct Took {
    wall_s: f64,
    /// Of all processes that took part.
    processor_s: f64,
}

fn main() -> Result<()> {
    let options = Options::parse();
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    let prevalent = here.with_file_name("prevalent");
    let programs = [
        Program {
            name: "prevalent",
            source: include_str!("../../examples/sessions/plain.rs"),
            dependencies: format!("prevalent = {{ path = \"{}\" }}\n", prevalent.display()),
        },
        Program {
            name: "airomem",
            source: include_str!("airomem.rs"),
            dependencies:
                "airomem = \"0.7\"\nserde = { version = \"1\", features = [\"derive\"] }\n"
                    .to_owned(),
        },
    ];
    let room = tempfile::tempdir()?;
    let mut packages = Vec::new();
    for program in &programs {
        packages.push(program.write_to(room.path(), &here.join("Cargo.lock"))?);
    }
    let mut took = programs.each_ref().map(|_| Vec::new());
    for round in 0..options.rounds.get() {
        for turn in 0..programs.len() {
            // Nobody always comes first.
            let which = (round + turn) % programs.len();
            eprintln!("round {}: {}", round + 1, programs[which].name);
            took[which].push(build(&packages[which])?);
        }
    }
    println!("| program on | crates | built in | processor time |\n|---|--:|--:|--:|");
    for ((program, package), took) in programs.iter().zip(&packages).zip(&took) {
        println!(
            "| {} | {} | {} | {} |",
            program.name,
            crates(package)?,
            seconds(took, |took| took.wall_s),
            seconds(took, |took| took.processor_s),
        );
    }
    Ok(())
}

impl Program {
    /// Makes a package of it, with the versions that the benchmarks have.
    fn write_to(&self, room: &Path, lock: &Path) -> Result<PathBuf> {
        let package = room.join(self.name);
        std::fs::create_dir_all(package.join("src"))?;
        let manifest = format!(
            "[workspace]\n[package]\nname = \"sessions\"\nversion = \"0.0.0\"\nedition = \"2024\"\n[dependencies]\n{}{}",
            self.dependencies,
            "tokio = { version = \"1\", features = [\"macros\", \"rt-multi-thread\"] }\n",
        );
        std::fs::write(package.join("Cargo.toml"), manifest)?;
        std::fs::write(package.join("src/main.rs"), self.source)?;
        std::fs::copy(lock, package.join("Cargo.lock"))?;
        // Nothing is downloaded while it is measured.
        succeed(cargo(&package).arg("fetch"))?;
        Ok(package)
    }
}

/// Builds it from nothing.
fn build(package: &Path) -> Result<Took> {
    let target = package.join("target");
    if target.exists() {
        std::fs::remove_dir_all(&target)?;
    }
    let (began, used) = (Instant::now(), processor_s_of_children()?);
    succeed(cargo(package).args(["build", "--release", "--offline"]))?;
    Ok(Took {
        wall_s: began.elapsed().as_secs_f64(),
        processor_s: processor_s_of_children()? - used,
    })
}

/// How many crates the program consists of, itself aside.
fn crates(package: &Path) -> Result<usize> {
    let tree = cargo(package)
        .args(["tree", "--offline", "--edges", "normal,build", "--prefix", "none"])
        .args(["--format", "{p}", "--no-dedupe"])
        .stderr(Stdio::null())
        .output()?;
    let tree = String::from_utf8(tree.stdout)?;
    let mut lines: Vec<_> = tree.lines().skip(1).collect();
    lines.sort_unstable();
    lines.dedup();
    Ok(lines.len())
}

/// As somebody runs it who has just cloned the program: nothing of the surroundings counts.
fn cargo(package: &Path) -> Command {
    let mut cargo = Command::new("cargo");
    cargo.current_dir(package).env("CARGO_TARGET_DIR", package.join("target"));
    for variable in ["RUSTFLAGS", "CARGO_ENCODED_RUSTFLAGS", "RUSTC_WRAPPER", "CARGO_INCREMENTAL"] {
        cargo.env_remove(variable);
    }
    cargo
}

fn succeed(command: &mut Command) -> Result<()> {
    let output = command.output()?;
    if output.status.success() {
        return Ok(());
    }
    Err(format!("{command:?} failed:\n{}", String::from_utf8_lossy(&output.stderr)).into())
}

/// Of all child processes that have ended, and theirs.
fn processor_s_of_children() -> Result<f64> {
    const TICKS_A_SECOND: f64 = 100.0;
    let stat = std::fs::read_to_string("/proc/self/stat")?;
    // The program's name may hold anything, and ends with the last bracket.
    let (_, behind_name) = stat.rsplit_once(')').ok_or("no name in /proc/self/stat")?;
    // The 16th and 17th of all.
    let ticks = behind_name.split_whitespace().skip(13).take(2).map(str::parse::<f64>);
    Ok(ticks.sum::<Result<f64, _>>()? / TICKS_A_SECOND)
}

/// The median, and the lowest and the highest.
fn seconds(took: &[Took], part: impl Fn(&Took) -> f64) -> String {
    let mut seconds: Vec<_> = took.iter().map(part).collect();
    seconds.sort_by(f64::total_cmp);
    match (&seconds[..], seconds.get(seconds.len() / 2)) {
        ([lowest, .., highest], Some(median)) => {
            format!("{median:.1} s ({lowest:.1}–{highest:.1})")
        }
        ([only], _) => format!("{only:.1} s"),
        _ => String::new(),
    }
}
