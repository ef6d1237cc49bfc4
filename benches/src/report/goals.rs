//! The goals, and whether they are met.

use super::figures;
use crate::contenders::{
    LIMIT, LIMIT_AND_WORK, LIMIT_AND_WORK_TOLD, MUTEX, PREVALENT, PREVALENT_EVERY,
    PREVALENT_EVERY_AHEAD, PREVALENT_MANUAL, PREVALENT_MANUAL_AHEAD, PREVALENT_WAIT,
};
use crate::samples::{Samples, Series, Summary};
use crate::suites::{
    Suite, in_flight_case, memory, opening, pause, reads, reopen, segments, snapshot_load, unsynced,
};

/// A figure that is aimed at.
struct Goal {
    what: String,
    figure: Figure,
    bound: Bound,
    /// What would be better still.
    stretch: Option<f64>,
    /// What the same came to without a store: as little as can be done in the same situation, in the same round.
    outline: Option<Figure>,
}

/// What is compared with the bound.
enum Figure {
    /// One series by another one of the same round.
    Ratio(Series, Series),
    /// A series itself.
    Value(Series, fn(f64) -> String),
}

impl Figure {
    fn summary(&self, samples: &Samples) -> (Option<Summary>, fn(f64) -> String) {
        match self {
            Figure::Ratio(series, base) => (samples.ratio(series, base), figures::ratio),
            Figure::Value(series, text) => (samples.summary(series), *text),
        }
    }

    fn cell(&self, samples: &Samples) -> String {
        let (summary, text) = self.summary(samples);
        figures::with_range(summary, text)
    }
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
        "| what | goal | median | range | met | barest outline |\n|---|--:|--:|--:|---|--:|\n{}",
        rows.concat()
    ))
}

impl Goal {
    fn row(&self, samples: &Samples) -> Option<String> {
        let (summary, text) = self.figure.summary(samples);
        if summary.is_none() && self.has_failed(samples) {
            return Some(format!("| {} | | | | **FAILED** | |\n", self.what));
        }
        let summary = summary?;
        let Summary { median, min, max } = summary;
        let (sign, bound, met) = match self.bound {
            Bound::AtLeast(bound) => ('≥', bound, median >= bound),
            Bound::AtMost(bound) => ('≤', bound, median <= bound),
        };
        Some(format!(
            "| {} | {sign} {}{} | {} | {}–{} | {} | {} |\n",
            self.what,
            text(bound),
            self.stretch.map(|stretch| format!(" (stretch {})", text(stretch))).unwrap_or_default(),
            text(median),
            text(min),
            text(max),
            match (self.has_failed(samples), met) {
                (true, _) => "**FAILED**",
                (false, true) => "yes",
                (false, false) => "**no**",
            },
            self.outline.as_ref().map(|outline| outline.cell(samples)).unwrap_or_default(),
        ))
    }

    /// A goal that was reached in some rounds, and failed in another one, was not reached.
    fn has_failed(&self, samples: &Samples) -> bool {
        match &self.figure {
            Figure::Ratio(series, base) => samples.has_failed(series) || samples.has_failed(base),
            Figure::Value(series, _) => samples.has_failed(series),
        }
    }
}

fn goals() -> Vec<Goal> {
    let mut goals = Vec::new();
    durable(&mut goals);
    unsynced_goals(&mut goals);
    read_goals(&mut goals);
    opening_goals(&mut goals);
    pause_goals(&mut goals);
    size_goals(&mut goals);
    segment_goals(&mut goals);
    goals
}

fn commits(suite: Suite, case: &str, contender: &str) -> Series {
    Series::new(suite, case, contender, "commits_per_s")
}

fn durable(goals: &mut Vec<Goal>) {
    let mut goal = |in_flight, contender, at_least, stretch| {
        let case = in_flight_case(in_flight);
        goals.push(Goal {
            what: format!("durable, {case}: {contender} / {LIMIT_AND_WORK}"),
            figure: Figure::Ratio(
                commits(Suite::Durable, &case, contender),
                commits(Suite::Durable, &case, LIMIT_AND_WORK),
            ),
            bound: Bound::AtLeast(at_least),
            stretch,
            outline: (contender == PREVALENT).then(|| {
                Figure::Ratio(
                    commits(Suite::Durable, &case, LIMIT_AND_WORK_TOLD),
                    commits(Suite::Durable, &case, LIMIT_AND_WORK),
                )
            }),
        });
    };
    goal(1, PREVALENT, 0.80, None);
    goal(1, PREVALENT_WAIT, 0.95, None);
    goal(16, PREVALENT, 0.75, None);
    goal(256, PREVALENT, 0.75, Some(0.9));
    goal(4096, PREVALENT, 0.65, Some(0.8));
    goals.push(Goal {
        what: format!("durable, {}: p99", in_flight_case(4096)),
        figure: Figure::Value(
            Series::new(Suite::Durable, in_flight_case(4096), PREVALENT, "p99_us"),
            figures::time_us,
        ),
        bound: Bound::AtMost(10e3),
        stretch: None,
        outline: Some(Figure::Value(
            Series::new(Suite::Durable, in_flight_case(4096), LIMIT_AND_WORK_TOLD, "p99_us"),
            figures::time_us,
        )),
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
                stretch: None,
                outline: None,
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
                stretch: None,
                outline: None,
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
                Series::new(Suite::Reads, &case, reads::READ_BESIDE, "p99_us"),
                figures::time_us,
            ),
            bound: Bound::AtMost(200.0),
            stretch: None,
            outline: (pace == reads::PACED).then(|| {
                Figure::Value(
                    Series::new(Suite::Reads, &case, reads::OUTLINE_READ, "p99_us"),
                    figures::time_us,
                )
            }),
        });
        goals.push(Goal {
            what: format!("{case}: commits / {LIMIT_AND_WORK}"),
            figure: Figure::Ratio(
                commits(Suite::Reads, &case, PREVALENT),
                commits(Suite::Reads, &reads::beside_commits(None), LIMIT_AND_WORK),
            ),
            bound: Bound::AtLeast(0.9 * 0.75),
            stretch: None,
            outline: (pace == reads::PACED).then(|| {
                Figure::Ratio(
                    commits(Suite::Reads, &case, LIMIT_AND_WORK_TOLD),
                    commits(Suite::Reads, &reads::beside_commits(None), LIMIT_AND_WORK),
                )
            }),
        });
    }
}

fn opening_goals(goals: &mut Vec<Goal>) {
    let took = |suite, case, contender| Series::new(suite, case, contender, "took_us");
    let journal = |contender| took(Suite::Reopen, reopen::CASE, contender);
    goals.push(Goal {
        what: format!("opening, {}: time / {}", reopen::CASE, reopen::BARE),
        figure: Figure::Ratio(journal(reopen::OPEN), journal(reopen::BARE)),
        bound: Bound::AtMost(1.0),
        stretch: None,
        outline: None,
    });
    let snapshot = |contender| took(Suite::SnapshotLoad, snapshot_load::CASE, contender);
    goals.push(Goal {
        what: format!("opening, {}: time / {}", snapshot_load::CASE, snapshot_load::BARE),
        figure: Figure::Ratio(snapshot(snapshot_load::OPEN), snapshot(snapshot_load::BARE)),
        bound: Bound::AtMost(1.05),
        stretch: None,
        outline: None,
    });
    for case in [opening::NEW, opening::AGAIN] {
        goals.push(Goal {
            what: format!("opening, {case}: p50"),
            figure: Figure::Value(
                Series::new(Suite::Opening, case, PREVALENT, "p50_us"),
                figures::time_us,
            ),
            bound: Bound::AtMost(10e3),
            stretch: None,
            outline: None,
        });
    }
}

fn pause_goals(goals: &mut Vec<Goal>) {
    for (what, bare) in [(pause::COMMIT, pause::BARE_COMMIT), (pause::READ, pause::BARE_READ)] {
        goals.push(Goal {
            what: format!("{}: longest of {what}", pause::SNAPSHOT),
            figure: Figure::Value(
                Series::new(Suite::Pause, pause::SNAPSHOT, what, "max_us"),
                figures::time_us,
            ),
            bound: Bound::AtMost(5e3),
            stretch: None,
            outline: Some(Figure::Value(
                Series::new(Suite::Pause, pause::SNAPSHOT, bare, "max_us"),
                figures::time_us,
            )),
        });
    }
}

fn size_goals(goals: &mut Vec<Goal>) {
    for in_flight in [256, 4096] {
        let case = in_flight_case(in_flight);
        goals.push(Goal {
            what: format!("journal, {case}: bytes of a transaction beyond its payload"),
            figure: Figure::Value(
                Series::new(Suite::JournalBytes, case, PREVALENT, "bytes_beyond_the_payload"),
                figures::digits,
            ),
            bound: Bound::AtMost(4.0),
            stretch: None,
            outline: None,
        });
    }
    for contender in [memory::COMMITTED, memory::OPENED] {
        let series =
            |contender| Series::new(Suite::Memory, memory::CASE, contender, "resident_bytes");
        goals.push(Goal {
            what: format!("memory: {contender} / {}", memory::BARE),
            figure: Figure::Ratio(series(contender), series(memory::BARE)),
            bound: Bound::AtMost(1.1),
            stretch: None,
            outline: None,
        });
    }
}

fn segment_goals(goals: &mut Vec<Goal>) {
    for (in_flight, contender) in [(1, segments::FIRST), (1, segments::ALL), (256, segments::ALL)] {
        let case = in_flight_case(in_flight);
        goals.push(Goal {
            what: format!("{contender}, {case}: longest / p99.9 of {LIMIT}"),
            figure: Figure::Ratio(
                Series::new(Suite::Segments, &case, contender, "max_us"),
                Series::new(Suite::Segments, &case, LIMIT, "p999_us"),
            ),
            bound: Bound::AtMost(2.0),
            stretch: None,
            outline: None,
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::samples::Failed;

    #[test]
    fn a_goal_that_was_reached_by_one_who_failed_once_was_not_reached() {
        let mut samples = Samples::default();
        let case = in_flight_case(1);
        for contender in [PREVALENT, LIMIT_AND_WORK] {
            samples.add(commits(Suite::Durable, &case, contender), 0, 1.0);
        }
        let row = |samples: &Samples| {
            let table = table(samples).unwrap();
            table.lines().find(|row| row.contains("prevalent / LIMIT + work")).unwrap().to_owned()
        };
        assert!(row(&samples).ends_with("| yes |  |"), "{}", row(&samples));
        samples.fail(Failed {
            suite: Suite::Durable,
            case,
            contender: PREVALENT.to_owned(),
            round: 1,
            why: "it forgets".to_owned(),
        });
        assert!(row(&samples).ends_with("| **FAILED** |  |"), "{}", row(&samples));
    }
}
