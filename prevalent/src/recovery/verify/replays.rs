//! Replays of one journal, from one snapshot on, as often as it takes.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use super::Verification;
use crate::digest::Digest;
use crate::error::Error;
use crate::format::names;
use crate::model::Model;
use crate::panic::drop_quietly;
use crate::recovery::directory::Directory;
use crate::recovery::named::name_of;
use crate::recovery::reload::reload;
use crate::recovery::replay::{Replay, ReplayError, State, Through};
use crate::recovery::survey::Survey;
use crate::recovery::urgency::Urgency;

/// What is done with the model on the way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Between {
    Keep,
    /// It is stored and loaded again here and there.
    Reload,
}

/// In one run the model is loaded again so many times, beside where there is a snapshot: it costs about as much as one.
const RELOADS: u64 = 4;

/// Replays that begin with the same snapshot.
pub(super) struct Replays<'a, M: Model> {
    verification: &'a Verification<'a, M>,
    directory: &'a Directory,
    /// The snapshot's sequence number.
    pub(super) from: u64,
    pub(super) survey: Survey,
    /// Behind these transactions the model is loaded again, if it is.
    reloads: BTreeSet<u64>,
}

/// What a replay has shown.
#[derive(Debug, Default)]
pub(super) struct Run {
    /// The digest of the state behind each of the transactions that were asked for.
    pub(super) digests: BTreeMap<u64, Digest>,
    pub(super) transactions: u64,
    /// Whether some were replayed by other code than that by which they were committed.
    pub(super) is_rewritten: bool,
}

/// The first one, and then the last of each of so many parts.
pub(super) fn points_in(first: u64, last: u64, parts: u64) -> Vec<u64> {
    let length = last - first;
    let parts = length.clamp(1, parts);
    let behind = |part: u64| u128::from(length) * u128::from(part) / u128::from(parts);
    (0..=parts).map(|part| first + u64::try_from(behind(part)).unwrap_or(length)).collect()
}

impl Run {
    pub(super) fn agrees(&self, (seq, digest): &(u64, Digest)) -> bool {
        self.digests.get(seq) == Some(digest)
    }
}

impl<'a, M: Model> Replays<'a, M> {
    /// `snapshots` are newer ones.
    pub(super) fn new(
        verification: &'a Verification<'a, M>,
        directory: &'a Directory,
        from: u64,
        survey: Survey,
        snapshots: impl Iterator<Item = u64>,
    ) -> Self {
        let last = verification.live.seq;
        let evenly = points_in(from, last, RELOADS + 1).into_iter();
        let reloads = evenly.chain(snapshots).filter(|&seq| from < seq && seq < last).collect();
        Replays { verification, directory, from, survey, reloads }
    }

    /// The last transaction that is replayed.
    pub(super) fn through(&self) -> u64 {
        self.verification.live.seq
    }

    /// Replays through the last of `points`, and takes the digest at each of them. None is before the snapshot.
    pub(super) fn run(&self, points: &[u64], between: Between) -> Result<Run, ReplayError> {
        let last = points.last().copied().unwrap_or(self.from);
        let mut stops: BTreeSet<u64> = points.iter().copied().collect();
        if between == Between::Reload {
            stops.extend(self.reloads.range(..=last));
        }
        let mut state = self.verification.load(self.directory, self.from)?.state;
        let mut run = Run::default();
        for stop in stops {
            if let Err(error) = self.go_on(&mut state, stop, &mut run) {
                drop_quietly(state);
                return Err(error);
            }
            if between == Between::Reload && self.reloads.contains(&stop) {
                let State { model, seq, time_us, journal, window } = state;
                let model = reload(model)
                    .map_err(|reason| Error::Encoding { tx: M::NAME.to_owned(), reason })?;
                state = State { model, seq, time_us, journal, window };
            }
            if points.contains(&stop) {
                match Digest::of_model(&state.model) {
                    Ok(digest) => drop(run.digests.insert(stop, digest)),
                    Err(error) => {
                        drop_quietly(state);
                        return Err(error.into());
                    }
                }
            }
        }
        drop_quietly(state);
        Ok(run)
    }

    /// Replays what comes behind the state, through `stop`.
    fn go_on(&self, state: &mut State<M>, stop: u64, run: &mut Run) -> Result<(), ReplayError> {
        let segments = &self.survey.segments;
        let next = segments.partition_point(|segment| segment.header.first_seq <= state.seq + 1);
        for segment in &segments[next.saturating_sub(1)..] {
            if segment.header.first_seq > stop {
                break;
            }
            (self.verification.may_go_on)()?;
            let replay = Replay {
                disk: self.verification.disk,
                segments: std::slice::from_ref(segment),
                voids: &self.survey.voids,
                through: Through::seq(stop),
                resolver: self.verification.resolver,
                urgency: Urgency::Background,
                trail: None,
            };
            let differences =
                replay.run(state, &mut |_, transactions| run.transactions += transactions)?;
            run.is_rewritten |= !differences.is_empty();
        }
        Ok(())
    }

    /// The segment with this transaction; the oldest, where it is in none.
    pub(super) fn segment_of(&self, seq: u64) -> PathBuf {
        let segments = &self.survey.segments;
        let behind = segments.partition_point(|segment| segment.header.first_seq <= seq);
        let number = segments
            .get(behind.saturating_sub(1))
            .map_or(self.survey.end.segment, |segment| segment.header.number);
        self.verification.disk.path_of(&names::segment(number))
    }

    /// The stable name of this transaction. Where it can't be read, it has none: it could be a moment ago.
    pub(super) fn name_of(&self, seq: u64) -> Option<String> {
        name_of(self.verification.disk, &self.survey.segments, seq)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn points_begin_and_end_where_they_should_and_come_once() {
        assert_eq!(points_in(3, 4, 16), [3, 4]);
        assert_eq!(points_in(3, 6, 16), [3, 4, 5, 6]);
        assert_eq!(points_in(0, 10, 4), [0, 2, 5, 7, 10]);
        let many = points_in(10, u64::MAX, 16);
        assert_eq!((many.len(), many[0], many[16]), (17, 10, u64::MAX));
        assert!(many.is_sorted_by(|a, b| a < b));
    }
}
