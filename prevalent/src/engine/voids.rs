//! Which transactions are void, as far back in the journal as anybody has had to know.

use std::collections::BTreeSet;

use super::Shared;
use crate::disk::Disk;
use crate::error::Error;
use crate::format::batch::Depth;
use crate::journal::entries::{Item, SegmentContext};
use crate::journal::reader::{SegmentFile, read_header};
use crate::model::Model;

/// The voids of the newer part of the journal: an open reads no further back than its snapshot.
#[derive(Debug)]
pub(super) struct Voids {
    seqs: BTreeSet<u64>,
    /// Those of this segment and all behind it are known.
    known_from_segment: u64,
}

impl Voids {
    pub(super) fn new(seqs: BTreeSet<u64>, known_from_segment: u64) -> Self {
        Voids { seqs, known_from_segment }
    }

    pub(super) fn insert(&mut self, seq: u64) {
        self.seqs.insert(seq);
    }

    pub(super) fn contains(&self, seq: u64) -> bool {
        self.seqs.contains(&seq)
    }
}

impl<M: Model> Shared<M> {
    /// Reads the voids of the segments from this one on that are not known yet. A void may lie in a later segment than
    /// its transaction.
    ///
    /// # Errors
    ///
    /// `Pruned` where they are not there any more; `Io`, `Corrupt`: without the voids, nothing may be said of what they
    /// concern.
    pub(super) fn learn_voids_from(&self, segment: u64) -> Result<(), Error> {
        let known_from = self.voids.lock().known_from_segment;
        if segment >= known_from {
            return Ok(());
        }
        let mut found = BTreeSet::new();
        for number in segment..known_from {
            read_voids(&*self.history, number, &mut found)
                .map_err(|error| self.or_pruned(error))?;
        }
        let mut voids = self.voids.lock();
        voids.seqs.append(&mut found);
        voids.known_from_segment = segment;
        Ok(())
    }

    /// A segment that isn't there was pruned since it was looked up.
    fn or_pruned(&self, error: Error) -> Error {
        match error {
            Error::Io { source, .. } if source.kind() == std::io::ErrorKind::NotFound => {
                let oldest = self.catalog.lock().oldest_seq().unwrap_or(0);
                Error::Pruned { oldest: oldest.into() }
            }
            error => error,
        }
    }
}

/// The voids of a segment that has a successor.
fn read_voids(disk: &dyn Disk, number: u64, voids: &mut BTreeSet<u64>) -> Result<(), Error> {
    let end = read_header(disk, number + 1)?.predecessor.offset;
    let file = SegmentFile::read(disk, read_header(disk, number)?)?;
    let mut reader = file.reader(Depth::Bodies);
    let mut collect = |_: &SegmentContext, item: Item<'_>| {
        if let Item::Void { seq, .. } = item {
            voids.insert(seq);
        }
        Ok::<(), Error>(())
    };
    while reader.walk_batch(end, &mut collect)?.is_some() {}
    Ok(())
}
