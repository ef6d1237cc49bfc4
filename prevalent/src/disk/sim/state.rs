//! What is on a simulated disk: what reads see, what is durable, and what lies between.
//!
//! A [`State`] changes by [`Effect`]s only, so a history of effects leads to the state at any moment of it.

use std::collections::BTreeMap;
use std::io;
use std::ops::Range;
use std::sync::Arc;

#[cfg(feature = "testing")]
use twox_hash::XxHash3_128;

use super::super::memory::write_into;

/// What a disk writes whole or not at all.
pub(super) const SECTOR_BYTES: usize = 512;

/// A file's identity: its content belongs to this, and a name only points at it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct InodeNo(pub(super) u64);

/// Names and the files they point at.
pub(super) type Names = BTreeMap<String, InodeNo>;

/// Stands for the names and contents of all files: others have another one, as good as certainly.
#[cfg(feature = "testing")]
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Contents(u128);

/// What an operation did to the disk.
#[derive(Clone, Debug)]
pub(super) enum Effect {
    Nothing,
    Entry(EntryChange),
    Write { inode: InodeNo, offset: u64, data: Vec<u8> },
    Sync { inode: InodeNo, outcome: SyncOutcome },
    SyncDir(SyncOutcome),
}

/// A change of the directory.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum EntryChange {
    Create { name: String, inode: InodeNo },
    Rename { from: String, to: String },
    Remove { name: String },
}

impl EntryChange {
    pub(super) fn apply(&self, names: &mut Names) {
        match self {
            Self::Create { name, inode } => {
                names.insert(name.clone(), *inode);
            }
            Self::Rename { from, to } => {
                if let Some(inode) = names.remove(from) {
                    names.insert(to.clone(), inode);
                }
            }
            Self::Remove { name } => {
                names.remove(name);
            }
        }
    }
}

/// What a sync did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum SyncOutcome {
    /// All is durable.
    Durable,
    /// It failed. The system counts the data as written, so it never tries again; whether it is durable nobody knows.
    Unknown,
    /// It failed, and the system forgot the data.
    Lost,
}

#[derive(Clone, Debug, Default)]
pub(super) struct State {
    /// The directory as it is seen.
    pub(super) names: Names,
    /// The directory as it is certainly after a crash.
    durable_names: Names,
    /// What leads from `durable_names` to `names`.
    pub(super) entry_changes: Vec<EntryChange>,
    /// Whether there was a change since the last attempt to sync the directory.
    entries_dirty: bool,
    /// Shared with the other states of one history as long as a file is unchanged.
    pub(super) inodes: BTreeMap<InodeNo, Arc<Inode>>,
    next_inode: u64,
}

impl State {
    pub(super) fn new_inode(&self) -> InodeNo {
        InodeNo(self.next_inode)
    }

    pub(super) fn inode_of(&self, name: &str) -> Option<&Inode> {
        self.inodes.get(self.names.get(name)?).map(|inode| &**inode)
    }

    /// # Errors
    ///
    /// Where a file would grow too large; then nothing is changed.
    pub(super) fn apply(&mut self, effect: &Effect) -> io::Result<()> {
        match effect {
            Effect::Nothing => {}
            Effect::Entry(change) => {
                if let EntryChange::Create { inode, .. } = change {
                    self.inodes.insert(*inode, Arc::default());
                    self.next_inode = inode.0 + 1;
                }
                change.apply(&mut self.names);
                self.entry_changes.push(change.clone());
                self.entries_dirty = true;
            }
            Effect::Write { inode, offset, data } => {
                if let Some(inode) = self.inodes.get_mut(inode) {
                    Arc::make_mut(inode).write(*offset, data)?;
                }
            }
            Effect::Sync { inode, outcome } => {
                if let Some(inode) = self.inodes.get_mut(inode) {
                    Arc::make_mut(inode).sync(*outcome);
                }
            }
            Effect::SyncDir(outcome) => {
                if *outcome == SyncOutcome::Durable && self.entries_dirty {
                    self.durable_names.clone_from(&self.names);
                    self.entry_changes.clear();
                }
                self.entries_dirty = false;
            }
        }
        Ok(())
    }

    /// The directory after a crash that kept this many of the changes: a journalling file system keeps them in order.
    pub(super) fn names_after_crash(&self, changes_kept: usize) -> Names {
        let mut names = self.durable_names.clone();
        for change in &self.entry_changes[..changes_kept] {
            change.apply(&mut names);
        }
        names
    }

    /// Stands for all that is seen.
    #[cfg(feature = "testing")]
    pub(super) fn contents(&self) -> Contents {
        let mut hasher = XxHash3_128::new();
        for (name, inode) in &self.names {
            let seen = self.inodes.get(inode).map_or(&[][..], |inode| &inode.seen);
            for bytes in [name.as_bytes(), seen] {
                hasher.write(&bytes.len().to_le_bytes());
                hasher.write(bytes);
            }
        }
        Contents(hasher.finish_128())
    }

    /// A disk with these files and nothing that could still be lost.
    pub(super) fn durable(names: Names, inodes: BTreeMap<InodeNo, Arc<Inode>>) -> Self {
        let next_inode = inodes.keys().next_back().map_or(0, |last| last.0 + 1);
        Self { durable_names: names.clone(), names, inodes, next_inode, ..Self::default() }
    }

    /// What is seen now, with nothing that could still be lost. Files without a name stay for their open handles.
    pub(super) fn settled(&self) -> Self {
        let settle = |inode: &Arc<Inode>| {
            if inode.is_open() {
                Arc::new(Inode::durable(inode.seen.clone()))
            } else {
                Arc::clone(inode)
            }
        };
        let inodes = self.inodes.iter().map(|(&no, inode)| (no, settle(inode))).collect();
        Self::durable(self.names.clone(), inodes)
    }
}

#[derive(Clone, Debug, Default)]
pub(super) struct Inode {
    /// What reads see.
    pub(super) seen: Vec<u8>,
    /// What is certainly on the medium; behind its end are zeros. It may be longer than the durable length.
    medium: Vec<u8>,
    pub(super) durable_len: usize,
    /// Whether the length changed since the last attempt to sync.
    len_dirty: bool,
    /// What may or may not be on the medium, by sector.
    pub(super) unsynced: BTreeMap<usize, UnsyncedSector>,
}

/// A sector that was written since it was last synced.
#[derive(Clone, Debug, Default)]
pub(super) struct UnsyncedSector {
    /// What was written, in order: the medium may hold the sector as it was after any of these.
    pub(super) patches: Vec<Patch>,
    /// Whether there was a write since the last attempt to sync. Where there was none, that attempt failed, and the
    /// next one does nothing for this sector.
    dirty: bool,
}

/// The part of a write that falls into one sector.
#[derive(Clone, Debug)]
pub(super) struct Patch {
    /// Where in the file.
    pub(super) start: usize,
    pub(super) data: Vec<u8>,
}

impl Patch {
    pub(super) fn range(&self) -> Range<usize> {
        self.start..self.start + self.data.len()
    }
}

impl Inode {
    fn write(&mut self, offset: u64, data: &[u8]) -> io::Result<()> {
        let len_before = self.seen.len();
        write_into(&mut self.seen, offset, data)?;
        self.len_dirty |= self.seen.len() != len_before;
        // It fits: `write_into` would have refused.
        let mut start = usize::try_from(offset).unwrap_or(usize::MAX);
        let mut rest = data;
        while !rest.is_empty() {
            let (piece, behind) =
                rest.split_at(rest.len().min(SECTOR_BYTES - start % SECTOR_BYTES));
            let sector = self.unsynced.entry(start / SECTOR_BYTES).or_default();
            sector.patches.push(Patch { start, data: piece.to_vec() });
            sector.dirty = true;
            start += piece.len();
            rest = behind;
        }
        Ok(())
    }

    fn sync(&mut self, outcome: SyncOutcome) {
        match outcome {
            SyncOutcome::Durable => {
                for (_, sector) in self.unsynced.extract_if(.., |_, sector| sector.dirty) {
                    for patch in sector.patches {
                        if self.medium.len() < patch.range().end {
                            self.medium.resize(patch.range().end, 0);
                        }
                        self.medium[patch.range()].copy_from_slice(&patch.data);
                    }
                }
                if self.len_dirty {
                    self.durable_len = self.seen.len();
                }
            }
            SyncOutcome::Unknown => {
                for sector in self.unsynced.values_mut() {
                    sector.dirty = false;
                }
            }
            SyncOutcome::Lost => {
                for (_, sector) in self.unsynced.extract_if(.., |_, sector| sector.dirty) {
                    for patch in sector.patches {
                        let old = zero_extended(&self.medium, patch.range());
                        self.seen[patch.range()].copy_from_slice(&old);
                    }
                }
            }
        }
        self.len_dirty = false;
    }

    /// Whether the length after a crash is open.
    pub(super) fn len_is_open(&self) -> bool {
        self.durable_len != self.seen.len()
    }

    /// Whether a crash may leave anything but what is seen.
    pub(super) fn is_open(&self) -> bool {
        self.len_is_open() || !self.unsynced.is_empty()
    }

    /// What is certainly on the medium, as far as `len`.
    pub(super) fn medium(&self, len: usize) -> Vec<u8> {
        zero_extended(&self.medium, 0..len)
    }

    /// A file that is durable as it is.
    pub(super) fn durable(content: Vec<u8>) -> Self {
        Self {
            durable_len: content.len(),
            medium: content.clone(),
            seen: content,
            ..Self::default()
        }
    }
}

/// Part of a content behind whose end there are zeros.
fn zero_extended(content: &[u8], range: Range<usize>) -> Vec<u8> {
    let there = content.get(range.start..content.len().min(range.end)).unwrap_or(&[]);
    let mut bytes = there.to_vec();
    bytes.resize(range.len(), 0);
    bytes
}
