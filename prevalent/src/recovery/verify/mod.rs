//! Whether the journal gives the state that is in memory; and if not, from where on.
//!
//! From the oldest snapshot that is kept, the journal is replayed twice into a fresh model: once as it is, and once with the
//! model stored and loaded again here and there, as it is when a store is closed and opened. The digests at the end must
//! be that of the live state, and those on the way the ones of the newer snapshots. If they aren't, [`search`] looks for
//! the transaction.

mod replays;
mod search;

use std::collections::BTreeMap;

use self::replays::{Between, Replays, Run};
use super::directory::Directory;
use super::load::{Loaded, load};
use super::replay::ReplayError;
use super::replay_error;
use super::survey::{JournalEnd, Scope, survey};
use crate::changed_bodies::ChangedBodies;
use crate::digest::Digest;
use crate::disk::Disk;
use crate::error::Error;
use crate::format::Position;
use crate::model::Model;
use crate::panic::drop_quietly;
use crate::recovery::replay::Through;
use crate::recovery::urgency::Urgency;
use crate::resolve::Resolver;

/// What the live state says of itself.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Live {
    pub(crate) seq: u64,
    pub(crate) digest: Digest,
    /// A place in the journal behind `seq`, and behind the voids of all that comes before it. It is durable.
    pub(crate) end: Position,
    /// The snapshot with which the state began: as of there, they are the same.
    pub(crate) loaded: u64,
    /// Snapshots from here on were taken from the state, not built by a replay.
    pub(crate) encoded_from: u64,
    /// When they were compared the last time, and agreed.
    pub(crate) verified: Option<(u64, Digest)>,
}

impl Live {
    /// Whether the snapshot of this sequence number is what the state was then.
    fn is_of_state(&self, snapshot: u64) -> bool {
        snapshot == self.loaded || snapshot >= self.encoded_from
    }
}

/// A journal, and the state that it has to give.
pub(crate) struct Verification<'a, M: Model> {
    pub(crate) disk: &'a dyn Disk,
    pub(crate) resolver: &'a Resolver<M>,
    pub(crate) live: Live,
    /// Asked now and then; an error ends it.
    pub(crate) may_go_on: &'a dyn Fn() -> Result<(), Error>,
}

/// They agree.
#[derive(Debug)]
pub(crate) struct Agreement {
    pub(crate) from: u64,
    pub(crate) transactions: u64,
    pub(crate) damaged: Vec<Error>,
}

impl<M: Model> Verification<'_, M> {
    /// Compares what the files give with the live state. No file may go meanwhile, and nothing is written.
    ///
    /// # Errors
    ///
    /// `Diverged`; those of an open, where something can't be read or replayed.
    pub(crate) fn verify(&self) -> Result<Agreement, Error> {
        let directory = Directory::read_beside_owner(self.disk)?;
        let mut damaged = Vec::new();
        let mut unreadable = None;
        let mut snapshots = BTreeMap::new();
        for seq in replayable_snapshots(&directory, self.live.seq) {
            (self.may_go_on)()?;
            match self.digest_of_snapshot(&directory, seq) {
                Ok(digest) => drop(snapshots.insert(seq, digest)),
                Err(error @ Error::Corrupt { .. }) => damaged.push(error),
                // An earlier version of the program has left it, and is done with it.
                Err(error @ Error::Schema(_)) => unreadable = Some(error),
                Err(error) => return Err(error),
            }
        }
        while let Some((from, _)) = snapshots.pop_first() {
            let replays = match self.replays(&directory, from, &snapshots) {
                Err(Error::Schema(_)) if !snapshots.is_empty() => continue,
                replays => replays?,
            };
            match self.compare(&replays, &snapshots)? {
                Comparison::Agrees { transactions } => {
                    return Ok(Agreement { from, transactions, damaged });
                }
                // It is today's code that is checked. What other code has done may be kept a while longer.
                Comparison::Differs(found) if found.run.is_rewritten && !snapshots.is_empty() => {}
                Comparison::Differs(found) => return Err(self.locate(&replays, &found)),
            }
        }
        let why = unreadable.or_else(|| damaged.pop());
        Err(why.unwrap_or_else(|| Error::lacks_a_snapshot(self.disk.path())))
    }

    fn load(&self, directory: &Directory, seq: u64) -> Result<Loaded<M>, Error> {
        let mut loaded = load(self.disk, directory, self.resolver, Through::seq(seq))?;
        match loaded.unreadable.remove(&seq) {
            None => Ok(loaded),
            // An older one came in its place.
            Some(error) => {
                drop_quietly(loaded);
                Err(error)
            }
        }
    }

    fn digest_of_snapshot(&self, directory: &Directory, seq: u64) -> Result<Digest, Error> {
        let loaded = self.load(directory, seq)?;
        let digest = Digest::of_model(&loaded.state.model);
        drop_quietly(loaded);
        digest
    }

    /// The replays that begin with the snapshot of `from`.
    fn replays<'v>(
        &'v self,
        directory: &'v Directory,
        from: u64,
        snapshots: &BTreeMap<u64, Digest>,
    ) -> Result<Replays<'v, M>, Error> {
        let position = directory
            .snapshots
            .get(&from)
            .and_then(|found| found.header.as_ref().ok())
            .map_or(Position::default(), |header| header.journal);
        let scope = Scope {
            snapshot_seq: from,
            snapshot_position: position,
            model: M::NAME,
            judge: self.resolver,
            changed_bodies: ChangedBodies::Allow,
            end: JournalEnd::Known(self.live.end),
            kept_bytes_max: Urgency::Background.kept_bytes_max(),
        };
        let survey = survey(self.disk, directory, scope)?;
        Ok(Replays::new(self, directory, from, survey, snapshots.keys().copied()))
    }

    /// Compares the state with what the replays give.
    fn compare(
        &self,
        replays: &Replays<'_, M>,
        snapshots: &BTreeMap<u64, Digest>,
    ) -> Result<Comparison, Error> {
        let verified = self.live.verified.filter(|(seq, _)| *seq > replays.from);
        let live = (self.live.seq, self.live.digest);
        let snapshots = snapshots.iter().map(|(&seq, &digest)| (seq, digest));
        let mut expected: Vec<(u64, Digest)> = snapshots.chain(verified).chain([live]).collect();
        expected.sort_by_key(|(seq, _)| *seq);
        let points: Vec<u64> = expected.iter().map(|(seq, _)| *seq).collect();
        let mut transactions = 0;
        for between in [Between::Keep, Between::Reload] {
            let run = replays.run(&points, between).map_err(|error| stopped(error, replays))?;
            transactions = run.transactions;
            if let Some(&(at, _)) = expected.iter().find(|point| !run.agrees(point)) {
                return Ok(Comparison::Differs(Difference { expected, run, at }));
            }
        }
        Ok(Comparison::Agrees { transactions })
    }

    /// Looks for the place where the journal's state and the live one part.
    fn locate(&self, replays: &Replays<'_, M>, difference: &Difference) -> Error {
        let (after, through) = match search::search(replays) {
            Ok(Some(place)) => place,
            Ok(None) => (self.agreed_before(replays.from, difference), difference.at),
            Err(error) => return stopped(error, replays),
        };
        diverged(replays, after, through, None)
    }

    /// The last place before the difference of which it is known that the live state and the replay agreed there.
    fn agreed_before(&self, from: u64, difference: &Difference) -> u64 {
        let Difference { expected, run, at } = difference;
        let is_of_state = |seq: &u64| {
            self.live.is_of_state(*seq) || self.live.verified.is_some_and(|(at, _)| at == *seq)
        };
        let on_the_way = expected.iter().filter(|point| point.0 < *at && run.agrees(point));
        // The replay began with it. If it was built by a replay itself, the state was already another one, perhaps.
        let begin = (from <= self.live.loaded || is_of_state(&from)).then_some(from);
        let before = [Some(self.live.loaded), self.live.verified.map(|(seq, _)| seq)];
        on_the_way
            .map(|(seq, _)| *seq)
            .filter(is_of_state)
            .chain(begin)
            .chain(before.into_iter().flatten().filter(|seq| *seq < from))
            .max()
            .unwrap_or(from)
    }
}

/// What it means that a replay didn't come to its end.
fn stopped<M: Model>(error: ReplayError, replays: &Replays<'_, M>) -> Error {
    match error {
        // It had not panicked when it was committed, or it would be void.
        ReplayError::Panicked { seq, message, .. } => {
            diverged(replays, seq - 1, seq, Some(message))
        }
        error @ ReplayError::Other(_) => replay_error(error, &replays.survey),
    }
}

fn diverged<M: Model>(
    replays: &Replays<'_, M>,
    after: u64,
    through: u64,
    panicked: Option<String>,
) -> Error {
    let is_known = after + 1 == through;
    Error::Diverged {
        file: replays.segment_of(after + 1),
        seq: is_known.then(|| through.into()),
        tx: if is_known { replays.name_of(through) } else { None },
        after: after.into(),
        through: through.into(),
        panicked: panicked.map(String::into_boxed_str),
    }
}

enum Comparison {
    Agrees { transactions: u64 },
    Differs(Difference),
}

/// The state, or a snapshot of it, is another one than the journal gives.
struct Difference {
    /// The digests behind these sequence numbers that a replay has to give, in order.
    expected: Vec<(u64, Digest)>,
    /// The replay that gives others.
    run: Run,
    /// The first of them that it doesn't give.
    at: u64,
}

/// The snapshots that the journal reaches back to, oldest first.
fn replayable_snapshots(directory: &Directory, through: u64) -> Vec<u64> {
    let oldest = directory.oldest_snapshot_with_its_journal().map_or(0, |header| header.seq);
    directory.snapshots.range(oldest.min(through)..=through).map(|(&seq, _)| seq).collect()
}
