//! What a replay leaves in the lock file, for the open after one that ended with its process: where it was.
//!
//! A mark costs a call of the operating system, which is nothing to a thousand transactions and more than one of them. So
//! those of a [portion](super::replay) have a mark in common; transactions that are more likely than others to end a process
//! have one each: the newest, which perhaps were never applied before, and those of a stretch in which a replay has ended.
//! Only an open marks: it alone has the lock, and a replay before everybody else's.
//!
//! Nothing depends on it: what can't be written or read is as if it were not there.

use std::collections::BTreeSet;
use std::ops::RangeInclusive;
use std::sync::Arc;

use super::named::name_of;
use super::replay::STEPS_UNDER_WAY_MAX;
use super::survey::Survey;
use crate::disk::transfer::{read_prefix, write_all_at};
use crate::disk::{Disk, DiskFile};
use crate::error::{Error, ReplayEnd};
use crate::format::Position;
use crate::format::trail::{Stage, TRAIL_BYTES, TrailMark};

/// So many of the newest transactions have a mark each.
const NEWEST: u64 = 64;

/// Those that perhaps were never applied before have one, too, but no more than this.
const NEWEST_MAX: u64 = 1024;

/// Why a transaction is void that was given up after it had ended a process.
const REASON: &str = "the process ended while it was replayed";

/// The marks of one replay.
#[derive(Debug)]
pub(super) struct Trail {
    /// The lock file, where what is written to it outlives the process.
    file: Option<Arc<dyn DiskFile>>,
    journal: Position,
    /// Through this transaction the journal is replayed.
    through: u64,
    /// Transactions that have a mark each.
    alone: Vec<RangeInclusive<u64>>,
    /// Where an earlier replay of this journal has ended with its process.
    ended: Option<TrailMark>,
    /// It must be known which transaction is decoded, too.
    is_careful: bool,
}

/// What goes on beside what is marked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Beside {
    Nothing,
    /// Later transactions are decoded: if the process ends, that may be why.
    Decoding,
}

/// What a side of a replay has marked last.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Marked {
    #[default]
    Nothing,
    Stretch,
    Transaction,
}

impl Trail {
    /// Looks at what an earlier replay has left, and begins another one, of what was surveyed behind a snapshot. `suspects`
    /// have a mark each.
    pub(super) fn pick_up(
        disk: &dyn Disk,
        survey: &Survey,
        snapshot_seq: u64,
        suspects: &BTreeSet<u64>,
    ) -> Self {
        let (journal, through) = (survey.end, survey.next_seq - 1);
        let file = disk.lock_file().unwrap_or_else(|error| {
            tracing::debug!(%error, "the lock file can't say where the replay is");
            None
        });
        let left = file.as_ref().and_then(|file| read_prefix(&**file, TRAIL_BYTES).ok());
        // A replay changes nothing before it has ended: the journal is the same then, to the last byte.
        let ended = left
            .and_then(|bytes| TrailMark::decode(&bytes))
            .filter(|mark| mark.journal == journal)
            .filter(|mark| snapshot_seq < mark.first && mark.last <= through)
            .filter(|mark| !(mark.first..=mark.last).all(|seq| survey.voids.contains(&seq)));
        let unproven = (survey.applied_through + 1).min((through + 1).saturating_sub(NEWEST));
        let newest = unproven.max((through + 1).saturating_sub(NEWEST_MAX));
        let mut alone = vec![newest..=through];
        alone.extend(ended.iter().map(|mark| mark.first..=mark.last));
        alone.extend(suspects.iter().map(|&seq| seq..=seq));
        let is_careful = ended.is_some() || !suspects.is_empty();
        Trail { file, journal, through, alone, ended, is_careful }
    }

    /// Whether each transaction must be decoded only when the one before it has been applied.
    pub(super) fn is_careful(&self) -> bool {
        self.is_careful
    }

    /// The transaction that has ended the process of an earlier replay, and why it is void, if it is one of those that are given
    /// up. If not, and nobody has been told yet, that is the error: the next open tries again.
    pub(super) fn judge(
        &self,
        disk: &dyn Disk,
        survey: &Survey,
        given_up: &BTreeSet<u64>,
    ) -> Result<Option<(u64, String)>, Error> {
        let Some(mark) = self.ended else { return Ok(None) };
        let seq = mark.first;
        if mark.last > seq {
            tracing::warn!(
                first_seq = seq,
                last_seq = mark.last,
                "the process ended while one of these transactions was replayed; if it does so again, the next open will name it"
            );
            return Ok(None);
        }
        if given_up.contains(&seq) {
            return Ok(Some((seq, REASON.to_owned())));
        }
        if mark.stage == Stage::Told {
            return Ok(None);
        }
        self.write(&TrailMark { stage: Stage::Told, ..mark });
        Err(Error::ReplayPanicked {
            seq: seq.into(),
            tx: name_of(disk, &survey.segments, seq).unwrap_or_default(),
            acknowledged: survey.applied_through >= seq,
            message: "the process ended".to_owned(),
            end: ReplayEnd::Process,
        })
    }

    /// Said before this transaction is decoded or applied.
    #[inline]
    pub(super) fn reach(&self, seq: u64, beside: Beside, marked: &mut Marked) {
        if beside == Beside::Nothing && self.alone.iter().any(|alone| alone.contains(&seq)) {
            self.replaying(seq, seq);
            *marked = Marked::Transaction;
        } else if *marked != Marked::Stretch {
            self.stretch(seq);
            *marked = Marked::Stretch;
        }
    }

    /// Said when this transaction is done, and something else comes first than the next one.
    pub(super) fn pass(&self, seq: u64, marked: &mut Marked) {
        if std::mem::take(marked) == Marked::Transaction {
            if seq < self.through { self.stretch(seq + 1) } else { self.end() }
        }
    }

    /// Said when the replay has come to an end, whichever it is.
    pub(super) fn end(&self) {
        self.put(&[0; TRAIL_BYTES]);
    }

    /// It is this transaction, or one not far behind it.
    fn stretch(&self, seq: u64) {
        self.replaying(seq, seq.saturating_add(STEPS_UNDER_WAY_MAX).min(self.through.max(seq)));
    }

    fn replaying(&self, first: u64, last: u64) {
        self.write(&TrailMark { stage: Stage::Replaying, journal: self.journal, first, last });
    }

    fn write(&self, mark: &TrailMark) {
        self.put(&mark.encode());
    }

    fn put(&self, bytes: &[u8]) {
        if let Some(file) = &self.file {
            // It need not outlive the system, and so there is no sync.
            let _ = write_all_at(&**file, 0, bytes);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::disk::sim::SimDisk;

    #[test]
    fn a_mark_of_several_transactions_ends_with_the_journal_or_with_what_may_be_under_way() {
        let disk = SimDisk::new();
        let file = disk.create("LOCK").unwrap();
        for (through, last) in [(3, 3), (9, 9), (u64::MAX, 3 + STEPS_UNDER_WAY_MAX)] {
            let trail = Trail {
                file: Some(file.clone()),
                journal: Position::default(),
                through,
                alone: Vec::new(),
                ended: None,
                is_careful: false,
            };
            trail.reach(3, Beside::Nothing, &mut Marked::default());
            let mark = TrailMark::decode(&disk.file("LOCK").unwrap()).unwrap();
            assert_eq!((mark.first, mark.last), (3, last));
        }
    }
}
