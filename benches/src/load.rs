//! What is asked of a contender, and what it has acknowledged.

use std::ops::Range;
use std::time::Duration;

use crate::failure::Result;
use crate::latencies::Latencies;
use crate::workload::{Map, token};

/// So many commits in flight, each of its own number, until the time or the numbers are used up.
#[derive(Clone, Debug)]
pub(crate) struct Load {
    pub(crate) in_flight: usize,
    pub(crate) time: Duration,
    pub(crate) numbers: Range<u64>,
    /// Of a committer's commits, one in so many is timed: reading the clock takes as long as the cheapest commits do.
    pub(crate) timed_one_in: usize,
}

impl Load {
    /// The same, with fewer in flight: for a contender that wants a thread for each.
    #[cfg(feature = "peers")]
    pub(crate) fn at_most_in_flight(&self, limit: usize) -> Load {
        Load { in_flight: self.in_flight.min(limit), ..self.clone() }
    }

    /// What the committer with this index commits, one after the other.
    pub(crate) fn numbers_of(&self, committer: usize) -> impl Iterator<Item = u64> + use<> {
        let first = self.numbers.start + committer as u64;
        (first..self.numbers.end).step_by(self.in_flight)
    }
}

/// What came of a load.
#[derive(Debug)]
pub(crate) struct Outcome {
    pub(crate) acknowledged: Acknowledged,
    pub(crate) elapsed: Duration,
    pub(crate) latencies: Latencies,
}

impl Outcome {
    pub(crate) fn commits_per_s(&self) -> f64 {
        self.acknowledged.count() as f64 / self.elapsed.as_secs_f64()
    }
}

/// The numbers that were acknowledged: each committer's first so and so many.
#[derive(Debug)]
pub(crate) struct Acknowledged {
    load: Load,
    counts: Vec<usize>,
}

impl Acknowledged {
    /// `counts` has an item for each committer of the load.
    pub(crate) fn new(load: Load, counts: Vec<usize>) -> Self {
        Acknowledged { load, counts }
    }

    pub(crate) fn count(&self) -> usize {
        self.counts.iter().sum()
    }

    fn numbers(&self) -> impl Iterator<Item = u64> {
        let committers = self.counts.iter().enumerate();
        committers.flat_map(|(committer, &count)| self.load.numbers_of(committer).take(count))
    }

    /// Each of them must be there.
    ///
    /// # Errors
    ///
    /// The first that isn't, and how many are missing; what `find` failed with.
    pub(crate) fn verify(&self, mut find: impl FnMut(&str) -> Result<Option<u64>>) -> Result<()> {
        let (mut missing, mut first) = (0_usize, None);
        for number in self.numbers() {
            if find(&token(number))? != Some(number) {
                missing += 1;
                first.get_or_insert(number);
            }
        }
        match first {
            None => Ok(()),
            Some(first) => {
                let all = self.count();
                Err(format!("{missing} of {all} acknowledged records are lost, first {first}")
                    .into())
            }
        }
    }

    /// Each of them must be in the map.
    ///
    /// # Errors
    ///
    /// As `verify`.
    pub(crate) fn verify_in(&self, map: &Map) -> Result<()> {
        self.verify(|token| Ok(map.get(token).copied()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn acknowledged(counts: Vec<usize>) -> Acknowledged {
        let load =
            Load { in_flight: counts.len(), time: Duration::ZERO, numbers: 0..10, timed_one_in: 1 };
        Acknowledged::new(load, counts)
    }

    #[test]
    fn a_lost_record_is_noticed() {
        let mut map: Map = [0, 3, 6, 1, 4].map(|number| (token(number), number)).into();
        assert!(acknowledged(vec![3, 2, 0]).verify_in(&map).is_ok());
        assert!(acknowledged(vec![3, 3, 0]).verify_in(&map).is_err());
        map.insert(token(4), 5);
        assert!(acknowledged(vec![3, 2, 0]).verify_in(&map).is_err());
    }
}
