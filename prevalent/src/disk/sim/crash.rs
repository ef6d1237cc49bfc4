//! What a power cut may leave: every mixture of what was synced and what was not.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

#[cfg(feature = "testing")]
use twox_hash::XxHash3_128;

use super::plan::{Plan, Random};
use super::state::{Inode, InodeNo, Names, SECTOR_BYTES, State, UnsyncedSector};

/// What may become of a sector that was written and not synced.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Loss {
    /// It holds what was synced last, or what it held after any of the writes since.
    KeepOrDrop,
    /// The same, or garbage in the bytes that were written. Synced bytes in the same sector stay: no store can live
    /// with a disk that harms what it was not asked to write.
    KeepDropOrGarbage,
}

/// Stands for the set of things that a crash at one point has kept: two images with the same one count once.
#[cfg(feature = "testing")]
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Kept(u128);

/// A crash at one point of a history.
#[derive(Debug)]
pub(super) struct Crash {
    /// How many operations were done.
    pub(super) point: usize,
    pub(super) loss: Loss,
    /// What is left to chance: one for each choice of directory changes that are kept, from none to all.
    pub(super) outlooks: Vec<Outlook>,
}

/// What is left to chance once it is settled which changes of the directory are kept.
#[derive(Debug)]
pub(super) struct Outlook {
    /// Of each change of the directory whether it is kept.
    kept: Vec<bool>,
    names: Names,
    inodes: BTreeMap<InodeNo, Arc<Inode>>,
    pub(super) open: Vec<OpenFile>,
}

/// A file that may come out in different ways.
///
/// What becomes of it is written as digits: the first for its length (see [`Length`]), then one for each unsynced
/// sector: 0 for dropped, `n` for kept as it was after `n` writes, and one more than there are writes for garbage.
#[derive(Debug)]
pub(super) struct OpenFile {
    name: String,
    no: InodeNo,
    inode: Arc<Inode>,
}

/// The length of a file after a crash.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Length {
    /// As it was synced last: what was written behind it is out of reach.
    Durable,
    /// The end of the last sector that was kept, where that lies behind what was synced.
    Kept,
    /// As it was last seen: what is missing before it reads as zeros.
    Written,
}

impl Length {
    const ALL: [Self; 3] = [Self::Durable, Self::Kept, Self::Written];
}

/// What becomes of an unsynced sector.
enum Fate {
    Dropped,
    Kept { writes: usize },
    Garbage,
}

impl Fate {
    fn of(digit: usize, sector: &UnsyncedSector) -> Self {
        match digit {
            0 => Self::Dropped,
            writes if writes <= sector.patches.len() => Self::Kept { writes },
            _ => Self::Garbage,
        }
    }
}

impl Crash {
    pub(super) fn new(state: &State, point: usize, loss: Loss) -> Self {
        let outlooks = state.keepings().into_iter().map(|kept| Outlook::new(state, kept)).collect();
        Self { point, loss, outlooks }
    }

    pub(super) fn image(&self, plan: &Plan) -> State {
        let outlook = &self.outlooks[plan.outlook];
        let mut inodes = outlook.inodes.clone();
        for (file, digits) in outlook.split(&plan.digits) {
            inodes.insert(file.no, Arc::new(Inode::durable(file.content(digits))));
        }
        State::durable(outlook.names.clone(), inodes)
    }

    /// What a plan keeps: changes of the directory, and sectors (which of the writes to each). Lengths don't count, and garbage
    /// is not kept.
    #[cfg(feature = "testing")]
    pub(super) fn kept(&self, plan: &Plan) -> Kept {
        let mut hasher = XxHash3_128::new();
        hasher.write(&plan.outlook.to_le_bytes());
        for (file, digits) in self.outlooks[plan.outlook].split(&plan.digits) {
            for (sector, &digit) in file.inode.unsynced.values().zip(&digits[1..]) {
                let kept = match Fate::of(digit, sector) {
                    Fate::Dropped | Fate::Garbage => 0,
                    Fate::Kept { writes } => writes,
                };
                hasher.write(&kept.to_le_bytes());
            }
        }
        Kept(hasher.finish_128())
    }

    /// Tells what a plan keeps.
    pub(super) fn describe(&self, plan: &Plan, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let kept = &self.outlooks[plan.outlook].kept;
        let count = kept.iter().filter(|kept| **kept).count();
        write!(f, "directory changes kept: {count} of {}", kept.len())?;
        if kept[..count].contains(&false) {
            let places = kept.iter().enumerate().filter(|(_, kept)| **kept);
            write!(f, " ({:?})", places.map(|(place, _)| place).collect::<Vec<_>>())?;
        }
        for (file, digits) in self.outlooks[plan.outlook].split(&plan.digits) {
            write!(f, "; `{}`", file.name)?;
            if file.inode.len_is_open() {
                let length = match Length::ALL[digits[0]] {
                    Length::Durable => "as synced",
                    Length::Kept => "up to what is kept",
                    Length::Written => "as written",
                };
                write!(f, ", length {length}")?;
            }
            for ((number, sector), &digit) in file.inode.unsynced.iter().zip(&digits[1..]) {
                match Fate::of(digit, sector) {
                    Fate::Dropped => write!(f, ", sector {number} dropped")?,
                    Fate::Garbage => write!(f, ", sector {number} garbage")?,
                    Fate::Kept { writes } => {
                        let of = sector.patches.len();
                        write!(f, ", sector {number} kept ({writes} of {of} writes)")?;
                    }
                }
            }
        }
        Ok(())
    }
}

impl Outlook {
    fn new(state: &State, kept: Vec<bool>) -> Self {
        let names = state.names_after_crash(&kept);
        let mut inodes = BTreeMap::new();
        let mut open = Vec::new();
        for (name, &no) in &names {
            if let Some(inode) = state.inodes.get(&no) {
                inodes.insert(no, Arc::clone(inode));
                if inode.is_open() {
                    open.push(OpenFile { name: name.clone(), no, inode: Arc::clone(inode) });
                }
            }
        }
        Self { kept, names, inodes, open }
    }

    /// Each open file with its digits.
    fn split<'a>(
        &'a self,
        mut digits: &'a [usize],
    ) -> impl Iterator<Item = (&'a OpenFile, &'a [usize])> {
        self.open.iter().map(move |file| {
            let (own, others) = digits.split_at(1 + file.inode.unsynced.len());
            digits = others;
            (file, own)
        })
    }
}

impl OpenFile {
    /// How many values each digit has.
    pub(super) fn bases(&self, loss: Loss) -> impl Iterator<Item = usize> {
        let lengths = if self.inode.len_is_open() { Length::ALL.len() } else { 1 };
        let garbage = usize::from(loss == Loss::KeepDropOrGarbage);
        let sectors = self.inode.unsynced.values();
        std::iter::once(lengths).chain(sectors.map(move |s| s.patches.len() + 1 + garbage))
    }

    /// The digits that keep everything.
    pub(super) fn all_kept(&self) -> impl Iterator<Item = usize> {
        let sectors = self.inode.unsynced.values();
        std::iter::once(self.length(Length::Written)).chain(sectors.map(|s| s.patches.len()))
    }

    /// The digits that keep no sector, with a length that follows when one is.
    pub(super) fn none_kept(&self) -> impl Iterator<Item = usize> {
        let sectors = self.inode.unsynced.keys();
        std::iter::once(self.length(Length::Kept)).chain(sectors.map(|_| 0))
    }

    /// The digit for a length; where it is the same in all images there is but one.
    fn length(&self, length: Length) -> usize {
        if self.inode.len_is_open() { length as usize } else { 0 }
    }

    /// Turns digits that lead to the same file into the same digits.
    pub(super) fn make_canonical(&self, digits: &mut [usize]) {
        if !self.inode.len_is_open() {
            return;
        }
        if digits[0] == Length::Kept as usize {
            let end = self.end_of_kept(digits);
            if end <= self.inode.durable_len {
                digits[0] = Length::Durable as usize;
            } else if end == self.inode.seen.len() {
                digits[0] = Length::Written as usize;
            }
        }
        if digits[0] == Length::Durable as usize {
            for (&sector, digit) in self.inode.unsynced.keys().zip(&mut digits[1..]) {
                if sector * SECTOR_BYTES >= self.inode.durable_len {
                    *digit = 0;
                }
            }
        }
    }

    fn end_of_kept(&self, digits: &[usize]) -> usize {
        let sectors = self.inode.unsynced.values().zip(&digits[1..]);
        let kept = sectors.flat_map(|(sector, &digit)| match Fate::of(digit, sector) {
            Fate::Dropped => &[],
            Fate::Kept { writes } => &sector.patches[..writes],
            Fate::Garbage => &sector.patches[..],
        });
        kept.map(|patch| patch.range().end).max().unwrap_or(0)
    }

    fn content(&self, digits: &[usize]) -> Vec<u8> {
        let mut content = self.inode.medium(self.inode.seen.len());
        for ((&number, sector), &digit) in self.inode.unsynced.iter().zip(&digits[1..]) {
            match Fate::of(digit, sector) {
                Fate::Dropped => {}
                Fate::Kept { writes } => {
                    for patch in &sector.patches[..writes] {
                        content[patch.range()].copy_from_slice(&patch.data);
                    }
                }
                Fate::Garbage => {
                    let mut random = Random::new(number as u64 ^ (self.no.0 << 32));
                    for patch in &sector.patches {
                        content[patch.range()].fill_with(|| random.byte());
                    }
                }
            }
        }
        content.truncate(match Length::ALL[digits[0]] {
            Length::Durable => self.inode.durable_len,
            Length::Kept => self.end_of_kept(digits),
            Length::Written => self.inode.seen.len(),
        });
        content
    }
}
