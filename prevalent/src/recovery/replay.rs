//! The second pass over the journal: transactions are decoded and applied.
//!
//! [`read`] turns segments into [`portion`]s of decoded transactions, and [`apply`] these into a state: one after the other
//! on one thread, or each on its own ([`ahead`]).

mod ahead;
mod apply;
mod portion;
mod read;

use std::collections::{BTreeMap, BTreeSet};

use self::apply::Applier;
use self::read::{Halt, Stopped, read};
use super::report::Rewritten;
use super::survey::SurveyedSegment;
use super::trail::{Beside, Marked, Trail};
use super::urgency::Urgency;
use crate::disk::Disk;
use crate::error::Error;
use crate::format::Position;
use crate::idempotency::SharedWindow;
use crate::model::Model;
use crate::resolve::{Reading, Resolver};

/// No more transactions than these are under way at a time, from the first that is being applied to the last that is being
/// decoded.
pub(super) const STEPS_UNDER_WAY_MAX: u64 =
    ((ahead::PORTIONS_AHEAD + 2) * portion::STEPS_MAX) as u64;

/// A state, and how it came about.
#[derive(Debug)]
pub(crate) struct State<M> {
    pub(crate) model: M,
    /// The last sequence number in it.
    pub(crate) seq: u64,
    /// The time of the last transaction in it.
    pub(crate) time_us: u64,
    /// A place behind the last transaction in it. All that comes after it is in this place's segment, or a later one.
    pub(crate) journal: Position,
    /// What is remembered of idempotent transactions.
    pub(crate) window: SharedWindow,
}

/// The last transaction that counts: none is behind this number, or later than this time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Through {
    pub(crate) seq: u64,
    pub(crate) time_us: u64,
}

impl Through {
    pub(crate) const ALL: Through = Through { seq: u64::MAX, time_us: u64::MAX };

    pub(crate) fn seq(seq: u64) -> Self {
        Through { seq, ..Through::ALL }
    }

    pub(crate) fn includes(self, seq: u64, time_us: u64) -> bool {
        seq <= self.seq && time_us <= self.time_us
    }
}

/// Why a replay stopped.
#[derive(Debug)]
pub(crate) enum ReplayError {
    /// A transaction panicked. The state is lost.
    Panicked {
        seq: u64,
        tx: String,
        message: String,
    },
    Other(Error),
}

impl From<Error> for ReplayError {
    fn from(error: Error) -> Self {
        ReplayError::Other(error)
    }
}

/// What was replayed otherwise than it had been committed, by stable name.
#[derive(Debug, Default)]
pub(crate) struct Differences {
    pub(crate) bodies: BTreeMap<String, Rewritten>,
    pub(crate) arguments: BTreeMap<String, Rewritten>,
}

impl Differences {
    pub(crate) fn is_empty(&self) -> bool {
        self.bodies.is_empty() && self.arguments.is_empty()
    }

    fn note(&mut self, reading: &Reading, name: &str, seq: u64) {
        let count = |all: &mut BTreeMap<String, Rewritten>| {
            if !all.contains_key(name) {
                let first_seq = seq.into();
                let rewritten = Rewritten { tx: name.to_owned(), transactions: 0, first_seq };
                all.insert(name.to_owned(), rewritten);
            }
            if let Some(rewritten) = all.get_mut(name) {
                rewritten.transactions += 1;
            }
        };
        if reading.has_other_body() {
            count(&mut self.bodies);
        }
        if reading.has_other_arguments() {
            count(&mut self.arguments);
        }
    }
}

/// What is to be replayed.
pub(crate) struct Replay<'a, M: Model> {
    pub(crate) disk: &'a dyn Disk,
    pub(crate) segments: &'a [SurveyedSegment],
    /// Transactions that are left out.
    pub(crate) voids: &'a BTreeSet<u64>,
    pub(crate) through: Through,
    pub(crate) resolver: &'a Resolver<M>,
    pub(crate) urgency: Urgency,
    /// Where it is said how far it has come, where that is.
    pub(super) trail: Option<&'a Trail>,
}

impl<M: Model> Replay<'_, M> {
    /// Applies the transactions that lie behind `state`. `progress` is told, after each batch, how many bytes and
    /// transactions it brought.
    pub(crate) fn run(
        &self,
        state: &mut State<M>,
        progress: &mut dyn FnMut(u64, u64),
    ) -> Result<Differences, ReplayError> {
        if self.through.seq <= state.seq {
            return Ok(Differences::default());
        }
        let takes_a_thread = self.urgency.is_worth_a_thread(self.bytes_behind(state.journal))
            && !self.trail.is_some_and(Trail::is_careful);
        let mut applier = Applier {
            resolver: self.resolver,
            state,
            progress,
            applied: 0,
            trail: self.trail,
            marked: Marked::default(),
            beside: Beside::Nothing,
        };
        let ahead = if takes_a_thread { ahead::replay(self, &mut applier) } else { None };
        let replayed = ahead.unwrap_or_else(|| self.on_this_thread(&mut applier));
        if let Some(trail) = self.trail {
            trail.end();
        }
        replayed.map_err(|halt| match halt {
            Halt::Failed(error) => error,
            // Only who applies stops the reader, and then there is the reason.
            Halt::Stopped => {
                Error::Failed { reason: "a replay stopped without a reason".to_owned() }.into()
            }
        })
    }

    /// How much journal there is.
    fn bytes_behind(&self, journal: Position) -> u64 {
        let bytes = self.segments.iter().map(|SurveyedSegment { header, end, .. }| {
            let begin = if header.number == journal.segment { journal.offset } else { 0 };
            end.offset.saturating_sub(begin)
        });
        bytes.sum()
    }

    fn on_this_thread(&self, applier: &mut Applier<'_, M>) -> Result<Differences, Halt> {
        let mut outcome = Ok(());
        let read = read(self, applier.state.seq, self.trail, |portion| {
            outcome = applier.apply(portion);
            if outcome.is_ok() { Ok(()) } else { Err(Stopped) }
        });
        outcome.map_err(Halt::Failed).and(read)
    }
}
