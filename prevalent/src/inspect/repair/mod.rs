//! Making a store open again that doesn't, with a loss that is said before.

mod apply;
mod guard;
mod hands;
mod plan;
mod swap;
#[cfg(test)]
mod tests;

use std::path::{Path, PathBuf};
use std::time::{SystemTime, UNIX_EPOCH};

use crate::error::Error;
use crate::recovery::report::DroppedTail;
use crate::{Seq, StoreId};

/// Makes a store open again whose files are damaged (feature `inspect`).
///
/// A store refuses to open where opening it would lose what was acknowledged. Where there is no copy to go back to, this goes
/// around the damage: [`plan`](Repair::plan) says how, and what is lost; [`apply`](Repair::apply) does it. Nothing is
/// deleted.
///
/// ```
/// # use prevalent::prevalent;
/// # #[prevalent] #[derive(Default)] struct Counter { count: u64 }
/// # #[prevalent] impl Counter { #[tx] fn add(&mut self, number: u64) { self.count += number; } }
/// # fn main() -> Result<(), prevalent::Error> {
/// # let dir = tempfile::tempdir().unwrap();
/// # let dir = dir.path().join("counter");
/// use prevalent::inspect::repair;
/// # let store = CounterStore::open(&dir).wait()?;
/// # store.add(3).wait()?;
/// # store.close().wait()?;
/// # std::fs::write(dir.join("CLEAN"), "nonsense").unwrap();
///
/// assert!(CounterStore::open(&dir).wait().is_err());
/// let plan = repair(&dir).plan()?;
/// assert_eq!(plan.lost, None); // the clean mark is all that is damaged
/// repair(&dir).apply()?;
/// let store = CounterStore::open(&dir).wait()?;
/// assert_eq!(store.read(|counter| counter.count), 3);
/// # store.close().wait() }
/// ```
pub fn repair(dir: impl AsRef<Path>) -> Repair {
    Repair { dir: dir.as_ref().to_owned(), aside: None }
}

/// A [`repair`] to be planned or made.
#[derive(Clone, Debug)]
#[must_use = "nothing is done until `plan()` or `apply()`"]
pub struct Repair {
    dir: PathBuf,
    aside: Option<PathBuf>,
}

/// What a repair does: [`Repair::plan`].
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct RepairPlan {
    /// What is to be done, in this order. Nothing where the store opens.
    pub steps: Vec<RepairStep>,
    /// The last sequence number that is kept.
    pub seq: Seq,
    /// What is lost, if anything is.
    pub lost: Option<Lost>,
}

/// Transactions that a repair gives up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Lost {
    /// The first one's sequence number.
    pub first: Seq,
    /// The highest sequence number of which some file knows. There may have been more.
    pub last_known: Option<Seq>,
}

/// A step of a repair.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum RepairStep {
    /// A damaged file, without which the store opens, is moved aside.
    #[non_exhaustive]
    SetAside {
        /// The file.
        file: PathBuf,
        /// What is wrong with it.
        why: Error,
    },
    /// The journal goes on in a new segment, which leaves out the bad end of the one before: what an open with
    /// [`drop_suspect_tail`](crate::Builder::drop_suspect_tail) does. That segment stays as it is, and is copied aside.
    DropTail(DroppedTail),
    /// All files are moved aside, and a new store takes their place, of what lies before the damage. It has another id: begin
    /// a new backup.
    #[non_exhaustive]
    MakeAnew {
        /// The sequence number of the snapshot that it begins with.
        snapshot_seq: Seq,
        /// How many transactions of the journal follow.
        transactions: u64,
        /// What is wrong with the old one.
        why: Error,
    },
    /// Files were changing places when an earlier repair was interrupted: that goes on.
    #[non_exhaustive]
    GoOn {
        /// Where that one moves the originals.
        originals: PathBuf,
    },
}

/// What a repair did: [`Repair::apply`].
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Repaired {
    /// What was done.
    pub plan: RepairPlan,
    /// Where the originals are; `None` where there was nothing to do.
    pub aside: Option<PathBuf>,
    /// The store's id: another one, where it was made anew.
    pub store: StoreId,
}

impl Repair {
    /// Moves the originals into this directory, which must not be there yet, and be on the same filesystem. Default: beside the
    /// store's, with `.before-repair-` and the seconds since 1970 behind its name.
    ///
    /// Where it is not on the same filesystem, a repair that has to move files fails, and none has been moved.
    pub fn aside(mut self, dir: impl AsRef<Path>) -> Self {
        self.aside = Some(dir.as_ref().to_owned());
        self
    }

    /// Where the originals will be.
    fn aside_dir(&self) -> PathBuf {
        let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        let behind = || beside(&self.dir, &format!(".before-repair-{}", since.as_secs()));
        self.aside.clone().unwrap_or_else(behind)
    }
}

/// What stands behind the directory's name, where the new store is made.
const FRESH: &str = ".being-repaired";

/// The path with this behind its last name.
fn beside(dir: &Path, suffix: &str) -> PathBuf {
    // `.` and `..` have no name of their own, and a link may lead to another filesystem.
    let dir = match dir.canonicalize() {
        Ok(found) if dir.file_name().is_none() || dir.is_symlink() => found,
        _ => dir.to_owned(),
    };
    let mut name = dir.file_name().unwrap_or_default().to_owned();
    name.push(suffix);
    dir.with_file_name(name)
}
