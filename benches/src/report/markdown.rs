//! The report as one reads it.

use std::fmt::Write;

use super::{figures, goals};
use crate::contenders::{LIMIT, LIMIT_AND_WORK, LIMIT_AND_WORK_TOLD};
use crate::machine::Machine;
use crate::samples::{Samples, Series};
use crate::suites::Suite;

/// From here on they spoil the figures; less is what the kernel does for this program.
const MANY_OTHERS: f64 = 0.1;

/// The whole report.
pub(crate) fn markdown(machine: &Machine, samples: &Samples, rounds: usize) -> String {
    let mut text = String::from("# What was measured\n\n");
    // Writing to a string can't fail.
    let _ = write!(
        text,
        "{}. Medians of {rounds} rounds, with the range of the rounds in parentheses; ratios are those of the same round.\n\n",
        machine.describe()
    );
    let _ = writeln!(
        text,
        "Other programs took {:.0} % of the processors meanwhile.",
        samples.others * 100.0
    );
    if samples.others > MANY_OTHERS {
        text.push_str(
            "**Take no figure of this for what it could be: measure again on a quiet machine.**\n",
        );
    }
    text.push('\n');
    if !samples.failed().is_empty() {
        text.push_str("## FAILED\n\n");
        for failed in samples.failed() {
            let _ = writeln!(
                text,
                "- **{}**, {} ({}, round {}): {}",
                failed.contender,
                failed.case,
                failed.suite.title(),
                failed.round + 1,
                failed.why
            );
        }
        text.push('\n');
    }
    if let Some(goals) = goals::table(samples) {
        let _ = write!(text, "## Goals\n\n{goals}\n");
    }
    for suite in Suite::all() {
        suite_tables(&mut text, samples, suite);
    }
    text
}

/// One table for each metric of a suite: a contender a row, a case a column.
fn suite_tables(text: &mut String, samples: &Samples, suite: Suite) {
    let metrics = samples.metrics(suite);
    if metrics.is_empty() {
        return;
    }
    let _ = write!(text, "## {}\n\n", suite.title());
    for metric in metrics {
        let figure = figure_of(metric);
        table(text, samples, suite, metric, &title_of(metric), |series| {
            figures::with_range(samples.summary(series), figure)
        });
        if metric == "commits_per_s" && suite == Suite::Durable {
            for base in [LIMIT, LIMIT_AND_WORK, LIMIT_AND_WORK_TOLD] {
                table(text, samples, suite, metric, &format!("by {base}"), |series| {
                    let base = Series { contender: base.to_owned(), ..series.clone() };
                    figures::with_range(samples.ratio(series, &base), figures::ratio)
                });
            }
        }
    }
}

fn table(
    text: &mut String,
    samples: &Samples,
    suite: Suite,
    metric: &'static str,
    title: &str,
    cell: impl Fn(&Series) -> String,
) {
    let has = |case: &str, contender: &str| {
        samples.summary(&Series::new(suite, case, contender, metric)).is_some()
    };
    let contenders = samples.contenders(suite);
    let mut cases = samples.cases(suite);
    cases.retain(|case| contenders.iter().any(|contender| has(case, contender)));
    let _ =
        writeln!(text, "| {title} | {} |\n|---|{}", cases.join(" | "), "--:|".repeat(cases.len()));
    for contender in contenders {
        if !cases.iter().any(|case| has(case, contender)) {
            continue;
        }
        let cells = cases.iter().map(|case| cell(&Series::new(suite, *case, contender, metric)));
        let _ = writeln!(text, "| {contender} | {} |", cells.collect::<Vec<_>>().join(" | "));
    }
    text.push('\n');
}

/// The metric's name ends with its unit.
fn figure_of(metric: &str) -> fn(f64) -> String {
    match metric {
        metric if metric.ends_with("_us") => figures::time_us,
        "resident_bytes" => figures::mebibytes,
        _ => figures::count,
    }
}

fn title_of(metric: &str) -> String {
    match metric {
        "p999_us" => "p99.9".to_owned(),
        "max_us" => "longest".to_owned(),
        _ => metric.trim_end_matches("_us").replace("_per_s", "/s").replace('_', " "),
    }
}
