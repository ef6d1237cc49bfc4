//! All that was measured.

use serde::Serialize;

use crate::suites::Suite;

/// What is measured: in one case, by one contender.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(crate) struct Series {
    pub(crate) suite: Suite,
    /// Under which conditions: `W = 16`.
    pub(crate) case: String,
    pub(crate) contender: String,
    /// With its unit last: `p99_us`.
    pub(crate) metric: &'static str,
}

impl Series {
    pub(crate) fn new(
        suite: Suite,
        case: impl Into<String>,
        contender: impl Into<String>,
        metric: &'static str,
    ) -> Self {
        Series { suite, case: case.into(), contender: contender.into(), metric }
    }
}

/// One figure of one round.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Sample {
    #[serde(flatten)]
    pub(crate) series: Series,
    pub(crate) round: usize,
    pub(crate) value: f64,
}

/// A contender that did not do what was asked of it.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Failed {
    pub(crate) suite: Suite,
    pub(crate) case: String,
    pub(crate) contender: String,
    pub(crate) round: usize,
    pub(crate) why: String,
}

/// All samples, and what failed.
#[derive(Debug, Default, Serialize)]
pub(crate) struct Samples {
    #[serde(rename = "samples")]
    all: Vec<Sample>,
    failed: Vec<Failed>,
    /// Which part of the processors others took meanwhile.
    pub(crate) others: f64,
}

/// Of the rounds.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Summary {
    pub(crate) median: f64,
    pub(crate) min: f64,
    pub(crate) max: f64,
}

impl Samples {
    pub(crate) fn add(&mut self, series: Series, round: usize, value: f64) {
        self.all.push(Sample { series, round, value });
    }

    pub(crate) fn fail(&mut self, failed: Failed) {
        self.failed.push(failed);
    }

    /// Whether this contender failed in this case, in any round; or all of the suite did.
    pub(crate) fn has_failed(&self, series: &Series) -> bool {
        self.failed.iter().any(|failed| {
            failed.suite == series.suite
                && (failed.contender == failed.suite.title()
                    || failed.contender == series.contender && failed.case == series.case)
        })
    }

    pub(crate) fn failed(&self) -> &[Failed] {
        &self.failed
    }

    /// The cases of a suite, in the order in which they came.
    pub(crate) fn cases(&self, suite: Suite) -> Vec<&str> {
        self.distinct(suite, |series| &series.case)
    }

    /// The contenders of a suite, in the order in which they came.
    pub(crate) fn contenders(&self, suite: Suite) -> Vec<&str> {
        self.distinct(suite, |series| &series.contender)
    }

    /// The metrics of a suite, in the order in which they came.
    pub(crate) fn metrics(&self, suite: Suite) -> Vec<&'static str> {
        let mut metrics = Vec::new();
        for sample in self.all.iter().filter(|sample| sample.series.suite == suite) {
            if !metrics.contains(&sample.series.metric) {
                metrics.push(sample.series.metric);
            }
        }
        metrics
    }

    fn distinct(&self, suite: Suite, part: impl Fn(&Series) -> &str) -> Vec<&str> {
        let mut parts = Vec::new();
        for sample in self.all.iter().filter(|sample| sample.series.suite == suite) {
            let part = part(&sample.series);
            if !parts.contains(&part) {
                parts.push(part);
            }
        }
        parts
    }

    fn rounds<'a>(&'a self, series: &'a Series) -> impl Iterator<Item = &'a Sample> {
        self.all.iter().filter(move |sample| sample.series == *series)
    }

    /// What this came to, over all rounds.
    pub(crate) fn summary(&self, series: &Series) -> Option<Summary> {
        Summary::of(self.rounds(series).map(|sample| sample.value).collect())
    }

    /// This one by that one of the same round, over all rounds that have both.
    pub(crate) fn ratio(&self, series: &Series, base: &Series) -> Option<Summary> {
        let ratios = self.rounds(series).filter_map(|sample| {
            let base = self.rounds(base).find(|base| base.round == sample.round)?;
            Some(sample.value / base.value)
        });
        Summary::of(ratios.collect())
    }
}

impl Summary {
    fn of(mut values: Vec<f64>) -> Option<Summary> {
        values.sort_by(f64::total_cmp);
        let (&min, &max) = (values.first()?, values.last()?);
        let middle = values.len() / 2;
        let median = if values.len().is_multiple_of(2) {
            f64::midpoint(values[middle - 1], values[middle])
        } else {
            values[middle]
        };
        Some(Summary { median, min, max })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_ratio_is_one_of_the_same_round() {
        let series =
            |contender: &str| Series::new(Suite::Durable, "W = 1", contender, "commits_per_s");
        let mut samples = Samples::default();
        for (round, (ours, base)) in
            [(1.0, 2.0), (30.0, 40.0), (10.0, 10.0)].into_iter().enumerate()
        {
            samples.add(series("ours"), round, ours);
            samples.add(series("base"), round, base);
        }
        samples.add(series("ours"), 3, 7.0);
        let summary = Summary { median: 0.75, min: 0.5, max: 1.0 };
        assert_eq!(samples.ratio(&series("ours"), &series("base")), Some(summary));
        assert_eq!(samples.summary(&series("ours")).map(|summary| summary.median), Some(8.5));
    }
}
