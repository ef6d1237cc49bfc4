//! Which segments and snapshots there are.

use std::collections::BTreeMap;

use crate::error::Error;
use crate::format::Position;
use crate::format::header::SnapshotHeader;
use crate::recovery::directory::Directory;

/// The files of a store that is open. Only its owner changes them, so that they need not be listed again.
#[derive(Debug, Default)]
pub(crate) struct Catalog {
    segments: BTreeMap<u64, SegmentEntry>,
    /// The first sequence number of each segment in the archive that the store's own ones follow without a gap.
    archived: BTreeMap<u64, u64>,
    snapshots: BTreeMap<u64, SnapshotEntry>,
    /// Snapshots that could not be read: nothing counts on them, and they go with the next pruning.
    unreadable_snapshots: Vec<u64>,
}

#[derive(Clone, Copy, Debug)]
struct SegmentEntry {
    /// Unknown where the header of a segment that isn't needed is damaged.
    first_seq: Option<u64>,
    /// Up to its end. The file may be longer.
    bytes: u64,
}

/// A good snapshot.
#[derive(Clone, Copy, Debug)]
pub(crate) struct SnapshotEntry {
    pub(crate) header: SnapshotHeader,
    pub(crate) bytes: u64,
}

/// What nothing needs any more.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Prunable {
    pub(crate) snapshots: Vec<u64>,
    /// Oldest first.
    pub(crate) segments: Vec<u64>,
}

impl Catalog {
    /// The journal ends at `end`; `unreadable` are snapshots whose damage doesn't show in their headers.
    pub(crate) fn new(
        directory: &Directory,
        end: Position,
        unreadable: &BTreeMap<u64, Error>,
    ) -> Catalog {
        let mut catalog = Catalog::default();
        let successors = directory.segments.values().filter_map(|found| found.header.as_ref().ok());
        // Not the lengths of the files, which have zeros at their ends.
        let ends: BTreeMap<u64, u64> = successors
            .map(|successor| successor.predecessor)
            .chain([end])
            .map(|end| (end.segment, end.offset))
            .collect();
        for (&number, found) in &directory.segments {
            let first_seq = found.header.as_ref().ok().map(|header| header.first_seq);
            let bytes = ends.get(&number).copied().unwrap_or(found.bytes);
            catalog.segments.insert(number, SegmentEntry { first_seq, bytes });
        }
        for (&seq, found) in &directory.snapshots {
            match &found.header {
                Ok(header) if !unreadable.contains_key(&seq) => {
                    catalog.add_snapshot(*header, found.bytes);
                }
                _ => catalog.unreadable_snapshots.push(seq),
            }
        }
        catalog
    }

    /// Takes in what an archive holds, as far as nothing is missing between it and the store.
    pub(crate) fn add_archive(&mut self, archive: &Directory) {
        let Some((&oldest, _)) = self.segments.first_key_value() else { return };
        for (&number, found) in archive.segments.range(..oldest).rev() {
            let next = self.archived.first_key_value().map_or(oldest, |(&number, _)| number);
            match &found.header {
                Ok(header) if number + 1 == next => {
                    self.archived.insert(number, header.first_seq);
                }
                _ => return,
            }
        }
    }

    pub(crate) fn add_segment(&mut self, number: u64, first_seq: u64, bytes: u64) {
        self.segments.insert(number, SegmentEntry { first_seq: Some(first_seq), bytes });
    }

    pub(crate) fn set_segment_bytes(&mut self, number: u64, bytes: u64) {
        if let Some(entry) = self.segments.get_mut(&number) {
            entry.bytes = bytes;
        }
    }

    pub(crate) fn add_snapshot(&mut self, header: SnapshotHeader, bytes: u64) {
        // It may have taken the place of one that could not be read.
        self.unreadable_snapshots.retain(|&unreadable| unreadable != header.seq);
        self.snapshots.insert(header.seq, SnapshotEntry { header, bytes });
    }

    /// It was found to be unreadable.
    pub(crate) fn add_unreadable_snapshot(&mut self, seq: u64) {
        self.snapshots.remove(&seq);
        self.add_uncertain_snapshot(seq);
    }

    /// There may be a new snapshot of this sequence number, or not, or not for long.
    pub(crate) fn add_uncertain_snapshot(&mut self, seq: u64) {
        if !self.snapshots.contains_key(&seq) && !self.unreadable_snapshots.contains(&seq) {
            self.unreadable_snapshots.push(seq);
        }
    }

    pub(crate) fn newest_snapshot(&self) -> Option<SnapshotEntry> {
        self.snapshots.last_key_value().map(|(_, entry)| *entry)
    }

    /// Of all good ones, newest first.
    pub(crate) fn snapshot_headers(&self) -> Vec<SnapshotHeader> {
        self.snapshots.values().rev().map(|entry| entry.header).collect()
    }

    pub(crate) fn segment_count(&self) -> usize {
        self.segments.len()
    }

    pub(crate) fn journal_bytes(&self) -> u64 {
        self.segments.values().map(|entry| entry.bytes).sum()
    }

    /// The segments that may hold `seq` or later ones, and the first sequence number that they are known to hold;
    /// `None` where `seq` is older than all that is there.
    pub(crate) fn segment_of(&self, seq: u64) -> Option<u64> {
        let segments = self.segments.iter().map(|(&number, entry)| (number, entry.first_seq));
        let archived = self.archived.iter().map(|(&number, &first_seq)| (number, Some(first_seq)));
        let mut newest_first = segments.rev().chain(archived.rev());
        let found = newest_first.find(|(_, first)| first.is_some_and(|first| first <= seq));
        found.map(|(number, _)| number)
    }

    /// The oldest sequence number that is in the journal or its archive, where there is any journal.
    pub(crate) fn oldest_seq(&self) -> Option<u64> {
        let archived = self.archived.first_key_value().map(|(_, &first_seq)| first_seq);
        archived.or_else(|| self.oldest_seq_of_its_own())
    }

    fn oldest_seq_of_its_own(&self) -> Option<u64> {
        self.segments.values().find_map(|entry| entry.first_seq)
    }

    /// What is there beyond the newest `keep` snapshots and the journal from the oldest of these on.
    pub(crate) fn prunable(&self, keep: usize) -> Prunable {
        let mut kept = self.snapshots.values().rev().take(keep);
        let Some(oldest_segment) = kept.by_ref().map(|entry| entry.header.journal.segment).min()
        else {
            return Prunable::default();
        };
        let old = self.snapshots.keys().rev().skip(keep).copied();
        Prunable {
            snapshots: self.unreadable_snapshots.iter().copied().chain(old).collect(),
            segments: self.segments.range(..oldest_segment).map(|(&number, _)| number).collect(),
        }
    }

    pub(crate) fn forget_snapshot(&mut self, seq: u64) {
        self.snapshots.remove(&seq);
        self.unreadable_snapshots.retain(|&unreadable| unreadable != seq);
    }

    pub(crate) fn forget_segment(&mut self, number: u64) {
        self.segments.remove(&number);
    }

    /// The segment is in the archive now.
    pub(crate) fn archived_segment(&mut self, number: u64) {
        let entry = self.segments.remove(&number);
        let follows = self.archived.last_key_value().is_none_or(|(&last, _)| last + 1 == number);
        match entry.and_then(|entry| entry.first_seq) {
            Some(first_seq) if follows => {
                self.archived.insert(number, first_seq);
            }
            // What is older can't be reached any more, and what can't be read is as good as missing.
            _ => self.archived.clear(),
        }
    }
}
