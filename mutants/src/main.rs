//! Takes the durability calls, checks, bounds and latches out of `prevalent`, one at a time, and demands that a test fails
//! for each: `cargo run -p prevalent-mutants -- run`. `docs/reliability.md` says what it is for, and how it is used.
//!
//! [`rewrite`] finds the [`site`]s by rules and makes each one switchable, in a copy of the repository ([`tree`]). The copy
//! is built once ([`tests`]); [`baseline`] notes which tests reach which sites; [`run`] takes one out and runs the tests
//! that reach it. The [`catalogue`] lists all sites, so that a new one doesn't go unnoticed.
#![forbid(unsafe_code)]

mod baseline;
mod catalogue;
mod failure;
mod options;
mod results;
mod rewrite;
mod run;
mod scope;
mod site;
mod table;
mod tests;
mod tree;

use std::collections::BTreeMap;
use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::Instant;

use self::baseline::{Known, lock};
use self::catalogue::Catalogue;
use self::failure::Result;
use self::options::{Again, Command, Options};
use self::results::Results;
use self::site::Site;
use self::table::Row;

fn main() -> ExitCode {
    match Options::parse(env::args().skip(1)).and_then(|options| work(&options)) {
        Ok(code) => code,
        Err(failure) => {
            eprintln!("{failure}");
            ExitCode::from(2)
        }
    }
}

fn work(options: &Options) -> Result<ExitCode> {
    let own = Path::new(env!("CARGO_MANIFEST_DIR"));
    let root = own.parent().ok_or("the tool is in no repository")?;
    let path = own.join("catalogue.txt");
    let catalogue = if path.exists() { Catalogue::read(&path)? } else { Catalogue::default() };
    match options.command {
        Command::List => {
            for Site { number, key, kind, line, .. } in tree::sites(root)? {
                println!(
                    "{number:4}  {:14}  {}:{line}  {}  {}",
                    kind.name(),
                    key.file,
                    key.function,
                    key.text
                );
            }
            Ok(ExitCode::SUCCESS)
        }
        Command::Write => {
            catalogue.write(&path, &tree::sites(root)?)?;
            Ok(ExitCode::SUCCESS)
        }
        Command::Check => Ok(check(&catalogue, &tree::sites(root)?)),
        Command::Run => run_all(options, root, &catalogue),
    }
}

/// Tells where the catalogue is not what the code has.
fn check(catalogue: &Catalogue, sites: &[Site]) -> ExitCode {
    let difference = catalogue.compare(sites);
    for key in &difference.unlisted {
        eprintln!("not in the catalogue: {key}");
    }
    for key in &difference.gone {
        eprintln!("not in the code any more: {key}");
    }
    if difference.unlisted.is_empty() && difference.gone.is_empty() {
        println!("{} sites", sites.len());
        return ExitCode::SUCCESS;
    }
    eprintln!(
        "`cargo run -p prevalent-mutants -- write` brings it up to date; then run what is new"
    );
    ExitCode::FAILURE
}

fn run_all(options: &Options, root: &Path, catalogue: &Catalogue) -> Result<ExitCode> {
    let work: PathBuf = root.join("target/mutants");
    let tree = work.join("tree");
    fs::create_dir_all(&tree)?;
    let sites = tree::copy(root, &tree)?;
    if check(catalogue, &sites) != ExitCode::SUCCESS {
        return Ok(ExitCode::FAILURE);
    }
    let binaries = tests::build(&tree, &work.join("build"), &options.left_out)?;
    let known = baseline::measure(&binaries, &work, options.jobs)?;
    let results = Results::read(&work.join("results.tsv"))?;
    let chosen: Vec<&Site> = in_order(&sites)
        .into_iter()
        .filter(|site| options.choice.has(site))
        .filter(|site| {
            options.choice.standing == Again::Too || catalogue.reason(&site.key).is_none()
        })
        .filter(|site| {
            options.choice.caught == Again::Too || !is_still_caught(&results, site, &known)
        })
        .collect();
    let results = Mutex::new(results);
    take_out(&chosen, &known, &results, options)?;
    let results = results.into_inner().unwrap_or_else(std::sync::PoisonError::into_inner);
    let rows = sites.iter().filter(|site| options.choice.has(site)).map(|site| {
        let result = results.get(site).cloned();
        Row { site, result, reason: catalogue.reason(&site.key) }
    });
    let is_good = table::print(&rows.collect::<Vec<_>>());
    Ok(if is_good { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// Whether a test caught it that is still there, and the function around it is still the same.
fn is_still_caught(results: &Results, site: &Site, known: &[Known]) -> bool {
    let by = results.get(site).and_then(|noted| noted.verdict.by());
    by.is_some_and(|by| known.iter().any(|known| known.test.id() == by))
}

/// What matters most comes first.
fn in_order(sites: &[Site]) -> Vec<&Site> {
    let mut sites: Vec<&Site> = sites.iter().collect();
    sites.sort_by_key(|site| (site.kind, site.number));
    sites
}

fn take_out(
    sites: &[&Site],
    known: &[Known],
    results: &Mutex<Results>,
    options: &Options,
) -> Result<()> {
    let next = AtomicUsize::new(0);
    // What has caught another mutant of the same file often catches this one.
    let caught: Mutex<BTreeMap<&str, Vec<String>>> = Mutex::default();
    let work_off = || -> Result<()> {
        loop {
            let index = next.fetch_add(1, Ordering::Relaxed);
            let Some(site) = sites.get(index) else { return Ok(()) };
            let began = Instant::now();
            let file = site.key.file.as_str();
            let mut likely = lock(&caught).get(file).cloned().unwrap_or_default();
            // Most likely the one that did before.
            likely.extend(
                lock(results).last(site).and_then(|noted| noted.verdict.by().map(str::to_owned)),
            );
            let verdict = run::run(site, known, &likely, options.budget)?;
            if let run::Verdict::Caught { by } = &verdict {
                let mut caught = lock(&caught);
                let of_file = caught.entry(file).or_default();
                of_file.retain(|it| it != by);
                of_file.push(by.clone());
            }
            let took = began.elapsed();
            eprintln!(
                "{}/{} {:6.1} s  {}  {}  {verdict}",
                index + 1,
                sites.len(),
                took.as_secs_f64(),
                site.kind.name(),
                site.key,
            );
            lock(results).put(site, &verdict, took)?;
        }
    };
    thread::scope(|scope| {
        let workers: Vec<_> = (0..options.jobs).map(|_| scope.spawn(work_off)).collect();
        workers.into_iter().try_for_each(|worker| worker.join().unwrap_or(Err("it died".into())))
    })
}
