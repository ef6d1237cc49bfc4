//! What is on a simulated disk: what reads see, what is durable, and what lies between.
//!
//! A [`State`] changes by [`Effect`]s only, so a history of effects leads to the state at any moment of it.

use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::ops::Range;
use std::sync::Arc;

#[cfg(feature = "testing")]
use twox_hash::XxHash3_128;

use super::super::memory::write_into;

/// What a disk writes whole or not at all.
pub(super) const SECTOR_BYTES: usize = 512;

/// So many changes of several directories are kept and dropped in each combination; of more, each alone, and the first and
/// last few.
const COMBINED_MAX: usize = 4;

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
    SyncDir { directory: String, outcome: SyncOutcome },
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

    /// The directories that it touches.
    fn directories(&self) -> BTreeSet<String> {
        let names = match self {
            Self::Create { name, .. } | Self::Remove { name } => [name, name],
            Self::Rename { from, to } => [from, to],
        };
        names.map(|name| directory_of(name).to_owned()).into()
    }
}

/// The directory that a file lies in, or a directory (`a/`); an empty name where it is the only one.
fn directory_of(name: &str) -> &str {
    name.trim_end_matches('/').rsplit_once('/').map_or("", |(directory, _)| directory)
}

/// A change of the directory that a crash may undo.
#[derive(Clone, Debug)]
pub(super) struct OpenChange {
    change: EntryChange,
    /// The directories that it touches and that were not synced since. Where none is left, it waits for changes before it.
    unsynced: BTreeSet<String>,
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
    entry_changes: Vec<OpenChange>,
    /// Directories in which there was a change since the last attempt to sync them.
    dirty: BTreeSet<String>,
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
                let directories = change.directories();
                self.dirty.extend(directories.iter().cloned());
                self.entry_changes
                    .push(OpenChange { change: change.clone(), unsynced: directories });
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
            Effect::SyncDir { directory, outcome } => {
                // Where nothing has changed since, a sync does nothing.
                if self.dirty.remove(directory) && *outcome == SyncOutcome::Durable {
                    self.settle_changes_of(directory);
                }
            }
        }
        Ok(())
    }

    fn settle_changes_of(&mut self, directory: &str) {
        for open in &mut self.entry_changes {
            open.unsynced.remove(directory);
        }
        let settled = self.entry_changes.iter().take_while(|open| open.unsynced.is_empty()).count();
        for open in self.entry_changes.drain(..settled) {
            open.change.apply(&mut self.durable_names);
        }
    }

    /// Which changes of directories a crash may keep, each with a flag. A journalling file system keeps those of one directory
    /// in order. Of several directories it may be any.
    pub(super) fn keepings(&self) -> Vec<Vec<bool>> {
        let count = self.entry_changes.len();
        let first = |kept| (0..count).map(|place| place < kept).collect();
        let has_directories = self.names.keys().any(|name| name.contains('/'));
        if !has_directories {
            return (0..=count).map(first).collect();
        }
        let open = |place: usize| !self.entry_changes[place].unsynced.is_empty();
        let places: Vec<usize> = (0..count).filter(|&place| open(place)).collect();
        let mut keepings: Vec<Vec<bool>> = Vec::new();
        let mut keep = |is_kept: &dyn Fn(usize) -> bool| {
            keepings.push((0..count).map(|place| !open(place) || is_kept(place)).collect());
        };
        if places.len() <= COMBINED_MAX {
            for kept in 0_usize..1 << places.len() {
                keep(&|place| {
                    places
                        .iter()
                        .position(|&it| it == place)
                        .is_some_and(|bit| kept >> bit & 1 == 1)
                });
            }
        } else {
            keep(&|_| false);
            for &one in &places {
                keep(&|place| place == one);
                keep(&|place| place != one);
                keep(&|place| place < one);
                keep(&|place| place > one);
            }
            keep(&|_| true);
        }
        keepings
    }

    /// The directory after a crash that kept these of the changes.
    pub(super) fn names_after_crash(&self, kept: &[bool]) -> Names {
        let mut names = self.durable_names.clone();
        for (open, _) in self.entry_changes.iter().zip(kept).filter(|(_, kept)| **kept) {
            open.change.apply(&mut names);
        }
        let directories: BTreeSet<String> =
            names.keys().filter_map(|name| name.strip_suffix('/')).map(str::to_owned).collect();
        // Without its directory, nothing is found.
        names.retain(|name, _| {
            let directory = directory_of(name);
            directory.is_empty() || directories.contains(directory)
        });
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
