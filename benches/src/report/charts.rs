//! The charts of the report.

use super::chart::{Chart, Line, Style, picture};
use super::figures;
use crate::contenders::PREVALENT;
use crate::samples::{Samples, Series};
use crate::suites::{Suite, durable, in_flight_case, memory, scale};

/// Durable commits, by how many are in flight; `None` where none were measured.
pub(super) fn durable(samples: &Samples) -> Option<String> {
    let chart = in_flight(
        samples,
        Suite::Durable,
        &durable::IN_FLIGHT,
        "Durable commits, by how many are in flight",
    );
    (!chart.lines.is_empty()).then(|| picture(&[chart]))
}

/// How cost grows; `None` where nothing was measured.
pub(super) fn scale(samples: &Samples) -> Option<String> {
    let charts = [
        in_flight(samples, Suite::Scale, &scale::IN_FLIGHT, "From 1 to 4096 in flight"),
        by_objects(
            samples,
            "From 1 k to 10 M objects: commits",
            "commits / s",
            figures::tick,
            &[
                ("not synced, 1 task, 1024 ahead", PREVALENT, "unsynced_commits_per_s"),
                ("durable, W = 256", PREVALENT, "durable_commits_per_s"),
            ],
        ),
        by_objects(
            samples,
            "From 1 k to 10 M objects: opening",
            "time to open",
            figures::tick_time,
            &[
                ("all in the journal", PREVALENT, "open_from_journal_us"),
                ("all in the snapshot", PREVALENT, "open_from_snapshot_us"),
            ],
        ),
        by_objects(
            samples,
            "From 1 k to 10 M objects: memory at rest",
            "resident",
            figures::tick_bytes,
            &[
                ("prevalent", PREVALENT, "resident_bytes"),
                ("the bare map", memory::BARE, "resident_bytes"),
            ],
        ),
    ];
    let drawn: Vec<_> = charts.into_iter().filter(|chart| !chart.lines.is_empty()).collect();
    (!drawn.is_empty()).then(|| picture(&drawn))
}

fn in_flight(samples: &Samples, suite: Suite, loads: &[usize], title: &str) -> Chart {
    let mut lines = Vec::new();
    for contender in samples.contenders(suite) {
        let points = points(samples, loads, |&load| {
            (load as f64, Series::new(suite, in_flight_case(load), contender, "commits_per_s"))
        });
        // One point is no line.
        if points.len() > 1 {
            lines.push(Line { name: contender.to_owned(), points, style: style_of(contender) });
        }
    }
    Chart {
        title: title.to_owned(),
        x_title: "commits in flight",
        y_title: "durable commits / s",
        x_ticks: loads.iter().map(|&load| (load as f64, load.to_string())).collect(),
        y_tick: figures::tick,
        lines,
    }
}

fn by_objects(
    samples: &Samples,
    title: &str,
    y_title: &'static str,
    y_tick: fn(f64) -> String,
    lines: &[(&str, &str, &'static str)],
) -> Chart {
    let lines = lines.iter().zip(OTHERS).map(|(&(name, contender, metric), colour)| Line {
        name: name.to_owned(),
        points: points(samples, &scale::OBJECTS, |&objects| {
            let case = scale::objects_case(objects);
            (objects as f64, Series::new(Suite::Scale, case, contender, metric))
        }),
        style: Style { colour, width: 2.5, dashes: "" },
    });
    Chart {
        title: title.to_owned(),
        x_title: "objects",
        y_title,
        x_ticks: scale::OBJECTS
            .iter()
            .map(|&objects| (objects as f64, scale::objects_case(objects)))
            .collect(),
        y_tick,
        lines: lines.filter(|line| !line.points.is_empty()).collect(),
    }
}

/// The medians of those that were measured.
fn points<T>(
    samples: &Samples,
    items: &[T],
    point: impl Fn(&T) -> (f64, Series),
) -> Vec<(f64, f64)> {
    let measured = items.iter().filter_map(|item| {
        let (x, series) = point(item);
        Some((x, samples.summary(&series)?.median))
    });
    measured.collect()
}

/// Contenders with the same colour are the same library; dashes tell how it was used.
const COLOURS: [(&str, &str); 9] = [
    ("LIMIT", "#555555"),
    ("prevalent", "#d1242f"),
    ("group commit", "#8250df"),
    ("raft-engine", "#0969da"),
    ("okaywal", "#1a7f37"),
    ("redb", "#bf8700"),
    ("fjall", "#1b9e9e"),
    ("sqlite", "#bc4c00"),
    ("airomem", "#bf3989"),
];

const OTHERS: [&str; 2] = ["#d1242f", "#0969da"];

fn style_of(contender: &str) -> Style {
    let colour = COLOURS
        .iter()
        .find(|(name, _)| contender.starts_with(name))
        .map_or("#000000", |(_, colour)| colour);
    let width = if contender == PREVALENT { 3.5 } else { 1.8 };
    let dashes = match contender {
        contender if contender.contains("grouped") || contender.contains("leader") => "7 4",
        contender if contender.contains("growing") => "2 3",
        contender if contender.contains("work") => "7 4",
        _ => "",
    };
    Style { colour, width, dashes }
}
