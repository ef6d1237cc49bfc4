//! Takes one site out, and looks for a test that notices.

use std::fmt;
use std::time::{Duration, Instant};

use crate::baseline::Known;
use crate::failure::Result;
use crate::site::Site;
use crate::tests::Outcome;

/// What became of a mutant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Verdict {
    Caught {
        by: String,
    },
    /// The test that would have ended without the mutant didn't.
    Hung {
        by: String,
    },
    /// No test noticed.
    Survived {
        tests: usize,
    },
    /// No test comes to this place.
    NotReached,
    /// None of the tests noticed for which there was time.
    Unknown {
        tests: usize,
    },
}

impl Verdict {
    pub(crate) fn is_caught(&self) -> bool {
        self.by().is_some()
    }

    /// The test that noticed.
    pub(crate) fn by(&self) -> Option<&str> {
        match self {
            Verdict::Caught { by } | Verdict::Hung { by } => Some(by),
            _ => None,
        }
    }
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Verdict::Caught { by } => write!(f, "caught by {by}"),
            Verdict::Hung { by } => write!(f, "hung in {by}"),
            Verdict::Survived { tests } => write!(f, "SURVIVED {tests} tests"),
            Verdict::NotReached => f.write_str("NOT REACHED by any test"),
            Verdict::Unknown { tests } => write!(f, "UNKNOWN after {tests} tests"),
        }
    }
}

/// Runs the tests that reach the site until one fails: the `likely` ones first, then the quickest.
///
/// A failure counts when it comes again, and the test passes with nothing taken out: so a test that fails now and then for
/// reasons of its own catches nothing.
pub(crate) fn run(
    site: &Site,
    tests: &[Known],
    likely: &[String],
    budget: Option<Duration>,
) -> Result<Verdict> {
    let began = Instant::now();
    let mut reaching: Vec<&Known> =
        tests.iter().filter(|known| known.reached.contains(&site.number)).collect();
    if reaching.is_empty() {
        return Ok(Verdict::NotReached);
    }
    let rank = |known: &Known| {
        let id = known.test.id();
        likely.iter().rposition(|it| *it == id).map_or(likely.len(), |at| likely.len() - 1 - at)
    };
    reaching.sort_by_cached_key(|known| (rank(known), known.took, known.test.id()));
    let number = site.number.to_string();
    let with = [("PREVALENT_MUTANT", number.as_str())];
    for (index, known) in reaching.iter().enumerate() {
        if budget.is_some_and(|budget| began.elapsed() > budget) {
            return Ok(Verdict::Unknown { tests: index });
        }
        let limit = known.took * 5 + Duration::from_secs(8);
        let (outcome, _) = known.test.run(&with, limit)?;
        if outcome == Outcome::Passed {
            continue;
        }
        let (without, _) = known.test.run(&[], limit)?;
        if without != Outcome::Passed {
            continue;
        }
        let by = known.test.id();
        match outcome {
            // On a machine that is busy, it may just have been slow.
            Outcome::TimedOut if known.test.run(&with, limit * 2)?.0 == Outcome::TimedOut => {
                return Ok(Verdict::Hung { by });
            }
            Outcome::Failed if known.test.run(&with, limit)?.0 != Outcome::Passed => {
                return Ok(Verdict::Caught { by });
            }
            _ => {}
        }
    }
    Ok(Verdict::Survived { tests: reaching.len() })
}
