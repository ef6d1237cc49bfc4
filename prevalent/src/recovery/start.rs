//! Where a recovery starts: the snapshot is decoded, and the journal behind it surveyed. Where both are long, each is done on
//! a thread of its own.

use super::directory::Directory;
use super::load::{Loaded, load};
use super::replay::Through;
use super::survey::{JournalEnd, Scope, Survey, survey};
use super::urgency::Urgency;
use crate::changed_bodies::ChangedBodies;
use crate::disk::Disk;
use crate::engine::thread;
use crate::error::Error;
use crate::format::Position;
use crate::format::header::SnapshotHeader;
use crate::model::Model;
use crate::resolve::Resolver;

/// What is to be loaded.
pub(super) struct Start<'a, M: Model> {
    pub(super) disk: &'a dyn Disk,
    pub(super) directory: &'a Directory,
    pub(super) resolver: &'a Resolver<M>,
    pub(super) through: Through,
    pub(super) changed_bodies: ChangedBodies,
    pub(super) end: JournalEnd,
    pub(super) urgency: Urgency,
}

/// A snapshot, and what was found behind it.
pub(super) type Started<M> = (Loaded<M>, Result<Survey, Error>);

impl<M: Model> Start<'_, M> {
    /// The newest good snapshot, and what the journal holds behind it. What is wrong with the snapshot comes first.
    pub(super) fn start(&self) -> Result<Started<M>, Error> {
        match self.expected() {
            Some(expected) if self.urgency.is_worth_a_thread(self.bytes_beside(expected)) => {
                self.start_beside(expected)
            }
            _ => self.load().map(|loaded| {
                let survey = self.survey_behind(&loaded);
                (loaded, survey)
            }),
        }
    }

    /// On two threads. Where it is another snapshot in the end, the survey was in vain.
    fn start_beside(&self, expected: &SnapshotHeader) -> Result<Started<M>, Error> {
        std::thread::scope(|scope| {
            let surveyor = thread::beside(scope, "prevalent-survey", || {
                self.survey(expected.seq, expected.journal)
            });
            let loaded = self.load();
            let surveyed = surveyor.map(thread::join);
            let loaded = loaded?;
            let is_expected =
                (loaded.snapshot_seq, loaded.position) == (expected.seq, expected.journal);
            let surveyed = surveyed.filter(|_| is_expected);
            let survey = surveyed.unwrap_or_else(|| self.survey_behind(&loaded));
            Ok((loaded, survey))
        })
    }

    fn load(&self) -> Result<Loaded<M>, Error> {
        load(self.disk, self.directory, self.resolver, self.through)
    }

    fn survey_behind(&self, loaded: &Loaded<M>) -> Result<Survey, Error> {
        self.survey(loaded.snapshot_seq, loaded.position)
    }

    fn survey(&self, snapshot_seq: u64, snapshot_position: Position) -> Result<Survey, Error> {
        let scope = Scope {
            snapshot_seq,
            snapshot_position,
            model: M::NAME,
            judge: self.resolver,
            changed_bodies: self.changed_bodies,
            end: self.end,
            kept_bytes_max: self.urgency.kept_bytes_max(),
        };
        survey(self.disk, self.directory, scope)
    }

    /// The snapshot that will be loaded, if it can be.
    fn expected(&self) -> Option<&SnapshotHeader> {
        let mut headers = self.directory.snapshot_headers().rev();
        headers.find(|header| self.through.includes(header.seq, header.time_us))
    }

    /// How much there is on the shorter of the two sides: so much can be done beside the other.
    fn bytes_beside(&self, snapshot: &SnapshotHeader) -> u64 {
        let segments = self.directory.segments.range(snapshot.journal.segment..);
        let journal_bytes = segments.map(|(_, found)| found.bytes).sum();
        snapshot.body_bytes.min(journal_bytes)
    }
}
