//! The goals, and whether they are met.

use super::figures;
use crate::contenders::{
    LIMIT_AND_WORK, MUTEX, PREVALENT, PREVALENT_EVERY, PREVALENT_EVERY_AHEAD, PREVALENT_MANUAL,
    PREVALENT_MANUAL_AHEAD, PREVALENT_WAIT,
};
use crate::samples::{Samples, Series, Summary};
use crate::suites::{Suite, in_flight_case, reads, unsynced};

/// A figure that is aimed at.
struct Goal {
    what: String,
    figure: Figure,
    bound: Bound,
}

/// What is compared with the bound.
enum Figure {
    /// One series by another one of the same round.
    Ratio(Series, Series),
    /// A series itself.
    Value(Series, fn(f64) -> String),
}

#[derive(Clone, Copy)]
enum Bound {
    AtLeast(f64),
    AtMost(f64),
}

/// A Markdown table of the goals that something was measured for; `None` without any.
pub(super) fn table(samples: &Samples) -> Option<String> {
    let rows: Vec<_> = goals().iter().filter_map(|goal| goal.row(samples)).collect();
    if rows.is_empty() {
        return None;
    }
    Some(format!(
        "| what | goal | median | range | met |\n|---|--:|--:|--:|---|\n{}",
        rows.concat()
    ))
}

impl Goal {
    fn row(&self, samples: &Samples) -> Option<String> {
        let (summary, text): (Summary, fn(f64) -> String) = match &self.figure {
            Figure::Ratio(series, base) => (samples.ratio(series, base)?, figures::ratio),
            Figure::Value(series, text) => (samples.summary(series)?, *text),
        };
        let Summary { median, min, max } = summary;
        let (sign, bound, met) = match self.bound {
            Bound::AtLeast(bound) => ('≥', bound, median >= bound),
            Bound::AtMost(bound) => ('≤', bound, median <= bound),
        };
        Some(format!(
            "| {} | {sign} {} | {} | {}–{} | {} |\n",
            self.what,
            text(bound),
            text(median),
            text(min),
            text(max),
            if met { "yes" } else { "**no**" },
        ))
    }
}

fn goals() -> Vec<Goal> {
    let mut goals = Vec::new();
    durable(&mut goals);
    unsynced_goals(&mut goals);
    read_goals(&mut goals);
    goals
}

fn commits(suite: Suite, case: &str, contender: &str) -> Series {
    Series::new(suite, case, contender, "commits_per_s")
}

fn durable(goals: &mut Vec<Goal>) {
    let mut goal = |in_flight, contender, at_least| {
        let case = in_flight_case(in_flight);
        goals.push(Goal {
            what: format!("durable, {case}: {contender} / {LIMIT_AND_WORK}"),
            figure: Figure::Ratio(
                commits(Suite::Durable, &case, contender),
                commits(Suite::Durable, &case, LIMIT_AND_WORK),
            ),
            bound: Bound::AtLeast(at_least),
        });
    };
    goal(1, PREVALENT, 0.80);
    goal(1, PREVALENT_WAIT, 0.95);
    goal(16, PREVALENT, 0.75);
    goal(256, PREVALENT, 0.75);
    goal(4096, PREVALENT, 0.65);
    goals.push(Goal {
        what: format!("durable, {}: p99", in_flight_case(4096)),
        figure: Figure::Value(
            Series::new(Suite::Durable, in_flight_case(4096), PREVALENT, "p99_us"),
            figures::time_us,
        ),
        bound: Bound::AtMost(10e3),
    });
}

fn unsynced_goals(goals: &mut Vec<Goal>) {
    for tasks in [1, 2] {
        for contender in
            [PREVALENT_MANUAL, PREVALENT_MANUAL_AHEAD, PREVALENT_EVERY, PREVALENT_EVERY_AHEAD]
        {
            let case = unsynced::case(tasks);
            goals.push(Goal {
                what: format!("not synced, {case}: {contender} / {MUTEX}"),
                figure: Figure::Ratio(
                    commits(Suite::Unsynced, &case, contender),
                    commits(Suite::Unsynced, &case, MUTEX),
                ),
                bound: Bound::AtLeast(0.6),
            });
        }
    }
}

fn read_goals(goals: &mut Vec<Goal>) {
    for readers in [1, 2] {
        let case = reads::case(readers);
        for contender in [reads::CLOSURE, reads::QUERY] {
            let series = |contender| Series::new(Suite::Reads, &case, contender, "reads_per_s");
            goals.push(Goal {
                what: format!("reads, {case}: {contender} / {}", reads::LOCK),
                figure: Figure::Ratio(series(contender), series(reads::LOCK)),
                bound: Bound::AtLeast(0.95),
            });
        }
    }
    for (readers, pace) in
        [(1, reads::PACED), (2, reads::PACED), (1, reads::FLAT_OUT), (2, reads::FLAT_OUT)]
    {
        let case = reads::beside_commits(Some((readers, pace)));
        goals.push(Goal {
            what: format!("{case}: p99 of a read"),
            figure: Figure::Value(
                Series::new(Suite::Reads, &case, "a read", "p99_us"),
                figures::time_us,
            ),
            bound: Bound::AtMost(200.0),
        });
        goals.push(Goal {
            what: format!("{case}: commits / {LIMIT_AND_WORK}"),
            figure: Figure::Ratio(
                commits(Suite::Reads, &case, PREVALENT),
                commits(Suite::Reads, &reads::beside_commits(None), LIMIT_AND_WORK),
            ),
            bound: Bound::AtLeast(0.9 * 0.75),
        });
    }
}
